"""Which op of the old version is which op of the new one: renames and moves, with the reason.

The measure is symmetric, so that a diff and its mirror find the same pairs. It weighs how alike the names are (pages
became folios), how alike the prototypes are, whether the neighbours in the table are the same, and whether the
porting log says that one replaced the other. A pair found without the log is only likely. Where nothing of that
shows it (`get_acl` over a dozen releases), the kernel's own history does.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from kbase.diff.facts import OpName
from kbase.diff.normal import Names, NormalState, Table
from kbase.diff.porting import Logged
from kbase.diff.prototypes import Shape, modern, prototype_likeness
from kbase.kernel.successors import moved, renames, replacements, successor

ENOUGH = 0.62
OF_NAMES, OF_PLACE, OF_PROTOTYPES = 0.5, 0.075, 0.35  # what names, each neighbour, and prototypes may give to the score
ALIKE = 0.75  # two prototypes that are nearly one
NAMES_ALIKE = 0.5  # two names that are nearly one
TABLES_ALIKE = 0.5  # share of op names that two tables have in common
LOG = "the porting log says so"
HISTORY = "the kernel's history says so"
OBJECTS = ("folio", "inode", "super")
LETTERS = 3  # a name of more letters than that, all of it in another name, is no accident
PAIRS_SHARED = 0.3  # the share of its pairs of letters that the shorter of two names that are alike has in common
INFORMATIVE = 2  # parameters from which on two equal prototypes are no accident
CLEAR = 0.1  # by how much a pair has to be better than the next one for the same op
DISPLACED = 0.6  # below, the op under a kept name is taken for another op, if its prototype lives on elsewhere

Named = tuple[str, str]  # an op of the old table, and one of the new table
Telling = dict[str, list[Logged]]  # the entries of the porting log that speak of an op as replaced, or a replacement


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


def match(old: NormalState, new: NormalState, porting: Iterable[Logged] = ()) -> Matching:
    """The renames between two states, as far as names, prototypes, places and the porting log show them."""
    structs = _renamed_tables(old, new)
    telling: dict[str, list[Logged]] = {}
    for entry in porting:
        for name in entry.names:
            telling.setdefault(name, []).append(entry)
    found = list[Rename]()
    for struct, table in old.tables.items():
        other = structs.get(struct, struct)
        if other in new.tables:
            found += _renames_in(table, new.tables[other], telling)
    taken = {rename.old for rename in found}, {rename.new for rename in found}
    found += _moves(old, new, structs, *taken)
    return Matching(structs=structs, renames=tuple(found))


def _renamed_tables(old: NormalState, new: NormalState) -> dict[str, str]:
    gone, come = sorted(old.tables.keys() - new.tables.keys()), sorted(new.tables.keys() - old.tables.keys())
    scored = [(_tables_alike(old.tables[a], new.tables[b]), a, b) for a in gone for b in come]
    found = dict[str, str]()
    for score, first, second in sorted(scored, key=lambda found: (-found[0], sorted(found[1:]))):
        if score >= TABLES_ALIKE and first not in found and second not in found.values():
            found[first] = second
    return found


def _tables_alike(old: Table, new: Table) -> float:
    both = old.ops.keys() & new.ops.keys()
    return len(both) / (len(old.ops) + len(new.ops) - len(both)) if both else 0.0


def _renames_in(old: Table, new: Table, telling: Telling) -> tuple[Rename, ...]:
    gone, come = [op for op in old.ops if op not in new.ops], [op for op in new.ops if op not in old.ops]
    if not gone and not come:
        return ()
    told = [(a, b, entry) for a in gone for entry in telling.get(a, ()) for b in come]
    return _found(old, new, frozenset([(a, b) for a, b, entry in told if entry.replaces(a, b)]))


@lru_cache(maxsize=1 << 9)
def _found(old: Table, new: Table, logged: frozenset[Named]) -> tuple[Rename, ...]:
    """The renames between two tables; `logged` are the pairs of which the porting log says so.

    Few tables change from one version to the next: most pairs of versions have pairs of tables that others have.
    """
    both = old.ops.keys() & new.ops.keys()
    gone, come = ([op for op in table.ops if op not in both] for table in (old, new))
    candidates = list(_under_new_names(old, gone, new, come, both, logged)) if gone and come else []
    candidates += _under_kept_names(old, gone, new, come, both)
    return tuple(_best(candidates))


def _under_new_names(
    old: Table, gone: list[str], new: Table, come: list[str], both: AbstractSet[str], logged: frozenset[Named]
) -> Iterator[_Candidate]:
    """The ops of either version that the other does not have, as far as one may be the other."""
    before, after, history = _neighbours(old, both), _neighbours(new, both), renames(new.struct)
    replaced = replacements(new.struct)
    for a, b in product(gone, come):
        if (a, b) in replaced:
            continue
        place = (before[a][0] == after[b][0]) + (before[a][1] == after[b][1])
        said = LOG if (a, b) in logged else HISTORY if (a, b) in history else ""
        if not said and (successor(new.struct, a, new.ops) or successor(new.struct, b, old.ops)):
            continue  # what took the place of one of them is known
        if said or _known(a, b, place) + OF_PROTOTYPES >= ENOUGH:
            found = _candidate(old, a, new, b, place, said)
            if found is not None:
                yield found


def _neighbours(table: Table, known: AbstractSet[str]) -> dict[str, tuple[str, str]]:
    """The nearest ops before and after each op of the table that only one of the versions has; `known` are the rest."""
    found, near, waiting = dict[str, tuple[str, str]](), "", list[str]()
    for op in (*table.ops, ""):
        if op in known or not op:
            found.update(dict.fromkeys(waiting, (near, op)))
            near, waiting = op, []
        else:
            waiting.append(op)
    return found


def _best(candidates: list[_Candidate]) -> Iterator[Rename]:
    before, after = set[OpName](), set[OpName]()
    for candidate in sorted(candidates, key=lambda c: c.rank):
        rename = candidate.rename
        if rename.old not in before and rename.new not in after:
            if not any(candidate.rivals(other) for other in candidates):
                yield rename
            before.add(rename.old)
            after.add(rename.new)


def _known(a: str, b: str, place: int) -> float:
    """How much the names, and the neighbours that two ops have in common, speak for the pair."""
    return OF_NAMES * names_alike(a, b) + OF_PLACE * place


def _candidate(old: Table, a: str, new: Table, b: str, place: int, said: str) -> _Candidate | None:
    """The pair, if what is `said` of it, names, prototypes and the number of neighbours in common show it."""
    names, known = names_alike(a, b), _known(a, b, place) + (0.5 if said else 0)
    prototypes = _alike(old.ops[a], new.ops[b], default=0.5)
    telling = min(1.0, (1 + _parameters(old, a, new, b)) / (1 + INFORMATIVE))
    score = known + OF_PROTOTYPES * prototypes * telling
    doubtful = _is_variant(a, b) or (names < NAMES_ALIKE and (prototypes < ALIKE or not place))
    if (score < ENOUGH or doubtful) and not said:
        return None
    reasons = [
        said,
        "the names are alike" if names >= NAMES_ALIKE else "",
        "the prototypes are alike" if prototypes >= ALIKE else "",
        "the place in the table is the same" if place else "",
    ]
    rename = Rename(old=(old.struct, a), new=(new.struct, b), reason=", ".join(filter(None, reasons)), likely=not said)
    return _Candidate(score, rename, logged=bool(said) and said != HISTORY)


def _is_variant(a: str, b: str) -> bool:
    """Whether one name qualifies the other: `iterate_shared` stood beside `iterate` and did not rename it."""
    shorter, longer = sorted((a, b), key=len)
    return longer.startswith(f"{shorter}_") or longer == f"{shorter}s"


def _parameters(old: Table, a: str, new: Table, b: str) -> int:
    """How many parameters the shorter of the prototypes has."""
    return min((len(types) for _, (types, _) in (*old.ops[a], *new.ops[b])), default=0)


def _under_kept_names(
    old: Table, gone: list[str], new: Table, come: list[str], both: AbstractSet[str]
) -> Iterator[_Candidate]:
    """Ops whose prototype lives on under another name, while their name went to another op (`get_acl`)."""
    others = {op: _name_words(op) for op in (*gone, *come)}
    for kept in (op for op in both if old.ops[op] != new.ops[op]):
        words = _name_words(kept)
        near = [op for op, theirs in others.items() if words <= theirs or theirs <= words]
        if near and _alike(old.ops[kept], new.ops[kept], default=1.0) < DISPLACED:
            pairs = [(op, kept) if op in old.ops else (kept, op) for op in near]
            yield from filter(None, (_under_kept_name(old, a, new, b) for a, b in pairs))


def _under_kept_name(old: Table, a: str, new: Table, b: str) -> _Candidate | None:
    prototypes, known = _alike(old.ops[a], new.ops[b], default=0.0), (a, b) in renames(new.struct)
    if not known and prototypes < 0.95:
        return None
    why = HISTORY if known else "the prototype lives on under another name"
    rename = Rename(
        old=(old.struct, a), new=(new.struct, b), reason=f"{why}, the old name went to another op", likely=not known
    )
    return _Candidate(1 + prototypes, rename)


@lru_cache(maxsize=1 << 10)
def _name_words(name: str) -> frozenset[str]:
    return frozenset(name.split("_"))


def _alike(old: tuple[Shape, ...], new: tuple[Shape, ...], *, default: float) -> float:
    """How alike the prototypes of two ops are, by the documents that are closest; `default` where one has none."""
    return max((prototype_likeness(a, b) for a in old for b in new), default=default)


@lru_cache(maxsize=1 << 14)
def names_alike(a: str, b: str) -> float:
    """How alike two op names are, 0 to 1: by words where one has all words of the other, else by letters.

    What both are about (a folio, an inode) says nothing about what they do and does not count.
    """
    mine, theirs = _letter_pairs(a), _letter_pairs(b)
    if len(mine & theirs) < PAIRS_SHARED * min(len(mine), len(theirs)):
        return 0.0  # the same letters here and there are no likeness
    shorter, longer = modern(a), modern(b)
    if (len(shorter), shorter) > (len(longer), longer):
        shorter, longer = longer, shorter
    for word in OBJECTS:
        if word in shorter and word in longer and shorter != word:
            shorter, longer = shorter.replace(word, "", 1), longer.replace(word, "", 1)
    joined, squeezed = shorter.replace("_", ""), longer.replace("_", "")
    if joined == squeezed:
        return 1.0
    if len(joined) > LETTERS and all(part in squeezed for part in shorter.split("_")):
        return 0.9
    first, second = sorted((joined, squeezed))
    return 2 * _letters_shared(first, second) / (len(first) + len(second))


def _letters_shared(a: str, b: str) -> int:
    """How many letters are in the longest part that two names share, and in those left and right of it.

    That is what `difflib.SequenceMatcher` counts, which takes several times as long for a text as short as a name.
    """
    first = size = 0
    for start in range(len(a)):
        while start + size < len(a) and a[start : start + size + 1] in b:
            first, size = start, size + 1
    if not size:
        return 0
    place = b.index(a[first : first + size])
    left, right = (a[:first], b[:place]), (a[first + size :], b[place + size :])
    return size + _letters_shared(*left) + _letters_shared(*right)


@lru_cache(maxsize=1 << 10)
def _letter_pairs(name: str) -> frozenset[str]:
    text = modern(name)
    return frozenset([text[i : i + 2] for i in range(len(text) - 1)])


def _moves(
    old: NormalState, new: NormalState, structs: dict[str, str], before: set[OpName], after: set[OpName]
) -> list[Rename]:
    """Ops that keep name and prototype and stand in another table, or of which the kernel's history says so."""
    left = old.by_op.keys() - new.by_op - before
    gone = [name for name in left if (structs.get(name[0], name[0]), name[1]) not in new.by_op]
    back = {second: first for first, second in structs.items()}
    come: dict[str, list[OpName]] = {}
    for name in new.by_op.keys() - old.by_op - after:
        if (back.get(name[0], name[0]), name[1]) not in old.by_op:
            come.setdefault(name[1], []).append(name)
    pairs = [(first, second) for first in gone for second in come.get(first[1], ()) if first[0] != second[0]]
    found = list[_Candidate]()
    for first, second in pairs:
        if moved(first, second):
            found.append(_Candidate(2.0, Rename(old=first, new=second, reason=HISTORY, likely=False)))
        elif _same_prototype(old.by_op[first].shapes, new.by_op[second].shapes):
            reason = "the same name and prototype in another ops table"
            found.append(_Candidate(1.0, Rename(old=first, new=second, reason=reason, likely=True)))
    return list(_best(found))


def _same_prototype(old: tuple[Shape, ...], new: tuple[Shape, ...]) -> bool:
    return _alike(old, new, default=0.0) >= 0.9 and any(types for _, (types, _) in old)
