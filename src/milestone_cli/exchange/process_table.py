"""The tables and keys of a process file, and in words what each may hold.

Invariant: what passes these models can be turned into a process, but for what several keys say together (a milestone
key used twice, an amount finer than the currency); what should stand in place of the rest is said by `EXPECTED`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator

from milestone_cli.domain.day import MAX_DAY, MIN_DAY, Day, from_date
from milestone_cli.domain.money import Currency, currency
from milestone_cli.domain.text import clean_name, valid_milestone_key, valid_process_key
from milestone_cli.errors import InvalidValue

TEXT_LIMIT = 500
_RATE_DECIMALS = 12
_NAME = "text of 1 to 200 characters without control characters"
_TEXT = f"text of 1 to {TEXT_LIMIT} characters without control characters"
_DAYS = "a whole number of days from 1 to 3650"
_AMOUNT = "a number{} without quotes, like 40_000"
EXPECTED = {
    "": {
        "name": "a key of 1 to 40 of a-z, 0-9 and -",
        "title": _NAME,
        "currency": "a code of ISO 4217 like EUR",
        "evidence": '"optional" or "required"',
        "typical_value": _AMOUNT.format(" above 0"),
        "history_from": "a date without quotes, like 2024-01-01, from 1990 to 2100",
        "target": "a table [target] with per_month",
        "milestone": "2 to 20 tables [[milestone]]",
    },
    "target": {"per_month": _AMOUNT.format(", 0 or more,")},
    "milestone": {
        "key": "1 to 60 of a-z, 0-9, -, _ and ., with a letter or digit first, not digits alone",
        "name": _NAME,
        "customer_action": _TEXT,
        "how": f"a list of texts of 1 to {TEXT_LIMIT} characters without control characters",
        "rate": f"a number above 0 and at most 1 with up to {_RATE_DECIMALS} decimals, without quotes",
        "days": _DAYS,
        "dead_after_days": _DAYS,
    },
}
"""By table ("" is the top of the file) and key: what belongs there."""


def _key_of_process(value: str) -> str:
    if not valid_process_key(value):
        raise ValueError
    return value


def _key_of_milestone(value: str) -> str:
    if not valid_milestone_key(value):
        raise ValueError
    return value


def _cleaned(value: str, limit: int) -> str:
    try:
        return clean_name(value, "text", limit=limit)
    except InvalidValue as error:
        raise ValueError(error.message) from error


def read_currency(value: object) -> Currency:
    """Return the currency of a code, or raise ValueError."""
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - pydantic makes no finding of a TypeError
    try:
        return currency(value)
    except InvalidValue as error:
        raise ValueError(error.message) from error


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError  # noqa: TRY004
    number = Decimal(value)
    # An exponent of a billion is a number of a billion digits as soon as it is turned into an integer.
    if not number.is_finite() or number.adjusted() > 20:
        raise ValueError
    return number


def _rate(value: object) -> Decimal:
    number = _number(value)
    exponent = number.as_tuple().exponent
    if not 0 < number <= 1 or not isinstance(exponent, int) or exponent < -_RATE_DECIMALS:
        raise ValueError
    return number


def _above_zero(value: object) -> Decimal:
    number = _number(value)
    if number <= 0:
        raise ValueError
    return number


def zero_or_more(value: object) -> Decimal:
    """Return an exact number of 0 or more, or raise ValueError."""
    number = _number(value)
    if number < 0:
        raise ValueError
    return number


def _day(value: object) -> Day:
    if type(value) is not date:  # a datetime is a date too
        raise ValueError
    day = from_date(value)
    if not MIN_DAY <= day <= MAX_DAY:
        raise ValueError
    return day


_NameText = Annotated[str, AfterValidator(lambda value: _cleaned(value, 200))]
_LongText = Annotated[str, AfterValidator(lambda value: _cleaned(value, TEXT_LIMIT))]
_Days = Annotated[int, Field(ge=1, le=3650)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class MilestoneTable(_Table):
    """One table [[milestone]]."""

    key: Annotated[str, AfterValidator(_key_of_milestone)]
    name: _NameText
    customer_action: _LongText = ""
    how: list[_LongText] = []
    rate: Annotated[Decimal, PlainValidator(_rate)] | None = None
    days: _Days | None = None
    dead_after_days: _Days | None = None


class TargetTable(_Table):
    """The table [target]."""

    per_month: Annotated[Decimal, PlainValidator(zero_or_more)]


class ProcessTable(_Table):
    """The whole file."""

    name: Annotated[str, AfterValidator(_key_of_process)]
    title: _NameText | None = None
    currency: Annotated[Currency, PlainValidator(read_currency)]
    evidence: Literal["optional", "required"] = "optional"
    typical_value: Annotated[Decimal, PlainValidator(_above_zero)] | None = None
    history_from: Annotated[Day, PlainValidator(_day)] | None = None
    target: TargetTable | None = None
    milestone: list[MilestoneTable] = Field(min_length=2, max_length=20)
