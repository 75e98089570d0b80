"""The pages of drift: of a version by ops table, of an ops table by version, and how much of it each version has."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import ClassVar

from kbase.diff.drift import LISTING, not_compared
from kbase.errors import UnknownName
from kbase.kernel.near_names import near_names
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.drift import Drift
from kbase.model.witnesses import KERNEL
from kbase.pages.drift_views import DriftView, drift_view, drift_views
from kbase.pages.parts import Link, Page, plural
from kbase.pages.rows import Row
from kbase.pages.version_strips import Stop, related_versions, version_strip

LONGEST = 10  # disagreements that the index names


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDrift:
    """The drift of one ops table of a version."""

    struct: str
    href: str  # its page
    history: str  # its drift in all versions
    found: tuple[DriftView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPage(Page):
    """The drift of a version; tables that were compared and have none are in `agreeing`."""

    TABLE: ClassVar[str | None] = (
        "tables.found op document kind statement since or_earlier releases documented header now_in citation "
        "header_path=header_citation.path header_line=header_citation.line"
    )

    version: str
    tables: tuple[TableDrift, ...]
    agreeing: tuple[Link, ...]
    not_compared: tuple[str, ...]  # what the version lacks: "no headers"
    strip: tuple[Stop, ...]

    @property
    def count(self) -> int:
        return sum(len(table.found) for table in self.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCounts:
    """How much drift a version has, by table; None for a table that was not compared."""

    version: str
    href: str
    total: int
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftIndexPage(Page):
    """How much drift each version has, by ops table."""

    tables: tuple[Link, ...]
    versions: tuple[VersionCounts, ...]  # the newest first
    longest: tuple[DriftView, ...]  # in the newest of these versions, what has been wrong for the longest time
    without_headers: tuple[str, ...]  # of which nothing is known

    def as_table(self) -> Iterator[Row]:
        """A version a row, an ops table a column; empty where it was not compared."""
        yield "version", "all", *(link.text for link in self.tables)
        for each in self.versions:
            yield each.version, each.total, *("" if count is None else count for count in each.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingDrift:
    """A disagreement from its first to its last version, as the last one has it."""

    last: str
    stands: bool  # in the newest version that was compared
    found: DriftView


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDriftPage(Page):
    """The drift of an ops table in all versions that can be compared: what stands first, the longest time first."""

    TABLE: ClassVar[str | None] = (
        "lasting op=found.op since=found.since or_earlier=found.or_earlier last releases=found.releases "
        "document=found.document kind=found.kind statement=found.statement documented=found.documented "
        "header=found.header"
    )

    struct: str
    compared: tuple[str, ...]  # versions, oldest first
    lasting: tuple[LastingDrift, ...]


def drift_link(kb: KnowledgeBase, version: str) -> Link | None:
    """The page of a version's drift; None where it has nothing to compare."""
    if not kb.drift.compared(version):
        return None
    text = plural(len(kb.drift.of_version(version)), "disagreement")
    return Link(text=text, href=addresses.drift_address(version))


def drift_page(kb: KnowledgeBase, version: str) -> DriftPage:
    """The drift of a version."""
    found = {struct: drift_views(same) for struct, same in groupby(kb.drift.of_version(version), attrgetter("struct"))}
    pages = {label: addresses.drift_address(label) for label in (*kb.having(KERNEL), version)}
    return DriftPage(
        title=f"Drift in {version}",
        address=addresses.drift_address(version),
        about=f"Where the documents and the headers of {version} disagree.",
        version=version,
        tables=tuple(
            TableDrift(
                struct=struct,
                href=addresses.table_address(version, struct),
                history=addresses.table_drift_address(struct),
                found=views,
            )
            for struct, views in found.items()
        ),
        agreeing=tuple(
            Link(text=struct, href=addresses.table_address(version, struct))
            for struct in kb.drift.compared(version)
            if struct not in found
        ),
        not_compared=not_compared(kb.state(version)),
        strip=version_strip(related_versions(kb, version), version, pages),
    )


def drift_index_page(kb: KnowledgeBase) -> DriftIndexPage:
    """How much drift each version has, by table."""
    counts = kb.drift.counts()
    versions = [label for label in kb.newest_first if label in counts]
    structs = sorted({struct for tables in counts.values() for struct in tables})
    newest = drift_views(kb.drift.of_version(versions[0])) if len(versions) > 1 else ()  # of one, all are as old
    return DriftIndexPage(
        title="Drift: documents against headers",
        address=addresses.drift_index_address(),
        about="How often documents and headers of the same version disagree about an op, by version and ops table.",
        tables=tuple(Link(text=struct, href=addresses.table_drift_address(struct)) for struct in structs),
        versions=tuple(
            VersionCounts(
                version=label,
                href=addresses.drift_address(label),
                total=sum(counts[label].values()),
                counts=tuple(map(counts[label].get, structs)),
            )
            for label in versions
        ),
        longest=tuple(sorted(newest, key=lambda view: -view.releases)[:LONGEST]),
        without_headers=tuple(label for label in kb.having(*LISTING) if label not in counts),
    )


def table_drift_page(kb: KnowledgeBase, struct: str) -> TableDriftPage:
    """The drift of an ops table in all versions that can be compared.

    Raises:
        UnknownName: in none of them it can be; the advice names near names of those that can.
    """
    counts = kb.drift.counts()
    compared = tuple(label for label in reversed(kb.newest_first) if struct in counts.get(label, ()))
    if not compared:
        near = ", ".join(near_names(struct, {name for tables in counts.values() for name in tables}, 3))
        advice = f"did you mean {near}?" if near else "give a kernel tree: kbase build TREE"
        raise UnknownName("no version has it both in a header and in a document's list of ops", struct, advice)
    return TableDriftPage(
        title=f"Drift of {struct}",
        address=addresses.table_drift_address(struct),
        about=f"Where documents and headers disagree about struct {struct}, in {plural(len(compared), 'version')}.",
        struct=struct,
        compared=compared,
        lasting=_lasting(kb.drift.of_table(struct), compared),
    )


def _lasting(found: Iterable[Drift], compared: tuple[str, ...]) -> tuple[LastingDrift, ...]:
    """Each disagreement once; what stands first, the longest time first, then what was corrected last."""
    last = {(*each.subject, each.since): each for each in found}  # the newest version comes last
    ages = {label: age for age, label in enumerate(reversed(compared))}
    ordered = sorted(last.values(), key=lambda each: (ages[each.version], -each.releases))
    return tuple(
        LastingDrift(last=each.version, stands=each.version == compared[-1], found=drift_view(each)) for each in ordered
    )
