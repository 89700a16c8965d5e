"""What `ms check` finds of damage, and whether anything crashes on it: `python benchmarks/damage.py`.

A demo file is damaged in one place at a time: each page zeroed, and single bits flipped at random. A change that alters
any row must be found by `ms check` (exit 3), every other command must answer with an exit code other than 4, and
`ms restore` must bring back the newest backup. Printed is one line a kind of damage; exit 1 if anything was missed.
Invariant: the same seed damages the same bits.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from milestone_cli.cli import run

PAGE = 4096
LOOKS = (
    ("kpis", "--json"), ("cascade", "--json"), ("rates", "--json"), ("forecast", "--json"), ("next", "--json"),
    ("opportunities", "--json"), ("dead-horses", "--json"), ("health", "--json"), ("log", "--json"),
    ("show", "{open}", "--json"), ("export", "-o", "facts.csv", "-q"),
    ("export", "-o", "book.json", "-q"), ("advance", "{open}", "2", "-q"),
)  # fmt: skip
"""What is run on a damaged file, each on a copy of its own; `{open}` is the key of an open opportunity."""

Rows = dict[str, list[tuple[object, ...]]]
"""What is in a file, by table."""


@dataclass(slots=True)
class Tally:
    """What came of one kind of damage."""

    kinds: Counter[str] = field(default_factory=Counter)
    """altered and found, altered and missed, same rows and found, same rows and passed."""
    crashes: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    not_restored: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether anything was missed, crashed or could not be brought back."""
        return bool(self.crashes or self.missed or self.not_restored)


def main() -> int:
    """Damage the demo in every way asked for and print what came of it."""
    options = _options()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        os.environ |= {"MS_TODAY": "2026-11-25", "MS_ZONE": "UTC", "MS_CONFIG": "none.toml", "NO_COLOR": "1"}
        book = _book(Path(scratch))
        content = book.read_bytes()
        before = rows(book)
        pages = len(content) // PAGE
        print(f"{pages} pages, {sum(map(len, before.values()))} rows in {len(before)} tables")
        draw = random.Random(options.seed)  # noqa: S311 - where, not a secret
        chosen = range(pages) if options.pages is None else sorted(draw.sample(range(pages), options.pages))
        bits = [draw.randrange(len(content) * 8) for _ in range(options.bits)]
        failed = False
        for name, damaged in (
            ("a page zeroed", ((f"page {page}", zeroed(content, page)) for page in chosen)),
            ("a bit flipped", ((f"bit {bit}", flipped(content, bit)) for bit in bits)),
        ):
            tally = Tally()
            for place, data in damaged:
                _try(book, data, before, place, tally, look=options.look)
            told = ", ".join(f"{kind}: {number}" for kind, number in sorted(tally.kinds.items()))
            print(
                f"{name}: {told}; crashes {len(tally.crashes)}, missed {len(tally.missed)}, "
                f"not brought back {len(tally.not_restored)}",
                flush=True,
            )
            for line in (*tally.crashes, *tally.missed, *tally.not_restored):
                print("  ", line)
            failed |= tally.failed
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, help="so many pages drawn at random; else every page")
    parser.add_argument("--bits", type=int, default=500, help="so many single bits")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--look", type=float, default=0.1, help="share of the damaged files on which all commands run")
    return parser.parse_args()


def _book(folder: Path) -> Path:
    """Return a demo file with snapshots, hindcasts, texts and an automatic backup, folded into one file."""
    book = folder / "book.db"
    for command in ("demo", "kpis", "forecast"):
        _ms([command, "--db", str(book), "--yes", "-q"])
    _ms(["advance", _open_one(book), "2", "--db", str(book), "--yes", "-q"])
    (folder / "one.csv").write_text("opportunity,milestone,date,process\nlater,1,2026-11-20,b2b\n", encoding="utf-8")
    _ms(["import", "one.csv", "--db", str(book), "-q"])
    with contextlib.closing(sqlite3.connect(book)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("PRAGMA journal_mode=DELETE")
        raw.execute("PRAGMA journal_mode=WAL")
    return book


def _open_one(book: Path) -> str:
    with contextlib.closing(sqlite3.connect(book)) as raw:
        query = "SELECT key FROM opportunity WHERE status = 'open' AND milestone = 1 ORDER BY number DESC LIMIT 1"
        return str(raw.execute(query).fetchone()[0])


def _ms(words: list[str]) -> tuple[int, str]:
    """Run a command in this process; return its exit code and what it said on standard error."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = run(words)
    return code, said.getvalue()


def rows(book: Path) -> Rows:
    """Return every row of every table as SQLite reads it without an index, and the schema."""
    with contextlib.closing(sqlite3.connect(book)) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        found = {name: raw.execute(f"SELECT * FROM {name} NOT INDEXED").fetchall() for name in tables}  # noqa: S608
        found["schema"] = raw.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        return found


def is_altered(book: Path, before: Rows) -> bool:
    """Tell whether a file has other rows than before, or cannot be read."""
    try:
        return rows(book) != before
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return True


def zeroed(content: bytes, page: int) -> bytes:
    """Return the content with nothing but zeros on a page."""
    return content[: page * PAGE] + bytes(PAGE) + content[(page + 1) * PAGE :]


def flipped(content: bytes, *bits: int) -> bytes:
    """Return the content with some bits turned over, counted from its beginning."""
    data = bytearray(content)
    for bit in bits:
        data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


def _try(book: Path, data: bytes, before: Rows, place: str, tally: Tally, *, look: float) -> None:
    lay(book, data)
    altered = is_altered(book, before)
    lay(book, data)
    code, said = _ms(["check", "--db", str(book), "--json"])
    found = code != 0
    tally.kinds[f"{'altered' if altered else 'same rows'} and {'found' if found else 'passed'}"] += 1
    if altered and not found:
        tally.missed.append(place)
    if code not in (0, 3):
        tally.crashes.append(f"{place}: check gave {code}: {said[:200]}")
    if random.Random(place).random() < look:  # noqa: S311 - which, not a secret
        _look(book, data, place, tally)
        if found:
            lay(book, data)
            code, said = _ms(["restore", "--db", str(book), "--yes", "-q"])
            if code != 0 or _ms(["check", "--db", str(book)])[0] != 0:
                tally.not_restored.append(f"{place}: restore gave {code}: {said[:200]}")


def _look(book: Path, data: bytes, place: str, tally: Tally) -> None:
    for words in LOOKS:
        lay(book, data)
        try:
            given = [_open_one(book) if word == "{open}" else word for word in words]
        except (sqlite3.DatabaseError, TypeError, UnicodeDecodeError):
            continue
        code, said = _ms([*given, "--db", str(book)])
        if code not in (0, 1, 3) or "Traceback" in said:
            tally.crashes.append(f"{place}: {' '.join(words)} gave {code}: {said[:200]}")


def lay(book: Path, data: bytes) -> None:
    """Write a file anew, with nothing beside it."""
    for end in ("-wal", "-shm", "-journal"):
        book.with_name(book.name + end).unlink(missing_ok=True)
    book.write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
