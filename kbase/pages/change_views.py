"""A change as pages show it: its kind, the text before and after, the lines that prove it."""

from collections.abc import Iterable
from dataclasses import dataclass

from kbase.diff.changes import Change, ChangeKind, Severity
from kbase.model import addresses
from kbase.model.git_commits import ChangeCommit
from kbase.model.records import PortingEntry
from kbase.pages.parts import Citation, Link, cite_lines, commit_url, headline

SHORT = 70  # characters of a porting entry that is shown with a change
CHANGE_COLUMNS = "severity kind struct op subject before after reason evidence"  # of a change in a table of changes


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitView:
    """A commit of a source: its hash, date and subject, its address at git.kernel.org, and its page here."""

    commit: str
    date: str
    subject: str
    url: str | None
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One change: its kind, the text before and after, and the lines that prove it."""

    kind: ChangeKind
    severity: Severity
    struct: str | None
    op: str | None
    subject: str | None  # what it is about inside the op: a lock, a context column, a function, a document
    href: str | None  # the op or table, in the newer version where it still is
    before: str | None
    after: str | None
    reason: str
    likely: bool  # concluded, not stated
    also: tuple[str, ...]  # in a history: the stable versions that it was ported back to
    porting: tuple[Link, ...]  # entries of the porting log added in between that name the op
    commits: tuple[CommitView, ...]  # of a git repository, that touched the evidence; newest first
    evidence: tuple[Citation, ...]

    @property
    def title(self) -> str:
        """The kind in words: `parameter added`."""
        return self.kind.replace("-", " ")


def by_severity(changes: Iterable[Change]) -> list[Change]:
    """The changes with the most severe first, otherwise in their order."""
    order = list(Severity)
    return sorted(changes, key=lambda change: order.index(change.severity))


def change_view(change: Change, old: str, new: str) -> ChangeView:
    """A change as pages show it."""
    return ChangeView(
        kind=change.kind,
        severity=change.severity,
        struct=change.struct,
        op=change.op,
        subject=change.subject,
        href=_target(change, old, new),
        before=change.before,
        after=change.after,
        reason=change.reason,
        likely=change.likely,
        also=change.also,
        porting=tuple(_porting_link(cited.record) for cited in change.porting),
        commits=tuple(map(_commit_view, change.commits)),
        evidence=tuple(cite_lines(each.version, each.path, each.line) for each in change.evidence),
    )


def _commit_view(commit: ChangeCommit) -> CommitView:
    return CommitView(
        commit=commit.hash,
        date=commit.date,
        subject=commit.subject,
        url=commit_url(commit.hash, commit.version),
        href=addresses.commit_address(commit.document) if commit.document else None,
    )


def _porting_link(entry: PortingEntry) -> Link:
    return Link(text=f"{entry.tag}: {headline(entry.text, SHORT)}", href=addresses.porting_address(entry.slug))


def _target(change: Change, old: str, new: str) -> str | None:
    """The page of the changed item, at the old version if the new one does not have it."""
    if not change.struct:
        return None
    if not change.op:
        return addresses.table_address(old if "removed" in change.kind else new, change.struct)
    return addresses.op_address(old if change.kind is ChangeKind.OP_REMOVED else new, change.struct, change.op)
