"""Section rates and dead horses against the simulator's truth: `python benchmarks/rates.py`.

Prints per scenario and team size the mean absolute error of a section's rate, of the rate by value, of won / (won +
lost) and of the plan, and the coverage of the 90 % interval; the predicted chance that a waiting opportunity still
moves against what came; how often those set aside move; the cascade of the worked example; how often a change is seen,
where there is one and where not.
"""

from __future__ import annotations

import time
import zlib
from collections import defaultdict
from itertools import pairwise

import numpy as np
from simulator import SCENARIOS, SECTIONS, Team, fifty_percent, seen, simulate

from milestone_cli.estimate.dead import chance_left, dead_after
from milestone_cli.estimate.journeys import Journeys, stays
from milestone_cli.estimate.plan import SectionPlan
from milestone_cli.estimate.rates import SectionRate, required_quantiles, section_rates
from milestone_cli.estimate.revisions import Cohort, cohort_rates

TEAMS = {40: 40, 200: 20, 2000: 8}
"""How many seeds per number of opportunities a year."""
AS_OF_MONTHS = (48, 66)
MONTH_DAYS = 30.4375
BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0)
SET_ASIDE_CASES = 20
"""Nothing is set aside in a section with fewer cases."""

Pairs = list[tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Of those waiting: predicted chance, whether a move was recorded later, whether they were set aside."""


def main() -> None:
    """Run all studies and print the tables."""
    pairs: dict[int, Pairs] = defaultdict(list)
    print("scenario   a year  cases   error    bias  closed    plan covered   width  v.err")
    for name in ("base", "adopt", "messy"):
        for size, seeds in TEAMS.items():
            rows = []
            for seed in range(seeds):
                team = simulate(zlib.crc32(f"{name} {size} {seed}".encode()), size, SCENARIOS[name])
                for months in AS_OF_MONTHS:
                    rows += compare(team, int(months * MONTH_DAYS), pairs[size])
            print(f"{name:9} {size:7} {len(rows):6} " + " ".join(f"{x:7.4f}" for x in np.nanmean(rows, axis=0)))
    for size, columns in pairs.items():
        dead_horses(size, columns)
    cascade_example()
    for size in TEAMS:
        changes(size)
    for size in TEAMS:
        revisions(size)
    speed()


def compare(team: Team, as_of: int, pairs: Pairs) -> list[tuple[float, ...]]:
    """Return a row of errors per section; add those waiting to `pairs`."""
    journeys, rows = seen(team, as_of)
    found = []
    for section, rate in enumerate(section_rates(journeys, team.plans, np.random.default_rng(1))):
        here = ~np.isnan(journeys.recorded[:, section])
        fresh = here & (journeys.recorded[:, section] >= journeys.seen_from)
        if fresh.sum() < 3:
            continue
        chance, money = team.chances[rows[fresh], section], team.values[rows[fresh], section]
        truth = float(np.nanmean(chance))
        closed = rate.moved / max(rate.moved + rate.lost, 1)
        by_value = (
            np.nan if team.scenario.revaluation else abs(rate.value_rate.mean - (chance * money).sum() / money.sum())
        )
        covered = rate.rate.low <= truth <= rate.rate.high
        found.append(
            (
                abs(rate.rate.mean - truth),
                rate.rate.mean - truth,
                abs(closed - truth),
                abs(rate.planned - truth),
                covered,
                rate.rate.high - rate.rate.low,
                by_value,
            )
        )
        _waiting(team, journeys, rows, section, rate, pairs)
    return found


def _waiting(  # noqa: PLR0917 - all columns of one study
    team: Team, journeys: Journeys, rows: np.ndarray, section: int, rate: SectionRate, pairs: Pairs
) -> None:
    here = ~np.isnan(journeys.recorded[:, section])
    cases = stays(journeys, section)
    if len(cases) != here.sum():
        return
    age = cases.age[cases.open]
    # none of their later milestones is known yet: whatever is recorded of them at all is recorded later
    later = ~np.isnan(team.observed[rows[here][cases.open], section + 1 :])
    aside = dead_after(rate.still_moves, rate.rate.mean, rate.days_p50) if len(cases) >= SET_ASIDE_CASES else None
    dead = age >= aside if aside is not None else np.zeros(len(age), bool)
    pairs.append((chance_left(rate.still_moves, age), later.any(axis=1), dead))


def dead_horses(size: int, pairs: Pairs) -> None:
    """Print what came of those who waited."""
    predicted, came, dead = (np.concatenate(column) for column in zip(*pairs, strict=True))
    print(f"\nstill moves, {size} a year: predicted against what was recorded later")
    for low, high in pairwise(BINS):
        chosen = (predicted >= low) & (predicted < high)
        if chosen.any():
            print(f"  {low:.2f}-{high:.2f} {chosen.sum():7} {predicted[chosen].mean():.3f} {came[chosen].mean():.3f}")
    print(f"  set aside: {dead.mean():.3f} of those waiting, of which {came[dead].mean():.4f} move;"
          f" of those that never move {dead[~came].mean():.3f}")  # fmt: skip


def cascade_example(seeds: int = 100) -> None:
    """Print what the cascade of the worked example asks for at milestone 1, where 1,600,000 is right."""
    for planned in (0.5, 0.6):
        plans = [SectionPlan(planned, 60.0)] * SECTIONS
        asked, inside, width = [], 0, []
        for seed in range(seeds):
            rates = section_rates(fifty_percent(seed), plans, np.random.default_rng(seed))
            asked.append(100_000 / np.prod([rate.value_rate.mean for rate in rates]))
            low, high = (100_000 * share for share in required_quantiles(rates)[0])
            inside += low <= 1_600_000 <= high
            width.append(high / low)
        print(f"\ncascade of the worked example, planned {planned}: median asked at M1 {np.median(asked):,.0f},"
              f" P10..P90 contains 1,600,000 in {inside} of {seeds}, P90/P10 {np.median(width):.2f}")  # fmt: skip


def changes(size: int) -> None:
    """Print how often a change of rate is reported: on stationary teams, and where two sections' odds fell by 60 %."""
    alarms, sections = 0, 0
    seen_falls = dict.fromkeys((66, 69, 72), 0)
    falls = wrong = 0
    seeds = 2 * TEAMS[size]
    for seed in range(seeds):
        calm = simulate(zlib.crc32(f"calm {size} {seed}".encode()), size, SCENARIOS["base"])
        for months in (48, 57, 66):
            rates = section_rates(seen(calm, int(months * MONTH_DAYS))[0], calm.plans, np.random.default_rng(1))
            alarms += sum(rate.changed is not None for rate in rates)
            sections += len(rates)
        turned = simulate(zlib.crc32(f"turn {size} {seed}".encode()), size, SCENARIOS["regime"])
        falls += 2
        for months in seen_falls:
            rates = section_rates(seen(turned, int(months * MONTH_DAYS))[0], turned.plans, np.random.default_rng(1))
            seen_falls[months] += sum(rates[section].changed is not None for section in (1, 2))
            wrong += sum((rates[section].changed or 0) > 0 for section in (1, 2))
    power = ", ".join(f"{months - 60} months after {number / falls:.2f}" for months, number in seen_falls.items())
    print(f"\nchanges, {size} a year: reported in {alarms / sections:.4f} of {sections} stationary sections;"
          f" a fall of the odds by 60 % is reported {power}; as a rise {wrong} times")  # fmt: skip


def revisions(size: int) -> None:
    """Print how often who entered after a revision is said to do otherwise: where they do (see `changes`), and not."""
    alarms = sections = falls = wrong = 0
    found = dict.fromkeys((66, 69, 72), 0)
    for seed in range(2 * TEAMS[size]):
        calm = simulate(zlib.crc32(f"calm {size} {seed}".encode()), size, SCENARIOS["base"])
        turned = simulate(zlib.crc32(f"turn {size} {seed}".encode()), size, SCENARIOS["regime"])
        falls += 2
        for months in found:
            said = _revised(calm, int(months * MONTH_DAYS))
            alarms, sections = alarms + sum(change is not None for change in said), sections + len(said)
            said = _revised(turned, int(months * MONTH_DAYS))
            found[months] += sum(said[section] is not None for section in (1, 2))
            wrong += sum((said[section] or 0) > 0 for section in (1, 2))
    power = ", ".join(f"{months - 60} months after {number / falls:.2f}" for months, number in found.items())
    print(f"\nrevisions, {size} a year: a difference is reported in {alarms / sections:.4f} of {sections} stationary"
          f" sections; a fall of the odds by 60 % is reported {power}; as a rise {wrong} times")  # fmt: skip


def _revised(team: Team, as_of: int) -> list[float | None]:
    """Return what is said of each section after a revision at the end of month 60."""
    journeys, turn = seen(team, as_of)[0], 60 * MONTH_DAYS
    ends = [(str(section), str(section + 1)) for section in range(SECTIONS)]
    spans = ((-np.inf, turn), (turn, np.inf))
    cohorts = [Cohort(journeys=journeys, plans=team.plans, ends=ends, first=first, end=end) for first, end in spans]
    return [rate.changed for rate in cohort_rates(cohorts, 1)[1]]


def speed() -> None:
    """Print the seconds of the processor that 100,000 opportunities over 5 milestones take."""
    team = simulate(3, 17_500, SCENARIOS["base"])
    journeys, rows = seen(team, int(66 * MONTH_DAYS))
    took = []
    for _ in range(3):
        start = time.process_time()
        section_rates(journeys, team.plans, np.random.default_rng(1))
        took.append(time.process_time() - start)
    print(f"\nspeed: {len(rows):,} opportunities, first {took[0]:.2f} s, again {min(took):.2f} s")


if __name__ == "__main__":
    main()
