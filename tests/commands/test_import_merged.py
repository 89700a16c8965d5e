"""Importing again into a book that a merge made: a deal and its facts are found where the merge put them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
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


def with_cells(file: File, *cells: str) -> File:
    """Return a file with other cells, each given as `before=after`."""
    content = file.content
    for cell in cells:
        before, _, after = cell.partition("=")
        assert before.encode() in content
        content = content.replace(before.encode(), after.encode())
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
            with_cells(hubspot.DEALS, "73,Wall,Appointment=73,Wall,Offer"),
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
            with_cells(
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
            with_cells(odoo.LEADS, "Wall,Qualified=Wall,Demo"),
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


# The native form ------------------------------------------------------------------------------------------------------


NATIVE = "opportunity,milestone,date,value,customer,rep,process,external_id"
ZETA_AG = ("zeta,1,2026-03-01,1000,Zeta AG,anna,b2b,A-1",)
ZETA_SE = ("zeta,1,2026-04-01,2000,Zeta SE,ben,b2b,B-1",)
ACME = ("acme,1,2026-03-01,1000,Acme,anna,b2b,SF-1", "acme,2,2026-04-01,,Acme,anna,b2b,SF-2")
ACME_CORP = ("acme-corp,1,2026-03-01,1000,Acme Corp,ben,b2b,SF-1", "acme-corp,3,2026-05-01,,Acme Corp,ben,b2b,SF-9")


class Books(NamedTuple):
    """A book with what was imported into it and into another one that was merged into it."""

    run: Callable[..., Any]
    place: Path

    def take(self, *rows: str) -> Any:
        """Import lines into the merged book; return what is said, as JSON."""
        (file,) = put(self.place, lines("f.csv", NATIVE, *rows))
        done = self.run("import", file, "--json")
        assert done.code == 0, done.err
        return done.json

    def facts(self) -> dict[str, list[tuple[str, ...]]]:
        return {key: [(row[0] or row[6], row[1]) for row in rows] for key, rows in facts(self.run).items()}


@pytest.fixture(params=["the first", "the second"])
def merged(request, team, path, other, tmp_path) -> Callable[..., Books]:
    """Imports the lines of two files into a book each and merges these, into the first or into the second one."""

    def make(first: Sequence[str], second: Sequence[str]) -> Books:
        for db, rows in ((path, first), (other, second)):
            (file,) = put(tmp_path, lines("f.csv", NATIVE, *rows))
            assert team("import", file, "--complete-history", "--db", str(db)).code == 0
        here, there = (path, other) if request.param == "the first" else (other, path)
        assert team("merge", str(there), "--db", str(here)).code == 0
        return Books(lambda *argv: team(*argv, "--db", str(here)), tmp_path)

    return make


def told(said: Any) -> list[tuple[int, str, str]]:
    return [(one["line"], one["opportunity"], one["what"]) for one in said["left_out"]["first"]]


def test_lines_go_to_the_opportunity_whose_ids_they_have_whatever_has_their_key_by_now(merged):
    books = merged(ZETA_AG, ZETA_SE)
    before = books.facts()
    assert set(before) == {"zeta", "zeta-2"}
    again = books.take(*ZETA_SE)
    assert (again["facts"], again["already_there"], again["left_out"]["count"]) == (0, 1, 0)
    said = books.take(*ZETA_SE, "zeta,2,2026-06-01,5000,Zeta SE,ben,b2b,B-2")
    assert (said["facts"], said["opportunities"], said["left_out"]["count"]) == (1, 0, 0)
    assert books.facts() == {**before, "zeta-2": [*before["zeta-2"], ("invited", "2026-06-01")]}
    assert books.run("check").code == 0


def test_lines_under_a_key_that_a_merge_has_done_away_with_go_to_what_it_was_united_with(merged):
    books = merged(ACME, ACME_CORP)
    before = books.facts()
    (key,) = before
    said = books.take(*ACME_CORP, "acme-corp,4,2026-06-01,,Acme Corp,ben,b2b,SF-10")
    assert (said["facts"], said["opportunities"], said["left_out"]["count"]) == (1, 0, 0)
    assert books.facts() == {key: [*before[key], ("offer", "2026-06-01")]}
    assert books.run("check").code == 0


def test_two_keys_of_a_file_that_are_one_opportunity_here_are_both_taken_to_it(merged):
    books = merged(ACME, ACME_CORP)
    more = ("acme,4,2026-06-01,,Acme,anna,b2b,SF-11", "acme-corp,5,2026-07-01,,Acme Corp,ben,b2b,SF-12")
    said = books.take(*ACME_CORP, *ACME, *more)
    assert (said["facts"], said["opportunities"], said["left_out"]["count"]) == (2, 0, 0)
    (found,) = books.facts().values()
    assert found[-2:] == [("offer", "2026-06-01"), ("order", "2026-07-01")]


@pytest.mark.parametrize("id_", ["B-2", ""])
def test_a_line_that_is_about_whom_a_merge_gave_another_key_is_refused_with_that_key(merged, id_):
    books = merged(ZETA_AG, ZETA_SE)
    before = books.facts()
    said = books.take(f"zeta,2,2026-06-01,5000,Zeta SE,ben,b2b,{id_}")
    assert told(said) == [(2, "zeta", "a merge has given this customer's opportunity the key zeta-2; use that")]
    assert books.facts() == before
    said = books.take(f"zeta-2,2,2026-06-01,5000,Zeta SE,ben,b2b,{id_}")
    assert (said["facts"], said["left_out"]["count"]) == (1, 0)


def test_a_line_under_a_key_that_a_merge_has_done_away_with_makes_no_second_opportunity(merged):
    books = merged(ACME, ACME_CORP)
    before = books.facts()
    said = books.take("acme-corp,4,2026-06-01,,Acme Corp,ben,b2b,SF-10")
    assert told(said) == [(2, "acme-corp", "a merge has given this customer's opportunity the key acme; use that")]
    assert books.facts() == before


def test_a_key_whose_ids_belong_to_several_opportunities_is_refused(merged):
    books = merged((*ZETA_AG, "other,1,2026-03-01,1000,Other,anna,b2b,O-1"), ZETA_SE)
    before = books.facts()
    rows = ("new,1,2026-03-01,,,,b2b,O-1", "new,1,2026-03-01,,,,b2b,B-1", "new,2,2026-06-01,,,,b2b,")
    reason = "its ids are those of several opportunities here: other, zeta-2; give the lines of each its key"
    assert told(books.take(*rows)) == [(line, "new", reason) for line in (2, 3, 4)]
    assert books.facts() == before


@pytest.mark.parametrize("customer", ["", "Zeta AG", "Zeta"])
def test_lines_without_ids_go_to_whom_their_key_names_where_nothing_says_otherwise(merged, customer):
    books = merged(ZETA_AG, ZETA_SE)
    said = books.take(f"zeta,2,2026-06-01,5000,{customer},ben,b2b,")
    assert (said["facts"], said["left_out"]["count"]) == (1, 0)
    assert books.facts()["zeta"][-1] == ("invited", "2026-06-01")


def test_an_id_of_another_process_moves_no_line(merged, team, path):
    books = merged(ZETA_AG, ZETA_SE)
    text = path.with_name("b2c.toml")
    text.write_text(team("processes", "b2b", "--toml").out.replace('"b2b"', '"b2c"'))
    assert books.run("define-process", str(text)).code == 0
    said = books.take("far,1,2026-03-01,,Far,anna,b2c,A-1", "far,2,2026-06-01,,Far,anna,b2c,F-2")
    assert [line for line, *_ in told(said)] == [2]
    assert books.facts()["far"][-1] == ("invited", "2026-06-01")


def test_no_line_goes_to_somebody_who_was_forgotten(merged):
    # what has no id of another system is exported with the global id of the fact, which stays
    books = merged(ZETA_AG, [row.replace("B-1", "") for row in ZETA_SE])
    exported_ = books.run("export").out.splitlines()
    assert books.run("forget", "zeta-2", "--yes").code == 0
    before = books.facts()
    mine = [row.replace("zeta-2", "again") for row in exported_ if row.startswith(("opportunity,", "zeta-2"))]
    (file,) = put(books.place, lines("f.csv", *mine, "again,2,2026-06-01"))
    assert books.run("import", file, "--with-forgotten", "--json").json["opportunities"] == 1
    assert books.facts() == {**before, "again": [("0", "2026-06-01"), ("invited", "2026-06-01")]}


def test_after_the_merge_is_undone_keys_mean_what_they_meant(merged):
    books = merged(ZETA_AG, ZETA_SE)
    assert books.run("undo", "--yes").code == 0
    (before,) = books.facts().values()
    said = books.take("zeta,2,2026-06-01,5000,Zeta SE,ben,b2b,B-2")
    assert said["facts"] == 1
    assert books.facts() == {"zeta": [*before, ("invited", "2026-06-01")]}


def test_who_has_another_key_and_was_taken_back_is_nobody_to_name(merged):
    books = merged(ZETA_AG, ZETA_SE)
    log = books.run("log", "--json").json["commands"]
    number = max(one["number"] for one in log if one["command"] == "import")
    assert books.run("undo", str(number), "--yes").code == 0
    (key,) = books.facts()
    customer = {"zeta": "Zeta SE", "zeta-2": "Zeta AG"}[key]
    said = books.take(f"zeta,2,2026-06-01,5000,{customer},ben,b2b,")
    assert (said["facts"], said["left_out"]["count"]) == (1, 0)


def test_in_a_book_that_nothing_was_merged_into_the_key_decides(team, tmp_path):
    books = Books(team, tmp_path)
    books.take(*ZETA_AG, "other,1,2026-03-01,1000,Other,anna,b2b,O-1")
    said = books.take("zeta,1,2026-05-01,,Zeta AG,anna,b2b,O-1", "zeta,2,2026-06-01,,Zeta AG,anna,b2b,A-2")
    assert told(said) == [(2, "zeta", "the book has O-1 at another opportunity")]
    assert books.facts()["zeta"][-1] == ("invited", "2026-06-01")
