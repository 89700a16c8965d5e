"""`ms backup`: a consistent copy of the file, while others write to it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from milestone_cli.options import Call
from milestone_cli.reports.table import Document, Plural, Sentence, counted, named


def backup(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; its directory must be there.")],
) -> None:
    """Write a consistent copy of the file to FILE, while others may write to it.

    Copying the file by other means can miss the newest facts. An older copy of the same book is replaced; anything else
    only with --yes.

    Examples:
      ms backup ms-2026-11-23.db
      ms backup /media/stick/ms.db --yes
    """
    from milestone_cli.commands.opening import same_file
    from milestone_cli.store.backup import backup as copy
    from milestone_cli.store.contents import contents_at

    place = copy(call.path, file, overwrite=call.yes, dry_run=call.dry_run)
    held = contents_at(call.path if call.dry_run else place)
    template = "{} would be copied to {}." if call.dry_run else "{} copied and checked to {}."
    back = same_file(f"ms restore {shlex.quote(str(place))}", call)
    call.show(
        Document(
            before=(
                Sentence(template, (how_much(held.facts, held.commands), named(str(place)))),
                Sentence("`{}` goes back to it.", (named(back),)),
            ),
            json={
                "backup": str(place),
                "facts": held.facts,
                "commands": held.commands,
                **({"dry_run": True} if call.dry_run else {}),
            },
        )
    )


def how_much(facts: int, commands: int) -> Sentence:
    """Return `3 facts in 1 command`."""
    return Sentence(
        "{} in {}",
        (
            Plural("{} fact", "{} facts", facts, (counted(facts),)),
            Plural("{} command", "{} commands", commands, (counted(commands),)),
        ),
    )
