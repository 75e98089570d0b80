"""`kbase build`."""

import os
from pathlib import Path
from typing import Any

import click

from kbase.build.pipeline import build
from kbase.cli.completion import complete_source
from kbase.cli.database import put
from kbase.cli.options import db_option, json_option
from kbase.terminal.progress import bar
from kbase.terminal.reports import show_build


@click.command("build")
@click.argument("sources", nargs=-1, metavar="[[VERSION=]SOURCE ...]", shell_complete=complete_source)
@click.option("--tags", metavar="PATTERN", help="Of a git repository, the tags to read: 'v5.*'.")
@click.option("--refs", metavar="PATTERN", help="Of a git repository, the branches and tags to read: 'aufs5.*'.")
@click.option(
    "--with-bundled/--without-bundled",
    "bundled",
    default=None,
    help="Include the versions that come with kbase (at first yes, later as before).",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, help="Processes that parse.")
@json_option
@db_option
def command(db: Path, sources: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Add SOURCEs or refresh them; without one, refresh everything.

    A SOURCE is a kernel tree, a folder of trees or of documents, a document, a tar archive, a git repository, or the
    address (https://...) of a document, a saved page or an archive.
    """
    with bar() as step:
        report = build(db, sources, progress=step, **options)
    put(report, as_json, show_build)
