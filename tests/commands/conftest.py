"""What tests of commands share: a file with one process, two reps and a target, and a way to run `ms` on it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Keep

from milestone_cli import cli
from milestone_cli.domain.day import parse_iso
from milestone_cli.domain.money import currency
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.store import check
from milestone_cli.store.book import Opening, open_book
from milestone_cli.store.journal import Clock
from milestone_cli.store.recording import Ledger, recording
from milestone_cli.store.sqlite import Access

TODAY = "2026-11-23"
KEYS = ("interest", "invited", "problem", "offer", "order")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run of `ms` gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result as JSON."""
        return json.loads(self.out)


Run = Callable[..., Answer]
Write = Callable[[Callable[[Ledger], None]], None]


def a_process(key: str = "b2b", **more: Any) -> Process:
    milestones = tuple(
        Milestone(
            key=name,
            name=name.title(),
            customer_action=f"The customer does {name}",
            how=(f"Ask for {name}",),
            days=None if name == KEYS[0] else 10,
        )
        for name in KEYS
    )
    fields = {"title": key.upper(), "currency": currency("EUR"), "milestones": milestones}
    return Process(key=key, **(fields | more))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a file that is not there yet, and what every run is told by the environment."""
    monkeypatch.setenv("MS_TODAY", TODAY)
    monkeypatch.setenv("MS_ZONE", "UTC")
    monkeypatch.setenv("MS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("MS_DB", str(tmp_path / "t.db"))
    return tmp_path / "t.db"


@pytest.fixture
def write(path: Path) -> Write:
    """Records whatever a function does with a ledger, making the file."""

    def put(work: Callable[[Ledger], None]) -> None:
        clock = Clock(time.time_ns() // 1000, parse_iso(TODAY))
        with open_book(Opening(path, Access.CREATE, clock)) as book, recording(book, "set-up", "somebody") as ledger:
            work(ledger)

    return put


@pytest.fixture
def ms(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `ms` and returns its exit code and what it wrote."""

    def run(*argv: str) -> Answer:
        capsys.readouterr()
        code = cli.run(list(argv))
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


class Keyboard(io.TextIOWrapper):
    """A terminal on which these bytes have been typed ahead; `stops` is where Ctrl-C is pressed."""

    def __init__(self, typed: bytes, stops: int | None = None) -> None:
        super().__init__(io.BytesIO(typed), encoding="utf-8")
        self.left = stops

    def isatty(self) -> bool:
        return True

    def readline(self, size: int = -1, /) -> str:
        if self.left is not None:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
        return super().readline(size)


@pytest.fixture
def typist(ms: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `ms` on a terminal on which something is typed ahead; what it asks is in `err`."""

    def run(typed: str | bytes, *argv: str, stops: int | None = None) -> Answer:
        with monkeypatch.context() as there:
            there.setattr(sys, "stdin", Keyboard(typed.encode() if isinstance(typed, str) else typed, stops))
            there.setattr(sys.stdout, "isatty", lambda: True, raising=False)
            return ms(*argv)

    return run


@pytest.fixture
def team(write: Write, ms: Run, tmp_path: Path, keep: Keep) -> Run:
    """`ms` on a file with the process b2b (100,000 EUR a month) and the reps anna and ben since 2024."""
    began = parse_iso("2024-01-01")

    def set_up(ledger: Ledger) -> None:
        ledger.define(a_process(), on=began, valid_from=None)
        ledger.set_target("b2b", None, 10_000_000, on=began, valid_from=None)
        ledger.add_rep("anna", "Anna", on=began, began=began)
        ledger.add_rep("ben", "Ben", on=began, began=began)

    keep("team", tmp_path, lambda: write(set_up))
    return ms


@pytest.fixture(scope="session")
def kept_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo lies that is made once for all tests."""
    return tmp_path_factory.mktemp("demo") / "demo.db"


@pytest.fixture
def demo(path: Path, ms: Run, kept_demo: Path, tmp_path: Path) -> str:  # noqa: ARG001  # the environment of every run
    """A file of its own with what `ms demo` makes."""
    if not kept_demo.exists():
        assert ms("demo", "--db", str(kept_demo)).code == 0
    return shutil.copyfile(kept_demo, str(tmp_path / "demo.db"))


@pytest.fixture
def process_of() -> Callable[..., Process]:
    """Makes a process of five milestones of ten days each; what is named is different."""
    return a_process


@pytest.fixture
def problems(path: Path) -> Callable[[], list[str]]:
    """Returns what `ms check` would find in the file."""

    def found() -> list[str]:
        clock = Clock(time.time_ns() // 1000, parse_iso(TODAY))
        with open_book(Opening(path, Access.READ, clock)) as book:
            return list(check.problems(book))

    return found


HOSTILE = [
    "=HYPERLINK(1)",
    "+1",
    "-2",
    "@x",
    "'=1",
    "'t Hooft",
    "[red]x[/red]",
    "a,b",
    'say "x"',
    "a;b",
    "\u202eabc",
    "<script>",
]


@pytest.fixture
def lively(team, tmp_path, keep):
    """`ms` on a file with every kind of fact: implied, standing, lost, reopened, revalued, assigned, undone."""
    keep("lively", tmp_path, lambda: live(team, tmp_path))
    return team


def live(team, tmp_path):
    team("add", "Acme", "--value", "10k", "--rep", "anna", "--on", "2026-01-05")
    team("advance", "acme", "3", "--said", "=1+1", "--by", "The boss", "--on", "2026-02-01", "--value", "12k")
    team("advance", "acme", "2", "--wrote", "Come by", "--on", "2026-02-01")
    team("revalue", "acme", "15k", "--on", "2026-03-01")
    team("assign", "acme", "ben", "--on", "2026-03-02")
    team("lose", "acme", "--reason", "-no budget", "--on", "2026-04-01", "--revisit", "2026-12-24")
    team("reopen", "acme", "--on", "2026-05-01")
    team("advance", "acme", "5", "--on", "2026-06-01")
    team("add", "Beta", "--on", "2026-09-01", "--rep", "ben")
    team("standing", "beta", "2", "--since", "2026-03-03", "--on", "2026-09-01")
    team("add", "Gamma", "--reached", "1", "--on", "2026-10-01")
    team("advance", "gamma", "2", "--on", "2026-10-05")
    team("undo", "--yes")
    facts = io.StringIO()
    writer = csv.writer(facts)
    writer.writerow(["opportunity", "milestone", "date", "value", "customer", "title", "evidence", "text"])
    for number, name in enumerate(HOSTILE):
        said = f"'{name}" if name == "'=1" else name
        writer.writerow([f"h{number}", 0, "2026-10-01", "1000", said, said, "", ""])
        writer.writerow([f"h{number}", 1, "2026-10-02", "", "", "", "did", said])
    path = tmp_path / "hostile.csv"
    path.write_text(facts.getvalue())
    assert team("import", str(path), "--complete-history").code == 0
    assert team("show", "h4", "--json").json["customer"] == "'=1"
