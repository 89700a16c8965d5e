"""Laws of merging: whatever was recorded in four books, and in whatever order they become one, it comes to the same.

`MERGE_EXAMPLES=300 pytest tests/store/test_merge_laws.py` runs them for long.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.merge_lives import BOOKS, Life, begin, live, shown, the_same_again

from milestone_cli.store import check, undo

EXAMPLES = int(os.environ.get("MERGE_EXAMPLES", "6"))
LIVES = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

CHANCE = st.randoms(use_true_random=False)


@contextmanager
def four(operations) -> Iterator[list[Life]]:
    """Hand out four books that were lived in: two of one origin, two begun on their own."""
    with ExitStack() as stack:
        yield live(stack, operations)


def united(stack: ExitStack, books: list[Life], chance: random.Random) -> Life:
    """Merge copies of the books two by two in some order until one is left."""
    left = [the_same_again(stack, book) for book in books]
    while len(left) > 1:
        source, target = chance.sample(left, 2)
        target.merge(source)
        left.remove(source)
    return left[0]


@LIVES
@given(st.lists(BOOKS, min_size=5, max_size=60), CHANCE, CHANCE)
def test_the_order_of_merging_makes_no_difference(operations, one, other):
    with four(operations) as books, ExitStack() as stack:
        first, second = (united(stack, books, chance) for chance in (one, other))
        assert list(check.problems(first.book())) == []
        assert shown(first.book()) == shown(second.book())
        for book in (*books, second):
            assert not first.merge(book).anything


@LIVES
@given(st.lists(BOOKS, min_size=5, max_size=60), CHANCE)
def test_what_a_merge_has_made_is_made_from_the_journal_again(operations, chance):
    with four(operations) as books, ExitStack() as stack:
        whole = united(stack, books, chance)
        before = shown(whole.book())
        check.mend(whole.book())
        assert shown(whole.book()) == before


@LIVES
@given(st.lists(BOOKS, min_size=5, max_size=60), CHANCE)
def test_undoing_merges_one_after_the_other_leads_all_the_way_back(operations, chance):
    with four(operations) as books, ExitStack() as stack:
        book = the_same_again(stack, books[0])
        seen = [shown(book.book())]
        merged = []
        for source in chance.sample(books[1:], 3):
            if book.merge(source).anything:
                merged.append(book.last())
                seen.append(shown(book.book()))
        for command in reversed(merged):
            assert shown(book.book()) == seen.pop()
            book.undo(command)
            assert list(check.problems(book.book())) == []
        assert shown(book.book()) == seen.pop()
        for source in books:
            book.merge(source)
        again = united(stack, books, chance)
        assert shown(book.book()) == shown(again.book())


@LIVES
@given(st.lists(BOOKS, min_size=5, max_size=60), st.integers(0, 2), CHANCE)
def test_a_merge_that_was_undone_leaves_no_trace_for_other_books(operations, which, chance):
    """Undone is the first of three, the others stay; then everything is as if it had never come."""
    with four(operations) as books, ExitStack() as stack:
        book = the_same_again(stack, books[0])
        others = chance.sample(books[1:], 3)
        undone = others[which]
        numbers = {}
        for source in others:
            if book.merge(source).anything:
                numbers[id(source)] = book.last()
        if id(undone) not in numbers:
            return
        try:
            book.undo(numbers[id(undone)])
        except undo.RuleBroken:
            return  # what came later rests on it
        assert list(check.problems(book.book())) == []
        expected = the_same_again(stack, books[0])
        for source in others:
            if source is not undone:
                expected.merge(source)
        assert shown(book.book()) == shown(expected.book())
        third = begin(stack, "third", 7)
        third.merge(book)
        assert shown(third.book()) == shown(expected.book())
