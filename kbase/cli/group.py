"""The group `kbase`, which imports the module of a command only when that command is run."""

from importlib import import_module

import click

# The commands with their one-line summaries, which are the first lines of their docstrings. `kbase NAME` runs
# `command` of the module `kbase.cli.commands.NAME`.
COMMANDS = {
    "build": "Add SOURCEs or refresh them; without one, refresh everything.",
    "callers": "Show where the kernel's core calls an op, and the locks named before.",
    "check": "List inconsistencies and oddities in the documents.",
    "diff": "Show what changed from A to B, in all or in one table or op.",
    "drift": "List where documents and headers of the same version disagree.",
    "export": "Print all facts as JSON, or write them as documents to OUT.",
    "history": "Show the history of an op, of a lock, or of all ops of a table.",
    "identify": "Find the available versions most similar to a document or tree.",
    "port": "List what must change in the C code SOURCE from kernel A to kernel B.",
    "reference": "Write reference documentation into the folder OUT.",
    "remove": "Remove a source, or a version of the user's own sources.",
    "search": "Search ops, locks, functions, flags, notes and text.",
    "serve": "Serve the knowledge base to browsers until interrupted.",
    "show": "Show what a name means: an op, an ops table, a lock, ...",
    "versions": "List the available versions, and where their labels come from.",
}


class CommandGroup(click.Group):
    """A group that knows the names and summaries of its commands without importing them."""

    def list_commands(self, ctx: click.Context | None = None) -> list[str]:  # noqa: ARG002 - click calls it so
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context | None, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name; None for any other name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"kbase.cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write each command with its summary."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[click.shell_completion.CompletionItem]":
        """The names of commands, else the options of the group, that begin so."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name, help=about) for name, about in COMMANDS.items() if name.startswith(incomplete)]
        return names or click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kbase", message="%(prog)s %(version)s")
def cli() -> None:
    """What the Linux VFS documentation says of every operation: prototypes, locks held, and what changed.

    Every command takes --db DIR; those that print data take --json.
    """
