"""What the sentences of a text say about ops: lock rules and obligations.

A text is read sentence by sentence. A sentence is read only where a pattern of `kbase.kernel.sentence_patterns`
describes all of it; any other sentence has no reading. What "it" means follows from the sentences before.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kbase.kernel.sentence_patterns import (
    EXCLUSIVE,
    IN_ITEMS,
    IN_WORDS,
    ITSELF,
    JOINS_ITEMS,
    OPS,
    PAGES,
    PATTERNS,
    SUBJECT,
    UNCERTAIN_LOCKS,
    Owes,
    Says,
    lock_in_words,
)
from kbase.model.records import Held, Reading
from kbase.model.words import Action, Force, Mode

TEXTS_CACHED = 1024  # most texts of a document are those of the release before
LONGEST_TEXT = 50_000  # characters of a text; the longest description has 3,000
LONGEST = 700  # characters of a sentence; the longest that is read has 340
WORTH_READING = re.compile(
    r"lock|sem|mutex|umount|BKL|h[eo]ld|sleep|RCU|interrupt|must|should|ha[sv]e? to|needs? to|return|permitted",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bie)(?<!\betc)[.;!?](?:\s+|$)|\n\s*\n|\n(?=[ \t]*+[*-]\s)")
BULLET = re.compile(r"^[*-] ")
EMPHASIS = re.compile(r"(?<!\w)([*_])([A-Za-z]++)\1(?!\w)")
SHORT_FORMS = (
    (re.compile(r"\bit's\b", re.IGNORECASE), "it is"),
    (re.compile(r"\b(does|is|are|do)n't\b", re.IGNORECASE), r"\1 not"),
    (re.compile(r"\bcan(?:'t| not)\b", re.IGNORECASE), "cannot"),
)
OPENING = re.compile(
    r"(?:(?:(?:\.\. )?\[\d+\]_?:?|[*-]|note that|additionally,|also,|in addition,|however,|in particular,"
    r"|main difference is that|you must also keep in mind that) )+",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"\b(?:if|unless|when|while|until|except|only|sometimes|usually|generally|normally|often|mostly|either|"
    r"with|without|during|for)\b",
    re.IGNORECASE,
)
ANOTHER_CLAUSE = re.compile(
    r",? (?:so|(?:and|but) (?:it|the|that|if|must|should|is (?:responsible|sometimes)))\b", re.IGNORECASE
)
LEADING_VERBS = (
    "is|are|was|has|have|had|will|must|may|might|can|cannot|should|does|do|unlocks|takes|returns|needs?|hold|called"
    "|calling|locking|on|for|to|changes|populates|now|both|itself"
)
LEADING = re.compile(
    rf"(?:cross-directory |calling conventions? (?:for|of) )?(?P<ops>{OPS})"
    rf"(?: instances| implementations?| operations| callers| functions)? (?:{LEADING_VERBS})\b",
    re.IGNORECASE,
)
CAREFUL = re.compile(rf"{SUBJECT} must be really careful [^,]* (?P<when>when .*)", re.IGNORECASE | re.DOTALL)
IS_ITSELF = re.compile(ITSELF, re.IGNORECASE)
NAMES_EXCLUSIVE = re.compile(EXCLUSIVE, re.IGNORECASE)
NAMES_MODE = re.compile(r"\bRCU-?walk\b", re.IGNORECASE)
STATED_LOCK = re.compile(
    rf"(?<![\w.>-])(?:{IN_WORDS}|{'|'.join(UNCERTAIN_LOCKS)}|(?:->)?[A-Za-z_]\w*+(?:(?:->|\.)\w++)*+(?!\())"
    r"|\b(?:page|folio|bh|superblock)s? (?:is|are|will be|must be|should be|not) (?:not )?locked",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What a sentence says of ops: a lock, as the sentence names it, and its reading."""

    ops: tuple[str, ...]
    lock: str
    reading: Reading
    form: str = ""  # what the sentence says beside the lock; sentences with one form are the same sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What a sentence says that the implementation of ops must do; `subject` is the lock, where it is one."""

    ops: tuple[str, ...]
    action: Action
    force: Force
    what: str
    subject: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a text, the words `first` to `last - 1` of it, and what it says."""

    text: str  # as written, in one line
    first: int
    last: int
    clauses: tuple[Clause, ...]
    duties: tuple[Duty, ...]
    unread: bool  # it names a lock, is about an op, and says nothing that could be read


def read_text(text: str, ops: Collection[str], about: Sequence[str]) -> Iterator[Sentence]:
    """The sentences of a text that say something of an op, or that name a lock and could not be read.

    `ops` are those that the text may name, `about` those that it is about before it names any.
    """
    if len(text) <= LONGEST_TEXT and WORTH_READING.search(text):
        yield from _read(text, frozenset(ops), tuple(about))


@lru_cache(TEXTS_CACHED)
def _read(text: str, ops: frozenset[str], about: tuple[str, ...]) -> tuple[Sentence, ...]:
    return tuple(_Reader(ops, about).read(text))


def sentences_of(text: str) -> Iterator[tuple[str, int, int]]:
    """Each sentence of a text without its stop, and where its words begin and end among those of the text."""
    word = 0
    for part in SENTENCE_END.split(text):
        first, word = word, word + len(part.split())
        if word > first:
            yield " ".join(part.split()), first, word


@dataclass
class _Reader:
    """Reads the sentences of one text, and remembers what those before are about."""

    ops: frozenset[str]
    about: tuple[str, ...]
    lock: str | None = None  # the lock that was named last, as written
    in_rcu_walk: bool = False  # the sentence before is about that mode
    careful: str | None = None  # the condition of obligations, stated by a sentence before

    def read(self, text: str) -> Iterator[Sentence]:
        for written, first, last in sentences_of(text):
            if len(written) <= LONGEST:
                read = self._sentence(written, first, last)
                if read.clauses or read.duties or read.unread:
                    yield read

    def _sentence(self, written: str, first: int, last: int) -> Sentence:
        sentence = normal(written)
        self._look_at_subject(sentence)
        clauses, duties = list[Clause](), list[Duty]()
        for pattern in PATTERNS:
            found = pattern.form.fullmatch(sentence)
            if found and self._is_whole(found):
                clauses += (clause for says in pattern.says for clause in self._clauses(says, found, pattern.name))
                duties += (duty for owes in pattern.owes for duty in self._duties(owes, found))
        if clauses:
            self.lock = clauses[-1].lock
        self.in_rcu_walk = bool(NAMES_MODE.search(sentence))
        return Sentence(
            text=BULLET.sub("", written),
            first=first,
            last=last,
            clauses=tuple(dict.fromkeys(clauses)),
            duties=tuple(dict.fromkeys(duties)),
            unread=not (clauses or duties) and self._is_about_a_lock(sentence),
        )

    def _look_at_subject(self, sentence: str) -> None:
        """What "it" means from here on: the ops that the sentence begins with."""
        leading = LEADING.match(sentence)
        names = re.findall(r"\w+", leading["ops"]) if leading else []
        if leading and not lock_in_words(leading["ops"]):
            known = tuple(name for name in names if name in self.ops)
            if known or "->" in leading["ops"] or "()" in leading["ops"]:
                self.about = known
        careful = CAREFUL.fullmatch(sentence)
        self.careful = careful["when"] if careful else self.careful

    def _is_whole(self, found: re.Match[str]) -> bool:
        """Whether nothing that the form leaves open is a condition."""
        groups = found.groupdict()
        if groups.get("mode_named") and not self.in_rcu_walk:
            return False
        rest = groups.get("rest") or ""
        if CONDITION.search(rest) and not ANOTHER_CLAUSE.match(rest):
            return False
        return not CONDITION.search(groups.get("scope") or "")

    def _subject(self, groups: dict[str, str | None]) -> tuple[str, ...]:
        """The ops that a sentence is about."""
        named = groups.get("op") or groups.get("ops")
        if named and not IS_ITSELF.fullmatch(named):
            return tuple(name for name in re.findall(r"\w+", named) if name in self.ops)
        return self.about

    def _clauses(self, says: Says, found: re.Match[str], name: str) -> Iterator[Clause]:
        groups = found.groupdict()
        ops = self._subject(groups)
        if not ops:
            return
        condition = _condition(says.when, groups, "when", "of", "if")
        rest = (groups.get("rest") or "").strip(" ,")
        for written, subject, modes, held in self._locks(says, groups):
            reading = Reading(
                subject=subject,
                held=held,
                modes=modes,
                effect=says.effect,
                scope=says.scope or groups.get("scope"),
                condition=condition,
                context=says.context,
            )
            yield Clause(ops=ops, lock=written, reading=reading, form=rest and f"{name} {rest}")

    def _locks(
        self, says: Says, groups: dict[str, str | None]
    ) -> Iterator[tuple[str, str | None, tuple[Mode, ...], Held]]:
        """Each lock as written, its canonical name, its modes, and whether it is held."""
        items, mode = groups.get("items"), groups.get("mode")
        modes = (says.mode,) if says.mode else _modes(mode)
        if says.every:
            yield "any lock", None, (), says.held
        elif says.subject:
            written = groups.get("lock") or says.subject
            yield written if lock_in_words(written) == says.subject else says.subject, says.subject, modes, says.held
        elif items:
            yield from _items(items, says.held)
        elif page := groups.get("page"):
            yield f"{page.lower()} lock", PAGES[page.lower()], modes, says.held
        else:
            written = groups.get("lock") or self.lock or ""
            if subject := lock_in_words(written):
                yield written, subject, modes, says.held

    def _duties(self, owes: Owes, found: re.Match[str]) -> Iterator[Duty]:
        groups = found.groupdict()
        page, written = groups.get("page"), groups.get("lock")
        subject = owes.subject or (PAGES[page.lower()] if page else lock_in_words(written or ""))
        what = owes.what or groups.get("what") or (f"{page.lower()} lock" if page else written)
        ops = self._subject(groups)
        if not (ops and what) or (owes.action in (Action.TAKES, Action.DROPS) and not (subject or groups.get("what"))):
            return
        condition = _condition(owes.when, groups, "usually", "when", "returned")
        if groups.get("other"):
            condition = f"unless it is {what.removesuffix('()')}() itself"
        if self.careful:
            condition = f"{condition}, {self.careful}" if condition else self.careful
        force = owes.force or _force(groups.get("force") or "must")
        yield Duty(ops=ops, action=owes.action, force=force, what=what, subject=subject, condition=condition)

    def _is_about_a_lock(self, sentence: str) -> bool:
        """Whether the sentence names a lock and is about an op, itself or by what was said before."""
        named = (match[0] for match in STATED_LOCK.finditer(sentence))
        ops = self.about or [name for name in re.findall(r"\w+", sentence) if name in self.ops]
        return bool(ops) and any(" " in name or lock_in_words(name) for name in named)


def normal(written: str) -> str:
    """A sentence as patterns have it: without markup, short forms, and words that only join it to others."""
    sentence = EMPHASIS.sub(r"\2", written.replace("``", ""))
    for short, instead in SHORT_FORMS:
        sentence = short.sub(instead, sentence)
    return OPENING.sub("", sentence, count=1) if OPENING.match(sentence) else sentence


def _condition(fixed: str | None, groups: dict[str, str | None], *names: str) -> str | None:
    parts = [f"on {value}" if name == "of" else value for name in names if (value := groups.get(name))]
    written = ", ".join(parts)
    return fixed or (written[:1].lower() + written[1:]) or None


def _modes(written: str | None) -> tuple[Mode, ...]:
    if not written:
        return ()
    return (Mode.EXCLUSIVE,) if NAMES_EXCLUSIVE.search(written) else (Mode.SHARED,)


def _force(written: str) -> Force:
    words = written.lower().split()
    if words[0] == "should":
        return Force.SHOULD_NOT if "not" in words else Force.SHOULD
    return Force.MUST_NOT if "not" in words else Force.MUST


def _items(written: str, held: Held) -> Iterator[tuple[str, str | None, tuple[Mode, ...], Held]]:
    """The locks of "a_lock held for reading, and with the b_lock held"; none if one of them is no lock."""
    found = [IN_ITEMS.fullmatch(each) for each in JOINS_ITEMS.split(written)]
    matches = [match for match in found if match]
    subjects = [lock_in_words(match["lock"]) for match in matches]
    stated = any(match["held"] or match["mode"] or match["lock"].lower().endswith(" locked") for match in matches)
    if len(matches) < len(found) or not all(subjects) or not stated:
        return
    for match, subject in zip(matches, subjects, strict=True):
        yield match["lock"], subject, _modes(match["mode"]), Held.MAYBE if match["sometimes"] else held
