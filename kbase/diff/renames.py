"""Which op of the old version is which op of the new one: renames and moves, with the reason.

The kernel's own history (`kbase.kernel.successors`) and the porting log say it with certainty. Where neither does, how
alike names (pages became folios) and prototypes are makes a pair likely. The measure is symmetric, so that a diff and
its mirror find the same pairs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from rapidfuzz.fuzz import ratio

from kbase.diff.comparable import Names, OpFacts, VersionFacts
from kbase.diff.fact import OpName
from kbase.diff.porting import LogEntry
from kbase.diff.prototypes import likeness, modern
from kbase.kernel.successors import moved, renames, replacements, successor

ALIKE = 0.75  # two prototypes that are nearly one
NAMES_ALIKE = 0.5  # two names that are nearly one
ENOUGH = 0.7  # the mean of how alike names and prototypes are, from which on a pair is likely
TABLES_ALIKE = 0.5  # share of op names that two tables have in common
INFORMATIVE = 3  # parts of two prototypes, the return type among them, from which on their likeness is no accident
CLEAR = 0.1  # by how much a pair has to be better than the next one for the same op
DISPLACED = 0.6  # below, the op under the same name is taken for another op, if its prototype is elsewhere
LOG = "the porting log says so"
HISTORY = "known from the kernel's history"
OBJECTS = ("folio", "inode", "super")  # what ops are about, which says nothing of what they do
LETTERS = 3  # a name of more letters than that, all of it in another name, is no accident

Table = Mapping[str, OpFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """An op with another name, or in another table."""

    old: OpName
    new: OpName
    reason: str
    likely: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    score: float
    rename: Rename

    @property
    def rank(self) -> tuple[float, list[OpName]]:
        """The best first; equal ones in an order that does not depend on the direction."""
        return -self.score, sorted((self.rename.old, self.rename.new))

    def rivals(self, other: "_Candidate") -> bool:
        """Whether the other is for one of the same ops and nearly as good, so that it would be a guess to choose."""
        mine, theirs = self.rename, other.rename
        return (mine.old == theirs.old) != (mine.new == theirs.new) and other.score > self.score - CLEAR


def find_renames(
    old: VersionFacts, new: VersionFacts, log: Iterable[LogEntry] = ()
) -> tuple[dict[str, str], tuple[Rename, ...]]:
    """The renamed tables and ops, found by names, prototypes, the kernel's history and the porting log."""
    before, after = old.ops_of_tables, new.ops_of_tables
    entries = [entry for entry in log if entry.replacements]
    structs = _renamed_tables(before, after)
    found = list[Rename]()
    for struct, table in before.items():
        other = structs.get(struct, struct)
        if other in after and table.keys() != after[other].keys():
            found += _best(_candidates(struct, table, other, after[other], entries))
    names = Names({rename.old: rename.new for rename in found}, structs)
    return structs, (*found, *_best(_moves(old, new, names)))


def _renamed_tables(old: Mapping[str, Table], new: Mapping[str, Table]) -> dict[str, str]:
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    scored = [(_tables_alike(old[a], new[b]), a, b) for a, b in product(gone, come)]
    found = dict[str, str]()
    for score, first, second in sorted(scored, key=lambda each: (-each[0], sorted(each[1:]))):
        if score >= TABLES_ALIKE and first not in found and second not in found.values():
            found[first] = second
    return found


def _tables_alike(old: Table, new: Table) -> float:
    return len(old.keys() & new.keys()) / (len(old.keys() | new.keys()) or 1)


def _candidates(struct: str, old: Table, other: str, new: Table, log: list[LogEntry]) -> Iterator[_Candidate]:
    """The pairs of ops of one table that may be one op."""
    gone, come = [op for op in old if op not in new], [op for op in new if op not in old]
    known, replaced = renames(other), replacements(other)

    def candidate(a: str, b: str, score: float, reason: str, *, likely: bool) -> _Candidate:
        return _Candidate(score, Rename(old=(struct, a), new=(other, b), reason=reason, likely=likely))

    for a, b in product(gone, come):
        names = names_alike(a, b)
        logged = any(entry.replaces(a, b) for entry in log)
        if (a, b) in replaced:
            continue
        if logged or (a, b) in known:
            yield candidate(a, b, 2 if logged else 2 + names, LOG if logged else HISTORY, likely=False)
        elif names >= NAMES_ALIKE and not (successor(other, a, new) or successor(other, b, old) or _is_variant(a, b)):
            prototypes = prototypes_alike(old[a], new[b], default=0.5)
            score = (names + prototypes * min(1, (1 + _parameters(old[a], new[b])) / INFORMATIVE)) / 2
            if score >= ENOUGH:
                reason = "the names are alike" + (", the prototypes are alike" if prototypes >= ALIKE else "")
                yield candidate(a, b, score, reason, likely=True)
    for name in (op for op in old if op in new):  # an op whose name was given to another op (`get_acl`)
        near = [op for op in (*gone, *come) if _has_words_of(name, op)]
        if near and prototypes_alike(old[name], new[name], default=1.0) < DISPLACED:
            for a, b in ((op, name) if op in old else (name, op) for op in near):
                alike, is_known = prototypes_alike(old[a], new[b], default=0.0), (a, b) in known
                if is_known or alike >= 0.95:
                    why = HISTORY if is_known else "the prototype has another name now"
                    why += ", the old name was given to another op"
                    yield candidate(a, b, 1 + alike, why, likely=not is_known)


def _has_words_of(a: str, b: str) -> bool:
    """Whether one of the two names has all words of the other."""
    first, second = set(a.split("_")), set(b.split("_"))
    return first <= second or second <= first


def _best(candidates: Iterable[_Candidate]) -> Iterator[Rename]:
    every, before, after = list(candidates), set[OpName](), set[OpName]()
    for candidate in sorted(every, key=lambda each: each.rank):
        rename = candidate.rename
        if rename.old not in before and rename.new not in after:
            if not any(candidate.rivals(other) for other in every):
                yield rename
            before.add(rename.old)
            after.add(rename.new)


def _is_variant(a: str, b: str) -> bool:
    """Whether one name qualifies the other: `iterate_shared` was added while `iterate` remained, so it is no rename."""
    shorter, longer = sorted((a, b), key=len)
    return longer.startswith(f"{shorter}_") or longer == f"{shorter}s"


def prototypes_alike(old: OpFacts, new: OpFacts, *, default: float) -> float:
    """How alike the prototypes of two ops are, by the documents that are closest; `default` where one has none."""
    return max((likeness(a, b) for a in old.prototypes for b in new.prototypes), default=default)


def _parameters(old: OpFacts, new: OpFacts) -> int:
    """How many parameters the shortest of the prototypes has."""
    return min((len(fact.parameters) for fact in (*old.prototypes, *new.prototypes)), default=0)


def names_alike(a: str, b: str) -> float:
    """How alike two op names are, 0 to 1: by words where one has all words of the other, else by letters.

    What both are about (a folio, an inode) says nothing about what they do and does not count.
    """
    shorter, longer = sorted((modern(a), modern(b)), key=lambda name: (len(name), name))
    for word in OBJECTS:
        if word in shorter and word in longer and shorter != word:
            shorter, longer = shorter.replace(word, "", 1), longer.replace(word, "", 1)
    joined, squeezed = shorter.replace("_", ""), longer.replace("_", "")
    if joined == squeezed:
        return 1.0
    if len(joined) > LETTERS and all(part in squeezed for part in shorter.split("_")):
        return 0.9
    return ratio(joined, squeezed) / 100


def _moves(old: VersionFacts, new: VersionFacts, names: Names) -> Iterator[_Candidate]:
    """Ops that moved to another table: with name and prototype unchanged, or known from the kernel's history."""
    renamed = {names.of(name) for name in old.ops}
    gone = [name for name in old.ops if names.of(name) not in new.ops and name not in names.ops]
    come = [name for name in new.ops if name not in renamed]
    for first, second in product(gone, come):
        if first[1] != second[1] or first[0] == second[0]:
            continue
        before, after = old.ops[first], new.ops[second]
        if moved(first, second):
            yield _Candidate(2.0, Rename(old=first, new=second, reason=HISTORY, likely=False))
        elif prototypes_alike(before, after, default=0.0) >= 0.9 and any(f.parameters for f in before.prototypes):
            reason = "the same name and prototype in another ops table"
            yield _Candidate(1.0, Rename(old=first, new=second, reason=reason, likely=True))
