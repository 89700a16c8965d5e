"""Some sequences of command lines with every run of the tests; `python -m tests.hostile.sequences` tries thousands."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from tests.hostile.sequences import FACTS, LINES, try_lines


@settings(
    max_examples=7,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(LINES, FACTS)
def test_no_sequence_of_lines_makes_a_traceback_or_breaks_the_file(made, lines, facts):
    outcomes: Counter[str] = Counter()
    try_lines(made, lines, facts, outcomes)
    assert sum(outcomes.values()) == len(lines)
