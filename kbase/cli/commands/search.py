"""`kbase search`."""

import sys
from pathlib import Path

import click

from kbase.cli.completion import complete_name, complete_version
from kbase.cli.database import opened, put
from kbase.cli.options import Name, db_option, json_option
from kbase.search.searcher import MAX_LIMIT
from kbase.search.syntax import FIELDS
from kbase.terminal.printer import Printer
from kbase.terminal.search_results import results_json, show_results, show_search_remarks


class SearchCommand(click.Command):
    """A command whose help lists the fields of the query language."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's own
        """Write each field with its meaning."""
        with formatter.section("Fields"):
            formatter.write_dl([(example, about) for about, example in FIELDS.values()])


@click.command("search", cls=SearchCommand)
@click.argument("query", nargs=-1, required=True, type=Name(), shell_complete=complete_name)
@click.option("--version", metavar="V|A..B", shell_complete=complete_version, help="Only this version, or from A to B.")
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=20, show_default=True, help="Hits to print.")
@json_option
@db_option
def command(db: Path, query: tuple[str, ...], version: str | None, limit: int, as_json: bool) -> None:
    """Search ops, locks, functions, flags, notes and text.

    QUERY is plain words, "a phrase", or a prefix (ren*); AND, OR, NOT and parentheses combine them.
    """
    found = opened(db).search(" ".join(query), version=version, limit=limit)
    if as_json:
        put(results_json(found), as_json=True)
    else:
        show_results(found, Printer())
        show_search_remarks(found, Printer(sys.stderr))
