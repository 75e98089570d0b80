"""What a document may be called, and where a file may be written."""

import os
from pathlib import Path

import pytest

from kbase.errors import SourceError, UsageError
from kbase.knowledge.corpus_export import MANIFEST, read_manifest
from kbase.sources.document_paths import file_to_write, path_fault, shown

ILLEGAL = (
    *("", "/etc/passwd", "a//b", "a/", "./a", "a/.", "../a", "a/../b", "a/..", ".git/config", "a/.GIT", "a/.git. "),
    *("a\\b", "..\\a", "a\0", "a\nb", "a\tb", "a\x1b[2J", "a\x7f", "a\x9b2J", "a\u2028b", "a\u200e", "a\u061c"),
    *(f"a{letter}b" for letter in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
    *("a" * 256, "\u00e4" * 128, "a/" * 500 + "b"),
)
LEGAL = ("Documentation/filesystems/vfs.rst", "a b", "...", "a..b", "git", ".gitignore", "-x", "\u00e4.txt", "a" * 255)


@pytest.mark.parametrize("path", ILLEGAL)
def test_paths_that_lead_elsewhere_or_steer_a_terminal_are_illegal(path: str, tmp_path: Path) -> None:
    assert path_fault(path)
    assert shown(path).isprintable()
    with pytest.raises(UsageError):
        file_to_write(tmp_path, path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", LEGAL)
def test_other_paths_are_legal(path: str, tmp_path: Path) -> None:
    assert path_fault(path) is None
    file_to_write(tmp_path, path).write_text("x")
    assert (tmp_path / path).read_text() == "x"


@pytest.mark.parametrize("link", ["a", "a/b", "a/b/c"])
def test_no_file_is_written_through_a_link_that_leads_out(link: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    place = tmp_path / "out" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="a link leads out of the folder"):
        file_to_write(tmp_path / "out", "a/b/c")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_is_no_file_is_not_written(tmp_path: Path) -> None:
    """A FIFO without a reader would be waited for."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    (tmp_path / "folder").mkdir()
    for name in ("fifo", "link", "folder"):
        with pytest.raises(UsageError, match="there is something else than a file"):
            file_to_write(tmp_path, name)


def test_a_manifest_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).symlink_to("/dev/null")
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        read_manifest(tmp_path)
