"""Values that are made by the million: immutable to the type checker, and as quick to make as any object.

Invariant: nothing assigns to a field of a record after it was made. The type checker holds every line to that; Python
does not, because in its way each object would take three times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

if TYPE_CHECKING:
    _T = TypeVar("_T")

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def record(cls: type[_T]) -> type[_T]:
        """Make a class a record."""

    @dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
    def keyword_record(cls: type[_T]) -> type[_T]:
        """Make a class a record whose fields are named where it is made."""

else:
    record = dataclass(slots=True, unsafe_hash=True)
    keyword_record = dataclass(slots=True, unsafe_hash=True, kw_only=True)
