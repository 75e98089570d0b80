"""Functions, flags, porting entries, notes, steps and commits on the terminal."""

from collections.abc import Iterable

from kbase.model.records import Person
from kbase.pages.directory_locking import StepsPage
from kbase.pages.functions import FlagPage, FunctionPage
from kbase.pages.notes import CommitPage, NotePage
from kbase.pages.parts import Link, TextView, headline
from kbase.pages.porting import PortingEntryPage, PortingPage
from kbase.terminal.printer import Printer, dim, place, show_sources


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
        out.prose(view.text)
        out.line(place(view.citation), indent=6)
    show_sources((view.citation for view in texts), out)


def show_porting(page: PortingEntryPage, out: Printer) -> None:
    """An entry of the porting log, dated by the available versions between which it was added."""
    entry = page.entry
    out.title(entry.slug, ", ".join(page.versions))
    out.line(dim(f"{entry.tag}, {entry.when}"), indent=2)
    if entry.removed:
        out.line(dim(f"removed from the porting log {entry.removed}"), indent=2)
    for edit in page.edits:
        out.line(dim(f"edited {edit}"), indent=2)
    out.line()
    out.prose(entry.text)
    _links("names", (*entry.ops, *page.mentions), out)
    show_sources([entry.citation], out)


def show_porting_log(page: PortingPage, out: Printer) -> None:
    """Entries of the porting log, by release."""
    out.title(page.title, ", ".join(f"{count} {tag}" for tag, count in page.tags))
    for label in page.without_log:
        out.line(f"{label}: porting log not available", indent=2)
    for group in page.groups:
        out.heading(group.when)
        for entry in group.entries:
            out.line((f"{entry.tag}: ", "blue"), headline(entry.text), indent=2)
            out.line(dim(f"kbase show {entry.slug}"), indent=4)
            out.line(place(entry.citation), indent=4)


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
    show_sources([page.citation], out)


def show_steps(page: StepsPage, out: Printer) -> None:
    """Classes of operation on directories, each with what is locked for it, in order."""
    out.title(page.title, "")
    for operation in page.operations:
        out.heading(operation.subject)
        for number, step in enumerate(operation.steps, 1):
            out.line(f"{number}. {step}", indent=2)
        for remark in operation.remarks:
            out.prose(remark)
        out.line(place(operation.citation), indent=6)
    show_sources((operation.citation for operation in page.operations), out)


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
    show_sources([page.citation], out)


def _person(person: Person) -> str:
    address = f" <{person.email}>" if person.email else ""
    return f"{person.name}{address}  {person.date}".rstrip()


def _links(heading: str, links: Iterable[Link], out: Printer) -> None:
    texts = [link.text for link in links]
    if texts:
        out.heading(heading)
        out.prose(", ".join(texts))
