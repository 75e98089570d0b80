"""Design notes, as aufs has them: a note for each underlined title of a text file.

    note   = title newline "---" { "-" } newline text
    steps  = "In aufs_mmap()," newline { "- step, on one line or several" }

A banner of `#` comment lines (the licence) comes first and is skipped. Ops are mentioned as `->fault()`; where the
paragraph names one ops table (`vm_operation`, `vm_ops`), the op is that table's.
"""

import re
from collections.abc import Iterator, Sequence

from kbase.model.records import DesignNote, Parsed, Section, Steps
from kbase.model.witnesses import DocumentKind
from kbase.parsers.evidence import evidence_of
from kbase.parsers.headings import Heading, headings
from kbase.parsers.mentions import functions_in, once, ops_in, slug_of, unique
from kbase.parsers.sections import format_of, sections_of
from kbase.text.lines import Line, Text, trimmed

COMMENT = re.compile(r"\s*#(?:\s.*)?")
LICENCE = re.compile(r"copyright|licen[cs]e|free software", re.IGNORECASE)
IN_FUNCTION = re.compile(r"\s*In (?P<function>\w+)\(\)[^.]{0,80}?[,:]?\s*")
STEP = re.compile(r"\s*(?:[-*o]|\d{1,2}[.)])\s+(?P<text>\S.*)")
SLUG_WORDS = 10
# How prose names the ops tables.
TABLES = (
    ("vm_operations_struct", re.compile(r"\bvm[_ ](?:ops|operations?(?:_struct)?)\b")),
    ("inode_operations", re.compile(r"\b(?:i_op|inode[_ ]operations?)\b")),
    ("file_operations", re.compile(r"\b(?:f_op|file[_ ]operations?)\b")),
    ("super_operations", re.compile(r"\b(?:s_op|super(?:block)?[_ ]operations?)\b")),
    ("dentry_operations", re.compile(r"\b(?:d_op|dentry[_ ]operations?)\b")),
    ("address_space_operations", re.compile(r"\b(?:a_ops|address[_ ]space[_ ]operations?)\b")),
    ("export_operations", re.compile(r"\b(?:s_export_op|export[_ ]operations?)\b")),
)
# File formats of notes.
PAGES = (None, "mail", "quoted mail", "indented text", "spaced text", "numbered text", "piped text", "fenced text")


def matches(name: str, text: Text) -> bool:
    """A folder `design`, a licence in `#` lines over an underlined title, or steps of a function."""
    if name.endswith(".rst") or text.page_of not in PAGES:
        return False
    if "design" in name.replace("\\", "/").split("/")[:-1]:
        return True
    lines = text.lines
    banner = _banner(lines)
    licensed = banner > 2 and any(LICENCE.search(line.raw) for line in lines[:banner])
    return (licensed and next(headings(lines[banner:]), None) is not None) or any(_all_steps(lines, ""))


def parse(name: str, text: Text, blob: str) -> Parsed:
    """The notes; text before the first title becomes sections."""
    lines = text.lines[_banner(text.lines) :]
    found = list(headings(lines))
    before = lines[: found[0].start if found else len(lines)]
    records: list[DesignNote | Section] = [*sections_of(before, blob)]
    taken = dict[str, int]()
    stops = [*(heading.start for heading in found[1:]), len(lines)]
    for heading, stop in zip(found, stops, strict=False):
        records.append(_note(lines, heading, stop, taken, blob))
    title = _title(before) or (found[0].title if found else name.rpartition("/")[2])
    return Parsed(kind=DocumentKind.DESIGN_NOTE, format=format_of(name), title=title, records=tuple(records))


def _banner(lines: Sequence[Line]) -> int:
    """How many lines the comment at the beginning takes, blank ones around it included."""
    return next((at for at, line in enumerate(lines) if not line.blank and not COMMENT.fullmatch(line.raw)), len(lines))


def _title(before: Sequence[Line]) -> str | None:
    """The document's own title: a single line above the first title."""
    filled = [line for line in before if not line.blank]
    alone = filled and not any(line.number == filled[0].number + 1 for line in filled[1:2])
    return filled[0].text.strip() if alone and not filled[0].text.endswith(".") else None


def _note(lines: Sequence[Line], heading: Heading, stop: int, taken: dict[str, int], blob: str) -> DesignNote:
    body = trimmed(lines[heading.stop : stop])
    text = "\n".join(line.raw.rstrip() for line in body).strip("\n")
    return DesignNote(
        slug=unique(slug_of(heading.title, SLUG_WORDS), taken),
        title=heading.title,
        text=text,
        steps=tuple(_all_steps(body, blob)),
        ops=_ops(f"{heading.title}\n\n{text}"),
        functions=functions_in(text),
        evidence=evidence_of([*lines[heading.start : heading.stop], *body], blob),
    )


def _all_steps(lines: Sequence[Line], blob: str) -> Iterator[Steps]:
    """The steps of each function that a line `In foo(),` introduces."""
    for at, line in enumerate(lines):
        match = IN_FUNCTION.fullmatch(line.raw)
        steps, stop = _steps(lines, at + 1) if match else ([], at)
        if match and steps:
            yield Steps(subject=match["function"], steps=tuple(steps), evidence=evidence_of(lines[at:stop], blob))


def _steps(lines: Sequence[Line], at: int) -> tuple[list[str], int]:
    """The steps from a position on, their continuation lines joined, and the position behind them."""
    steps = list[str]()
    while at < len(lines) and not lines[at].blank and not IN_FUNCTION.fullmatch(lines[at].raw):
        step = STEP.fullmatch(lines[at].raw)
        if step:
            steps.append(step["text"].rstrip())
        elif steps:
            steps[-1] += " " + lines[at].raw.strip()
        else:
            break
        at += 1
    return steps, at


def _ops(text: str) -> tuple[str, ...]:
    """The ops mentioned, with their table where the paragraph names just one."""
    names = list[str]()
    for paragraph in re.split(r"\n\s*\n", text):
        tables = [table for table, pattern in TABLES if pattern.search(" ".join(paragraph.split()))]
        table = f"{tables[0]}." if len(tables) == 1 else ""
        names += [op if "." in op else table + op for op in ops_in(paragraph)]
    dotted = {name.rpartition(".")[2] for name in names if "." in name}
    return once(name for name in names if "." in name or name not in dotted)
