"""The names in an entry of the porting log: ops, functions, macros, locks and data members, each kind by itself.

    op     = "->" NAME | "." NAME | TABLE "." NAME | POINTER "->" NAME     `->rename()`, `xattr_handler.get`
           | NAME "()" TABLE | TABLE ["->"] NAME "()"                      `setlease() file_operation`
           | NAME "is a" ... "callback"                                    `d_revalidate is a callback`
    member = [OBJECT] "->" NAME | NAME                                     `->d_parent`, `i_nlink`
    lock   = [OBJECT] "->" NAME | NAME                                     `->i_mutex`, `dcache_lock`
    function, macro = NAME "(" | NAME                                      `d_add()`, `setattr_prepare`, `FMODE_LSEEK`

An op is a NAME that an ops table has in some release (`kbase.kernel.op_names`). What may be something else is left out:
arguments, types, the `foo_` functions of examples, the lines of code in them, `rename(2)`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kbase.kernel.aliases import POINTED_AT
from kbase.kernel.op_names import OP_NAMES, OPS_OF
from kbase.parsers.mentions import once, struct_of

FILE = re.compile(r"(?<![\w.+-])(?:[\w.+-]{1,80}/){1,9}[\w+-]{1,80}\.(?:c|h|rst|txt)\b|\b\w{1,80}\.(?:c|h|rst|txt)\b")
ALTERNATIVES = re.compile(r"\b(\w{1,80}_)\{(\w{1,40}),(\w{1,40})\}")  # `new_sync_{read,write}`
LETTERS = re.compile(r"\b(\w{1,80}_)\[(\w)(\w)\](\w{1,80})(\(\))?")  # `nd_[gs]et_link()`
CODE = re.compile(
    r"[ \t]{0,40}(?:[{}]|/\*|return\b|if \(|static\b|(?:int|void|long|char|const)\b[ *(]"
    r"|struct \w{1,80} (?:\{|\*?\w{1,80}[;(])|[\w>.-]{1,80} = |\w{1,80}\);)"
    r"|(?:\t| {3})[ \t]{0,40}\w{1,80}\([^()]{0,80}\);"
)
CODE_ENDS = (";", "{", "}", ",", ")", "*/")
SENTENCE = re.compile(r"(?<=[.;!?])[ \t\n]+|\n[ \t]*\n")
IDENTIFIER = re.compile(r"(?<!\w)[A-Za-z_]\w*(?![\w*{])")
TYPE = re.compile(r"\b(?:struct|enum|union)\s{1,9}(\w+)")
OWNER = re.compile(r"(?<!\w)(\w++)(?:->|\.)$")
TABLE_BEFORE = re.compile(r"(?<!\w)(\w++) ?->$")  # `export_operations ->encode_fh()`
PHRASE = r"((?:file|inode|dentry|super(?:[_ ]?block)?|address[_ ]space|vm)[_ ]operation)s?"
PHRASE_AFTER = re.compile(rf"\(\)\s{{1,9}}{PHRASE}\b")
PHRASE_BEFORE = re.compile(rf"\b{PHRASE}\s{{1,9}}(?:->)?$")
METHODS = re.compile(r"\b(?:callback|method|operation)s?\b|\bfile_system_type method\b")
TABLE_NAME = re.compile(rf"\b(?:{'|'.join(sorted(OPS_OF))})\b")
PHRASES = re.compile(rf"\b{PHRASE}\b")
IS_CALLED = re.compile(r" (?:is an?|and \w{1,80} are)\b[^.]{0,60}\b(?:callback|called)\b")
ARGUMENTS = re.compile(r"\w\([^()]{0,200}$")  # the text before a name among the arguments of a call
NO_FUNCTION = re.compile(r"\((?:\d|s)\)|\(\)\s{1,9}callback\b")  # after `mount(2)`, `superblock(s)`, `test() callback`
ARGUMENT = re.compile(r"\s{1,9}(?:and \w+ )?arguments?\b")
LOCK = re.compile(r"BKL|s_umount|\w+_(?:lock|spinlock|mutex|sem|rwsem)")
MACRO = re.compile(r"_?[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]")
REACHED_MEMBER = re.compile(r"(?:[a-z]{1,2}|mnt)_\w+")
BARE_MEMBER = re.compile(r"(?:i|s|f|bd|ki)_\w+|fs_flags")
DENTRY_MEMBERS = frozenset(
    {
        "d_alias", "d_bucket", "d_child", "d_children", "d_count", "d_flags", "d_fsdata", "d_iname", "d_inode",
        "d_lockref", "d_lru", "d_mounted", "d_name", "d_op", "d_parent", "d_sb", "d_seq", "d_sib", "d_subdirs",
        "d_time", "d_u", "d_vfs_flags",
    }
)  # fmt: skip  # the other names that begin so are functions or ops
# What a function does, as a part of its name: a name without parentheses is a function if it has one of these.
VERBS = re.compile(
    r"(?:^|_)(?:add|alloc|begin|change|create|creating|done|drop|each|end|failed|fill|find|follow|free|get|iget|init"
    r"|instantiate|jump|kill|llseek|locked|lookup|prepare|put|read|remove|removing|rename|renaming|set|setattr|start"
    r"|truncate|unlink|wait|write)(?:_|$)|^vmtruncate$"
)
PLACEHOLDER = re.compile(r"foo", re.IGNORECASE)
ENTRIES_CACHED = 512  # an entry is in the logs of all later releases
NEAR = 200  # characters of a sentence before and after a name that tell what it is
UNDIVIDED = frozenset({"BKL", "vmtruncate"})
SLIPS = frozenset({"dputs"})  # "it dputs() the dentry"


@dataclass(frozen=True, slots=True)
class Names:
    """What an entry names, each kind in the order of the text; ops as "rename" or "inode_operations.rename".

    What is called through a pointer and is no op of these tables may be one of a table that is not known.
    """

    ops: tuple[str, ...]
    callbacks: tuple[str, ...]
    functions: tuple[str, ...]
    macros: tuple[str, ...]
    locks: tuple[str, ...]
    members: tuple[str, ...]


@lru_cache(ENTRIES_CACHED)
def names_in(text: str) -> Names:
    """The names in the text of an entry."""
    types = frozenset(TYPE.findall(text))
    found: dict[str, list[str]] = {"op": [], "callback": [], "function": [], "macro": [], "lock": [], "member": []}
    for sentence in SENTENCE.split(_prose(text)):
        for match in IDENTIFIER.finditer(sentence):
            if match[0] not in types and not _is_word(sentence, match):
                for kind, name in _Identifier.of(sentence, match).names():
                    found[kind].append(name)
    return Names(*(once(names) for names in found.values()))


def _is_word(sentence: str, match: re.Match[str]) -> bool:
    """Whether an identifier is a word of English, as most are: a quick look."""
    name, before = match[0], sentence[max(0, match.start() - 3) : match.start()]
    if "_" in name or name in UNDIVIDED or name in OP_NAMES:
        return False
    return not before.endswith((">", ".", "-> ")) and not sentence.startswith("(", match.end())


def _prose(text: str) -> str:
    """The text without lines of code and names of files, `{a,b}` and `[ab]` spelled out."""
    lines = [line for line in text.splitlines() if not (CODE.match(line) and line.rstrip().endswith(CODE_ENDS))]
    prose = ALTERNATIVES.sub(r"\1\2 \1\3", FILE.sub(" ", "\n".join(lines)))
    return LETTERS.sub(r"\1\2\4\5 \1\3\4\5", prose)


@dataclass(frozen=True, slots=True)
class _Identifier:
    """An identifier in a sentence, with the text of the sentence that is near it."""

    name: str
    before: str
    after: str

    @classmethod
    def of(cls, sentence: str, match: re.Match[str]) -> "_Identifier":
        first, last = match.span()
        return cls(match[0], sentence[max(0, first - NEAR) : first], sentence[last : last + NEAR])

    def names(self) -> Iterator[tuple[str, str]]:
        """Its kind and name; nothing of what is no name, or may be something else."""
        name = self.name
        if name in OPS_OF or name in SLIPS or PLACEHOLDER.match(name) or name.endswith("_"):
            return
        if self.before.endswith("->") or self._after_dot:
            kind, name = self._reached()
        elif self.before.endswith("-> ") and self.is_called:
            kind = "op" if name in OP_NAMES else ""  # `-> iterate()`
        elif self.is_called:
            kind, name = self._called()
        else:
            kind = self._bare()
        if kind:
            yield kind, name

    @property
    def is_called(self) -> bool:
        return self.after.startswith("(")

    @property
    def _after_dot(self) -> bool:
        return self.before.endswith(".") and self.before[-2:-1] not in (".", ")")

    def _reached(self) -> tuple[str, str]:
        """What a pointer or a dot leads to."""
        owner = OWNER.search(self.before)
        table = owner and POINTED_AT.get(owner[1], owner[1])
        if table in OPS_OF:
            return ("op", f"{table}.{self.name}") if self.name in OPS_OF[table] else ("", "")
        if LOCK.fullmatch(self.name) and not self.is_called:
            return "lock", self.name
        if owner is None and self.name in OP_NAMES:
            return "op", self._with_table()
        if self.is_called and owner is None:
            return "callback", self.name
        is_pointer = self.name in POINTED_AT and self.after.startswith("->")
        if self.is_called or is_pointer or not REACHED_MEMBER.fullmatch(self.name):
            return "", ""
        return "member", self.name

    def _with_table(self) -> str:
        """The name of an op, with its table where that stands beside it."""
        before = TABLE_BEFORE.search(self.before)
        table = before[1] if before and before[1] in OPS_OF else self._table_beside()
        return f"{table}.{self.name}" if table and self.name in OPS_OF[table] else self.name

    def _table_beside(self) -> str | None:
        phrase = PHRASE_AFTER.match(self.after) or PHRASE_BEFORE.search(self.before)
        return struct_of(phrase[1]) if phrase else None

    def _called(self) -> tuple[str, str]:
        """What has arguments or empty parentheses."""
        name, table = self.name, self._table_beside() or self._table_of_sentence()
        if table and name in OPS_OF[table]:
            return "op", f"{table}.{name}"
        if NO_FUNCTION.match(self.after) or (name in OP_NAMES and "_" not in name):
            return "", ""
        if name.isupper():
            return "macro", name
        return ("function", name) if "_" in name or self.after.startswith("()") else ("", "")

    def _table_of_sentence(self) -> str | None:
        """The only ops table that a sentence about methods or callbacks names."""
        text = f"{self.before}{self.name}{self.after}"
        if not METHODS.search(text):
            return None
        tables = {*TABLE_NAME.findall(text), *map(struct_of, PHRASES.findall(text))}
        return tables.pop() if len(tables) == 1 else None

    def _bare(self) -> str:
        """The kind of a name alone."""
        name = self.name
        if LOCK.fullmatch(name):
            return "lock"
        if MACRO.fullmatch(name):
            return "macro"
        if BARE_MEMBER.fullmatch(name) or name in DENTRY_MEMBERS:
            return "member"
        if ARGUMENT.match(self.after) or ARGUMENTS.search(self.before):
            return ""
        if name in OP_NAMES:
            starts = not self.before.strip() and IS_CALLED.match(self.after)
            return "op" if "_" in name or starts else ""
        return "function" if ("_" in name or name in UNDIVIDED) and name.islower() and VERBS.search(name) else ""
