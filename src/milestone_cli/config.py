"""Settings: defaults <- config.toml <- MS_* <- flags, and where each value came from.

Invariant: nothing is read from the config file but what `KEYS` names, each value checked; the file is replaced as a
whole or not at all. Names of processes and reps are compared with the book where they are used, which can suggest near
ones. TAB reads settings too, so nothing slow is imported here: a NamedTuple costs nothing where a dataclass costs what
`inspect` does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from milestone_cli.domain.text import clean_name, quoted, valid_process_key, visible
from milestone_cli.errors import FileError, InvalidValue, MsError, NoPermission, UnknownName, suggestions

if TYPE_CHECKING:
    from pydantic import BaseModel

APP = "milestone-cli"
"""The name of the directories in which the platform keeps what belongs to `ms`."""
DEFAULT = "default"
"""The source of a value that nobody set."""


class Key(NamedTuple):
    """What can be set."""

    variable: str
    """The environment variable; empty where there is none."""
    flag: str
    """The option of the command line; empty where there is none."""
    meaning: str
    storable: bool = True
    """Whether the config file may hold it."""


KEYS = {
    "db": Key("MS_DB", "--db", "the file that holds the facts"),
    "process": Key("MS_PROCESS", "--process", "the process taken where none is named"),
    "rep": Key("MS_REP", "--rep", "the rep whose figures are shown where none is named"),
    "locale": Key("MS_LOCALE", "--locale", "how amounts and dates are written, like de or en_GB"),
    "zone": Key("MS_ZONE", "", "the time zone that says which day it is, like Europe/Berlin; the machine's if not set"),
    "shared": Key("", "", "true: others may read the file too, and no warning says so"),
    "today": Key("MS_TODAY", "--as-of", "the day taken as today; the real one if not set", storable=False),
}
"""Every setting, in the order in which they are shown."""


class Setting(NamedTuple):
    """One value and where it comes from."""

    key: str
    value: str | bool | None
    """None where nobody set it and there is no default."""
    source: str
    """`default`, the path of the config file, a variable like `MS_DB`, or an option like `--db`."""


class Settings(NamedTuple):
    """All settings of one call."""

    config_path: Path
    """The config file, whether it exists or not."""
    given: Mapping[str, Setting]
    """What was set, by key."""

    def setting(self, key: str) -> Setting:
        """Return a value with its source.

        Raises:
            UnknownName: there is no such setting.
        """
        if key not in KEYS:
            raise UnknownName("setting", key, KEYS)
        return self.given.get(key) or Setting(key, _default(key), DEFAULT)

    def value(self, key: str) -> str | bool | None:
        """Return the value of a setting, or None."""
        return self.setting(key).value

    def text(self, key: str) -> str | None:
        """Return the value of a setting that is a text, or None."""
        value = self.value(key)
        return value if isinstance(value, str) else None

    def source(self, key: str) -> str:
        """Return where the value of a setting comes from."""
        return self.setting(key).source

    def all(self) -> tuple[Setting, ...]:
        """Return every setting, in the order of `KEYS`."""
        return tuple(self.setting(key) for key in KEYS)

    @property
    def db(self) -> Path:
        """The file that holds the facts."""
        return Path(str(self.value("db")))

    @property
    def shared(self) -> bool:
        """Whether others may read the file without a warning."""
        return self.value("shared") is True


class InvalidConfig(MsError):
    """The config file cannot be used as it is."""

    code = "invalid_config"

    def __init__(self, path: Path, line: int | None, what: str, hint: str = "") -> None:
        place = f"{visible(str(path))}, line {line}" if line else visible(str(path))
        super().__init__(f"{place}: {what}.", hint or "Correct the file, or remove it to start from the defaults.")


def config_path(environ: Mapping[str, str]) -> Path:
    """Return where the config file is or would be: MS_CONFIG, else the platform's place."""
    named = environ.get("MS_CONFIG")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"


def default_db() -> Path:
    """Return where the facts lie if nobody says otherwise."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "ms.db"


def load_settings(environ: Mapping[str, str], *, flags: Mapping[str, str | None] | None = None) -> Settings:
    """Return the settings of this call.

    Args:
        environ: the environment; an empty variable counts as not set.
        flags: what the command line says, by key; None counts as not given.

    Raises:
        InvalidConfig: the config file is no TOML, or a key or value in it is not as expected.
        InvalidValue: a variable or an option holds what the key cannot be.
        UnknownName: a flag of no setting.
    """
    path = config_path(environ)
    given = {key: Setting(key, value, str(path)) for key, value in _stored(path).items()}
    for key, known in KEYS.items():
        value = environ.get(known.variable) if known.variable else None
        if value:
            given[key] = Setting(key, _checked(key, value, known.variable), known.variable)
    for key, flag in (flags or {}).items():
        if key not in KEYS:
            raise UnknownName("setting", key, KEYS)
        if flag is not None:
            given[key] = Setting(key, _checked(key, flag, KEYS[key].flag), KEYS[key].flag)
    return Settings(path, given)


def set_value(key: str, value: str, environ: Mapping[str, str]) -> Setting:
    """Store a setting in the config file, keep the rest of it as it is, and return what was stored.

    A path is stored absolute, because the next call may start in another directory.

    Raises:
        UnknownName: there is no such setting, or none that a file can hold.
        InvalidValue: the key cannot be that.
        InvalidConfig: the file that is there is broken.
        FileError: it cannot be written.
    """
    if key not in KEYS or not KEYS[key].storable:
        storable = [name for name, known in KEYS.items() if known.storable]
        raise UnknownName("setting", key, storable, f"Settings are {', '.join(storable)}.")
    import tomlkit

    path = config_path(environ)
    _stored(path)
    checked = _validated(key, value, f"setting {key}")
    if key == "db":
        checked = str(Path(str(checked)).expanduser().absolute())
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    document[key] = checked
    _replace(path, tomlkit.dumps(document))
    return Setting(key, checked, str(path))


def _default(key: str) -> str | bool | None:
    if key == "db":
        return str(default_db())
    return False if key == "shared" else None


def _stored(path: Path) -> dict[str, str | bool]:
    """Return what the config file holds, checked."""
    import tomllib

    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise InvalidConfig(path, None, f"not valid UTF-8 at byte {error.start + 1}") from error
    except OSError as error:
        raise NoPermission(f"The config file {visible(str(path))} cannot be read: {error.strerror}.") from error
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line ([0-9]+)", str(error))
        what = visible(str(error).partition(" (at ")[0])
        raise InvalidConfig(path, int(line[1]) if line else None, f"not valid TOML: {what}") from error
    for key in table:
        if key not in KEYS or not KEYS[key].storable:
            near = suggestions(key, [name for name, known in KEYS.items() if known.storable])
            hint = f"Did you mean {' or '.join(near)}?" if near else ""
            raise InvalidConfig(path, _line_of(key, text), f"there is no setting {quoted(key)}", hint)
    try:
        stored = {key: _validated(key, value, f"key {key}") for key, value in table.items()}
    except InvalidValue as error:
        named = next((key for key in table if f"key {key} " in error.message), "")
        raise InvalidConfig(path, _line_of(named, text), error.message.removesuffix("."), error.hint) from error
    if isinstance(stored.get("db"), str):
        stored["db"] = str(Path(str(stored["db"])).expanduser())
    return stored


def _line_of(key: str, text: str) -> int | None:
    wanted = re.compile(rf"""\s*\[?["']?{re.escape(key)}["']?\s*[\]=.]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if wanted.match(line)), None)


def _checked(key: str, value: str, source: str) -> str | bool:
    # A path shows what it is when it is opened, a name when it is looked up, the day is read where all days are read.
    return _validated(key, value, source) if key in ("locale", "zone", "shared") else value


def _validated(key: str, value: object, where: str) -> str | bool:
    """Return a value as it is stored, checked by the model of the config file."""
    from pydantic import ValidationError

    try:
        checked: str | bool = getattr(_schema().model_validate({key: value}), key)
    except ValidationError as error:
        found = value if isinstance(value, str) else _kind(value)
        shown = quoted(found) if isinstance(value, str) else found
        raise InvalidValue(f"The {where} is {shown}.", f"Expected {_EXPECTED[key]}.") from error
    return checked


def _kind(value: object) -> str:
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a date or time"


_EXPECTED = {
    "db": "a path",
    "process": "the key of a process: a-z, 0-9 and -",
    "rep": "the key of a rep",
    "locale": "a locale like de, de_AT or en_GB",
    "zone": "the name of a time zone like Europe/Berlin or UTC",
    "shared": "true or false",
}


@cache
def _schema() -> type[BaseModel]:
    """Return the model of the config file; pydantic is loaded only where there is something to check."""
    from typing import Annotated

    from pydantic import AfterValidator, BaseModel, ConfigDict, create_model

    def text(check: Callable[[str], str]) -> Any:  # noqa: ANN401 - a type made while running
        return (Annotated[str, AfterValidator(check)] | None, None)

    class Table(BaseModel):
        model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    return create_model(
        "ConfigFile",
        __base__=Table,
        db=text(_name),
        process=text(_process),
        rep=text(_name),
        locale=text(_locale),
        zone=text(_zone),
        shared=(bool, False),
    )


def _name(value: str) -> str:
    try:
        return clean_name(value, "setting", limit=4096)
    except InvalidValue as error:
        raise ValueError(error.message) from error


def _process(value: str) -> str:
    if not valid_process_key(value):
        raise ValueError
    return value


def _locale(value: str) -> str:
    from milestone_cli.localization import resolve_locale

    try:
        resolve_locale(value, None, {})
    except InvalidValue as error:
        raise ValueError(error.message) from error
    return value


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError(value) from error
    return value


def _replace(path: Path, text: str) -> None:
    """Write beside and rename, through a symbolic link, so that a reader sees the old file or the new one."""
    import tempfile

    target = path.resolve()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                Path(beside).chmod(target.stat().st_mode & 0o777)
            Path(beside).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(beside).unlink()
            raise
    except OSError as error:
        what = f"The config file {visible(str(path))} cannot be written: {error.strerror}; nothing was changed."
        raise FileError(what, "Check its directory, or name another file with MS_CONFIG.") from error
