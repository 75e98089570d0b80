"""What sentences say about the locks held when an op is called, and about blocking.

Only sentences without doubt are read: those about the op itself, about one lock or all locks, on no other object than
the inode, and without a condition. Everything else has no reading. The forms:

    op "called" [ "by" or "when" ... "," ] "with" lock "held"   This is called with the inode->i_lock spinlock held.
    op "has" lock "held"                                        ->setlease has the file_list_lock held.
    op "called without" lock                                    ->fasync() is called without BKL protection.
    "callers hold" lock                                         Callers hold i_rwsem exclusive.
    lock "is" [ "not" ] "held"                                  s_umount is not held when ->statfs() is called.
    "the page is" [ "not" ] "locked"                            The folio is locked when ->launder_folio() is called.
    op ( "must not" | "may" ) ( "sleep" | "block" )             It must not sleep.

The one condition that is read is RCU mode, in which nothing may block: "With rcu set it must not sleep".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kbase.kernel.locks import canonical_subject, subject_of
from kbase.model.records import Held, Mode

MAY_BLOCK = "may block"
LONGEST = 400  # characters of a sentence; the longest that is read has 260
LOCKS_IN_WORDS = {
    "kernel lock": "BKL",
    "big kernel lock": "BKL",
    "inode semaphore": "i_rwsem",
    "directory inode semaphore": "i_rwsem",
    "inode mutex": "i_rwsem",
    "directory inode mutex": "i_rwsem",
    "page lock": "folio_lock",
    "folio lock": "folio_lock",
}
WORTH_READING = re.compile(r"lock|sem|mutex|BKL|h[eo]ld|sleep|RCU", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bie)(?<!\betc)[.;!?](?:\s+|$)|\n\s*\n")
OPENING = re.compile(r"^(?:note that|additionally,|also,|in addition,) ", re.IGNORECASE)

OP = r"(?:->)?[A-Za-z_]\w*(?:\(\))?"
ITSELF = r"it|this|(?:this|the) (?:method|function|operation|op|callback)"
IS_ITSELF = re.compile(ITSELF, re.IGNORECASE)
VERB = r"(?:is|are|has|have|must|may|can|cannot|can't)\b"
CLAUSE = re.compile(
    rf"(?:(?:(?P<itself>{ITSELF})|(?P<ops>{OP}(?:(?:, | and |, and ){OP})*)) (?={VERB}))?(?P<predicate>.*)",
    re.IGNORECASE,
)
WITHOUT_SUBJECT = re.compile(r"(?:called|must|may|can|cannot)\b", re.IGNORECASE)
ENTRY = rf"(?: on entry| by the caller| when (?P<entry>{ITSELF}|{OP}) is called)?"

IN_WORDS = "|".join(sorted(LOCKS_IN_WORDS, key=len, reverse=True))
LOCK = rf"(?:the |its |an? )?(?P<lock>{IN_WORDS}|(?:->)?[A-Za-z_]\w*(?:(?:->|\.)\w+)*(?:\(\w*\))?)"
LOCK += "(?: spinlock| mutex| semaphore| rwsem)?"
LOCK_WORDS = frozenset({"lock", "mutex", "rwlock", "rwsem", "sem", "spinlock", "umount"})  # parts of a lock's name
IN_MODE = (
    r"(?:,? (?:(?P<exclusive>exclusive(?:ly)?|for writ(?:e|ing)|in (?:exclusive|write) mode)"
    r"|(?P<shared>shared|for read(?:ing)?|in (?:shared|read) mode)))"
)
MODE = f"{IN_MODE}?"
ON_INODE = r"(?: on (?:(?:the|its) )?inode| on entry| by the caller)?"
REST = r"(?P<rest>,? (?:and|so) .*)?"
CALLED = r"(?:(?:is|are) (?:always )?)?called"
OF_OP = (
    ("called with", rf"{CALLED}(?: by [\w ]+?,?| when [^,]+,)? with {LOCK} held{MODE}{ON_INODE}{REST}"),
    ("called with", rf"{CALLED}(?: by [\w ]+?,?| when [^,]+,)? with {LOCK}{IN_MODE}{ON_INODE}{REST}"),
    ("has", rf"(?:has|have) {LOCK} held{MODE}{ON_INODE}{REST}"),
    ("has", rf"(?:has|have) {LOCK}{MODE} on (?:(?:the|its) )?inode{REST}"),
    ("without", rf"{CALLED} with(?:out any| no)(?: VFS)? (?P<every>locks?)(?: being)?(?: held)?{ON_INODE}{REST}"),
    ("without", rf"{CALLED} without {LOCK}(?: held| being held| protection)?{ON_INODE}{REST}"),
)  # fmt: skip
OF_CALLER = (
    ("caller", rf"(?:the )?callers? (?:holds?|must hold|has|have) {LOCK}(?: held)?{MODE}{ON_INODE}{REST}"),
    ("held", rf"{LOCK} (?:is|will be|must be) (?P<not>not )?held{MODE}{ENTRY}{REST}"),
    ("locked", rf"(?:the )?(?P<page>page|folio) (?:is|will be|must be) (?P<not>not )?locked{ENTRY}{REST}"),
)  # fmt: skip
OP_FORMS, CALLER_FORMS = (
    tuple((form, re.compile(pattern, re.IGNORECASE)) for form, pattern in forms) for forms in (OF_OP, OF_CALLER)
)
CONDITION = re.compile(
    r"\b(?:if|unless|when|while|until|except|only|sometimes|usually|generally|normally|often|mostly|either|but|"
    r"with|without|in|during|for)\b",
    re.IGNORECASE,
)

ACT = r"(?:sleep|block)(?:(?: or | and |/)(?:sleep|block))?"
NOT_BLOCK = rf"(?:must (?:not|never)|may not|cannot|can not|can't) {ACT}"
FORBIDDEN = re.compile(rf"(?:[^,]* and )?{NOT_BLOCK}|[^(]*\(it {NOT_BLOCK}\).*", re.IGNORECASE)
ALLOWED = re.compile(rf"(?:may|can|is allowed to) {ACT}", re.IGNORECASE)
CONDITIONAL = re.compile(r"\b(?:if|unless|when|while|until|except|only)\b", re.IGNORECASE)
RCU = r"(?:the )?(?:rcu(?:[-_ ]?walk)?(?: mode)?)"
IN_RCU = (
    rf"(?:(?:(?:if|when) )?(?:called )?(?:in|under) {RCU}|(?:with|if) (?:the )?rcu(?: (?:flag|argument))?(?: is)? set)"
)
RCU_FIRST = re.compile(rf"{IN_RCU},? (?P<clause>.*)", re.IGNORECASE)
RCU_LAST = re.compile(rf"{NOT_BLOCK},? {IN_RCU}(?: \(.*)?|may be called {IN_RCU}(?: \(.*)?", re.IGNORECASE)
NO_BLOCKING = re.compile(rf"{NOT_BLOCK}\b.*", re.IGNORECASE)
WITHOUT_BLOCKING = re.compile(r"the filesystem must [\w ]+ without (?:blocking|sleeping)\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceReading:
    """What one sentence says of a lock (None: of every lock) or, with the subject `may block`, of blocking.

    `form` is what the sentence says beside the name of the lock, empty if that is little: sentences with one form are
    the same sentence.
    """

    text: str  # the sentence, in one line
    subject: str | None
    held: Held
    modes: tuple[Mode, ...] = ()
    in_rcu: bool = False  # true in RCU mode only
    form: str = ""


def read_sentences(text: str, op: str, *, about: bool) -> Iterator[SentenceReading]:
    """The readings of the sentences of a text that speak of the op.

    `about`: the text is about that op alone, so "it", or no subject, means the op.
    """
    if WORTH_READING.search(text) is None:
        return
    for part in SENTENCE_END.split(text.replace("``", "").replace("*must*", "must")):
        sentence = OPENING.sub("", " ".join(part.split()))
        if len(sentence) > LONGEST:
            continue
        yield from _of_locks(sentence, op, about)
        blocking = _of_blocking(sentence, op, about)
        if blocking is not None:
            yield blocking


def _predicate(sentence: str, op: str, about: bool) -> str | None:
    """What a sentence says of the op; None where it speaks of something else."""
    found = CLAUSE.fullmatch(sentence)
    if found is None:
        return None
    if found["ops"]:
        return found["predicate"] if op in re.findall(r"\w+", found["ops"]) else None
    implied = found["itself"] or WITHOUT_SUBJECT.match(sentence)
    return found["predicate"] if about and implied else None


def _of_locks(sentence: str, op: str, about: bool) -> Iterator[SentenceReading]:
    predicate = _predicate(sentence, op, about)
    tried = [(each, predicate) for each in OP_FORMS if predicate] + [(each, sentence) for each in CALLER_FORMS]
    for (form, pattern), words in tried:
        found = pattern.fullmatch(words)
        if found is None or CONDITION.search(found.groupdict().get("rest") or ""):
            continue
        groups = found.groupdict()
        entry = groups.get("entry")
        if words is sentence and not (op in re.findall(r"\w+", entry) if entry and not _is_itself(entry) else about):
            continue
        every = bool(groups.get("every"))
        subject = None if every else "folio_lock" if groups.get("page") else _subject(groups["lock"])
        if subject is None and not every:
            continue
        modes = tuple(mode for mode in Mode if groups.get(mode))
        held = Held.NO if form == "without" or groups.get("not") else Held.YES
        rest = (groups.get("rest") or "").strip(" ,")
        yield SentenceReading(text=sentence, subject=subject, held=held, modes=modes, form=rest and f"{form} {rest}")
        return


def _is_itself(words: str) -> bool:
    return IS_ITSELF.fullmatch(words) is not None


def _subject(written: str) -> str | None:
    """The canonical lock; None for a word that is no lock's name, as `lock` alone is none."""
    parts = re.split(r"_|->|\.", written.lower())
    named = len(parts) > 1 and LOCK_WORDS.intersection(parts)
    return LOCKS_IN_WORDS.get(written.lower()) or canonical_subject(written) or (subject_of(written) if named else None)


def _of_blocking(sentence: str, op: str, about: bool) -> SentenceReading | None:
    rcu = RCU_FIRST.fullmatch(sentence)
    clause = rcu["clause"] if rcu else sentence
    predicate = _predicate(clause, op, about) or ""
    in_rcu = bool(rcu or RCU_LAST.fullmatch(predicate))
    if rcu:
        forbidden = bool(NO_BLOCKING.fullmatch(predicate) or (about and WITHOUT_BLOCKING.fullmatch(clause)))
    else:
        forbidden = in_rcu or bool(FORBIDDEN.fullmatch(predicate) and not CONDITIONAL.search(predicate))
    if not (forbidden or (not rcu and ALLOWED.fullmatch(predicate))):
        return None
    held = Held.NO if forbidden else Held.YES
    return SentenceReading(text=sentence, subject=MAY_BLOCK, held=held, in_rcu=in_rcu)
