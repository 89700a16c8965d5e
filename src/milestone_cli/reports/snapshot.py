"""Which snapshot figures rest on.

Invariant: a snapshot holds what was true before its month's first day, and says by which rates it was made.
"""

from __future__ import annotations

from milestone_cli.domain.basis import Basis
from milestone_cli.domain.day import first_of_month, iso, month_label
from milestone_cli.reports.table import CellKind, Line, Sentence, Value, counted, named


def snapshot_line(basis: Basis) -> Line:
    """Return the name of a snapshot, until when it knows the facts, and of which kind it is."""
    return Sentence(
        "Snapshot of {}, from the facts up to {}: {} rates of version {}.",
        (
            named(month_label(basis.month)),
            Value(first_of_month(basis.month) - 1, CellKind.DAY),
            basis.source.value,
            counted(basis.version),
        ),
    )


def snapshot_json(basis: Basis) -> dict[str, object]:
    """Return the same as plain values."""
    return {
        "month": month_label(basis.month),
        "until": iso(first_of_month(basis.month) - 1),
        "version": basis.version,
        "rates": basis.source.value,
    }
