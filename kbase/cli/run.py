"""Runs a command and reports an error as one line on standard error."""

import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from kbase.cli.group import cli
from kbase.errors import AmbiguousName, KbaseError
from kbase.terminal.interrupts import Interrupted, interruptible

BROKEN_PIPE = 141  # what a shell reports for a program that SIGPIPE ends
INTERRUPTED = 130
YOUNG = 50_000  # allocations between two collections of the youngest generation
COMPLETE = "_KBASE_COMPLETE"  # the variable by which a shell asks for completions, as click names it


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit; any failure is one line on standard error."""
    gc.set_threshold(YOUNG)  # the data has no cycles: more collections would only take time
    if COMPLETE in os.environ:
        sys.exit(_complete(os.environ[COMPLETE]))
    if sys.stdout is None:  # closed by the caller: printing to it fails, and is reported
        sys.stdout = io.TextIOWrapper(io.FileIO(os.open(os.devnull, os.O_RDONLY), "w"), write_through=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(arguments))


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete

    return shell_complete(cli, {}, "kbase", COMPLETE, instruction)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        with interruptible():
            return _invoke([_no_option(word) for word in (sys.argv[1:] if arguments is None else arguments)])
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more
        return BROKEN_PIPE
    except (KeyboardInterrupt, click.Abort) as ended:
        complain("interrupted")
        return ended.status if isinstance(ended, Interrupted) else INTERRUPTED
    except Exception as error:
        if "KBASE_DEBUG" in os.environ:
            raise
        return _explain(error)


def _no_option(word: str) -> str:
    """`->fault` as a word that click does not parse as an option; `Name` removes the space again."""
    return f" {word}" if word.startswith("->") else word


def _invoke(arguments: list[str]) -> int:
    """Run a command; click's own `main` would exit with 1 at a broken pipe, which means findings here."""
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
            return complain(f"{line}; see {command} --help" if command else line)
        case KbaseError():
            return complain(str(error), error.candidates if isinstance(error, AmbiguousName) else ())
        case OSError():
            return complain(f"{error.filename or 'system'}: {error.strerror or error}")
        case _:
            return complain(f"internal error: {type(error).__name__}: {error}; KBASE_DEBUG=1 shows where")


def complain(message: str, candidates: Sequence[str] = ()) -> int:
    """Print an error message, and the names to choose from; the exit status of an error."""
    line = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in message)  # a name may have any
    click.echo(f"kbase: {line}", err=True)
    for candidate in candidates:
        click.echo(f"  {candidate}", err=True)
    return KbaseError.exit_status
