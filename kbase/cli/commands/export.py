"""`kbase export`."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from kbase.cli.database import opened, states
from kbase.cli.options import Place, db_option, versions_option
from kbase.errors import UsageError
from kbase.knowledge.export import ExportKind, export_lines
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.terminal.lookup import versions_meant

FORMATS = ["jsonl", "documents", "since"]
KINDS = [kind.value for kind in ExportKind]


@click.command("export")
@click.argument("out", required=False, type=Place())
@click.option("--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only objects of this kind.")
@click.option("--origin", metavar="TEXT", help="For the manifest: the tree, tag or package of the originals.")
@versions_option
@db_option
def command(
    db: Path, out: Path | None, form: str, kinds: tuple[str, ...], origin: str | None, versions: tuple[str, ...]
) -> None:
    """Print all facts as JSON, or write them as documents to OUT."""
    check_options(form, out, kinds, origin, versions)
    kb = opened(db)
    labels, _ = versions_meant(kb, versions)
    if out is not None:
        _write_documents(kb, out, labels, origin)
    else:
        for line in _lines(kb, form, labels, kinds):
            click.echo(line)


def _lines(kb: KnowledgeBase, form: str, labels: Sequence[str], kinds: tuple[str, ...]) -> Iterator[str]:
    if form == "since":
        from kbase.knowledge.since import since_data  # brings the comparisons

        yield json.dumps(since_data(kb), ensure_ascii=False, indent=1)
    else:
        yield from export_lines(states(kb, labels), kinds)


def _write_documents(kb: KnowledgeBase, out: Path, labels: Sequence[str], origin: str | None) -> None:
    from kbase.knowledge.corpus_export import write_documents  # brings the parsers

    written = write_documents(kb, out, labels, origin)
    click.echo(f"{written.documents} documents written to {out}", err=True)
    for place in written.not_restated:
        click.echo(f"left out, without words of our own: {place}", err=True)


def check_options(
    form: str, out: Path | None, kinds: tuple[str, ...], origin: str | None, versions: tuple[str, ...]
) -> None:
    """Which options go together."""
    documents = form == "documents"
    if documents and out is None:
        raise UsageError("--format documents without a folder", advice="name one: kbase export --format documents OUT")
    if out and not documents:
        advice = "add --format documents to write documents there, or redirect: kbase export > FILE"
        raise UsageError("JSON goes to standard output, not to a folder", str(out), advice)
    if form != "jsonl" and kinds:
        raise UsageError(f"--kind is for JSON Lines, not for --format {form}", advice="leave it out")
    if form == "since" and versions:
        raise UsageError("--format since is about all versions", advice="leave out --version")
    if origin and not documents:
        raise UsageError("--origin is for the manifest of --format documents", advice="leave it out")
