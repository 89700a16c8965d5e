"""The native form: one fact a line, as `export` writes it and every other system can.

Invariant: numbers and days have one form whatever the locale; a line is taken as it stands or reported with its number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from types import MappingProxyType

from milestone_cli.domain.changes import find_milestone
from milestone_cli.domain.day import Day, iso, parse_iso
from milestone_cli.domain.facts import Evidence, Kind
from milestone_cli.domain.money import parse_plain
from milestone_cli.domain.process import ProcessHistory
from milestone_cli.domain.setup import Setup
from milestone_cli.domain.text import clean_name, fold, quoted
from milestone_cli.errors import InvalidValue, MsError, suggestions
from milestone_cli.exchange.gathered import (
    KEY_LIMIT,
    TEXT_LIMIT,
    GatheredOpportunity,
    Gathering,
    Line,
    More,
    RepPlaces,
)
from milestone_cli.exchange.reader import BadLines, UnreadableFile, without_guard
from milestone_cli.exchange.sheets import Sheet

COLUMNS = (
    "opportunity", "milestone", "date", "value", "customer", "title", "rep", "process", "outcome", "reason",
    "evidence", "text", "by", "ref", "external_id", "recorded_at", "since",
)  # fmt: skip
NEEDED = COLUMNS[:3]
BULK = "bulk"
"""Reached, but the day is that of an edit of many at once."""
OUTCOMES = {
    "": Kind.REACHED, "lost": Kind.LOST, "reopened": Kind.REOPENED, "revalued": Kind.REVALUED,
    "assigned": Kind.ASSIGNED, "standing": Kind.STANDING,
    BULK: Kind.REACHED,
}  # fmt: skip
"""What a fact is, by the word in the column `outcome`."""
_WORDS = {"reason": "reason", "text": "text", "by": "by", "ref": "ref", "external_id": "external"}
"""The role of a text in a fact, by column."""
_PROGRESS = 2000


class UnknownColumns(MsError):
    """A header that is not the native one."""

    code = "unknown_columns"


def check_header(header: Sequence[str], source: str) -> dict[str, int]:
    """Return the place of every column of the native form that the file has.

    Raises:
        UnknownColumns: one is missing, not known, or there twice.
    """
    places: dict[str, int] = {}
    unknown = []
    for place, name in enumerate(header):
        column = name.casefold()
        if column not in COLUMNS:
            unknown.append(name)
        elif column in places:
            raise UnknownColumns(f"{source} has the column {column} twice.", "Leave out one of them.")
        else:
            places[column] = place
    missing = [column for column in NEEDED if column not in places]
    if unknown:
        raise UnknownColumns(_unknown(unknown, source), f"The native form has {','.join(COLUMNS)}. {_LIST}")
    if missing:
        raise UnknownColumns(
            f"{source} has no column {' and no column '.join(missing)}.",
            f"The first line names the columns, at least {','.join(NEEDED)}. {_LIST}",
        )
    return places


_LIST = "A list with one row per opportunity goes in with --from table."


def _unknown(names: Sequence[str], source: str) -> str:
    described = []
    for name in names[:5]:
        near = suggestions(name, COLUMNS)
        if name.casefold() == "currency":
            described.append(f"{quoted(name)} (every amount is in the currency of the process)")
        else:
            described.append(quoted(name) + (f" (perhaps {' or '.join(near)}?)" if near else ""))
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return (
        f"{source} has {'an unknown column' if len(names) == 1 else 'unknown columns'}: {', '.join(described)}{more}."
    )


class NativeLines:
    """Reads the lines of one file; what names cost to check is paid once per name."""

    def __init__(
        self,
        source: str,
        *,
        setup: Setup,
        process: str | None,
        today: Day,
        clock: Day,
        known: Mapping[str, str],
    ) -> None:
        """Take what the lines are read with.

        Args:
            source: the name of the file for messages.
            setup: the processes of the book.
            process: the one asked for, for lines that name none.
            today: no fact lies after it.
            clock: the day it really is; nothing was recorded after both.
            known: the processes of the opportunities in the book, by folded key.
        """
        self.gathering = Gathering(source)
        self.bad = BadLines(source)
        self._setup = setup
        self._default = process
        self._today = today
        self._latest = max(today, clock)
        self._known = known
        self._reps = RepPlaces(self.gathering)
        self._opportunities: dict[str, GatheredOpportunity] = {}
        self._days: dict[str, Day] = {}
        self._learned: dict[str, More] = {}
        """What a line says that tells the day it was learned on and no more: these come again and again."""
        self._amounts: dict[tuple[str, str], int | None] = {}
        self._milestones: dict[tuple[str, str], str | None] = {}
        self._evidences: dict[str, Evidence | None] = {}

    def read(self, table: Sheet, progress: Callable[[int], None]) -> Gathering:
        """Read every line; return them gathered.

        Args:
            table: the open file.
            progress: is told of every few bytes read.

        Raises:
            UnknownColumns: not the native header.
            InvalidLines: lines that cannot be taken.
        """
        places = check_header(table.header, table.source)
        width = len(table.header)
        # a row gets one empty cell more, where every column that the file does not have is looked up
        in_order = itemgetter(*[places.get(column, width) for column in COLUMNS])
        done = 0
        for number, cells in table.rows(self.bad):
            cells.extend([""] * (width + 1 - len(cells)))
            try:
                self._take(number, *in_order(cells))
            except InvalidValue as error:
                self.bad.add(number, error.message)
            self.gathering.lines += 1
            if not self.gathering.lines % _PROGRESS:
                position = table.position
                progress(position - done)
                done = position
        self.bad.refuse()
        if not self.gathering.lines:
            raise UnreadableFile(f"{table.source} has no line below its header.", "One fact a line.")
        return self.gathering

    def _take(  # noqa: PLR0917 - the columns of the form in their order
        self, number: int, opportunity: str, milestone: str, date: str, value: str, customer: str, title: str, rep: str,
        process: str, outcome: str, reason: str, evidence: str, text: str, by: str, ref: str, external: str,
        recorded_at: str, since: str,
    ) -> None:  # fmt: skip
        found = self._opportunities.get(opportunity) or self._opportunity(opportunity, process)
        if process and process != found.process:
            self._same_process(found, process)
        kind = OUTCOMES.get(outcome) or _outcome(outcome)
        on = self._days.get(date) or self._day(date)
        history = self._setup.processes[found.process]
        key: str | None = None
        bulk = kind is Kind.REACHED and outcome != "" and not outcome.isspace()
        if kind is Kind.REACHED or kind is Kind.STANDING:
            key = self._milestone(history, milestone, on)
            if key is None:
                kind = _target(outcome)
        worth = self._amount(value, history) if value and kind is not Kind.LOST else None
        owner = self._reps.place(rep, on) if rep and not rep.isspace() else None
        if outcome:
            _whole(kind, worth, owner)
        more = None
        if reason or evidence or text or by or ref or external or since or bulk:
            words = (reason, text, by, ref, external)
            more = self._more(number, kind, on, words, evidence, recorded_at, since)._replace(bulk=bulk)
        elif recorded_at:
            more = self._learned.get(recorded_at) or self._when_learned(recorded_at, on)
        found.lines.append(Line(number, kind, key, on, worth, owner, more))
        if customer and not found.customer:
            found.customer = clean_name(without_guard(customer), "customer")
        if title and not found.title:
            found.title = clean_name(without_guard(title), "title")

    def _opportunity(self, text: str, process: str) -> GatheredOpportunity:
        """Return the opportunity of a key met for the first time in this spelling."""
        key = clean_name(without_guard(text), "opportunity", limit=KEY_LIMIT)
        folded = fold(key)
        found = self.gathering.opportunities.get(folded)
        if found is None:
            name = process.strip() or self._known.get(folded) or self._default
            try:
                history = self._setup.the_process(without_guard(name) if name else None)
            except MsError as error:
                raise InvalidValue(f"{error.message} {error.hint}" if name else _WHICH) from error
            found = self.gathering.opportunities[folded] = GatheredOpportunity(key, history.key)
            known = self._known.get(folded)
            if known is not None and known != history.key:
                raise InvalidValue(f"{quoted(key)} is in the process {known}, not in {history.key}")
        self._opportunities[text] = found
        return found

    def _same_process(self, found: GatheredOpportunity, process: str) -> None:
        if process.strip().lower() not in ("", found.process):
            raise InvalidValue(f"{quoted(found.key)} is in the process {found.process}, not in {quoted(process)}")

    def _day(self, text: str) -> Day:
        if not text.strip():
            raise InvalidValue("The date is missing")
        day = parse_iso(text.strip())
        if day > self._today:
            raise InvalidValue(f"{iso(day)} lies in the future (today is {iso(self._today)})")
        self._days[text] = day
        return day

    def _when_learned(self, text: str, on: Day) -> More:
        """Return what a line of a day says that has no more than this text in the column recorded_at."""
        if not text.strip():
            return More(None, on, None, None, _NO_TEXTS)
        moment, known_on = _recorded_at(text.strip())
        if known_on > self._latest:
            raise InvalidValue(f"recorded_at {iso(known_on)} lies in the future (today is {iso(self._latest)})")
        learned = More(moment, known_on, None, None, _NO_TEXTS)
        if len(text) == 10:
            self._learned[text] = learned
        return learned

    def _amount(self, text: str, history: ProcessHistory) -> int | None:
        try:
            return self._amounts[history.key, text]
        except KeyError:
            amount = self._amounts[history.key, text] = parse_plain(text, history.currency) or None
            if len(self._amounts) > 100_000:
                self._amounts.clear()
            return amount

    def _milestone(self, history: ProcessHistory, text: str, on: Day) -> str | None:
        """Return the key of a milestone; None for 0, the target customer."""
        if len(history.definitions) > 1:
            return _find_milestone(history, text, on)
        try:
            return self._milestones[history.key, text]
        except KeyError:
            key = self._milestones[history.key, text] = _find_milestone(history, text, on)
            return key

    def _more(  # noqa: PLR0917 - the columns of the form in their order
        self, number: int, kind: Kind, on: Day, words: Sequence[str], evidence: str, recorded_at: str, since: str
    ) -> More:
        texts = _texts(words) if any(words) else _NO_TEXTS
        if external := texts.get("external"):
            self.gathering.external.setdefault(external, number)
        if evidence not in self._evidences:
            self._evidences[evidence] = _evidence(evidence)
        begun = _since(kind, since.strip(), on) if since else None
        learned = self._learned.get(recorded_at) or self._when_learned(recorded_at, on)
        return learned._replace(since=begun, evidence=self._evidences[evidence], texts=texts)


_NO_TEXTS: Mapping[str, str] = MappingProxyType({})


def _texts(words: Sequence[str]) -> dict[str, str]:
    """Return what the columns of words say, by the role of the text."""
    return {
        role: clean_name(without_guard(word), column, limit=TEXT_LIMIT)
        for word, (column, role) in zip(words, _WORDS.items(), strict=True)
        if word and not word.isspace()
    }


_WHICH = "It is not said which process this belongs to; fill the column process, or name it with --process"


def _outcome(text: str) -> Kind:
    word = text.strip().casefold()
    kind = OUTCOMES.get(word)
    if kind is None:
        near = suggestions(word, OUTCOMES)
        raise InvalidValue(
            f"The outcome {quoted(text)} is not known"
            + (f" (perhaps {near[0]}?)" if near else f"; it is empty or one of {', '.join(list(OUTCOMES)[1:])}")
        )
    return kind


def _target(outcome: str) -> Kind:
    word = outcome.strip().casefold()
    if word:
        raise InvalidValue(f"The outcome {word} needs a milestone from 1 on")
    return Kind.OPENED


def _find_milestone(history: ProcessHistory, text: str, on: Day) -> str | None:
    name = without_guard(text.strip())
    if not name:
        raise InvalidValue("The milestone is missing")
    if name == "0":
        return None
    if not name.isdigit():
        key = name.lower()
        if key in history.all_keys():
            return key
    try:
        return find_milestone(history.at(on).process, name)[1].key
    except MsError as error:
        raise InvalidValue(f"{error.message} {error.hint}") from error


def _whole(kind: Kind, value: int | None, rep: int | None) -> None:
    if kind is Kind.REVALUED and value is None:
        raise InvalidValue("The outcome revalued needs a value above 0")
    if kind is Kind.ASSIGNED and rep is None:
        raise InvalidValue("The outcome assigned needs a rep")


def _evidence(text: str) -> Evidence | None:
    word = text.strip().casefold()
    try:
        return Evidence(word) if word else None
    except ValueError:
        raise InvalidValue(f"The evidence {quoted(text)} is not known; it is did, said or wrote") from None


def _since(kind: Kind, text: str, on: Day) -> Day | None:
    if not text:
        return None
    if kind is not Kind.STANDING:
        raise InvalidValue("The column since belongs to the outcome standing")
    day = parse_iso(text)
    if day > on:
        raise InvalidValue(f"since {iso(day)} lies after {iso(on)}")
    return day


def _recorded_at(text: str) -> tuple[int, Day]:
    """Return microseconds since 1970 UTC and the day as written; without a zone it is UTC."""
    if len(text) == 10:
        day = parse_iso(text)
        return day * 86_400_000_000, day
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(
            f"{quoted(text)} is not a time; recorded_at is like 2026-11-20 or 2026-11-20T14:30:00+01:00"
        ) from None
    day = parse_iso(moment.date().isoformat())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds, day
