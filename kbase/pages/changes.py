"""The pages that compare two versions: what changed, how grave it is, before and after side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from kbase.diff import (
    Change,
    ChangeFilter,
    ChangeKind,
    Severity,
    changes_about,
    describe_gaps,
    entries_about,
    entry_severity,
    lock_of,
)
from kbase.errors import UnknownName
from kbase.kernel.exact_names import core_ops
from kbase.kernel.near_names import near_names
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import PortingEntry
from kbase.model.states import Cited
from kbase.model.versions import parse_version
from kbase.pages.change_filters import Filter, FilterLink, filters_of
from kbase.pages.parts import Citation, Link, Page, cite, cite_at, headline, plural

SHORT = 70  # characters of an entry of the porting log beside a change


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One change: what it is, what stood before, what stands after, and the lines that prove it."""

    kind: ChangeKind
    severity: Severity
    struct: str | None
    op: str | None
    subject: str | None  # what it is about inside the op: a lock, a context column, a function, a document
    title: str
    href: str | None  # the op or table, in the newer version where it still is
    before: str | None
    after: str | None
    reason: str
    likely: bool  # concluded, not stated
    also: tuple[str, ...]  # in a history: the stable versions that it was ported back to
    porting: tuple[Link, ...]  # entries of the porting log that came in between and name the op
    evidence: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """The changes of one op, or of a table itself."""

    title: str
    href: str | None
    history: str | None
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanges:
    """The changes of one ops table; without `struct` those that belong to none: functions, flags, documents."""

    struct: str | None
    href: str | None
    count: int
    groups: tuple[ChangeGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingLink:
    """An entry of the porting log that came between the two versions; `attached` where a change carries it."""

    link: Link
    tag: str
    severity: Severity
    headline: str
    attached: bool
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffPage(Page):
    """What changed between two versions, or in one ops table between them."""

    old: str
    new: str
    struct: str | None
    total: int
    shown: int
    filters: tuple[Filter, ...]
    structs: tuple[FilterLink, ...]
    tables: tuple[TableChanges, ...]
    not_held: tuple[str, ...]  # what one of the two versions says nothing about
    porting: tuple[PortingLink, ...]  # entries of the porting log that came in between
    left_out: int  # of them and the changes, what the filters do not let through
    labels: tuple[str, ...]
    mirrored: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffIndexPage(Page):
    """Which versions can be compared: each with the one before it."""

    labels: tuple[str, ...]
    steps: tuple[Link, ...]


def gravest_first(changes: Iterable[Change]) -> list[Change]:
    """The changes by severity, otherwise in their order."""
    order = list(Severity)
    return sorted(changes, key=lambda change: order.index(change.severity))


def change_view(change: Change, old: str, new: str) -> ChangeView:
    """A change as pages show it."""
    return ChangeView(
        kind=change.kind,
        severity=change.severity,
        struct=change.struct,
        op=change.op,
        subject=change.subject,
        title=change.kind.replace("-", " "),
        href=_target(change, old, new),
        before=change.before,
        after=change.after,
        reason=change.reason,
        likely=change.likely,
        also=change.also,
        porting=tuple(
            Link(
                text=f"{cited.record.tag}: {headline(cited.record.text, SHORT)}",
                href=addresses.porting_address(cited.record.slug),
            )
            for cited in change.porting
        ),
        evidence=tuple(cite_at(each.version, each.path, each.line) for each in change.evidence),
    )


def _target(change: Change, old: str, new: str) -> str | None:
    """The page of what changed: in the old version what is gone from the new one."""
    if not change.struct:
        return None
    if not change.op:
        return addresses.table_address(old if "removed" in change.kind else new, change.struct)
    return addresses.op_address(old if change.kind is ChangeKind.OP_REMOVED else new, change.struct, change.op)


def diff_page(
    kb: KnowledgeBase, old: str, new: str, struct: str | None = None, chosen: Mapping[str, str] | None = None
) -> DiffPage:
    """What changed from `old` to `new`; with `struct` in that ops table, with choices (see `FILTERS`) only those.

    Raises:
        UnknownName: neither version has the ops table, or no rule is about the lock.
        UsageError: a filter has no such choice.
    """
    wanted = {name: value for name, value in (chosen or {}).items() if value}
    ChangeFilter.of(wanted)  # a choice that there is not is an error before a table that there is not
    _check(kb, old, new, struct)
    compared = kb.compare(old, new)
    changes = changes_about(compared.changes, struct) if struct else compared.changes
    if "lock" in wanted:
        wanted["lock"] = lock_meant(kb, wanted["lock"], changes)
    wanted_only = ChangeFilter.of(wanted)
    shown = wanted_only.changes(changes)
    core = core_ops(kb.state(old)) | core_ops(kb.state(new))
    entries = entries_about(compared.porting, changes, struct, "", core) if struct else compared.porting
    told = wanted_only.entries(entries)
    where = f"{struct}, " if struct else ""
    return DiffPage(
        title=f"{where}{old} to {new}: what changed",
        address=addresses.diff_address(old, new, struct),
        about=f"{plural(len(changes), 'change')} in {struct or 'all ops tables'} from {old} to {new}.",
        old=old,
        new=new,
        struct=struct,
        total=len(changes),
        shown=len(shown),
        filters=tuple(filters_of(changes, addresses.diff_address(old, new, struct), wanted)),
        structs=_structs(compared.changes, old, new, struct),
        tables=_tables(shown, old, new),
        not_held=tuple(f"Not compared: {gap}" for gap in describe_gaps(compared.gaps)),
        porting=_porting(told, shown),
        left_out=len(changes) - len(shown) + len(entries) - len(told),
        labels=kb.labels(parse_version(new).family),
        mirrored=addresses.diff_address(new, old, struct),
    )


def lock_meant(kb: KnowledgeBase, name: str, changes: Iterable[Change]) -> str:
    """What the changes call the lock of that name; a rule over a table may be about something else: `may block`.

    Raises:
        UnknownName: no rule is about it.
    """
    return name if name in map(lock_of, changes) else kb.lock_name(name)


def _porting(entries: Iterable[Cited[PortingEntry]], changes: Iterable[Change]) -> tuple[PortingLink, ...]:
    attached = {cited.record.slug for change in changes for cited in change.porting}
    return tuple(
        PortingLink(
            link=Link(text=cited.record.slug, href=addresses.porting_address(cited.record.slug)),
            tag=cited.record.tag,
            severity=entry_severity(cited.record),
            headline=headline(cited.record.text),
            attached=cited.record.slug in attached,
            citation=cite(cited),
        )
        for cited in entries
    )


def _check(kb: KnowledgeBase, old: str, new: str, struct: str | None) -> None:
    tables = {*kb.state(old).by_name, *kb.state(new).by_name}
    if struct and struct not in tables:
        names = ", ".join(near_names(struct, tables))
        raise UnknownName(f"no ops table {struct} in {old} or {new}", advice=f"did you mean {names}?" if names else "")


def _structs(changes: Iterable[Change], old: str, new: str, chosen: str | None) -> tuple[FilterLink, ...]:
    counts = Counter(change.struct for change in changes)
    every = FilterLink(
        text="all ops tables", count=counts.total(), href=addresses.diff_address(old, new), chosen=not chosen
    )
    return (
        every,
        *(
            FilterLink(text=struct, count=count, href=addresses.diff_address(old, new, struct), chosen=struct == chosen)
            for struct, count in sorted((name, count) for name, count in counts.items() if name)
        ),
    )


def _tables(changes: Iterable[Change], old: str, new: str) -> tuple[TableChanges, ...]:
    by_struct: dict[str | None, dict[str, list[Change]]] = {}
    for change in changes:
        name = change.op or change.struct or change.subject or "documents"
        by_struct.setdefault(change.struct, {}).setdefault(name, []).append(change)
    return tuple(
        TableChanges(
            struct=struct,
            href=addresses.diff_address(old, new, struct) if struct else None,
            count=sum(map(len, by_name.values())),
            groups=tuple(_group(name, changes, old, new) for name, changes in by_name.items()),
        )
        for struct, by_name in by_struct.items()
    )


def _group(name: str, changes: list[Change], old: str, new: str) -> ChangeGroup:
    views = tuple(change_view(change, old, new) for change in changes)
    struct, op = views[0].struct, views[0].op
    return ChangeGroup(
        title=name,
        href=views[0].href,
        history=addresses.history_address(struct, op) if struct and op else None,
        changes=views,
    )


def diff_index_page(kb: KnowledgeBase) -> DiffIndexPage:
    """Which versions can be compared."""
    labels = kb.labels()
    return DiffIndexPage(
        title="Compare two versions",
        address="/diff/",
        about="Choose two versions: ops, prototypes and lock rules that changed between them.",
        labels=labels,
        steps=tuple(
            Link(text=f"{old} to {new}", href=addresses.diff_address(old, new))
            for old, new in reversed(tuple(pairwise(labels)))
        ),
    )
