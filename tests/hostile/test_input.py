"""What people, shells and other programs may hand over: one clear message, the right exit code, nothing written."""

from __future__ import annotations

import io
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.hostile.conftest import PROCESS, one_message

LONG = "9" * 5000
"""More digits than Python turns into a number."""
OSC8 = "\x1b]8;;http://x\x07click\x1b]8;;\x07"

UNKNOWN = [
    (("advance", "acmee", "1"), "acme-gmbh"),
    (("advance", "x" * 10_000, "1"), "no opportunity"),
    (("advance", LONG, "1"), "no opportunity"),
    (("show", "²"), "no opportunity"),
    (("show", ""), "no opportunity"),
    (("advance", "acme-gmbh", "oder"), "Did you mean order?"),
    (("advance", "acme-gmbh", "4"), "milestones 1 to 3"),
    (("advance", "acme-gmbh", "0"), "milestones 1 to 3"),
    (("advance", "acme-gmbh", LONG), "milestones 1 to 3"),
    (("advance", "acme-gmbh", "²"), "no milestone"),
    (("assign", "acme-gmbh", "ana"), "Did you mean anna?"),
    (("kpis", "--rep", "bem"), "Did you mean ben?"),
    (("kpis", "--process", "b2c"), "Did you mean b2b?"),
    (("processes", "b2c"), "Did you mean b2b?"),
    (("retire-rep", "zoe"), "no rep"),
    (("undo", "99"), "99"),
    (("undo", LONG), "no"),
    (("amend", "99", "--on", "2026-11-01"), "99"),
    (("amend", LONG, "--on", "2026-11-01"), "no"),
    (("log", "--opportunity", "zzz"), "no opportunity"),
    (("opportunities", "--milestone", "zzz"), "no milestone"),
]
BROKEN = [
    (("advance", "acme-gmbh", "2"), "ms amend"),
    (("advance", "acme-gmbh", "3", "--on", "2026-11-24"), "future"),
    (("advance", "acme-gmbh", "3", "--on", "2026-10-04"), "before"),
    (("advance", "dust-sa", "2"), "is lost"),
    (("advance", "core-ltd", "3"), "ms amend"),
    (("lose", "core-ltd"), "is won"),
    (("lose", "dust-sa"), "lost"),
    (("reopen", "acme-gmbh"), "not lost"),
    (("reopen", "core-ltd"), "not lost"),
    (("add", "Other", "--key", "acme-gmbh"), "already"),
    (("standing", "acme-gmbh", "1", "--since", "2026-11-24"), "after"),
    (("lose", "acme-gmbh", "--revisit", "yesterday"), "later"),
    (("retire-rep", "anna", "--on", "2025-01-01"), "began"),
]
DAYS = [
    "2026-02-30", "0001-01-01", "9999-12-31", "0", "", "1989-12-31", "2101-01-01", "31.4.2026", "11/12/2026", "nan", f"-{LONG}d",
    "+1d", "２０２６-１１-２０", "2026-11-20T10:00", "1e3", "29.2.2026", "\x1b[31m",
]  # fmt: skip
AMOUNTS = [
    "0", "0.00", "nan", "NaN", "inf", "Infinity", "1e5", "1e999", "1" + "0" * 18, "9000000000000.01", "120.000", "1,000",
    "1__000", "１２", "0.005", "12345678901234567.89", "", "k", "10 USD", "$5", "0x10", LONG, "-5", "-5k", "-0.01", "٣",
]  # fmt: skip
NAMES = [
    "",
    "   ",
    "\t\n",
    "\u200b",
    "x" * 201,
    "x" * 10_000,
    OSC8,
    "\x1b]52;c;eA==\x07",
    "\x1b[2J",
    "a\x9bb",
    "a\x07b",
    "a\x7fb",
]
HARMLESS = [
    "[red]x[/red]", "[link=http://x]y[/link]", "Acme [/]", ":smile:", "a\u202eb", "a\u200bb", "👩‍👩‍👧 AG", "e\u0301", "ﬁne",
    "=1+1", "%s {0} {x}", "<script>alert(1)</script>", "-x", "x" * 200,
]  # fmt: skip


@pytest.fixture
def untouched(book: Path):
    """Asserts at the end that the file is byte for byte what it was, with nothing left beside it."""
    before = book.read_bytes()
    yield book
    assert book.read_bytes() == before
    assert not [found for found in book.parent.glob("book.db-*") if found.stat().st_size]


@pytest.mark.parametrize(("argv", "said"), UNKNOWN, ids=lambda value: " ".join(value)[:40] if value else "")
@pytest.mark.usefixtures("untouched")
def test_an_unknown_name_is_told_in_one_short_message(ms, argv, said):
    message = one_message(ms(*argv), 1)
    assert said in message
    assert len(message) < 400


def test_an_ambiguous_name_lists_what_it_fits(ms, book):
    assert ms("add", "Acme Two").code == 0
    assert "acme-two" in one_message(ms("show", "acme"), 1)


@pytest.mark.parametrize(("argv", "said"), BROKEN, ids=lambda value: " ".join(value)[:40])
@pytest.mark.usefixtures("untouched")
def test_what_breaks_a_rule_is_refused_with_the_reason(ms, argv, said):
    assert said in one_message(ms(*argv), 1)


@pytest.mark.parametrize("day", DAYS, ids=lambda day: repr(day)[:20])
@pytest.mark.usefixtures("untouched")
def test_a_day_that_is_none_is_wrong_usage(ms, day):
    for argv in (("advance", "acme-gmbh", "3", "--on", day), ("kpis", "--as-of", day), ("kpis", "--known-on", day)):
        assert len(one_message(ms(*argv), 2)) < 400


@pytest.mark.parametrize(
    "period", ["", "2026-13", "2026-W54", "2026-Q5", "1989", "2101", f"last-{LONG}-months", "last-0-months", "0"]
)
@pytest.mark.usefixtures("untouched")
def test_a_period_that_is_none_is_wrong_usage(ms, period):
    one_message(ms("kpis", "--period", period), 2)


@pytest.mark.parametrize("amount", AMOUNTS, ids=lambda amount: repr(amount)[:20])
@pytest.mark.usefixtures("untouched")
def test_an_amount_that_is_none_is_wrong_usage(ms, amount):
    lines = (
        ("revalue", "acme-gmbh", amount),
        ("advance", "acme-gmbh", "3", "--value", amount),
        ("add", "New", "--value", amount),
    )
    for argv in lines:
        assert len(one_message(ms(*argv), 2)) < 400


def test_an_amount_below_zero_is_not_called_an_unknown_option(ms, book):
    assert '"-5k"' in one_message(ms("set-target", "-5k"), 2)


def test_two_readings_of_an_amount_are_both_named(ms, book):
    message = one_message(ms("revalue", "acme-gmbh", "120.000"), 2)
    assert "120000" in message
    assert "120 EUR" in message
    assert ms("revalue", "acme-gmbh", "120.000", "--locale", "de").code == 0


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
@pytest.mark.usefixtures("untouched")
def test_an_empty_long_or_steering_text_is_refused_everywhere(ms, name):
    for argv in (
        ("add", name),
        ("add", "New", "--title", name),
        ("add-rep", "cleo", "--name", name),
        ("add-rep", name),
        ("advance", "acme-gmbh", "3", "--by", name),
        ("lose", "acme-gmbh", "--reason", name),
        ("amend", "6", "--wrote", name),
    ):
        limit = 200 if argv[0].startswith("add") else 2000
        if 200 < len(name) <= limit or (name == "x" * 10_000 and argv == ("add-rep", name)):
            continue
        message = one_message(ms(*argv), 2)
        assert message.isascii()


@pytest.mark.parametrize("name", HARMLESS, ids=lambda name: ascii(name)[:20])
def test_what_only_looks_dangerous_is_stored_as_given_and_shown_harmless(ms, book, name):
    assert ms("add", "--on", "2026-11-01", "--", name).code == 0
    with closing(sqlite3.connect(book)) as raw:
        [(stored,)] = raw.execute("SELECT name FROM customer ORDER BY number DESC LIMIT 1")
    assert stored == {"e\u0301": "é"}.get(name, name)
    shown = ms("opportunities", "--format", "table").out
    assert {"a\u202eb": r"a\u202eb", "a\u200bb": r"a\u200bb"}.get(name, stored) in shown
    assert ms("check").code == 0


def test_a_name_is_found_in_any_case_and_composition(ms, book):
    assert ms("add", "Cafe\u0301 ÉTÉ", "--key", "Cafe\u0301").code == 0
    assert ms("show", "CAFÉ", "--json").json["customer"] == "Café ÉTÉ"


def test_bytes_that_are_no_utf_8_are_wrong_usage(ms, book, untouched):
    assert "not valid UTF-8" in one_message(ms("add", "a\udcffb"), 2)
    assert ms("add", "a\udcffb", "--json").code == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((PROCESS.rsplit("[[milestone]]", 2)[1], ""), "2 to 20"),
        (('name = "Order"', 'name = "Order"\nrate = 0'), "rate: found 0"),
        (('name = "Order"', 'name = "Order"\nrate = 1.5'), "rate: found 1.5"),
        (('name = "Order"', 'name = "Order"\nrate = "half"'), 'rate: found "half"'),
        (('name = "Order"', 'name = "Order"\nrate = nan'), "rate: found NaN"),
        (('name = "Order"', 'name = "Order"\ndays = 99999999999999999999'), "days: found 9999"),
        (('name = "Order"', 'name = "Order"\nprobability = 0.5'), 'unknown key "probability"'),
        (('name = "Order"', 'name = "\\u001b[31m"'), "control characters"),
        (('key = "order"', 'key = "12"'), "not digits alone"),
        (('key = "order"', 'key = "invited"'), "a key of its own"),
        (("100_000", LONG), "too many digits"),
        (("100_000", "1e400"), "per_month"),
        (("EUR", "ABC1"), "ISO 4217"),
        (("typical_value", "history_from = 9999-12-31\ntypical_value"), "history_from"),
        (("[target]", "[" + ".".join("a" * 20_000) + "]"), "deep"),
        (("[target]", "a = " + "[" * 20_000), "deep"),
        (("[target]", "\0"), "not valid TOML"),
    ],
    ids=lambda value: ascii(value)[-40:],
)  # fmt: skip
@pytest.mark.usefixtures("untouched")
def test_a_wrong_process_file_names_what_was_found(ms, folder, change, said):
    old, new = change
    text = f"{PROCESS.split('[[milestone]]')[0]}[[milestone]]{old}" if not new else PROCESS.replace(old, new)
    (folder / "new.toml").write_text(text)
    for more in ((), ("--check",)):
        assert said in one_message(ms("define-process", "new.toml", *more), 1)


FACTS = "opportunity,milestone,date,value,customer,rep,outcome\n"
BAD_LINES = [
    (f"x,{LONG},2026-01-01,,,,", "no milestone"), ("x,²,2026-01-01,,,,", "no milestone"), ("x,,2026-01-01,,,,", "missing"),
    ("x,1,2026-02-30,,,,", "28 days"), ("x,1,0001-01-01,,,,", "1990"), ("x,1,2026-12-01,,,,", "future"), ("x,1,,,,,", "missing"),
    ("x,1,01.02.2026,,,,", "YYYY-MM-DD"), (f"x,1,2026-01-01,{LONG},,,", "not an amount"), ("x,1,2026-01-01,-5,,,", "negative"),
    ("x,1,2026-01-01,nan,,,", "not an amount"), ("x,1,2026-01-01,1e999,,,", "not an amount"),
    ('x,1,2026-01-01,"1,000",,,', "not an amount"), ("x,1,2026-01-01,0.005,,,", "decimals"), ("x,1,2026-01-01,5 USD,,,", ""),
    (f"x,1,2026-01-01,1{'0' * 18},,,", "too large"), (f"x,1,2026-01-01,,{'y' * 10_000},,", "10000 characters"),
    ("x,1,2026-01-01,,\x1b[31m,,", "control character"), ("\x9b,1,2026-01-01,,,,", "control character"),
    ("x\0y,1,2026-01-01,,,,", ""), (",1,2026-01-01,,,,", "empty"), ("x,1,2026-01-01,,,,wons", "outcome"),
    ("x,1,2026-01-01,,,,revalued", "value"), ("x,1,2026-01-01,,,,assigned", "rep"), ('"x,1,2026-01-01', "quote"),
    ("x,1,2026-01-01,,,,,,,more", "cells"), ('x,"1"2,2026-01-01,,,,', "quoted"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said"), BAD_LINES, ids=lambda value: ascii(value)[:30])
def test_a_bad_line_is_reported_with_its_number_and_takes_nothing_in(ms, untouched, folder, line, said):
    (folder / "f.csv").write_text(f"{FACTS}good,1,2026-01-01,10,,,\n{line}\n")
    message = one_message(ms("import", "f.csv"), 1)
    assert "line 3: " in message
    assert said in message
    assert not (folder / "book-backups").exists()


def test_a_flood_of_bad_lines_is_counted_and_the_first_ones_shown(ms, untouched, folder):
    (folder / "f.csv").write_text(FACTS + "x,9,2026-01-01,,,,\n" * 500)
    message = one_message(ms("import", "f.csv"), 1)
    assert "500 lines" in message
    assert "and 480 more" in message


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", FACTS.encode(), b"\xff\xfeo\0p", b"a\0b,c\n", b"PK\x03\x04", b"SQLite format 3\0", b"{}", b'{"a":' + b"[" * 200_000,
     b"opportunity,milestone\n", b"opportunity,milestone,date,date\n", b"opportunity,milestone,date,\x1b[31mx\n", b"\xff" * 70_000,
     b"x" * 100_000],
    ids=lambda content: ascii(content)[:30],
)  # fmt: skip
def test_a_file_that_holds_no_facts_is_refused(ms, untouched, folder, content):
    (folder / "f.csv").write_bytes(content)
    one_message(ms("import", "f.csv"), 1)


@pytest.mark.parametrize("name", ["", ".", "no.csv", "x" * 5000, "no/such.csv"])
def test_a_file_that_cannot_be_opened_is_told(ms, untouched, name):
    assert ms("import", name).code in {1, 2}
    assert ms("define-process", name).code in {1, 2}


def test_a_pipe_is_read_like_a_file(spawn, book, folder):
    done = spawn("import", "/dev/stdin", piped=FACTS + "x,1,2026-01-01,,,,\n")
    assert done.code == 0, done.err
    done = spawn("import", "-", piped=FACTS + "y,1,2026-01-01,,,,\n")
    assert done.code == 0, done.err


def test_a_closed_standard_input_is_a_message(ms, untouched, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert ms("import", "-").code in {1, 2, 3}
    assert ms("define-process", "-").code in {1, 2, 3}
    assert ms("define-process").code in {1, 2, 3}


def test_standard_input_that_is_no_utf_8_is_a_message(ms, untouched, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00" * 9), "utf-8"))
    assert ms("define-process", "-").code == 1


def test_two_processes_and_none_named_is_an_error_that_lists_them(ms, book, folder):
    (folder / "two.toml").write_text(PROCESS.replace('"b2b"', '"smb"'))
    assert ms("define-process", "two.toml").code == 0
    for argv in (("add", "New"), ("set-target", "5k")):
        assert "b2b, smb" in one_message(ms(*argv), 1)
    assert ms("kpis").code == 0


def test_errors_are_json_where_json_is_asked_for(ms, untouched):
    for argv, code in (
        (("show", "zzz"), 1),
        (("revalue", "acme-gmbh", "nan"), 2),
        (("nope",), 2),
        (("revalue", "x", "-5"), 2),
    ):
        done = ms(*argv, "--json")
        assert (done.code, done.out) == (code, "")
        assert '"hint"' in done.err


@pytest.mark.parametrize(
    "text", ["[" + ".".join("a" * 20_000) + "]\nx = 1\n", "a = " + "[" * 20_000], ids=["keys", "brackets"]
)
@pytest.mark.usefixtures("untouched")
def test_a_file_nested_without_end_is_told_quickly_wherever_toml_is_read(ms, folder, monkeypatch, text):
    begun = time.process_time()
    (folder / "deep.toml").write_text(text)
    (folder / "list.csv").write_text("Company,Phase\nEcho,talk\n")
    one_message(ms("define-process", "deep.toml"), 1)
    answer = ms("import", "list.csv", "--from", "table", "--map", "deep.toml")
    assert (answer.code, answer.out) == (1, "")
    monkeypatch.setenv("MS_CONFIG", str(folder / "deep.toml"))
    assert ms("kpis").code in {1, 2, 3}
    assert time.process_time() - begun < 10


def test_today_is_the_day_of_the_zone_that_is_set(ms, book, monkeypatch):
    monkeypatch.delenv("MS_TODAY")
    days = []
    for zone in ("Etc/GMT+12", "Pacific/Kiritimati"):  # 26 hours apart: never on the same day
        monkeypatch.setenv("MS_ZONE", zone)
        assert ms("add", "Zone", "--key", f"zone-{len(days)}").code == 0
        days.append(ms("show", f"zone-{len(days)}", "--json").json["facts"][0]["on"])
    assert days[0] < days[1]
