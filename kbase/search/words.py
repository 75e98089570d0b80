r"""Words: how text is cut into them, and what kinds of words questions have. Needs no index.

Words are `\w+`, lower-cased. An identifier is a word; its `_` parts are indexed beside it.
"""

import re
from collections.abc import Sequence

from kbase.kernel.aliases import SHORT
from kbase.kernel.exact_names import ItemKind

WORD = re.compile(r"\w+")
LONGEST = 80  # letters of an index word; longer runs are data, not words


def words(text: str) -> list[str]:
    """The words of a text, whole and lower-cased."""
    return [word[:LONGEST] for word in WORD.findall(text.lower())]


def parts(word: str) -> tuple[str, ...]:
    """The parts of an identifier; none of a word without `_`."""
    return tuple(part for part in dict.fromkeys(word.split("_")) if part and part != word) if "_" in word else ()


# Dropped from a question, never from a phrase or the index.
QUESTION_WORDS = frozenset(
    words(
        "a about an and are as at be been being but by call called calling calls can could did do does for from has"
        " have how i in is it its me my of on or please should show so such tell than that the their them then there"
        " these they this to was we were what whats when where whether which while who whom whose why will with"
        " would you struct static const extern inline versus vs"
    )
)

# Words that are frequent in questions about this subject; they weigh little compared with a name.
WEAK_WORDS = frozenset(
    words(
        "acquire acquired acquires added allowed appear appeared argument arguments became become between block"
        " blocking blocks callback callbacks change changed changes differ difference different dropped during enter"
        " entered entry error explain false first function gone grab happened held helper helpers hold holding holds"
        " implement implemented instead introduced invoke invoked invokes kernel linux lock locked locking locks made"
        " make makes may mean means member method methods must name named names need needed needs new no non not old"
        " op operation operations ops parameter parameters permitted prototype release released releases removed"
        " replace replaced replacement replaces required requires return returned returns rule rules run runs safe"
        " schedule signature since sleep sleeping sleeps struct successor table tables take taken takes taking true"
        " under undeclared unknown unlock unlocked unlocks use used uses vfs wait waits warning work works"
    )
)

# Names of ops too, but in a question they mostly say how: "held for write", "called with the lock".
HOW_WORDS = WEAK_WORDS | {"read", "write", "open", "close", "get", "set", "list", "access"}

# Words that name a kind of entry.
KIND_WORDS = {
    **dict.fromkeys(words("op ops operation operations method methods callback callbacks"), ItemKind.OP),
    **dict.fromkeys(words("function functions helper helpers"), ItemKind.FUNCTION),
    **dict.fromkeys(words("flag flags"), ItemKind.FLAG),
    **dict.fromkeys(words("commit commits"), ItemKind.COMMIT),
    "porting": ItemKind.PORTING,
}


def joined(written: Sequence[str]) -> list[str]:
    """The names that words may be together: `swap_activate`, `inode_operations.rename`, `big kernel lock`, `mkdir`.

    Two words that say what is looked for may come in either order: the inode is dirty, `dirty_inode`.
    """
    if len(written) == 1:
        return [written[0]]
    orders = [written, written[::-1]] if len(written) == 2 and WEAK_WORDS.isdisjoint(written) else [written]
    if not SHORT.keys().isdisjoint(written):
        short = [[SHORT.get(word, word) for word in order] for order in orders]
        orders = [*orders, *short, *([one[0], *other[1:]] for one, other in zip(orders, short, strict=True))]
    return [glue.join(order) for order in orders for glue in ("_", ".", " ", "")]
