"""`kbase identify`."""

from pathlib import Path

import click

from kbase.cli.completion import complete_source
from kbase.cli.database import opened, put
from kbase.cli.options import db_option, json_option
from kbase.knowledge.identify import identify_source
from kbase.terminal.reports import identified_json, show_identified


@click.command("identify")
@click.argument("source", shell_complete=complete_source)
@json_option
@db_option
def command(db: Path, source: str, as_json: bool) -> None:
    """Find the available versions most similar to a document or tree."""
    kb = opened(db)
    found = identify_source(kb, source, dict.fromkeys(info.family for info in kb.versions))
    put(identified_json(found) if as_json else found, as_json, show_identified)
