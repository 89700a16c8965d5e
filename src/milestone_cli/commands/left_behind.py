"""Where something forgotten may still lie, and the commands that do something about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.reports.forgotten import Places


def finishing(call: Call, *flags: str) -> str:
    """Return the command that finishes a forgetting."""
    from milestone_cli.commands.opening import same_file

    return same_file(" ".join(("ms forget --finish", *flags)), call)


def overwrite_now(call: Call) -> None:
    """Write the file anew, so that nothing is left in it of what is forgotten.

    Raises:
        NotOverwritten: something kept it from that; the command that finishes it is told.
    """
    from milestone_cli.store.traces import overwrite

    waiting = "Waiting for another ms to finish with the file ..."
    overwrite(call.path, finishing(call), on_wait=lambda: call.terminal.say(waiting))


def lying(call: Call, copies: Sequence[Path], deleted: Sequence[Path], removed: Sequence[Path]) -> Places:
    """Return which copies still hold it, which are gone, and the commands that do something about the rest."""
    from milestone_cli.reports.forgotten import Places
    from milestone_cli.store.traces import automatic_among, unfinished

    kept = [copy for copy in copies if copy not in deleted]
    automatic = automatic_among(call.path, kept)
    return Places(
        backups=tuple(map(str, automatic)),
        set_aside=tuple(str(copy) for copy in kept if copy not in automatic),
        unfinished=tuple(map(str, unfinished(call.path))),
        deleted=tuple(map(str, deleted)),
        removed=tuple(map(str, removed)),
        delete=finishing(call, "--delete-backups"),
        finish=finishing(call),
    )
