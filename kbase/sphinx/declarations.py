"""The domain's data: which documents declare which objects, and which ones show facts of the knowledge base.

Where several documents declare an object, a reference leads to the document that comes first by name, so that the
order of reading, which differs in a parallel build, does not matter.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.locale import __
from sphinx.util import logging

from kbase.sphinx.library import Library

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Declared:
    """Where an object is declared, with the options of its directive."""

    docname: str
    node_id: str
    versions: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()


class Declarations(Domain):
    """The data of the domain `vfs`, as its directives and indices use it."""

    initial_data: ClassVar[dict[str, Any]] = {"objects": {}, "readers": {}}
    data_version = 1

    def __init__(self, env: BuildEnvironment) -> None:
        super().__init__(env)
        self.library = Library(env)

    @property
    def objects(self) -> dict[tuple[str, str], list[Declared]]:
        """Every declaration by kind and name."""
        return cast("dict[tuple[str, str], list[Declared]]", self.data["objects"])

    @property
    def readers(self) -> dict[str, str]:
        """The documents that show facts of the knowledge base, with its hash at the time."""
        return cast("dict[str, str]", self.data["readers"])

    def declare(self, kind: str, name: str, declared: Declared, *, location: Any) -> None:
        """Records an object; warns if another document declares it too."""
        known = self.objects.setdefault((kind, name), [])
        other = next((d for d in known if d.docname != declared.docname or d.node_id != declared.node_id), None)
        if other is not None:
            message = __("duplicate %s %s, also in %s; give one of them :no-index:")
            logger.warning(message, kind, name, other.docname, location=location, type="vfs", subtype="duplicate")
        known.append(declared)

    def first(self, kind: str, name: str) -> Declared | None:
        """The declaration that references to the name lead to."""
        return min(self.objects.get((kind, name), ()), default=None)

    def named(self, kind: str) -> Iterator[tuple[str, Declared]]:
        """All objects of a kind, by name."""
        for found, name in sorted(self.objects):
            if found == kind and (declared := self.first(kind, name)):
                yield name, declared

    def clear_doc(self, docname: str) -> None:
        """Removes the declarations of a document."""
        self.readers.pop(docname, None)
        for key, known in list(self.objects.items()):
            remaining = [declared for declared in known if declared.docname != docname]
            if remaining:
                self.objects[key] = remaining
            else:
                del self.objects[key]

    def merge_domaindata(self, docnames: AbstractSet[str], otherdata: dict[str, Any]) -> None:
        """Merges the data of another process."""
        self.readers.update({name: seen for name, seen in otherdata["readers"].items() if name in docnames})
        for key, known in otherdata["objects"].items():
            self.objects.setdefault(key, []).extend(d for d in known if d.docname in docnames)
