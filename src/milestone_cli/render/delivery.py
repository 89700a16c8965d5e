"""Where a result goes: standard output, or a file that is replaced whole or not at all.

Invariant: a failed write leaves an existing file as it was and no half-written one beside it.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from milestone_cli.domain.text import visible
from milestone_cli.errors import DiskFull, FileError, MsError, NoPermission
from milestone_cli.render.output import STDOUT

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_DATABASE = b"SQLite format 3\x00"
_MARK = slice(68, 72)
"""Where such a file says whose it is."""


def deliver(content: str | bytes, output: Path | None, stdout: TextIO | None) -> bool:
    """Write `content` to the file of -o, or text to `stdout` without one; return whether somebody took all of it.

    A reader that has seen enough (`| head`) is no error.

    Raises:
        DiskFull: no room for it.
        NoPermission: the file or its directory may not be written.
        FileError: a directory, a missing parent directory, a database, a closed standard output, a failing device.
    """
    if output is not None and str(output) != STDOUT:
        replace_file(output, content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))
    elif stdout is None:
        raise FileError("Standard output is closed.", "Write to a file with -o FILE.")
    else:
        return _print(content if isinstance(content, str) else content.decode(), stdout)
    return True


def replace_file(path: Path, content: bytes, *, mode: int = 0o666, application: int | None = None) -> None:
    """Put `content` at `path` in one step, keeping the mode of the file it replaces.

    A link is followed; a device or pipe is written as it stands.

    Args:
        path: where to.
        content: all of it.
        mode: of a new file, before the umask.
        application: a database with this mark of SQLite may be replaced; all others stay as they are.

    Raises:
        DiskFull, NoPermission, FileError: as for `deliver`.
    """
    try:
        target = path.resolve()
        if target.is_dir():
            raise FileError(f"{_name(path)} is a directory.", "Name a file in it with -o.")
        if not target.parent.is_dir():
            raise FileError(f"There is no directory {_name(target.parent)}.", "Make it first, or name another file.")
        if target.exists() and not target.is_file():
            _write_through(target, content)
            return
        if target.exists():
            _refuse_protected(path, target, application)
        _replace(target, content, mode)
    except (OSError, RuntimeError, ValueError) as error:
        raise _file_error(error, _name(path)) from error


def _refuse_protected(path: Path, target: Path, application: int | None) -> None:
    if not os.access(target, os.W_OK):
        raise NoPermission(f"{_name(path)} is write-protected.", "Allow writing to it, or name another file with -o.")
    with suppress(OSError), target.open("rb") as file:
        head = file.read(_MARK.stop)
        if head.startswith(_DATABASE) and (application is None or int.from_bytes(head[_MARK]) != application):
            raise FileError(f"{_name(path)} is a database and stays as it is.", "Name another file with -o.")


def _replace(target: Path, content: bytes, new_mode: int) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    beside = target.with_name(f".{target.name[:80]}.{os.getpid()}-{os.urandom(4).hex()}.part")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), new_mode)
    try:
        with os.fdopen(handle, "wb") as file:
            if mode is not None:
                beside.chmod(mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    """Make the new name last through a power cut, where the file system can."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_through(target: Path, content: bytes) -> None:
    with suppress(BrokenPipeError), target.open("wb", buffering=0) as file:
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) or 0 :]


def _print(text: str, stdout: TextIO) -> bool:
    try:
        stdout.flush()
        buffer = getattr(stdout, "buffer", None)
        if buffer is None:
            stdout.write(text)
        else:
            buffer.write(_encoded(text, stdout))
        stdout.flush()
    except BrokenPipeError:
        _mute(stdout)
        return False
    except (OSError, ValueError) as error:
        _mute(stdout)
        raise _file_error(error, "standard output") from error
    return True


def _encoded(text: str, stdout: TextIO) -> bytes:
    """A pipe gets UTF-8 whatever the locale, a terminal what it can show."""
    encoding = (stdout.encoding or "utf-8") if stdout.isatty() else "utf-8"
    return text.encode(encoding, "backslashreplace")


def _mute(stdout: TextIO) -> None:
    """Send what is still buffered to nowhere: else Python tries again at exit, and complains."""
    with suppress(OSError, ValueError):
        handle = stdout.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, handle)
        os.close(nowhere)


def _file_error(error: Exception, name: str) -> MsError:
    number = error.errno if isinstance(error, OSError) else None
    if number in _NO_ROOM:
        return DiskFull(f"There is no room to write {name}.", "Free some space, or name another place with -o.")
    if number in _NOT_ALLOWED:
        return NoPermission(f"{_sentence(name)} may not be written.", "Name another place with -o.")
    reason = os.strerror(number) if number is not None else "it is no name of a file"
    return FileError(f"{_sentence(name)} cannot be written: {reason}.", "Name another place with -o.")


def _name(path: Path) -> str:
    return visible(str(path))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] if text == "standard output" else text
