"""Which systems there are, and what reads the exports of each; a reader is imported when it is asked for.

Invariant: a reader knows how files are laid out and nothing else; all of them fill the same `Deals`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TypeAlias

from milestone_cli.exchange.deals import Deals
from milestone_cli.exchange.layouts import Layout
from milestone_cli.exchange.reader import BadLines
from milestone_cli.exchange.sheets import Sheet

SYSTEMS = {
    "salesforce": "Salesforce",
    "hubspot": "HubSpot",
    "pipedrive": "Pipedrive",
    "odoo": "Odoo",
}
"""What each is called, by its name on the command line, which is that of its reader's module."""

IsMine: TypeAlias = Callable[[Sequence[str], Mapping[str, str]], bool]
ReadSheet: TypeAlias = Callable[[Sheet, Deals, Mapping[str, str], BadLines, Callable[[], None]], None]
ReadJson: TypeAlias = Callable[[object, str, Deals, BadLines], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReader:
    """What reads the exports of one system."""

    name: str
    """On the command line, and before the ids of its deals."""
    called: str
    """For readers of messages."""
    is_mine: IsMine
    """Tells whether a header is that of one of the system's tables, given the headings that the map names."""
    read_sheet: ReadSheet
    """Adds what a sheet says to what the files read before say."""
    read_json: ReadJson | None = None
    """The same for a JSON file; None where the system has no such files."""
    status: Mapping[str, str] = field(default_factory=dict)
    """What the system's own words for won, lost and open mean, by their plain name."""
    layouts: Sequence[Layout] = ()
    """Its tables."""

    def unknown_columns(self, renamed: Mapping[str, str]) -> list[str]:
        """Return what the map names columns for and the system has none of."""
        known = {name for layout in self.layouts for name in layout.columns} | {"entered"}
        return [name for name in renamed if self.layouts and name not in known]


def system_reader(name: str) -> SystemReader:
    """Return what reads the exports of a system of `SYSTEMS`."""
    module = import_module(f"milestone_cli.exchange.{name}")
    return SystemReader(
        name=name,
        called=SYSTEMS[name],
        is_mine=module.is_mine,
        read_sheet=module.read_sheet,
        read_json=getattr(module, "read_json", None),
        status=getattr(module, "STATUS", {}),
        layouts=getattr(module, "LAYOUTS", ()),
    )
