"""The pages of design notes and commits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import Commit, DesignNote, Person, Trailer
from kbase.model.states import Cited, VersionState
from kbase.pages.functions import function_links, op_links
from kbase.pages.mentions import ops_named
from kbase.pages.near_names import missing
from kbase.pages.parts import Citation, Link, Page, cite, commit_url, headline, view_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """A design note in the list."""

    slug: str
    title: str
    href: str
    about: str
    versions: tuple[str, ...]
    ops: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesPage(Page):
    """All design notes and commits."""

    notes: tuple[NoteLine, ...]
    commits: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsView:
    """The steps listed for a function."""

    subject: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage(Page):
    """A design note in its newest wording, with its steps and the items that it mentions."""

    slug: str
    heading: str
    version: str
    text: str
    steps: tuple[StepsView, ...]
    ops: tuple[Link, ...]
    functions: tuple[Link, ...]
    citation: Citation
    others: tuple[Citation, ...]  # the same note in older versions


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitsPage(Page):
    """All commits."""

    commits: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPage(Page):
    """A commit."""

    TABLE: ClassVar[str | None] = ""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    subject: str
    body: str
    trailers: tuple[Trailer, ...]
    diffstat: str
    paths: tuple[str, ...]
    ops: tuple[Link, ...]  # that its message names
    kernel: str  # its address at git.kernel.org; empty where it has no hash
    citation: Citation


def _states_with(kb: KnowledgeBase, kind: type[DesignNote] | type[Commit]) -> Iterator[VersionState]:
    """The states with such records: of documents without a version first, then of the oldest version first."""
    yield from (kb.state(label) if label else kb.loose for label in kb.records(kind))


def design_notes(kb: KnowledgeBase) -> dict[str, list[Cited[DesignNote]]]:
    """Every design note by slug, its oldest version first."""
    notes: dict[str, list[Cited[DesignNote]]] = {}
    for state in _states_with(kb, DesignNote):
        for cited in state.notes:
            notes.setdefault(cited.record.slug, []).append(cited)
    return notes


def commits(kb: KnowledgeBase) -> dict[str, Cited[Commit]]:
    """Every commit by its key."""
    return {cited.record.key: cited for state in _states_with(kb, Commit) for cited in state.commits}


def notes_page(kb: KnowledgeBase) -> NotesPage:
    """The list of design notes and commits."""
    lines = (_note_line(kb, slug, cited) for slug, cited in design_notes(kb).items())
    return NotesPage(
        title="Design notes",
        address="/notes/",
        about="Design notes, with the functions and ops that they describe.",
        notes=tuple(sorted(lines, key=lambda line: (line.title.lower(), line.slug))),
        commits=_commit_links(kb),
    )


def _note_line(kb: KnowledgeBase, slug: str, cited: list[Cited[DesignNote]]) -> NoteLine:
    newest = cited[-1]
    labels = tuple(version for version in (each.document.version for each in cited) if version)
    return NoteLine(
        slug=slug,
        title=newest.record.title,
        href=addresses.note_address(slug),
        about=headline(newest.record.text, 160),
        versions=kb.ranges(labels),
        ops=op_links(kb, newest.document.version, newest.record.ops),
    )


def _commit_links(kb: KnowledgeBase) -> tuple[Link, ...]:
    return tuple(
        Link(text=f"{key[:12]} {cited.record.subject}", href=addresses.commit_address(key))
        for key, cited in commits(kb).items()
    )


def note_page(kb: KnowledgeBase, slug: str) -> NotePage:
    """The page of a design note; raises UnknownName if no note has this slug."""
    notes = design_notes(kb)
    if slug not in notes:
        raise missing(f"design note {slug}", "", slug, notes)
    cited = notes[slug][-1]
    note = cited.record
    unique = sum(each[-1].record.title == note.title for each in notes.values()) == 1
    return NotePage(
        title=f"Note: {note.title}" if unique else f"Note: {note.title} ({slug})",
        address=addresses.note_address(slug),
        about=headline(note.text, 160) or note.title,
        slug=slug,
        heading=note.title,
        version=cited.document.version,
        text=note.text,
        steps=tuple(StepsView(subject=steps.subject, steps=steps.steps) for steps in note.steps),
        ops=op_links(kb, cited.document.version, note.ops),
        functions=function_links(kb, cited.document.version, note.functions),
        citation=cite(cited),
        others=tuple(cite(other) for other in notes[slug][:-1]),
    )


def commits_page(kb: KnowledgeBase) -> CommitsPage:
    """The list of commits."""
    return CommitsPage(
        title="Commits", address="/commits/", about="Commits of saved pages and patches.", commits=_commit_links(kb)
    )


def commit_page(kb: KnowledgeBase, sha: str) -> CommitPage:
    """A commit by its key or by at least seven first digits of its hash; UnknownName where there is none."""
    known = commits(kb)
    found = [cited for full, cited in known.items() if full == sha or (len(sha) >= 7 and full.startswith(sha))]
    if len(found) != 1:
        raise missing(f"commit {sha}", "", sha, known)
    commit = found[0].record
    return view_of(
        CommitPage,
        found[0],
        title=f"Commit {commit.sha[:12]}: {commit.subject}" if commit.sha else f"Patch: {commit.subject}",
        address=addresses.commit_address(commit.key),
        about=commit.subject,
        version_notes=(),
        ops=op_links(kb, found[0].document.version, ops_named(f"{commit.subject}\n{commit.body}")),
        kernel=(commit.sha and commit_url(commit.sha)) or "",
    )
