"""What became of an op that is gone: by when, and what does now what it did."""

from dataclasses import dataclass

from kbase.diff.history import OpHistory
from kbase.kernel.successors import successor
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.versions import main_family
from kbase.pages.parts import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """That an op is gone: a range of versions held, and its successor in the newest version that has its table.

    `since` is the release from which on the successor does what the op did; None where only a comparison shows that it
    is the same op. `renamed`: it is the same op under another name. Both tell nothing where no successor is known.
    """

    when: str
    successor: Link | None
    since: str | None
    renamed: bool
    likely: bool = False  # only the documents compared say so

    @property
    def told(self) -> str:
        """What the successor is to it: "is its name since 5.19"."""
        if self.since is None:
            return f"is {'likely ' if self.likely else ''}what it became"
        return f"{'is its name since' if self.renamed else 'does what it did, since'} {self.since}"


def gone(kb: KnowledgeBase, life: OpHistory) -> Gone | None:
    """What became of the op; None where the versions held do not tell that it is gone."""
    if life.removed is None:
        return None
    labels = reversed(kb.labels(main_family(life.versions)))
    table = next((table for label in labels if (table := kb.state(label).by_name.get(life.struct))), None)
    found = successor(life.struct, life.op, table.by_name) if table else None
    if table and found:
        link = _link(life.struct, found.new, addresses.op_address(table.version, life.struct, found.new))
        return Gone(when=str(life.removed), successor=link, since=found.since, renamed=found.renamed)
    if life.renamed_to:
        other = life.renamed_to[-1]
        link = _link(other.struct, other.op, addresses.history_address(other.struct, other.op))
        return Gone(when=str(life.removed), successor=link, since=None, renamed=True, likely=other.likely)
    return Gone(when=str(life.removed), successor=None, since=None, renamed=False)


def _link(struct: str, op: str, href: str) -> Link:
    return Link(text=f"{struct}.{op}", href=href)
