"""Records of one version -> `VersionState`: ops tables with their ops, each fact with the document that states it.

Pure. An op is whatever has a prototype or a row in a locking table. A description alone makes an op only where the vfs
document lists no members of its struct (`xattr_handler`); otherwise it describes a data member.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from kbase.kernel.locks import OTHER_CONTEXTS, PROCESS_CONTEXT, is_gone
from kbase.model.records import (
    BlanketRule,
    Caller,
    Commit,
    Description,
    DesignNote,
    Diagnostic,
    Flag,
    Function,
    Held,
    LockOrder,
    LockRule,
    Member,
    Note,
    Obligation,
    OpRow,
    OpsTable,
    PortingEntry,
    ProseRule,
    Prototype,
    Reading,
    Section,
    Steps,
    Summary,
)
from kbase.model.states import Cited, DocumentRef, OpState, TableState, VersionState, is_excerpt
from kbase.model.versions import parse_version
from kbase.model.witnesses import OP_WITNESSES, DocumentKind

UNLISTED = {
    "xattr_handler": frozenset(("list", "get", "set"))
}  # no vfs document lists it; its name and prefix are data
READING_ORDER = {kind: place for place, kind in enumerate(OP_WITNESSES)}  # a struct's own listing comes first
LISTING = (Prototype, OpRow, LockRule, Description)  # each shows that its document lists the op
NAMING = (OpsTable, OpRow, Prototype)  # their order is that of the ops tables
TABLE_KINDS = (*NAMING, LockRule, Member, Description, BlanketRule, Note)  # each makes an ops table
OF_TABLES = (ProseRule, Obligation, Flag)  # alone they make no ops table
ABOUT_OP = (*LISTING, *OF_TABLES)
READABLE = (OpsTable, Prototype, LockRule, Description)  # one of them shows that a document could be read

ByKind = defaultdict[type, list[Cited[Any]]]
Summaries = Mapping[tuple[str, str], Sequence[Cited[Summary]]]


def assemble(
    label: str,
    label_origin: str,
    documents: Sequence[DocumentRef],
    records: Iterable[Cited[Any]],
    *,
    summaries: Summaries | None = None,
    warnings: tuple[str, ...] = (),
    load_sections: Callable[[], Sequence[Cited[Section]]] | None = None,
    load_callers: Callable[[], Sequence[Cited[Caller]]] = tuple,
) -> VersionState:
    """The state of a version from its documents and their records (of each document in its own order).

    `summaries` are all that are available; of each op the one whose range includes the version is taken. Sections are
    among the records, or loaded by `load_sections` when they are needed; callers are always loaded by `load_callers`.
    """
    found = _by_kind(records)
    tables = {struct: _table(label, struct, by_kind, summaries or {}) for struct, by_kind in _by_struct(found).items()}
    excerpts = _excerpts(documents, found)
    return VersionState(
        label=label,
        label_origin=label_origin,
        documents=tuple(documents),
        by_name=tables,
        functions=tuple(found[Function]),
        flags=tuple(found[Flag]),
        porting=tuple(found[PortingEntry]),
        steps=tuple(found[Steps]),
        orders=tuple(found[LockOrder]),
        notes=_own_first(found[DesignNote], "slug"),
        commits=_own_first(found[Commit], "key"),
        diagnostics=tuple(found[Diagnostic]),
        readable=frozenset(cited.document.kind for kind in READABLE for cited in found[kind]) - excerpts,
        excerpts=excerpts,
        warnings=warnings,
        load_sections=load_sections or (lambda: tuple(found[Section])),
        load_callers=load_callers,
    )


def op_states(
    struct: str, op: str, records: Mapping[str, Iterable[Cited[Any]]], summaries: Summaries
) -> dict[str, OpState]:
    """The state of one op by version, from the records about it and about its whole table, by version.

    They have no notes about other ops; an op that only a description makes is among them.
    """
    found = {}
    for label, cited in records.items():
        by_kind = _by_kind(cited)
        by_kind[Note] = [note for note in by_kind[Note] if not note.record.ops or op in note.record.ops]
        states = _table(label, struct, by_kind, summaries).by_name
        if op in states:
            found[label] = states[op]
    return found


def _by_kind(records: Iterable[Cited[Any]]) -> ByKind:
    """The records by class; a description without text states nothing and is left out."""
    found = ByKind(list)
    for cited in records:
        if not (isinstance(cited.record, Description) and not cited.record.text):
            found[type(cited.record)].append(cited)
    return found


def _by_struct(found: ByKind) -> dict[str, ByKind]:
    """The records of each ops table, the tables in the order of the documents, Locking documents first."""
    ranks = sorted({-READING_ORDER.get(cited.document.kind, -1) for kind in NAMING for cited in found[kind]})
    naming = (
        cited
        for rank in ranks
        for kind in NAMING
        for cited in found[kind]
        if -READING_ORDER.get(cited.document.kind, -1) == rank
    )
    others = chain.from_iterable(found[kind] for kind in TABLE_KINDS)
    tables = {_struct(cited.record): ByKind(list) for cited in chain(naming, others)}
    for kind in (*TABLE_KINDS, *OF_TABLES):
        for cited in found[kind]:
            if _struct(cited.record) in tables:
                tables[_struct(cited.record)][kind].append(cited)
    return tables


def _struct(record: Any) -> str:
    return record.name if isinstance(record, OpsTable) else record.struct


def _excerpts(documents: Iterable[DocumentRef], found: ByKind) -> frozenset[DocumentKind]:
    """The kinds of which the version has excerpts only, no complete document."""
    stated = defaultdict[str, set[tuple[str, str]]](set)
    for cited in chain(found[Prototype], found[OpRow]):
        stated[cited.path].add((cited.record.struct, cited.record.op))
    parts = {True: set[DocumentKind](), False: set[DocumentKind]()}
    for document in documents:
        if document.kind in OP_WITNESSES:
            parts[is_excerpt(document.kind, document.path, len(stated[document.path]))].add(document.kind)
    return frozenset(parts[True] - parts[False])


def _own_first(records: Sequence[Cited[Any]], key: str) -> tuple[Cited[Any], ...]:
    """The records without those of the bundled corpus that the user's own documents state too."""
    own = {getattr(cited.record, key) for cited in records if not cited.document.bundled}
    return tuple(c for c in records if not c.document.bundled or getattr(c.record, key) not in own)


def _table(label: str, name: str, found: ByKind, summaries: Summaries) -> TableState:
    names = _op_names(name, found)
    about = {kind: _by_op(found[kind]) for kind in ABOUT_OP}
    notes, table_notes = _notes(found[Note], names)
    blankets = tuple(found[BlanketRule])
    ops = {
        op: OpState(
            version=label,
            struct=name,
            name=op,
            prototypes=tuple(sorted(about[Prototype][op], key=_reading_order)),
            rules=tuple(about[LockRule][op]),
            prose=tuple(cited for cited in about[ProseRule][op] if not _is_gone(cited.record, label)),
            obligations=tuple(about[Obligation][op]),
            has_row=bool(about[OpRow][op] or about[LockRule][op]),
            notes=tuple(notes[op]),
            inherited=_reaching(blankets, {kind: about[kind][op] for kind in ABOUT_OP}),
            table_notes=table_notes,
            descriptions=tuple(about[Description][op]),
            flags=tuple(about[Flag][op]),
            summary=fitting_summary(label, summaries.get((name, op), ())),
            table_position=position,
        )
        for position, op in enumerate(names)
    }
    return TableState(
        version=label,
        name=name,
        tables=tuple(found[OpsTable]),
        columns=tuple(dict.fromkeys(c for cited in found[OpsTable] for c in cited.record.columns)),
        by_name=ops,
        members=tuple(found[Member]),
        member_descriptions=tuple(c for c in found[Description] if c.record.op not in ops),
        blankets=blankets,
        notes=table_notes,
    )


def _is_gone(rule: ProseRule, label: str) -> bool:
    return any(is_gone(reading.subject, label) for reading in rule.readings)


def _reaching(
    blankets: Iterable[Cited[BlanketRule]], about: Mapping[type, Sequence[Cited[Any]]]
) -> tuple[Cited[BlanketRule], ...]:
    """The rules over a table that reach an op: of documents that list it, and with nothing else stated of it."""
    listing = {cited.path for kind in LISTING for cited in about[kind]}
    readings = [r for kind in (LockRule, ProseRule) for cited in about[kind] for r in cited.record.readings]
    return tuple(
        cited
        for cited in blankets
        if cited.path in listing and not any(_denies(reading, cited.record) for reading in readings)
    )


def _denies(reading: Reading, blanket: BlanketRule) -> bool:
    """Whether a rule about an op goes before a rule over its table, which holds for what is not stated."""
    if blanket.reading and blanket.reading.context and reading.context:
        return reading.subject in OTHER_CONTEXTS and blanket.lock == PROCESS_CONTEXT
    if not blanket.unless_noted or reading.context:
        return False
    return reading.effect is not None or reading.held in (Held.YES, Held.MAYBE)


def _op_names(struct: str, found: ByKind) -> tuple[str, ...]:
    """The ops in the order of the struct's listing, then of the locking prototypes, then of the rows."""
    prototypes = sorted(found[Prototype], key=_reading_order)
    listed = chain(prototypes, found[OpRow], found[LockRule], _ops_by_description(struct, found))
    return tuple(dict.fromkeys(cited.record.op for cited in listed))


def _reading_order(cited: Cited[Prototype]) -> int:
    return READING_ORDER.get(cited.document.kind, len(READING_ORDER))


def _ops_by_description(struct: str, found: ByKind) -> list[Cited[Description]]:
    """Descriptions that alone make an op: those of a document which lists no members of the struct."""
    listing = {cited.path for cited in chain(found[Member], found[Prototype])}
    described = [cited for cited in found[Description] if cited.path not in listing]
    return [c for c in described if struct not in UNLISTED or c.record.op in UNLISTED[struct]]


def _by_op(records: Iterable[Cited[Any]]) -> defaultdict[str, list[Cited[Any]]]:
    found = defaultdict[str, list[Cited[Any]]](list)
    for cited in records:
        if cited.record.op:
            found[cited.record.op].append(cited)
    return found


def _notes(
    notes: Iterable[Cited[Note]], names: Iterable[str]
) -> tuple[Mapping[str, list[Cited[Note]]], tuple[Cited[Note], ...]]:
    """The notes by the ops that they name, and the notes about the table."""
    by_name: dict[str, list[Cited[Note]]] = {name: [] for name in names}
    table = []
    for cited in notes:
        named = [op for op in cited.record.ops if op in by_name]
        for op in named:
            by_name[op].append(cited)
        if not named:
            table.append(cited)
    return by_name, tuple(table)


def by_op(summaries: Iterable[Cited[Summary]]) -> Summaries:
    """Summaries by struct and op, as `assemble` takes them."""
    found = defaultdict[tuple[str, str], list[Cited[Summary]]](list)
    for cited in summaries:
        found[cited.record.struct, cited.record.op].append(cited)
    return found


def fitting_summary(label: str, candidates: Iterable[Cited[Summary]]) -> Cited[Summary] | None:
    """The summary whose range of versions includes the label; the narrowest where several do."""
    fitting = [c for c in candidates if _fits(label, c.record.first_version, c.record.last_version)]
    return max(fitting, key=lambda c: bool(c.record.first_version) + bool(c.record.last_version), default=None)


def fitting_ranges(label: str, summaries: Summaries) -> frozenset[tuple[str | None, str | None]]:
    """The ranges of summaries that include the label: labels with equal ones have the same summaries."""
    ranges = {(c.record.first_version, c.record.last_version) for same in summaries.values() for c in same}
    return frozenset(bounds for bounds in ranges if _fits(label, *bounds))


@lru_cache(4096)  # summaries have a few dozen ranges
def _fits(label: str, first_version: str | None, last_version: str | None) -> bool:
    """Whether a label is in a summary's range; `..v4.8` includes v4.8.17, and `v4.9..` includes v4.9-rc1."""
    if not label:
        return True
    version = parse_version(label)
    first, last = (parse_version(bound) if bound else None for bound in (first_version, last_version))
    if any(bound and bound.family != version.family for bound in (first, last)):
        return False
    after = not first or version.numbers >= first.numbers
    return after and (not last or version.numbers[: len(last.numbers)] <= last.numbers)
