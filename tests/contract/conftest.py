"""What the tests of the contract share: `ms` run in this process, a file of its own, and a day that is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from milestone_cli import cli


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


class Team:
    """A team with one file that runs `ms` on the day that is told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._patch = monkeypatch
        self._capture = capsys
        monkeypatch.setenv("MS_ZONE", "UTC")
        self.on("2026-01-02")

    def on(self, day: str, path: str = "t.db") -> Team:
        """Let it be that day, in that file."""
        self._patch.setenv("MS_TODAY", day)
        self._patch.setenv("MS_DB", str(self.folder / path))
        return self

    def __call__(self, *argv: str) -> Answer:
        """Run `ms`, whatever comes of it."""
        self._capture.readouterr()
        code = cli.run(list(argv))
        said = self._capture.readouterr()
        return Answer(code, said.out, said.err)

    def does(self, *argv: str) -> Any:
        """Run `ms` with --json and return what it says; it has to work."""
        answer = self(*argv, "--json")
        assert answer.code == 0, answer.err
        return answer.json

    def kpis(self, *argv: str) -> dict[str, Any]:
        """Return the KPIs of the first process."""
        return self.does("kpis", *argv)["processes"][0]

    def column(self, key: str, *argv: str) -> list[Any]:
        """Return one value of every milestone of the KPIs."""
        return [milestone[key] for milestone in self.kpis(*argv)["milestones"]]

    def lamps(self, *argv: str) -> list[tuple[str, str]]:
        """Return lamp and reason of every milestone."""
        return [(milestone["lamp"], milestone["reason"]) for milestone in self.kpis(*argv)["milestones"]]

    def file(self, name: str, *lines: str) -> str:
        """Write a file; return its path."""
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return str(path)

    def define(
        self, keys: str, *, rates: Sequence[str] = (), days: Sequence[int] = (), target: int = 0, **more: Any
    ) -> None:
        """Define the process b2b with milestones of one letter each."""
        head = ['name = "b2b"', 'title = "B2B"', 'currency = "EUR"']
        head += [f"{key} = {value}" for key, value in more.items() if key != "since"]
        lines = [*head, *(["[target]", f"per_month = {target}"] if target else [])]
        for place, key in enumerate(keys):
            lines += ["[[milestone]]", f'key = "{key}"', f'name = "{key.upper()}"', f'customer_action = "Does {key}"']
            lines += [f"rate = {rates[place - 1]}"] if place and rates else []
            lines += [f"days = {days[place - 1]}"] if place and days else []
        start = ["--from", more["since"]] if "since" in more else []
        self.does("define-process", self.file("process.toml", *lines), *start)


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Team:
    """A team that has nothing yet."""
    return Team(tmp_path, monkeypatch, capsys)
