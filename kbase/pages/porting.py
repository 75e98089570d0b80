"""The pages of the porting log."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import ClassVar

from kbase.diff.changes import TAG_SEVERITIES
from kbase.diff.facts import words
from kbase.diff.release_line import Range, first_and_before
from kbase.kernel.exact_names import ops_meant, porting_names
from kbase.kernel.locks import lock_names, subject_of
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import PortingEntry
from kbase.model.releases import releases
from kbase.model.states import Cited
from kbase.model.versions import parse_version, version_key
from kbase.pages.functions import function_links, op_links
from kbase.pages.near_names import missing
from kbase.pages.parts import Citation, Link, Page, cite, headline, view_of

RANKS = tuple(TAG_SEVERITIES)  # tags, mandatory first
LONGEST_NAME = 120  # characters that are looked up


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingLine:
    """An entry of the porting log, dated by the first available version that has it."""

    slug: str
    tag: str
    text: str
    since: str
    after: str | None  # the last version with a log without it; None where the oldest log has it already
    href: str
    ops: tuple[Link, ...]
    functions: tuple[Link, ...]  # that the version documents
    macros: tuple[str, ...]
    locks: tuple[str, ...]  # as written
    members: tuple[str, ...]  # of structs
    removed: str | None  # from the porting log: "in 7.0 (v6.19..v7.0)"
    citation: Citation

    @property
    def when(self) -> str:
        """When it was added, as far as the available versions say: "after v6.4.6, by v6.8.1"."""
        return str(Range(self.after, self.since))


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingGroup:
    """The entries that were added between two available versions, or were there by the oldest."""

    when: str
    entries: tuple[PortingLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingPage(Page):
    """The porting log, newest release first; with `old` and `new` what was added between them, oldest release first.

    With `name` the entries that name it.
    """

    TABLE: ClassVar[str | None] = "groups.entries entry=slug tag after by=since ops text citation"

    old: str | None
    new: str | None
    name: str | None
    labels: tuple[str, ...]  # versions with a log
    without_log: tuple[str, ...]  # ends of the range for which no log is available
    groups: tuple[PortingGroup, ...]
    count: int
    tags: tuple[tuple[str, int], ...]  # the tags of the entries, mandatory first, and how many have each


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLines:
    """The lines of an entry in the logs of neighbouring versions that have it on the same lines."""

    versions: tuple[str, str]  # the first and the last of them
    citation: Citation  # in the last


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingEntryPage(Page):
    """One entry of the porting log, with the versions that have it."""

    entry: PortingLine
    headline: str  # the first words of it
    mentions: tuple[Link, ...]  # functions, macros, locks and data members that it names
    versions: tuple[str, ...]  # as ranges of releases
    edits: tuple[str, ...]  # when it was reworded or got another tag
    lines: tuple[EntryLines, ...]  # oldest first
    newer: Link | None
    older: Link | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry with all its records, and the versions that its dates are from, both oldest first."""

    line: PortingLine
    records: Mapping[str, Cited[PortingEntry]]  # by version
    followed: tuple[str, ...]

    @property
    def newest(self) -> Cited[PortingEntry]:
        return list(self.records.values())[-1]

    @property
    def edits(self) -> Iterator[str]:
        """When it got other words or another tag: "in 4.9 (v4.8.15..v4.9)"."""
        found = [label for label in self.followed if label in self.records]
        for old, new in pairwise(found):
            before, after = self.records[old].record, self.records[new].record
            if before.tag != after.tag:
                yield f"{Range(old, new)}: {after.tag}, was {before.tag}"
            elif words(before.text) != words(after.text):
                yield str(Range(old, new))


def _entries(kb: KnowledgeBase) -> dict[str, _Entry]:
    """Every porting entry by slug, in its newest wording, newest first.

    An entry of a log of linux is dated by linux versions only, any other by those of the first family that has it.
    """
    entries: dict[str, _Entry] = {}
    for family in kb.families:
        entries = _entries_of(kb, family) | entries
    newest_first = sorted(entries.values(), key=lambda each: (version_key(each.line.since), each.line.citation.line))
    return {each.line.slug: each for each in reversed(newest_first)}


def _entries_of(kb: KnowledgeBase, family: str) -> dict[str, _Entry]:
    """The entries of all porting logs of one family, by slug."""
    carried: dict[str, dict[str, Cited[PortingEntry]]] = {}
    with_porting = {label: of for label, of in kb.records(PortingEntry).items() if label in kb.labels(family)}
    followed = tuple(release.representative for release in releases({label: kb.kinds(label) for label in with_porting}))
    for label, of_version in with_porting.items():
        for cited in of_version:
            carried.setdefault(cited.record.slug, {}).setdefault(label, cited)
    return {slug: _entry(kb, records, followed, list(with_porting)) for slug, records in carried.items()}


def _entry(
    kb: KnowledgeBase, records: Mapping[str, Cited[PortingEntry]], followed: tuple[str, ...], every: Sequence[str]
) -> _Entry:
    after, since = (
        first_and_before(followed, records) or first_and_before(every, records) or (None, next(iter(records)))
    )
    newest, cited = list(records.items())[-1]
    line = view_of(
        PortingLine,
        cited,
        since=since,
        after=after,
        href=addresses.porting_address(cited.record.slug),
        ops=op_links(kb, newest, ops_meant(cited.record)),
        functions=function_links(kb, newest, cited.record.functions),
        removed=_removed(followed, records),
    )
    return _Entry(line, records, followed)


def _removed(followed: Sequence[str], carrying: Collection[str]) -> str | None:
    """When an entry left the log, of the versions that represent releases; None where the newest has it."""
    last = max((place for place, label in enumerate(followed) if label in carrying), default=len(followed) - 1)
    return str(Range(followed[last], followed[last + 1])) if last + 1 < len(followed) else None


def porting_page(kb: KnowledgeBase, old: str = "", new: str = "", name: str = "") -> PortingPage:
    """The porting log: of a range of versions if an end is given, and the entries that name something, if a name is.

    A lock has all its names.

    Raises:
        UnknownName: an end is not available.
        UsageError: the ends are of different families.
    """
    first, last = kb.range(f"{old}..{new}") if old or new else (None, None)
    slugs = _naming(kb, name) if name else None
    entries = [
        entry.line
        for slug, entry in _entries(kb).items()
        if _within(entry.line, first, last) and (slugs is None or slug in slugs)
    ]
    if first:
        entries.sort(key=lambda line: (version_key(line.since), _rank(line.tag), line.citation.line))
    title = f"Porting from {first} to {last}" if first else "Porting log"
    labels = tuple(label for label in kb.records(PortingEntry) if label in kb.labels())
    tags = Counter(line.tag for line in entries)
    return PortingPage(
        title=f"{title}: entries that name {name}" if name else title,
        address="/porting/",
        about="What filesystems have to change, dated by the first available version whose porting log says so.",
        old=first,
        new=last,
        name=name or None,
        labels=labels,
        without_log=tuple(label for label in (first, last) if label and label not in labels),
        groups=tuple(
            PortingGroup(when=when, entries=tuple(group))
            for when, group in groupby(entries, key=lambda line: line.when)
        ),
        count=len(entries),
        tags=tuple(sorted(tags.items(), key=lambda item: _rank(item[0]))),
    )


def _rank(tag: str) -> int:
    """The place of a tag among others: mandatory first, those that ask nothing last."""
    return RANKS.index(tag) if tag in RANKS else len(RANKS)


def _naming(kb: KnowledgeBase, name: str) -> set[str]:
    """The entries that name a function, a macro, a lock under any of its names, or a data member."""
    if len(name) > LONGEST_NAME:
        return set()
    return {item.name for each in (name, *lock_names(subject_of(name))) for item in kb.mentioning(each)}


def _mentions(kb: KnowledgeBase, cited: Cited[PortingEntry]) -> Iterator[Link]:
    """Each name with the page of what has it, or with the entries that name it."""
    entry = cited.record
    documented = {link.text: link for link in function_links(kb, cited.document.version, entry.functions)}
    for name in porting_names(entry)[1:]:
        yield documented.get(name) or Link(text=name, href=addresses.porting_log_address(name))


def _lines(entry: _Entry) -> Iterator[EntryLines]:
    """Where the entry stands in all logs."""
    citations = ((label, cite(cited)) for label, cited in entry.records.items())
    for _, group in groupby(citations, lambda each: (each[1].path, each[1].line, each[1].last)):
        same = list(group)
        yield EntryLines(versions=(same[0][0], same[-1][0]), citation=same[-1][1])


def _within(line: PortingLine, old: str | None, new: str | None) -> bool:
    """Whether an entry was added after the one version, by the other; one of the oldest log may be older than that."""
    if old is None or new is None:
        return True
    if parse_version(old).family != parse_version(line.since).family:
        return False
    return version_key(old) < version_key(line.since) <= version_key(new)


def porting_entry_page(kb: KnowledgeBase, slug: str) -> PortingEntryPage:
    """The page of a porting entry; raises UnknownName if no entry has this slug."""
    entries = _entries(kb)
    if slug not in entries:
        raise missing(f"porting entry {slug}", "", slug, entries)
    entry, line = entries[slug], entries[slug].line
    beside = [Link(text=headline(each.line.text), href=each.line.href) for each in entries.values()]
    position = list(entries).index(slug)
    with_log = kb.records(PortingEntry).keys()
    return PortingEntryPage(
        title=f"Porting: {slug}",
        address=addresses.porting_address(slug),
        about=f"A {line.tag} porting entry, {line.when}.",
        entry=line,
        headline=headline(line.text),
        mentions=tuple(_mentions(kb, entry.newest)),
        versions=kb.available.ranges(tuple(entry.records), among=with_log),
        edits=tuple(entry.edits),
        lines=tuple(_lines(entry)),
        newer=beside[position - 1] if position else None,
        older=beside[position + 1] if position + 1 < len(beside) else None,
    )
