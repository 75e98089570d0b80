"""Truncated documents: facts missing from them do not count as removed.

A document cut short in a copy reads well up to its last line, so only another version shows it. One sign is that the
other version has further ops tables where this one ends: single tables in the middle are added and removed, a whole
tail is not. The other is inside the last table: all that the other version states from some line on is missing,
though the prototypes of these ops are still there, or the struct, the table or a sentence has no end. Two cuts are not
found: one between lines that costs the last table a single row or description (an op may lose that), and one behind
its last row, which costs paragraphs only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from kbase.diff.facts import words
from kbase.diff.release_line import Incomplete
from kbase.kernel.tables import HEADER_TABLES, NOT_SEARCHED
from kbase.model.records import Description, OpsTable, Prototype
from kbase.model.states import Cited, VersionState
from kbase.model.witnesses import OP_WITNESSES, SINGLE, DocumentKind

TAIL = 0.2  # the share of the other version's tables from which on a missing tail is taken for a cut
TORN = 2 / 3  # below this share of the other version's statements, the last table is taken for torn
LOST = 2  # rows and descriptions of ops with a prototype from which on their loss at the very end is no accident
NO_END = ("unclosed-struct", "damaged-table")  # diagnostics of a struct or table that has no end

Statements = dict[tuple[str, type, str], Cited[Any]]  # by table, kind of record and op, in the document's order


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """A document that ends in or after the table `last`, where another version continues with the tables `missing`."""

    version: str
    path: str
    document: DocumentKind
    last: str
    missing: tuple[str, ...]
    beside: str  # the version that continues
    lost: tuple[str, ...] = ()  # the missing ops of `last`, where no table is missing
    unknown: bool = False  # the tables were not searched for

    @property
    def incomplete(self) -> tuple[str, ...]:
        """The tables that are incomplete or missing in the document."""
        return (self.last, *self.missing)

    @property
    def reason(self) -> str:
        """Why the document is considered truncated."""
        if self.unknown:
            return f"nothing is known of {', '.join(self.incomplete)}"
        after = ", ".join(self.missing or self.lost)
        return f"it ends in {self.last}, where {self.beside} continues with {after}; truncated?"


def truncations(old: VersionState, new: VersionState) -> tuple[Truncation, ...]:
    """The documents of either version that are cut short, compared with the other version; excerpts do not count."""
    kinds = [kind for kind in OP_WITNESSES if kind in SINGLE and kind not in old.excerpts | new.excerpts]
    pairs = (old, new), (new, old)
    cut = chain.from_iterable(_truncation(*pair, kind) for kind in kinds for pair in pairs)
    return (*cut, *chain.from_iterable(_not_searched(*pair) for pair in pairs))


def _not_searched(mine: VersionState, theirs: VersionState) -> Iterator[Truncation]:
    """The tables that facts of headers say nothing of, where the other version has them."""
    for found in (each for each in mine.diagnostics if each.record.code == NOT_SEARCHED):
        structs = found.record.message.split()
        unknown = [struct for struct in structs if struct in theirs.by_name and struct in HEADER_TABLES]
        if unknown:
            yield Truncation(
                version=mine.label,
                path=found.path,
                document=found.document.kind,
                last=unknown[0],
                missing=tuple(unknown[1:]),
                beside=theirs.label,
                unknown=True,
            )


def incomplete_tables(old: VersionState, new: VersionState) -> Iterator[Incomplete]:
    """The ops tables that are incomplete because a document is truncated: version, kind of document, table."""
    for each in truncations(old, new):
        yield from ((each.version, each.document, struct) for struct in each.incomplete)


def _truncation(mine: VersionState, theirs: VersionState, kind: DocumentKind) -> Iterator[Truncation]:
    prose = _has_prose(mine, kind) == _has_prose(theirs, kind)  # else descriptions prove nothing
    here, there = (_statements(state, kind, prose) for state in (mine, theirs))
    tables, others = ([*dict.fromkeys(struct for struct, _, _ in each)] for each in (here, there))
    shared = [struct for struct in others if struct in tables]
    if not shared or tables[-1] != shared[-1]:
        return
    last, missing = shared[-1], others[others.index(shared[-1]) + 1 :]
    in_last = [[statement for statement in each if statement[0] == last] for each in (here, there)]
    lost = () if missing else _lost(mine, kind, here, there, *in_last)
    is_tail = len(missing) > max(1, TAIL * len(others)) or len(in_last[0]) < TORN * len(in_last[1])
    cut = (is_tail and len(others) > len(tables)) or _has_no_end(mine, kind, here[in_last[0][0]].line)
    if lost or (missing and cut):
        path = next(document.path for document in mine.documents if document.kind is kind)
        yield Truncation(
            version=mine.label,
            path=path,
            document=kind,
            last=last,
            missing=tuple(missing),
            beside=theirs.label,
            lost=lost,
        )


def _lost(
    state: VersionState,
    kind: DocumentKind,
    here: Statements,
    there: Statements,
    mine: list[tuple[str, type, str]],
    theirs: list[tuple[str, type, str]],
) -> tuple[str, ...]:
    """The further ops of the last table in the other version, if the document is truncated within that table."""
    shared = [statement for statement in theirs if statement in here]
    if not shared or mine[-1] != shared[-1]:
        return ()
    last, missing = shared[-1], theirs[theirs.index(shared[-1]) + 1 :]
    declared = [op for struct, what, op in missing if what is not Prototype and (struct, Prototype, op) in here]
    most = 2 * len(missing) >= len(theirs) and (declared or last[1] is OpsTable)
    if len(declared) >= LOST or most or (missing and _has_no_end(state, kind, here[last].line)):
        return tuple(dict.fromkeys(op for _, _, op in missing))
    if _is_broken_off(here[last], there[last]):
        return tuple(dict.fromkeys(op for _, _, op in (last, *missing)))
    return ()


def _has_prose(state: VersionState, kind: DocumentKind) -> bool:
    """Whether the document may have descriptions: the bundled corpus has few."""
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


def _statements(state: VersionState, kind: DocumentKind, prose: bool) -> Statements:
    """That the document has each table, and the first prototype, row and description of each op."""
    cited: list[tuple[str, str, Cited[Any]]] = []
    for table in state.tables:
        cited += [(table.name, "", one) for one in table.tables]
        for op in table.ops:
            records = (*op.prototypes, *op.rules, *(op.descriptions if prose else ()))
            cited += [(table.name, op.name, one) for one in records]
    mine = sorted((each for each in cited if each[2].document.kind is kind), key=lambda each: each[2].line)
    found: Statements = {}
    for struct, name, one in mine:
        found.setdefault((struct, type(one.record), name), one)
    return found
