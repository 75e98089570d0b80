"""The terms of rules, contexts and C types in the index, and what they are read from.

A rule's terms let `lock:` and `held:` apply to one rule: for every reading, the subject (or `*`) joined with each
selection of what is true of it: `i_rwsem=yes`, `i_rwsem=exclusive`, `i_rwsem=exclusive+yes`, `folio_lock=unlocks`, ...
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from kbase.model.records import Held, Prototype, Reading
from kbase.search.words import words

ANY_LOCK = "*"
SHOWN = "\f"  # the last one in an op's text separates its prose from what a hit shows beside its snippet


def squeeze(text: str) -> str:
    """The text on one line, its white space collapsed."""
    return " ".join(text.split())


def rule_term(subject: str, what: Iterable[str]) -> str:
    """The term of a rule about `subject` of which all of `what` is true."""
    return f"{subject.lower()}={'+'.join(sorted(what))}"


def context_term(header: str, held: Held) -> str:
    """The term of a context column, such as rcu-walk, with this value."""
    return f"{squeeze(header).lower()}={held.value}"


def context_terms(readings: Iterable[Reading]) -> Iterator[str]:
    """The terms of the context columns with a value, but for whether the op may block."""
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


def type_term(text: str) -> str:
    """A C type as one term: `struct dentry *` and `struct dentry*` are the same."""
    return squeeze(text.replace("*", " * ")).lower()


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
