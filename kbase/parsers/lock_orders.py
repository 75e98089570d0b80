"""The order of locks in a parsed document: in the sentences of its sections and porting entries, and in its steps.

    section, porting entry -> sentences -> LockOrder
    class of operation of directory-locking -> steps -> LockOrder

What they mean is in `kbase.kernel.lock_order`; here each order gets its lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from kbase.kernel.lock_order import Stated, kinds_in, read_orders, read_steps
from kbase.model.records import Evidence, LockOrder, PortingEntry, Record, Section, Steps
from kbase.model.witnesses import SINGLE, DocumentKind
from kbase.parsers.evidence import lines_with
from kbase.text.lines import Line


def order_records(kind: DocumentKind, records: Sequence[Record], lines: Iterable[Line]) -> Iterator[LockOrder]:
    """The orders that a document states; `lines` are those of the document."""
    if kind not in SINGLE:
        return
    texts = [record for record in records if isinstance(record, Section | PortingEntry)]
    found = (kinds_in(record.text) for record in texts) if kind is DocumentKind.DIRECTORY_LOCKING else ()
    kinds = next((each for each in found if each), None)
    by_number = {line.number: line for line in lines}
    for record in records:
        if isinstance(record, Section | PortingEntry):
            words = record.text.split()
            for stated in read_orders(record.text, kinds):
                place = _lines(words[stated.first : stated.last], record.evidence, by_number)
                yield _record(stated, place or record.evidence)
        elif isinstance(record, Steps) and kinds:
            for stated in read_steps(record.subject, record.steps, record.remarks, kinds):
                yield _record(stated, _of_steps(record, stated, by_number))


def _record(stated: Stated, evidence: Evidence) -> LockOrder:
    order = stated.order
    fields = {name: getattr(order, name) for name in asdict(order)}
    return LockOrder(**fields, evidence=evidence)


def _of_steps(steps: Steps, stated: Stated, by_number: Mapping[int, Line]) -> Evidence:
    """From the first line of the first step to the last line of the last one."""
    places = [_lines(steps.steps[at].split(), steps.evidence, by_number) for at in (stated.first, stated.last - 1)]
    first, last = (place or steps.evidence for place in places)
    if first.first > last.last:
        return steps.evidence
    return Evidence(blob=steps.evidence.blob, first=first.first, last=last.last)


def _lines(words: Sequence[str], within: Evidence, by_number: Mapping[int, Line]) -> Evidence | None:
    lines = (by_number[number] for number in range(within.first, within.last + 1) if number in by_number)
    return lines_with(words, lines, within.blob)
