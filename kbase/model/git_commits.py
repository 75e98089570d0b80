"""Commits of a git repository that is a source: what histories name for a change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GitCommit:
    """A commit: its whole hash, the date of its author (ISO), its subject on one line."""

    hash: str
    date: str
    subject: str


@dataclass(frozen=True, slots=True)
class ChangeCommit(GitCommit):
    """A commit that touched what proves a change.

    `version` is the newer version of the change; `document` is the key of the document in the database that is this
    commit, if there is one.
    """

    version: str
    document: str | None
