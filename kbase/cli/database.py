"""What commands have in common: opening the database, reading states, printing a result."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import VersionState
from kbase.store.codec import json_text
from kbase.store.generations import is_database
from kbase.terminal.lookup import with_notes
from kbase.terminal.printer import Printer


def opened(db: Path) -> KnowledgeBase:
    """The knowledge base in a folder, until the command ends; if there is none, the bundled corpus is built first."""
    if not is_database(db):
        _build_bundled(db)
    kb = KnowledgeBase.open(db)
    click.get_current_context().call_on_close(kb.close)
    return kb


def _build_bundled(db: Path) -> None:
    from kbase.build.pipeline import build
    from kbase.terminal.progress import bar

    with bar() as step:
        build(db, progress=step, jobs=os.cpu_count() or 1)


def states(kb: KnowledgeBase, versions: Sequence[str]) -> Iterator[VersionState]:
    """The states of these versions; without any, of the documents without version and then of all versions."""
    if not versions:
        yield kb.loose
    yield from map(kb.state, versions or [info.label for info in kb.versions])


def put(
    value: Any, as_json: bool, render: Callable[[Any, Printer], None] | None = None, notes: Sequence[str] = ()
) -> None:
    """Print a value as JSON, with its notes if there are any, or as `render` writes it."""
    if as_json or render is None:
        if notes:
            value = with_notes(value if isinstance(value, dict) else asdict(value), notes)
        click.echo(json_text(value, asdict, indent=2))
    else:
        render(value, Printer())
