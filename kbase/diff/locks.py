"""Lock rules and contexts compared: what became stronger, weaker, or only told more precisely."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from kbase.diff.changes import KINDS, Change, ChangeKind, Severity, Statement
from kbase.diff.facts import BlanketFact, RuleFact, Subjects
from kbase.diff.prototypes import modern
from kbase.diff.said import Standing
from kbase.diff.witnesses import both_places
from kbase.model.records import Held, Mode

EXCLUSIVE_BY_NATURE = re.compile(r"mutex|\bi_sem\b")  # there "yes" means exclusive: no such lock can be shared
BLOCKING = re.compile(r"block|sleep", re.IGNORECASE)
RANK = {Held.NO: 0, Held.MAYBE: 1, Held.YES: 2}
LEVEL = {Mode.SHARED: 1, Mode.EXCLUSIVE: 2}


Told = tuple[ChangeKind, Severity | None, str]
Blankets = Mapping[tuple[str, str], BlanketFact]  # by table and lock or context
Columns = Mapping[str, AbstractSet[str]]  # the locks and contexts that the rules of each table are about


RulePair = tuple[RuleFact | None, RuleFact | None]  # what a row says of one lock at two versions; None: nothing
AloneTold = dict[tuple[object, ...], Change]  # what was told of rules that the other version does not have


def pair_rules(old: Subjects, new: Subjects) -> list[RulePair]:
    """The rules of one op at two versions, by canonical lock and then by order."""
    pairs = list[RulePair]()
    for subject, rules in old.items():
        pairs += zip_longest(rules, new.get(subject, ()))
    for subject, rules in new.items():
        if subject not in old:
            pairs += zip_longest((), rules)
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


def compare_rules(
    pairs: list[RulePair],
    *,
    standing: tuple[Standing, Standing],
    columns: tuple[Columns, Columns] = ({}, {}),
    blankets: tuple[Blankets, Blankets] = ({}, {}),
    known: tuple[AloneTold, AloneTold] | None = None,
) -> list[Change]:
    """The changes of one op's lock rules and contexts.

    Each of a version and the other: `standing`, how the Locking document has the op; `columns`, what the tables' rules
    are about; `blankets`, the rules over whole tables; `known`, what was told before of the same rules, if they last.
    """
    replaced, told_alone = _replaced(pairs, columns), known or ({}, {})
    changes = list[Change]()
    for old, new in pairs:
        if old is None or new is None:
            changes.append(_alone(old, new, standing, blankets, replaced, told_alone))
        else:
            for kind, severity, reason in _kinds(old, new):
                changes.append(_change(old, new, kind, severity or KINDS[kind].severity, reason))
    return changes


def _alone(
    old: RuleFact | None,
    new: RuleFact | None,
    standing: tuple[Standing, Standing],
    blankets: tuple[Blankets, Blankets],
    replaced: str,
    known: tuple[AloneTold, AloneTold],
) -> Change:
    """The change of a rule of which the other version says nothing."""
    rule = new or old
    assert rule is not None  # one side of a pair is always there
    mine, other = (1, 0) if old is None else (0, 1)
    blanket = blankets[other].get((rule.struct, rule.subject))
    key = id(rule), mine, standing[other], replaced, blanket and (blanket, blanket.text)
    told = known[mine].get(key)
    if told is None:
        kind, severity, reason = _covered(_appeared(rule, standing[other], old is None), rule, blanket)
        told = known[mine][key] = _change(old, new, kind, severity or KINDS[kind].severity, replaced or reason)
    return told


def _covered(told: Told, rule: RuleFact, blanket: BlanketFact | None) -> Told:
    """What is told of a rule where the other version has one over the whole table: little, if that says the same."""
    if blanket is None:
        return told
    same = blanket.held is rule.held and rule.op not in blanket.exceptions and not rule.modes
    reason = f"over the table stands: {' '.join(blanket.text.split())}"
    return told[0], Severity.DOCUMENTATION if same else told[1], reason


def _replaced(pairs: list[RulePair], columns: tuple[Columns, Columns]) -> str:
    """Why, where one lock's column went, one other's came, and the row has the same words below both."""
    gone, come = [old for old, new in pairs if old and not new], [new for old, new in pairs if new and not old]
    if len(gone) != 1 or len(come) != 1 or gone[0].context or come[0].context or _said(gone[0]) != _said(come[0]):
        return ""
    stays = gone[0].subject in columns[1].get(gone[0].struct, ())
    was_there = come[0].subject in columns[0].get(come[0].struct, ())
    return "" if stays or was_there else f"{come[0].written} in place of {gone[0].written}"


def _kinds(old: RuleFact, new: RuleFact) -> list[Told]:
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


def _appeared(rule: RuleFact, other: Standing, added: bool) -> Told:
    """A rule of which the other version says nothing; `other` is how that has the op.

    Where the other document has no row of the op, its silence is less than a rule; a lock that was held is none the
    less told as lost, as long as the document speaks of the op.
    """
    reason = "" if other is Standing.ROW else f"the op has no row {'before' if added else 'any longer'}"
    if rule.context:
        return _context_kind(rule), None if other is Standing.ROW else Severity.DOCUMENTATION, reason
    kind = ChangeKind.LOCK_ADDED if added else ChangeKind.LOCK_REMOVED
    if rule.held is Held.NO and rule.effect is None:
        return kind, Severity.DOCUMENTATION, reason or "it is not held"
    return kind, Severity.DOCUMENTATION if other is Standing.ABSENT else None, reason


def _context_kind(rule: RuleFact) -> ChangeKind:
    return ChangeKind.BLOCKING_CHANGED if BLOCKING.search(rule.written) else ChangeKind.CONTEXT_CHANGED


def _held(old: RuleFact, new: RuleFact, kind: ChangeKind) -> Told:
    """A mutex told as an rwsem held shared is no precision: it was exclusive. A page told as a folio is the same."""
    if old.doubtful and new.doubtful and (old.effect, modern(old.doubtful)) == (new.effect, modern(new.doubtful)):
        return kind, Severity.DOCUMENTATION, "only the words changed: pages became folios"
    if kind is ChangeKind.LOCK_REFINED and new.modes == (Mode.SHARED,) and EXCLUSIVE_BY_NATURE.search(old.written):
        return kind, Severity.BEHAVIOUR, f"{old.written} is exclusive by nature"
    if kind is ChangeKind.LOCK_COARSENED and old.modes == (Mode.SHARED,) and EXCLUSIVE_BY_NATURE.search(new.written):
        return kind, Severity.BEHAVIOUR, f"{new.written} is exclusive by nature"
    return kind, None, ""


def _change(old: RuleFact | None, new: RuleFact | None, kind: ChangeKind, severity: Severity, reason: str) -> Change:
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
        evidence=both_places(old, new),
    )


def told(rule: RuleFact | None) -> str | None:
    """The lock and the cell as the document has them: `i_rwsem(inode): exclusive (all)`."""
    return None if rule is None else f"{rule.written}: {rule.cell}"


def renamed_locks(pairs: list[RulePair]) -> list[Change]:
    """Locks of a table that keep their subject under a new name, each told once for the table."""
    groups: dict[tuple[str, str, str, str], list[RulePair]] = {}
    for old, new in pairs:
        if old and new and old.written != new.written:
            groups.setdefault((new.struct, new.subject, old.written, new.written), []).append((old, new))
    return [_renamed(key, found) for key, found in sorted(groups.items())]


def _renamed(key: tuple[str, str, str, str], pairs: list[RulePair]) -> Change:
    struct, subject, before, after = key
    kind = ChangeKind.LOCK_RENAMED
    old, new = [first for first, _ in pairs if first], [second for _, second in pairs if second]
    return Change(
        kind=kind,
        severity=KINDS[kind].severity,
        struct=struct,
        subject=subject,
        before=before,
        after=after,
        reason=f"the same lock, {subject}; {len(pairs)} op{'s' if len(pairs) > 1 else ''}",
        statements=(Statement(document=new[0].document, kind=kind, removed=tuple(old), added=tuple(new)),),
        evidence=both_places(old[0], new[0]),
    )
