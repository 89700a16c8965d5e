"""What forecasts of past days would have said, from the file where it is kept, beside what came.

Invariant: what is kept is only what was said, under a digest of all it rests on; what came is counted anew every time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from milestone_cli.domain.day import Day
    from milestone_cli.estimate.journeys import Journeys
    from milestone_cli.reports.backtest import BacktestReport
    from milestone_cli.store.book import Book


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
    from milestone_cli.commands.forecasting import plan_on
    from milestone_cli.commands.journeys import journeys
    from milestone_cli.commands.keeping import kept_hindcasts, kept_replays
    from milestone_cli.commands.seeds import seed_of
    from milestone_cli.estimate.arrivals import began
    from milestone_cli.estimate.backtest import backtest, backtest_origins
    from milestone_cli.reports.backtest import BacktestReport

    definition = book.setup.seen(as_of).processes[process].at(as_of).process
    seen = journeys(book, process, as_of)
    origins = backtest_origins(seen, months, most=most)
    kept = kept_replays(book, process, months)
    tried = backtest(
        seen,
        plan_on(book.setup.processes[process], definition),
        months=months,
        origins=origins if make else [day for day in origins if day in kept.there],
        seed=seed_of(process),
        keeping=kept,
        hindcasts_kept=kept_hindcasts(book, process),
        done=done,
    )
    return BacktestReport(
        process=definition,
        tried=tried,
        began=int(began(seen)) if len(seen.recorded) else None,
        origins=len(origins),
        last_move=_last_move(seen),
    )


def _last_move(seen: Journeys) -> Day | None:
    import numpy as np

    return int(np.nanmax(seen.recorded)) if len(seen.recorded) else None
