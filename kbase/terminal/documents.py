"""Locks, functions, flags, porting entries, notes and commits on the terminal."""

from collections.abc import Iterable

from kbase.model.records import Person
from kbase.pages.directory_locking import StepsPage
from kbase.pages.functions import FlagPage, FunctionPage
from kbase.pages.locks import LockGroup, LockPage
from kbase.pages.notes import CommitPage, NotePage
from kbase.pages.parts import Link, TextView
from kbase.pages.porting import PortingEntryPage
from kbase.terminal.ops_and_tables import sources
from kbase.terminal.printer import Printer, bold, chips, dim, place


def show_lock(page: LockPage, out: Printer) -> None:
    """A lock: every op whose rule is about it, by how it is held in the newest version."""
    out.title(page.subject, ", ".join(page.versions))
    out.line(dim(f"written {', '.join(page.names)}"), indent=2)
    for group in page.groups:
        _group(group, page.newest, out)
    if page.blankets:
        out.heading("for whole tables")
        out.columns([(bold(rule.table.text), dim(rule.version), rule.rule.text) for rule in page.blankets])


def _group(group: LockGroup, newest: str, out: Printer) -> None:
    out.line()
    head = chips([group.chip]) if group.chip else f"not in {newest}"
    out.line(head, dim(f"  {len(group.uses)}"))
    rows = [
        (bold(use.op.text if not number else ""), chips(span.chips), span.lock, ", ".join(span.versions))
        for use in group.uses
        for number, span in enumerate(use.spans)
    ]
    out.columns([(*row[:3], dim(row[3])) for row in rows])


def show_function(page: FunctionPage, out: Printer) -> None:
    """A documented helper function."""
    out.title(f"{page.name}()", page.version)
    out.line(dim(page.group), indent=2)
    _texts(page.texts, out)


def show_flag(page: FlagPage, out: Printer) -> None:
    """A documented flag and its op."""
    out.title(page.name, page.version)
    if page.op:
        out.line(dim(f"a flag of {page.op.text}"), indent=2)
    _texts(page.texts, out)


def _texts(texts: Iterable[TextView], out: Printer) -> None:
    for view in texts:
        out.line()
        if view.text:
            out.prose(view.text)
        else:  # the bundled corpus has no sentences
            out.line(dim("what is said of it stands in the original, at this line"), indent=2)
        out.line(place(view.citation), indent=6)
    sources((view.citation for view in texts), out)


def show_porting(page: PortingEntryPage, out: Printer) -> None:
    """An entry of the porting log, dated by the versions held between which it came."""
    entry = page.entry
    out.title(entry.slug, ", ".join(page.versions))
    out.line(dim(f"{entry.tag}, {entry.when}"), indent=2)
    out.line()
    out.prose(entry.text)
    _links("names", (*entry.ops, *entry.functions), out)
    sources([entry.citation], out)


def show_note(page: NotePage, out: Printer) -> None:
    """A design note and its steps."""
    out.title(page.heading, page.version)
    out.line()
    out.prose(page.text)
    for steps in page.steps:
        out.heading(f"In {steps.subject}")
        for number, step in enumerate(steps.steps, 1):
            out.line(f"{number}. {step}", indent=2)
    _links("names", (*page.ops, *page.functions), out)
    sources([page.citation], out)


def show_steps(page: StepsPage, out: Printer) -> None:
    """Classes of operation on directories, each with what is locked for it, in order."""
    out.title(page.title, "")
    for operation in page.operations:
        out.heading(operation.subject)
        for number, step in enumerate(operation.steps, 1):
            out.line(f"{number}. {step}", indent=2)
        out.line(place(operation.citation), indent=6)
    sources((operation.citation for operation in page.operations), out)


def show_commit(page: CommitPage, out: Printer) -> None:
    """A commit as `git show` would head it."""
    out.title(page.subject, page.sha)
    out.line()
    rows = [("tree", page.tree)] if page.tree else []
    rows += [("parent", parent) for parent in page.parents]
    rows += [(role, _person(who)) for role, who in (("author", page.author), ("committer", page.committer)) if who.name]
    out.columns([(dim(name), value) for name, value in rows])
    out.line()
    out.prose(page.body)
    out.line()
    for trailer in page.trailers:
        out.line(f"{trailer.key}: {trailer.value}", indent=2)
    out.heading("files", page.diffstat)
    for path in page.paths:
        out.line(path, indent=2)
    sources([page.citation], out)


def _person(person: Person) -> str:
    address = f" <{person.email}>" if person.email else ""
    return f"{person.name}{address}  {person.date}".rstrip()


def _links(heading: str, links: Iterable[Link], out: Printer) -> None:
    texts = [link.text for link in links]
    if texts:
        out.heading(heading)
        out.prose(", ".join(texts))
