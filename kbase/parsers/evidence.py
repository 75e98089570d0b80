"""Evidence: the lines that prove a record; and diagnostics about lines that could not be read."""

from collections.abc import Sequence

from kbase.model.records import Diagnostic, Evidence, Level
from kbase.text.lines import Line

LONGEST_EXCERPT = 200  # characters


def evidence_of(lines: Sequence[Line], blob: str) -> Evidence:
    """The evidence that lines are, from the first to the last of them; line 1 where there are none."""
    return Evidence(blob=blob, first=lines[0].number if lines else 1, last=lines[-1].number if lines else 1)


def diagnostic(code: str, level: Level, message: str, excerpt: str, evidence: Evidence) -> Diagnostic:
    """A diagnostic with the beginning of the text that it is about."""
    excerpt = excerpt.strip()[:LONGEST_EXCERPT]
    return Diagnostic(code=code, level=level, message=message, excerpt=excerpt, evidence=evidence)


def error(code: str, message: str, lines: Sequence[Line], blob: str) -> Diagnostic:
    """A diagnostic of lines from which facts were lost."""
    return diagnostic(code, Level.ERROR, message, lines[0].raw if lines else "", evidence_of(lines, blob))
