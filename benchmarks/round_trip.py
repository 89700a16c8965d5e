"""Whether a book says the same after going out and coming in again: `python benchmarks/round_trip.py`.

Three ways: the whole book into an empty file, where every command must say the same; its facts after `processes
--toml`, where arrivals, rates and forecast must; and the anonymous book, where counts, rates by count, lamps and days
must. The demo is taken, and every pair of NAME-facts.csv and NAME.toml in the folders named. Printed is what was
compared and each first difference; exit 1 if there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from milestone_cli.cli import run

Json: TypeAlias = Any
"""What a command says with --json."""
DEMO_DAY = "2026-11-25"
SHOWN = 12
"""So many opportunities are shown one by one."""
CLOSE = 2e-3
"""How far rates of an anonymous book may lie off: amounts are rounded, and with them the classes of potential."""
NOT_ASKED = frozenset({"number", "id", "external_id", "entered_at", "recorded_at", "made_at"})
"""Fields that are a file's own: facts that come in are facts of the file they come into."""


def main() -> int:
    """Send every book around and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="with NAME-facts.csv and NAME.toml")
    parser.add_argument("--no-demo", action="store_true")
    options = parser.parse_args()
    pairs = [
        (facts.resolve(), facts.resolve().with_name(facts.name.replace("-facts.csv", ".toml")))
        for folder in options.folders
        for facts in sorted(folder.glob("*-facts.csv"))
    ]
    failed = False
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        os.environ |= {"MS_ZONE": "UTC", "MS_CONFIG": "none.toml", "NO_COLOR": "1", "XDG_STATE_HOME": scratch}
        if not options.no_demo:
            os.environ["MS_TODAY"] = DEMO_DAY
            _ms("demo", "--db", "demo.db")
            failed |= _around("demo")
        for facts, process in pairs:
            name = process.stem
            os.environ["MS_TODAY"] = (_newest(facts) + timedelta(days=1)).isoformat()
            _ms("define-process", str(process), "--db", f"{name}.db")
            _ms("import", str(facts), "--db", f"{name}.db")
            _ms("set-target", "100000", "--db", f"{name}.db")
            failed |= _around(name)
    return int(failed)


def _newest(facts: Path) -> date:
    with facts.open(encoding="utf-8") as lines:
        return max(date.fromisoformat(row["date"]) for row in csv.DictReader(lines))


def _around(name: str) -> bool:
    """Send one book around in all ways; return whether anything differs."""
    before = {words: _said(f"{name}.db", words) for words in _questions(f"{name}.db")}
    failed = False
    for way, bring, asked, close in (
        ("book.json", _as_book, _whole, 0.0),
        ("facts.csv", _as_facts, _of_facts, 0.0),
        ("anonymous book.json", _as_anonymous, _of_anonymous, CLOSE),
    ):
        begun = time.perf_counter()
        copy = f"{name}-{way[:5]}.db"
        bring(name, copy)
        took = time.perf_counter() - begun
        compared, found = 0, []
        for words, said in before.items():
            ours = asked(words, said)
            if ours is not None:
                compared += 1
                first = _first(ours, asked(words, _said(copy, words)), "", close=close)
                found += [f"{' '.join(words)}{first}"] if first else []
        code = _code("check", "--db", copy)
        print(
            f"{name}, {way}: {compared} commands, {len(found)} differ, check {code}, there in {took:.1f} s", flush=True
        )
        for line in found:
            print("   ", line)
        failed |= bool(found or code)
    return failed


def _questions(book: str) -> Iterator[tuple[str, ...]]:
    yield from (
        ("kpis",), ("kpis", "--by", "rep"), ("kpis", "--period", "last-3-months"), ("kpis", "--explain"), ("rates",),
        ("rates", "--by", "rep"), ("rates", "--by", "version"), ("cascade",), ("cascade", "--rates", "planned"),
        ("forecast",), ("forecast", "--milestone", "all"), ("opportunities",), ("health",), ("dead-horses",), ("next",),
        ("opportunities", "--known-on=-90d"), ("rates", "--as-of=-90d"), ("forecast", "--as-of=-90d"), ("backtest",),
        ("processes",), ("targets",), ("reps",), ("log",),
    )  # fmt: skip
    keys = sorted(one["key"] for one in _json("opportunities", "--db", book)["opportunities"])
    yield from (("show", key) for key in keys[:: max(len(keys) // SHOWN, 1)])


def _as_book(name: str, copy: str) -> None:
    _ms("export", "-o", f"{name}.json", "--db", f"{name}.db")
    _ms("import", f"{name}.json", "--db", copy)


def _as_anonymous(name: str, copy: str) -> None:
    _ms("export", "-o", f"{name}-hidden.json", "--anonymous", "--db", f"{name}.db")
    _ms("import", f"{name}-hidden.json", "--db", copy)


def _as_facts(name: str, copy: str) -> None:
    _ms("export", "-o", f"{name}.csv", "--db", f"{name}.db")
    for one in _json("processes", "--db", f"{name}.db")["processes"]:
        _ms("processes", one["process"], "--toml", "-o", "process.toml", "--format", "table", "--db", f"{name}.db")
        _ms("define-process", "process.toml", "--db", copy)
    _ms("import", f"{name}.csv", "--complete-history", "--db", copy)


def _whole(_words: Sequence[str], said: Json) -> Json:
    """Return all that is said."""
    return said


def _of_facts(words: Sequence[str], said: Json) -> Json:
    """Return what facts alone must say again: where each one stands, what arrived, rates, forecast."""
    match words[0]:
        case "opportunities":
            return {one["key"]: _own(one) for one in said["opportunities"]}
        case "show" | "rates" | "forecast":
            return _own(said)
        case "kpis" if "--explain" not in words:
            return [
                [(row["number"], row["count"], row["reached"], row["cases"]) for row in process["milestones"]]
                for process in said["processes"]
            ]
    return None


def _of_anonymous(words: Sequence[str], said: Json) -> Json:
    """Return what an anonymous book must say again: counts, rates by count, lamps, days."""
    match words:
        case ("kpis", *more) if "--explain" not in more:
            names = ("number", "count", "cases", "lamp", "reason", "feeds")
            return [[[row[name] for name in names] for row in one["milestones"]] for one in said["processes"]]
        case ("rates",):
            names = ("from", "to", "planned", "cases", "moved", "lost", "open", "rate", "low", "high", "days_p50")
            return [[[row[name] for name in names] for row in one["sections"]] for one in said["processes"]]
        case ("opportunities",):
            names = ("number", "milestone", "reached_on", "waiting_days", "status")
            return sorted([one[name] for name in names] for one in said["opportunities"])
    return None


def _own(value: Json) -> Json:
    """Return a value without what is a file's own."""
    if isinstance(value, dict):
        return {name: _own(one) for name, one in value.items() if name not in NOT_ASKED}
    return [_own(one) for one in value] if isinstance(value, list) else value


def _first(ours: Json, theirs: Json, where: str, *, close: float) -> str:
    """Return where two values differ first; empty where they do not."""
    pairs: list[tuple[str, Json, Json]] = []
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        pairs = [(f"{where}.{name}", ours[name], theirs[name]) for name in ours]
    elif isinstance(ours, list | tuple) and isinstance(theirs, list | tuple) and len(ours) == len(theirs):
        pairs = [(f"{where}[{place}]", *pair) for place, pair in enumerate(zip(ours, theirs, strict=True))]
    elif isinstance(ours, float) and isinstance(theirs, float) and abs(ours - theirs) <= close * max(abs(ours), 1):
        return ""
    elif ours != theirs:
        return f" {where}: {str(ours)[:200]} -> {str(theirs)[:200]}"
    return next((found for place, *pair in pairs if (found := _first(*pair, place, close=close))), "")


def _said(book: str, words: Sequence[str]) -> Json:
    return _json(*words, "--db", book)


def _json(*words: str) -> Json:
    return json.loads(_ms(*words, "--json"))


def _code(*words: str) -> int:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return run([*words, "-q"])


def _ms(*words: str) -> str:
    """Run a command in this process; return what it said."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([*words])
    if code:
        raise RuntimeError(f"{' '.join(words)}: {code}: {err.getvalue()}")
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
