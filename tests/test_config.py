"""Settings: what holds, where it came from, and what is refused."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from milestone_cli.config import KEYS, InvalidConfig, config_path, load_settings, set_value
from milestone_cli.errors import FileError, InvalidValue, UnknownName


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "config.toml"


@pytest.fixture
def environ(path: Path) -> dict[str, str]:
    return {"MS_CONFIG": str(path)}


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_without_anything_set_the_defaults_hold(environ: dict[str, str], away_from_home: Path) -> None:
    settings = load_settings(environ)
    assert settings.db == away_from_home / "data" / "milestone-cli" / "ms.db"
    assert settings.source("db") == "default"
    assert settings.value("rep") is None
    assert settings.shared is False
    assert [item.key for item in settings.all()] == list(KEYS)


def test_the_config_file_lies_where_the_platform_keeps_such_files(away_from_home: Path) -> None:
    assert config_path({}) == away_from_home / "config" / "milestone-cli" / "config.toml"


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(
    path: Path, environ: dict[str, str]
) -> None:
    written(path, 'rep = "anna"\nprocess = "b2b"\nlocale = "de"\n')
    settings = load_settings({**environ, "MS_REP": "ben", "MS_PROCESS": "smb"}, flags={"rep": "carla", "process": None})
    assert (settings.value("rep"), settings.source("rep")) == ("carla", "--rep")
    assert (settings.value("process"), settings.source("process")) == ("smb", "MS_PROCESS")
    assert (settings.value("locale"), settings.source("locale")) == ("de", str(path))
    assert settings.source("zone") == "default"


def test_an_empty_variable_counts_as_not_set(environ: dict[str, str]) -> None:
    assert load_settings({**environ, "MS_REP": ""}).value("rep") is None


def test_the_day_of_the_environment_is_shown(environ: dict[str, str]) -> None:
    settings = load_settings({**environ, "MS_TODAY": "2026-11-23"})
    assert (settings.text("today"), settings.source("today")) == ("2026-11-23", "MS_TODAY")


def test_what_is_set_is_read_again(path: Path, environ: dict[str, str]) -> None:
    for key, value in {"rep": "anna", "zone": "Europe/Berlin", "locale": "de_AT", "process": "b2b"}.items():
        assert set_value(key, value, environ).value == value
    set_value("shared", "true", environ)
    settings = load_settings(environ)
    assert settings.value("zone") == "Europe/Berlin"
    assert settings.shared is True
    assert tomllib.loads(path.read_text(encoding="utf-8"))["shared"] is True


def test_setting_a_value_keeps_the_comments_and_the_other_keys(path: Path, environ: dict[str, str]) -> None:
    written(path, '# mine\nrep = "anna"  # that is me\nlocale = "de"\n')
    set_value("rep", "ben", environ)
    assert path.read_text(encoding="utf-8") == '# mine\nrep = "ben"  # that is me\nlocale = "de"\n'


def test_a_path_is_stored_absolute(tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert set_value("db", "here.db", environ).value == str(tmp_path / "here.db")


def test_a_path_in_the_file_may_begin_at_home(path: Path, environ: dict[str, str], away_from_home: Path) -> None:
    written(path, 'db = "~/sales.db"\n')
    assert load_settings(environ).db == away_from_home / "sales.db"


def test_an_unknown_setting_is_refused_with_a_near_one(environ: dict[str, str], path: Path) -> None:
    with pytest.raises(UnknownName, match='no setting "proces"') as caught:
        set_value("proces", "b2b", environ)
    assert caught.value.hint.startswith("Did you mean process")
    assert not path.exists()


def test_today_cannot_be_stored(environ: dict[str, str]) -> None:
    with pytest.raises(UnknownName):
        set_value("today", "2026-11-23", environ)


@pytest.mark.parametrize("key", ["nonsense", ""])
def test_an_unknown_setting_cannot_be_asked_for(environ: dict[str, str], key: str) -> None:
    with pytest.raises(UnknownName):
        load_settings(environ).value(key)
    with pytest.raises(UnknownName):
        load_settings(environ, flags={key: "x"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("zone", "Europe/Atlantis"),
        ("zone", "../../etc/passwd"),
        ("zone", ""),
        ("locale", "xx_YY"),
        ("process", "Not A Key"),
        ("rep", "\x1b[31m"),
        ("rep", ""),
        ("shared", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_is_written(
    path: Path, environ: dict[str, str], key: str, value: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        set_value(key, value, environ)
    assert caught.value.message.startswith(f"The setting {key} is ")
    assert caught.value.hint.startswith("Expected ")
    assert "\x1b" not in caught.value.message
    assert not path.exists()


def test_a_zone_of_the_environment_is_checked_and_named(environ: dict[str, str]) -> None:
    with pytest.raises(InvalidValue, match='The MS_ZONE is "Mars"'):
        load_settings({**environ, "MS_ZONE": "Mars"})


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("rep = \n", 1, "not valid TOML: Invalid value"),
        ('rep = "anna"\nrep = "ben"\n', 2, "not valid TOML"),
        ('rep = "anna"\nproces = "b2b"\n', 2, 'there is no setting "proces"'),
        ('rep = "anna"\n[zone]\nname = "UTC"\n', 2, "The key zone is a table"),
        ("rep = 7\n", 1, "The key rep is 7"),
        ("rep = [7]\n", 1, "The key rep is a list"),
        ("rep = 2026-11-23\n", 1, "The key rep is a date or time"),
        ('\n\nzone = "Mars"\n', 3, 'The key zone is "Mars"'),
    ],
)
def test_a_broken_file_is_one_error_with_file_and_line(
    path: Path, environ: dict[str, str], text: str, line: int, what: str
) -> None:
    written(path, text)
    with pytest.raises(InvalidConfig) as caught:
        load_settings(environ)
    assert caught.value.message.startswith(f"{path}, line {line}: {what}")
    with pytest.raises(InvalidConfig):
        set_value("rep", "anna", environ)
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_is_not_utf8_is_one_error(path: Path, environ: dict[str, str]) -> None:
    path.parent.mkdir()
    path.write_bytes(b'rep = "M\xfcller"\n')
    with pytest.raises(InvalidConfig, match="not valid UTF-8 at byte 9"):
        load_settings(environ)


def test_a_directory_in_place_of_the_file_is_one_error(path: Path, environ: dict[str, str]) -> None:
    path.mkdir(parents=True)
    with pytest.raises(FileError, match="cannot be read"):
        load_settings(environ)


def test_a_place_that_cannot_be_written_is_one_error_and_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileError):
        set_value("rep", "anna", {"MS_CONFIG": str(tmp_path / "file" / "config.toml")})


def test_the_file_keeps_its_mode_and_its_link(tmp_path: Path, path: Path, environ: dict[str, str]) -> None:
    real = tmp_path / "dotfiles.toml"
    written(real, "")
    real.chmod(0o640)
    path.parent.mkdir()
    path.symlink_to(real)
    set_value("rep", "anna", environ)
    assert path.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_text(encoding="utf-8") == 'rep = "anna"\n'
    assert sorted(item.name for item in tmp_path.iterdir()) == ["dotfiles.toml", "etc", "home"]
