"""The program's own signs on a terminal whose encoding has not got them.

Invariant: a sign that is drawn is as wide as what stands for it; what is written may get longer before it is measured.
"""

from __future__ import annotations

from functools import cache

STAND_INS = {
    "▁": "_", "▂": ".", "▃": "-", "▄": "~", "▅": "=", "▆": "+", "▇": "*", "█": "#",
    "▏": ".", "▎": ".", "▍": ".", "▌": ":", "▋": ":", "▊": ":", "▉": ":", "░": ".",
    "─": "-", "━": "=", "╋": "|", "◆": "T", "●": "*", "○": "o", "▲": "^", "■": "#", "·": "-", "…": "~",
    "←": "<", "→": ">", "\u00a0": " ", "\u202f": " ", "€": "EUR", "£": "GBP", "¥": "JPY",
}  # fmt: skip
"""What stands for a sign, by sign."""


def legible(text: str, encoding: str) -> str:
    """Return `text` with those of the program's own signs replaced that `encoding` has not got.

    >>> legible("● green ██▌░ 66%", "ascii"), legible("● green", "utf-8")
    ('* green ##:. 66%', '● green')
    """
    return text.translate(_missing(encoding))


@cache
def _missing(encoding: str) -> dict[int, str]:
    return {ord(sign): instead for sign, instead in STAND_INS.items() if not _has(encoding, sign)}


def _has(encoding: str, sign: str) -> bool:
    try:
        sign.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
