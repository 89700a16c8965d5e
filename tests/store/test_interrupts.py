"""A Ctrl-C in the middle of a commit is heard when the commit is done."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from milestone_cli.domain.day import day_of
from milestone_cli.store.book import Opening, open_book
from milestone_cli.store.interrupts import interrupts_held
from milestone_cli.store.journal import Clock
from milestone_cli.store.recording import NewOpportunity, recording
from milestone_cli.store.sqlite import Access

DAY = day_of(2026, 11, 2)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_what_is_held_is_done_and_then_the_interrupt_is_heard():
    done = []

    def work() -> None:
        with interrupts_held():
            press()
            done.append("whole")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["whole"]


def test_an_error_in_the_middle_goes_before_and_the_old_way_of_interrupting_is_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="wrong"), interrupts_held():
        raise ValueError("wrong")
    assert signal.getsignal(signal.SIGINT) is before


def test_who_ignores_interrupts_goes_on_ignoring_them():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_held():
            press()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_in_another_thread_nothing_is_changed():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with interrupts_held():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_commit_that_is_interrupted_is_told_of_before_the_interrupt(desk):
    desk.add("Acme GmbH", DAY)
    told: list[str] = []

    def told_and_pressed() -> None:
        press()
        told.append("recorded")

    opening = Opening(desk.path, Access.WRITE, Clock(1_800_000_000_000_000, 20_833), on_commit=told_and_pressed)
    with pytest.raises(KeyboardInterrupt), open_book(opening) as book, recording(book, "add", "anna") as ledger:
        ledger.open(NewOpportunity(customer="Beta", process="b2b", on=DAY))
    assert told == ["recorded"]
    with desk.reading() as book:
        assert len(list(book.opportunities())) == 2
