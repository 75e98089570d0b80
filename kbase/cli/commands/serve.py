"""`kbase serve`."""

import logging
import sys
from contextlib import closing
from pathlib import Path

import click

from kbase.cli.database import opened
from kbase.cli.options import db_option
from kbase.cli.run import complain
from kbase.errors import StoreError
from kbase.web.serving import serve


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="The port; 0: a free one.")
@click.option("--prefix", default="", metavar="PATH", help="The path at which a proxy serves it: /kbase.")
@click.option(
    "--host-name",
    "host_names",
    multiple=True,
    metavar="NAME",
    help="A further host name to accept requests for (localhost and IP addresses always are); *: any. May be repeated.",
)
@db_option
def command(db: Path, host: str, port: int, prefix: str, host_names: tuple[str, ...]) -> None:
    """Serve the knowledge base to browsers until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    with closing(opened(db)) as kb:
        try:
            kb.open_index()
        except StoreError as error:
            complain(f"search is not available: {error}")
    serve(db, host, port, prefix, host_names)
