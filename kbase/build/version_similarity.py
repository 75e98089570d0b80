"""How similar versions are, by the facts that both state; and labels that the content contradicts.

A version should be most similar to its neighbours. A vendor's tree has parts of later releases: no other version is
compared with it, and it is compared with releases only. Pure, and fast for any number of versions: the facts of a
document are hashed once, however many versions have it, and two documents are compared once.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from hashlib import blake2b
from itertools import chain, combinations
from math import isqrt

from kbase.diff.comparable import cited_in
from kbase.diff.fact import Fact
from kbase.diff.facts import OpFact, TextFact, Topic, in_sentence, record_facts
from kbase.kernel.tables import NOT_SEARCHED
from kbase.kernel.vendors import VENDOR_MACRO, sign_of_header, sign_of_label
from kbase.model.releases import release_of
from kbase.model.states import DocumentRef, VersionState
from kbase.model.versions import is_version, parse_version, version_key
from kbase.model.witnesses import KERNEL, OP_WITNESSES, DocumentKind

MARGIN = 0.02  # how much more similar another version must be before a label is doubted
VENDOR = 0  # among the hashes of a header's facts: it has macros of a vendor
PARTIAL = 1  # the same: it is one of facts that do not cover all ops tables
COMPARED_ALL = 64  # up to so many versions, each is compared with each

Content = dict[DocumentKind, frozenset[str]]  # the hashes of a version's documents, by kind
Counts = tuple[int, int, int]  # facts of both, of the first one only, of the second one only


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """How similar documents are to a version: how many facts both state, and how many only the one or the other.

    `changed` counts texts that both have in other words, `alike` is the sum of how similar these are, each 0 to 1.
    """

    version: str
    shared: int
    only_here: int
    only_there: int
    changed: int = 0
    alike: float = 0.0
    prose_shared: float = 0.0  # 0 to 1
    same_files: tuple[str, ...] = ()  # paths of the version with the bytes of one of the documents
    examples: tuple[str, ...] = ()  # a few of the differences

    @property
    def score(self) -> float:
        """0 to 1; 1 if all facts are shared, or if the version has the same file and nothing else is comparable."""
        total = self.shared + self.changed + self.only_here + self.only_there
        return (self.shared + self.alike) / total if total else float(bool(self.same_files))

    @property
    def counts(self) -> str:
        """How much is equal and how much is not, in words."""
        changed = f", {self.changed} reworded" if self.changed else ""
        rest = f"{self.only_here} only here, {self.only_there} only in {self.version}"
        return f"{self.shared} facts shared{changed}, {rest}"

    @property
    def reason(self) -> str:
        """The counts, the same files and the examples in one line."""
        same = [f"the same file as {', '.join(self.same_files)}"] if self.same_files else []
        return "; ".join([*same, self.counts, *self.examples])

    @property
    def rank(self) -> tuple[object, ...]:
        """A sort key: the most similar first."""
        return not self.same_files, -self.score, -self.prose_shared, -self.shared


Doubt = tuple[float, str, Similarity]  # by how much, the label, the version that is more similar


class Labels:
    """Checks the labels of versions against their content."""

    def __init__(self, facts: Mapping[str, frozenset[int]] | None = None) -> None:
        """`facts` are hashes of the facts of documents that are known, by blob."""
        self.facts = dict(facts or {})  # hashes of facts, by the document's hash
        self._contents: dict[str, Content] = {}
        self._given: list[str] = []  # labels with documents of the user
        self._vendors: dict[str, str] = {}  # labels of vendors' trees, and why they are taken for such
        self._counts: dict[tuple[frozenset[str], frozenset[str]], Counts] = {}

    def add(self, state: VersionState, labels: Iterable[str]) -> None:
        """Add a version, with all labels that have the same documents."""
        fresh = {document.blob for document in state.documents if document.kind in OP_WITNESSES} - self.facts.keys()
        if fresh:
            self.facts |= _facts(state, fresh)
        self.note(state.documents, labels, frozenset(OP_WITNESSES) - state.excerpts)

    def note(self, documents: Iterable[DocumentRef], labels: Iterable[str], whole: Collection[DocumentKind]) -> None:
        """Add a version whose documents' facts are known; `whole` are the kinds with a complete document.

        An excerpt is not compared: it has few facts of any version.
        """
        documents = [document for document in documents if document.kind in OP_WITNESSES and document.kind in whole]
        if any(PARTIAL in self.facts[document.blob] for document in documents):
            documents = [document for document in documents if not document.kind.traits.code]
        marked = next((document.path for document in documents if VENDOR in self.facts[document.blob]), None)
        kinds = {document.kind for document in documents}
        content = {kind: frozenset(d.blob for d in documents if d.kind is kind) for kind in kinds}
        for label in labels:
            self._contents[label] = content
            if sign := sign_of_label(label) or (sign_of_header(marked) if marked else None):
                self._vendors[label] = sign
            if not all(document.bundled for document in documents):
                self._given.append(label)

    def warnings(self, ops: Mapping[str, Collection[str]] | None = None) -> dict[str, str]:
        """A warning for each label that the user gave and the content contradicts.

        The label that fits worst comes first and is then left out, so that its neighbours are not doubted for it.
        `ops` are the labels that have each op, by its dotted name.
        """
        self._vendors |= self._with_own_ops(ops or {})
        found: dict[str, str] = {}
        doubts = self._doubts(self._given, found)
        while doubts:
            _, label, best = max(doubts, key=lambda doubt: (doubt[0], doubt[1]))
            found[label] = contradicted(label, best.version, best.reason, self._vendors.get(label))
            doubts = self._doubts([other for _, other, _ in doubts], found)
        for label in self._given:
            if label in self._vendors and label not in found and not sign_of_label(label):
                found[label] = f"labelled {label}, but is a vendor's tree: {self._vendors[label]}"
        return found

    def _with_own_ops(self, ops: Mapping[str, Collection[str]]) -> dict[str, str]:
        """The labels whose headers have an op that no release has, and the first of these ops.

        An op is new, and not somebody's own, unless headers of the same release and of a later one lack it.
        """
        headers = {label: content[KERNEL] for label, content in self._contents.items() if KERNEL in content}
        known = [label for label in headers if label not in self._vendors and is_version(label)]
        different = {(release_of(one), headers[one]) for one in known}
        compared = {release for release, number in Counter(release for release, _ in different).items() if number > 1}
        compared -= {max(map(release_of, known), key=version_key, default="")}
        asked = {label for label in self._given if label in known and release_of(label) in compared}
        found = dict[str, str]()
        for op, labels in sorted(ops.items()):
            for label in asked.intersection(labels).difference(found):
                others = [one for one in labels if one not in self._vendors and headers.get(one) != headers[label]]
                if not others and self._states_op(headers[label], op):
                    found[label] = f"no release has {op}"
        return found

    def _states_op(self, blobs: Iterable[str], op: str) -> bool:
        struct, _, name = op.partition(".")
        stated = _digest(OpFact(document=KERNEL, struct=struct, op=name))
        return any(stated in self.facts[blob] for blob in blobs)

    def _doubts(self, labels: Iterable[str], wrong: Collection[str]) -> list[Doubt]:
        """The labels whose versions are clearly more similar to another one than to their neighbours; and how much."""
        families: dict[str, list[str]] = {}
        for one in sorted((one for one in self._contents if one not in wrong and is_version(one)), key=version_key):
            families.setdefault(parse_version(one).family, []).append(one)
        asked = set(labels).difference(wrong)
        return [
            doubt
            for order in families.values()
            for label in order
            if label in asked and (doubt := self._doubt(compared_with(label, order, self._vendors), label))
        ]

    def _doubt(self, order: list[str], label: str) -> Doubt | None:
        """`order` are the versions to compare with, oldest first, and the one in question among them."""
        mine = self._compared_kinds(order, label)
        comparable = [one for one in order if one == label or (mine and mine.keys() <= self._contents[one].keys())]
        place = comparable.index(label)
        near = [*comparable[max(0, place - 1) : place], *comparable[place + 1 : place + 2]]
        if not near or any(mine.items() <= self._contents[one].items() for one in near):
            return None
        closest = max(self._similarity(one, mine).score for one in near)
        if closest + MARGIN >= 1:
            return None
        best = self._most_similar([one for one in comparable if one != label], mine)
        return (best.score - closest, label, best) if best.score > closest + MARGIN else None

    def _compared_kinds(self, order: list[str], label: str) -> Content:
        """The part of a version's content to compare: as many kinds of documents as possible.

        At least half of the versions that can be compared by anything must have all of them: a tree with headers among
        versions without any is compared by its documents.
        """
        mine = self._contents[label]
        available = Counter(frozenset(self._contents[one]) for one in order if one != label)
        having = dict[tuple[DocumentKind, ...], int]()
        for kinds in chain.from_iterable(combinations(mine, size) for size in range(len(mine), 0, -1)):
            having[kinds] = sum(number for others, number in available.items() if others.issuperset(kinds))
        most = max(having.values(), default=0)
        chosen = next((kinds for kinds, number in having.items() if number and 2 * number >= most), ())
        return {kind: mine[kind] for kind in chosen}

    def _most_similar(self, versions: list[str], mine: Content) -> Similarity:
        """The version with the most similar content, the newest of equals.

        Of many versions a sample is compared, and then those around the most similar one: versions change slowly.
        """
        step = isqrt(len(versions)) if len(versions) > COMPARED_ALL else 1
        at = max(range(0, len(versions), step), key=lambda at: (self._similarity(versions[at], mine).score, at))
        around = reversed(versions[max(0, at - step) : at + step + 1])
        return max((self._similarity(one, mine) for one in around), key=lambda one: one.score)

    def _similarity(self, version: str, mine: Content) -> Similarity:
        theirs = self._contents[version]
        counts = [self._compared(blobs, theirs[kind]) for kind, blobs in mine.items()]
        shared, here, there = (sum(numbers) for numbers in zip(*counts, strict=True))
        return Similarity(version=version, shared=shared, only_here=here, only_there=there)

    def _compared(self, mine: frozenset[str], theirs: frozenset[str]) -> Counts:
        if (mine, theirs) not in self._counts:
            here, there = (frozenset[int]().union(*map(self.facts.__getitem__, blobs)) for blobs in (mine, theirs))
            shared = len(here & there)
            self._counts[mine, theirs] = shared, len(here) - shared, len(there) - shared
        return self._counts[mine, theirs]


def _facts(state: VersionState, blobs: set[str]) -> dict[str, frozenset[int]]:
    """The facts of these documents of a version, prose aside, as hashes."""
    found: dict[str, set[int]] = {blob: set() for blob in blobs}
    for table in state.tables:
        for cited in cited_in(table):
            if cited.document.blob in found:
                facts = record_facts(cited.record, cited.document.kind)
                found[cited.document.blob].update(_digest(fact) for fact in facts if counts(fact))
    for cited in state.diagnostics:
        if cited.record.code == VENDOR_MACRO and cited.document.blob in found:
            found[cited.document.blob].add(VENDOR)
        elif cited.record.code == NOT_SEARCHED and cited.document.blob in found:
            found[cited.document.blob].add(PARTIAL)
    return {blob: frozenset(facts) for blob, facts in found.items()}


def _digest(fact: Fact) -> int:
    """A hash of the compared fields of a fact, equal in every process; of eight bytes, signed."""
    compared = repr([type(fact).__name__, *(getattr(fact, each.name) for each in fields(fact) if each.compare)])
    return int.from_bytes(
        blake2b(compared.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True
    )


def counts(fact: Fact) -> bool:
    """Whether a fact distinguishes versions; prose does not, which the bundled corpus has in other words."""
    return not in_sentence(fact) and (not isinstance(fact, TextFact) or fact.topic is Topic.MEMBER)


def compared_with(label: str, versions: Iterable[str], vendors: Collection[str]) -> list[str]:
    """Those of the versions that say something about a label: itself, and all that are no vendors' trees."""
    return [one for one in versions if one == label or one not in vendors]


def contradicted(label: str, version: str, reason: str, vendor: str | None = None) -> str:
    """The warning about a label whose documents are like those of another version.

    `vendor` says why it is taken for a vendor's tree, if it is.
    """
    words = f"labelled {label}, but reads like {version}: {reason}"
    return f"{words}; a vendor's tree ({vendor}) has parts of later releases" if vendor else words
