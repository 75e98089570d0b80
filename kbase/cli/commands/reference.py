"""`kbase reference`."""

from functools import partial
from pathlib import Path

import click

from kbase.cli.database import opened
from kbase.cli.options import Place, db_option, versions_option
from kbase.errors import UsageError
from kbase.reference import write
from kbase.terminal.lookup import versions_meant


@click.command("reference")
@click.argument("out", type=Place())
@click.option(
    "--builder", default="html", show_default=True, metavar="B", help="html, dirhtml, epub, man, text, docset."
)
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes that read and write; default: one for each core.")
@versions_option
@click.option("--all-versions", "every", is_flag=True, help="All available versions.")
@db_option
def command(db: Path, out: Path, builder: str, jobs: int | None, versions: tuple[str, ...], every: bool) -> None:
    """Write reference documentation into the folder OUT.

    Without --version and --all-versions it covers the newest version of each of the last four series of Linux (7.x,
    6.x, ...) and all versions from your own sources.
    """
    if versions and every:
        raise UsageError("--version and --all-versions exclude each other", advice="leave one of them out")
    kb = opened(db)
    labels, _ = versions_meant(kb, versions or (info.label for info in kb.versions if every))
    progress = partial(click.echo, err=True)
    click.echo(write(kb, out, versions=labels, builder=builder, jobs=jobs, progress=progress))
