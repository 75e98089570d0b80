"""What all facts have in common: the document and the place that state them, and the ops that they are about.

The kinds of facts are in `kbase.diff.facts`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kbase.model.witnesses import DocumentKind

OpName = tuple[str, str]  # struct, op


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a fact is stated: the line of a document of a version.

    `last` is the last line of it; 0 in a change that is read from a database.
    """

    version: str
    path: str
    line: int
    last: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What one document states of an ops table, or of none (no `struct`)."""

    document: DocumentKind
    struct: str = ""
    place: Place | None = field(default=None, compare=False)

    @property
    def file(self) -> str:
        """The name of the document; its kind where no place is known."""
        return self.place.path.rpartition("/")[2] if self.place else self.document.value

    @property
    def op_name(self) -> OpName | None:
        """The op that it is about; None where it is about no single op."""
        return None

    @property
    def about(self) -> Iterable[OpName]:
        """All ops that it is about; (table, "") are all of a table."""
        return () if self.op_name is None else (self.op_name,)
