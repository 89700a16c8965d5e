"""`ms report`: one page whose figures are those of the other commands, and which nothing can slip into."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import zipfile
from html.parser import HTMLParser

import pytest

from milestone_cli.commands import page_parts
from milestone_cli.domain.day import iso, parse_iso
from milestone_cli.render import output

HEAD = "opportunity,milestone,date,value,customer,rep,outcome\n"
HOSTILE = ("<script>alert(1)</script>", "[red]x[/red]", "=cmd()", "</script><img src=x onerror=alert(2)>", "a & b `c`")
PARTS = ("kpis", "cascade", "forecast", "rates")


def history(opportunities: int = 260) -> str:
    """Return the facts of a team since January 2025: half reach each next milestone, many fall silent."""
    draw = random.Random(7)  # noqa: S311 - made data
    lines = []
    for number in range(opportunities):
        day, key = 20_100 + draw.randrange(640), f"deal-{number}"
        name = HOSTILE[number % len(HOSTILE)].replace('"', '""')
        lines.append((day, f'{key},1,{{}},{draw.randrange(1000, 9000)},"{name}",{draw.choice(("anna", "ben"))},'))
        for milestone in range(2, 6):
            day += 2 + draw.randrange(25)
            if draw.random() < 0.55:
                lines.append((day, f"{key},{milestone},{{}},,,,"))
                continue
            if draw.random() < 0.5:
                lines.append((day, f"{key},,{{}},,,,lost"))
            break
    return HEAD + "\n".join(line.format(iso(day)) for day, line in lines if day <= parse_iso("2026-11-23")) + "\n"


@pytest.fixture
def teams(team, tmp_path):
    """`ms` on a file with a history of two years."""
    (tmp_path / "facts.csv").write_text(history(), encoding="utf-8")
    assert team("import", str(tmp_path / "facts.csv"), "--complete-history").code == 0
    return team


@pytest.fixture
def page_of(teams, tmp_path):
    """Writes a page and returns its text."""

    def write(*argv: str, name: str = "report.html") -> str:
        answer = teams("report", "-o", str(tmp_path / name), *argv)
        assert (answer.code, answer.out) == (0, ""), answer.err
        return (tmp_path / name).read_text(encoding="utf-8")

    return write


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of those that have an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.words: list[str] = []
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self._open = dict(attributes).get("id") or tag

    def handle_data(self, data):
        self.texts[self._open] = self.texts.get(self._open, "") + data
        if self._open not in {"script", "style", "figures", "chart-specs"}:
            self.words.append(data)


def data(page: str, name: str = "figures"):
    return json.loads(Elements(page).texts[name])


def test_every_figure_is_the_one_its_own_command_gives(page_of, teams):
    page = data(page_of())
    [process] = page["processes"]
    said = {name: teams(name, "--json").json["processes"][0] for name in ("kpis", "cascade", "rates")}
    said["kpis"] = teams("kpis", "--by", "rep", "--json").json["processes"][0]
    said["forecast"] = teams("forecast", "--milestone", "all", "--json").json["processes"][0]
    assert {name: process[name] for name in PARTS} == said
    assert process["backtest"] == teams("backtest", "--origins", "12", "--json").json["processes"][0]
    dead = teams("dead-horses", "--json").json["processes"][0]
    assert process["dead_horses"]["count"] == dead["count"] > len(process["dead_horses"]["largest"])
    assert process["dead_horses"]["value"] == dead["value"]
    assert process["dead_horses"]["largest"] == dead["opportunities"][: len(process["dead_horses"]["largest"])]


def test_the_past_months_are_the_kpis_of_each_month(page_of, teams):
    [process] = data(page_of())["processes"]
    months = [one["month"] for one in process["past"]]
    assert (months[0], months[-1], len(months)) == ("2025-11", "2026-11", 13)
    march = teams("kpis", "--period", "2026-03", "--json").json["processes"][0]
    assert {"month": "2026-03"} | march == process["past"][4]
    finished = [float(one["milestones"][-1]["reached"]) for one in process["past"][:-1]]
    assert float(process["mean_of_past"]) == pytest.approx(sum(finished) / 12, abs=0.01)


@pytest.fixture
def young(team, tmp_path):
    """A book that began in the middle of September: an order of 20,000 in October, one of 40,000 in November."""
    lines = ["a,1,2026-09-14,20000,,anna,", "a,5,2026-10-05,,,,", "b,5,2026-11-10,40000,,anna,"]
    (tmp_path / "f.csv").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    assert team("import", str(tmp_path / "f.csv"), "--complete-history").code == 0
    return team


def test_months_before_the_book_began_are_no_months_without_arrivals(young, tmp_path):
    assert young("report", "-o", str(tmp_path / "r.html")).code == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    [process] = data(page)["processes"]
    assert [one["month"] for one in process["past"]] == ["2026-09", "2026-10", "2026-11"]
    assert process["mean_of_past"] == "20000.00"  # September is no whole month, November not yet
    specs = data(page, "chart-specs")
    assert [row["month"] for row in rows_of(specs["b2b-months-1"])] == ["Sep 2026", "Oct 2026", "Nov 2026"]
    arrived = [row["arrived"] for row in rows_of(specs["b2b-fan"]) if "arrived" in row]
    assert arrived == [0.0, 20_000.0, 40_000.0]


def test_a_rep_has_no_months_before_they_began(young, tmp_path):
    assert young("add-rep", "new", "--from", "2026-11-02").code == 0
    assert young("report", "--rep", "new", "-o", str(tmp_path / "r.json")).code == 0
    [process] = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["processes"]
    assert [one["month"] for one in process["past"]] == ["2026-11"]
    assert process["mean_of_past"] is None


def rows_of(spec) -> list[dict]:
    return [row for rows in spec["datasets"].values() for row in rows]


def test_the_charts_hold_the_figures(page_of):
    page = page_of()
    specs, [process] = data(page, "chart-specs"), data(page)["processes"]
    assert set(specs) == {
        "b2b-funnel",
        "b2b-fan",
        "b2b-rates",
        "b2b-days",
        "b2b-past",
        *(f"b2b-months-{n}" for n in range(1, 6)),
    }
    funnel = rows_of(specs["b2b-funnel"])
    assert [row["reached"] for row in funnel] == [float(one["reached"]) for one in process["kpis"]["milestones"]]
    assert [row["required"] for row in funnel] == [float(one["target"]) for one in process["kpis"]["milestones"]]
    months = rows_of(specs["b2b-months-2"])
    assert [row["reached"] for row in months] == [float(one["milestones"][1]["reached"]) for one in process["past"]]
    assert [row["running"] for row in months] == [False] * 12 + [True]
    ahead = [row for row in rows_of(specs["b2b-fan"]) if "p50" in row]
    told = [process["forecast"]["running"], *process["forecast"]["months"]]
    assert [[row[name] for name in ("p10", "p50", "p90", "target")] for row in ahead] == [
        [float(one[name]) for name in ("p10", "p50", "p90", "target")] for one in told
    ]
    rates = rows_of(specs["b2b-rates"])
    past = rows_of(specs["b2b-past"])
    assert [row["came"] for row in past] == [float(one["actual"]) for one in process["backtest"]["points"]]
    assert [row["rate"] for row in rates] == [round(one["rate"], 4) for one in process["rates"]["sections"]]


def test_every_chart_has_a_title_words_for_who_cannot_see_it_and_a_table(page_of):
    page = page_of()
    elements = Elements(page)
    ids = {attributes["id"] for _, attributes in elements.found if attributes.get("id")}
    for key, spec in data(page, "chart-specs").items():
        assert {key, f"{key}-title"} <= ids
        assert spec["description"]
        assert all(row["says"] for row in rows_of(spec))
    captions = [tag for tag, _ in elements.found if tag == "caption"]
    assert len(captions) == len([tag for tag, _ in elements.found if tag == "table"])
    lamps = re.findall(r'<span class="lamp \w+">(.*?)</span>', page)
    assert {text[0] + text[2:] for text in lamps} <= {"●green", "▲amber", "■red", "○grey"}


def test_a_name_can_become_neither_markup_nor_program(page_of):
    page = page_of()
    elements = Elements(page)
    scripts = [attributes for tag, attributes in elements.found if tag == "script"]
    assert [one.get("type") for one in scripts] == ["application/json", "application/json", None, None]
    assert not any(name.startswith("on") for _, attributes in elements.found for name in attributes)
    assert "img" not in {tag for tag, _ in elements.found}
    shown = "".join(elements.words)
    named = [one["customer"] for one in data(page)["processes"][0]["dead_horses"]["largest"]]
    assert set(named) <= set(HOSTILE)
    assert all(name in shown for name in named)


def test_nothing_is_loaded_from_outside_and_only_its_own_two_scripts_may_run(page_of):
    page = page_of()
    elements = Elements(page)
    loading = {name for _, attributes in elements.found for name in attributes} & {"src", "srcset", "data", "action"}
    assert not loading
    assert all(one["href"].startswith("#") for tag, one in elements.found if tag == "a")
    assert "link" not in {tag for tag, _ in elements.found}
    [policy] = [one["content"] for tag, one in elements.found if one.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert len(scripts) == 2
    assert "url(" not in page.partition("<style>")[2].partition("</style>")[0]


def test_the_same_facts_give_the_same_bytes(page_of):
    assert page_of(name="one.html") == page_of(name="two.html")


def test_the_page_of_a_rep_is_about_that_rep_alone(page_of, teams):
    page = page_of("--rep", "anna")
    figures = data(page)
    assert figures["rep"] == "anna"
    assert "reps" not in figures["processes"][0]["kpis"]
    assert figures["processes"][0]["kpis"] == teams("kpis", "--rep", "anna", "--json").json["processes"][0]
    assert ">Ben<" not in page
    team = page_of()
    assert team.index(">Anna<") < team.index(">Ben<")


def test_a_page_reads_as_its_locale_writes_numbers(page_of):
    page = page_of("--locale", "de_DE", "--period", "2026-Q3")
    assert '<html lang="de-DE">' in page
    assert "100.000" in page
    assert "23.11.2026" in page
    assert "2026-Q3" in page


def test_of_a_large_book_only_past_forecasts_that_are_kept_are_shown(page_of, teams, monkeypatch):
    monkeypatch.setattr(page_parts, "LARGE", 10)
    before = page_of()
    assert data(before)["processes"][0]["backtest"] is None
    assert "How good past forecasts were" not in before
    kept = teams("backtest", "--origins", "3", "--json").json["processes"][0]
    assert data(page_of())["processes"][0]["backtest"]["points"] == kept["points"]


def test_where_no_potential_is_known_no_money_is_told(team, tmp_path):
    lines = [f"deal-{number},1,2026-0{number % 9 + 1}-05,,,," for number in range(60)]
    (tmp_path / "facts.csv").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    assert team("import", str(tmp_path / "facts.csv"), "--complete-history").code == 0
    for name in ("r.html", "r.xlsx", "r.json"):
        answer = team("report", "-o", str(tmp_path / name))
        assert answer.code == 0, answer.err
    assert "no money can be told" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_an_empty_process_has_a_page_without_a_forecast(team, tmp_path):
    assert team("report", "-o", str(tmp_path / "r.html")).code == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Nothing has been recorded yet" in page
    assert "b2b-fan" not in page


def test_the_figures_alone_come_as_json(teams, tmp_path, page_of):
    assert teams("report", "-o", str(tmp_path / "r.json")).code == 0
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8")) == data(page_of())
    assert teams("report", "--json").json["as_of"] == "2026-11-23"


def test_as_a_workbook_every_section_has_its_sheet(teams, tmp_path):
    assert teams("report", "-o", str(tmp_path / "r.xlsx")).code == 0
    with zipfile.ZipFile(tmp_path / "r.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    sections = ("kpis", "reps", "cascade", "arrivals", "forecast", "expected", "expected 2", "rates", "past forecasts")
    assert names[:9] == [f"b2b {section}" for section in sections]


def test_without_the_extra_it_says_how_to_install_it_before_it_looks_at_any_file(ms, tmp_path, monkeypatch):
    monkeypatch.setattr(output, "find_spec", lambda name: None if name == "vl_convert" else object())
    answer = ms("report", "-o", str(tmp_path / "r.html"), "--db", str(tmp_path / "none.db"))
    assert answer.code == 1
    assert "needs altair, jinja2 and vl-convert-python" in answer.err
    assert "-m pip install altair jinja2 vl-convert-python" in answer.err
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize("name", ["r.csv", "r.md", "r.odt"])
def test_a_page_is_refused_in_a_form_that_it_does_not_have(teams, tmp_path, name):
    assert teams("report", "-o", str(tmp_path / name)).code == 2


def test_html_is_for_pages_alone(teams, tmp_path):
    answer = teams("kpis", "-o", str(tmp_path / "k.html"))
    assert answer.code == 2
    assert "`ms report -o report.html`" in answer.err
