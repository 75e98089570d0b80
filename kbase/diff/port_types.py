"""Whether a function of a user's source fits a prototype of the kernel, with typedefs and annotations folded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache

from kbase.kernel.c_declarations import DeclarationError
from kbase.kernel.c_signatures import Signature, signature
from kbase.kernel.typedefs import Agreement, differences, folded, head_signature
from kbase.model.records import Prototype
from kbase.model.source_code import FunctionHead

TYPES_CACHED = 10_000


class Fit(IntEnum):
    """Whether a function has the types of a prototype; the better, the smaller."""

    YES = 0
    UNDECIDED = 1  # it could not be read, or a type in it is not known
    NO = 2


@dataclass(frozen=True, slots=True)
class Fitting:
    """The answer, and the first difference in words."""

    fit: Fit
    reason: str = ""


@dataclass(frozen=True)
class Types:
    """Compares signatures; `typedefs` are those of the source and of the kernel's headers."""

    typedefs: Mapping[str, str]

    def fitting(self, head: FunctionHead, wanted: Sequence[Prototype], before: Sequence[Prototype] = ()) -> Fitting:
        """Whether a function has one of the wanted prototypes. `before` are those of the kernel it was written for.

        Where a part that cannot be decided is the one of the kernel before, and the kernel changed it, it differs.
        """
        try:
            now = self._folded(head_signature(head.returns, head.parameters))
        except DeclarationError as error:
            return Fitting(Fit.UNDECIDED, f"the prototype of {head.name} cannot be read: {error}")
        readable = [self._folded(signature(each)) for each in wanted if not each.malformed]
        earlier = [self._folded(signature(each)) for each in before if not each.malformed]
        found = [self._compared(now, each, earlier) for each in readable]
        best = min(found, key=lambda each: each.fit, default=None)
        return best or Fitting(Fit.UNDECIDED, "the kernel's prototype cannot be read")

    def fitting_heads(self, one: FunctionHead, other: FunctionHead) -> Fit:
        """Whether two functions have the same types."""
        try:
            now, wanted = (self._folded(head_signature(each.returns, each.parameters)) for each in (one, other))
        except DeclarationError:
            return Fit.UNDECIDED
        return self._compared(now, wanted, ()).fit

    def _folded(self, types: Signature) -> Signature:
        return tuple(map(self._fold, types))

    @cached_property
    def _fold(self) -> Callable[[str], str]:
        """Cached: the same few types stand in all prototypes."""
        return lru_cache(TYPES_CACHED)(lambda kind: folded(kind, self.typedefs))

    def _compared(self, now: Signature, wanted: Signature, before: Iterable[Signature]) -> Fitting:
        if len(now) != len(wanted):
            return Fitting(Fit.NO, f"it has {_parameters(now)}, must have {len(wanted) - 1}")
        found = list(differences(now, wanted))
        for place, agreement in found:
            changed = any(len(b) > place and b[place] == now[place] and b[place] != wanted[place] for b in before)
            if agreement is Agreement.DIFFERENT or changed:
                return Fitting(Fit.NO, _different(place, now, wanted))
        if not found:
            return Fitting(Fit.YES)
        return Fitting(Fit.UNDECIDED, f"{_different(found[0][0], now, wanted)}: whether it is the same is not known")

    def same(self, one: Sequence[Prototype], other: Sequence[Prototype]) -> bool:
        """Whether two kernels have a prototype of an op in common."""
        first, second = (
            {self._folded(signature(each)) for each in side if not each.malformed} for side in (one, other)
        )
        return bool(first & second)


def _parameters(types: Signature) -> str:
    return f"{len(types) - 1} parameter{'' if len(types) == 2 else 's'}"


def _different(place: int, now: Signature, wanted: Signature) -> str:
    """One difference in words."""
    is_now, must_be = (each.replace("* *", "**") for each in (now[place], wanted[place]))
    if place == 0:
        return f"it returns {is_now}, must return {must_be}"
    return f"parameter {place} is {is_now}, must be {must_be}"
