"""What a recording command moves, in a line."""

from __future__ import annotations

import pytest

from milestone_cli.domain.expected import Expected
from milestone_cli.domain.money import currency
from milestone_cli.domain.opportunity import Status
from milestone_cli.render.cells import shown_line
from milestone_cli.reports.reward import WorthMove, let_go_line, moved_line, rough, worth_json, worth_lines

EUR, YEN = currency("EUR"), currency("JPY")


def worth(before: int | None, now: int | None, *, status=Status.OPEN, assumed=False, forecast=True) -> WorthMove:
    return WorthMove(
        before=Expected(amount=before, assumed=assumed, forecast=forecast and before is not None),
        now=Expected(amount=now, assumed=assumed, forecast=now is not None),
        status=status,
    )


def said(move: WorthMove) -> list[str]:
    return [shown_line(line, "en") for line in worth_lines(move, EUR)]


def test_an_expectation_is_told_in_two_digits():
    assert said(worth(1_912_345, 3_781_243)) == ["Worth €38,000, was €19,000."]
    assert said(worth(None, 3_781_243)) == ["Worth €38,000."]
    assert [rough(amount, YEN) for amount in (7, 94, 1_250, 999_999)] == [7, 94, 1_300, 1_000_000]
    assert rough(49, EUR) == 0


def test_what_is_won_is_told_as_it_is():
    assert said(worth(1_912_345, 4_012_350, status=Status.WON)) == ["It brings €40,123.50, was worth €19,000."]


def test_an_assumed_potential_is_named():
    assert said(worth(None, 100_000, assumed=True)) == ["Worth €1,000 (a typical potential is assumed)."]
    assert worth_json(worth(None, 100_000, assumed=True), EUR) == {
        "worth_now": "1000.00", "worth_before": None, "worth_assumed": True,
    }  # fmt: skip


def test_where_nothing_is_known_nothing_is_said():
    assert said(worth(None, None)) == []
    assert moved_line(24_000, None, (), worth(None, None), EUR) is None


@pytest.mark.parametrize(
    ("move", "words"),
    [
        (worth(90_312, 0, status=Status.LOST), "No lamp moves; forecast -€900."),
        (worth(None, 0, status=Status.LOST), "No lamp moves, and the forecast stays as it is."),
        (worth(20, 0, status=Status.LOST), "No lamp moves, and the forecast stays as it is."),
        (
            worth(90_312, 0, status=Status.LOST, forecast=False),
            "No lamp moves, and the forecast stays as it is: it was set aside already.",
        ),
    ],
)
def test_letting_go_says_what_it_costs(move, words):
    assert shown_line(let_go_line(move, EUR), "en") == words
