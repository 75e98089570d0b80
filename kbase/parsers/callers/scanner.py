"""The scanner: files of C code and the ops of ops tables -> the functions that call ops.

Of all files only those are parsed that have a candidate: a member with the name of an op, behind a name that is
declared as a pointer to an ops table somewhere. Only the functions around candidates are looked at.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from kbase.parsers.callers.calling import calling_functions
from kbase.parsers.callers.declarations import Declarations, Scope
from kbase.parsers.callers.document import CallingFunction
from kbase.parsers.callers.functions import Known
from kbase.sources.code import is_searched

MEMBER = re.compile(r"(?:->|\.)\s*([A-Za-z_]\w*)\s*(?=[(),;:]|\?\s*:)")
MOST = 2000  # candidates in one file; those of 6.12 have 100 at most


def scan(
    files: Mapping[str, bytes], ops: Mapping[str, Iterable[str]], progress: Callable[[int, str], None] = lambda *_: None
) -> list[CallingFunction]:
    """The functions of a kernel that call ops, sorted by path and line.

    `files` are the files of a kernel tree by their paths, those of `kbase.sources.code`; `ops` the names of the ops of
    each ops table. `progress` is called with the number of files that are done, and the path of the next one.
    """
    texts = {path: data.decode("latin-1") for path, data in sorted(files.items())}
    headers = Declarations("\n".join(text for path, text in texts.items() if path.endswith(".h")))
    known = _known(texts.values(), ops)
    found: list[CallingFunction] = []
    for done, (path, text) in enumerate(texts.items()):
        progress(done, path)
        candidates = list(_candidates(text, known)) if is_searched(path) else []
        if candidates:
            scope = Scope(Declarations(text) if path.endswith(".c") else headers, headers)
            found += calling_functions(path, files[path], candidates[:MOST], scope, known)
    return found


def pointers_to(structs: Iterable[str]) -> re.Pattern[str]:
    """The pattern of a declaration of one pointer to one of these structs, or of two."""
    names = "|".join(map(re.escape, sorted(structs)))
    return re.compile(rf"struct[ \t]+({names})\b(?:const|__\w+|[\s*]){{1,16}}(\w+)(?:\s*,\s*\*?(\w+))?")


def _known(texts: Iterable[str], ops: Mapping[str, Iterable[str]]) -> Known:
    tables, pointers = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for struct, names in ops.items():
        for op in names:
            tables[op].add(struct)
    pattern = pointers_to(ops)
    for text in texts:
        for struct, *names in pattern.findall(text):
            for name in filter(None, names):
                pointers[name].add(struct)
    return Known(ops=tables, pointers=pointers)


def _candidates(text: str, known: Known) -> Iterator[int]:
    """Where members stand that may be ops."""
    for match in MEMBER.finditer(text):
        if match[1] in known.ops:
            base = text[max(match.start() - 64, 0) : match.start()].rstrip()
            if base.endswith((")", "]")) or _last_word(base) in known.pointers:
                yield match.start(1)


def _last_word(text: str) -> str:
    at = len(text)
    while at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at -= 1
    return text[at:]
