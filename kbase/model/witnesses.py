"""The registry of document kinds: what each kind states, and what its absence from a version implies.

A new kind is one line in `DocumentKind` and one parser (`kbase.parsers`). No other module lists kinds: everything else
asks for the groups at the end of this one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What holds for all documents of a kind."""

    files: tuple[str, ...] = ()  # what the document is called in a kernel tree
    rank: int | None = None  # among the kinds that state ops and prototypes: the lowest is believed first
    lock_rules: bool = False  # has tables of lock rules
    compared: bool = False  # a diff compares its facts
    expected: bool = False  # every kernel has one: where it is absent, its facts are not compared
    versioned: bool = True  # describes one version
    code: bool = False  # C: a version has many files of it, and none has prose


PLAIN = Traits()


class DocumentKind(StrEnum):
    """What a document is: it selects the parser. Lists of kinds have the order of the members."""

    traits: Traits

    LOCKING = (
        "locking",
        Traits(files=("Locking", "locking.rst", "locking.txt"), rank=2, lock_rules=True, compared=True, expected=True),
    )
    HEADER = "header", Traits(rank=0, compared=True, expected=True, code=True)
    VFS = "vfs", Traits(files=("vfs.txt", "vfs.rst"), rank=1, compared=True, expected=True)
    PORTING = "porting", Traits(files=("porting", "porting.rst", "porting.txt"), expected=True)
    DIRECTORY_LOCKING = (
        "directory-locking",
        Traits(
            files=("directory-locking", "directory-locking.rst", "directory-locking.txt"), compared=True, expected=True
        ),
    )
    DESIGN_NOTE = "design-note", Traits(versioned=False)
    COMMIT = "commit", Traits(versioned=False)
    SUMMARY = "summary", Traits(versioned=False)  # our own summaries of ops
    CALLERS = "callers"  # what calls the ops in the code of one version, see kbase.parsers.callers
    OTHER = "other"  # read as sections, for full-text search

    __hash__ = str.__hash__  # facts are hashed often

    def __new__(cls, value: str, traits: Traits = PLAIN) -> Self:
        """A member: its value is the text alone."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.traits = traits
        return member


def _rank(kind: DocumentKind) -> float:
    return float("inf") if kind.traits.rank is None else kind.traits.rank


_BY_RANK = sorted(DocumentKind, key=_rank)
OP_WITNESSES = tuple(kind for kind in _BY_RANK if kind.traits.rank is not None)  # the most trusted first
COMPARED = tuple(kind for kind in _BY_RANK if kind.traits.compared)
EXPECTED = tuple(kind for kind in _BY_RANK if kind.traits.expected)
SINGLE = tuple(kind for kind in EXPECTED if not kind.traits.code)  # a version has one document of each
WITHOUT_VERSION = frozenset(kind for kind in DocumentKind if not kind.traits.versioned)
KERNEL = next(kind for kind in OP_WITNESSES if kind.traits.code)  # the interface itself, not a description of it
LOCK_TABLES = next(kind for kind in DocumentKind if kind.traits.lock_rules)  # the one kind that has them


def decides(kinds: Collection[DocumentKind], stating: Collection[DocumentKind]) -> bool:
    """Whether a version with documents of these kinds would state what the `stating` kinds state in other versions.

    If it does not state it, it is known to lack it. The headers of a version answer for all its documents.
    """
    return (KERNEL in kinds and KERNEL in stating) or frozenset(stating).issubset(kinds)
