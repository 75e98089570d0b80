"""The terms of ops in the index, made of their rules and prototypes; see `kbase.search.terms`."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from kbase.model.records import Held, Prototype, Reading
from kbase.search.terms import ANY_LOCK, context_term, rule_term, squeeze, type_term
from kbase.search.words import words


def context_terms(readings: Iterable[Reading]) -> Iterator[str]:
    """The terms of the context columns with a value, except whether the op may block."""
    for reading in readings:
        known = reading.context and reading.subject and reading.held is not Held.UNKNOWN
        if known and squeeze(reading.subject or "").lower() != "may block":
            yield context_term(reading.subject or "", reading.held)


def rule_terms(readings: Iterable[Reading]) -> Iterator[str]:
    """The terms of the readings that are about locks."""
    for reading in readings:
        if reading.context or not reading.subject:
            continue
        effect = {reading.effect.value} if reading.effect else set[str]()
        values = sorted({reading.held.value, *(mode.value for mode in reading.modes)} | effect)
        for size in range(1, len(values) + 1):
            for chosen in combinations(values, size):
                yield rule_term(reading.subject, chosen)
                yield rule_term(ANY_LOCK, chosen)


def parameter_terms(prototypes: Iterable[Prototype]) -> Iterator[str]:
    """The types and names of parameters, and the words of the types."""
    for prototype in prototypes:
        for parameter in prototype.parameters:
            yield type_term(parameter.type)
            yield from words(parameter.type)
            if parameter.name:
                yield parameter.name.lower()


def return_terms(prototypes: Iterable[Prototype]) -> Iterator[str]:
    """The return types and their words."""
    for prototype in prototypes:
        yield type_term(prototype.returns)
        yield from words(prototype.returns)
