"""Contradictions about the rules of ops as the pages show them: what they are about, and both statements."""

from dataclasses import dataclass, field

from kbase.kernel.contradictions import Contradiction, Disagreement, Statement, contradictions
from kbase.model import addresses
from kbase.model.states import OpState, VersionState
from kbase.pages.parts import Citation, Link, cite

OF_BLOCKING = (Disagreement.BLOCKING, Disagreement.RCU)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """What a document, or our own summary, states."""

    text: str
    ours: bool  # in our own summary
    citation: Citation = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContradictionView:
    """Two statements about one op that cannot both be true; `lock` is None where they are about blocking."""

    op: Link = field(compare=False)
    kind: Disagreement
    about: str  # "whether BKL is held"
    lock: str | None
    first: StatementView
    second: StatementView

    def __str__(self) -> str:
        return f"Contradiction about {self.about}: {_words(self.first)}, but {_words(self.second)}"


def contradiction_views(op: OpState) -> tuple[ContradictionView, ...]:
    """The contradictions about an op."""
    return tuple(map(_view, contradictions(op)))


def contradictions_of_version(state: VersionState) -> tuple[ContradictionView, ...]:
    """The contradictions about all ops of a version, in the order of its tables."""
    return tuple(view for table in state.tables for op in table.ops for view in contradiction_views(op))


def _view(found: Contradiction) -> ContradictionView:
    version = found.first.source.document.version
    return ContradictionView(
        op=Link(text=f"{found.struct}.{found.op}", href=addresses.op_address(version, found.struct, found.op)),
        kind=found.kind,
        about=found.about,
        lock=None if found.kind in OF_BLOCKING else found.subject,
        first=_statement(found.first),
        second=_statement(found.second),
    )


def _statement(statement: Statement) -> StatementView:
    return StatementView(text=statement.text, ours=statement.is_ours, citation=cite(statement.source))


def _words(statement: StatementView) -> str:
    ours = ", our summary" if statement.ours else ""
    return f"“{statement.text}” ({statement.citation.label}{ours})"
