"""Selects the facts that can be compared: those that both versions could state.

If a version lacks a kind of document, or nothing could be read from it, that is a gap, never a removal. A single file
says nothing about other documents, an excerpt nothing about the rest. The bundled corpus has sentences in words of its
own, and of descriptions only the rules in them: descriptions are not compared with it, nor its other sentences with a
kernel's own document.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from kbase.diff.comparable import ComparableVersion, Kinds
from kbase.diff.fact import Fact
from kbase.diff.facts import DocumentFact, OpFact, RuleFact, SignatureFact, TableFact, TextFact, Topic, in_sentence
from kbase.diff.lock_orders import OrderFact
from kbase.diff.truncated_documents import Truncation
from kbase.model.records import Level
from kbase.model.states import VersionState
from kbase.model.witnesses import EXPECTED, OP_WITNESSES, SINGLE, DocumentKind

DESCRIPTIONS = "descriptions"  # of which the bundled corpus has summaries
SENTENCES = "sentences"  # notes, and rules in sentences
MISSING = "not available"
OWN_WORDS = "in other words in the bundled corpus"
EXCERPT = "only a part of one; facts that it leaves out are unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a diff cannot speak about: a kind of document that a version lacks, or that reads badly."""

    version: str
    document: str  # a kind of document, `DESCRIPTIONS` or `SENTENCES`
    path: str | None  # None: the version has no such document
    reason: str

    @property
    def unreadable(self) -> bool:
        """Whether the document is available but some of its facts are lost."""
        return self.path is not None

    def __str__(self) -> str:
        return f"{self.version}: {self.path or self.document}: {self.reason}"


def describe_gaps(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """The gaps as sentences: all that one version lacks in one of them; what two lack alike is one."""
    found = tuple(gaps)
    missing: dict[tuple[str, str], dict[str, None]] = {}
    for gap in found:
        if gap.path is None:
            missing.setdefault((gap.version, gap.reason), {})[gap.document] = None
    versions: dict[tuple[str, str], list[str]] = {}
    for (version, reason), documents in missing.items():
        versions.setdefault((", ".join(documents), reason), []).append(version)
    lines = [f"{', '.join(labels)}: {documents}: {reason}" for (documents, reason), labels in versions.items()]
    return (*lines, *(str(gap) for gap in found if gap.path is not None))


def gaps_between(old: ComparableVersion, new: ComparableVersion, truncated: Iterable[Truncation]) -> Iterator[Gap]:
    """What the diff of the two versions says nothing about, and why."""
    for version, other in ((old, new), (new, old)):
        yield from _gaps(version.state, version.speaking, other.state)
    if (old.bundled ^ new.bundled).intersection(SINGLE):
        version = old if new.bundled.isdisjoint(SINGLE) else new
        yield Gap(version=version.state.label, document=SENTENCES, path=None, reason=OWN_WORDS)
    for each in truncated:
        yield Gap(version=each.version, document=each.document, path=each.path, reason=each.reason)


def _gaps(state: VersionState, read: Kinds, other: VersionState) -> Iterator[Gap]:
    for kind in EXPECTED if any(document.kind.traits.code for document in other.documents) else SINGLE:
        if kind in state.excerpts:
            yield Gap(version=state.label, document=kind, path=None, reason=EXCERPT)
        elif not state.has(kind):
            yield Gap(version=state.label, document=kind, path=None, reason=MISSING)
    stating = [document for document in state.documents if document.kind in OP_WITNESSES]
    if any(document.bundled and not document.kind.traits.code for document in stating):
        yield Gap(version=state.label, document=DESCRIPTIONS, path=None, reason=MISSING)
    for document in stating:
        lost = [d for d in state.diagnostics if d.document == document and d.record.level is Level.ERROR]
        if document.kind not in read:
            reason = "nothing could be read from it"
        elif lost:
            reason = f"facts were lost: {lost[0].record.message} (line {lost[0].line})"
        else:
            continue
        yield Gap(version=state.label, document=document.kind, path=document.path, reason=reason)


def comparable_facts(
    old: ComparableVersion, new: ComparableVersion, truncated: Iterable[Truncation]
) -> tuple[list[Fact], list[Fact]]:
    """The facts of two versions, without facts of kinds that one of the versions could not state."""
    speaking, reworded = old.speaking & new.speaking, old.bundled ^ new.bundled
    bundled = old.bundled | new.bundled
    incomplete = {(each.document, struct) for each in truncated for struct in (*each.incomplete, "")}
    undecided = {
        (fact.struct, fact.op, column)
        for fact in (*old.facts, *new.facts)
        if isinstance(fact, RuleFact)
        for column in fact.candidates
    }

    def comparable(fact: Fact) -> bool:
        if fact.document not in speaking or (fact.document, getattr(fact, "struct", None)) in incomplete:
            return False
        if isinstance(fact, RuleFact):  # of a cell of a flattened page that may belong to several columns
            return not fact.candidates and (fact.struct, fact.op, fact.written) not in undecided
        described = isinstance(fact, TextFact) and fact.topic is Topic.DESCRIPTION
        return not (described and fact.document in bundled)

    before, after = (_facts(version, comparable, reworded) for version in (old, new))
    parts = old.state.excerpts, new.state.excerpts
    return (_within(before, after, *parts), _within(after, before, *reversed(parts))) if any(parts) else (before, after)


def _facts(version: ComparableVersion, comparable: Callable[[Fact], bool], reworded: Kinds) -> list[Fact]:
    found = filter(comparable, version.facts)
    if not reworded:
        return list(found)
    listed = {(f.document, f.struct) for f in version.facts if isinstance(f, SignatureFact | RuleFact)}
    reduced = (_in_any_words(fact, listed) if fact.document in reworded else fact for fact in found)
    return [fact for fact in reduced if fact is not None]


def _in_any_words(fact: Fact, listed: Collection[tuple[DocumentKind, str]]) -> Fact | None:
    """The part of a fact that other words do not change; None if it has no such part, or is an op without prototype."""
    if isinstance(fact, OpFact):
        return fact if (fact.document, fact.struct) in listed else None
    if in_sentence(fact) or isinstance(fact, OrderFact):
        return None
    if not isinstance(fact, TextFact) or fact.topic in (Topic.MEMBER, Topic.REMARK):
        return fact
    return replace(fact, words="") if fact.topic is Topic.FLAG else None


def _within(mine: list[Fact], theirs: list[Fact], my_parts: Kinds, their_parts: Kinds) -> list[Fact]:
    """The facts in `mine` that the other version could state too, if either version has excerpts of documents."""
    spoken = {_subject(fact) for fact in theirs if fact.document in their_parts}

    def comparable(fact: Fact) -> bool:
        subject = _subject(fact)
        lost = fact.document in my_parts and subject is None
        return not lost and (fact.document not in their_parts or subject in spoken)

    return list(filter(comparable, mine))


def _subject(fact: Fact) -> tuple[object, ...] | None:
    """What a fact of an ops table is about; None for prose: that an excerpt lacks it means nothing."""
    if in_sentence(fact) or not isinstance(fact, TableFact | OpFact | SignatureFact | RuleFact):
        return None
    op, subject = getattr(fact, "op", ""), fact.subject.lower() if isinstance(fact, RuleFact) else ""
    return type(fact), fact.document, fact.struct, op, subject


def comparable_documents(
    old: ComparableVersion, new: ComparableVersion
) -> tuple[dict[str, DocumentFact], dict[str, DocumentFact]]:
    """The documents of both versions by name; where one was not read from a whole tree, only those that both have."""
    names = old.documents.keys() & new.documents.keys()
    if old.is_tree and new.is_tree:
        names |= (old.documents.keys() ^ new.documents.keys()).difference(OP_WITNESSES)
    names -= old.state.excerpts | new.state.excerpts
    before, after = ({n: f for n, f in v.documents.items() if n in names} for v in (old, new))
    return before, after
