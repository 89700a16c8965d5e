"""Ctrl-C while something is done that is either whole or not there."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Held:
    """A Ctrl-C that waits."""

    def __init__(self) -> None:
        self._pressed = False

    def press(self, *_signal: object) -> None:
        """Take down that it was pressed: a handler of the signal."""
        self._pressed = True

    @property
    def pressed(self) -> bool:
        """It was pressed, and nobody has heard of it yet."""
        return self._pressed

    def hear(self) -> None:
        """Raise KeyboardInterrupt if it was pressed: here nothing is in the middle of anything."""
        if self._pressed:
            self._pressed = False
            raise KeyboardInterrupt


@contextmanager
def interrupts_held() -> Iterator[Held]:
    """Let a Ctrl-C wait until the block is over or asks for it (`hear`).

    So nobody is told of a commit that it did not happen, and no thread is left behind. Only the main thread is ever
    interrupted; elsewhere nothing is held.
    """
    held = Held()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        # another thread, or a signal that is ignored or not Python's
        yield held
        return
    signal.signal(signal.SIGINT, held.press)
    try:
        yield held
    finally:
        signal.signal(signal.SIGINT, before)
    if held.pressed:
        before(signal.SIGINT, None)
