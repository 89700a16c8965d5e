"""Many at once on one file: `python benchmarks/together.py --seconds 60`.

Sixteen processes record, each its own customers and one that all share, while two look again and again, one has
`ms watch` open on a terminal of its own, one writes the report, and one makes a backup. Invariant of the run: nothing
fails, every fact that was acknowledged is there once, none besides, the file and the backup are whole.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import PROCESS, PROGRAM, environment

WRITER = """
import contextlib, io, sys, time
from milestone_cli.cli import run
me, end = sys.argv[1], time.time() + float(sys.argv[2])
number = longest = 0
def ms(*words):
    global longest
    begun, said = time.perf_counter(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run([*words, "-q"])
    longest = max(longest, time.perf_counter() - begun)
    if code:
        print("failed", code, *words, said.getvalue().replace("\\n", " "), flush=True)
    return code
while time.time() < end:
    key = f"c{me}-{number}"
    if ms("add", f"Customer {me} {number}", "--key", key, "--value", str(1000 + number)) == 0:
        print("added", key, flush=True)
        if ms("advance", key, "1") == 0:
            print("reached", key, flush=True)
    if number % 5 == 4:
        ms("revalue", "shared", str(1000 * int(me) + number))
    number += 1
print("longest", longest, flush=True)
"""
LOOKER = """
import contextlib, io, sys, time
from milestone_cli.cli import run
words, end, rounds = sys.argv[2:], time.time() + float(sys.argv[1]), 0
while time.time() < end:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run(words)
    rounds += 1
    if code:
        print("failed", code, *words, said.getvalue().replace("\\n", " "), flush=True)
print("looked", rounds, flush=True)
"""


def main() -> int:
    """Run them together and look at what is left; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--writers", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        folder = Path(scratch)
        os.environ |= environment(folder)
        Path("b2b.toml").write_text(PROCESS, encoding="utf-8")
        for words in (
            ("define-process", "b2b.toml", "-q"),
            ("add", "Shared", "--key", "shared", "--reached", "1"),
            ("kpis",),
        ):
            subprocess.run([*PROGRAM, *words], check=True, capture_output=True)
        said, copies = _together(options.writers, options.seconds)
        return _judge(folder, said, copies, options.writers)


def _together(writers: int, seconds: float) -> tuple[list[str], list[Path]]:
    """Return what everybody said, and the backups made meanwhile."""
    look = (sys.executable, "-c", LOOKER, str(seconds))
    programs = [(sys.executable, "-c", WRITER, str(me), str(seconds)) for me in range(1, writers + 1)]
    programs += [(*look, "kpis", "--json"), (*look, "next", "--json"), (*look, "report", "-o", "report.html", "-q")]
    copies = []
    with _watching() as screen:
        running = [
            subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for words in programs
        ]
        for share in (0.3, 0.6):
            time.sleep(0.3 * seconds)
            copy = Path(f"copy-{share}.db")
            _ms("backup", str(copy))
            copies.append(copy)
        said = [line for process in running for line in process.communicate()[0].splitlines()]
    said.append(f"watch redrew {screen.count(b'Interest')} times")
    return said, copies


@contextlib.contextmanager
def _watching() -> Iterator[bytearray]:
    """Have `ms watch` open on a terminal; hands out what it has drawn."""
    import fcntl
    import struct
    import termios
    import threading

    drawn = bytearray()
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execv(PROGRAM[0], [*PROGRAM, "watch"])  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def read() -> None:
        with contextlib.suppress(OSError):
            while True:
                if select.select([terminal], [], [], 1)[0]:
                    drawn.extend(os.read(terminal, 65536))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield drawn
    finally:
        os.write(terminal, b"q")
        time.sleep(2)
        ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        print(f"watch ended by q: {bool(ended)}, exit code {os.waitstatus_to_exitcode(status) if ended else '-'}")


def _judge(folder: Path, said: list[str], copies: list[Path], writers: int) -> int:
    failures = [line for line in said if line.startswith("failed") or "Traceback" in line]
    added = {line.split()[1] for line in said if line.startswith("added")}
    reached = {line.split()[1] for line in said if line.startswith("reached")}
    longest = max(float(line.split()[1]) for line in said if line.startswith("longest"))
    listed = json.loads(_ms("opportunities", "--json"))["opportunities"]
    keys = [one["key"] for one in listed]
    there = {one["key"] for one in listed if one["milestone"]}
    lost, doubled = added - set(keys), len(keys) - len(set(keys))
    stray = set(keys) - added - {"shared"}
    print(f"{writers} writers: {len(added)} added, {len(reached)} advanced, longest wait {longest:.1f} s")
    print(*(line for line in said if line.startswith(("looked", "watch"))), sep=", ")
    print(f"failures {len(failures)}, lost {len(lost)}, doubled {doubled}, not acknowledged {len(stray)}, "
          f"advanced and not there {len(reached - there)}")  # fmt: skip
    print(*failures[:5], sep="\n")
    whole = [json.loads(_ms("check", "--json", "--db", str(file)))["whole"] for file in (folder / "book.db", *copies)]
    print(f"book whole: {whole[0]}, backups whole: {whole[1:]}")
    return int(bool(failures or lost or doubled or stray or reached - there or not all(whole)))


def _ms(*words: str) -> str:
    return subprocess.run([*PROGRAM, *words], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
