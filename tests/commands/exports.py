"""Exports of other systems on disk, and the facts that they became."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Protocol, overload

from tests.exchange.exported import File


@overload
def put(place: Path, map_: str, /) -> str: ...
@overload
def put(place: Path, /, *files: File) -> list[str]: ...


def put(place: Path, /, *files: File | str) -> list[str] | str:
    """Write files, or the text of a map, and return where."""
    if isinstance(files[0], str):
        path = place / "map.toml"
        path.write_text(files[0], encoding="utf-8")
        return str(path)
    for file in files:
        (place / file.name).write_bytes(file.content)
    return [str(place / file.name) for file in files]


class Take(Protocol):
    """Imports files of one system."""

    def __call__(self, team: Any, place: Path, map_: str, *files: File, code: int = 0) -> Any: ...


def taker(*options: str) -> Take:
    """Return what imports files with these options, and what was said, which ends with the exit code given."""

    def take(team: Any, place: Path, map_: str, *files: File, code: int = 0) -> Any:
        said = team("import", *put(place, *files), *options, "--map", put(place, map_), "--json")
        assert said.code == code, said.err
        return said

    return take


def odd(said) -> dict[str, int]:
    """Return how many there were of each kind of oddity."""
    return {one["what"]: one["count"] for one in said.json["oddities"]}


def facts(ms) -> dict[str, list[tuple[str, ...]]]:
    """Return the facts of each opportunity as `ms export` has them.

    Of each: milestone, date, value, customer, title, rep, outcome, reason.
    """
    found: dict[str, list[tuple[str, ...]]] = {}
    wanted = ("milestone", "date", "value", "customer", "title", "rep", "outcome", "reason")
    for row in csv.DictReader(io.StringIO(ms("export").out)):
        found.setdefault(row["opportunity"], []).append(tuple(row[name] for name in wanted))
    return found


def rows_of(file: File) -> list[list[str]]:
    """Return the cells of a file."""
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
