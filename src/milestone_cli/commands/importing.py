"""What every import does with the lines of a file: take them, and say what came of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from milestone_cli.errors import Damaged

if TYPE_CHECKING:
    from milestone_cli.exchange.gathered import Gathering
    from milestone_cli.exchange.taken import Remarks, Taken
    from milestone_cli.options import Call
    from milestone_cli.reports.imported import Imported, Remarked
    from milestone_cli.reports.oddities import Odd
    from milestone_cli.store.bulk import Known
    from milestone_cli.store.recording import Ledger


@dataclass(frozen=True, slots=True)
class AboutFiles:
    """What is told of the files of another system beside what was taken of them."""

    odd: Sequence[Odd] = ()
    notices: Sequence[str] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    sheets_left_out: Sequence[str] = ()


NOTHING_MORE = AboutFiles()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user says that no file can tell."""

    complete: bool = False
    """Every loss is in the files, even if there is none."""
    with_forgotten: bool = False
    """What says the same as a forgotten opportunity goes in as any other."""


def take_gathered(
    call: Call,
    ledger: Ledger,
    gathering: Gathering,
    known: dict[str, Known],
    asked: Asked,
    *,
    about: AboutFiles = NOTHING_MORE,
) -> Imported:
    """Append what is new of the lines, with a copy of the file before, and return what is said of it."""
    from milestone_cli.exchange.taking import take
    from milestone_cli.store.backup import automatic_backup
    from milestone_cli.store.whole import is_empty

    was_empty = is_empty(ledger.book.connection)
    with call.terminal.progress(len(gathering.opportunities), "Recording") as progress:
        taken = take(
            ledger, gathering, known, today=call.today, complete=asked.complete,
            with_forgotten=asked.with_forgotten, progress=progress,
        )  # fmt: skip
    saved = None
    if taken.facts and not call.dry_run and not was_empty:
        # what this command has written so far is seen by nobody else: the copy is the file as it was
        saved = automatic_backup(ledger.book.path, "import")
        if saved is None:
            raise Damaged(
                "The file is damaged, so no backup of it could be written before the import. Nothing was recorded.",
                "`ms check` says more.",
            )
    return _report(call, taken, gathering, about, None if saved is None else str(saved))


def _report(call: Call, taken: Taken, gathering: Gathering, about: AboutFiles, backup: str | None) -> Imported:
    from milestone_cli.exchange.taken import few_losses
    from milestone_cli.reports.imported import Imported

    processes = taken.processes.items()
    return Imported(
        source=gathering.source,
        lines=gathering.lines,
        facts=taken.facts,
        opportunities=taken.opportunities,
        present=taken.present,
        reps=taken.reps,
        left_out=_remarked(taken.left_out, gathering),
        out_of_order=_remarked(taken.out_of_order, gathering),
        gone=_remarked(taken.gone, gathering),
        missing=_remarked(taken.missing, gathering),
        may_be_back=_remarked(taken.may_be_back, gathering),
        odd=about.odd,
        notices=about.notices,
        dropped=about.dropped,
        sheets_left_out=about.sheets_left_out,
        reopened=taken.reopened,
        skipped=dict(gathering.skipped),
        first_day=taken.first_day,
        last_day=taken.last_day,
        history_from={name: one.history_from for name, one in processes if one.history_from is not None},
        few_losses={name: (one.lost, one.lost + one.won) for name, one in processes if few_losses(one)},
        backup=backup,
        dry_run=call.dry_run,
    )


def _remarked(remarks: Remarks, gathering: Gathering) -> Remarked:
    from milestone_cli.exchange.gathered import place_of
    from milestone_cli.reports.imported import Remark, Remarked

    sources = gathering.sources or (gathering.source,)
    places = [(*place_of(number), key, what) for number, key, what in remarks.first]
    return Remarked(remarks.count, [Remark(sources[file], line, key, what) for file, line, key, what in places])


@contextmanager
def without_collector() -> Iterator[None]:
    """Millions of small values and no cycles: looking for garbage would only cost."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
