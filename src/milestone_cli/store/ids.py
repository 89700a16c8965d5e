"""Global ids (UUID version 7, RFC 9562: facts of two books never collide and sort by time of entry), and salts."""

from __future__ import annotations

import random
import secrets

_STEP_BITS = 32
"""Ids of one command lie random steps of so many bits apart."""


def new_id(now: int) -> str:
    """Return a new id as 32 hex digits; `now` is in microseconds since 1970 UTC."""
    drawn = secrets.randbits(74)
    head = ((now // 1000) & (2**48 - 1)) << 80
    return f"{head | 0x7 << 76 | (drawn >> 62) << 64 | 0b10 << 62 | (drawn & (2**62 - 1)):032x}"


class Salts:
    """Random bytes before texts, so that their hashes cannot be guessed; drawn many at a time."""

    _DIGITS = 20
    _MOST = 256

    def __init__(self) -> None:
        self._left: list[str] = []
        self._draw = 1

    def next(self) -> str:
        """Return one more, as hex digits."""
        if not self._left:
            drawn = secrets.token_hex(self._DIGITS // 2 * self._draw)
            self._left = [drawn[start : start + self._DIGITS] for start in range(0, len(drawn), self._DIGITS)]
            self._draw = min(4 * self._draw, self._MOST)
        return self._left.pop()


class RisingIds:
    """Ids of one command: the first is random, each later one a random step higher.

    They sort in the order they were given (method 2 of RFC 9562, section 6.2), which also keeps the index on them
    quick.
    """

    def __init__(self, now: int) -> None:
        first = new_id(now)
        self._head = first[:16]
        # one bit is left free for the steps, so that the variant above them stays
        self._last = int(first[16:], 16) & ~(1 << 61)
        self._draw = random.Random(secrets.randbits(64)).getrandbits  # noqa: S311 - apart, not secret

    def next(self) -> str:
        """Return one more id."""
        self._last += 1 + self._draw(_STEP_BITS)
        return f"{self._head}{self._last:016x}"
