"""Which version held a document, or a tree, is most like: the share of facts that both state.

Of a vfs or Locking document prototypes, rows, cells, members and blanket rules count; prose only decides between
equals, since the bundled corpus has none. Of other documents each piece counts: an entry of the porting log, the steps
of a class of operation, a note, a section; one that was reworded counts as far as its words are the same. Only kinds of
documents that both sides hold are compared. Pure but for `identify_source`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import Any, Protocol

from kbase.build.version_similarity import MARGIN, contradicted, counts
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
from kbase.model.records import DesignNote, DocumentKind, Parsed, PortingEntry, Record, Section
from kbase.model.states import Cited, VersionState
from kbase.model.versions import is_version, parse_version, version_key
from kbase.parsers import parse
from kbase.sources.kinds import SourceKind, source_kind
from kbase.sources.readers import read
from kbase.sources.source import parse_source
from kbase.sources.trees import tree_version
from kbase.text.saved_pages import unwrap

EXAMPLES = 3
EXAMPLE_WORDS = 6  # of a piece
ALIKE = 0.5  # of the pairs of words of two pieces, if one is the other reworded
IN_FACTS = (DocumentKind.VFS, DocumentKind.LOCKING)  # whose prose is not counted
KERNEL = "linux"
UNTOLD = "v0"  # stands for the version of a tree that tells none
Said = tuple[DocumentKind, str]  # a piece of prose, and the kind of document that has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How like a version held is: facts that both state, that only the one in question states, that only it states.

    `changed` are the pieces that both have in other words, `alike` how much of these is the same: each 0 to 1.
    """

    version: str
    shared: int
    only_here: int
    only_there: int
    changed: int = 0
    alike: float = 0.0
    prose_shared: float  # 0 to 1
    same_files: tuple[str, ...] = ()  # paths of the version whose bytes are those of a document in question
    examples: tuple[str, ...] = ()  # a few of the differences

    @property
    def score(self) -> float:
        """0 to 1; 1 where all facts are shared, or where the very file is held."""
        every = self.shared + self.changed + self.only_here + self.only_there
        return (self.shared + self.alike) / every if every else float(bool(self.same_files))

    @property
    def reason(self) -> str:
        """Why, in a line."""
        parts = [
            f"the same file as {', '.join(self.same_files)}" if self.same_files else "",
            self.counts,
            *self.examples,
        ]
        return "; ".join(filter(None, parts))

    @property
    def counts(self) -> str:
        """How much is the same and how much is not, in words."""
        changed = f", {self.changed} reworded" if self.changed else ""
        rest = f"{self.only_here} only here, {self.only_there} only in {self.version}"
        return f"{self.shared} facts shared{changed}, {rest}"

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
    """What holds versions: `kbase.knowledge.knowledge_base.KnowledgeBase`."""

    def labels(self, family: str = "linux", /) -> tuple[str, ...]: ...

    def state(self, label: str) -> VersionState: ...


@dataclass(frozen=True)
class _Said:
    """What documents state: facts, pieces and prose by kind of document, and the hashes of their bytes."""

    facts: frozenset[Fact]
    pieces: frozenset[Said]
    prose: frozenset[Said]
    blobs: dict[str, str]  # hash -> path

    @property
    def kinds(self) -> frozenset[DocumentKind]:
        return frozenset({f.document for f in self.facts} | {kind for kind, _ in self.pieces | self.prose})


def identify(documents: Sequence[Parsed], states: Sequence[VersionState]) -> tuple[Likeness, ...]:
    """How like the documents of one version each version held is, best first; without those that share nothing."""
    return _ranked(_of_documents(documents), states)


def identify_source(kb: Holder, argument: str, families: Iterable[str] = (KERNEL,)) -> tuple[Identified, ...]:
    """Which versions of these families the trees or documents of a source (`[VERSION=]PATH`) are most like.

    Each tree is answered by itself, and so are the documents that are in none.

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
    labels = [label for family in families for label in (kb.labels() if family == KERNEL else kb.labels(family))]
    states = [kb.state(label) for label in labels]
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
    pieces = {piece for piece in said.pieces if piece[0] in held.kinds}
    shared, same = facts & held.facts, pieces & held.pieces
    both = prose & held.prose
    reworded = _reworded(pieces - same, held.pieces - same)
    if not (shared or same or reworded or both or files):
        return None
    here = pieces - same - {piece for piece, _, _ in reworded}
    there = held.pieces - same - {piece for _, piece, _ in reworded}
    return Likeness(
        version=state.label,
        shared=len(shared) + len(same),
        only_here=len(facts - shared) + len(here),
        only_there=len(held.facts - shared) + len(there),
        changed=len(reworded),
        alike=sum(alike for _, _, alike in reworded),
        prose_shared=len(both) / len(prose | held.prose) if prose or held.prose else 0.0,
        same_files=files,
        examples=(
            *_examples("reworded", (), (piece for piece, _, _ in reworded)),
            *_examples("only here", facts - shared, here),
            *_examples(f"only in {state.label}", held.facts - shared, there),
        ),
    )


def _reworded(here: Collection[Said], there: Collection[Said]) -> list[tuple[Said, Said, float]]:
    """The pieces that are others of the same kind in other words, most alike first, each at most once; and how alike.

    Two texts are as alike as the pairs of words that follow one another are the same.
    """
    theirs = {piece: _pairs(piece[1]) for piece in there}
    having = defaultdict[tuple[DocumentKind, str], list[Said]](list)
    for piece, pairs in theirs.items():
        for pair in pairs:
            having[piece[0], pair].append(piece)
    found = []
    for piece in here:
        mine = _pairs(piece[1])
        common = Counter(other for pair in mine for other in having.get((piece[0], pair), ()))
        found += [(piece, other, 2 * n / (len(mine) + len(theirs[other]))) for other, n in common.items()]
    taken = set[tuple[bool, Said]]()
    pairs_found = []
    for one, other, alike in sorted(found, key=lambda each: (-each[2], each[0], each[1])):
        if alike >= ALIKE and not taken & {(True, one), (False, other)}:
            taken |= {(True, one), (False, other)}
            pairs_found.append((one, other, alike))
    return pairs_found


def _pairs(text: str) -> set[str]:
    """Each two words of a text that follow one another."""
    every = ["", *text.split(), ""]
    return {f"{one} {next_one}" for one, next_one in pairwise(every)}


def _of_documents(documents: Iterable[Parsed]) -> _Said:
    facts, pieces, blobs = set[Fact](), set[Said](), dict[str, str]()
    for document in documents:
        for record in document.records:
            facts.update(record_facts(record, document.kind))
            pieces.update(_pieces(record, document.kind))
            blobs[record.evidence.blob] = document.title
    return _Said(*_split(facts, pieces), blobs)


def _of_state(state: VersionState, kinds: frozenset[DocumentKind] = frozenset(DocumentKind)) -> _Said:
    facts = set(normalise(state, kinds & set(WITNESSES)).facts)
    pieces = set[Said]()
    cited: list[Cited[Any]] = [*state.porting, *state.notes]
    if DocumentKind.OTHER in kinds:
        cited += state.sections
    for one in cited:
        if one.document.kind in kinds:
            pieces.update(_pieces(one.record, one.document.kind))
    blobs = {document.blob: document.path for document in state.documents if document.kind in kinds}
    return _Said(*_split(facts, pieces), blobs)


def _split(facts: set[Fact], pieces: set[Said]) -> tuple[frozenset[Fact], frozenset[Said], frozenset[Said]]:
    """The facts that count, the pieces that do, and the prose: texts about ops and functions."""
    texts = {f for f in facts if isinstance(f, TextFact) and not counts(f)}
    said = {(f.document, f.words) for f in texts if f.words}
    prose = {one for one in said if one[0] in IN_FACTS}
    return frozenset(facts - texts), frozenset(pieces | (said - prose)), frozenset(prose)


def _pieces(record: Record, kind: DocumentKind) -> set[Said]:
    match record:
        case PortingEntry() | DesignNote():
            return {(kind, words(record.text))}
        case Section() if kind is DocumentKind.OTHER:
            return {(kind, words(record.text))}
        case _:
            return set()


def _examples(where: str, facts: Iterable[Fact], pieces: Iterable[Said]) -> list[str]:
    """A few of the facts, ops before cells, or of the pieces, in one line."""
    told = [_describe(fact) for fact in sorted(facts, key=_weight)] + [_begin(text) for _, text in sorted(pieces)]
    told = list(dict.fromkeys(told))
    more = ", ..." if len(told) > EXAMPLES else ""
    return [f"{where}: {', '.join(told[:EXAMPLES])}{more}"] if told else []


def _begin(text: str) -> str:
    """How a piece begins."""
    first = text.split()
    return f'"{" ".join(first[:EXAMPLE_WORDS])}{" ..." * (len(first) > EXAMPLE_WORDS)}"'


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
