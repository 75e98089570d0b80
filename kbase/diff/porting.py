"""The porting log between two versions: new, changed and removed entries, what new ones say of ops, what they explain.

An entry that was reworded is no new one. It is of documentation only, as is one that left the log.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from kbase.diff.changes import Change, ChangeKind, Severity, entry_severity
from kbase.diff.facts import words
from kbase.diff.porting_identity import EntryText, same_entries
from kbase.kernel.exact_names import is_called, ops_meant
from kbase.model.records import PortingEntry
from kbase.model.states import Cited, VersionState

EXPLAINED = (Severity.BREAKING, Severity.BEHAVIOUR)  # what a porting entry explains first, besides added ops
REPLACED = re.compile(r"replac|renam|becomes?\b|became|turned into|superse")
BEFORE, AFTER = 60, 40  # letters between such a word and the names of the replaced op and of its replacement
NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the porting log, as comparisons need it."""

    cited: Cited[PortingEntry]
    replacements: tuple[tuple[frozenset[str], frozenset[str]], ...]  # words before and after one that says "replaced"

    def replaces(self, a: str, b: str) -> bool:
        """Whether it says that one of the two ops replaced the other."""
        return any((a in old and b in new) or (b in old and a in new) for old, new in self.replacements)


def _replacements(text: str) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The names that the sentences of a text report as replaced, renamed or converted."""
    line = " ".join(text.lower().split())
    for found in REPLACED.finditer(line):
        before, after = line[: found.start()].rpartition(".")[2], line[found.end() :].partition(".")[0]
        yield (
            frozenset(name[0] for name in NAME.finditer(before) if 0 < len(before) - name.end() <= BEFORE),
            frozenset(name[0] for name in NAME.finditer(after) if 0 < name.start() <= AFTER),
        )


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that the newer log states in other words or under another tag, or that has left it (no `after`)."""

    before: Cited[PortingEntry]
    after: Cited[PortingEntry] | None

    @property
    def is_one(self) -> bool:
        """Whether it differs: the bundled corpus has other words for an entry than a kernel's own log."""
        if self.after is None or self.before.record.tag != self.after.record.tag:
            return True
        comparable = self.before.document.bundled is self.after.document.bundled
        return comparable and words(self.before.record.text) != words(self.after.record.text)

    @property
    def shown(self) -> Cited[PortingEntry]:
        """The newest form of it."""
        return self.after or self.before

    @property
    def reason(self) -> str:
        """What happened to it."""
        if self.after is None:
            return "removed from the porting log"
        old, new = self.before.record.tag, self.after.record.tag
        return "reworded" if old == new else f"{new}, was {old}"


@dataclass(frozen=True, slots=True)
class LogChanges:
    """What two porting logs have not in common: new entries, entries that left, and those that changed or left."""

    come: tuple[LogEntry, ...]
    gone: tuple[LogEntry, ...]
    changed: tuple[EntryChange, ...]


def compare_logs(old: VersionState, new: VersionState) -> LogChanges:
    """The entries that only one of two versions has, and those that both have in different words."""
    texts = [
        [EntryText.of(cited.record.text, ops_meant(cited.record), cited.record.slug) for cited in state.porting]
        for state in (old, new)
    ]
    same = same_entries(*texts)
    found = {j: i for i, j in same.items()}
    changes = [EntryChange(cited, new.porting[same[i]] if i in same else None) for i, cited in enumerate(old.porting)]
    come = (_log_entry(cited) for j, cited in enumerate(new.porting) if j not in found)
    gone = (_log_entry(cited) for i, cited in enumerate(old.porting) if i not in same)
    return LogChanges(tuple(come), tuple(gone), tuple(change for change in changes if change.is_one))


def _log_entry(cited: Cited[PortingEntry]) -> LogEntry:
    return LogEntry(cited, tuple(_replacements(cited.record.text)))


def explained(changes: list[Change], entries: Iterable[LogEntry], core: Collection[str]) -> list[Change]:
    """The changes, each with the porting entries that explain it.

    An entry that names a changed op is attached to the changes of that op that it explains best. Unless the entry is
    informational, the severity of those changes becomes at least `behaviour`. `core` is the parameter of
    `kbase.kernel.exact_names.is_called`.
    """
    naming: dict[str, list[int]] = {}
    cited = [entry.cited for entry in entries]
    for number, each in enumerate(cited):
        for name in ops_meant(each.record):
            naming.setdefault(name, []).append(number)
    about = [sorted({number for name in _names(change, core) for number in naming.get(name, ())}) for change in changes]
    ranks: dict[tuple[str | None, str | None], int] = {}
    for change, numbers in zip(changes, about, strict=True):
        if numbers:
            op = change.struct, change.op
            ranks[op] = min(_rank(change), ranks.get(op, _rank(change)))
    return [
        _explained(change, tuple(cited[number] for number in numbers))
        if numbers and _rank(change) == ranks[change.struct, change.op]
        else change
        for change, numbers in zip(changes, about, strict=True)
    ]


def _rank(change: Change) -> int:
    """How likely a porting entry about the op explains this change: 0 is most likely. Only the lowest rank gets it."""
    if change.severity in EXPLAINED or change.kind is ChangeKind.OP_ADDED:
        return 0
    return 2 if change.severity is Severity.COSMETIC else 1


def _explained(change: Change, porting: tuple[Cited[PortingEntry], ...]) -> Change:
    """The change with its entries: it is at least `behaviour` where an entry requires or recommends something."""
    asked = any(entry_severity(entry.record) in EXPLAINED for entry in porting)
    keep = change.severity in EXPLAINED or not asked
    return replace(change, porting=porting, severity=change.severity if keep else Severity.BEHAVIOUR)


def _names(change: Change, core: Collection[str]) -> Iterator[str]:
    """The names under which a porting entry may speak of the change's op."""
    for dotted in change.names if change.op or change.renamed else ():
        yield dotted
        struct, _, op = dotted.partition(".")
        if change.op and is_called(op, struct, op, core):
            yield op


def entries_about(
    entries: Iterable[Cited[PortingEntry]], changes: Iterable[Change], struct: str, op: str, core: Collection[str]
) -> tuple[Cited[PortingEntry], ...]:
    """The entries that a change carries, or that name the op, or an op of the table (no `op`) in full."""
    carried = {entry.record for change in changes for entry in change.porting}
    return tuple(e for e in entries if e.record in carried or _is_about(e, struct, op, core))


def log_changes_about(
    changes: Iterable[EntryChange], struct: str, op: str, core: Collection[str]
) -> tuple[EntryChange, ...]:
    """The changed entries that name the op, or an op of the table (no `op`) in full, before or after."""
    return tuple(
        c for c in changes if any(_is_about(each, struct, op, core) for each in (c.before, c.after) if each is not None)
    )


def _is_about(entry: Cited[PortingEntry], struct: str, op: str, core: Collection[str]) -> bool:
    ops = ops_meant(entry.record)
    return any(is_called(each, struct, op, core) if op else each.startswith(f"{struct}.") for each in ops)
