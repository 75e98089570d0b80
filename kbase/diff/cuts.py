"""Documents that end too early: what they no longer say is not gone.

A document cut short in a copy reads well up to its last line, so only another version tells: one that goes on with
ops tables where this one ends. Tables come and go one at a time and in the middle; a whole tail does not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kbase.records import DocumentKind
from kbase.state import TableState, VersionState

SPEAKING = (DocumentKind.VFS, DocumentKind.LOCKING)
TAIL = 0.2  # the share of the other version's tables from which on a missing tail is taken for a cut
TORN = 2 / 3  # below this share of its ops, the last table is taken for torn


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A document that ends in or after `last`, where another version goes on with the tables `missing`."""

    version: str
    path: str
    document: DocumentKind
    last: str
    missing: tuple[str, ...]
    beside: str  # the version that goes on

    @property
    def unsaid(self) -> frozenset[str]:
        """The tables of which the document does not say everything."""
        return frozenset((self.last, *self.missing))

    @property
    def reason(self) -> str:
        """Why it is taken for a cut."""
        return f"it ends in {self.last}, where {self.beside} goes on with {', '.join(self.missing)}: cut short?"


def cuts(old: VersionState, new: VersionState) -> tuple[Cut, ...]:
    """The documents of either version that the other shows to be cut short."""
    return tuple(cut for kind in SPEAKING for pair in ((old, new), (new, old)) for cut in _cut(*pair, kind))


def _cut(state: VersionState, beside: VersionState, kind: DocumentKind) -> Iterator[Cut]:
    here, there = _order(state, kind), _order(beside, kind)
    shared = [struct for struct in there if struct in here]
    if not shared or len(there) <= len(here):
        return
    missing = there[there.index(shared[-1]) + 1 :]
    torn = _stated(state.by_name[shared[-1]], kind) < TORN * _stated(beside.by_name[shared[-1]], kind)
    if here[-1] == shared[-1] and missing and (torn or len(missing) > max(1, TAIL * len(there))):
        yield Cut(
            version=state.label,
            path=next(document.path for document in state.documents if document.kind is kind),
            document=kind,
            last=shared[-1],
            missing=tuple(missing),
            beside=beside.label,
        )


def _order(state: VersionState, kind: DocumentKind) -> list[str]:
    """The ops tables of the kind of document, in its order."""
    lines = ((_first_line(table, kind), table.name) for table in state.tables)
    return [name for line, name in sorted((line, name) for line, name in lines if line is not None)]


def _first_line(table: TableState, kind: DocumentKind) -> int | None:
    return min((cited.line for cited in table.tables if cited.document.kind is kind), default=None)


def _stated(table: TableState, kind: DocumentKind) -> int:
    """How many prototypes and cells the document has in the table."""
    records: Iterable[object] = (c for op in table.ops for c in (*op.prototypes, *op.rules) if c.document.kind is kind)
    return sum(1 for _ in records)
