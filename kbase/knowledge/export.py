"""The export: all facts as JSON Lines, one object a line, sorted, the same bytes for the same input.

The object of an op joins the facts of all documents of a version; every other object is one record. Each has `kind`,
`version` (null for a note or a commit without one), `path` and `line`; those of an op are in its parts.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from kbase.kernel.locks import blanket_reading
from kbase.model.call_sites import OpCall
from kbase.model.records import Held, LockRule, Obligation, ProseRule, Prototype, Reading, Record, Steps
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState
from kbase.store.codec import json_text

Json = dict[str, Any]
LAYOUT = frozenset(("evidence", "kind", "structure", "heading"))  # the place of a record, not its facts
OF_OP = LAYOUT | {"struct", "op"}
UNREAD = Reading(subject=None, held=Held.UNKNOWN)


class ExportKind(StrEnum):
    """The kinds of exported objects."""

    OP = "op"  # an operation: prototypes, lock rules, descriptions, summary, notes
    STRUCT = "struct"  # an ops table, once for each document that has it
    MEMBER = "member"  # a data member of an ops table
    FUNCTION = "function"
    FLAG = "flag"
    PORTING = "porting"
    NOTE = "note"  # a design note, a note or a blanket rule of an ops table, ordered steps: `about` says which
    LOCK_ORDER = "lock-order"  # two locks, or the objects of one, in the order in which they are taken
    CALLER = "caller"  # a place in the code that calls an op
    COMMIT = "commit"
    SECTION = "section"
    DOCUMENT = "document"
    DIAGNOSTIC = "diagnostic"


def export_lines(states: Iterable[VersionState], kinds: Collection[str] = ()) -> Iterator[str]:
    """The lines of the states in their order, each sorted, without newlines; without `kinds` of all kinds."""
    wanted = [kind for kind in ExportKind if not kinds or kind in kinds]
    for state in states:
        for kind in sorted(wanted):
            yield from (key[-1] for key in sorted(map(_sortable, EXPORTERS[kind](state))))


def op_record(op: OpState) -> Json:
    """An op in the export."""
    return {
        "kind": ExportKind.OP,
        "version": op.version,
        "struct": op.struct,
        "name": op.name,
        "prototypes": [_prototype(cited) for cited in op.prototypes],
        "locks": [*map(_table_rule, op.rules), *map(_prose_rule, op.prose), *_blanket_rules(op)],
        "obligations": [*map(_obligation, op.obligations)],
        "descriptions": [{"text": cited.record.text} | _place(cited) for cited in op.descriptions],
        "summary": op.summary.record.text if op.summary else None,
        "notes": [*_notes(op)],
    }


def caller_record(version: str, caller: OpCall) -> Json:
    """A caller in the export, without its kind."""
    fields = ("struct", "op", "function", "path", "line", "via", "text")
    locks = [
        {"path": caller.path, "line": lock.line, "text": lock.text or f"{lock.name}({lock.argument})"}
        for lock in caller.locks
    ]
    return {"version": version} | {field: getattr(caller, field) for field in fields} | {"locks": locks}


def _callers(state: VersionState) -> Iterator[Json]:
    return ({"kind": ExportKind.CALLER} | caller_record(state.label, cited.record) for cited in state.callers)


def _sortable(value: Json) -> tuple[str, str, str, int, str]:
    """The order of objects of one kind and version; the line itself, last, settles what is left."""
    struct, name, path = (value.get(key) or "" for key in ("struct", "name", "path"))
    return struct, name, path, value.get("line") or 0, json_text(value)


def _place(cited: Cited[Any]) -> Json:
    return {"path": cited.path, "line": cited.line}


def _prototype(cited: Cited[Prototype]) -> Json:
    record = cited.record
    value: Json = {
        "text": record.text,
        "returns": record.returns,
        "parameters": [{"type": parameter.type, "name": parameter.name} for parameter in record.parameters],
        "malformed": record.malformed,
        "conditions": _conditions(record.condition),
        "document": cited.document.kind,
    }
    return value | ({"repair": record.repair} if record.repair else {}) | _place(cited)


def _conditions(condition: str | None) -> list[str]:
    """The conditions that must all hold, the outermost first."""
    return condition.split(" && ") if condition else []


def _table_rule(cited: Cited[LockRule]) -> Json:
    return _rule(cited) | {"source": "table"}


def _prose_rule(cited: Cited[ProseRule]) -> Json:
    return _rule(cited) | {"source": "prose"}


def _blanket_rules(op: OpState) -> Iterator[Json]:
    """The rules over the table that reach the op, each with its meaning for this op."""
    for cited in op.inherited:
        rule = cited.record
        value = {"lock": rule.lock or ("any lock" if rule.reading else None), "cell": rule.text} | asdict(
            blanket_reading(rule, op.name) or UNREAD
        )
        excepted = {"excepted": True} if op.name in rule.exceptions else {}
        yield value | excepted | _place(cited) | {"source": "blanket"}


def _obligation(cited: Cited[Obligation]) -> Json:
    return {key: value for key, value in asdict(cited.record).items() if key not in OF_OP} | _place(cited)


def _rule(cited: Cited[LockRule]) -> Json:
    """A rule: the fields of its first reading; if it names several locks, all their names and all readings."""
    rule = cited.record
    first, *others = rule.readings or (UNREAD,)
    value: Json = {"lock": _collapse(rule.lock), "cell": _collapse(rule.cell)} | asdict(first)
    if others:
        locks = dict.fromkeys(reading.subject or "?" for reading in rule.readings if not reading.context)
        value["subject"] = " or ".join(locks) or first.subject
        value["readings"] = [asdict(reading) for reading in rule.readings]
    if rule.candidates:
        value["candidates"] = list(rule.candidates)
    return value | _place(cited)


def _collapse(text: str) -> str:
    return " ".join(text.split())


def _notes(op: OpState) -> Iterator[Json]:
    for note in op.notes:
        yield {"text": note.record.text, **_place(note), "inherited": False}
    for note in op.table_notes:
        yield {"text": note.record.text, **_place(note), "inherited": True}


def _plain(kind: ExportKind, cited: Cited[Record], **more: Any) -> Json:
    """A record's own fields between its kind and its place; `about` replaces the kind of a note."""
    record = {key: value for key, value in asdict(cited.record).items() if key not in LAYOUT}
    return {"kind": kind, "version": cited.document.version or None} | record | more | _place(cited)


def _ops(state: VersionState) -> Iterator[Json]:
    return (op_record(op) for table in state.tables for op in table.ops)


def _structs(state: VersionState) -> Iterator[Json]:
    return (_plain(ExportKind.STRUCT, cited) for table in state.tables for cited in table.tables)


def _members(state: VersionState) -> Iterator[Json]:
    return (member for table in state.tables for member in _table_members(table))


def _table_members(table: TableState) -> Iterator[Json]:
    """The listed data members, then those with only a description (their `text` is null)."""
    described: dict[str, list[Json]] = {}
    for cited in table.member_descriptions:
        place = _place(cited)
        described.setdefault(cited.record.op, []).append({"text": cited.record.text} | place)
    for member in table.members:
        value = _plain(ExportKind.MEMBER, member, descriptions=described.get(member.record.name, []))
        yield value | {"conditions": _conditions(value.pop("condition"))}
    for name in described.keys() - {member.record.name for member in table.members}:
        head = {"kind": ExportKind.MEMBER, "version": table.version, "struct": table.name, "name": name, "text": None}
        place = {key: described[name][0][key] for key in ("path", "line")}
        yield head | {"conditions": [], "descriptions": described[name]} | place


def _all_notes(state: VersionState) -> Iterator[Json]:
    for note in state.notes:
        yield _plain(ExportKind.NOTE, note, about="design", steps=[_steps(steps) for steps in note.record.steps])
    for steps in state.steps:
        yield _plain(ExportKind.NOTE, steps, about="steps")
    for table in state.tables:
        for text in table.notes:
            yield _plain(ExportKind.NOTE, text, about=text.record.kind)
        for blanket in table.blankets:
            yield _plain(ExportKind.NOTE, blanket, about="blanket")


def _steps(steps: Steps) -> Json:
    remarks = {"remarks": list(steps.remarks)} if steps.remarks else {}
    return {"subject": steps.subject, "steps": list(steps.steps), **remarks, "line": steps.evidence.first}


def _documents(state: VersionState) -> Iterator[Json]:
    return map(_document, state.documents)


def _document(document: DocumentRef) -> Json:
    value = asdict(document) | {"kind": ExportKind.DOCUMENT, "version": document.version or None}
    return {"kind": value.pop("kind"), "version": value.pop("version"), "document": document.kind} | value | {"line": 1}


def _records(kind: ExportKind, field: str) -> Callable[[VersionState], Iterator[Json]]:
    return lambda state: (_plain(kind, cited) for cited in getattr(state, field))


EXPORTERS: dict[ExportKind, Callable[[VersionState], Iterator[Json]]] = {
    ExportKind.OP: _ops,
    ExportKind.STRUCT: _structs,
    ExportKind.MEMBER: _members,
    ExportKind.FUNCTION: _records(ExportKind.FUNCTION, "functions"),
    ExportKind.FLAG: _records(ExportKind.FLAG, "flags"),
    ExportKind.PORTING: _records(ExportKind.PORTING, "porting"),
    ExportKind.NOTE: _all_notes,
    ExportKind.LOCK_ORDER: _records(ExportKind.LOCK_ORDER, "orders"),
    ExportKind.CALLER: _callers,
    ExportKind.COMMIT: _records(ExportKind.COMMIT, "commits"),
    ExportKind.SECTION: _records(ExportKind.SECTION, "sections"),
    ExportKind.DOCUMENT: _documents,
    ExportKind.DIAGNOSTIC: _records(ExportKind.DIAGNOSTIC, "diagnostics"),
}
