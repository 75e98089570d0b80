"""Versions as they are named in a call: which ones are meant, told where that is another one than was asked for."""

import sys
from collections.abc import Iterable

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.terminal.printer import Printer


def named(kb: KnowledgeBase, labels: Iterable[str | None]) -> tuple[list[str], list[str]]:
    """The canonical labels of the versions meant, each once, and the notes, which go to standard error too.

    Raises:
        UnknownName: one is not available.
    """
    meant = [kb.meant(label) for label in labels if label is not None]
    notes = list(dict.fromkeys(each.note for each in meant if each.note))
    for note in notes:
        Printer(sys.stderr).line(note)
    return list(dict.fromkeys(each.label for each in meant)), notes
