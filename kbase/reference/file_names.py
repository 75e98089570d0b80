"""Names of things as names of files, no two alike."""

import re
from collections.abc import Iterable

from kbase.sphinx.rst import digest

PLAIN = re.compile(r"(?!.*\.rst\Z)\w([\w.-]{0,98}\w)?", re.ASCII)  # Sphinx takes a suffix from what is named
SHOWN = 60  # characters that a file name takes from any other name
# Pages of the reference itself; what Sphinx makes besides; names that Windows keeps for devices.
TAKEN = (
    *("index", "tables", "locks", "versions", "changes", "porting", "notes", "commits", "pictures"),
    *("search", "searchindex", "genindex", "modindex", "self", "objects", "vfs-ops", "vfs-locks", "vfs-versions"),
    *("conf", "_static", "_images", "_sources", "_modules"),
    *("con", "prn", "aux", "nul"),
)


def file_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A file name, without suffix, for each name: of letters, digits, `.`, `-` and `_`, so long as file systems take.

    It is the name itself where it can be. No two are the same, nor one of `taken`, where case does not count either.
    """
    used = {name.casefold() for name in taken}
    found = dict[str, str]()
    for name in sorted({*names}, key=lambda name: (not PLAIN.fullmatch(name), name)):
        file = name if PLAIN.fullmatch(name) and name.casefold() not in used else _other(name)
        used.add(file.casefold())
        found[name] = file
    return found


def _other(name: str) -> str:
    return f"{re.sub(r'[^a-z0-9_.]+', '-', name[:SHOWN].lower()).strip('-.')}-{digest(name)}".lstrip("-")
