"""Shell completion of versions and names, from the database that the command line names.

A completion prints no error and builds nothing: without a readable database there is nothing to complete.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from kbase.errors import KbaseError
from kbase.places import default_database

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

WITH_HISTORY = ("op", "lock", "struct")


def complete_version(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The labels of versions that begin so; behind `A..`, the label that ends the range."""
    start, dots, begun = incomplete.rpartition("..")
    return [start + dots + label for label in _read(ctx, "versions") if label.startswith(begun)]


def complete_name(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Names that begin so: of ops with and without their ops table, ops tables, locks, functions, flags, ..."""
    return [name for name in _read(ctx, "names") if name.lower().startswith(incomplete.lower())]


def complete_source(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """The shell's own completion of files, behind `VERSION=` too, as shells split a word there."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def _read(ctx: click.Context, what: str) -> Iterable[str]:
    from kbase.knowledge.knowledge_base import KnowledgeBase

    try:
        kb = KnowledgeBase.open(ctx.params.get("db") or default_database())
        if what == "versions":
            return ["latest", *(info.label for info in kb.versions)]
        of_history = ctx.command.name == "history"
        full = {name for _, kind, name in kb.symbols if kind in WITH_HISTORY or not of_history}
        return sorted(full | {name.rpartition(".")[2] for name in full if "." in name})
    except KbaseError:
        return []
