"""Rules over a whole ops table in a paragraph of a vfs document: no locks are held, the context is a process."""

import re
from collections.abc import Iterator, Sequence

from kbase.kernel.locks import PROCESS_CONTEXT
from kbase.model.records import BlanketRule, Held, Reading
from kbase.parsers.evidence import evidence_of, lines_with
from kbase.text.lines import Line, joined

LONGEST_PARAGRAPH = 50  # lines that are read; the longest met has 4
NO_LOCKS_HELD = (
    r"\b(?:all methods are called without any locks(?: being)? held|no locks are held when a method is called)"
    r"(?P<unless>, unless (?:otherwise noted|a note says otherwise))?"
)
IN_PROCESS_CONTEXT = (
    r"\b(?:all methods are (?:only )?called from a|each method runs in) process context\b(?: only\b)?(?: \([^()]*\))?"
)
BLANKETS = (  # rules over the table of a section, with the subject of each and its meaning
    (
        re.compile(NO_LOCKS_HELD, re.IGNORECASE),
        "any lock",
        Reading(subject=None, held=Held.NO),
    ),
    (
        re.compile(IN_PROCESS_CONTEXT, re.IGNORECASE),
        PROCESS_CONTEXT,
        Reading(subject=PROCESS_CONTEXT, held=Held.YES, context=True),
    ),
)


def blanket_rules(lines: Sequence[Line], start: int, struct: str, blob: str) -> Iterator[BlanketRule]:
    """The rules over the table that the paragraph at a position states."""
    last = min(len(lines), start + LONGEST_PARAGRAPH)
    paragraph = lines[start : next((at for at in range(start, last) if lines[at].blank), last)]
    text = joined(paragraph)
    for form, lock, reading in BLANKETS:
        found = form.search(text)
        if found:
            yield BlanketRule(
                struct=struct,
                text=found[0],
                lock=lock,
                reading=reading,
                unless_noted=bool(found.groupdict().get("unless")),
                evidence=lines_with(found[0].split(), paragraph, blob) or evidence_of(paragraph, blob),
            )
