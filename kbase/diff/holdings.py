"""What two versions can speak about: only that is compared.

A kind of document that one of them does not hold, or of which nothing could be read, is a gap, never a removal. A loose
file says nothing of other documents, the bundled corpus nothing of prose.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from kbase.diff.changes import Told
from kbase.diff.cuts import SPEAKING, Cut, Outline, cuts_between
from kbase.diff.facts import DocumentFact, Fact, OpFact, Place, RuleFact, SignatureFact, TableFact, TextFact, Topic
from kbase.diff.normal import NormalState, normalise
from kbase.diff.porting import Logged, logged
from kbase.kernel.exact_names import core_ops
from kbase.model.records import DocumentKind, Level
from kbase.model.states import VersionState

ENDINGS = (".txt", ".rst", ".md")
COMPARED = (*SPEAKING, DocumentKind.PORTING, DocumentKind.DIRECTORY_LOCKING)  # what a comparison is made of
PROSE = "prose"  # descriptions and notes, which the bundled corpus leaves out of its documents
NOT_HELD = "not held"
EXCERPT = "a part of one, which says nothing of what it leaves out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a diff cannot speak about: a kind of document that a version does not hold, or that reads badly."""

    version: str
    document: str  # a kind of document, or `PROSE`
    path: str | None  # None: not held
    reason: str

    @property
    def unreadable(self) -> bool:
        """Whether the document is there and facts of it are lost."""
        return self.path is not None

    def __str__(self) -> str:
        return f"{self.version}: {self.path or self.document}: {self.reason}"


def told_gaps(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """The gaps as sentences: all that one version does not hold in one of them."""
    found = tuple(gaps)
    missing: dict[tuple[str, str], dict[str, None]] = {}
    for gap in found:
        if gap.path is None:
            missing.setdefault((gap.version, gap.reason), {})[gap.document] = None
    lines = [f"{version}: {', '.join(documents)}: {reason}" for (version, reason), documents in missing.items()]
    return (*lines, *(str(gap) for gap in found if gap.path is not None))


Cells = frozenset[tuple[str, str, str]]  # struct, op, column
Kinds = frozenset[DocumentKind]
Unsaid = frozenset[tuple[DocumentKind, str]]  # tables of which a document does not say everything


class Side:
    """A version as comparisons see it: what every comparison asks of it is computed once."""

    def __init__(self, state: VersionState) -> None:
        """Its facts are taken at once."""
        self.state = state
        self.normal = normalise(state)
        self.told = Told()  # of documents
        self._said: dict[tuple[Kinds, Cells, Kinds, Unsaid], NormalState] = {}

    @cached_property
    def speaking(self) -> Kinds:
        """The kinds of documents of which something could be read."""
        return frozenset({fact.document for fact in self.normal.facts})

    @cached_property
    def ambiguous(self) -> Cells:
        """The ops and columns of which a flattened page does not decide whether a cell stands there."""
        rules = [fact for fact in self.normal.facts if isinstance(fact, RuleFact)]
        return frozenset({(rule.struct, rule.op, column) for rule in rules for column in rule.candidates})

    @cached_property
    def bundled(self) -> Kinds:
        """The kinds of documents that the bundled corpus gives: it has their facts, and none of their prose."""
        return frozenset({document.kind for document in self.state.documents if document.bundled})

    @cached_property
    def documents(self) -> dict[str, DocumentFact]:
        """The documents by name."""
        return _document_facts(self.state)

    @cached_property
    def whole(self) -> bool:
        """Whether it came from a tree or folder: what that lacks it lacks, unlike a loose file."""
        sources = [document.source for document in self.state.documents if not document.bundled]
        return len(sources) > len(set(sources))

    @cached_property
    def porting(self) -> dict[str, Logged]:
        """The entries of the porting log by their text."""
        return logged(self.state)

    @cached_property
    def core(self) -> frozenset[str]:
        """The ops that prose calls by their bare names."""
        return core_ops(self.state)

    @cached_property
    def outline(self) -> Outline:
        """How its documents are laid out."""
        return Outline(self.state)

    @cached_property
    def gaps(self) -> tuple["Gap", ...]:
        """What comparisons with this version cannot speak about."""
        return tuple(_gaps(self.state, self.speaking))

    def said(self, speaking: Kinds, ambiguous: Cells, wordless: Kinds, unsaid: Unsaid) -> NormalState:
        """The facts without those that a version with only these kinds of documents could not have."""
        key = speaking, ambiguous, wordless, unsaid
        if self.speaking <= speaking and not ambiguous and not wordless and not unsaid:
            return self.normal
        if key not in self._said:
            self._said[key] = _kept(self.normal, *key)
        return self._said[key]


def comparable(old: VersionState, new: VersionState) -> tuple[NormalState, NormalState]:
    """The two versions as far as both can speak: what `apply` turns into one another."""
    first, second = Side(old), Side(new)
    before, after = both_say(first, second)
    told, now = both_documents(first, second)
    return (
        NormalState.of(before.facts.union(told.values()), before.order),
        NormalState.of(after.facts.union(now.values()), after.order),
    )


def both_say(old: Side, new: Side) -> tuple[NormalState, NormalState]:
    """The facts of two versions without those that one of them could not have."""
    speaking, ambiguous, wordless = (
        old.speaking & new.speaking,
        old.ambiguous | new.ambiguous,
        old.bundled ^ new.bundled,
    )
    found = cuts_between(old.outline, new.outline)
    unsaid = frozenset([(cut.document, struct) for cut in found for struct in (*cut.unsaid, "")])
    before, after = (side.said(speaking, ambiguous, wordless, unsaid) for side in (old, new))
    parts = old.state.excerpts, new.state.excerpts
    return (_within(before, after, *parts), _within(after, before, *reversed(parts))) if any(parts) else (before, after)


def _within(mine: NormalState, theirs: NormalState, my_parts: Kinds, their_parts: Kinds) -> NormalState:
    """My facts of which the other version could speak, where it has only a part of a kind of document, or I have."""
    spoken = {_spot(fact) for fact in theirs.facts if fact.document in their_parts}

    def keep(fact: Fact) -> Fact | None:
        spot = _spot(fact)
        lost = fact.document in my_parts and spot is None
        return None if lost or (fact.document in their_parts and spot not in spoken) else fact

    return mine.kept(keep)


def _spot(fact: Fact) -> tuple[object, ...] | None:
    """What a fact of an ops table states something about; None where it is prose, which says nothing in a part."""
    match fact:
        case TableFact():
            return TableFact, fact.document, fact.struct
        case RuleFact():
            return RuleFact, fact.document, fact.struct, fact.op, fact.subject.lower()
        case OpFact() | SignatureFact():
            return type(fact), fact.document, fact.struct, fact.op
        case _:
            return None


def _kept(state: NormalState, speaking: Kinds, ambiguous: Cells, wordless: Kinds, unsaid: Unsaid) -> NormalState:
    listed = (
        {(f.document, f.struct) for f in state.facts if isinstance(f, SignatureFact | RuleFact)} if wordless else ()
    )

    def keep(fact: Fact) -> Fact | None:
        if fact.document not in speaking:
            return None
        if unsaid and not isinstance(fact, DocumentFact) and (fact.document, fact.struct) in unsaid:
            return None
        if ambiguous and isinstance(fact, RuleFact) and _undecided(fact, ambiguous):
            return None
        return _without_prose(fact, listed) if fact.document in wordless else fact

    return state.kept(keep)


def _without_prose(fact: Fact, listed: Collection[tuple[DocumentKind, str]]) -> Fact | None:
    """The fact as far as a document without prose could state it; an op that is only described it cannot."""
    if isinstance(fact, OpFact):
        return fact if (fact.document, fact.struct) in listed else None
    if not isinstance(fact, TextFact) or fact.topic in (Topic.MEMBER, Topic.REMARK):
        return fact
    return replace(fact, words="") if fact.topic is Topic.FLAG else None


def _undecided(rule: RuleFact, ambiguous: Cells) -> bool:
    """Whether the fact is such a cell, or one that it may be: neither version can speak about it."""
    return bool(rule.candidates) or (rule.struct, rule.op, rule.written) in ambiguous


def gaps(old: VersionState, new: VersionState) -> tuple[Gap, ...]:
    """What the diff of the two versions says nothing about, and why."""
    return gaps_between(Side(old), Side(new))


def gaps_between(old: Side, new: Side) -> tuple[Gap, ...]:
    """The same, of versions that are compared more than once."""
    return (*old.gaps, *new.gaps, *map(_cut_gap, cuts_between(old.outline, new.outline)))


def _cut_gap(cut: Cut) -> Gap:
    return Gap(version=cut.version, document=cut.document, path=cut.path, reason=cut.reason)


def _gaps(state: VersionState, read: Kinds) -> Iterator[Gap]:
    for kind in COMPARED:
        if not state.has(kind) or kind in state.excerpts:
            reason = EXCERPT if kind in state.excerpts else NOT_HELD
            yield Gap(version=state.label, document=kind, path=None, reason=reason)
    if any(document.bundled and document.kind in SPEAKING for document in state.documents):
        yield Gap(version=state.label, document=PROSE, path=None, reason=NOT_HELD)
    for document in state.documents:
        if document.kind in SPEAKING:
            lost = [d for d in state.diagnostics if d.document == document and d.record.level is Level.ERROR]
            if document.kind not in read:
                reason = "nothing could be read from it"
                yield Gap(version=state.label, document=document.kind, path=document.path, reason=reason)
            elif lost:
                reason = f"facts were lost: {lost[0].record.message} (line {lost[0].line})"
                yield Gap(version=state.label, document=document.kind, path=document.path, reason=reason)


def both_documents(old: Side, new: Side) -> tuple[dict[str, DocumentFact], dict[str, DocumentFact]]:
    """The documents of both versions by name; where one was not read from a whole tree, only those that both hold."""
    before, after = old.documents, new.documents
    names = before.keys() & after.keys()
    if old.whole and new.whole:
        names |= (before.keys() ^ after.keys()).difference(SPEAKING)
    names -= old.state.excerpts | new.state.excerpts
    return {n: f for n, f in before.items() if n in names}, {n: f for n, f in after.items() if n in names}


def _document_facts(state: VersionState) -> dict[str, DocumentFact]:
    found = dict[str, DocumentFact]()
    for document in state.documents:
        name = document.kind.value if document.kind is not DocumentKind.OTHER else _stem(document.path)
        place = Place(version=state.label, path=document.path, line=1)
        fact = DocumentFact(
            document=document.kind,
            name=name,
            format=document.format.value,
            path=document.path,
            title=document.title,
            blob=document.blob,
            place=place,
        )
        found.setdefault(name, fact)
    return found


def _stem(path: str) -> str:
    for ending in ENDINGS:
        path = path.removesuffix(ending)
    return path
