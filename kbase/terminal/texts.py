"""Locks, functions, flags, porting entries, notes and commits on the terminal."""

from collections.abc import Iterable

from rich.text import Text

from kbase.model.records import Person
from kbase.pages.directory_locking import StepsPage
from kbase.pages.functions import FlagPage, FunctionPage
from kbase.pages.locks import LockGroup, LockPage
from kbase.pages.notes import CommitPage, NotePage
from kbase.pages.parts import Link, TextView
from kbase.pages.porting import PortingEntryPage
from kbase.terminal.facts import sources
from kbase.terminal.lines import Paper, chips, place


def show_lock(page: LockPage, paper: Paper) -> None:
    """A lock: every op whose rule is about it, by how it is held in the newest version."""
    paper.title(page.subject, ", ".join(page.versions))
    paper.line(Text(f"written {', '.join(page.names)}", "dim"), indent=2)
    for group in page.groups:
        _group(group, page.newest, paper)
    if page.blankets:
        paper.heading("for whole tables")
        paper.columns(
            [(Text(rule.table.text, "bold"), Text(rule.version, "dim"), rule.rule.text) for rule in page.blankets]
        )


def _group(group: LockGroup, newest: str, paper: Paper) -> None:
    paper.line()
    head = chips([group.chip]) if group.chip else Text(f"not in {newest}")
    paper.line(head, Text(f"  {len(group.uses)}", "dim"))
    rows = [
        (Text(use.op.text if not number else "", "bold"), chips(span.chips), span.lock, ", ".join(span.versions))
        for use in group.uses
        for number, span in enumerate(use.spans)
    ]
    paper.columns([(*row[:3], Text(row[3], "dim")) for row in rows])


def show_function(page: FunctionPage, paper: Paper) -> None:
    """A documented helper function."""
    paper.title(f"{page.name}()", page.version)
    paper.line(Text(page.group, "dim"), indent=2)
    _texts(page.texts, paper)


def show_flag(page: FlagPage, paper: Paper) -> None:
    """A documented flag and its op."""
    paper.title(page.name, page.version)
    if page.op:
        paper.line(Text(f"a flag of {page.op.text}", "dim"), indent=2)
    _texts(page.texts, paper)


def _texts(texts: Iterable[TextView], paper: Paper) -> None:
    for view in texts:
        paper.line()
        if view.text:
            paper.prose(view.text)
        else:  # the bundled corpus has no sentences
            paper.line(Text("what is said of it stands in the original, at this line", "dim"), indent=2)
        paper.line(place(view.citation), indent=6)
    sources((view.citation for view in texts), paper)


def show_porting(page: PortingEntryPage, paper: Paper) -> None:
    """An entry of the porting log, dated by the versions held between which it came."""
    entry = page.entry
    paper.title(entry.slug, ", ".join(page.versions))
    paper.line(Text(f"{entry.tag}, {entry.when}", "dim"), indent=2)
    paper.line()
    paper.prose(entry.text)
    _links("names", (*entry.ops, *entry.functions), paper)
    sources([entry.citation], paper)


def show_note(page: NotePage, paper: Paper) -> None:
    """A design note and its steps."""
    paper.title(page.heading, page.version)
    paper.line()
    paper.prose(page.text)
    for steps in page.steps:
        paper.heading(f"In {steps.subject}")
        for number, step in enumerate(steps.steps, 1):
            paper.line(f"{number}. {step}", indent=2)
    _links("names", (*page.ops, *page.functions), paper)
    sources([page.citation], paper)


def show_steps(page: StepsPage, paper: Paper) -> None:
    """Classes of operation on directories, each with what is locked for it, in order."""
    paper.title(page.title, "")
    for operation in page.operations:
        paper.heading(operation.subject)
        for number, step in enumerate(operation.steps, 1):
            paper.line(f"{number}. {step}", indent=2)
        paper.line(place(operation.citation), indent=6)
    sources((operation.citation for operation in page.operations), paper)


def show_commit(page: CommitPage, paper: Paper) -> None:
    """A commit as `git show` would head it."""
    paper.title(page.subject, page.sha)
    paper.line()
    rows = [("tree", page.tree)] if page.tree else []
    rows += [("parent", parent) for parent in page.parents]
    rows += [(role, _person(who)) for role, who in (("author", page.author), ("committer", page.committer)) if who.name]
    paper.columns([(Text(name, "dim"), value) for name, value in rows])
    paper.line()
    paper.prose(page.body)
    paper.line()
    for trailer in page.trailers:
        paper.line(f"{trailer.key}: {trailer.value}", indent=2)
    paper.heading("files", page.diffstat)
    for path in page.paths:
        paper.line(path, indent=2)
    sources([page.citation], paper)


def _person(person: Person) -> str:
    address = f" <{person.email}>" if person.email else ""
    return f"{person.name}{address}  {person.date}".rstrip()


def _links(heading: str, links: Iterable[Link], paper: Paper) -> None:
    texts = [link.text for link in links]
    if texts:
        paper.heading(heading)
        paper.prose(", ".join(texts))
