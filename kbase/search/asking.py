r"""What a plain question wants of ops: a lock and how it is held, whether they may block.

    "which address_space ops unlock the folio"    the folio's lock, unlocks
    "which dentry ops cannot sleep"               may not block

What is understood puts the things of which it is true before others and leaves none out, so a question that is
misread is answered by its words. Only the wording of locking tables is known here; names are looked up.
"""

import re
from collections.abc import Iterable, Sequence

from kbase.model.records import Effect, Held, Mode
from kbase.search.analyzer import KIND_WORDS, QUESTION_WORDS, words
from kbase.search.facts import context_term, rule_term
from kbase.search.results import HitKind

FOLIO_LOCK = "folio_lock"

OBJECT = r"(?:the |a |its )?(?:folio|page)"
UNLOCKS = re.compile(r"\bunlock(?:s|ing|ed)?\b")
LOCKS = re.compile(rf"\b(?:locks?|locking|takes?|acquires?) {OBJECT}\b(?! lock)|\blocks? {OBJECT}\b")
RETURNS_LOCKED = re.compile(r"\A(?>.*?\breturn(?:s|ed|ing)?\b).* locked\b", re.DOTALL)
EFFECTS = (
    (RETURNS_LOCKED, Effect.RETURNS_LOCKED.value),
    (UNLOCKS, Effect.UNLOCKS.value),
    (LOCKS, Effect.LOCKS.value),
)
FOLIO_LOCKED = re.compile(r"\b(?:folio|page)s? (?:is |are )?lock(?:ed)?\b|\blocked (?:folio|page)s?\b")
EXCLUSIVE = re.compile(r"\b(?:exclusive|exclusively|write|writing|writer)\b")
SHARED = re.compile(r"\b(?:shared|read|reading|reader)\b")
ASKS_FOR_HELD = re.compile(
    r"\b(?:held|holds?|holding|locked|with|without|under|takes?|needs?|requires?|called"
    r"|exclusive|shared|read|reading|write|writing|not|no)\b"
)
WITHOUT = re.compile(r"\b(?:without|not|no)\b")
SLEEP = r"(?:block|sleep)(?:s|ing)?\b"
BLOCKS = re.compile(rf"\b(?:may|can|could|might|allowed to|that|which) {SLEEP}|\bsleep|\bblocking\b")
BLOCKS_NOT = re.compile(
    rf"\b(?:cannot|can ?t|not|never|without|no|non)(?: \w+)? {SLEEP}|\bnon(?:blocking|sleeping)\b"
    r"|\batomic context\b|\b(?:in|from|under) (?:an? )?(?:atomic|spin ?locks?)\b"
)
CONTEXTS = {"rcu-walk": re.compile(r"\brcu ?walk\b"), "FS recursion": re.compile(r"\b(?:fs|filesystem) recursion\b")}

# Words that ask for all things of a kind, besides the words of questions, and the kinds by their words.
ALL_OF = frozenset(words("all any available complete documented every everything exist existing exists known list"))
LISTED = KIND_WORDS | dict.fromkeys(("lock", "locks"), HitKind.LOCK) | dict.fromkeys(("note", "notes"), HitKind.NOTE)
LISTED |= dict.fromkeys(("struct", "structs", "table", "tables"), HitKind.STRUCT)

RETURNS = re.compile(r"\breturn(?:s|ing)? (?:a |an |the )?(?:struct )?(\w+)|\b(\w+) return type\b")
TAKES = re.compile(r"\b(?:take|takes|taking|given|gets?|with) (?:a |an |the )?(?:struct (\w+)|(\w+_\w+))")

Condition = tuple[str, tuple[str, ...]]  # a field of the index, and the terms of which one is there


def conditions(said: Sequence[str], lock: str | None, struct: str | None) -> tuple[Condition, ...]:
    """What the words say that must hold of an op; nothing where they name no more than a table.

    `said` are the words in lower case, `lock` and `struct` what is named among them.
    """
    text = " ".join(said)
    found = [condition for condition in (_rule(text, lock), _blocks(text), *_contexts(text)) if condition]
    table: list[Condition] = [("struct", (struct.lower(),))] if struct else []
    return tuple(found + table) if found else ()


def relaxed(asked: Sequence[Condition]) -> tuple[Condition, ...]:
    """The conditions where nothing meets them: no op that never blocks, so those that sometimes may not."""
    never, sometimes = (Held.NO.value,), (Held.NO.value, Held.MAYBE.value)
    return tuple((name, sometimes if (name, terms) == ("blocks", never) else terms) for name, terms in asked)


def listed(said: Sequence[str]) -> HitKind | None:
    """The kind of thing of which the words ask for all: "which locks exist", "list all ops tables"."""
    kinds = [LISTED[word] for word in said if word in LISTED]
    others = set(said) - LISTED.keys() - QUESTION_WORDS
    asks = others or {"there", "are"} <= set(said)
    return kinds[-1] if kinds and asks and others <= ALL_OF else None


def types(said: Sequence[str]) -> list[tuple[str, str]]:
    """The types that the words say an op returns or takes, as fields of the index with a term; perhaps no types."""
    text = " ".join(said)
    found = [("returns", match) for match in RETURNS.finditer(text) if not RETURNS_LOCKED.search(text)]
    found += [("param", match) for match in TAKES.finditer(text)]
    return [(name, match[1] or match[2]) for name, match in found]


def _rule(text: str, lock: str | None) -> Condition | None:
    effect = next((e for pattern, e in EFFECTS if pattern.search(text)), None)
    if effect is not None and (lock in (None, FOLIO_LOCK)):
        return "rule", (rule_term(FOLIO_LOCK, [effect]),)
    if lock is None:
        lock = FOLIO_LOCK if FOLIO_LOCKED.search(text) else None
    if lock is None or not ASKS_FOR_HELD.search(text):
        return None
    return "rule", tuple(rule_term(lock, [held]) for held in _held(text))


def _held(text: str) -> tuple[str, ...]:
    if WITHOUT.search(text):
        return (Held.NO.value,)
    if EXCLUSIVE.search(text):
        return (Mode.EXCLUSIVE.value,)
    return (Mode.SHARED.value,) if SHARED.search(text) else (Held.YES.value, Held.MAYBE.value)


def _blocks(text: str) -> Condition | None:
    if BLOCKS_NOT.search(text):
        return "blocks", (Held.NO.value,)
    return ("blocks", (Held.YES.value, Held.MAYBE.value)) if BLOCKS.search(text) else None


def _contexts(text: str) -> Iterable[Condition]:
    for header, pattern in CONTEXTS.items():
        if pattern.search(text):
            values = (Held.NO,) if WITHOUT.search(text) else (Held.YES, Held.MAYBE)
            yield "blocks", tuple(context_term(header, value) for value in values)


def spelled(asked: Sequence[Condition]) -> str:
    """The conditions in the query language, as far as it has them: `lock:folio_lock held:unlocks`."""
    return " ".join(filter(None, (_spelled(name, terms) for name, terms in asked)))


def _spelled(name: str, terms: tuple[str, ...]) -> str:
    if name != "rule":
        values = [f"{name}:{term}" for term in terms if "=" not in term]
        return values[0] if len(values) == 1 else f"({' OR '.join(values)})" if values else ""
    lock, held = terms[0].split("=")[0], [f"held:{term.split('=')[1]}" for term in terms]
    return f"lock:{lock} {held[0] if len(held) == 1 else '(' + ' OR '.join(held) + ')'}"
