"""One process from its start to its end: seconds by the clock and of the processor, and its peak of memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took."""

    seconds: float
    """By the clock."""
    processor: float
    """Seconds of the processor, those of the system included."""
    peak: int
    """Its peak of memory in MiB."""


def run(words: Sequence[str], environment: Mapping[str, str], *, codes: Sequence[int] = (0,)) -> Run:
    """Run a process without output; it has to end with one of `codes`."""
    begin = time.perf_counter()
    with subprocess.Popen(
        words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode not in codes:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)
