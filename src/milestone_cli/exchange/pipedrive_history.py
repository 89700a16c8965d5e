"""Pipedrive's history of deals: the JSON of `/v1/deals/ID/flow` or `/changelog`, as it came or several in one file.

Invariant: a change counts only with the deal it belongs to: said by the change, by what is around it, or by the name of
the file; else the file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from milestone_cli.domain.text import quoted
from milestone_cli.exchange.deals import Change, Deal, Deals, Named, What
from milestone_cli.exchange.layouts import is_true, say_where
from milestone_cli.exchange.reader import BadLines, UnreadableFile

_FIELDS = {
    "stage_id": What.STAGE,
    "status": What.STATUS,
    "value": What.AMOUNT,
    "user_id": What.OWNER,
    "owner_id": What.OWNER,
}
"""What a change of a field is about; others are of no use here."""
_TIMES = ("log_time", "time")
"""What the time of a change is called, in a flow and in a changelog."""
_CREATED, _CURRENCY = "add_time", "currency"
_WRAPPERS = ("data", "flow", "changelog", "changes", "items")
_DEPTH = 8
"""How deep changes may lie: a file of answers by deal has four levels."""
_IN_NAME = re.compile(r"deals?[-_ ./\\](?P<id>\d+)(?!\d)", re.IGNORECASE | re.ASCII)
_ID = re.compile(r"\d{1,19}", re.ASCII)

NO_LIST = (
    "The history alone names no customer and no title, and leaves out what never changed: import the export of deals "
    "with it."
)
IDS = (
    "The history names stages by their ids: [stages] of the map says what each id means, or the JSON of /v1/stages "
    "gives them their names."
)
OTHER_CURRENCY = "Amounts from before a change of the currency are left out of a deal's history."
NO_ENTRY = (
    "Without a column Last stage change and without a history, it is unknown since when a deal stands at its stage."
)
ONE_ENTRY = (
    "Pipedrive's export of deals has no history: of each deal only the last entry of a stage is known. "
    "The JSON of /v1/deals/ID/flow has all of them."
)
NOTICES = (NO_LIST, NO_ENTRY, ONE_ENTRY, IDS, OTHER_CURRENCY)
_FORMS = (
    "It takes what /v1/deals/ID/flow or /v1/deals/ID/changelog answers, one deal a file called deal-123-flow.json, or "
    'all in one file: {"123": [...], "124": [...]}; and what /v1/stages answers.'
)


class _Item(NamedTuple):
    """A change as it lies in the file."""

    deal: str
    """Empty where nothing around it says so."""
    said: Mapping[str, object]


class _Read:
    """Goes through a JSON file."""

    def __init__(self, deals: Deals) -> None:
        self.deals = deals
        self.items: list[_Item] = []
        self.names_stages = False
        self.is_known = False
        """Something in it is Pipedrive's."""

    def walk(self, found: object, deal: str, depth: int = 0) -> None:
        """Take what lies in a list or an object; `deal` is the id that the objects around it say."""
        if depth > _DEPTH:
            return
        if isinstance(found, list):
            for one in found:
                self.walk(one, deal, depth + 1)
        elif isinstance(found, dict) and not self._take(found, deal):
            self._open(found, deal, depth)

    def _take(self, found: Mapping[str, object], deal: str) -> bool:
        """Take an object that says something itself; return False for one that only holds others."""
        if "object" in found and "data" in found:
            self.is_known = True
            said = found["data"]
            if found["object"] == "dealChange" and isinstance(said, dict):
                when = {"log_time": found.get("timestamp")} | {key: one for key, one in said.items() if one is not None}
                self.items.append(_Item(text_of(said.get("item_id")) or deal, when))
        elif "field_key" in found:
            self.is_known = True
            self.items.append(_Item(text_of(found.get("item_id") or found.get("deal_id")) or deal, found))
        elif "pipeline_id" in found and "name" in found and "id" in found and "stage_id" not in found:
            self.is_known = True
            self.names_stages = True
            stage = Named(text_of(found["name"]), text_of(found.get("pipeline_name")))
            self._name(What.STAGE, text_of(found["id"]), stage)
        else:
            return False
        return True

    def _open(self, found: Mapping[str, object], deal: str, depth: int) -> None:
        related = found.get("related_objects")
        users = related.get("user") if isinstance(related, dict) else None
        for id_, user in users.items() if isinstance(users, dict) else ():
            if isinstance(user, dict):
                self._name(What.OWNER, str(id_), Named(text_of(user.get("name"))))
        own = text_of(found.get("deal_id")) or (text_of(found.get("id")) if _has_list(found) else "") or deal
        held = [(own, found[name]) for name in _WRAPPERS if name in found]
        if not held:
            held = [(key, one) for key, one in found.items() if _ID.fullmatch(key)]
        for of_deal, one in held:
            # an answer without a single change
            self.is_known = self.is_known or one is None or one == []
            self.walk(one, of_deal, depth + 1)

    def _name(self, what: What, id_: str, named: Named) -> None:
        if id_ and named.name:
            self.deals.names[what, id_] = named


def read_json(found: object, source: str, deals: Deals, bad: BadLines) -> None:
    """Add what a JSON file says to `deals`; a change is told by its number in the file where others have a line.

    Args:
        found: as parsed.
        source: the name of the file.
        deals: what the files read before say.
        bad: takes the changes that cannot be read.

    Raises:
        UnreadableFile: no history of Pipedrive's deals, or one that does not say of which deal.
    """
    read = _Read(deals)
    in_name = _IN_NAME.search(source)
    read.walk(found, "")
    if not read.is_known:
        raise UnreadableFile(f"{source} holds no changes of Pipedrive's deals and no stages.", _FORMS)
    by_deal: dict[str, list[tuple[int, Mapping[str, object]]]] = {}
    for number, item in enumerate(read.items, start=1):
        id_ = item.deal or (in_name["id"] if in_name else "")
        if not id_:
            raise UnreadableFile(f"{source} does not say of which deal its changes are.", _FORMS)
        by_deal.setdefault(id_, []).append((number, item.said))
    deals.rows += len(read.items)
    columns = {
        heading: deals.column(source, heading, is_utc=True)
        for heading in _TIMES
        if any(heading in item.said for item in read.items)
    }
    for id_, said in by_deal.items():
        _take_changes(deals, deals.deal(id_, said[0][0]), said, columns, bad)
    _tell(deals, [deals.by_id[id_] for id_ in by_deal], names_stages=read.names_stages)


def _take_changes(
    deals: Deals,
    deal: Deal,
    items: Sequence[tuple[int, Mapping[str, object]]],
    columns: Mapping[str, int],
    bad: BadLines,
) -> None:
    """Add the changes of one deal; `columns` are those of the times by their names."""
    changes = []
    recoined = ""
    for number, said in items:
        key = text_of(said.get("field_key"))
        if key not in _FIELDS and key not in (_CREATED, _CURRENCY):
            continue
        heading = next((name for name in columns if text_of(said.get(name))), None)
        if heading is None:
            bad.add(number, f"the change of {quoted(key)} in deal {quoted(deal.id)} has no time")
            continue
        if any(isinstance(said.get(name), (dict, list)) for name in ("old_value", "new_value")):
            bad.add(number, f"the change of {quoted(key)} in deal {quoted(deal.id)} has a value that is no text")
            continue
        time, column = text_of(said[heading]), columns[heading]
        old, new = text_of(said.get("old_value")), text_of(said.get("new_value"))
        if key == _CREATED:
            if new and not deal.created:
                deal.created, deal.created_column = new, column
        elif key == _CURRENCY:
            recoined = max(recoined, time if old else "")
        elif new or _FIELDS[key] is What.AMOUNT:
            is_bulk = is_true(text_of(said.get("is_bulk_update_flag")))
            changes.append(Change(_FIELDS[key], new, time, column, number, bulk=is_bulk, old=old))
    if recoined:
        say_where(deals, OTHER_CURRENCY, holds=True)
        changes = list(_since(recoined, changes))
    deal.changes += changes


def _since(recoined: str, changes: list[Change]) -> Iterator[Change]:
    """Yield the changes without the amounts of a currency that the deal has no more."""
    for change in changes:
        if change.what is not What.AMOUNT:
            yield change
        elif change.time >= recoined:
            yield change._replace(old="")


def _tell(deals: Deals, read: Sequence[Deal], *, names_stages: bool) -> None:
    """Say what the files read so far cannot say; of thousands of files each looks at its own deals, where it can."""
    if NO_LIST not in deals.notices:
        say_where(deals, NO_LIST, holds=not any(deal.is_listed for deal in deals.by_id.values()))
    if ONE_ENTRY in deals.notices:
        say_where(deals, ONE_ENTRY, holds=not any(map(is_moved, read)))
    if NO_ENTRY in deals.notices:
        # files mostly come in the order of their deals: the last one is the last to be told of
        listed = (deal for deal in reversed(deals.by_id.values()) if deal.is_listed)
        lost = any(deal.since is None and not is_moved(deal) for deal in listed)
        say_where(deals, NO_ENTRY, holds=lost)
    looked_at = deals.by_id.values() if names_stages else read
    unnamed = any(
        change.what is What.STAGE and (What.STAGE, change.value) not in deals.names
        for deal in looked_at
        for change in deal.changes
    )
    say_where(deals, IDS, holds=unnamed or (IDS in deals.notices and not names_stages))


def is_moved(deal: Deal) -> bool:
    """Tell whether a change of the deal's stage is known."""
    return any(change.what is What.STAGE for change in deal.changes)


def _has_list(found: Mapping[str, object]) -> bool:
    return any(isinstance(found.get(name), list) for name in _WRAPPERS)


def text_of(value: object) -> str:
    """Return a text or a number of JSON as a cell would have it; nothing else is one.

    >>> text_of(5), text_of(1234.5), text_of(5000.0), text_of(" won "), text_of(True), text_of(None), text_of([1])
    ('5', '1234.5', '5000', 'won', 'true', '', '')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:f}".rstrip("0")
    return str(value).strip() if isinstance(value, (int, str)) else ""
