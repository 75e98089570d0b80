"""The page of a version: its ops tables, documents and diagnostics."""

from dataclasses import dataclass
from typing import ClassVar

from kbase.kernel.vendors import vendor_signs
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import Level
from kbase.model.states import DocumentRef, TableState, VersionState
from kbase.model.versions import parse_version
from kbase.model.witnesses import OP_WITNESSES, SINGLE, DocumentKind
from kbase.pages.contradictions import ContradictionView, contradictions_of_version
from kbase.pages.drift import drift_link
from kbase.pages.parts import Citation, Link, cite, plural, view_of
from kbase.pages.tables import previous_diff
from kbase.pages.version_strips import PageOfVersion, related_versions, version_strip
from kbase.sources.source import source_name


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
    """A diagnostic of a document."""

    code: str
    level: Level
    message: str
    excerpt: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPage(PageOfVersion):
    """Everything that is available of one version."""

    TABLE: ClassVar[str | None] = "tables table=name ops with_rules=rules columns"

    family: str
    label_origin: str
    ops: int
    tables: tuple[TableLine, ...]
    documents: tuple[DocumentLine, ...]
    functions: tuple[Link, ...]
    flags: tuple[Link, ...]
    steps: Link | None  # directory-locking
    order: Link | None  # the order of locks
    notes: tuple[Link, ...]
    porting: int
    diagnostics: tuple[DiagnosticLine, ...]
    contradictions: tuple[ContradictionView, ...]
    drift: Link | None  # the page of where documents and headers disagree; None where they cannot be compared
    warnings: tuple[str, ...]
    vendor: str | None  # why it is taken for a vendor's tree
    not_available: tuple[str, ...]  # kinds of document without which facts are missing
    previous: Link | None


def version_page(kb: KnowledgeBase, version: str) -> VersionPage:
    """The page of a version."""
    state, labels = kb.state(version), related_versions(kb, version)
    family = parse_version(version).family
    functions = sorted({cited.record.name for cited in state.functions})
    flags = sorted({cited.record.name for cited in state.flags})
    kinds, steps = list(DocumentKind), ", ".join(cited.record.subject for cited in state.steps)
    return VersionPage(
        title=f"{version}: ops tables and documents",
        address=addresses.version_address(version),
        about=f"{plural(len(state.ops), 'op')} in {plural(len(state.tables), 'ops table')} of {version}.",
        version=version,
        family=family,
        label_origin=state.label_origin,
        ops=len(state.ops),
        tables=tuple(map(_table_line, state.tables)),
        documents=tuple(
            document_line(document)
            for document in sorted(state.documents, key=lambda each: (kinds.index(each.kind), each.path))
        ),
        functions=tuple(Link(text=name, href=addresses.function_address(version, name)) for name in functions),
        flags=tuple(Link(text=name, href=addresses.flag_address(version, name)) for name in flags),
        steps=Link(text=steps, href=addresses.steps_address(version)) if steps else None,
        order=_order_link(state),
        notes=tuple(
            Link(text=note.record.title, href=addresses.note_address(note.record.slug)) for note in state.notes
        ),
        porting=len(state.porting),
        diagnostics=tuple(view_of(DiagnosticLine, cited) for cited in state.diagnostics),
        contradictions=contradictions_of_version(state),
        drift=drift_link(kb, version),
        warnings=state.warnings,
        vendor=vendor_signs(state),
        not_available=tuple(
            kind for kind in kinds if kind in OP_WITNESSES and family == "linux" and not state.has(kind)
        ),
        previous=previous_diff(labels, version),
        strip=version_strip(labels, version, {label: addresses.version_address(label) for label in labels}),
    )


def _order_link(state: VersionState) -> Link | None:
    """The page of the lock order, of a version with documents that could state one."""
    count = plural(len(state.orders), "statement") if state.orders else "which sentences of its documents would state"
    stating = state.orders or any(document.kind in SINGLE for document in state.documents)
    return Link(text=count, href=addresses.lock_order_address(state.label)) if stating else None


def _table_line(table: TableState) -> TableLine:
    return TableLine(
        name=table.name,
        href=addresses.table_address(table.version, table.name),
        ops=len(table.ops),
        rules=sum(1 for op in table.ops if any(rule.record.cell for rule in op.rules)),
        columns=table.columns,
        citations=tuple(map(cite, table.tables)),
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
