"""Unique file names for arbitrary names."""

import re
from collections.abc import Iterable

from kbase.sphinx.rst import digest

PLAIN = re.compile(r"(?!.*\.rst\Z)\w([\w.-]{0,98}\w)?", re.ASCII)  # Sphinx removes such a suffix
SHOWN = 60  # characters that a file name takes from any other name
# Pages of the reference itself; files that Sphinx writes; names that Windows reserves for devices.
TAKEN = (
    *("index", "tables", "locks", "versions", "changes", "porting", "notes", "commits", "pictures"),
    *("search", "searchindex", "genindex", "modindex", "self", "objects", "vfs-ops", "vfs-locks", "vfs-versions"),
    *("conf", "_static", "_images", "_sources", "_modules"),
    *("con", "prn", "aux", "nul"),
)


def file_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A file name, without suffix, for each name: letters, digits, `.`, `-` and `_`, not too long.

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
