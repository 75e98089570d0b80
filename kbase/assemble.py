"""Records of one version -> `VersionState`: ops tables with their ops, each fact with the document that states it.

Pure. What is an op: whatever has a prototype or a row in a locking table. An op that is known by its description only
is one where the vfs document lists no members for its struct (`xattr_handler`); elsewhere a description of
something that is no op belongs to a data member.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from kbase.records import (
    BlanketRule,
    Commit,
    Description,
    DesignNote,
    Diagnostic,
    DocumentKind,
    Flag,
    Function,
    LockRule,
    Member,
    Note,
    OpRow,
    OpsTable,
    PortingEntry,
    Prototype,
    Section,
    Steps,
    Summary,
)
from kbase.state import Cited, DocumentRef, OpState, TableState, VersionState
from kbase.versions import parse_version

UNLISTED = {
    "xattr_handler": frozenset(("list", "get", "set"))
}  # no vfs document lists it; its name and prefix are data
READING_ORDER = {DocumentKind.VFS: 0, DocumentKind.LOCKING: 1}  # a struct's own listing comes first

Records = Sequence[Cited[Any]]
Summaries = Mapping[tuple[str, str], Sequence[Cited[Summary]]]


def assemble(
    label: str,
    label_origin: str,
    documents: Sequence[DocumentRef],
    records: Iterable[Cited[Any]],
    *,
    sections: Sequence[Cited[Section]] = (),
    summaries: Summaries | None = None,
) -> VersionState:
    """What a version says, from its documents and their records (of each document in its own order).

    `summaries` are all that are held, by struct and op; the one whose range fits the version is taken. Sections may
    stand among the records, or be given apart.
    """
    by_kind: defaultdict[type, list[Cited[Any]]] = defaultdict(list)
    for cited in records:
        if not (isinstance(cited.record, Description) and not cited.record.text):  # only a name: nothing is said
            by_kind[type(cited.record)].append(cited)
    return VersionState(
        label=label,
        label_origin=label_origin,
        documents=tuple(documents),
        tables=_tables(label, by_kind, summaries or {}),
        functions=tuple(by_kind[Function]),
        flags=tuple(by_kind[Flag]),
        porting=tuple(by_kind[PortingEntry]),
        steps=tuple(by_kind[Steps]),
        notes=_own_first(by_kind[DesignNote], "slug"),
        commits=_own_first(by_kind[Commit], "sha"),
        sections=tuple(by_kind[Section]) or sections,
        diagnostics=tuple(by_kind[Diagnostic]),
    )


def by_op(summaries: Iterable[Cited[Summary]]) -> Summaries:
    """Summaries by struct and op, as `assemble` wants them."""
    found: defaultdict[tuple[str, str], list[Cited[Summary]]] = defaultdict(list)
    for cited in summaries:
        found[cited.record.struct, cited.record.op].append(cited)
    return found


def fitting_summary(label: str, candidates: Iterable[Cited[Summary]]) -> Cited[Summary] | None:
    """The summary whose range of versions holds the label; the narrowest where several do."""
    fitting = [cited for cited in candidates if _fits(label, cited.record)]
    return max(fitting, key=lambda c: bool(c.record.first_version) + bool(c.record.last_version), default=None)


def fitting_ranges(label: str, summaries: Summaries) -> frozenset[tuple[str | None, str | None]]:
    """The ranges of summaries that hold the label: labels with equal ones are given the same summaries."""
    each = {(c.record.first_version, c.record.last_version): c.record for same in summaries.values() for c in same}
    return frozenset(bounds for bounds, record in each.items() if _fits(label, record))


def _fits(label: str, summary: Summary) -> bool:
    """Whether a label lies in a summary's range; `..v4.8` holds for v4.8.17, and `v4.9..` for v4.9-rc1."""
    if not label:
        return True
    version = parse_version(label)
    first, last = (parse_version(bound) if bound else None for bound in (summary.first_version, summary.last_version))
    if any(bound and bound.family != version.family for bound in (first, last)):
        return False
    after = not first or version.numbers >= first.numbers
    return after and (not last or version.numbers[: len(last.numbers)] <= last.numbers)


def _own_first(records: Records, key: str) -> tuple[Cited[Any], ...]:
    """The records without those of the bundled corpus that the user's own documents state too."""
    own = {getattr(cited.record, key) for cited in records if not cited.document.bundled}
    return tuple(c for c in records if not c.document.bundled or getattr(c.record, key) not in own)


def _tables(label: str, by_kind: Mapping[type, Records], summaries: Summaries) -> tuple[TableState, ...]:
    """The ops tables, in the order in which the documents have them: locking documents first."""
    parts: dict[str, dict[type, list[Cited[Any]]]] = {}
    kinds = (OpsTable, Prototype, OpRow, LockRule, Member, Description, BlanketRule, Note, Flag)
    for cited in sorted(chain(by_kind[OpsTable], by_kind[OpRow], by_kind[Prototype]), key=_locking_first):
        parts.setdefault(_struct(cited.record), {kind: [] for kind in kinds})
    for kind in kinds:
        for cited in by_kind[kind]:
            struct = _struct(cited.record)
            if struct is not None:
                parts.setdefault(struct, {kind: [] for kind in kinds})[kind].append(cited)
    known = {name: part for name, part in parts.items() if any(part[kind] for kind in kinds if kind is not Flag)}
    return tuple(_table(label, name, part, summaries) for name, part in known.items())


def _struct(record: Any) -> Any:
    return record.name if isinstance(record, OpsTable) else record.struct


def _locking_first(cited: Cited[Any]) -> int:
    return -READING_ORDER.get(cited.document.kind, -1)


def _table(label: str, name: str, part: Mapping[type, Records], summaries: Summaries) -> TableState:
    names = _op_names(name, part)
    about = {kind: _by_op(part[kind]) for kind in (Prototype, OpRow, LockRule, Description, Flag)}
    notes, table_notes = _notes(part[Note], names)
    ops = tuple(
        OpState(
            version=label,
            struct=name,
            name=op,
            prototypes=tuple(about[Prototype][op]),
            rules=tuple(about[LockRule][op]),
            has_row=bool(about[OpRow][op] or about[LockRule][op]),
            notes=tuple(notes[op]),
            inherited=tuple(part[BlanketRule]),
            table_notes=table_notes,
            descriptions=tuple(about[Description][op]),
            flags=tuple(about[Flag][op]),
            summary=fitting_summary(label, summaries.get((name, op), ())),
            table_position=position,
        )
        for position, op in enumerate(names)
    )
    return TableState(
        version=label,
        name=name,
        tables=tuple(part[OpsTable]),
        columns=tuple(dict.fromkeys(c for cited in part[OpsTable] for c in cited.record.columns)),
        ops=ops,
        members=tuple(part[Member]),
        member_descriptions=tuple(c for c in part[Description] if c.record.op not in names),
        blankets=tuple(part[BlanketRule]),
        notes=table_notes,
    )


def _op_names(struct: str, part: Mapping[type, Records]) -> tuple[str, ...]:
    """The ops in the order of the struct's listing, then of the locking prototypes, then of the rows."""
    prototypes = sorted(part[Prototype], key=lambda cited: READING_ORDER.get(cited.document.kind, 2))
    listed = chain(prototypes, part[OpRow], part[LockRule], _ops_by_description(struct, part))
    return tuple(dict.fromkeys(cited.record.op for cited in listed))


def _ops_by_description(struct: str, part: Mapping[type, Records]) -> list[Cited[Description]]:
    """Descriptions that alone make an op: those of a document which lists no members of the struct."""
    listing = {cited.document for cited in chain(part[Member], part[Prototype])}
    described = [cited for cited in part[Description] if cited.document not in listing]
    return [c for c in described if struct not in UNLISTED or c.record.op in UNLISTED[struct]]


def _by_op(records: Records) -> defaultdict[str, list[Cited[Any]]]:
    found: defaultdict[str, list[Cited[Any]]] = defaultdict(list)
    for cited in records:
        if cited.record.op:
            found[cited.record.op].append(cited)
    return found


def _notes(notes: Records, names: Iterable[str]) -> tuple[Mapping[str, Records], tuple[Cited[Note], ...]]:
    """The notes by each op they name, and those that are about the table."""
    known = frozenset(names)
    by_name: defaultdict[str, list[Cited[Note]]] = defaultdict(list)
    table = []
    for cited in notes:
        named = [op for op in cited.record.ops if op in known]
        for op in named:
            by_name[op].append(cited)
        if not named:
            table.append(cited)
    return by_name, tuple(table)
