"""Findings in one version: the diagnostics of the parsers, and contradictions between its documents.

Pure. `CODES` is the one table of all codes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kbase.kernel.contradictions import contradictions
from kbase.model.records import Diagnostic, Level, Prototype
from kbase.model.states import Cited, OpState, TableState, VersionState
from kbase.model.witnesses import LOCK_TABLES, DocumentKind

EXCERPT = 100  # characters of a prototype that a finding quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem in a document: `code` is one of `CODES`; `version` is empty for a document without one."""

    code: str
    level: Level
    version: str
    path: str
    line: int
    message: str
    excerpt: str = ""


CODES: dict[str, str] = {
    # Facts were lost.
    "nothing-read": "no ops table was found in a document that should have some",
    "long-line": "a line is longer than any document's and was not read",
    "long-document": "a document has more lines than any, and no facts were read from those at its end",
    "large-page": "a saved page has more tags than any, or cannot be read, and was not unwrapped",
    "not-searched": "the facts of a version's headers do not cover these ops tables",
    "large-header": "a header is larger than any with ops tables and was not read",
    "bad-declaration": "a declaration is no C, and could not be repaired",
    "lost-heading": "prototypes or locking rules are below a heading that names no ops table",
    "unread-declaration": "a declaration is outside any block of prototypes or struct, and belongs to no table",
    "unread-entry": "an entry of a list of descriptions has no name, or no end, that could be read",
    "unread-row": "a line of a locking table could not be read as a row",
    "unclaimed-line": "no fact was read from a line",
    "bad-summary": "an entry of our own summaries is malformed and left out",
    "bad-caller": "a line of a document of callers is malformed and left out",
    # Facts were repaired, or their meaning is not certain.
    "repaired-declaration": "a declaration is broken in the document and was repaired as the message says",
    "repaired-name": "a row or a description has a misspelt name and was given to the op that is meant",
    "shifted-row": "the cells of a row are not below their headers; they were assigned as the message says",
    "damaged-heading": "a title lacks its ruler; it was read as a title all the same",
    "damaged-table": "a locking table lacks a part, such as a ruler",
    "ambiguous-cell": "a cell of a flattened page may belong to several headers",
    "uncertain-reading": "the words of a cell or of a rule over a table have no certain meaning",
    "unread-rule": "a sentence names a lock and an op, and could not be read as a rule",
    "unclosed-struct": "a struct has no closing brace",
    # Unusual, and nothing was lost.
    "missing-semicolon": "a declaration lacks its semicolon",
    "doubtful-label": "a version's documents read like those of another version, more than like its neighbours'",
    "vendor-macro": "a header has a macro that only vendors' trees have",
    "misnamed-struct": "a document gives an ops table a name that the kernel does not",
    # Contradictions inside one version.
    "no-rule": "the Locking document has a prototype of an op, and no row and no rule over the table for some lock",
    "no-prototype": "a row of a locking table names an op that the same document gives no prototype of",
    "not-in-locking": "the vfs document has an op that the Locking document lacks, though it covers the op's table",
    "prototypes-disagree": "the vfs and the Locking document give an op different types",
    "rules-disagree": "two statements about a lock of an op, or about blocking, cannot both be true",
}


def check(states: Iterable[VersionState]) -> tuple[Finding, ...]:
    """All findings of the versions in their order, each by path, line and code."""
    found: list[Finding] = []
    for state in states:
        findings = {*_labelled(state), *_stored(state), *_compared(state)}
        found += sorted(findings, key=lambda f: (f.path, f.line, f.code, f.message))
    return tuple(found)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings each code has, the codes in alphabetical order."""
    codes = sorted(finding.code for finding in findings)
    return {code: codes.count(code) for code in dict.fromkeys(codes)}


def _labelled(state: VersionState) -> Iterator[Finding]:
    """The warnings about the version's label, at its first document."""
    for warning in state.warnings:
        yield Finding(
            code="doubtful-label",
            level=Level.WARNING,
            version=state.label,
            path=state.documents[0].path,
            line=1,
            message=warning,
        )


def _stored(state: VersionState) -> Iterator[Finding]:
    return (_finding(cited, cited.record) for cited in state.diagnostics)


def _finding(cited: Cited[Diagnostic], record: Diagnostic) -> Finding:
    return Finding(
        code=record.code,
        level=record.level,
        version=cited.document.version,
        path=cited.path,
        line=cited.line,
        message=record.message,
        excerpt=record.excerpt,
    )


def _compared(state: VersionState) -> Iterator[Finding]:
    for table in state.tables:
        ruled = any(op.has_row for op in table.ops)
        documented = any(_in(op, LOCK_TABLES) for op in table.ops)
        for op in table.ops:
            if ruled:
                yield from _without_row(op, table)
                yield from _without_prototype(op, table)
            if documented:
                yield from _outside_locking(op)
            yield from _disagreeing(op)
            yield from _contradicting(op)


def _in(op: OpState, kind: DocumentKind) -> list[Cited[Prototype]]:
    return [cited for cited in op.prototypes if cited.document.kind is kind]


def _outside(op: OpState) -> list[Cited[Prototype]]:
    """The prototypes of the other documents; where headers say something else, `kbase.knowledge.drift` reports it."""
    documents = [cited for cited in op.prototypes if not cited.document.kind.traits.code]
    return [cited for cited in documents if cited.document.kind is not LOCK_TABLES]


def _at(op: OpState, code: str, level: Level, cited: Cited[Prototype], message: str) -> Finding:
    return Finding(
        code=code,
        level=level,
        version=op.version,
        path=cited.path,
        line=cited.line,
        message=message,
        excerpt=cited.record.text[:EXCERPT],
    )


def _without_row(op: OpState, table: TableState) -> Iterator[Finding]:
    """An op for which the Locking document has no row, and no blanket rule for some lock of its table."""
    stated = _in(op, LOCK_TABLES)
    if not stated or op.has_row:
        return
    locking = [cited.record for cited in op.inherited if cited.document.kind is LOCK_TABLES]
    over = [rule for rule in locking if op.name not in rule.exceptions]
    covered = {(rule.lock or "").lower() for rule in over} | {"note"}
    if any(column.lower() not in covered for column in table.columns):
        rule = f" (rule over the table: {', '.join(rule.text for rule in over)})" if over else ""
        yield _at(op, "no-rule", Level.WARNING, stated[0], f"{op.dotted} has a prototype and no row{rule}")


def _without_prototype(op: OpState, table: TableState) -> Iterator[Finding]:
    """A row without a prototype, at its first cell; a row of blank cells at its table."""
    if not op.has_row or _in(op, LOCK_TABLES):
        return
    elsewhere = f"; {op.prototypes[0].path}:{op.prototypes[0].line} has one" if op.prototypes else ""
    locking = [cited for cited in table.tables if cited.document.kind is LOCK_TABLES]
    for cited in (*op.rules, *locking)[:1]:
        yield Finding(
            code="no-prototype",
            level=Level.WARNING,
            version=op.version,
            path=cited.path,
            line=cited.line,
            message=f"{op.dotted} has a locking rule and no prototype in the same document{elsewhere}",
        )


def _outside_locking(op: OpState) -> Iterator[Finding]:
    stated = _outside(op)
    if stated and not op.has_row and not _in(op, LOCK_TABLES):
        message = f"{op.dotted} does not appear in the Locking document"
        yield _at(op, "not-in-locking", Level.INFO, stated[0], message)


def _disagreeing(op: OpState) -> Iterator[Finding]:
    """Each Locking prototype against the first vfs prototype of the same condition."""
    listed = {cited.record.condition: cited for cited in reversed(_outside(op))}
    for cited in _in(op, LOCK_TABLES):
        other = listed.get(cited.record.condition)
        if other is not None and _types(cited.record) != _types(other.record):
            message = f"{op.dotted}: {other.path}:{other.line} has {other.record.text}"
            yield _at(op, "prototypes-disagree", Level.WARNING, cited, message)


def _contradicting(op: OpState) -> Iterator[Finding]:
    """Each two statements about the op's rules that contradict each other, at the first of them."""
    for found in contradictions(op):
        yield Finding(
            code="rules-disagree",
            level=Level.WARNING,
            version=op.version,
            path=found.first.source.path,
            line=found.first.source.line,
            message=f"{op.dotted}: {found.message}",
            excerpt=found.first.text[:EXCERPT],
        )


def _types(prototype: Prototype) -> tuple[str, ...]:
    return prototype.returns, *(parameter.type for parameter in prototype.parameters)
