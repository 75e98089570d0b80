"""What can be found in one version: its things, each with the lines that say it and its search text.

A `Thing` is cheap; its text is written only for the first version that has those lines.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from kbase.diff.comparable import stating
from kbase.kernel.aliases import CALLS, nicknames
from kbase.kernel.locks import lock_names, name_under
from kbase.kernel.successors import former_names
from kbase.model import addresses
from kbase.model.records import (
    Commit,
    Description,
    DesignNote,
    Flag,
    Function,
    Member,
    PortingEntry,
    Steps,
)
from kbase.model.states import Cited, OpState, TableState, VersionState
from kbase.model.versions import parse_version
from kbase.search.facts import Facts, lock_facts, op_facts, prototype_text, squeeze, table_facts
from kbase.search.results import HitKind
from kbase.search.sections import sections
from kbase.search.thing import Thing, Written, paths_of, thing_of


def things(state: VersionState) -> Iterator[Thing]:
    """Everything of a version that can be found."""
    for table in state.tables:
        for op in table.ops:
            yield _op(state, table, op)
        yield _table(state, table)
        yield from _members(state, table)
    yield from _locks(state)
    yield from (_function(state, cited) for cited in state.functions)
    yield from (_flag(state, cited) for cited in state.flags)
    yield from (_porting(cited) for cited in state.porting)
    yield from (_steps(state, cited) for cited in state.steps)
    yield from (_note(state, cited) for cited in state.notes)
    yield from (_commit(cited) for cited in state.commits)
    yield from sections(state)


def cited_by(op: OpState) -> tuple[Cited[Any], ...]:
    """All that is said about an op."""
    summary = (op.summary,) if op.summary else ()
    return (*op.prototypes, *op.rules, *op.notes, *op.inherited, *op.descriptions, *op.flags, *summary)


def _from_facts(name: str, title: str, facts: Facts, cited: Sequence[Cited[Any]], **more: Any) -> Written:
    return Written(
        name=name,
        title=title,
        text=facts.text,
        chips=facts.chips,
        locks=facts.locks,
        rules=facts.rules,
        blocks=facts.blocks,
        params=facts.params,
        returns=facts.returns,
        documents=paths_of(cited),
        **more,
    )


def _op(state: VersionState, table: TableState, op: OpState) -> Thing:
    cited, former = cited_by(op), former_names(op.struct, op.name)

    def write() -> Written:
        return _from_facts(
            op.dotted,
            op.dotted,
            op_facts(op),
            cited,
            struct=op.struct,
            op=op.name,
            prototype=prototype_text(op),
            keys=(op.dotted, *(f"{written}.{op.name}" for written in _written_names(table)), op.name, *former),
            old_keys=former,
            names=f"{op.dotted} {op.name}",
            gist=op.summary.record.text if op.summary else "",
            structs=(op.struct,),
            ops=(op.name, op.dotted),
        )

    url = addresses.op_address(state.label, op.struct, op.name)
    return thing_of(HitKind.OP, op.dotted, cited, url, write, _written_names(table), stating(table, op))


def _written_names(table: TableState) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cited.record.written for cited in table.tables if cited.record.written != table.name))


def _table(state: VersionState, table: TableState) -> Thing:
    cited = (*table.tables, *table.members, *table.blankets, *table.notes)
    ops = tuple(op.name for op in table.ops)

    def write() -> Written:
        return _from_facts(
            table.name,
            f"struct {table.name}",
            table_facts(table),
            cited,
            struct=table.name,
            keys=(table.name, *_written_names(table), *nicknames(table.name)),
            names=f"{table.name} {' '.join(_written_names(table))}",
            structs=(table.name,),
            ops=ops,
        )

    url, sources = addresses.table_address(state.label, table.name), frozenset(c.document.kind for c in table.tables)
    return thing_of(HitKind.STRUCT, table.name, cited, url, write, ops, sources)


def _members(state: VersionState, table: TableState) -> Iterator[Thing]:
    described: dict[str, list[Cited[Description]]] = {}
    for cited in table.member_descriptions:
        described.setdefault(cited.record.op, []).append(cited)
    declared: dict[str, list[Cited[Member]]] = {}
    for member in table.members:
        declared.setdefault(member.record.name, []).append(member)
    for name in dict.fromkeys((*declared, *described)):
        yield _member(state, table.name, name, declared.get(name, []), described.get(name, []))


def _member(
    state: VersionState, struct: str, name: str, declared: list[Cited[Member]], described: list[Cited[Description]]
) -> Thing:
    cited: list[Cited[Any]] = [*declared, *described]
    dotted = f"{struct}.{name}"

    def write() -> Written:
        declarations = [squeeze(c.record.text) for c in declared]
        return Written(
            name=dotted,
            title=dotted,
            text="\n".join((*(c.record.text for c in described), *declarations)),
            struct=struct,
            prototype=declarations[0] if declarations else None,
            keys=(dotted, name),
            names=f"{dotted} {name}",
            structs=(struct,),
            documents=paths_of(cited),
        )

    return thing_of(HitKind.MEMBER, dotted, cited, addresses.member_address(state.label, struct, name), write)


def _locks(state: VersionState) -> Iterator[Thing]:
    held: dict[str, list[OpState]] = {}
    for table in state.tables:
        for op in table.ops:
            subjects = {r.subject for c in op.rules for r in c.record.readings if r.subject and not r.context}
            for subject in sorted(subjects):
                held.setdefault(subject, []).append(op)
    for subject, ops in held.items():
        yield _lock(subject, ops)


def _lock(subject: str, ops: list[OpState]) -> Thing:
    cited = [c for op in ops for c in op.rules if any(r.subject == subject for r in c.record.readings)]

    def write() -> Written:
        names = lock_names(subject)
        former = tuple(name for name in names if name != subject)
        facts = lock_facts(subject, ops)
        written = dict.fromkeys(name_under(c.record.lock, subject) for c in cited)
        return _from_facts(
            subject,
            subject,
            facts,
            cited,
            keys=(subject, *former, *written, *CALLS.get(subject, ())),
            old_keys=former,
            names=" ".join(dict.fromkeys((subject, *names, *written))),
            structs=tuple(dict.fromkeys(op.struct for op in ops)),
        )

    return thing_of(HitKind.LOCK, subject, cited, addresses.lock_address(subject), write)


def _function(state: VersionState, cited: Cited[Function]) -> Thing:
    record = cited.record

    def write() -> Written:
        return Written(
            name=record.name,
            title=f"{record.name}()",
            text=f"{record.text}\n{record.group}",
            keys=(record.name,),
            names=record.name,
            documents=(cited.path,),
        )

    url = addresses.function_address(state.label, record.name)
    return thing_of(HitKind.FUNCTION, record.name, (cited,), url, write)


def _flag(state: VersionState, cited: Cited[Flag]) -> Thing:
    record = cited.record
    belongs = f"{record.struct}.{record.op}" if record.struct and record.op else record.struct or record.op

    def write() -> Written:
        return Written(
            name=record.name,
            title=f"{record.name} ({belongs})" if belongs else record.name,
            text=f"{record.text}\n{belongs or ''}",
            struct=record.struct,
            op=record.op,
            keys=(record.name,),
            names=record.name,
            structs=(record.struct,) if record.struct else (),
            ops=(record.op,) if record.op else (),
            documents=(cited.path,),
        )

    return thing_of(HitKind.FLAG, record.name, (cited,), addresses.flag_address(state.label, record.name), write)


def _porting(cited: Cited[PortingEntry]) -> Thing:
    record = cited.record

    def write() -> Written:
        first = squeeze(record.text)
        first = first if len(first) <= 90 else first[:89].rsplit(" ", 1)[0] + " …"
        return Written(
            name=record.slug,
            title=first,
            text=record.text,
            chips=(record.tag,) if record.tag else (),
            keys=(record.slug,),
            names=" ".join((*record.ops, *record.functions, HitKind.PORTING)),
            ops=record.ops,
            documents=(cited.path,),
        )

    return thing_of(HitKind.PORTING, record.slug, (cited,), addresses.porting_address(record.slug), write)


def _steps(state: VersionState, cited: Cited[Steps]) -> Thing:
    record = cited.record

    def write() -> Written:
        numbered = (f"{number}. {step}" for number, step in enumerate(record.steps, 1))
        return Written(
            name=f"{cited.path}: {record.subject}",
            title=record.subject,
            text="\n".join(numbered),
            names=record.subject,
            documents=(cited.path,),
        )

    url = addresses.steps_address(state.label, cited.line)
    return thing_of(HitKind.SECTION, f"steps of {record.subject}", (cited,), url, write)


def _note(state: VersionState, cited: Cited[DesignNote]) -> Thing:
    record, family = cited.record, parse_version(state.label).family if state.label else ""

    def write() -> Written:
        steps = (f"{s.subject}: {' '.join(s.steps)}" for s in record.steps)
        families = f"{cited.path} {family}".replace("/", " ").replace(".", " ")
        return Written(
            name=record.title,
            title=record.title,
            text="\n".join((record.text, *steps)),
            keys=(record.title, record.slug),
            names=f"{record.title} {families} {' '.join(record.functions)}",
            ops=record.ops,
            documents=(cited.path,),
        )

    return thing_of(HitKind.NOTE, record.slug, (cited,), addresses.note_address(record.slug), write)


def _commit(cited: Cited[Commit]) -> Thing:
    record = cited.record

    def write() -> Written:
        trailers = (f"{t.key}: {t.value}" for t in record.trailers)
        people = dict.fromkeys((record.author.name, record.committer.name))
        return Written(
            name=record.sha[:12] or record.key,
            title=record.subject,
            text="\n".join((record.body, *trailers, *people, *record.paths, record.key)),
            chips=(record.author.name,),
            keys=(record.key, record.key[:12], record.subject),
            names=f"{record.subject} {HitKind.COMMIT}",
            documents=(cited.path,),
        )

    return thing_of(HitKind.COMMIT, record.key, (cited,), addresses.commit_address(record.key), write)
