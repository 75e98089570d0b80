"""`kbase check`."""

import sys
from pathlib import Path

import click

from kbase.cli.database import opened, put, states
from kbase.cli.options import db_option, exit_code_option, json_option, versions_option
from kbase.knowledge.check import check, counts
from kbase.terminal.findings import show_findings
from kbase.terminal.lookup import versions_meant


@click.command("check")
@versions_option
@exit_code_option
@json_option
@db_option
def command(db: Path, versions: tuple[str, ...], exit_code: bool, as_json: bool) -> None:
    """List inconsistencies and oddities in the documents."""
    kb = opened(db)
    labels, notes = versions_meant(kb, versions)
    found = check(states(kb, labels))
    put({"findings": found, "counts": counts(found)} if as_json else found, as_json, show_findings, notes)
    if found and exit_code:
        sys.exit(1)
