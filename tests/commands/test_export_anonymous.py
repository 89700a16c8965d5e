"""`ms export --anonymous`: what may be shown to strangers, and what of a book it still says."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from milestone_cli.errors import ExitCode
from milestone_cli.store.payloads import salted_hash


def unpacked(path: Path) -> bytes:
    """Return what a file says, of a workbook all parts but its looks, which are the same in every one."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(
            archive.read(name) for name in archive.namelist() if not name.startswith(("xl/theme", "xl/styles"))
        )


SAID = ["Acme", "acme", "Beta", "Gamma", "anna", "Anna", "Ben", "The boss", "Come by", "no budget", "HYPERLINK",
        "Hooft", "[red]", 'say "x"', "script>", "script&gt;", "abc", "b2b", "B2B", "invited"]  # fmt: skip
FORMS = ("facts.csv", "facts.tsv", "facts.xlsx", "book.sqlite")


def written(ms, path: Path, *options: str):
    """Export into `path` in the form that its name says."""
    return ms("export", "-o", str(path), *options, *(["--sql"] if path.suffix == ".sqlite" else []))


@pytest.mark.parametrize("name", FORMS)
def test_nothing_of_a_name_is_in_an_anonymous_export(lively, tmp_path, name):
    assert written(lively, tmp_path / name).code == 0
    open_ones = unpacked(tmp_path / name)
    hidden = tmp_path / f"anonymous-{name}"
    assert written(lively, hidden, "--anonymous").code == 0
    facts = csv.DictReader(io.StringIO(lively("export").out))
    ids = [row["external_id"] for row in facts]
    # ids are drawn, and have all kinds of letters in them
    found = unpacked(hidden)
    without_ids = re.sub(rb"[0-9a-f]{32}", b"", found)
    assert not [word for word in SAID if word.encode() in without_ids]
    assert not [id_ for id_ in ids if id_.encode() in found]
    assert b"Acme" in open_ones
    assert ids[0].encode() in open_ones


@pytest.mark.parametrize("name", FORMS)
def test_nothing_of_the_demos_names_is_in_an_anonymous_export(ms, demo, tmp_path, name):
    rows = list(csv.DictReader(io.StringIO(ms("--db", demo, "export").out)))
    columns = ("opportunity", "customer", "title", "rep", "process", "reason", "text", "by", "ref", "external_id")
    said = {row[column] for row in rows for column in columns} | {row["milestone"] for row in rows}
    said |= {ms("--db", demo, "processes", "--json").json["processes"][0]["title"]}
    assert len(said) > 1000
    assert written(lambda *argv: ms("--db", demo, *argv), tmp_path / name, "--anonymous").code == 0
    found = unpacked(tmp_path / name).decode("utf-8", "replace")
    near = [word for word in said - {"", "0"} if word in found]
    assert not [word for word in near if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", found)]


def test_an_anonymous_export_keeps_days_and_structure_and_scales_amounts_by_one_factor(lively):
    before = list(csv.DictReader(io.StringIO(lively("export").out)))
    after = list(csv.DictReader(io.StringIO(lively("export", "--anonymous").out)))
    for column in ("date", "outcome", "evidence", "since"):
        assert [row[column] for row in before] == [row[column] for row in after]
    for column in ("opportunity", "customer", "rep", "by"):
        pairs = {(one[column], other[column]) for one, other in zip(before, after, strict=True)}
        assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    amounts = [
        (float(one["value"]), float(other["value"])) for one, other in zip(before, after, strict=True) if one["value"]
    ]
    factor = amounts[0][1] / amounts[0][0]
    assert 0.5 <= factor <= 2
    assert all(other == pytest.approx(one * factor, abs=0.02) for one, other in amounts)


def test_an_anonymous_export_comes_into_a_book_with_the_same_counts(lively, tmp_path):
    facts, process, fresh = (str(tmp_path / name) for name in ("facts.csv", "process.toml", "fresh.db"))
    said = lively("export", "--anonymous", "-o", facts)
    assert "`ms processes b2b --toml --anonymous`" in said.err
    assert lively("processes", "b2b", "--toml", "--anonymous", "-o", process, "--format", "table").code == 0
    assert lively("--db", fresh, "define-process", process).code == 0
    assert lively("--db", fresh, "import", facts, "--complete-history", "--json").code == 0
    assert lively("--db", fresh, "check").code == 0
    for period in ("2026-02", "2026", "2026-Q4", "this-month"):
        ours, theirs = (lively(*db, "kpis", "--period", period, "--json").json for db in ((), ("--db", fresh)))
        counts = [[row["count"] for row in said["processes"][0]["milestones"]] for said in (ours, theirs)]
        assert counts[0] == counts[1]


def test_with_two_processes_the_command_for_each_process_file_is_named_and_runs(lively, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(lively("processes", "b2b", "--toml").out.replace('"b2b"', '"other"'))
    assert lively("define-process", str(other)).code == 0
    said = " ".join(lively("export", "--anonymous", "-o", str(tmp_path / "facts.csv")).err.split())
    for name in ("b2b", "other"):
        assert f"`ms processes {name} --toml --anonymous`" in said
        assert lively("processes", name, "--toml", "--anonymous").code == 0
    one = lively("export", "--anonymous", "--process", "other", "-o", str(tmp_path / "facts.csv")).err
    assert "b2b" not in one


def test_an_anonymous_process_file_says_nothing_but_its_form_and_its_plan(lively):
    told, hidden = (lively("processes", "b2b", "--toml", *more).out for more in ((), ("--anonymous",)))
    process = tomllib.loads(hidden)
    before = tomllib.loads(told)
    assert (process["name"], process["title"]) == ("p1", "p1")
    assert [one["key"] for one in process["milestone"]] == ["m1", "m2", "m3", "m4", "m5"]
    assert not [word for word in SAID if word in hidden]
    for key in ("rate", "days"):
        assert [one.get(key) for one in process["milestone"]] == [one.get(key) for one in before["milestone"]]
    rows = csv.DictReader(io.StringIO(lively("export", "--anonymous").out))
    values = {(row["opportunity"], row["milestone"], row["outcome"]): row["value"] for row in rows}
    factor = float(values["opportunity-1", "0", ""]) / 10_000
    assert process["target"]["per_month"] == pytest.approx(before["target"]["per_month"] * factor, abs=0.02)
    assert lively("processes", "b2b", "--toml", "--anonymous", "--known-on", "2026-11-23").out == hidden
    measured = lively("processes", "b2b", "--toml", "--measured", "--anonymous").out
    assert not [word for word in SAID if word in measured]
    assert lively("processes", "b2b", "--anonymous").code == ExitCode.USAGE


def test_a_name_has_one_pseudonym_in_every_export_of_a_book(lively, tmp_path):
    first = lively("export", "--anonymous").out
    assert lively("export", "--anonymous").out == first
    lively("add", "Acme", "--title", "Another one", "--on", "2026-10-01")
    later = lively("export", "--anonymous").out
    assert set(first.splitlines()) <= set(later.splitlines())
    lively("export", "--anonymous", "-o", str(tmp_path / "book.json"))
    book = json.loads((tmp_path / "book.json").read_text())
    rows = list(csv.DictReader(io.StringIO(later)))
    bodies = {row["body"] for row in book["text"]}
    for column in ("opportunity", "customer", "title", "text", "by", "reason"):
        assert {row[column] for row in rows} - {""} <= bodies
    assert {row["external_id"] for row in rows} <= {row["id"] for row in book["fact"]}


def typed(text: bytes) -> set[str]:
    """Return all that people have typed into a whole book: texts, keys, names, words of processes."""
    book = json.loads(text)
    said = {row["body"] for row in book["text"]} | {row["external_id"] for row in book["external"]}
    for table in ("process", "milestone", "rep", "customer", "opportunity"):
        said |= {row[name] for row in book[table] for name in ("key", "name") if name in row}
    for fact in book["fact"]:
        definition = fact["payload"].get("definition", {"milestones": []})
        said |= {definition.get("title", "")}
        for one in definition["milestones"]:
            said |= {one["name"], one["customer_action"], *one["how"]}
    # who is forgotten is called by a number, which tells nothing
    return {word for word in said if not re.fullmatch("#*[0-9]*", word)}


def strings(value: object) -> Iterator[str]:
    """Yield every text in a JSON value but the names of its fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def assert_nothing_is_told(before: bytes, after: bytes) -> None:
    """Nothing that was typed is in an anonymous book, and no hash or id of it by which a guess could be confirmed."""
    was, now = json.loads(before), json.loads(after)
    said = typed(before)
    found = set(strings([now[table] for table in now if table != "command"]))
    found |= {value for row in now["command"] for name, value in row.items() if name != "name"} - {None}
    hexadecimal = re.compile(r"[0-9a-f]{20,64}")
    plain = {one for one in found if isinstance(one, str) and not hexadecimal.fullmatch(one)}
    assert not [word for word in said if any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", one) for one in plain)]
    secret = {row["id"] for row in (*was["fact"], *was["command"])} | {row["salt"] for row in was["text"]}
    secret |= {row[name] for row in was["command"] for name in ("who", "hash")}
    secret |= {hash_ for fact in was["fact"] for _number, hash_ in fact["payload"].get("texts", {}).values()}
    assert not [one for one in secret - {""} if one.encode() in after]
    for row in was["text"]:
        if row["salt"]:
            salts = (next(one["salt"] for one in now["text"] if one["number"] == row["number"]), "")
            assert not [s for s in salts if salted_hash(s, row["body"]).encode() in after]


def test_nothing_of_a_name_is_in_an_anonymous_book_and_no_hash_confirms_a_guess(lively, tmp_path):
    lively("forget", "Gamma", "--yes")
    lively("forget", "ben", "--yes")
    book, hidden = tmp_path / "book.json", tmp_path / "hidden.json"
    assert lively("export", "-o", str(book)).code == 0
    said = lively("export", "-o", str(hidden), "--anonymous")
    assert said.code == 0
    assert "without a name" in said.err
    before, after = book.read_bytes(), hidden.read_bytes()
    assert_nothing_is_told(before, after)
    assert not [word for word in SAID if re.search("[^0-9a-f]", word) and word.encode() in after]
    known = {"v", "milestone", "value", "rep", "since", "revisit", "voids", "evidence", "bulk", "texts", "process",
             "customer", "definition", "from", "amount"}  # fmt: skip
    was, now = json.loads(before), json.loads(after)
    for one, other in zip(was["fact"], now["fact"], strict=True):
        assert one["payload"].keys() == other["payload"].keys() <= known
        for column in ("number", "command", "position", "kind", "day", "entered_at", "known_day", "opportunity"):
            assert one[column] == other[column]


def shape(ms, *options: str) -> list[object]:
    """Return what an anonymous book must say as the book does: counts, rates by count, lamps, days."""
    found: list[object] = []
    for period in ("2026-02", "2026", "2026-Q4", "this-month"):
        for process in ms(*options, "kpis", "--period", period, "--json").json["processes"]:
            found += [
                [row[name] for name in ("number", "count", "lamp", "reason", "cases", "feeds")]
                for row in process["milestones"]
            ]
            found += [pytest.approx(row["count_target"], abs=0.01) if row["count_target"] else None
                      for row in process["milestones"]]  # fmt: skip
    for process in ms(*options, "rates", "--json").json["processes"]:
        for row in process["sections"]:
            found += [row[name] for name in ("from", "to", "planned", "cases", "moved", "lost", "open", "changed")]
            found += [pytest.approx(row[name], abs=1e-3) for name in ("rate", "low", "high", "days_p50")]
    listed = ms(*options, "opportunities", "--json").json["opportunities"]
    listed.sort(key=lambda one: one["number"])
    found += [[one[name] for name in ("number", "milestone", "reached_on", "waiting_days", "status")] for one in listed]
    log = ms(*options, "log", "--json").json["commands"]
    found += [[one[name] for name in ("number", "command", "entered_at", "facts", "undoes", "undone")] for one in log]
    return found


def test_an_anonymous_book_comes_into_an_empty_file_and_shows_the_same(lively, tmp_path):
    lively("set-target", "80k")
    book, fresh = str(tmp_path / "hidden.json"), str(tmp_path / "fresh.db")
    before = shape(lively)
    assert lively("export", "-o", book, "--anonymous").code == 0
    said = lively("--db", fresh, "import", book)
    assert said.code == 0, said.err
    assert lively("--db", fresh, "check").code == 0
    assert shape(lively, "--db", fresh) == before
    assert lively("--db", fresh, "show", "opportunity-1", "--json").json["customer"] == "customer-1"


def amounts(text: bytes) -> list[int]:
    """Return every amount of a whole book, of facts, targets, definitions and snapshots, in their order."""
    book = json.loads(text)
    found = []
    for payload in (fact["payload"] for fact in book["fact"]):
        found += [payload[name] for name in ("value", "amount") if name in payload]
        found.append(payload.get("definition", {}).get("typical_value") or 0)
    return found + [money for row in book["snapshot"] for _count, money in row["payload"]["worths"].values()]


def test_the_demo_as_an_anonymous_book_shows_the_same(ms, demo, tmp_path):
    fresh, plain, hidden = (str(tmp_path / name) for name in ("fresh.db", "book.json", "hidden.json"))
    before = shape(ms, "--db", demo)
    assert ms("--db", demo, "export", "-o", plain).code == 0
    assert ms("--db", demo, "export", "-o", hidden, "--anonymous").code == 0
    assert ms("--db", fresh, "import", hidden).code == 0
    assert shape(ms, "--db", fresh) == before
    told = Path(hidden).read_bytes()
    pairs = list(zip(amounts(Path(plain).read_bytes()), amounts(told), strict=True))
    factor = max(pairs)[1] / max(pairs)[0]
    assert factor != 1
    assert not [pair for pair in pairs if abs(pair[0] * factor - pair[1]) > 1]
    said = {word for word in typed(Path(plain).read_bytes()) if len(word) > 3}
    assert len(said) > 1000
    # every text and every name of a field once: the file says most of them thousands of times
    told_once = "\n".join(set(re.findall(r'"((?:[^"\\]|\\.)*)"', told.decode())))
    found = (word for word in said if word in told_once)
    assert not [word for word in found if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", told_once)]
