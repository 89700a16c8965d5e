"""What the forecast says in words: the band, what it stands on, and when it is too wide to steer by.

Invariant: nothing is said that the figures beside it do not say.
"""

from __future__ import annotations

from collections.abc import Iterator

from milestone_cli.domain.money import Currency
from milestone_cli.reports.forecast import WIDE, Figure, ForecastReport, Grounds, cents, share_new
from milestone_cli.reports.table import CellKind, Line, Plural, Sentence, Value, counted, joined, named

SURELY_NOT = 0.01
"""No chance is said to be smaller, or nearer to certainty."""
THIN = 0.5
"""Below this weight of the data a section rests mostly on the plan."""


def notes(report: ForecastReport) -> Iterator[Line]:
    """Yield what is to be said under the forecast's table."""
    total = report.shown.stream.total
    if total.p10 is None or total.p90 is None:
        yield from _untold(report, total)
        return
    yield _band(report, total, total.p10, total.p90)
    if total.too_wide:
        yield Sentence(
            "The band is too wide to steer by: P90 is over {} times P10. Steer by the first milestones.",
            (counted(round(WIDE)),),
        )
    yield Sentence("{} of it comes from business that does not exist yet.", (_rate(share_new(total)),))
    for part in report.parts or (report,):
        if part.grounds is not None:
            about = (named(part.process),) if report.parts else ()
            yield from (joined((*about, line), ": ") for line in (*_thin(part.grounds), *_record(part.grounds)))


def months_words(count: int) -> Line:
    """Return how many months, in words."""
    return Plural("1 month", "{} months", count, (counted(count),))


def _untold(report: ForecastReport, total: Figure) -> Iterator[Line]:
    """Say that no money can be told, and why."""
    if total.count_mean > 0:
        count = Value(total.count_mean, CellKind.NUMBER, digits=1)
        yield Sentence("No potential is known: {} arrivals are expected, and no money can be told.", (count,))
        yield "`ms revalue` says what an opportunity is worth; `typical_value` in the process file what is usual."
    elif any(part.grounds is not None and part.grounds.recorded for part in report.parts or (report,)):
        if report.rep is None:
            yield "Nothing is open, and nothing new has come in of late: no business to forecast."
        else:
            yield Sentence(
                "{} has nothing open here and has brought in nothing of late: no business to forecast.",
                (named(report.rep),),
            )
    else:
        yield "Nothing has been recorded yet: no business to forecast, and no history to say what will come in."
        yield "`ms cascade` shows from the plan what must arrive."


def _band(report: ForecastReport, total: Figure, p10: float, p90: float) -> Line:
    first, last = report.months[0], report.months[-1]
    when = Sentence("in {}", (Value(last, CellKind.MONTH),))
    if first != last:
        when = Sentence("from {} to {}", (Value(first, CellKind.MONTH), Value(last, CellKind.MONTH)))
    if p90 > 0:
        sums = (to_three_digits(p10, report.currency), to_three_digits(p90, report.currency))
        said = Sentence("8 chances in 10 that between {} and {} arrive {}", (*sums, when))
    else:
        any_at_all = _rate(report.shown.stream.chance_of_any)
        said = Sentence("Most likely nothing arrives {}; in {} of all cases something does", (when, any_at_all))
    if not total.target:
        return Sentence("{}.", (said,))
    wanted = _money(float(total.target), report.currency)
    return Sentence(
        "{}; the target is {}, and the chance to reach it {}.", (said, wanted, chance_words(total.chance or 0.0))
    )


def chance_words(share: float) -> Line:
    """Return a chance in words: of a thousand ways none or all is still no certainty."""
    if share < SURELY_NOT:
        return Sentence("under {}", (_rate(SURELY_NOT),))
    if share > 1 - SURELY_NOT:
        return Sentence("over {}", (_rate(1 - SURELY_NOT),))
    return Sentence("{}", (_rate(share),))


def _thin(grounds: Grounds) -> Iterator[Line]:
    thin = [str(number) for number, weight in enumerate(grounds.weight_of_data, start=1) if weight < THIN]
    if not any(grounds.weight_of_data):
        yield "No section has seen a case end: rates and days are those of the plan."
    elif thin:
        yield Plural(
            "Mostly plan in section {}: of what the thinnest stands on {} are facts.",
            "Mostly plan in sections {}: of what the thinnest stands on {} are facts.",
            len(thin),
            (named(", ".join(thin)), _rate(min(grounds.weight_of_data))),
        )
    if not grounds.inflow_months:
        yield "No history of new business: none is assumed."
    elif grounds.inflow_months < 12:
        yield Plural(
            "New business stands on 1 month of history.",
            "New business stands on {} months of history.",
            grounds.inflow_months,
            (counted(grounds.inflow_months),),
        )


def _record(grounds: Grounds) -> Iterator[Line]:
    if grounds.hindcasts:
        yield Plural(
            "Corrected by 1 forecast of a past day; `ms backtest` shows how good they were.",
            "Corrected by {} forecasts of past days; `ms backtest` shows how good they were.",
            grounds.hindcasts,
            (counted(grounds.hindcasts),),
        )
    else:
        yield "Too young to be held against its own past: the band is as wide as is usual."


def _money(amount: float, currency: Currency) -> Value:
    return Value(cents(amount), CellKind.ABOUT, currency)


def to_three_digits(amount: float, currency: Currency) -> Value:
    """Return an amount to three digits: more would only pretend."""
    unit: int = 10**currency.digits
    step = 10 ** max(len(str(int(amount / unit))) - 3, 0) * unit
    return Value(int(amount / step + 0.5) * step, CellKind.MONEY, currency)


def _rate(share: float) -> Value:
    return Value(share, CellKind.RATE)
