"""What to try: for every route the words of an address that leads to a page of the knowledge base at hand."""

from collections.abc import Iterator

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import VersionState
from kbase.pages.notes import commits, design_notes
from kbase.pages.porting import porting_lines
from kbase.pages.search import EXAMPLES

Words = dict[str, str]
LOOKED_AT = 24  # versions, the newest: what none of them has is told without an example


def samples(kb: KnowledgeBase) -> dict[str, Words]:
    """The words by route; a route of which nothing is held is missing."""
    found: dict[str, Words] = {name: {} for name in ("home", "locks", "compare", "notes", "commits", "porting")}
    found |= {"interface": {}, "search": {"q": EXAMPLES[1], "offset": "0"}, "suggest": {"q": "d_reval"}}
    labels = kb.labels()
    for label in reversed(labels[-LOOKED_AT:]):
        found = dict(_of_version(kb.state(label))) | found
    found |= dict(_of_all(kb))
    if len(labels) > 1:
        found["diff"] = {"range": f"{labels[-2]}..{labels[-1]}"}
        if "table" in found:
            found["diff_table"] = found["diff"] | {"struct": found["table"]["struct"]}
    return found


def _of_version(state: VersionState) -> Iterator[tuple[str, Words]]:
    version = {"version": state.label}
    yield "version", version
    if state.ops:
        op = max(state.ops.values(), key=lambda op: (op.struct == "inode_operations", len(op.locks), len(op.notes)))
        yield "table", version | {"struct": op.struct}
        yield "op", version | {"struct": op.struct, "op": op.name}
        yield "history", {"struct": op.struct, "op": op.name}
        yield "table_history", {"struct": op.struct}
    if state.functions:
        yield "function", version | {"name": state.functions[0].record.name}
    if state.flags:
        yield "flag", version | {"name": state.flags[0].record.name}
    if state.steps:
        yield "steps", version
    if state.documents:
        yield "document", version | {"path": state.documents[0].path}


def _of_all(kb: KnowledgeBase) -> Iterator[tuple[str, Words]]:
    """Of what has no version, or several: the lock with the most rules, the first of the others."""
    if locks := kb.locks().values():
        newest = kb.labels()[-1:]
        lock = max(locks, key=lambda lock: (lock.versions[-1:] == newest, len(lock.ops), lock.subject))
        yield "lock", {"subject": lock.subject}
        yield "lock_history", {"subject": lock.subject}
    yield from (("porting_entry", {"slug": slug}) for slug in list(porting_lines(kb))[:1])
    yield from (("note", {"slug": slug}) for slug in list(design_notes(kb))[:1])
    yield from (("commit", {"sha": sha}) for sha in list(commits(kb))[:1])
