"""What a team has set up: its processes, reps and targets, as of a day.

Invariant: rep numbers and process keys are the identities; names and keys of reps are texts that may be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from milestone_cli.domain.day import Day
from milestone_cli.domain.process import BEGINNING, ProcessHistory
from milestone_cli.domain.text import fold
from milestone_cli.errors import ProcessNeeded, UnknownName


@dataclass(frozen=True, slots=True)
class Rep:
    """Someone who owns opportunities."""

    number: int
    key: str
    name: str
    began: Day
    """`--from`, or the first fact naming them, the earlier."""
    retired_on: Day | None = None

    def active_on(self, day: Day) -> bool:
        """Return whether the rep had not retired by `day`."""
        return self.retired_on is None or self.retired_on > day


@dataclass(frozen=True, slots=True)
class Target:
    """Money wanted at the last milestone per month, from a month on."""

    process: str
    rep: int | None
    """The rep's number; None is the team."""
    amount: int
    """Minor units per month; 0 is no target."""
    set_on: Day
    valid_from: Day | None
    """None holds from the beginning of time."""

    @property
    def begins(self) -> Day:
        """`valid_from` as a day that can be compared."""
        return BEGINNING if self.valid_from is None else self.valid_from


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything a team has set up, in the order it was entered."""

    processes: Mapping[str, ProcessHistory] = field(default_factory=dict)
    reps: Mapping[int, Rep] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()

    def process(self, name: str) -> ProcessHistory:
        """Return the process called `name`, or raise UnknownName with the nearest ones."""
        found = self.processes.get(name.strip().lower())
        if found is None:
            raise UnknownName("process", name, self.processes, "`ms processes` lists them.")
        return found

    def the_process(self, name: str | None) -> ProcessHistory:
        """Return the process called `name`, else the only one there is; raise ProcessNeeded otherwise."""
        if name is not None:
            return self.process(name)
        if len(self.processes) != 1:
            raise ProcessNeeded(self.processes)
        return next(iter(self.processes.values()))

    def rep(self, name: str) -> Rep:
        """Return the rep with the key `name`, or raise UnknownName with the nearest ones."""
        wanted = fold(name.strip())
        for rep in self.reps.values():
            if fold(rep.key) == wanted:
                return rep
        raise UnknownName("rep", name, (rep.key for rep in self.reps.values()), "`ms reps` lists them.")

    def seen(self, as_of: Day) -> Setup:
        """Return the set-up as of a day: what was set later is not there; the first of all always is."""
        processes = {key: history.seen(as_of) for key, history in self.processes.items()}
        firsts = {id(target) for target in first_targets(self.targets)}
        targets = tuple(t for t in self.targets if t.set_on <= as_of or id(t) in firsts)
        return Setup(processes, self.reps, targets)


def first_targets(targets: Iterable[Target]) -> list[Target]:
    """Return the first target of each process and owner, in the order entered: these always count."""
    firsts: dict[tuple[str, int | None], Target] = {}
    for target in targets:
        firsts.setdefault((target.process, target.rep), target)
    return list(firsts.values())
