"""`kbase drift`."""

import sys
from pathlib import Path

import click

from kbase.cli.completion import complete_name
from kbase.cli.database import opened, put
from kbase.cli.options import Name, db_option, exit_code_option, json_option, versions_option
from kbase.terminal.drift import complain_of_gaps, drift_json, find_drift, show_drift


@click.command("drift")
@click.argument("name", type=Name(), required=False, metavar="[STRUCT[.OP]]", shell_complete=complete_name)
@versions_option
@exit_code_option
@json_option
@db_option
def command(db: Path, name: str | None, versions: tuple[str, ...], exit_code: bool, as_json: bool) -> None:
    """List where documents and headers of the same version disagree.

    Without --version: in the newest version that has headers and documents.
    """
    found = find_drift(opened(db), name, versions)
    put(drift_json(each for version in found for each in version.found) if as_json else found, as_json, show_drift)
    complain_of_gaps(found)
    if status := max(each.exit_status(findings=exit_code) for each in found):
        sys.exit(status)
