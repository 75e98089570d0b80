"""What the reference tells, gathered from the knowledge base: ops, locks, ranges of versions.

Everything is computed from the states of the versions asked for, oldest first, and from the knowledge base's
own diff and history.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from kbase.diff.history import OpLife, histories
from kbase.kernel.locks import name_under
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import TableState, VersionState
from kbase.model.versions import collapse, parse_version, version_key
from kbase.reference.facts import OpFacts, Proof, RuleFact, alike, op_facts, proof_of
from kbase.reference.file_names import TAKEN, file_names
from kbase.reference.history import LifeLine, life_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class OpPage:
    """An op over all versions: its newest facts, the earlier ones, its life."""

    struct: str
    op: str
    docname: str
    labels: tuple[str, ...]
    spans: tuple[str, ...]
    facts: tuple[OpFacts, ...]  # newest first
    life: tuple[LifeLine, ...]
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
class LockUse:
    """What the cells of an op say about a lock, alike at the versions of `spans`."""

    struct: str
    op: str
    rule: RuleFact
    labels: tuple[str, ...]
    spans: tuple[str, ...]

    @property
    def dotted(self) -> str:
        return f"{self.struct}.{self.op}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockBlanket:
    """A rule about a lock that stands over a whole ops table, at the versions of `spans`."""

    struct: str
    text: str
    spans: tuple[str, ...]
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPage:
    """A lock: the names it is written with, the ops that a document names it for, the rules over whole tables."""

    subject: str
    docname: str
    written: tuple[str, ...]
    spans: tuple[str, ...]
    uses: tuple[LockUse, ...]
    blankets: tuple[LockBlanket, ...]

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
    def docnames(self) -> dict[str, str]:
        """The source file, without suffix, of each ops table and each op, by `struct` and `struct.op`."""
        return file_names([*self.tables, *(f"{struct}.{op}" for struct, op in self.facts)], TAKEN)

    @cached_property
    def version_docnames(self) -> dict[str, str]:
        """The source file, without suffix, of each version."""
        return {label: f"versions/{name}" for label, name in file_names(self.labels).items()}

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
            docname=self.docnames[f"{struct}.{op}"],
            labels=tuple(f.label for f in facts),
            spans=collapse(tuple(f.label for f in facts), self._telling(facts)),
            facts=alike(facts),
            life=life_lines(self.lives[struct, op]) if (struct, op) in self.lives else (),
            table_label=self.tables[struct][-1][0].label,
            described=next((f for f in reversed(facts) if f.descriptions), None),
        )

    def _telling(self, facts: tuple[OpFacts, ...]) -> tuple[str, ...]:
        """The versions that hold a document of a kind that states the op at all."""
        kinds = {kind for f in facts for kind in f.kinds}
        return tuple(state.label for state in self.states if any(map(state.has, kinds)))

    @cached_property
    def lives(self) -> dict[tuple[str, str], OpLife]:
        """The lives of the ops over all linux versions held: more versions make narrower dates."""
        return histories(tuple(self.kb.state(label) for label in self.kb.labels()))

    @cached_property
    def locks(self) -> tuple[LockPage, ...]:
        """The pages of locks, by name."""
        names = file_names({*self._uses, *self._blankets})
        return tuple(self._lock_page(subject, f"locks/{names[subject]}") for subject in sorted(names))

    @cached_property
    def _uses(self) -> dict[str, dict[tuple[str, str, RuleFact], list[tuple[str, RuleFact]]]]:
        """By lock: what is said of it, with the versions that say so."""
        found: dict[str, dict[tuple[str, str, RuleFact], list[tuple[str, RuleFact]]]] = {}
        for (struct, op), held in self.facts.items():
            for label, rule in ((facts.label, rule) for facts in held for rule in facts.rules):
                for subject in rule.subjects:
                    found.setdefault(subject, {}).setdefault((struct, op, rule), []).append((label, rule))
        return found

    @cached_property
    def _blankets(self) -> dict[str, dict[tuple[str, str], list[Proof]]]:
        """By lock: the rules over whole tables, by ops table and text."""
        found: dict[str, dict[tuple[str, str], list[Proof]]] = {}
        for table in (table for state in self.states for table in state.tables):
            for cited in table.blankets:
                reading = cited.record.reading
                if reading and reading.subject and not reading.context:
                    rules = found.setdefault(reading.subject, {})
                    rules.setdefault((table.name, cited.record.text), []).append(proof_of(cited))
        return found

    def _lock_page(self, subject: str, docname: str) -> LockPage:
        rules, over = self._uses.get(subject, {}), self._blankets.get(subject, {})
        labels = [label for found in rules.values() for label, _ in found]
        labels += [proof.version for proofs in over.values() for proof in proofs]
        return LockPage(
            subject=subject,
            docname=docname,
            written=tuple(sorted({name_under(rule.lock, subject) for _, _, rule in rules})),
            spans=self.spans(labels),
            uses=tuple(self._lock_use(struct, op, found) for (struct, op, _), found in rules.items()),
            blankets=tuple(
                LockBlanket(struct=struct, text=text, spans=self.spans(p.version for p in proofs), proof=proofs[-1])
                for (struct, text), proofs in over.items()
            ),
        )

    def _lock_use(self, struct: str, op: str, found: Sequence[tuple[str, RuleFact]]) -> LockUse:
        labels = tuple(label for label, _ in found)
        return LockUse(struct=struct, op=op, rule=found[-1][1], labels=labels, spans=self.spans(labels))

    def spans(self, labels: Iterable[str]) -> tuple[str, ...]:
        """The labels as ranges over the versions of the reference."""
        return collapse(tuple(dict.fromkeys(labels)), self.labels)

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
