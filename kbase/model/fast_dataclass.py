"""Dataclasses that are made quickly: facts and changes by the thousand, hits of every search."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def quick(made: type[T]) -> type[T]:
    """A slotted, keyword-only dataclass with a hash. That no field is ever set again, mypy sees to.

    `frozen=True` would see to it as well, and sets each field by `object.__setattr__`: that takes three times as long.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(made)
