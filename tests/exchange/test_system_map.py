"""Maps of systems: every problem is named; what the map does not name has no meaning."""

from __future__ import annotations

import pytest
from tests.desk import process

from milestone_cli.exchange.map_file import InvalidMap
from milestone_cli.exchange.system_map import SystemMap, read_map_file

PROCESS = process()


def read(text: str, system: str = "salesforce", **status: str) -> SystemMap:
    return read_map_file(text.encode(), "map.toml").meaning(PROCESS, system, status)


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidMap) as refused:
        read(text)
    return refused.value.message.removeprefix("map.toml: ").strip().splitlines()


def test_a_stage_means_a_milestone_by_number_or_key_or_one_of_the_words():
    found = read('[stages]\n" First  Talk" = 2\nOffer = "OFFER"\nCold = 0\nGone = "Lost"\nAgain = "reopened"\n')
    assert found.stage("", "first talk") == "invited"
    assert found.stage("Any", "OFFER ") == "offer"
    assert [found.stage("", name) for name in ("Cold", "Gone", "Again", "Talk")] == ["0", "lost", "reopened", None]


def test_pipelines_have_their_own_stages_before_those_of_all():
    found = read(
        '[stages]\nNew = 1\nWon = "won"\n[pipelines."Sales".stages]\nNew = 2\n[pipelines]\nPartner = "ignore"\n'
    )
    assert (found.stage("sales", "New"), found.stage("Sales", "won"), found.stage("", "New")) == (
        "invited",
        "won",
        "interest",
    )
    assert found.leaves_out("PARTNER")
    assert not found.leaves_out("Sales")
    assert found.knows_pipeline("Sales")
    assert not found.knows_pipeline("Other")


def test_without_pipelines_every_pipeline_is_known():
    assert read("[stages]\nNew = 1\n").knows_pipeline("Sales")


def test_the_words_of_the_map_go_before_those_of_the_system():
    found = read('[status]\nGewonnen = "won"\nopen = "lost"\n', won="won", open="open")
    assert [found.meaning_of_status(word) for word in ("gewonnen", "OPEN", "Won", "x")] == ["won", "lost", "won", None]


def test_two_accounts_of_a_system_are_told_apart_by_their_source():
    assert read("").name == "salesforce"
    assert read('source = "emea"\n').name == "salesforce/emea"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('system = "hubspot"', 'It is a map for "hubspot", not for salesforce; --from names the system.'),
        ('source = "E M"', 'source is "E M"; write it with a-z, 0-9 and -.'),
        ('currency = "USD"', 'currency is "USD", but b2b counts in EUR; convert the amounts first'),
        ('zone = "Mars/Base"', 'zone is "Mars/Base"; write the name of a time zone'),
        ('zone = "../etc/passwd"', 'zone is "../etc/passwd"; write the name of a time zone'),
        ('decimal = ";"', 'decimal must be "," or ".".'),
        ("[stages]\nNew = 9", '[stages] "New": There is no milestone "9". b2b has milestones 1 to 5.'),
        ('[stages]\nNew = 1\n"new " = 2', '[stages] "new " is there twice.'),
        ("[stages]\nNew = 1.5", "stages.New must be the number or key of a milestone, 0, or won, lost, reopened"),
        ("[pipelines]\nSales = 3", 'pipelines.Sales must be "ignore" or a table [pipelines."NAME".stages].'),
        ('[status]\nx = "maybe"', '[status] "x" is "maybe"; write one of won, lost, open, reopened, deleted'),
        ('[currencies]\nUSD = "0.9"', '[currencies] "USD" is "0.9"; write ignore to leave its deals out, or EUR.'),
        ("[stage]\nNew = 1", "stage is not known (perhaps stages"),
        ('[dates]\nClosed = "x"', 'The date form "x" cannot be read; write ISO, epoch-ms, d/m/Y'),
        ("[owners]\nx = 1", "owners.x must be a text."),
        ("[stages", "not valid TOML: Expected ']' at the end of a table declaration"),
        ("a = " + "[" * 30_000, "not valid TOML: nested too deep, or a number too long."),
    ],
)
def test_what_is_wrong_is_said(text, said):
    (found,) = problems(text + "\n")
    assert found.startswith(said)


def test_every_problem_is_named_at_once():
    found = problems('currency = "USD"\nzone = "x"\n[stages]\nNew = 9\nOld = "nope"\n')
    assert len(found) == 4


def test_a_suggested_map_with_open_places_cannot_be_used():
    found = problems('date = ?   # two readings\n[stages]\n"First talk" = ?  # 3 deals\nwon = "won"\n')
    assert found == [
        "Line 1: date has no meaning yet; write one in place of the ?.",
        '  Line 3: "First talk" has no meaning yet; write one in place of the ?.',
    ]
