"""`ms watch` in a pseudo-terminal: it follows the file, and leaves the terminal as it found it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from contextlib import closing
from pathlib import Path

import pytest

from milestone_cli.fullscreen import ENTER, LEAVE, keys_in
from milestone_cli.store.watching import Watcher

PATIENCE = 30.0
"""Seconds until something that is waited for must have come."""


class Window:
    """A terminal with `ms watch` in it."""

    def __init__(self, *argv: str, columns: int = 100, lines: int = 24) -> None:
        self.master, self.slave = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.slave)
        environ = os.environ | {"TERM": "xterm", "COLUMNS": ""}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "milestone_cli", "watch", *argv],
            stdin=self.slave, stdout=self.slave, stderr=self.slave, env=environ, start_new_session=True,
        )  # fmt: skip
        self.seen = ""

    def resize(self, columns: int, lines: int = 24) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def wait_for(self, words: str) -> str:
        """Return what was written until `words` came, and forget it."""
        until = time.monotonic() + PATIENCE
        while words not in self.seen:
            assert time.monotonic() < until, f"{words!r} did not come; last: {self.seen[-2000:]!r}"
            self._read(0.2)
        before, _, self.seen = self.seen.partition(words)
        return before + words

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            with contextlib.suppress(OSError):
                self.seen += os.read(self.master, 65536).decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end(self) -> int:
        """Return the exit code once the program has ended; everything it wrote is in `seen`."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < until
            self._read(0.1)
        self._read(0.1)
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def window(team):
    """Opens windows on a file with a process and two reps."""
    opened = []
    assert team("add", "First", "--reached", "1", "--on", "2026-11-02", "--value", "10k", "--rep", "anna").code == 0

    def make(*argv: str, **more: int) -> Window:
        opened.append(Window(*argv, **more))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_what_another_process_records_appears(window, team):
    shown = window()
    shown.wait_for(ENTER)
    shown.wait_for("€10,000")
    assert team("add", "Second", "--reached", "1", "--on", "2026-11-03", "--value", "7k").code == 0
    shown.wait_for("€17,000")
    shown.press("q")
    assert shown.end() == 0


@pytest.mark.parametrize(("how", "code"), [("q", 0), (signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_the_terminal_is_left_as_it_was_found(window, how, code):
    shown = window()
    shown.wait_for("q quit")
    assert termios.tcgetattr(shown.slave) != shown.before
    if isinstance(how, signal.Signals):
        shown.process.send_signal(how)
    else:
        shown.press(how)
    assert shown.end() == code
    assert LEAVE in shown.seen
    assert "Interrupted" not in shown.seen
    assert termios.tcgetattr(shown.slave) == shown.before


def test_keys_switch_process_rep_and_month(window, write, process_of):
    write(lambda ledger: ledger.define(process_of("smb"), on=20_000, valid_from=None))
    shown = window()
    shown.wait_for("B2B · 2026-11 · team")
    shown.press("r")
    shown.wait_for("B2B · 2026-11 · anna")
    shown.press("\x1b[D")
    shown.wait_for("B2B · 2026-10 · anna")
    shown.press("p")
    shown.wait_for("SMB · 2026-10 · anna")
    shown.press("\x1b[C")
    shown.wait_for("SMB · 2026-11 · anna")
    shown.press("rr")
    shown.wait_for("q quit")
    shown.press("t")
    shown.wait_for("SMB · 2026-Q4")
    shown.press("t")
    shown.wait_for("SMB · 2026 ·")


def test_keys_typed_quickly_all_count(window):
    shown = window()
    shown.wait_for("B2B · 2026-11 · team")
    shown.press("rr\x1b[D\x1b[D")
    shown.wait_for("B2B · 2026-09 · ben")
    shown.press("rq")
    assert shown.end() == 0


def test_what_has_no_room_is_said_and_scrolled_to(window, write, process_of):
    write(lambda ledger: ledger.define(process_of("smb"), on=20_000, valid_from=None))
    shown = window(lines=9)
    first = shown.wait_for("`ms next` lists all.")
    assert "B2B · 2026-11" in first
    shown.press("j" * 40)
    last = shown.wait_for("The end;")
    assert "first" in last
    assert "B2B · 2026-11" not in last


def test_the_gap_in_focus_stands_over_the_steps(window, team):
    focus = team("next", "--format", "table").out.split()[:4]
    seen = window(columns=80).wait_for("q quit")
    assert " ".join(focus) in seen
    assert "Rates as planned" not in seen


def test_a_window_too_narrow_for_figures_says_so(window):
    assert "B2B" not in window(columns=30).wait_for("too narrow")


@pytest.mark.parametrize("form", [["--json"], ["--format", "csv"], ["-o", "x.csv"]])
@pytest.mark.usefixtures("team")
def test_another_format_is_refused_and_not_ignored(form, typist):
    answer = typist("q", "watch", *form)
    assert (int(answer.code), "no other format" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("typed", "keys", "begun"),
    [
        ("rrp", ["r", "r", "p"], ""),
        ("\x1b[D\x1bOC\x1b[6~", ["left", "right", "page down"], ""),
        ("q\x1b", ["q"], "\x1b"),
        ("\x1b[5", [], "\x1b[5"),
        ("\x1b[15~\x1b[Z", [], ""),
        ("\x1bj", ["\x1b", "j"], ""),
    ],
)
def test_every_key_in_what_was_typed_is_told(typed, keys, begun):
    assert keys_in(typed) == (keys, begun)


def test_it_is_drawn_anew_for_a_window_of_another_size(window):
    shown = window(columns=100)
    assert "A week" in shown.wait_for("q quit")
    shown.resize(60)
    assert "A week" not in shown.wait_for("q quit").rpartition("Not shown")[0]


def test_watching_writes_nothing(window, path):
    before = path.read_bytes()
    shown = window()
    shown.wait_for("q quit")
    shown.press("rp")
    shown.wait_for("q quit")
    shown.press("q")
    shown.end()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM snapshot").fetchone() == (0,)
    assert len(path.read_bytes()) == len(before)


def test_a_file_that_is_gone_is_said_and_looked_for_again(window, path, tmp_path):
    shown = window()
    shown.wait_for("€10,000")
    path.rename(tmp_path / "away.db")
    shown.wait_for("No database at")
    (tmp_path / "away.db").rename(path)
    shown.wait_for("€10,000")


def test_without_a_terminal_it_says_what_else_shows_the_same(team):
    answer = team("watch")
    assert (int(answer.code), answer.out) == (2, "")
    assert "`ms kpis`" in answer.err


def test_a_watcher_tells_each_change_once(team, path: Path):
    assert team("add", "One").code == 0
    with Watcher(path) as watcher:
        assert [watcher.changed(), watcher.changed()] == [True, False]
        assert team("add", "Two").code == 0
        assert [watcher.changed(), watcher.changed()] == [True, False]
    with Watcher(path.with_name("none.db")) as watcher:
        assert [watcher.changed(), watcher.changed()] == [False, False]
