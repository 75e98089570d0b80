"""Two versions in, typed changes out: what only one of them says, op by op and document by document.

Only what both versions can speak about is compared: a kind of document that one of them does not hold, or of which
nothing could be read, is a gap (`gaps`), never a removal.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from kbase.diff.changes import KINDS, Change, ChangeKind, Severity, Statement
from kbase.diff.facts import (
    Fact,
    OpFact,
    OpName,
    RuleFact,
    SignatureFact,
    TableFact,
    TextFact,
    op_of,
)
from kbase.diff.holdings import Side, both_documents, both_say
from kbase.diff.locks import RulePair, compare_rules, pair_rules, renamed_locks
from kbase.diff.matching import Matching, Rename, match
from kbase.diff.normal import NormalState, normalise
from kbase.diff.prototypes import declared, variants
from kbase.diff.texts import compare_blankets, compare_documents, compare_texts, shared_words
from kbase.diff.witnesses import Signatures, compare_prototypes, places
from kbase.records import DocumentKind, PortingEntry
from kbase.state import Cited, VersionState

EXPLAINED = (Severity.BREAKING, Severity.BEHAVIOUR)  # what a porting entry may explain
RANKS = {kind: rank for rank, kind in enumerate(ChangeKind)}
EDITED = 0.6  # share of words from which on two porting entries are one that was edited


def diff(old: VersionState, new: VersionState) -> tuple[Change, ...]:
    """Every change from one version to the other, told once, in the order of tables and ops."""
    return diff_sides(Side(old), Side(new))


def diff_sides(old: Side, new: Side) -> tuple[Change, ...]:
    """The same, of versions that are compared more than once."""
    before, after = both_say(old, new)
    changes = compare_documents(*both_documents(old, new))
    return _explained(old, new, before, after, changes)


def diff_table(
    old: VersionState, new: VersionState, struct: str, witnesses: Iterable[DocumentKind]
) -> tuple[Change, ...]:
    """The changes of one ops table, as told by these kinds of documents."""
    kinds = frozenset(witnesses)
    first, second = (Side(state, normalise(state, kinds, (struct,))) for state in (old, new))
    return _explained(first, second, *both_say(first, second), [])


def _explained(
    old: Side, new: Side, before: NormalState, after: NormalState, others: list[Change]
) -> tuple[Change, ...]:
    """The changes of the states and the others, in order, with the porting entries that explain them."""
    come, gone = _unknown(old, new), _unknown(new, old)
    matching = match(before, after, [cited.record for cited in (*come, *gone)])
    entries = come if old.state.porting and new.state.porting else []
    return tuple(_attached([*_changes(before, after, matching), *others], entries))


def _changes(old: NormalState, new: NormalState, matching: Matching) -> list[Change]:
    displaced = _displaced(old, matching)
    renamed = old.without(f for facts in displaced.values() for f in facts).renamed(matching.ops, matching.structs)
    changes = [*_table_changes(old, new, matching), *_rename_changes(old, new, matching)]
    changes += [_whole_op(name, facts, ChangeKind.OP_REMOVED) for name, facts in displaced.items()]
    gone, come = renamed.facts - new.facts, new.facts - renamed.facts
    touched = {op_of(fact) for facts in (gone, come) for fact in facts}
    pairs = list[RulePair]()
    for name in [*new.by_op, *(n for n in renamed.by_op if n not in new.by_op)]:
        if name not in renamed.by_op:
            changes.append(_whole_op(name, new.by_op[name], ChangeKind.OP_ADDED))
        elif name not in new.by_op:
            changes.append(_whole_op(name, renamed.by_op[name], ChangeKind.OP_REMOVED))
        elif name in touched:
            before, after = renamed.by_op[name], new.by_op[name]
            found = _rule_pairs(before, after)
            pairs += found
            changes += _op_changes(before, after, found)
    changes += renamed_locks(pairs)
    lasting = renamed.by_op.keys() & new.by_op.keys()
    changes += compare_texts(_told(gone, renamed, lasting), _told(come, new, lasting), lasting)
    changes += compare_blankets(gone, come, matching.ops)
    return sorted(changes, key=lambda change: _order(change, renamed, new))


def _displaced(old: NormalState, matching: Matching) -> dict[OpName, tuple[Fact, ...]]:
    """The ops whose name another op takes over, by the name that they would have."""
    targets, structs = set(matching.ops.values()), matching.structs
    later = {(structs.get(name[0], name[0]), name[1]): name for name in old.by_op if name not in matching.ops}
    return {name: old.by_op[later[name]] for name in sorted(targets & set(later))}


def _told(facts: Iterable[Fact], state: NormalState, lasting: AbstractSet[OpName]) -> list[TextFact]:
    """The texts among the facts, without those of ops that the other state lacks: they come and go with them."""
    texts = [fact for fact in facts if isinstance(fact, TextFact)]
    return [fact for fact in texts if op_of(fact) in lasting or op_of(fact) not in state.by_op]


def _order(change: Change, old: NormalState, new: NormalState) -> tuple[object, ...]:
    name = (change.struct or "~", change.op or "")
    place = new.order.get(name, old.order.get(name, 0))
    return name[0], place if change.op else -1, name[1], RANKS[change.kind], change.subject or ""


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
        kind, reason = ChangeKind.STATEMENT_ADDED if more else ChangeKind.STATEMENT_REMOVED, _sayers(removed, added)
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


def _sayers(removed: Sequence[Fact], added: Sequence[Fact]) -> str:
    """Which documents state it at the two versions; where they are the same, one had no prototype of it."""
    before, after = (" and ".join(sorted({_file(f) for f in facts})) for facts in (removed, added))
    if before == after and _rows_only(removed) != _rows_only(added):
        return f"{after} {'had' if _rows_only(removed) else 'still has'} a row of it, without a prototype"
    return f"stated by {before} before, by {after} now"


def _rows_only(facts: Iterable[Fact]) -> bool:
    return not any(isinstance(fact, SignatureFact) for fact in facts)


def _file(fact: Fact) -> str:
    return fact.place.path.rsplit("/", 1)[-1] if fact.place else fact.document.value


def _statements(kind: ChangeKind, removed: Iterable[Fact], added: Iterable[Fact]) -> tuple[Statement, ...]:
    """One statement for each document that has a part in it."""
    gone, come = list(removed), list(added)
    return tuple(
        Statement(
            document=document,
            kind=kind,
            removed=tuple(f for f in gone if f.document is document),
            added=tuple(f for f in come if f.document is document),
        )
        for document in sorted({f.document for f in [*gone, *come]})
    )


def _rename_changes(old: NormalState, new: NormalState, matching: Matching) -> Iterator[Change]:
    for rename in matching.renames:
        moved = matching.structs.get(rename.old[0], rename.old[0]) != rename.new[0]
        kind = ChangeKind.OP_MOVED if moved else ChangeKind.OP_RENAMED
        yield _rename_change(rename, kind, old.by_op[rename.old], new.by_op[rename.new])


def _rename_change(rename: Rename, kind: ChangeKind, old: tuple[Fact, ...], new: tuple[Fact, ...]) -> Change:
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
        evidence=places(*_stating(old), *_stating(new)),
    )


def _stating(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that show best that an op is there: prototypes, else rows."""
    found = list(facts)
    return [f for f in found if isinstance(f, SignatureFact)] or [f for f in found if isinstance(f, OpFact)]


def _whole_op(name: OpName, facts: tuple[Fact, ...], kind: ChangeKind) -> Change:
    """An op that came or went, with everything that the documents say of it."""
    text, added = _declaration(name, facts), kind is ChangeKind.OP_ADDED
    return Change(
        kind=kind,
        severity=KINDS[kind].severity,
        struct=name[0],
        op=name[1],
        before=None if added else text,
        after=text if added else None,
        reason=f"stated by {' and '.join(sorted({_file(f) for f in _stating(facts)}))}",
        statements=_statements(kind, () if added else facts, facts if added else ()),
        evidence=places(*_stating(facts)),
    )


def _declaration(name: OpName, facts: tuple[Fact, ...]) -> str:
    for fact in facts:
        if isinstance(fact, SignatureFact):
            parameters = ", ".join(declared(p) for p in fact.parameters)
            gap = "" if fact.returns.endswith("*") else " "
            return f"{fact.returns}{gap}(*{fact.stated or name[1]})({parameters or 'void'})"
    return next((fact.stated for fact in facts if isinstance(fact, OpFact) and fact.stated), name[1])


def _signatures(facts: tuple[Fact, ...]) -> Signatures:
    found: dict[DocumentKind, list[SignatureFact]] = {}
    for fact in facts:
        if isinstance(fact, SignatureFact):
            found.setdefault(fact.document, []).append(fact)
    return {document: tuple(found[document]) for document in sorted(found, reverse=True)}  # vfs first


def _op_changes(old: tuple[Fact, ...], new: tuple[Fact, ...], pairs: list[RulePair]) -> Iterator[Change]:
    before, after = _signatures(old), _signatures(new)
    yield from _statement_changes(old, new, before, after)
    yield from compare_prototypes(before, after)
    if any(pair.old != pair.new for pair in pairs):
        yield from compare_rules(pairs, row_before=_has_row(old), row_after=_has_row(new))


def _has_row(facts: tuple[Fact, ...]) -> bool:
    return any(isinstance(f, RuleFact | OpFact) and f.document is DocumentKind.LOCKING for f in facts)


def _rule_pairs(old: tuple[Fact, ...], new: tuple[Fact, ...]) -> list[RulePair]:
    return pair_rules([f for f in old if isinstance(f, RuleFact)], [f for f in new if isinstance(f, RuleFact)])


def _statement_changes(
    old: tuple[Fact, ...], new: tuple[Fact, ...], before: Signatures, after: Signatures
) -> Iterator[Change]:
    """A document that starts or stops to state the op, or a further prototype of it."""
    stated = [{f.document: f for f in facts if isinstance(f, OpFact)} for facts in (old, new)]
    gone = [*_missing(before, after), *(f for document, f in stated[0].items() if document not in stated[1])]
    come = [*_missing(after, before), *(f for document, f in stated[1].items() if document not in stated[0])]
    for kind, facts in ((ChangeKind.STATEMENT_REMOVED, gone), (ChangeKind.STATEMENT_ADDED, come)):
        for document in sorted({f.document for f in facts}):
            yield _statement_change(kind, [f for f in facts if f.document is document], old, new)


def _missing(these: Signatures, others: Signatures) -> list[Fact]:
    return [
        first
        for document, stated in these.items()
        if len(stated) > len(others.get(document, ()))
        for first, second in variants(stated, others.get(document, ()))
        if first is not None and second is None
    ]


def _statement_change(kind: ChangeKind, facts: list[Fact], old: tuple[Fact, ...], new: tuple[Fact, ...]) -> Change:
    first, added = facts[0], kind is ChangeKind.STATEMENT_ADDED
    assert isinstance(first, OpFact | SignatureFact)  # what states an op
    text = _declaration((first.struct, first.op), tuple(facts))
    return Change(
        kind=kind,
        severity=KINDS[kind].severity,
        struct=first.struct,
        op=first.op,
        before=None if added else text,
        after=text if added else None,
        reason=_sayers(_stating(old), _stating(new)),
        statements=_statements(kind, () if added else facts, facts if added else ()),
        evidence=places(*facts),
    )


def porting_between(old: VersionState, new: VersionState) -> tuple[Cited[PortingEntry], ...]:
    """The entries of the porting log that came in between; none where one of the versions holds no such log."""
    return tuple(_unknown(Side(old), Side(new))) if old.porting and new.porting else ()


def _unknown(old: Side, new: Side) -> list[Cited[PortingEntry]]:
    """The entries of the one version that the other does not have, be it in other words."""
    fresh = [entry for text, entry in new.porting.items() if text not in old.porting]
    edited = [said for text, (said, _) in old.porting.items() if text not in new.porting] if fresh else []
    return [cited for said, cited in fresh if all(shared_words(said, other) < EDITED for other in edited)]


def _attached(changes: list[Change], entries: list[Cited[PortingEntry]]) -> Iterator[Change]:
    """The changes with the porting entries that name their op."""
    naming: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        for name in entry.record.ops:
            naming.setdefault(name, []).append(number)
    for change in changes:
        explained = change.severity in EXPLAINED or change.kind is ChangeKind.OP_ADDED
        numbers = {n for name in _names(change) for n in naming.get(name, ())} if explained and naming else ()
        yield replace(change, porting=tuple(entries[n] for n in sorted(numbers))) if numbers else change


def _names(change: Change) -> set[str]:
    """The names under which a porting entry may speak of the change's op."""
    if not change.op:
        return set(change.renamed or ())
    dotted = {f"{change.struct}.{change.op}", *(change.renamed or ())}
    return dotted | {name.rsplit(".", 1)[-1] for name in dotted}
