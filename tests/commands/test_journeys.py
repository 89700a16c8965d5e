"""What was known on a past day, from today's columns and by replaying the facts: the same."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from milestone_cli.commands.journeys import journeys
from milestone_cli.domain.day import iso, parse_iso
from milestone_cli.estimate.known import known_by
from milestone_cli.store.book import Opening, open_book
from milestone_cli.store.journal import Clock
from milestone_cli.store.sqlite import Access
from milestone_cli.store.view import view

HEAD = "opportunity,milestone,date,value,outcome,recorded_at,since\n"
TODAY = parse_iso("2026-11-23")


@pytest.fixture
def told_late(team, path, tmp_path):
    """Eighty opportunities whose facts became known up to sixty days late; some lost ones came back."""
    draw = random.Random(4)  # noqa: S311 - made data
    lines = []
    for number in range(80):
        day, key = TODAY - 600 + draw.randrange(500), f"o{number}"
        if number % 9 == 0:
            lines.append(f"{key},2,{iso(day)},4000,standing,{iso(day)}T09:00:00Z,{iso(day - 40)}")
        else:
            lines.append(f"{key},1,{iso(day)},{draw.randrange(1, 9)}000,,{told(draw, day)},")
        for milestone in range(3 if number % 9 == 0 else 2, 6):
            day += 1 + draw.randrange(50)
            if day > TODAY:
                break
            chance = draw.random()
            if chance < 0.2:
                lines.append(f"{key},,{iso(day)},,lost,{told(draw, day)},")
                if chance > 0.1 or day + 20 > TODAY:
                    break
                day += 10 + draw.randrange(10)
                lines.append(f"{key},,{iso(day)},,reopened,{told(draw, day)},")
            lines.append(f"{key},{milestone},{iso(day)},,,{told(draw, day)},")
    (tmp_path / "late.csv").write_text(HEAD + "\n".join(lines) + "\n")
    answer = team("import", str(tmp_path / "late.csv"), "--complete-history")
    assert answer.code == 0, answer.err
    return path


def told(draw, day):
    late = draw.randrange(60) if draw.random() < 0.4 else 0
    return f"{iso(min(day + late, TODAY))}T09:00:00Z"


@pytest.mark.parametrize("back", [10, 90, 200, 365])
def test_a_past_day_is_seen_from_todays_columns_as_a_replay_sees_it(told_late, back):
    day = TODAY - back
    with open_book(Opening(told_late, Access.READ, Clock(time.time_ns() // 1000, TODAY))) as book:
        then = known_by(journeys(book, "b2b", TODAY), day)
        with view(book, as_of=day, known_on=day) as past:
            replayed = journeys(past, "b2b", day)
    assert len(then.recorded) > 20
    np.testing.assert_array_equal(then.recorded, replayed.recorded)
    # a potential that was told late counts from its day on, as known today
    both = ~np.isnan(replayed.values)
    np.testing.assert_array_equal(then.values[both], replayed.values[both])
    np.testing.assert_array_equal(then.seen_from, replayed.seen_from)
    np.testing.assert_array_equal(then.lost, replayed.lost)
