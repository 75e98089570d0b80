"""`kbase diff`."""

import sys
from pathlib import Path
from typing import Any

import click

from kbase.cli.completion import complete_name, complete_version
from kbase.cli.database import opened
from kbase.cli.options import Place, db_option, exit_code_option, json_option
from kbase.diff.change_filter import Only
from kbase.diff.changes import Severity
from kbase.terminal.change_selection import compare
from kbase.terminal.changes import put_changes


@click.command("diff")
@click.argument("old", metavar="A", shell_complete=complete_version)
@click.argument("new", metavar="B", shell_complete=complete_version)
@click.argument("name", required=False, metavar="[STRUCT[.OP]]", shell_complete=complete_name)
@click.option("--severity", type=click.Choice([each.value for each in Severity]), help="Minimum severity.")
@click.option("--lock", metavar="LOCK", shell_complete=complete_name, help="Only rules about this lock.")
@click.option(
    "--only", type=click.Choice([each.value for each in Only]), help="Only what was added in B, or removed since A."
)
@click.option("--accepted", type=Place(), metavar="FILE", help="Leave out the changes it lists.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@exit_code_option
@json_option
@db_option
def command(db: Path, old: str, new: str, form: str, as_json: bool, exit_code: bool, **chosen: Any) -> None:
    """Show what changed from A to B, in all or in one table or op."""
    found = compare(opened(db), old, new, **chosen)
    put_changes(found, "json" if as_json else form)
    if exit_code:
        sys.exit(found.exit_status)
