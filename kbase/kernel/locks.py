"""What the column headers and cells of locking tables mean.

A header names a lock, or a context column; a cell says whether it is held when the op is called:

    cell      = word { "," effect } { "(" remark ")" } [ footnote ] | "if" condition | effect
              | lock { "or" lock } | lock { "and" lock }
    word      = "yes" | "no" | "maybe" | mode | "maybe-" mode | "maybe(" mode ")" | "no or " mode | "read/write"
    mode      = "shared" | "read" | "exclusive" | "write"
    effect    = "unlocks" | "locks the page" | "can return with page locked"
    remark    = "see below" | scope | condition | mode condition | "must not sleep" | "may not block" condition

An example: `exclusive (both)(see below)` is held, exclusive, scope `both`. A remark with a mode is a second reading:
`shared (exclusive if X)` is shared unless X, exclusive if X. A remark about blocking says nothing of the lock: it is a
reading of its own, as is a lock that a column of remarks names. What has no certain reading is `unknown`. The
vocabulary is that of the kernel's own documents from 2.4 on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kbase.model.records import BlanketRule, Held, Reading
from kbase.model.versions import parse_version
from kbase.model.words import Effect, Mode

CONTEXT_COLUMNS = frozenset({"may block", "rcu-walk", "fs recursion", "note", "notes", "remark", "remarks"})
REMARK_COLUMNS = frozenset({"note", "notes", "remark", "remarks"})
HELD_LOCKS = "held locks when called"  # a column whose cells name the locks
MAY_BLOCK, RCU_WALK = "may block", "rcu-walk"  # contexts: it may block; it may be called in RCU walk
IN_RCU_WALK = "in RCU-walk mode"  # a condition

# One lock wears many names: canonical name, then every name the documents have given it, newest first.
LOCK_NAMES: dict[str, tuple[str, ...]] = {
    "i_rwsem": ("i_rwsem", "i_mutex", "i_sem"),  # i_sem until 2.6.16, i_mutex until 4.7
    "mmap_lock": ("mmap_lock", "mmap_sem"),  # renamed in 5.8
    "folio_lock": ("folio_lock", "folio locked", "folio lock", "PageLocked", "PageLocked(page)", "page lock"),
    "BKL": ("BKL", "big kernel lock", "kernel_lock", "lock_kernel"),  # removed in 2.6.39
    "bd_mutex": ("bd_mutex", "bd_sem"),
    "s_vfs_rename_mutex": ("s_vfs_rename_mutex", "s_vfs_rename_sem"),  # renamed in 2.6.16
    "ptl": ("ptl", "page table lock"),
    "rcu_read_lock": ("rcu_read_lock", "RCU read lock", "RCU lock"),
    "BH_Lock": ("BH_Lock", "bh lock", "buffer lock"),
}
CANONICAL = {name.lower(): subject for subject, names in LOCK_NAMES.items() for name in names}

PROCESS_CONTEXT = "process context"
OTHER_CONTEXTS = ("interrupt context", "RCU callback")
GONE = {"BKL": (2, 6, 39)}  # the release without the lock; documents name it until today
MODES = {"shared": Mode.SHARED, "read": Mode.SHARED, "exclusive": Mode.EXCLUSIVE, "write": Mode.EXCLUSIVE}
MODE = r"(?:shared|read|exclusive|write)"
FOOTNOTE = re.compile(r" ?\[(\d+)\]_?")
REMARK = re.compile(r"\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
WORDS = re.compile(
    rf"""
    (?P<maybe> maybe [\s-]* \(? (?P<maybe_mode> {MODE} ) \)? | no \s+ or \s+ (?P<or_mode> {MODE} ) )
    | (?P<both> read \s*/\s* write | shared \s*/\s* exclusive )
    | (?P<mode> {MODE} )
    | (?P<held> yes | no | maybe )
    """,
    re.VERBOSE | re.IGNORECASE,
)
EFFECTS = (
    (
        re.compile(r"(?P<can>can\s+)?returns?\s+(?:with\s+)?(?:the\s+)?(?:(?:page|folio)\s*)?locked", re.IGNORECASE),
        Effect.RETURNS_LOCKED,
    ),
    (re.compile(r"unlocks(?:\s+(?:the\s+)?(?:page|folio))?", re.IGNORECASE), Effect.UNLOCKS),
    (re.compile(r"locks(?:\s+(?:the\s+)?(?:page|folio))?", re.IGNORECASE), Effect.LOCKS),
)
SCOPE = re.compile(
    r"(?:both|all|some|parents?|child(?:ren)?|victim|source|target|old|new|dir(?:ectory)?)\b", re.IGNORECASE
)
OTHER_MODE = re.compile(rf"(?P<mode>{MODE}) (?P<when>if .+)", re.IGNORECASE)
NEVER_BLOCKS = re.compile(
    r"(?:must|may|can|should) ?not (?:block|sleep)(?: (?P<when>(?:if|when|unless|in)\b.*))?", re.IGNORECASE
)
CAN = "can, need not"  # the condition of "can return with page locked"
CONDITION = re.compile(r"\b(?:if|unless|when|while|except|only|not|must|may|ref-walk|rcu-walk)\b", re.IGNORECASE)
LOCK_NAME = re.compile(r"(?:->)?[A-Za-z_]\w*(?:->\w+|\.\w+)*(?:\(\w*\))?")
EMPHASISED = re.compile(r"!!!(.+)!!!")
VIA = re.compile(r"->\w+(?:\(\))?")  # FS recursion only through that op
OPPOSITE = {Held.YES: Held.NO, Held.NO: Held.YES}
NO_READING = frozenset({"", "?", "n/a", "-", "--"})


@dataclass(frozen=True, slots=True)
class CellReading:
    """The readings of a cell, and whether they are certain (a blank cell is certainly unknown)."""

    readings: tuple[Reading, ...]
    certain: bool = True


def is_context(header: str) -> bool:
    """Whether a column header names no lock: `may block`, `rcu-walk`, `FS recursion`, `note`."""
    return header.strip().lower() in CONTEXT_COLUMNS


def is_remark_column(header: str) -> bool:
    """Whether the cells of the column are remarks in words."""
    return header.strip().lower() in REMARK_COLUMNS


def canonical_subject(written: str) -> str | None:
    """The canonical name of a lock with several names; None for any other name."""
    bare = written.strip().lower()
    return CANONICAL.get(bare) or CANONICAL.get(bare.partition("(")[0].strip() if bare.endswith(")") else bare)


def lock_names(subject: str) -> tuple[str, ...]:
    """Every name of a canonical lock, newest first; the subject itself for a lock with one name."""
    return LOCK_NAMES.get(subject, (subject,))


def is_gone(subject: str | None, label: str) -> bool:
    """Whether the kernel of a version has the lock no more, whatever its documents say."""
    if subject not in GONE or not label:
        return False
    version = parse_version(label)
    return version.family == "linux" and version.numbers >= GONE[subject]


def blanket_reading(rule: BlanketRule, op: str | None) -> Reading | None:
    """What a rule over a table says of an op: of an exception, the opposite; no lock is named where it is of all."""
    if rule.reading is None or op not in rule.exceptions:
        return rule.reading
    held = OPPOSITE.get(rule.reading.held, Held.UNKNOWN) if rule.reading.subject else Held.UNKNOWN
    return replace(rule.reading, held=held)


def name_under(header: str, subject: str) -> str:
    """The name of the lock of a rule under that header; where the cells name the locks, the lock's own name."""
    return subject if is_remark_column(header) or header.strip().lower() == HELD_LOCKS else header


def subject_of(header: str) -> str:
    """The canonical lock that a header or a lock's name in a cell is about.

    `i_sem(inode)` is `i_rwsem`, `->d_lock` is `d_lock`, `inode->i_lock` is `i_lock`. A context column is
    its own subject.
    """
    written = header.strip()
    if is_context(written):
        return written
    known = canonical_subject(written)
    if known:
        return known
    name = re.sub(r"\((?:\w|[*&])*\)$", "", written).strip().split("->")[-1].strip()
    return canonical_subject(name) or name


def read_cell(header: str, cell: str) -> CellReading:
    """The readings of a cell under that header, by the module's grammar. Never raises."""
    text = " ".join(cell.split())
    if is_remark_column(header):
        return CellReading((_context(header, Held.UNKNOWN), *_locks_in_remark(text), *_blocking_in_remark(text)))
    if header.strip().lower() == HELD_LOCKS:
        return _held_locks(text)
    reading = Reading(subject=subject_of(header), held=Held.UNKNOWN, context=is_context(header))
    bare = FOOTNOTE.sub("", text).strip()
    if bare.lower() in NO_READING:
        return CellReading((reading,), certain=bare != "?" and bare.lower() != "n/a")
    return _read_words(reading, bare)


def _context(header: str, held: Held) -> Reading:
    return Reading(subject=header.strip(), held=held, context=True)


def _read_words(reading: Reading, text: str) -> CellReading:
    words, certain = WORDS.match(text), True
    if words:
        reading = _with_words(reading, words)
        text = text[words.end() :]
    if re.match(r"(?:only )?if ", text):
        return CellReading((replace(reading, held=Held.MAYBE, condition=text),))
    if VIA.fullmatch(text):
        return CellReading((replace(reading, condition=text),))
    others = list[Reading]()
    while text := text.strip(" ,;"):
        remark = REMARK.match(text)
        if remark:
            said = remark[1].strip()
            blocking, mode = tuple(_blocking_in_remark(said)), OTHER_MODE.fullmatch(said)
            if blocking and not reading.context:
                others += blocking
                understood = True
            elif mode and reading.held is Held.YES and reading.modes and not reading.condition:
                others.append(replace(reading, modes=(MODES[mode["mode"].lower()],), condition=mode["when"]))
                reading, understood = replace(reading, condition=f"unless {mode['when'][3:]}"), True
            else:
                reading, understood = _with_remark(reading, said)
            text, certain = text[remark.end() :], certain and understood
            continue
        effect = next(((m, e) for pattern, e in EFFECTS if (m := pattern.match(text))), None)
        if effect is None:
            return CellReading((replace(reading, held=Held.UNKNOWN, modes=(), condition=text),), certain=False)
        if effect[0].groupdict().get("can"):
            reading = replace(reading, condition=_joined(reading.condition, CAN))
        reading, text = replace(reading, effect=effect[1]), text[effect[0].end() :]
    return CellReading((reading, *others), certain)


def _with_words(reading: Reading, words: re.Match[str]) -> Reading:
    if words["maybe"]:
        mode = (words["maybe_mode"] or words["or_mode"]).lower()
        return replace(reading, held=Held.MAYBE, modes=(MODES[mode],))
    if words["both"]:
        return replace(reading, held=Held.YES, modes=(Mode.SHARED, Mode.EXCLUSIVE))
    if words["mode"]:
        return replace(reading, held=Held.YES, modes=(MODES[words["mode"].lower()],))
    return replace(reading, held=Held(words["held"].lower()))


def _with_remark(reading: Reading, remark: str) -> tuple[Reading, bool]:
    """The reading with a remark in parentheses, and whether that was understood."""
    if remark.lower() in ("see below", "see above", ""):
        return reading, True
    if remark.lower() in MODES and reading.held is not Held.UNKNOWN:
        return replace(reading, modes=(MODES[remark.lower()],)), True
    if CONDITION.search(remark):
        return replace(reading, condition=_joined(reading.condition, remark)), True
    if SCOPE.match(remark):
        return replace(reading, scope=_joined(reading.scope, remark)), True
    return replace(reading, condition=_joined(reading.condition, remark)), False


def _joined(first: str | None, second: str) -> str:
    return f"{first}; {second}" if first else second


def _held_locks(text: str) -> CellReading:
    """Under `Held locks when called` the cells name the locks: `dqonoff_sem or dqptr_sem`, `maybe x`, `-`."""
    if text in ("-", "--", "none", "no"):
        return CellReading((Reading(subject=None, held=Held.NO),))
    maybe = re.match(r"maybe\s+", text, re.IGNORECASE)
    bare = text[maybe.end() :] if maybe else text
    names = re.split(r" (?:or|and) ", bare)
    if not all(LOCK_NAME.fullmatch(name) for name in names) or (" or " in bare and " and " in bare):
        return CellReading((Reading(subject=None, held=Held.UNKNOWN, condition=text or None),), certain=not text)
    one_of = " or " in bare
    held = Held.MAYBE if maybe or one_of else Held.YES
    condition = bare if one_of else None
    return CellReading(tuple(Reading(subject=subject_of(n), held=held, condition=condition) for n in names))


def _locks_in_remark(text: str) -> tuple[Reading, ...]:
    """The locks that a remark says are held: `!!!inode->i_lock!!!`, `(namespace_sem)`, `(vfsmount->sem)`."""
    marked = EMPHASISED.fullmatch(text) or re.fullmatch(r"\((\S+)\)", text)
    name = marked[1].strip() if marked else ""
    if not LOCK_NAME.fullmatch(name) or not re.search(r"lock|sem|mutex|rwsem", name):
        return ()
    return (Reading(subject=name if "->" in name and name.endswith("->sem") else subject_of(name), held=Held.YES),)


def _blocking_in_remark(text: str) -> Iterator[Reading]:
    """What a remark says of blocking: `(must not sleep)`, `may not block if called in rcu-walk mode`."""
    found = NEVER_BLOCKS.fullmatch(text.strip("() "))
    if found:
        yield Reading(subject=MAY_BLOCK, held=Held.NO, condition=found["when"], context=True)


BLANKET = re.compile(
    r"""
    (?P<who> all | none | no [ ] VFS [ ] locks ) [ ]
    (?: (?: except (?: [ ] for)? | but ) [ ] (?P<except> .*? ) [ ] )?
    (?= may [ ] (?:not [ ])? block (?: [ ] except [ ] | [. ]* (?: \[ | \Z ) )
      | (?:are [ ])? (?:called [ ])? (?:have|hold|held|with) \b )
    """,
    re.VERBOSE | re.IGNORECASE,
)
EXCEPT = re.compile(r" except (?:for )?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Blanket:
    """A blanket rule read: what it is about (`may block`, `BKL`), its reading, and the ops it excepts."""

    text: str
    lock: str | None = None
    exceptions: tuple[str, ...] = ()
    reading: Reading | None = None


def read_blanket(line: str) -> tuple[Blanket, ...]:
    """The blanket rules in a line over a table, one for each clause: "all may block, none have BKL" has two.

    A doubtful line ("[not true, see below]"), or one that is not understood, has no reading.
    """
    text = " ".join(line.split())
    clauses = re.split(r",\s*(?=(?:all|none|no)\b)", text)
    return tuple(_blanket(clause) for clause in clauses if clause)


def _blanket(clause: str) -> Blanket:
    match = BLANKET.match(clause)
    if match is None:
        return Blanket(clause)
    rule = clause[match.end() :].rstrip(". ")
    doubted = rule.endswith("]") and "[" in rule
    what, *after = EXCEPT.split(rule.partition("[")[0] if doubted else rule, maxsplit=1)
    named = match["except"] or "".join(after)
    exceptions = tuple(re.findall(r"[A-Za-z_]\w*", re.sub(r"\b(?:and|or)\b|\(\)", " ", named)))
    words = what.rstrip(". ").split()
    holds = "not" not in [word.lower() for word in words]
    if clause.lower().startswith("no vfs locks") and not doubted:
        return Blanket(clause, None, exceptions, Reading(subject=None, held=Held.NO))
    lock: str | None = None
    if words[0].lower() == "may":
        lock = MAY_BLOCK
    elif len(words) == 2 and words[0].lower() in ("have", "hold"):
        lock = words[1]
    if match["who"].lower() == "none":
        holds = not holds
    if lock is None or doubted:
        return Blanket(clause, lock, exceptions)
    held = Held.YES if holds else Held.NO
    return Blanket(clause, lock, exceptions, Reading(subject=subject_of(lock), held=held, context=is_context(lock)))
