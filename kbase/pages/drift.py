"""The pages of drift: of a version by ops table, of an ops table by version, and how much of it each version has."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import ClassVar

from kbase.errors import UnknownName
from kbase.kernel.near_names import near_names
from kbase.knowledge.drift import (
    DOCUMENTS,
    HEADERS,
    Drift,
    DriftKind,
    compared_tables,
    drift,
    not_compared,
    op_drift,
    table_drift,
)
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.states import OpState, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.pages.parts import Citation, Link, Page, cite, plural
from kbase.pages.rows import Row
from kbase.pages.version_strips import Stop, related_versions, version_strip


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftView:
    """A disagreement of a document and the header about an op; `statement` goes on after the name of the op."""

    op: Link = field(compare=False)
    document: DocumentKind
    kind: DriftKind
    statement: str
    documented: str | None  # the declaration; None where the document lacks the op
    header: str | None  # None where the header lacks it
    now_in: tuple[str, ...]  # where the header lacks it: the structs that have an op of that name
    citation: Citation = field(compare=False)  # of the document
    header_citation: Citation = field(compare=False)

    def __str__(self) -> str:
        return self.sentence((self.citation,))

    def sentence(self, citations: Iterable[Citation]) -> str:
        """The disagreement with the lines of all documents that have it."""
        name, labels = self.op.text.rpartition(".")[2], ", ".join(each.label for each in citations)
        return f"Drift: {name} {self.statement} ({labels} against {self.header_citation.label})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDrift:
    """The drift of one ops table of a version."""

    struct: str
    href: str  # its page
    history: str  # its drift in all versions
    found: tuple[DriftView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPage(Page):
    """The drift of a version; tables that were compared and have none are in `agreeing`."""

    TABLE: ClassVar[str | None] = (
        "tables.found op document kind statement documented header now_in citation "
        "header_path=header_citation.path header_line=header_citation.line"
    )

    version: str
    tables: tuple[TableDrift, ...]
    agreeing: tuple[Link, ...]
    not_compared: tuple[str, ...]  # what the version lacks: "no headers"
    strip: tuple[Stop, ...]

    @property
    def count(self) -> int:
        return sum(len(table.found) for table in self.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDrift:
    """How much drift a version has, by table; None for a table that was not compared."""

    version: str
    href: str
    total: int
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftIndexPage(Page):
    """How much drift each version has, by ops table."""

    tables: tuple[Link, ...]
    versions: tuple[VersionDrift, ...]  # the newest first
    without_headers: tuple[str, ...]  # of which nothing is known

    def as_table(self) -> Iterator[Row]:
        """A version a row, an ops table a column; empty where it was not compared."""
        yield "version", "all", *(link.text for link in self.tables)
        for each in self.versions:
            yield each.version, each.total, *("" if count is None else count for count in each.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingDrift:
    """A disagreement that consecutive versions have; the lines are those of the last of them."""

    first: str
    last: str
    versions: int
    found: DriftView


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDriftPage(Page):
    """The drift of an ops table in all versions that can be compared, op by op."""

    TABLE: ClassVar[str | None] = (
        "lasting first last versions op=found.op document=found.document kind=found.kind statement=found.statement "
        "documented=found.documented header=found.header"
    )

    struct: str
    compared: tuple[str, ...]  # versions, oldest first
    lasting: tuple[LastingDrift, ...]


def drift_views(state: VersionState, op: OpState) -> tuple[DriftView, ...]:
    """The drift of one op."""
    return tuple(map(_view, op_drift(state, op)))


def by_statement(views: Iterable[DriftView]) -> Iterator[tuple[DriftView, tuple[Citation, ...]]]:
    """The drift of one op, each statement once, with the lines of all documents that it is about."""
    found: dict[str, list[DriftView]] = {}
    for view in views:
        found.setdefault(view.statement, []).append(view)
    yield from ((same[0], tuple(view.citation for view in same)) for same in found.values())


def drift_link(state: VersionState) -> Link | None:
    """The page of a version's drift; None where it has nothing to compare."""
    if not compared_tables(state):
        return None
    text = plural(len(drift(state)), "disagreement")
    return Link(text=text, href=addresses.drift_address(state.label))


def drift_page(kb: KnowledgeBase, version: str) -> DriftPage:
    """The drift of a version."""
    state, found = kb.state(version), list[TableDrift]()
    compared = compared_tables(state)
    for struct in compared:
        views = tuple(map(_view, table_drift(state, state.by_name[struct])))
        table = addresses.table_address(version, struct)
        history = addresses.table_drift_address(struct)
        found += [TableDrift(struct=struct, href=table, history=history, found=views)] if views else []
    drifting = {table.struct for table in found}
    pages = {label: addresses.drift_address(label) for label in (*kb.having(*HEADERS), version)}
    return DriftPage(
        title=f"Drift in {version}",
        address=addresses.drift_address(version),
        about=f"Where the documents and the headers of {version} disagree.",
        version=version,
        tables=tuple(found),
        agreeing=tuple(
            Link(text=struct, href=addresses.table_address(version, struct))
            for struct in compared
            if struct not in drifting
        ),
        not_compared=not_compared(state),
        strip=version_strip(related_versions(kb, version), version, pages),
    )


def drift_index_page(kb: KnowledgeBase) -> DriftIndexPage:
    """How much drift each version has, by table."""
    states = [kb.state(label) for label in kb.having(*HEADERS)]
    compared = {state.label: compared_tables(state) for state in states}
    structs = sorted({struct for tables in compared.values() for struct in tables})
    return DriftIndexPage(
        title="Drift: documents against headers",
        address=addresses.drift_index_address(),
        about="How often documents and headers of the same version disagree about an op, by version and ops table.",
        tables=tuple(Link(text=struct, href=addresses.table_drift_address(struct)) for struct in structs),
        versions=tuple(_counted(state, structs, compared[state.label]) for state in states if compared[state.label]),
        without_headers=tuple(label for label in kb.having(*DOCUMENTS) if not compared.get(label)),
    )


def table_drift_page(kb: KnowledgeBase, struct: str) -> TableDriftPage:
    """The drift of an ops table in all versions that can be compared.

    Raises:
        UnknownName: in none of them it can be; the advice names near names of those that can.
    """
    states = [kb.state(label) for label in reversed(kb.having(*HEADERS))]
    known = {name for state in states for name in compared_tables(state)}
    if struct not in known:
        near = ", ".join(near_names(struct, known, 3))
        advice = f"did you mean {near}?" if near else "give a kernel tree: kbase build TREE"
        raise UnknownName("no version has it both in a header and in a document's list of ops", struct, advice)
    compared = tuple(state for state in states if struct in compared_tables(state))
    return TableDriftPage(
        title=f"Drift of {struct}",
        address=addresses.table_drift_address(struct),
        about=f"Where documents and headers disagree about struct {struct}, in {plural(len(compared), 'version')}.",
        struct=struct,
        compared=tuple(state.label for state in compared),
        lasting=tuple(_lasting(compared, struct)),
    )


def _lasting(states: Iterable[VersionState], struct: str) -> Iterator[LastingDrift]:
    """Each disagreement of consecutive versions as one, op by op, the oldest first."""
    having: dict[DriftView, list[tuple[int, DriftView]]] = {}
    for number, state in enumerate(states):
        for view in map(_view, table_drift(state, state.by_name[struct])):
            having.setdefault(view, []).append((number, view))
    for same in sorted(having.values(), key=lambda numbered: numbered[0][1].op.text):
        runs = groupby(enumerate(same), key=lambda each: each[1][0] - each[0])  # consecutive numbers
        yield from (_run([view for _, (_, view) in run]) for _, run in runs)


def _run(views: list[DriftView]) -> LastingDrift:
    first, last = views[0].citation.version, views[-1].citation.version
    return LastingDrift(first=first, last=last, versions=len(views), found=views[-1])


def _counted(state: VersionState, structs: Iterable[str], compared: tuple[str, ...]) -> VersionDrift:
    found = sorted(drift(state), key=attrgetter("struct"))
    counts = {struct: len(list(group)) for struct, group in groupby(found, key=attrgetter("struct"))}
    return VersionDrift(
        version=state.label,
        href=addresses.drift_address(state.label),
        total=len(found),
        counts=tuple(counts.get(struct, 0) if struct in compared else None for struct in structs),
    )


def _view(found: Drift) -> DriftView:
    return DriftView(
        op=Link(text=found.dotted, href=addresses.op_address(found.version, found.struct, found.op)),
        document=found.document.kind,
        kind=found.kind,
        statement=found.statement,
        documented=found.documented_text,
        header=found.header.record.text if found.header else None,
        now_in=found.now_in,
        citation=cite(found.in_document),
        header_citation=cite(found.in_header),
    )
