"""Our own summaries of ops: `corpus/summaries/<ops table>.rst`, a definition list under the table's name.

    inode_operations
    ================

    rename (..v4.8)
        Moves a directory entry, replacing the target where one exists.

    rename (v4.9..)
        Moves a directory entry; the flags argument may forbid replacing the target, or ask to exchange the two.

A range in the term says for which kernels the sentences are true; without one they are true for all. What does not look
like this is a diagnostic, and the entries around it are read all the same.
"""

import re
from collections.abc import Iterator

from kbase.errors import UsageError
from kbase.model.records import Diagnostic, Format, Parsed, Summary
from kbase.model.versions import parse_version
from kbase.model.witnesses import DocumentKind
from kbase.parsers.evidence import error, evidence_of
from kbase.text.lines import Line, Text, first_filled

# entry = term newline body;  term = op [ " (" [version] ".." [version] ")" ];  body = indented lines, none blank
TERM = re.compile(r"(?P<op>[A-Za-z_]\w*)(?:\s+\((?>(?P<first>[^\s()]*?)\.\.)(?P<last>[^\s()]*)\))?", re.ASCII)
NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
RULER = re.compile(r"=+")


def matches(name: str, text: Text) -> bool:  # noqa: ARG001  parsers are all called alike
    """Whether the file lies in a folder `summaries`."""
    return name.endswith(".rst") and "summaries" in name.replace("\\", "/").split("/")[:-1]


def parse(name: str, text: Text, blob: str) -> Parsed:  # noqa: ARG001  parsers are all called alike
    """The summaries of one ops table, in the file's order; `bad-summary` diagnostics for malformed entries."""
    title, body = _title(text.lines)
    records: list[Summary | Diagnostic] = []
    if title is None:
        first = body[0] if body else Line(1, "")
        records.append(_bad("no title that names an ops table, underlined by =", [first], blob, "nothing read"))
    else:
        records += (_read(title, entry, blob) for entry in _entries(body))
    return Parsed(kind=DocumentKind.SUMMARY, format=Format.RST, title=title or "", records=tuple(records))


def _title(lines: tuple[Line, ...]) -> tuple[str | None, tuple[Line, ...]]:
    """The table's name, and the lines below its ruler."""
    start = first_filled(lines)
    title, *rest = (line.text for line in lines[start : start + 2]) if start < len(lines) else ("",)
    if not NAME.fullmatch(title) or not rest or not RULER.fullmatch(rest[0]):
        return None, lines[start:]
    return title, lines[start + 2 :]


def _entries(lines: tuple[Line, ...]) -> Iterator[list[Line]]:
    """Each line without indentation together with the indented lines that follow it; a blank line ends an entry too."""
    entry: list[Line] = []
    for line in lines:
        if entry and not line.indent:
            yield entry
            entry = []
        if not line.blank:
            entry.append(line)
    if entry:
        yield entry


def _read(struct: str, entry: list[Line], blob: str) -> Summary | Diagnostic:
    """One entry as a record, with its term and its text as evidence."""
    term, *body = entry
    match = TERM.fullmatch(term.text)
    if match is None:
        return _bad("a term is an op, or an op and a range such as (v5.4..v6.1)", entry, blob)
    if not body:
        return _bad("an op without a text below it", entry, blob)
    try:
        first, last = (parse_version(bound).label if bound else None for bound in match.group("first", "last"))
    except UsageError as error:
        return _bad(f"a range is made of kernel versions: {error}", entry, blob)
    if first and last and parse_version(last) < parse_version(first):
        return _bad("a range starts with the older version", entry, blob)
    return Summary(
        struct=struct,
        op=match["op"],
        text=" ".join(" ".join(line.text.split()) for line in body),
        first_version=first,
        last_version=last,
        evidence=evidence_of(entry, blob),
    )


def _bad(message: str, lines: list[Line], blob: str, result: str = "this entry is left out") -> Diagnostic:
    return error("bad-summary", f"{message}; {result}", lines, blob)
