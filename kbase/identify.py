"""Which version held a document, or a tree, is most like: the share of facts that both state.

Prototypes, rows, cells, members and blanket rules count; prose only decides between equals, since the bundled corpus
has none. Only kinds of documents that both sides hold are compared. Pure but for `identify_source`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

from kbase.diff.facts import (
    WITNESSES,
    BlanketFact,
    Fact,
    OpFact,
    RuleFact,
    SignatureFact,
    TableFact,
    TextFact,
    record_facts,
    words,
)
from kbase.diff.normal import normalise
from kbase.labels import MARGIN, contradicted, counts
from kbase.pages import unwrap
from kbase.parsers import parse
from kbase.readers import read
from kbase.records import DesignNote, DocumentKind, Parsed, PortingEntry, Record, Section
from kbase.sources import SourceKind, parse_source, source_kind
from kbase.state import Cited, VersionState
from kbase.trees import tree_version
from kbase.versions import is_version, parse_version, version_key

EXAMPLES = 3
UNTOLD = "v0"  # stands for the version of a tree that tells none
Said = tuple[DocumentKind, str]  # a piece of prose, and the kind of document that has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How like a version held is: facts that both state, that only the one in question states, that only it states."""

    version: str
    shared: int
    only_here: int
    only_there: int
    prose_shared: float  # 0 to 1
    same_files: tuple[str, ...] = ()  # paths of the version whose bytes are those of a document in question
    examples: tuple[str, ...] = ()  # a few of the differences

    @property
    def score(self) -> float:
        """0 to 1; 1 where all facts are shared, or where the very file is held."""
        every = self.shared + self.only_here + self.only_there
        return self.shared / every if every else float(bool(self.same_files))

    @property
    def reason(self) -> str:
        """Why, in a line."""
        parts = [
            f"the same file as {', '.join(self.same_files)}" if self.same_files else "",
            f"{self.shared} facts shared, {self.only_here} only here, {self.only_there} only in {self.version}",
            *self.examples,
        ]
        return "; ".join(filter(None, parts))

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts the best first, the newer of two equals first."""
        return not self.same_files, -self.score, -self.prose_shared, -self.shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """What the documents of one tree, or loose ones, are like. `label` is the version that the source claims."""

    label: str | None
    paths: tuple[str, ...]
    likenesses: tuple[Likeness, ...]  # best first
    warning: str | None  # where label and content disagree


class Holder(Protocol):
    """What holds versions: `kbase.kb.KnowledgeBase`."""

    def labels(self) -> tuple[str, ...]: ...

    def state(self, label: str) -> VersionState: ...


@dataclass(frozen=True)
class _Said:
    """What documents state: facts and prose by kind of document, and the hashes of their bytes."""

    facts: frozenset[Fact]
    prose: frozenset[Said]
    blobs: dict[str, str]  # hash -> path

    @property
    def kinds(self) -> frozenset[DocumentKind]:
        return frozenset({f.document for f in self.facts} | {kind for kind, _ in self.prose})


def identify(documents: Sequence[Parsed], states: Sequence[VersionState]) -> tuple[Likeness, ...]:
    """How like the documents of one version each version held is, best first; without those that share nothing."""
    return _ranked(_of_documents(documents), states)


def identify_source(kb: Holder, argument: str) -> tuple[Identified, ...]:
    """Which versions held the trees or documents of a source (`[VERSION=]PATH`) are most like, a tree at a time.

    A source that tells no version is welcome: that is what one asks for.

    Raises:
        SourceError: the source cannot be read.
    """
    source = parse_source(argument)
    if source_kind(source) is SourceKind.TREE and source.version is None and tree_version(source.location) is None:
        source = replace(source, version=UNTOLD)
    documents: dict[str | None, list[tuple[str, Parsed]]] = {}
    for raw in read(source):
        text = unwrap(raw.path, raw.data)
        parsed = parse(raw.path, text, sha256(raw.data).hexdigest())
        label = None if raw.version == UNTOLD else raw.version
        documents.setdefault(label, []).append((raw.path, parsed))
    states = [kb.state(label) for label in kb.labels()]
    return tuple(_identified(label, found, states) for label, found in documents.items())


def _identified(label: str | None, found: list[tuple[str, Parsed]], states: Sequence[VersionState]) -> Identified:
    likenesses = identify([parsed for _, parsed in found], states)
    return Identified(
        label=label,
        paths=tuple(path for path, _ in found),
        likenesses=likenesses,
        warning=misplaced(label, likenesses) if label else None,
    )


def misplaced(label: str, likenesses: Sequence[Likeness]) -> str | None:
    """A line that says that documents with that label read like another version, clearly more than like their own."""
    if not likenesses or not is_version(label):
        return None
    family = parse_version(label).family
    ranked = [one for one in likenesses if is_version(one.version) and parse_version(one.version).family == family]
    expected = _expected(label, [one.version for one in ranked])
    near = [one.score for one in ranked if one.version in expected]
    if not near or ranked[0].version in expected or ranked[0].score <= max(near) + MARGIN:
        return None
    return contradicted(label, ranked[0].version, ranked[0].reason)


def _expected(label: str, labels: Iterable[str]) -> set[str]:
    """The version itself if it is held, else its neighbours."""
    held = sorted(set(labels), key=version_key)
    if label in held:
        return {label}
    older = [one for one in held if version_key(one) < version_key(label)]
    newer = [one for one in held if version_key(one) > version_key(label)]
    return {*older[-1:], *newer[:1]}


def _ranked(said: _Said, states: Sequence[VersionState]) -> tuple[Likeness, ...]:
    found = [likeness for state in states if (likeness := _likeness(said, state)) is not None]
    newest_first = sorted(found, key=lambda one: version_key(one.version), reverse=True)
    return tuple(sorted(newest_first, key=lambda one: one.rank))


def _likeness(said: _Said, state: VersionState) -> Likeness | None:
    held = _of_state(state, said.kinds)
    files = tuple(path for blob, path in held.blobs.items() if blob in said.blobs)
    facts = {fact for fact in said.facts if fact.document in held.kinds}
    prose = {one for one in said.prose if one[0] in held.kinds}
    shared = facts & held.facts
    both = prose & held.prose
    if not (shared or both or files):
        return None
    return Likeness(
        version=state.label,
        shared=len(shared),
        only_here=len(facts - shared),
        only_there=len(held.facts - shared),
        prose_shared=len(both) / len(prose | held.prose) if prose or held.prose else 0.0,
        same_files=files,
        examples=(*_examples("only here", facts - shared), *_examples(f"only in {state.label}", held.facts - shared)),
    )


def _of_documents(documents: Iterable[Parsed]) -> _Said:
    facts, prose, blobs = set[Fact](), set[Said](), dict[str, str]()
    for document in documents:
        for record in document.records:
            facts.update(record_facts(record, document.kind))
            prose.update(_prose(record, document.kind))
            blobs[record.evidence.blob] = document.title
    return _Said(*_split(facts, prose), blobs)


def _of_state(state: VersionState, kinds: frozenset[DocumentKind] = frozenset(DocumentKind)) -> _Said:
    facts = set(normalise(state, kinds & set(WITNESSES)).facts)
    prose = set[Said]()
    cited: list[Cited[Any]] = [*state.porting, *state.notes]
    if DocumentKind.OTHER in kinds:
        cited += state.sections
    for one in cited:
        if one.document.kind in kinds:
            prose.update(_prose(one.record, one.document.kind))
    blobs = {document.blob: document.path for document in state.documents if document.kind in kinds}
    return _Said(*_split(facts, prose), blobs)


def _split(facts: set[Fact], prose: set[Said]) -> tuple[frozenset[Fact], frozenset[Said]]:
    """The facts that count, and the prose, to which texts about ops and functions belong."""
    texts = {f for f in facts if isinstance(f, TextFact) and not counts(f)}
    return frozenset(facts - texts), frozenset(prose | {(f.document, f.words) for f in texts if f.words})


def _prose(record: Record, kind: DocumentKind) -> set[Said]:
    match record:
        case PortingEntry() | DesignNote():
            return {(kind, words(record.text))}
        case Section() if kind is DocumentKind.OTHER:
            return {(kind, words(record.text))}
        case _:
            return set()


def _examples(where: str, facts: Iterable[Fact]) -> list[str]:
    """A few of the facts, ops before cells, in one line."""
    told = list(dict.fromkeys(_describe(fact) for fact in sorted(facts, key=_weight)))
    more = ", ..." if len(told) > EXAMPLES else ""
    return [f"{where}: {', '.join(told[:EXAMPLES])}{more}"] if told else []


def _weight(fact: Fact) -> tuple[int, str]:
    order = (TableFact, OpFact, SignatureFact, RuleFact)
    return next((i for i, kind in enumerate(order) if isinstance(fact, kind)), len(order)), _describe(fact)


def _describe(fact: Fact) -> str:
    match fact:
        case OpFact() | SignatureFact():
            return f"{fact.struct}.{fact.op}"
        case RuleFact():
            return f"{fact.struct}.{fact.op} {fact.written}"
        case TextFact():
            return f"{fact.struct}.{fact.name}" if fact.struct else fact.name
        case TableFact() | BlanketFact():
            return fact.struct
        case _:
            return fact.name
