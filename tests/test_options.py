"""The call that the shared options amount to."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from milestone_cli.commands import SHARED_OPTIONS
from milestone_cli.console import Terminal
from milestone_cli.domain.day import parse_iso
from milestone_cli.domain.money import currency
from milestone_cli.errors import InvalidValue, UsageError
from milestone_cli.options import SHARED, Call, Session
from milestone_cli.render.output import Format
from milestone_cli.reports.table import CellKind, Column, Document, Table


@pytest.fixture
def session(tmp_path: Path) -> Session:
    terminal = Terminal(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), environ={})
    return Session(terminal=terminal, environ={"MS_CONFIG": str(tmp_path / "config.toml"), "MS_ZONE": "UTC"})


def with_variables(session: Session, **more: str) -> Session:
    return Session(terminal=session.terminal, environ={**session.environ, **more})


def test_without_options_it_is_today_by_the_clock_for_the_whole_team(session):
    call = Call.of({}, session)
    assert call.as_of is None
    assert (call.rep, call.process, call.known_on) == (None, None, None)
    assert call.format is Format.TSV
    assert not call.json


def test_as_of_rules_over_ms_today_and_that_over_the_clock(session):
    told = with_variables(session, MS_TODAY="2026-11-20")
    assert Call.of({}, told).today == Call.of({}, told).as_of == parse_iso("2026-11-20")
    assert Call.of({"as_of": "2026-11-19"}, told).today == parse_iso("2026-11-19")


@pytest.mark.parametrize(
    ("given", "variables", "named"),
    [({"as_of": "2026-02-30"}, {}, "--as-of"), ({}, {"MS_TODAY": "soon"}, "MS_TODAY"), ({"known_on": "x"}, {}, '"x"')],
)
def test_a_day_that_cannot_be_read_names_where_it_stands(given, variables, named, session):
    with pytest.raises(InvalidValue, match=named):
        Call.of(given, with_variables(session, **variables))


def test_rep_and_process_come_from_flag_then_variable_then_config(session, tmp_path):
    (tmp_path / "config.toml").write_text('rep = "carla"\nprocess = "b2b"\n')
    assert (Call.of({}, session).rep, Call.of({}, session).process) == ("carla", "b2b")
    told = with_variables(session, MS_REP="ben", MS_PROCESS="smb")
    assert (Call.of({}, told).rep, Call.of({}, told).process) == ("ben", "smb")
    assert Call.of({"rep": "anna"}, told).rep == "anna"


def test_team_overrides_every_rep(session):
    assert Call.of({"rep": "anna", "team": True}, with_variables(session, MS_REP="ben")).rep is None


def test_days_periods_and_months_are_read_from_today(session):
    call = Call.of({"as_of": "2026-11-23"}, session)
    assert call.day("yesterday") == parse_iso("2026-11-22")
    assert call.period("this-month").label == "2026-11"
    assert call.month("2026-12") == call.month("next-month")
    with pytest.raises(InvalidValue, match="not a month"):
        call.month("2026-Q4")


def test_the_locale_decides_how_an_amount_is_read(session):
    euro = currency("EUR")
    assert Call.of({"locale": "de"}, session).amount("120.000", euro) == 12_000_000
    with pytest.raises(InvalidValue):
        Call.of({"locale": "en"}, session).amount("120.000", euro)
    with pytest.raises(InvalidValue):
        Call.of({}, session).amount("120.000", euro)


def test_a_format_that_cannot_be_written_is_refused_before_the_command_begins(session):
    with pytest.raises(UsageError):
        Call.of({"output": Path("kpis.doc")}, session)


DOCUMENT = Document(
    tables=(Table(title="Reps", columns=(Column("rep", "Rep", CellKind.NAME),), rows=(("anna",),)),),
    json={"reps": ["anna"]},
)


def test_a_result_goes_to_standard_output_as_plain_text_where_that_is_no_terminal(session):
    Call.of({}, session).show(DOCUMENT)
    assert isinstance(session.terminal.stdout, io.StringIO)
    assert session.terminal.stdout.getvalue() == "rep\nanna\n"


def test_a_result_goes_into_the_file_in_the_format_of_its_ending(session, tmp_path):
    call = Call.of({"output": tmp_path / "reps.json"}, session)
    call.show(DOCUMENT)
    assert call.json
    assert (tmp_path / "reps.json").read_text() == '{\n  "reps": [\n    "anna"\n  ]\n}\n'


def test_the_table_of_commands_names_the_same_shared_options():
    flags = {name: annotation.__metadata__[0] for name, annotation in SHARED.items()}
    assert {name: {info.default, *info.param_decls} for name, info in flags.items()} == {
        name: set(option.flags) for name, option in SHARED_OPTIONS.items()
    }
