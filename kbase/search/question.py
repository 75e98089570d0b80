r"""What a plain question asks of ops, in the query language: a lock and how it is held, whether they may block.

    "which address_space ops unlock the folio"        lock:folio_lock held:unlocks struct:address_space_operations
    "which ops hold i_rwsem but not s_umount"         lock:i_rwsem (held:yes OR ...) NOT (lock:s_umount ...) kind:op
    "which dentry ops cannot sleep"                   blocks:no struct:dentry_operations

Hits that meet the reading are shown first, and no hit is left out, so a question that is misread is still answered by
its words. Compiler messages are no questions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from kbase.kernel.exact_names import ItemKind
from kbase.search.words import KIND_WORDS, QUESTION_WORDS

FOLIO_LOCK = "folio_lock"
HELD = "(held:yes OR held:maybe)"
COMPILER = re.compile(
    r"\b(?:no member named|unknown field|incompatible|implicit declaration|conflicting types|undeclared|undefined"
    r"|too (?:few|many) arguments|error|warning)\b"
)
OBJECT = r"(?:the |a |its )?(?:folio|page)"
EFFECTS = {
    "returns-locked": re.compile(r"\breturn(?:s|ed|ing)?\b.{0,40} locked\b"),
    "unlocks": re.compile(r"\bunlock(?:s|ing|ed)?\b"),
    "locks": re.compile(rf"\b(?:locks?|locking|takes?|acquires?) {OBJECT}\b(?! lock)"),
}
FOLIO_LOCKED = re.compile(r"\b(?:folio|page)s? (?:is |are )?lock(?:ed)?\b|\blocked (?:folio|page)s?\b")
EXCLUSIVE = re.compile(r"\b(?:exclusive|exclusively|write|writing|writer)\b")
SHARED = re.compile(r"\b(?:shared|read|reading|reader)\b")

HOLDING = r"(?:held|hold|holds|holding|take|takes|taking|taken|need|needs|needed|require|requires|required|locked)"
ASKS_FOR_LOCK = re.compile(
    rf"\b(?:{HOLDING}|with|without|w o|under|call|called|exclusive|shared|read|reading|write|writing)\b"
)
# Between a negation and the lock that it is about stand only such words: "not called with the", "without holding".
LINK = rf"(?: (?:the|any|an?|to|be|being|having|called?|calls|under|with|{HOLDING}))*"
NOT_BEFORE = re.compile(
    rf"\b(?:without|w o|not|never|cannot|neither|nor|outside(?: of)?|with no|(?:n|don|doesn|isn) t){LINK}$"
)
NOT_AFTER = re.compile(rf"^(?: (?:is|are|be|must|may|can|should|need))* (?:not|never|isn t)\b(?: be)? {HOLDING}")
NONE_HELD = re.compile(r"\bno$")
IS_HELD = re.compile(rf"^ {HOLDING}\b")

SLEEP = r"(?:block|sleep)(?:s|ing)?\b"
BLOCKS = re.compile(rf"\b(?:may|can|could|might|allowed to|that|which) {SLEEP}|\bsleep|\bblocking\b")
BLOCKS_NOT = re.compile(
    rf"\b(?:cannot|can ?t|not|never|without|no|non)(?: \w+)? {SLEEP}|\bnon(?:blocking|sleeping)\b"
    r"|\batomic context\b|\b(?:in|from|under) (?:an? )?(?:atomic|spin ?locks?)\b"
)

# Words that ask for everything of a kind, and further words for kinds.
ALL_OF = frozenset(("all", "available", "documented", "every", "everything", "exist", "exists", "known", "list"))
LISTED = KIND_WORDS | dict.fromkeys(("lock", "locks"), ItemKind.LOCK) | dict.fromkeys(("note", "notes"), ItemKind.NOTE)
LISTED |= dict.fromkeys(("struct", "structs", "table", "tables"), ItemKind.STRUCT)

Names = Mapping[tuple[int, int], tuple[ItemKind, str]]  # the first word and the last + 1 -> what they name


def reading(typed: Sequence[str], names: Names) -> str:
    """What a question of these words in lower case asks of ops, in the query language; empty where it asks nothing."""
    text = " ".join(typed)
    if COMPILER.search(text):
        return ""
    listed = _listed(typed)
    if listed or any(kind is ItemKind.OP for kind, _ in names.values()):
        return f"kind:{listed}" if listed else ""
    locks = {place: name for place, (kind, name) in names.items() if kind is ItemKind.LOCK}
    struct = next((name for kind, name in names.values() if kind is ItemKind.STRUCT), None)
    found = [condition for condition in (*_locks(typed, text, locks), _blocks(text)) if condition]
    if found and struct:
        found.append(f"struct:{struct}")
    elif found and any(LISTED.get(word) is ItemKind.OP for word in typed):
        found.append("kind:op")
    return " ".join(found)


def _listed(typed: Sequence[str]) -> ItemKind | None:
    """The kind of entries if the question asks for all of them: "which locks exist", "list all ops tables"."""
    kinds = [LISTED[word] for word in typed if word in LISTED]
    others = set(typed) - LISTED.keys() - QUESTION_WORDS
    asks = others or {"there", "are"} <= set(typed)
    return kinds[-1] if kinds and asks and others <= ALL_OF else None


def _locks(typed: Sequence[str], text: str, locks: Mapping[tuple[int, int], str]) -> Iterator[str]:
    """The conditions on the locks that are named, and on the folio's, which is named in many ways."""
    effect = next((value for value, pattern in EFFECTS.items() if pattern.search(text)), None)
    if effect and set(locks.values()) <= {FOLIO_LOCK}:
        yield f"lock:{FOLIO_LOCK} held:{effect}"
        return
    if not locks and FOLIO_LOCKED.search(text):
        yield f"lock:{FOLIO_LOCK} {_held(text)}"
    conditions, end = list[tuple[str, bool, str]](), 0
    for first, last in sorted(locks):
        following = min((other for other, _ in locks if other >= last), default=len(typed))
        before, after = " ".join(typed[end:first]), " " + " ".join(typed[last:following])
        none = NONE_HELD.search(before) and IS_HELD.search(after)
        absent = bool(NOT_BEFORE.search(before) or NOT_AFTER.search(after) or none)
        conditions.append((locks[first, last], absent, _held(f"{before}{after}")))
        end = last
    if not ASKS_FOR_LOCK.search(text):
        return
    some_held = not all(absent for _, absent, _ in conditions)
    for lock, absent, held in conditions:
        together = f"lock:{lock} {held}" if len(conditions) == 1 else f"(lock:{lock} {held})"
        yield (f"NOT (lock:{lock} {HELD})" if some_held else f"lock:{lock} held:no") if absent else together


def _held(text: str) -> str:
    return "held:exclusive" if EXCLUSIVE.search(text) else "held:shared" if SHARED.search(text) else HELD


def _blocks(text: str) -> str:
    if BLOCKS_NOT.search(text):
        return "blocks:no"
    return "(blocks:yes OR blocks:maybe)" if BLOCKS.search(text) else ""
