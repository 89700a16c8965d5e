"""`--what-if`: other rates, another inflow, without an opportunity; several hold together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from milestone_cli.domain.text import quoted
from milestone_cli.errors import InvalidValue

FORMS = 'Write "rate 2->3 = 60%", "inflow +20%" or "lose KEY".'
_RATE = re.compile(r"rate\s+([0-9]{1,2})\s*->\s*([0-9]{1,2})\s*=\s*([0-9]+(?:[.,][0-9]+)?)\s*(%?)")
_INFLOW = re.compile(r"inflow\s+([+-])\s*([0-9]+(?:[.,][0-9]+)?)\s*%")
_LOSE = re.compile(r"lose\s+(\S.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What is supposed to be otherwise."""

    rates: dict[int, float]
    """By section 1..k-1: its success rate, 0..1."""
    inflow: float
    """Factor on the new business; 1 is as it is."""
    lose: tuple[str, ...]
    """Opportunities as named."""


def parse_what_if(texts: Sequence[str]) -> Supposed:
    """Return what the texts suppose together.

    Raises:
        InvalidValue: one that cannot be read, or a rate outside 0..100 %.

    >>> parse_what_if(["rate 2->3 = 60%", "inflow +20%", "lose bigco"])
    Supposed(rates={2: 0.6}, inflow=1.2, lose=('bigco',))
    """
    rates: dict[int, float] = {}
    inflow, lose = 1.0, []
    for text in texts:
        words = text.strip()
        if found := _RATE.fullmatch(words):
            rates[int(found[1])] = _rate(found, text)
        elif found := _INFLOW.fullmatch(words):
            inflow *= _factor(found, text)
        elif found := _LOSE.fullmatch(words):
            lose.append(found[1])
        else:
            raise InvalidValue(f"{quoted(text)} is no what-if.", FORMS)
    return Supposed(rates=rates, inflow=inflow, lose=tuple(lose))


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _rate(found: re.Match[str], text: str) -> float:
    if int(found[2]) != int(found[1]) + 1:
        raise InvalidValue(f"{quoted(text)} is no section: a rate leads from a milestone to the next.", FORMS)
    rate = _number(found[3]) / (100 if found[4] else 1)
    if not 0 < rate <= 1:
        raise InvalidValue(f"{quoted(text)}: a rate lies above 0 and at 100 % at the most.", FORMS)
    return rate


def _factor(found: re.Match[str], text: str) -> float:
    factor = round(1 + _number(found[2]) / 100 * (1 if found[1] == "+" else -1), 9)
    if not 0 <= factor <= 10:
        raise InvalidValue(f"{quoted(text)}: the inflow lies between -100 % and +900 %.", FORMS)
    return factor
