"""The history of an op in the words of Sphinx: a version directive for a single release, a sentence otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass

from kbase.diff.changes import Change, ChangeKind
from kbase.diff.history import OpHistory
from kbase.diff.release_line import Range, Witness
from kbase.model.versions import version_key

SHOWN_BY_SPANS = (ChangeKind.OP_ADDED, ChangeKind.OP_REMOVED)
WORDS = (
    "note-",
    "description-",
    "flag-changed",
)  # kinds of change that are about wording: only the pages of changes show them
DOCUMENTED = {
    "versionadded": "Documented",
    "versionchanged": "Changed in the documents",
    "versionremoved": "Removed from the documents",
}
VERBS = {"versionadded": "Added", "versionchanged": "Changed", "versionremoved": "Removed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One date in the history of an op, with what changed then.

    `directive` and `version` are Sphinx's for a date within one release; else `text` says between which versions.
    """

    by: str
    directive: str | None = None
    version: str = ""
    text: str = ""
    changes: tuple[Change, ...] = ()


def history_lines(history: OpHistory) -> tuple[HistoryLine, ...]:
    """The dates of a history, newest first."""
    order = list(VERBS)
    lines = sorted(_lines(history), key=lambda pair: (version_key(pair[1].by), order.index(pair[0])), reverse=True)
    return tuple(line for _, line in lines)


def _lines(history: OpHistory) -> Iterator[tuple[str, HistoryLine]]:
    for span in history.spans:
        yield "versionadded", _line("versionadded", span.since)
        if span.removed is not None:
            yield "versionremoved", _line("versionremoved", span.removed)
    for event in history.events:
        changes = tuple(change for change in event.changes if _is_history(change))
        if changes:
            yield "versionchanged", _line("versionchanged", event.range, changes)


def _is_history(change: Change) -> bool:
    return change.kind not in SHOWN_BY_SPANS and not change.kind.value.startswith(WORDS)


def _line(directive: str, when: Range, changes: tuple[Change, ...] = ()) -> HistoryLine:
    if when.release:
        return HistoryLine(by=when.by, directive=directive, version=when.release, changes=changes)
    if when.after is None:
        return HistoryLine(by=when.by, text=f"Stated by {when.by}, the oldest available version that has it.")
    verb = VERBS[directive] if when.witness is Witness.HEADER else DOCUMENTED[directive]
    return HistoryLine(by=when.by, text=f"{verb} {when}.", changes=changes)
