"""What is compared: the forecast, the run rate, a CRM's weighted pipeline and, where it is installed, AutoETS.

Every method gets the journeys as they were known at the origin and gives P x H simulated money.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from milestone_cli.estimate.counts import MONTH
from milestone_cli.estimate.forecast import forecast
from milestone_cli.estimate.hindcasts import calibrated, hindcasts
from milestone_cli.estimate.journeys import Floats, Journeys
from milestone_cli.estimate.naive import past_months, pipeline_paths, run_rate_paths
from milestone_cli.estimate.plan import ProcessPlan, SectionPlan

PATHS = 1000
ETS_MONTHS = 48
_HALF_OF_80 = 1.28155


def own_paths(
    journeys: Journeys, plans: Sequence[SectionPlan], ends: Sequence[int], milestones: Sequence[int] | None = None
) -> Floats:
    """Return k x P x H: the forecast, calibrated."""
    learnt = calibrated(journeys, hindcasts(journeys, lambda _: ProcessPlan(plans)))
    found = forecast(journeys, plans, ends, calibration=learnt, milestones=milestones, paths=PATHS)
    return found.money[:, :, 1:]


def run_rate(journeys: Journeys, milestone: int, ends: Sequence[int], rng: np.random.Generator) -> Floats:
    """Return P x H: a bootstrap of the last twelve months."""
    lengths = np.diff(np.asarray(ends, dtype=np.float64)) / MONTH
    return run_rate_paths(past_months(journeys, milestone), lengths, PATHS, rng)


def crm(journeys: Journeys, plans: Sequence[SectionPlan], ends: Sequence[int], rng: np.random.Generator) -> Floats:
    """Return P x H: planned chances times potentials over twice the planned days that are left."""
    days = np.asarray(ends[1:], dtype=np.float64) - ends[0]
    return pipeline_paths(journeys, plans, days, PATHS, rng)


def auto_ets(journeys: Journeys, milestone: int, months: int, rng: np.random.Generator) -> Floats | None:
    """Return P x H by AutoETS of statsforecast on the monthly sums; None where it is not installed or fails."""
    try:
        from statsforecast.models import AutoETS
    except ImportError:
        return None
    past = past_months(journeys, milestone, ETS_MONTHS)
    model = AutoETS(season_length=12 if len(past) >= 30 else 1)
    try:
        said = model.forecast(y=past, h=months, level=[80])
    except Exception:  # noqa: BLE001 - it fails in many ways on short or empty series
        return None
    spread = np.maximum((said["hi-80"] - said["lo-80"]) / 2 / _HALF_OF_80, 1e-6)
    return np.maximum(said["mean"] + spread * rng.normal(size=(PATHS, months)), 0.0)
