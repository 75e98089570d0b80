"""Drift: a document and the header of the same version disagree about an op; see `kbase.diff.drift`."""

from dataclasses import dataclass

from kbase.model.witnesses import DocumentKind
from kbase.model.words import Word

Subject = tuple[str, str, DocumentKind, "DriftKind"]


class DriftKind(Word):
    """How a document and the header disagree about an op."""

    MISSING = "missing"  # the header has it, the document's block of the struct lacks it
    GONE = "gone"  # the document has it, the header's struct does not
    DIFFERS = "differs"  # the types differ
    ANNOTATION = "annotation"  # only attributes such as `__user` differ
    MALFORMED = "malformed"  # the document's declaration is no C, such as one with a parenthesis too many


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A disagreement about an op between a document's block of its struct and the struct in the header.

    It has stood in `releases` releases, the first of which is `since` ("4.7", or a stable version if its release does
    not have it); `or_earlier` where the release before that one could not be compared. Releases that could not be
    compared do not count.
    """

    version: str
    struct: str
    op: str
    document: DocumentKind
    kind: DriftKind
    statement: str  # what the header has against what the document says, as a sentence goes on after the op's name
    documented: str | None  # the document's declaration, of a malformed one the source text; None where it is missing
    header: str | None  # None where it is gone
    now_in: tuple[str, ...]  # where it is gone: the structs that have an op of that name in the headers, sorted
    path: str
    line: int  # the lines of the document that are wrong; its block where it lacks the op
    last_line: int
    saved_page: bool  # whether the document is a saved page
    header_path: str
    header_line: int  # the lines of the header that show it; its struct where it lacks the op
    header_last_line: int
    since: str
    or_earlier: bool
    releases: int

    @property
    def dotted(self) -> str:
        """`inode_operations.rename`."""
        return f"{self.struct}.{self.op}"

    @property
    def subject(self) -> Subject:
        """What is wrong, in whatever version: a document in this way about this op."""
        return self.struct, self.op, self.document, self.kind

    @property
    def duration(self) -> str:
        """For how long the document has been wrong: "wrong for 23 releases, since 4.7"."""
        releases = f"{self.releases} release{'s' if self.releases > 1 else ''}"
        return f"wrong for {releases}, since {self.since}{' or earlier' if self.or_earlier else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedBlock:
    """A document's block of a struct that was compared with the struct in the header."""

    version: str
    struct: str
    document: DocumentKind
    whole: bool  # what the block lacks is missing
    header_whole: bool  # what the header's struct lacks is gone

    def decides(self, subject: Subject) -> bool:
        """Whether the document is known not to be wrong in that way, unless it is listed."""
        struct, _, document, kind = subject
        judged = {DriftKind.MISSING: self.whole, DriftKind.GONE: self.header_whole}.get(kind, True)
        return judged and (struct, document) == (self.struct, self.document)
