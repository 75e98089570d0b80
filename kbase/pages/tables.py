"""The page of an ops table: a matrix of ops and locks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlencode

from kbase.errors import UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import Description, NoteKind
from kbase.model.states import Cited, OpState, TableState
from kbase.model.versions import main_family
from kbase.pages import lock_cells
from kbase.pages.contradictions import ContradictionView, contradiction_views
from kbase.pages.drift_views import DriftView, drift_views
from kbase.pages.ops import BlockAnswer, block_answer
from kbase.pages.parts import BlanketView, Cell, Citation, Link, TextView, cite, plural, text_view, view_of
from kbase.pages.rows import PLACE, Row, place
from kbase.pages.version_strips import PageOfVersion, related_versions, version_strip


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnHead:
    """A column of the matrix: its header as written, the canonical lock, and whether it is context only.

    `sort` is the address of the matrix sorted by it; `sorted` says whether it is.
    """

    text: str
    subject: str | None
    href: str | None
    context: bool
    sort: str
    sorted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """An op: a cell a column (None where the document has none), sentences, remarks, and may it block."""

    op: str
    href: str
    cells: tuple[Cell | None, ...]
    sentences: tuple[Cell, ...]  # what sentences say of locks
    has_row: bool
    blocks: BlockAnswer | None
    contradictions: tuple[ContradictionView, ...]
    drift: tuple[DriftView, ...]
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
class TablePage(PageOfVersion):
    """An ops table at one version."""

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
    previous: Link | None  # the diff with the available version before
    history: str | None  # its history; None where that is of another family of versions
    tables: tuple[Link, ...]

    def as_table(self) -> Iterator[Row]:
        """An op a row; a blank cell is empty, as is one of an op without a row."""
        columns = [column.text for column in self.columns]
        sentences = [IN_SENTENCES] if any(row.sentences for row in self.rows) else []
        others = [name for name in (*sentences, MAY_BLOCK, "prototype", *PLACE) if name not in columns]
        yield OP, *columns, *others
        for row in self.rows:
            values = dict(zip(PLACE, place(row.citation), strict=True)) | {
                MAY_BLOCK: row.blocks.chips[0].word if row.blocks else "",
                "prototype": row.prototype,
                IN_SENTENCES: "; ".join(map(str, row.sentences)),
                "version": self.version,
            }
            yield row.op, *(cell.text if cell else "" for cell in row.cells), *(values[name] for name in others)


OP, MAY_BLOCK, IN_SENTENCES = "op", "may block", "in sentences"  # columns besides those of the documents


def table_page(kb: KnowledgeBase, version: str, struct: str, sort: str = "") -> TablePage:
    """The matrix of an ops table, its rows as the documents list them or sorted by a column, the strongest first.

    Raises:
        UnknownName: no such version, ops table or column, with near names.
    """
    table = kb.table(version, struct)
    labels = related_versions(kb, version)
    address = addresses.table_address(version, struct)
    drift = {op: drift_views(same) for op, same in groupby(kb.drift.of_version(version, struct), attrgetter("op"))}
    return TablePage(
        title=f"{struct} in {version}",
        address=address,
        about=f"{plural(len(table.ops), 'op')} of {struct} in {version}, and which locks are held when each is called.",
        version=version,
        struct=struct,
        written=tuple(sorted({cited.record.written for cited in table.tables} - {struct})),
        as_of=next((cited.record.as_of for cited in table.tables if cited.record.as_of), None),
        columns=tuple(_column(table, text, sort) for text in table.columns),
        sort=sort,
        rows=_sorted(table, tuple(_row(table, op, drift.get(op.name, ())) for op in table.ops), sort),
        blankets=tuple(map(lock_cells.blanket, table.blankets)),
        notes=tuple(map(text_view, table.notes)),
        members=tuple(_members(table)),
        citations=tuple(map(cite, table.tables)),
        previous=previous_diff(labels, version, struct),
        history=addresses.table_history_address(struct)
        if labels == kb.labels(main_family(kb.tables[struct]))
        else None,
        tables=tuple(
            Link(text=other.name, href=addresses.table_address(version, other.name))
            for other in kb.state(version).tables
        ),
        strip=version_strip(
            labels, version, {label: addresses.table_address(label, struct) for label in kb.tables[struct]}
        ),
    )


def previous_diff(labels: Sequence[str], version: str, struct: str | None = None) -> Link | None:
    """The diff with the version before this one."""
    position = labels.index(version)
    if position == 0:
        return None
    old = labels[position - 1]
    return Link(text=old, href=addresses.diff_address(old, version, struct))


def _sorted(table: TableState, rows: tuple[MatrixRow, ...], sort: str) -> tuple[MatrixRow, ...]:
    """The rows by a column, stable; a row without the cell comes last."""
    known = (OP, MAY_BLOCK, *table.columns)
    if not sort:
        return rows
    if sort not in known:
        where = f"{table.name} in {table.version}"
        raise UnknownName(f"no column {sort[:80]!r} to sort by", where, f"one of {', '.join(known)}")

    def key(row: MatrixRow) -> tuple[bool, tuple[int, str]]:
        if sort == OP:
            return False, (0, row.op)
        cell = row.cells[table.columns.index(sort)] if sort in table.columns else row.blocks
        return (False, lock_cells.rank(cell.chips[0])) if cell and cell.chips else (True, (0, ""))

    return tuple(sorted(rows, key=key))


def _column(table: TableState, text: str, sort: str) -> ColumnHead:
    rules = [rule.record for op in table.ops for rule in op.rules if rule.record.lock == text]
    readings = [rule.readings[0] for rule in rules if len(rule.readings) == 1]
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


def _row(table: TableState, op: OpState, drift: tuple[DriftView, ...]) -> MatrixRow:
    cells = {rule.record.lock: rule for rule in op.rules}
    stated = next(iter((*op.rules, *op.prototypes)), None)
    return MatrixRow(
        op=op.name,
        href=addresses.op_address(table.version, table.name, op.name),
        cells=tuple(lock_cells.cell_of(op, cells[text]) if text in cells else None for text in table.columns),
        sentences=tuple(lock_cells.cell(rule) for rule in op.prose if not rule.record.is_context),
        has_row=op.has_row,
        blocks=block_answer(op),
        contradictions=contradiction_views(op),
        drift=drift,
        remarks=tuple(note.record.text for note in op.notes if note.record.kind is NoteKind.REMARK),
        prototype=op.prototypes[0].record.text if op.prototypes else None,
        summary=op.summary.record.text if op.summary else None,
        citation=cite(stated) if stated else None,
    )


def _members(table: TableState) -> Iterator[MemberView]:
    """The members listed, then those that are described only."""
    described: dict[str, list[Cited[Description]]] = {}
    for description in table.member_descriptions:
        described.setdefault(description.record.op, []).append(description)
    for cited in table.members:
        texts = tuple(map(text_view, described.pop(cited.record.name, [])))
        yield view_of(MemberView, cited, descriptions=texts)
    for name, found in described.items():
        texts = tuple(map(text_view, found))
        yield view_of(MemberView, found[0], name=name, text=None, condition=None, descriptions=texts)
