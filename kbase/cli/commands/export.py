"""`kbase export`."""

from pathlib import Path

import click

from kbase.cli.database import opened, states
from kbase.cli.options import Place, db_option, versions_option
from kbase.errors import UsageError
from kbase.knowledge.export import ExportKind, export_lines
from kbase.terminal.lookup import versions_meant

KINDS = [kind.value for kind in ExportKind]


@click.command("export")
@click.argument("out", required=False, type=Place())
@click.option("--format", "form", type=click.Choice(["jsonl", "documents"]), default="jsonl", show_default=True)
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only objects of this kind.")
@click.option("--origin", metavar="TEXT", help="For the manifest: the tree, tag or package of the originals.")
@versions_option
@db_option
def command(
    db: Path, out: Path | None, form: str, kinds: tuple[str, ...], origin: str | None, versions: tuple[str, ...]
) -> None:
    """Print all facts as JSON Lines, or write them as documents to OUT."""
    check_options(form, out, kinds, origin)
    kb = opened(db)
    labels, _ = versions_meant(kb, versions)
    if out is not None:
        from kbase.knowledge.corpus_export import write_documents  # brings the parsers

        click.echo(f"{write_documents(kb, out, labels, origin)} documents written to {out}", err=True)
        return
    for line in export_lines(states(kb, labels), kinds):
        click.echo(line)


def check_options(form: str, out: Path | None, kinds: tuple[str, ...], origin: str | None) -> None:
    """Which options go together."""
    documents = form == "documents"
    if documents and out is None:
        raise UsageError("--format documents without a folder", advice="name one: kbase export --format documents OUT")
    if out and not documents:
        advice = "add --format documents to write documents there, or redirect: kbase export > FILE"
        raise UsageError("JSON Lines go to standard output, not to a folder", str(out), advice)
    if documents and kinds:
        raise UsageError("--kind is for JSON Lines, not for documents", advice="leave it out")
    if origin and not documents:
        raise UsageError("--origin is for the manifest of --format documents", advice="leave it out")
