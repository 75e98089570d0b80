"""The forms of sentences and steps about the order in which locks are taken, and the order that each states.

Each pattern is data: its form, which describes the whole of a sentence (or of a clause of a step), and its meaning.
Named groups of a form fill in what differs:

    lock, other   two locks, by name, in the order in which they are taken
    scope         the object whose lock a step takes
    mode          in which a step takes it

Sentences that only say "lock" mean the lock of an inode or of a filesystem, whichever the document names at its start.
"""

import re
from dataclasses import dataclass

from kbase.model.lock_orders import Among

IN_WORDS = {"per-dentry lock": "d_lock"}
NAMES = "|".join((*IN_WORDS, r"(?:->)?[A-Za-z_]\w*+"))
LOCK, OTHER = (rf"(?:the )?(?P<{group}>{NAMES})" for group in ("lock", "other"))
MODE = r"(?: \((?P<mode>exc?lusive|shared)(?:; [^()]*)?\))?"  # 6.8 has a typo in it
SAME_FILESYSTEM = "on the same filesystem"
NEITHER, BOTH = "if neither is an ancestor of the other", "if both are locked"
SOURCE_AND_TARGET = "source and target"
FILESYSTEM, DIRECTORIES, NON_DIRECTORIES = "filesystem", "directories", "non-directories"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A lock of an order: the one that the form names in `group`, else that of an inode or of a filesystem."""

    group: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """An order that a sentence states: of two locks, or with `among` of the objects of one."""

    first: Side
    second: Side | None = None
    among: Among | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a clause of a step takes: the lock of an object, or of several in some order.

    What is not set is taken from the groups of its form. Without `takes`, it is about the objects of the step before.
    """

    scope: str | None = None
    among: Among | None = None
    among_when: str | None = None
    when: str | None = None
    takes: bool = True


@dataclass(frozen=True, slots=True)
class SentencePattern:
    """The form of a sentence, or of two in a row, and the orders that it states.

    `ranked`: it speaks of ranks, which are an order only if the text says that locks are taken by rank.
    """

    name: str
    form: re.Pattern[str]
    says: tuple[Says, ...]
    sentences: int = 1
    ranked: bool = False


@dataclass(frozen=True, slots=True)
class StepPattern:
    """The form of a clause of a step, and what it takes; nothing, if it only says what later ones are about."""

    name: str
    form: re.Pattern[str]
    takes: Takes | None = None


def _form(form: str) -> re.Pattern[str]:
    return re.compile(form, re.IGNORECASE | re.DOTALL)


def _sentence(name: str, form: str, *says: Says, sentences: int = 1, ranked: bool = False) -> SentencePattern:
    return SentencePattern(name, _form(form), says, sentences, ranked)


def _step(name: str, form: str, takes: Takes | None = None) -> StepPattern:
    return StepPattern(name, _form(form), takes)


# --- words ---

THE = "(?:the )?"
TAKE, TAKEN, TAKING = "(?:take|acquire)", "(?:taken|acquired)", "(?:taking|acquiring)"
IS = "(?:is|are)"
DIRECTORY = "(?:all )?(?:directory objects?|directories)"
NON_DIRECTORY = "(?:an? |any |multiple |several )?(?:non-directory objects?|non-directory|non-directories)"
ONE_FILESYSTEM = "(?:on|of) (?:the same|that|a given|given|a|one) filesystem"
BY_POINTER = r"(?:in inode pointer order|in (?:the )?order (?:by|of) (?:increasing|rising) address(?:es)?)"
LOWER = "(?:rank lower|lower rank|lower)"
NON = "(?:non-directory|non-dir)"
BOTH_OF_THEM = f"{THE}source and {THE}target"
NEED_BOTH = rf"(?:if that means we|if we|in case that means we|where we) (?:need to|must) lock both(?: {BOTH_OF_THEM})?"
OF_TWO = r"(?:if we need to lock|where we lock) two (?:inodes|objects) of"
NO_ANCESTOR = r"(?:if|where) (?:(?:one is not|neither is)(?: an)? ancestor of|neither lies above) the other, "
DO_SO = "(?:lock them|do so|take them)"

# --- sentences ---

FIRST, SECOND = Side(group="lock"), Side(group="other")
OF_DIRECTORIES, OF_OTHERS = Side(scope=DIRECTORIES), Side(scope=NON_DIRECTORIES)
KINDS = _form(
    r"(?:[\w ]+ (?:is based on|has) )?two kinds of locks?(?:: | - )"
    r"(?:per-inode \()?(?P<inode>(?:->)?\w+)(?:\)| of (?:each|an) inode) and "
    r"(?:per-filesystem \()?(?P<filesystem>(?:->)?\w+)(?:\)| of (?:each|a) filesystem)"
)
RANKING = _form(
    rf"(?:there is a ranking [^,;]{{0,40}}, such that|locks have ranks, and) [\w ]{{0,40}} {TAKE} them in "
    r"(?:the )?order of (?:non-decreasing|increasing|rising) rank"
)
NAMED, OTHERS_NAMED = Side(group="lock", scope=NON_DIRECTORIES), Side(group="other", scope=NON_DIRECTORIES)
SENTENCES: tuple[SentencePattern, ...] = (
    _sentence("several by address", rf"when {TAKING} {LOCK} (?:on|of) {NON_DIRECTORY}, we (?:always )?{TAKE} "
              rf"(?:them|the locks) {BY_POINTER}", Says(first=NAMED, among=Among.BY_ADDRESS)),
    _sentence("after all others", rf"(?:\(\d\) )?any operation (?:holds|has) at most one lock (?:on|of) "
              rf"{NON_DIRECTORY} and (?:that lock|it) {IS} {TAKEN} (?:after|behind) all (?:other locks|others)",
              Says(first=Side(scope=FILESYSTEM), second=OF_OTHERS), Says(first=OF_DIRECTORIES, second=OF_OTHERS)),
    _sentence("after directories", rf"(?:\(\d\) )?(?:the )?locks (?:on|of) {NON_DIRECTORY} {IS} {TAKEN} only after "
              rf"(?:the )?locks (?:on|of) {DIRECTORY}, and {IS} {TAKEN} {BY_POINTER}",
              Says(first=OF_DIRECTORIES, second=OF_OTHERS), Says(first=OF_OTHERS, among=Among.BY_ADDRESS)),
    _sentence("ranked by address", rf"rank {LOCK} of {NON_DIRECTORY} {ONE_FILESYSTEM} {BY_POINTER}",
              Says(first=NAMED, among=Among.BY_ADDRESS, when=SAME_FILESYSTEM), ranked=True),
    _sentence("ranks of directories", rf"put {LOCK} of {DIRECTORY} {ONE_FILESYSTEM} at (?:the same|one) rank, {LOWER} "
              rf"than {OTHER} of {NON_DIRECTORY} {ONE_FILESYSTEM}",
              Says(first=Side(group="lock", scope=DIRECTORIES), second=OTHERS_NAMED, when=SAME_FILESYSTEM),
              ranked=True),
    _sentence("lower rank", rf"put {LOCK} at (?:an? )?{LOWER} than (?:that of )?any {OTHER} {ONE_FILESYSTEM}",
              Says(first=FIRST, second=SECOND, when=SAME_FILESYSTEM), ranked=True),
    _sentence("in that order", rf"(?:all dentry hash chain updat(?:ion|e)s|any update of a dentry hash chain) must "
              rf"{TAKE} {LOCK} (?:as well as|and) {OTHER} in (?:that|this) order",
              Says(first=FIRST, second=SECOND, when="to update a hash chain of dentries")),
    _sentence("ranks above", rf"(?:lock ordering has (?:been )?changed so that )?{LOCK} (?:now )?ranks above {OTHER}"
              rf"(?: again)?\. all places where (?P=lock) was {TAKEN} under (?P=other) have been (?:fixed up|fixed"
              r"|changed)",
              Says(first=FIRST, second=SECOND), sentences=2),  # its second sentence says what "above" means
)  # fmt: skip

# --- steps ---

STEPS: tuple[StepPattern, ...] = (
    _step("filesystem", rf"(?:{THE}caller )?locks? {THE}filesystem", Takes(scope=FILESYSTEM)),
    _step("one object", rf"(?:{THE}caller )?locks? {THE}(?P<scope>parent|victim|source){MODE}", Takes()),
    _step("parents", rf'locks? {THE}parents (?:in )?"?ancestors first"?(?: order)?{MODE}',
          Takes(scope="parents", among=Among.ANCESTORS_FIRST)),
    _step("parent of the source", rf"{NO_ANCESTOR}(?:lock {THE}parent of {THE}source first|begin with that of "
          rf"{THE}source)",
          Takes(among=Among.SOURCE_FIRST, among_when=NEITHER, takes=False)),
    _step("parents by address", rf"{NO_ANCESTOR}{DO_SO} {BY_POINTER}",
          Takes(among=Among.BY_ADDRESS, among_when=NEITHER, takes=False)),
    _step("target", rf"(?:in any case, )?if (?:{THE}target (?:already )?exists|there is a target)(?: -|,) (?:always )?"
          r"locks? it",
          Takes(scope="target", when="if the target exists")),
    _step("source", rf"if {THE}source is an? {NON}, lock it|unless {THE}source is a directory, lock that as well",
          Takes(scope="source", when="if the source is no directory")),
    _step("exchange", r"(?:in case of(?: an)? exchange(?: \([^()]*(?:\(\)[^()]*)?\))?|if it(?:'s| is) an exchange,) "
          rf"lock both(?: {BOTH_OF_THEM})?", Takes(scope=SOURCE_AND_TARGET, when="in an exchange")),
    _step("both", rf"(?:we )?lock both(?: {BOTH_OF_THEM})?(?: \(provided they exist\)| provided they exist|, as far as "
          r"they exist)",
          Takes(scope=SOURCE_AND_TARGET, when="those that exist")),
    _step("both by address", rf"{NEED_BOTH}, {DO_SO} {BY_POINTER}",
          Takes(scope=SOURCE_AND_TARGET, among=Among.BY_ADDRESS, among_when=BOTH, takes=False)),
    _step("directories first", rf"{OF_TWO} different types?(?: \([^()]*\))?, (?:we lock {THE}directory first|the "
          r"directory comes first)",
          Takes(among=Among.DIRECTORIES_FIRST, among_when="if they are of different types", takes=False)),
    _step("same type by address", rf"{OF_TWO} the same type, {DO_SO} {BY_POINTER}",
          Takes(among=Among.BY_ADDRESS, among_when="if they are of the same type", takes=False)),
    _step("those needed", rf"{TAKE} (?:the locks that need to be {TAKEN}|these locks){MODE}, {BY_POINTER} if "
          rf"(?:(?:we )?need to {TAKE} both|both are {TAKEN})(?: \([^()]*\))?",
          Takes(scope=SOURCE_AND_TARGET, when="those that need to be locked", among=Among.BY_ADDRESS, among_when=BOTH)),
    _step("subdirectories", rf"locks? {THE}subdirectories(?: involved)?{MODE}(?:, source before target| "
          r"\(source before target\)|, the source first)", Takes(scope="subdirectories", among=Among.SOURCE_FIRST)),
    _step("non-directories", rf"locks? {THE}non-directories(?: involved)?{MODE}, {BY_POINTER}",
          Takes(scope=NON_DIRECTORIES, among=Among.BY_ADDRESS)),
    _step("decided before", rf"(?:then )?(?:we )?decide which of {BOTH_OF_THEM} (?:need to be|are) locked"),
    _step("found out before", r"find out which of the two to lock"),
    _step("needed where", rf"(?:{THE}source needs to be locked if it(?:'s| is) an? {NON})?(?:, )?(?:{THE}target - if "
          rf"it(?:'s| is) an? {NON} or about to be removed)?"),
)  # fmt: skip
LOCKS = re.compile(r"\b(?:un)?lock|\btak(?:e|ing)|\bdrop|\breleas", re.IGNORECASE)
CALL = re.compile(r"\bcalls? the method\b", re.IGNORECASE)  # behind the last step
ALL_EXCLUSIVE = _form(r"(?:all )?locks are exclusive|all (?:->)?\w+ are (?:taken )?exclusive")
