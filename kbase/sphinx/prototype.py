"""The directive `vfs:prototype`: a member in Sphinx's C domain that is declared in several namespaces.

A prototype stays the same over many versions, and each version has its namespace. It is read and shown once,
and `c:` cross-references find it under each of its names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.domains.c import CMemberObject
from sphinx.domains.c._ast import ASTDeclaration
from sphinx.domains.c._parser import DefinitionParser
from sphinx.domains.c._symbol import _DuplicateSymbolError
from sphinx.util import logging
from sphinx.util.cfamily import DefinitionError

from kbase.sphinx.objects import words

logger = logging.getLogger(__name__)


class PrototypeDirective(CMemberObject):
    """`.. vfs:prototype:: int (*open)(struct inode *)` with the namespaces `:scopes: v6_8.file_operations`."""

    option_spec: ClassVar[dict[str, Any]] = {
        "scopes": words,
        "no-index-entry": directives.flag,
        "no-contents-entry": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """The nodes of a `c:member`, with a target for each namespace; none where a namespace is no C name."""
        self.name = "c:member"
        try:
            self._scopes = [self._scope(name) for name in self.options.get("scopes", ())]
        except DefinitionError as error:
            logger.warning(str(error), location=self.get_location(), type="vfs", subtype="prototype")
            return []
        with self._inside(self._scopes[:1]):
            return super().run()

    def parse_definition(self, parser: DefinitionParser) -> Any:
        """The declaration read; a failure of Sphinx's parser is an error like any other."""
        try:
            return super().parse_definition(parser)
        except DefinitionError:
            raise
        except Exception as error:
            raise DefinitionError(f"{type(error).__name__}: {error}") from error

    def add_target_and_index(self, ast: Any, sig: str, signode: nodes.TextElement) -> None:
        """Declares it in the namespaces after the first, too; all of them share what was parsed, as it is large."""
        super().add_target_and_index(ast, sig, signode)
        for scope in self._scopes[1:]:
            again = ASTDeclaration(ast.objectType, ast.directiveType, ast.declaration, ast.semicolon)
            try:
                scope.add_declaration(again, self.env.current_document.docname, self.get_source_info()[1])
            except _DuplicateSymbolError as error:
                place = f"{error.symbol.docname}:{error.symbol.line}"
                message = "%s is declared in this namespace at %s, too"
                logger.warning(message, sig, place, location=signode, type="duplicate_declaration", subtype="c")
            else:
                super().add_target_and_index(again, sig, signode)

    def _scope(self, name: str) -> Any:
        """The C symbol of a namespace."""
        parser = DefinitionParser(name, location=self.get_location(), config=self.config)
        nested = parser.parse_namespace_object()
        parser.assert_end()
        return self.env.domaindata["c"]["root_symbol"].add_name(nested)

    @contextmanager
    def _inside(self, scopes: list[Any]) -> Iterator[None]:
        """Names are looked up and declared in the scope, if there is one."""
        document, keys = self.env.current_document, self.env.ref_context
        before = document.c_parent_symbol, keys.get("c:parent_key")
        for scope in scopes:
            document.c_parent_symbol, keys["c:parent_key"] = scope, scope.get_lookup_key()
        yield
        document.c_parent_symbol, keys["c:parent_key"] = before
