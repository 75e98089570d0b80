"""Which available version a document, or a tree, is most similar to: the share of facts that both state.

Of vfs and Locking documents prototypes, rows, cells, members and blanket rules count; prose only decides between
equals, since the bundled corpus has it in other words. Of other documents each text counts: an entry of the porting
log, a note, a section; a reworded one as far as its words are equal. Only kinds of documents that both have are
compared. Pure except for `identify_source`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import Any, Protocol

from kbase import places
from kbase.build.version_similarity import MARGIN, Similarity, compared_with, contradicted, counts
from kbase.diff.comparable import version_facts
from kbase.diff.fact import Fact
from kbase.diff.facts import DocumentFact, OpFact, RuleFact, SignatureFact, TableFact, TextFact, in_sentence, words
from kbase.kernel.vendors import vendor_signs
from kbase.knowledge.printed_documents import print_document
from kbase.model.records import DesignNote, Parsed, PortingEntry, Record, Section
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.versions import is_version, parse_version, version_key
from kbase.model.witnesses import OP_WITNESSES, SINGLE, DocumentKind
from kbase.parsers import parse
from kbase.sources.kinds import SourceKind, source_kind
from kbase.sources.raw_documents import RawDocument
from kbase.sources.readers import read
from kbase.sources.restated import Restatements, read_restatements
from kbase.sources.source import parse_source
from kbase.sources.trees import tree_version
from kbase.store.assembly import assemble
from kbase.text.lines import split_lines
from kbase.text.saved_pages import unwrap

EXAMPLES = 3
EXAMPLE_WORDS = 6  # of a text
ALIKE = 0.5  # of the pairs of words of two texts, if one is the other reworded
KERNEL = "linux"
UNKNOWN = "v0"  # the version of a tree without one
Piece = tuple[DocumentKind, str]  # a text, and the kind of document that has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """The versions that the documents of one tree, or loose ones, are similar to."""

    label: str | None  # the version that the source claims
    paths: tuple[str, ...]
    similar: tuple[Similarity, ...]  # best first
    warning: str | None  # if label and content disagree
    vendor: str | None = None  # why it is taken for a vendor's tree


class Versions(Protocol):
    """The part of `kbase.knowledge.knowledge_base.KnowledgeBase` that is needed here."""

    def labels(self, family: str = "linux", /) -> tuple[str, ...]: ...

    def state(self, label: str) -> VersionState: ...


@dataclass(frozen=True)
class _Content:
    """The content of documents: facts, texts that count, prose that only decides, and paths by blob."""

    facts: frozenset[Fact]
    pieces: frozenset[Piece]
    prose: frozenset[Piece]
    blobs: dict[str, str]

    @property
    def kinds(self) -> frozenset[DocumentKind]:
        return frozenset({f.document for f in self.facts} | {kind for kind, _ in self.pieces | self.prose})


@dataclass(frozen=True, slots=True)
class _Document:
    """A document as it is, and in the words of the bundled corpus."""

    path: str
    parsed: Parsed
    restated: Parsed

    @classmethod
    def of(cls, raw: RawDocument, restatements: Restatements) -> "_Document":
        text, blob = unwrap(raw.path, raw.data), sha256(raw.data).hexdigest()
        parsed = parse(raw.path, text, blob)
        if parsed.kind not in SINGLE:
            return cls(raw.path, parsed, parsed)
        return cls(raw.path, parsed, parse(raw.path, split_lines(print_document(text, parsed, restatements)), blob))


def identify(
    documents: Sequence[Parsed], states: Sequence[VersionState], restated: Sequence[Parsed] = ()
) -> tuple[Similarity, ...]:
    """How similar the documents of one version are to each state, best first; without those that share nothing.

    `restated` are the same documents in the words of the bundled corpus, for the states that it has.
    """
    own, bundled = map(_of_documents, (documents, restated or documents))
    compared = (_similarity(bundled if _is_bundled(state) else own, state) for state in states)
    found = [similarity for similarity in compared if similarity is not None]
    newest_first = sorted(found, key=lambda one: version_key(one.version), reverse=True)
    return tuple(sorted(newest_first, key=lambda one: one.rank))


def _of_documents(documents: Sequence[Parsed]) -> _Content:
    return _of_state(_assembled([(str(n), parsed) for n, parsed in enumerate(documents)]), frozenset(DocumentKind))


def _is_bundled(state: VersionState) -> bool:
    """Whether the texts of a version are in the words of the bundled corpus."""
    return any(document.bundled for document in state.documents if not document.kind.traits.code)


def identify_source(kb: Versions, argument: str, families: Iterable[str] = (KERNEL,)) -> tuple[Identification, ...]:
    """Identify each tree of a source (`[VERSION=]PATH`), and the documents that are in none; they need no version.

    Raises:
        SourceError: the source cannot be read.
    """
    source = parse_source(argument)
    if source_kind(source) is SourceKind.TREE and source.version is None and tree_version(source.location) is None:
        source = replace(source, version=UNKNOWN)
    documents = defaultdict[str | None, list[_Document]](list)
    restatements = read_restatements(places.corpus())
    for raw in read(source):
        documents[None if raw.version == UNKNOWN else raw.version].append(_Document.of(raw, restatements))
    labels = [label for family in families for label in (kb.labels() if family == KERNEL else kb.labels(family))]
    states = [kb.state(label) for label in labels]
    return tuple(_identification(label, found, states) for label, found in documents.items())


def _identification(label: str | None, found: list[_Document], states: Sequence[VersionState]) -> Identification:
    similar = identify([each.parsed for each in found], states, [each.restated for each in found])
    vendors = {state.label for state in states if vendor_signs(state)}
    vendor = vendor_signs(_assembled([(each.path, each.parsed) for each in found], label or ""))
    return Identification(
        label=label,
        paths=tuple(each.path for each in found),
        similar=similar,
        warning=_contradiction(label, similar, vendors, vendor) if label and is_version(label) else None,
        vendor=vendor,
    )


def _contradiction(
    label: str, similar: Sequence[Similarity], vendors: Collection[str], vendor: str | None
) -> str | None:
    """The warning if documents are clearly more similar to another version than to the one they are labelled with."""
    family = parse_version(label).family
    known = compared_with(label, (one.version for one in similar if is_version(one.version)), vendors)
    ranked = [one for one in similar if one.version in known and parse_version(one.version).family == family]
    expected = _expected(label, [one.version for one in ranked])
    near = [one.score for one in ranked if one.version in expected]
    if not near or ranked[0].version in expected or ranked[0].score <= max(near) + MARGIN:
        return None
    return contradicted(label, ranked[0].version, ranked[0].reason, vendor)


def _expected(label: str, available: Collection[str]) -> set[str]:
    """The version itself if it is available, else its neighbours."""
    if label in available:
        return {label}
    ordered = sorted([*available, label], key=version_key)
    place = ordered.index(label)
    return {*ordered[max(0, place - 1) : place], *ordered[place + 1 : place + 2]}


def _similarity(content: _Content, state: VersionState) -> Similarity | None:
    theirs = _of_state(state, content.kinds)
    kinds = theirs.kinds
    files = tuple(path for blob, path in theirs.blobs.items() if blob in content.blobs)
    facts = {fact for fact in content.facts if fact.document in kinds}
    pieces, prose = ({piece for piece in texts if piece[0] in kinds} for texts in (content.pieces, content.prose))
    shared, same, both = facts & theirs.facts, pieces & theirs.pieces, prose & theirs.prose
    reworded = _reworded(pieces - same, theirs.pieces - same)
    if not (shared or same or reworded or both or files):
        return None
    here = pieces - same - {piece for piece, _, _ in reworded}
    there = theirs.pieces - same - {piece for _, piece, _ in reworded}
    return Similarity(
        version=state.label,
        shared=len(shared) + len(same),
        only_here=len(facts - shared) + len(here),
        only_there=len(theirs.facts - shared) + len(there),
        changed=len(reworded),
        alike=sum(alike for _, _, alike in reworded),
        prose_shared=len(both) / len(prose | theirs.prose) if prose or theirs.prose else 0.0,
        same_files=files,
        examples=(
            *_examples("reworded", (), (piece for piece, _, _ in reworded)),
            *_examples("only here", facts - shared, here),
            *_examples(f"only in {state.label}", theirs.facts - shared, there),
        ),
    )


def _reworded(here: Collection[Piece], there: Collection[Piece]) -> list[tuple[Piece, Piece, float]]:
    """The texts that are others of the same kind in other words, most similar first, each at most once; how similar.

    The similarity of two texts is the share of equal pairs of neighbouring words.
    """
    theirs = {piece: _pairs(piece[1]) for piece in there}
    having = defaultdict[tuple[DocumentKind, tuple[str, str]], list[Piece]](list)
    for piece, pairs in theirs.items():
        for pair in pairs:
            having[piece[0], pair].append(piece)
    candidates = []
    for piece in here:
        mine = _pairs(piece[1])
        common = Counter(other for pair in mine for other in having.get((piece[0], pair), ()))
        candidates += [(piece, other, 2 * n / (len(mine) + len(theirs[other]))) for other, n in common.items()]
    found = dict[Piece, tuple[Piece, float]]()
    taken = set[Piece]()
    for one, other, alike in sorted(candidates, key=lambda each: (-each[2], each[0], each[1])):
        if alike >= ALIKE and one not in found and other not in taken:
            found[one] = other, alike
            taken.add(other)
    return [(one, other, alike) for one, (other, alike) in found.items()]


def _pairs(text: str) -> set[tuple[str, str]]:
    """Each two neighbouring words of a text."""
    return set(pairwise(["", *text.split(), ""]))


def _assembled(documents: Iterable[tuple[str, Parsed]], label: str = "") -> VersionState:
    """The state of a version with just these documents: what is compared is taken from both sides alike."""
    refs, records = list[DocumentRef](), list[Cited[Any]]()
    for path, parsed in documents:
        ref = DocumentRef(
            version=label,
            path=path,
            blob=next((record.evidence.blob for record in parsed.records), ""),
            kind=parsed.kind,
            format=parsed.format,
            title=parsed.title,
            source="",
        )
        refs.append(ref)
        records += [Cited(record=record, document=ref) for record in parsed.records]
    return assemble(label, "", refs, records)


def _of_state(state: VersionState, kinds: frozenset[DocumentKind]) -> _Content:
    sections = state.sections if DocumentKind.OTHER in kinds else ()
    cited: list[Cited[Any]] = [*state.porting, *state.notes, *sections]
    pieces = {p for one in cited if one.document.kind in kinds for p in _pieces(one.record, one.document.kind)}
    blobs = {document.blob: document.path for document in state.documents if document.kind in kinds}
    facts = {fact for fact in version_facts(state) if fact.document in kinds and not in_sentence(fact)}
    return _content(facts, pieces, blobs)


def _content(facts: set[Fact], pieces: set[Piece], blobs: dict[str, str]) -> _Content:
    """The content with its prose apart: the texts about ops and functions."""
    texts = {f for f in facts if isinstance(f, TextFact) and not counts(f)}
    worded = {(f.document, f.words) for f in texts if f.words}
    prose = {one for one in worded if one[0] in OP_WITNESSES}
    return _Content(frozenset(facts - texts), frozenset(pieces | (worded - prose)), frozenset(prose), blobs)


def _pieces(record: Record, kind: DocumentKind) -> set[Piece]:
    match record:
        case PortingEntry() | DesignNote():
            return {(kind, words(record.text))}
        case Section() if kind is DocumentKind.OTHER:
            return {(kind, words(record.text))}
        case _:
            return set()


def _examples(where: str, facts: Iterable[Fact], pieces: Iterable[Piece]) -> list[str]:
    """A few of the facts, ops before cells, or of the texts, in one line."""
    listed = [_name(fact) for fact in sorted(facts, key=_order)] + [_beginning(text) for _, text in sorted(pieces)]
    listed = list(dict.fromkeys(listed))
    more = ", ..." if len(listed) > EXAMPLES else ""
    return [f"{where}: {', '.join(listed[:EXAMPLES])}{more}"] if listed else []


def _beginning(text: str) -> str:
    first = text.split()
    return f'"{" ".join(first[:EXAMPLE_WORDS])}{" ..." * (len(first) > EXAMPLE_WORDS)}"'


def _order(fact: Fact) -> tuple[int, str]:
    order = (TableFact, OpFact, SignatureFact, RuleFact)
    return next((i for i, kind in enumerate(order) if isinstance(fact, kind)), len(order)), _name(fact)


def _name(fact: Fact) -> str:
    match fact:
        case OpFact() | SignatureFact():
            return f"{fact.struct}.{fact.op}"
        case RuleFact():
            return f"{fact.struct}.{fact.op} {fact.written}"
        case TextFact():
            return f"{fact.struct}.{fact.name}" if fact.struct else fact.name
        case DocumentFact():
            return fact.name
        case _:
            return fact.struct
