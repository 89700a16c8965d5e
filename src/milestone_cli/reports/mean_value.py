"""What one arrival is worth, and what tells it.

Invariant: only arrivals with a known potential are in a mean.
"""

from __future__ import annotations

from milestone_cli.domain.basis import ENOUGH_ARRIVALS, MEAN_MONTHS, MeanSource, MeanValue
from milestone_cli.domain.day import Month
from milestone_cli.domain.money import Currency, half_up, plain
from milestone_cli.reports.table import CellKind, Line, Sentence, Value, counted


def mean_line(number: int, mean: MeanValue, month: Month, currency: Currency) -> Line:
    """Return what an arrival at milestone `number` is worth in `month`, and why."""
    if mean.amount is None:
        return Sentence("Nothing tells what an arrival at milestone {} is worth.", (counted(number),))
    head = Sentence("An arrival at milestone {} is worth {}", (counted(number), _money(half_up(mean.amount), currency)))
    money, count = _money(mean.worth.money, currency), counted(mean.worth.count)
    match mean.source:
        case MeanSource.RECENT:
            months = (counted(MEAN_MONTHS), Value(month, CellKind.MONTH))
            template = "{} = {} / {}, the arrivals with a known potential in the {} months before {}."
            return Sentence(template, (head, money, count, *months))
        case MeanSource.TYPICAL:
            return Sentence(
                "{}: the typical value of the process, until there are {} arrivals.", (head, counted(ENOUGH_ARRIVALS))
            )
        case _:
            return Sentence("{} = {} / {}, all arrivals with a known potential.", (head, money, count))


def _money(minor: int, currency: Currency) -> Value:
    return Value(minor, CellKind.MONEY, currency)


def mean_json(mean: MeanValue, currency: Currency) -> dict[str, object]:
    """Return the same as plain values."""
    of_arrivals = mean.source in {MeanSource.RECENT, MeanSource.OVERALL}
    return {
        "amount": None if mean.amount is None else plain(half_up(mean.amount), currency),
        "source": mean.source.value,
        "arrivals": mean.worth.count if of_arrivals else None,
        "money": plain(mean.worth.money, currency) if of_arrivals else None,
    }
