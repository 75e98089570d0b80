"""Documents that end too early: what they no longer say is not gone.

A document cut short in a copy reads well up to its last line, so only another version tells. One sign is that it goes
on with ops tables where this one ends: tables come and go one at a time and in the middle, a whole tail does not. The
other is inside the last table: all that the other version says from some line on is missing, though the prototypes of
these ops are still there, or the struct, the table or a sentence has no end. Two cuts are not told: one between lines
that costs the last table a single row or description (an op may lose that), and one behind its last row, which costs
paragraphs only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kbase.diff.facts import words
from kbase.model.records import Description, Prototype
from kbase.model.states import Cited, TableState, VersionState
from kbase.model.witnesses import OP_WITNESSES, DocumentKind

TAIL = 0.2  # the share of the other version's tables from which on a missing tail is taken for a cut
TORN = 2 / 3  # below this share of its ops, the last table is taken for torn
LOST = 2  # rows and descriptions of ops with a prototype from which on their loss at the very end is no accident
Statements = dict[tuple[type, str], Cited[Any]]  # the first of each kind of record about each op, in their order
NO_END = ("unclosed-struct", "damaged-table")  # diagnostics of a struct or table that has no end


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A document that ends in or after `last`, where another version goes on with the tables `missing`."""

    version: str
    path: str
    document: DocumentKind
    last: str
    missing: tuple[str, ...]
    beside: str  # the version that goes on
    lost: tuple[str, ...] = ()  # the ops of `last` that the other version goes on with, where no table is missing

    @property
    def unsaid(self) -> frozenset[str]:
        """The tables of which the document does not say everything."""
        return frozenset((self.last, *self.missing))

    @property
    def reason(self) -> str:
        """Why it is taken for a cut."""
        after = ", ".join(self.missing or self.lost)
        return f"it ends in {self.last}, where {self.beside} goes on with {after}: cut short?"


class Outline:
    """How the documents of a version are laid out, computed once for all comparisons."""

    def __init__(self, state: VersionState) -> None:
        """Of `state`."""
        self.state = state
        self.order = {kind: _order(state, kind) for kind in OP_WITNESSES}  # the ops tables of each kind of document
        self.wordless = frozenset({document.kind for document in state.documents if document.bundled})
        self._statements: dict[tuple[str, DocumentKind, bool], Statements] = {}

    def statements(self, struct: str, kind: DocumentKind, beside: "Outline") -> Statements:
        """What the kind of document says of the ops of a table, as far as the other version's could: see `wordless`.

        The bundled corpus has no prose: beside it descriptions prove nothing.
        """
        key = struct, kind, (kind in self.wordless) == (kind in beside.wordless)
        if key not in self._statements:
            found = _statements(self.state.by_name[struct], kind)
            self._statements[key] = {name: c for name, c in found.items() if key[-1] or name[0] is not Description}
        return self._statements[key]


def cuts(old: VersionState, new: VersionState) -> tuple[Cut, ...]:
    """The documents of either version that the other shows to be cut short."""
    return cuts_between(Outline(old), Outline(new))


def cuts_between(old: Outline, new: Outline) -> tuple[Cut, ...]:
    """The same, of versions that are compared more than once; a part of a document is not cut short."""
    parts = old.state.excerpts | new.state.excerpts
    kinds = [kind for kind in OP_WITNESSES if kind not in parts]
    return tuple([cut for kind in kinds for pair in ((old, new), (new, old)) for cut in _cut(*pair, kind)])


def _cut(mine: Outline, beside: Outline, kind: DocumentKind) -> Iterator[Cut]:
    here, there, state = mine.order[kind], beside.order[kind], mine.state
    shared = [struct for struct in there if struct in here]
    if not shared or here[-1] != shared[-1]:
        return
    last, missing = shared[-1], tuple(there[there.index(shared[-1]) + 1 :])
    lost = () if missing else _lost(mine, beside, kind, last)
    tail = len(there) > len(here) and (
        len(missing) > max(1, TAIL * len(there)) or _torn(state.by_name[last], beside.state.by_name[last], kind)
    )
    if lost or (missing and (tail or _endless(state, kind, _first_line(state.by_name[last], kind) or 0))):
        yield Cut(
            version=state.label,
            path=next(document.path for document in state.documents if document.kind is kind),
            document=kind,
            last=last,
            missing=missing,
            beside=beside.state.label,
            lost=lost,
        )


def _torn(mine: TableState, theirs: TableState, kind: DocumentKind) -> bool:
    """Whether the table has so much less than the other version's that it is taken for torn."""
    return _stated(mine, kind) < TORN * _stated(theirs, kind)


def _lost(here: Outline, beside: Outline, kind: DocumentKind, struct: str) -> tuple[str, ...]:
    """The ops of the table that the other version goes on with where the document ends, if it is torn there."""
    state, mine, theirs = here.state, here.statements(struct, kind, beside), beside.statements(struct, kind, here)
    shared = [statement for statement in theirs if statement in mine]
    if mine and (not shared or next(reversed(mine)) != shared[-1]):
        return ()
    missing = list(theirs)[list(theirs).index(shared[-1]) + 1 :] if shared else list(theirs)
    kept = [op for what, op in missing if what is not Prototype and (Prototype, op) in mine]
    most = 2 * len(missing) > len(theirs) and (kept or not mine)
    if len(kept) >= LOST or most or (missing and _endless(state, kind, mine[shared[-1]].line)):
        return tuple(dict.fromkeys(op for _, op in missing))
    if shared and _broken_off(mine[shared[-1]], theirs[shared[-1]]):
        return tuple(dict.fromkeys(op for _, op in (shared[-1], *missing)))
    return ()


def _endless(state: VersionState, kind: DocumentKind, line: int) -> bool:
    """Whether a struct or table of the document that reaches the line has no end."""
    found = (d for d in state.diagnostics if d.document.kind is kind and d.record.code in NO_END)
    return any(diagnostic.evidence.last >= line for diagnostic in found)


def _broken_off(mine: Cited[Any], theirs: Cited[Any]) -> bool:
    """Whether a description is only the beginning of the other version's, in the middle of a sentence."""
    if not isinstance(mine.record, Description):
        return False
    here, there = words(mine.record.text), words(theirs.record.text)
    return here != there and there.startswith(here) and not mine.record.text.rstrip().endswith((".", ":", ";"))


def _statements(table: TableState, kind: DocumentKind) -> Statements:
    """The first statement of each op's prototype, row and description in the kind of document, in its order."""
    cited = ((c, op.name) for op in table.ops for c in (*op.prototypes, *op.rules, *op.descriptions))
    found: dict[tuple[type, str], Cited[Any]] = {}
    for one, op in sorted(((c, op) for c, op in cited if c.document.kind is kind), key=lambda found: found[0].line):
        found.setdefault((type(one.record), op), one)
    return found


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
