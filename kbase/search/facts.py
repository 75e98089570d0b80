"""The search text and the terms of ops, locks and ops tables.

A rule's terms let `lock:` and `held:` meet on one rule: for every reading, the subject (or `*`) joined with each
choice of what holds of it: `i_rwsem=yes`, `i_rwsem=exclusive`, `i_rwsem=exclusive+yes`, `folio_lock=unlocks`, ...
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from kbase.kernel.blocking import blocking
from kbase.model.records import Held, LockRule, Prototype, Reading
from kbase.model.states import Cited, OpState, TableState
from kbase.search.analyzer import words

ANY_LOCK = "*"
SHOWN = "\f"  # the last one in an op's text: before it stands prose, behind it what a hit shows beside its snippet
CHIPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Text and terms; every tuple without repetition."""

    text: str
    chips: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()  # whether it may block, and what other context columns say: "rcu-walk=maybe"
    params: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()


def squeeze(text: str) -> str:
    """The text on one line, its white space collapsed."""
    return " ".join(text.split())


def rule_term(subject: str, what: Iterable[str]) -> str:
    """The term of a rule about `subject` of which all of `what` holds."""
    return f"{subject.lower()}={'+'.join(sorted(what))}"


def context_term(header: str, held: Held) -> str:
    """The term of a context column, such as rcu-walk, that says so of an op."""
    return f"{squeeze(header).lower()}={held.value}"


def context_terms(readings: Iterable[Reading]) -> Iterator[str]:
    """The terms of the context columns that say something, but for what `blocking` tells of them all."""
    for reading in readings:
        told = reading.context and reading.subject and reading.held is not Held.UNKNOWN
        if told and squeeze(reading.subject or "").lower() != "may block":
            yield context_term(reading.subject or "", reading.held)


def rule_terms(readings: Iterable[Reading]) -> Iterator[str]:
    """The terms of the readings that are about locks; see the module."""
    for reading in readings:
        if reading.context or not reading.subject:
            continue
        effect = {reading.effect.value} if reading.effect else set[str]()
        holds = sorted({reading.held.value, *(mode.value for mode in reading.modes)} | effect)
        for size in range(1, len(holds) + 1):
            for chosen in combinations(holds, size):
                yield rule_term(reading.subject, chosen)
                yield rule_term(ANY_LOCK, chosen)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def prototype_text(op: OpState) -> str | None:
    """The op's first prototype, on one line."""
    return op.prototypes[0].record.text if op.prototypes else None


def op_facts(op: OpState) -> Facts:
    """Text and terms of an op: what it does first, its declaration last."""
    rules = [cited.record for cited in op.rules]
    told = [rule for rule in rules if rule.cell.strip()]  # a blank cell tells nothing about its lock
    readings = [reading for rule in rules for reading in rule.readings]
    prototypes = [cited.record for cited in op.prototypes]
    answer = blocking(op)
    blocks = (answer.held.value,) if answer and answer.held is not Held.UNKNOWN else ()
    return Facts(
        text="\n".join(line for line in (*_prose(op), SHOWN, *_shown(op, told, prototypes)) if line),
        chips=tuple(_chips(op)),
        locks=_unique(_subjects(told)),
        rules=_unique(rule_terms(readings)),
        blocks=_unique((*blocks, *context_terms(readings))),
        params=_unique(_params(prototypes)),
        returns=_unique(_returns(prototypes)),
    )


def _prose(op: OpState) -> Iterator[str]:
    if op.summary:
        yield op.summary.record.text
    yield from (cited.record.text for cited in op.descriptions)
    yield from (cited.record.text for cited in op.notes)
    yield from _unique(f"{cited.record.name} {cited.record.text}" for cited in op.flags)


def _shown(op: OpState, rules: list[LockRule], prototypes: list[Prototype]) -> Iterator[str]:
    yield from (f"{squeeze(rule.lock)}: {squeeze(rule.cell)};" for rule in rules)
    yield from (cited.record.text for cited in op.inherited)
    for prototype in prototypes:
        yield " ".join(filter(None, (prototype.text, prototype.comment, prototype.condition)))
    yield " ".join(_unique(_subjects(rules)))


def _subjects(rules: Iterable[LockRule]) -> Iterator[str]:
    """The canonical locks that the rules are about."""
    return (r.subject for rule in rules for r in rule.readings if r.subject and not r.context)


def _chips(op: OpState) -> Iterator[str]:
    said = [rule for rule in (*op.locks, *op.context) if rule.record.cell.strip()]
    yield from _unique(f"{squeeze(c.record.lock)}: {squeeze(c.record.cell)}" for c in said[:CHIPS])
    if not op.context and op.inherited:
        yield from _unique(squeeze(c.record.text) for c in op.inherited[:1])


def _params(prototypes: Iterable[Prototype]) -> Iterator[str]:
    for prototype in prototypes:
        for parameter in prototype.parameters:
            yield type_term(parameter.type)
            yield from words(parameter.type)
            if parameter.name:
                yield parameter.name.lower()


def _returns(prototypes: Iterable[Prototype]) -> Iterator[str]:
    for prototype in prototypes:
        yield type_term(prototype.returns)
        yield from words(prototype.returns)


def type_term(text: str) -> str:
    """A C type as one term: `struct dentry *` and `struct dentry*` are the same."""
    return squeeze(text.replace("*", " * ")).lower()


def lock_facts(subject: str, ops: Iterable[OpState]) -> Facts:
    """Text and terms of a lock: a line for each rule about it."""
    lines, rules = list[str](), list[Reading]()
    for op in ops:
        for cited in op.rules:
            readings = [r for r in cited.record.readings if r.subject == subject and not r.context]
            if readings:
                lines.append(f"{op.dotted}, {squeeze(cited.record.lock)}: {squeeze(cited.record.cell) or '?'};")
                rules.extend(readings)
    return Facts(text="\n".join(lines), locks=(subject,), rules=_unique(rule_terms(rules)))


def table_facts(table: TableState) -> Facts:
    """Text and terms of an ops table: what is said about the table, and the names in it."""
    said = [*_texts(table.notes), *_texts(table.blankets), *(cited.record.text for cited in table.members)]
    named = " ".join(op.name for op in table.ops)
    count = len(table.ops)
    return Facts(
        text="\n".join((f"{count} ops: {named}", *said)), chips=tuple(squeeze(c) for c in table.columns[:CHIPS])
    )


def _texts(cited: Iterable[Cited[object]]) -> list[str]:
    return [str(getattr(c.record, "text", "")) for c in cited]
