"""Rules and obligations in the sentences of a parsed document: of its notes, descriptions and porting entries.

    note, description, porting entry -> sentences -> ProseRule, Obligation, or a diagnostic for what could not be read

What sentences mean is in `kbase.kernel.lock_sentences`; here their ops get their ops table, and each its lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kbase.kernel.lock_sentences import Sentence, read_text
from kbase.kernel.tables import PORTED_OPS
from kbase.model.records import (
    Description,
    Diagnostic,
    Evidence,
    Level,
    Note,
    Obligation,
    OpRow,
    PortingEntry,
    ProseRule,
    Prototype,
    Record,
)
from kbase.parsers.evidence import diagnostic, lines_with
from kbase.text.lines import Line

Prose = ProseRule | Obligation | Diagnostic


@dataclass(frozen=True, slots=True)
class _Text:
    """A text, the tables of the ops that it may name, and the ops that it is about."""

    record: Note | Description | PortingEntry
    structs: Mapping[str, str]
    about: tuple[str, ...]


def prose_records(records: Sequence[Record], lines: Iterable[Line]) -> Iterator[Prose]:
    """What the sentences of these records state; `lines` are those of their document."""
    texts = list(_texts(records))
    by_number = {line.number: line for line in lines} if texts else {}
    for text in texts:
        sentences = tuple(read_text(text.record.text, text.structs.keys(), text.about))
        whole = text.record.evidence
        stated = [by_number[n] for n in range(whole.first, whole.last + 1) if n in by_number] if sentences else []
        for sentence in sentences:
            words = text.record.text.split()[sentence.first : sentence.last]
            evidence = lines_with(words, stated, whole.blob) or whole
            if not sentence.unread:
                yield from _facts(sentence, text.structs, evidence)
            elif not isinstance(text.record, PortingEntry):  # a log has much that is no rule
                message = "a sentence about a lock that could not be read as a rule"
                yield diagnostic("unread-rule", Level.WARNING, message, sentence.text, evidence)


def _texts(records: Sequence[Record]) -> Iterator[_Text]:
    ops = defaultdict[str, dict[str, None]](dict)
    for record in records:
        if isinstance(record, Prototype | OpRow):
            ops[record.struct][record.op] = None
    for record in records:
        match record:
            case Note(struct=struct, ops=named):
                only = tuple(ops[struct]) if not named and len(ops[struct]) == 1 else named
                yield _Text(record, dict.fromkeys(only, struct), only if len(only) == 1 else ())
            case Description(struct=struct, op=op):
                yield _Text(record, {op: struct}, (op,))
            case PortingEntry():
                yield _Text(record, PORTED_OPS, ())


def _facts(sentence: Sentence, structs: Mapping[str, str], evidence: Evidence) -> Iterator[ProseRule | Obligation]:
    for clause in sentence.clauses:
        for op in clause.ops:
            yield ProseRule(
                struct=structs[op],
                op=op,
                lock=clause.lock,
                cell=sentence.text,
                readings=(clause.reading,),
                evidence=evidence,
            )
    for duty in sentence.duties:
        for op in duty.ops:
            yield Obligation(
                struct=structs[op],
                op=op,
                text=sentence.text,
                action=duty.action,
                force=duty.force,
                what=duty.what,
                subject=duty.subject,
                condition=duty.condition,
                evidence=evidence,
            )
