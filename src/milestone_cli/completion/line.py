"""What the words before the cursor mean, by the table of the commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from milestone_cli.commands import COMMANDS, ROOT_SHARED, SHARED_OPTIONS, Command, Option


class Line(NamedTuple):
    """What stands on the command line before the cursor."""

    command: Command | None
    places: tuple[str, ...]
    """The words that are no options, without the command."""
    options: Mapping[str, str]
    """The value of each option so far, by its long flag; empty for a switch."""
    pending: Option | None
    """The option whose value the cursor is at."""
    no_more_options: bool
    """`--` was given."""

    def place(self) -> str:
        """Return what kind of value the place at the cursor takes; empty where there is none."""
        kinds, position = () if self.command is None else self.command.arguments, len(self.places)
        return kinds[position] if position < len(kinds) else ""

    def options_left(self) -> list[Option]:
        """Return the options that can still be given."""
        return [option for option in _options(self.command) if option.flags[0] not in self.options]


def read(before: Sequence[str]) -> Line:
    """Return what the words mean, without the program's name.

    Raises:
        KeyError: there is no such command.
    """
    command: Command | None = None
    places: list[str] = []
    options: dict[str, str] = {}
    pending: Option | None = None
    no_more_options = False
    for word in before:
        if pending is not None:
            options[pending.flags[0]], pending = word, None
        elif word == "--" and not no_more_options:
            no_more_options = True
        elif word.startswith("-") and len(word) > 1 and not no_more_options:
            flag, equals, value = word.partition("=")
            option = option_of(flag, command)
            if option is not None and option.takes and not equals:
                pending = option
            elif option is not None:
                options[option.flags[0]] = value
        elif command is None:
            command = COMMANDS[word]
        else:
            places.append(word)
    return Line(command, tuple(places), options, pending, no_more_options)


def _options(command: Command | None) -> list[Option]:
    own = command.options if command is not None else (Option(("--version",)), Option(("--show-completion",)))
    shared = command.shared if command is not None else ROOT_SHARED
    return [*own, *(SHARED_OPTIONS[name] for name in shared), Option(("--help", "-h"))]


def option_of(flag: str, command: Command | None) -> Option | None:
    """Return the option with this spelling."""
    return next((option for option in _options(command) if flag in option.flags), None)
