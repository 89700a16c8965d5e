"""The process file: a TOML text in, a process and its target out, and back.

Invariant: a file is taken whole or not at all; every problem in it is reported at once, with the table, the key, what
was found and what was expected; `read_process(write_process(p, t))` is `p` and `t` again.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from milestone_cli.domain.day import iso
from milestone_cli.domain.money import Currency, minor_from_decimal, plain
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.domain.text import quoted, visible
from milestone_cli.errors import InvalidValue, MsError, suggestions
from milestone_cli.exchange.process_table import EXPECTED, ProcessTable, read_currency, zero_or_more
from milestone_cli.exchange.seller_activity import seller_activity

SIZE_LIMIT = 1_000_000
"""Bytes a process file may have."""
LONGEST_DAYS = 90
"""Planned days of a section above which `warnings` asks what happens in between."""

# Where a dotted key is that deep, tomllib takes time that grows with the square of the depth.
_TOO_DEEP = re.compile(r"""(?<![\w"'-])(?:[\w"'-]+[ \t]*\.[ \t]*){32}""")


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """What one process file says."""

    process: Process
    target_per_month: int | None
    """The team's target at the last milestone in minor units; None where the file names none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a process file."""

    where: str
    """The table and the key."""
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}, expected {self.expected}"


class InvalidProcessFile(MsError):
    """A process file that cannot be taken; nothing of it was."""

    code = "invalid_process_file"
    shown = 20

    def __init__(self, source: str, problems: Sequence[Problem | str]) -> None:
        lines = [str(problem) for problem in problems]
        if len(lines) == 1:
            message = f"{visible(source)}: {lines[0]}."
        else:
            more = [f"and {len(lines) - self.shown} more"] if len(lines) > self.shown else []
            listed = "".join(f"\n  {line}" for line in lines[: self.shown] + more)
            message = f"{visible(source)} has {len(lines)} problems:{listed}"
        super().__init__(message, "Correct the file, then look again with `ms define-process --check FILE`.")
        self.problems = tuple(lines)
        """Every problem, in the order of the file."""


def read_process(text: str | bytes, source: str) -> ProcessFile:
    """Return what a process file says.

    Args:
        text: the file's content.
        source: its name for messages, like `b2b.toml` or `standard input`.

    Raises:
        InvalidProcessFile: not TOML, or one or more tables and keys that are not as expected.
    """
    found = _parsed(_decoded(text, source), source)
    problems: list[Problem] = []
    try:
        table = ProcessTable.model_validate(found)
    except ValidationError as error:
        problems += (_problem(item["type"], item["loc"], item["input"], found) for item in error.errors())
    problems += _problems_across(found)
    if problems:
        in_order = sorted(problems, key=lambda problem: _place(problem.where))
        raise InvalidProcessFile(source, in_order)
    return _process_file(table)


def _decoded(text: str | bytes, source: str) -> str:
    if len(text) > SIZE_LIMIT:
        raise InvalidProcessFile(
            source, [f"{len(text)} bytes are too many for a process file; at most {SIZE_LIMIT} fit"]
        )
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidProcessFile(source, [f"not valid UTF-8 at byte {error.start + 1}"]) from error


def _parsed(text: str, source: str) -> dict[str, Any]:
    if _TOO_DEEP.search(text):
        raise InvalidProcessFile(source, ["a key is nested more than 30 deep"])
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        what, at, place = str(error).rpartition(" (at ")
        located = f"{place.removesuffix(')')}: " if at else ""
        raise InvalidProcessFile(source, [f"{located}not valid TOML: {visible(what if at else str(error))}"]) from error
    except RecursionError as error:
        raise InvalidProcessFile(source, ["lists or tables are nested too deep"]) from error
    except ValueError as error:  # an integer of more digits than Python reads
        raise InvalidProcessFile(source, ["a number has too many digits"]) from error


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        return Decimal("Infinity")  # an exponent beyond what Decimal holds


def _problem(kind: str, loc: tuple[int | str, ...], value: object, found: Mapping[str, Any]) -> Problem:
    """Return the finding of pydantic at `loc` in the words of the file."""
    table, key, path = "", str(loc[0]), loc[1:]
    where = "the top of the file"
    if key == "milestone" and len(loc) == 2:
        return Problem(f"[[milestone]] {int(loc[1]) + 1}", _shown(value), "a table")
    if key in ("milestone", "target") and path:
        table = key
        where = _milestone_label(found["milestone"], int(path[0])) if table == "milestone" else "[target]"
        key, path = (str(path[1]), path[2:]) if table == "milestone" else (str(path[0]), path[1:])
    if kind == "extra_forbidden":
        return Problem(where, f"the unknown key {quoted(key)}", _known_keys(table, key))
    entry = f", entry {int(path[0]) + 1}" if path else ""
    seen = "nothing" if kind == "missing" else _shown(value)
    return Problem(f"{where}, key {key}{entry}", seen, EXPECTED[table][key])


def _known_keys(table: str, key: str) -> str:
    near = suggestions(key, EXPECTED[table])
    if near:
        return f"perhaps {' or '.join(near)}"
    if table and key in EXPECTED[""]:
        return "it at the top of the file, before the first table"
    return f"one of {', '.join(EXPECTED[table])}"


def _milestone_label(milestones: Sequence[Any], index: int) -> str:
    table = milestones[index]
    key = table.get("key") if isinstance(table, dict) else None
    return f"[[milestone]] {index + 1}" + (f" {quoted(key)}" if isinstance(key, str) and key else "")


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return quoted(value) + (f" ({len(value)} characters)" if len(value) > 60 else "")
        case dict():
            return "a table"
        case list():
            kind = "tables" if value and isinstance(value[0], dict) else "entries"
            return f"a list of {len(value)} {kind if len(value) != 1 else kind.replace('ies', 'y').removesuffix('s')}"
        case _:
            shown = str(value)
            return shown if len(shown) <= 40 else f"{shown[:40]}..."


def _problems_across(found: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what no table can know by itself: keys used twice, a plan on the first milestone, amounts in a currency."""
    listed = found.get("milestone")
    tables = listed if isinstance(listed, list) else []
    first_with: dict[str, int] = {}
    for index, table in enumerate(tables):
        if not isinstance(table, dict):
            continue
        label = _milestone_label(tables, index)
        key = table.get("key")
        if isinstance(key, str) and first_with.setdefault(key, index) != index:
            expected = f"a key of its own ([[milestone]] {first_with[key] + 1} has it too)"
            yield Problem(f"{label}, key key", f"{quoted(key)} again", expected)
        for plan in ("rate", "days", "dead_after_days") if index == 0 else ():
            if plan in table:
                yield Problem(
                    f"{label}, key {plan}", _shown(table[plan]), "none, as no milestone comes before the first"
                )
    target = found.get("target")
    yield from _problems_of_amount("the top of the file, key typical_value", found.get("typical_value"), found)
    yield from _problems_of_amount(
        "[target], key per_month", target.get("per_month") if isinstance(target, dict) else None, found
    )


def _problems_of_amount(where: str, amount: object, found: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        number, unit = zero_or_more(amount), read_currency(found.get("currency"))
    except ValueError:
        return  # reported already, or not given
    try:
        minor_from_decimal(number, unit)
    except InvalidValue as error:
        yield Problem(where, _shown(amount), f"an amount in {unit.code}: {error.hint.removesuffix('.')}")


def _place(where: str) -> tuple[int, int]:
    if where.startswith("[[milestone]]"):
        number = where.removeprefix("[[milestone]] ").split(maxsplit=1)[0].rstrip(",")
        return 2, int(number) if number.isdecimal() else 0
    return int(where.startswith("[target]")), 0


def _process_file(table: ProcessTable) -> ProcessFile:
    unit = table.currency
    process = Process(
        key=table.name,
        title=table.title or table.name,
        currency=unit,
        evidence_required=table.evidence == "required",
        typical_value=None if table.typical_value is None else minor_from_decimal(table.typical_value, unit),
        history_from=table.history_from,
        milestones=tuple(
            Milestone(
                key=item.key,
                name=item.name,
                customer_action=item.customer_action,
                how=tuple(item.how),
                rate=item.rate,
                days=item.days,
                dead_after_days=item.dead_after_days,
            )
            for item in table.milestone
        ),
    )
    return ProcessFile(process, None if table.target is None else minor_from_decimal(table.target.per_month, unit))


def warnings(process: Process) -> tuple[str, ...]:
    """Return what may be wrong in a process that is valid: sellers' activities, long silences, missing texts."""
    found: list[str] = []
    for number, milestone in enumerate(process.milestones, start=1):
        label = f"[[milestone]] {number} {quoted(milestone.key)}"
        deed = seller_activity(milestone.name, milestone.customer_action)
        if deed:
            found.append(
                f"{label}: {quoted(deed)} is something the seller does; "
                "name what the customer does, says or puts in writing."
            )
        if not milestone.customer_action:
            found.append(f"{label} has no customer_action: what does the customer do, say or put in writing?")
        if milestone.days is not None and milestone.days > LONGEST_DAYS:
            found.append(f"{label}, key days: {milestone.days} days are long; what does the customer do in between?")
    return tuple(found)


def write_process(process: Process, target: int | None, grounds: Mapping[str, str] | None = None) -> str:
    """Return the process file of `process`.

    Args:
        process: what to write; its texts are clean.
        target: the team's target a month at the last milestone in minor units, or None.
        grounds: what the plan of a milestone rests on, one line by its key, in place of what the keys mean.
    """
    evidence = "required" if process.evidence_required else "optional"
    lines = [
        f"name = {_quoted(process.key)}",
        f"title = {_quoted(process.title)}",
        f"currency = {_quoted(process.currency.code)}",
        f'evidence = "{evidence}"  # required: `advance` must say what the customer did, said or wrote',
    ]
    if process.typical_value is not None:
        amount = _amount(process.typical_value, process.currency)
        lines.append(f"typical_value = {amount}  # the potential assumed where none is given")
    if process.history_from is not None:
        known = "before this day only opportunities still open then are known"
        lines.append(f"history_from = {iso(process.history_from)}  # {known}")
    if target is not None:
        amount = _amount(target, process.currency)
        lines += ["", "[target]", f"per_month = {amount}  # at the last milestone, for the team"]
    for number, milestone in enumerate(process.milestones, start=1):
        ground = None if grounds is None else grounds.get(milestone.key)
        explained = number == 2 and grounds is None
        lines += ["", "[[milestone]]", *_milestone_lines(milestone, ground, explained=explained)]
    return "\n".join(lines) + "\n"


def _milestone_lines(milestone: Milestone, ground: str | None, *, explained: bool) -> Iterator[str]:
    """Yield the lines of one table; the first one with a plan is `explained`, or each says its `ground`."""
    yield f"key = {_quoted(milestone.key)}"
    yield f"name = {_quoted(milestone.name)}"
    if milestone.customer_action:
        yield f"customer_action = {_quoted(milestone.customer_action)}"
    if milestone.how:
        yield "how = ["
        yield from (f"    {_quoted(text)}," for text in milestone.how)
        yield "]"
    if ground is not None:
        yield f"# {ground}"
    plan = (
        ("rate", milestone.rate, "planned share of those at the previous milestone that reach this one"),
        ("days", milestone.days, "planned typical time from the previous milestone to this one"),
        ("dead_after_days", milestone.dead_after_days, "age at the previous milestone that makes a dead horse"),
    )
    for key, value, meaning in plan:
        if value is not None:
            number = f"{value:f}" if isinstance(value, Decimal) else str(value)
            yield f"{key} = {number}" + (f"  # {meaning}" if explained else "")


def _quoted(text: str) -> str:
    # JSON escapes what TOML wants escaped in a basic string, except DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _amount(minor: int, unit: Currency) -> str:
    whole, _, decimals = plain(minor, unit).partition(".")
    return f"{int(whole):_}" + (f".{decimals}" if decimals.strip("0") else "")
