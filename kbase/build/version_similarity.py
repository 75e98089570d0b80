"""Labels that the content contradicts: a version should be most like its neighbours among the versions held.

A pure fold over the versions, cheap for any number of them: a document's facts are taken once, however many versions
carry it, and two documents are compared once.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from hashlib import blake2b
from math import isqrt

from kbase.diff.comparable import cited_in
from kbase.diff.facts import Fact, TextFact, Topic, record_facts
from kbase.model.records import DocumentKind
from kbase.model.states import DocumentRef, VersionState
from kbase.model.versions import is_version, parse_version, version_key

MARGIN = 0.02  # how much more alike another version has to be before a label is doubted
COMPARED_ALL = 64  # of so many versions each is compared with each
COMPARED = (DocumentKind.VFS, DocumentKind.LOCKING)

Holding = dict[DocumentKind, frozenset[str]]  # the hashes of a version's documents, by kind
Counts = tuple[int, int, int]  # facts that both state, that only the one states, that only the other states


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """How like a version held is: facts that both state, that only the one in question states, that only it states."""

    version: str
    shared: int
    only_here: int
    only_there: int

    @property
    def score(self) -> float:
        """0 to 1."""
        return self.shared / max(1, self.shared + self.only_here + self.only_there)

    @property
    def reason(self) -> str:
        """Why, in a line."""
        return f"{self.shared} facts shared, {self.only_here} only here, {self.only_there} only in {self.version}"


Doubt = tuple[float, str, Resemblance]  # by how much, the label, what its version reads like


class Labels:
    """What the versions state, as far as their labels can be doubted for it."""

    def __init__(self, facts: Mapping[str, frozenset[int]] | None = None) -> None:
        """`facts` are those of documents that were looked at before, as `facts` gave them."""
        self.facts = dict(facts or {})  # hashes of facts, by the document's hash
        self._holdings: dict[str, Holding] = {}
        self._given: list[str] = []  # labels with documents of the user's own
        self._counts: dict[tuple[frozenset[str], frozenset[str]], Counts] = {}

    def add(self, state: VersionState, labels: Iterable[str]) -> None:
        """Take note of a version, and of all labels that have the very same documents."""
        fresh = {document.blob for document in state.documents if document.kind in COMPARED} - self.facts.keys()
        if fresh:
            self.facts |= _facts(state, fresh)
        self.note(state.documents, labels, frozenset(COMPARED) - state.excerpts)

    def note(self, documents: Iterable[DocumentRef], labels: Iterable[str], whole: Collection[DocumentKind]) -> None:
        """The same of a version whose documents' facts are known; `whole` are the kinds of which it has no part only.

        A part of a document tells nothing of a label: it has few facts of any version.
        """
        documents = [document for document in documents if document.kind in COMPARED and document.kind in whole]
        kinds = {document.kind for document in documents}
        holding = {kind: frozenset(d.blob for d in documents if d.kind is kind) for kind in kinds}
        for label in labels:
            self._holdings[label] = holding
            if not all(document.bundled for document in documents):
                self._given.append(label)

    def warnings(self) -> dict[str, str]:
        """For each label that the user gave and the content contradicts, a line that says so.

        The label that fits worst is told first and then left out, so that it casts no doubt on its neighbours.
        """
        found: dict[str, str] = {}
        doubts = self._doubts(self._given, found)
        while doubts:
            _, label, best = max(doubts, key=lambda doubt: (doubt[0], doubt[1]))
            found[label] = contradicted(label, best.version, best.reason)
            doubts = self._doubts([other for _, other, _ in doubts], found)
        return found

    def _doubts(self, labels: Iterable[str], wrong: Collection[str]) -> list[Doubt]:
        """The labels whose versions read like another one, clearly more than like their neighbours; and how much."""
        families: dict[str, list[str]] = {}
        for one in sorted((one for one in self._holdings if one not in wrong and is_version(one)), key=version_key):
            families.setdefault(parse_version(one).family, []).append(one)
        asked = set(labels).difference(wrong)
        return [
            doubt
            for order in families.values()
            for place, label in enumerate(order)
            if label in asked and (doubt := self._doubt(order, place))
        ]

    def _doubt(self, order: list[str], place: int) -> Doubt | None:
        """`order` are the versions of a family, oldest first; the one in question stands at `place`."""
        label, mine = order[place], self._holdings[order[place]]
        sides = reversed(order[:place]), order[place + 1 :]
        near = [one for side in sides if (one := next((v for v in side if self._speaks(v, mine)), None))]
        if not near or any(self._holdings[one] == mine for one in near):
            return None
        likest = max(self._resemblance(one, mine).score for one in near)
        if likest + MARGIN >= 1:
            return None
        best = self._likest([one for one in order if one != label and self._speaks(one, mine)], mine)
        return (best.score - likest, label, best) if best.score > likest + MARGIN else None

    def _likest(self, versions: list[str], mine: Holding) -> Resemblance:
        """The version most like a holding, the newest of equals.

        Of many versions, some here and there are compared, and then those around the likest: versions change slowly.
        """
        step = isqrt(len(versions)) if len(versions) > COMPARED_ALL else 1
        at = max(range(0, len(versions), step), key=lambda at: (self._resemblance(versions[at], mine).score, at))
        around = reversed(versions[max(0, at - step) : at + step + 1])
        return max((self._resemblance(one, mine) for one in around), key=lambda one: one.score)

    def _speaks(self, version: str, holding: Holding) -> bool:
        """Whether a version holds all kinds of documents that the holding has."""
        return bool(holding) and holding.keys() <= self._holdings[version].keys()

    def _resemblance(self, version: str, mine: Holding) -> Resemblance:
        theirs = self._holdings[version]
        counts = [self._compared(blobs, theirs[kind]) for kind, blobs in mine.items()]
        shared, here, there = (sum(numbers) for numbers in zip(*counts, strict=True))
        return Resemblance(version=version, shared=shared, only_here=here, only_there=there)

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
    return {blob: frozenset(facts) for blob, facts in found.items()}


def _digest(fact: Fact) -> int:
    """A hash of what makes a fact equal, the same in every process; of eight bytes, signed."""
    said = repr([type(fact).__name__, *(getattr(fact, each.name) for each in fields(fact) if each.compare)])
    return int.from_bytes(blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def counts(fact: Fact) -> bool:
    """Whether a fact tells versions apart; prose does not, since the bundled corpus has none."""
    return not isinstance(fact, TextFact) or fact.topic is Topic.MEMBER


def contradicted(label: str, version: str, reason: str) -> str:
    """The line that says that documents with that label read like those of another version."""
    return f"labelled {label}, but reads like {version}: {reason}"
