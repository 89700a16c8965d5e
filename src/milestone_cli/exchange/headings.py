"""Which column of an export says what, whatever case, blanks or asterisks its headings have.

Invariant: a heading is found by its exact words or an alias, never by likeness; what the map names goes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from milestone_cli.domain.text import fold, quoted, visible
from milestone_cli.errors import suggestions
from milestone_cli.exchange.reader import UnreadableFile


def plain_heading(text: str) -> str:
    """Return a heading as it is compared: folded, single blanks, no `*` around it.

    >>> plain_heading("  Deal -  Title * ")
    'deal - title'
    """
    return fold(" ".join(text.split()).strip("* "))


def find_columns(
    header: Sequence[str], aliases: Mapping[str, Iterable[str]], renamed: Mapping[str, str]
) -> dict[str, int]:
    """Return the place of every column that is there, by our name for it.

    Args:
        header: the headings of the file.
        aliases: by our name, the headings that systems use for it, the best first.
        renamed: by our name, the heading that the map names; it must be there.

    Raises:
        UnreadableFile: a heading of the map is not there.
    """
    places = {plain_heading(title): place for place, title in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for name, known in aliases.items():
        if (title := renamed.get(name)) is not None:
            if plain_heading(title) not in places:
                raise missing_heading(header, title)
            found[name] = places[plain_heading(title)]
            continue
        place = next((places[plain_heading(alias)] for alias in known if plain_heading(alias) in places), None)
        if place is not None:
            found[name] = place
    return found


def missing_heading(header: Sequence[str], title: str) -> UnreadableFile:
    """Return the error for a heading that the map names and the file lacks."""
    near = suggestions(title, header)
    hint = f"Did you mean {' or '.join(map(quoted, near))}? " if near else ""
    listed = ", ".join(visible(one) for one in header[:30])
    return UnreadableFile(f"There is no column {quoted(title)}, which the map names.", f"{hint}The file has {listed}.")
