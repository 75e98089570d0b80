"""Which op of the old version is which op of the new one: renames and moves, with the reason.

The measure is symmetric, so that a diff and its mirror find the same pairs. It weighs how alike the names are (pages
became folios), how alike the prototypes are, whether the neighbours in the table are the same, and whether the
porting log says that one replaced the other. A pair found without the log is only likely. Where nothing of that
shows it (`get_acl` over a dozen releases), the kernel's own history does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from kbase.diff.facts import OpName
from kbase.diff.normal import Names, NormalState
from kbase.diff.prototypes import Shape, modern, prototype_likeness
from kbase.records import PortingEntry
from kbase.successors import is_rename

REPLACED = r"(?:replac|renam|becomes?\b|became|turned into|superse)"
ENOUGH = 0.62
ALIKE = 0.75  # two prototypes that are nearly one
TABLES_ALIKE = 0.5  # share of op names that two tables have in common
HISTORY = "the kernel's history says so"
OBJECTS = ("folio", "inode", "super")
LETTERS = 3  # a name of more letters than that, all of it in another name, is no accident
PAIRS_SHARED = 0.3  # the share of its pairs of letters that the shorter of two names that are alike has in common
INFORMATIVE = 2  # parameters from which on two equal prototypes are no accident
CLEAR = 0.1  # by how much a pair has to be better than the next one for the same op
DISPLACED = 0.6  # below, the op under a kept name is taken for another op, if its prototype lives on elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """An op with another name, or in another table."""

    old: OpName
    new: OpName
    reason: str
    likely: bool


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Tables and ops with other names, and the names that another op took over."""

    structs: dict[str, str] = field(default_factory=dict)
    renames: tuple[Rename, ...] = ()

    @property
    def ops(self) -> dict[OpName, OpName]:
        return {rename.old: rename.new for rename in self.renames}

    @property
    def names(self) -> Names:
        """All that has another name."""
        return Names(self.ops, self.structs)


@dataclass(frozen=True, slots=True)
class _Candidate:
    score: float
    rename: Rename
    logged: bool = False

    @property
    def rank(self) -> tuple[float, list[OpName]]:
        """The best first; equal ones in an order that does not depend on the direction."""
        return -self.score, sorted((self.rename.old, self.rename.new))

    def rivals(self, other: "_Candidate") -> bool:
        """Whether the other is for one of the same ops and nearly as good, so that it would be a guess to choose.

        Where the log says of two ops that the same one replaced them, that is no rename of either.
        """
        mine, theirs = self.rename, other.rename
        shares = (mine.old == theirs.old) != (mine.new == theirs.new)
        return shares and (other.score > self.score - CLEAR or (self.logged and other.logged))


def match(old: NormalState, new: NormalState, porting: Iterable[PortingEntry] = ()) -> Matching:
    """The renames between two states, as far as names, prototypes, places and the porting log show them."""
    structs = _renamed_tables(old, new)
    texts = [text for text in (_squeezed(entry.text) for entry in porting) if text]
    renames = list[Rename]()
    for struct in sorted(old.tables):
        other = structs.get(struct, struct)
        if other in new.tables:
            renames += _renames_in(_Table.of(old, struct), _Table.of(new, other), texts)
    taken = {r.old for r in renames}, {r.new for r in renames}
    renames += _moves(old, new, structs, *taken)
    return Matching(structs=structs, renames=tuple(renames))


@lru_cache(maxsize=1 << 10)
def _squeezed(text: str) -> str:
    """The text in one line, if it says that something replaced something."""
    return " ".join(text.split()) if re.search(REPLACED, text, re.IGNORECASE) else ""


def _renamed_tables(old: NormalState, new: NormalState) -> dict[str, str]:
    gone, come = sorted(set(old.tables) - set(new.tables)), sorted(set(new.tables) - set(old.tables))
    scored = [(_tables_alike(old, first, new, second), first, second) for first in gone for second in come]
    found = dict[str, str]()
    for score, first, second in sorted(scored, key=lambda found: (-found[0], sorted(found[1:]))):
        if score >= TABLES_ALIKE and first not in found and second not in found.values():
            found[first] = second
    return found


def _tables_alike(old: NormalState, first: str, new: NormalState, second: str) -> float:
    before, after = {op for _, op in old.tables[first]}, {op for _, op in new.tables[second]}
    return len(before & after) / len(before | after) if before & after else 0.0


@dataclass(frozen=True)
class _Table:
    """One table at one version: its ops in order, with their prototypes."""

    struct: str
    ops: tuple[str, ...]
    shapes: dict[str, tuple[Shape, ...]]

    @classmethod
    def of(cls, state: NormalState, struct: str) -> "_Table":
        names = state.tables[struct]
        return cls(struct, tuple([op for _, op in names]), {name[1]: state.shapes[name] for name in names})

    def neighbours(self, op: str, known: set[str]) -> set[tuple[int, str]]:
        """The nearest ops before and after it that both versions have."""
        place = self.ops.index(op)
        before = next(((-1, o) for o in reversed(self.ops[:place]) if o in known), (-1, ""))
        after = next(((1, o) for o in self.ops[place + 1 :] if o in known), (1, ""))
        return {before, after}


def _renames_in(old: _Table, new: _Table, porting: list[str]) -> list[Rename]:
    both = set(old.ops) & set(new.ops)
    gone, come = ([op for op in table.ops if op not in both] for table in (old, new))
    if not gone and not come:
        return []
    places = [{op: table.neighbours(op, both) for op in ops} for table, ops in ((old, gone), (new, come))]
    logs = {op: [text for text in porting if op in text] for op in gone}
    candidates = list[_Candidate | None]()
    for a in gone:
        for b in come:
            place = places[0][a] & places[1][b]
            if place or logs[a] or names_alike(a, b) >= 0.5 or is_rename(new.struct, a, b):
                candidates.append(_candidate(old, a, new, b, place, logs[a]))
    words = {op: frozenset(op.split("_")) for op in (*old.ops, *new.ops)}
    taken_over = [(a, b) for a in both for b in come] + [(a, b) for a in gone for b in both]
    qualified = sorted((a, b) for a, b in taken_over if words[a] <= words[b] or words[b] <= words[a])
    candidates += [_under_kept_name(old, a, new, b) for a, b in qualified]
    return list(_best([candidate for candidate in candidates if candidate]))


def _displaced(op: str, old: _Table, new: _Table) -> bool:
    """Whether the op under a name that both versions have is another one by now."""
    before, after = old.shapes[op], new.shapes[op]
    return before != after and _alike(before, after, default=1.0) < DISPLACED


def _best(candidates: list[_Candidate]) -> Iterator[Rename]:
    before, after = set[OpName](), set[OpName]()
    for candidate in sorted(candidates, key=lambda c: c.rank):
        rename = candidate.rename
        if rename.old not in before and rename.new not in after:
            if not any(candidate.rivals(other) for other in candidates):
                yield rename
            before.add(rename.old)
            after.add(rename.new)


def _candidate(
    old: _Table, a: str, new: _Table, b: str, place: set[tuple[int, str]], porting: list[str]
) -> _Candidate | None:
    """The pair as far as the log, names, prototypes and places show it, else as the kernel's history knows it."""
    if replaced_in(porting, a, b):
        return _scored(old, a, new, b, place, "the porting log says so")
    found = _scored(old, a, new, b, place, "")
    return found or (_scored(old, a, new, b, place, HISTORY) if is_rename(new.struct, a, b) else None)


def _scored(old: _Table, a: str, new: _Table, b: str, place: set[tuple[int, str]], said: str) -> _Candidate | None:
    names = names_alike(a, b)
    known = 0.5 * names + 0.075 * len(place) + (0.5 if said else 0)
    if (names < 0.5 and not place and not said) or known + 0.35 < ENOUGH:
        return None
    prototypes = _alike(old.shapes[a], new.shapes[b], default=0.5)
    telling = min(1.0, (1 + _parameters(old, a, new, b)) / (1 + INFORMATIVE))
    score = known + 0.35 * prototypes * telling
    doubtful = _is_variant(a, b) or (names < 0.5 and (prototypes < ALIKE or not place))
    if (score < ENOUGH or doubtful) and not said:
        return None
    reasons = [
        said,
        "the names are alike" if names >= 0.5 else "",
        "the prototypes are alike" if prototypes >= ALIKE else "",
        "the place in the table is the same" if place else "",
    ]
    rename = Rename(old=(old.struct, a), new=(new.struct, b), reason=", ".join(filter(None, reasons)), likely=not said)
    return _Candidate(score, rename, logged=bool(said) and said != HISTORY)


def _is_variant(a: str, b: str) -> bool:
    """Whether one name qualifies the other: `iterate_shared` stood beside `iterate` and did not rename it."""
    shorter, longer = sorted((a, b), key=len)
    return longer.startswith(f"{shorter}_") or longer == f"{shorter}s"


def _parameters(old: _Table, a: str, new: _Table, b: str) -> int:
    """How many parameters the shorter of the prototypes has."""
    return min((len(types) for _, (types, _) in (*old.shapes[a], *new.shapes[b])), default=0)


def _under_kept_name(old: _Table, a: str, new: _Table, b: str) -> _Candidate | None:
    """The old prototype lives on under another name, while its name went to another op (`get_acl`)."""
    if not _displaced(a if a in new.shapes else b, old, new):
        return None
    prototypes = _alike(old.shapes[a], new.shapes[b], default=0.0)
    likely = prototypes >= 0.95
    if not likely and not is_rename(new.struct, a, b):
        return None
    why = "the prototype lives on under another name" if likely else HISTORY
    rename = Rename(
        old=(old.struct, a), new=(new.struct, b), reason=f"{why}, the old name went to another op", likely=likely
    )
    return _Candidate(1 + prototypes, rename)


def _alike(old: tuple[Shape, ...], new: tuple[Shape, ...], *, default: float) -> float:
    """How alike the prototypes of two ops are, by the documents that are closest; `default` where one has none."""
    return max((prototype_likeness(a, b) for a in old for b in new), default=default)


@lru_cache(maxsize=1 << 14)
def names_alike(a: str, b: str) -> float:
    """How alike two op names are, 0 to 1: by words where one has all words of the other, else by letters.

    What both are about (a folio, an inode) says nothing about what they do and does not count.
    """
    shorter, longer = sorted((modern(a), modern(b)), key=lambda name: (len(name), name))
    for word in OBJECTS:
        if word in shorter and word in longer and shorter != word:
            shorter, longer = (name.replace(word, "", 1) for name in (shorter, longer))
    parts, squeezed = [part for part in shorter.split("_") if part], longer.replace("_", "")
    if "".join(parts) == squeezed:
        return 1.0
    if len("".join(parts)) > LETTERS and all(part in squeezed for part in parts):
        return 0.9
    mine, theirs = _letter_pairs(a), _letter_pairs(b)
    if len(mine & theirs) < PAIRS_SHARED * min(len(mine), len(theirs)):
        return 0.0  # the same letters here and there are no likeness
    first, second = sorted(("".join(parts), squeezed))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


@lru_cache(maxsize=1 << 10)
def _letter_pairs(name: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(modern(name))))


def replaced_in(texts: list[str], a: str, b: str) -> bool:
    """Whether the porting log says that one of the two ops replaced the other."""
    both = [text for text in texts if a in text and b in text]
    if not both:
        return False
    one, other = re.escape(a), re.escape(b)
    pattern = re.compile(
        rf"\b{one}\b[^.]{{0,60}}{REPLACED}[^.]{{0,40}}\b{other}\b|\b{other}\b[^.]{{0,60}}{REPLACED}[^.]{{0,40}}\b{one}\b",
        re.IGNORECASE,
    )
    return any(pattern.search(text) for text in both)


def _moves(
    old: NormalState, new: NormalState, structs: dict[str, str], before: set[OpName], after: set[OpName]
) -> list[Rename]:
    """Ops that keep name and prototype and stand in another table."""
    gone = [n for n in old.by_op if n not in before and (structs.get(n[0], n[0]), n[1]) not in new.by_op]
    back = {second: first for first, second in structs.items()}
    come: dict[str, list[OpName]] = {}
    for name in new.by_op:
        if name not in after and (back.get(name[0], name[0]), name[1]) not in old.by_op:
            come.setdefault(name[1], []).append(name)
    pairs = [(first, second) for first in gone for second in come.get(first[1], ()) if first[0] != second[0]]
    found = list[_Candidate]()
    for first, second in pairs:
        if _same_prototype(old.shapes[first], new.shapes[second]):
            reason = "the same name and prototype in another ops table"
            found.append(_Candidate(1.0, Rename(old=first, new=second, reason=reason, likely=True)))
    return list(_best(found))


def _same_prototype(old: tuple[Shape, ...], new: tuple[Shape, ...]) -> bool:
    return _alike(old, new, default=0.0) >= 0.9 and any(types for _, (types, _) in old)
