"""Where things lie: templates, the bundled corpus, the user's data.

A wheel carries `templates/` and `corpus/` inside the package (`kbase/_data/`); an editable install and a
checkout have them beside it.
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
    """Where the database lies unless `--db` or `KBASE_DB` says otherwise: the user's data folder.

    A relative `XDG_DATA_HOME` does not count, as the XDG base directory specification has it.

    Raises:
        UsageError: the user has no home.
    """
    base = Path(os.environ.get("XDG_DATA_HOME", ""))
    try:
        return (base if base.is_absolute() else Path("~/.local/share").expanduser()) / "kbase"
    except RuntimeError as error:
        raise UsageError("no home folder is known", "HOME", "say where the database is to be with --db") from error
