"""Every non-blank line of a document is claimed by some record's evidence, or a diagnostic says that it is not."""

from collections.abc import Iterable, Iterator, Sequence

from kbase.model.records import Diagnostic, Level, OpsTable, Record
from kbase.parsers.evidence import diagnostic, evidence_of
from kbase.text.lines import Line


def unclaimed(lines: Sequence[Line], records: Iterable[Record], blob: str) -> Iterator[Diagnostic]:
    """A diagnostic for each run of lines that are neither evidence nor structure of a record."""
    claimed: set[int] = set()
    for record in records:
        claimed.update(range(record.evidence.first, record.evidence.last + 1))
        if isinstance(record, OpsTable):
            claimed.update(record.structure)
    run: list[Line] = []
    for line in lines:
        if line.blank or line.number in claimed:
            yield from _report(run, blob)
            run = []
        else:
            run.append(line)
    yield from _report(run, blob)


def _report(run: Sequence[Line], blob: str) -> Iterator[Diagnostic]:
    if run:
        message = "no fact was read from this line" if len(run) == 1 else f"no fact was read from {len(run)} lines"
        yield diagnostic("unclaimed-line", Level.WARNING, message, run[0].raw, evidence_of(run, blob))
