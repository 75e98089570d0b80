"""The page of a source document: its lines, and in the margin the facts that they prove."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses, records
from kbase.model.states import Cited, DocumentRef
from kbase.model.witnesses import EXPECTED
from kbase.pages import parts
from kbase.pages import version_strips as strips
from kbase.pages.parts import Page, plural
from kbase.pages.tables import DocumentLine, document_line
from kbase.pages.version_strips import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A thing whose facts begin at a line: its name, its page, what is said of it there."""

    text: str
    href: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line; `cited` where a fact rests on it; `remarks` are diagnostics."""

    number: int
    text: str
    cited: bool
    marks: tuple[Mark, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage(Page):
    """A document at one version; `elixir` and `kernel` are the same file elsewhere."""

    version: str
    document: DocumentLine
    blob: str
    lines: tuple[LineView, ...]
    facts: int
    elixir: str | None
    kernel: str | None
    strip: tuple[Stop, ...]


def document_page(kb: KnowledgeBase, version: str, path: str) -> DocumentPage:
    """A source document; `version` is empty for one that has none.

    Raises:
        UnknownName: no such version or document, with near names.
    """
    document, text = kb.document(version, path)
    facts = tuple(kb.facts_of(version, path))
    marks, cited, remarks = _margin(kb, document, facts)
    elixir, kernel = parts.external(version, path) if not document.page_of else (None, None)
    return DocumentPage(
        title=f"{path} in {version}" if version else path,
        address=addresses.document_address(version, path),
        about=f"{document.title or path}: {plural(len(text.lines), 'line')}, with the facts read from them.",
        version=version,
        document=document_line(document),
        blob=document.blob,
        lines=tuple(
            LineView(
                number=line.number,
                text=line.raw.expandtabs(),
                cited=line.number in cited,
                marks=tuple(marks.get(line.number, ())),
                remarks=tuple(remarks.get(line.number, ())),
            )
            for line in text.lines
        ),
        facts=sum(len(mark.facts) for on_line in marks.values() for mark in on_line),
        elixir=elixir,
        kernel=kernel,
        strip=_strip(kb, document) if version else (),
    )


Margin = tuple[dict[int, list[Mark]], set[int], dict[int, list[str]]]


def _margin(kb: KnowledgeBase, document: DocumentRef, facts: Iterable[Cited[Any]]) -> Margin:
    told: dict[tuple[int, str, str], list[str]] = {}
    cited: set[int] = set()
    remarks: dict[int, list[str]] = {}
    for fact in facts:
        record, evidence = fact.record, fact.evidence
        if isinstance(record, records.Diagnostic):
            remarks.setdefault(evidence.first, []).append(f"{record.code}: {record.message}")
            continue
        targets = _targets(kb, document.version, record)
        for text, href, what in targets:
            told.setdefault((evidence.first, text, href), []).append(what)
        if targets:
            cited.update(range(evidence.first, evidence.last + 1))
    marks: dict[int, list[Mark]] = {}
    for (line, text, href), what_told in told.items():
        facts_told = tuple(dict.fromkeys(what for what in what_told if what != ROW or len(what_told) == 1))
        marks.setdefault(line, []).append(Mark(text=text, href=href, facts=facts_told))
    return marks, cited, remarks


def _targets(kb: KnowledgeBase, version: str, record: records.Record) -> list[tuple[str, str, str]]:
    """What a fact is about: name, address, and what is said of it."""
    match record:
        case records.Prototype() | records.OpRow() | records.Description() | records.Summary():
            return _op(kb, version, record.struct, (record.op,), OF_AN_OP[type(record)])
        case records.LockRule(lock=lock, cell=text):
            return _op(kb, version, record.struct, (record.op,), f"{lock}: {text}" if text else lock)
        case records.Note(struct=struct, ops=ops, kind=kind):
            return _op(kb, version, struct, ops, str(kind)) if ops else _table(kb, version, struct, "note")
        case records.Member(struct=struct, name=name):
            return _member(kb, version, struct, name)
        case records.BlanketRule(struct=struct):
            return _table(kb, version, struct, "rule for the whole table")
        case records.OpsTable(name=name):
            return _table(kb, version, name, "ops table")
        case _:
            return _text_target(version, record)


ROW = "row"
OF_AN_OP: dict[type, str] = {
    records.Prototype: "prototype",
    records.OpRow: ROW,
    records.Description: "description",
    records.Summary: "summary",
}


def _text_target(version: str, record: records.Record) -> list[tuple[str, str, str]]:
    match record:
        case records.Function(name=name):
            return [(f"{name}()", addresses.function_address(version, name), "function")]
        case records.Flag(name=name):
            return [(name, addresses.flag_address(version, name), "flag")]
        case records.PortingEntry(slug=slug, tag=tag):
            return [(tag, addresses.porting_address(slug), "porting entry")]
        case records.DesignNote(slug=slug, title=title):
            return [(title, addresses.note_address(slug), "design note")]
        case records.Commit(sha=sha, key=key):
            return [(sha[:12] or key, addresses.commit_address(key), "commit")]
        case _:
            return []


def _op(kb: KnowledgeBase, version: str, struct: str, ops: tuple[str, ...], what: str) -> list[tuple[str, str, str]]:
    state = kb.state(version) if version else kb.loose
    return [(op, addresses.op_address(version, struct, op), what) for op in ops if f"{struct}.{op}" in state.ops]


def _table(kb: KnowledgeBase, version: str, struct: str, what: str) -> list[tuple[str, str, str]]:
    state = kb.state(version) if version else kb.loose
    return [(struct, addresses.table_address(version, struct), what)] if struct in state.by_name else []


def _member(kb: KnowledgeBase, version: str, struct: str, name: str) -> list[tuple[str, str, str]]:
    if not _table(kb, version, struct, ""):
        return []
    return [(name, addresses.member_address(version, struct, name), "member")]


def _strip(kb: KnowledgeBase, document: DocumentRef) -> tuple[Stop, ...]:
    def place(label: str) -> str | None:
        others = kb.state(label).documents
        same = [other for other in others if other.path == document.path]
        if not same and document.kind in EXPECTED:
            same = [other for other in others if other.kind is document.kind]
        return addresses.document_address(label, same[0].path) if same else None

    return strips.strip(strips.relatives(kb, document.version), document.version, place)
