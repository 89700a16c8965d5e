"""The whole book as JSON: commands, facts with their ids (voided ones and voids too), texts, names, snapshots.

Invariant: what is read back is checked at the border by type and range before a row of it is written, and as a book
after; it goes into an empty file alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError, create_model

from milestone_cli import __version__
from milestone_cli.domain.day import MAX_DAY, MIN_DAY, iso, parse_iso
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.text import clean_name, quoted
from milestone_cli.errors import InvalidValue, MsError
from milestone_cli.store.whole import ROWS, Rows, brought_up, columns_of

FORMAT = "milestone-book"
VERSION = 2
"""Version 1 had the names of users in the commands."""
_DAYS = frozenset({"day", "known_day"})
"""Columns that read as YYYY-MM-DD in the file."""
_LONGEST = 10_000

_Number = Annotated[StrictInt, Field(ge=1, le=2**53)]
_Moment = Annotated[StrictInt, Field(ge=0, le=2**53)]
_Text = Annotated[StrictStr, Field(max_length=_LONGEST)]
_Id = Annotated[StrictStr, Field(pattern=r"^[0-9a-f]{32}$")]
_Hash = Annotated[StrictStr, Field(pattern=r"^([0-9a-f]{64})?$")]
_Day = Annotated[StrictStr, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_Kind = Annotated[StrictStr, Field(pattern=f"^({'|'.join(kind.value for kind in Kind)})$")]
_TYPES: dict[str, Any] = {
    "number": _Number, "command": _Number, "process": _Number, "customer": _Number, "text": _Number, "fact": _Number,
    "position": _Moment, "entered_at": _Moment, "made_at": _Moment, "month": _Moment, "recorded_at": StrictInt | None,
    "undoes": _Number | None, "author": _Number | None, "opportunity": _Number | None, "previous": _Hash, "hash": _Hash,
    "day": _Day, "known_day": _Day, "kind": _Kind, "payload": dict[str, Any],
}  # fmt: skip
"""By column; every other one is a text."""


class InvalidBook(MsError):
    """A JSON file that is no book of ours."""

    code = "invalid_book"


def book_lines(rows: Rows) -> Iterator[str]:
    """Yield the JSON text of a book piece by piece, one row a line."""
    head = {"format": FORMAT, "version": VERSION, "made_by": f"ms {__version__}"}
    yield "{\n" + ",\n".join(f"{_dumped(name)}: {_dumped(value)}" for name, value in head.items())
    for name in ROWS:
        yield f",\n{_dumped(name)}: ["
        separator = "\n"
        for row in rows[name]:
            yield separator + _dumped({key: iso(value) if key in _DAYS else value for key, value in row.items()})
            separator = ",\n"
        yield "]"
    yield "\n}\n"


def _dumped(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    if text.isprintable():
        return text
    # the same value, and nothing in it that steers a terminal or is no character
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def read_book(text: bytes, source: str) -> Rows:
    """Return the rows of a book in JSON.

    Args:
        text: the content of the file.
        source: its name for messages.

    Raises:
        InvalidBook: not JSON, not a book, made by a newer version, or a row that is none.
    """
    try:
        found = json.loads(text.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise InvalidBook(f"{source} is not valid UTF-8.", _HINT) from error
    except (ValueError, RecursionError) as error:
        raise InvalidBook(f"{source} is not valid JSON.", _HINT) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InvalidBook(f"{source} is no book: `ms export -o book.json` writes one.", "Facts go in as csv or tsv.")
    version = found.get("version")
    if version not in (1, VERSION):
        raise InvalidBook(f"{source} was written by a newer ms.", "Bring this one up to date first.")
    rows = {name: _rows(name, found.get(name), source, version) for name in ROWS}
    return rows if version == VERSION else brought_up(rows)


_HINT = "Export it once more with `ms export -o book.json`."


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _rows(name: str, found: object, source: str, version: int) -> list[dict[str, Any]]:
    if not isinstance(found, list):
        raise InvalidBook(f"{source} has no list {quoted(name)}.", _HINT)
    columns = [column for column in columns_of(name) if version > 1 or column != "author"]
    model = _model(name, columns)
    rows = []
    for place, row in enumerate(found, start=1):
        try:
            checked = model.model_validate(row).model_dump()
            for column in _DAYS & checked.keys():
                checked[column] = parse_iso(checked[column])
            _check_texts(name, checked)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "all of it"
            raise InvalidBook(
                f"{source}: {name} {place} is not as it was exported ({quoted(where)}).", _HINT
            ) from error
        except (InvalidValue, RecursionError) as error:
            why = error.message if isinstance(error, InvalidValue) else "It is nested too deep."
            raise InvalidBook(f"{source}: {name} {place}: {why}", _HINT) from error
        rows.append(checked)
    return rows


def _model(name: str, columns: list[str]) -> type[BaseModel]:
    fields: dict[str, Any] = {column: (_TYPES.get(column, _Text), ...) for column in columns}
    if name == "external":
        fields["fact"] = (_Number, ...)
    if "id" in fields:
        fields["id"] = (_Id, ...)
    return create_model(f"Book_{name}", __config__=ConfigDict(extra="forbid"), **fields)


def _check_texts(name: str, row: dict[str, Any]) -> None:
    """Refuse what no command would have stored: control characters, names too long, days out of range."""
    for column in ("body", "name", "key"):
        value = row.get(column)
        if value and clean_name(value, f"{column} of a {name}", limit=_LONGEST) != value:
            raise InvalidValue(f"The {column} is not as it was stored.")
    for column in ("since", "revisit", "from"):
        day = row.get("payload", {}).get(column)
        if day is not None and not (isinstance(day, int) and MIN_DAY <= day <= MAX_DAY):
            raise InvalidValue(f"The day {quoted(str(day))} in it is none.")
