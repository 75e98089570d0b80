"""The pages of the reference: the name of each source file, its template, and what the template is given."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kbase.model.states import VersionState
from kbase.pages.tables import MemberView, TablePage
from kbase.pages.versions import version_page
from kbase.reference.file_names import file_names
from kbase.reference.history_pictures import lock_picture_name, table_picture_name
from kbase.reference.records import commits, design_notes, porting_logs
from kbase.reference.site import Site
from kbase.sphinx.changes import ChangePage, change_page
from kbase.sphinx.facts import declares
from kbase.sphinx.matrix import matrix
from kbase.sphinx.rst import namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One source file: its name without suffix, its template, and what the template is given."""

    docname: str
    template: str
    content: Mapping[str, object]


def pages(site: Site) -> Iterator[Page]:
    """All pages of the reference."""
    yield Page(docname="index", template="index.rst", content={"site": site})
    yield Page(docname="tables", template="tables.rst", content={"site": site})
    for struct, ops in site.ops.items():
        yield Page(docname=site.docnames[struct], template="table.rst", content=_table_content(site, struct))
        for op in ops:
            yield Page(docname=op.docname, template="op.rst", content={"page": op, "site": site})
    yield Page(docname="locks", template="locks.rst", content={"locks": site.locks})
    for lock in site.locks:
        content: dict[str, object] = {"page": lock, "drawing": lock_picture_name(site, lock)}
        yield Page(docname=lock.docname, template="lock.rst", content=content)
    yield Page(docname="versions", template="versions.rst", content={"site": site})
    for state in site.states:
        docname = site.version_docnames[state.label]
        yield Page(docname=docname, template="version.rst", content=_version_content(site, state))
    changes = _change_pages(site)
    yield Page(docname="changes", template="changes.rst", content={"changes": changes})
    for change in changes:
        yield Page(docname=change.docname, template="change.rst", content={"page": change})
    yield Page(docname="porting", template="porting.rst", content={"logs": porting_logs(site.states), "site": site})
    yield from _notes(site)


def _notes(site: Site) -> Iterator[Page]:
    """Design notes and commits, those without version too."""
    states = site.kb.loose, *site.states
    notes, found = design_notes(states), commits(states)
    names = file_names(note.record.slug for note in notes)
    named = [(note, f"notes/{names[note.record.slug]}") for note in notes]
    yield Page(docname="notes", template="notes.rst", content={"notes": named, "commits": found})
    for note, docname in named:
        yield Page(docname=docname, template="note.rst", content={"note": note, "site": site})
    for commit in found:
        yield Page(docname=f"commits/{commit.record.key}", template="commit.rst", content={"commit": commit})


def _change_pages(site: Site) -> tuple[ChangePage, ...]:
    """A page for each range."""
    names = file_names(f"{old}..{new}" for old, new in site.ranges)
    return tuple(
        change_page(old, new, site.kb.diff(old, new), f"changes/{names[f'{old}..{new}']}") for old, new in site.ranges
    )


def _version_content(site: Site, state: VersionState) -> Mapping[str, object]:
    """A version: its documents, and the matrix of each of its ops tables."""
    page = version_page(site.kb, state.label)
    codes = Counter(diagnostic.code for diagnostic in page.diagnostics)
    codes += Counter({"rules-disagree": len(page.contradictions)})
    matrices = [matrix(site.kb, state.label, table.name) for table in state.tables]
    documents = sorted(state.documents, key=lambda document: document.path)
    return {"page": page, "matrices": matrices, "diagnostics": sorted(codes.items()), "documents": documents}


def _table_content(site: Site, struct: str) -> Mapping[str, object]:
    """An ops table: its newest matrix, its data members, its ops now and in earlier versions."""
    page, others = matrix(site.kb, site.tables[struct][-1][0].label, struct)
    ops = site.ops[struct]
    return {
        "matrix": page,
        "others": others,
        "labels": [state.label for state, _ in site.tables[struct]],
        "spans": site.table_spans(struct),
        "members": _members(page),
        "ops": ops,
        "current": [op for op in ops if op.current],
        "former": [op for op in ops if not op.current],
        "drawing": table_picture_name(site, struct),
    }


def _members(page: TablePage) -> list[tuple[MemberView, str | None]]:
    """The data members that a document lists, each once, and its C namespace where Sphinx's C domain can declare it."""
    listed = {member.name: member for member in reversed(page.members) if member.text}
    scope = namespace(page.version, page.struct)
    return [
        (member, scope if declares(str(member.text), member.name) else None) for member in reversed(listed.values())
    ]
