"""The forms of sentences about ops, and what they say of locks, blocking, contexts and obligations.

Each pattern is data: its form, which describes the whole of a sentence, so that no condition is lost; and its meaning:
lock rules (`Says`) and obligations of the implementation (`Owes`). Named groups of a form fill in what differs:

    ops, itself   the subject; without one, or with "it", the ops that the sentences before are about
    op            an op named at the end: "... when turn() is called"
    lock, items   a lock; several locks with their modes: "a_lock held for reading, and with the b_lock held"
    page          page, folio or buffer head, whose lock is meant
    mode          of the lock; `scope`: the object that is locked; `when`: the condition
    force, what   of an obligation: must or should; the function that is called, or what is returned
    rest          what goes on about something else; it must not be a condition
"""

import re
from dataclasses import dataclass

from kbase.kernel.locks import IN_RCU_WALK, MAY_BLOCK, RCU_WALK, canonical_subject, subject_of
from kbase.model.records import Held
from kbase.model.words import Action, Effect, Force, Mode

LOCKS_IN_WORDS = {
    "kernel lock": "BKL",
    "big kernel lock": "BKL",
    "inode semaphore": "i_rwsem",
    "directory inode semaphore": "i_rwsem",
    "inode mutex": "i_rwsem",
    "directory inode mutex": "i_rwsem",
    "page lock": "folio_lock",
    "folio lock": "folio_lock",
    "page table lock": "ptl",
    "page table locked": "ptl",
    "RCU lock": "rcu_read_lock",
    "RCU read lock": "rcu_read_lock",
}
UNCERTAIN_LOCKS = ("superblock lock",)  # s_lock or s_umount, by the version
PAGES = {"page": "folio_lock", "folio": "folio_lock", "bh": "BH_Lock", "buffer": "BH_Lock"}
NO_LOCKS = frozenset({"file_lock", "fl_copy_lock", "copy_lock"})  # names of a struct and of ops
KINDS_OF_LOCK = frozenset({"lock", "mutex", "rwlock", "rwsem", "sem", "spinlock", "umount"})  # how a lock's name ends

# --- words ---

OP = r"(?:->)?[A-Za-z_]\w*(?:\(\))?"
OPS = rf"{OP}(?:(?:, and |, | and ){OP}){{0,24}}"  # the porting log has twelve in one sentence
ITSELF = r"it|this|they|(?:this|the) (?:method|function|operation|op|callback)"
IS = r"(?:is|are|will be|must be)"
SUBJECT = rf"(?:(?P<itself>{ITSELF})|(?P<ops>{OPS})(?: instances| implementations?| operations)?)"
WHO = rf"(?:(?:the )?(?:filesystems?|implementations?)|you|{SUBJECT})"
IN_WORDS = "|".join(sorted(LOCKS_IN_WORDS, key=len, reverse=True))
LOCK_NAME = rf"(?:{IN_WORDS}|(?:->)?[A-Za-z_]\w*(?:(?:->|\.)\w+)*(?:\(\w*\))?)"
LOCK_KIND = r"(?: spinlock| mutex| semaphore| rwsem| lock)?"
LOCK = rf"(?:the |its |an? )?(?:\(per-superblock\) )?(?P<lock>{LOCK_NAME}){LOCK_KIND}"
EXCLUSIVE = r"exclusive(?:ly)?|for writ(?:e|ing)|in (?:exclusive|write) mode"
SHARED = r"(?:at least )?shared|for read(?:ing)?|in (?:shared|read) mode"
IN_MODE = rf"(?:,? (?:{EXCLUSIVE}|{SHARED}|\((?:exclusive|shared)\)))"
MODE = rf"(?P<mode>{IN_MODE})?"
ITEM = rf"(?:sometimes )?(?:the |its |an? )?(?:file )?{LOCK_NAME}{LOCK_KIND}(?: held)?{IN_MODE}?"
ITEMS = rf"(?P<items>{ITEM}(?:,? and (?:with )?{ITEM})*)"
IN_ITEMS = re.compile(
    rf"(?P<sometimes>sometimes )?(?:the |its |an? )?(?:file )?(?P<lock>{LOCK_NAME}){LOCK_KIND}(?P<held> held)?"
    rf"(?P<mode>{IN_MODE})?",
    re.IGNORECASE,
)
JOINS_ITEMS = re.compile(r",? and (?:with )?", re.IGNORECASE)
PAGE = r"(?P<page>page|folio|bh|buffer)"
OBJECT = r"(?: on (?:the |its )?(?P<scope>[\w-]+(?: [\w-]+){0,6}?))?"
ENTRY = rf"(?: on (?:the )?entry| by the caller| when (?P<op>{ITSELF}|{OP}) is called)?"
REST = r"(?P<rest>(?:,? (?:and|so|but)|,| -) .*)?"
NOT_BLOCK = (
    r"(?:must (?:not|never)|may not|should not|cannot|is not allowed to) (?:sleep|block)"
    r"(?:(?: or | and |/)(?:sleep|block))?"
)
RCU_MODE = r"(?:the )?rcu(?:[-_ ]?walk)?(?: mode)?"
IN_RCU = (
    rf"(?:(?:(?:if|when) )?(?:called )?(?:in|under) {RCU_MODE}|(?:with|if) (?:the )?rcu(?: (?:flag|argument))?"
    r"(?: is)? set)"
)
IF = r"(?:(?P<when>(?:if|when|unless|in case) [^,]{1,200}),? (?:then )?)?"
FORCE = r"(?P<force>must not|must|should not|should|ha(?:s|ve) to|needs? to)"
CALLED_FUNCTION = r"(?:->\w+(?:\(\))?|\w++\(\)|[A-Za-z0-9]++_\w++(?!\())"
VALUE = r"(?:-E[A-Z]+|[A-Z][A-Z0-9]*_[A-Z0-9_]+|ERR_PTR\(-E[A-Z]+\)|NULL|0|zero|true|false)"


def lock_in_words(written: str) -> str | None:
    """The canonical lock; None for a word that is no lock's name, as `lock` alone is none."""
    name = written.lower()
    parts = [part for part in re.split(r"_|->|\.", name) if part]
    named = len(parts) > 1 and parts[-1] in KINDS_OF_LOCK and name not in NO_LOCKS
    known = next((lock for words, lock in LOCKS_IN_WORDS.items() if words.lower() == name), None)
    return known or canonical_subject(written) or (subject_of(written) if named else None)


# --- patterns ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """A lock rule of a pattern; what is not set here is taken from the groups of its form."""

    subject: str | None = None
    held: Held = Held.YES
    effect: Effect | None = None
    mode: Mode | None = None
    scope: str | None = None
    when: str | None = None
    every: bool = False  # about all locks
    context: bool = False  # the subject is no lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Owes:
    """An obligation of a pattern; what is not set here is taken from the groups of its form."""

    action: Action
    what: str | None = None
    subject: str | None = None
    force: Force | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """The form of a sentence, and what such a sentence says."""

    name: str
    form: re.Pattern[str]
    says: tuple[Says, ...] = ()
    owes: tuple[Owes, ...] = ()


def _pattern(name: str, form: str, *meaning: Says | Owes) -> Pattern:
    says = tuple(each for each in meaning if isinstance(each, Says))
    owes = tuple(each for each in meaning if isinstance(each, Owes))
    return Pattern(name, _form(form), says, owes)


def _form(form: str) -> re.Pattern[str]:
    return re.compile(form, re.IGNORECASE | re.DOTALL)  # a sentence has no new line; with it, ".*" never fails


HELD, MAYBE, NOT_HELD = Says(), Says(held=Held.MAYBE), Says(held=Held.NO)
BLOCKS = Says(subject=MAY_BLOCK, context=True)
NEVER_BLOCKS = Says(subject=MAY_BLOCK, held=Held.NO, context=True)
NOT_IN_RCU = Says(subject=MAY_BLOCK, held=Held.NO, context=True, when=IN_RCU_WALK)
WALKS = Says(subject=RCU_WALK, held=Held.MAYBE, context=True)
UNLOCKS = Says(held=Held.UNKNOWN, effect=Effect.UNLOCKS)
RETURNS_PAGE = Says(subject="folio_lock", held=Held.UNKNOWN, effect=Effect.RETURNS_LOCKED)
NOT_TRUNCATED = "unless the page has been truncated"
PATTERNS: tuple[Pattern, ...] = (
    # Which lock is held.
    _pattern("has", rf"(?:(?P<when>cross-directory) )?{SUBJECT}(?: on (?P<of>directories))? "
             r"(?:also )?(?:has|have|will have) "
             rf"{LOCK}(?: held)?{MODE}{LOCK_KIND}{OBJECT}(?: (?P<if>(?:if|when) [^,]+))?{REST}", HELD),
    _pattern("called with", rf"(?:{SUBJECT} {IS} (?:now |always )?)?called"
             r"(?: by [\w ]+?,?| when [^,]+,| for \w+| (?P<when>on final iput\(\)))? "
             rf"with {ITEMS}{OBJECT}{ENTRY}{REST}", HELD),
    _pattern("at the end, called with", rf"(?P<when>on (?:the )?final iput\(\)), {SUBJECT} {IS} called with {LOCK} "
             rf"held{REST}", HELD),
    _pattern("generally called with", rf"{SUBJECT} {IS} (?P<when>generally|usually) called with {ITEMS}",
             MAYBE),
    _pattern("caller holds", rf"(?:{SUBJECT} )?(?:the )?callers? (?:always )?(?:holds?|must hold|has|have) {LOCK}"
             rf"(?: held)?{MODE}{OBJECT}{ENTRY}{REST}", HELD),
    _pattern("is held", rf"(?:(?P<when>(?:if|for) [^,]+?)(?: however)?, (?:then )?)?{LOCK}{OBJECT}(?: itself)? {IS} "
             rf"(?:still |also |being )?held{MODE}{ENTRY}{REST}", HELD),
    _pattern("object has", rf"the (?P<scope>[\w ]{{1,60}}?) has {LOCK} held{MODE} when (?P<op>{OP}) is called", HELD),
    _pattern("pinned by RCU", r"our vfsmount is pinned, and (?P<lock>RCU) held,.*", Says(subject="rcu_read_lock")),
    _pattern("page is locked", rf"(?:the )?{PAGE}s? {IS} (?:[\w ]+ and are )?locked{ENTRY}{REST}", HELD),
    _pattern("PageLocked", r"(?:[\w ]+ and )?(?P<lock>PageLocked) is true", HELD),
    _pattern("kept locked", rf"(?:in order )?to [^,]{{0,80}}?\b{PAGE}\b[^,]{{0,80}}, it (?:is|needs to be) kept locked"
             r" (?:during|across) the (?:whole|entire) operation", HELD),
    _pattern("stays locked", rf"the {PAGE} (?:stays|has to stay) locked (?:throughout|(?:during|across) "
             r"the (?:whole|entire) operation)(?:, so that .*)?", HELD),
    _pattern("called beside", r"also called before [^(]*\(in this case with (?P<lock>\w+) locked"
             r"(?P<mode> exclusive| shared)\)", Says(when="called before the relevant SET operation")),
    _pattern("held by the truncating", rf"the filesystem must (?P<mode>exclusively) acquire {LOCK} before invalidating "
             rf"page cache (?P<when>in [\w /]+ path)(?: \(and thus calling into (?P<op>{OP})\))?.*", HELD),
    _pattern("taken by the truncating", rf"(?P<when>on [\w /]{{1,80}} paths?|on the paths? of [\w /]{{1,80}}), the "
             rf"filesystem must (?:acquire|take) {LOCK} (?P<mode>exclusively) before it invalidates page "
             r"cache\b.*", HELD),
    # Which lock is not held.
    _pattern("called without", rf"(?:{SUBJECT} {IS} (?:now )?)?called without (?!any\b){LOCK}"
             rf"(?: held| being held| protection)?{OBJECT}{ENTRY}(?: now)?{REST}", NOT_HELD),
    _pattern("called without taking", rf"{SUBJECT} {IS} called without taking down_(?:write|read)"
             r"\(&?(?:\w+->)?(?P<lock>\w+)\)", NOT_HELD),
    _pattern("called without locks", rf"(?:{SUBJECT} {IS} (?:now )?)?called with(?:out any| no)(?: VFS)? locks?"
             rf"(?: being)?(?: held)?{ENTRY}{REST}", Says(held=Held.NO, every=True)),
    _pattern("no lock is held", rf"as no lock is held, (?P<ops>{OP}) should not .*", Says(held=Held.NO, every=True)),
    _pattern("not called with", rf"{SUBJECT} {IS} (?:not|no longer) called with {LOCK}(?: held)?(?: any ?more)?{REST}",
             NOT_HELD),
    _pattern("is not held", rf"{LOCK} {IS} not held{ENTRY}{REST}", NOT_HELD),
    _pattern("page is not locked", rf"(?:the )?{PAGE} {IS} not locked{ENTRY}{REST}", NOT_HELD),
    _pattern("does not have", rf"(?:(?P<when>when called [^,]+), )?{SUBJECT} does not have {LOCK}(?: held)?", NOT_HELD),
    _pattern("everything else", rf"everything else(?: \([^()]*(?:\(\)[^()]*)*+\))? does not hold it when calling "
             rf"(?P<op>{OP}){REST}", Says(held=Held.NO, when="called by everything else")),
    # Which lock may be held.
    _pattern("with and without", rf"{SUBJECT} (?:may|can) be called (?:both )?with (?:and|or) without {LOCK}"
             r"(?: held)?(?: on (?P<scope>[\w>-]+))?", MAYBE),
    _pattern("may be without", rf"(?:[^,]+, (?:and|but) )?{SUBJECT} (?:may|can) (?:also )?be called without {LOCK}"
             r" held", MAYBE),
    _pattern("may not be held", rf"{LOCK} may not be held when (?P<op>{ITSELF}|{OP}) is called", MAYBE),
    _pattern("may be locked", rf"{SUBJECT} (?:may|can) be called with (?:the )?(?P<scope>parent) locked"
             r"(?P<mode>(?: in)? (?:shared|exclusive)(?: mode)?)",
             Says(subject="i_rwsem", held=Held.MAYBE)),
    _pattern("usually locked", rf"(?:{SUBJECT} [\w -]{{1,80}} - )?usually it is called with (?:the )?lock on {PAGE}, "
             r"but that is not guaranteed", MAYBE),
    _pattern("sometimes not locked", rf"(?:{SUBJECT} )?.{{0,120}}?\bis sometimes called with the {PAGE} "
             r"not locked", MAYBE),
    _pattern("sometimes unlocked", rf"(?:[^,]{{1,120}}, and )?the {PAGE} is sometimes not locked", MAYBE),
    _pattern("either lock", rf"[\w ]{{1,80}} because either (?:the|its) caller holds the (?:{IN_WORDS}),? or "
             r"the caller has [\w ]{1,80} while holding the page table lock .*",
             Says(subject="folio_lock", held=Held.MAYBE, when="either the folio lock or the page table lock"),
             Says(subject="ptl", held=Held.MAYBE, when="either the folio lock or the page table lock")),
    _pattern("one lock or the other", rf"[\w ]{{1,80}} is either the (?:{IN_WORDS}),? held by the caller,? or the "
             r"page table lock,? under which the caller [\w ]{1,80}",
             Says(subject="folio_lock", held=Held.MAYBE, when="either the folio lock or the page table lock"),
             Says(subject="ptl", held=Held.MAYBE, when="either the folio lock or the page table lock")),
    _pattern("only ones by", rf"{SUBJECT} functions [\w ]{{0,40}}guaranteed to be [\w ]{{1,80}} by the quota code "
             r"\(via (?P<lock>\w+)\).*", Says(held=Held.MAYBE, when="called by the quota code")),
    _pattern("freed under", rf"leases [\w ]+ can still be freed while the (?P<lock>\w+) is held and so (?P<ops>{OP}) "
             r"(?P<when>called on a lease) should not block", MAYBE, NEVER_BLOCKS),
    _pattern("since freed under", rf"(?:as|since) leases (?:can|may) (?:still )?be freed under (?:the )?(?P<lock>\w+), "
             rf"(?P<ops>{OP}) {NOT_BLOCK} when (?P<when>called on a lease)", MAYBE, NEVER_BLOCKS),
    # What becomes of the lock.
    _pattern("unlocks", rf"{SUBJECT} unlocks the {PAGE}s?(?: (?P<scope>that .+?))?"
             rf"(?:, either synchronously or via I/O completion| like {OP})?", UNLOCKS),
    _pattern("unlocks those", rf"of (?:the|its) {PAGE}s, {SUBJECT} unlocks those (?P<scope>that [^,]{{1,80}})"
             rf"(?:, as {OP} does)?", UNLOCKS),
    _pattern("unlocked on completion", rf"(?P<when>usually) the {PAGE} {IS} unlocked by [\w/ ]+ handler",
             UNLOCKS),
    _pattern("unlocks the superblock", rf"{SUBJECT} takes a write-locked superblock, .*\bunlocks\b.*",
             Says(subject="s_umount", mode=Mode.EXCLUSIVE, effect=Effect.UNLOCKS)),
    _pattern("returns superblock", rf"{SUBJECT} returns error or (?:0 with )?(?:a )?locked superblock"
             r"(?: attached to the vfsmount)? \((?P<mode>exclusive) on (?P<lock>[\w>-]+)\)",
             Says(held=Held.UNKNOWN, effect=Effect.RETURNS_LOCKED, when="on success")),
    _pattern("superblock or error", rf"{SUBJECT} returns (?:0 with )?(?:a|the) superblock (?:attached to the "
             r"vfsmount and )?locked (?P<mode>exclusively) on (?P<lock>[\w>-]+), or an error",
             Says(held=Held.UNKNOWN, effect=Effect.RETURNS_LOCKED, when="on success")),
    _pattern("superblock on return", r"(?:its superblock (?=\w+ be)|on success, it (?=\w+ return))"
             r"(?P<force>should|must) (?:be locked on return|return with the superblock(?: of (?:that|the) dentry)? "
             r"locked)",
             Says(subject="s_umount", held=Held.UNKNOWN, effect=Effect.RETURNS_LOCKED, when="on success"),
             Owes(action=Action.RETURNS, what="the superblock locked", subject="s_umount", when="on success")),
    _pattern("returns page", rf"(?:the filesystem|it) (?P<force>must|has to) return(?:, in [^,]+,)? the locked "
             rf"(?:pagecache )?{PAGE} .*",
             RETURNS_PAGE, Owes(action=Action.RETURNS, what="the locked folio", subject="folio_lock")),
    _pattern("returns instead", rf"(?:[\w ]+: - )?{SUBJECT} returns (?:a|the) locked {PAGE} \([^()]*\) "
             r"(?:rather than being given a pre locked page|instead of getting it locked)",
             Says(held=Held.NO, effect=Effect.RETURNS_LOCKED)),
    _pattern("fault", r"(?P<when>if [^,]{0,80}\bpage may be truncated[^,]{0,80}), then the "
             rf"filesystem (?P<force>must) lock (?:the {PAGE}|{LOCK}), then ensure .*, and then return with "
             r"VM_FAULT_LOCKED, and the page locked", RETURNS_PAGE, Owes(action=Action.TAKES),
             Owes(action=Action.RETURNS, what="VM_FAULT_LOCKED, with the page locked", subject="folio_lock")),
    _pattern("fault, in order", r"(?P<when>(?:if|where) [^,]{0,80}\bpage [^,]{0,20}be truncated[^,]{0,80}), the "
             rf"filesystem (?P<force>must) first (?:lock|take) (?:the {PAGE}|{LOCK}), check [^()]{{1,200}}, and return "
             r"VM_FAULT_LOCKED with the page locked", RETURNS_PAGE, Owes(action=Action.TAKES),
             Owes(action=Action.RETURNS, what="VM_FAULT_LOCKED, with the page locked", subject="folio_lock")),
    _pattern("page on return", r"the filesystem again (?P<force>must) (?:ensure that|rule out) .*,? and (?:then )?"
             r"return (?:with )?the page locked",
             Says(subject="folio_lock", held=Held.UNKNOWN, effect=Effect.RETURNS_LOCKED, when=NOT_TRUNCATED),
             Owes(action=Action.RETURNS, what="the page locked", subject="folio_lock", when=NOT_TRUNCATED)),
    # Whether it may block.
    _pattern("must not block", rf"(?:{SUBJECT} )?{NOT_BLOCK}(?P<rest>(?:,? and|,) .*)?", NEVER_BLOCKS),
    _pattern("and must not block", rf"{SUBJECT} (?!if\b)[^,]{{0,200}}? and {NOT_BLOCK}", NEVER_BLOCKS),
    _pattern("since, must not block", rf"since {SUBJECT} may be called by [\w ]+, it should not [^,]*, and it "
             rf"{NOT_BLOCK}", NEVER_BLOCKS),
    _pattern("it cannot block", rf"{SUBJECT} may be called [^(]*\(it {NOT_BLOCK}\).*", NEVER_BLOCKS),
    _pattern("may block", rf"(?:{SUBJECT} )?(?:may|can|is allowed to) (?:sleep|block)(?: or (?:sleep|block))?", BLOCKS),
    _pattern("may block for", rf"{SUBJECT} (?P<when>for [\w ]+?) is (?:currently )?allowed to block", BLOCKS),
    # In which context it runs.
    _pattern("in RCU walk", rf"(?:{SUBJECT} )?may (?:now )?be called {IN_RCU}(?: \((?P<when>[^()]*)\))?(?: - .*)?",
             WALKS),
    _pattern("never in RCU walk", rf"{SUBJECT} is (?:only called|called only) (?:after leaving|once the walk has left) "
             rf"{RCU_MODE}",
             Says(subject=RCU_WALK, held=Held.NO, context=True)),
    _pattern("parameter for RCU walk", rf"(?P<when>if the '?\w+'? parameter is true), then the caller is [\w ]*"
             rf"pathwalk in {RCU_MODE}", WALKS),
    _pattern("without blocking in RCU walk", rf"{IN_RCU}, the filesystem must [\w ]+ without (?:blocking|sleeping)\b.*",
             NOT_IN_RCU),
    _pattern("RCU walk forbids", rf"{IN_RCU},? (?:{SUBJECT} )?{NOT_BLOCK}.*", NOT_IN_RCU),
    _pattern("forbidden in RCU walk", rf"(?:{SUBJECT} )?{NOT_BLOCK},? {IN_RCU}(?: \(.*)?", NOT_IN_RCU),
    _pattern("no sleep in this mode", r"(?P<mode_named>sleeping is not permitted in this mode), and .*", NOT_IN_RCU),
    _pattern("RCU callback", rf"{SUBJECT} is called from (?:an )?RCU callback",
             Says(subject="RCU callback", context=True)),
    _pattern("interrupts", rf"(?:{SUBJECT} is )?called from interrupts",
             Says(subject="interrupt context", context=True)),
    # What the implementation must do about locks.
    _pattern("must take", rf"(?:(?P<when>to [^,]+), |since [^,]*(?:\([^()]*(?:\(\)[^()]*)*+\))?, )?(?:the )?{WHO} "
             rf"{FORCE} (?:take|acquire) {LOCK}(?: to .*)?", Owes(action=Action.TAKES)),
    _pattern("must take itself", rf"{SUBJECT} is not called with {LOCK} held any ?more, so (?P<when>if you require "
             r"[\w ]+?) you (?P<force>must) make sure to take [\w ]+ yourself", Owes(action=Action.TAKES)),
    _pattern("take yourself", rf"{SUBJECT} {IS} (?:now )?called without {LOCK} held, so take [\w ]*\bit yourself "
             r"(?P<when>if you require [\w ]+)", Owes(action=Action.TAKES, force=Force.MUST)),
    _pattern("must take the appropriate", r"(?P<when>if your fs is not using [\w()]+), you (?P<force>need to|must) "
             rf"acquire and release (?:the )?(?P<what>appropriate locks) in your (?P<op>{OP})",
             Owes(action=Action.TAKES)),
    _pattern("must not drop", rf"{SUBJECT} (?:is|are) not permitted to drop(?:/regain)? {LOCK}",
             Owes(action=Action.DROPS, force=Force.MUST_NOT)),
    _pattern("must unlock", rf"(?:the )?{WHO} {FORCE} unlock the {PAGE}(?: synchronously, before returning to the "
             r"caller,)?(?: (?P<when>(?:once|unless|when) [^,]+)(?:, whether .*)?)?", Owes(action=Action.DROPS)),
    _pattern("must care for unlocking", r"(?:the filesystem|implementations) (?P<force>must|has to|have to) "
             rf"(?:take care of|see to) unlocking the {PAGE}\b.*", UNLOCKS, Owes(action=Action.DROPS)),
    _pattern("must make sure it is unlocked", rf"{SUBJECT} [^.]{{0,120}}(?P<force>should|must) make sure "
             rf"(?:that )?the {PAGE} (?:{IS}|gets) unlocked, "
             r"(?:either (?:a?synchronously(?: or )?)+ when .*|synchronously or, [\w ]+, asynchronously)",
             UNLOCKS, Owes(action=Action.DROPS)),
    _pattern("to be unlocked", rf"the {PAGE} {IS} locked (?:when {OP} is called|on entry), and (?:the filesystem )?"
             r"(?P<force>should|must) (?:be unlocked|unlock it) (?:[\w ]+? )?(?P<when>once [^,]+)", UNLOCKS,
             Owes(action=Action.DROPS)),
    # What it must call or return.
    _pattern("must call", rf"(?:(?:if you define|where the filesystem defines) this method, |(?P<usually>usually) "
             rf"|{IF})(?:the )?(?:(?P<other>other) )?{WHO} {FORCE} (?:call|run|use) "
             rf"(?P<what>{CALLED_FUNCTION}(?:,? or (?:the helper )?{CALLED_FUNCTION})?)"
             r"(?P<after>,? (?:to|against|before|yourself|itself|explicitly|from|and return|in the) ?.*)?",
             Owes(action=Action.CALLS)),
    _pattern("must call and unlock", rf"(?P<when>unless [^,]+, [\w ]+?), {WHO} {FORCE} (?:run|call) "
             rf"(?P<what>{CALLED_FUNCTION}) (?:against|for) the page(?:, followed by unlocking it| and then unlock it)",
             Owes(action=Action.CALLS), Owes(action=Action.DROPS, what="the page lock", subject="folio_lock")),
    _pattern("must return", rf"{IF}(?:the )?{WHO} {FORCE} return (?P<what>{VALUE}|an error code)"
             r"(?: (?P<returned>(?:for|if|when) [^,]+)| so that .*)?", Owes(action=Action.RETURNS)),
    _pattern("return to leave", rf"(?P<when>if [^,]+), (?:have it )?return (?P<what>{VALUE})(?: and it will .*)?",
             Owes(action=Action.RETURNS, force=Force.MUST)),
    _pattern("return with", r"(?P<when>if the page (?:has been|was) truncated), the filesystem should not [^,]*, but "
             rf"simply return with (?P<what>{VALUE}),.*", Owes(action=Action.RETURNS, force=Force.SHOULD)),
    _pattern("to be returned", rf"{IF}(?P<what>{VALUE}|an error code) (?P<force>should|must) be returned"
             r"(?: (?P<returned>(?:if|to) .*))?", Owes(action=Action.RETURNS)),
    _pattern("indicate failure", rf"(?P<when>if {OP} fails(?: for some reason)?), it (?P<force>must|should) indicate "
             r"failure with a (?P<what>0|zero) return value", Owes(action=Action.RETURNS)),
)  # fmt: skip
