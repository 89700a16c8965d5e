"""Makes the tests' oracles.json: made sections, and what R (cmprsk, survival, etm) and lifelines say of them.

Needs the Debian packages r-cran-cmprsk, r-cran-survival and r-cran-etm, and lifelines in the environment it runs in:
`python benchmarks/oracles.py`. The tests read only its result.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from lifelines import AalenJohansenFitter

WHERE = Path(__file__).parents[1] / "tests" / "estimate" / "data" / "oracles.json"
R = """
suppressMessages({library(cmprsk); library(survival); library(etm)})
x <- read.csv(commandArgs(TRUE)[1]); t <- scan(commandArgs(TRUE)[2], quiet = TRUE); late <- any(x$hidden > 0)
say <- function(name, v) cat(name, sprintf("%.12f", v), "\\n")
if (!late) {
  f <- cuminc(x$days, x$cause, cencode = 0); p <- timepoints(f, t)$est
  say("cmprsk moved", p["1 1", ]); say("cmprsk lost", p["1 2", ])
}
x$id <- seq_len(nrow(x)); x$state <- factor(x$cause, 0:2)
s <- if (late) survfit(Surv(hidden, days, state) ~ 1, data = x, id = id) else survfit(Surv(days, state) ~ 1, data = x)
q <- summary(s, times = t, extend = TRUE)$pstate; say("survival moved", q[, 2]); say("survival lost", q[, 3])
y <- data.frame(id = x$id, entry = x$hidden, exit = x$days, from = 0,
                to = ifelse(x$cause == 0, "cens", as.character(x$cause)))
tra <- matrix(FALSE, 3, 3); tra[1, 2:3] <- TRUE; e <- etm(y, c("0", "1", "2"), tra, "cens", s = 0)
at <- function(k) sapply(t, function(d) { w <- which(e$time <= d); if (length(w)) e$est[1, k, max(w)] else 0 })
say("etm moved", at(2)); say("etm lost", at(3))
"""


def section(rng: np.random.Generator, size: int, rate: float, median: float, *, late: bool) -> dict[str, list[float]]:
    """Return a made section with ties: days, cause (0 open, 1 moved, 2 lost), days hidden before the book began."""
    days = np.ceil(median * np.exp(rng.normal(0, 0.8, size)))
    cause = np.where(rng.random(size) < rate, 1, np.where(rng.random(size) < 0.6, 2, 0))
    days = np.where(cause == 0, 40 * median, days)
    cut = np.ceil(rng.uniform(1, 8 * median, size))
    cause, days = np.where(cut < days, 0, cause), np.minimum(cut, days)
    hidden = np.zeros(size)
    if late:
        # nobody is hidden in the first days, so that somebody is at risk at every event
        hidden = np.where(rng.random(size) < 0.5, np.floor(rng.uniform(0, median, size)), 0.0)
        seen = days > hidden
        days, cause, hidden = days[seen], cause[seen], hidden[seen]
    return {"days": days.tolist(), "cause": cause.tolist(), "hidden": hidden.tolist()}


def ask_r(cases: dict[str, list[float]], times: list[float]) -> dict[str, list[float]]:
    """Return what R prints, by package and cause."""
    with tempfile.TemporaryDirectory() as folder:
        table, at = Path(folder, "cases.csv"), Path(folder, "times.txt")
        rows = zip(cases["days"], cases["cause"], cases["hidden"], strict=True)
        table.write_text("days,cause,hidden\n" + "\n".join(",".join(map(str, row)) for row in rows) + "\n")
        at.write_text("\n".join(map(str, times)) + "\n")
        said = subprocess.run(
            ["Rscript", "-e", R, table, at],  # noqa: S607 - wherever R is
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    lines = [line.split() for line in said.splitlines()]
    answers = {f"{line[0]} {line[1]}": [float(value) for value in line[2:]] for line in lines}
    assert all(len(answer) == len(times) for answer in answers.values())
    return answers


def ask_lifelines(cases: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return untied days and lifelines' estimate on them (it breaks ties at random)."""
    days, cause = np.array(cases["days"]), np.array(cases["cause"])
    order = np.lexsort((cause == 0, days))
    days, cause = days[order] + np.arange(len(days)) * 1e-4, cause[order]
    fit = AalenJohansenFitter(calculate_variance=False).fit(days, cause, event_of_interest=1).cumulative_density_
    return {
        "days": days.tolist(),
        "cause": cause.tolist(),
        "moved": np.interp(days, fit.index.values, fit.iloc[:, 0].values).tolist(),
    }


def main() -> None:
    """Write the file."""
    rng = np.random.default_rng(20261123)
    made = []
    for number in range(14):
        late = number >= 10
        size = int(rng.integers(25, 260))
        cases = section(rng, size, rng.uniform(0.3, 0.7), rng.uniform(10, 80), late=late)
        times = [float(t) for t in np.unique(np.quantile(cases["days"], np.linspace(0.05, 0.99, 12)).round())]
        entry = {"cases": cases, "times": times, "R": ask_r(cases, times)}
        if not late:
            entry["lifelines"] = ask_lifelines(cases)
        made.append(entry)
    WHERE.write_text(json.dumps(made, separators=(",", ":")).replace('{"cases"', '\n{"cases"') + "\n")


if __name__ == "__main__":
    main()
