"""`ms log`: the commands of the journal, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from milestone_cli.options import Call

if TYPE_CHECKING:
    from milestone_cli.reports.show import Moment

SHOWN = 25
"""A terminal lists so many unless --limit says otherwise."""


def log(
    call: Call,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="List no more than N.")] = None,
    opportunity: Annotated[
        str | None, typer.Option("--opportunity", metavar="OPPORTUNITY", help="Only commands about this one.")
    ] = None,
) -> None:
    """List what was recorded, newest first: when, by whom, about what, and whether it was taken back.

    Examples:
      ms log --limit 5
      ms log --opportunity acme
    """
    from milestone_cli.commands.opening import reading_journal
    from milestone_cli.reports.log import LoggedCommand, log_document
    from milestone_cli.store.log import about_opportunity, logged
    from milestone_cli.store.undo import commands

    with reading_journal(call) as book:
        found = commands(book.connection)[::-1]
        if opportunity is not None:
            wanted = about_opportunity(book, book.find(opportunity))
            found = [command for command in found if command.number in wanted]
        shown = found[: limit or (SHOWN if on_screen(call) else len(found))]
        rows = [
            LoggedCommand(
                number=one.command.number,
                id=one.command.id,
                name=one.command.name,
                who=one.command.who,
                entered_at=one.command.entered_at,
                facts=one.facts,
                about=one.about,
                more=one.more,
                undoes=one.command.undoes,
                undone=one.command.undone,
            )
            for one in logged(book, shown)
        ]
    call.show(log_document(rows, len(found), local_time(call)))


def on_screen(call: Call) -> bool:
    """Return whether a person reads this on a terminal; files, pipes and programs get everything."""
    from milestone_cli.render.output import Format

    return call.output is None and call.format is Format.TABLE and call.terminal.is_terminal


def local_time(call: Call) -> Moment:
    """Return how a time of the journal reads in the user's zone: 2026-11-23 14:05."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    name = call.settings.text("zone")
    zone = None if name is None else ZoneInfo(name)

    def shown(microseconds: int) -> str:
        return datetime.fromtimestamp(microseconds // 1_000_000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")

    return shown
