"""What `ms merge` says, in words, of every kind of contradiction, and which tables it shows."""

from __future__ import annotations

import pytest

from milestone_cli.domain.contradictions import Contradiction, Side, Told, Why
from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Kind
from milestone_cli.domain.merged import Merged, NewName
from milestone_cli.domain.money import currency
from milestone_cli.render.cells import shown_line
from milestone_cli.reports.merged import MergedReport, merged_document
from milestone_cli.reports.merged_words import Clash, told_words, what_holds

DAY = day_of(2026, 10, 1)
EUR = currency("EUR")


def said(told, money=EUR):
    clash = Clash("acme", Contradiction(here=told, there=None, holds=Side.HERE, why=Why.WON), money)
    line = told_words(told, clash, {1: "anna"})
    return None if line is None else shown_line(line, "en_US")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(kind=Kind.REACHED, on=DAY, milestone="order"), "reached order on Oct 1, 2026"),
        (Told(kind=Kind.REACHED, on=DAY, milestone="order", value=500), "reached order on Oct 1, 2026, €5"),
        (Told(kind=Kind.STANDING, on=DAY, milestone="offer"), "taken over at offer on Oct 1, 2026"),
        (Told(kind=Kind.LOST, on=DAY), "lost on Oct 1, 2026"),
        (Told(kind=Kind.REOPENED, on=DAY), "reopened on Oct 1, 2026"),
        (Told(kind=Kind.RENAMED, on=DAY, text="[red]x"), "[red]x"),
        (Told(kind=Kind.OPENED, on=DAY), "opened on Oct 1, 2026"),
        (Told(kind=Kind.OPENED, on=DAY, value=500, rep=1), "anna and €5 from Oct 1, 2026 on"),
        (Told(kind=Kind.REVALUED, on=DAY, value=500), "€5 from Oct 1, 2026 on"),
        (Told(kind=Kind.ASSIGNED, on=DAY, rep=2), "2 from Oct 1, 2026 on"),
        (Told(kind=Kind.TARGET_SET, value=500), "€5 a month from the beginning on"),
        (Told(kind=Kind.PLAN_CHANGED, milestone="offer", key="rate", text="0.5"), "rate of offer: 0.5"),
        (Told(kind=Kind.PLAN_CHANGED, key="typical_value", text="40"), "typical_value: 40"),
        (Told(kind=Kind.VERSION_DEFINED, text="a, b"), "milestones a, b"),
        (Told(kind=Kind.PLAN_CHANGED, on=DAY), "definition from Oct 1, 2026 on"),
        (Told(kind=Kind.REP_ADDED, text="Anna"), "Anna"),
        (Told(kind=Kind.REP_RETIRED, on=DAY), "left"),
        (Told(kind=Kind.LOST, on=DAY, key="reason", text="[b]Price"), "lost on Oct 1, 2026, reason: [b]Price"),
        (
            Told(kind=Kind.REACHED, on=DAY, milestone="offer", key="evidence", text="wrote"),
            "reached offer on Oct 1, 2026, shown as wrote",
        ),
        (Told(kind=Kind.REVALUED, on=DAY, key="text", text="More"), "what was said: More"),
        (None, None),
    ],
)
def test_every_fact_is_said_in_a_few_words(told, words):
    assert said(told) == words


def test_what_each_holds_in_its_time_of_the_set_up_is_said_with_its_day():
    told = Told(kind=Kind.VERSION_DEFINED, on=DAY, text="a, b")
    what = Contradiction(here=told, there=None, holds=Side.BOTH, why=Why.LATER_DAY)
    line = told_words(told, Clash("b2b", what, EUR), {})
    assert shown_line(line, "en_US") == "milestones a, b from Oct 1, 2026 on"


def test_how_the_customer_showed_it_is_said_in_the_words_of_the_reader():
    told = Told(kind=Kind.LOST, on=DAY, key="evidence", text="wrote")
    line = told_words(told, Clash("acme", Contradiction(here=told, there=None, holds=Side.HERE, why=Why.WON), EUR), {})
    assert line is not None
    assert "wrote" not in shown_line(line, "de_DE")


def test_a_value_without_a_currency_is_left_out():
    assert said(Told(kind=Kind.REVALUED, on=DAY, value=500), money=None) == "opened on Oct 1, 2026"


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("side", Side)
def test_for_every_side_it_is_said_why(side, why):
    words = shown_line(what_holds(Contradiction(here=None, there=None, holds=side, why=why)), "en_US")
    begins = {Side.HERE: "here: ", Side.THERE: "there: ", Side.NEITHER: "without effect: ", Side.BOTH: ""}
    assert words.startswith(begins[side])
    assert len(words) > len(begins[side])


def report(*, renamed=(), clashes=12):
    told = Told(kind=Kind.LOST, on=DAY)
    clash = Clash("acme", Contradiction(here=told, there=None, holds=Side.NEITHER, why=Why.LOST), EUR)
    done = Merged(
        facts=3, commands=2, present=1, again=1, alike=1, opportunities=1, united=1, first_day=DAY, last_day=DAY,
        renamed=list(renamed),
    )  # fmt: skip
    return MergedReport(source="ben.db", done=done, clashes=[clash] * clashes)


def test_a_terminal_shows_ten_contradictions_of_all_and_a_file_all_of_them():
    short, whole = (merged_document(report(), all_of_it=everything).tables[0] for everything in (False, True))
    assert (len(short.rows), short.total_rows) == (10, 12)
    assert len(whole.rows) == 12


def test_a_key_that_changes_is_told_with_why():
    names = [
        NewName("bolt", "bolt-2", "Bolt", here=True, joined=None),
        NewName("bolt", "bolt-3", "Bolt", here=False, joined=None),
        NewName("second", "first", "Core", here=False, joined="first"),
    ]
    table = merged_document(report(renamed=names, clashes=0), all_of_it=True).tables[0]
    assert [row[3] for row in table.rows] == [
        "another one with this key was opened first", "the key is taken here", "both are one opportunity"
    ]  # fmt: skip
