"""What a spreadsheet list names, for a map to complete: its headings, and its stages once the map says where they are.

Invariant: a list is only looked at here; what it says is read by `table_import` and `dated_table`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from milestone_cli.domain.text import visible
from milestone_cli.exchange.deals import Deals
from milestone_cli.exchange.export_files import source_of
from milestone_cli.exchange.headings import plain_heading
from milestone_cli.exchange.map_suggestion import quoted_toml
from milestone_cli.exchange.reader import BadLines, open_bytes
from milestone_cli.exchange.sheets import Sheet, open_sheet
from milestone_cli.exchange.systems import SystemReader


def headings_map(path: Path) -> str:
    """Return a map in which the columns are still to be named, with the headings there are.

    Raises:
        UnreadableFile: not there, or no table.
    """
    with open_bytes(path) as raw, open_sheet(raw, source_of(path)) as sheet:
        headings = [quoted_toml(title) for title in sheet.header if title]
    listed = "".join(f"#   {visible(heading)}\n" for heading in headings)
    return f"""\
# How `ms import --from table` reads {visible(source_of(path))}, which has the headings
{listed}# Write the heading in place of each ?, leave out what there is not, then let --suggest-map --map THIS.toml
# list the stages.

[columns]
customer = ?
# title = "..."     # also: key, owner, value
stage = ?         # where it stands; leave it out if there is a column of days for each milestone
# since = "..."     # a list: since when it stands there
# date = "..."      # a list of events: when it came to that stage; then key is needed

# [milestones]      # a column of days for each milestone
# "First talk on" = 2
# "Lost on" = "lost"
"""


def list_reader() -> SystemReader:
    """Return what looks at the rows of a list as if they were deals."""
    return SystemReader(name="table", called="the table", is_mine=_has_stage, read_sheet=_look)


def _has_stage(header: Sequence[str], renamed: Mapping[str, str]) -> bool:
    return {plain_heading(title) for title in renamed.values()} <= {plain_heading(title) for title in header}


def _look(sheet: Sheet, deals: Deals, renamed: Mapping[str, str], bad: BadLines, tick: Callable[[], None]) -> None:
    header = {plain_heading(title): place for place, title in enumerate(sheet.header)}
    places = {name: header[plain_heading(title)] for name, title in renamed.items() if plain_heading(title) in header}
    deals.renamed |= set(places)
    since = deals.column(sheet.source, renamed.get("since", ""))
    for number, cells in sheet.rows(bad):
        tick()
        deals.rows += 1
        said = {name: cells[place].strip() for name, place in places.items() if place < len(cells)}
        deal = deals.deal(str(number), number)
        deal.stage, deal.owner, deal.amount = said.get("stage", ""), said.get("owner", ""), said.get("value", "")
        deal.created, deal.created_column = said.get("since", ""), since
