"""A real terminal with `ms` in it, for what only a terminal can show."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from typing import Self

AGAIN = 3.0
"""Seconds after which Ctrl-C is pressed once more."""
PATIENCE = 30.0
"""Seconds until something that is waited for must have come."""


class Window:
    """A pseudo-terminal of 80 columns with one `ms` running in it."""

    def __init__(self, *argv: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environ = os.environ | {"TERM": "xterm", "COLUMNS": ""}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "milestone_cli", *argv],
            stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # so that Ctrl-C reaches it
        )  # fmt: skip
        os.close(slave)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def answer(self, question: str, keys: str | bytes) -> str:
        """Wait for a question, press keys, and return what was written until then."""
        shown = self.wait_for(question)
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)
        return shown

    def interrupt(self, words: str) -> str:
        """Press Ctrl-C until `words` come, as a person would, and return what was written until then.

        A signal that arrives in the instant before a program begins to wait for a key is noticed only at the next one.
        """
        until = time.monotonic() + PATIENCE
        while words not in self.seen:
            assert time.monotonic() < until, f"{words!r} did not come; last: {self.seen[-2000:]!r}"
            os.write(self.master, b"\x03")
            again = time.monotonic() + AGAIN
            while words not in self.seen and time.monotonic() < again:
                self._read(0.2)
        return self.wait_for(words)

    def wait_for(self, words: str) -> str:
        """Return what was written until `words` came, and forget it."""
        until = time.monotonic() + PATIENCE
        while words not in self.seen:
            assert time.monotonic() < until, f"{words!r} did not come; last: {self.seen[-2000:]!r}"
            self._read(0.2)
        before, _, self.seen = self.seen.partition(words)
        return before + words

    def end(self) -> int:
        """Return the exit code once the program has ended; everything it wrote is in `seen`."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < until
            self._read(0.1)
        self._read(0.1)
        return self.process.returncode

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            with contextlib.suppress(OSError):
                self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
