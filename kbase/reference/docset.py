"""A docset for Dash and Zeal: the HTML pages, a property list, and an SQLite index of ops tables, ops and locks.

Format: https://kapeli.com/docsets, "Generating Dash Docsets".
"""

import plistlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

from sphinx.util.inventory import InventoryFile

NAME = "vfs.docset"
TYPES = {"vfs:table": "Struct", "vfs:op": "Method", "vfs:lock": "Resource", "vfs:version": "Guide"}
PROPERTIES = {
    "CFBundleIdentifier": "vfs",
    "CFBundleName": "Linux VFS",
    "DocSetPlatformFamily": "vfs",
    "dashIndexFilePath": "index.html",
    "isDashDocset": True,
}


def write_docset(html: Path, folder: Path) -> Path:
    """Makes the docset of built HTML pages anew in `folder` and returns it."""
    docset = folder / NAME
    shutil.rmtree(docset, ignore_errors=True)
    resources = docset / "Contents/Resources"
    shutil.copytree(html, resources / "Documents", ignore=shutil.ignore_patterns(".buildinfo", "objects.inv"))
    (docset / "Contents/Info.plist").write_bytes(plistlib.dumps(PROPERTIES))
    _write_index(resources / "docSet.dsidx", entries(html / "objects.inv"))
    return docset


def entries(inventory: Path) -> tuple[tuple[str, str, str], ...]:
    """(name, type, path) of everything in an inventory that a docset lists."""
    found = InventoryFile.loads(inventory.read_bytes(), uri="").data
    return tuple(
        sorted(
            (name, TYPES[kind], unquote(item.uri.removeprefix("/")))
            for kind, items in found.items()
            if kind in TYPES
            for name, item in items.items()
        )
    )


def _write_index(path: Path, found: tuple[tuple[str, str, str], ...]) -> None:
    with closing(sqlite3.connect(path)) as index, index:
        index.execute("CREATE TABLE searchIndex(id INTEGER PRIMARY KEY, name TEXT, type TEXT, path TEXT)")
        index.execute("CREATE UNIQUE INDEX anchor ON searchIndex(name, type, path)")
        index.executemany("INSERT INTO searchIndex(name, type, path) VALUES (?, ?, ?)", found)
