"""What was made for past days, from the file where it is kept: nobody waits twice for the same forecast.

Invariant: a kept one is taken only where all it rests on is the same; else it is made, and kept in its place.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from milestone_cli.store.hindcasts import HindcastKind, KeptHindcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from milestone_cli.domain.day import Day
    from milestone_cli.estimate.calibration import Hindcast
    from milestone_cli.estimate.replays import Replay
    from milestone_cli.store.book import Book

Made = TypeVar("Made")


class InFile(Generic[Made]):
    """The kept ones of one kind, of one process, over so many months."""

    def __init__(
        self,
        book: Book,
        process: str,
        months: int,
        kind: HindcastKind,
        written: Callable[[Made], object],
        read: Callable[[Any], Made],
    ) -> None:
        self.book, self.process, self.months, self.kind = book, process, months, kind
        self.written, self.read = written, read
        self.there = dict(book.hindcasts(process, months, kind))

    def __call__(self, origin: Day, rests_on: str, make: Callable[[], Made]) -> Made:
        """Return what was made for a day from what the digest stands for."""
        kept = self.there.get(origin)
        if kept is not None and kept.seen == rests_on:
            return self.read(json.loads(kept.payload))
        made = make()
        payload = json.dumps(self.written(made), separators=(",", ":"))
        self.there[origin] = KeptHindcast(origin, self.months, rests_on, payload, self.kind)
        self.book.keep_hindcast(self.process, self.there[origin])
        return made


def kept_hindcasts(book: Book, process: str) -> InFile[Hindcast | None]:
    """Return the forecasts of past days that a forecast of the process is calibrated by."""
    from dataclasses import asdict

    from milestone_cli.estimate.calibration import Hindcast
    from milestone_cli.estimate.hindcasts import MONTHS

    return InFile(
        book,
        process,
        MONTHS,
        HindcastKind.CALIBRATION,
        lambda made: None if made is None else asdict(made),
        lambda kept: None if kept is None else Hindcast(**kept),
    )


def kept_replays(book: Book, process: str, months: int) -> InFile[Replay]:
    """Return what was said on past days of so many months after them."""
    from milestone_cli.estimate.replays import Replay

    return InFile(book, process, months, HindcastKind.BACKTEST, Replay.as_json, Replay.of_json)
