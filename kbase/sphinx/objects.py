"""Directives that declare an object of the domain: `vfs:table`, `vfs:op`, `vfs:lock`, `vfs:version`."""

import re
from typing import Any, ClassVar, cast

from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.directives import ObjectDescription
from sphinx.util.nodes import make_id

from kbase.sphinx.declarations import Declarations, Declared


def words(argument: str) -> tuple[str, ...]:
    """An option's value as words."""
    return tuple(argument.split())


def phrases(argument: str) -> tuple[str, ...]:
    """An option's value as phrases, separated by semicolons; white space in them is one space."""
    return tuple(" ".join(part.split()) for part in re.split(r";\s", argument) if part.strip())


class VfsObject(ObjectDescription[str]):
    """Declares and shows one object; `:no-index:` shows it without declaring it."""

    option_spec: ClassVar[dict[str, Any]] = {
        **(ObjectDescription.option_spec or {}),
        "versions": words,
        "locks": phrases,
        "noindex": directives.flag,
    }
    annotation: ClassVar[str] = ""
    entry: ClassVar[str] = "%s"  # in the general index

    def handle_signature(self, sig: str, signode: addnodes.desc_signature) -> str:
        """Fills the signature; the name is the whole of it."""
        name = " ".join(sig.split())
        head, dot, tail = name.rpartition(".") if self.objtype == "op" else ("", "", name)
        if self.annotation:
            signode += addnodes.desc_annotation("", self.annotation)
            signode += addnodes.desc_sig_space()
        if dot:
            signode += addnodes.desc_addname("", head + dot)
        signode += addnodes.desc_name("", tail)
        return name

    def add_target_and_index(
        self,
        name: str,
        sig: str,  # noqa: ARG002 - Sphinx calls it so
        signode: addnodes.desc_signature,
    ) -> None:
        """Gives the signature its anchor and notes the object."""
        node_id = make_id(self.env, self.state.document, f"vfs-{self.objtype}", name)
        signode["ids"].append(node_id)
        self.state.document.note_explicit_target(signode)
        declared = Declared(
            self.env.current_document.docname,
            node_id,
            self.options.get("versions", ()),
            self.options.get("locks", ()),
        )
        domain = cast("Declarations", self.env.domains["vfs"])
        domain.declare(self.objtype, name, declared, location=signode)
        if "no-index-entry" not in self.options:
            self.indexnode["entries"].append(("single", self.index_entry(name), node_id, "", None))

    def index_entry(self, name: str) -> str:
        """The line of the general index."""
        return self.entry % name

    def _object_hierarchy_parts(self, sig_node: addnodes.desc_signature) -> tuple[str, ...]:
        return (sig_node.astext(),)

    def _toc_entry_name(self, sig_node: addnodes.desc_signature) -> str:
        parts = sig_node.get("_toc_parts", ())
        return str(parts[0]) if parts else ""


class TableDirective(VfsObject):
    """`.. vfs:table:: inode_operations`."""

    annotation = "struct"
    entry = "%s (ops table)"


class OpDirective(VfsObject):
    """`.. vfs:op:: inode_operations.rename`, with `:versions:` that have it and `:locks:` its rules name."""

    def index_entry(self, name: str) -> str:
        """`rename (inode_operations)`."""
        struct, _, op = name.rpartition(".")
        return f"{op} ({struct})" if struct else op


class LockDirective(VfsObject):
    """`.. vfs:lock:: i_rwsem`."""

    annotation = "lock"
    entry = "%s (lock)"


class VersionDirective(VfsObject):
    """`.. vfs:version:: v6.8.1`."""

    annotation = "Linux"
    entry = "%s (version)"
