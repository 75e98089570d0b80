"""The Sphinx domain `vfs`: ops tables, ops, locks and versions as objects that a document can refer to.

An object is declared by a directive (`vfs:op` and its like), or by `vfs:facts`.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from docutils import nodes
from sphinx import addnodes
from sphinx.builders import Builder
from sphinx.domains import ObjType
from sphinx.environment import BuildEnvironment
from sphinx.locale import __
from sphinx.roles import XRefRole
from sphinx.util.nodes import make_refnode

from kbase.sphinx.declarations import Declarations, Declared
from kbase.sphinx.indices import LockIndex, OpIndex, VersionIndex
from kbase.sphinx.objects import LockDirective, OpDirective, TableDirective, VersionDirective
from kbase.sphinx.prototype import PrototypeDirective
from kbase.sphinx.show import ChangesDirective, FactsDirective, MatrixDirective


class VfsRole(XRefRole):
    """A reference to a `vfs` object; a leading `~` shows only the last part of the name."""

    def process_link(
        self,
        env: BuildEnvironment,  # noqa: ARG002 - Sphinx calls it so
        refnode: nodes.Element,  # noqa: ARG002 - Sphinx calls it so
        has_explicit_title: bool,
        title: str,
        target: str,
    ) -> tuple[str, str]:
        """The title to show and the target to look for."""
        if has_explicit_title or not title.startswith("~"):
            return title, " ".join(target.split())
        return title[1:].rpartition(".")[2], target[1:].strip()


class VfsDomain(Declarations):
    """Linux VFS ops tables, ops, locks, versions."""

    name = "vfs"
    label = "Linux VFS"
    object_types: ClassVar[dict[str, ObjType]] = {
        "table": ObjType(__("ops table"), "table"),
        "op": ObjType(__("op"), "op"),
        "lock": ObjType(__("lock"), "lock"),
        "version": ObjType(__("kernel version"), "version"),
    }
    directives: ClassVar[dict[str, Any]] = {
        "table": TableDirective,
        "op": OpDirective,
        "lock": LockDirective,
        "version": VersionDirective,
        "prototype": PrototypeDirective,
        "facts": FactsDirective,
        "matrix": MatrixDirective,
        "changes": ChangesDirective,
    }
    roles: ClassVar[dict[str, Any]] = {kind: VfsRole(warn_dangling=True) for kind in object_types}
    indices: ClassVar[list[Any]] = [OpIndex, LockIndex, VersionIndex]
    dangling_warnings: ClassVar[dict[str, str]] = {
        "table": "unknown ops table: %(target)s",
        "op": "unknown op: %(target)s",
        "lock": "unknown lock: %(target)s",
        "version": "unknown version: %(target)s",
    }

    def resolve_xref(
        self,
        env: BuildEnvironment,  # noqa: ARG002 - Sphinx calls it so
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: addnodes.pending_xref,  # noqa: ARG002 - Sphinx calls it so
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """The reference; None for an unknown name, and for an op's bare name that several ops tables have."""
        found = self._find(typ, target)
        if found is None:
            return None
        name, declared = found
        return make_refnode(builder, fromdocname, declared.docname, declared.node_id, contnode, name)

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """The targets that `:any:` may refer to."""
        found = (
            (kind, self.resolve_xref(env, fromdocname, builder, kind, target, node, contnode)) for kind in self.roles
        )
        return [(f"vfs:{kind}", reference) for kind, reference in found if reference is not None]

    def get_objects(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """The entries of the inventory and of the search index."""
        for kind in self.object_types:
            for name, declared in self.named(kind):
                yield name, name, kind, declared.docname, declared.node_id, 1

    def _find(self, kind: str, name: str) -> tuple[str, Declared] | None:
        declared = self.first(kind, name)
        if declared is not None:
            return name, declared
        if kind != "op" or "." in name:
            return None
        fitting = [(full, found) for full, found in self.named("op") if full.rpartition(".")[2] == name]
        return fitting[0] if len(fitting) == 1 else None
