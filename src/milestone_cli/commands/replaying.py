"""What forecasts of past days would have said, from the file where it is kept, beside what came.

Invariant: what is kept is only what was said, under a digest of all it rests on; what came is counted anew every time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from milestone_cli.domain.day import Day
    from milestone_cli.domain.process import Process
    from milestone_cli.estimate.journeys import Journeys
    from milestone_cli.estimate.replays import Replay
    from milestone_cli.reports.backtest import BacktestReport
    from milestone_cli.store.book import Book
    from milestone_cli.store.hindcasts import KeptHindcast


def backtest_report(
    book: Book,
    process: str,
    as_of: Day,
    months: int,
    most: int,
    *,
    make: bool = True,
    done: Callable[[int], None] = lambda _: None,
) -> BacktestReport:
    """Return how good forecasts of so many months would have been, from at most so many past ends of months.

    Args:
        book: the file.
        process: its key.
        as_of: the last day whose facts count.
        months: how many months each forecast is for.
        most: at most so many forecasts, the newest ones.
        make: False takes only days of which something is kept, for who cannot wait.
        done: is told 1 after each of them.
    """
    from milestone_cli.commands.journeys import journeys
    from milestone_cli.estimate.arrivals import began
    from milestone_cli.estimate.backtest import backtest_origins, held_against
    from milestone_cli.estimate.hindcasts import FEWEST_ROWS
    from milestone_cli.estimate.known import known_by
    from milestone_cli.reports.backtest import BacktestReport
    from milestone_cli.store.hindcasts import HindcastKind

    definition = book.setup.seen(as_of).processes[process].at(as_of).process
    seen = journeys(book, process, as_of)
    origins = backtest_origins(seen, months, most=most)
    kept = book.hindcasts(process, months, HindcastKind.BACKTEST)
    replays = []
    for origin in origins if make else [day for day in origins if day in kept]:
        then = known_by(seen, origin)
        if len(then.recorded) >= FEWEST_ROWS:
            replays.append(_kept_or_made(book, definition, then, months, kept.get(origin)))
        done(1)
    return BacktestReport(
        process=definition,
        tried=held_against(seen, replays, months),
        began=int(began(seen)) if len(seen.recorded) else None,
        origins=len(origins),
        last_move=_last_move(seen),
    )


def _last_move(seen: Journeys) -> Day | None:
    import numpy as np

    return int(np.nanmax(seen.recorded)) if len(seen.recorded) else None


def _kept_or_made(book: Book, now: Process, then: Journeys, months: int, kept: KeptHindcast | None) -> Replay:
    """Return what was said on a day: as it was kept if that rests on the same, else made (and kept) now."""
    import json

    from milestone_cli.commands.forecasting import defined_on, made_before, plans_on, typical_value
    from milestone_cli.commands.seeds import seed_of
    from milestone_cli.estimate.hindcasts import hindcast_origins
    from milestone_cli.estimate.replays import Replay, replay, rests_on
    from milestone_cli.store.hindcasts import HindcastKind, KeptHindcast

    history, origin = book.setup.processes[now.key], then.as_of
    seed = seed_of(now.key)
    plans, defined = plans_on(history, now), defined_on(history, now, origin)
    typical = typical_value(defined)
    planned = [plans(day) for day in (origin, *hindcast_origins(then))]
    digest = rests_on(then, planned, typical, months, seed)
    if kept is not None and kept.seen == digest:
        return Replay.of_json(json.loads(kept.payload))
    learnt_from = made_before(book, defined, then, plans, seed=seed)
    said = replay(then, planned[0], months, learnt_from, seed=seed, typical_value=typical)
    payload = json.dumps(said.as_json(), separators=(",", ":"))
    book.keep_hindcast(now.key, KeptHindcast(origin, months, digest, payload, HindcastKind.BACKTEST))
    return said
