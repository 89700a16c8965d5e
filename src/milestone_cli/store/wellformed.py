"""Whether the journal of another book is one that our commands record: looked at before anything of it is believed.

Invariant: looking changes nothing; whatever passes can be read by every other module without surprise. The chain cannot
tell, for whoever changes a book can make it anew.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from milestone_cli.domain.facts import Evidence, Kind
from milestone_cli.domain.text import valid_milestone_key, valid_process_key
from milestone_cli.store.copied_texts import CONTROL
from milestone_cli.store.payloads import VERSION, decode_process, encode_process

_DAYS = range(7305, 47847)
"""1990-01-01 to 2100-12-31, as the tables have it."""
_MOMENTS = range(7305 * 86_400_000_000, 47847 * 86_400_000_000)
_AMOUNTS = range(900_000_000_000_001)
_LIFETIME = range(1, 36_525)
"""Days that a section, or the death of a horse, can take."""
_COUNTS = range(1 << 40)
_ID = re.compile(r"[0-9a-f]{32}")
_COMMAND = re.compile(r"[a-z][a-z-]{0,39}")
_ROLES = frozenset({"key", "name", "customer", "title", "text", "by", "ref", "reason", "external"})
_EVIDENCE = frozenset(one.value for one in Evidence)

Holds = Callable[[Any], bool]


def _number(value: Any) -> bool:
    return type(value) is int and value > 0


def _within(values: range, *, none: bool = False) -> Holds:
    return lambda value: (value is None and none) or (type(value) is int and value in values)


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(
        role in _ROLES and isinstance(reference, list) and len(reference) == 2 and _number(reference[0])
        and isinstance(reference[1], str) and _ID.fullmatch(reference[1]) is not None
        for role, reference in value.items()
    )  # fmt: skip


def _pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(map(_number, pair)) for pair in value
    )


def _definition(value: Any) -> bool:
    process = decode_process(value)
    plain: Any = (process.evidence_required, process.typical_value, process.history_from)
    return (
        encode_process(process) == value
        and valid_process_key(process.key)
        and bool(process.milestones)
        and len(set(process.keys)) == len(process.keys)
        and _clean(process.title)
        and type(plain[0]) is bool
        and _within(_AMOUNTS, none=True)(plain[1])
        and _within(_DAYS, none=True)(plain[2])
        and all(_milestone(one) for one in process.milestones)
    )


def _clean(text: Any) -> bool:
    return isinstance(text, str) and not CONTROL.search(text)


def _milestone(one: Any) -> bool:
    return (
        valid_milestone_key(one.key)
        and all(map(_clean, (one.name, one.customer_action, *one.how)))
        and (one.rate is None or 0 < one.rate <= 1)
        and all(_within(_LIFETIME, none=True)(days) for days in (one.days, one.dead_after_days))
    )


_FIELDS: Mapping[str, Holds] = {
    "v": lambda value: type(value) is int and value == VERSION,
    "milestone": lambda value: isinstance(value, str) and valid_milestone_key(value),
    "value": _within(_AMOUNTS),
    "amount": _within(_AMOUNTS),
    "rep": _number,
    "customer": _number,
    "since": _within(_DAYS),
    "revisit": _within(_DAYS),
    "from": _within(_DAYS, none=True),
    "voids": lambda value: isinstance(value, str) and _ID.fullmatch(value) is not None,
    "evidence": lambda value: isinstance(value, str) and value in _EVIDENCE,
    "bulk": lambda value: value is True,
    "texts": _texts,
    "process": lambda value: isinstance(value, str) and valid_process_key(value),
    "definition": _definition,
    "commands": _within(_COUNTS),
    "again": _pairs,
    "into": _pairs,
    "renamed": lambda value: isinstance(value, list) and all(map(_number, value)),
    "merged": lambda value: type(value) is bool,
}
_SAYS_MORE = frozenset({"milestone", "value", "rep", "since", "revisit", "evidence", "bulk", "texts"})
_ABOUT: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    Kind.OPENED: (frozenset({"customer", "process", "texts"}), _SAYS_MORE),
    Kind.REACHED: (frozenset({"milestone"}), _SAYS_MORE),
    Kind.STANDING: (frozenset({"milestone"}), _SAYS_MORE),
    Kind.LOST: (frozenset(), _SAYS_MORE),
    Kind.REOPENED: (frozenset(), _SAYS_MORE),
    Kind.REVALUED: (frozenset({"value"}), _SAYS_MORE),
    Kind.ASSIGNED: (frozenset(), _SAYS_MORE),
    Kind.RENAMED: (frozenset(), _SAYS_MORE),
    Kind.VOIDED: (frozenset({"voids"}), frozenset({"texts"})),
}
"""What a fact about an opportunity holds, beside `v`, and what it can hold."""
_DEFINED = frozenset({"process", "definition", "from"})
_SET_UP: Mapping[str, frozenset[str]] = {
    Kind.VERSION_DEFINED: _DEFINED,
    Kind.PLAN_CHANGED: _DEFINED,
    Kind.TARGET_SET: frozenset({"process", "rep", "amount", "from"}),
    Kind.REP_ADDED: frozenset({"rep", "from", "texts"}),
    Kind.REP_RETIRED: frozenset({"rep"}),
    Kind.VOIDED: frozenset({"voids"}),
    Kind.MERGED: frozenset({"commands", "again"}),
    Kind.UNITED: frozenset({"into", "renamed", "merged"}),
}


def is_fact(kind: str, payload: Any, *, about: bool) -> bool:
    """Return whether a payload is one that a command records; `about`: the fact is about an opportunity."""
    if not isinstance(payload, dict):
        return False
    fields = payload.keys() - {"v"}
    if about:
        needed, more = _ABOUT.get(kind, (None, frozenset()))
        shaped = needed is not None and needed <= fields <= needed | more
    else:
        shaped = kind in _SET_UP and fields == _SET_UP[kind]
    # the team's target has no rep
    teams = kind == Kind.TARGET_SET and payload.get("rep") is None
    return shaped and "v" in payload and all(
        (name == "rep" and teams) or _FIELDS[name](value) for name, value in payload.items()
    ) and _named_rightly(kind, payload)  # fmt: skip


def _named_rightly(kind: str, payload: Mapping[str, Any]) -> bool:
    """Return whether what has a key names it, and a definition defines the process it is about."""
    if kind == Kind.OPENED:
        return "key" in payload["texts"]
    if kind == Kind.REP_ADDED:
        return payload["texts"].keys() == {"key", "name"} and payload["from"] is not None
    return "definition" not in payload or payload["definition"]["key"] == payload["process"]


_FACTS = "SELECT number, id, command, kind, entered_at, recorded_at, known_day, opportunity, payload FROM fact"
_COMMANDS = "SELECT number, id, name, entered_at, undoes FROM command ORDER BY number"
_STRAY_VOIDS = (
    "SELECT v.number FROM fact v LEFT JOIN fact f ON f.id = json_extract(v.payload, '$.voids')"
    " WHERE v.kind = 'voided' AND (f.number IS NULL OR f.opportunity IS NOT v.opportunity OR f.number >= v.number)"
)


def unknown_forms(raw: sqlite3.Connection) -> Iterator[str]:
    """Yield a sentence for every command and fact that is none of ours."""
    # without a gap, numbers up to the last one are commands that are there, and no more of them than the file holds
    for place, (number, id_, name, entered_at, undoes) in enumerate(raw.execute(_COMMANDS), start=1):
        formed = number == place and _ID.fullmatch(id_) and _COMMAND.fullmatch(name) and entered_at in _MOMENTS
        if not formed or (undoes is not None and not 0 < undoes < number):
            yield f"Command {number} is nothing that ms records."
    opportunities = {number for [number] in raw.execute("SELECT number FROM opportunity")}
    for number, id_, command, kind, entered_at, recorded_at, known_day, about, payload in raw.execute(_FACTS):
        said = json.loads(payload)
        timely = entered_at in _MOMENTS and (recorded_at is None or recorded_at in _MOMENTS) and known_day in _DAYS
        formed = timely and _ID.fullmatch(id_) and is_fact(kind, said, about=about is not None)
        if not formed or not _arranges_rightly(kind, said, command, opportunities):
            yield f"Fact {number} is nothing that ms records."
    for [number] in raw.execute(_STRAY_VOIDS):
        yield f"Fact {number} takes back what is not there."


def _arranges_rightly(kind: str, said: Mapping[str, Any], command: int, opportunities: set[int]) -> bool:
    """Return whether what a merge says of the book it is in can be so."""
    if kind == Kind.MERGED:
        return said["commands"] < command and _rise(said["again"], command)
    if kind == Kind.UNITED:
        into = dict(said["into"])
        return opportunities.issuperset({*into, *into.values(), *said["renamed"]}) and into.keys().isdisjoint(
            into.values()
        )
    return True


def _rise(spans: list[list[int]], end: int) -> bool:
    """Return whether spans of commands follow one another with a gap between them and stop before `end`."""
    edges = [(0, -1), *spans, (end + 1, end + 1)]
    return all(first <= last for first, last in spans) and all(
        before[1] + 1 < behind[0] for before, behind in pairwise(edges)
    )
