"""Words of a question that together are one name: "swap activate", "dirty inode", "rules of inode operations"."""

from collections.abc import Iterator, Sequence

from kbase.search.analyzer import KIND_WORDS, SHORT
from kbase.search.plan import QueryWord

TABLE_WORDS = KIND_WORDS.keys() | {"lock", "locks", "locking", "rule", "rules", "table"}
LONGEST_JOIN = 4  # words that may be one name: "free cached objects"


def joined(parts: Sequence[str]) -> Iterator[str]:
    """What words may be together: `swap_activate`, `inode_operations.rename`, `big kernel lock`, `releasepage`.

    Of two words also the first as an op of the second, `rename inode_operations`, and the other way about, `dirty
    inode`; and words shortened, `getattr`.
    """
    if len(parts) == 1:
        yield parts[0]
        return
    for glue in ("_", ".", " ", ""):
        yield glue.join(parts)
    if len(parts) == 2:
        yield from (glue.join(reversed(parts)) for glue in (".", "_"))
    if not SHORT.keys().isdisjoint(parts):
        yield "".join(SHORT.get(part, part) for part in parts)


def covering(words: list[QueryWord], strong: list[QueryWord]) -> Iterator[str]:
    """Names that leave only weak words of a question over: "locking rules of inode operations", "dentry locking"."""
    places = [place for place, word in enumerate(words) if word in strong]
    if len(strong) == len(words) or not places:
        return
    first, last = places[0], places[-1] + 1
    for start, stop in ((first, last + 1), (max(first - 1, 0), last)):
        said = [word.typed for word in words[start:stop]]
        if 1 < len(said) <= LONGEST_JOIN:
            yield from joined(said)
    said = [word.typed for word in words[first:last]]
    rest = {word.typed for word in (*words[:first], *words[last:])}
    if len(said) < LONGEST_JOIN and rest <= TABLE_WORDS:
        yield "_".join((*said, "operations"))
