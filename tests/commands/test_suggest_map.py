"""`ms import --suggest-map`: all that the files name, with a ? where somebody has to say what is meant."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.commands.exports import facts, put
from tests.exchange.exported import exported

from milestone_cli.errors import ExitCode
from milestone_cli.exchange.map_suggestion import quoted_toml

OPPORTUNITY = exported(
    "deals.csv",
    ["Id", "Account.Name", "StageName", "Amount", "CreatedDate", "OwnerId", "CurrencyIsoCode", "RecordType.Name"],
    ["0060Y00000abcAAAAA", "Alpha", "Proposal", "1.234,50", "20/01/2026", "0050Y00000aaaAAAAA", "EUR", "Sales"],
    ["0060Y00000abcBBAAA", "Beta", "Closed Lost", "99,00", "03/02/2026", "0050Y00000aaaAAAAA", "EUR", "Sales"],
    ["0060Y00000abcCCAAA", "Gamma", "New", "1,00", "03/02/2026", "0050Y00000bbbBBAAA", "USD", "Partner"],
)
HISTORY = exported(
    "history.csv",
    ["OpportunityId", "CreatedDate", "StageName", "Amount"],
    ["0060Y00000abcAAAAA", "20/01/2026", "New", ""],
    ["0060Y00000abcAAAAA", "21/02/2026", "Proposal", ""],
    ["0060Y00000abcBBAAA", "05/02/2026", "New", ""],
    ["0060Y00000abcBBAAA", "25/03/2026", "Closed Lost", ""],
)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    return put(tmp_path, OPPORTUNITY, HISTORY)


@pytest.fixture
def suggest(team, files) -> Callable[..., str]:
    def run(*more: str) -> str:
        said = team("import", *files, "--from", "salesforce", "--suggest-map", *more)
        assert said.code == 0, said.err
        return said.out

    return run


def test_a_map_lists_stages_by_pipeline_with_counts_and_the_milestones(suggest):
    text = suggest()
    assert '[pipelines."Sales".stages]\n"New" = ?    # 2 deals\n' in text
    assert '"Proposal" = ?    # 1 deal\n' in text
    assert '[pipelines."Partner".stages]\n"New" = ?    # 1 deal\n' in text
    assert "# The milestones of b2b: 1 interest, 2 invited, 3 problem, 4 offer, 5 order." in text


def test_a_map_says_the_forms_that_were_found(suggest):
    text = suggest()
    assert 'date = "d/m/Y"    # found' in text
    assert 'decimal = ","    # found' in text


def test_a_map_lists_currencies_and_owners(suggest):
    text = suggest()
    assert '[currencies]\n"USD" = ?    # 1 deal\n' in text
    assert '# "0050Y00000aaaAAAAA" = "0050Y00000aaaAAAAA"    # 2 deals\n' in text


def test_a_map_that_is_not_completed_is_refused_and_one_that_is_works(team, files, suggest, tmp_path):
    text = suggest()
    said = team("import", *files, "--from", "salesforce", "--map", put(tmp_path, text))
    assert said.code == ExitCode.REFUSED
    assert '"New" has no meaning yet' in said.err
    complete = text.replace('"New" = ?', '"New" = 1').replace('"Proposal" = ?', '"Proposal" = "offer"')
    complete = complete.replace('"Closed Lost" = ?', '"Closed Lost" = "lost"').replace('"USD" = ?', '"USD" = "ignore"')
    said = team("import", *files, "--from", "salesforce", "--map", put(tmp_path, complete))
    assert said.code == 0, said.err
    assert set(facts(team)) == {"alpha", "beta"}


def test_what_a_given_map_says_is_kept(suggest, tmp_path):
    given = put(
        tmp_path, '[stages]\nNew = 1\n[owners]\n"0050Y00000aaaAAAAA" = "anna"\n[pipelines]\nPartner = "ignore"\n'
    )
    text = suggest("--map", given)
    assert '"New" = 1    # 2 deals\n' in text
    assert '[pipelines]\n"Partner" = "ignore"' in text
    assert '"0050Y00000aaaAAAAA" = "anna"    # 2 deals' in text
    assert '"Proposal" = ?' in text


def test_a_map_is_written_where_it_is_asked_for_and_nothing_is_taken(team, files, tmp_path):
    said = team("import", *files, "--from", "salesforce", "--suggest-map", "-o", str(tmp_path / "map.toml"))
    assert (said.code, said.out) == (0, "")
    assert "places of the map are open" in said.err
    assert "[pipelines" in (tmp_path / "map.toml").read_text()
    assert facts(team) == {}


def test_no_file_of_facts_is_needed(ms, files, path):
    said = ms("import", *files, "--from", "salesforce", "--suggest-map")
    assert said.code == 0
    assert "milestones of" not in said.out
    assert not path.exists()


def test_a_form_that_nothing_decides_is_left_open(team, tmp_path):
    (file,) = put(
        tmp_path,
        exported(
            "deals.csv",
            ["Id", "StageName", "CreatedDate", "Amount"],
            ["0060Y00000abcAAAAA", "New", "03/04/2026", "1.000"],
        ),
    )
    text = team("import", file, "--from", "salesforce", "--suggest-map").out
    assert 'date = ?    # "d/m/Y" or "m/d/Y": 03/04/2026 in line 2' in text
    assert 'decimal = ?    # "," or "."' in text


def test_columns_with_different_forms_are_named_one_by_one(team, tmp_path):
    files = put(
        tmp_path,
        exported(
            "deals.csv",
            ["Id", "StageName", "CreatedDate", "LastStageChangeDate"],
            ["0060Y00000abcAAAAA", "New", "20/04/2026", "04/20/2026"],
        ),
    )
    text = team("import", *files, "--from", "salesforce", "--suggest-map").out
    assert '[dates]    # the form of each column\n"CreatedDate" = "d/m/Y"\n"LastStageChangeDate" = "m/d/Y"\n' in text
    complete = re.sub(r'"New" = \?', '"New" = 1', text)
    assert team("import", *files, "--from", "salesforce", "--map", put(tmp_path, complete)).code == 0


def test_stages_that_a_map_does_not_name_are_listed_with_counts(team, files, tmp_path):
    given = put(tmp_path, 'date = "d/m/Y"\ndecimal = ","\n[stages]\nProposal = 4\n[currencies]\nUSD = "EUR"\n')
    said = team("import", *files, "--from", "salesforce", "--map", given)
    assert said.code == ExitCode.REFUSED
    assert '"New" in "Sales" (2 deals)' in said.err
    assert '"New" in "Partner" (1 deal)' in said.err
    assert '"Closed Lost" in "Sales" (1 deal)' in said.err
    assert facts(team) == {}


def test_pipelines_that_a_map_does_not_name_are_listed_with_counts(team, files, tmp_path):
    given = 'date = "d/m/Y"\ndecimal = ","\n[pipelines.Sales.stages]\nProposal = 4\nNew = 1\n"Closed Lost" = "lost"\n'
    said = team("import", *files, "--from", "salesforce", "--map", put(tmp_path, given))
    assert 'does not name these pipelines of deals.csv, history.csv:\n  "Partner" (1 deal)' in said.err


def test_deals_in_another_currency_are_refused_by_their_line(team, files, tmp_path):
    given = 'date = "d/m/Y"\ndecimal = ","\n[stages]\nProposal = 4\nNew = 1\n"Closed Lost" = "lost"\n'
    said = team("import", *files, "--from", "salesforce", "--map", put(tmp_path, given))
    assert said.code == ExitCode.REFUSED
    assert 'line 4: "0060Y00000abcCCAAA" is in "USD", b2b counts in EUR' in said.err


TABLE = exported("list.csv", ["Firma", "Phase", "seit"], ["A", "Angebot", "20/01/2026"], ["B", "Kontakt", "21/01/2026"])


def test_a_table_is_asked_for_its_columns_first_and_then_for_its_stages(team, tmp_path):
    (file,) = put(tmp_path, TABLE)
    first = team("import", file, "--from", "table", "--suggest-map").out
    assert '#   "Firma"\n#   "Phase"\n#   "seit"\n' in first
    assert "customer = ?" in first
    columns = put(tmp_path, '[columns]\ncustomer = "Firma"\nstage = "Phase"\nsince = "seit"\n')
    second = team("import", file, "--from", "table", "--suggest-map", "--map", columns).out
    assert '"Angebot" = ?    # 1 deal' in second
    assert 'date = "d/m/Y"    # found' in second
    assert 'customer = "Firma"' in second
    complete = second.replace('"Angebot" = ?', '"Angebot" = 4').replace('"Kontakt" = ?', '"Kontakt" = 0')
    said = team("import", file, "--from", "table", "--map", put(tmp_path, complete))
    assert said.code == 0, said.err


def test_facts_need_no_map(team, files):
    assert team("import", *files, "--suggest-map").code == ExitCode.USAGE


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_name_is_the_same_in_the_map(name):
    text = quoted_toml(name)
    assert text.isprintable()
    assert tomllib.loads(f"{text} = 1") == {name: 1}


def test_spellings_that_a_map_does_not_tell_apart_are_one_line(team, tmp_path):
    header = ["Id", "StageName", "CreatedDate", "OwnerId"]
    rows = [[f"0060Y00000abc{place}{place}AAA", stage, "2026-01-05", owner]
            for place, (stage, owner) in enumerate([("New", "Anna"), ("NEW ", "anna"), ("new", "ANNA")])]  # fmt: skip
    (file,) = put(tmp_path, exported("deals.csv", header, *rows))
    text = team("import", file, "--from", "salesforce", "--suggest-map").out
    assert text.casefold().count('"new" = ?') == 1
    assert "= ?    # 3 deals" in text
    assert text.count("# 3 deals") == 2
