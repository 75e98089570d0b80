"""Compares two versions, op by op and document by document, and returns typed changes.

Only facts that both versions could state are compared, see `kbase.diff.comparability`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kbase.diff.changes import Change, ChangeKind, change_of
from kbase.diff.comparability import Gap, comparable_documents, comparable_facts, gaps_between
from kbase.diff.comparable import ComparableVersion, Names, OpFacts, VersionFacts
from kbase.diff.documents import compare_documents
from kbase.diff.fact import Fact, OpName
from kbase.diff.facts import BlanketFact, OpFact, SignatureFact, files_of
from kbase.diff.kernel_first import decided_tables, interface, kernel_first
from kbase.diff.late_documents import without_late
from kbase.diff.lock_orders import compare_orders
from kbase.diff.lock_rules import (
    Blankets,
    Columns,
    RulePair,
    compare_rules,
    compare_sentences,
    pair_rules,
    pair_sentences,
    renamed_locks,
)
from kbase.diff.porting import EntryChange, compare_logs, explained
from kbase.diff.prototypes import compare_prototypes, declared, variants
from kbase.diff.renames import Rename, find_renames
from kbase.diff.texts import compare_blankets, compare_texts
from kbase.diff.truncated_documents import truncations
from kbase.kernel.exact_names import core_ops
from kbase.kernel.successors import successor
from kbase.model.records import PortingEntry
from kbase.model.states import Cited, VersionState
from kbase.model.witnesses import LOCK_TABLES, DocumentKind


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one version to another."""

    changes: tuple[Change, ...]  # in the order of tables and ops, documents last
    porting: tuple[Cited[PortingEntry], ...]  # porting entries added between the two versions
    log: tuple[EntryChange, ...]  # porting entries that were changed or removed
    gaps: tuple[Gap, ...]  # what could not be compared


def diff(old: VersionState, new: VersionState) -> tuple[Change, ...]:
    """Every change from one version to the other, reported once, in the order of tables and ops."""
    return compare(ComparableVersion.of(old), ComparableVersion.of(new)).changes


def compare(old: ComparableVersion, new: ComparableVersion) -> Comparison:
    """The changes from one version to another, and what could not be compared."""
    truncated = truncations(old.state, new.state)
    before, after = (VersionFacts.of(facts) for facts in comparable_facts(old, new, truncated))
    log = compare_logs(old.state, new.state)
    decided = decided_tables(old, new, truncated)
    structs, renames = find_renames(interface(before, decided), interface(after, decided), [*log.come, *log.gone])
    changes = list(_changes(before, after, structs, renames))
    changes = list(kernel_first(changes, before, after, renames, decided))
    order = {Names({r.old: r.new for r in renames}, structs).of(name): place for name, place in old.order.items()}
    changes.sort(key=_in_order({**order, **new.order}))
    both_logs = bool(old.state.porting and new.state.porting)
    core = core_ops(old.state) | core_ops(new.state)
    changes = explained(list(without_late(changes, old.state, decided)), log.come if both_logs else (), core)
    return Comparison(
        changes=(*changes, *compare_documents(*comparable_documents(old, new))),
        porting=tuple(entry.cited for entry in log.come) if both_logs else (),
        log=log.changed if both_logs else (),
        gaps=tuple(gaps_between(old, new, truncated)),
    )


def _in_order(order: dict[OpName, int]) -> Callable[[Change], tuple[str, int, str, int, str]]:
    """By table, place of the op in it, kind and subject; what is about no table comes last."""
    ranks = {kind: rank for rank, kind in enumerate(ChangeKind)}

    def key(change: Change) -> tuple[str, int, str, int, str]:
        struct, op = change.struct or "~", change.op or ""
        return struct, order.get((struct, op), 0) if op else -1, op, ranks[change.kind], change.subject or ""

    return key


def _changes(
    old: VersionFacts, new: VersionFacts, structs: dict[str, str], renames: tuple[Rename, ...]
) -> Iterator[Change]:
    """The changes of all that is stated about ops tables, in no particular order."""
    ops = {rename.old: rename.new for rename in renames}
    yield from _table_changes(old, new, structs)
    for rename in renames:
        moved = structs.get(rename.old[0], rename.old[0]) != rename.new[0]
        kind = ChangeKind.OP_MOVED if moved else ChangeKind.OP_RENAMED
        yield _rename_change(rename, kind, old.ops[rename.old], new.ops[rename.new])
    names, first = Names(ops, structs), old
    old = _renamed(old, names)
    gone, come, pairs = set(old.others).difference(new.others), set(new.others).difference(old.others), list[RulePair]()
    rules_of = _RulesOf(old), _RulesOf(new)
    for name, after in new.ops.items():
        before = old.ops.get(name)
        if before is None:
            yield _whole_op(ChangeKind.OP_ADDED, name, after)
        elif before != after:
            found = list(pair_rules(before.rules, after.rules)) if before.rules != after.rules else []
            pairs += found
            yield from _statement_changes(before, after)
            yield from compare_prototypes(before, after)
            sides = tuple(zip(*((r.columns, r.blankets) for r in rules_of), strict=True))
            yield from compare_rules(found, (before.coverage, after.coverage), *sides)
            sentences = pair_sentences(before, after)
            pairs += sentences
            yield from compare_sentences(sentences, before, after)
            gone |= before.texts - after.texts
            come |= after.texts - before.texts
    tables = new.ops_of_tables
    for name, facts in first.ops.items():  # under the name of its table then
        if name in ops or (names.of(name) in new.ops and names.of(name) not in ops.values()):
            continue
        found_successor = successor(*name, tables.get(names.of(name)[0], ()))
        more = f"; {found_successor.new} replaces it since {found_successor.since}" if found_successor else ""
        yield _whole_op(ChangeKind.OP_REMOVED, name, facts, more)
    yield from renamed_locks(pairs)
    yield from compare_texts(gone, come, old.ops.keys() & new.ops.keys())
    yield from compare_blankets(gone, come, ops)
    yield from compare_orders(old.others, new.others)


def _renamed(old: VersionFacts, names: Names) -> VersionFacts:
    """The old version under the names of the new one, without the ops whose name another op takes over."""
    if not names.ops and not names.structs:
        return old
    taken = set(names.ops.values())
    ops = {
        names.of(name): OpFacts.of(map(names.applied, facts.facts))
        for name, facts in old.ops.items()
        if name in names.ops or names.of(name) not in taken
    }
    return VersionFacts(ops, tuple(map(names.applied, old.others)))


class _RulesOf:
    """What the rules of a version's tables are about, and its rules over whole tables."""

    def __init__(self, version: VersionFacts) -> None:
        columns: dict[str, set[str]] = {}
        for facts in version.ops.values():
            for rule in facts.rules:
                columns.setdefault(rule.struct, set()).add(rule.subject)
        self.columns: Columns = columns
        self.blankets: Blankets = {
            (f.struct, f.subject): f for f in version.others if isinstance(f, BlanketFact) and f.document is LOCK_TABLES
        }


def _table_changes(old: VersionFacts, new: VersionFacts, structs: dict[str, str]) -> Iterator[Change]:
    before, after = old.tables, new.tables
    back = {second: first for first, second in structs.items()}
    pairs = [(back.get(struct, struct), struct) for struct in after]
    pairs += [(struct, struct) for struct in before if struct not in structs and struct not in after]
    for was, struct in pairs:
        removed, added = before.get(was, {}), after.get(struct, {})
        reason = ""
        if was != struct:
            kind, reason = ChangeKind.TABLE_RENAMED, "most of its ops have the same names"
        elif not removed or not added:
            kind = ChangeKind.TABLE_ADDED if added else ChangeKind.TABLE_REMOVED
        elif removed.keys() == added.keys():
            continue
        else:
            kind = ChangeKind.STATEMENT_ADDED if added.keys() - removed.keys() else ChangeKind.STATEMENT_REMOVED
            reason = f"stated by {files_of(removed.values())} before, by {files_of(added.values())} now"
        change = change_of(
            kind,
            [fact for fact in removed.values() if was != struct or fact.document not in added],
            [fact for fact in added.values() if was != struct or fact.document not in removed],
            struct=struct,
            before=None if kind.endswith("-added") else was,
            after=None if kind.endswith("-removed") else struct,
            reason=reason,
            renamed=(was, struct) if was != struct else None,
        )
        yield replace(change, likely=was != struct)


def _rename_change(rename: Rename, kind: ChangeKind, old: OpFacts, new: OpFacts) -> Change:
    names = (".".join(rename.old), ".".join(rename.new))
    before, after = names if kind is ChangeKind.OP_MOVED else (rename.old[1], rename.new[1])
    return change_of(
        kind,
        struct=rename.new[0],
        op=rename.new[1],
        before=before,
        after=after,
        reason=rename.reason,
        likely=rename.likely,
        renamed=names,
        shown=[*old.evident, *new.evident],
    )


def _whole_op(kind: ChangeKind, name: OpName, facts: OpFacts, more: str = "") -> Change:
    """The change for an added or removed op, with all facts that the documents state about it."""
    return _op_change(kind, name, facts.evident, list(facts.facts), f"stated by {files_of(facts.evident)}{more}")


def _op_change(
    kind: ChangeKind, name: OpName, shown: Sequence[OpFact | SignatureFact], facts: Sequence[Fact], reason: str
) -> Change:
    """The change for the added or removed facts about an op; `shown` are the facts that prove it."""
    added, text = kind.endswith("-added"), _declaration(name, shown)
    return change_of(
        kind,
        () if added else facts,
        facts if added else (),
        struct=name[0],
        op=name[1],
        before=None if added else text,
        after=text if added else None,
        reason=reason,
        shown=shown,
    )


def _declaration(name: OpName, facts: Sequence[Fact]) -> str:
    for fact in facts:
        if isinstance(fact, SignatureFact):
            parameters = ", ".join(map(declared, fact.parameters))
            gap = "" if fact.returns.endswith("*") else " "
            return f"{fact.returns}{gap}(*{fact.stated or name[1]})({parameters or 'void'})"
    return next((fact.stated for fact in facts if isinstance(fact, OpFact) and fact.stated), name[1])


def _statement_changes(old: OpFacts, new: OpFacts) -> Iterator[Change]:
    """A document that starts or stops to state the op, or a further prototype of it."""
    if old.evident and new.evident and files_of(old.evident) == files_of(new.evident):
        reason = f"{files_of(new.evident)} {'still has' if old.signatures else 'had'} a row of it, without a prototype"
    else:
        reason = f"stated by {files_of(old.evident)} before, by {files_of(new.evident)} now"
    for kind, mine, theirs in (
        (ChangeKind.STATEMENT_REMOVED, old, new),
        (ChangeKind.STATEMENT_ADDED, new, old),
    ):
        found: dict[DocumentKind, list[OpFact | SignatureFact]] = {}
        for document, stated in mine.signatures.items():
            for fact, other in variants(stated, theirs.signatures.get(document, ())):
                if fact is not None and other is None:
                    found.setdefault(document, []).append(fact)
        for document, op_fact in mine.stated.items():
            if document not in theirs.stated:
                found.setdefault(document, []).append(op_fact)
        for _, facts in sorted(found.items(), key=lambda each: each[0]):
            yield _op_change(kind, (facts[0].struct, facts[0].op), facts, facts, reason)
