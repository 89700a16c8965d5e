"""What recording commands say, without a file."""

from __future__ import annotations

from milestone_cli.domain.expected import Expected
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.domain.lamps import Lamp
from milestone_cli.domain.money import currency
from milestone_cli.domain.opportunity import Status
from milestone_cli.domain.process import Milestone
from milestone_cli.render.cells import shown_line
from milestone_cli.reports.recorded import (
    About,
    Advance,
    Handover,
    Numbered,
    Undoing,
    advanced_document,
    handed_over_document,
    next_json,
    next_lines,
    undone_document,
)
from milestone_cli.reports.reward import MovedLamp, WorthMove

EUR = currency("EUR")
ABOUT = About(opportunity="acme", customer="Acme", currency=EUR, dry_run=False)
UNKNOWN = WorthMove(before=Expected(amount=None), now=Expected(amount=None), status=Status.OPEN)
OFFER = Numbered(4, Milestone(key="offer", name="Offer"))


def lines(document) -> list[str]:
    return [shown_line(line, "en") for line in document.before]


def advance(**more) -> Advance:
    fields = {
        "fact": Fact(kind=Kind.REACHED, on=20_000, milestone="offer", id="f" * 32, number=12),
        "reached": OFFER,
        "implied": (),
        "won": False,
        "month": 2024 * 12 + 9,
        "whose": None,
        "lamps": (),
        "worth": UNKNOWN,
        "next": None,
    }
    return Advance(**(fields | more))


def test_the_team_s_lamps_move_where_nobody_owns_it():
    lamp = MovedLamp(4, Lamp.RED, Lamp.AMBER, 0.25, 0.5)
    said = lines(advanced_document(ABOUT, advance(lamps=(lamp,))))
    assert said == [
        "acme reached milestone 4 (Offer) on Oct 4, 2024.",
        "team in Oct 2024: M4 25% -> 50%, ■ red -> ▲ amber.",
    ]


def test_a_name_with_braces_is_no_template():
    hostile = Numbered(1, Milestone(key="a", name="{0} {} [red]", customer_action="{}", how=("{x}",)))
    said = lines(advanced_document(ABOUT, advance(reached=hostile, next=hostile)))
    assert said[0] == "acme reached milestone 1 ({0} {} [red]) on Oct 4, 2024."
    assert said[-1] == "  - {x}"


def test_a_milestone_without_a_customer_action_is_told_by_its_name():
    assert shown_line(next_lines(OFFER)[0], "en") == "Next to win: milestone 4 (Offer): Offer"
    assert next_lines(None) == []
    assert next_json(None) is None


def test_a_dry_run_names_no_fact():
    dry = About(opportunity="acme", customer="Acme", currency=EUR, dry_run=True)
    found = advanced_document(dry, advance()).json
    assert (found["fact"], found["fact_number"], found["dry_run"]) == (None, None, True)
    assert "dry_run" not in advanced_document(ABOUT, advance()).json


def test_a_handover_counts_in_words():
    def said(count: int) -> str:
        handover = Handover(from_rep="anna", to_rep="ben", on=20_000, opportunities=("x",) * count, dry_run=False)
        return lines(handed_over_document(handover))[0]

    assert said(0) == "anna owns no open opportunity: nothing to do."
    assert said(1) == "1 open opportunity of anna belongs to ben from Oct 4, 2024 on."
    assert said(2) == "2 open opportunities of anna belong to ben from Oct 4, 2024 on."


def test_an_undone_command_names_what_it_was_about():
    undoing = Undoing(command=1234, id="c", name="{import}", who="x", facts=9, about=("a", "b"), more=7, dry_run=False)
    assert lines(undone_document(undoing)) == ["Command 1234 ({import}, 9 facts) is taken back: a, b and 7 more."]
    nothing = Undoing(command=1, id="c", name="x", who="x", facts=1, about=(), more=0, dry_run=True)
    assert lines(undone_document(nothing)) == ["Command 1 (x, 1 fact) is taken back."]
