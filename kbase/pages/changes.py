"""The pages that compare two versions: the changes with their severity, before and after."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from kbase.diff.change_filter import ChangeFilter, changes_about, lock_of
from kbase.diff.changes import Change, Severity, entry_severity
from kbase.diff.comparability import describe_gaps
from kbase.diff.porting import EntryChange, entries_about, log_changes_about
from kbase.kernel.exact_names import core_ops
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import PortingEntry
from kbase.model.states import Cited
from kbase.model.versions import parse_version
from kbase.pages.change_filters import filters_of
from kbase.pages.change_views import CHANGE_COLUMNS, ChangeView, change_view
from kbase.pages.facets import Facet, FacetValue
from kbase.pages.near_names import missing
from kbase.pages.parts import Citation, Link, Page, cite, headline, plural


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
    """An entry of the porting log added between the two versions; `attached` where a change carries it."""

    link: Link
    tag: str
    severity: Severity
    headline: str
    attached: bool
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingEdit:
    """An entry of the porting log that the newer version has in other words, or not any longer."""

    link: Link
    tag: str
    reason: str
    headline: str
    citations: tuple[Citation, ...]  # before, after


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffPage(Page):
    """What changed between two versions, or in one ops table between them."""

    TABLE: ClassVar[str | None] = f"tables.groups.changes {CHANGE_COLUMNS}"

    old: str
    new: str
    struct: str | None
    total: int
    shown: int
    filters: tuple[Facet, ...]
    structs: tuple[FacetValue, ...]
    tables: tuple[TableChanges, ...]
    not_compared: tuple[str, ...]  # what one of the two versions has no document about
    porting: tuple[PortingLink, ...]  # entries of the porting log added in between
    porting_changed: tuple[PortingEdit, ...]  # entries of it that were reworded or removed
    left_out: int  # changes and entries of the porting log that the filters do not let through
    labels: tuple[str, ...]
    swapped: str  # the address of the comparison in the other direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Link):
    """The comparison of a version with the one before it."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffIndexPage(Page):
    """Which versions can be compared: each with the one before it."""

    labels: tuple[str, ...]
    steps: tuple[Step, ...]  # newest first


def diff_page(
    kb: KnowledgeBase, old: str, new: str, struct: str | None = None, chosen: Mapping[str, str] | None = None
) -> DiffPage:
    """What changed from `old` to `new`; with `struct` in that ops table, with choices (see `FILTERS`) only those.

    Raises:
        UnknownName: neither version has the ops table, or no rule is about the lock.
        UsageError: a filter has no such choice.
    """
    wanted = {name: value for name, value in (chosen or {}).items() if value}
    ChangeFilter.of(wanted)  # an invalid value is an error before an unknown table
    tables = {*kb.state(old).by_name, *kb.state(new).by_name}
    if struct and struct not in tables:
        raise missing(f"ops table {struct} in {old} or {new}", "", struct, tables)
    compared = kb.compare(old, new)
    changes = changes_about(compared.changes, struct) if struct else compared.changes
    if "lock" in wanted:
        wanted["lock"] = lock_meant(kb, wanted["lock"], changes)
    wanted_only = ChangeFilter.of(wanted)
    shown = wanted_only.changes(changes)
    core = core_ops(kb.state(old)) | core_ops(kb.state(new))
    entries = entries_about(compared.porting, changes, struct, "", core) if struct else compared.porting
    log = log_changes_about(compared.log, struct, "", core) if struct else compared.log
    shown_entries, shown_log = wanted_only.entries(entries), wanted_only.log(log)
    address = addresses.diff_address(old, new, struct)
    return DiffPage(
        title=f"Changes from {old} to {new}" + (f" in {struct}" if struct else ""),
        address=address,
        about=f"{plural(len(changes), 'change')} in {struct or 'all ops tables'} from {old} to {new}.",
        old=old,
        new=new,
        struct=struct,
        total=len(changes),
        shown=len(shown),
        filters=tuple(filters_of(changes, address, wanted)),
        structs=_structs(compared.changes, old, new, struct),
        tables=_tables(shown, old, new),
        not_compared=tuple(f"Not compared: {gap}" for gap in describe_gaps(compared.gaps)),
        porting=_porting(shown_entries, shown),
        porting_changed=tuple(map(_porting_edit, shown_log)),
        left_out=len(changes) - len(shown) + len(entries) - len(shown_entries) + len(log) - len(shown_log),
        labels=kb.labels(parse_version(new).family),
        swapped=addresses.diff_address(new, old, struct),
    )


def lock_meant(kb: KnowledgeBase, name: str, changes: Iterable[Change]) -> str:
    """The name that the changes have for a lock; a blanket rule may be about something else: `may block`.

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


def _porting_edit(change: EntryChange) -> PortingEdit:
    entry = change.shown.record
    return PortingEdit(
        link=Link(text=entry.slug, href=addresses.porting_address(entry.slug)),
        tag=entry.tag,
        reason=change.reason,
        headline=headline(entry.text),
        citations=tuple(cite(each) for each in (change.before, change.after) if each is not None),
    )


def _structs(changes: Iterable[Change], old: str, new: str, chosen: str | None) -> tuple[FacetValue, ...]:
    counts = Counter(change.struct for change in changes)
    return tuple(
        FacetValue(
            value=struct or "all ops tables",
            count=counts[struct] if struct else counts.total(),
            href=addresses.diff_address(old, new, struct),
            chosen=struct == (chosen or None),
        )
        for struct in (None, *sorted(name for name in counts if name))
    )


def _tables(changes: Iterable[Change], old: str, new: str) -> tuple[TableChanges, ...]:
    by_struct: dict[str | None, list[Change]] = {}
    for change in changes:
        by_struct.setdefault(change.struct, []).append(change)
    return tuple(
        TableChanges(
            struct=struct,
            href=addresses.diff_address(old, new, struct) if struct else None,
            count=len(found),
            groups=change_groups(found, old, new),
        )
        for struct, found in by_struct.items()
    )


def change_groups(changes: Iterable[Change], old: str, new: str) -> tuple[ChangeGroup, ...]:
    """The changes by op; those of a table itself by its name, others by what they are about."""
    groups: dict[tuple[str | None, str], list[ChangeView]] = {}
    for change in changes:
        name = change.op or change.struct or change.subject or "documents"
        groups.setdefault((change.struct, name), []).append(change_view(change, old, new))
    return tuple(
        ChangeGroup(
            title=name,
            href=views[0].href,
            history=addresses.history_address(struct, views[0].op) if struct and views[0].op else None,
            changes=tuple(views),
        )
        for (struct, name), views in groups.items()
    )


def steps_of(labels: Sequence[str]) -> tuple[Step, ...]:
    """The comparisons of neighbouring versions, which come oldest first, the newest first."""
    return tuple(
        Step(text=f"{old} to {new}", href=addresses.diff_address(old, new), version=new)
        for old, new in reversed(tuple(pairwise(labels)))
    )


def diff_index_page(kb: KnowledgeBase) -> DiffIndexPage:
    """Which versions can be compared."""
    labels = kb.labels()
    return DiffIndexPage(
        title="Compare two versions",
        address="/diff/",
        about="Choose two versions: ops, prototypes and lock rules that changed between them.",
        labels=labels,
        steps=steps_of(labels),
    )
