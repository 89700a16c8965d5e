"""The process file: what is read, what is refused and in which words, what is written back."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestone_cli.domain.day import MAX_DAY, MIN_DAY, day_of
from milestone_cli.domain.money import LIMIT, currency
from milestone_cli.domain.process import Milestone, Process
from milestone_cli.domain.text import clean_name
from milestone_cli.errors import ExitCode, InvalidValue
from milestone_cli.exchange.process_file import (
    SIZE_LIMIT,
    InvalidProcessFile,
    ProcessFile,
    read_process,
    warnings,
    write_process,
)
from milestone_cli.exchange.seller_activity import seller_activity

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
HEAD = 'name = "b2b"\ncurrency = "EUR"\n'
FIRST = '[[milestone]]\nkey = "interest"\nname = "Interest"\ncustomer_action = "The customer shows interest"\n'
SECOND = '[[milestone]]\nkey = "invited"\nname = "Invited"\ncustomer_action = "A decider invites us"\n'
SMALL = HEAD + FIRST + SECOND


def problems(text: str | bytes) -> tuple[str, ...]:
    """Return what is wrong with a file."""
    with pytest.raises(InvalidProcessFile) as caught:
        read_process(text, "b2b.toml")
    assert caught.value.exit_code is ExitCode.REFUSED
    assert caught.value.message.startswith("b2b.toml")
    return caught.value.problems


def test_a_small_file_is_read_and_what_it_leaves_out_stays_open() -> None:
    found = read_process(SMALL, "b2b.toml")
    assert found.target_per_month is None
    assert found.process == Process(
        key="b2b",
        title="b2b",
        currency=currency("EUR"),
        milestones=(
            Milestone(key="interest", name="Interest", customer_action="The customer shows interest"),
            Milestone(key="invited", name="Invited", customer_action="A decider invites us"),
        ),
    )
    assert found.process.milestones[1].planned_rate == Decimal("0.5")
    assert found.process.milestones[1].planned_days == 30


def test_every_key_is_read_exactly() -> None:
    text = (
        'name = "jp"\ntitle = " New  business "\ncurrency = "JPY"\nevidence = "required"\ntypical_value = 40_000\n'
        "history_from = 2024-01-01\n[target]\nper_month = 100_000\n"
        + FIRST
        + SECOND
        + 'how = ["One", "Two"]\nrate = 0.1\ndays = 60\ndead_after_days = 400\n'
    )
    found = read_process(text.encode(), "jp.toml")
    process, last = found.process, found.process.milestones[1]
    assert (process.title, process.evidence_required, process.typical_value) == ("New business", True, 40_000)
    assert process.history_from == day_of(2024, 1, 1)
    assert found.target_per_month == 100_000
    assert (last.how, last.rate, last.days, last.dead_after_days) == (("One", "Two"), Decimal("0.1"), 60, 400)


def test_amounts_are_minor_units_and_a_rate_of_one_may_be_a_whole_number() -> None:
    text = HEAD + "typical_value = 0.05\n[target]\nper_month = 1_000.50\n" + FIRST + SECOND + "rate = 1\n"
    found = read_process(text, "b2b.toml")
    assert (found.process.typical_value, found.target_per_month) == (5, 100_050)
    assert found.process.milestones[1].rate == 1


def test_a_byte_order_mark_is_no_problem() -> None:
    assert read_process(b"\xef\xbb\xbf" + SMALL.encode(), "b2b.toml") == read_process("\ufeff" + SMALL, "b2b.toml")


@pytest.mark.parametrize(
    ("line", "found", "expected"),
    [
        ('rate = "half"', '"half"', "a number above 0 and at most 1"),
        ("rate = 0", "0", "a number above 0 and at most 1"),
        ("rate = 1.5", "1.5", "a number above 0 and at most 1"),
        ("rate = -0.5", "-0.5", "a number above 0"),
        ("rate = nan", "NaN", "a number above 0"),
        ("rate = inf", "Infinity", "a number above 0"),
        ("rate = true", "true", "a number above 0"),
        ("rate = 1e-999999999", "1E-999999999", "up to 12 decimals"),
        ("rate = 1e-99999999999999999999", "Infinity", "up to 12 decimals"),
        ("days = 0", "0", "a whole number of days from 1 to 3650"),
        ("days = 3651", "3651", "a whole number of days from 1 to 3650"),
        ("days = 30.0", "30.0", "a whole number of days"),
        ('days = "30"', '"30"', "a whole number of days"),
        ("dead_after_days = false", "false", "a whole number of days"),
        ('how = "Ask"', '"Ask"', "a list of texts"),
    ],
)
def test_a_wrong_plan_names_table_key_found_and_expected(line: str, found: str, expected: str) -> None:
    (problem,) = problems(f"{SMALL}{line}\n")
    key = line.partition(" ")[0]
    assert problem.startswith(f'[[milestone]] 2 "invited", key {key}: found {found}, expected ')
    assert expected in problem


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ('currency = "EUR"', "the top of the file, key name: found nothing, expected a key"),
        ('name = "B 2 B"\ncurrency = "EUR"', 'the top of the file, key name: found "B 2 B", expected a key'),
        ('name = "b2b"\ncurrency = "eur"', 'the top of the file, key currency: found "eur", expected a code'),
        ('name = "b2b"\ncurrency = 7', "the top of the file, key currency: found 7, expected a code"),
        (HEAD + 'evidence = "maybe"', 'key evidence: found "maybe", expected "optional" or "required"'),
        (HEAD + "typical_value = 0", "key typical_value: found 0, expected a number above 0"),
        (HEAD + "typical_value = 0.005", "key typical_value: found 0.005, expected an amount in EUR"),
        (HEAD + "typical_value = 1e18", "key typical_value: found 1E+18, expected an amount in EUR"),
        (HEAD + "typical_value = 1e999999", "key typical_value: found 1E+999999, expected a number above 0"),
        (HEAD + 'typical_value = "40k"', 'key typical_value: found "40k", expected a number above 0'),
        (HEAD + 'history_from = "2024-01-01"', 'key history_from: found "2024-01-01", expected a date without quotes'),
        (HEAD + "history_from = 2024-01-01T00:00:00", "key history_from: found 2024-01-01 00:00:00, expected a date"),
        (HEAD + "history_from = 0001-01-01", "key history_from: found 0001-01-01, expected a date"),
        (HEAD + "target = 5", "key target: found 5, expected a table [target]"),
        (HEAD + "[target]", "[target], key per_month: found nothing, expected a number, 0 or more"),
        (HEAD + "[target]\nper_month = -1", "[target], key per_month: found -1, expected a number, 0 or more"),
        (HEAD + 'tittle = "x"', 'the top of the file: found the unknown key "tittle", expected perhaps title'),
        (HEAD + "probability = 1", 'found the unknown key "probability", expected one of name, title'),
        (
            HEAD + '[target]\nper_month = 5\nevidence = "required"',
            '[target]: found the unknown key "evidence", expected it at the top of the file',
        ),
        (HEAD + 'title = "a\\u001bb"', 'key title: found "a\\x1bb", expected text of 1 to 200 characters'),
        (HEAD + 'title = " "', 'key title: found " ", expected text of 1 to 200 characters'),
        (HEAD + f'title = "{"x" * 10_000}"', '..." (10000 characters), expected text of 1 to 200 characters'),
    ],
)
def test_a_wrong_head_names_table_key_found_and_expected(head: str, problem: str) -> None:
    (found,) = problems(f"{head}\n{FIRST}{SECOND}")
    assert problem in found


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        ("", "the top of the file, key milestone: found nothing, expected 2 to 20 tables [[milestone]]"),
        (FIRST, "key milestone: found a list of 1 table, expected 2 to 20 tables"),
        (
            "".join(f'[[milestone]]\nkey = "m{n}"\nname = "M"\n' for n in range(21)),
            "key milestone: found a list of 21 tables, expected 2 to 20 tables",
        ),
        ("[milestone]\n", "key milestone: found a table, expected 2 to 20 tables"),
        ('milestone = [1, {key = "a", name = "A"}]\n', "[[milestone]] 1: found 1, expected a table"),
        (FIRST + FIRST, '[[milestone]] 2 "interest", key key: found "interest" again, expected a key of its own'),
        (FIRST + '[[milestone]]\nkey = "42"\nname = "x"\n', '[[milestone]] 2 "42", key key: found "42", expected'),
        (FIRST + '[[milestone]]\nname = "x"\n', "[[milestone]] 2, key key: found nothing, expected"),
        (FIRST + '[[milestone]]\nkey = "x"\n', '[[milestone]] 2 "x", key name: found nothing, expected'),
        (FIRST + "rate = 0.5\n" + SECOND, '[[milestone]] 1 "interest", key rate: found 0.5, expected none'),
        (FIRST + "days = 5\n" + SECOND, '[[milestone]] 1 "interest", key days: found 5, expected none'),
        (FIRST + SECOND + "ratee = 1\n", '[[milestone]] 2 "invited": found the unknown key "ratee", expected perhaps'),
        (FIRST + SECOND + 'how = ["Ask", 5]\n', "key how, entry 2: found 5, expected a list of texts"),
    ],
)
def test_wrong_milestones_name_table_key_found_and_expected(tables: str, problem: str) -> None:
    (found,) = problems(HEAD + tables)
    assert problem in found


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    found = problems(
        'name = "b2b"\n' + FIRST + "rate = 2\n" + SECOND + 'rate = "half"\nx = 1\n[target]\nper_month = "y"\n'
    )
    assert [problem.partition(":")[0] for problem in found] == [
        "the top of the file, key currency",
        "[target], key per_month",
        '[[milestone]] 1 "interest", key rate',
        '[[milestone]] 1 "interest", key rate',
        '[[milestone]] 2 "invited", key rate',
        '[[milestone]] 2 "invited"',
    ]


def test_a_flood_of_problems_is_cut() -> None:
    text = SMALL + "".join(f"x{n} = 1\n" for n in range(100))
    with pytest.raises(InvalidProcessFile) as caught:
        read_process(text, "b2b.toml")
    assert caught.value.message.startswith("b2b.toml has 100 problems:\n")
    assert caught.value.message.endswith("\n  and 80 more")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('name = "b2b"\ncurrency = \n', "line 2, column 12: not valid TOML: Invalid value"),
        ("name = [", "end of document: not valid TOML: Invalid value"),
        ('name = "a"\nname = "b"\n', "not valid TOML: Cannot overwrite a value"),
        ("history_from = 2024-02-30\n", "line 1, column 16: not valid TOML: Invalid date or datetime"),
        ("name = 'a\x00b'", "not valid TOML: Found invalid character '\\x00'"),
        (b"name = '\xfc'", "not valid UTF-8 at byte 9"),
        ("\ufeff".encode("utf-16"), "not valid UTF-8 at byte 1"),
        ("days = " + "9" * 5000, "a number has too many digits"),
        ("x = " + "[" * 20_000, "lists or tables are nested too deep"),
        ("x = " + "{x = " * 20_000, "lists or tables are nested too deep"),
        (".".join(["x"] * 20_000) + " = 1", "a key is nested more than 30 deep"),
        ("[" + " . ".join(['"x"'] * 20_000) + "]", "a key is nested more than 30 deep"),
        ("#" * (SIZE_LIMIT + 1), "1000001 bytes are too many for a process file; at most 1000000 fit"),
    ],
)
def test_what_is_no_toml_is_refused_quickly_with_its_place(text: str | bytes, problem: str) -> None:
    begun = time.perf_counter()
    (found,) = problems(text)
    assert problem in found
    assert time.perf_counter() - begun < 5  # tomllib alone takes longer on a deep key


@given(st.text() | st.binary())
def test_no_text_is_a_process_by_chance_or_makes_a_traceback(text: str | bytes) -> None:
    assert problems(text)


VALUES = st.recursive(
    st.none().map(lambda _: "1979-05-27")
    | st.booleans().map(lambda value: str(value).lower())
    | st.integers().map(str)
    | st.sampled_from(["nan", "-inf", "1e400", "0.5", '"x"', '"\\u0000"', "07:32:00"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]")
        | st.lists(inner, max_size=2).map(
            lambda values: f"{{{', '.join(f'k{n} = {v}' for n, v in enumerate(values))}}}"
        )
    ),
    max_leaves=6,
)


@given(
    st.sampled_from(["name", "title", "currency", "evidence", "typical_value", "history_from", "target", "x"]),
    VALUES,
    st.sampled_from(["key", "name", "customer_action", "how", "rate", "days", "dead_after_days", "x"]),
    VALUES,
)
def test_no_value_at_any_key_makes_a_traceback(key: str, value: str, inner_key: str, inner: str) -> None:
    for text in (f"{key} = {value}\n{FIRST}[[milestone]]\n{inner_key} = {inner}\n", f"milestone = {value}\n"):
        with pytest.raises(InvalidProcessFile):
            read_process(text, "b2b.toml")


def cleaned(limit: int) -> st.SearchStrategy[str]:
    """Return texts as they are stored."""

    def stored(text: str) -> str:
        try:
            return clean_name(text, "text", limit=limit)
        except InvalidValue:
            return 'a "quoted" \\ text'

    return st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(stored)


RATES = st.decimals(min_value=Decimal("0.000001"), max_value=1, places=6)
DAYS = st.integers(min_value=1, max_value=3650)
KEYS = st.text("abz09_.-", max_size=8).map(lambda rest: f"k{rest}")
FIRSTS = st.builds(Milestone, key=KEYS, name=cleaned(200), customer_action=st.just("") | cleaned(500))
LATER = st.builds(
    Milestone,
    key=KEYS,
    name=cleaned(200),
    customer_action=st.just("") | cleaned(500),
    how=st.lists(cleaned(500), max_size=3).map(tuple),
    rate=st.none() | RATES,
    days=st.none() | DAYS,
    dead_after_days=st.none() | DAYS,
)
PROCESSES = st.builds(
    Process,
    key=st.text("abz09-", max_size=8).map(lambda rest: f"p{rest}"),
    title=cleaned(200),
    currency=st.sampled_from([currency("EUR"), currency("JPY"), currency("KWD")]),
    evidence_required=st.booleans(),
    typical_value=st.none() | st.integers(min_value=1, max_value=LIMIT),
    history_from=st.none() | st.integers(min_value=MIN_DAY, max_value=MAX_DAY),
    milestones=st.tuples(FIRSTS, st.lists(LATER, min_size=1, max_size=5, unique_by=lambda item: item.key))
    .filter(lambda parts: parts[0].key not in {item.key for item in parts[1]})
    .map(lambda parts: (parts[0], *parts[1])),
)


@given(PROCESSES, st.none() | st.integers(min_value=0, max_value=LIMIT))
def test_what_is_written_is_read_again_as_the_same(process: Process, target: int | None) -> None:
    assert read_process(write_process(process, target), "b2b.toml") == ProcessFile(process, target)


@pytest.mark.parametrize("name", ["b2b-long-cycle.toml", "smb-short-cycle.toml"])
def test_the_examples_are_valid_and_name_only_what_customers_do(name: str) -> None:
    found = read_process((EXAMPLES / name).read_bytes(), name)
    assert warnings(found.process) == ()
    assert read_process(write_process(found.process, found.target_per_month), name) == found


def test_the_long_example_is_the_worked_one() -> None:
    found = read_process((EXAMPLES / "b2b-long-cycle.toml").read_bytes(), "b2b-long-cycle.toml")
    assert found.target_per_month == 10_000_000
    assert found.process.typical_value == 4_000_000
    assert [milestone.rate for milestone in found.process.milestones[1:]] == [Decimal("0.5")] * 4
    assert 350 <= found.process.planned_lead_days(1) <= 380
    assert all(milestone.customer_action and milestone.how for milestone in found.process.milestones)


def test_the_built_in_example_is_the_one_of_the_examples() -> None:
    built_in = ROOT / "src" / "milestone_cli" / "exchange" / "b2b_example.toml"
    assert built_in.read_bytes() == (EXAMPLES / "b2b-long-cycle.toml").read_bytes()


def test_a_sellers_activity_a_long_section_and_a_missing_act_are_warned_of() -> None:
    text = HEAD + FIRST + '[[milestone]]\nkey = "offer"\nname = "Offer sent"\ndays = 91\n'
    found = warnings(read_process(text, "b2b.toml").process)
    assert len(found) == 3
    assert found[0].startswith('[[milestone]] 2 "offer": "Offer sent" is something the seller does')
    assert found[1].startswith('[[milestone]] 2 "offer" has no customer_action')
    assert found[2].endswith("91 days are long; what does the customer do in between?")


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("Offer sent", ""),
        ("offer sent", "The case reaches: offer sent"),
        ("Quote", ""),
        ("Send the offer", ""),
        ("Demo held", ""),
        ("Demo", "Demo held"),
        ("First call", ""),
        ("Follow-up", ""),
        ("visited", ""),
        ("Customer visited", ""),
        ("called", ""),
        ("Lead qualified", ""),
        ("Visit", "The customer is visited by our rep"),
        ("Proposal", "The customer receives our proposal"),
        ("Presentation", "Our rep presents the product"),
        ("Offer", "We send the offer"),
        ("Angebot verschickt", ""),
        ("Angebot wurde verschickt", ""),
        ("Angebot", "Kunde erhält das Angebot"),
        ("Angebot", "Der Kunde hat unser Angebot erhalten"),
        ("besucht", ""),
        ("Kunde besucht", ""),
        ("Kunde wurde angerufen", ""),
        ("Demo gehalten", ""),
        ("Präsentation durchgeführt", ""),
    ],
)
def test_what_the_seller_does_is_noticed(name: str, action: str) -> None:
    assert seller_activity(name, action)


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("Interest shown", "The target customer shows interest in the benefit we offer"),
        ("Invited to talk", "A decider invites us to a first talk"),
        ("Invited to present", "The board invites us to present"),
        ("We are invited", "We are invited by the decider"),
        ("Offer", "The customer asks for an offer"),
        ("Offer requested", ""),
        ("Offer accepted", "The customer accepts the offer sent in May"),
        ("Offer returned", "The case reaches: offer returned"),
        ("Demo wanted", "The users ask for a demo with their own parts"),
        ("Called us back", ""),
        ("Visited our plant", "The decider visits our reference plant"),
        ("Visit", "The customer's team visits a reference"),
        ("Signed contract sent back", ""),
        ("Order", "The customer orders in writing"),
        ("Einladung", "Ein Entscheider lädt uns zu einem Gespräch ein"),
        ("Angebot", "Der Kunde bittet um ein Angebot"),
        ("Angebot angefragt", ""),
        ("Kunde besucht uns", "Der Kunde besucht unsere Referenz"),
        ("Bestellt", "Der Kunde bestellt schriftlich"),
        ("Reofferings sentinel", ""),
    ],
)
def test_what_the_customer_does_is_not_taken_for_the_sellers(name: str, action: str) -> None:
    assert seller_activity(name, action) is None
