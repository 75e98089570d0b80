"""Documents compared: which came, went, moved, or turned from text into reStructuredText."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from kbase.diff.changes import KINDS, Change, ChangeKind, Statement
from kbase.diff.facts import DocumentFact, words
from kbase.diff.witnesses import places

KIND_ORDER = tuple(ChangeKind)
GENERIC = ("00-index", "about", "authors", "changes", "design", "index", "introduction", "overview", "readme", "todo")


@dataclass(frozen=True, slots=True)
class _Move:
    old: DocumentFact
    new: DocumentFact
    reason: str
    likely: bool = True


def compare_documents(old: Iterable[DocumentFact], new: Iterable[DocumentFact]) -> list[Change]:
    """The changes of documents, by kind of change and name."""
    before, after = {f.name: f for f in old}, {f.name: f for f in new}
    gone = [fact for name, fact in before.items() if name not in after]
    come = [fact for name, fact in after.items() if name not in before]
    moves = _moves(gone, come)
    moved = {fact for move in moves for fact in (move.old, move.new)}
    changes = [_moved(move) for move in moves]
    changes += [_change(fact, None, ChangeKind.DOCUMENT_REMOVED) for fact in gone if fact not in moved]
    changes += [_change(None, fact, ChangeKind.DOCUMENT_ADDED) for fact in come if fact not in moved]
    for name, fact in before.items():
        if name in after and fact != after[name]:
            changes.append(_change(fact, after[name], ChangeKind.DOCUMENT_CONVERTED))
    return sorted(changes, key=lambda change: (KIND_ORDER.index(change.kind), change.subject or ""))


def _moved(move: _Move) -> Change:
    if _folder(move.old) == _folder(move.new) and move.old.format != move.new.format:
        return _change(move.old, move.new, ChangeKind.DOCUMENT_CONVERTED)
    return _change(move.old, move.new, ChangeKind.DOCUMENT_MOVED, move.reason, likely=move.likely)


def _moves(gone: list[DocumentFact], come: list[DocumentFact]) -> list[_Move]:
    """The documents that stand elsewhere: the same bytes, a telling name, or a folder that moved."""
    moves = _only_pairs(gone, come, lambda fact: fact.blob or fact, "the same content", likely=False)
    left = [[fact for fact in side if all(fact not in (m.old, m.new) for m in moves)] for side in (gone, come)]
    telling, others = ([fact for fact in side if _base(fact) not in GENERIC] for side in left)
    named = _only_pairs(telling, others, _base, "the same name in another place")
    moves += [move for move in named if _titles_agree(move.old, move.new)]
    folders = {(_folder(move.old), _folder(move.new)) for move in moves}
    for old in left[0]:
        for new in left[1]:
            known = any(old == move.old or new == move.new for move in moves)
            if not known and _base(old) == _base(new) and (_folder(old), _folder(new)) in folders:
                moves.append(_Move(old, new, "it moved with its folder"))
    return moves


def _only_pairs(
    old: list[DocumentFact],
    new: list[DocumentFact],
    key: Callable[[DocumentFact], Hashable],
    reason: str,
    *,
    likely: bool = True,
) -> list[_Move]:
    """The pairs with the same key that no other document has."""
    sides = [{key(fact): fact for fact in side} for side in (old, new)]
    counts = [[key(fact) for fact in side] for side in (old, new)]
    both = [k for k in sides[0] if k in sides[1] and counts[0].count(k) == counts[1].count(k) == 1]
    return [_Move(sides[0][k], sides[1][k], reason, likely) for k in both]


def _base(fact: DocumentFact) -> str:
    return fact.name.rsplit("/", 1)[-1].lower().replace("_", "-")


def _folder(fact: DocumentFact) -> str:
    return fact.name.rpartition("/")[0]


def _titles_agree(old: DocumentFact, new: DocumentFact) -> bool:
    """Whether the titles have a word in common, as far as both have one."""
    first, second = (set(words(fact.title).split()) for fact in (old, new))
    return not first or not second or bool(first & second)


def _change(
    before: DocumentFact | None, after: DocumentFact | None, kind: ChangeKind, reason: str = "", *, likely: bool = False
) -> Change:
    fact = after or before
    assert fact is not None  # one of the two is always there
    gone, come = (before,) if before else (), (after,) if after else ()
    return Change(
        kind=kind,
        severity=KINDS[kind].severity,
        subject=fact.name,
        before=before.path if before else None,
        after=after.path if after else None,
        reason=f"likely: {reason}" if likely else reason,
        likely=likely,
        statements=(Statement(document=fact.document, kind=kind, removed=gone, added=come),),
        evidence=places(before, after),
    )
