"""One simulated team, forecast from several origins: scores of every method, money over the team's mean month."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from methods import auto_ets, crm, own_paths, run_rate
from simulator import MILESTONES, SCENARIOS, Team, seen, simulate

from milestone_cli.domain.day import first_of_month, month_of
from milestone_cli.estimate.arrivals import between
from milestone_cli.estimate.counts import MONTH
from milestone_cli.estimate.journeys import Floats
from milestone_cli.estimate.scores import crps

MONTHS = 12
SUMS = {"s3": 3, "s6": 6, "s12": 12}
ORIGINS = (48, 54, 60, 66, 72)
ORIGINS_AFTER_TURN = (63, 66, 69, 72)
"""The market turned at month 60."""
LAST = MILESTONES - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to study."""

    scenario: str
    size: int
    seed: int
    tag: str
    """Names a family of seeds."""
    origins: tuple[int, ...] | None = None
    milestones: bool = False
    """Also at the milestones before the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How good one method was at one origin."""

    scenario: str
    size: int
    seed: int
    origin: int
    milestone: int
    method: str
    span: str
    """s3, s6, s12, or the number of a single month."""
    crps: float
    bias: float
    """Mean less what came, over months."""
    said: float
    """Mean, over months."""
    came: float
    in_80: bool
    in_90: bool


def study(job: Job) -> list[Score]:
    """Return the scores of all methods at all origins."""
    team = simulate(zlib.crc32(f"{job.tag} {job.scenario} {job.size} {job.seed}".encode()), job.size,
                    SCENARIOS[job.scenario])  # fmt: skip
    origins = job.origins or (ORIGINS_AFTER_TURN if job.scenario == "regime" else ORIGINS)
    scores: list[Score] = []
    for origin in origins:
        month = month_of(0) + origin
        ends = [first_of_month(month + ahead) - 1 for ahead in range(MONTHS + 1)]
        journeys, _ = seen(team, ends[0])
        if len(journeys.recorded) < 5:
            continue
        rng = np.random.default_rng((job.seed, origin))
        milestones = range(MILESTONES) if job.milestones else (LAST,)
        own = own_paths(journeys, team.plans, ends, list(milestones))
        for milestone in milestones:
            came, scale = _came(team, ends, milestone), _mean_month(team, milestone, job.size)
            methods = {"ms": own[milestone], "run12": run_rate(journeys, milestone, ends, rng)}
            if milestone == LAST:
                methods["crm"] = crm(journeys, team.plans, ends, rng)
                ets = auto_ets(journeys, milestone, MONTHS, rng)
                if ets is not None:
                    methods["ets"] = ets
            for method, paths in methods.items():
                scores += [
                    Score(scenario=job.scenario, size=job.size, seed=job.seed, origin=origin, milestone=milestone,
                          method=method, span=span, **scored)
                    for span, scored in _spans(paths / scale, came / scale)
                ]  # fmt: skip
    return scores


def _spans(paths: Floats, came: Floats) -> list[tuple[str, dict[str, float]]]:
    found = [
        (name, _score(paths[:, :months].mean(axis=1), float(came[:months].mean()))) for name, months in SUMS.items()
    ]
    return found + [(str(month + 1), _score(paths[:, month], float(came[month]))) for month in range(len(came))]


def _score(paths: Floats, came: float) -> dict[str, float]:
    p05, p10, p90, p95 = np.quantile(paths, (0.05, 0.1, 0.9, 0.95))
    return {
        "crps": float(crps(paths, np.array(came))),
        "bias": float(paths.mean()) - came,
        "said": float(paths.mean()),
        "came": came,
        "in_80": bool(p10 <= came <= p90),
        "in_90": bool(p05 <= came <= p95),
    }


def _came(team: Team, ends: list[int], milestone: int) -> Floats:
    """Return the money that truly arrived in each month, recorded or not."""
    days = team.truth[:, milestone]
    there = ~np.isnan(days)
    edges = np.array(ends) + 1
    return between(days[there], edges, team.values[there, milestone])


def _mean_month(team: Team, milestone: int, size: int) -> float:
    """Return the team's mean month from the third to the seventh year; of tiny teams at least a share of the inflow."""
    days, first = team.truth[:, milestone], 30 * MONTH
    inside = (days >= first) & (days < 84 * MONTH)
    least = 0.3 * size / 12 * float(team.values[:, 0].mean()) * float(np.prod(np.nanmean(team.chances, axis=0)))
    return max(float(team.values[inside, milestone].sum()) / 54, least)
