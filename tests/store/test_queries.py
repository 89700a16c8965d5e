"""The sums that KPIs are made of, against pandas over the same made-up arrivals."""

import random
from dataclasses import dataclass

import pandas as pd
import pytest
from tests.desk import KEYS, Desk

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.period import parse_period
from milestone_cli.store import queries
from milestone_cli.store.recording import NewOpportunity

START, TODAY = day_of(2025, 6, 1), day_of(2026, 11, 23)
PERIODS = (
    "2026-11", "2026-02", "2026-Q4", "2025-Q3", "2026", "2025", "2026-W47", "2025-W52", "2026-01..2026-05",
    "last-month", "last-3-months", "ytd", "this-week", "this-quarter",
)  # fmt: skip


@dataclass
class Made:
    desk: Desk
    frame: pd.DataFrame
    """One line per arrival: milestone, day, value (NaN: unknown), rep (0: nobody)."""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    """120 lives of four reps: skips, losses, unknown and changed values, changed owners."""
    draw = random.Random(7)  # noqa: S311 - made-up data
    desk = Desk(tmp_path_factory.mktemp("made") / "made.db")
    desk.define(desk.process())
    desk.target(10_000_000)
    reps = [None, *(desk.rep(key, began=START) for key in ("dora", "anna", "ben", "cara"))]
    lines = []
    with desk.writing("import") as ledger:
        for n in range(120):
            day, rep = draw.randrange(START, TODAY - 60), draw.choice(reps)
            value = draw.choice([None, draw.randrange(1, 10**8)])
            new = NewOpportunity(customer=f"C{n}", process="b2b", on=day, value=value, rep=rep)
            number, _ = ledger.open(new)
            place = 0
            while place < 5 and draw.random() < 0.75:
                day += draw.randrange(40)
                if draw.random() < 0.2:
                    rep = draw.choice(reps[1:])
                    ledger.record([Fact(kind=Kind.ASSIGNED, on=day, opportunity=number, rep=rep)])
                given = draw.choice([None, None, draw.randrange(1, 10**8)])
                target = min(5, place + draw.choice([1, 1, 1, 2, 3]))
                if day > TODAY:
                    break
                # what is skipped arrives with what was known before the line that implies it ... with its value
                value = given or value
                lines += [(KEYS[step], day, value, rep or 0) for step in range(place, target)]
                reached = Fact(kind=Kind.REACHED, on=day, opportunity=number, milestone=KEYS[target - 1], value=given)
                ledger.record([reached])
                place = target
            if place < 5 and draw.random() < 0.3:
                ledger.record([Fact(kind=Kind.LOST, on=min(day + 3, TODAY), opportunity=number)])
    return Made(desk, pd.DataFrame(lines, columns=["milestone", "day", "value", "rep"]))


def sums(frame: pd.DataFrame) -> dict:
    return {
        key: (int(part["value"].sum()), len(part), int(part["value"].isna().sum()))
        for key, part in frame.groupby("milestone")
    }


def plain(arrived) -> dict:
    return {key: (found.money, found.count, found.unknown) for key, found in arrived.items()}


def within(frame: pd.DataFrame, period: str, as_of: int) -> pd.DataFrame:
    span = parse_period(period, today=as_of)
    return frame[(frame.day >= span.start) & (frame.day <= min(span.end, as_of))]


@pytest.mark.parametrize("period", PERIODS)
def test_sums_of_the_team_and_of_every_rep_are_those_of_pandas(made, period):
    span = parse_period(period, today=TODAY)
    part = within(made.frame, period, TODAY)
    with made.desk.reading() as book:
        assert plain(book.arrived("b2b", span.start, span.end)) == sums(part)
        by_rep = book.arrived_by_rep("b2b", span.start, span.end)
        assert {rep or 0: plain(found) for rep, found in by_rep.items()} == {
            rep: sums(lines) for rep, lines in part.groupby("rep")
        }
        for rep in (1, 2, 3, 4):
            assert plain(book.arrived("b2b", span.start, span.end, rep=rep)) == sums(part[part.rep == rep])


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("rep", [None, 2])
def test_the_kpis_of_every_period_say_what_pandas_says(made, period, rep):
    as_of = day_of(2026, 11, 18)
    report = made.desk.kpis(period, as_of, rep=rep)
    frame = made.frame if rep is None else made.frame[made.frame.rep == rep]
    wanted = sums(within(frame, period, as_of))
    for row in report.milestones:
        money, count, _ = wanted.get(row.milestone.key, (0, 0, 0))
        assert (row.reached, row.count) == (money, count)
        for shown, past in zip(row.trend, report.period.earlier(6), strict=True):
            span = frame[(frame.day >= past.start) & (frame.day <= past.end) & (frame.milestone == row.milestone.key)]
            assert shown == int(span["value"].sum())


def test_the_parts_of_the_reps_add_up_to_the_team(made):
    report = made.desk.kpis("2026", TODAY, by_rep=True)
    with made.desk.reading() as book:
        nobodys = book.arrived_by_rep("b2b", report.period.start, TODAY).get(None, {})
    for place, row in enumerate(report.milestones):
        left = nobodys.get(row.milestone.key)
        assert row.count == sum(rows[place].count for _, rows in report.reps) + (left.count if left else 0)


def test_every_single_arrival_is_listed_in_the_order_of_days(made):
    with made.desk.reading() as book:
        listed = book.arrivals_listed("b2b", START, TODAY)
        mine = book.arrivals_listed("b2b", START, TODAY, rep=2)
    assert sorted((one.milestone, one.on, one.value or 0, one.rep or 0) for one in listed) == sorted(
        (line.milestone, line.day, 0 if pd.isna(line.value) else int(line.value), line.rep)
        for line in made.frame.itertuples()
    )
    assert [one.on for one in listed] == sorted(one.on for one in listed)
    assert mine == [one for one in listed if one.rep == 2]


def test_the_book_began_with_its_first_fact(made):
    with made.desk.reading() as book:
        opened = min(row["opened_on"] for row in book.opportunities())
        assert book.began("b2b") == min(opened, int(made.frame.day.min()))
        assert book.last_day() >= int(made.frame.day.max())


def test_a_fact_before_the_opening_moves_the_beginning(desk):
    number = desk.add("Acme", START + 10)
    with desk.reading() as book:
        assert book.began("b2b") == START + 10
    desk.change(changes.advance, number, "1", on=START + 2)
    with desk.reading() as book:
        assert book.began("b2b") == START + 2


def test_an_empty_book_has_not_begun(desk):
    with desk.reading() as book:
        assert book.began("b2b") is None
        assert book.overall_worths("b2b", TODAY) == {}
        assert book.arrived("b2b", START, TODAY) == {}


def test_processes_are_kept_apart(desk):
    desk.define(desk.process(("a", "b"), key="smb"))
    desk.add("Acme", START, ("1", START), value=5)
    desk.add("Acme", START, ("b", START), value=7, key="smb")
    with desk.reading() as book:
        assert plain(book.arrived("smb", START, TODAY)) == {"a": (7, 1, 0), "b": (7, 1, 0)}
        assert plain(book.arrived("b2b", START, TODAY)) == {"interest": (5, 1, 0)}
        assert [row["key"] for row in book.opportunities(process="smb")] == ["acme-2"]
        assert {key: (worth.count, worth.money) for key, worth in book.overall_worths("b2b", TODAY).items()} == {
            "interest": (1, 5)
        }


def test_opportunities_are_counted_by_process_owner_milestone_and_status(desk):
    anna = desk.rep("anna")
    for n in range(3):
        desk.add(f"C{n}", START, ("1", START), rep=anna)
    desk.add("D", START)
    desk.undo()
    desk.add("E", START)
    with desk.reading() as book:
        found = {
            (tally.rep, tally.milestone, tally.status): tally.opportunities
            for tally in queries.tallies(book.connection)
        }
    assert found == {(anna, "interest", "open"): 3, (None, None, "target"): 1}
