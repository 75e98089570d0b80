"""The pages of the porting log."""

from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from kbase.diff.release_line import Range, first_and_before
from kbase.kernel.exact_names import ops_meant
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import PortingEntry
from kbase.model.releases import releases
from kbase.model.states import Cited
from kbase.model.versions import parse_version, version_key
from kbase.pages.functions import function_links, op_links
from kbase.pages.near_names import missing
from kbase.pages.parts import Citation, Link, Page, headline, view_of


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
    functions: tuple[Link, ...]
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
    """The porting log, newest first; with `old` and `new` what was added after the one, by the other."""

    TABLE: ClassVar[str | None] = "groups.entries entry=slug tag after by=since ops text citation"

    old: str | None
    new: str | None
    labels: tuple[str, ...]  # versions with a log
    groups: tuple[PortingGroup, ...]
    count: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingEntryPage(Page):
    """One entry of the porting log, with the versions that have it."""

    entry: PortingLine
    headline: str  # the first words of it
    versions: tuple[str, ...]  # as ranges of releases
    newer: Link | None
    older: Link | None


def porting_lines(kb: KnowledgeBase) -> dict[str, tuple[PortingLine, tuple[str, ...]]]:
    """Every porting entry by slug, with the versions that have it; in its newest wording, newest first.

    An entry of a log of linux is dated by linux versions only, any other by those of the first family that has it.
    """
    lines: dict[str, tuple[PortingLine, tuple[str, ...]]] = {}
    for family in kb.families:
        lines = _lines_of(kb, family) | lines
    newest_first = sorted(lines.values(), key=lambda line: (version_key(line[0].since), line[0].citation.line))
    return {line[0].slug: line for line in reversed(newest_first)}


def _lines_of(kb: KnowledgeBase, family: str) -> dict[str, tuple[PortingLine, tuple[str, ...]]]:
    """The entries of all porting logs of one family, by slug."""
    carried: dict[str, list[tuple[str, Cited[PortingEntry]]]] = {}
    with_porting = {label: of for label, of in kb.records(PortingEntry).items() if label in kb.labels(family)}
    followed = [release.representative for release in releases({label: kb.kinds(label) for label in with_porting})]
    for label, of_version in with_porting.items():
        for cited in of_version:
            carried.setdefault(cited.record.slug, []).append((label, cited))
    lines = {}
    for slug, entries in carried.items():
        carrying = {label for label, _ in entries}
        found = first_and_before(followed, carrying) or first_and_before(list(with_porting), carrying)
        after, since = found or (None, entries[0][0])
        newest, cited = entries[-1]
        line = view_of(
            PortingLine,
            cited,
            since=since,
            after=after,
            href=addresses.porting_address(slug),
            ops=op_links(kb, newest, ops_meant(cited.record)),
            functions=function_links(kb, newest, cited.record.functions),
        )
        lines[slug] = line, tuple(label for label, _ in entries)
    return lines


def porting_page(kb: KnowledgeBase, old: str = "", new: str = "") -> PortingPage:
    """The porting log, restricted to a range of versions if one or both ends are given.

    Raises:
        UnknownName: an end is not available.
        UsageError: the ends are of different families.
    """
    first, last = kb.range(f"{old}..{new}") if old or new else (None, None)
    entries = tuple(line for line, _ in porting_lines(kb).values() if _within(line, first, last))
    return PortingPage(
        title=f"Porting log, after {first}, by {last}" if first else "Porting log",
        address="/porting/",
        about="What out-of-tree filesystems had to change, dated by the first available version that says so.",
        old=first,
        new=last,
        labels=tuple(label for label in kb.records(PortingEntry) if label in kb.labels()),
        groups=tuple(
            PortingGroup(when=when, entries=tuple(group))
            for when, group in groupby(entries, key=lambda line: line.when)
        ),
        count=len(entries),
        tags=tuple(sorted({line.tag for line in entries})),
    )


def _within(line: PortingLine, old: str | None, new: str | None) -> bool:
    """Whether an entry was added after the one version, by the other."""
    if old is None or new is None:
        return True
    if parse_version(old).family != parse_version(line.since).family:
        return False
    return line.after is not None and version_key(old) < version_key(line.since) <= version_key(new)


def porting_entry_page(kb: KnowledgeBase, slug: str) -> PortingEntryPage:
    """The page of a porting entry; raises UnknownName if no entry has this slug."""
    lines = porting_lines(kb)
    if slug not in lines:
        raise missing(f"porting entry {slug}", "", slug, lines)
    line, versions = lines[slug]
    beside = [Link(text=headline(each.text), href=each.href) for each, _ in lines.values()]
    position = list(lines).index(slug)
    with_log = kb.records(PortingEntry).keys()
    return PortingEntryPage(
        title=f"Porting: {slug}",
        address=addresses.porting_address(slug),
        about=f"A {line.tag} porting entry, {line.when}.",
        entry=line,
        headline=headline(line.text),
        versions=kb.available.ranges(versions, among=with_log),
        newer=beside[position - 1] if position else None,
        older=beside[position + 1] if position + 1 < len(beside) else None,
    )
