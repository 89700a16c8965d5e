"""Every way `ms` can say no: one class per fact, each building its own two sentences.

Invariant: an error carries a message that says what is wrong and a hint that says what to do; it is printed at one
place, the error boundary in `cli.py`, and nothing was written when it is raised.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell sees."""

    DONE = 0
    """Done; also when there is nothing to list."""
    REFUSED = 1
    """What was asked cannot be: an unknown name, a broken rule, no file yet."""
    USAGE = 2
    """The command line itself is wrong."""
    FILE = 3
    """The file: locked too long, damaged, no permission, disk full, made by a newer version."""
    BUG = 4
    """A defect of `ms`; the traceback lies in a file whose path is told."""
    INTERRUPTED = 130
    """Ctrl-C."""


class MsError(Exception):
    """The root of all errors that a user can meet."""

    code = "refused"
    """A stable machine name, shown as `error.code` in JSON."""
    exit_code = ExitCode.REFUSED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        """One sentence: what is wrong."""
        self.hint = hint
        """One sentence: what to do."""


class UsageError(MsError):
    """The command line cannot be read."""

    code = "usage"
    exit_code = ExitCode.USAGE


class InvalidValue(UsageError):
    """A date, amount, period or name that cannot be read or stored."""

    code = "invalid_value"


class RuleBroken(MsError):
    """What was asked contradicts a rule of the process or of the journal."""

    code = "rule_broken"


class AlreadyRecorded(MsError):
    """The same fact is there already; the command did nothing and that is fine."""

    code = "already_recorded"
    exit_code = ExitCode.DONE


class ExtraMissing(MsError):
    """What was asked needs packages of an extra that are not installed."""

    code = "extra_missing"

    def __init__(self, what: str, extra: str, packages: Iterable[str]) -> None:
        names = list(packages)
        super().__init__(
            f"{what} needs {' and '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}.",
            f"Install the extra: {sys.executable} -m pip install {' '.join(names)}"
            f" (or, in the folder of ms, pip install '.[{extra}]').",
        )


class UnknownName(MsError):
    """A name that is not in the file; near ones are suggested, never taken."""

    code = "unknown_name"

    def __init__(self, what: str, name: str, known: Iterable[str] = (), hint: str = "") -> None:
        near = suggestions(name, known)
        if near:
            hint = f"Did you mean {' or '.join(near)}?" + (f" {hint}" if hint else "")
        super().__init__(f'There is no {what} "{_cut(name)}".', hint)
        self.what = what
        self.name = name
        self.suggestions = near
        """Up to three known names that look like the one given, best first."""


class AmbiguousName(MsError):
    """A beginning of a name that fits several."""

    code = "ambiguous_name"

    def __init__(self, what: str, name: str, fitting: Iterable[str]) -> None:
        names = list(fitting)
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        super().__init__(f'"{_cut(name)}" fits more than one {what}: {shown}.', "Type more of the name.")


class ProcessNeeded(MsError):
    """A command that needs one process was not told which."""

    code = "process_needed"

    def __init__(self, known: Iterable[str]) -> None:
        names = sorted(known)
        if names:
            super().__init__(
                f"This command needs one process; there are {len(names)}: {', '.join(names)}.",
                "Name it with --process, or set it with `ms config set process NAME`.",
            )
        else:
            super().__init__("No process is defined yet.", "Define one with `ms define-process`.")


class FileError(MsError):
    """The database file cannot be used as it is."""

    code = "file"
    exit_code = ExitCode.FILE


class NoFileYet(MsError):
    """A looking command on a path where no file is."""

    code = "no_file"

    def __init__(self, path: object) -> None:
        super().__init__(f"No database at {path}.", "Start with `ms define-process`.")


class NotADatabase(FileError):
    """The path holds something else: another kind of file, a directory, a file of another program."""

    code = "not_a_database"


class Damaged(FileError):
    """The file is one of ours but its content does not hold together."""

    code = "damaged"


class NewerFile(FileError):
    """The file was made by a newer version."""

    code = "newer_file"


class Locked(FileError):
    """Another process held the file for longer than the limit."""

    code = "locked"


class NoPermission(FileError):
    """The file or its directory cannot be read or written."""

    code = "no_permission"


class DiskFull(FileError):
    """There is no room to write."""

    code = "disk_full"


def _cut(name: str, limit: int = 60) -> str:
    return name if len(name) <= limit else f"{name[:limit]}..."


def suggestions(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three of `known` that look like `name`, best first.

    >>> suggestions("ama", ["anna", "ben"])
    ['anna']
    """
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.casefold(), candidate)
    wanted = name.casefold()
    beginning = [text for key, text in folded.items() if wanted and key.startswith(wanted)]
    near = [folded[key] for key in get_close_matches(wanted, folded, n=3, cutoff=0.5)]
    return list(dict.fromkeys(beginning[:3] + near))[:3]
