"""The indices by op, by lock and by version."""

import re
from collections.abc import Iterable
from typing import cast

from sphinx.domains import Index, IndexEntry

from kbase.model.versions import is_version, version_key
from kbase.sphinx.declarations import Declarations, Declared

SECTION = re.compile(r"[\w.+~-]+")
PLAIN, GROUP, MEMBER = 0, 1, 2  # what Sphinx calls the subtype of an entry
Content = tuple[list[tuple[str, list[IndexEntry]]], bool]


def section(name: str) -> str:
    """A section's title, which Sphinx prints into its pages as it is, and makes an anchor of."""
    return name if SECTION.fullmatch(name) else "Symbols"


def entry(name: str, subtype: int, declared: Declared | None, extra: str = "") -> IndexEntry:
    """An entry; without a place where nothing declares it."""
    docname, node_id = (declared.docname, declared.node_id) if declared else ("", "")
    return IndexEntry(name, subtype, docname, node_id, extra, "", "")


class OpIndex(Index):
    """All ops under their ops tables."""

    name = "ops"
    localname = "Index by op"
    shortname = "ops"

    def generate(self, docnames: Iterable[str] | None = None) -> Content:
        """Sections by ops table, entries by op, with the locks that its rules name."""
        domain, wanted = cast("Declarations", self.domain), set(docnames or ())
        sections: dict[str, list[IndexEntry]] = {}
        for name, declared in domain.named("op"):
            if not wanted or declared.docname in wanted:
                struct, _, op = name.rpartition(".")
                sections.setdefault(section(struct), []).append(entry(op, PLAIN, declared, ", ".join(declared.locks)))
        return sorted(sections.items()), False


class LockIndex(Index):
    """All locks, with the ops whose rules name them."""

    name = "locks"
    localname = "Index by lock"
    shortname = "locks"

    def generate(self, docnames: Iterable[str] | None = None) -> Content:
        """Sections by first letter, a group for each lock."""
        domain, wanted = cast("Declarations", self.domain), set(docnames or ())
        ops: dict[str, list[tuple[str, Declared]]] = {name: [] for name, _ in domain.named("lock")}
        for name, declared in domain.named("op"):
            if not wanted or declared.docname in wanted:
                for lock in declared.locks:
                    ops.setdefault(lock, []).append((name, declared))
        sections: dict[str, list[IndexEntry]] = {}
        for lock, named in sorted(ops.items()):
            letter = sections.setdefault(section(lock[:1].upper()), [])
            letter.append(entry(lock, GROUP if named else PLAIN, domain.first("lock", lock)))
            letter += [entry(name, MEMBER, declared) for name, declared in named]
        return sorted(sections.items()), True


class VersionIndex(Index):
    """All versions, with the ops they have, newest version first."""

    name = "versions"
    localname = "Index by version"
    shortname = "versions"

    def generate(self, docnames: Iterable[str] | None = None) -> Content:
        """A section for each version."""
        domain, wanted = cast("Declarations", self.domain), set(docnames or ())
        sections: dict[str, list[IndexEntry]] = {name: [] for name, _ in domain.named("version")}
        for name, declared in domain.named("op"):
            if not wanted or declared.docname in wanted:
                for version in declared.versions:
                    sections.setdefault(version, []).append(entry(name, PLAIN, declared))
        known = [version for version in sections if is_version(version)]
        order = sorted(known, key=version_key, reverse=True) + sorted(set(sections) - set(known))
        return [(section(version), sections[version]) for version in order if sections[version]], True
