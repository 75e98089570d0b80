"""What one program made is not taken for what another one would make: other code, other libraries, another Python."""

import platform
from collections.abc import Callable
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest

from kbase import places
from kbase.build import pipeline as builder
from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.store.fingerprint import fingerprint
from kbase.web.application import create_app

Put = Callable[[Path, str], Path]
LOCKING = "inode_operations\n================\n\nlocking rules:\n\n======= ======\nops     i_rwsem\n======= ======\n"
ADDRESS = "/v/v6.4/inode_operations/"


@pytest.fixture
def db(tmp_path: Path, tree: Put) -> Path:
    """A database of one document."""
    build(
        tmp_path / "db",
        [str(tree(tmp_path / "v6.4", f"{LOCKING}create: yes\n======= ======\n"))],
        corpus=tmp_path / "0",
    )
    return tmp_path / "db"


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the program another one: `other("docutils")` of another docutils, `other("python")` of another Python."""
    version = metadata.version

    def change(name: str) -> None:
        if name == "python":
            monkeypatch.setattr(platform, "python_version", lambda: "3.99.1")
        else:
            monkeypatch.setattr(metadata, "version", lambda each: "99" if each == name else version(each))

    return change


@pytest.mark.parametrize("name", ["docutils", "sphinx", "whoosh3", "python"])
def test_another_library_parses_and_indexes_again(
    name: str, db: Path, tmp_path: Path, other: Callable[[str], None]
) -> None:
    with closing(KnowledgeBase.open(db)) as kb:
        before = kb.hash
    assert not build(db, corpus=tmp_path / "0").changed
    other(name)
    report = build(db, corpus=tmp_path / "0")
    assert (report.changed, report.parsed) == (True, 1)
    with closing(KnowledgeBase.open(db)) as kb:
        assert kb.hash != before


@pytest.mark.parametrize("name", ["flask", "jinja2", "markupsafe", "sphinx", "whoosh3", "python"])
def test_a_page_that_other_libraries_make_is_sent_again(name: str, db: Path, other: Callable[[str], None]) -> None:
    tag = create_app(db).test_client().get(ADDRESS).headers["ETag"]
    assert create_app(db).test_client().get(ADDRESS, headers={"If-None-Match": tag}).status_code == 304
    other(name)
    assert create_app(db).test_client().get(ADDRESS, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("module", ["views/ops.py", "kb.py", "web/typeset.py", "diff/compare.py"])
def test_a_page_that_other_code_makes_is_sent_again(
    module: str, db: Path, tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "kbase"
    for path in (*places.PACKAGE.rglob("*.py"), *places.PACKAGE.rglob("static/*")):
        put(package / path.relative_to(places.PACKAGE), path.read_text("utf-8"))
    templates = places.templates("web")
    monkeypatch.setattr(places, "PACKAGE", package)
    monkeypatch.setattr(places, "templates", lambda part: templates)
    tag = create_app(db).test_client().get(ADDRESS).headers["ETag"]
    put(package / module, "# another one\n")
    assert create_app(db).test_client().get(ADDRESS, headers={"If-None-Match": tag}).status_code == 200


def test_a_page_of_what_other_code_built_is_sent_again(
    db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = create_app(db).test_client().get(ADDRESS).headers["ETag"]
    monkeypatch.setattr(builder, "_code", lambda names: "another")
    assert build(db, corpus=tmp_path / "0").changed
    assert create_app(db).test_client().get(ADDRESS, headers={"If-None-Match": tag}).status_code == 200


def test_names_and_bytes_of_files_count_and_compiled_ones_do_not(tmp_path: Path, put: Put) -> None:
    put(tmp_path / "a/one.py", "1")
    before = fingerprint([tmp_path / "a"])
    put(tmp_path / "a/__pycache__/one.pyc", "x")
    assert fingerprint([tmp_path / "a"]) == before
    (tmp_path / "a/one.py").rename(tmp_path / "a/two.py")
    assert fingerprint([tmp_path / "a"]) != before
