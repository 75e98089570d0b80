"""Names that are nearly what somebody typed: the one search for near names, over rapidfuzz.

rapidfuzz is imported on first use: a command that finds the name it was given starts without.
"""

from collections.abc import Iterable, Sequence

LONGEST = 80  # characters of a typed name that are compared
SIMILARITY = 60  # percent that a name must share with what was typed to be suggested
MAX_EDITS = 2  # of a typo


def near_names(typed: str, names: Iterable[str], limit: int = 5) -> tuple[str, ...]:
    """At most `limit` of the names to suggest in place of one that does not exist, whatever their case.

    The names that contain it come first, the shortest of them before others; then the most similar ones.
    """
    from rapidfuzz import fuzz, process

    word, known = typed[:LONGEST].lower(), list(dict.fromkeys(names))
    containing = sorted((name for name in known if len(word) > 2 and word in name.lower()), key=len)
    similar = process.extract(word, known, scorer=fuzz.ratio, processor=str.lower, score_cutoff=SIMILARITY, limit=limit)
    return tuple(dict.fromkeys([*containing, *(name for name, _, _ in similar)]))[:limit]


def near_symbols(spellings: Sequence[str], keys: Iterable[str], limit: int = 5) -> tuple[str, ...]:
    """Keys of the symbol table near a name that has these spellings and none of these keys.

    Of a dotted name they are ops of its table, then its op in other tables.
    """
    known, dotted = list(keys), [key for key in spellings if "." in key and " " not in key]
    key = next(iter(dotted[-1:] or spellings[-1:]), "")
    table, dot, member = key.rpartition(".")
    if not dot:
        return near_names(key, known, limit)
    of_table = {each.rpartition(".")[2]: each for each in known if each.startswith(f"{table}.")}
    found = [of_table[each] for each in near_names(member, of_table, limit)]
    found += [each for each in known if each.endswith(f".{member}")]
    found += [] if of_table else near_names(key, known, limit)
    return tuple(dict.fromkeys(found))[:limit]


def typo_edits(word: str) -> int:
    """How many edits (insertions, deletions, substitutions, swaps of neighbours) may be one typo of a word."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else MAX_EDITS


def within_edits(word: str, names: Iterable[str], edits: int, limit: int = 3) -> list[tuple[int, str]]:
    """At most `limit` names within so many edits of the word, nearest first, each after its distance."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    found = process.extract(word[:LONGEST], list(names), scorer=OSA.distance, score_cutoff=edits, limit=None)
    near = [(int(distance), name) for name, distance, _ in found]
    near.sort(key=lambda pair: (pair[0], pair[1][:1] != word[:1], abs(len(pair[1]) - len(word)), pair[1]))
    return near[:limit]


def likely_typo(word: str, name: str) -> bool:
    """Whether the word may be a typo of the name: every part of an identifier is near its counterpart.

    `s_vfs_rename_sem` is no typo of `s_vfs_rename_key`, although three edits make one of the other.
    """
    from rapidfuzz.distance import OSA

    typed, meant = word.split("_"), name.split("_")
    if len(typed) == 1 or len(typed) != len(meant):
        return True
    return all(OSA.distance(one, other) <= max(1, len(one) // 3) for one, other in zip(typed, meant, strict=True))
