"""Which open opportunities carry a forecast of the last milestone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from milestone_cli.estimate.comparison import last_moves, potentials, stages
from milestone_cli.reports.forecast import Carrier

if TYPE_CHECKING:
    from milestone_cli.commands.forecasting import Outlook
    from milestone_cli.estimate.forecast import Forecast
    from milestone_cli.store.book import Book


def carriers(book: Book, now: Outlook, said: Forecast) -> tuple[Carrier, ...]:
    """Return every open opportunity with what it brings, the largest first."""
    seen, names = now.journeys, book.names(now.process.key)
    waits_since = last_moves(seen)
    found = []
    for row, stage, potential, money in zip(
        said.carried_rows.tolist(),
        stages(seen)[said.carried_rows].tolist(),
        potentials(seen)[said.carried_rows].tolist(),
        said.carried.tolist(),
        strict=True,
    ):
        key, customer = names[now.numbers[row]]
        known = potential > 0
        found.append(
            Carrier(
                key=key,
                customer=customer,
                value=round(potential) if known else now.process.typical_value,
                milestone=stage + 1,
                waiting_days=now.as_of - int(waits_since[row]),
                money=money,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.money, one.key)))
