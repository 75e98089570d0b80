"""Locks as people call them who know what is locked and not what kind of lock it is: `mmap_mutex`, inode semaphore."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kbase.kernel.locks import lock_names
from kbase.search.index import Catalogue
from kbase.search.results import HitKind

SLEEPING = ("mutex", "rw_sem", "rwlock", "rwsem", "sem", "semaphore")
SPINNING = ("seqlock", "spin_lock", "spinlock")
NAME = re.compile(r"(?P<base>\w+?)_(?P<kind>lock|mutex|rwsem|sem)")
OBJECTS = {
    "bd": ("bdev",),
    "d": ("dentry",),
    "i": ("inode",),
    "mmap": ("mm",),
    "open": ("bdev",),
    "s_umount": ("sb", "superblock", "umount"),
}


def lock_words(catalogue: Catalogue) -> Mapping[str, Sequence[int]]:
    """Further names in lower case of the locks of an index, each with its things."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for thing, documents in enumerate(catalogue.things):
        entry = catalogue.entries[documents[0]]
        for name in dict.fromkeys(_further_names(entry.name) if entry.kind == HitKind.LOCK else ()):
            found[name].append(thing)
    return found


def _further_names(subject: str) -> Iterator[str]:
    known = [match for name in lock_names(subject) if (match := NAME.fullmatch(name))]
    bases = dict.fromkeys([match["base"] for match in known] or [subject.lower()])
    for base in bases:
        sleeps = not known or any(match["kind"] in SLEEPING for match in known)
        kinds = SLEEPING if sleeps else SPINNING if len(base) == 1 else SLEEPING + SPINNING
        yield f"{base}_lock"
        yield from (f"{word}_{kind}" for word in (base, *OBJECTS.get(base, ())) for kind in kinds)
