"""Changes applied to the facts of a version: the proof that a diff leaves nothing out."""

from collections.abc import Iterable

from kbase.diff.changes import Change, ChangeKind
from kbase.diff.comparability import comparable_documents, comparable_facts
from kbase.diff.comparable import ComparableVersion, Names
from kbase.diff.fact import Fact, OpName
from kbase.diff.facts import SignatureFact
from kbase.diff.prototypes import Edit
from kbase.diff.truncated_documents import truncations
from kbase.model.records import Parameter
from kbase.model.states import VersionState

Facts = frozenset[Fact]


def comparable(old: VersionState, new: VersionState) -> tuple[Facts, Facts]:
    """The facts of two versions as far as both can speak: what `apply` turns into one another."""
    versions = ComparableVersion.of(old), ComparableVersion.of(new)
    facts = comparable_facts(*versions, truncations(old, new))
    documents = comparable_documents(*versions)
    before, after = (frozenset((*f, *d.values())) for f, d in zip(facts, documents, strict=True))
    return before, after


def apply(changes: Iterable[Change], old: Facts) -> Facts:
    """The facts that the changes lead to: for `a, b = comparable(old, new)`, `apply(diff(old, new), a) == b`.

    Renames go first, since every other change speaks in the new names; an op whose name another one takes over goes
    before that. Then facts go and come.
    """
    every = list(changes)
    structs = {c.renamed[0]: c.renamed[1] for c in every if c.kind is ChangeKind.TABLE_RENAMED and c.renamed}
    ops = {_split(c.renamed[0]): _split(c.renamed[1]) for c in every if c.op and c.renamed}
    displaced = [c for c in every if c.kind is ChangeKind.OP_REMOVED and (c.struct, c.op) in ops.values()]
    gone = {fact for change in displaced for fact in change.removed}
    names = Names(ops, structs)
    facts = {names.applied(fact) for fact in old if fact not in gone or fact.op_name in ops}
    others = [change for change in every if change not in displaced]
    facts.difference_update(fact for change in others for fact in change.removed)
    return frozenset(facts.union(fact for change in others for fact in change.added))


def _split(dotted: str) -> OpName:
    struct, _, op = dotted.partition(".")
    return struct, op


def edited(
    signature: SignatureFact, edits: Iterable[Edit]
) -> tuple[str | None, str | None, tuple[Parameter | None, ...]]:
    """Return type, condition and parameters of the prototype with the edits done.

    Parameters without an edit keep their order and fill the places that the edits leave free.
    """
    done = list(edits)
    parts = {edit.part: edit.after.type if edit.after else None for edit in done if edit.part != "parameter"}
    of_parameters = [edit for edit in done if edit.part == "parameter"]
    placed = {edit.indices[1]: edit.after for edit in of_parameters if edit.indices[1] is not None}
    gone = {edit.indices[0] for edit in of_parameters} - {None}
    stay = iter([p for position, p in enumerate(signature.parameters) if position not in gone])
    size = len(placed) + len(signature.parameters) - len(gone)
    parameters = tuple(placed[j] if j in placed else next(stay) for j in range(size))
    return parts.get("returns", signature.returns), parts.get("condition", signature.condition), parameters
