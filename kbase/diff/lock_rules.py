"""Lock rules and contexts compared: what became stronger, weaker, or is only stated more precisely."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from kbase.diff.changes import Change, ChangeKind, Severity, change_of
from kbase.diff.comparable import Coverage, OpFacts
from kbase.diff.facts import BlanketFact, ProseFact, RuleFact, both_by
from kbase.diff.prototypes import modern
from kbase.model.records import Held
from kbase.model.words import Mode

EXCLUSIVE_BY_NATURE = re.compile(r"mutex|\bi_sem\b")  # there "yes" means exclusive: no such lock can be shared
BLOCKING = re.compile(r"block|sleep", re.IGNORECASE)
RANK = {Held.NO: 0, Held.MAYBE: 1, Held.YES: 2}
LEVEL = {Mode.SHARED: 1, Mode.EXCLUSIVE: 2}

Outcome = tuple[ChangeKind, Severity | None, str]  # kind, severity if it is not that of the kind, reason
Blankets = Mapping[tuple[str, str], BlanketFact]  # by table and lock or context
Columns = Mapping[str, AbstractSet[str]]  # the locks and contexts that the rules of each table are about
RulePair = tuple[RuleFact | None, RuleFact | None]  # what a row says of one lock at two versions; None: nothing

MOVED: Outcome = (ChangeKind.LOCK_CHANGED, Severity.DOCUMENTATION, "another document says it now")


def pair_rules(old: Iterable[RuleFact], new: Iterable[RuleFact]) -> Iterator[RulePair]:
    """The rules of one op at two versions, by what they are about and then by order."""
    for group in both_by(_about, old, new).values():
        yield from zip_longest(*group)


def compare_rules(
    pairs: list[RulePair],
    coverage: tuple[Coverage, Coverage],
    columns: tuple[Columns, Columns] = ({}, {}),
    blankets: tuple[Blankets, Blankets] = ({}, {}),
) -> Iterator[Change]:
    """The changes of one op's lock rules and contexts.

    Of the old and of the new version: `coverage`, how the Locking document has the op; `columns`, what the tables'
    rules are about; `blankets`, the rules over whole tables.
    """
    replaced = _replaced(pairs, columns)
    for old, new in pairs:
        if old is not None and new is not None:
            yield from _changes(old, new, _outcomes(old, new))
        else:
            kind, severity, reason = _alone(old, new, coverage, blankets)
            yield from _changes(old, new, [(kind, severity, replaced or reason)])


def pair_sentences(old: OpFacts, new: OpFacts) -> list[RulePair]:
    """The rules in sentences about one op that one of two versions has and the other has not, the most alike paired."""
    gone, come = (
        [rule for rule in mine if rule not in theirs]
        for mine, theirs in ((old.prose, new.prose), (new.prose, old.prose))
    )
    pairs = list[RulePair]()
    for alike in (_reading, _scope, _about):
        groups = both_by(alike, gone, come).values()
        same: list[tuple[RuleFact, RuleFact]] = [pair for group in groups for pair in zip(*group, strict=False)]
        pairs += same
        gone = [rule for rule in gone if not any(rule is before for before, _ in same)]
        come = [rule for rule in come if not any(rule is after for _, after in same)]
    return [*pairs, *((rule, None) for rule in gone), *((None, rule) for rule in come)]


def compare_sentences(pairs: list[RulePair], old: OpFacts, new: OpFacts) -> Iterator[Change]:
    """The changes of what sentences say of one op.

    A rule that another sentence or a cell of the other version states has neither come nor gone: that is documentation,
    as are other words for a lock that the row of the other version speaks of, whose change is reported there.
    """
    replaced = _replaced([pair for pair in pairs if None in pair], ({}, {}))
    for before, after in pairs:
        if before is not None and after is not None:
            moved = before.document is not after.document and _reading(before) == _reading(after)
            yield from _changes(before, after, [MOVED] if moved else _outcomes(before, after))
            continue
        rule, others = (after, old) if before is None else (before, new)
        assert rule is not None  # one side of a pair is always there
        kind = ChangeKind.LOCK_ADDED if after else ChangeKind.LOCK_REMOVED
        kind, severity, reason = _context_kind(rule) if rule.context else kind, None, replaced or "stated in a sentence"
        same = [other for other in (*others.rules, *others.prose) if _reading(other) == _reading(rule)]
        same += [row for row in others.rules if _about(row) == _about(rule)]
        if same:
            severity, reason = Severity.DOCUMENTATION, f"{same[0].file} says: {same[0].cell}"
        elif not rule.context and rule.held is Held.NO and rule.effect is None:
            severity, reason = Severity.DOCUMENTATION, "it is not held"
        yield from _changes(before, after, [(kind, severity, reason)])


def _reading(rule: RuleFact) -> Hashable:
    return _about(rule), rule.reading


def _scope(rule: RuleFact) -> Hashable:
    return _about(rule), rule.scope


def _about(rule: RuleFact) -> Hashable:
    return rule.context, rule.subject.lower()


def _changes(old: RuleFact | None, new: RuleFact | None, outcomes: Iterable[Outcome]) -> Iterator[Change]:
    rule = new or old
    assert rule is not None  # one side of a pair is always there
    for kind, severity, reason in outcomes:
        yield change_of(
            kind,
            [old],
            [new],
            severity=severity,
            struct=rule.struct,
            op=rule.op,
            subject=rule.subject,
            before=old and f"{old.written}: {old.cell}",
            after=new and f"{new.written}: {new.cell}",
            reason=reason,
        )


def _alone(
    old: RuleFact | None,
    new: RuleFact | None,
    coverage: tuple[Coverage, Coverage],
    blankets: tuple[Blankets, Blankets],
) -> Outcome:
    """What it means that the other version says nothing of a rule's lock; little, if a rule over the table does.

    Where the other document has no row of the op, its silence is less than a rule; a lock that was held is none the
    less reported as lost, as long as the document speaks of the op.
    """
    rule, other = (new, 0) if old is None else (old, 1)
    assert rule is not None  # one side of a pair is always there
    reason = "" if coverage[other] is Coverage.ROW else f"the op has no row {'before' if new else 'any longer'}"
    severity: Severity | None = None
    if rule.context:
        kind = _context_kind(rule)
        severity = None if coverage[other] is Coverage.ROW else Severity.DOCUMENTATION
    else:
        kind = ChangeKind.LOCK_ADDED if new else ChangeKind.LOCK_REMOVED
        if rule.held is Held.NO and rule.effect is None:
            severity, reason = Severity.DOCUMENTATION, reason or "it is not held"
        elif coverage[other] is Coverage.ABSENT:
            severity = Severity.DOCUMENTATION
    if blanket := blankets[other].get((rule.struct, rule.subject)):
        same = blanket.held is rule.held and rule.op not in blanket.exceptions and not rule.modes
        reason = f"a rule over the table: {' '.join(blanket.text.split())}"
        severity = Severity.DOCUMENTATION if same else severity
    return kind, severity, reason


def _replaced(pairs: list[RulePair], columns: tuple[Columns, Columns]) -> str:
    """The reason to match two locks: one column was replaced by one other, and the row has the same words in both."""
    gone, come = [old for old, new in pairs if old and not new], [new for old, new in pairs if new and not old]
    if len(gone) != 1 or len(come) != 1:
        return ""
    old, new = gone[0], come[0]
    stays = old.subject in columns[1].get(old.struct, ()) or new.subject in columns[0].get(new.struct, ())
    same = old.reading == new.reading and not old.context and not new.context
    return f"{new.written} in place of {old.written}" if same and not stays else ""


def _outcomes(old: RuleFact, new: RuleFact) -> Iterator[Outcome]:
    if new.context:
        if old.reading != new.reading:
            yield _context_kind(new), None, ""
        return
    kind = graded(old, new)
    if kind is not None:
        yield _held(old, new, kind)
    if old.effect is not new.effect and kind is not ChangeKind.LOCK_CHANGED:
        yield ChangeKind.LOCK_CHANGED, None, f"effect: {old.effect or 'none'}, now {new.effect or 'none'}"
    if old.scope != new.scope:
        yield ChangeKind.LOCK_SCOPE_CHANGED, None, ""
    if old.condition != new.condition:
        yield ChangeKind.LOCK_CONDITION_CHANGED, None, ""


def graded(old: RuleFact, new: RuleFact) -> ChangeKind | None:
    """How `held` and the modes changed; None if they did not."""
    if (old.held, old.modes, old.doubtful) == (new.held, new.modes, new.doubtful):
        return None
    if Held.UNKNOWN in (old.held, new.held):
        return ChangeKind.LOCK_CHANGED
    if old.held is not new.held:
        stronger = RANK[new.held] > RANK[old.held]
        return ChangeKind.LOCK_STRENGTHENED if stronger else ChangeKind.LOCK_WEAKENED
    if not old.modes or not new.modes:
        return ChangeKind.LOCK_COARSENED if old.modes else ChangeKind.LOCK_REFINED
    before, after = ([LEVEL[mode] for mode in rule.modes] for rule in (old, new))
    least, most = min(after) - min(before), max(after) - max(before)
    if least >= 0 and most >= 0 and (least or most):
        return ChangeKind.LOCK_STRENGTHENED
    return ChangeKind.LOCK_WEAKENED if least <= 0 and most <= 0 and (least or most) else ChangeKind.LOCK_CHANGED


def _context_kind(rule: RuleFact) -> ChangeKind:
    return ChangeKind.BLOCKING_CHANGED if BLOCKING.search(rule.subject) else ChangeKind.CONTEXT_CHANGED


def _held(old: RuleFact, new: RuleFact, kind: ChangeKind) -> Outcome:
    """A mutex that is now an rwsem held shared is no precision: it was exclusive. A page or a folio is the same."""
    if old.doubtful and new.doubtful and (old.effect, modern(old.doubtful)) == (new.effect, modern(new.doubtful)):
        return kind, Severity.DOCUMENTATION, "only the words changed: pages became folios"
    plain, moded = (old, new) if kind is ChangeKind.LOCK_REFINED else (new, old)
    of_mode = kind in (ChangeKind.LOCK_REFINED, ChangeKind.LOCK_COARSENED) and moded.modes == (Mode.SHARED,)
    if of_mode and EXCLUSIVE_BY_NATURE.search(plain.written):
        return kind, Severity.BEHAVIOUR, f"{plain.written} is exclusive by nature"
    return kind, None, ""


def renamed_locks(pairs: Iterable[RulePair]) -> Iterator[Change]:
    """Locks of a table that keep their subject under a new name, each reported once for the table.

    The sentences that name a lock of the table's cells go with these, whose name counts.
    """
    groups: dict[tuple[str, str, str, str], list[tuple[RuleFact, RuleFact]]] = {}
    named: dict[tuple[str, str], tuple[str, str]] = {}
    for old, new in sorted(pairs, key=lambda pair: isinstance(pair[0], ProseFact)):
        if old and new and old.written != new.written:
            names = named.setdefault((new.struct, new.subject), (old.written, new.written))
            names = names if isinstance(new, ProseFact) else (old.written, new.written)
            groups.setdefault((new.struct, new.subject, *names), []).append((old, new))
    for (struct, subject, before, after), found in sorted(groups.items(), key=lambda group: group[0]):
        yield change_of(
            ChangeKind.LOCK_RENAMED,
            [old for old, _ in found],
            [new for _, new in found],
            struct=struct,
            subject=subject,
            before=before,
            after=after,
            reason=f"the same lock, {subject}; {len(found)} op{'s' if len(found) > 1 else ''}",
            shown=found[0],
        )
