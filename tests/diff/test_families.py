"""Versions of several families: what only another family has is told like what linux has."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kbase.build.pipeline import build
from kbase.cli import main
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.web import create_app

WriteDocument = Callable[..., dict[str, str]]
CREATE, SOW = "int (*create)(struct inode *);", "int (*sow)(struct barn *);"
PORTING = "---\n\n**mandatory**\n\n->sow() takes a {} now.\n"
ADDRESSES = (
    *("/", "/v/aufs5.14/barn_operations/sow/", "/v/aufs5.4/barn_operations/", "/v/aufs5.4/inode_operations/create/"),
    *("/history/barn_operations.sow/", "/history/barn_operations/", "/locks/barn_lock/", "/history/lock/barn_lock/"),
    *("/locks/", "/porting/", "/diff/", "/diff/aufs5.4..aufs5.14/", "/api/", "/search?q=barn+operations"),
)


@pytest.fixture
def grow(tmp_path: Path, write_document: WriteDocument) -> Callable[..., Path]:
    """A database of versions, each of an ops table `barn_operations` or not."""

    def grown(*labels: str) -> Path:
        sources = []
        for number, label in enumerate(labels):
            cell = ("yes", "no")[number % 2]
            barn = {"barn_operations": [SOW, "ops | barn_lock", f"sow | {cell}"]} if not label.startswith("v") else {}
            documents = write_document("locking", CREATE, "ops | i_rwsem", f"create | {cell}", **barn)
            documents["Documentation/filesystems/porting.rst"] = PORTING.format(("spade", "fork")[number % 2])
            for path, text in documents.items():
                file = tmp_path / "trees" / label / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            sources.append(f"{label}={tmp_path / 'trees' / label}")
        build(tmp_path / "db", sources, corpus=tmp_path / "corpus")
        return tmp_path / "db"

    return grown


def client(db: Path) -> FlaskClient:
    return create_app(db).test_client()


@pytest.mark.parametrize(
    "labels",
    [("v5.4", "v5.15", "aufs5.4", "aufs5.14"), ("aufs5.4", "aufs5.14"), ("zfs2.1", "v5.4", "aufs5.4", "aufs5.14")],
)
def test_every_page_of_another_family_is_there(grow: Callable[..., Path], labels: tuple[str, ...]) -> None:
    browser = client(grow(*labels))
    for address in ADDRESSES:
        for form in (address, f"/api/v1{address}"):
            assert browser.get(form).status_code == 200, form


def test_a_life_is_told_over_its_own_family(grow: Callable[..., Path]) -> None:
    with closing(KnowledgeBase.open(grow("v5.4", "v5.15", "aufs5.4", "aufs5.14"))) as kb:
        assert kb.history("barn_operations", "sow").versions == ("aufs5.4", "aufs5.14")
        assert kb.history("inode_operations", "create").versions == ("v5.4", "v5.15")
        assert kb.history("inode_operations", "create", "aufs").versions == ("aufs5.4", "aufs5.14")
        assert [life.op for life in kb.histories("barn_operations")] == ["sow"]
        assert [str(event.range) for event in kb.lock_history("barn_lock").events] == ["after aufs5.4, by aufs5.14"]
        browser = create_app(kb).test_client()
        page = browser.get("/api/v1/v/aufs5.14/barn_operations/sow/").get_json()
        assert (page["last_change"]["old"], page["last_change"]["new"]) == ("aufs5.4", "aufs5.14")
        assert browser.get("/api/v1/history/barn_operations.sow/").get_json()["versions"] == ["aufs5.4", "aufs5.14"]
        assert browser.get("/api/v1/locks/barn_lock/").get_json()["newest"] == "aufs5.14"


def test_latest_is_a_kernel_where_one_is_held(grow: Callable[..., Path], tmp_path: Path) -> None:
    db = grow("aufs5.4", "aufs5.14")
    with closing(KnowledgeBase.open(db)) as kb:
        assert (kb.latest(), kb.resolve("latest"), kb.labels()) == ("aufs5.14", "aufs5.14", ("aufs5.4", "aufs5.14"))
        assert client(db).get("/v/latest/").headers["Location"] == "/v/aufs5.14/"
    with closing(KnowledgeBase.open(grow("v5.4", "aufs5.14", "zfs2.1"))) as kb:
        assert kb.latest() == "v5.4"
        assert kb.newest_first == ("v5.4", "aufs5.14", "aufs5.4", "zfs2.1")


@pytest.mark.parametrize("name", ["sow", "barn_operations", "barn_lock"])
@pytest.mark.parametrize("command", ["show", "history"])
def test_commands_tell_of_other_families(
    grow: Callable[..., Path], command: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    db = grow("v5.4", "aufs5.4", "aufs5.14", "zfs2.1")
    for more in ([], ["--json"]):
        with pytest.raises(SystemExit) as done:
            main([command, name, "--db", str(db), *more])
        told = capsys.readouterr()
        assert (done.value.code, told.err) == (0, "")
        assert "aufs5.14" in told.out


def test_what_changed_last_leads_to_where_it_is_told(grow: Callable[..., Path]) -> None:
    browser = client(grow("v5.4", "aufs5.4", "aufs5.14"))
    last = browser.get("/api/v1/v/aufs5.14/barn_operations/sow/").get_json()["last_change"]
    assert last["href"] == "/history/barn_operations.sow/"
    assert browser.get(last["href"]).status_code == 200
    last = browser.get("/api/v1/v/aufs5.14/inode_operations/create/").get_json()["last_change"]
    assert last["href"] == "/diff/aufs5.4..aufs5.14/inode_operations/"  # the history tells of linux
