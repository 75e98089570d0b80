"""Compares documents: added, removed, moved, or converted from text to reStructuredText."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from kbase.diff.changes import Change, ChangeKind, change_of
from kbase.diff.facts import DocumentFact, both_by, words

GENERIC = ("00-index", "about", "authors", "changes", "design", "index", "introduction", "overview", "readme", "todo")
KIND_ORDER = (
    ChangeKind.DOCUMENT_ADDED,
    ChangeKind.DOCUMENT_REMOVED,
    ChangeKind.DOCUMENT_MOVED,
    ChangeKind.DOCUMENT_CONVERTED,
)
Pair = tuple[DocumentFact, DocumentFact]
Move = tuple[DocumentFact, DocumentFact, str, bool]  # the old one, the new one, the reason, whether it is likely


def compare_documents(before: Mapping[str, DocumentFact], after: Mapping[str, DocumentFact]) -> list[Change]:
    """The changes of documents, given by name, by kind of change and name."""
    both = [(fact, after[name]) for name, fact in before.items() if name in after]
    changes = [_change(*pair, ChangeKind.DOCUMENT_CONVERTED) for pair in both if pair[0] != pair[1]]
    gone = [fact for name, fact in before.items() if name not in after]
    come = [fact for name, fact in after.items() if name not in before]
    for old, new, reason, likely in _moves(gone, come):
        gone.remove(old)
        come.remove(new)
        if _folder(old) == _folder(new) and old.format != new.format:
            changes.append(_change(old, new, ChangeKind.DOCUMENT_CONVERTED))
        else:
            changes.append(_change(old, new, ChangeKind.DOCUMENT_MOVED, reason, likely=likely))
    changes += [_change(fact, None, ChangeKind.DOCUMENT_REMOVED) for fact in gone]
    changes += [_change(None, fact, ChangeKind.DOCUMENT_ADDED) for fact in come]
    return sorted(changes, key=lambda each: (KIND_ORDER.index(each.kind), each.subject or ""))


def _moves(gone: Iterable[DocumentFact], come: Iterable[DocumentFact]) -> list[Move]:
    """The documents that have another path: the same bytes, a telling name, or a folder that moved."""
    moves = [(*pair, "the same content", False) for pair in _only_pairs(gone, come, lambda f: f.blob or f.name)]
    old, new = _left(gone, moves), _left(come, moves)
    named = [pair for pair in _only_pairs(old, new, _base) if _base(pair[0]) not in GENERIC and _titles_agree(*pair)]
    moves += [(*pair, "the same name in another place", True) for pair in named]
    folders = {(_folder(old), _folder(new)) for old, new, *_ in moves}
    beside = {(_folder(fact), _base(fact)): fact for fact in _left(come, moves)}
    for fact in _left(gone, moves):
        for place in [(new, _base(fact)) for old, new in sorted(folders) if old == _folder(fact)]:
            if place in beside:
                moves.append((fact, beside.pop(place), "it moved with its folder", True))
                break
    return moves


def _left(facts: Iterable[DocumentFact], moves: list[Move]) -> list[DocumentFact]:
    moved = {fact.name for old, new, *_ in moves for fact in (old, new)}
    return [fact for fact in facts if fact.name not in moved]


def _only_pairs(
    old: Iterable[DocumentFact], new: Iterable[DocumentFact], key: Callable[[DocumentFact], str]
) -> Iterator[Pair]:
    """The pairs with the same key that no other document has."""
    groups = both_by(key, old, new).values()
    return ((before[0], after[0]) for before, after in groups if len(before) == len(after) == 1)


def _base(fact: DocumentFact) -> str:
    return fact.name.rpartition("/")[2].lower().replace("_", "-")


def _folder(fact: DocumentFact) -> str:
    return fact.name.rpartition("/")[0]


def _titles_agree(old: DocumentFact, new: DocumentFact) -> bool:
    """Whether the titles have a word in common; true if one of the documents has no title."""
    first, second = (set(words(fact.title).split()) for fact in (old, new))
    return not first or not second or bool(first & second)


def _change(
    before: DocumentFact | None, after: DocumentFact | None, kind: ChangeKind, reason: str = "", *, likely: bool = False
) -> Change:
    fact = after or before
    return change_of(
        kind,
        [before],
        [after],
        subject=fact and fact.name,
        before=before and before.path,
        after=after and after.path,
        reason=reason,
        likely=likely,
    )
