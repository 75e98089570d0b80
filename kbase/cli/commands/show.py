"""`kbase show`."""

from pathlib import Path

import click

from kbase.cli.database import opened, put
from kbase.cli.options import db_option, json_option, name_argument, version_option
from kbase.terminal.lookup import versions_meant
from kbase.terminal.pages import find_page


@click.command("show")
@name_argument
@version_option
@json_option
@db_option
def command(db: Path, name: str, version: str | None, as_json: bool) -> None:
    """Show what a name means: an op, an ops table, a lock, ...

    NAME is an op (rename, inode_operations.rename), an ops table, a lock under any of its names, a function, a flag, a
    data member, a design note, a commit, an entry of the porting log or a name in one (setattr_prepare), or a class of
    operation of directory-locking. `lock-order` shows which locks are taken before which others.
    The address of any page of the site works too: /locks/, /history/inode_operations/.
    """
    kb = opened(db)
    labels, notes = versions_meant(kb, [version])
    page, show_page = find_page(kb, name, *labels)
    put(page, as_json, show_page, notes)
