"""The pages of the porting log."""

from dataclasses import dataclass
from itertools import groupby

from kbase.diff.release_line import Range, first_and_before
from kbase.kernel.near_names import near_names
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.records import PortingEntry
from kbase.model.releases import releases
from kbase.model.states import Cited
from kbase.model.versions import collapse, main_family, parse_version, version_key
from kbase.pages.functions import function_links, op_links
from kbase.pages.near_names import missing
from kbase.pages.parts import Citation, Link, Page, cite, headline


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingLine:
    """An entry of the porting log, dated by the first version held that carries it."""

    slug: str
    tag: str
    text: str
    since: str
    after: str | None  # the last version with a log that does not carry it; None where the oldest one does already
    href: str
    ops: tuple[Link, ...]
    functions: tuple[Link, ...]
    citation: Citation

    @property
    def when(self) -> str:
        """When it came, as far as the versions held tell: "after v6.4.6, by v6.8.1"."""
        return str(Range(self.after, self.since))


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingGroup:
    """The entries that came between two versions held, or were there by the oldest."""

    when: str
    entries: tuple[PortingLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingPage(Page):
    """The porting log, newest first; with `old` and `new` what came after the one, by the other."""

    old: str | None
    new: str | None
    labels: tuple[str, ...]  # versions with a log
    groups: tuple[PortingGroup, ...]
    count: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortingEntryPage(Page):
    """One entry of the porting log, with the versions that carry it."""

    entry: PortingLine
    headline: str  # the first words of it
    versions: tuple[str, ...]  # collapsed into ranges
    newer: Link | None
    older: Link | None


def porting_lines(kb: KnowledgeBase) -> dict[str, tuple[PortingLine, tuple[str, ...]]]:
    """Every porting entry by slug, with the versions that carry it; in its newest wording, newest first.

    What a log of linux has is dated by linux versions only, what none has by those of the first family that has it.
    """
    lines: dict[str, tuple[PortingLine, tuple[str, ...]]] = {}
    for family in kb.families:
        lines = _lines_of(kb, family) | lines
    newest_first = sorted(
        lines, key=lambda slug: (version_key(lines[slug][0].since), lines[slug][0].citation.line), reverse=True
    )
    return {slug: lines[slug] for slug in newest_first}


def _lines_of(kb: KnowledgeBase, family: str) -> dict[str, tuple[PortingLine, tuple[str, ...]]]:
    """The entries that versions of one family carry."""
    carried: dict[str, list[tuple[str, Cited[PortingEntry]]]] = {}
    with_porting = {s.label: {d.kind for d in s.documents} for s in map(kb.state, kb.labels(family)) if s.porting}
    followed = [release.representative for release in releases(with_porting)]
    for label in with_porting:
        for cited in kb.state(label).porting:
            carried.setdefault(cited.record.slug, []).append((label, cited))
    lines = {}
    for slug, entries in carried.items():
        carrying = {label for label, _ in entries}
        found = first_and_before(followed, carrying) or first_and_before(list(with_porting), carrying)
        after, since = found or (None, entries[0][0])
        line = _porting_line(kb, entries[-1][0], entries[-1][1], since, after)
        lines[slug] = line, tuple(label for label, _ in entries)
    return lines


def _porting_line(
    kb: KnowledgeBase, label: str, cited: Cited[PortingEntry], since: str, after: str | None
) -> PortingLine:
    entry = cited.record
    return PortingLine(
        slug=entry.slug,
        tag=entry.tag,
        text=entry.text,
        since=since,
        after=after,
        href=addresses.porting_address(entry.slug),
        ops=op_links(kb, label, entry.ops),
        functions=function_links(kb, label, entry.functions),
        citation=cite(cited),
    )


def porting_page(kb: KnowledgeBase, old: str = "", new: str = "") -> PortingPage:
    """The porting log; of a range, if both of its ends, or one of them, are given.

    Raises:
        UnknownName: an end is not held.
        UsageError: the ends are of different families.
    """
    first, last = kb.range(f"{old}..{new}") if old or new else (None, None)
    entries = tuple(line for line, _ in porting_lines(kb).values() if _within(line, first, last))
    return PortingPage(
        title=f"Porting log, after {first}, by {last}" if first else "Porting log",
        address="/porting/",
        about="What out-of-tree filesystems had to change, dated by the versions held that say so first.",
        old=first,
        new=last,
        labels=tuple(label for label in kb.labels() if kb.state(label).porting),
        groups=tuple(
            PortingGroup(when=when, entries=tuple(group))
            for when, group in groupby(entries, key=lambda line: line.when)
        ),
        count=len(entries),
        tags=tuple(sorted({line.tag for line in entries})),
    )


def _within(line: PortingLine, old: str | None, new: str | None) -> bool:
    """Whether an entry came after the one version, by the other."""
    if old is None or new is None:
        return True
    if parse_version(old).family != parse_version(line.since).family:
        return False
    return line.after is not None and version_key(old) < version_key(line.since) <= version_key(new)


def porting_entry_page(kb: KnowledgeBase, slug: str) -> PortingEntryPage:
    """One porting entry; UnknownName where there is none of that slug."""
    lines = porting_lines(kb)
    if slug not in lines:
        raise missing(f"porting entry {slug}", "", near_names(slug, lines))
    line, versions = lines[slug]
    slugs = list(lines)
    position = slugs.index(slug)
    return PortingEntryPage(
        title=f"Porting: {slug}",
        address=addresses.porting_address(slug),
        about=f"A {line.tag} porting entry, {line.when}.",
        entry=line,
        headline=headline(line.text),
        versions=collapse(versions, kb.labels(main_family(versions))),
        newer=_beside(lines[slugs[position - 1]][0]) if position else None,
        older=_beside(lines[slugs[position + 1]][0]) if position + 1 < len(slugs) else None,
    )


def _beside(line: PortingLine) -> Link:
    return Link(text=headline(line.text), href=line.href)
