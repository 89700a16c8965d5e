"""`ms report`: one page whose figures are those of the other commands, and which nothing can slip into."""

from __future__ import annotations

import base64
import hashlib
import html
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
    said = {name: teams(name, "--by", "rep", "--json").json["processes"][0] for name in ("kpis", "rates")}
    said["cascade"] = teams("cascade", "--json").json["processes"][0]
    said["forecast"] = teams("forecast", "--milestone", "all", "--by", "rep", "--json").json["processes"][0]
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


def cells(page: str, caption: str) -> list[list[str]]:
    """Return the cells of a table, row by row, each with its remark in one text."""
    table = page.partition(f"<caption>{caption}</caption>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in found]


def test_each_rep_has_arrivals_forecast_own_rates_and_dead_horses_in_alphabetical_order(page_of):
    page = page_of()
    [process] = data(page)["processes"]
    lamps = cells(page, "Per rep: lamps of Nov 2026")
    assert [row[0] for row in lamps] == ["Rep", "Anna", "Ben"]
    first = process["kpis"]["reps"][0]["milestones"][0]
    assert f"of €{float(first['target']):,.0f}" in lamps[1][1]
    assert f"€{float(first['reached']):,.0f}" in lamps[1][1]
    head, anna, ben = cells(page, "Per rep: what may arrive, and by which rates")
    assert head == [
        "Rep",
        "Next 6 months, P50",
        "Target",
        *(f"{n} → {n + 1}" for n in range(1, 5)),
        "Dead horses",
    ]
    assert (anna[0], ben[0]) == ("Anna", "Ben")
    total = process["forecast"]["reps"][0]["total"]
    p50, band = anna[1].split(" ", 1)
    assert float(p50.strip("€").replace(",", "")) == pytest.approx(float(total["p50"]), rel=0.006)
    assert " to " in band
    own = process["rates"]["reps"][0]["sections"][0]
    assert anna[3] == f"{own['rate']:.0%} {own['low']:.0%} to {own['high']:.0%}"
    assert [int(row[-1]) for row in (anna, ben)] == [one["count"] for one in process["dead_horses"]["reps"]]
    assert sum(one["count"] for one in process["dead_horses"]["reps"]) == process["dead_horses"]["count"]


def test_of_a_large_team_the_page_tells_the_lamps_alone(page_of, monkeypatch):
    monkeypatch.setattr(page_parts, "MOST_REPS", 1)
    page = page_of()
    assert cells(page, "Per rep: lamps of Nov 2026")
    assert "Per rep: what may arrive" not in page
    assert "reps" not in data(page)["processes"][0]["rates"]


def test_the_next_steps_are_the_first_of_ms_next_with_all_that_it_takes_to_win_them(page_of, teams):
    page = page_of()
    said = teams("next", "--limit", "10", "--json").json["processes"][0]
    assert data(page)["processes"][0]["next"]["next"] == said["next"][:5]
    rows = cells(page, "Next steps")[1:]
    for row, step in zip(rows, said["next"], strict=False):
        assert row[0].split() == [*step["customer"].split(), step["opportunity"]]
        assert row[2] == f"{step['next_milestone']} {step['next_name']}"
        usual = "" if step["days_p50"] is None else f" ({step['days_p50']:.0f}, {step['days_p90']:.0f})"
        assert row[3] == f"{step['waiting_days']}{usual}"
        assert row[5] == ("-" if step["chance_left"] is None else f"{step['chance_left']:.0%}")
    words = " ".join(" ".join(Elements(page).words).split())
    assert f"{said['next'][0]['customer_action']}. {'; '.join(said['next'][0]['how'])}" in words
    assert "ms advance KEY NUMBER records it" in words


@pytest.mark.parametrize("period", ["last-month", "2027-03"])
def test_a_page_of_another_period_says_of_which_day_each_part_is(page_of, period):
    words = " ".join(" ".join(Elements(page_of("--period", period)).words).split())
    label = {"last-month": "Oct 2026", "2027-03": "Mar 2027"}[period]
    assert f"lamps of {label}, all else of this day" in words
    assert f"What had to arrive in {label}, and what did" in words
    assert "Nov 23, 2026, in Nov 2026: " in words
    if period == "last-month":
        assert f"Short in {label}" in words
        assert "Where to act" not in words
    else:
        assert "Where to act Not yet The period has not begun" in words


def test_a_chance_is_told_in_the_same_words_wherever_it_stands(page_of, teams):
    assert teams("set-target", "900m", "--from", "2026-12").code == 0
    words = " ".join(" ".join(Elements(page_of()).words).split())
    assert "Chance of the target under 1%" in words
    assert "the chance to reach it under 1%" in words


def test_each_rate_is_said_to_be_whose_and_of_what(page_of):
    team = " ".join(" ".join(Elements(page_of()).words).split())
    assert "Rates of the team's money as measured before Nov 2026: with these every target is carried." in team
    assert "Success rates count opportunities, of the team and as of this day" in team
    assert "Changed lately?" in team
    anna = " ".join(" ".join(Elements(page_of("--rep", "anna")).words).split())
    assert "Success rates count Anna's own opportunities" in anna
    assert "Changed lately?" not in anna


def test_a_rep_without_an_opportunity_is_told_so_and_nothing_is_dropped_silently(teams, page_of):
    assert teams("add-rep", "zoe").code == 0
    words = " ".join(" ".join(Elements(page_of("--rep", "zoe")).words).split())
    assert "zoe has nothing open here and has brought in nothing of late: no business to forecast." in words
    assert "Nothing has been recorded yet" not in words
    assert "Next steps" in words
    assert "Nothing to move: no open opportunity is alive." in words


def test_who_is_soon_set_aside_may_still_move(page_of):
    words = " ".join(" ".join(Elements(page_of()).words).split())
    assert "more will be set aside within 30 days unless the customer moves." in words


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
