"""What the reference states, gathered from the knowledge base: ops, locks, ranges of versions.

Everything is computed once from the states of the versions asked for, oldest first, and from the knowledge base's own
changes and history.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter

from kbase.diff.history import OpHistory
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.releases import newest_of_series
from kbase.model.states import TableState, VersionState
from kbase.model.versions import parse_version, version_key
from kbase.model.witnesses import OP_WITNESSES, DocumentKind
from kbase.reference.file_names import TAKEN, file_names
from kbase.reference.history import HistoryLine, history_lines
from kbase.reference.locks import LockPage, lock_pages
from kbase.sources.source import BUNDLED
from kbase.sphinx.facts import OpFacts, merged, op_facts

SERIES = 4  # of Linux, from which the default versions are
EACH_WITH_NEWEST = 20  # versions of a family of which each is compared with the newest
Tables = Mapping[str, Sequence[tuple[VersionState, TableState]]]  # with the versions that have it, oldest first
Facts = Mapping[tuple[str, str], Sequence[OpFacts]]  # by ops table and op, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class OpPage:
    """An op over all versions: its newest facts, the earlier ones, its history."""

    struct: str
    op: str
    docname: str
    labels: tuple[str, ...]
    spans: tuple[str, ...]
    facts: tuple[OpFacts, ...]  # newest first
    history: tuple[HistoryLine, ...]
    table_label: str  # the newest version that has the op's table
    described: OpFacts | None  # at the newest version whose documents, as the user ingested them, describe it

    @property
    def dotted(self) -> str:
        return f"{self.struct}.{self.op}"

    @property
    def newest(self) -> OpFacts:
        return self.facts[0]

    @property
    def current(self) -> bool:
        """Whether the newest version that has the table has the op."""
        return self.table_label == self.newest.label

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(subject for facts in self.facts for subject in facts.subjects))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The versions of the reference, and the data that its pages share."""

    kb: KnowledgeBase
    states: tuple[VersionState, ...]  # oldest first, family by family
    tables: Tables
    facts: Facts
    docnames: Mapping[str, str]  # the source file, without suffix, of each ops table and op, by dotted name
    version_docnames: Mapping[str, str]
    histories: Mapping[tuple[str, str], OpHistory]  # over all available versions: more versions make narrower dates
    ops: Mapping[str, Sequence[OpPage]]  # by ops table
    locks: tuple[LockPage, ...]  # by name

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(state.label for state in self.states)

    @property
    def newest(self) -> str | None:
        """The newest version; of Linux, if there is one."""
        linux = [label for label in self.labels if parse_version(label).family == "linux"]
        return next(reversed(linux or self.labels), None)

    def known(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the names that are ops of the reference."""
        return tuple(name for name in names if tuple(name.rsplit(".", 1)) in self.facts)

    def table_spans(self, struct: str) -> tuple[str, ...]:
        """The ranges of versions that have an ops table."""
        return self.kb.available.ranges([state.label for state, _ in self.tables[struct]], OP_WITNESSES, self.labels)

    @property
    def ranges(self) -> tuple[tuple[str, str], ...]:
        """The pairs of versions that get a page of changes."""
        return compared(self.labels)


def compared(labels: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The pairs of versions that are compared, newest first: neighbours, and each with the newest of its family.

    Of many versions only the newest of each series is compared with the newest of all: the pages of all of them would
    be two thirds of the reference.
    """
    pairs: dict[tuple[str, str], None] = {}
    families: dict[str, list[str]] = {}
    for label in labels:
        families.setdefault(parse_version(label).family, []).append(label)
    for ordered in families.values():
        older = ordered if len(ordered) <= EACH_WITH_NEWEST else newest_of_series(ordered)
        pairs |= dict.fromkeys(pairwise(ordered))
        pairs |= dict.fromkeys((label, ordered[-1]) for label in older if label != ordered[-1])
    return tuple(sorted(pairs, key=lambda pair: (version_key(pair[1]), version_key(pair[0])), reverse=True))


def default_versions(kb: KnowledgeBase) -> tuple[str, ...]:
    """The versions of a reference for which none is named: oldest first, family by family.

    They are the newest version of each of the last series of Linux, and those with a document of the user's own.
    """
    linux = [info.label for info in kb.versions if info.family == "linux" and info.counts.get("ops")]
    newest = newest_of_series(linux)[-SERIES:]
    return tuple(info.label for info in kb.versions if info.label in newest or {*info.sources} - {BUNDLED})


def open_site(kb: KnowledgeBase, versions: Sequence[str] | None) -> Site:
    """The site of the versions named, or of the default versions.

    Raises:
        UnknownName: a version is not available.
    """
    labels = [kb.resolve(label) for label in versions or default_versions(kb)]
    states = tuple(kb.state(label) for label in sorted(dict.fromkeys(labels), key=version_key))
    tables = _tables(states)
    facts = _facts(kb, tables)
    docnames = file_names([*tables, *(f"{struct}.{op}" for struct, op in facts)], TAKEN)
    histories = {(each.struct, each.op): each for struct in tables for each in kb.histories(struct)}
    ops: dict[str, list[OpPage]] = {name: [] for name in tables}
    for (struct, op), found in facts.items():
        history = histories.get((struct, op))
        ops[struct].append(
            OpPage(
                struct=struct,
                op=op,
                docname=docnames[f"{struct}.{op}"],
                labels=tuple(each.label for each in found),
                spans=kb.available.ranges([each.label for each in found], _kinds(found), labels),
                facts=merged(found),
                history=history_lines(history) if history else (),
                table_label=tables[struct][-1][0].label,
                described=next((each for each in reversed(found) if each.descriptions), None),
            )
        )
    return Site(
        kb=kb,
        states=states,
        tables=tables,
        facts=facts,
        docnames=docnames,
        version_docnames={
            label: f"versions/{name}" for label, name in file_names(state.label for state in states).items()
        },
        histories=histories,
        ops=ops,
        locks=lock_pages(states, (each for found in facts.values() for each in found), kb.available),
    )


def _tables(states: Iterable[VersionState]) -> dict[str, list[tuple[VersionState, TableState]]]:
    found: dict[str, list[tuple[VersionState, TableState]]] = {}
    for state in states:
        for table in state.tables:
            found.setdefault(table.name, []).append((state, table))
    return dict(sorted(found.items()))


def _facts(kb: KnowledgeBase, tables: Tables) -> dict[tuple[str, str], list[OpFacts]]:
    """The ops in the order of their newest tables."""
    found: dict[tuple[str, str], list[OpFacts]] = {}
    for versions in tables.values():
        for state, table in reversed(versions):
            drift = groupby(kb.drift.of_version(state.label, table.name), attrgetter("op"))
            by_op = {op: tuple(same) for op, same in drift}
            for op in table.ops:
                facts = op_facts(op, state, by_op.get(op.name, ()))
                found.setdefault((op.struct, op.name), []).insert(0, facts)
    return found


def _kinds(facts: Iterable[OpFacts]) -> frozenset[DocumentKind]:
    """The kinds of documents that state the op at all."""
    return frozenset(kind for each in facts for kind in each.kinds)
