"""Changes applied to a normalised state: the proof that a diff leaves nothing out."""

from collections.abc import Iterable

from kbase.diff.changes import Change, ChangeKind
from kbase.diff.facts import Fact, OpName, SignatureEdit, SignatureFact
from kbase.diff.normal import Names, NormalState
from kbase.diff.prototypes import edited

Key = tuple[str, str, str, int]


def apply(changes: Iterable[Change], old: NormalState) -> NormalState:
    """The state that the changes lead to.

    For `a, b = comparable(old, new)`, `apply(diff(old, new), a) == b`. Renames go first, since every other change
    speaks in the new names; an op whose name another takes over goes before that. Then facts go and come, and
    prototypes are edited.
    """
    told = list(changes)
    structs = {c.renamed[0]: c.renamed[1] for c in told if c.kind is ChangeKind.TABLE_RENAMED and c.renamed}
    ops = {_split(c.renamed[0]): _split(c.renamed[1]) for c in told if c.op and c.renamed}
    displaced = [c for c in told if c.kind is ChangeKind.OP_REMOVED and (c.struct, c.op) in ops.values()]
    gone = [fact for change in displaced for s in change.statements for fact in s.removed]
    state = old.without(gone).renamed(Names(ops, structs))
    statements = [s for change in told if change not in displaced for s in change.statements]
    facts = set(state.facts).difference(fact for s in statements for fact in s.removed)
    facts.update(fact for s in statements for fact in s.added)
    edits: dict[Key, list[SignatureEdit]] = {}
    for edit in (edit for s in statements for edit in s.edits):
        edits.setdefault((edit.document, edit.struct, edit.op, edit.variant), []).append(edit)
    return NormalState.of(frozenset(_edited(fact, edits) for fact in facts), state.order)


def _edited(fact: Fact, edits: dict[Key, list[SignatureEdit]]) -> Fact:
    if isinstance(fact, SignatureFact):
        found = edits.get((fact.document, fact.struct, fact.op, fact.variant))
        return edited(fact, tuple(found)) if found else fact
    return fact


def _split(dotted: str) -> OpName:
    struct, _, op = dotted.partition(".")
    return struct, op
