"""Options and types of arguments that several commands take."""

from pathlib import Path
from typing import Any

import click

from kbase.cli.completion import complete_name, complete_version
from kbase.places import default_database


class Place(click.Path):
    """A path, of any bytes."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; none is empty or has a NUL."""
        if not str(value) or "\0" in str(value):
            self.fail(f"{value!r} is no path", param, ctx)
        return super().convert(value, param, ctx)


class Name(click.ParamType[str]):
    """A name, or words of a query: `->fault` is passed with a leading space, see `kbase.cli.run`."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """The text without white space around it."""
        return value.strip()


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
exit_code_option = click.option("--exit-code", is_flag=True, help="Exit with status 1 if anything is found.")
version_option = click.option(
    "--version",
    metavar="V",
    shell_complete=complete_version,
    help="The version; by default the newest that has the name.",
)
versions_option = click.option(
    "--version",
    "versions",
    multiple=True,
    metavar="V",
    shell_complete=complete_version,
    help="Only this version; may be repeated.",
)
db_option = click.option(
    "--db",
    type=Place(),
    envvar="KBASE_DB",
    default=default_database,
    metavar="DIR",
    help="The database folder (also KBASE_DB); by default in the user's data folder.",
)
name_argument = click.argument("name", type=Name(), shell_complete=complete_name)
