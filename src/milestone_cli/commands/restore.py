"""`ms restore`: back to a backup, after saying what that costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.commands.backup import how_much
from milestone_cli.errors import NoFileYet, RuleBroken
from milestone_cli.options import Call
from milestone_cli.reports.table import CellKind, Document, Line, Plural, Sentence, Value, counted

if TYPE_CHECKING:
    from milestone_cli.store.contents import Loss
    from milestone_cli.store.restore import Restored


def restore(
    call: Call,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The backup; the newest automatic one.")] = None,
) -> None:
    """Go back to a backup. What is there now is saved first, so that this too can be taken back.

    Examples:
      ms restore
      ms restore ms-2026-11-23.db --yes
    """
    from milestone_cli.store.contents import loss
    from milestone_cli.store.restore import restore as put_back

    source = newest_backup(call) if file is None else file
    try:
        cost = loss(call.path, source)
    except NoFileYet as error:
        raise RuleBroken(f"No backup at {source}.", "`ms config` says where the automatic ones are.") from error
    if call.dry_run:
        call.show(
            Document(before=(*_cost(call.path, source, cost), "Nothing was changed."), json=_json(call, source, cost))
        )
        return
    if not call.yes:
        for line in _cost(call.path, source, cost):
            call.terminal.say(line)
        if not call.terminal.confirm("Go back to it?"):
            raise RuleBroken("Not restored: the answer was no.", "The file is as it was.")
    done = put_back(
        call.path, source, on_wait=lambda: call.terminal.say("Waiting for another ms to finish with the file ...")
    )
    call.mark_recorded()
    call.show(Document(before=_done(call, source, cost, done), json=_json(call, source, cost, done)))


def newest_backup(call: Call) -> Path:
    """Return the newest automatic backup of the file."""
    from milestone_cli.store.backup import automatic_backups

    found = automatic_backups(call.path)
    if not found:
        raise RuleBroken(
            f"There is no automatic backup of {call.path}.", "Name one: `ms restore FILE`; `ms backup FILE` makes one."
        )
    return found[0]


def _cost(path: Path, source: Path, cost: Loss) -> tuple[Line, ...]:
    """Say which backup it is, and what is lost."""
    return _which(source, cost), _lost(path, cost)


def _which(source: Path, cost: Loss) -> Sentence:
    if cost.backup.last_at is None:
        return Sentence("The backup is {}; it holds no facts yet.", (_path(source),))
    amount = how_much(cost.backup.facts, cost.backup.commands)
    return Sentence("The backup is {}: {}, the last of {}.", (_path(source), amount, _time(cost.backup.last_at)))


def _lost(path: Path, cost: Loss) -> Sentence:
    if cost.present is None:
        return Sentence("What {} holds now cannot be read.", (_path(path),))
    if not cost.commands:
        return Sentence("Everything in {} is in the backup too: nothing is lost.", (_path(path),))
    return Sentence("In {} and not in the backup: {}.", (_path(path), how_much(cost.facts, cost.commands)))


def _done(call: Call, source: Path, cost: Loss, done: Restored) -> tuple[Line, ...]:
    amount = how_much(cost.backup.facts, cost.backup.commands)
    lines: list[Line] = [Sentence("{} is now as in {}: {}.", (_path(call.path), _path(source), amount))]
    if cost.present is not None and cost.commands:
        lines.append(Sentence("No longer in it: {}.", (how_much(cost.facts, cost.commands),)))
    if done.saved is not None:
        lines.append(
            Sentence("What it held before is in {}: `{}` goes back to that.", (_path(done.saved), _back(call)))
        )
    if done.forgotten:
        lines.append(
            Plural(
                "1 text that was forgotten since the backup stays forgotten.",
                "{} texts that were forgotten since the backup stay forgotten.",
                done.forgotten,
                (counted(done.forgotten),),
            )
        )
    if done.set_aside is not None:
        lines.append(Sentence("The damaged file lies in {} now.", (_path(done.set_aside),)))
    return tuple(lines)


def _back(call: Call) -> Value:
    from milestone_cli.commands.opening import same_file

    return Value(same_file("ms restore", call), CellKind.NAME)


def _path(path: Path) -> Value:
    return Value(str(path), CellKind.NAME)


def _time(microseconds: int) -> Value:
    from datetime import UTC, datetime

    return Value(f"{datetime.fromtimestamp(microseconds / 1e6, UTC).astimezone():%Y-%m-%d %H:%M}", CellKind.TEXT)


def _json(call: Call, source: Path, cost: Loss, done: Restored | None = None) -> dict[str, object]:
    found: dict[str, object] = {
        "file": str(call.path),
        "from": str(source),
        "facts": cost.backup.facts,
        "commands": cost.backup.commands,
        "lost_facts": None if cost.present is None else cost.facts,
        "lost_commands": None if cost.present is None else cost.commands,
    }
    if done is None:
        return found | {"dry_run": True}
    return found | {
        "saved": None if done.saved is None else str(done.saved),
        "set_aside": None if done.set_aside is None else str(done.set_aside),
        "still_forgotten": done.forgotten,
    }
