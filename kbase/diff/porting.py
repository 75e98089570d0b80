"""The porting log between two versions: added entries, replacements that they name, changes that they explain."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from kbase.diff.changes import Change, ChangeKind, Severity, entry_severity
from kbase.diff.facts import word_set, words
from kbase.diff.texts import shared_words
from kbase.kernel.exact_names import is_called
from kbase.model.records import PortingEntry
from kbase.model.states import Cited, VersionState

EXPLAINED = (Severity.BREAKING, Severity.BEHAVIOUR)  # what a porting entry explains first, besides added ops
EDITED = 0.6  # share of words from which on two porting entries are one that was edited
REPLACED = re.compile(r"replac|renam|becomes?\b|became|turned into|superse")
BEFORE, AFTER = 60, 40  # letters between such a word and the names of the replaced op and of its replacement
NAME = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the porting log, as comparisons need it."""

    cited: Cited[PortingEntry]
    words: frozenset[str]
    replacements: tuple[tuple[frozenset[str], frozenset[str]], ...]  # words before and after one that says "replaced"

    def replaces(self, a: str, b: str) -> bool:
        """Whether it says that one of the two ops replaced the other."""
        return any((a in old and b in new) or (b in old and a in new) for old, new in self.replacements)

    def is_edited(self, other: "LogEntry") -> bool:
        """Whether one of the two may be the other in other words."""
        small, large = sorted((len(self.words), len(other.words)))
        return EDITED * large <= small and shared_words(self.words, other.words) >= EDITED


def _replacements(text: str) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The names that the sentences of a text report as replaced, renamed or converted."""
    line = " ".join(text.lower().split())
    for found in REPLACED.finditer(line):
        before, after = line[: found.start()].rpartition(".")[2], line[found.end() :].partition(".")[0]
        yield (
            frozenset(name[0] for name in NAME.finditer(before) if 0 < len(before) - name.end() <= BEFORE),
            frozenset(name[0] for name in NAME.finditer(after) if 0 < name.start() <= AFTER),
        )


def come_and_gone(old: VersionState, new: VersionState) -> tuple[list[LogEntry], list[LogEntry]]:
    """The entries that only the new version has, and those that only the old one has; an edited entry is in neither."""
    texts = [{cited.record.text: cited for cited in state.porting} for state in (old, new)]
    gone, come = _entries(texts[0], texts[1]), _entries(texts[1], texts[0])
    fresh = {text_words: entry for text_words, entry in come.items() if text_words not in gone}
    stale = {text_words: entry for text_words, entry in gone.items() if text_words not in come}
    edited = {text_words for a, b in product(fresh, stale) if fresh[a].is_edited(stale[b]) for text_words in (a, b)}
    return [fresh[text_words] for text_words in fresh if text_words not in edited], [
        stale[text_words] for text_words in stale if text_words not in edited
    ]


def _entries(these: Mapping[str, Cited[PortingEntry]], others: Collection[str]) -> dict[str, LogEntry]:
    """The entries whose text is not among the others, by their words."""
    found: dict[str, LogEntry] = {}
    for text, cited in these.items():
        if text not in others:
            text_words = words(text)
            found[text_words] = LogEntry(cited, word_set(text_words), tuple(_replacements(text)))
    return found


def explained(changes: list[Change], entries: Iterable[LogEntry], core: Collection[str]) -> list[Change]:
    """The changes, each with the porting entries that explain it.

    An entry that names a changed op is attached to the changes of that op that it explains best. Unless the entry is
    informational, the severity of those changes becomes at least `behaviour`. `core` is the parameter of
    `kbase.kernel.exact_names.is_called`.
    """
    naming: dict[str, list[int]] = {}
    cited = [entry.cited for entry in entries]
    for number, each in enumerate(cited):
        for name in each.record.ops:
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

    def named(called: str) -> bool:
        return is_called(called, struct, op, core) if op else called.startswith(f"{struct}.")

    return tuple(e for e in entries if e.record in carried or any(map(named, e.record.ops)))
