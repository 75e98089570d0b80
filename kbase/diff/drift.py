"""Drift: where a document and the header of the same version disagree about an ops table.

Pure over `VersionState`. Compared is what a document lists itself: a vfs document's struct block, a Locking document's
`prototypes:`. A table of which a document has rows, descriptions or a title only is not compared. What an excerpt, or a
block that is cut short, leaves out is not missing.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from kbase.diff.prototypes import align
from kbase.kernel.c_declarations import without_comments
from kbase.kernel.c_signatures import annotations, signature, type_of, types_of
from kbase.model.drift import ComparedBlock, Drift, DriftKind
from kbase.model.records import Level, OpsTable, Parameter, Prototype
from kbase.model.releases import release_number
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState, is_excerpt
from kbase.model.witnesses import KERNEL, OP_WITNESSES

LISTING = tuple(kind for kind in OP_WITNESSES if kind is not KERNEL)  # the documents that are compared with headers


def drift(state: VersionState) -> tuple[Drift, ...]:
    """All drift of a version, in the order of its tables and ops: of one release, and whatever it had before.

    `compared_blocks` says what was compared, `not_compared` what could not be.
    """
    return tuple(
        found
        for table in state.tables
        for op in table.ops
        for struct, block in _pairs_of_blocks(table)
        for found in _compared(state, op, block, struct)
    )


def compared_blocks(state: VersionState) -> tuple[ComparedBlock, ...]:
    """The blocks of documents that can be compared with a header, in the order of the tables."""
    return tuple(
        ComparedBlock(
            version=state.label,
            struct=table.name,
            document=block.document.kind,
            whole=_is_whole(state, block),
            header_whole=not _has_lost_ops(state, struct),
        )
        for table in state.tables
        for struct, block in _pairs_of_blocks(table)
    )


def not_compared(state: VersionState) -> tuple[str, ...]:
    """What a version lacks for a comparison, in words; nothing is known of drift there."""
    if not state.has(KERNEL):
        return ("no headers",)
    return tuple(f"no {kind} document" for kind in LISTING if not state.has(kind))


def _pairs_of_blocks(table: TableState) -> list[tuple[Cited[OpsTable], Cited[OpsTable]]]:
    """The struct in the header with each block that a document has of it; nothing where either is missing."""
    struct = next((cited for cited in table.tables if cited.document.kind is KERNEL), None)
    return [(struct, block) for block in _blocks(table)] if struct else []


def _blocks(table: TableState) -> list[Cited[OpsTable]]:
    """The first block of each document that lists ops of the table itself."""
    listing = [cited.document for op in table.ops for cited in op.prototypes]
    first = {cited.document: cited for cited in reversed(table.tables) if cited.document.kind in LISTING}
    return [cited for document, cited in reversed(first.items()) if document in listing]


def _compared(state: VersionState, op: OpState, block: Cited[OpsTable], struct: Cited[OpsTable]) -> Iterator[Drift]:
    headers = [cited for cited in op.prototypes if cited.document.kind is KERNEL]
    documented = [cited for cited in op.prototypes if cited.document == block.document]
    header = next(iter(headers), None)
    if header and not documented and _is_whole(state, block) and not _is_member(state, op, block):
        yield _drift(op, DriftKind.MISSING, block, None, struct, header)
    for cited in documented:
        kind = _kind(cited.record, [each.record for each in headers])
        if kind is DriftKind.GONE and _has_lost_ops(state, struct):
            continue
        if kind is not None:
            elsewhere = _tables_with(state, op.name) if kind is DriftKind.GONE else ()
            yield _drift(op, kind, block, cited, struct, header, elsewhere)


def _drift(
    op: OpState,
    kind: DriftKind,
    block: Cited[OpsTable],
    documented: Cited[Prototype] | None,
    struct: Cited[OpsTable],
    header: Cited[Prototype] | None,
    now_in: tuple[str, ...] = (),
) -> Drift:
    here, there = (documented or block), (header or struct)
    stated, declared = (cited.record if cited else None for cited in (documented, header))
    return Drift(
        version=op.version,
        struct=op.struct,
        op=op.name,
        document=block.document.kind,
        kind=kind,
        statement=_statement(kind, stated, declared, now_in),
        documented=_documented(kind, stated) if stated else None,
        header=declared.text if declared else None,
        now_in=now_in,
        path=here.path,
        line=here.line,
        last_line=here.evidence.last,
        saved_page=bool(block.document.page_of),
        header_path=there.path,
        header_line=there.line,
        header_last_line=there.evidence.last,
        since=release_number(op.version),
        or_earlier=True,
        releases=1,
    )


def _documented(kind: DriftKind, stated: Prototype) -> str:
    return " ".join(stated.raw.split()) if kind is DriftKind.MALFORMED else stated.text


def _statement(kind: DriftKind, documented: Prototype | None, header: Prototype | None, now_in: tuple[str, ...]) -> str:
    declared = header.text if header else ""
    match kind:
        case DriftKind.MISSING:
            return f"is not listed; the header has {declared}"
        case DriftKind.GONE:
            elsewhere = f"; one of that name is in {' and '.join(now_in)}" if now_in else ""
            return f"is not in the header's struct{elsewhere}"
        case DriftKind.MALFORMED:
            repair = documented.repair if documented else None
            known = f"; the header has {declared}" if declared else ""
            return f"is malformed{f' ({repair})' if repair else ''}{known}"
        case _:
            assert documented is not None
            assert header is not None
            return "; ".join(_differences(documented, header, kind))


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
        if op in table.by_name and any(cited.document.kind is KERNEL for cited in table.by_name[op].prototypes)
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
