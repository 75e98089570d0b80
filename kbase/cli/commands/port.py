"""`kbase port`."""

import sys
from pathlib import Path
from typing import Any

import click

from kbase.cli.completion import complete_source, complete_version
from kbase.cli.database import opened
from kbase.cli.options import Place, db_option, exit_code_option, json_option
from kbase.terminal.port import FORMATS, find_port, put_port


@click.command("port")
@click.argument("source", shell_complete=complete_source)
@click.option(
    "--from", "old", metavar="A", required=True, shell_complete=complete_version, help="The kernel it is for."
)
@click.option(
    "--to", "new", metavar="B", required=True, shell_complete=complete_version, help="The kernel to port it to."
)
@click.option("--from-tree", type=Place(), metavar="DIR", help="The tree of A: its headers are read, too.")
@click.option("--to-tree", type=Place(), metavar="DIR", help="The tree of B.")
@click.option("--accepted", type=Place(), metavar="FILE", help="Leave out the findings it lists.")
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@exit_code_option
@json_option
@db_option
def command(db: Path, source: str, form: str, as_json: bool, exit_code: bool, **chosen: Any) -> None:
    """List what must change in the C code SOURCE from kernel A to kernel B.

    SOURCE is a file, a folder, an archive or a git revision ([REPOSITORY@]REVISION[:PATH]). Every ops table in it is
    compared with the headers of both kernels. With both trees, the kernel's functions that it calls are compared, too.
    """
    found = find_port(opened(db), source, **chosen)
    put_port(found, "json" if as_json else form)
    if exit_code:
        sys.exit(found.exit_status)
