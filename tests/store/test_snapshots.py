"""The target does not move under anybody's feet: when a month's snapshot stays, and when it is made anew."""

import os
import sqlite3
from contextlib import closing
from fractions import Fraction

import pytest
from tests.desk import measured

from milestone_cli.domain import changes
from milestone_cli.domain.day import day_of
from milestone_cli.store import snapshots
from milestone_cli.store.book import Book, Opening, open_book
from milestone_cli.store.payloads import dump
from milestone_cli.store.recording import NewOpportunity
from milestone_cli.store.sqlite import Access
from milestone_cli.store.view import view
from milestone_cli.store.whole import dump_rows

DAY = day_of(2026, 9, 10)
NOVEMBER = 2026 * 12 + 10
FIRST = day_of(2026, 11, 1)


@pytest.fixture
def book(desk):
    """Anna owns an open opportunity since September; the snapshot of November is made."""
    desk.add("Acme", DAY, ("2", DAY + 5), value=1000, rep=desk.rep("anna"))
    basis(desk)
    return desk


def basis(desk, month=NOVEMBER, as_of=None):
    with desk.reading() as opened:
        return opened.basis("b2b", month, desk.today if as_of is None else as_of)


def stored(desk):
    return [month for _, month, *_ in desk.tables("snapshot")["snapshot"]]


def import_one(desk, customer, on, rep):
    with desk.writing("import") as ledger:
        number, _ = ledger.open(NewOpportunity(customer=customer, process="b2b", on=on, rep=rep, value=500))
        ledger.record(changes.advance(replayed(ledger, number), "2", on=on))
        ledger.forget_snapshots([on])


def replayed(ledger, number):
    ledger.project()
    return ledger.book.case(number, ledger.book.clock.day)


def test_the_first_look_in_a_month_stores_its_snapshot(book):
    assert stored(book) == [NOVEMBER]
    found = basis(book)
    assert found.owners == (1,)
    assert found.rates == (Fraction(1, 2),) * 4
    assert {key: (worth.count, worth.money) for key, worth in found.worths.items()} == {
        "interest": (1, 1000), "invited": (1, 1000),
    }  # fmt: skip


def test_what_is_read_is_what_was_stored(book):
    with book.reading() as opened:
        computed = opened._compute("b2b", NOVEMBER, book.today)
    assert basis(book) == computed


def test_a_single_late_fact_leaves_it_as_it_is(book):
    before = basis(book)
    book.add("Late", DAY, ("3", DAY + 1), value=9000, rep=book.rep("ben"))
    assert basis(book) == before


def test_a_new_target_leaves_it_as_it_is(book):
    book.target(20_000_000, valid_from=FIRST)
    assert stored(book) == [NOVEMBER]


def test_an_import_that_touches_earlier_days_makes_it_anew(book):
    import_one(book, "Bolt", DAY, book.rep("ben"))
    assert stored(book) == []
    assert basis(book).owners == (1, 2)


def test_an_import_of_days_within_the_month_leaves_it_as_it_is(book):
    import_one(book, "Bolt", FIRST + 1, book.rep("ben"))
    assert stored(book) == [NOVEMBER]
    assert basis(book).owners == (1,)


def test_the_undo_of_such_an_import_and_the_undo_of_that_make_it_anew(book):
    import_one(book, "Bolt", DAY, book.rep("ben"))
    assert basis(book).owners == (1, 2)
    book.undo()
    assert stored(book) == []
    assert basis(book).owners == (1,)
    book.undo("7")
    assert stored(book) == []
    assert basis(book).owners == (1, 2)


def test_the_undo_of_a_single_late_fact_leaves_it_as_it_is(book):
    book.advance(1, "3", DAY + 9)
    before = basis(book)
    book.undo()
    assert basis(book) == before
    assert stored(book) == [NOVEMBER]


def test_a_plan_change_makes_the_months_anew_in_which_it_is_valid(book):
    basis(book, NOVEMBER - 1)
    assert stored(book) == [NOVEMBER - 1, NOVEMBER]
    book.define(book.process(rates=["0.25"] * 4), valid_from=FIRST)
    assert stored(book) == [NOVEMBER - 1]
    assert basis(book).rates == (Fraction(1, 4),) * 4
    assert basis(book, NOVEMBER - 1).rates == (Fraction(1, 2),) * 4


def test_a_plan_change_of_next_month_leaves_this_one_as_it_is(book):
    book.define(book.process(rates=["0.25"] * 4), valid_from=day_of(2026, 12, 1))
    assert stored(book) == [NOVEMBER]
    assert basis(book).rates == (Fraction(1, 2),) * 4


def test_a_plan_change_of_another_process_is_no_concern(book):
    book.define(book.process(key="smb"))
    assert stored(book) == [NOVEMBER]


def test_a_plan_change_that_is_undone_makes_them_anew(book):
    book.define(book.process(rates=["0.25"] * 4), valid_from=FIRST)
    basis(book)
    book.undo()
    assert basis(book).rates == (Fraction(1, 2),) * 4


def test_a_version_in_the_middle_of_the_month_is_followed_from_its_day_on(book):
    new_version = book.process((*book.process().keys, "paid"))
    book.define(new_version, on=FIRST, valid_from=FIRST + 14)
    assert basis(book, as_of=FIRST + 13).version == 1
    assert basis(book, as_of=FIRST + 14).version == 2
    assert stored(book) == [NOVEMBER]
    assert basis(book, as_of=FIRST + 13).version == 1
    assert len(basis(book, as_of=FIRST + 20).keys) == 6
    with closing(sqlite3.connect(book.path)) as raw:
        [payload] = raw.execute("SELECT payload FROM snapshot").fetchone()
    assert '"version":2' in payload


def test_a_rebuild_makes_it_anew(book):
    book.add("Late", DAY, ("3", DAY + 1), rep=book.rep("ben"))
    book.rebuild()
    assert basis(book).owners == (1, 2)


@pytest.mark.parametrize(
    "damage", ["payload = replace(payload, '[1]', '[7]')", "checksum = 'x'", "payload = '{\"form\":0}'"]
)
def test_a_damaged_snapshot_is_not_read_but_made_anew(book, damage):
    with closing(sqlite3.connect(book.path)) as raw, raw:
        raw.execute(f"UPDATE snapshot SET {damage}")  # noqa: S608
    assert basis(book).owners == (1,)
    assert book.problems() == []
    assert stored(book) == [NOVEMBER]


def test_a_snapshot_of_another_form_is_made_anew(book, monkeypatch):
    monkeypatch.setattr("milestone_cli.store.snapshots.FORM", 99)
    basis(book)
    with closing(sqlite3.connect(book.path)) as raw:
        [payload] = raw.execute("SELECT payload FROM snapshot").fetchone()
    assert '"form":99' in payload


def renamed(desk):
    """Return the snapshot in a whole book with other keys and twice the money."""
    with desk.reading() as opened:
        [row] = dump_rows(opened.connection)["snapshot"]
    return row, snapshots.renamed(row, lambda key: f"the {key}", lambda money: 2 * money)


def test_in_a_whole_book_it_can_have_other_names_and_amounts_and_nothing_else_changes(book):
    before, row = renamed(book)
    assert row["payload"]["keys"] == [f"the {key}" for key in before["payload"]["keys"]]
    assert row["payload"]["worths"] == {"the interest": [1, 2000], "the invited": [1, 2000]}
    assert snapshots.checksum(dump(row["payload"])) == row["checksum"]
    same = before["payload"].keys() - {"keys", "worths"}
    assert {name: row["payload"][name] for name in same} == {name: before["payload"][name] for name in same}


def test_one_of_an_older_form_goes_out_under_no_name(book, monkeypatch):
    basis(book)
    monkeypatch.setattr(snapshots, "FORM", snapshots.FORM + 1)
    assert renamed(book)[1] is None


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the permissions of a Unix")
def test_a_file_that_can_only_be_read_is_answered_without_one(book, monkeypatch):
    book.rebuild()
    before = book.path.read_bytes()
    monkeypatch.setattr("milestone_cli.store.sqlite.can_write", lambda _: False)
    assert basis(book).owners == (1,)
    assert book.path.read_bytes() == before
    assert stored(book) == []


def test_what_another_process_holds_is_not_waited_for(book):
    book.rebuild()
    with closing(sqlite3.connect(book.path, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        assert basis(book).owners == (1,)
    assert stored(book) == []


def test_a_look_that_was_overtaken_by_another_command_stores_nothing(book):
    book.rebuild()
    with book.reading() as opened:
        opened.basis("b2b", NOVEMBER, book.today)
        import_one(book, "Bolt", DAY, book.rep("ben"))
    assert stored(book) == []
    assert basis(book).owners == (1, 2)


def test_known_on_neither_reads_nor_stores_one(book):
    late = book.rep("ben")
    book.add("Late", DAY, ("3", DAY + 1), rep=late)
    book.rebuild()
    with book.reading() as opened, view(opened, known_on=book.today) as past:
        assert past.basis("b2b", NOVEMBER, book.today).owners == (1, 2)
    assert stored(book) == []
    with book.reading() as opened:
        known = Book(opened.connection, opened.path, opened.clock, known_on=book.today)
        assert known.basis("b2b", NOVEMBER, book.today).owners == (1, 2)
    assert stored(book) == []


def test_a_recording_command_that_needs_it_first_stores_it_with_what_it_records(book):
    book.rebuild()
    with book.writing("advance") as ledger:
        ledger.book.basis("b2b", NOVEMBER, book.today)
        ledger.record(changes.advance(ledger.book.case(1, book.today), "3", on=book.today))
    assert stored(book) == [NOVEMBER]


def test_a_dry_run_stores_none(book):
    book.rebuild()
    with book.writing("advance", dry_run=True) as ledger:
        ledger.book.basis("b2b", NOVEMBER, book.today)
    assert stored(book) == []


def test_what_a_command_computed_before_it_changed_the_plan_is_not_stored(book):
    book.rebuild()
    with book.writing("define-process") as ledger:
        ledger.book.basis("b2b", NOVEMBER, book.today)
        ledger.define(book.process(rates=["0.25"] * 4), on=book.today, valid_from=FIRST)
    assert stored(book) == []
    assert basis(book).rates == (Fraction(1, 4),) * 4


def test_a_month_ahead_is_computed_with_what_is_known_and_not_kept(book):
    assert basis(book, NOVEMBER + 3).owners == (1,)
    assert stored(book) == [NOVEMBER]


def test_a_month_before_the_book_began_is_not_kept(book):
    assert basis(book, NOVEMBER - 6).owners == ()
    assert stored(book) == [NOVEMBER]


def test_a_month_is_computed_once_in_a_command(book):
    book.rebuild()
    with book.reading() as opened:
        assert opened.basis("b2b", NOVEMBER, book.today) is opened.basis("b2b", NOVEMBER, book.today)


def test_owners_are_those_of_the_months_first_day(book):
    ben = book.rep("ben")
    book.change(changes.assign, 1, ben, on=FIRST)
    book.change(changes.assign, 1, 1, on=FIRST + 1)
    book.rebuild()
    assert basis(book).owners == (ben,)


def test_a_rep_who_retired_by_the_first_day_is_no_owner(book):
    book.retire(1, FIRST)
    book.rebuild()
    assert basis(book).owners == ()


def test_where_the_book_began_within_the_month_the_owners_are_those_at_the_first_need(desk):
    desk.add("Acme", FIRST + 4, ("1", FIRST + 5), rep=desk.rep("anna"))
    desk.add("Bolt", FIRST + 4, ("1", FIRST + 9), rep=desk.rep("ben"))
    assert basis(desk, as_of=FIRST + 8).owners == (1,)
    assert basis(desk, as_of=FIRST + 12).owners == (1,)


def test_a_need_of_the_rates_alone_does_not_fix_who_shares_the_target(desk):
    desk.add("Acme", FIRST + 4, ("1", FIRST + 5), rep=desk.rep("anna"))
    with desk.reading() as opened:
        assert opened.basis("b2b", NOVEMBER, FIRST + 8, for_targets=False).owners == (1,)
    assert stored(desk) == []
    desk.add("Bolt", FIRST + 4, ("1", FIRST + 9), rep=desk.rep("ben"))
    assert basis(desk, as_of=FIRST + 12).owners == (1, 2)


def test_what_was_measured_is_read_as_it_was_stored(desk):
    desk.add("Acme", DAY, ("1", DAY), rep=desk.rep("anna"))
    found = measured(basis(desk))
    desk.rebuild()
    with desk.writing() as ledger:
        snapshots.save(ledger.book.connection, 1, found, now=1)
    assert basis(desk) == found
    assert len(found.expected) == 4


def test_the_mean_is_taken_over_the_24_months_before(desk):
    for n, month in enumerate((11, 10, 9)):
        desk.add(f"C{n}", day_of(2024, month, 1), ("1", day_of(2024, month, 1)), value=10**n)
    desk.add("late", FIRST - 1, ("1", FIRST - 1), value=7000)
    desk.add("in the month", FIRST, ("1", FIRST), value=90000)
    desk.add("unknown", FIRST - 5, ("1", FIRST - 5))
    found = basis(desk).worths["interest"]
    assert (found.count, found.money) == (2, 7001)


def test_of_two_processes_that_make_it_at_once_the_first_one_is_kept(book):
    before = basis(book)
    with open_book(Opening(book.path, Access.WRITE, book.clock())) as opened:
        opened.made.append((1, opened._compute("b2b", NOVEMBER, FIRST)))
    assert basis(book) == before
