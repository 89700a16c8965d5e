"""What every test stands on: no test sees the configuration, the file or the locale of whoever runs it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Two cores shared with others: how long one example takes says nothing.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

LEFT_BY_A_SHELL = ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "EDITOR")


@pytest.fixture(autouse=True)
def away_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move home and the platform's directories into the test's own, and forget every setting of the shell."""
    home = tmp_path / "home"
    home.mkdir()
    for name in [name for name in os.environ if name.startswith("MS_") or name == "_MS_COMPLETE"]:
        monkeypatch.delenv(name)
    for name in LEFT_BY_A_SHELL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("APPDATA", str(home / "config"))
    monkeypatch.setenv("LOCALAPPDATA", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return home


Keep = Callable[[str, Path, Callable[[], object]], None]


@pytest.fixture(scope="session")
def keep(tmp_path_factory: pytest.TempPathFactory) -> Keep:
    """Fills a directory with what a function makes in it; what is made under one name is made once and then copied."""
    kept = tmp_path_factory.mktemp("kept")

    def fill(name: str, directory: Path, make: Callable[[], object]) -> None:
        if (kept / name).exists():
            shutil.copytree(kept / name, directory, dirs_exist_ok=True)
        else:
            make()
            shutil.copytree(directory, kept / name)

    return fill


@pytest.fixture
def desk(tmp_path: Path):
    """A book of the test's own, with the process b2b and 100,000 euro a month wanted, and a hand to record in it."""
    from tests.desk import Desk

    made = Desk(tmp_path / "desk.db")
    made.define(made.process())
    made.target(10_000_000)
    return made
