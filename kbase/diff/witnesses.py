"""Edits of one op's prototype told by several documents, put together: each change once, with who says so."""

from functools import lru_cache
from itertools import chain

from kbase.diff.changes import KINDS, Change, ChangeKind, Severity, Statement
from kbase.diff.facts import Fact, Place, SignatureFact, by_document
from kbase.diff.prototypes import Edit, Signature, compare_signatures, variants
from kbase.diff.said import Said

Prototypes = tuple[Signature, ...]  # of one op, by all documents
Proof = tuple[tuple[int, int], ...]  # pairs of them, by their places among those of the old and of the new version

LEADING = (ChangeKind.PARAMETER_RETYPED, ChangeKind.QUALIFIER_CHANGED, ChangeKind.ATTRIBUTE_CHANGED)
ALONE = (ChangeKind.PARAMETER_RENAMED, ChangeKind.PARAMETER_REORDERED)
SEVERITIES = tuple(Severity)  # worst first


def compare_prototypes(old: Said, new: Said) -> list[Change]:
    """The changes of one op's prototype, over all documents that state it at both versions."""
    told = _told(old.plain, new.plain)
    if not told:
        return []
    before, after = tuple(old.prototypes), tuple(new.prototypes)
    return [change.at(_evidence([(before[i], after[j]) for i, j in proof])) for change, proof in told]


def _evidence(proof: list[tuple[SignatureFact, SignatureFact]]) -> tuple[Place, ...]:
    return both_places(*proof[0]) if len(proof) == 1 else places(*chain.from_iterable(proof))


@lru_cache(maxsize=1 << 12)
def _told(old: Prototypes, new: Prototypes) -> tuple[tuple[Change, Proof], ...]:
    """The changes without their evidence, each with the prototypes that prove it.

    Most pairs of versions have pairs of prototypes that others have: only the lines differ, and they are not in here.
    """
    theirs = by_document(new)
    shared = {document: stated for document, stated in by_document(old).items() if document in theirs}
    if not shared:
        edits = compare_signatures(old[0], new[0]) if old and new else []
        return tuple([(_across(edit), ((0, 0),)) for edit in edits])
    edits = list[Edit]()
    for document, stated in shared.items():
        for first, second in variants(stated, theirs[document]):
            if first is not None and second is not None:
                edits += compare_signatures(first, second)
    return tuple(
        [
            (_change(group, old, new), tuple([(old.index(edit.old), new.index(edit.new)) for edit in group]))
            for group in _grouped(edits)
        ]
    )


def _grouped(edits: list[Edit]) -> list[list[Edit]]:
    """The edits that are one change: one or two of each document; the first leads."""
    edits.sort(key=_first_told)
    if len({edit.edit.document for edit in edits}) < 2:
        return [[edit] for edit in edits]  # one document tells no change twice
    groups = list[list[Edit]]()
    for edit in edits:
        group = _home(edit, groups)
        if group is None:
            groups.append([edit])
        else:
            group.append(edit)
    return groups


def _first_told(edit: Edit) -> tuple[bool, int]:
    return edit.kind not in LEADING, edit.edit.variant


def _home(edit: Edit, groups: list[list[Edit]]) -> list[Edit] | None:
    """The group that tells the same change: the first one wholly, else the first one by half."""
    near = None
    for group in groups:
        shared = _shares(group, edit)
        if shared == 2:
            return group
        near = near or (group if shared else None)
    return near


def _shares(group: list[Edit], edit: Edit) -> int:
    """How much of the edit, told by a document that has not told it yet, is the same: 2 all, 1 half, 0 nothing."""
    leader = group[0]
    if leader.edit.part != edit.edit.part:
        return 0
    if leader.kind is not edit.kind and (leader.kind in ALONE or edit.kind in ALONE):
        return 0
    texts = (edit.before, edit.after) if edit.kind in ALONE else _types(edit)
    leading = (leader.before, leader.after) if edit.kind in ALONE else _types(leader)
    if texts == leading:
        return 2 if _free(group, edit) else 0
    half = (texts[0] and texts[0] == leading[0]) or (texts[1] and texts[1] == leading[1])
    return 1 if half and _free(group, edit) else 0


def _types(edit: Edit) -> tuple[str | None, str | None]:
    before, after = edit.edit.before, edit.edit.after
    return before.type if before else None, after.type if after else None


def _free(group: list[Edit], edit: Edit) -> bool:
    """Whether its document has not told yet what goes, or what comes."""
    for other in group:
        if other.edit.document is edit.edit.document:
            if other.before is not None and edit.before is not None:
                return False
            if other.after is not None and edit.after is not None:
                return False
    return True


def _change(edits: list[Edit], old: Prototypes, new: Prototypes) -> Change:
    leader = edits[0]
    severity, reason = KINDS[leader.kind].severity, ""
    if len(edits) > 1:
        severity = min([KINDS[e.kind].severity for e in edits], key=SEVERITIES.index)
        reason = _disagreement(edits)
    if len(edits) == 1 or len({e.edit.document for e in edits}) == 1:
        part = leader.edit.part
        if ahead := _like(leader.new, old, part):
            severity = max(severity, Severity.DOCUMENTATION, key=SEVERITIES.index)
            reason = f"{ahead.file} said so already"
        elif behind := _like(leader.old, new, part):
            reason = f"{behind.file} still has the old one"
    return Change(
        kind=leader.kind,
        severity=severity,
        struct=leader.edit.struct,
        op=leader.edit.op,
        before=leader.before,
        after=leader.after,
        reason="; ".join(filter(None, (_spot(leader), reason))),
        statements=tuple([Statement(document=e.edit.document, kind=e.kind, edits=(e.edit,)) for e in edits]),
    )


def _spot(edit: Edit) -> str:
    """Which parameter it is, counted from 1, or that it is the return type."""
    if edit.edit.part != "parameter":
        return "the return type" if edit.edit.part == "returns" and edit.kind in LEADING else ""
    before, after = edit.edit.before_index, edit.edit.after_index
    if before is not None and after is not None and before != after:
        return f"parameter {after + 1}, before it was parameter {before + 1}"
    return "".join(f"parameter {place + 1}" for place in {before, after} if place is not None)


def _disagreement(edits: list[Edit]) -> str:
    """What the other documents say, where they tell the change otherwise."""
    leading = _types(edits[0])
    others = [edit for edit in edits[1:] if _types(edit) != leading]
    told = [f"{e.new.file} has {e.before or 'nothing'} before, {e.after or 'nothing'} after" for e in others]
    return "; ".join(told)


def _like(signature: Signature, others: Prototypes, part: str) -> Signature | None:
    """A prototype of another document that is the same, or returns the same where that is the part in question."""
    for other in others:
        same = other.returns == signature.returns and (
            part == "returns" or other.parameters[0] == signature.parameters[0]
        )
        if same and other.document is not signature.document:
            return other
    return None


def _across(edit: Edit) -> Change:
    """One document stated the prototype before, another does now: compared all the same, to no document's charge."""
    return Change(
        kind=edit.kind,
        severity=KINDS[edit.kind].severity,
        struct=edit.new.struct,
        op=edit.new.op,
        before=edit.before,
        after=edit.after,
        reason="; ".join(filter(None, (_spot(edit), f"stated by {edit.old.file} before, by {edit.new.file} now"))),
        likely=True,
    )


def places(*facts: Fact | None) -> tuple[Place, ...]:
    """Where the facts stand, each place once, in order of appearance."""
    found = [fact.place for fact in facts if fact is not None and fact.place is not None]
    if len(found) < 2:
        return tuple(found)
    return tuple({(place.version, place.path, place.line): place for place in found}.values())


def both_places(old: Fact | None, new: Fact | None) -> tuple[Place, ...]:
    """The same, of a fact of either version: they never stand in one place."""
    return tuple([fact.place for fact in (old, new) if fact is not None and fact.place is not None])
