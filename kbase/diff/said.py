"""What the documents of a version say of one op, taken apart as comparisons need it."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from itertools import chain

from kbase.diff.changes import Change
from kbase.diff.facts import (
    Fact,
    OpFact,
    OpName,
    RuleFact,
    SignatureFact,
    Subjects,
    TextFact,
    by_subject,
    file_of,
    rule_key,
    together,
)
from kbase.diff.prototypes import Shape, Signature, plain
from kbase.model.witnesses import LOCK_TABLES, DocumentKind


class Standing(IntEnum):
    """How a Locking document has an op."""

    ABSENT = 0
    PROTOTYPE = 1  # without a row
    ROW = 2


Signatures = dict[DocumentKind, tuple[SignatureFact, ...]]


@dataclass(eq=False, kw_only=True)  # nothing changes it; that `frozen` sees to it takes as long as all the rest
class Said:
    """What the documents say of one op, each part in a fixed order.

    `content` has a hash of what states it, of the rules and of the texts: a comparison looks only at what differs.
    What a comparison asks of few ops is thought out when the first one asks.
    """

    stated: dict[DocumentKind, OpFact]
    signatures: Signatures  # vfs first
    plain: tuple[Signature, ...]  # the same without their lines
    rules: tuple[RuleFact, ...]
    texts: frozenset[TextFact]
    content: tuple[int, int, int]
    standing: Standing
    told: dict[tuple[object, ...], Change] = field(default_factory=dict, repr=False)  # of what the other has nothing of
    renamed: dict[OpName, "Said"] = field(default_factory=dict, repr=False)  # the same under other names of the op

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Said":
        """The facts about one op; of equal ones the first is kept."""
        stated, found = dict[DocumentKind, OpFact](), dict[DocumentKind, dict[SignatureFact, None]]()
        rules, texts = dict[RuleFact, None](), dict[TextFact, None]()
        for fact in facts:
            if isinstance(fact, OpFact):
                stated.setdefault(fact.document, fact)
            elif isinstance(fact, SignatureFact):
                found.setdefault(fact.document, {})[fact] = None
            elif isinstance(fact, RuleFact):
                rules[fact] = None
            elif isinstance(fact, TextFact):
                texts[fact] = None
        signatures = {
            document: tuple(sorted(found[document], key=_variant)) for document in sorted(found, reverse=True)
        }
        declared = tuple([plain(fact) for facts in signatures.values() for fact in facts])
        told = frozenset(texts)
        return cls(
            stated=stated,
            signatures=signatures,
            plain=declared,
            rules=tuple(sorted(rules, key=rule_key)),
            texts=told,
            content=(_stating(stated, declared), hash(frozenset(rules)), hash(told)),
            standing=_standing(stated, rules),
        )

    def kept(self, keep: Callable[[Fact], Fact | None]) -> "Said":
        """What is left without the facts of which `keep` makes None; the very same object where all are left.

        Of the prototypes of one document it is asked once.
        """
        stated = {document: fact for document, fact in self.stated.items() if keep(fact)}
        signatures = {document: facts for document, facts in self.signatures.items() if keep(facts[0])}
        rules = tuple(filter(keep, self.rules))
        gone = [text for text in self.texts if not keep(text)]
        same = len(stated) == len(self.stated) and len(signatures) == len(self.signatures)
        same_rules = len(rules) == len(self.rules)
        if same and same_rules and not gone:
            return self
        declared = self.plain if same else tuple([each for each in self.plain if each.document in signatures])
        texts = self.texts.difference(gone)
        first, second, _ = self.content
        return Said(
            stated=stated,
            signatures=signatures,
            plain=declared,
            rules=rules,
            texts=texts,
            content=(
                first if same else _stating(stated, declared),
                second if same_rules else hash(frozenset(rules)),
                hash(texts),
            ),
            standing=_standing(stated, rules),
        )

    def named(self, name: OpName, applied: Callable[[Fact], Fact]) -> "Said":
        """The same under a new name of the op, as `applied` gives it to each fact: it names no other op."""
        if name not in self.renamed:
            self.renamed[name] = Said.of(map(applied, self.facts))
        return self.renamed[name]

    @property
    def facts(self) -> Iterator[Fact]:
        """All of it."""
        return chain(self.stated.values(), self.prototypes, self.rules, self.texts)

    @property
    def prototypes(self) -> Iterator[SignatureFact]:
        """Its prototypes, vfs first."""
        return chain.from_iterable(self.signatures.values())

    @cached_property
    def stating(self) -> tuple[OpFact | SignatureFact, ...]:
        """What shows best that the op is there: its prototypes, else its rows, by document."""
        return tuple(sorted(self.prototypes, key=_stands)) or tuple(sorted(self.stated.values(), key=_stands))

    @cached_property
    def files(self) -> str:
        """The names of the documents that have those."""
        return together([each.file for each in self.plain] or map(file_of, self.stated.values()))

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Return types and parameters of its prototypes; an op that has none has no shape."""
        return tuple([(signature.returns, signature.parameters) for signature in self.plain])

    @cached_property
    def subjects(self) -> Subjects:
        """The rules by what they are about."""
        return by_subject(self.rules)


def _stating(stated: Iterable[DocumentKind], declared: Iterable[Signature]) -> int:
    """A hash of it that is blind to the names of documents."""
    return hash((frozenset(stated), *[signature[1:] for signature in declared]))


def _standing(stated: dict[DocumentKind, OpFact], rules: Collection[RuleFact]) -> Standing:
    fact = stated.get(LOCK_TABLES)
    if fact is None:
        return Standing.ABSENT
    return Standing.ROW if fact.row or rules else Standing.PROTOTYPE


def _variant(signature: SignatureFact) -> int:
    return signature.variant


def _stands(fact: OpFact | SignatureFact) -> tuple[str, int]:
    return (fact.place.path, fact.place.line) if fact.place else ("", 0)
