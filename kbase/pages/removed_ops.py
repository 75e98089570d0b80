"""What became of a removed op: when it was removed, and its successor."""

from dataclasses import dataclass

from kbase.diff.history import OpHistory
from kbase.kernel.successors import successor
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model import addresses
from kbase.model.versions import main_family
from kbase.pages.parts import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """That an op was removed: the range of versions, and its successor in the newest version that has its table.

    `since` is the release from which on the successor replaces the op; None where only a comparison shows that it is
    the same op. `renamed`: it is the same op under another name. Both mean nothing where no successor is known.
    """

    when: str
    successor: Link | None = None
    since: str | None = None
    renamed: bool = True
    likely: bool = False  # only the documents compared say so

    @property
    def relation(self) -> str:
        """What the successor is to the op: "is its name since 5.19"."""
        if self.since is None:
            return f"is {'likely ' if self.likely else ''}what it became"
        return f"{'is its name' if self.renamed else 'replaces it'} since {self.since}"


def removal(kb: KnowledgeBase, history: OpHistory) -> Removal | None:
    """What became of the op; None where the available versions do not say that it was removed."""
    if history.removed is None:
        return None
    when, labels = str(history.removed), reversed(kb.labels(main_family(history.versions)))
    table = next((table for label in labels if (table := kb.state(label).by_name.get(history.struct))), None)
    found = successor(history.struct, history.op, table.by_name) if table else None
    if table and found:
        href = addresses.op_address(table.version, history.struct, found.new)
        link = Link(text=f"{history.struct}.{found.new}", href=href)
        return Removal(when=when, successor=link, since=found.since, renamed=found.renamed)
    if history.renamed_to:
        other = history.renamed_to[-1]
        link = Link(text=f"{other.struct}.{other.op}", href=addresses.history_address(other.struct, other.op))
        return Removal(when=when, successor=link, likely=other.likely)
    return Removal(when=when)
