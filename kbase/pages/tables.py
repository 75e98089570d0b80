"""The page of a version and the page of an ops table: a matrix of ops and locks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import Description, Level, NoteKind
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState
from kbase.model.versions import main_family, parse_version
from kbase.model.witnesses import OP_WITNESSES, DocumentKind
from kbase.pages import parts
from kbase.pages import version_strips as strips
from kbase.pages.ops import BlockAnswer, block_answer
from kbase.pages.parts import BlanketView, Cell, Citation, Link, Page, TextView, cite, plural
from kbase.pages.version_strips import Stop
from kbase.sources.source import source_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnHead:
    """A column of the matrix: its header as written, the canonical lock, and whether it is context only.

    `sort` is the address of the matrix sorted by it; `sorted` tells that it is.
    """

    text: str
    subject: str | None
    href: str | None
    context: bool
    sort: str
    sorted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """An op: a cell a column (None where the document has none), its remarks, and may it block."""

    op: str
    href: str
    cells: tuple[Cell | None, ...]
    has_row: bool
    blocks: BlockAnswer | None
    remarks: tuple[str, ...]
    prototype: str | None
    summary: str | None
    citation: Citation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A data member of an ops table."""

    name: str
    text: str | None  # None where it is described and nowhere listed
    condition: str | None
    descriptions: tuple[TextView, ...]
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage(Page):
    """An ops table at one version."""

    version: str
    struct: str
    written: tuple[str, ...]  # other names the documents give it
    as_of: str | None
    columns: tuple[ColumnHead, ...]
    sort: str  # the column that the rows are sorted by, `op`, `may block`; empty: as the documents list them
    rows: tuple[MatrixRow, ...]
    blankets: tuple[BlanketView, ...]
    notes: tuple[TextView, ...]
    members: tuple[MemberView, ...]
    citations: tuple[Citation, ...]
    previous: Link | None  # the diff with the version held before
    history: str | None  # its life; None where that is told of another family of versions
    tables: tuple[Link, ...]
    strip: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLine:
    """An ops table in the list of a version."""

    name: str
    href: str
    ops: int
    rules: int
    columns: tuple[str, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """A document in the list of a version."""

    path: str
    title: str
    kind: DocumentKind
    href: str
    source: str
    bundled: bool
    origin: str | None
    page_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosticLine:
    """What was odd in a document."""

    code: str
    level: Level
    message: str
    excerpt: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPage(Page):
    """Everything held about one version."""

    version: str
    family: str
    label_origin: str
    ops: int
    tables: tuple[TableLine, ...]
    documents: tuple[DocumentLine, ...]
    functions: tuple[Link, ...]
    flags: tuple[Link, ...]
    steps: Link | None  # directory-locking
    notes: tuple[Link, ...]
    porting: int
    diagnostics: tuple[DiagnosticLine, ...]
    warnings: tuple[str, ...]
    not_held: tuple[str, ...]  # kinds of document without which facts are missing
    previous: Link | None
    strip: tuple[Stop, ...]


def version_page(kb: KnowledgeBase, version: str) -> VersionPage:
    """The page of a version."""
    state = kb.state(version)
    family = parse_version(version).family
    return VersionPage(
        title=f"{version}: ops tables and documents",
        address=addresses.version_address(version),
        about=f"{plural(len(state.ops), 'op')} in {plural(len(state.tables), 'ops table')} of {version}.",
        version=version,
        family=family,
        label_origin=state.label_origin,
        ops=len(state.ops),
        tables=tuple(_table_line(table) for table in state.tables),
        documents=tuple(document_line(document) for document in sorted(state.documents, key=_place_of)),
        functions=_links(addresses.function_address, version, {f.record.name for f in state.functions}),
        flags=_links(addresses.flag_address, version, {f.record.name for f in state.flags}),
        steps=Link(text=", ".join(cited.record.subject for cited in state.steps), href=addresses.steps_address(version))
        if state.steps
        else None,
        notes=tuple(
            Link(text=note.record.title, href=addresses.note_address(note.record.slug)) for note in state.notes
        ),
        porting=len(state.porting),
        diagnostics=tuple(
            DiagnosticLine(
                code=cited.record.code,
                level=cited.record.level,
                message=cited.record.message,
                excerpt=cited.record.excerpt,
                citation=cite(cited),
            )
            for cited in state.diagnostics
        ),
        warnings=state.warnings,
        not_held=_not_held(state) if family == "linux" else (),
        previous=previous_diff(kb, version),
        strip=strips.strip(strips.relatives(kb, version), version, addresses.version_address),
    )


def _place_of(document: DocumentRef) -> tuple[int, str]:
    """The documents that tell of ops first, as the kinds are listed."""
    return list(DocumentKind).index(document.kind), document.path


def _links(address: Callable[[str, str], str], version: str, names: set[str]) -> tuple[Link, ...]:
    return tuple(Link(text=name, href=address(version, name)) for name in sorted(names))


def _not_held(state: VersionState) -> tuple[str, ...]:
    return tuple(kind for kind in DocumentKind if kind in OP_WITNESSES and not state.has(kind))


def _table_line(table: TableState) -> TableLine:
    return TableLine(
        name=table.name,
        href=addresses.table_address(table.version, table.name),
        ops=len(table.ops),
        rules=sum(1 for op in table.ops if any(rule.record.cell for rule in op.rules)),
        columns=table.columns,
        citations=tuple(cite(cited) for cited in table.tables),
    )


def document_line(document: DocumentRef) -> DocumentLine:
    """A document as lists show it."""
    return DocumentLine(
        path=document.path,
        title=document.title,
        kind=document.kind,
        href=addresses.document_address(document.version, document.path),
        source=source_name(document.source),
        bundled=document.bundled,
        origin=document.origin,
        page_of=document.page_of,
    )


OP, BLOCKS = "op", "may block"  # what the matrix can be sorted by besides its columns


def table_page(kb: KnowledgeBase, version: str, struct: str, sort: str = "") -> TablePage:
    """The matrix of an ops table, its rows as the documents list them or sorted by a column, the strongest first.

    Raises:
        UnknownName: no such version, ops table or column, with near names.
    """
    table = kb.table(version, struct)
    state = kb.state(version)
    family = parse_version(table.version).family
    written = {cited.record.written for cited in table.tables} - {struct}
    return TablePage(
        title=f"{struct} in {version}",
        address=addresses.table_address(version, struct),
        about=f"{plural(len(table.ops), 'op')} of {struct} in {version}, and what is held when each is called.",
        version=version,
        struct=struct,
        written=tuple(sorted(written)),
        as_of=next((cited.record.as_of for cited in table.tables if cited.record.as_of), None),
        columns=tuple(_column(table, text, sort) for text in table.columns),
        sort=sort,
        rows=_sorted(table, tuple(_row(table, op) for op in table.ops), sort),
        blankets=tuple(parts.blanket(rule) for rule in table.blankets),
        notes=tuple(parts.text_view(note) for note in table.notes),
        members=tuple(_members(table)),
        citations=tuple(cite(cited) for cited in table.tables),
        previous=previous_diff(kb, version, struct),
        history=addresses.table_history_address(struct) if family == main_family(kb.tables[struct]) else None,
        tables=tuple(
            Link(text=other.name, href=addresses.table_address(version, other.name)) for other in state.tables
        ),
        strip=_strip(kb, version, struct),
    )


def previous_diff(kb: KnowledgeBase, version: str, struct: str | None = None) -> Link | None:
    """The diff with the version held before this one."""
    labels = strips.relatives(kb, version)
    position = labels.index(version)
    if position == 0:
        return None
    old = labels[position - 1]
    return Link(text=old, href=addresses.diff_address(old, version, struct))


def _strip(kb: KnowledgeBase, version: str, struct: str) -> tuple[Stop, ...]:
    held = strips.holding(kb, "struct", struct)

    def place(label: str) -> str | None:
        return addresses.table_address(label, struct) if label in held else None

    return strips.strip(strips.relatives(kb, version), version, place)


def _sorted(table: TableState, rows: tuple[MatrixRow, ...], sort: str) -> tuple[MatrixRow, ...]:
    """The rows by a column, stable; a row without the cell comes last."""
    if not sort:
        return rows
    if sort not in (OP, BLOCKS, *table.columns):
        columns = ", ".join((OP, BLOCKS, *table.columns))
        raise UnknownName(
            f"no column {sort[:80]!r} to sort by", f"{table.name} in {table.version}", f"one of {columns}"
        )

    def key(row: MatrixRow) -> tuple[bool, tuple[int, str]]:
        if sort == OP:
            return False, (0, row.op)
        chips = row.cells[table.columns.index(sort)] if sort in table.columns else row.blocks
        return (False, parts.rank(chips.chips[0])) if chips and chips.chips else (True, (0, ""))

    return tuple(sorted(rows, key=key))


def _column(table: TableState, text: str, sort: str) -> ColumnHead:
    readings = [
        reading
        for op in table.ops
        for rule in op.rules
        if rule.record.lock == text and len(rule.record.readings) == 1
        for reading in rule.record.readings
    ]
    subjects = {reading.subject for reading in readings}
    subject = subjects.pop() if len(subjects) == 1 else None
    context = bool(readings) and all(reading.context for reading in readings)
    return ColumnHead(
        text=text,
        subject=subject,
        href=addresses.lock_address(subject) if subject and not context else None,
        context=context,
        sort=f"{addresses.table_address(table.version, table.name)}?{urlencode({'sort': text})}",
        sorted=text == sort,
    )


def _row(table: TableState, op: OpState) -> MatrixRow:
    cells = {rule.record.lock: rule for rule in op.rules}
    return MatrixRow(
        op=op.name,
        href=addresses.op_address(table.version, table.name, op.name),
        cells=tuple(parts.cell_of(op, cells[text]) if text in cells else None for text in table.columns),
        has_row=op.has_row,
        blocks=block_answer(op),
        remarks=tuple(note.record.text for note in op.notes if note.record.kind is NoteKind.REMARK),
        prototype=op.prototypes[0].record.text if op.prototypes else None,
        summary=op.summary.record.text if op.summary else None,
        citation=cite(op.rules[0]) if op.rules else cite(op.prototypes[0]) if op.prototypes else None,
    )


def _members(table: TableState) -> Iterator[MemberView]:
    """The members listed, then those that are described only."""
    described: dict[str, list[Cited[Description]]] = {}
    for description in table.member_descriptions:
        described.setdefault(description.record.op, []).append(description)
    for cited in table.members:
        texts = described.pop(cited.record.name, [])
        yield _member(cited.record.name, cited.record.text, cited.record.condition, texts, cite(cited))
    for name, texts in described.items():
        yield _member(name, None, None, texts, cite(texts[0]))


def _member(
    name: str, text: str | None, condition: str | None, texts: list[Cited[Description]], citation: Citation
) -> MemberView:
    descriptions = tuple(parts.text_view(description) for description in texts)
    return MemberView(name=name, text=text, condition=condition, descriptions=descriptions, citation=citation)
