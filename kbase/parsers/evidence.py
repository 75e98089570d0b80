"""Evidence: the lines that prove a record; and diagnostics about lines that could not be read."""

from collections.abc import Iterable, Sequence

from kbase.model.records import Diagnostic, Evidence, Level
from kbase.text.lines import Line

LONGEST_EXCERPT = 200  # characters


def evidence_of(lines: Sequence[Line], blob: str) -> Evidence:
    """The evidence that lines are, from the first to the last of them; line 1 where there are none."""
    return Evidence(blob=blob, first=lines[0].number if lines else 1, last=lines[-1].number if lines else 1)


def lines_with(words: Sequence[str], lines: Iterable[Line], blob: str) -> Evidence | None:
    """The evidence of the first lines that have these words in a row; the last may have a stop behind it."""
    found = [(word, line.number) for line in lines for word in line.raw.split()]
    for start, (word, first) in enumerate(found[: len(found) - len(words) + 1]):
        if words and word.startswith(words[0]):
            here = found[start : start + len(words)]
            if all(one == other for one, (other, _) in zip(words[:-1], here, strict=False)) and (
                here[-1][0].startswith(words[-1])
            ):
                return Evidence(blob=blob, first=first, last=here[-1][1])
    return None


def diagnostic(code: str, level: Level, message: str, excerpt: str, evidence: Evidence) -> Diagnostic:
    """A diagnostic with the beginning of the text that it is about."""
    excerpt = excerpt.strip()[:LONGEST_EXCERPT]
    return Diagnostic(code=code, level=level, message=message, excerpt=excerpt, evidence=evidence)


def error(code: str, message: str, lines: Sequence[Line], blob: str) -> Diagnostic:
    """A diagnostic of lines from which facts were lost."""
    return diagnostic(code, Level.ERROR, message, lines[0].raw if lines else "", evidence_of(lines, blob))
