"""The tables of the file: the journal, the texts beside it, and the projections made from it.

Invariant: `command` and `fact` are only ever appended to and hold no personal text, only its number and salted hash;
every other table except `text` can be rebuilt from them. Days are days since 1970-01-01, times microseconds since 1970
UTC, money minor units. All tables are STRICT.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, Integer, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

SCHEMA_VERSION = 3
"""The `user_version` of files this program writes."""
APPLICATION_ID = 0x6D732D31
"""Marks a SQLite file as one of ours ("ms-1")."""

_STRICT: dict[str, Any] = {"sqlite_strict": True}
_DAY = "BETWEEN 7305 AND 47846"
"""1990-01-01 to 2100-12-31."""


def _text(*, null: bool = False, **more: Any) -> Any:
    """A TEXT column: SQLModel's own string type is refused by STRICT tables."""
    return Field(sa_type=Text, nullable=null, **more)


def _integer(*, null: bool = False, **more: Any) -> Any:
    return Field(sa_type=Integer, nullable=null, **more)


def _number(**more: Any) -> Any:
    """An INTEGER PRIMARY KEY: the number a user types."""
    return Field(default=None, sa_type=Integer, primary_key=True, **more)


class MetaRow(SQLModel, table=True):
    """Single values about the file: the head and length of the chain, the book's global id."""

    __tablename__: ClassVar[str] = "meta"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    name: str = Field(sa_type=Text, primary_key=True, nullable=False)
    value: str = _text()


class CommandRow(SQLModel, table=True):
    """What one call of `ms` recorded, linked to the one before it."""

    __tablename__: ClassVar[str] = "command"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    number: int | None = _number()
    id: str = _text(unique=True)
    name: str = _text()
    who: str = _text()
    """The salted hash of the user's name; the name itself is the text `author`."""
    entered_at: int = _integer()
    undoes: int | None = _integer(null=True, foreign_key="command.number")
    previous: str = _text()
    """The hash of the command before; empty for the first."""
    hash: str = _text()
    author: int | None = _integer(null=True)
    """The number of the text with the user's name. No foreign key, which a column added later cannot have as others do:
    the check of the texts proves that it is there."""


class FactRow(SQLModel, table=True):
    """One fact. What depends on its kind lies in `payload`, a versioned JSON object."""

    __tablename__: ClassVar[str] = "fact"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        CheckConstraint(f"day {_DAY}"),
        CheckConstraint("payload LIKE '{%}'"),
        Index("fact_by_opportunity", "opportunity"),
        Index("fact_by_command", "command"),
        Index("fact_revalued", "day", sqlite_where=text("kind = 'revalued'")),
        _STRICT,
    )
    number: int | None = _number()
    id: str = _text(unique=True)
    command: int = _integer()
    """No foreign key: the command's row is written last, with the hash over its facts, and a key that is broken until
    then makes SQLite search the children of every row written meanwhile. The chain proves that it is there."""
    position: int = _integer()
    kind: str = _text()
    day: int = _integer()
    entered_at: int = _integer()
    recorded_at: int | None = _integer(null=True)
    known_day: int = _integer()
    opportunity: int | None = _integer(null=True, foreign_key="opportunity.number")
    """None for facts of the set-up: processes, targets, reps."""
    payload: str = _text()


class TextRow(SQLModel, table=True):
    """Personal text, apart from the facts that name it, so that it can be forgotten."""

    __tablename__: ClassVar[str] = "text"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    number: int | None = _number()
    body: str = _text()
    salt: str = _text()


class AuthorRow(SQLModel, table=True):
    """Which texts are names of users who record: each is stored once, however many commands are theirs."""

    __tablename__: ClassVar[str] = "author"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    text: int = Field(sa_type=Integer, primary_key=True, nullable=False, foreign_key="text.number")


class ExternalRow(SQLModel, table=True):
    """Which fact an id of another system stands for."""

    __tablename__: ClassVar[str] = "external"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_strict": True, "sqlite_with_rowid": False}
    external_id: str = Field(sa_type=Text, primary_key=True, nullable=False)
    fact: int = _integer(foreign_key="fact.number")


class ProcessRow(SQLModel, table=True):
    """A process; its definitions are facts."""

    __tablename__: ClassVar[str] = "process"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    number: int | None = _number()
    key: str = _text(unique=True)


class MilestoneRow(SQLModel, table=True):
    """A milestone key of a process, whatever version has it."""

    __tablename__: ClassVar[str] = "milestone"
    __table_args__: ClassVar[tuple[Any, ...]] = (UniqueConstraint("process", "key"), _STRICT)
    number: int | None = _number()
    process: int = _integer(foreign_key="process.number")
    key: str = _text()


class RepRow(SQLModel, table=True):
    """A rep; joining and leaving are facts."""

    __tablename__: ClassVar[str] = "rep"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    number: int | None = _number()
    key: str = _text()
    name: str = _text()
    folded: str = _text(unique=True)
    first_named: int | None = _integer(null=True)
    """The earliest day of a fact about an opportunity that names them."""


class CustomerRow(SQLModel, table=True):
    """A customer; can have several opportunities."""

    __tablename__: ClassVar[str] = "customer"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    number: int | None = _number()
    name: str = _text()
    folded: str = _text(unique=True)
    text: int = _integer(foreign_key="text.number")


class OpportunityRow(SQLModel, table=True):
    """An opportunity and its state today (a projection)."""

    __tablename__: ClassVar[str] = "opportunity"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        CheckConstraint("status IN ('target', 'open', 'won', 'lost', 'undone')"),
        CheckConstraint("value IS NULL OR value BETWEEN 0 AND 900000000000000"),
        Index("opportunity_by_rep", "rep"),
        Index("opportunity_by_opening", "process", "opened_on"),
        _STRICT,
    )
    number: int | None = _number()
    process: int = _integer(foreign_key="process.number")
    customer: int = _integer(foreign_key="customer.number")
    key: str = _text()
    folded: str | None = _text(null=True, unique=True)
    """The key as it is looked up; None when its opening was undone."""
    title: str = _text()
    opened_on: int | None = _integer(null=True)
    status: str = _text()
    value: int | None = _integer(null=True)
    rep: int | None = _integer(null=True, foreign_key="rep.number")
    milestone: int | None = _integer(null=True, foreign_key="milestone.number")
    waiting_since: int | None = _integer(null=True)
    won_on: int | None = _integer(null=True)
    lost_on: int | None = _integer(null=True)
    revisit_on: int | None = _integer(null=True)
    standing_milestone: int | None = _integer(null=True, foreign_key="milestone.number")
    standing_on: int | None = _integer(null=True)
    standing_since: int | None = _integer(null=True)
    standing_value: int | None = _integer(null=True)
    """The potential it was taken over with."""


class ArrivalRow(SQLModel, table=True):
    """An opportunity at a milestone for the first time (a projection)."""

    __tablename__: ClassVar[str] = "arrival"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("arrival_by_day", "process", "day", "milestone", "rep", "value"),
        {"sqlite_strict": True, "sqlite_with_rowid": False},
    )
    opportunity: int = Field(sa_type=Integer, primary_key=True, nullable=False, foreign_key="opportunity.number")
    milestone: int = Field(sa_type=Integer, primary_key=True, nullable=False, foreign_key="milestone.number")
    process: int = _integer(foreign_key="process.number")
    day: int = _integer()
    implied: int = _integer()
    value: int | None = _integer(null=True)
    rep: int | None = _integer(null=True, foreign_key="rep.number")
    known: int | None = _integer(null=True)
    """The day from which it was known; None is its own day."""
    bulk: int = _integer(sa_column_kwargs={"server_default": text("0")})
    """1: the day is that of an edit of many at once."""


class TenureRow(SQLModel, table=True):
    """From when to when a rep owned an open opportunity (a projection); `ends` is the first day it was no longer so."""

    __tablename__: ClassVar[str] = "tenure"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("tenure_by_day", "process", "begins", "ends", "rep"),
        {"sqlite_strict": True, "sqlite_with_rowid": False},
    )
    opportunity: int = Field(sa_type=Integer, primary_key=True, nullable=False, foreign_key="opportunity.number")
    begins: int = Field(sa_type=Integer, primary_key=True, nullable=False)
    process: int = _integer(foreign_key="process.number")
    rep: int = _integer(foreign_key="rep.number")
    ends: int | None = _integer(null=True)


class LossRow(SQLModel, table=True):
    """A span in which an opportunity was lost (a projection); `over` is the day it was open again."""

    __tablename__: ClassVar[str] = "loss"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("loss_by_process", "process"),
        {"sqlite_strict": True, "sqlite_with_rowid": False},
    )
    opportunity: int = Field(sa_type=Integer, primary_key=True, nullable=False, foreign_key="opportunity.number")
    place: int = Field(sa_type=Integer, primary_key=True, nullable=False)
    """1 for the first one, and so on."""
    process: int = _integer(foreign_key="process.number")
    day: int = _integer()
    known: int = _integer()
    """The day from which it was known."""
    over: int | None = _integer(null=True)
    over_known: int | None = _integer(null=True)


class SnapshotRow(SQLModel, table=True):
    """What a month's targets cascade with, frozen at the first need in the month."""

    __tablename__: ClassVar[str] = "snapshot"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    process: int = Field(sa_type=Integer, primary_key=True, nullable=False, foreign_key="process.number")
    month: int = Field(sa_type=Integer, primary_key=True, nullable=False)
    made_at: int = _integer()
    payload: str = _text()
    checksum: str = _text()


class HindcastRow(SQLModel, table=True):
    """What was forecast from a past day with what was known then; `seen` tells from which facts, plan and method."""

    __tablename__: ClassVar[str] = "hindcast"
    __table_args__: ClassVar[dict[str, Any]] = _STRICT
    process: int = Field(sa_type=Integer, primary_key=True, nullable=False, foreign_key="process.number")
    kind: str = Field(sa_type=Text, primary_key=True, nullable=False)
    """What it is for: calibration, or a backtest."""
    origin: int = Field(sa_type=Integer, primary_key=True, nullable=False)
    months: int = Field(sa_type=Integer, primary_key=True, nullable=False)
    """Over how many months."""
    seen: str = _text()
    payload: str = _text()
    checksum: str = _text()


JOURNAL = (CommandRow, FactRow)
"""The tables that triggers keep from being changed."""

TABLES = SQLModel.metadata.tables
"""The same tables for SQLAlchemy Core, by name: reports select columns, and bulk writes go without objects."""
