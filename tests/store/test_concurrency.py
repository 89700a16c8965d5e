"""Many processes record in one file at the same time: none fails, nothing is lost."""

import os
import subprocess
import sys
from pathlib import Path

from milestone_cli.domain.day import day_of
from milestone_cli.store.undo import commands

ROOT = Path(__file__).parent.parent.parent
DAY = day_of(2026, 9, 1)
PROCESSES, FACTS = 16, 10
WRITER = """
import os, sys, time
from pathlib import Path
from tests.desk import KEYS, Desk
path, go, me, day = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
desk = Desk(path, now=1_700_000_100_000_000 + me, who=f"writer-{me}")
with desk.reading() as book:
    shared = book.find("shared")
print("ready", flush=True)
while not go.exists():
    time.sleep(0.005)
number = desk.add(f"Customer {me}", day)
for place, key in enumerate(KEYS):
    desk.advance(number, key, day + place)
other = desk.add(f"Customer {me}", day, value=me + 1)
for place, key in enumerate(KEYS[:2]):
    desk.advance(other, key, day + place)
from milestone_cli.domain import changes
desk.change(changes.revalue, shared, 1000 + me, on=day)
"""


def test_16_processes_recording_at_the_same_time_lose_nothing(desk, tmp_path):
    desk.add("Shared", DAY)
    go = tmp_path / "go"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(desk.path), str(go), str(me), str(DAY)],
            env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for me in range(PROCESSES)
    ]  # fmt: skip
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n", writer.communicate()[1]
        go.touch()
        ends = [writer.communicate(timeout=120) for writer in writers]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    assert [error for _, error in ends] == [""] * PROCESSES
    assert [writer.returncode for writer in writers] == [0] * PROCESSES

    with desk.reading() as book:
        told = commands(book.connection)
        rows = list(book.opportunities())
        arrived = book.arrived("b2b", DAY, DAY + 99)
        facts = len(book.case(book.find("shared"), desk.today).facts)
    assert len(told) == 3 + PROCESSES * FACTS
    assert len(rows) == 1 + 2 * PROCESSES
    assert sum(row["status"] == "won" for row in rows) == PROCESSES
    assert {key: sums.count for key, sums in arrived.items()} == {
        "interest": 32, "invited": 32, "problem": 16, "offer": 16, "order": 16,
    }  # fmt: skip
    assert facts == 1 + PROCESSES
    assert desk.problems() == []
    before = desk.tables()
    desk.rebuild()
    assert desk.tables() == before
