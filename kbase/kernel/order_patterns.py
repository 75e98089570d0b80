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
EXCHANGE = "in an exchange"
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


FIRST, SECOND = Side(group="lock"), Side(group="other")
OF_DIRECTORIES, OF_OTHERS = Side(scope=DIRECTORIES), Side(scope=NON_DIRECTORIES)
BY_ADDRESS = Says(first=OF_OTHERS, among=Among.BY_ADDRESS)
KINDS = _form(
    r"(?:[\w ]+ is based on )?two kinds of locks - per-inode \((?P<inode>(?:->)?\w+)\) and per-filesystem "
    r"\((?P<filesystem>(?:->)?\w+)\)"
)
RANKING = _form(
    r"there is a ranking on the locks, such that all [\w ]+ take them in order of (?:non-decreasing|increasing) rank"
)
SENTENCES: tuple[SentencePattern, ...] = (
    _sentence("several by address", rf"when taking {LOCK} on multiple non-directory objects, we always acquire the "
              r"locks in order by increasing address",
              Says(first=Side(group="lock", scope=NON_DIRECTORIES), among=Among.BY_ADDRESS)),
    _sentence("after all others", r"(?:\(\d\) )?any operation holds at most one lock on (?:a )?non-directory object "
              r"and that lock is acquired after all other locks",
              Says(first=Side(scope=FILESYSTEM), second=OF_OTHERS), Says(first=OF_DIRECTORIES, second=OF_OTHERS)),
    _sentence("after directories", r"(?:\(\d\) )?locks on non-directory objects are acquired only after locks on "
              r"directory objects, and are acquired in inode pointer order",
              Says(first=OF_DIRECTORIES, second=OF_OTHERS), BY_ADDRESS),
    _sentence("ranked by address", rf"rank {LOCK} of non-directories on (?:a )?given filesystem in inode pointer order",
              Says(first=Side(group="lock", scope=NON_DIRECTORIES), among=Among.BY_ADDRESS, when=SAME_FILESYSTEM),
              ranked=True),
    _sentence("ranks of directories", rf"put {LOCK} of all directories on a filesystem at the same rank, lower than "
              rf"{OTHER} of any non-directory on the same filesystem",
              Says(first=Side(group="lock", scope=DIRECTORIES), second=Side(group="other", scope=NON_DIRECTORIES),
                   when=SAME_FILESYSTEM), ranked=True),
    _sentence("lower rank", rf"put {LOCK} at rank lower than that of any {OTHER} on the same filesystem",
              Says(first=FIRST, second=SECOND, when=SAME_FILESYSTEM), ranked=True),
    _sentence("in that order", rf"all dentry hash chain updat(?:ion|e)s must take {LOCK} as well as {OTHER} in that "
              r"order", Says(first=FIRST, second=SECOND, when="to update a hash chain of dentries")),
    _sentence("ranks above", rf"lock ordering has been changed so that {LOCK} ranks above {OTHER}(?: again)?\. all "
              r"places where (?P=lock) was taken under (?P=other) have been fixed up",  # without this, not certain
              Says(first=FIRST, second=SECOND), sentences=2),
)  # fmt: skip
STEPS: tuple[StepPattern, ...] = (
    _step("filesystem", r"(?:caller )?locks? the filesystem", Takes(scope=FILESYSTEM)),
    _step("one object", rf"(?:caller )?locks? (?:the )?(?P<scope>parent|victim|source){MODE}", Takes()),
    _step("parents", rf'locks? (?:the )?parents in "ancestors first" order{MODE}',
          Takes(scope="parents", among=Among.ANCESTORS_FIRST)),
    _step("parent of the source", r"if (?:one is not an?|one is not|neither is an?) ancestor of the other, lock the "
          r"parent of (?:the )?source first", Takes(among=Among.SOURCE_FIRST, among_when=NEITHER, takes=False)),
    _step("parents by address", r"if (?:one is not an?|one is not|neither is an?) ancestor of the other, lock them in "
          r"inode pointer order", Takes(among=Among.BY_ADDRESS, among_when=NEITHER, takes=False)),
    _step("target", r"(?:in any case, )?if (?:the )?target (?:already )?exists(?: -|,) locks? it",
          Takes(scope="target", when="if it exists")),
    _step("source", r"if (?:the )?source is a non-directory, lock it", Takes(scope="source", when="if it is no directory")),
    _step("exchange", r"(?:in case of exchange \(with RENAME_EXCHANGE in (?:rename2\(\) )?flags argument\)|"
          r"if it(?:'s| is) an exchange,) lock both(?: the source and the target)?",
          Takes(scope=SOURCE_AND_TARGET, when=EXCHANGE)),
    _step("both", r"(?:we )?lock both (?:\(provided they exist\)|the source and the target provided they exist)",
          Takes(scope=SOURCE_AND_TARGET, when="if they exist")),
    _step("both by address", r"(?:if that means we|if we|in case that means we) need to lock both(?: source and target)"
          r"?, (?:lock them|do so) in inode pointer order",
          Takes(scope=SOURCE_AND_TARGET, among=Among.BY_ADDRESS, among_when=BOTH, takes=False)),
    _step("directories first", r"if we need to lock two inodes of different type \(dir vs non-dir\), we lock (?:the )?"
          r"directory first", Takes(among=Among.DIRECTORIES_FIRST, among_when="if of different types", takes=False)),
    _step("same type by address", r"if we need to lock two inodes of the same type, lock them in inode pointer order",
          Takes(among=Among.BY_ADDRESS, among_when="if of the same type", takes=False)),
    _step("those needed", rf"take the locks that need to be taken{MODE}, in inode pointer order if need to take both"
          r"(?: \(that can happen only [^()]*\))?",
          Takes(scope=SOURCE_AND_TARGET, when="if needed", among=Among.BY_ADDRESS, among_when=BOTH)),
    _step("subdirectories", rf"locks? (?:the )?subdirectories involved{MODE}(?:, source before target| \(source before "
          r"target\))", Takes(scope="subdirectories", among=Among.SOURCE_FIRST)),
    _step("non-directories", rf"locks? (?:the )?non-directories involved{MODE}, in inode pointer order",
          Takes(scope=NON_DIRECTORIES, among=Among.BY_ADDRESS)),
    _step("decided before", r"(?:then )?(?:we )?decide which of the source and target need to be locked"),
    _step("needed where", r"(?:the )?source needs to be locked if it(?:'s| is) a non-directory(?:, target - if it(?:'s|"
          r" is) a non-directory or about to be removed)?|target - if it(?:'s| is) a non-directory or about to be "
          r"removed"),
)  # fmt: skip
LOCKS = re.compile(r"\b(?:un)?lock|\btak(?:e|ing)|\bdrop|\breleas", re.IGNORECASE)
CALL = re.compile(r"\bcalls? the method\b", re.IGNORECASE)  # behind the last step
ALL_EXCLUSIVE = _form(r"(?:all )?locks are exclusive|all (?:->)?\w+ are taken exclusive")
