"""What contradicts between two books, in words: what each says, which of the two holds, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from milestone_cli.domain import contradictions
from milestone_cli.domain.contradictions import Contradiction, Side, Told, Why
from milestone_cli.domain.day import parse_iso
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.money import Currency
from milestone_cli.reports.table import CellKind, Line, Part, Sentence, Value, joined, named


@dataclass(frozen=True, slots=True)
class Clash:
    """Two books that do not say the same."""

    where: str
    """The key of the opportunity, or what it is about in the set-up."""
    what: Contradiction
    currency: Currency | None
    """Of the process; None where there is none."""


def told_words(told: Told | None, clash: Clash, reps: Mapping[int, str]) -> Line | None:
    """Return what a book says, in a few words."""
    if told is None:
        return None
    if told.kind in _SET_UP:
        set_up = _about_the_set_up(told, clash)
        # a target says its day itself
        dated = clash.what.holds is Side.BOTH and told.kind is not Kind.TARGET_SET
        return Sentence("{} from {} on", (set_up, _since(told))) if dated else set_up
    about, value = _about_the_customer(told), _value(told, clash)
    if told.key is not None:
        text = _said(told.key, told.text or "")
        return text if about is None else Sentence("{}, {}", (about, text))
    if about is None:
        return _value_and_rep(told, clash, reps)
    return about if value is None else Sentence("{}, {}", (about, value))


_SET_UP = frozenset({Kind.TARGET_SET, Kind.PLAN_CHANGED, Kind.VERSION_DEFINED, Kind.REP_ADDED, Kind.REP_RETIRED})
_TEXTS: Mapping[str, str] = {
    contradictions.EVIDENCE: "shown as {}",
    "text": "what was said: {}",
    "by": "person: {}",
    "ref": "where it can be seen: {}",
    "reason": "reason: {}",
    "title": "title: {}",
    contradictions.REVISIT: "to look at again on {}",
}
"""What a fact about a customer says beside its day."""


def _said(key: str, text: str) -> Line:
    """Return what a fact about a customer says beside its day under a key."""
    match key:
        case contradictions.BULK:
            return "the day of an edit of many" if text == "true" else "the day of the customer"
        case contradictions.REVISIT:
            said: Part = Value(parse_iso(text), CellKind.DAY)
        case contradictions.EVIDENCE:  # a word of ours
            said = text
        case _:
            said = named(text)
    return Sentence(_TEXTS[key], (said,))


def _about_the_set_up(told: Told, clash: Clash) -> Line:
    text = named(told.text or "")
    match told.kind:
        case Kind.TARGET_SET:
            return Sentence("{} a month from {} on", (_value(told, clash) or "", _since(told)))
        case Kind.PLAN_CHANGED | Kind.VERSION_DEFINED:
            return _about_a_definition(told, text)
        case Kind.REP_RETIRED:
            return "left"
        case _:
            return joined((text,))


def _about_a_definition(told: Told, text: Value) -> Line:
    if told.key is not None and told.milestone is not None:
        return Sentence("{} of {}: {}", (named(told.key), named(told.milestone), text))
    if told.key is not None:
        return Sentence("{}: {}", (named(told.key), text))
    if told.text is not None:
        return Sentence("milestones {}", (text,))
    return Sentence("definition from {} on", (_since(told),))


def _about_the_customer(told: Told) -> Line | None:
    """Return what a fact says that is not only about value and rep."""
    day, milestone = _since(told), named(told.milestone or "")
    phrases: Mapping[Kind, Line] = {
        Kind.REACHED: Sentence("reached {} on {}", (milestone, day)),
        Kind.STANDING: Sentence("taken over at {} on {}", (milestone, day)),
        Kind.LOST: Sentence("lost on {}", (day,)),
        Kind.REOPENED: Sentence("reopened on {}", (day,)),
        Kind.RENAMED: joined((named(told.text or ""),)),
    }
    return phrases.get(told.kind)


def _value_and_rep(told: Told, clash: Clash, reps: Mapping[int, str]) -> Line:
    value, day = _value(told, clash), _since(told)
    rep = None if told.rep is None else named(reps.get(told.rep, str(told.rep)))
    if rep is not None and value is not None:
        return Sentence("{} and {} from {} on", (rep, value, day))
    if rep is not None or value is not None:
        return Sentence("{} from {} on", (rep or value or "", day))
    return Sentence("opened on {}", (day,))


def _value(told: Told, clash: Clash) -> Part | None:
    if told.value is None or clash.currency is None:
        return None
    return Value(told.value, CellKind.MONEY, clash.currency)


def _since(told: Told) -> Part:
    return "the beginning" if told.on is None else Value(told.on, CellKind.DAY)


def what_holds(what: Contradiction) -> Line:
    """Return which of the two holds, and why."""
    why = _REASONS[what.why]
    match what.holds:
        case Side.BOTH:
            return why
        case Side.HERE:
            return Sentence("here: {}", (why,))
        case Side.THERE:
            return Sentence("there: {}", (why,))
        case Side.NEITHER:
            return Sentence("without effect: {}", (why,))
        case _:
            assert_never(what.holds)


_REASONS: Mapping[Why, Line] = {
    Why.EARLIER_DAY: "the earlier day",
    Why.ENTERED_LATER: "entered later",
    Why.ENTERED_EARLIER: "entered earlier",
    Why.LATER_DAY: "each from its day on",
    Why.WON: "won before that",
    Why.LOST: "lost before that",
    Why.NOT_LOST: "not lost then",
    Why.MOVED: "the customer moved after the loss",
    Why.TAKEN_OVER: "taken over at this milestone or a later one",
    Why.TAKEN_OVER_LATE: "moved, lost or taken over before that",
    Why.NO_OPENING: "it counts without an opening, which was taken back",
    Why.TAKEN_BACK: "taken back",
    Why.CORRECTED: "corrected",
    Why.BROUGHT_BACK: "brought back",
    Why.NO_MILESTONE: "no version has this milestone",
    Why.OUT_OF_ORDER: "a later milestone was reached before that",
}
