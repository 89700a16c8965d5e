"""Lists of numbers or ids in a query: one bound value however long they are, as SQLite takes only so many values."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, literal, select

LISTED = "IN (SELECT value FROM json_each(?))"
"""The condition that a column is one of a list, in SQL for the driver; its value is what `listed` returns."""


def any_of(numbers_or_ids: Collection[int] | Collection[str]) -> Select[Any]:
    """Return them as rows, for `column.in_`."""
    values = func.json_each(literal(listed(numbers_or_ids))).table_valued("value")
    return select(values.c.value)


def listed(numbers_or_ids: Collection[int] | Collection[str]) -> str:
    """Return them as one value."""
    return json.dumps(list(numbers_or_ids))
