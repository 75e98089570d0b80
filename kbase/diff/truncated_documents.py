"""Documents that end too early: what they no longer state is not gone.

A document cut short in a copy reads well up to its last line, so only another version shows it. One sign is that the
other version goes on with ops tables where this one ends: tables come and go one at a time and in the middle, a whole
tail does not. The other is inside the last table: all that the other version states from some line on is missing, though
the prototypes of these ops are still there, or the struct, the table or a sentence has no end. Two cuts are not found:
one between lines that costs the last table a single row or description (an op may lose that), and one behind its last
row, which costs paragraphs only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from kbase.diff.comparable import STATING_OPS
from kbase.diff.facts import words
from kbase.model.records import Description, DocumentKind, Prototype
from kbase.model.states import Cited, TableState, VersionState

TAIL = 0.2  # the share of the other version's tables from which on a missing tail is taken for a cut
TORN = 2 / 3  # below this share of its prototypes and cells, the last table is taken for torn
LOST = 2  # rows and descriptions of ops with a prototype from which on their loss at the very end is no accident
Statements = dict[tuple[type, str], Cited[Any]]  # the first of each kind of record about each op, in their order
NO_END = ("unclosed-struct", "damaged-table")  # diagnostics of a struct or table that has no end


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """A document that ends in or after the table `last`, where another version goes on with the tables `missing`."""

    version: str
    path: str
    document: DocumentKind
    last: str
    missing: tuple[str, ...]
    beside: str  # the version that goes on
    lost: tuple[str, ...] = ()  # the ops of `last` that the other version goes on with, where no table is missing

    @property
    def incomplete_tables(old: VersionState, new: VersionState) -> Iterator[tuple[str, DocumentKind, str]]:
    """The ops tables of which a document of one version does not state everything: version, kind of document, table."""
    for each in truncations(old, new):
        yield from ((each.version, each.document, struct) for struct in sorted(each.incomplete))


def _truncation(mine: VersionState, theirs: VersionState, kind: DocumentKind) -> Iterator[Truncation]:
    here, there = _tables(mine, kind), _tables(theirs, kind)
    shared = [struct for struct in there if struct in here]
    if not shared or here[-1] != shared[-1]:
        return
    last, missing = shared[-1], tuple(there[there.index(shared[-1]) + 1 :])
    if missing:
        tail = len(there) > len(here) and (
            len(missing) > max(1, TAIL * len(there))
            or _stated(mine.by_name[last], kind) < TORN * _stated(theirs.by_name[last], kind)
        )
        lost: tuple[str, ...] = ()
        cut = tail or _has_no_end(mine, kind, _first_line(mine.by_name[last], kind) or 0)
    else:
        lost = _lost(mine, theirs, kind, last)
        cut = bool(lost)
    if cut:
        yield Truncation(
            version=mine.label,
            path=next(document.path for document in mine.documents if document.kind is kind),
            document=kind,
            last=last,
            missing=missing,
            beside=theirs.label,
            lost=lost,
        )


def _lost(mine: VersionState, theirs: VersionState, kind: DocumentKind, struct: str) -> tuple[str, ...]:
    """The ops of the table that the other version goes on with where the document ends, if it is torn there."""
    prose = _has_prose(mine, kind) == _has_prose(theirs, kind)  # else descriptions prove nothing
    here, there = (_statements(state.by_name[struct], kind, prose) for state in (mine, theirs))
    shared = [statement for statement in there if statement in here]
    if here and (not shared or next(reversed(here)) != shared[-1]):
        return ()
    missing = list(there)[list(there).index(shared[-1]) + 1 :] if shared else list(there)
    declared = [op for what, op in missing if what is not Prototype and (Prototype, op) in here]
    most = 2 * len(missing) > len(there) and (declared or not here)
    if len(declared) >= LOST or most or (missing and _has_no_end(mine, kind, here[shared[-1]].line)):
        return tuple(dict.fromkeys(op for _, op in missing))
    if shared and _is_broken_off(here[shared[-1]], there[shared[-1]]):
        return tuple(dict.fromkeys(op for _, op in (shared[-1], *missing)))
    return ()


def _has_prose(state: VersionState, kind: DocumentKind) -> bool:
    """Whether the document may have descriptions: the bundled corpus has none."""
    return not any(document.bundled for document in state.documents if document.kind is kind)


def _has_no_end(state: VersionState, kind: DocumentKind, line: int) -> bool:
    """Whether a struct or table of the document that reaches the line has no end."""
    found = (d for d in state.diagnostics if d.document.kind is kind and d.record.code in NO_END)
    return any(diagnostic.evidence.last >= line for diagnostic in found)


def _is_broken_off(mine: Cited[Any], theirs: Cited[Any]) -> bool:
    """Whether a description is only the beginning of the other version's, in the middle of a sentence."""
    if not isinstance(mine.record, Description):
        return False
    here, there = words(mine.record.text), words(theirs.record.text)
    return here != there and there.startswith(here) and not mine.record.text.rstrip().endswith((".", ":", ";"))


def _statements(table: TableState, kind: DocumentKind, prose: bool) -> Statements:
    """The first statement of each op's prototype, row and description in the kind of document, in its order."""
    cited = [
        (one, op.name)
        for op in table.ops
        for one in (*op.prototypes, *op.rules, *(op.descriptions if prose else ()))
        if one.document.kind is kind
    ]
    found: Statements = {}
    for one, op in sorted(cited, key=lambda each: each[0].line):
        found.setdefault((type(one.record), op), one)
    return found


def _tables(state: VersionState, kind: DocumentKind) -> list[str]:
    """The ops tables of the kind of document, in its order."""
    lines = ((_first_line(table, kind), table.name) for table in state.tables)
    return [name for _, name in sorted((line, name) for line, name in lines if line is not None)]


def _first_line(table: TableState, kind: DocumentKind) -> int | None:
    return min((cited.line for cited in table.tables if cited.document.kind is kind), default=None)


def _stated(table: TableState, kind: DocumentKind) -> int:
    """How many prototypes and cells the document has in the table."""
    return sum(cited.document.kind is kind for op in table.ops for cited in (*op.prototypes, *op.rules))
