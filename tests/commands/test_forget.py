"""`ms forget`: names and words go for good, facts and figures stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from milestone_cli.commands import opening
from milestone_cli.errors import ExitCode
from milestone_cli.store.backup import automatic_backup, automatic_backups
from milestone_cli.store.leftovers import unfinished

LINES = """\
opportunity,milestone,date,value,customer,title,rep,outcome,reason,evidence,text,by,ref,external_id
acme,0,2026-01-05,,Acme GmbH,Line 4,,,,,,,,
acme,1,2026-01-07,40000,,,anna,,,said,It costs us too much,Ms Made-Up,call of 7 Jan,X-1
acme,2,2026-02-09,,,,,,,wrote,Come on Tuesday,Mr Invented,,X-2
bolt,1,2026-01-20,30000,Bolt AG,,ben,,,said,"Better than Acme GmbH, says Ms Made-Up",Ms Made-Up,,
bolt,,2026-03-01,,,,,lost,"Went to Acme GmbH, after all",,,,,
core,1,2026-02-02,20000,Core Ltd,,anna,,,,,,,
core,5,2026-04-02,,,,,,,,,,,
"""
ROLES = (
    "names of customers 1, keys 1, titles 1, what was said 2, persons 2, where it can be seen 1, ids of other systems 2"
)
FIGURES = (
    ("kpis", "--period", "2026", "--by", "rep"),
    ("rates", "--by", "rep"),
    ("forecast", "--months", "2"),
    ("cascade",),
    ("health", "--period", "2026"),
    ("targets",),
    ("dead-horses",),
    ("next",),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "facts.csv"
    path.write_text(LINES)
    return path


@pytest.fixture
def book(team, file, path):
    """Three: acme (40,000 EUR, at 2), bolt (lost) and core (won); Acme and Ms Made-Up stand in bolt's texts too."""
    assert team("import", str(file), "--complete-history").code == 0
    for backup in automatic_backups(path):
        backup.unlink()
    return team


def figures(ms, *called: tuple[str, str | None]) -> str:
    """Return everything these commands say, with what names become put in their place."""
    said = "".join(ms(*words, "--json").out for words in FIGURES)
    for before, after in called:
        said = said.replace(json.dumps(before), json.dumps(after))
    return said


def listed(ms) -> dict[str, str]:
    return {one["key"]: one["customer"] for one in ms("opportunities", "--json").json["opportunities"]}


def test_a_forgotten_customer_is_a_number_and_no_figure_moves(book, problems):
    before = figures(book, ("acme", "1"), ("Acme GmbH", "#1"), ("Line 4", None))
    said = book("forget", "acme", "--yes")
    assert said.code == 0
    assert said.out.splitlines()[:2] == ["Forgotten: 10 texts.", "1 opportunity is called by its number: 1."]
    assert "Acme" not in said.out
    assert figures(book) == before
    assert listed(book) == {"1": "#1", "bolt": "Bolt AG", "core": "Core Ltd"}
    shown = book("show", "1", "--json").json
    assert (shown["title"], shown["customer"], shown["milestone"], shown["value"]) == (None, "#1", 2, "40000.00")
    assert [fact["evidence"] for fact in shown["facts"]] == [None, "said", "wrote"]
    assert {fact[role] for fact in shown["facts"] for role in ("text", "by", "ref", "title")} == {None}
    assert problems() == []
    assert book("check", "--rebuild").code == 0
    assert figures(book) == before


def test_before_it_says_what_goes_and_what_stays(book):
    said = book("forget", "Acme GmbH", "--dry-run")
    assert said.out.splitlines() == [
        "To be forgotten: the customer Acme GmbH.",
        "1 opportunity loses its name: acme.",
        f"10 texts go: {ROLES}.",
        "3 facts stay, without these texts, and every figure with them.",
        "2 other texts contain the name and stay (bolt); --mentions forgets them too.",
    ]
    assert listed(book)["acme"] == "Acme GmbH"
    told = book("forget", "acme", "--dry-run", "--json").json
    assert (told["forgotten"], told["as"], told["texts"], told["facts"]) == (False, "customer", 10, 3)
    assert told["opportunities"] == [{"number": 1, "key": "acme"}]
    assert {one["role"] for one in told["mentions"]} == {"text", "reason"}


def test_on_a_terminal_it_asks_and_says_that_it_cannot_be_undone(book, typist):
    asked = typist("n\n", "forget", "acme")
    assert asked.code == ExitCode.REFUSED
    assert "the customer Acme GmbH" in asked.err
    assert "Forget Acme GmbH? That cannot be undone. [y/N]" in asked.err
    assert "acme" in listed(book)
    assert typist("y\n", "forget", "acme").code == 0
    assert "acme" not in listed(book)


def test_without_a_terminal_it_needs_yes(book):
    said = book("forget", "acme")
    assert (said.code, "Add --yes" in said.err) == (ExitCode.USAGE, True)
    assert "acme" in listed(book)


def test_mentions_go_when_asked_for_and_only_whole_words_are_mentions(book):
    book("add", "Acmeville", "--title", "No Acme GmbHs here, an acme there")
    book("add", "Acme GmbH Holding")
    told = book("forget", "acme", "--mentions", "--yes", "--json").json
    assert told["by_role"]["text"] == 3
    assert told["by_role"]["reason"] == 1
    assert told["by_role"]["title"] == 2
    assert told["mentions"] == [
        {"fact": told["mentions"][0]["fact"], "opportunity": "acme-gmbh-holding", "role": role}
        for role in ("customer", "key")
    ]
    assert book("show", "acmeville", "--json").json["title"] is None
    texts = [fact["text"] for fact in book("show", "bolt", "--json").json["facts"]]
    assert texts == [None, None, None]


def test_a_person_goes_with_what_they_said_wherever_that_was(book, problems):
    before = figures(book)
    told = book("forget", "ms made-up", "--yes", "--json").json
    assert (told["as"], told["texts"], told["facts"], told["opportunities"]) == ("person", 5, 2, [])
    assert figures(book) == before
    first, second = book("show", "acme", "--json").json["facts"][1:]
    assert (first["by"], first["text"], first["ref"]) == (None, None, None)
    assert (second["by"], second["text"]) == ("Mr Invented", "Come on Tuesday")
    assert problems() == []


def test_of_a_person_the_words_can_stay(book):
    told = book("forget", "Ms Made-Up", "--keep-words", "--yes", "--json").json
    assert told["by_role"] == {"by": 2}
    assert [(one["role"], one["opportunity"]) for one in told["mentions"]] == [("text", "bolt")]
    first = book("show", "acme", "--json").json["facts"][1]
    assert (first["by"], first["text"]) == (None, "It costs us too much")


def test_a_forgotten_rep_is_a_number_and_every_command_takes_it(book, problems):
    before = figures(book, ("anna", "1"))
    said = book("forget", "Anna", "--yes")
    assert "The rep is called by the number: 1." in said.out
    assert figures(book) == before
    assert [one["rep"] for one in book("reps", "--json").json["reps"]] == ["1", "ben"]
    assert book("kpis", "--rep", "1", "--json").json["rep"] == "1"
    assert book("kpis", "--rep", "anna").code == ExitCode.REFUSED
    assert book("add", "New", "--rep", "1").code == 0
    assert book("retire-rep", "1").code == 0
    assert book("add-rep", "1").code == 0
    assert book("add-rep", "anna").code == 0
    assert problems() == []


def test_settings_that_still_name_the_rep_are_told(book):
    book("config", "set", "rep", "Anna")
    assert "still names the rep: `ms config set rep 1`" in book("forget", "anna", "--yes").err
    assert book("config", "set", "rep", "1").code == 0
    assert book("kpis", "--json").json["rep"] == "1"


def test_the_name_of_who_recorded_goes_with_the_rep_who_is_called_so(book, monkeypatch, problems):
    monkeypatch.setattr(opening, "who", lambda: "Anna")
    book("advance", "acme", "3", "--on", "2026-11-20")
    assert book("log", "--limit", "1", "--json").json["commands"][0]["who"] == "Anna"
    told = book("forget", "anna", "--yes", "--json").json
    assert (told["by_role"]["user"], told["commands"]) == (1, 1)
    logged = book("log", "--json").json["commands"]
    assert logged[0]["who"].startswith("#")
    assert logged[1]["who"] != logged[0]["who"]
    assert problems() == []
    # who goes on under that name is somebody new
    book("advance", "acme", "4", "--on", "2026-11-21")
    assert [one["who"] for one in book("log", "--limit", "2", "--json").json["commands"]] == ["Anna", logged[0]["who"]]


def test_a_user_who_is_no_rep_is_a_person(book):
    told = book("forget", opening.who(), "--yes", "--json").json
    assert (told["as"], told["by_role"], told["facts"]) == ("person", {"user": 1}, 0)


def test_a_name_that_fits_several_is_refused_with_the_choices(book):
    book("advance", "acme", "3", "--on", "2026-11-20", "--said", "Yes", "--by", "anna")
    said = book("forget", "anna", "--yes")
    assert said.code == ExitCode.REFUSED
    assert said.err.splitlines() == [
        'Error: "anna" is a rep and a person here.', "Say which one with --as rep or --as person."
    ]  # fmt: skip
    assert book("forget", "anna", "--as", "person", "--yes", "--json").json["by_role"] == {"by": 1, "text": 1}
    assert book("forget", "anna", "--yes", "--json").json["as"] == "rep"
    assert book("forget", "acme", "--as", "boss", "--yes").code == ExitCode.USAGE


def test_a_name_that_is_anothers_key_is_refused_with_numbers(book):
    book("add", "Acme", "--key", "other")
    said = book("forget", "acme", "--yes")
    assert said.code == ExitCode.REFUSED
    assert "Acme GmbH (number 1), Acme (number 4)" in said.err
    assert book("forget", "4", "--yes").code == 0
    assert listed(book)["4"] == "#4"
    assert book("forget", "acme", "--yes").code == 0


def test_an_unknown_name_is_never_guessed(book):
    said = book("forget", "acm", "--yes")
    assert (said.code, "Did you mean Acme GmbH or acme?" in said.err) == (ExitCode.REFUSED, True)
    assert "acme" in listed(book)
    said = book("forget", "Tuesday", "--yes")
    assert (said.code, "1 text contains it; --mentions forgets that." in said.err) == (ExitCode.REFUSED, True)
    told = book("forget", "Tuesday", "--mentions", "--yes", "--json").json
    assert (told["as"], told["by_role"]) == ("word", {"text": 1})


@pytest.mark.parametrize("words", [(), ("acme", "--finish")])
def test_somebody_must_be_named_or_nobody(book, words):
    assert book("forget", *words).code == ExitCode.USAGE


def test_forgetting_again_says_so_until_something_new_is_said(book):
    book("forget", "acme", "--yes")
    assert book("forget", "acme", "--yes").code == ExitCode.REFUSED
    again = book("forget", "1", "--yes")
    assert (again.code, "is forgotten already" in again.err) == (0, True)
    book("advance", "1", "3", "--said", "A new thing", "--on", "2026-11-20")
    assert book("forget", "1", "--yes", "--json").json["by_role"] == {"text": 1}


def test_a_key_that_others_have_gets_a_sign_before_it(book, file):
    file.write_text("opportunity,milestone,date,customer\n1,0,2026-01-07,Other\n")
    book("import", str(file))
    book("forget", "acme", "--yes")
    assert set(listed(book)) == {"#1", "1", "bolt", "core"}
    assert book("show", "#1", "--json").json["number"] == 1
    assert book("show", "1", "--json").json["customer"] == "Other"
    assert book("check").code == 0


def test_what_came_before_can_still_be_corrected_and_taken_back(book, problems):
    book("forget", "acme", "--yes")
    fact = next(one for one in book("show", "1", "--json").json["facts"] if one["milestone"] == 2)
    assert book("amend", str(fact["number"]), "--on", "2026-02-10").code == 0
    amended = book("show", "1", "--json").json["facts"][-1]
    assert (amended["on"], amended["evidence"], amended["by"]) == ("2026-02-10", "wrote", None)
    opened = book("show", "1", "--json").json["facts"][0]
    assert book("amend", str(opened["number"]), "--value", "35k").code == 0
    assert book("show", "1", "--json").json["key"] == "1"
    assert problems() == []
    for _ in range(3):
        assert book("undo", "--yes").code == 0
    assert listed(book) == {}
    assert problems() == []
    assert book("undo", str(book("log", "--json").json["total"])).code == 0
    assert "1" in listed(book)
    assert book("check", "--rebuild").code == 0
    assert problems() == []


def test_an_opportunity_that_was_taken_back_is_forgotten_too(book, problems):
    book("add", "Secret AG", "--title", "Hush")
    book("undo", "--yes")
    assert book("forget", "secret-ag", "--yes", "--json").json["texts"] == 3
    assert problems() == []


def test_everything_goes_out_and_comes_in_again_by_numbers(book, tmp_path, problems):
    book("forget", "acme", "--yes")
    book("forget", "anna", "--yes")
    facts, whole = tmp_path / "out.csv", tmp_path / "book.json"
    assert book("export", "-o", str(facts)).code == 0
    assert book("export", "-o", str(whole)).code == 0
    for out in (facts.read_text(), whole.read_text()):
        assert "acme," not in out
        assert "anna" not in out
        assert "Made-Up" in out
    before = figures(book)
    again = ("--db", str(tmp_path / "again.db"))
    assert book("import", str(whole), *again).code == 0
    assert [book(*words, "--json", *again).json for words in FIGURES] == [
        book(*words, "--json").json for words in FIGURES
    ]
    assert book("check", *again).code == 0
    assert book("import", str(facts), "--json").json["facts"] == 0
    assert figures(book) == before
    assert problems() == []


def test_the_old_file_brings_nobody_back_and_nothing_counts_twice(book, file):
    book("forget", "acme", "--yes")
    before = figures(book), listed(book)
    said = book("import", str(file))
    assert "Nothing to add from facts.csv." in said.err
    assert "acme\tit says the same as the forgotten opportunity 1; --with-forgotten takes it in" in said.out
    assert (figures(book), listed(book)) == before
    assert book("import", str(file), "--with-forgotten", "--json").json["opportunities"] == 1
    assert set(listed(book)) == {"1", "acme", "bolt", "core"}


def test_a_newer_file_of_the_same_source_does_not_bring_them_back_either(book, file):
    book("forget", "acme", "--yes")
    file.write_text(LINES.replace("core,1", "acme,3,2026-05-05,,,,,,,,,,,\ncore,1").replace(",X-1", ","))
    assert book("import", str(file), "--json").json["facts"] == 0
    assert set(listed(book)) == {"1", "bolt", "core"}


def test_somebody_else_with_other_days_goes_in_as_ever(book, file):
    book("forget", "acme", "--yes")
    file.write_text("opportunity,milestone,date,value\nnew,1,2026-01-07,39000\n")
    assert book("import", str(file), "--json").json["opportunities"] == 1


def test_a_file_with_a_forgotten_rep_adds_neither_facts_nor_the_rep(book, file):
    file.write_text("opportunity,milestone,date,rep,outcome\nbolt,,2026-02-20,anna,assigned\nbolt,1,2026-01-20,ben,\n")
    assert book("import", str(file), "--json").json["facts"] == 1
    book("forget", "anna", "--yes")
    told = book("import", str(file), "--json").json
    assert (told["facts"], told["left_out"]["count"]) == (0, 0)
    assert [one["rep"] for one in book("reps", "--json").json["reps"]] == ["1", "ben"]


def test_a_key_of_a_file_that_is_a_forgotten_ones_number_is_left_out_and_said(book, file):
    book("forget", "acme", "--yes")
    file.write_text("opportunity,milestone,date,value\n1,1,2026-09-07,39000\n")
    said = book("import", str(file))
    assert "1\tthat is the number of a forgotten opportunity here; give it another key" in said.out
    assert book("show", "1", "--json").json["value"] == "40000.00"


def test_backups_that_hold_it_are_named_and_can_be_deleted(book, path):
    old = automatic_backup(path, "import")
    told = book("forget", "acme", "--yes", "--json").json
    assert told["backups"] == [str(old)]
    assert told["overwritten"] is True
    said = book("forget", "--finish")
    assert f"Still in the backup {old}." in said.out
    assert "`ms forget --finish --delete-backups` deletes the automatic backups that hold it" in said.out
    would = book("forget", "--finish", "--delete-backups", "--dry-run", "--json").json
    assert (would["deleted_backups"], old.exists()) == ([str(old)], True)
    done = book("forget", "--finish", "--delete-backups", "--json").json
    assert (done["backups"], done["deleted_backups"]) == ([], [str(old)])
    [new] = automatic_backups(path)
    assert "forget" in new.name
    assert "No automatic backup holds it." in book("forget", "--finish").out
    assert book("forget", "bolt", "--yes", "--delete-backups", "--json").json["deleted_backups"] == [str(new)]


def test_unfinished_copies_of_stopped_commands_go_and_those_being_written_are_named(book, path):
    left = path.parent / ".ms-abcd_123.part" / "new.db"
    left.parent.mkdir()
    left.write_bytes(path.read_bytes())
    would = book("forget", "--finish", "--dry-run", "--json").json
    assert (would["backups"], left.exists()) == ([str(left)], True)
    with unfinished(path.parent) as copy:
        assert not left.exists()
        copy.write_bytes(path.read_bytes())
        said = book("forget", "acme", "--yes")
        assert f"{copy} is an unfinished copy: `ms forget --finish` removes it" in said.out
        left.parent.mkdir()
        said = book("forget", "bolt", "--yes")
        assert "1 unfinished copy that a stopped command had left is removed." in said.out
        assert book("forget", "--finish", "--json").json["backups"] == [str(copy)]
    assert book("forget", "--finish", "--json").json["backups"] == []


def test_a_file_set_aside_by_a_restore_is_to_be_deleted_by_hand(book, path):
    aside = path.with_name(f"{path.name}.damaged-20261123-101500")
    aside.write_bytes(b"torn")
    said = book("forget", "acme", "--yes", "--delete-backups")
    assert f"A restore has set {aside} aside, which may still hold it: no command deletes that" in said.out
    assert "--delete-backups" not in said.out
    assert book("forget", "--finish", "--json").json["backups"] == [str(aside)]


def test_a_backup_from_before_it_was_there_is_not_named(team, path, file):
    automatic_backup(path, "early")
    team("import", str(file))
    told = team("forget", "acme", "--yes", "--json").json
    assert told["backups"] == []


def test_a_restored_backup_brings_nobody_back(book, path, tmp_path, problems):
    copy = tmp_path / "copy.db"
    book("backup", str(copy))
    book("advance", "core", "3", "--on", "2026-03-02")
    book("forget", "acme", "--yes")
    book("forget", opening.who(), "--yes")
    before = [one["customer"] for one in book("opportunities", "--json").json["opportunities"]]
    done = book("restore", str(copy), "--yes")
    assert "11 texts that were forgotten since the backup stay forgotten." in done.out
    assert [one["customer"] for one in book("opportunities", "--json").json["opportunities"]] == before
    assert b"Acme GmbH, after all" in path.read_bytes()
    assert b"acme" not in path.read_bytes()
    assert problems() == []


def test_reports_of_failures_that_hold_the_name_are_named(book, away_from_home):
    bugs = away_from_home / "state" / "milestone-cli" / "bugs"
    bugs.mkdir(parents=True)
    (bugs / "bug-one.txt").write_text("['add', 'ACME GmbH']")
    (bugs / "bug-two.txt").write_text("['add', 'Acmeville']")
    told = book("forget", "acme", "--yes", "--json").json
    assert told["failure_reports"] == [str(bugs / "bug-one.txt")]


def test_a_definition_that_names_somebody_is_told_to_stay(book, write, process_of):
    write(lambda ledger: ledger.define(process_of(title="As Acme GmbH buys"), on=20_000, valid_from=None))
    said = book("forget", "acme", "--dry-run")
    assert "The name stands in the definition of b2b, which is part of the journal and stays." in said.out


@pytest.mark.parametrize("name", ["", " ", "\udcff", "a\x1bb", "x" * 3000])
def test_what_can_be_no_name_is_refused(book, name):
    said = book("forget", name, "--yes")
    assert (said.code, said.err.startswith("Error: The name ")) == (ExitCode.USAGE, True)


def test_blanks_and_case_around_a_name_do_not_matter(book):
    assert book("forget", "  acme   GMBH ", "--dry-run", "--json").json["name"] == "Acme GmbH"


def test_there_must_be_a_file(ms, path):
    assert ms("forget", "acme", "--yes").code == ExitCode.REFUSED
    assert ms("forget", "--finish").code == ExitCode.REFUSED
    assert not path.exists()
