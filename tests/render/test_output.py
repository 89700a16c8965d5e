import subprocess
import sys
from pathlib import Path

import pytest

from milestone_cli.errors import ExtraMissing, UsageError
from milestone_cli.render import output
from milestone_cli.render.output import Format, choose_format


@pytest.mark.parametrize(
    ("flag", "json", "output", "is_terminal", "chosen"),
    [
        (None, False, None, True, Format.TABLE),
        (None, False, None, False, Format.TSV),
        (None, True, None, True, Format.JSON),
        (Format.CSV, True, Path("x.md"), True, Format.CSV),
        (None, True, Path("x.csv"), False, Format.JSON),
        (None, False, Path("x.csv"), True, Format.CSV),
        (None, False, Path("dir.md/X.JSON"), True, Format.JSON),
        (None, False, Path("x.tsv"), True, Format.TSV),
        (None, False, Path("x.md"), False, Format.MD),
        (None, False, Path("-"), True, Format.TABLE),
        (None, False, Path("-"), False, Format.TSV),
        (Format.TABLE, False, Path("x.txt"), False, Format.TABLE),
    ],
)
def test_the_flag_then_json_then_the_ending_then_the_terminal_decides(flag, json, output, is_terminal, chosen):
    assert choose_format(flag, json=json, output=output, is_terminal=is_terminal) is chosen


@pytest.mark.parametrize("name", ["kpis", "kpis.txt", "kpis.table", ".csv", "\x1b.doc"])
def test_an_ending_that_names_no_format_lists_those_that_do(name):
    with pytest.raises(UsageError) as refusal:
        choose_format(None, json=False, output=Path(name), is_terminal=True)
    assert ".json, .csv, .tsv, .md, .xlsx" in refusal.value.hint
    assert "\x1b" not in refusal.value.message


def test_xlsx_needs_a_file():
    with pytest.raises(UsageError, match="standard output"):
        choose_format(Format.XLSX, json=False, output=Path("-"), is_terminal=False)
    assert choose_format(None, json=False, output=Path("kpis.xlsx"), is_terminal=False) is Format.XLSX


def test_a_format_whose_packages_are_missing_is_refused_with_the_command_that_installs_them(monkeypatch):
    monkeypatch.setattr(output, "find_spec", lambda _: None)
    with pytest.raises(ExtraMissing, match="A workbook needs xlsxwriter") as refusal:
        choose_format(None, json=False, output=Path("kpis.xlsx"), is_terminal=False)
    assert "-m pip install xlsxwriter" in refusal.value.hint
    assert "'.[excel]'" in refusal.value.hint
    assert refusal.value.exit_code == 1


def test_a_page_is_html_unless_said_otherwise():
    def chosen(flag, name, *, is_terminal=False):
        path = None if name is None else Path(name)
        return choose_format(flag, json=False, output=path, is_terminal=is_terminal, page=True)

    assert [chosen(None, "r.html"), chosen(None, None), chosen(None, "r.json")] == ["html", "html", "json"]
    assert chosen(Format.XLSX, "r.xlsx") is Format.XLSX
    for flag, name in ((None, "r.csv"), (Format.TABLE, None), (Format.MD, "r.html")):
        with pytest.raises(UsageError, match="A page cannot be written as"):
            chosen(flag, name)
    with pytest.raises(UsageError, match="terminal"):
        chosen(None, None, is_terminal=True)
    with pytest.raises(UsageError, match="`ms report` alone"):
        choose_format(None, json=False, output=Path("k.html"), is_terminal=False)


def test_rich_is_imported_for_the_screen_alone():
    script = (
        "import sys\n"
        "import milestone_cli.console, milestone_cli.render.delivery\n"
        "from milestone_cli.render.output import Format, render\n"
        "from milestone_cli.reports.table import Document\n"
        "for form in (Format.JSON, Format.CSV, Format.TSV, Format.MD):\n"
        "    render(Document(before=('x',)), form, locale='en_US')\n"
        "assert not {'rich', 'babel', 'typer', 'numpy'} & set(sys.modules)\n"
        "render(Document(), Format.TABLE, locale='en_US')\n"
        "assert 'rich' in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
