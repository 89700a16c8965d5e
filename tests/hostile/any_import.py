"""Whatever stands in the files of an import: it is taken whole or refused in a sentence, and the file stays whole.

Run as a program it tries for so many minutes and prints figures: `python -m tests.hostile.any_import --minutes 10`.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from milestone_cli import cli
from milestone_cli.exchange.systems import SYSTEMS, system_reader

READERS = {name: system_reader(name) for name in SYSTEMS if find_spec(f"milestone_cli.exchange.{name}")}
FROM = (*READERS, "table", "facts")
PROCESS = """\
name = "b2b"
currency = "EUR"
[[milestone]]
key = "interest"
name = "Interest shown"
customer_action = "The target customer shows interest"
[[milestone]]
key = "offer"
name = "Offer asked for"
customer_action = "The customer asks for an offer"
[[milestone]]
key = "order"
name = "Order"
customer_action = "The customer orders"
"""
STAGES = ("New", "Offer", "Won", "Lost", "Parked")
DAYS = (
    "2026-01-05", "2026-03-01T22:30:00Z", "2026-03-01 10:00:00", "1767600000000", "20/04/2026", "04/20/2026",
    "3.4.2026 14:00", "2027-12-31", "2026-02-30", "1900-01-01", "01/02/2026",
)  # fmt: skip
AMOUNTS = ("1000", "1.234,50", "1,234.50", "120.000", "-5", "0", "1.0E7", "33.3333", "x", "9" * 30)
WORDS = ("1", "2", "0060Y00000abcAAAAA", "0060Y00000abcBBAAA", "anna", "EUR", "USD", "open", "won", "lost", "true", "")
STRANGE = ("\x00", "\x1b[31m", "=1+1", "'", '"', "\u202e", "\ud800", "a" * 300, "\r", ";", "[red]", "\u0661")
CELLS = st.one_of(
    st.sampled_from(STAGES), st.sampled_from(DAYS), st.sampled_from(AMOUNTS), st.sampled_from(WORDS),
    st.sampled_from(STRANGE), st.text(max_size=8),
)  # fmt: skip
TABLE_HEADINGS = ("Firma", "Phase", "seit", "Wert", "Chef", "Nummer", "am")
FACT_HEADINGS = ("opportunity", "milestone", "date", "value", "rep", "outcome", "external_id")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One import to try."""

    system: str
    files: tuple[tuple[str, bytes], ...]
    """Names and contents."""
    map: str
    options: tuple[str, ...] = ()


def headings_of(system: str) -> tuple[tuple[str, ...], ...]:
    """Return the headings of each table of a system, its needed ones first."""
    if system == "table":
        return (TABLE_HEADINGS,)
    if system == "facts":
        return (FACT_HEADINGS,)
    return tuple(
        tuple(layout.columns[name][0] for name in (*layout.needed, *sorted(set(layout.columns) - set(layout.needed))))
        for layout in READERS[system].layouts
    ) or (TABLE_HEADINGS,)


IDS = ("0060Y00000abcAAAAA", "0060Y00000abcBBAAA", "0060Y00000abcCCAAA")
FITTING = {
    "date": DAYS[:3], "time": DAYS[:3], "created": DAYS[:3], "since": DAYS[:1], "seit": DAYS[:1], "entered": DAYS[:3],
    "opportunity": IDS, "nummer": IDS, "milestone": ("1", "2", "order", "0"), "outcome": ("", "", "lost"),
    "amount": ("1000", "1500"), "value1": STAGES, "newvalue": STAGES, "oldvalue": STAGES, "value": ("1000", "2000.50", ""),
    "field": ("StageName",), "stage": STAGES, "phase": STAGES, "status": ("open", "won", "lost"),
    "wert": ("1000", ""), "revenue": ("1000",), "id": IDS, "currency": ("EUR", ""),
    "deleted": ("false",), "active": ("True", "False"), "name": ("dealstage", "a"), "firma": ("a", "b", "c", "d", "e"),
}  # fmt: skip
"""Cells of the right kind, by a word of the heading."""


@st.composite
def rows(draw: st.DrawFn, headings: Sequence[str], *, wild: bool) -> list[list[str]]:
    """Make rows near the documented shape: the right kind of cell under each heading, mostly or always."""
    day = draw(st.sampled_from(DAYS[:3]))

    def cell(heading: str) -> st.SearchStrategy[str]:
        fitting = next((values for word, values in FITTING.items() if word in heading.casefold()), ("a", ""))
        fitting = (day,) if fitting == DAYS[:3] and not wild else fitting
        return (
            st.one_of(st.sampled_from(fitting), st.sampled_from(fitting), CELLS) if wild else st.sampled_from(fitting)
        )

    if "am" in headings and not wild:
        headings = [heading.replace("am", "date") if heading == "am" else heading for heading in headings]
    line = st.tuples(*(cell(heading) for heading in headings)).map(list)
    return draw(st.lists(line, min_size=0 if wild else 1, max_size=8))


@st.composite
def written(draw: st.DrawFn, table: Sequence[Sequence[str]]) -> tuple[str, bytes]:
    """Write a table as csv, tsv or xlsx in some encoding."""
    if draw(st.integers(0, 5)) == 0:
        book = openpyxl.Workbook()
        for row in table:
            book.active.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell.encode("utf-8", "ignore").decode())
                                .lstrip("=") for cell in row])  # fmt: skip
        raw = io.BytesIO()
        book.save(raw)
        return "file.xlsx", raw.getvalue()
    text = io.StringIO()
    csv.writer(text, delimiter=draw(st.sampled_from(",;\t"))).writerows(table)
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    return "file.csv", text.getvalue().encode(encoding, "replace")


@st.composite
def tables(draw: st.DrawFn, system: str, *, wild: bool) -> tuple[tuple[str, bytes], ...]:
    """Make up to three files near the documented shapes."""
    files = []
    for number in range(1 if system in {"facts", "table"} and not wild else draw(st.integers(1, 3))):
        headings = list(draw(st.sampled_from(headings_of(system))))
        kept = headings[: draw(st.integers(3, max(3, len(headings))))] if wild else headings
        name, content = draw(written([kept, *draw(rows(kept, wild=wild))]))
        files.append((f"{number}-{name}", content))
    return tuple(files)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 10**13), st.sampled_from([*STAGES, *DAYS, *WORDS]), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["data", "object", "field_key", "old_value", "new_value", "log_time", "time", "id", "item_id", "success",
                 "is_bulk_update_flag", "dealChange", "stage_id", "status", "value", "user_id", "timestamp"]
            ),
            inner, max_size=6,
        ),
    ),
    max_leaves=25,
)  # fmt: skip


@st.composite
def maps(draw: st.DrawFn, system: str, *, wild: bool) -> str:
    """Make a map, one that fits unless it is to be wild."""
    lines: list[str] = []
    wishes = {"date": ["d/m/Y", "m/d/Y", "d.m.Y", "x"], "decimal": [",", "."], "zone": ["UTC", "Europe/Berlin", "x"]}
    for name, values in wishes.items() if wild else ():
        if draw(st.booleans()):
            lines.append(f'{name} = "{draw(st.sampled_from(values))}"')
    if system == "table":
        columns = {"customer": "Firma", "stage": "Phase", "key": "Nummer", "value": "Wert", "owner": "Chef"}
        kind = draw(st.sampled_from(["list", "events", "days"]))
        extra = {"list": {"since": "seit"}, "events": {"date": "am"}, "days": {}}[kind]
        if kind == "days":
            del columns["stage"]
        lines += ["[columns]", *(f'{name} = "{title}"' for name, title in (columns | extra).items())]
        if kind == "days":
            return "\n".join([*lines, "[milestones]", "seit = 1", 'am = "won"'])
    lines.append("[stages]")
    meanings = ["1", "2", '"won"', '"lost"', '"ignore"', "0", '"offer"', "9"]
    for place, stage in enumerate(STAGES):
        if not wild or draw(st.integers(0, 15)):
            meaning = draw(st.sampled_from(meanings)) if wild else meanings[place]
            lines.append(f'"{stage}" = {meaning}')
    if wild and system in READERS:
        lines += ["[status]", draw(st.sampled_from(['true = "won"', 'x = "open"', '"" = "open"', "x = 1"]))]
    return "\n".join(lines)


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    """Make an import to try."""
    system = draw(st.sampled_from(FROM))
    kind = draw(st.integers(0, 11))
    wild = kind < 5
    if kind == 0:
        files: tuple[tuple[str, bytes], ...] = (("any.bin", draw(st.binary(max_size=300))),)
    elif kind == 1:
        files = (("any.json", json.dumps(draw(JSON)).encode()),)
    else:
        files = draw(tables(system, wild=wild))
        if kind == 2:
            files = (*files, ("flow.json", json.dumps(draw(JSON)).encode()))
        if kind in {3, 6}:
            name, content = files[0]
            place = draw(st.integers(0, 10_000)) % (len(content) + 1)
            files = ((name, content[:place] + draw(st.binary(max_size=6)) + content[place:]), *files[1:])
    options = draw(st.sampled_from([(), (), (), ("--dry-run",), ("--suggest-map",), ("--complete-history",)]))
    return Attempt(system, files, draw(maps(system, wild=wild)), options)


class Place:
    """A directory with a book that every attempt gets a fresh copy of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = folder / "book.db"
        os.environ |= {"MS_TODAY": "2026-11-23", "MS_ZONE": "UTC", "MS_CONFIG": str(folder / "config.toml")}
        (folder / "b2b.toml").write_text(PROCESS)
        code, said = self.run("define-process", str(folder / "b2b.toml"))
        assert code == 0, said
        shutil.copy(self.book, folder / "first.db")

    def run(self, *argv: str) -> tuple[int, str]:
        """Run `ms` on the book; return its exit code and all that it said."""
        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = cli.run([*argv, "--db", str(self.book)])
        return code, said.buffer.getvalue().decode()

    def head(self) -> list[Any]:
        """Return what changes with every fact."""
        with contextlib.closing(sqlite3.connect(self.book)) as connection:
            return connection.execute(
                "SELECT (SELECT value FROM meta WHERE name = 'head'), (SELECT count(*) FROM fact),"
                " (SELECT count(*) FROM opportunity), (SELECT count(*) FROM rep), (SELECT count(*) FROM text)"
            ).fetchall()

    def attempt(self, tried: Attempt) -> str:
        """Try an import; return what came of it, and raise AssertionError where that may not be."""
        for path in self.folder.glob("book*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copy(self.folder / "first.db", self.book)
        paths = []
        for name, content in tried.files:
            (self.folder / name).write_bytes(content)
            paths.append(str(self.folder / name))
        (self.folder / "map.toml").write_text(tried.map, encoding="utf-8")
        with_map = () if tried.system == "facts" else ("--map", str(self.folder / "map.toml"))
        words = ("import", *paths, "--from", tried.system, *with_map, *tried.options, "--process", "b2b")
        before = self.head()
        code, said = self.run(*words)
        assert code in {0, 1, 2}, said
        assert "Traceback" not in said
        assert "\x1b" not in said
        if code or tried.options[:1] in (("--dry-run",), ("--suggest-map",)):
            assert self.head() == before, said
            return f"refused: {_kind(said)}" if code else "looked at"
        whole, problems = self.run("check")
        assert whole == 0, problems
        after = self.head()
        code, said = self.run(*words, "--json")
        assert code == 0, said
        assert self.head()[0][1:] == after[0][1:], said
        return "taken" if after != before else "nothing in it"


def _kind(said: str) -> str:
    """Return what a refusal is about, without its names and numbers."""
    bare = re.sub(r'"[^"]*"|\d+|[\w.-]+\.(?:csv|xlsx|json|bin|toml|db)', "_", said.partition("\n")[0])
    return " ".join(bare.split())[:70]


def main() -> None:
    """Try until the time is over, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    asked = parser.parse_args()
    end = time.monotonic() + 60 * asked.minutes
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"HOME": name, "XDG_STATE_HOME": f"{name}/state", "XDG_CONFIG_HOME": f"{name}/config"}
        place = Place(Path(name))
        round_ = 0
        while time.monotonic() < end:
            round_ += 1

            @seed(round_)
            @settings(
                max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            )  # fmt: skip
            @given(attempts())
            def try_some(tried: Attempt) -> None:
                outcomes[place.attempt(tried)] += 1

            try_some()
            sys.stderr.write(f"\r{sum(outcomes.values())} attempts")
            sys.stderr.flush()
    total = sum(outcomes.values())
    sys.stdout.write(
        f"\n{total} imports tried: {outcomes['taken']} taken, {outcomes['looked at']} looked at, "
        f"{outcomes['nothing in it']} with nothing in them; every other one refused in a sentence:\n"
    )
    for outcome, count in outcomes.most_common(60):
        sys.stdout.write(f"{count:7}  {outcome}\n")


if __name__ == "__main__":
    main()
