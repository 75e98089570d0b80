"""Directives that show facts of the knowledge base: `vfs:facts`, `vfs:matrix`, `vfs:changes`.

They print the templates of the generated reference and parse the result in place. An error of the author
(an unknown op, a version that is not available) is a warning at the directive's line.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from kbase.diff.changes import Severity
from kbase.errors import KbaseError, UnknownName
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.sphinx.changes import change_page
from kbase.sphinx.declarations import Declarations
from kbase.sphinx.facts import op_facts
from kbase.sphinx.matrix import matrix
from kbase.sphinx.render import render

logger = logging.getLogger(__name__)
SOFT = "vfs_soft"  # marks a reference that a template made: where nothing declares its target, it is plain text


def severity(argument: str) -> Severity:
    """The value of `:severity:`."""
    return Severity(directives.choice(argument, tuple(Severity)))


class ShowDirective(SphinxDirective):
    """The base of the three directives."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = False

    def run(self) -> list[nodes.Node]:
        """The nodes; none, and a warning, where the knowledge base cannot answer."""
        domain = cast("Declarations", self.env.domains["vfs"])
        try:
            kb = domain.library.kb
            template, content = self.content_of(kb, " ".join(self.arguments[0].split()))
        except KbaseError as error:
            logger.warning(str(error), location=self.get_location(), type="vfs", subtype="facts")
            return []
        domain.readers[self.env.current_document.docname] = kb.hash
        found = self.parse_text_to_nodes(render(template, content))
        for node in found:
            for reference in node.findall(addnodes.pending_xref):
                reference[SOFT] = True
        return found

    def content_of(self, kb: KnowledgeBase, argument: str) -> tuple[str, Mapping[str, object]]:
        """The template that shows it and what the template is given."""
        raise NotImplementedError

    def version_of(self, kb: KnowledgeBase) -> str:
        """The version asked for, or the project's."""
        meant = kb.interpret(self.options.get("version", self.config.kbase_version))
        if meant.note:
            logger.info(meant.note, location=self.get_location())
        return meant.label


class FactsDirective(ShowDirective):
    """`.. vfs:facts:: inode_operations.rename`: prototypes and lock rules, and the op's declaration."""

    option_spec: ClassVar[dict[str, Any]] = {"version": directives.unchanged_required, "no-index": directives.flag}

    def content_of(self, kb: KnowledgeBase, argument: str) -> tuple[str, Mapping[str, object]]:
        """The op at its version.

        Raises:
            UnknownName: no such op, or no such version.
        """
        struct, dot, name = argument.rpartition(".")
        if not dot:
            raise UnknownName("an op is named with its ops table", argument, "write it like inode_operations.rename")
        label = self.version_of(kb)
        facts = op_facts(kb.op(label, struct, name), kb.state(label), kb.drift.of_version(label, struct, name))
        return "embedded_facts.rst", {"facts": facts, "declare": "no-index" not in self.options}


class MatrixDirective(ShowDirective):
    """`.. vfs:matrix:: inode_operations`: ops x locks."""

    option_spec: ClassVar[dict[str, Any]] = {"version": directives.unchanged_required}

    def content_of(self, kb: KnowledgeBase, argument: str) -> tuple[str, Mapping[str, object]]:
        """The ops table at its version.

        Raises:
            UnknownName: no such ops table, or no such version.
        """
        page, others = matrix(kb, self.version_of(kb), argument)
        return "matrix.rst", {"matrix": page, "others": others}


class ChangesDirective(ShowDirective):
    """`.. vfs:changes:: v5.4..v6.8.1`: what changed, of one ops table with `:table:`, one op with `:op:`."""

    option_spec: ClassVar[dict[str, Any]] = {
        "table": directives.unchanged_required,
        "op": directives.unchanged_required,
        "severity": severity,
    }

    def content_of(self, kb: KnowledgeBase, argument: str) -> tuple[str, Mapping[str, object]]:
        """The changes asked for.

        Raises:
            UnknownName: no such version, ops table or op.
            UsageError: the argument is no range.
        """
        old, new = kb.range(argument)
        struct, op = self.options.get("table"), None
        if "op" in self.options:
            struct, _, op = self.options["op"].rpartition(".")
        wanted = Severity.at_least(self.options.get("severity"))
        changes = [change for change in kb.diff(old, new, struct, op) if change.severity in wanted]
        return "embedded_changes.rst", {"page": change_page(old, new, changes)}
