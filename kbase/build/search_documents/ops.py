"""What a version states about its ops tables, their ops and members, and the locks that rules are about."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kbase.build.search_documents.op_terms import context_terms, parameter_terms, return_terms, rule_terms
from kbase.build.search_documents.statement import Statement, paths_of
from kbase.diff.comparable import stating
from kbase.kernel.blocking import blocking
from kbase.kernel.exact_names import ItemKind, lock_symbol_names, member_names, op_names, table_names, written_names
from kbase.kernel.locks import PROCESS_CONTEXT, lock_names
from kbase.kernel.successors import former_names
from kbase.model import addresses
from kbase.model.records import Description, Held, LockRule, Member, Prototype
from kbase.model.states import Cited, OpState, TableState, VersionState
from kbase.search.search_document import SearchDocument
from kbase.search.terms import SHOWN, squeeze

CHIPS = 6


def table_statements(state: VersionState) -> Iterator[Statement]:
    """Every op, ops table, data member and lock of a version."""
    locks: dict[str, list[OpState]] = {}
    for table in state.tables:
        for op in table.ops:
            yield _op(state, table, op)
            for subject in sorted({*_subjects(cited.record for cited in (*op.rules, *op.prose))}):
                locks.setdefault(subject, []).append(op)
        yield _table(state, table)
        yield from _members(state, table)
    yield from (_lock(subject, ops) for subject, ops in locks.items())


OF_ALL_OPS = ("any lock", PROCESS_CONTEXT)  # rules that tell no op from another: the page of the table is found by them


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _texts(cited: Iterable[Cited[Any]]) -> Iterator[str]:
    return (str(getattr(each.record, "text", "")) for each in cited)


def _op(state: VersionState, table: TableState, op: OpState) -> Statement:
    summary = (op.summary,) if op.summary else ()
    stated = (*op.rules, *op.prose)
    texts = (*op.notes, *op.inherited, *op.descriptions, *op.flags, *summary)
    cited = (*op.prototypes, *stated, *texts)

    def write() -> SearchDocument:
        rules = [cited.record for cited in op.rules if cited.record.cell.strip()]  # a blank cell says nothing
        readings = [reading for cited in stated for reading in cited.record.readings]
        prototypes = [cited.record for cited in op.prototypes]
        answer, former = blocking(op), former_names(op.struct, op.name)
        blocks = (answer.held.value,) if answer and answer.held is not Held.UNKNOWN else ()
        return SearchDocument(
            kind=ItemKind.OP,
            name=op.dotted,
            title=op.dotted,
            text="\n".join(line for line in (*_prose(op), SHOWN, *_shown(op, rules, prototypes)) if line),
            struct=op.struct,
            op=op.name,
            prototype=prototypes[0].text if prototypes else None,
            chips=tuple(_chips(op)),
            keys=(*op_names(table, op), *former),
            old_keys=former,
            names=f"{op.dotted} {op.name}",
            gist=op.summary.record.text if op.summary else "",
            structs=(op.struct,),
            ops=(op.name, op.dotted),
            locks=_unique(_subjects([*rules, *(cited.record for cited in op.prose)])),
            rules=_unique(rule_terms(readings)),
            blocks=_unique((*blocks, *context_terms(readings))),
            params=_unique(parameter_terms(prototypes)),
            returns=_unique(return_terms(prototypes)),
            documents=paths_of(cited),
        )

    url = addresses.op_address(state.label, op.struct, op.name)
    return Statement(
        kind=ItemKind.OP,
        key=op.dotted,
        cited=cited,
        url=url,
        write=write,
        depends_on=written_names(table),
        stating=stating(table, op),
    )


def _prose(op: OpState) -> Iterator[str]:
    yield from _texts([op.summary] if op.summary else [])
    yield from _texts(op.descriptions)
    yield from _texts(op.notes)
    yield from _unique(f"{cited.record.name} {cited.record.text}" for cited in op.flags)


def _shown(op: OpState, rules: list[LockRule], prototypes: list[Prototype]) -> Iterator[str]:
    yield from (f"{squeeze(rule.lock)}: {squeeze(rule.cell)};" for rule in rules)
    yield from _texts(rule for rule in op.inherited if rule.record.lock not in OF_ALL_OPS)
    for prototype in prototypes:
        yield " ".join(filter(None, (prototype.text, prototype.comment, prototype.condition)))
    yield " ".join(_unique(_subjects(rules)))


def _subjects(rules: Iterable[LockRule]) -> Iterator[str]:
    """The canonical locks that the rules are about."""
    return (r.subject for rule in rules for r in rule.readings if r.subject and not r.context)


def _chips(op: OpState) -> Iterator[str]:
    rules = [rule.record for rule in (*op.locks, *op.context) if rule.record.cell.strip()]
    yield from _unique(f"{squeeze(rule.lock)}: {squeeze(rule.cell)}" for rule in rules[:CHIPS])
    if not op.context:
        yield from map(squeeze, _texts(op.inherited[:1]))


def _table(state: VersionState, table: TableState) -> Statement:
    cited = (*table.tables, *table.members, *table.blankets, *table.notes)
    ops = tuple(op.name for op in table.ops)

    def write() -> SearchDocument:
        texts = (*_texts(table.notes), *_texts(table.blankets), *_texts(table.members))
        return SearchDocument(
            kind=ItemKind.STRUCT,
            name=table.name,
            title=f"struct {table.name}",
            text="\n".join((f"{len(ops)} ops: {' '.join(ops)}", *texts)),
            struct=table.name,
            chips=tuple(map(squeeze, table.columns[:CHIPS])),
            keys=table_names(table),
            names=" ".join((table.name, *written_names(table))),
            structs=(table.name,),
            ops=ops,
            documents=paths_of(cited),
        )

    url, stating = addresses.table_address(state.label, table.name), frozenset(c.document.kind for c in table.tables)
    return Statement(
        kind=ItemKind.STRUCT, key=table.name, cited=cited, url=url, write=write, depends_on=ops, stating=stating
    )


def _members(state: VersionState, table: TableState) -> Iterator[Statement]:
    declared: dict[str, list[Cited[Member]]] = {}
    for member in table.members:
        declared.setdefault(member.record.name, []).append(member)
    described: dict[str, list[Cited[Description]]] = {}
    for cited in table.member_descriptions:
        described.setdefault(cited.record.op, []).append(cited)
    for name in dict.fromkeys((*declared, *described)):
        yield _member(state, table.name, name, declared.get(name, []), described.get(name, []))


def _member(
    state: VersionState, struct: str, name: str, declared: Sequence[Cited[Any]], described: Sequence[Cited[Any]]
) -> Statement:
    cited, dotted = [*declared, *described], f"{struct}.{name}"

    def write() -> SearchDocument:
        declarations = [squeeze(text) for text in _texts(declared)]
        return SearchDocument(
            kind=ItemKind.MEMBER,
            name=dotted,
            title=dotted,
            text="\n".join((*_texts(described), *declarations)),
            struct=struct,
            prototype=declarations[0] if declarations else None,
            keys=member_names(struct, name),
            names=f"{dotted} {name}",
            structs=(struct,),
            documents=paths_of(cited),
        )

    url = addresses.member_address(state.label, struct, name)
    return Statement(kind=ItemKind.MEMBER, key=dotted, cited=cited, url=url, write=write)


def _lock(subject: str, ops: Sequence[OpState]) -> Statement:
    stated = ((op, cited) for op in ops for cited in (*op.rules, *op.prose))
    about = [(op, c) for op, c in stated if any(r.subject == subject for r in c.record.readings)]
    cited = [each for _, each in about]

    def write() -> SearchDocument:
        rules = [(op, c.record, [r for r in c.record.readings if r.subject == subject]) for op, c in about]
        lines = (f"{op.dotted}, {squeeze(rule.lock)}: {squeeze(rule.cell) or '?'};" for op, rule, _ in rules)
        names = lock_symbol_names(subject, (rule.lock for _, rule, _ in rules))
        former = tuple(name for name in lock_names(subject) if name != subject)
        return SearchDocument(
            kind=ItemKind.LOCK,
            name=subject,
            title=subject,
            text="\n".join(lines),
            keys=names,
            old_keys=former,
            names=" ".join((subject, *former)),
            structs=_unique(op.struct for op, _, _ in rules),
            locks=(subject,),
            rules=_unique(rule_terms(reading for *_, readings in rules for reading in readings)),
            documents=paths_of(cited),
        )

    return Statement(kind=ItemKind.LOCK, key=subject, cited=cited, url=addresses.lock_address(subject), write=write)
