"""The tables of other systems: by which headings one is known, where its columns are, and its rows.

Invariant: every row is either handed out whole, as wide as the header at least, or reported; what nobody can know (a
probability, an expected day of closing) is counted and goes no further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from milestone_cli.domain.text import quoted, visible
from milestone_cli.exchange.deals import Deals, What
from milestone_cli.exchange.headings import find_columns, plain_heading
from milestone_cli.exchange.reader import BadLines, UnreadableFile
from milestone_cli.exchange.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of table that a system exports."""

    name: str
    """As the system calls it."""
    columns: Mapping[str, tuple[str, ...]]
    """The headings a column may have, by our name for it; the best first."""
    needed: tuple[str, ...]
    """Our names of the columns without which a sheet is no such table."""
    dropped: tuple[str, ...] = ()
    """Our names of the columns that say what nobody can know."""

    def places(self, header: Sequence[str], renamed: Mapping[str, str]) -> dict[str, int] | None:
        """Return the place of every column that is there, by our name; None where one is missing that is needed.

        A name that the map gives another heading counts where the sheet has that heading.
        """
        found = find_columns(header, self.columns, self.renamed_here(header, renamed))
        return found if all(name in found for name in self.needed) else None

    def renamed_here(self, header: Sequence[str], renamed: Mapping[str, str]) -> dict[str, str]:
        """Return what the map says of columns of this kind of table that this sheet has."""
        titles = {plain_heading(title) for title in header}
        return {
            name: title for name, title in renamed.items() if name in self.columns and plain_heading(title) in titles
        }


def layout_of(
    header: Sequence[str], layouts: Sequence[Layout], renamed: Mapping[str, str]
) -> tuple[Layout, dict[str, int]] | None:
    """Return the first of the layouts that a header has all needed columns of, and where they are."""
    for layout in layouts:
        places = layout.places(header, renamed)
        if places is not None:
            return layout, places
    return None


def unknown_table(sheet: Sheet, system: str, layouts: Sequence[Layout]) -> UnreadableFile:
    """Return the error for a sheet that is none of the system's tables."""
    wanted = "; ".join(
        f"{layout.name} by {', '.join(layout.columns[name][0] for name in layout.needed)}" for layout in layouts
    )
    listed = ", ".join(visible(title) for title in sheet.header[:30])
    return UnreadableFile(
        f"{sheet.source} is no table of {system}: it has {listed}.",
        f"{system}'s tables are known by their headings: {wanted}. The map's [columns] names headings in other words.",
    )


class Table:
    """A sheet whose layout is known, on its way into `Deals`."""

    def __init__(
        self,
        sheet: Sheet,
        layout: Layout,
        places: Mapping[str, int],
        deals: Deals,
        *,
        bad: BadLines,
        tick: Callable[[], None],
    ) -> None:
        self.sheet = sheet
        self.layout = layout
        self.deals = deals
        self.bad = bad
        self._places = places
        self._tick = tick
        self._width = len(sheet.header)

    def has(self, name: str) -> bool:
        """Tell whether the column is there."""
        return name in self._places

    def place(self, name: str) -> int:
        """Return where the column is; of one that is not there, a place that is empty in every row."""
        return self._places.get(name, self._width)

    def title(self, name: str) -> str:
        """Return the heading of a column that is there, as the file has it."""
        return self.sheet.header[self._places[name]]

    def date_column(self, name: str, *, is_utc: bool = False, is_last_entry: bool = False) -> int:
        """Return the place of a column of dates among all; 0 where it is not there and no row has a date of it."""
        if not self.has(name):
            return 0
        return self.deals.column(self.sheet.source, self.title(name), is_utc=is_utc, is_last_entry=is_last_entry)

    def rows(self, *, ragged: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows, filled up with empty cells to one more than the header has."""
        deals, tick, width = self.deals, self._tick, self._width + 1
        dropped = {self._places[name]: 0 for name in self.layout.dropped if name in self._places}
        for number, cells in self.sheet.rows(self.bad, ragged=ragged):
            tick()
            deals.rows += 1
            cells.extend([""] * (width - len(cells)))
            for place in dropped:
                if cells[place]:
                    dropped[place] += 1
            yield number, cells
        for place, count in dropped.items():
            if count:
                title = self.sheet.header[place]
                deals.dropped[title] = deals.dropped.get(title, 0) + count

    def refuse(self, number: int, said: Mapping[str, str]) -> None:
        """Report the first of the needed cells of a row that is empty.

        Args:
            number: of the line.
            said: the needed cells by our name of their columns.
        """
        empty = next(name for name, text in said.items() if not text)
        self.bad.add(number, f"it has nothing under {quoted(self.title(empty))}")


def table_of(
    sheet: Sheet,
    system: str,
    layouts: Sequence[Layout],
    deals: Deals,
    renamed: Mapping[str, str],
    *,
    bad: BadLines,
    tick: Callable[[], None],
    header: Sequence[str] | None = None,
) -> Table:
    """Return a sheet as the table of the system that it is; `deals` keeps which names of the map were found in it.

    Args:
        sheet: at its first row.
        system: as it is called.
        layouts: of its tables, the one that is known by most headings first.
        deals: what the files read before say.
        renamed: by our name, the heading that the map names.
        bad: takes the rows that cannot be read.
        tick: called once a row.
        header: the headings in the words of the system, where those of the sheet are translated.

    Raises:
        UnreadableFile: the sheet is none of the system's tables.
    """
    found = layout_of(sheet.header if header is None else header, layouts, renamed)
    if found is None:
        raise unknown_table(sheet, system, layouts[::-1])
    layout, places = found
    deals.renamed |= layout.renamed_here(sheet.header, renamed).keys()
    return Table(sheet, layout, places, deals, bad=bad, tick=tick)


def is_true(text: str) -> bool:
    """Tell whether a cell says yes, as exports and spreadsheets write it.

    >>> is_true("TRUE"), is_true("1"), is_true("false"), is_true("")
    (True, True, False, False)
    """
    return text.strip().casefold() in {"true", "1", "yes"}


def say_where(deals: Deals, notice: str, *, holds: bool) -> None:
    """Keep a notice among what the export cannot say while it holds: a later file may have said it."""
    if holds and notice not in deals.notices:
        deals.notices.append(notice)
    elif not holds and notice in deals.notices:
        deals.notices.remove(notice)


def say_what_is_missing(deals: Deals, *, without_list: str, without_entry: str) -> None:
    """Tell what the files read so far cannot say, and take it back where a later one has said it.

    Args:
        deals: what they say.
        without_list: for a history without a row about a single deal.
        without_entry: for deals of which nothing says since when they stand at their stage.
    """
    listed = [deal for deal in deals.by_id.values() if deal.is_listed]
    lost = any(deal.since is None and all(one.what is not What.STAGE for one in deal.changes) for deal in listed)
    say_where(deals, without_list, holds=not listed)
    say_where(deals, without_entry, holds=lost)
