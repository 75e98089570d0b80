"""Edits of one op's prototype told by several documents, put together: each change once, with who says so."""

from dataclasses import dataclass, field

from kbase.diff.changes import KINDS, Change, ChangeKind, Severity, Statement
from kbase.diff.facts import Fact, Place, SignatureFact
from kbase.diff.normal import Signatures
from kbase.diff.prototypes import Edit, compare_signatures, variants

LEADING = (ChangeKind.PARAMETER_RETYPED, ChangeKind.QUALIFIER_CHANGED, ChangeKind.ATTRIBUTE_CHANGED)
ALONE = (ChangeKind.PARAMETER_RENAMED, ChangeKind.PARAMETER_REORDERED)
SEVERITIES = tuple(Severity)  # worst first


@dataclass
class Group:
    """The edits, one or two of each document, that are one change."""

    edits: list[Edit] = field(default_factory=list)

    @property
    def leader(self) -> Edit:
        return self.edits[0]

    def accepts(self, edit: Edit, exactly: bool) -> bool:
        """Whether the edit is the same change, told by a document that has not told it yet."""
        leader = self.leader
        if leader.edit.part != edit.edit.part or not self._free(edit):
            return False
        if leader.kind is not edit.kind and (leader.kind in ALONE or edit.kind in ALONE):
            return False
        texts = (edit.before, edit.after) if edit.kind in ALONE else _types(edit)
        leading = (leader.before, leader.after) if edit.kind in ALONE else _types(leader)
        if exactly:
            return texts == leading
        return any(text is not None and text == other for text, other in zip(texts, leading, strict=True))

    def _free(self, edit: Edit) -> bool:
        same = [e for e in self.edits if e.edit.document is edit.edit.document]
        gone = any(e.edit.before is not None for e in same) and edit.edit.before is not None
        come = any(e.edit.after is not None for e in same) and edit.edit.after is not None
        return not gone and not come


def _types(edit: Edit) -> tuple[str | None, str | None]:
    before, after = edit.edit.before, edit.edit.after
    return before.type if before else None, after.type if after else None


def compare_prototypes(old: Signatures, new: Signatures) -> list[Change]:
    """The changes of one op's prototype, over all documents that state it at both versions."""
    edits = [
        edit
        for document in old
        if old[document] != new.get(document)
        for first, second in variants(old[document], new.get(document, ()))
        if first is not None and second is not None
        for edit in compare_signatures(first, second)
    ]
    if not any(document in new for document in old):
        return _across(old, new)
    return [_change(group, old, new) for group in _grouped(edits)]


def _grouped(edits: list[Edit]) -> list[Group]:
    groups = list[Group]()
    for edit in sorted(edits, key=lambda e: (e.kind not in LEADING, e.edit.variant)):
        group = next((g for exactly in (True, False) for g in groups if g.accepts(edit, exactly)), None)
        if group is None:
            groups.append(Group([edit]))
        else:
            group.edits.append(edit)
    return groups


def _change(group: Group, old: Signatures, new: Signatures) -> Change:
    leader = group.leader
    severity = min((KINDS[e.kind].severity for e in group.edits), key=SEVERITIES.index)
    reason = _disagreement(group)
    ahead = _said_already(group, old)
    if ahead is not None:
        severity = max(severity, Severity.DOCUMENTATION, key=SEVERITIES.index)
        reason = f"{_name(ahead)} said so already"
    elif behind := _says_still(group, new):
        reason = f"{_name(behind)} still has the old one"
    return Change(
        kind=leader.kind,
        severity=severity,
        struct=leader.edit.struct,
        op=leader.edit.op,
        before=leader.before,
        after=leader.after,
        reason=reason,
        statements=tuple(Statement(document=e.edit.document, kind=e.kind, edits=(e.edit,)) for e in group.edits),
        evidence=places(*(fact for e in group.edits for fact in (e.old, e.new))),
    )


def _disagreement(group: Group) -> str:
    """What the other documents say, where they tell the change otherwise."""
    leader, others = group.leader, group.edits[1:]
    told = [f"{_name(e.new)} has {e.before or 'nothing'} before, {e.after or 'nothing'} after" for e in others if
            _types(e) != _types(leader)]  # fmt: skip
    return "; ".join(told)


def _said_already(group: Group, old: Signatures) -> SignatureFact | None:
    """A prototype of another document that had the new form at the old version."""
    if len({e.edit.document for e in group.edits}) > 1:
        return None
    return _like(group.leader.new, old)


def _says_still(group: Group, new: Signatures) -> SignatureFact | None:
    """A prototype of another document that has the old form at the new version."""
    if len({e.edit.document for e in group.edits}) > 1:
        return None
    return _like(group.leader.old, new)


def _like(signature: SignatureFact, others: Signatures) -> SignatureFact | None:
    wanted = (signature.returns, signature.types)
    stated = [s for document, found in others.items() if document is not signature.document for s in found]
    return next((s for s in stated if (s.returns, s.types) == wanted), None)


def _across(old: Signatures, new: Signatures) -> list[Change]:
    """One document stated the prototype before, another does now: compared all the same, to no document's charge."""
    if not old or not new:
        return []
    first, second = next(iter(old.values()))[0], next(iter(new.values()))[0]
    changes = list[Change]()
    for edit in compare_signatures(first, second):
        changes.append(
            Change(
                kind=edit.kind,
                severity=KINDS[edit.kind].severity,
                struct=second.struct,
                op=second.op,
                before=edit.before,
                after=edit.after,
                reason=f"stated by {_name(first)} before, by {_name(second)} now",
                likely=True,
                evidence=places(first, second),
            )
        )
    return changes


def _name(fact: SignatureFact) -> str:
    return fact.place.path.rsplit("/", 1)[-1] if fact.place else fact.document.value


def places(*facts: Fact | None) -> tuple[Place, ...]:
    """Where the facts stand, each place once, in order of appearance."""
    found = list[Place]()
    for fact in facts:
        if fact is not None and fact.place is not None and fact.place not in found:
            found.append(fact.place)
    return tuple(found)
