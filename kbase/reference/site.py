"""What the reference tells, gathered from the knowledge base: ops, locks, ranges of versions.

Everything is computed from the states of the versions asked for, oldest first, and from the knowledge base's
own diff and history.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from kbase.history import OpLife, histories
from kbase.kb import KnowledgeBase
from kbase.reference.facts import OpFacts, RuleFact, alike, op_facts
from kbase.reference.life import LifeLine, life_lines
from kbase.reference.rst import slug
from kbase.state import TableState, VersionState
from kbase.versions import collapse, parse_version, version_key


@dataclass(frozen=True, slots=True, kw_only=True)
class OpPage:
    """An op over all versions: its newest facts, the earlier ones, its life."""

    struct: str
    op: str
    labels: tuple[str, ...]
    spans: tuple[str, ...]
    facts: tuple[OpFacts, ...]  # newest first
    life: tuple[LifeLine, ...]
    table_label: str  # the newest version that has the op's table

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
class LockUse:
    """What the cells of an op say about a lock, alike at the versions of `spans`."""

    struct: str
    op: str
    rule: RuleFact
    spans: tuple[str, ...]

    @property
    def dotted(self) -> str:
        return f"{self.struct}.{self.op}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPage:
    """A lock: the names it is written with, and the ops that a document names it for."""

    subject: str
    docname: str
    written: tuple[str, ...]
    spans: tuple[str, ...]
    uses: tuple[LockUse, ...]

    @property
    def ops(self) -> tuple[str, ...]:
        """The ops, each once."""
        return tuple(dict.fromkeys(use.dotted for use in self.uses))


@dataclass(frozen=True, kw_only=True)
class Site:
    """The versions the reference tells about, and what its pages need to know of each other."""

    kb: KnowledgeBase
    states: tuple[VersionState, ...] = field(repr=False)  # oldest first, family by family

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return tuple(state.label for state in self.states)

    @cached_property
    def tables(self) -> dict[str, tuple[tuple[VersionState, TableState], ...]]:
        """Each ops table by name, with the versions that have it, oldest first."""
        found: dict[str, list[tuple[VersionState, TableState]]] = {}
        for state in self.states:
            for table in state.tables:
                found.setdefault(table.name, []).append((state, table))
        return {name: tuple(found[name]) for name in sorted(found)}

    @cached_property
    def facts(self) -> dict[tuple[str, str], tuple[OpFacts, ...]]:
        """The facts of each op at each version, oldest first; ops in the order of their tables, newest first."""
        found: dict[tuple[str, str], list[OpFacts]] = {}
        for held in self.tables.values():
            for state, table in reversed(held):
                for op in table.ops:
                    found.setdefault((op.struct, op.name), []).append(op_facts(op, state))
        return {key: tuple(reversed(facts)) for key, facts in found.items()}

    @cached_property
    def ops(self) -> dict[str, tuple[OpPage, ...]]:
        """The pages of ops by ops table."""
        pages: dict[str, list[OpPage]] = {name: [] for name in self.tables}
        for (struct, op), facts in self.facts.items():
            pages[struct].append(self._op_page(struct, op, facts))
        return {name: tuple(found) for name, found in pages.items()}

    def _op_page(self, struct: str, op: str, facts: tuple[OpFacts, ...]) -> OpPage:
        return OpPage(
            struct=struct,
            op=op,
            labels=tuple(f.label for f in facts),
            spans=self.spans(f.label for f in facts),
            facts=alike(facts),
            life=life_lines(self.lives[struct, op]) if (struct, op) in self.lives else (),
            table_label=self.tables[struct][-1][0].label,
        )

    @cached_property
    def lives(self) -> dict[tuple[str, str], OpLife]:
        """The lives of the ops over all linux versions held: more versions make narrower dates."""
        return histories(tuple(self.kb.state(label) for label in self.kb.labels()))

    @cached_property
    def locks(self) -> tuple[LockPage, ...]:
        """The pages of locks, by name."""
        rules: dict[str, dict[tuple[str, str, RuleFact], list[tuple[str, RuleFact]]]] = {}
        for (struct, op), held in self.facts.items():
            for facts in held:
                for rule in facts.rules:
                    for subject in rule.subjects:
                        uses = rules.setdefault(subject, {}).setdefault((struct, op, rule), [])
                        uses.append((facts.label, rule))
        taken = Counter[str]()
        return tuple(self._lock_page(subject, rules[subject], taken) for subject in sorted(rules))

    def _lock_page(
        self, subject: str, rules: Mapping[tuple[str, str, RuleFact], list[tuple[str, RuleFact]]], taken: Counter[str]
    ) -> LockPage:
        name = slug(subject)
        taken[name.lower()] += 1
        number = taken[name.lower()]
        uses = tuple(
            LockUse(struct=struct, op=op, rule=found[-1][1], spans=self.spans(label for label, _ in found))
            for (struct, op, _), found in rules.items()
        )
        return LockPage(
            subject=subject,
            docname=f"locks/{name}" if number == 1 else f"locks/{name}-{number}",
            written=tuple(sorted({use.rule.lock for use in uses})),
            spans=self.spans(label for found in rules.values() for label, _ in found),
            uses=uses,
        )

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
        return self.spans(state.label for state, _ in self.tables[struct])

    def spans(self, labels: Iterable[str]) -> tuple[str, ...]:
        """The labels as ranges over the versions of the reference."""
        return collapse(tuple(dict.fromkeys(labels)), self.labels)

    @cached_property
    def ranges(self) -> tuple[tuple[str, str], ...]:
        """The pairs of versions that get a page of changes: neighbours, and each with the newest of its family."""
        pairs: dict[tuple[str, str], None] = {}
        families: dict[str, list[str]] = {}
        for label in self.labels:
            families.setdefault(parse_version(label).family, []).append(label)
        for labels in families.values():
            pairs |= dict.fromkeys(pairwise(labels))
            pairs |= dict.fromkeys((label, labels[-1]) for label in labels[:-1])
        return tuple(sorted(pairs, key=lambda pair: (version_key(pair[1]), version_key(pair[0])), reverse=True))


def open_site(kb: KnowledgeBase, versions: Sequence[str] | None) -> Site:
    """The site of the versions named, or of all.

    Raises:
        UnknownName: a version is not held.
    """
    labels = [kb.resolve(label) for label in versions] if versions else [info.label for info in kb.versions]
    ordered = sorted(dict.fromkeys(labels), key=version_key)
    return Site(kb=kb, states=tuple(kb.state(label) for label in ordered))
