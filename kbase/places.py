"""Paths of the templates, the bundled corpus and the user's data.

A wheel carries `templates/` and `corpus/` inside the package (`kbase/_data/`); an editable install and a
checkout have them next to it.
"""

import os
from pathlib import Path

from kbase.errors import UsageError

PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str) -> Path:
    installed = PACKAGE / "_data" / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def templates(part: str) -> Path:
    """The folder of Jinja templates of `part`: "web", "reference" or "shared"."""
    return _shipped("templates") / part


def corpus() -> Path:
    """The bundled corpus."""
    return _shipped("corpus")


def default_database() -> Path:
    """The database folder unless `--db` or `KBASE_DB` names another: in the user's data folder.

    A relative `XDG_DATA_HOME` is ignored, as the XDG base directory specification requires.

    Raises:
        UsageError: the user has no home.
    """
    base = Path(os.environ.get("XDG_DATA_HOME", ""))
    try:
        return (base if base.is_absolute() else Path("~/.local/share").expanduser()) / "kbase"
    except RuntimeError as error:
        raise UsageError("no home folder is known", "HOME", "name the database folder with --db") from error
