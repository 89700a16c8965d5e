"""`ms merge`: what another book has recorded is taken in, whole, once, and for good or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from tests.store.test_migrations import FIRST

from milestone_cli.errors import ExitCode
from milestone_cli.store import backup, foreign


@pytest.fixture
def office(team, tmp_path, keep):
    """The book of the office: acme is anna's, since October."""
    begun = ("add", "Acme", "--rep", "anna", "--value", "40k", "--reached", "1", "--on", "2026-10-01")
    keep("office", tmp_path, lambda: team(*begun))
    return team


@pytest.fixture
def other(office, path):
    """A copy of it that ben has gone on with: acme was invited, and there is a Bolt."""
    copy = path.with_name("ben.db")
    shutil.copy(path, copy)
    there(office, copy, "advance", "acme", "2", "--said", "Do come", "--by", "Ms Example", "--on", "2026-11-05")
    there(office, copy, "add", "Bolt", "--rep", "ben", "--value", "10k", "--reached", "1", "--on", "2026-11-02")
    return copy


@pytest.fixture
def stranger(office, path):
    """A book begun on its own: another Acme under the same key and another customer called bolt."""
    found = path.with_name("carla.db")
    path.with_name("b2b.toml").write_text(office("processes", "b2b", "--toml").out)
    there(office, found, "define-process", str(path.with_name("b2b.toml")))
    there(office, found, "add-rep", "carla", "--from", "2024-01-01")
    there(office, found, "add", "Acme", "--rep", "carla", "--value", "30k", "--reached", "1", "--on", "2026-11-10")
    there(office, found, "add", "Other Bolt", "--key", "bolt", "--rep", "carla", "--reached", "2", "--on", "2026-11-01")
    return found


def there(ms, db, *argv):
    done = ms(*argv, "--db", str(db))
    assert done.code == 0, done.err
    return done


def keys_of(ms):
    return {one["key"]: one for one in ms("opportunities", "--json").json["opportunities"]}


LOOKS = (("kpis",), ("rates",), ("opportunities",), ("targets",), ("reps",), ("processes",))


def looks(ms, *more):
    """Return the figures of a book, without its own numbers of opportunities."""
    return [_unnumbered(ms(*look, "--json", *more).json) for look in LOOKS]


def _unnumbered(found):
    if isinstance(found, dict):
        return {
            name: _unnumbered(value) for name, value in found.items() if (name, "customer" in found) != ("number", True)
        }
    return [_unnumbered(one) for one in found] if isinstance(found, list) else found


# What is taken in -----------------------------------------------------------------------------------------------------


def test_what_the_other_book_has_more_is_taken_in_and_told(office, other, problems):
    done = office("merge", str(other))
    assert done.code == 0
    assert done.out.startswith("3 facts in 2 commands taken in from ben.db, with 1 new opportunity, ")
    assert "from Nov 2, 2026 to Nov 5, 2026.\n" in done.out
    assert "6 facts of it were here already." in done.out
    found = keys_of(office)
    assert {key: (one["milestone"], one["rep"]) for key, one in found.items()} == {
        "acme": (2, "anna"), "bolt": (1, "ben")
    }  # fmt: skip
    assert "Do come" in office("show", "acme").out
    assert problems() == []


def test_merging_again_adds_nothing_and_writes_nothing(office, other, path):
    office("merge", str(other))
    before = path.read_bytes()
    done = office("merge", str(other))
    assert done.out == "Nothing to take in from ben.db.\n9 facts of it were here already.\n"
    assert path.read_bytes() == before
    assert len(list(path.with_name("t-backups").iterdir())) == 1


def test_the_other_book_stays_as_it_is_also_when_it_can_only_be_read(office, other, path):
    before, beside = other.read_bytes(), set(path.parent.iterdir())
    other.chmod(0o400)
    assert office("merge", str(other)).code == 0
    assert other.read_bytes() == before
    assert {one.name for one in set(path.parent.iterdir()) - beside} == {"t-backups"}


def test_a_merge_into_nothing_begins_the_book(office, other, path, problems):
    expected = looks(office, "--db", str(other))
    path.unlink()
    done = office("merge", str(other))
    assert done.code == 0
    assert "The file as it was before" not in done.out
    assert looks(office) == expected
    assert problems() == []


def test_a_dry_run_tells_all_of_it_and_records_nothing(office, stranger, path):
    before = path.read_bytes()
    told = office("merge", str(stranger), "--dry-run", "--json").json
    assert path.read_bytes() == before
    assert not path.with_name("t-backups").exists()
    assert told.pop("dry_run")
    assert told["backup"] is None
    done = office("merge", str(stranger), "--json").json
    assert {**done, "backup": None} == told


def test_the_words_of_a_dry_run_say_that_it_would(office, stranger, other):
    office("merge", str(other))
    done = office("merge", str(stranger), "--dry-run", "--format", "table")
    assert "would be taken in from carla.db" in done.out
    assert "Keys that would change" in done.out
    assert "`ms undo`" not in done.out


def test_the_file_as_it_was_lies_in_a_backup_to_go_back_to(office, other):
    before = looks(office)
    saved = office("merge", str(other), "--json").json["backup"]
    assert looks(office) != before
    assert office("restore", saved, "--yes").code == 0
    assert looks(office) == before


def test_undo_takes_all_of_it_back_and_a_second_merge_brings_it_again(office, other, problems):
    before = looks(office)
    office("merge", str(other))
    merged = looks(office)
    assert office("undo").code == 0
    assert looks(office) == before
    assert problems() == []
    done = office("merge", str(other))
    assert "3 facts are back that an undone merge had taken away." in done.out
    assert "(merge, 3 facts) is taken back: acme, bolt." in office("undo", "--dry-run").out
    assert looks(office) == merged
    assert problems() == []


def test_the_log_names_what_came_and_who_recorded_it_there(office, other, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ben-there")
    there(office, other, "revalue", "bolt", "12k")
    monkeypatch.setenv("LOGNAME", "office")
    office("merge", str(other))
    newest, revalued, *_ = office("log", "--json").json["commands"]
    assert (newest["command"], newest["who"]) == ("merge", "office")
    assert (revalued["command"], revalued["who"]) == ("revalue", "ben-there")


def test_a_merge_stays_while_later_facts_rest_on_it(office, other, problems):
    office("merge", str(other))
    merged = office("log", "--json").json["commands"][0]["number"]
    office("advance", "bolt", "2")
    refused = office("undo", str(merged))
    assert refused.code == ExitCode.REFUSED
    assert "bolt: that does not fit fact" in refused.err
    office("undo")
    assert office("undo", str(merged)).code == 0
    assert set(keys_of(office)) == {"acme"}
    assert problems() == []


def test_who_is_called_the_same_is_the_same_and_the_first_fact_decides_how_they_are_written(office, path, problems):
    second, text = path.with_name("second.db"), path.with_name("b2b.toml")
    text.write_text(office("processes", "b2b", "--toml").out)
    there(office, second, "define-process", str(text))
    there(office, second, "add-rep", "ANNA", "--from", "2024-01-01")
    there(office, second, "add", "ACME", "--key", "other", "--rep", "anna", "--reached", "1", "--on", "2026-09-01")
    office("merge", str(second))
    there(office, second, "merge", str(path))
    for book in (path, second):
        found = office("opportunities", "--json", "--db", str(book)).json["opportunities"]
        assert {(one["customer"], one["rep"]) for one in found} == {("ACME", "anna")}
    assert problems() == []


def test_how_they_are_written_is_decided_anew_when_the_first_fact_is_taken_back(office, path, problems):
    second, text = path.with_name("second.db"), path.with_name("b2b.toml")
    text.write_text(office("processes", "b2b", "--toml").out)
    office("add-rep", "carla")
    office("add", "Delta", "--key", "here", "--on", "2026-08-01")
    first = [one["number"] for one in office("log", "--json").json["commands"][:2]]
    there(office, second, "define-process", str(text))
    there(office, second, "add-rep", "CARLA", "--name", "Carla Schmidt")
    there(office, second, "add", "DELTA", "--key", "other", "--on", "2026-09-01")

    def written() -> tuple[list[tuple[str, str]], set[str]]:
        reps = office("reps", "--json").json["reps"]
        names = {one["customer"] for one in keys_of(office).values()} - {"Acme"}
        return [(one["rep"], one["name"]) for one in reps if one["rep"].lower() == "carla"], names

    office("merge", str(second))
    assert written() == ([("carla", "carla")], {"Delta"})
    for number in first:
        assert office("undo", str(number)).code == 0
    assert written() == ([("CARLA", "Carla Schmidt")], {"DELTA"})
    assert problems() == []
    for _ in first:
        office("undo", str(office("log", "--json").json["commands"][1]["number"]))  # the undo before the last one
    assert written() == ([("carla", "carla")], {"Delta"})
    assert problems() == []


# The same opportunity -------------------------------------------------------------------------------------------------


def test_what_has_the_same_key_and_customer_is_one_opportunity(office, stranger, problems):
    told = office("merge", str(stranger), "--json").json
    assert (told["united"], told["opportunities"]) == (1, 1)
    found = keys_of(office)
    assert set(found) == {"acme", "bolt"}
    assert (found["acme"]["rep"], found["acme"]["reached_on"]) == ("carla", "2026-10-01")
    assert "Whole: " in office("check").out
    assert "opportunities 2," in office("check").out
    assert problems() == []


def test_what_was_one_before_it_was_forgotten_is_one_in_a_third_book_too(office, stranger, path):
    office("merge", str(stranger))
    office("forget", "acme", "--yes")
    third = path.with_name("third.db")
    there(office, third, "merge", str(path))
    for ask in (("kpis", "--period", "2026"), ("rates",)):
        assert there(office, third, *ask, "--json").json == office(*ask, "--json").json
    assert len(there(office, third, "opportunities", "--json").json["opportunities"]) == len(keys_of(office))
    assert there(office, third, "check").code == 0
    assert there(office, third, "merge", str(path), "--json").json["facts"] == 0


def test_what_contradicts_is_listed_with_what_holds(office, stranger):
    told = office("merge", str(stranger), "--json").json["contradictions"]
    assert [(one["where"], one["holds"], one["why"]) for one in told] == [
        ("acme", "both", "later_day"),
        ("acme", "here", "earlier_day"),
    ]
    assert told[0]["here"] == {
        "kind": "opened", "on": "2026-10-01", "milestone_key": None, "value": "40000.00", "rep": "anna", "key": None,
        "text": None,
    }  # fmt: skip
    assert told[1]["there"]["on"] == "2026-11-10"


def contradictions(done):
    return [
        (one["where"], *(told and (told["kind"], told["on"]) for told in (one["here"], one["there"])), one["why"])
        for one in done.json["contradictions"]
    ]


@pytest.fixture
def delta(office, path):
    """Two books: in this one the adding of Delta is undone, in the other Delta was invited."""
    office("add", "Delta", "--value", "40k", "--on", "2026-01-10", "--reached", "1", "--rep", "anna")
    copy = path.with_name("b.db")
    shutil.copy(path, copy)
    office("undo")
    there(office, copy, "advance", "delta", "2", "--on", "2026-04-01")
    return copy


def test_an_opportunity_that_one_book_has_taken_back_is_told_whichever_is_merged_into_which(office, delta, path):
    opened, first, invited = ("opened", "2026-01-10"), ("reached", "2026-01-10"), ("reached", "2026-04-01")
    assert contradictions(office("merge", str(delta), "--json", "--dry-run")) == [
        ("delta", None, opened, "taken_back"),
        ("delta", None, first, "taken_back"),
        ("delta", None, invited, "no_opening"),
    ]
    assert contradictions(there(office, delta, "merge", str(path), "--json")) == [
        ("delta", opened, None, "taken_back"),
        ("delta", first, None, "taken_back"),
        ("delta", invited, None, "no_opening"),
    ]
    done = office("merge", str(delta), "--format", "table").out
    assert "it counts without an opening, which was taken back" in done
    assert "without effect" not in done
    assert keys_of(office)["delta"]["milestone"] == 2


def newest_fact(ms):
    """Return the number of the fact that was recorded last about Delta."""
    return str(max(one["number"] for one in ms("show", "delta", "--json").json["facts"]))


def test_a_day_that_comes_back_because_the_other_book_undid_a_correction_is_told(office, path):
    office("add", "Delta", "--on", "2026-03-01", "--reached", "1")
    office("advance", "delta", "2", "--on", "2026-03-02")
    office("amend", newest_fact(office), "--on", "2026-03-10")
    copy = path.with_name("b.db")
    shutil.copy(path, copy)
    there(office, copy, "undo")
    office("amend", newest_fact(office), "--on", "2026-03-11")
    assert contradictions(office("merge", str(copy), "--json")) == [
        ("delta", ("reached", "2026-03-11"), ("reached", "2026-03-02"), "earlier_day")
    ]


def test_what_the_other_book_has_only_taken_back_is_told(office, other):
    office("merge", str(other))
    there(office, other, "undo")
    there(office, other, "undo")
    assert contradictions(office("merge", str(other), "--json")) == [
        ("acme", ("reached", "2026-11-05"), None, "taken_back"),
        ("bolt", ("opened", "2026-11-02"), None, "taken_back"),
        ("bolt", ("reached", "2026-11-02"), None, "taken_back"),
    ]


def test_what_contradicts_is_listed_again_when_an_undone_merge_is_merged_again(office, stranger):
    told = contradictions(office("merge", str(stranger), "--json"))
    office("undo")
    assert contradictions(office("merge", str(stranger), "--json")) == told != []


def test_a_title_that_the_other_book_says_otherwise_is_listed(office, path):
    copy = path.with_name("b.db")
    shutil.copy(path, copy)
    for book, title in ((path, "Plant"), (copy, "Works")):
        there(office, book, "add", "Delta", "--title", title, "--on", "2026-11-02")
    done = office("merge", str(copy), "--format", "table").out
    [row] = [line.split() for line in done.splitlines() if line.startswith("delta")]
    assert row == ["delta", "Plant", "Works", "here:", "entered", "earlier"]


@pytest.fixture
def lost_twice(office, path):
    """Return how to lose delta on one day in a book and in its copy, each looked at again on a day of its own."""

    def lose(*revisits):
        copy = path.with_name("b.db")
        office("add", "Delta", "--reached", "1", "--on", "2026-01-05")
        shutil.copy(path, copy)
        for book, revisit in zip((path, copy), revisits, strict=True):
            again = ("--revisit", revisit) if revisit else ()
            there(office, book, "lose", "delta", "--reason", "price", "--on", "2026-03-01", *again)
        return copy

    return lose


@pytest.mark.parametrize("turned_round", [False, True])
def test_the_day_to_look_again_that_one_of_two_books_says_stays(office, lost_twice, path, problems, turned_round):
    copy = lost_twice("", "2026-10-01")
    one, other = (copy, path) if turned_round else (path, copy)
    assert there(office, one, "merge", str(other), "--json").json["contradictions"] == []
    [process] = there(office, one, "next", "--json").json["processes"]
    lost = [(one["opportunity"], one["revisit_on"]) for one in process["next"] if one["kind"] == "revisit"]
    assert lost == [("delta", "2026-10-01")]
    assert problems() == []


def test_the_day_to_look_again_that_the_other_book_says_otherwise_is_listed(office, lost_twice):
    copy = lost_twice("2026-11-01", "2026-10-01")
    [told] = office("merge", str(copy), "--dry-run", "--json").json["contradictions"]
    assert (told["where"], told["holds"], told["why"]) == ("delta", "here", "entered_earlier")
    assert (told["there"]["key"], told["there"]["text"]) == ("revisit", "2026-10-01")
    done = office("merge", str(copy), "--format", "tsv").out
    [row] = [line.split("\t") for line in done.splitlines() if line.startswith("delta")]
    assert row[1:3] == [f"lost on Mar 1, 2026, to look at again on {day} 1, 2026" for day in ("Nov", "Oct")]


def test_whether_a_day_is_that_of_an_edit_of_many_is_listed_where_two_books_do_not_agree(office, path):
    copy = path.with_name("b.db")
    office("add", "Delta", "--on", "2026-01-05")
    shutil.copy(path, copy)
    for book, outcome in ((path, "bulk"), (copy, "")):
        lines = f"opportunity,milestone,date,outcome\ndelta,1,2026-03-01,{outcome}\n"
        (path.parent / "f.csv").write_text(lines)
        there(office, book, "import", str(path.parent / "f.csv"))
    [told] = office("merge", str(copy), "--dry-run", "--json").json["contradictions"]
    assert (told["holds"], told["why"]) == ("here", "entered_earlier")
    assert [told[side]["text"] for side in ("here", "there")] == ["true", "false"]
    done = office("merge", str(copy), "--format", "tsv").out
    [row] = [line.split("\t") for line in done.splitlines() if line.startswith("delta")]
    whose = ("an edit of many", "the customer")
    assert row[1:3] == [f"reached interest on Mar 1, 2026, the day of {one}" for one in whose]


def test_the_same_id_of_another_system_is_the_same_opportunity_whatever_it_is_called(office, path, problems):
    lines = "opportunity,milestone,date,customer,external_id\n{},1,2026-11-02,{},crm-1\n"
    for name, key, customer in (("t.db", "first", "Core"), ("carla.db", "second", "Core Ltd")):
        (path.parent / "f.csv").write_text(lines.format(key, customer))
        if name != "t.db":
            path.with_name("b2b.toml").write_text(office("processes", "b2b", "--toml").out)
            there(office, path.with_name(name), "define-process", str(path.with_name("b2b.toml")))
        there(office, path.with_name(name), "import", str(path.parent / "f.csv"))
    told = office("merge", str(path.with_name("carla.db")), "--json").json
    assert told["united"] == 1
    assert told["new_keys"] == [
        {"before": "second", "after": "first", "customer": "Core", "here": False, "joined": "first"}
    ]
    assert set(keys_of(office)) == {"acme", "first"}
    assert problems() == []


def test_of_two_with_one_key_the_one_opened_first_keeps_it_and_that_is_told(office, other, stranger, problems):
    office("merge", str(other))
    done = office("merge", str(stranger), "--format", "table")
    table = done.out[done.out.index("Keys that have changed") :].splitlines()[1:3]
    assert [line.split()[:3] for line in table] == [["Key", "Now", "Customer"], ["bolt", "bolt-2", "Bolt"]]
    assert "another one with this key was opened first" in table[1]
    found = keys_of(office)
    assert (found["bolt"]["customer"], found["bolt-2"]["customer"]) == ("Other Bolt", "Bolt")
    office("undo")
    assert keys_of(office)["bolt"]["customer"] == "Bolt"
    assert problems() == []


def test_whichever_book_came_first_the_figures_are_the_same(office, other, stranger):
    office("merge", str(other))
    office("merge", str(stranger))
    there(office, stranger, "merge", str(other))
    assert looks(office) == looks(office, "--db", str(stranger))
    assert looks(office, "--as-of", "2026-11-04") == looks(office, "--as-of", "2026-11-04", "--db", str(stranger))


def test_the_facts_of_an_opportunity_of_two_books_are_exported_so_that_an_import_amounts_to_the_same(
    office, stranger, path
):
    there(office, stranger, "advance", "acme", "2", "--value", "31k", "--on", "2026-11-12")
    office("advance", "acme", "2", "--value", "44k", "--on", "2026-11-11")
    office("merge", str(stranger))
    office("export", "-o", str(path.with_name("facts.csv")))
    new = path.with_name("new.db")
    there(office, new, "define-process", str(path.with_name("b2b.toml")))
    there(office, new, "import", str(path.with_name("facts.csv")), "--complete-history")
    assert looks(office, "--db", str(new))[1:3] == looks(office)[1:3]
    again = office("import", str(path.with_name("facts.csv")), "--json").json
    assert again["facts"] == 0


def test_a_united_book_goes_through_a_whole_export(office, stranger, path):
    office("merge", str(stranger))
    office("export", "-o", str(path.with_name("whole.json")))
    new = path.with_name("new.db")
    there(office, new, "import", str(path.with_name("whole.json")))
    assert looks(office, "--db", str(new)) == looks(office)
    assert there(office, new, "merge", str(stranger)).out.startswith("Nothing to take in")


def test_the_views_say_what_the_commands_say(office, stranger, path):
    office("merge", str(stranger))
    with closing(sqlite3.connect(path)) as raw:
        rows = raw.execute("SELECT key, customer, rep, milestone FROM v_opportunities ORDER BY key").fetchall()
    assert rows == [("acme", "Acme", "carla", 1), ("bolt", "Other Bolt", "carla", 2)]


def test_what_two_books_have_set_up_otherwise_is_told_and_the_later_word_holds(office, stranger, path):
    text = path.with_name("b2b.toml")
    text.write_text(text.read_text().replace("The customer does offer", "The customer asks for an offer"))
    there(office, stranger, "define-process", str(text), "--from", "2026-12-01")
    there(office, stranger, "add-rep", "anna", "--name", "Anna Other", "--from", "2025-01-01")
    there(office, stranger, "set-target", "55k", "--from", "2027-01")
    office("set-target", "60k", "--from", "2027-01")
    text.write_text(text.read_text().replace("asks for an offer", "wants an offer"))
    office("define-process", str(text), "--from", "2026-12-01")
    done = office("merge", str(stranger), "--format", "table").out
    rows = [line for line in done[done.index("What contradicts") :].splitlines() if line.startswith(("b2b", "anna "))]
    assert [" ".join(row.split()) for row in rows] == [
        (
            "b2b customer_action of offer: The customer wants an offer "
            "customer_action of offer: The customer asks for an offer here: entered later"
        ),
        "b2b team €60,000 a month from Jan 1, 2027 on €55,000 a month from Jan 1, 2027 on here: entered later",
        "anna Anna Anna Other here: entered earlier",
    ]
    assert '"60000.00"' in office("targets", "--json").out
    assert "The customer wants an offer" in office("processes", "b2b", "--as-of", "2026-12-02").out


def defined(ms, db, begins, *changes):
    """Define b2b anew in a book, with words of the process file replaced."""
    text = db.with_name("b2b.toml")
    text.write_text(ms("processes", "b2b", "--toml", "--db", str(db)).out)
    for before, after in changes:
        assert before in text.read_text()
        text.write_text(text.read_text().replace(before, after))
    there(ms, db, "define-process", str(text), "--from", begins)


def of_the_set_up(ms, *argv):
    done = ms("merge", *argv, "--json")
    assert done.code == 0, done.err
    return [
        (one["where"], *(told and (told["key"], told["text"], told["on"]) for told in (one["here"], one["there"])),
         one["holds"])
        for one in done.json["contradictions"]
    ]  # fmt: skip


def test_a_later_definition_that_undoes_an_earlier_one_it_did_not_know_is_told(office, path):
    copy = path.with_name("b.db")
    shutil.copy(path, copy)
    named = office("processes", "b2b", "--toml").out
    offers = [line for line in named.splitlines() if "customer_action" in line]
    defined(office, path, "2026-12-01", (offers[0], 'customer_action = "The customer calls"'))
    defined(office, copy, "2026-06-01", (offers[1], 'customer_action = "The customer writes"'))
    was = offers[1].split('"')[1]
    key = office("processes", "b2b", "--json").json["processes"][0]["milestones"][1]["key"]
    told = ("b2b", ("customer_action", was, "2026-12-01"), ("customer_action", "The customer writes", "2026-06-01"))
    assert of_the_set_up(office, str(copy), "--dry-run") == [(*told, "both")]
    assert of_the_set_up(office, str(path), "--dry-run", "--db", str(copy)) == [(told[0], told[2], told[1], "both")]
    words = " ".join(office("merge", str(copy), "--format", "table").out.split())
    assert f"customer_action of {key}: The customer writes from Jun 1, 2026 on each from its day on" in words


def test_a_milestone_that_comes_back_with_a_later_definition_is_told(office, path):
    copy = path.with_name("b.db")
    shutil.copy(path, copy)
    named = office("processes", "b2b", "--toml").out
    action = next(line for line in named.splitlines() if "customer_action" in line)
    defined(office, path, "2026-12-01", (action, 'customer_action = "The customer calls"'))
    parts = named.split("[[milestone]]")
    defined(office, copy, "2026-06-01", ("[[milestone]]" + parts[2], ""))
    [(where, here, there_, holds)] = of_the_set_up(office, str(copy))
    assert (where, holds) == ("b2b", "both")
    assert len(here[1].split(", ")) == len(there_[1].split(", ")) + 1


def test_definitions_of_which_the_later_one_was_made_knowing_of_the_first_contradict_nothing(office, path):
    action = next(line for line in office("processes", "b2b", "--toml").out.splitlines() if "customer_action" in line)
    copy = path.with_name("b.db")
    shutil.copy(path, copy)
    defined(office, copy, "2026-06-01", (action, 'customer_action = "The customer writes"'))
    defined(office, copy, "2026-12-01", ("The customer writes", "The customer calls"))
    assert of_the_set_up(office, str(copy)) == []


def test_what_the_other_book_has_taken_back_of_the_set_up_is_told(office, path):
    office("set-target", "60k", "--from", "2027-01")
    action = next(line for line in office("processes", "b2b", "--toml").out.splitlines() if "customer_action" in line)
    defined(office, path, "2026-12-01", (action, 'customer_action = "The customer calls"'))
    office("add-rep", "carla", "--name", "Carla Example")
    office("retire-rep", "ben")
    copy = path.with_name("b.db")
    shutil.copy(path, copy)
    for _ in range(4):
        there(office, copy, "undo")
    told = office("merge", str(copy), "--json").json["contradictions"]
    assert [(one["where"], one["here"]["kind"], one["there"], one["why"]) for one in told] == [
        ("b2b team", "target_set", None, "taken_back"),
        ("b2b", "plan_changed", None, "taken_back"),
        ("carla", "rep_added", None, "taken_back"),
        ("ben", "rep_retired", None, "taken_back"),
    ]


def test_a_process_with_other_milestones_is_refused_until_one_is_a_version_of_the_other(office, path):
    alien, text = path.with_name("alien.db"), path.with_name("b2b.toml")
    known = office("processes", "b2b", "--toml").out
    longer = known + '\n[[milestone]]\nkey = "paid"\nname = "Paid"\ncustomer_action = "The customer pays"\n'
    text.write_text(longer)
    there(office, alien, "define-process", str(text))
    done = office("merge", str(alien))
    assert done.code == ExitCode.REFUSED
    assert "b2b is not the same process here" in done.err
    assert "ms define-process b2b.toml" in done.err.replace("\n", " ")
    assert office("define-process", str(text), "--from", "2027-01-01").code == 0
    assert office("merge", str(alien)).code == 0
    assert "Paid" in office("processes", "b2b", "--as-of", "2027-01-02").out


# The months that were measured (R7) -----------------------------------------------------------------------------------


def test_a_book_that_took_a_definition_back_is_not_merged_with_what_rests_on_it(office, path):
    copy, text = path.with_name("copy.db"), path.with_name("smb.toml")
    text.write_text(office("processes", "b2b", "--toml").out.replace('"b2b"', '"smb"'))
    office("define-process", str(text))
    shutil.copy(path, copy)
    office("undo")
    there(office, copy, "add", "Delta", "--process", "smb", "--on", "2026-10-01")
    for book, source in ((path, copy), (copy, path)):
        before = there(office, book, "log", "--json").json
        told = office("merge", str(source), "--db", str(book))
        assert told.code == ExitCode.REFUSED
        assert "One of the two books has taken back the definition of smb" in " ".join(told.err.split())
        assert there(office, book, "log", "--json").json == before
        assert there(office, book, "check").code == 0
    assert office("undo", str(office("log", "--json").json["commands"][0]["number"])).code == 0
    assert office("merge", str(copy), "--json").json["opportunities"] == 1


def test_a_merge_stays_while_its_definition_is_the_only_one_left_of_what_was_here_before(office, path, problems):
    copy, text = path.with_name("copy.db"), path.with_name("smb.toml")
    text.write_text(office("processes", "b2b", "--toml").out.replace('"b2b"', '"smb"'))
    for book in (path, copy):
        there(office, book, "define-process", str(text))
    mine = str(office("log", "--json").json["commands"][0]["number"])
    office("add", "Delta", "--process", "smb", "--reached", "1")
    assert office("merge", str(copy)).code == 0
    merge = str(office("log", "--json").json["commands"][0]["number"])
    assert office("undo", mine).code == 0
    done = office("undo", merge)
    assert (done.code, "1 opportunity of smb rests on its definition" in done.err) == (ExitCode.REFUSED, True)
    assert office("undo", str(int(merge) + 1)).code == office("undo", merge).code == 0
    assert problems() == []


def snapshots(path):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT month FROM snapshot ORDER BY month").fetchall()


def test_days_before_a_month_make_its_snapshot_anew_and_later_ones_leave_it(office, path):
    late = path.with_name("late.db")
    shutil.copy(path, late)
    early = path.with_name("early.db")
    shutil.copy(path, early)
    there(office, late, "add", "New", "--reached", "1", "--on", "2026-11-20")
    there(office, early, "add", "Old", "--reached", "1", "--on", "2026-10-20")
    office("kpis")
    kept = snapshots(path)
    assert len(kept) == 1
    office("merge", str(late))
    assert snapshots(path) == kept
    office("merge", str(early))
    assert snapshots(path) == []
    office("kpis")
    office("undo")
    assert snapshots(path) == []


# What is refused ------------------------------------------------------------------------------------------------------


def test_the_book_itself_is_refused_under_any_name(office, path):
    link = path.with_name("link.db")
    link.symlink_to(path)
    for name in (path, link, os.path.relpath(path)):
        done = office("merge", str(name))
        assert done.code == ExitCode.REFUSED
        assert "is the book itself. Name another one" in done.err.replace("\n", " ")


def test_nothing_at_the_path_is_refused(office, path):
    done = office("merge", str(path.with_name("nobody.db")))
    assert done.code == ExitCode.REFUSED
    assert "There is no book at" in done.err


def test_an_empty_file_is_said_to_be_empty(office, path):
    empty = path.with_name("empty.db")
    empty.touch()
    done = office("merge", str(empty))
    assert done.code == ExitCode.REFUSED
    assert "empty.db is empty: there is no book in it." in done.err.replace("\n", " ")


def _forbidden(*_):
    # whoever runs the tests as root may read everything
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize("what", ["link", "long", "locked up"])
def test_a_name_that_leads_to_nothing_readable_is_answered_with_a_hint_about_the_other_file(
    office, other, path, what, monkeypatch
):
    name = other
    if what == "link":
        name = path.with_name("link.db")
        name.symlink_to(path.with_name("gone.db"))
    elif what == "long":
        name = path.with_name("x" * 300)
    else:
        monkeypatch.setattr(foreign, "connect", _forbidden)
    done = office("merge", str(name))
    assert done.code == ExitCode.FILE
    assert "--db" not in done.err
    assert ("Name the file of the other book." in done.err) == (what != "locked up")
    assert ("Give yourself the right to read it" in done.err) == (what == "locked up")


@pytest.mark.parametrize("what", ["text", "stranger", "newer", "cut", "directory"])
def test_a_file_that_is_no_whole_book_of_ours_is_refused_in_one_sentence(office, other, path, what):
    if what == "text":
        other.write_text("opportunity,milestone\n")
    elif what == "directory":
        other.unlink()
        other.mkdir()
    elif what == "cut":
        os.truncate(other, other.stat().st_size // 2)
    else:
        with closing(sqlite3.connect(other)) as raw:
            raw.execute("PRAGMA user_version = 99" if what == "newer" else "PRAGMA application_id = 5")
    before = path.read_bytes()
    done = office("merge", str(other))
    assert done.code == ExitCode.FILE
    assert done.err.startswith("Error: ")
    assert "Traceback" not in done.err
    hints = {"newer": "Update this one", "cut": "Have it proved where it comes from"}
    assert hints.get(what, "Name the file of the other book.") in done.err
    assert "--db" not in done.err
    assert "ms restore" not in done.err
    assert path.read_bytes() == before


def test_a_book_of_an_older_version_is_taken_in_and_stays_one(office, path, problems):
    older = path.with_name("older.db")
    with closing(sqlite3.connect(older)) as raw:
        raw.executescript(FIRST.read_text())
    before = older.read_bytes()
    path.unlink()
    done = office("merge", str(older))
    assert done.code == 0, done.err
    assert older.read_bytes() == before
    assert problems() == []
    assert office("merge", str(older)).out.startswith("Nothing to take in")


def test_processes_of_one_name_that_are_not_one_are_refused_with_a_way_out(office, path):
    alien = path.with_name("alien.db")
    text = path.with_name("b2b.toml")
    text.write_text(office("processes", "b2b", "--toml").out.replace('"EUR"', '"USD"'))
    there(office, alien, "define-process", str(text))
    done = office("merge", str(alien))
    assert done.code == ExitCode.REFUSED
    assert "b2b counts in EUR here and in USD in" in done.err
    assert "one process has one currency" in done.err


def test_a_backup_that_cannot_be_written_takes_the_merge_back(office, other, path, monkeypatch):
    monkeypatch.setattr(backup, "automatic_backup", lambda *_: None)
    before = path.read_bytes()
    done = office("merge", str(other))
    assert done.code == ExitCode.FILE
    assert "no backup of it could be written before the merge" in done.err
    assert path.read_bytes() == before


# What the other has forgotten -----------------------------------------------------------------------------------------


@pytest.fixture
def forgetful(office, other):
    """The other book, in which the one who asked acme to come is forgotten."""
    office("merge", str(other))
    there(office, other, "forget", "Ms Example", "--yes")
    there(office, other, "add", "Echo")
    return other


def test_in_a_pipe_a_merge_that_forgets_is_refused_until_it_is_agreed_to(office, forgetful, path):
    before = path.read_bytes()
    done = office("merge", str(forgetful))
    assert done.code == ExitCode.USAGE
    assert "are forgotten in ben.db and go here too. That cannot be undone." in done.err
    assert "Add --yes to agree." in done.err
    assert path.read_bytes() == before
    assert len(list(path.with_name("t-backups").iterdir())) == 1


def test_a_dry_run_says_what_would_be_forgotten_and_asks_nothing(office, forgetful, path):
    before = path.read_bytes()
    done = office("merge", str(forgetful), "--dry-run")
    assert done.code == 0
    assert "would be forgotten here too, as they are there, for good." in done.out
    assert "Still in" not in done.out
    assert path.read_bytes() == before


def test_a_merge_that_forgets_names_the_backups_that_hold_it_and_what_undo_cannot_bring_back(office, forgetful, path):
    done = office("merge", str(forgetful), "--yes")
    assert done.code == 0
    assert "`ms undo` takes all of it back; what was forgotten stays forgotten." in done.out
    for backup_of_merge in path.with_name("t-backups").iterdir():
        held = b"Ms Example" in backup_of_merge.read_bytes()
        assert (f"Still in the backup {backup_of_merge}." in done.out) == held
    assert "--delete-backups" in done.out
    assert "`ms forget" not in office("merge", str(forgetful), "--yes").out
    office("undo")
    assert "Ms Example" not in office("show", "acme").out


def test_a_merge_that_forgets_and_brings_nothing_is_asked_about_too(office, other, path):
    office("merge", str(other))
    there(office, other, "forget", "Ms Example", "--yes")
    assert office("merge", str(other)).code == ExitCode.USAGE
    told = office("merge", str(other), "--yes", "--json").json
    assert (told["facts"], told["forgotten"] > 0, told["forgotten_left"]["overwritten"]) == (0, True, True)
    assert told["backup"] in told["forgotten_left"]["backups"]
    assert "Ms Example" not in path.read_bytes().decode("latin-1")


def test_what_was_said_of_a_forgotten_one_since_stays_in_every_book(office, stranger, path):
    third = path.with_name("third.db")
    office("forget", "acme", "--yes")
    number = office("opportunities", "--json").json["opportunities"][0]["key"]
    office("advance", number, "2", "--said", "Come again", "--by", "Somebody else", "--on", "2026-11-02")
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    there(office, copy, "advance", number, "3", "--said", "And again", "--on", "2026-11-03")
    assert there(office, third, "merge", str(copy), "--json").json["forgotten"] == 0
    for source in (stranger, copy):
        assert office("merge", str(source), "--json").json["forgotten"] == 0
    for book in (path, third):
        texts = there(office, book, "export", "--format", "csv").out
        for said in ("Come again", "Somebody else", "And again"):
            assert said in texts, (book, said)


@pytest.fixture
def clashing(team, path):
    """Three books: anna's with Bolt as k1, ben's with nothing, carla's with an older Acme as k1 and all of anna's."""
    books = {"anna": path, "ben": path.with_name("ben.db"), "carla": path.with_name("carla.db")}
    for name in ("ben", "carla"):
        shutil.copy(path, books[name])
    there(team, path, "add", "Bolt", "--key", "k1", "--on", "2026-06-15")
    there(team, books["carla"], "add", "Acme", "--key", "k1", "--on", "2026-04-24")
    there(team, books["carla"], "merge", str(path))
    assert set(called(team, books["carla"])) == {("k1", "Acme"), ("k1-2", "Bolt")}
    there(team, path, "forget", "Bolt", "--yes")
    return books


def called(ms, db):
    """Return the key and the customer of every opportunity of a book that is whole."""
    assert there(ms, db, "check").code == 0
    found = there(ms, db, "opportunities", "--json").json["opportunities"]
    return {(one["key"], one["customer"]) for one in found}


def test_whom_the_other_book_has_forgotten_is_forgotten_here_whatever_key_a_merge_has_given(team, clashing):
    books = clashing
    there(team, books["ben"], "add", "Bolt", "--key", "bx", "--on", "2026-07-06")
    there(team, books["ben"], "merge", str(books["carla"]))
    there(team, books["ben"], "merge", str(books["anna"]), "--yes")
    assert called(team, books["ben"]) == {("k1", "Acme"), ("1", "#1"), ("3", "#1")}
    assert b"Bolt" not in books["ben"].read_bytes()
    there(team, books["carla"], "merge", str(books["anna"]), "--yes")
    assert called(team, books["carla"]) == {("k1", "Acme"), ("2", "#2")}
    there(team, books["carla"], "undo")
    assert called(team, books["carla"]) == {("k1", "Acme")}


def test_whom_this_book_has_forgotten_stays_so_whatever_key_a_merge_has_given_in_the_other(team, clashing):
    books = clashing
    there(team, books["carla"], "add", "Bolt", "--key", "new2", "--on", "2026-07-06")
    there(team, books["anna"], "merge", str(books["carla"]))
    assert called(team, books["anna"]) == {("k1", "Acme"), ("1", "#1"), ("3", "#1")}
    assert b"Bolt" not in books["anna"].read_bytes()


def test_a_forgotten_one_keeps_its_number_when_what_it_was_one_with_is_taken_back(team, path):
    books = {name: path.with_name(f"{name}.db") for name in ("a", "b", "c")}
    for day, db in enumerate(books.values(), start=5):
        shutil.copy(path, db)
        there(team, db, "add", "Acme", "--key", "acme", "--on", f"2026-01-0{day}")
        there(team, db, "advance", "acme", "1", "--on", f"2026-01-1{day}")
    forgetful = path.with_name("ab.db")
    shutil.copy(books["a"], forgetful)
    there(team, forgetful, "merge", str(books["b"]))
    there(team, forgetful, "forget", "Acme", "--yes")
    there(team, books["c"], "merge", str(books["a"]))
    there(team, books["c"], "merge", str(forgetful), "--yes")
    [together] = called(team, books["c"])
    there(team, books["c"], "undo")
    assert called(team, books["c"]) == {together}
    there(team, path, "merge", str(books["c"]), "--yes")
    assert len(called(team, path)) == 1


def add_numbered(ms, db):
    """Take in, as only a file can say it, an opportunity whose key is a number."""
    file = db.with_name("zeta.csv")
    file.write_text("opportunity,milestone,date,customer\n1,0,2026-02-01,Zeta\n")
    there(ms, db, "import", str(file))


def test_a_forgotten_one_leaves_its_number_to_what_was_opened_with_it(team, path):
    first, forgetful = path.with_name("a.db"), path.with_name("ab.db")
    shutil.copy(path, first)
    there(team, first, "add", "Acme", "--key", "acme", "--on", "2026-01-05")
    team("add", "Acme", "--key", "acme", "--on", "2026-01-07")
    add_numbered(team, path)
    shutil.copy(first, forgetful)
    there(team, forgetful, "merge", str(path))
    there(team, forgetful, "forget", "Acme", "--yes")
    team("merge", str(forgetful), "--yes")
    assert called(team, path) == {("3", "#1"), ("1", "Zeta")}
    team("undo")
    assert called(team, path) == {("#1", "#1"), ("1", "Zeta")}
    team("merge", str(forgetful), "--yes")
    assert called(team, path) == {("3", "#1"), ("1", "Zeta")}


def test_a_number_that_a_merge_brings_as_a_key_goes_back_to_the_forgotten_one_with_the_merge(team, path):
    other = path.with_name("other.db")
    shutil.copy(path, other)
    team("add", "Acme", "--on", "2026-01-05")
    team("forget", "Acme", "--yes")
    add_numbered(team, other)
    team("merge", str(other))
    assert called(team, path) == {("#1", "#1"), ("1", "Zeta")}
    team("undo")
    assert called(team, path) == {("1", "#1")}


def test_a_rep_whom_one_book_has_taken_back_is_there_while_facts_of_another_name_them(office, path):
    copy = path.with_name("copy.db")
    office("add-rep", "carla")
    shutil.copy(path, copy)
    office("undo")
    there(office, copy, "add", "Delta", "--rep", "carla", "--reached", "1", "--on", "2026-11-02")
    assert office("merge", str(copy)).code == 0
    assert [one["rep"] for one in office("reps", "--json").json["reps"]] == ["anna", "ben", "carla"]
    for words in (("rates", "--by", "rep"), ("kpis", "--by", "rep", "--period", "2026"), ("forecast",), ("check",)):
        assert office(*words).code == 0
    office("undo")
    assert [one["rep"] for one in office("reps", "--json").json["reps"]] == ["anna", "ben"]


def test_on_a_terminal_a_merge_that_forgets_is_asked_about_and_no_does_nothing(typist, forgetful, path):
    before = path.read_bytes()
    done = typist("n\n", "merge", str(forgetful))
    assert done.code == ExitCode.REFUSED
    assert "Nothing was taken in and nothing was forgotten." in done.err
    assert path.read_bytes() == before
    done = typist("y\n", "merge", str(forgetful))
    assert done.code == 0
    assert "are forgotten here too, as they are there." in done.out
