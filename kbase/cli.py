"""The command line: a command parses its arguments, calls one library function, prints.

Data goes to standard output, everything else to standard error. Exit status: 0 fine; 1 differences or findings, where
`--exit-code` asks for it; 2 a mistake in the call, in the input, or of the system.
"""

import io
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from kbase.diff import Only, Severity
from kbase.errors import AmbiguousName, KbaseError, StoreError, UsageError
from kbase.knowledge.check import check, counts
from kbase.knowledge.export import ExportKind, export_lines
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import VersionState
from kbase.places import default_database
from kbase.search.query_syntax import FIELDS
from kbase.search.results import MAX_LIMIT
from kbase.store.codec import json_text
from kbase.store.generations import is_database
from kbase.terminal import changes, pages, results
from kbase.terminal import history as lives
from kbase.terminal import json_output as answers
from kbase.terminal.change_selection import compare
from kbase.terminal.interrupts import Interrupted, interruptible
from kbase.terminal.lines import Paper
from kbase.terminal.progress import bar
from kbase.terminal.requested_versions import named

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
BROKEN_PIPE = 141  # what a shell reports for a program that SIGPIPE ends
INTERRUPTED = 130


class Place(click.Path):
    """A path, of any bytes."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; none is empty or has a NUL."""
        if not str(value) or "\0" in str(value):
            self.fail(f"{value!r} is no path", param, ctx)
        return super().convert(value, param, ctx)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
exit_code_option = click.option("--exit-code", is_flag=True, help="Exit with status 1 where there is anything to tell.")
version_option = click.option("--version", metavar="V", help="The version; otherwise the newest that has it.")
versions_option = click.option(
    "--version", "versions", multiple=True, metavar="V", help="Only this version; may be given again."
)
db_option = click.option(
    "--db",
    type=Place(),
    envvar="KBASE_DB",
    default=default_database,
    metavar="DIR",
    help="The database folder (also KBASE_DB); otherwise in the user's data folder.",
)


class Words(click.ParamType[str]):
    """Words of a query, or a name: `->fault` comes behind a space, see `_no_option`."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text without white space around it."""
        return value.strip()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kbase", message="%(prog)s %(version)s")
def cli() -> None:
    """What the Linux VFS documentation says of every operation: prototypes, locks held, and what changed.

    Every command takes --db DIR; those that print data take --json.
    """


@cli.command("build")
@click.argument("sources", nargs=-1, metavar="[[VERSION=]SOURCE ...]")
@click.option("--tags", metavar="PATTERN", help="Of a git repository, the tags to read: 'v5.*'.")
@click.option("--refs", metavar="PATTERN", help="Of a git repository, the branches and tags to read: 'aufs5.*'.")
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, help="Processes that parse.")
@json_option
@db_option
def build_command(
    db: Path, sources: tuple[str, ...], tags: str | None, refs: str | None, jobs: int, as_json: bool
) -> None:
    """Add SOURCEs or refresh them; without one, refresh everything.

    A SOURCE is a kernel tree, a folder of trees or of documents, a document, a tar archive, a git repository, or the
    address (https://...) of a document, a saved page or an archive.
    """
    from kbase.build.pipeline import build

    with bar() as step:
        report = build(db, sources, tags=tags, refs=refs, jobs=jobs, progress=step)
    put(report, as_json, results.show_build)


@cli.command("remove")
@click.argument("what", metavar="SOURCE|VERSION")
@json_option
@db_option
def remove_command(db: Path, what: str, as_json: bool) -> None:
    """Remove a source, or a version of the user's own sources."""
    from kbase.build.pipeline import remove

    with bar() as step:
        report = remove(db, what, progress=step)
    put(report, as_json, results.show_build)


@cli.command("versions")
@json_option
@db_option
def versions_command(db: Path, as_json: bool) -> None:
    """List the versions held, and where their labels come from."""
    put(opened(db).versions, as_json, results.show_versions)


@cli.command("identify")
@click.argument("source")
@json_option
@db_option
def identify_command(db: Path, source: str, as_json: bool) -> None:
    """Tell which version held a document or a tree is most like."""
    from kbase.knowledge.identify import identify_source

    kb = opened(db)
    found = identify_source(kb, source, dict.fromkeys(info.family for info in kb.versions))
    put(answers.identified(found) if as_json else found, as_json, results.show_identified)


class _SearchCommand(click.Command):
    """A command whose help lists the fields of the query language."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # click's own
        """Write each field with its meaning."""
        with formatter.section("Fields"):
            formatter.write_dl([(example, about) for about, example in FIELDS.values()])


@cli.command("search", cls=_SearchCommand)
@click.argument("query", nargs=-1, required=True, type=Words())
@click.option("--version", metavar="V|A..B", help="Only in this version, or only from A to B.")
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=20, show_default=True, help="Hits to print.")
@json_option
@db_option
def search_command(db: Path, query: tuple[str, ...], version: str | None, limit: int, as_json: bool) -> None:
    """Search ops, locks, functions, flags, notes and text.

    Plain words do. "A phrase" must stand so, ren* means words that begin so; AND, OR, NOT and parentheses combine.
    """
    found = opened(db).search(" ".join(query), version=version, limit=limit)
    if as_json:
        put(answers.search(found), as_json=True)
    else:
        results.show_results(found, Paper())
        results.show_search_remarks(found, Paper(sys.stderr))


@cli.command("show")
@click.argument("name", type=Words())
@version_option
@json_option
@db_option
def show_command(db: Path, name: str, version: str | None, as_json: bool) -> None:
    """Show what a name stands for, as the documents tell it.

    NAME is an op (rename, inode_operations.rename), an ops table, a lock under any of its names, a function, a flag, a
    data member, a design note, a commit, an entry of the porting log, or a class of operation of directory-locking.
    """
    kb = opened(db)
    labels, notes = named(kb, [version])
    put(pages.find_page(kb, name, *labels), as_json, pages.show_page, notes)


@cli.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.argument("name", required=False, metavar="[STRUCT[.OP]]")
@click.option(
    "--severity", type=click.Choice([severity.value for severity in Severity]), help="Only what is at least that grave."
)
@click.option("--lock", metavar="LOCK", help="Only the rules about this lock, by any of its names.")
@click.option(
    "--only", type=click.Choice([only.value for only in Only]), help="Only what is new in B, or gone since A."
)
@click.option("--accepted", type=Place(), metavar="FILE", help="Leave out the changes it lists.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@exit_code_option
@json_option
@db_option
def diff_command(db: Path, old: str, new: str, form: str, as_json: bool, exit_code: bool, **chosen: Any) -> None:
    """Tell what changed from A to B, in all or in one table or op."""
    told = compare(opened(db), old, new, **chosen)
    changes.put_changes(told, "json" if as_json else form)
    if exit_code:
        sys.exit(told.exit_status)


@cli.command("history")
@click.argument("name", type=Words())
@json_option
@db_option
def history_command(db: Path, name: str, as_json: bool) -> None:
    """Tell the life of an op, of a lock, or of all ops of a table, over all versions held."""
    kb = opened(db)
    life = lives.find_life(kb, name)
    put(lives.life_json(life) if as_json else life, as_json, partial(lives.show_life, kb))


@cli.command("export")
@click.argument("out", required=False, type=Place())
@click.option("--format", "form", type=click.Choice(["jsonl", "documents"]), default="jsonl", show_default=True)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in ExportKind]),
    help="Only objects of this kind.",
)
@click.option("--origin", metavar="TEXT", help="For the manifest: the tree, tag or package of the originals.")
@versions_option
@db_option
def export_command(
    db: Path, out: Path | None, form: str, kinds: tuple[str, ...], origin: str | None, versions: tuple[str, ...]
) -> None:
    """Print all held as JSON Lines, or write it as documents to OUT."""
    _check_export(form, out, kinds, origin)
    kb = opened(db)
    labels, _ = named(kb, versions)
    if out is not None:
        from kbase.knowledge.corpus_export import write_documents

        click.echo(f"{write_documents(kb, out, labels, origin)} documents written to {out}", err=True)
        return
    for line in export_lines(states(kb, labels), kinds):
        click.echo(line)


def _check_export(form: str, out: Path | None, kinds: tuple[str, ...], origin: str | None) -> None:
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


@cli.command("check")
@versions_option
@exit_code_option
@json_option
@db_option
def check_command(db: Path, versions: tuple[str, ...], exit_code: bool, as_json: bool) -> None:
    """List what is odd in the documents, or does not agree."""
    kb = opened(db)
    labels, notes = named(kb, versions)
    found = check(states(kb, labels))
    put({"findings": found, "counts": counts(found)} if as_json else found, as_json, results.show_findings, notes)
    if found and exit_code:
        sys.exit(1)


@cli.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="The port; 0: a free one.")
@click.option("--prefix", default="", metavar="PATH", help="Where a proxy has it: /kbase.")
@click.option(
    "--host-name",
    "host_names",
    multiple=True,
    metavar="NAME",
    help="A name that it answers to, beside localhost and IP addresses; *: any. May be repeated.",
)
@db_option
def serve_command(db: Path, host: str, port: int, prefix: str, host_names: tuple[str, ...]) -> None:
    """Serve the knowledge base to browsers until interrupted."""
    from kbase.web.serving import serve

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    with closing(opened(db)) as kb:
        try:
            kb.open_index()
        except StoreError as error:
            _complain(f"nothing can be searched: {error}")
    serve(db, host, port, prefix, host_names)


@cli.command("reference")
@click.argument("out", type=Place())
@click.option(
    "--builder", default="html", show_default=True, metavar="B", help="html, dirhtml, epub, man, text, docset."
)
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes that read and write; default: one for each core.")
@versions_option
@db_option
def reference_command(db: Path, out: Path, builder: str, jobs: int | None, versions: tuple[str, ...]) -> None:
    """Write reference documentation into the folder OUT."""
    from kbase.reference import write

    def say(line: str) -> None:
        click.echo(line, err=True)

    kb = opened(db)
    labels, _ = named(kb, versions)
    click.echo(write(kb, out, versions=labels, builder=builder, jobs=jobs, progress=say))


def opened(db: Path) -> KnowledgeBase:
    """The knowledge base in that folder, until the command is over; where there is none, it is built of the corpus."""
    if not is_database(db):
        from kbase.build.pipeline import build

        with bar() as step:
            build(db, progress=step, jobs=os.cpu_count() or 1)
    kb = KnowledgeBase.open(db)
    click.get_current_context().call_on_close(kb.close)
    return kb


def states(kb: KnowledgeBase, versions: Sequence[str]) -> Iterator[VersionState]:
    """The states of these versions; without any, of what has no version and then of all."""
    if not versions:
        yield kb.loose
    yield from map(kb.state, versions or [info.label for info in kb.versions])


def put(
    value: Any, as_json: bool, render: Callable[[Any, Paper], None] | None = None, notes: Sequence[str] = ()
) -> None:
    """Print a value as JSON, with its notes if there are any, or as `render` writes it."""
    if as_json or render is None:
        if notes:
            value = answers.with_notes(value if isinstance(value, dict) else asdict(value), notes)
        click.echo(json_text(value, asdict, indent=2))
    else:
        render(value, Paper())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit; whatever goes wrong is one line on standard error."""
    if sys.stdout is None:  # closed by the caller: what is printed is lost, and that is told
        sys.stdout = io.TextIOWrapper(io.FileIO(os.open(os.devnull, os.O_RDONLY), "w"), write_through=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        with interruptible():
            return _invoke([_no_option(word) for word in (sys.argv[1:] if arguments is None else arguments)])
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more
        return BROKEN_PIPE
    except (KeyboardInterrupt, click.Abort) as ended:
        _complain("interrupted")
        return ended.status if isinstance(ended, Interrupted) else INTERRUPTED
    except Exception as error:
        if "KBASE_DEBUG" in os.environ:
            raise
        return _explain(error)


def _no_option(word: str) -> str:
    """`->fault` as a word that click does not take for an option; `Words` takes the space away again."""
    return f" {word}" if word.startswith("->") else word


def _invoke(arguments: list[str]) -> int:
    """Run a command; click's own `main` would answer a broken pipe with 1, which means findings here."""
    try:
        with cli.make_context("kbase", arguments) as context:
            cli.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    sys.stdout.flush()
    return 0


def _explain(error: Exception) -> int:
    match error:
        case click.ClickException():
            command = error.ctx and error.ctx.command_path if isinstance(error, click.UsageError) else None
            line = error.format_message().replace("\n", " ").removesuffix(".")
            return _complain(f"{line}; see {command} --help" if command else line)
        case KbaseError():
            return _complain(str(error), error.candidates if isinstance(error, AmbiguousName) else ())
        case OSError():
            return _complain(f"{error.filename or 'system'}: {error.strerror or error}")
        case _:
            return _complain(f"a mistake in kbase: {type(error).__name__}: {error}; KBASE_DEBUG=1 shows where")


def _complain(message: str, candidates: Sequence[str] = ()) -> int:
    line = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in message)  # a name may hold any
    click.echo(f"kbase: {line}", err=True)
    for candidate in candidates:
        click.echo(f"  {candidate}", err=True)
    return KbaseError.exit_status
