"""The lines that prove what the page of an op says, and where else the op is named."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kbase.kernel.exact_names import core_ops, is_called, ops_meant
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.states import Cited, OpState
from kbase.pages import parts
from kbase.pages.mentions import ops_named
from kbase.pages.parts import Citation, cite


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """Quoted lines of a document, byte for byte, and the facts that they prove."""

    facts: tuple[str, ...]
    quote: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A porting entry, a design note or a commit that names an op: its page, and its lines."""

    text: str
    href: str
    citation: Citation


def mentions(kb: KnowledgeBase, version: str, op: OpState) -> tuple[Mention, ...]:
    """Porting entries, design notes and commits that name the op."""
    found: dict[str, Mention] = {}
    state = kb.state(version)

    def names(called: Iterable[str]) -> bool:
        return any(op.name in name and is_called(name, op.struct, op.name, core_ops(state)) for name in called)

    def mention(cited: Cited[Any], text: str, href: str) -> None:
        found[href] = Mention(text=text, href=href, citation=cite(cited))

    for source in (state, kb.loose):
        for entry in source.porting:
            if names(ops_meant(entry.record)):
                text = f"porting, {entry.record.tag}: {parts.headline(entry.record.text)}"
                mention(entry, text, addresses.porting_address(entry.record.slug))
        for note in source.notes:
            if names(note.record.ops):
                mention(note, f"note: {note.record.title}", addresses.note_address(note.record.slug))
        for commit in source.commits:
            message = f"{commit.record.subject}\n{commit.record.body}"
            if op.name in message and names(ops_named(message)):
                mention(commit, f"commit: {commit.record.subject}", addresses.commit_address(commit.record.key))
    return tuple(found.values())


def evidence(kb: KnowledgeBase, op: OpState) -> tuple[EvidenceView, ...]:
    """The lines that prove the facts of the page, each quoted once, in the documents' order."""
    facts: dict[tuple[str, int, int], dict[str, Cited[Any]]] = {}
    for name, cited in _facts(op):
        facts.setdefault((cited.path, cited.evidence.first, cited.evidence.last), {})[name] = cited
    views = []
    for (_, first, last), by_name in sorted(facts.items(), key=lambda item: item[0]):
        cited = next(iter(by_name.values()))
        quote = kb.quote(cited.evidence.blob, first, last)
        views.append(EvidenceView(facts=tuple(by_name), quote=quote, citation=cite(cited)))
    return tuple(views)


def _facts(op: OpState) -> Iterator[tuple[str, Cited[Any]]]:
    yield from (("prototype", cited) for cited in op.prototypes)
    yield from ((f"{rule.record.lock}: {rule.record.cell or 'blank'}", rule) for rule in op.rules)
    yield from ((f"{rule.record.lock}, in a sentence", rule) for rule in op.prose)
    yield from (("obligation", cited) for cited in op.obligations)
    yield from (("rule for the whole table", cited) for cited in op.inherited)
    yield from ((cited.record.kind, cited) for cited in op.notes)
    yield from (("description", cited) for cited in op.descriptions)
    yield from ((f"flag {cited.record.name}", cited) for cited in op.flags)
