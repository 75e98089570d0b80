"""Prototypes compared parameter by parameter.

Parameters are aligned: the alignment that keeps most of them decides what was inserted, dropped, retyped or moved.
It is computed in one fixed orientation and turned round where needed, so that a diff and its mirror agree.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from kbase.diff import ctypes
from kbase.diff.changes import ChangeKind
from kbase.diff.facts import SignatureEdit, SignatureFact
from kbase.records import Parameter

Pair = tuple[int | None, int | None]  # indices of a parameter in the old and in the new list
SAME_TYPE, SAME_BARE, SAME_SHAPE, ANY = 30, 25, 12, 1
SAME_NAME = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One typed edit of a prototype, as one document tells it."""

    kind: ChangeKind
    edit: SignatureEdit
    old: SignatureFact
    new: SignatureFact

    @property
    def before(self) -> str | None:
        return self._text(self.edit.before)

    @property
    def after(self) -> str | None:
        return self._text(self.edit.after)

    def _text(self, parameter: Parameter | None) -> str | None:
        return None if parameter is None else declared(parameter)


def declared(parameter: Parameter) -> str:
    """The parameter as C writes it: `struct inode *dir`."""
    if parameter.name is None or "(" in parameter.type or "[" in parameter.type:
        return parameter.type
    gap = "" if parameter.type.endswith("*") else " "
    return f"{parameter.type}{gap}{parameter.name}"


def likeness(old: Parameter, new: Parameter) -> int:
    """How alike two parameters are; symmetric, and above 0 so that a retyped parameter beats one dropped and added."""
    return types_alike(old.type, new.type) + (SAME_NAME if old.name and old.name == new.name else 0)


@lru_cache(maxsize=1 << 14)
def types_alike(old: str, new: str) -> int:
    """How alike two types are: the same, the same but for qualifiers and folios, both pointers or both not, or else."""
    if old == new:
        return SAME_TYPE
    if modern(ctypes.bare(old)) == modern(ctypes.bare(new)):
        return SAME_BARE
    return SAME_SHAPE if ctypes.is_pointer(old) == ctypes.is_pointer(new) else ANY


def modern(text: str) -> str:
    """The type or name after the conversions that the kernel went through: pages became folios."""
    return text.replace("page", "folio").replace("user_namespace", "mnt_idmap")


def align(old: tuple[Parameter, ...], new: tuple[Parameter, ...]) -> tuple[Pair, ...]:
    """The pairs of the best alignment, in order; None stands for a gap."""
    if _orientation(old) <= _orientation(new):
        return _align(old, new)
    return tuple((first, second) for second, first in _align(new, old))


def _orientation(parameters: tuple[Parameter, ...]) -> tuple[int, tuple[tuple[str, str], ...]]:
    return len(parameters), tuple((p.type, p.name or "") for p in parameters)


@lru_cache(maxsize=1 << 14)
def _align(old: tuple[Parameter, ...], new: tuple[Parameter, ...]) -> tuple[Pair, ...]:
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, first in enumerate(old, 1):
        for j, second in enumerate(new, 1):
            paired = best[i - 1][j - 1] + likeness(first, second)
            best[i][j] = max(paired, best[i - 1][j], best[i][j - 1])
    pairs, i, j = list[Pair](), len(old), len(new)
    while i or j:
        if i and j and best[i][j] == best[i - 1][j - 1] + likeness(old[i - 1], new[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and best[i][j] == best[i - 1][j]:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return tuple(reversed(pairs))


def parameter_pairs(old: tuple[Parameter, ...], new: tuple[Parameter, ...]) -> tuple[list[Pair], list[Pair]]:
    """The pairs that stay in order, and the parameters that moved."""
    if _orientation(old) <= _orientation(new):
        return _parameter_pairs(old, new)
    stay, moved = _parameter_pairs(new, old)
    return [(j, i) for i, j in stay], [(j, i) for i, j in moved]


def _parameter_pairs(old: tuple[Parameter, ...], new: tuple[Parameter, ...]) -> tuple[list[Pair], list[Pair]]:
    pairs = align(old, new)
    dropped = [i for i, j in pairs if i is not None and (j is None or old[i].type != new[j].type)]
    gained = [j for i, j in pairs if j is not None and (i is None or old[i].type != new[j].type)]
    moved = list[Pair]()
    for i in dropped:
        same = [j for j in gained if _moved(old[i], new[j])]
        if same:
            moved.append((i, same[0]))
            gained.remove(same[0])
    gone, come = {i for i, _ in moved}, {j for _, j in moved}
    stay = [(None if i in gone else i, None if j in come else j) for i, j in pairs]
    return [pair for pair in stay if pair != (None, None)], moved


def _moved(old: Parameter, new: Parameter) -> bool:
    if old.type != new.type:
        return False
    return old.name == new.name or (ctypes.is_pointer(old.type) and not (old.name and new.name))


def compare_signatures(old: SignatureFact, new: SignatureFact) -> tuple[Edit, ...]:
    """Every difference of two prototypes as typed edits, in the order of the new one."""
    if old == new:
        return ()
    return (*_returns(old, new), *_parameters(old, new), *_condition(old, new))


def _edit(
    old: SignatureFact, part: str, before: Parameter | None, after: Parameter | None, pair: Pair
) -> SignatureEdit:
    return SignatureEdit(
        document=old.document,
        struct=old.struct,
        op=old.op,
        variant=old.variant,
        part=part,
        before=before,
        after=after,
        before_index=pair[0],
        after_index=pair[1],
    )


def _returns(old: SignatureFact, new: SignatureFact) -> list[Edit]:
    if old.returns == new.returns:
        return []
    kind = retyping(old.returns, new.returns)
    kind = ChangeKind.RETURN_TYPE_CHANGED if kind is ChangeKind.PARAMETER_RETYPED else kind
    edit = _edit(old, "returns", Parameter(type=old.returns), Parameter(type=new.returns), (None, None))
    return [Edit(kind=kind, edit=edit, old=old, new=new)]


def _condition(old: SignatureFact, new: SignatureFact) -> list[Edit]:
    if old.condition == new.condition:
        return []
    before, after = (Parameter(type=c) if c else None for c in (old.condition, new.condition))
    edit = _edit(old, "condition", before, after, (None, None))
    return [Edit(kind=ChangeKind.CONDITION_CHANGED, edit=edit, old=old, new=new)]


def _parameters(old: SignatureFact, new: SignatureFact) -> list[Edit]:
    if old.parameters == new.parameters:
        return []
    stay, moved = parameter_pairs(old.parameters, new.parameters)
    edits = list[Edit]()
    for pair in [*stay, *moved]:
        before = None if pair[0] is None else old.parameters[pair[0]]
        after = None if pair[1] is None else new.parameters[pair[1]]
        kind = _parameter_kind(before, after, pair in moved)
        if kind is not None:
            edit = _edit(old, "parameter", before, after, pair)
            edits.append(Edit(kind=kind, edit=edit, old=old, new=new))
    return edits


def _parameter_kind(before: Parameter | None, after: Parameter | None, moved: bool) -> ChangeKind | None:
    if moved:
        return ChangeKind.PARAMETER_REORDERED
    if before is None:
        return ChangeKind.PARAMETER_ADDED
    if after is None:
        return ChangeKind.PARAMETER_REMOVED
    if before.type != after.type:
        return retyping(before.type, after.type)
    return None if before.name == after.name else ChangeKind.PARAMETER_RENAMED


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


def prototype_likeness(old: SignatureFact, new: SignatureFact) -> float:
    """How alike two prototypes are, 0 to 1: the share of parameters (and the return type) that agree."""
    if (old.returns, old.types) == (new.returns, new.types):
        return 1.0
    scores = [SAME_TYPE if modern(old.returns) == modern(new.returns) else 0]
    for i, j in align(old.parameters, new.parameters):
        kept = i is not None and j is not None
        score = likeness(old.parameters[i], new.parameters[j]) if i is not None and j is not None else 0
        scores.append(min(SAME_TYPE, score) if kept and score >= SAME_BARE else score // 2)
    return sum(scores) / (SAME_TYPE * len(scores))


def variants(
    old: tuple[SignatureFact, ...], new: tuple[SignatureFact, ...]
) -> list[tuple[SignatureFact | None, SignatureFact | None]]:
    """The prototypes that one document states of one op at two versions, paired by their number."""
    by_old, by_new = {s.variant: s for s in old}, {s.variant: s for s in new}
    return [(by_old.get(v), by_new.get(v)) for v in sorted({*by_old, *by_new})]
