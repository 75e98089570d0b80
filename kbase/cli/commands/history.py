"""`kbase history`."""

from functools import partial
from pathlib import Path

import click

from kbase.cli.database import opened, put
from kbase.cli.options import db_option, json_option, name_argument
from kbase.terminal.history import find_history, history_json, show_history


@click.command("history")
@name_argument
@json_option
@db_option
def command(db: Path, name: str, as_json: bool) -> None:
    """Show the history of an op, of a lock, or of all ops of a table.

    It covers all available versions.
    """
    kb = opened(db)
    found = find_history(kb, name)
    put(history_json(found) if as_json else found, as_json, partial(show_history, kb))
