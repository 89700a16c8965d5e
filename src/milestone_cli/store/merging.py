"""Two books into one: what the other has recorded is appended, and what the two amount to together is found anew.

Invariant: the united book is the union of both books' facts and nothing else decides what they amount to; so merging
again adds nothing, and the order of merging makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from milestone_cli.domain.contradictions import Contradiction, compare
from milestone_cli.domain.day import Day
from milestone_cli.domain.facts import Kind, effective
from milestone_cli.domain.merged import Merged, NewName
from milestone_cli.errors import Damaged, InvalidValue, RuleBroken
from milestone_cli.store.arranging import NewKey, arrange
from milestone_cli.store.book import Book
from milestone_cli.store.check import broken_names
from milestone_cli.store.copying import Copied, Copier
from milestone_cli.store.facts import Arrangement, arrangement, facts_of
from milestone_cli.store.foreign import PROVE_IT_THERE
from milestone_cli.store.journal import broken_links, read_meta
from milestone_cli.store.merge_forgetting import Forgotten, forget_in_both, texts_before
from milestone_cli.store.merge_setup import fit_together, setup_contradictions
from milestone_cli.store.merges import spans, travelling
from milestone_cli.store.queries import names_of, opportunity_numbers
from milestone_cli.store.recording import Ledger, recording, told
from milestone_cli.store.setup import read_setup, read_setup_facts
from milestone_cli.store.spelling import customers_of
from milestone_cli.store.sqlite_errors import MISREAD
from milestone_cli.store.sqlite_schema import driver
from milestone_cli.store.undo import MERGE, Command, bring_back, commands, days_of
from milestone_cli.store.wellformed import unknown_forms
from milestone_cli.store.whole import is_empty


def count_facts(theirs: Connection) -> int:
    """Return how many facts the other book holds."""
    return int(read_meta(theirs, "facts") or "0")


def refuse_broken(theirs: Connection, other: str) -> None:
    """Raise Damaged if the other book's journal is not what was recorded, or is none that any command records."""
    # its pages were looked at when it was copied, its texts are when they are taken
    looks = chain(unknown_forms(driver(theirs)), broken_links(theirs), broken_names(theirs))
    try:
        found = next(looks, None)
    except MISREAD as error:
        raise _no_book(other) from error
    if found is not None:
        raise Damaged(f"{other} is not whole: {found} Nothing was recorded.", PROVE_IT_THERE)


def merge(
    book: Book, theirs: Connection, who: str, *, today: Day, other: str, progress: Callable[[int], None]
) -> Merged:
    """Take everything of another book that this one does not have; return what was done.

    Args:
        book: this one, open for writing; whoever calls takes everything back on an error.
        theirs: the other book, whole and of the same schema.
        who: merges.
        today: the day of what the merge itself says.
        other: what the other book is called in messages.
        progress: is told how many facts more are done.

    Raises:
        RuleBroken: both have a process of one name that is not one, or one was changed by hand.
        Damaged: what the other book holds is not what any command records.
    """
    try:
        return _Merging(book, theirs, today, other, progress).run(who)
    except (IntegrityError, InvalidValue, *MISREAD) as error:
        raise _no_book(other) from error


def _no_book(other: str) -> Damaged:
    return Damaged(f"{other} holds what no ms has recorded. Nothing was recorded.", PROVE_IT_THERE)


class _Merging:
    def __init__(self, book: Book, theirs: Connection, today: Day, other: str, progress: Callable[[int], None]) -> None:
        self._book, self._ours, self._theirs = book, book.connection, theirs
        self._today, self._other, self._progress = today, other, progress
        self._done = Merged(began=is_empty(book.connection))
        self._before = texts_before(self._ours)
        self._copier = Copier(self._ours, theirs)
        self._known, self._told = dict(book.setup.processes), told(book)
        self._set_up = read_setup_facts(self._ours)

    def run(self, who: str) -> Merged:
        here = {command.id: command for command in commands(self._ours)}
        there = commands(self._theirs)
        taking = travelling(self._theirs, there)
        new = [command for command in taking if command.id not in here]
        again = {here[command.id].number for command in taking if command.id in here and here[command.id].withdrawn}
        fit_together(self._known, read_setup(self._theirs).processes, self._other)
        self._share([(command, here[command.id]) for command in there if command.id in here], again)
        if new or again:
            copied = self._copy(new)
            with recording(self._book, MERGE, who) as ledger:
                self._record(ledger, copied, again)
            self._done.processes = sorted(self._book.setup.processes.keys() - self._known.keys())
            self._count(copied)
        else:
            self._forget()
        return self._done

    def _forget(self) -> None:
        """Forget what the other book has forgotten, where there is nothing to record."""
        with recording(self._book, MERGE, "") as ledger:
            ledger.touch(self._forget_in_both().about)

    def _forget_in_both(self) -> Forgotten:
        forgotten = forget_in_both(self._book, self._theirs, self._copier.names.customers, self._before)
        self._done.forgotten = forgotten.texts
        return forgotten

    def _share(self, pairs: list[tuple[Command, Command]], again: set[int]) -> None:
        """Take down what both have."""
        for there, here in pairs:
            facts = self._copier.shares(there.number, here.number)
            if here.number in again:
                self._done.again += facts
            elif not there.withdrawn:
                self._done.present += facts
        self._copier.names.know_customers(self._copier.done.opportunities)

    def _copy(self, new: list[Command]) -> Copied:
        for command in new:
            self._progress(self._copier.copy(command.number))
        copied = self._copier.close()
        self._done.facts, self._done.commands, self._done.reps = copied.facts, copied.commands, copied.reps
        if copied.days:
            self._done.first_day, self._done.last_day = copied.days
        return copied

    def _record(self, ledger: Ledger, copied: Copied, again: set[int]) -> None:
        """Say that there was a merge, and bring everything that is made from the facts up to them."""
        said = {"commands": copied.commands, "again": spans(again)}
        ledger.journal.append_setup(Kind.MERGED, self._today, said)
        back = bring_back(ledger, again, on=self._today)
        forgotten = self._forget_in_both()
        about = copied.about | back.about | forgotten.about
        arranged = arrange(ledger, about, on=self._today, merged=True, there=self._united_there(copied))
        ledger.redefine(self._told)
        self._refuse_undefined()
        ledger.written_otherwise(copied.met | customers_of(self._ours, copied.about | back.about), reps=True)
        ledger.forget_snapshots([*copied.days, *days_of(self._ours, copied.voids), *back.days, *arranged.days])
        ledger.project()
        self._done.renamed = list(self._renamed(arranged.keys, copied))
        both = self._set_up, read_setup_facts(self._theirs)
        self._done.contradictions += setup_contradictions(*both, read_setup_facts(self._ours))
        self._done.contradictions += self._contradictions(copied, back.about)

    def _refuse_undefined(self) -> None:
        """Refuse where one of the books has taken back how a process is defined and the other has recorded with it."""
        for key, number in self._book.process_numbers.items():
            if key not in self._book.setup.processes:
                numbers = opportunity_numbers(self._ours, number)
                if any(effective(facts) for _, facts in facts_of(self._ours, numbers)):
                    raise RuleBroken(
                        f"One of the two books has taken back the definition of {key}, and the other has recorded with"
                        " it.",
                        "Take that `ms undo` back first (`ms log` shows it), or undo what rests on the definition.",
                    )

    def _united_there(self, copied: Copied) -> Arrangement:
        """Return which opportunities are one in the other book, by their numbers here."""
        here = copied.opportunities
        united = arrangement(self._theirs).into.items()
        return Arrangement({here[member]: here[one] for member, one in united if member in here and one in here})

    # -- what to tell --------------------------------------------------------------------------------------------------

    def _renamed(self, keys: list[NewKey], copied: Copied) -> Iterator[NewName]:
        names = names_of(self._ours, {one.number for one in keys})
        for one in keys:
            joined = one.after if one.other == one.number else None
            yield NewName(one.before, one.after, names[one.number][1], one.opened not in copied.opened, joined)

    def _count(self, copied: Copied) -> None:
        """Count the opportunities that are new, and those that are one with one that was here."""
        one = arrangement(self._ours).one
        standing = names_of(self._ours, {one(number) for number in copied.opened}, standing=True)
        self._done.opportunities = len(standing.keys() & copied.opened)
        self._done.united = sum(one(number) in standing for number in copied.opened if one(number) not in copied.opened)

    def _contradictions(self, copied: Copied, again: set[int]) -> Iterator[tuple[str, str, Contradiction]]:
        """Yield where the two books say different things about one opportunity; `again`: of those that are back."""
        found = arrangement(self._ours)
        there = {here: there for there, here in copied.opportunities.items()}
        about = set(map(found.one, copied.about | again))
        both = {number for number in about if not copied.opened.issuperset(found.all_of(number))}
        names = names_of(self._ours, both)
        raw = driver(self._theirs)
        for number, facts in facts_of(self._ours, both):
            theirs: set[str] = set()
            for atom in found.all_of(number):
                query = "SELECT id FROM fact WHERE opportunity = ?"
                theirs.update(id_ for [id_] in raw.execute(query, (there.get(atom),)))
            before = [fact for fact in facts if fact.number < copied.first_fact]
            key, _, process = names[number]
            history = self._book.history_of(process)
            back = [
                fact
                for fact in facts
                if fact.number >= copied.first_fact and fact.kind is Kind.VOIDED and fact.id not in theirs
            ]
            compared = compare(before, [fact for fact in facts if fact.id in theirs], history, back=back)
            self._done.alike += compared.alike
            yield from ((key, history.key, one) for one in compared.contradictions)
