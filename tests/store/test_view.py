"""A book as it was: `as_of` bounds what was true, `known_on` what was known."""

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.domain.facts import Fact, Kind
from milestone_cli.store.recording import NewOpportunity
from milestone_cli.store.view import view

DAY = day_of(2026, 9, 1)
SEPTEMBER = 2026 * 12 + 8


def seen(desk, **bounds):
    """Return status by key."""
    with desk.reading() as book, view(book, **bounds) as past:
        return {row["key"]: row["status"] for row in past.opportunities()}


def arrived(desk, start, end, **bounds):
    with desk.reading() as book, view(book, **bounds) as past:
        return {key: sums.count for key, sums in past.arrived("b2b", start, end).items()}


def test_as_of_a_day_the_book_is_what_was_true_by_then(desk):
    number = desk.add("Acme", DAY, ("1", DAY + 1), ("order", DAY + 9))
    desk.add("Bolt", DAY + 5)
    desk.change(changes.lose, 2, on=DAY + 7)
    assert number == 1
    assert seen(desk, as_of=DAY - 1) == {}
    assert seen(desk, as_of=DAY) == {"acme": "target"}
    assert seen(desk, as_of=DAY + 6) == {"acme": "open", "bolt": "target"}
    assert seen(desk, as_of=DAY + 9) == seen(desk) == {"acme": "won", "bolt": "lost"}
    assert arrived(desk, DAY, DAY + 99, as_of=DAY + 8) == {"interest": 1}


def test_a_void_acts_at_every_as_of(desk):
    number = desk.add("Acme", DAY)
    desk.advance(number, "1", DAY + 1)
    desk.undo()
    assert seen(desk, as_of=DAY + 5) == {"acme": "target"}


def test_only_known_on_sees_before_a_void(desk):
    desk.today = DAY + 2
    number = desk.add("Acme", DAY)
    desk.advance(number, "1", DAY + 1)
    desk.today = DAY + 10
    desk.undo()
    assert seen(desk, known_on=DAY + 9) == {"acme": "open"}
    assert seen(desk, known_on=DAY + 10) == {"acme": "target"}


def test_what_was_entered_late_is_true_before_it_is_known(desk):
    desk.today = DAY + 20
    desk.add("Acme", DAY, ("1", DAY + 1))
    assert seen(desk, as_of=DAY + 5) == {"acme": "open"}
    assert seen(desk, known_on=DAY + 19) == {}
    assert seen(desk, known_on=DAY + 20, as_of=DAY) == {"acme": "target"}


def test_an_imported_fact_counts_as_known_on_its_own_day_or_when_the_source_learned_of_it(desk):
    with desk.writing("import") as ledger:
        number, _ = ledger.open(NewOpportunity(customer="Acme", process="b2b", on=DAY))
        for milestone, on, known in (("interest", DAY + 1, DAY + 1), ("invited", DAY + 2, DAY + 8)):
            fact = Fact(kind=Kind.REACHED, on=on, opportunity=number, milestone=milestone, known_on=known)
            ledger.record([fact])
    assert arrived(desk, DAY, DAY + 99, known_on=DAY + 7) == {"interest": 1}
    assert arrived(desk, DAY, DAY + 99, known_on=DAY + 8) == {"interest": 1, "invited": 1}


def test_a_target_or_a_plan_that_was_not_known_yet_is_left_out_but_the_first_always_counts(desk):
    first = desk.today
    desk.today = first + 10
    desk.target(99, valid_from=first)
    desk.define(desk.process(days=[9] * 4), valid_from=first)
    with desk.reading() as book, view(book, known_on=first - 500) as past:
        assert [target.amount for target in past.setup.targets] == [10_000_000]
        assert len(past.setup.processes["b2b"].definitions) == 1
    with desk.reading() as book, view(book, known_on=first + 10) as past:
        assert [target.amount for target in past.setup.targets] == [10_000_000, 99]


def test_facts_about_reps_bound_no_other_fact(desk):
    anna = desk.rep("anna")
    desk.add("Acme", DAY, rep=anna)
    with desk.reading() as book, view(book, known_on=DAY - 5) as past:
        assert past.setup.rep("anna").number == anna


def test_a_process_that_is_undone_has_no_opportunities_in_a_view(desk):
    desk.define(desk.process(key="smb"))
    desk.undo()
    desk.add("Acme", DAY)
    assert seen(desk, as_of=DAY) == {"acme": "target"}


def test_a_view_is_never_written_to_the_file(desk):
    desk.add("Acme", DAY, ("1", DAY))
    before = desk.tables("fact", "opportunity", "arrival", "snapshot")
    with desk.reading() as book, view(book, as_of=DAY - 1) as past:
        past.basis("b2b", SEPTEMBER, DAY - 1)
    assert desk.tables(*before) == before


def test_a_view_of_a_day_reads_the_months_snapshot(desk):
    desk.add("Acme", DAY - 40, ("1", DAY - 35), rep=desk.rep("anna"))
    with desk.reading() as book:
        book.basis("b2b", SEPTEMBER, DAY)
    desk.add("Late", DAY - 40, ("1", DAY - 35), rep=desk.rep("ben"))
    with desk.reading() as book, view(book, as_of=DAY + 5) as past:
        assert past.basis("b2b", SEPTEMBER, DAY + 5).owners == (1,)
    with desk.reading() as book, view(book, known_on=desk.today) as past:
        assert past.basis("b2b", SEPTEMBER, desk.today).owners == (1, 2)


def test_many_rows_are_copied_in_batches(desk, monkeypatch):
    monkeypatch.setattr("milestone_cli.store.view._BATCH", 2)
    for n in range(5):
        desk.add(f"C{n}", DAY)
    assert len(seen(desk, as_of=DAY)) == 5
