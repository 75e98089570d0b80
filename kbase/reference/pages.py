"""The pages of the reference: the name of each source file, its template, and what the template is given."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kbase.diff import Change, Severity
from kbase.model.states import DocumentRef, TableState, VersionState
from kbase.pages.changes import by_severity
from kbase.reference.facts import MemberFact, member_facts
from kbase.reference.file_names import file_names
from kbase.reference.history_pictures import lock_picture_name, table_picture_name
from kbase.reference.matrix import Matrix, matrix
from kbase.reference.site import OpPage, Site
from kbase.reference.texts import commits, design_notes, porting_logs


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One source file: its name without suffix, its template, and what the template is given."""

    docname: str
    template: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage:
    """An ops table: its newest matrix, its members, its ops now and in earlier versions."""

    struct: str
    labels: tuple[str, ...]  # the versions that have it, oldest first
    spans: tuple[str, ...]
    matrix: Matrix
    members: tuple[MemberFact, ...]
    ops: tuple[OpPage, ...]

    @property
    def current(self) -> tuple[OpPage, ...]:
        return tuple(op for op in self.ops if op.current)

    @property
    def former(self) -> tuple[OpPage, ...]:
        return tuple(op for op in self.ops if not op.current)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPage:
    """A version: what is held of it, and the matrix of each of its ops tables."""

    state: VersionState
    matrices: tuple[Matrix, ...]
    diagnostics: tuple[tuple[str, int], ...]  # code, how many

    @property
    def documents(self) -> tuple[DocumentRef, ...]:
        """Its documents, by path."""
        return tuple(sorted(self.state.documents, key=lambda document: document.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """What changed between two versions, by ops table."""

    old: str
    new: str
    groups: tuple[tuple[str, tuple[Change, ...]], ...]
    severities: tuple[tuple[str, int], ...]
    docname: str = ""  # none where it is part of another page

    @property
    def total(self) -> int:
        return sum(len(changes) for _, changes in self.groups)


def pages(site: Site) -> Iterator[Page]:
    """All pages of the reference."""
    notes, found_commits = design_notes(_with_loose(site)), commits(_with_loose(site))
    changes = _change_pages(site)
    yield Page(docname="index", template="index.rst", content={"site": site})
    yield Page(docname="tables", template="tables.rst", content={"site": site})
    for struct, held in site.tables.items():
        yield Page(docname=site.docnames[struct], template="table.rst", content=_table_content(site, struct, held))
        for op in site.ops[struct]:
            yield Page(docname=op.docname, template="op.rst", content={"page": op, "site": site})
    yield Page(docname="locks", template="locks.rst", content={"locks": site.locks})
    for lock in site.locks:
        content: dict[str, object] = {"page": lock, "drawing": lock_picture_name(site, lock)}
        yield Page(docname=lock.docname, template="lock.rst", content=content)
    yield Page(docname="versions", template="versions.rst", content={"site": site})
    for state in site.states:
        docname = site.version_docnames[state.label]
        yield Page(docname=docname, template="version.rst", content={"page": version_page(state)})
    yield Page(docname="changes", template="changes.rst", content={"changes": changes})
    for change in changes:
        yield Page(docname=change.docname, template="change.rst", content={"page": change})
    yield Page(docname="porting", template="porting.rst", content={"logs": porting_logs(site.states), "site": site})
    names = file_names(note.record.slug for note in notes)
    told = [(note, f"notes/{names[note.record.slug]}") for note in notes]
    yield Page(docname="notes", template="notes.rst", content={"notes": told, "commits": found_commits})
    for note, docname in told:
        yield Page(docname=docname, template="note.rst", content={"note": note, "site": site})
    for commit in found_commits:
        yield Page(docname=f"commits/{commit.record.key}", template="commit.rst", content={"commit": commit})


def _change_pages(site: Site) -> tuple[ChangePage, ...]:
    """A page for each range."""
    names = file_names(f"{old}..{new}" for old, new in site.ranges)
    return tuple(
        replace(change_page(old, new, site.kb.diff(old, new)), docname=f"changes/{names[f'{old}..{new}']}")
        for old, new in site.ranges
    )


def version_page(state: VersionState) -> VersionPage:
    """The page of one version."""
    codes = Counter(cited.record.code for cited in state.diagnostics)
    return VersionPage(
        state=state,
        matrices=tuple(matrix(table, state) for table in state.tables),
        diagnostics=tuple(sorted(codes.items())),
    )


def change_page(old: str, new: str, changes: Sequence[Change]) -> ChangePage:
    """The page of what changed from `old` to `new`."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.struct or "", []).append(change)
    severities = Counter(change.severity for change in changes)
    return ChangePage(
        old=old,
        new=new,
        groups=tuple(
            (struct, tuple(by_severity(groups[struct])))
            for struct in sorted(groups, key=lambda name: (not name, name))
        ),
        severities=tuple((str(severity), severities[severity]) for severity in Severity if severities[severity]),
    )


def _table_content(site: Site, struct: str, held: Sequence[tuple[VersionState, TableState]]) -> Mapping[str, object]:
    state, table = held[-1]
    page = TablePage(
        struct=struct,
        labels=tuple(state.label for state, _ in held),
        spans=site.table_spans(struct),
        matrix=matrix(table, state),
        members=member_facts(table),
        ops=site.ops[struct],
    )
    return {"page": page, "drawing": table_picture_name(site, struct)}


def _with_loose(site: Site) -> tuple[VersionState, ...]:
    return (site.kb.loose, *site.states)
