"""Records of one version -> `VersionState`: ops tables with their ops, each fact with the document that states it.

Pure. What is an op: whatever has a prototype or a row in a locking table. An op that is known by its description only
is one where the vfs document lists no members for its struct (`xattr_handler`); elsewhere a description of
something that is no op belongs to a data member.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, lru_cache, partial
from itertools import chain
from typing import Any

from kbase.model.records import (
    BlanketRule,
    Commit,
    Description,
    DesignNote,
    Diagnostic,
    Flag,
    Function,
    LockRule,
    Member,
    Note,
    OpRow,
    OpsTable,
    PortingEntry,
    Prototype,
    Record,
    Section,
    Steps,
    Summary,
)
from kbase.model.states import Cited, DocumentRef, Later, OpState, TableState, VersionState, is_excerpt
from kbase.model.versions import parse_version
from kbase.model.witnesses import OP_WITNESSES, DocumentKind

UNLISTED = {
    "xattr_handler": frozenset(("list", "get", "set"))
}  # no vfs document lists it; its name and prefix are data
READING_ORDER = {kind: place for place, kind in enumerate(OP_WITNESSES)}  # a struct's own listing comes first

SAYING: tuple[type, ...] = (OpsTable, Prototype, OpRow, LockRule, Member, Description, BlanketRule, Note)
TABLE_KINDS = (*SAYING, Flag)
NAMING: tuple[type, ...] = (OpsTable, OpRow, Prototype)  # what gives a table its place among the others
TELLING = (OpsTable, Prototype, LockRule, Description)  # of which one shows that a document could be read

Records = Sequence[Cited[Any]]
Summaries = Mapping[tuple[str, str], Sequence[Cited[Summary]]]


class Filed:
    """The records of one document, by class and ops table, each in the document's order.

    Made once of a blob, however many versions carry it.
    """

    def __init__(self, groups: Mapping[type, Mapping[str | None, Sequence[Record]]]) -> None:
        """As they are grouped; what is about no ops table stands under None."""
        self._groups = groups
        self.structs = frozenset(struct for kind in TABLE_KINDS for struct in self.structs_of(kind))

    @classmethod
    def of_records(cls, records: Iterable[Record]) -> "Filed":
        """File records that are at hand; a description without words says nothing and is left out."""
        groups: defaultdict[type, dict[str | None, list[Record]]] = defaultdict(dict)
        for record in records:
            if not (isinstance(record, Description) and not record.text):
                struct = _struct(record) if isinstance(record, TABLE_KINDS) else None
                groups[type(record)].setdefault(struct, []).append(record)
        return cls(groups)

    def structs_of(self, kind: type) -> Iterator[str]:
        """The ops tables that records of the class are about, as they first come."""
        return (struct for struct in self._groups.get(kind, ()) if struct is not None)

    def of(self, kind: type, struct: str | None = None) -> Sequence[Record]:
        """The records of the class about one ops table."""
        return self._groups.get(kind, {}).get(struct, ())

    def all(self, kind: type) -> Iterable[Record]:
        """All records of the class."""
        return chain.from_iterable(self._groups.get(kind, {}).values())

    def is_excerpt(self, path: str) -> bool:
        """Whether it is a part of a vfs or Locking document only, by its path and extent."""
        if not is_excerpt(path, 0):
            return False
        stated = chain(self.all(Prototype), self.all(OpRow))
        return is_excerpt(path, len({(record.struct, record.op) for record in stated}))  # type: ignore[union-attr]

    def has(self, *kinds: type) -> bool:
        """Whether there is a record of one of the classes."""
        return any(kind in self._groups for kind in kinds)


Filing = tuple[DocumentRef, Filed]


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
    cited = list(records)
    by_document: dict[DocumentRef, list[Record]] = {}
    for one in cited:
        by_document.setdefault(one.document, []).append(one.record)
    filings = [(document, Filed.of_records(found)) for document, found in by_document.items()]
    shelf = Shelf(label, filings, summaries or {})
    among = tuple(one for one in cited if isinstance(one.record, Section))
    return replace(shelf.state(label_origin, documents, cache(Shelf.table)), sections=among or sections)


class Shelf:
    """What is held of one version, document by document: the parts of its state are put together from it."""

    def __init__(self, label: str, filings: Sequence[Filing], summaries: Summaries) -> None:
        """Of these documents, in this order; `summaries` as `assemble` takes them."""
        self.label = label
        self._filings = filings
        self._summaries = summaries

    def state(
        self, label_origin: str, documents: Sequence[DocumentRef], table: "Callable[[Shelf, str], TableState]"
    ) -> VersionState:
        """The state, without sections; `table` is `Shelf.table`, however its answers are kept."""
        return VersionState(
            label=self.label,
            label_origin=label_origin,
            documents=tuple(documents),
            by_name=Tables(self, table),
            functions=Later(partial(self._cited, Function)),
            flags=Later(partial(self._cited, Flag)),
            porting=Later(partial(self._cited, PortingEntry)),
            steps=Later(partial(self._cited, Steps)),
            notes=Later(partial(self._own_first, DesignNote, "slug")),
            commits=Later(partial(self._own_first, Commit, "key")),
            diagnostics=Later(partial(self._cited, Diagnostic)),
            telling=self._telling - self._excerpts,
            excerpts=self._excerpts,
        )

    @cached_property
    def _telling(self) -> frozenset[DocumentKind]:
        return frozenset(d.kind for d, filed in self._filings if filed.has(*TELLING))

    @cached_property
    def _excerpts(self) -> frozenset[DocumentKind]:
        """The kinds of documents of which there is no whole one."""
        ours = [(d, filed) for d, filed in self._filings if d.kind in READING_ORDER]
        parts = {d.kind for d, filed in ours if filed.is_excerpt(d.path)}
        return frozenset(parts - {d.kind for d, filed in ours if not filed.is_excerpt(d.path)})

    @cached_property
    def by_struct(self) -> dict[str, tuple[Filing, ...]]:
        """The documents that say something of each ops table, in the order in which documents have the tables."""
        found: dict[str, list[Filing]] = {struct: [] for struct in self._structs()}
        for filing in self._filings:
            for struct in filing[1].structs & found.keys():
                found[struct].append(filing)
        return {struct: tuple(filings) for struct, filings in found.items()}

    def _structs(self) -> Iterator[str]:
        """The ops tables as they come, those of locking documents first; flags alone make no table."""
        filings = [(-READING_ORDER.get(document.kind, -1), filed) for document, filed in self._filings if filed.structs]
        for rank in sorted({rank for rank, _ in filings}):
            for kind in NAMING:
                for mine, filed in filings:
                    yield from filed.structs_of(kind) if mine == rank else ()
        for kind in SAYING:
            for _, filed in filings:
                yield from filed.structs_of(kind)

    def table(self, struct: str) -> TableState:
        """One ops table.

        Raises:
            KeyError: no document says anything of it.
        """
        filings = self.by_struct[struct]
        part: dict[type, Records] = {
            kind: [Cited(record=r, document=document) for document, filed in filings for r in filed.of(kind, struct)]
            for kind in TABLE_KINDS
        }
        return _table(self.label, struct, part, self._summaries)

    def _cited(self, kind: type) -> tuple[Cited[Any], ...]:
        """Every record of a class."""
        return tuple(Cited(record=r, document=document) for document, filed in self._filings for r in filed.all(kind))

    def _own_first(self, kind: type, key: str) -> tuple[Cited[Any], ...]:
        """The records without those of the bundled corpus that the user's own documents state too."""
        records = self._cited(kind)
        own = {getattr(cited.record, key) for cited in records if not cited.document.bundled}
        return tuple(c for c in records if not c.document.bundled or getattr(c.record, key) not in own)


class Tables(Mapping[str, TableState]):
    """The ops tables of a version by name, each put together when it is looked at."""

    def __init__(self, shelf: Shelf, table: Callable[[Shelf, str], TableState]) -> None:
        """`table` makes one of them."""
        self._shelf = shelf
        self._table = table

    def __getitem__(self, name: str) -> TableState:
        if name not in self._shelf.by_struct:
            raise KeyError(name)
        return self._table(self._shelf, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelf.by_struct)

    def __len__(self) -> int:
        return len(self._shelf.by_struct)


def by_op(summaries: Iterable[Cited[Summary]]) -> Summaries:
    """Summaries by struct and op, as `assemble` wants them."""
    found: defaultdict[tuple[str, str], list[Cited[Summary]]] = defaultdict(list)
    for cited in summaries:
        found[cited.record.struct, cited.record.op].append(cited)
    return found


def fitting_summary(label: str, candidates: Iterable[Cited[Summary]]) -> Cited[Summary] | None:
    """The summary whose range of versions holds the label; the narrowest where several do."""
    fitting = [c for c in candidates if _fits(label, c.record.first_version, c.record.last_version)]
    return max(fitting, key=lambda c: bool(c.record.first_version) + bool(c.record.last_version), default=None)


def fitting_ranges(label: str, summaries: Summaries) -> frozenset[tuple[str | None, str | None]]:
    """The ranges of summaries that hold the label: labels with equal ones are given the same summaries."""
    each = {(c.record.first_version, c.record.last_version) for same in summaries.values() for c in same}
    return frozenset(bounds for bounds in each if _fits(label, *bounds))


@lru_cache(4096)  # summaries share a few ranges
def _fits(label: str, first_version: str | None, last_version: str | None) -> bool:
    """Whether a label lies in a summary's range; `..v4.8` holds for v4.8.17, and `v4.9..` for v4.9-rc1."""
    if not label:
        return True
    version = parse_version(label)
    first, last = (parse_version(bound) if bound else None for bound in (first_version, last_version))
    if any(bound and bound.family != version.family for bound in (first, last)):
        return False
    after = not first or version.numbers >= first.numbers
    return after and (not last or version.numbers[: len(last.numbers)] <= last.numbers)


def _struct(record: Any) -> Any:
    return record.name if isinstance(record, OpsTable) else record.struct


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
    prototypes = sorted(part[Prototype], key=lambda cited: READING_ORDER.get(cited.document.kind, len(READING_ORDER)))
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
