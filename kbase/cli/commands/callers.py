"""`kbase callers`."""

from pathlib import Path

import click

from kbase.cli.database import opened, put
from kbase.cli.options import db_option, json_option, name_argument, version_option
from kbase.terminal.callers import callers_json, find_callers, show_callers


@click.command("callers")
@name_argument
@version_option
@json_option
@db_option
def command(db: Path, name: str, version: str | None, as_json: bool) -> None:
    """Show where the kernel's core calls an op, and the locks named before.

    NAME is an op (rename, inode_operations.rename) or an ops table. The lines before a call, in the same function, that
    take, assert or release a lock are quoted and not interpreted.
    """
    found = find_callers(opened(db), name, version)
    put(callers_json(found) if as_json else found, as_json, show_callers)
