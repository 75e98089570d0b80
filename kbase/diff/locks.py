"""Lock rules and contexts compared: what became stronger, weaker, or only told more precisely."""

import re
from dataclasses import dataclass

from kbase.diff.changes import KINDS, Change, ChangeKind, Severity, Statement
from kbase.diff.facts import RuleFact
from kbase.diff.witnesses import places
from kbase.records import Held, Mode

EXCLUSIVE_BY_NATURE = re.compile(r"mutex|\bi_sem\b")  # there "yes" means exclusive: no such lock can be shared
BLOCKING = re.compile(r"block|sleep", re.IGNORECASE)
RANK = {Held.NO: 0, Held.MAYBE: 1, Held.YES: 2}
LEVEL = {Mode.SHARED: 1, Mode.EXCLUSIVE: 2}


@dataclass(frozen=True, slots=True)
class RulePair:
    """What a row says of one lock at two versions; None where it says nothing."""

    old: RuleFact | None
    new: RuleFact | None


def pair_rules(old: list[RuleFact], new: list[RuleFact]) -> list[RulePair]:
    """The rules of one op at two versions, by canonical lock and then by order."""
    groups: dict[tuple[bool, str], tuple[list[RuleFact], list[RuleFact]]] = {}
    for side, rules in enumerate((old, new)):
        for rule in sorted(rules, key=lambda rule: (rule.subject, rule.written, rule.cell)):
            groups.setdefault((rule.context, rule.subject.lower()), ([], []))[side].append(rule)
    pairs = list[RulePair]()
    for before, after in groups.values():
        for i in range(max(len(before), len(after))):
            pairs.append(RulePair(before[i] if i < len(before) else None, after[i] if i < len(after) else None))
    return pairs


def graded(old: RuleFact, new: RuleFact) -> ChangeKind | None:
    """How `held` and the modes moved; None if they did not."""
    if (old.held, old.modes, old.doubtful) == (new.held, new.modes, new.doubtful):
        return None
    if Held.UNKNOWN in (old.held, new.held):
        return ChangeKind.LOCK_CHANGED
    if old.held is not new.held:
        stronger = RANK[new.held] > RANK[old.held]
        return ChangeKind.LOCK_STRENGTHENED if stronger else ChangeKind.LOCK_WEAKENED
    if not old.modes:
        return ChangeKind.LOCK_REFINED
    if not new.modes:
        return ChangeKind.LOCK_COARSENED
    before, after = _span(old), _span(new)
    if before[0] <= after[0] and before[1] <= after[1] and before != after:
        return ChangeKind.LOCK_STRENGTHENED
    if before[0] >= after[0] and before[1] >= after[1] and before != after:
        return ChangeKind.LOCK_WEAKENED
    return ChangeKind.LOCK_CHANGED


def _span(rule: RuleFact) -> tuple[int, int]:
    levels = [LEVEL[mode] for mode in rule.modes]
    return min(levels), max(levels)


def compare_rules(pairs: list[RulePair], *, row_before: bool, row_after: bool) -> list[Change]:
    """The changes of one op's lock rules and contexts; `row_before`: whether it had a row at all at the old version."""
    gone, come = ([p for p in pairs if getattr(p, side) is None] for side in ("new", "old"))
    replaced = _replaced(gone, come)
    changes = list[Change]()
    for pair in pairs:
        for kind, severity, reason in _kinds(pair, row_before=row_before, row_after=row_after):
            why = replaced if pair in gone or pair in come else reason
            changes.append(_change(pair, kind, severity or KINDS[kind].severity, why or reason))
    return changes


def _replaced(gone: list[RulePair], come: list[RulePair]) -> str:
    """Why, where the row tells of one lock no more and of one other instead, in the same words."""
    old, new = [p.old for p in gone if p.old], [p.new for p in come if p.new]
    if len(old) == len(new) == 1 and not old[0].context and _said(old[0]) == _said(new[0]):
        return f"{new[0].written} in place of {old[0].written}"
    return ""


Told = tuple[ChangeKind, Severity | None, str]


def _kinds(pair: RulePair, *, row_before: bool, row_after: bool) -> list[Told]:
    old, new = pair.old, pair.new
    if old is None or new is None:
        present = old or new
        known = row_before if old is None else row_after
        return [_appeared(present, known, ChangeKind.LOCK_ADDED if old is None else ChangeKind.LOCK_REMOVED)]
    if new.context:
        differs = _said(old) != _said(new)
        return [(_context_kind(new), None, "")] if differs else []
    told = list[Told]()
    kind = graded(old, new)
    if kind is not None:
        told.append(_held(old, new, kind))
    if old.effect is not new.effect and kind is not ChangeKind.LOCK_CHANGED:
        told.append((ChangeKind.LOCK_CHANGED, None, f"effect: {old.effect or 'none'}, now {new.effect or 'none'}"))
    if old.scope != new.scope:
        told.append((ChangeKind.LOCK_SCOPE_CHANGED, None, ""))
    if old.condition != new.condition:
        told.append((ChangeKind.LOCK_CONDITION_CHANGED, None, ""))
    return told


def _said(rule: RuleFact) -> tuple[object, ...]:
    return rule.held, rule.modes, rule.effect, rule.scope, rule.condition, rule.doubtful


def _appeared(rule: RuleFact | None, row_known: bool, kind: ChangeKind) -> Told:
    assert rule is not None  # one side of a pair is always there
    if rule.context:
        return _context_kind(rule), None if row_known else Severity.DOCUMENTATION, ""
    if not row_known:
        other = "before" if kind is ChangeKind.LOCK_ADDED else "any longer"
        return kind, Severity.DOCUMENTATION, f"the op has no row {other}"
    if rule.held is Held.NO and rule.effect is None:
        return kind, Severity.DOCUMENTATION, "it is not held"
    return kind, None, ""


def _context_kind(rule: RuleFact) -> ChangeKind:
    return ChangeKind.BLOCKING_CHANGED if BLOCKING.search(rule.written) else ChangeKind.CONTEXT_CHANGED


def _held(old: RuleFact, new: RuleFact, kind: ChangeKind) -> Told:
    """A mutex told as an rwsem held shared is no precision: it used to be exclusive."""
    if kind is ChangeKind.LOCK_REFINED and new.modes == (Mode.SHARED,) and EXCLUSIVE_BY_NATURE.search(old.written):
        return kind, Severity.BEHAVIOUR, f"{old.written} is exclusive by nature"
    if kind is ChangeKind.LOCK_COARSENED and old.modes == (Mode.SHARED,) and EXCLUSIVE_BY_NATURE.search(new.written):
        return kind, Severity.BEHAVIOUR, f"{new.written} is exclusive by nature"
    return kind, None, ""


def _change(pair: RulePair, kind: ChangeKind, severity: Severity, reason: str) -> Change:
    old, new = pair.old, pair.new
    rule = new or old
    assert rule is not None  # one side of a pair is always there
    statement = Statement(document=rule.document, kind=kind, removed=(old,) if old else (), added=(new,) if new else ())
    return Change(
        kind=kind,
        severity=severity,
        struct=rule.struct,
        op=rule.op,
        subject=rule.subject,
        before=told(old),
        after=told(new),
        reason=reason,
        statements=(statement,),
        evidence=places(old, new),
    )


def told(rule: RuleFact | None) -> str | None:
    """The lock and the cell as the document has them: `i_rwsem(inode): exclusive (all)`."""
    return None if rule is None else f"{rule.written}: {rule.cell}"


def renamed_locks(pairs: list[RulePair]) -> list[Change]:
    """Locks of a table that keep their subject under a new name, each told once for the table."""
    groups: dict[tuple[str, str, str, str], list[RulePair]] = {}
    for pair in pairs:
        if pair.old and pair.new and pair.old.written != pair.new.written:
            key = (pair.new.struct, pair.new.subject, pair.old.written, pair.new.written)
            groups.setdefault(key, []).append(pair)
    return [_renamed(key, found) for key, found in sorted(groups.items())]


def _renamed(key: tuple[str, str, str, str], pairs: list[RulePair]) -> Change:
    struct, subject, before, after = key
    kind = ChangeKind.LOCK_RENAMED
    old, new = [p.old for p in pairs if p.old], [p.new for p in pairs if p.new]
    return Change(
        kind=kind,
        severity=KINDS[kind].severity,
        struct=struct,
        subject=subject,
        before=before,
        after=after,
        reason=f"the same lock, {subject}; {len(pairs)} op{'s' if len(pairs) > 1 else ''}",
        statements=(Statement(document=new[0].document, kind=kind, removed=tuple(old), added=tuple(new)),),
        evidence=places(old[0], new[0]),
    )
