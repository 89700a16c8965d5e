"""Importing again into a book that a merge made: a deal and its facts are found where the merge put them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.commands import test_import_again as salesforce
from tests.commands import test_import_hubspot as hubspot
from tests.commands import test_import_odoo as odoo
from tests.commands import test_import_pipedrive as pipedrive
from tests.commands import test_import_table_days as table
from tests.commands.exports import facts, put
from tests.exchange.exported import File, exported


class Source(NamedTuple):
    """Two exports of one system, the newer with one move more."""

    system: str
    map: str
    older: Sequence[File]
    newer: Sequence[File]
    customer: str
    """Whose deal moves."""
    key: str


def without(file: File, *cells: str) -> File:
    """Return a file with cells emptied, or with another text in them after a `=`."""
    content = file.content
    for cell in cells:
        now, _, before = cell.partition("=")
        assert now.encode() in content
        content = content.replace(now.encode(), before.encode())
    return file._replace(content=content)


def lines(name: str, *text: str) -> File:
    return File(name, ("\n".join(text) + "\n").encode())


ALPHA = salesforce.ALPHA
DEALS = exported("deals.csv", salesforce.OPPORTUNITY, *salesforce.DEALS)
MOVED = exported(
    "deals.csv", salesforce.OPPORTUNITY, *salesforce.changed(salesforce.DEALS, 0, StageName="Proposal")
)  # fmt: skip
PROPOSAL = [ALPHA, "2026-10-01T08:00:00Z", "Proposal", "1000"]
WALL = [*hubspot.STAGES[:2], ["73", "Wall", "Offer", "2026-11-05T08:00:00", *hubspot.STAGES[2][2:]]]
DEMO = [("71", "stage_id", "New", "Qualified", "2026-02-03 09:00:00"), ("73", "stage_id", "Qualified", "Demo",
        "2026-11-05 09:00:00")]  # fmt: skip
SOURCES = [
    Source(
        "salesforce",
        salesforce.MAP,
        [DEALS, exported("history.csv", salesforce.HISTORY, *salesforce.ROWS)],
        [MOVED, exported("history.csv", salesforce.HISTORY, *salesforce.ROWS, PROPOSAL)],
        "Alpha",
        "alpha",
    ),
    Source(
        "hubspot",
        hubspot.MAP,
        [hubspot.DEALS, hubspot.history("dealstage.csv", *hubspot.STAGES)],
        [
            without(hubspot.DEALS, "73,Wall,Appointment=73,Wall,Offer"),
            hubspot.history("dealstage.csv", *([*row, "", ""][:6] if row[0] == "73" else row for row in WALL)),
        ],
        "Wall",
        "wall",
    ),
    Source(
        "pipedrive",
        pipedrive.MAP,
        [pipedrive.DEALS],
        [
            without(
                pipedrive.DEALS, "Contact,Open,2026-02-05 09:00:00,=Offer,Open,2026-02-05 09:00:00,2026-11-05 09:00:00"
            )
        ],
        "Wall",
        "wall",
    ),
    Source(
        "odoo",
        odoo.MAP,
        [odoo.LEADS, odoo.TRACKING],
        [
            without(odoo.LEADS, "Wall,Qualified=Wall,Demo"),
            exported("mail.tracking.value.csv", odoo.COLUMNS, *(odoo.row(*one) for one in DEMO)),
        ],
        "Wall",
        "wall",
    ),
    Source(
        "table",
        table.DAYS_MAP,
        [lines("table.csv", *table.DAYS)],
        [lines("table.csv", *table.DAYS[:3], "A-3;Beispiel Gamma;;;20.03.2026;01.03.2026;;05.11.2026;")],
        "Beispiel Gamma",
        "A-3",
    ),
]


@pytest.fixture
def other(team, path: Path) -> Path:
    """A second book that was begun as the first one was."""
    assert team("kpis").code == 0
    return Path(shutil.copy(path, path.with_name("other.db")))


def taken(ms, place: Path, source: Source, files: Sequence[File], db: Path) -> Any:
    done = ms(
        "import", *put(place, *files), "--from", source.system, "--map", put(place, source.map), "--complete-history",
        "--json", "--db", str(db),
    )  # fmt: skip
    assert done.code == 0, done.err
    return done.json


@pytest.mark.parametrize("into", ["the one that was imported into", "the one with a fact of its own"])
@pytest.mark.parametrize("source", SOURCES, ids=[one.system for one in SOURCES])
def test_a_deal_that_a_merge_has_united_is_found_again(team, path, other, tmp_path, source, into):
    own = ("add", source.customer, "--key", source.key, "--on", "2026-01-20", "--reached", "1", "--value", "1k")
    here, there = (path, other) if into.endswith("own") else (other, path)
    assert team(*own, "--db", str(here if into.endswith("own") else there)).code == 0
    taken(team, tmp_path, source, source.older, there if into.endswith("own") else here)
    assert team("merge", str(there), "--json", "--db", str(here)).json["united"] == 1
    before = facts(lambda *argv: team(*argv, "--db", str(here)))
    again = taken(team, tmp_path, source, source.older, here)
    assert (again["facts"], again["opportunities"]) == (0, 0)
    assert again["opportunities_no_longer_there"]["count"] == 0
    newer = taken(team, tmp_path, source, source.newer, here)
    assert (newer["facts"], newer["opportunities"]) == (1, 0)
    after = facts(lambda *argv: team(*argv, "--db", str(here)))
    assert {key for key in before if before[key] != after[key]} == {source.key}
    assert after.keys() == before.keys()
    assert team("check", "--db", str(here)).code == 0


def test_two_deals_that_a_merge_has_made_one_are_both_taken_to_it(team, path, other, tmp_path, problems):
    source = SOURCES[0]
    second = "0060Y00000abcDDAAA"
    rows = [salesforce.ROWS[:3], [[second, *row[1:]] for row in salesforce.ROWS[3:4]]]
    deals = [salesforce.DEALS[:1], [[second, "Alpha", *salesforce.DEALS[1][2:]]]]

    def files(which: slice, *more: list[str]) -> list[File]:
        found = [row for part in rows[which] for row in part]
        return [
            exported("deals.csv", salesforce.OPPORTUNITY, *(row for part in deals[which] for row in part)),
            exported("history.csv", salesforce.HISTORY, *found, *more),
        ]

    taken(team, tmp_path, source, files(slice(1)), path)
    taken(team, tmp_path, source, files(slice(1, 2)), other)
    assert team("merge", str(other), "--json").json["united"] == 1
    before = facts(team)
    again = taken(team, tmp_path, source, files(slice(2)), path)
    assert (again["facts"], again["no_longer_there"]["count"], facts(team)) == (0, 0, before)
    lost = [second, "2026-10-01T08:00:00Z", "Closed Lost", "2000"]
    newer = taken(team, tmp_path, source, files(slice(2), lost), path)
    assert (newer["facts"], newer["opportunities"]) == (1, 0)
    assert facts(team)["alpha"][-1][6] == "lost"
    assert problems() == []
