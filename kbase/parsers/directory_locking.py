"""`directory-locking`: the classes of operation and their ordered locking steps; the rest becomes sections.

    class = number ( "." | ")" ) subject "." ... "Locking rules:" ( prose | { "*" step } )

Up to 6.7 most classes have their steps in a sentence ("caller locks parent, finds victim, ..."), which is split at
its clauses. "same as above" means the steps of the class before, whose lines are then evidence, too. What stands
behind "call the method" is a remark: "All locks are exclusive."
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from kbase.model.records import Evidence, Parsed, Steps
from kbase.model.witnesses import DocumentKind
from kbase.parsers.sections import format_of, is_called, sections_of, title_of
from kbase.text.lines import Line, Text, trimmed

ITEM = re.compile(r"\s{0,3}\d{1,2}[.)]\s+(?P<text>\S.*)")
RULES = re.compile(r"locking\s+rules:", re.IGNORECASE)
STEP = re.compile(r"\s*[*-]\s+(?P<text>\S.*)")
CALL = re.compile(r"\bcalls? the method\b", re.IGNORECASE)  # the last step
ABOUT_ALL = re.compile(r"(?:All|Locks|The lock|NB)\b")
CLAUSE = re.compile(
    r"""
    (?<= [.] ) \s+
    | , \s+ (?= (?: then \s )? (?: finds | locks | calls | checks ) \b )
    | (?<= target ) , \s+ (?= if \b )
    | (?<! \s ) \s+ and \s+ (?= (?: then \s )? (?: finds | locks | calls | checks ) \b )
    """,
    re.VERBOSE,
)


def matches(name: str, text: Text) -> bool:
    """By the file's name, or by its classes."""
    if is_called(name, DocumentKind.DIRECTORY_LOCKING):
        return True
    return sum("rules:" in line.raw.lower() for line in text.lines) > 2 and len(list(_items(text.lines))) > 2


def parse(name: str, text: Text, blob: str) -> Parsed:
    """Steps for each class, sections for all other lines."""
    items = list(_items(text.lines))
    claimed = {position for start, stop in items for position in range(start, stop)}
    steps = list[Steps]()
    for start, stop in items:
        steps.append(_steps(text.lines[start:stop], steps[-1] if steps else None, blob))
    rest = [line for position, line in enumerate(text.lines) if position not in claimed]
    return Parsed(
        kind=DocumentKind.DIRECTORY_LOCKING,
        format=format_of(name),
        title=title_of(name, text.lines),
        records=(*steps, *sections_of(rest, blob)),
    )


def _items(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Positions of each class, from its number to behind its last line that is not blank."""
    items = (at for at, line in enumerate(lines) if ITEM.fullmatch(line.text))
    starts = [at for at in items if RULES.search(_joined(lines[at : at + 2]))]
    for start, stop in pairwise([*starts, *(_stop(lines, start) for start in starts[-1:])]):
        yield start, start + len(trimmed(lines[start:stop]))


def _joined(lines: Sequence[Line]) -> str:
    return " ".join(line.text.strip() for line in lines)


def _stop(lines: Sequence[Line], start: int) -> int:
    """Where the last class ends: at a paragraph that neither is a step nor speaks about all steps."""
    for at in range(start + 1, len(lines)):
        line = lines[at]
        begins = lines[at - 1].blank and not line.blank
        if begins and not STEP.match(line.raw) and not ABOUT_ALL.match(line.raw.strip()):
            return at
    return len(lines)


def _steps(lines: Sequence[Line], before: Steps | None, blob: str) -> Steps:
    first = ITEM.fullmatch(lines[0].text)
    text = first["text"] if first else ""
    subject = re.split(r"\.(?:\s|$)", text, maxsplit=1)[0].replace("_", "").strip()
    stated, start = tuple(step.rstrip(".") for step in _steps_in(lines)), lines[0].number
    steps, remarks = _apart(stated)
    if before and steps and steps[0].startswith("same as above"):
        own = re.sub(r"^same as above(?:, but )?[. ]*", "", steps[0])
        steps = (*before.steps[: _shared(before)], *([own] if own else []), *steps[1:])
        start = before.evidence.first
    evidence = Evidence(blob=blob, first=start, last=lines[-1].number)
    return Steps(subject=subject, steps=steps, remarks=remarks, evidence=evidence)


def _apart(stated: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The steps, and the remarks behind them."""
    end = next((at + 1 for at, step in enumerate(stated) if CALL.search(step)), len(stated))
    return stated[:end], stated[end:]


def _shared(before: Steps) -> int:
    """How many steps of the class before hold for the next one, too: those that are not about the mode of all."""
    return next((at for at, step in enumerate(before.steps) if ABOUT_ALL.match(step)), len(before.steps))


def _steps_in(lines: Sequence[Line]) -> Iterator[str]:
    """The steps: one for each `*`, with its continuation lines, or the clauses of the prose."""
    prose, step = list[str](), list[str]()
    starred = False
    for line in lines:
        star = STEP.match(line.text)
        if (star or line.blank or (starred and not line.indent)) and step:
            yield " ".join(step)
            step = []
        if star:
            starred, step = True, [star["text"]]
        elif step:
            step.append(line.text.strip())
        elif not line.blank:
            prose.append(line.text.strip())
    if step:
        yield " ".join(step)
    _, *behind = RULES.split(" ".join(prose), maxsplit=1)
    clauses = CLAUSE.split(behind[0].strip()) if behind else []
    yield from (" ".join(clause.split()) for clause in clauses if clause.strip())
