"""`ms forget`: texts that name or tell of somebody go for good; facts and figures stay.

Invariant: nothing goes before it was said what; what is forgotten is committed before the file is written anew, and
whatever stops that is told with the way to finish it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.commands.left_behind import lying, overwrite_now
from milestone_cli.commands.recorded import TEXT_LIMIT
from milestone_cli.domain.text import clean_name, quoted
from milestone_cli.errors import RuleBroken, UsageError
from milestone_cli.options import Call
from milestone_cli.reports.table import Sentence, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from milestone_cli.reports.forgotten import Forgetting
    from milestone_cli.store.forget_plan import Plan, Wish
    from milestone_cli.store.whom import Whom


def forget(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(metavar="PERSON/CUSTOMER", help="A name, or the key of an opportunity or a rep, whole."),
    ] = None,
    as_: Annotated[
        str | None, typer.Option("--as", metavar="KIND", help="customer, rep or person, if the name fits several.")
    ] = None,
    mentions: Annotated[
        bool, typer.Option("--mentions", help="Also texts of others that contain the name, each of them whole.")
    ] = False,
    keep_words: Annotated[
        bool, typer.Option("--keep-words", help="Of a person only the name goes, not what they said or wrote.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Overwrite what an earlier call could not, and name the backups.")
    ] = False,
    delete_backups: Annotated[
        bool, typer.Option("--delete-backups", help="Delete automatic backups that hold it, after writing a new one.")
    ] = False,
) -> None:
    """Forget a person, a customer or a rep: names, keys and what was said go for good, facts and figures stay.

    What had a name is called by its number. This cannot be undone, so it is said first what will go. The file is then
    written anew, and the automatic backups that still hold it are named.

    Examples:
      ms forget "Anna Example" --dry-run
      ms forget acme --yes
    """
    from milestone_cli.store.forget_plan import Wish

    if (name is None) != finish:
        raise UsageError("Say whom to forget, or --finish, and not both.", "For example: `ms forget acme --dry-run`.")
    if name is None:
        _finish(call, delete=delete_backups)
        return
    wish = Wish(
        clean_name(name, "name", limit=TEXT_LIMIT),
        None if as_ is None else _kind(as_),
        mentions=mentions,
        keep_words=keep_words,
    )
    before = _planned(call, wish)
    if call.dry_run:
        from milestone_cli.reports.forgotten import planned_document

        call.show(planned_document(_shown(before)))
        return
    _agreed(call, before)
    _forgotten(call, wish, delete=delete_backups)


def _kind(word: str) -> Whom:
    from milestone_cli.store.whom import Whom

    if word not in (Whom.CUSTOMER, Whom.REP, Whom.PERSON):
        raise UsageError(f"--as takes customer, rep or person, not {quoted(word)}.", "See `ms forget --help`.")
    return Whom(word)


def _planned(call: Call, wish: Wish) -> Plan:
    """Return what would be forgotten; a file of nobody's yet is looked at as any other."""
    from milestone_cli.commands.opening import reading_journal
    from milestone_cli.store.forget_plan import plan

    with reading_journal(call) as book:
        return plan(book.connection, wish)


def _agreed(call: Call, plan: Plan) -> None:
    from milestone_cli.reports.forgotten import plan_lines

    if call.yes:
        return
    for line in plan_lines(_shown(plan)):
        call.terminal.say(line)
    question = Sentence("Forget {}? That cannot be undone.", (named(plan.somebody.name),))
    if not call.terminal.confirm(question):
        raise RuleBroken("Nothing was forgotten.", "Answer with y to forget it.")


def _forgotten(call: Call, wish: Wish, *, delete: bool) -> None:
    """Forget it, overwrite it, and say where it may still lie."""
    from milestone_cli.commands.opening import changing
    from milestone_cli.reports.forgotten import Left, forgotten_document
    from milestone_cli.store.blanking import blank
    from milestone_cli.store.forget_plan import plan, renamed
    from milestone_cli.store.traces import NotOverwritten, copies_with, mark_due, remove_unfinished

    with changing(call) as book:
        # somebody may have recorded more while the question was open: all of it goes
        found = plan(book.connection, wish)
        blank(book, found.roles)
        mark_due(book.connection)
        after = renamed(book.connection, found)
    failed = None
    try:
        overwrite_now(call)
    except NotOverwritten as error:
        failed = error
    removed = remove_unfinished(call.path)
    copies = copies_with(call.path, found.traces)
    deleted = _deleted(call, copies) if delete else []
    left = Left(
        overwritten=failed is None,
        places=lying(call, copies, deleted, removed),
        reports=tuple(map(str, _reports_with(found.somebody.names))),
    )
    call.show(forgotten_document(_shown(after), left))
    _configured(call, found, after)
    if failed is not None:
        raise failed


def _finish(call: Call, *, delete: bool) -> None:
    """Overwrite what an earlier call left, and say where it may still lie."""
    from milestone_cli.commands.opening import reading_journal
    from milestone_cli.reports.forgotten import Left, finished_document
    from milestone_cli.store.traces import copies_with_forgotten, remove_unfinished

    removed: list[Path] = []
    if not call.dry_run:
        overwrite_now(call)
        removed = remove_unfinished(call.path)
    with reading_journal(call) as book:
        copies = copies_with_forgotten(call.path, book.connection)
    deleted = _deleted(call, copies) if delete else []
    left = Left(
        overwritten=not call.dry_run,
        places=lying(call, copies, deleted, removed),
        dry_run=call.dry_run,
    )
    call.show(finished_document(left))


def _deleted(call: Call, copies: Sequence[Path]) -> list[Path]:
    """Delete the automatic backups among `copies`; return which."""
    from milestone_cli.store.traces import automatic_among, replace_copies

    if call.dry_run:
        return automatic_among(call.path, copies)
    gone = replace_copies(call.path, copies)
    if gone is None:
        raise RuleBroken(
            "No backup was deleted: the file is damaged, so no new one could be written.", "`ms check` says more."
        )
    return gone


def _shown(plan: Plan) -> Forgetting:
    from milestone_cli.reports.forgotten import Forgetting, Mentioned
    from milestone_cli.store.forget_plan import NAMES_OF_OTHERS

    return Forgetting(
        name=plan.somebody.name,
        whom=plan.somebody.whom.value,
        roles=plan.by_role,
        opportunities=plan.opportunities,
        facts=plan.facts,
        commands=plan.commands,
        mentions=tuple(
            Mentioned(one.role, one.fact, one.opportunity, one.role in NAMES_OF_OTHERS) for one in plan.mentions
        ),
        definitions=plan.definitions,
    )


def _configured(call: Call, found: Plan, after: Plan) -> None:
    """Warn where the settings still name a rep who has a number now."""
    from milestone_cli.domain.text import fold
    from milestone_cli.store.whom import Whom

    setting = call.settings.setting("rep")
    names = {fold(name) for name in found.somebody.names}
    if found.somebody.whom is Whom.REP and setting.value is not None and fold(str(setting.value)) in names:
        call.terminal.warn(
            Sentence(
                "{} still names the rep: `ms config set rep {}`.", (named(setting.source), named(after.somebody.name))
            )
        )


def _reports_with(names: Sequence[str]) -> list[Path]:
    """Return the reports of failures that `ms` has written and that contain one of the names."""
    import platformdirs

    from milestone_cli.domain.text import fold
    from milestone_cli.store.mentions import words_of

    pattern = words_of(names)
    directory = platformdirs.user_state_path("milestone-cli", appauthor=False) / "bugs"
    if pattern is None or not directory.is_dir():
        return []
    files = sorted(directory.glob("bug-*.txt"))
    return [file for file in files if pattern.search(fold(file.read_text("utf-8", "replace")))]
