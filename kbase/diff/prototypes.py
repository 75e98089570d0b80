"""Prototypes compared parameter by parameter.

Parameters are aligned: the alignment that keeps most of them decides what was inserted, dropped, retyped or moved.
It is computed in one fixed orientation and turned round where needed, so that a diff and its mirror agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, TypeVar

from kbase.diff.changes import ChangeKind
from kbase.diff.facts import SignatureEdit, SignatureFact, file_of
from kbase.kernel import c_types as ctypes
from kbase.model.records import Parameter
from kbase.model.witnesses import DocumentKind

Pair = tuple[int | None, int | None]  # indices of a parameter in the old and in the new list
Listed = tuple[tuple[str, ...], tuple[str, ...]]  # types, and names; an empty name is none
Shape = tuple[str, Listed]  # return type, parameters
SAME_TYPE, SAME_BARE, SAME_SHAPE, ANY = 30, 25, 12, 1
SAME_NAME = 8


class Signature(NamedTuple):
    """A prototype as plain text, which is quick to compare and to remember: all but its line."""

    file: str  # the document's name
    document: DocumentKind
    struct: str
    op: str
    variant: int
    returns: str
    parameters: Listed
    condition: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    """One typed edit of a prototype, as one document tells it; `before` and `after` as C writes them."""

    kind: ChangeKind
    edit: SignatureEdit
    old: Signature
    new: Signature
    before: str | None
    after: str | None


V = TypeVar("V", Signature, SignatureFact)


def declared(parameter: Parameter) -> str:
    """The parameter as C writes it: `struct inode *dir`."""
    if parameter.name is None or "(" in parameter.type or "[" in parameter.type:
        return parameter.type
    gap = "" if parameter.type.endswith("*") else " "
    return f"{parameter.type}{gap}{parameter.name}"


def listed(parameters: tuple[Parameter, ...]) -> Listed:
    """The parameters as plain text."""
    return tuple([p.type for p in parameters]), tuple([p.name or "" for p in parameters])


def plain(fact: SignatureFact) -> Signature:
    """What the fact says, without its line."""
    return Signature(
        file_of(fact),
        fact.document,
        fact.struct,
        fact.op,
        fact.variant,
        fact.returns,
        listed(fact.parameters),
        fact.condition,
    )


@lru_cache(maxsize=1 << 14)
def types_alike(old: str, new: str) -> int:
    """How alike two types are: the same, the same but for qualifiers and folios, both pointers or both not, or else.

    Symmetric, and above 0, so that a retyped parameter beats one dropped and added.
    """
    if old == new:
        return SAME_TYPE
    if modern(ctypes.bare(old)) == modern(ctypes.bare(new)):
        return SAME_BARE
    return SAME_SHAPE if ctypes.is_pointer(old) == ctypes.is_pointer(new) else ANY


@lru_cache(maxsize=1 << 14)
def modern(text: str) -> str:
    """The type or name after the conversions that the kernel went through: pages became folios."""
    return text.replace("page", "folio").replace("user_namespace", "mnt_idmap")


def align(old: Listed, new: Listed) -> tuple[Pair, ...]:
    """The pairs of the best alignment, in order; None stands for a gap."""
    if (len(old[0]), old) <= (len(new[0]), new):
        return _align(old, new)
    return tuple([(first, second) for second, first in _align(new, old)])


@lru_cache(maxsize=1 << 14)
def _align(old: Listed, new: Listed) -> tuple[Pair, ...]:
    alike = _likenesses(old, new)
    best = [[0] * (len(new[0]) + 1) for _ in range(len(old[0]) + 1)]
    for i, row in enumerate(alike, 1):
        above, line = best[i - 1], best[i]
        for j, likeness in enumerate(row, 1):
            line[j] = max(above[j - 1] + likeness, above[j], line[j - 1])
    pairs, i, j = list[Pair](), len(old[0]), len(new[0])
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
    return tuple(reversed(pairs))


def _likenesses(old: Listed, new: Listed) -> list[list[int]]:
    """How alike each parameter of the one is to each of the other: by type, and more by the same name."""
    return [
        [
            types_alike(first, second) + (SAME_NAME if name and name == other else 0)
            for second, other in zip(*new, strict=True)
        ]
        for first, name in zip(*old, strict=True)
    ]


@lru_cache(maxsize=1 << 14)
def parameter_changes(old: Listed, new: Listed) -> tuple[tuple[ChangeKind, Pair], ...]:
    """What differs, with the places of each parameter in either list: those that stay in order, then those that moved.

    What is at both places is the same for any two prototypes with these lists, so that it is thought out only once.
    """
    stay, moved = _parameter_pairs(old, new)
    kinds = [(_parameter_kind(old, new, pair), pair) for pair in stay]
    changed = [(kind, pair) for kind, pair in kinds if kind is not None]
    return (*changed, *((ChangeKind.PARAMETER_REORDERED, pair) for pair in moved))


def _parameter_kind(old: Listed, new: Listed, pair: Pair) -> ChangeKind | None:
    i, j = pair
    if i is None:
        return ChangeKind.PARAMETER_ADDED
    if j is None:
        return ChangeKind.PARAMETER_REMOVED
    if old[0][i] != new[0][j]:
        return retyping(old[0][i], new[0][j])
    return None if old[1][i] == new[1][j] else ChangeKind.PARAMETER_RENAMED


def _parameter_pairs(old: Listed, new: Listed) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    if (len(old[0]), old) <= (len(new[0]), new):
        return _pairs_in_order(old, new)
    stay, moved = _pairs_in_order(new, old)
    return tuple([(j, i) for i, j in stay]), tuple([(j, i) for i, j in moved])


def _pairs_in_order(old: Listed, new: Listed) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    pairs, before, after = _align(old, new), old[0], new[0]
    dropped = [i for i, j in pairs if i is not None and (j is None or before[i] != after[j])]
    gained = [j for i, j in pairs if j is not None and (i is None or before[i] != after[j])]
    moved = list[Pair]()
    for i in dropped:
        same = [j for j in gained if before[i] == after[j] and _moved(before[i], old[1][i], new[1][j])]
        if same:
            moved.append((i, same[0]))
            gained.remove(same[0])
    gone, come = {i for i, _ in moved}, {j for _, j in moved}
    stay = [(None if i in gone else i, None if j in come else j) for i, j in pairs]
    return tuple([pair for pair in stay if pair != (None, None)]), tuple(moved)


def _moved(type_: str, old: str, new: str) -> bool:
    """Whether a parameter of that type that went and came under these names is the same one."""
    return old == new or (ctypes.is_pointer(type_) and not (old and new))


def compare_signatures(old: Signature, new: Signature) -> list[Edit]:
    """Every difference of two prototypes as typed edits, in the order of the new one."""
    edits = list[Edit]()
    if old.returns != new.returns:
        kind = retyping(old.returns, new.returns)
        kind = ChangeKind.RETURN_TYPE_CHANGED if kind is ChangeKind.PARAMETER_RETYPED else kind
        edits.append(_edit(kind, "returns", old, new, Parameter(type=old.returns), Parameter(type=new.returns)))
    for kind, pair in parameter_changes(old.parameters, new.parameters):
        before, after = _parameter(old, pair[0]), _parameter(new, pair[1])
        edits.append(_edit(kind, "parameter", old, new, before, after, pair))
    if old.condition != new.condition:
        before, after = (Parameter(type=c) if c else None for c in (old.condition, new.condition))
        edits.append(_edit(ChangeKind.CONDITION_CHANGED, "condition", old, new, before, after))
    return edits


def _parameter(signature: Signature, index: int | None) -> Parameter | None:
    if index is None:
        return None
    types, names = signature.parameters
    return Parameter(type=types[index], name=names[index] or None)


def _edit(
    kind: ChangeKind,
    part: str,
    old: Signature,
    new: Signature,
    before: Parameter | None,
    after: Parameter | None,
    indices: Pair = (None, None),
) -> Edit:
    edit = SignatureEdit(
        document=old.document,
        struct=old.struct,
        op=old.op,
        variant=old.variant,
        part=part,
        before=before,
        after=after,
        before_index=indices[0],
        after_index=indices[1],
    )
    return Edit(
        kind,
        edit,
        old,
        new,
        before=None if before is None else declared(before),
        after=None if after is None else declared(after),
    )


def retyping(old: str, new: str) -> ChangeKind:
    """Which kind of difference two types have."""
    if ctypes.bare(old) != ctypes.bare(new):
        return ChangeKind.PARAMETER_RETYPED
    if ctypes.qualifiers(old) != ctypes.qualifiers(new):
        return ChangeKind.QUALIFIER_CHANGED
    return ChangeKind.ATTRIBUTE_CHANGED


def edited(signature: SignatureFact, edits: tuple[SignatureEdit, ...]) -> SignatureFact:
    """The prototype with the edits done: what `apply` uses.

    Parameters without an edit keep their order and fill the places that the edits leave free.
    """
    changes = dict[str, str | None]()
    for edit in edits:
        if edit.part != "parameter":
            changes[edit.part] = edit.after.type if edit.after else None
    placed = {e.after_index: e.after for e in edits if e.after_index is not None}
    gone = {e.before_index for e in edits if e.before_index is not None}
    stay = iter([p for position, p in enumerate(signature.parameters) if position not in gone])
    size = len(placed) + len(signature.parameters) - len(gone)
    parameters = [placed[j] if j in placed else next(stay) for j in range(size)]
    return replace(
        signature,
        returns=changes.get("returns", signature.returns) or "",
        condition=changes.get("condition", signature.condition),
        parameters=tuple(p for p in parameters if p is not None),
    )


@lru_cache(maxsize=1 << 14)
def prototype_likeness(old: Shape, new: Shape) -> float:
    """How alike two prototypes are, 0 to 1: the share of parameters (and the return type) that agree."""
    (returns, first), (other_returns, second) = old, new
    if returns == other_returns and first[0] == second[0]:
        return 1.0
    alike, scores = _likenesses(first, second), [SAME_TYPE if modern(returns) == modern(other_returns) else 0]
    for i, j in align(first, second):
        score = alike[i][j] if i is not None and j is not None else 0
        scores.append(min(SAME_TYPE, score) if score >= SAME_BARE else score // 2)
    return sum(scores) / (SAME_TYPE * len(scores))


def variants(old: Sequence[V], new: Sequence[V]) -> list[tuple[V | None, V | None]]:
    """The prototypes that one document states of one op at two versions, paired by their number."""
    if len(old) == len(new) == 1 and old[0].variant == new[0].variant:
        return [(old[0], new[0])]
    by_old: dict[int, V] = {each.variant: each for each in old}
    by_new: dict[int, V] = {each.variant: each for each in new}
    return [(by_old.get(v), by_new.get(v)) for v in sorted({*by_old, *by_new})]
