"""A Sphinx extension: the domain `vfs` with the facts of a knowledge base, for anyone's documentation.

A project's `conf.py` lists `kbase.sphinx` among its extensions. `kbase_db` names the database (default: `KBASE_DB`,
then the user's own), `kbase_version` the version that a directive without `:version:` is about (default: latest).
"""

from collections.abc import Set as AbstractSet
from importlib.metadata import version
from typing import Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from kbase.errors import KbaseError
from kbase.kernel.c_declarations import ATTRIBUTES, PAREN_ATTRIBUTES
from kbase.sphinx.domain import VfsDomain
from kbase.sphinx.show import SOFT
from kbase.sphinx.symbols import forget_document


def read_kernel_attributes(_app: Sphinx, config: Config) -> None:
    """Lets the C domain read the kernel's own attributes, such as `__user`, beside those of the project."""
    config.c_id_attributes = [*dict.fromkeys([*config.c_id_attributes, *ATTRIBUTES])]
    config.c_paren_attributes = [*dict.fromkeys([*config.c_paren_attributes, *PAREN_ATTRIBUTES])]


def documents_with_old_facts(
    _app: Sphinx,
    env: BuildEnvironment,
    _added: AbstractSet[str],
    _changed: AbstractSet[str],
    _removed: AbstractSet[str],
) -> list[str]:
    """The documents to read again because they were read with another knowledge base."""
    domain = cast("VfsDomain", env.domains["vfs"])
    if not domain.readers:
        return []
    try:
        present = domain.library.kb.hash
    except KbaseError:
        return sorted(domain.readers)
    return sorted(docname for docname, seen in domain.readers.items() if seen != present)


def plain_text_for_soft(
    _app: Sphinx, _env: BuildEnvironment, node: addnodes.pending_xref, contnode: nodes.Element
) -> nodes.Element | None:
    """A reference made by a template is plain text where the project does not have its target."""
    return contnode if node.get(SOFT) else None


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls to load the extension."""
    app.add_config_value("kbase_db", None, "env", (str, type(None)))
    app.add_config_value("kbase_version", "latest", "env", str)
    app.add_domain(VfsDomain)
    app.connect("config-inited", read_kernel_attributes)
    app.connect("env-get-outdated", documents_with_old_facts)
    app.connect("env-purge-doc", forget_document)
    app.connect("missing-reference", plain_text_for_soft, priority=900)
    return {"version": version("kbase"), "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
