"""Which column of an export says what, whatever case, blanks or asterisks its headings have.

Invariant: a heading is found by its exact words or an alias, never by likeness; what the map names goes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from milestone_cli.domain.text import fold, quoted, visible
from milestone_cli.errors import suggestions
from milestone_cli.exchange.reader import UnreadableFile
from milestone_cli.exchange.sheets import Sheet


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
        renamed: by our name, the heading that the map names; only that one is looked for.
    """
    places = places_of(header)
    found: dict[str, int] = {}
    for name, known in aliases.items():
        titles = [renamed[name]] if name in renamed else known
        place = next((places[plain_heading(title)] for title in titles if plain_heading(title) in places), None)
        if place is not None:
            found[name] = place
    return found


def places_of(header: Sequence[str]) -> dict[str, int]:
    """Return the place of each heading as it is compared; of two that are the same the first."""
    return {plain_heading(title): place for place, title in reversed(list(enumerate(header)))}


def named_place(places: Mapping[str, int], sheet: Sheet, title: str, what: str) -> int:
    """Return where the column is that the map names for something.

    Raises:
        UnreadableFile: the sheet has no such column.
    """
    place = places.get(plain_heading(title))
    if place is None:
        raise missing_heading(title, what, sheet.header, source=sheet.source)
    return place


def missing_heading(title: str, what: str, headings: Sequence[str], *, source: str | None = None) -> UnreadableFile:
    """Return the error for a column that the map names and that is not there.

    Args:
        title: its heading in the map.
        what: the map says it is.
        headings: that there are.
        source: the name of the file; None where it is missing in all of several.
    """
    near = suggestions(title, headings)
    hint = f"Did you mean {' or '.join(map(quoted, near))}? " if near else ""
    listed = ", ".join(visible(one) for one in list(dict.fromkeys(headings))[:30])
    where, has = ("There is", "There is") if source is None else (f"{source} has", "It has")
    return UnreadableFile(
        f"{where} no column {quoted(title)}, which the map names for {what}.", f"{hint}{has} {listed}."
    )
