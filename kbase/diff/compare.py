"""Two versions in, typed changes out: what only one of them says, op by op and document by document.

Only what both versions can speak about is compared: a kind of document that one of them does not hold, or of which
nothing could be read, is a gap (`gaps`), never a removal.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kbase.diff.changes import KINDS, Change, ChangeKind, Statement
from kbase.diff.documents import compare_documents
from kbase.diff.facts import Fact, OpFact, OpName, SignatureFact, TableFact, TextFact, by_document, files_of
from kbase.diff.holdings import Side, both_documents, both_say
from kbase.diff.late import eased
from kbase.diff.locks import RulePair, compare_rules, pair_rules, renamed_locks
from kbase.diff.matching import Matching, Rename, match
from kbase.diff.normal import NormalState
from kbase.diff.porting import come_and_gone, explained
from kbase.diff.prototypes import declared, variants
from kbase.diff.said import Said, Signatures
from kbase.diff.texts import compare_blankets, compare_texts
from kbase.diff.witnesses import compare_prototypes, places
from kbase.kernel.successors import successor
from kbase.model.states import VersionState

RANKS = {kind: rank for rank, kind in enumerate(ChangeKind)}


def diff(old: VersionState, new: VersionState) -> tuple[Change, ...]:
    """Every change from one version to the other, told once, in the order of tables and ops."""
    return diff_sides(Side(old), Side(new))


def diff_sides(old: Side, new: Side) -> tuple[Change, ...]:
    """The same, of versions that are compared more than once."""
    before, after = both_say(old, new)
    changes = compare_documents(*both_documents(old, new), (old.told, new.told))
    return _explained(old, new, before, after, changes)


def _explained(
    old: Side, new: Side, before: NormalState, after: NormalState, others: list[Change]
) -> tuple[Change, ...]:
    """The changes of the states and the others, in order, with the porting entries that explain them."""
    come, gone = come_and_gone(old.porting, new.porting)
    changes = _changes(before, after, match(before, after, [*come, *gone]))
    core = old.core | new.core
    changes = list(eased(changes, old.state))
    return (*explained(changes, come if old.porting and new.porting else [], core), *others)


@dataclass(frozen=True, slots=True)
class _Renamed:
    """The old state under the names of the new one; `displaced` are the ops whose name another op takes over."""

    by_op: dict[OpName, Said]
    loose: frozenset[Fact]
    order: dict[OpName, int]
    displaced: dict[OpName, Said]


def _renamed(old: NormalState, matching: Matching) -> _Renamed:
    names = matching.names
    if not names:
        return _Renamed(old.by_op, old.loose, old.order, {})
    by_op, displaced, order = dict(old.by_op), dict[OpName, Said](), dict(old.order)
    taken = set(names.ops.values())
    touched = [name for name in old.by_op if name in names.ops or name in taken or name[0] in names.structs]
    for name in touched:
        said, new_name = by_op.pop(name), names.of(name)
        if name not in names.ops and new_name in taken:
            displaced[new_name] = said
    for name in touched:
        new_name = names.of(name)
        if name in names.ops or new_name not in taken:
            by_op[new_name] = old.by_op[name].named(new_name, names.applied)
            order[new_name] = old.order.get(name, 0)
    return _Renamed(by_op, old.loose_under(names), order, displaced)


def _changes(old: NormalState, new: NormalState, matching: Matching) -> list[Change]:
    renamed = _renamed(old, matching)
    changes = [*_table_changes(old, new, matching), *_rename_changes(old, new, matching)]
    changes += [_gone_op(name, said, new) for name, said in renamed.displaced.items()]
    gone, come = set(renamed.loose - new.loose), set(new.loose - renamed.loose)
    pairs = list[RulePair]()
    for name, after in new.by_op.items():
        before = renamed.by_op.get(name)
        if before is None:
            changes.append(_whole_op(name, after, ChangeKind.OP_ADDED))
        elif before.content != after.content:
            found = pair_rules(before.subjects, after.subjects) if before.content[1] != after.content[1] else []
            pairs += found
            changes += _op_changes(before, after, found, (old, new))
            gone |= before.texts - after.texts
            come |= after.texts - before.texts
    changes += [_gone_op(name, said, new) for name, said in renamed.by_op.items() if name not in new.by_op]
    changes += renamed_locks(pairs)
    lasting = renamed.by_op.keys() & new.by_op.keys()
    changes += compare_texts(_texts(gone), _texts(come), lasting, (old.told, new.told))
    changes += compare_blankets(gone, come, matching.ops)
    return _sorted(changes, {**renamed.order, **new.order})


def _texts(facts: Iterable[Fact]) -> list[TextFact]:
    return [fact for fact in facts if isinstance(fact, TextFact)]


def _sorted(changes: list[Change], order: dict[OpName, int]) -> list[Change]:
    """The changes by table, place of the op in it, kind and subject; equal ones as they come."""
    groups: dict[tuple[str | None, str | None], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.struct, change.op), []).append(change)

    def spot(name: tuple[str | None, str | None]) -> tuple[str, int, str]:
        struct, op = name[0] or "~", name[1] or ""
        return struct, order.get((struct, op), 0) if op else -1, op

    for found in groups.values():
        if len(found) > 1:
            found.sort(key=_within)
    return list(chain.from_iterable([groups[name] for name in sorted(groups, key=spot)]))


def _within(change: Change) -> tuple[int, str]:
    return RANKS[change.kind], change.subject or ""


def _table_changes(old: NormalState, new: NormalState, matching: Matching) -> Iterator[Change]:
    back = {second: first for first, second in matching.structs.items()}
    for struct, added in new.table_facts.items():
        before = back.get(struct, struct)
        yield from _table_change(struct, before, old.table_facts.get(before, ()), added)
    for struct, removed in old.table_facts.items():
        if struct not in matching.structs and struct not in new.table_facts:
            yield from _table_change(struct, struct, removed, ())


def _table_change(
    struct: str, before: str, removed: tuple[TableFact, ...], added: tuple[TableFact, ...]
) -> Iterator[Change]:
    if before != struct:
        kind, reason = ChangeKind.TABLE_RENAMED, "most of its ops have the same names"
    elif not removed or not added:
        kind, reason = ChangeKind.TABLE_ADDED if added else ChangeKind.TABLE_REMOVED, ""
    elif {f.document for f in removed} == {f.document for f in added}:
        return
    else:
        more = {f.document for f in added} - {f.document for f in removed}
        kind = ChangeKind.STATEMENT_ADDED if more else ChangeKind.STATEMENT_REMOVED
        reason = f"stated by {files_of(removed)} before, by {files_of(added)} now"
    comes, goes = (kind.endswith(end) for end in ("-added", "-removed"))
    gone, come = [f for f in removed if f not in added], [f for f in added if f not in removed]
    yield Change(
        kind=kind,
        severity=KINDS[kind].severity,
        struct=struct,
        before=None if comes else before,
        after=None if goes else struct,
        reason=reason,
        likely=before != struct,
        renamed=(before, struct) if before != struct else None,
        statements=_statements(kind, gone, come),
        evidence=places(*gone, *come),
    )


def _sayers(old: Said, new: Said) -> str:
    """Which documents state it at the two versions; where they are the same, one had no prototype of it."""
    if old.files == new.files and bool(old.signatures) != bool(new.signatures):
        return f"{new.files} {'still has' if old.signatures else 'had'} a row of it, without a prototype"
    return f"stated by {old.files} before, by {new.files} now"


def _statements(kind: ChangeKind, removed: Iterable[Fact], added: Iterable[Fact]) -> tuple[Statement, ...]:
    """One statement for each document that has a part in it."""
    gone, come = by_document(removed), by_document(added)
    return tuple(
        [
            Statement(document=d, kind=kind, removed=tuple(gone.get(d, ())), added=tuple(come.get(d, ())))
            for d in sorted({*gone, *come})
        ]
    )


def _rename_changes(old: NormalState, new: NormalState, matching: Matching) -> Iterator[Change]:
    for rename in matching.renames:
        moved = matching.structs.get(rename.old[0], rename.old[0]) != rename.new[0]
        kind = ChangeKind.OP_MOVED if moved else ChangeKind.OP_RENAMED
        yield _rename_change(rename, kind, old.by_op[rename.old], new.by_op[rename.new])


def _rename_change(rename: Rename, kind: ChangeKind, old: Said, new: Said) -> Change:
    names = (".".join(rename.old), ".".join(rename.new))
    moved = kind is ChangeKind.OP_MOVED
    return Change(
        kind=kind,
        severity=KINDS[kind].severity,
        struct=rename.new[0],
        op=rename.new[1],
        before=names[0] if moved else rename.old[1],
        after=names[1] if moved else rename.new[1],
        reason=f"likely: {rename.reason}" if rename.likely else rename.reason,
        likely=rename.likely,
        renamed=names,
        evidence=places(*old.stating, *new.stating),
    )


def _gone_op(name: OpName, said: Said, new: NormalState) -> Change:
    """An op that went, with what does its work where the kernel's history knows that."""
    found = successor(*name, new.tables[name[0]].ops if name[0] in new.tables else ())
    successors = f"; {found.new} does what it did, since {found.since}" if found else ""
    return _whole_op(name, said, ChangeKind.OP_REMOVED, successors)


def _whole_op(name: OpName, said: Said, kind: ChangeKind, more: str = "") -> Change:
    """An op that came or went, with everything that the documents say of it: the same, whatever it is compared with."""
    key = name, kind, more
    if key not in said.told:
        said.told[key] = _whole(name, said, kind, more)
    return said.told[key]


def _whole(name: OpName, said: Said, kind: ChangeKind, more: str) -> Change:
    return _stated(kind, name, said.stating, list(said.facts), f"stated by {said.files}{more}")


def _stated(
    kind: ChangeKind, name: OpName, shown: Sequence[OpFact | SignatureFact], facts: Sequence[Fact], reason: str
) -> Change:
    """The change that the facts about an op came or went, as `shown` by some of them."""
    added, text = kind in (ChangeKind.OP_ADDED, ChangeKind.STATEMENT_ADDED), _declaration(name, shown)
    return Change(
        kind=kind,
        severity=KINDS[kind].severity,
        struct=name[0],
        op=name[1],
        before=None if added else text,
        after=text if added else None,
        reason=reason,
        statements=_statements(kind, (), facts) if added else _statements(kind, facts, ()),
        evidence=places(*shown),
    )


def _declaration(name: OpName, facts: Sequence[Fact]) -> str:
    for fact in facts:
        if isinstance(fact, SignatureFact):
            parameters = ", ".join([declared(p) for p in fact.parameters])
            gap = "" if fact.returns.endswith("*") else " "
            return f"{fact.returns}{gap}(*{fact.stated or name[1]})({parameters or 'void'})"
    return next((fact.stated for fact in facts if isinstance(fact, OpFact) and fact.stated), name[1])


def _op_changes(
    old: Said, new: Said, pairs: list[RulePair], states: tuple[NormalState, NormalState]
) -> Iterator[Change]:
    if old.content[0] != new.content[0]:
        if _stating_differs(old, new):
            yield from _statement_changes(old, new)
        yield from compare_prototypes(old, new)
    if pairs:
        before, after = states
        yield from compare_rules(
            pairs,
            standing=(old.standing, new.standing),
            columns=(before.locks, after.locks),
            blankets=(before.blankets, after.blankets),
            known=(old.told, new.told),
        )


def _stating_differs(old: Said, new: Said) -> bool:
    """Whether one of them has a document, or a further prototype in one, that the other has not."""
    if old.stated.keys() != new.stated.keys() or old.signatures.keys() != new.signatures.keys():
        return True
    return any(len(stated) != len(new.signatures[document]) for document, stated in old.signatures.items())


def _statement_changes(old: Said, new: Said) -> Iterator[Change]:
    """A document that starts or stops to state the op, or a further prototype of it."""
    gone = [*_missing(old.signatures, new.signatures), *(f for d, f in old.stated.items() if d not in new.stated)]
    come = [*_missing(new.signatures, old.signatures), *(f for d, f in new.stated.items() if d not in old.stated)]
    for kind, facts in ((ChangeKind.STATEMENT_REMOVED, gone), (ChangeKind.STATEMENT_ADDED, come)):
        for document in sorted({f.document for f in facts}):
            yield _statement_change(kind, [f for f in facts if f.document is document], old, new)


def _missing(these: Signatures, others: Signatures) -> list[SignatureFact | OpFact]:
    return [
        first
        for document, stated in these.items()
        if len(stated) > len(others.get(document, ()))
        for first, second in variants(stated, others.get(document, ()))
        if first is not None and second is None
    ]


def _statement_change(kind: ChangeKind, facts: list[SignatureFact | OpFact], old: Said, new: Said) -> Change:
    """The same, whatever the version is compared with, as long as the other one states the op in the same documents."""
    reason, side = _sayers(old, new), new if kind is ChangeKind.STATEMENT_ADDED else old
    key = kind, reason, *map(id, facts)
    if key not in side.told:
        side.told[key] = _stated(kind, (facts[0].struct, facts[0].op), facts, facts, reason)
    return side.told[key]
