"""`kbase versions`."""

from pathlib import Path

import click

from kbase.cli.database import opened, put
from kbase.cli.options import db_option, json_option
from kbase.terminal.reports import show_versions


@click.command("versions")
@json_option
@db_option
def command(db: Path, as_json: bool) -> None:
    """List the available versions, and where their labels come from."""
    kb = opened(db)
    put(kb.versions if as_json else kb, as_json, show_versions)
