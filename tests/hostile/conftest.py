"""What the hostile tests share: a book with a little of everything in it, and ways to run `ms` on it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import milestone_cli
from milestone_cli.__main__ import _run

TODAY = "2026-11-23"
PROCESS = """\
name = "b2b"
currency = "EUR"
typical_value = 40_000
[target]
per_month = 100_000
[[milestone]]
key = "interest"
name = "Interest shown"
customer_action = "The target customer shows interest"
how = ["Name the cost of the problem"]
[[milestone]]
key = "invited"
name = "Invited to talk"
customer_action = "A decider invites us"
[[milestone]]
key = "order"
name = "Order"
customer_action = "The customer orders"
"""
SET_UP = (
    ("define-process", "b2b.toml"),
    ("add-rep", "anna", "--from", "2026-01-01"),
    ("add-rep", "ben", "--from", "2026-01-01"),
    ("add", "Acme GmbH", "--value", "40k", "--rep", "anna", "--on", "2026-10-01"),
    ("advance", "acme-gmbh", "1", "--said", "It costs us", "--by", "Ms Meier", "--on", "2026-10-05"),
    ("advance", "acme-gmbh", "2", "--on", "2026-10-20"),
    ("add", "Bolt AG", "--value", "20k", "--rep", "ben", "--reached", "1", "--on", "2026-11-02"),
    ("add", "Core Ltd", "--rep", "ben", "--reached", "3", "--on", "2026-11-03"),
    ("add", "Dust SA", "--rep", "anna", "--reached", "1", "--on", "2026-11-04"),
    ("lose", "dust-sa", "--reason", "No money", "--on", "2026-11-10"),
)
"""acme-gmbh stands at 2, bolt-ag at 1, core-ltd is won, dust-sa lost."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run of `ms` gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Answer]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every test gets a copy of."""
    return make_book(tmp_path_factory.mktemp("made"))


def make_book(folder: Path) -> Path:
    """Make the book, and the process file it was defined with beside it."""
    (folder / "b2b.toml").write_text(PROCESS)
    path = folder / "book.db"
    with mock.patch.dict(os.environ, alone(folder)), redirect_stdout(io.StringIO()):
        for line in SET_UP:
            assert _run([str(folder / word) if word == "b2b.toml" else word for word in line]) == 0, line
    assert not Path(f"{path}-wal").exists()
    return path


def alone(folder: Path) -> dict[str, str]:
    """Return an environment in which `ms` sees nothing of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MS_", "LC_", "LANG", "XDG_"))}
    return kept | {
        "MS_TODAY": TODAY,
        "MS_ZONE": "UTC",
        "MS_CONFIG": str(folder / "config.toml"),
        "MS_DB": str(folder / "book.db"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_DATA_HOME": str(folder / "data"),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(Path(milestone_cli.__file__).parents[1]),
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory the test works in, which every run of `ms` is told by the environment."""
    for name, value in alone(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def book(made: Path, folder: Path) -> Path:
    """A copy of the made file."""
    return Path(shutil.copy(made, folder / "book.db"))


@pytest.fixture
def ms(folder: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `ms` in this process, as the program's entry does."""

    def run(*argv: str) -> Answer:
        capfd.readouterr()
        code = _run(list(argv))
        said = capfd.readouterr()
        return Answer(int(code), said.out, said.err)

    return run


@pytest.fixture
def start(folder: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts `ms` as a process of its own."""

    def begin(*argv: str, **more: Any) -> subprocess.Popen[str]:
        usual = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": folder}
        return subprocess.Popen([sys.executable, "-m", "milestone_cli", *argv], text=True, **(usual | more))

    return begin


@pytest.fixture
def spawn(start: Callable[..., subprocess.Popen[str]]) -> Run:
    """Runs `ms` as a process of its own to its end."""

    def run(*argv: str, piped: str | None = None, **more: Any) -> Answer:
        if piped is not None:
            more["stdin"] = subprocess.PIPE
        with start(*argv, **more) as process:
            out, err = process.communicate(piped, timeout=50)
        return Answer(process.returncode, out or "", err or "")

    return run


STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\ud800-\udfff]")
"""What steers a terminal, reorders what it shows or hides in it."""


def one_message(answer: Answer, code: int) -> str:
    """Return what was said: one sentence of an error on standard error alone, with that exit code."""
    assert (answer.code, answer.out) == (code, ""), answer
    assert answer.err.startswith("Error: ")
    assert "Traceback" not in answer.err
    assert not STEERING.search(answer.err)
    return answer.err
