"""Whether two screens say the same, wherever their figures were computed."""

from __future__ import annotations

import re
from itertools import zip_longest

_FIGURE = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_DRAWN = re.compile(r"[\s\u2500-\u259f]+")
"""Blanks, rules and bars: how wide they are follows from the figures."""
SHARE = 0.0005


def same_but_for_rounding(one: str, other: str) -> bool:
    """Tell whether two texts have the same words, and figures that differ in the fifth digit or the last one at most.

    The same facts and seed give the same figures with every NumPy from 2.0 to 2.4. Other processors add up in another
    order, which was seen to move the fifth digit of a rate.

    >>> same_but_for_rounding("Reached  €299,272  63%", "Reached €299,281   63%")
    True
    >>> same_but_for_rounding("Reached €299,272  63%", "Reached €299,272  65%")
    False
    """
    words = [_DRAWN.sub(" ", _FIGURE.sub("0", text)) for text in (one, other)]
    figures = zip_longest(_FIGURE.findall(one), _FIGURE.findall(other), fillvalue="0")
    return words[0] == words[1] and all(_near(*pair) for pair in figures)


def _near(one: str, other: str) -> bool:
    first, second = (float(figure.replace(",", "")) for figure in (one, other))
    last_digit = 10.0 ** -len(one.partition(".")[2])
    return abs(first - second) <= max(1.001 * last_digit, SHARE * abs(first))
