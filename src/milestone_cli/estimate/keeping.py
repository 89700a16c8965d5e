"""Where what was made for a past day may lie already: whoever makes such things asks there first.

Invariant: what is kept is asked for by the day and a digest of all it rests on, so it is what would be made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

Made = TypeVar("Made")


class Keeping(Protocol[Made]):
    """Hands out what was made for a past day."""

    def __call__(self, origin: int, rests_on: str, make: Callable[[], Made], /) -> Made:
        """Return what was made for a day, or make it.

        Args:
            origin: the last day whose facts it knows.
            rests_on: a digest of all that it comes from.
            make: makes it.
        """


def made_anew(_origin: int, _rests_on: str, make: Callable[[], Made], /) -> Made:
    """Keep nothing."""
    return make()
