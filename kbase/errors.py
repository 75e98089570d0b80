"""The exceptions of kbase: one root, and a child for each kind of failure.

A doubtful document never raises: it yields diagnostics (see `kbase.model.records.Diagnostic`).
"""

from dataclasses import dataclass


@dataclass
class KbaseError(Exception):
    """An invalid call or an I/O failure: what happened, where, and what to do next.

    `str(error)` is one line, ready for standard error.
    """

    what: str
    where: str = ""
    advice: str = ""

    exit_status = 2

    def __str__(self) -> str:
        """One line: `where: what; advice`, without the parts that are empty."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}; {self.advice}" if self.advice else head


class UsageError(KbaseError):
    """The call is invalid: an option, a range, a combination."""


class SourceError(KbaseError):
    """A source cannot be read: missing, not text, without a version."""


class StoreError(KbaseError):
    """The database cannot be used: not ours, another schema, not writable."""


@dataclass
class QueryError(KbaseError):
    """A search query is invalid: `where` names the place in words; `position` and `length`, in characters, mark it."""

    query: str = ""
    position: int = 0  # of the error in the query, from 0
    length: int = 1


class UnknownName(KbaseError):
    """No such version, ops table, op, lock or document; `advice` holds suggestions."""


@dataclass
class AmbiguousName(KbaseError):
    """A name with several meanings; `candidates` lists their full names."""

    candidates: tuple[str, ...] = ()


def unreadable(path: object, error: OSError) -> SourceError:
    """The error of a source that cannot be read, or was deleted meanwhile."""
    where = str(error.filename or path)
    if isinstance(error, FileNotFoundError):
        return SourceError("it was deleted after it was listed", where, "run the command again")
    return SourceError(f"cannot be read: {error.strerror or error}", where, "check its permissions")
