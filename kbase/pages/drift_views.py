"""A disagreement of a document and the header as pages show it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kbase.model import addresses
from kbase.model.drift import Drift, DriftKind
from kbase.model.witnesses import DocumentKind
from kbase.pages.parts import Citation, Link, cite_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftView:
    """A disagreement of a document and the header about an op; `statement` goes on after the name of the op.

    `duration` says for how long it has stood; so do the other fields as `kbase.model.drift.Drift` explains them.
    """

    op: Link = field(compare=False)
    document: DocumentKind
    kind: DriftKind
    statement: str
    documented: str | None  # the declaration; None where the document lacks the op
    header: str | None  # None where the header lacks it
    now_in: tuple[str, ...]  # where the header lacks it: the structs that have an op of that name
    duration: str = field(compare=False)
    since: str = field(compare=False)
    or_earlier: bool = field(compare=False)
    releases: int = field(compare=False)
    citation: Citation = field(compare=False)  # of the document
    header_citation: Citation = field(compare=False)

    def __str__(self) -> str:
        return self.sentence((self.citation,))

    def sentence(self, citations: Iterable[Citation]) -> str:
        """The disagreement with the lines of all documents that have it."""
        name, labels = self.op.text.rpartition(".")[2], ", ".join(each.label for each in citations)
        return f"Drift: {name} {self.statement} ({labels} against {self.header_citation.label}); {self.duration}"


def drift_view(found: Drift) -> DriftView:
    """A disagreement as pages show it."""
    lines, header_lines = (found.line, found.last_line), (found.header_line, found.header_last_line)
    return DriftView(
        op=Link(text=found.dotted, href=addresses.op_address(found.version, found.struct, found.op)),
        document=found.document,
        kind=found.kind,
        statement=found.statement,
        documented=found.documented,
        header=found.header,
        now_in=found.now_in,
        duration=found.duration,
        since=found.since,
        or_earlier=found.or_earlier,
        releases=found.releases,
        citation=cite_lines(found.version, found.path, *lines, saved_page=found.saved_page),
        header_citation=cite_lines(found.version, found.header_path, *header_lines),
    )


def drift_views(found: Iterable[Drift]) -> tuple[DriftView, ...]:
    """Disagreements as pages show them."""
    return tuple(map(drift_view, found))


def by_statement(views: Iterable[DriftView]) -> Iterator[tuple[DriftView, tuple[Citation, ...]]]:
    """The drift of one op, each statement once, with the lines of all documents that it is about."""
    found: dict[tuple[str, str], list[DriftView]] = {}
    for view in views:
        found.setdefault((view.statement, view.duration), []).append(view)
    yield from ((same[0], tuple(view.citation for view in same)) for same in found.values())
