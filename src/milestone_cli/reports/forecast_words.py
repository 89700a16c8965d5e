"""What the forecast says in words: the band, what it stands on, and when it is too wide to steer by.

Invariant: nothing is said that the figures beside it do not say.
"""

from __future__ import annotations

from collections.abc import Iterator

from milestone_cli.domain.money import Currency
from milestone_cli.reports.forecast import WIDE, ForecastReport, Grounds, cents, nothing_known, share_new
from milestone_cli.reports.table import CellKind, Line, Sentence, Value

THIN = 0.5
"""Below this weight of the data a section rests mostly on the plan."""


def notes(report: ForecastReport) -> Iterator[Line]:
    """Yield what is to be said under the forecast's table."""
    grounds = report.grounds
    if grounds is not None and nothing_known(grounds):
        yield "Nothing has been recorded yet: no business to forecast, and no history to say what will come in."
        yield "`ms cascade` shows from the plan what must arrive."
        return
    yield _band(report)
    total = report.shown.stream.total
    if total.too_wide:
        yield f"The band is too wide to steer by: P90 is over {WIDE:.0f} times P10. Steer by the first milestones."
    yield Sentence("{} of it comes from business that does not exist yet.", (_rate(share_new(total)),))
    if grounds is not None:
        yield from _thin(grounds)
        yield from _record(grounds)


def _band(report: ForecastReport) -> Line:
    total = report.shown.stream.total
    first, last = report.months[0], report.months[-1]
    values = [to_three_digits(total.p10, report.currency), to_three_digits(total.p90, report.currency)]
    if first == last:
        template = "8 chances in 10 that between {} and {} arrive in {}"
        values.append(Value(last, CellKind.MONTH))
    else:
        template = "8 chances in 10 that between {} and {} arrive from {} to {}"
        values += [Value(first, CellKind.MONTH), Value(last, CellKind.MONTH)]
    if total.target:
        template += "; the target is {}, and the chance to reach it {}"
        values += [_money(float(total.target), report.currency), _rate(total.chance or 0.0)]
    return Sentence(f"{template}.", tuple(values))


def _thin(grounds: Grounds) -> Iterator[Line]:
    thin = [str(number) for number, weight in enumerate(grounds.weight_of_data, start=1) if weight < THIN]
    if len(thin) == len(grounds.weight_of_data) and not any(grounds.weight_of_data):
        yield "No section has seen a case end: rates and days are those of the plan."
    elif thin:
        least = min(grounds.weight_of_data)
        yield Sentence(
            "Mostly plan in section {}: only {} of what the thinnest stands on are facts.",
            (Value(", ".join(thin), CellKind.TEXT), _rate(least)),
        )
    if not grounds.inflow_months:
        yield "No history of new business: none is assumed."
    elif grounds.inflow_months < 12:
        yield f"New business stands on {grounds.inflow_months} months of history."


def _record(grounds: Grounds) -> Iterator[Line]:
    if grounds.hindcasts:
        what = "1 forecast of a past day" if grounds.hindcasts == 1 else f"{grounds.hindcasts} forecasts of past days"
        yield f"Corrected by {what}; `ms backtest` shows how good they were."
    else:
        yield "Too young to be held against its own past: the band is a guess from other teams."


def _money(amount: float, currency: Currency) -> Value:
    return Value(cents(amount), CellKind.ABOUT, currency)


def to_three_digits(amount: float, currency: Currency) -> Value:
    """Return an amount to three digits: more would only pretend."""
    unit: int = 10**currency.digits
    step = 10 ** max(len(str(int(amount / unit))) - 3, 0) * unit
    return Value(int(amount / step + 0.5) * step, CellKind.MONEY, currency)


def _rate(share: float) -> Value:
    return Value(share, CellKind.RATE)
