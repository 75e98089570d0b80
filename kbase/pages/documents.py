"""The page of a source document: its lines, and in the margin the facts that they prove."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses, records
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.witnesses import SINGLE
from kbase.pages import parts
from kbase.pages.parts import Link, plural
from kbase.pages.rows import PLACE, Row
from kbase.pages.version_strips import PageOfVersion, Stop, related_versions, version_strip
from kbase.pages.versions import DocumentLine, document_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Link):
    """The facts about one item that begin at a line: its name, its page, the facts."""

    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line; `cited` where a fact cites it."""

    number: int
    text: str
    cited: bool
    marks: tuple[Mark, ...]
    diagnostics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage(PageOfVersion):
    """A document at one version; `elixir` and `kernel` are the same file elsewhere."""

    document: DocumentLine
    blob: str
    lines: tuple[LineView, ...]
    facts: int
    elixir: str | None
    kernel: str | None

    def as_table(self) -> Iterator[Row]:
        """A fact a row, with the line on which it begins."""
        yield "name", "fact", "text", *PLACE
        for line in self.lines:
            facts = [(mark.text, fact) for mark in line.marks for fact in mark.facts]
            facts += [("", diagnostic) for diagnostic in line.diagnostics]
            yield from ((*fact, line.text.strip(), self.version, self.document.path, line.number) for fact in facts)


def document_page(kb: KnowledgeBase, version: str, path: str) -> DocumentPage:
    """A source document; `version` is empty for one that has none.

    Raises:
        UnknownName: no such version or document, with near names.
    """
    document, text = kb.document(version, path)
    facts = tuple(kb.facts_of(version, path))
    marks, cited, diagnostics = _margin(kb, document, facts)
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
                diagnostics=tuple(diagnostics.get(line.number, ())),
            )
            for line in text.lines
        ),
        facts=sum(len(mark.facts) for of_line in marks.values() for mark in of_line),
        elixir=elixir,
        kernel=kernel,
        strip=_strip(kb, document) if version else (),
    )


Margin = tuple[dict[int, list[Mark]], set[int], dict[int, list[str]]]
ROW = "row"  # in a locking table: not named where the line states something else of the op
FACTS: dict[type, str] = {
    records.Prototype: "prototype",
    records.OpRow: ROW,
    records.Description: "description",
    records.Summary: "summary",
    records.Member: "member",
    records.BlanketRule: "rule for the whole table",
    records.OpsTable: "ops table",
    records.Function: "function",
    records.Flag: "flag",
    records.PortingEntry: "porting entry",
    records.DesignNote: "design note",
    records.Commit: "commit",
    records.Caller: "caller",
}


def _margin(kb: KnowledgeBase, document: DocumentRef, facts: Iterable[Cited[Any]]) -> Margin:
    """The marks by line, the lines that a fact cites, and the diagnostics by line."""
    state = kb.state(document.version) if document.version else kb.loose
    named: dict[tuple[int, str, str], list[str]] = {}
    cited: set[int] = set()
    diagnostics: dict[int, list[str]] = {}
    for fact in facts:
        record, evidence = fact.record, fact.evidence
        if isinstance(record, records.Diagnostic):
            diagnostics.setdefault(evidence.first, []).append(f"{record.code}: {record.message}")
            continue
        for text, href in _subjects(state, record):
            named.setdefault((evidence.first, text, href), []).append(_fact(record))
            cited.update(range(evidence.first, evidence.last + 1))
    marks: dict[int, list[Mark]] = {}
    for (line, text, href), found in named.items():
        facts_of_line = tuple(dict.fromkeys(what for what in found if what != ROW or len(found) == 1))
        marks.setdefault(line, []).append(Mark(text=text, href=href, facts=facts_of_line))
    return marks, cited, diagnostics


def _fact(record: records.Record) -> str:
    """The fact in a few words."""
    match record:
        case records.LockRule(lock=lock, cell=text):
            return f"{lock}: {text}" if text else lock
        case records.LockOrder():
            return str(record)
        case records.Note(ops=ops, kind=kind):
            return str(kind) if ops else "note"
        case _:
            return FACTS[type(record)]


def _subjects(state: VersionState, record: records.Record) -> list[tuple[str, str]]:
    """What a fact is about: names and addresses; nothing where the version has no page of it."""
    version, found = state.label, list[tuple[str, str]]()
    match record:
        case records.Function(name=name):
            found.append((f"{name}()", addresses.function_address(version, name)))
        case records.Flag(name=name):
            found.append((name, addresses.flag_address(version, name)))
        case records.PortingEntry(slug=slug, tag=tag):
            found.append((tag, addresses.porting_address(slug)))
        case records.LockOrder():
            found.append(("lock order", addresses.lock_order_address(version)))
        case records.DesignNote(slug=slug, title=title):
            found.append((title, addresses.note_address(slug)))
        case records.Commit(sha=sha, key=key):
            found.append((sha[:12] or key, addresses.commit_address(key)))
        case records.OpsTable(name=struct) | records.BlanketRule(struct=struct) | records.Note(struct=struct, ops=()):
            found += [(struct, addresses.table_address(version, struct))] if struct in state.by_name else []
        case records.Member(struct=struct, name=name):
            found += [(name, addresses.member_address(version, struct, name))] if struct in state.by_name else []
        case records.Note(struct=struct, ops=ops):
            known = (op for op in ops if f"{struct}.{op}" in state.ops)
            found += [(op, addresses.op_address(version, struct, op)) for op in known]
        case (
            records.Prototype() | records.OpRow() | records.LockRule() | records.Description() | records.Summary()
            | records.Caller()
        ) if f"{record.struct}.{record.op}" in state.ops:  # fmt: skip
            found.append((record.op, addresses.op_address(version, record.struct, record.op)))
    return found


def _strip(kb: KnowledgeBase, document: DocumentRef) -> tuple[Stop, ...]:
    """The same path in other versions; if versions have only one document of the kind, also under another path."""
    labels, pages = related_versions(kb, document.version), {}
    for label in labels:
        others = kb.state(label).documents
        same = [other for other in others if other.path == document.path]
        same += [other for other in others if other.kind is document.kind and document.kind in SINGLE]
        if same:
            pages[label] = addresses.document_address(label, same[0].path)
    return version_strip(labels, document.version, pages)
