"""The registry of document kinds is the only list of them."""

import re
from pathlib import Path

from kbase.model.witnesses import COMPARED, EXPECTED, LOCK_TABLES, OP_WITNESSES, DocumentKind

PACKAGE = Path(__file__).resolve().parents[2] / "kbase"
STATING = re.compile(r"DocumentKind\.(?:HEADER|LOCKING|VFS|PORTING|DIRECTORY_LOCKING)\b")
ABOUT_ONE_KIND = ("model/witnesses.py", "parsers/")  # reads it


def test_the_kind_believed_first_comes_first() -> None:
    assert [kind.value for kind in OP_WITNESSES] == ["header", "vfs", "locking"]
    assert [kind.value for kind in EXPECTED] == ["header", "vfs", "locking", "porting", "directory-locking"]
    assert set(OP_WITNESSES) < set(COMPARED)
    assert LOCK_TABLES in OP_WITNESSES


def test_a_kind_is_its_text() -> None:
    kind = DocumentKind("vfs")
    assert kind is DocumentKind.VFS
    assert {kind: 1}["vfs"] == 1  # type: ignore[index]  # a text from the database finds it
    assert f"{kind}" == "vfs"


def test_no_module_lists_kinds_but_the_registry() -> None:
    sources = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    named = [name for name, source in sources.items() if STATING.search(source)]
    assert [name for name in named if not name.startswith(ABOUT_ONE_KIND)] == []
