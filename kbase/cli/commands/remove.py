"""`kbase remove`."""

from pathlib import Path

import click

from kbase.build.pipeline import remove
from kbase.cli.completion import complete_version
from kbase.cli.database import put
from kbase.cli.options import db_option, json_option
from kbase.terminal.progress import bar
from kbase.terminal.reports import show_build


@click.command("remove")
@click.argument("what", metavar="SOURCE|VERSION", shell_complete=complete_version)
@json_option
@db_option
def command(db: Path, what: str, as_json: bool) -> None:
    """Remove a source, or a version of the user's own sources."""
    with bar() as step:
        report = remove(db, what, progress=step)
    put(report, as_json, show_build)
