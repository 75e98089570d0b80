"""The pages of locks: what the rules about a lock say, over the versions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kbase.kernel.locks import name_under
from kbase.model.available_versions import Available
from kbase.model.states import VersionState
from kbase.model.witnesses import LOCK_TABLES
from kbase.pages.parts import Citation, cite
from kbase.reference.file_names import file_names
from kbase.sphinx.facts import OpFacts, RuleFact

Uses = dict[tuple[str, RuleFact], list[tuple[str, RuleFact]]]  # by op and rule: the versions with it, oldest first
Spans = Callable[[Iterable[str]], tuple[str, ...]]  # the ranges of releases that versions make
Blankets = dict[tuple[str, str], list[Citation]]  # by ops table and text: its citations, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class LockUse:
    """The cells of an op about a lock, which are equal at the versions of `spans`."""

    dotted: str
    rule: RuleFact
    labels: tuple[str, ...]
    spans: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockBlanket:
    """A rule about a lock that holds for a whole ops table, at the versions of `spans`."""

    struct: str
    text: str
    spans: tuple[str, ...]
    citation: Citation


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


def lock_pages(states: Sequence[VersionState], facts: Iterable[OpFacts], available: Available) -> tuple[LockPage, ...]:
    """The pages of all locks that the facts or the rules over tables name, by name."""
    uses: dict[str, Uses] = {}
    for each in facts:
        for rule in each.rules:
            for subject in rule.subjects:
                uses.setdefault(subject, {}).setdefault((each.dotted, rule), []).append((each.label, rule))
    blankets = _blankets(states)
    names = file_names({*uses, *blankets})
    labels = tuple(state.label for state in states)

    def spans(having: Iterable[str]) -> tuple[str, ...]:
        return available.ranges(tuple(having), [LOCK_TABLES], labels)

    return tuple(
        _lock_page(subject, f"locks/{names[subject]}", spans, uses.get(subject, {}), blankets.get(subject, {}))
        for subject in sorted(names)
    )


def _blankets(states: Sequence[VersionState]) -> dict[str, Blankets]:
    """By lock: the rules over whole tables."""
    found: dict[str, Blankets] = {}
    for table in (table for state in states for table in state.tables):
        for cited in table.blankets:
            reading = cited.record.reading
            if reading and reading.subject and not reading.context:
                rules = found.setdefault(reading.subject, {})
                rules.setdefault((table.name, cited.record.text), []).append(cite(cited))
    return found


def _lock_page(subject: str, docname: str, spans: Spans, uses: Uses, blankets: Blankets) -> LockPage:
    named = [label for found in uses.values() for label, _ in found]
    named += [citation.version for found in blankets.values() for citation in found]
    return LockPage(
        subject=subject,
        docname=docname,
        written=tuple(sorted({name_under(rule.lock, subject) for _, rule in uses})),
        spans=spans(named),
        uses=tuple(
            LockUse(
                dotted=dotted,
                rule=found[-1][1],
                labels=tuple(label for label, _ in found),
                spans=spans(label for label, _ in found),
            )
            for (dotted, _), found in uses.items()
        ),
        blankets=tuple(
            LockBlanket(struct=struct, text=text, spans=spans(each.version for each in found), citation=found[-1])
            for (struct, text), found in blankets.items()
        ),
    )
