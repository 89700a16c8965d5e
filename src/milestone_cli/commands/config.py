"""`ms config`: every setting with its value and where it comes from; `ms config set` changes one.

Invariant: what is shown is what the commands use, checked in the same way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from milestone_cli.config import KEYS, Settings, load_settings, set_value
from milestone_cli.domain.text import quoted
from milestone_cli.errors import UsageError, suggestions
from milestone_cli.options import Call
from milestone_cli.reports.table import CellKind, Column, Document, Line, Plural, Sentence, Table, Value

_COLUMNS = (
    Column("key", "Setting", CellKind.TEXT),
    Column("value", "Value", CellKind.NAME),
    Column("source", Sentence("From", context="source"), CellKind.NAME),
    Column("meaning", "Meaning", CellKind.WORD, importance=3),
)


def config(
    call: Call,
    action: Annotated[str | None, typer.Argument(metavar="set", help="`set` changes a setting.")] = None,
    key: Annotated[str | None, typer.Argument(metavar="SETTING", help="The setting to change.")] = None,
    value: Annotated[str | None, typer.Argument(metavar="VALUE", help="Its new value.")] = None,
) -> None:
    """Show every setting with its value and where it comes from, or set one.

    Options rule over variables like MS_DB, those over the config file, that over the defaults.

    Examples:
      ms config
      ms config set locale de
    """
    if action is None:
        call.show(_settings(call.settings))
        return
    if action != "set":
        near = suggestions(action, ("set",))
        raise UsageError(f'`ms config` can only "set", not {quoted(action)}.', "Did you mean `set`?" if near else _FORM)
    if key is None or value is None:
        raise UsageError("`ms config set` needs a setting and a value.", _FORM)
    stored = set_value(key, value, call.session.environ)
    call.mark_recorded()
    call.show(_stored(stored.key, load_settings(call.session.environ)))


_FORM = "For example: `ms config set locale de`."


def _settings(settings: Settings) -> Document:
    from milestone_cli.store.backup import automatic_backups, backup_directory

    directory, kept = backup_directory(settings.db), automatic_backups(settings.db)
    rows = tuple((one.key, _shown(one.value), one.source, KEYS[one.key].meaning) for one in settings.all())
    return Document(
        tables=(Table(title="Settings", columns=_COLUMNS, rows=rows),),
        after=(Sentence("The config file is {}.", (_name(settings.config_path),)), *_backup_lines(directory, kept)),
        json={
            "config_file": str(settings.config_path),
            "settings": [{"key": one.key, "value": one.value, "source": one.source} for one in settings.all()],
            "backups": {
                "directory": str(directory),
                "count": len(kept),
                "newest": str(kept[0]) if kept else None,
                "files": [str(file) for file in kept],
            },
        },
    )


def _backup_lines(directory: Path, kept: list[Path]) -> tuple[Line, ...]:
    """Say which automatic backups there are, newest first, when one is written and how long it stays."""
    from milestone_cli.store.backup import KEPT_NEWEST

    rule = Sentence(
        "One is written before an import, a merge, a restore and an update of the file, and by `ms forget "
        "--delete-backups`; kept are the {} newest and the newest of each month. `ms restore` goes back to the newest.",
        (Value(KEPT_NEWEST, CellKind.COUNT),),
    )
    if not kept:
        return Sentence("No automatic backup yet; they lie in {}.", (_name(directory),)), rule
    count = Value(len(kept), CellKind.COUNT)
    listed: list[Line] = [Sentence("  {}", (_name(Path(file.name)),)) for file in kept[:KEPT_NEWEST]]
    if len(kept) > KEPT_NEWEST:
        older = Value(len(kept) - KEPT_NEWEST, CellKind.COUNT)
        listed.append(Plural("and 1 older one", "and {} older ones", len(kept) - KEPT_NEWEST, (older,)))
    return Sentence("Automatic backups: {} in {}, newest first:", (count, _name(directory))), *listed, rule


def _name(path: Path) -> Value:
    return Value(str(path), CellKind.NAME)


def _stored(key: str, settings: Settings) -> Document:
    """What holds from now on: a variable may still rule over what was stored."""
    one = settings.setting(key)
    row = (one.key, _shown(one.value), one.source, KEYS[key].meaning)
    return Document(
        tables=(Table(title="Settings", columns=_COLUMNS, rows=(row,)),),
        json={"key": one.key, "value": one.value, "source": one.source},
    )


def _shown(value: str | bool | None) -> str | None:
    return str(value).lower() if isinstance(value, bool) else value
