"""No command opens a network connection: neither Python nor a library below it gets a socket."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from tests.hostile.conftest import alone

from milestone_cli import commands

GUARD = """
import ctypes, struct, sys

def forbidden(event, arguments):
    if event.startswith("socket."):
        print("SOCKET", event, arguments, file=sys.stderr, flush=True)
        sys.exit(99)

sys.addaudithook(forbidden)

def no_internet_sockets(machine):
    # a filter of the kernel: socket(AF_INET or AF_INET6) ends the process, whoever calls it
    number = {"x86_64": 41, "aarch64": 198}[machine]
    load, equal, end = 0x20, 0x15, 0x06
    program = [(load, 0, 0, 0), (equal, 0, 4, number), (load, 0, 0, 16), (equal, 1, 0, 2), (equal, 0, 1, 10),
               (end, 0, 0, 0x80000000), (end, 0, 0, 0x7FFF0000)]
    filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(filters)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, head, 0, 0) == 0

machine = sys.argv.pop(1)
print("KERNEL", bool(machine) and no_internet_sockets(machine), file=sys.stderr)
"""
RUN = """
from milestone_cli.__main__ import _run
for line in sys.stdin.read().splitlines():
    words = line.split("\\t")
    print("RUN", _run(words), *words, file=sys.stderr, flush=True)
"""
TRY = """
import _socket
_socket.socket(_socket.AF_INET) if sys.argv[1] == "python" else ctypes.CDLL(None).socket(2, 1, 0)
print("THROUGH", file=sys.stderr)
"""
KERNEL = platform.machine() if sys.platform == "linux" and platform.machine() in {"x86_64", "aarch64"} else ""
REFUSED = frozenset({"watch", "takeover"})
"""What needs a terminal, and says so."""
LINES = (
    "demo", "", "processes b2b --toml -o out.toml", "define-process out.toml", "define-process out.toml --check",
    "add-rep eve", "reps", "set-target 5k --rep eve --process b2b", "targets", "config", "config set zone UTC",
    "add New --process b2b --key new --rep eve", "advance new 1 --said Yes --by Somebody", "revalue new 12k", "show new",
    "assign new ben", "lose new --reason No", "reopen new", "amend 20 --value 10k", "undo", "log --limit 3",
    "add Other --process b2b --key other", "standing other 2 --since 2026-01-01", "retire-rep eve", "kpis",
    "kpis --by rep --explain", "cascade", "cascade --for 2027-06", "rates --by rep", "forecast --months 3",
    "next --explain", "dead-horses", "health", "opportunities", "backtest --process smb --origins 2",
    "report -o page.html --process smb", "export -o facts.csv", "export -o book.json", "kpis -o kpis.xlsx",
    "import facts.csv", "import book.json --db second.db", "backup copy.db", "merge second.db", "restore copy.db --yes",
    "check --rebuild", "check", "watch", "takeover", "forget new --yes", "forget --finish --delete-backups",
)  # fmt: skip


def guarded(folder: Path, script: str, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a script that gets no socket."""
    return subprocess.run(
        [sys.executable, "-c", GUARD + script, KERNEL, *words], cwd=folder, input=given, env={**os.environ, **alone(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("way", ["python", "library"])
def test_the_guard_lets_no_socket_through(tmp_path: Path, way: str):
    done = guarded(tmp_path, TRY, way)
    if way == "library" and "KERNEL True" not in done.stderr:
        pytest.skip("the kernel takes no filter here")
    assert done.returncode != 0
    assert "THROUGH" not in done.stderr


def test_every_command_works_without_a_socket(tmp_path: Path):
    book = ("--db", str(tmp_path / "data" / "milestone-cli" / "demo.db"))
    lines = [line.split() for line in LINES]
    named = {words[0] for words in lines if words}
    assert named == set(commands.COMMANDS)
    full = [[*words, *(() if "--db" in words or words[:1] == ["demo"] else book)] for words in lines]
    done = guarded(tmp_path, RUN, given="\n".join("\t".join(words) for words in full))
    assert "SOCKET" not in done.stderr
    assert done.returncode == 0, done.stderr
    ran = [line.split(" ", 3)[1:] for line in done.stderr.splitlines() if line.startswith("RUN ")]
    assert len(ran) == len(full)
    assert {words[1] for words in ran if words[0] != "0"} == REFUSED, done.stderr
