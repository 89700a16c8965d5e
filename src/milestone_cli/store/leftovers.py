"""Where a copy of the book is made before it gets its name, and what a killed command has left of that.

Invariant: a copy is made in a directory of its own, locked for as long as somebody works in it; one that nobody works
in is an unfinished copy of nobody's, and goes with the next command that makes one or that forgets.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = re.compile(r"\.ms-[a-z0-9_]{8}\.part")
_COPY = "new.db"
_AGE_SECONDS = 24 * 3600
"""Where directories cannot be locked, nobody works in one that has lain still for so long."""


@contextmanager
def unfinished(directory: Path) -> Iterator[Path]:
    """Hand out the place of a file that is to be made in `directory`; what is left of it in the end goes.

    Raises:
        OSError: Nothing can be made there.
    """
    remove_abandoned((directory,))
    home, lock = _made(directory)
    try:
        yield home / _COPY
    finally:
        shutil.rmtree(home, ignore_errors=True)
        _let_go(lock)


def remove_abandoned(directories: Iterable[Path]) -> list[Path]:
    """Remove the unfinished copies in these directories that nobody works on any more; return which."""
    removed = []
    for home in _homes(directories):
        free, lock = _free(home)
        try:
            if free:
                shutil.rmtree(home, ignore_errors=True)
                removed += [] if home.exists() else [home / _COPY]
        finally:
            _let_go(lock)
    return removed


def unfinished_copies(directories: Iterable[Path]) -> list[Path]:
    """Return the unfinished copies in these directories, whether somebody works on them or not."""
    return [home / _COPY for home in _homes(directories)]


def _homes(directories: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for directory in directories:
        with suppress(OSError), os.scandir(directory) as entries:
            found += [
                directory / entry.name
                for entry in entries
                if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    return sorted(home for home in found if _holds_a_copy_alone(home))


def _holds_a_copy_alone(home: Path) -> bool:
    """Return whether there is nothing in a directory that somebody else has put there."""
    with suppress(OSError):
        return all(found.name.startswith(_COPY) for found in home.iterdir())
    return False


def _made(directory: Path) -> tuple[Path, int | None]:
    """Make a directory and lock it; another ms may take it for abandoned before the lock is there: then another one."""
    while True:
        home = Path(tempfile.mkdtemp(prefix=".ms-", suffix=".part", dir=directory))
        try:
            lock = _lock(home)
        except (BlockingIOError, FileNotFoundError):
            continue
        except OSError:
            return home, None
        if home.exists():
            return home, lock
        _let_go(lock)


def _free(home: Path) -> tuple[bool, int | None]:
    """Return whether nobody works in `home`, and the lock that keeps it so, if there can be one."""
    try:
        return True, _lock(home)
    except (BlockingIOError, FileNotFoundError):
        return False, None
    except OSError:
        return _lain_still(home), None


def _lain_still(home: Path) -> bool:
    try:
        newest = max(file.stat().st_mtime for file in (home, *home.iterdir()))
    except OSError:
        return False
    return newest < time.time() - _AGE_SECONDS


if sys.platform == "win32":

    def _lock(home: Path) -> int:
        raise OSError(f"{home} cannot be locked")  # a directory cannot even be opened
else:
    import fcntl

    def _lock(home: Path) -> int:
        """Lock the directory, not the file in it: where both kinds of locks are one, SQLite's would get in the way.

        Raises:
            BlockingIOError: Another holds it.
            OSError: It cannot be locked, as on some file systems.
        """
        handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(handle)
            raise
        return handle


def _let_go(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)
