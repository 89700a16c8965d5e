"""What lies at a path, before it is opened for good: links, strangers, rights, network file systems.

Invariant: looking changes nothing in the file and leaves nothing beside it.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path

from milestone_cli.errors import FileError, InvalidValue, NotADatabase
from milestone_cli.store import tables
from milestone_cli.store.sqlite_errors import NOTHING, is_full, newer, no_room_to_look, translated

MEMORY = Path(":memory:")
"""Stands for a database that is no file."""
SIDECARS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file while it is open."""
_SETTINGS = ("foreign_keys=ON", "synchronous=FULL", "recursive_triggers=ON", "trusted_schema=OFF", "cell_size_check=ON")
_ATTEMPT_SECONDS = 0.25
"""How long SQLite itself waits for a lock before our own retry takes over."""
_NETWORK_KINDS = "nfs nfs4 cifs smb3 smbfs 9p afs ceph lustre beegfs ncpfs davfs gfs2"
_FUSE_KINDS = "fuse.sshfs fuse.glusterfs fuse.ceph fuse.rclone fuse.davfs"
NETWORKS = frozenset((*_NETWORK_KINDS.split(" "), *_FUSE_KINDS.split(" ")))
"""File systems whose locks SQLite cannot rely on, as /proc/mounts names them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a database says about itself."""

    application: int
    """`PRAGMA application_id`; `tables.APPLICATION_ID` in files of ours."""
    version: int
    """`PRAGMA user_version`: the version of the schema."""


def located(path: Path) -> Path:
    """Return the real place of `path`, all links followed.

    Raises:
        FileError: A link to nothing; a directory or a device (`NotADatabase`); no permission.
        InvalidValue: No path at all.
    """
    if "\0" in str(path):
        raise InvalidValue("The path of the database holds a NUL character.", "Name another file with --db.")
    with translated(path):
        if path.is_symlink() and not path.exists():
            raise FileError(
                f"{path} is a link to {path.readlink()}, where no file is.", "Name the file itself with --db."
            )
        place = Path(os.path.realpath(path))
        try:
            mode = place.stat().st_mode
        except FileNotFoundError:
            return place
    if stat.S_ISDIR(mode):
        raise NotADatabase(f"{place} is a directory, not a database.", "Name a file in it with --db.")
    if not stat.S_ISREG(mode):
        raise NotADatabase(f"{place} is not a regular file.", "Name another file with --db.")
    return place


def identity(place: Path) -> Identity | None:
    """Return what the file at `place` says it is, without changing it; None when it is missing or empty.

    Raises:
        NotADatabase: Not a SQLite file.
        DiskFull: No room for what SQLite keeps beside a file in which others have left something.
        sqlite3.Error: As SQLite raises it; wrap in `translated`.
    """
    try:
        if place.stat().st_size == 0:
            return None
    except FileNotFoundError:
        return None
    # A journal beside the file is what a killed creation leaves; only a writing connection may roll it back.
    mode = "mode=rw" if has_content(place, "-journal") and can_write(place) else reading_mode(place)
    raw = plain(place, mode)
    try:
        if raw.execute("PRAGMA page_count").fetchone()[0] == 0:
            return None
        [application] = raw.execute("PRAGMA application_id").fetchone()
        [version] = raw.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        if is_full(error):
            raise no_room_to_look(place) from error
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB:
            raise
        raise NotADatabase(
            f"{place} is not a database (or its beginning is destroyed). {NOTHING}",
            "Name another file with --db; if it was one of ours, `ms restore` brings back a backup.",
        ) from error
    finally:
        raw.close()
    return Identity(application, version)


def refuse_strangers(known: Identity, place: Path) -> None:
    """Raise unless the file is one of ours and not newer than this program."""
    if known.application != tables.APPLICATION_ID:
        raise NotADatabase(f"{place} was made by another program. Nothing was changed.", "Name another file with --db.")
    if known.version > tables.SCHEMA_VERSION:
        raise newer(place)


def can_write(place: Path) -> bool:
    """Return whether the file and its directory (for -wal and -shm) can be written."""
    return os.access(place, os.W_OK) and os.access(place.parent, os.W_OK | os.X_OK)


def beside(place: Path, ending: str) -> Path:
    """Return the path of what SQLite keeps beside the file ("-wal", "-shm", "-journal")."""
    return place.with_name(place.name + ending)


def has_content(place: Path, ending: str) -> bool:
    """Return whether SQLite has left something beside the file: it is open, or its last user was killed."""
    try:
        return beside(place, ending).stat().st_size > 0
    except OSError:
        return False


def reading_mode(place: Path) -> str:
    """Return how to look without leaving a trace: with nothing in a -wal the file alone is the whole truth."""
    return "mode=ro" if has_content(place, "-wal") else "immutable=1"


def opening_mode(place: Path) -> str:
    """Return how this user opens the file: to write if that is possible, else without making anything beside it.

    A -wal made by someone who can only read belongs to them, and would lock the owner out.
    """
    return "mode=rw" if can_write(place) else reading_mode(place)


def loose_permissions(path: Path) -> bool:
    """Return whether others than the owner may read or write the file."""
    if os.name == "nt":
        return False
    try:
        return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH))
    except OSError:
        return False


def on_network(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """Return the kind of network file system that `path` lies on ("nfs4"), or None (also where it cannot be known)."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    place = Path(os.path.realpath(path))
    best: tuple[int, str] = (0, "")
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 2:
            point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
            if place.is_relative_to(point):
                best = max(best, (len(point.parts), fields[2]), key=lambda found: found[0])
    return best[1] if best[1] in NETWORKS else None


def connect(place: Path, mode: str) -> sqlite3.Connection:
    """Return a driver's connection with our settings and no open transaction; `mode` is a URI query ("mode=rw")."""
    raw = plain(place, mode)
    try:
        set_up(raw)
    except BaseException:
        raw.close()
        raise
    return raw


def set_up(raw: sqlite3.Connection) -> None:
    """Give a driver's connection our settings."""
    for setting in _SETTINGS:
        raw.execute(f"PRAGMA {setting}")


def connect_to_copy(place: Path) -> sqlite3.Connection:
    """Return a connection to what is there, also where there is no room for what SQLite keeps beside an open file."""
    try:
        return connect(place, opening_mode(place))
    except sqlite3.OperationalError as error:
        if not is_full(error):
            raise
        return connect(place, reading_mode(place))


def plain(place: Path, mode: str) -> sqlite3.Connection:
    """Return a driver's connection that has not yet looked at the file."""
    uri = "file::memory:" if place == MEMORY else f"{place.as_uri()}?{mode}"
    # not held to one thread: rows can be written beside the work that makes the next ones, never at the same moment
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_ATTEMPT_SECONDS, check_same_thread=False)


def make_empty(place: Path) -> None:
    """Make an empty file that only its owner can read, and the directories above it; one that is there stays."""
    make_directory(place)
    try:
        os.close(os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        # Another ms was quicker, or the file was empty all along: who gets the write lock writes the schema.
        return


def make_directory(place: Path) -> None:
    """Make the directories above `place` that are missing, for their owner only."""
    for parent in reversed(place.parents):
        if not parent.exists():
            parent.mkdir(mode=0o700, exist_ok=True)
