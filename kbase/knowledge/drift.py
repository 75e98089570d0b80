"""Drift: where a document and the header of the same version disagree about an ops table.

Pure over `VersionState`. Compared is what a document lists itself: a vfs document's struct block, a Locking document's
`prototypes:`. A table of which a document has rows, descriptions or a title only is not compared. What an excerpt, or a
block that is cut short, leaves out is not missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Any

from kbase.diff.prototypes import align
from kbase.kernel.c_declarations import without_comments
from kbase.kernel.c_signatures import annotations, signature, type_of, types_of
from kbase.model.records import Level, OpsTable, Parameter, Prototype
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState, is_excerpt
from kbase.model.witnesses import OP_WITNESSES

HEADERS = tuple(kind for kind in OP_WITNESSES if kind.traits.code)
DOCUMENTS = tuple(kind for kind in OP_WITNESSES if not kind.traits.code)


class DriftKind(StrEnum):
    """How a document and the header disagree about an op."""

    MISSING = "missing"  # the header has it, the document's block of the struct lacks it
    GONE = "gone"  # the document has it, the header's struct does not
    DIFFERS = "differs"  # the types differ
    ANNOTATION = "annotation"  # only attributes such as `__user` differ
    MALFORMED = "malformed"  # the document's declaration is no C, such as one with a parenthesis too many


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A disagreement about an op between a document's block of its struct and the struct in the header."""

    struct: str
    op: str
    kind: DriftKind
    block: Cited[OpsTable]
    table: Cited[OpsTable]  # the struct in the header
    documented: Cited[Prototype] | None = None  # None where it is missing
    header: Cited[Prototype] | None = None  # None where it is gone
    now_in: tuple[str, ...] = ()  # where it is gone: the structs that have an op of that name in the headers, sorted

    @property
    def document(self) -> DocumentRef:
        return self.block.document

    @property
    def version(self) -> str:
        return self.document.version

    @property
    def dotted(self) -> str:
        """`inode_operations.rename`."""
        return f"{self.struct}.{self.op}"

    @property
    def in_document(self) -> Cited[Any]:
        """The lines of the document that are wrong; its block where it lacks the op."""
        return self.documented or self.block

    @property
    def in_header(self) -> Cited[Any]:
        """The lines of the header that show it; its struct where it lacks the op."""
        return self.header or self.table

    @property
    def documented_text(self) -> str | None:
        """The document's declaration; of a malformed one the source text."""
        if self.documented is None:
            return None
        record = self.documented.record
        return " ".join(record.raw.split()) if self.kind is DriftKind.MALFORMED else record.text

    @property
    def statement(self) -> str:
        """What the header has, against what the document says, as a sentence goes on after the name of the op."""
        declared = self.header.record.text if self.header else ""
        match self.kind:
            case DriftKind.MISSING:
                return f"is not listed; the header has {declared}"
            case DriftKind.GONE:
                elsewhere = f"; one of that name is in {' and '.join(self.now_in)}" if self.now_in else ""
                return f"is not in the header's struct{elsewhere}"
            case DriftKind.MALFORMED:
                repair = self.documented.record.repair if self.documented else None
                known = f"; the header has {declared}" if declared else ""
                return f"is malformed{f' ({repair})' if repair else ''}{known}"
            case _:
                assert self.documented is not None
                assert self.header is not None
                return "; ".join(_differences(self.documented.record, self.header.record, self.kind))


def drift(state: VersionState) -> tuple[Drift, ...]:
    """All drift of a version, in the order of its tables and ops; `not_compared` says what could not be compared."""
    return tuple(chain.from_iterable(table_drift(state, table) for table in state.tables))


def table_drift(state: VersionState, table: TableState) -> tuple[Drift, ...]:
    """The drift of one ops table of the version, in the order of its ops."""
    return tuple(found for op in table.ops for found in op_drift(state, op))


def op_drift(state: VersionState, op: OpState) -> tuple[Drift, ...]:
    """The drift of one op of the version: of each of its documents."""
    table = state.by_name[op.struct]
    struct = next((cited for cited in table.tables if cited.document.kind in HEADERS), None)
    if struct is None:
        return ()
    return tuple(found for block in _blocks(table) for found in _compared(state, op, block, struct))


def compared_tables(state: VersionState) -> tuple[str, ...]:
    """The ops tables that are in a header and listed by a document."""
    headed = (table for table in state.tables if any(cited.document.kind in HEADERS for cited in table.tables))
    return tuple(table.name for table in headed if _blocks(table))


def not_compared(state: VersionState) -> tuple[str, ...]:
    """What a version lacks for a comparison, in words; nothing is known of drift there."""
    if not any(map(state.has, HEADERS)):
        return ("no headers",)
    return tuple(f"no {kind} document" for kind in DOCUMENTS if not state.has(kind))


def _blocks(table: TableState) -> list[Cited[OpsTable]]:
    """The first block of each document that lists ops of the table itself."""
    listing = [cited.document for op in table.ops for cited in op.prototypes]
    first = {cited.document: cited for cited in reversed(table.tables) if cited.document.kind in DOCUMENTS}
    return [cited for document, cited in reversed(first.items()) if document in listing]


def _compared(state: VersionState, op: OpState, block: Cited[OpsTable], struct: Cited[OpsTable]) -> Iterator[Drift]:
    headers = [cited for cited in op.prototypes if cited.document.kind in HEADERS]
    documented = [cited for cited in op.prototypes if cited.document == block.document]
    first = next(iter(headers), None)
    found = Drift(struct=op.struct, op=op.name, kind=DriftKind.MISSING, block=block, table=struct, header=first)
    if headers and not documented and _is_whole(state, block) and not _is_member(state, op, block):
        yield found
    for cited in documented:
        kind = _kind(cited.record, [header.record for header in headers])
        if kind is DriftKind.GONE and _has_lost_ops(state, struct):
            continue
        if kind is not None:
            elsewhere = _tables_with(state, op.name) if kind is DriftKind.GONE else ()
            yield replace(found, kind=kind, documented=cited, now_in=elsewhere)


def _kind(documented: Prototype, headers: Sequence[Prototype]) -> DriftKind | None:
    """How a declaration differs from all variants that the header has; None where one is the same."""
    if documented.malformed and (not documented.returns or _is_unbalanced(documented.raw)):
        return DriftKind.MALFORMED
    if not headers:
        return DriftKind.GONE
    same = [header for header in headers if signature(header) == signature(documented)]
    if not same:
        return DriftKind.DIFFERS
    exact = any(annotations(header) == annotations(documented) for header in same)
    return None if exact else DriftKind.ANNOTATION


def _is_unbalanced(text: str) -> bool:
    code = without_comments(text)
    return code.count("(") != code.count(")")


def _is_whole(state: VersionState, block: Cited[OpsTable]) -> bool:
    """Whether a block lists all ops that its document knows: it is no excerpt, and the document does not end in it."""
    if _is_excerpt(state, block.document):
        return False
    cut = (each for each in state.diagnostics if each.record.code == "unclosed-struct" and _is_inside(each, block))
    return next(cut, None) is None and not _ends_document(state.by_name[block.record.name], block)


def _is_excerpt(state: VersionState, document: DocumentRef) -> bool:
    if not is_excerpt(document.kind, document.path, 0):  # by its name, whatever it states
        return False
    stating = (op for op in state.ops.values() if any(c.document == document for c in (*op.prototypes, *op.rules)))
    return is_excerpt(document.kind, document.path, len(list(stating)))


def _ends_document(table: TableState, block: Cited[OpsTable]) -> bool:
    """Whether nothing but the prototypes of the struct is known of a document with rules, as where it is cut short."""
    if not block.document.kind.traits.lock_rules:
        return False
    others = chain(table.blankets, table.notes, *((*op.rules, *op.notes) for op in table.ops))
    return not any(cited.document == block.document for cited in others)


def _is_member(state: VersionState, op: OpState, block: Cited[OpsTable]) -> bool:
    """Whether the document lists the op as data."""
    members = state.by_name[op.struct].members
    return any(cited.record.name == op.name and cited.document == block.document for cited in members)


def _has_lost_ops(state: VersionState, struct: Cited[OpsTable]) -> bool:
    """Whether a part of the header's struct could not be read."""
    return any(each.record.level is Level.ERROR and _is_inside(each, struct) for each in state.diagnostics)


def _is_inside(part: Cited[Any], whole: Cited[Any]) -> bool:
    inside = whole.evidence.first <= part.evidence.first <= whole.evidence.last
    return part.document == whole.document and inside


def _tables_with(state: VersionState, op: str) -> tuple[str, ...]:
    """The structs whose headers have an op of that name."""
    having = (
        table.name
        for table in state.tables
        if op in table.by_name and any(cited.document.kind in HEADERS for cited in table.by_name[op].prototypes)
    )
    return tuple(sorted(having))


def _differences(documented: Prototype, header: Prototype, kind: DriftKind) -> Iterator[str]:
    """What the header has instead of what is documented: "returns int, not void"."""
    (old_returns, *old), (returns, *new) = types_of(documented), types_of(header)
    plain = kind is DriftKind.DIFFERS
    if (type_of(returns) != type_of(old_returns)) if plain else (returns != old_returns):
        yield f"returns {returns}, not {old_returns}"
    for i, j in _pairs(old, new):
        if i is None and j is not None:
            yield f"has an undocumented parameter {j + 1}, {new[j]}"
        elif j is None and i is not None:
            yield f"lacks the documented parameter {i + 1}, {old[i]}"
        elif i is not None and j is not None and (type_of(old[i]) != type_of(new[j]) if plain else old[i] != new[j]):
            yield f"takes {new[j]} as parameter {j + 1}, not {old[i]}"


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int | None, int | None]]:
    return align(*(tuple(Parameter(type=type_of(each)) for each in types) for types in (old, new)))
