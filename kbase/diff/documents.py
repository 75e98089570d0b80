"""Documents compared: which came, went, moved, or turned from text into reStructuredText."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from kbase.diff.changes import KINDS, Change, ChangeKind, Statement, Told
from kbase.diff.facts import DocumentFact, words
from kbase.diff.witnesses import both_places

RANKS = {kind: rank for rank, kind in enumerate(ChangeKind)}
GENERIC = ("00-index", "about", "authors", "changes", "design", "index", "introduction", "overview", "readme", "todo")


@dataclass(frozen=True, slots=True)
class _Move:
    old: DocumentFact
    new: DocumentFact
    reason: str
    likely: bool = True


def compare_documents(
    before: dict[str, DocumentFact], after: dict[str, DocumentFact], told: tuple[Told, Told]
) -> list[Change]:
    """The changes of documents, given by name, by kind of change and name.

    `told` has what was told before of documents of either version that went or came, and gets the rest.
    """
    gone = [fact for name, fact in before.items() if name not in after]
    come = [fact for name, fact in after.items() if name not in before]
    moves = _moves(gone, come)
    changes = [_moved(move) for move in moves]
    changes += [told[0].once(fact, _went) for fact in _left(gone, moves)]
    changes += [told[1].once(fact, _came) for fact in _left(come, moves)]
    for name, fact in before.items():
        if name in after and fact != after[name]:
            changes.append(_change(fact, after[name], ChangeKind.DOCUMENT_CONVERTED))
    return sorted(changes, key=lambda change: (RANKS[change.kind], change.subject or ""))


def _went(fact: DocumentFact) -> Change:
    return _change(fact, None, ChangeKind.DOCUMENT_REMOVED)


def _came(fact: DocumentFact) -> Change:
    return _change(None, fact, ChangeKind.DOCUMENT_ADDED)


def _moved(move: _Move) -> Change:
    if _folder(move.old) == _folder(move.new) and move.old.format != move.new.format:
        return _change(move.old, move.new, ChangeKind.DOCUMENT_CONVERTED)
    return _change(move.old, move.new, ChangeKind.DOCUMENT_MOVED, move.reason, likely=move.likely)


def _moves(gone: list[DocumentFact], come: list[DocumentFact]) -> list[_Move]:
    """The documents that stand elsewhere: the same bytes, a telling name, or a folder that moved."""
    moves = [_Move(*pair, "the same content", likely=False) for pair in _only_pairs(gone, come, _content)]
    old, new = _left(gone, moves), _left(come, moves)
    named = [_Move(*pair, "the same name in another place") for pair in _only_pairs(old, new, _base)]
    moves += [m for m in named if _base(m.old) not in GENERIC and _titles_agree(m.old, m.new)]
    folders = {(_folder(move.old), _folder(move.new)) for move in moves}
    if not folders:
        return moves
    known = _by(_left(come, moves), _base)
    for fact in _left(gone, moves):
        beside = [f for f in known.get(_base(fact), ()) if (_folder(fact), _folder(f)) in folders]
        moves += [_Move(fact, other, "it moved with its folder") for other in beside[:1]]
    return moves


def _left(facts: list[DocumentFact], moves: list[_Move]) -> list[DocumentFact]:
    moved = {fact.name for move in moves for fact in (move.old, move.new)}
    return [fact for fact in facts if fact.name not in moved]


Key = Callable[[DocumentFact], str]


def _only_pairs(
    old: list[DocumentFact], new: list[DocumentFact], key: Key
) -> Iterator[tuple[DocumentFact, DocumentFact]]:
    """The pairs with the same key that no other document has."""
    before = _by(old, key)
    after = _by([fact for fact in new if key(fact) in before], key)
    for one, found in before.items():
        if len(found) == len(after.get(one, ())) == 1:
            yield found[0], after[one][0]


def _by(facts: Iterable[DocumentFact], key: Key) -> dict[str, list[DocumentFact]]:
    found: dict[str, list[DocumentFact]] = {}
    for fact in facts:
        found.setdefault(key(fact), []).append(fact)
    return found


def _content(fact: DocumentFact) -> str:
    return fact.blob or fact.name


def _base(fact: DocumentFact) -> str:
    return _base_name(fact.name)


@lru_cache(maxsize=1 << 12)
def _base_name(name: str) -> str:
    return name.rsplit("/", 1)[-1].lower().replace("_", "-")


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
        evidence=both_places(before, after),
    )
