"""Prototypes compared parameter by parameter; what several documents state of one op is reported once.

Parameters are aligned: the alignment that keeps most of them decides what was inserted, dropped, retyped or moved.
It is computed in one fixed order of the two lists and swapped where needed, so that a diff and its reverse agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kbase.diff.changes import Change, ChangeKind, Severity, change_of
from kbase.diff.comparable import OpFacts
from kbase.diff.facts import SignatureFact
from kbase.kernel import c_types
from kbase.model.records import Parameter
from kbase.model.witnesses import KERNEL

Parameters = tuple[Parameter, ...]
Pair = tuple[int | None, int | None]  # indices of a parameter in the old and in the new list
SAME_TYPE, SAME_BARE, SAME_SHAPE, ANY = 30, 25, 12, 1
SAME_NAME = 8
LEADING = (ChangeKind.PARAMETER_RETYPED, ChangeKind.QUALIFIER_CHANGED, ChangeKind.ATTRIBUTE_CHANGED)
ALONE = (ChangeKind.PARAMETER_RENAMED, ChangeKind.PARAMETER_REORDERED)
SEVERITIES = tuple(Severity)  # worst first


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit of a prototype, as one document states it: its return type, its condition, or a parameter."""

    kind: ChangeKind
    part: str  # "returns", "condition", "parameter"
    old: SignatureFact
    new: SignatureFact
    before: Parameter | None
    after: Parameter | None
    indices: Pair = (None, None)  # of a parameter in either list

    @property
    def texts(self) -> tuple[str | None, str | None]:
        """Before and after as C writes them."""
        before, after = self.before, self.after
        return declared(before) if before else None, declared(after) if after else None

    @property
    def of_kernel(self) -> bool:
        """Whether a header states it."""
        return self.old.document is KERNEL

    @property
    def types(self) -> tuple[str | None, str | None]:
        before, after = self.before, self.after
        return before.type if before else None, after.type if after else None


def declared(parameter: Parameter) -> str:
    """The parameter as C writes it: `struct inode *dir`."""
    if parameter.name is None or "(" in parameter.type or "[" in parameter.type:
        return parameter.type
    return f"{parameter.type}{'' if parameter.type.endswith('*') else ' '}{parameter.name}"


def modern(text: str) -> str:
    """The type or name after the conversions that the kernel went through: pages became folios."""
    return text.replace("page", "folio").replace("user_namespace", "mnt_idmap")


def types_alike(old: str, new: str) -> int:
    """How alike two types are: equal; equal apart from qualifiers and folios; both pointers or both not; neither.

    Symmetric, and above 0, so that a retyped parameter beats one dropped and added.
    """
    if old == new:
        return SAME_TYPE
    if modern(c_types.bare(old)) == modern(c_types.bare(new)):
        return SAME_BARE
    return SAME_SHAPE if c_types.is_pointer(old) == c_types.is_pointer(new) else ANY


def _likenesses(old: Parameters, new: Parameters) -> list[list[int]]:
    """How alike each parameter of the one is to each of the other: by type, and more by the same name."""
    return [[types_alike(a.type, b.type) + (SAME_NAME if a.name and a.name == b.name else 0) for b in new] for a in old]


def _in_order(old: Parameters, new: Parameters) -> bool:
    """Whether two lists are compared in the given order, not swapped."""

    def key(parameters: Parameters) -> tuple[int, list[str], list[str]]:
        return len(parameters), [p.type for p in parameters], [p.name or "" for p in parameters]

    return key(old) <= key(new)


def align(old: Parameters, new: Parameters) -> list[Pair]:
    """The pairs of the best alignment, in order; None stands for a gap."""
    if not _in_order(old, new):
        return [(first, second) for second, first in align(new, old)]
    alike = _likenesses(old, new)
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, row in enumerate(alike, 1):
        for j, likeness in enumerate(row, 1):
            best[i][j] = max(best[i - 1][j - 1] + likeness, best[i - 1][j], best[i][j - 1])
    pairs, i, j = list[Pair](), len(old), len(new)
    while i or j:
        if i and j and best[i][j] == best[i - 1][j - 1] + alike[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and best[i][j] == best[i - 1][j]:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def _pairs(old: Parameters, new: Parameters) -> tuple[list[Pair], list[Pair]]:
    """The pairs of parameters that kept their order, and the pairs of those that moved."""
    if not _in_order(old, new):
        stay, moved = _pairs(new, old)
        return [(j, i) for i, j in stay], [(j, i) for i, j in moved]
    pairs, moved = align(old, new), list[Pair]()
    dropped = [i for i, j in pairs if i is not None and (j is None or old[i].type != new[j].type)]
    gained = [j for i, j in pairs if j is not None and (i is None or old[i].type != new[j].type)]
    for i in dropped:
        same = next((j for j in gained if _is_same(old[i], new[j])), None)
        if same is not None:
            moved.append((i, same))
            gained.remove(same)
    gone, come = {i for i, _ in moved}, {j for _, j in moved}
    stay = [(None if i in gone else i, None if j in come else j) for i, j in pairs]
    return [pair for pair in stay if pair != (None, None)], moved


def _is_same(old: Parameter, new: Parameter) -> bool:
    """Whether a removed and an added parameter are the same one, moved."""
    unnamed = c_types.is_pointer(old.type) and not (old.name and new.name)
    return old.type == new.type and ((old.name or "") == (new.name or "") or unnamed)


def retyping(old: str, new: str) -> ChangeKind:
    """Which kind of difference two types have."""
    if c_types.bare(old) != c_types.bare(new):
        return ChangeKind.PARAMETER_RETYPED
    if c_types.qualifiers(old) != c_types.qualifiers(new):
        return ChangeKind.QUALIFIER_CHANGED
    return ChangeKind.ATTRIBUTE_CHANGED


def likeness(old: SignatureFact, new: SignatureFact) -> float:
    """How alike two prototypes are, 0 to 1: the share of parameters (and the return type) that agree."""
    alike = _likenesses(old.parameters, new.parameters)
    scores = [SAME_TYPE if modern(old.returns) == modern(new.returns) else 0]
    for i, j in align(old.parameters, new.parameters):
        score = alike[i][j] if i is not None and j is not None else 0
        scores.append(min(SAME_TYPE, score) if score >= SAME_BARE else score // 2)
    return sum(scores) / (SAME_TYPE * len(scores))


def compare_signatures(old: SignatureFact, new: SignatureFact) -> Iterator[Edit]:
    """Every difference of two prototypes as typed edits, in the order of the new one; parameters that moved last."""
    if old.returns != new.returns:
        kind = retyping(old.returns, new.returns)
        kind = ChangeKind.RETURN_TYPE_CHANGED if kind is ChangeKind.PARAMETER_RETYPED else kind
        before, after = Parameter(type=old.returns), Parameter(type=new.returns)
        yield Edit(kind=kind, part="returns", old=old, new=new, before=before, after=after)
    if old.parameters != new.parameters:
        yield from _parameter_edits(old, new)
    if old.condition != new.condition:
        conditions = [Parameter(type=c) if c else None for c in (old.condition, new.condition)]
        kind = ChangeKind.CONDITION_CHANGED
        yield Edit(kind=kind, part="condition", old=old, new=new, before=conditions[0], after=conditions[1])


def _parameter_edits(old: SignatureFact, new: SignatureFact) -> Iterator[Edit]:
    stay, moved = _pairs(old.parameters, new.parameters)
    kinds = [(_parameter_kind(old.parameters, new.parameters, pair), pair) for pair in stay]
    for kind, (i, j) in (*kinds, *((ChangeKind.PARAMETER_REORDERED, pair) for pair in moved)):
        if kind is not None:
            before = None if i is None else old.parameters[i]
            after = None if j is None else new.parameters[j]
            yield Edit(kind=kind, part="parameter", old=old, new=new, before=before, after=after, indices=(i, j))


def _parameter_kind(old: Parameters, new: Parameters, pair: Pair) -> ChangeKind | None:
    i, j = pair
    if i is None:
        return ChangeKind.PARAMETER_ADDED
    if j is None:
        return ChangeKind.PARAMETER_REMOVED
    if old[i].type != new[j].type:
        return retyping(old[i].type, new[j].type)
    return None if (old[i].name or "") == (new[j].name or "") else ChangeKind.PARAMETER_RENAMED


def variants(
    old: Iterable[SignatureFact], new: Iterable[SignatureFact]
) -> Iterator[tuple[SignatureFact | None, SignatureFact | None]]:
    """The prototypes that one document states of one op at two versions, paired by their number."""
    before, after = ({fact.variant: fact for fact in facts} for facts in (old, new))
    return ((before.get(v), after.get(v)) for v in sorted({*before, *after}))


def compare_prototypes(old: OpFacts, new: OpFacts) -> Iterator[Change]:
    """The changes of one op's prototype, over all documents that state it at both versions."""
    shared = [document for document in old.signatures if document in new.signatures]
    if not shared and old.prototypes and new.prototypes:  # compared all the same, as neither document's statement
        before, after = old.prototypes[0], new.prototypes[0]
        for edit in compare_signatures(before, after):
            change = _reported([edit], f"stated by {before.file} before, by {after.file} now")
            yield replace(change, likely=True, documents=(), removed=(), added=())
    pairs = (pair for document in shared for pair in variants(old.signatures[document], new.signatures[document]))
    edits = [edit for a, b in pairs if a is not None and b is not None for edit in compare_signatures(a, b)]
    for group in _grouped(edits):
        yield _change(group, old.prototypes, new.prototypes)


def _grouped(edits: list[Edit]) -> list[list[Edit]]:
    """The edits that are one change: one or two of each document; the first leads."""
    groups = list[list[Edit]]()
    for edit in sorted(edits, key=lambda each: (not each.of_kernel, each.kind not in LEADING, each.old.variant)):
        shares = [_shares(group, edit) for group in groups]
        if any(shares):
            groups[shares.index(max(shares))].append(edit)
        else:
            groups.append([edit])
    return groups


def _shares(group: list[Edit], edit: Edit) -> int:
    """How much of the edit, stated by a document that has not stated it yet, is the same: 2 all, 1 half, 0 nothing."""
    leader = group[0]
    alone = leader.kind in ALONE or edit.kind in ALONE
    if leader.part != edit.part or (alone and leader.kind is not edit.kind) or not _is_free(group, edit):
        return 0
    mine, leading = (edit.texts, leader.texts) if alone else (edit.types, leader.types)
    if mine == leading:
        return 2
    return int(any(a and a == b for a, b in zip(mine, leading, strict=True)))


def _is_free(group: list[Edit], edit: Edit) -> bool:
    """Whether its document has not stated yet what goes, or what comes."""
    same = [other for other in group if other.old.document is edit.old.document]
    goes = any(other.before and edit.before for other in same)
    return not goes and not any(other.after and edit.after for other in same)


def _change(edits: list[Edit], old: Sequence[SignatureFact], new: Sequence[SignatureFact]) -> Change:
    leader = edits[0]
    counting = [leader] if leader.of_kernel else edits
    severity, reason = min((edit.kind.severity for edit in counting), key=SEVERITIES.index), _disagreement(edits)
    if len({edit.old.document for edit in edits}) == 1:
        if not leader.of_kernel and (ahead := _like(leader.new, old, leader.part)):
            severity = max(severity, Severity.DOCUMENTATION, key=SEVERITIES.index)
            reason = f"{ahead.file} said so already"
        elif behind := _like(leader.old, new, leader.part):
            reason = f"{behind.file} still has the old one"
    return _reported(edits, reason, severity=severity)


def _reported(edits: list[Edit], reason: str, **fields: Any) -> Change:
    """The change that these edits are, the first of them leading."""
    leader = edits[0]
    return change_of(
        leader.kind,
        (edit.old for edit in edits),
        (edit.new for edit in edits),
        struct=leader.new.struct,
        op=leader.new.op,
        before=leader.texts[0],
        after=leader.texts[1],
        reason="; ".join(filter(None, (_position(leader), reason))),
        shown=[fact for edit in edits for fact in (edit.old, edit.new)],
        **fields,
    )


def _position(edit: Edit) -> str:
    """Which parameter it is, counted from 1, or that it is the return type."""
    if edit.part != "parameter":
        return "the return type" if edit.part == "returns" and edit.kind in LEADING else ""
    before, after = edit.indices
    if before is not None and after is not None and before != after:
        return f"parameter {after + 1}, before it was parameter {before + 1}"
    return "".join(f"parameter {place + 1}" for place in {before, after} if place is not None)


def _disagreement(edits: list[Edit]) -> str:
    """The statements of the other documents, where they differ from this change."""
    others = [edit for edit in edits[1:] if edit.types != edits[0].types]
    stated = ((edit.new.file, *edit.texts) for edit in others)
    return "; ".join(f"{file} has {old or 'nothing'} before, {new or 'nothing'} after" for file, old, new in stated)


def _like(signature: SignatureFact, others: Iterable[SignatureFact], part: str) -> SignatureFact | None:
    """A prototype of another document that is the same, or returns the same where that is the part in question."""

    def same(other: SignatureFact) -> bool:
        return other.returns == signature.returns and (part == "returns" or other.types == signature.types)

    return next((o for o in others if o.document is not signature.document and same(o)), None)
