"""Files from which no fact is read: they give no version, are named, and cost nothing that was there."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build.pipeline import build, remove
from kbase.cli import main
from kbase.errors import SourceError
from kbase.knowledge.knowledge_base import KnowledgeBase

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
Labels = Callable[[Path], tuple[str, ...]]
Cell = Callable[[Path, str], str]

PROSE = {
    "empty": "",
    "passwd": "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n",
    "letter.txt": "Dear reader,\n\nthis is a letter about barns and nothing else.\n",
    "barn.c": "static int barn_open(struct inode *inode, struct file *file)\n{\n\treturn 0;\n}\n",
    "README": "The barn\n========\n\nHow the barn is built: read on.\n",
    "locking.rst": "=======\nLocking\n=======\n\nWhat the barn wants to be held, op by op.\n",
    "Locking": "The rules of the barn.\n\n------- dentry_operations -------\nprototypes:\n",
    "vfs.rst": "===\nVFS\n===\n\nIntroduction\n============\n\nA barn is a place.\n",
    "porting.rst": "Porting\n=======\n\nNothing to do in the barn.\n",
}


@pytest.mark.parametrize("name", PROSE)
@pytest.mark.parametrize("version", ["v6.99=", "v6.4=", ""])
def test_a_file_without_a_fact_gives_no_version(
    db: Path, corpus: Path, tmp_path: Path, put: Put, labels: Labels, cell: Cell, name: str, version: str
) -> None:
    build(db, corpus=corpus)
    file = put(tmp_path / name, PROSE[name])
    with pytest.raises(SourceError) as error:
        build(db, [f"{version}{file}"], corpus=corpus)
    assert str(error.value).startswith(f"{file}: no fact was read from it; give a kernel's locking.rst, ")
    assert (labels(db), cell(db, "v6.4")) == (("v6.4",), "bundled")
    assert [path.name for path in (db / "generations").iterdir()] == ["1"]


def test_folders_and_trees_of_such_files_give_none_either(
    db: Path, corpus: Path, tmp_path: Path, put: Put, labels: Labels
) -> None:
    build(db, corpus=corpus)
    for name, text in PROSE.items():
        put(tmp_path / "folder" / name, text)
        put(tmp_path / "tree/Documentation/filesystems" / name, text)
    for source in (f"v6.99={tmp_path}/folder", f"{tmp_path}/folder", f"v6.99={tmp_path}/tree"):
        with pytest.raises(SourceError, match=rf"no fact was read from any of its {len(PROSE)} files: "):
            build(db, [source], corpus=corpus)
    assert labels(db) == ("v6.4",)


def test_one_document_among_others_gives_the_version_and_the_others_are_named(
    db: Path, corpus: Path, tmp_path: Path, put: Put, locking: Locking
) -> None:
    for number in range(9):
        put(tmp_path / f"v6.8/letter{number}.txt", "A letter.\n")
    put(tmp_path / "v6.8/locking.rst", locking())
    report = build(db, [str(tmp_path / "v6.8")], corpus=corpus)
    assert report.added == ()
    assert report.without_facts == tuple(f"{tmp_path}/v6.8/letter{number}.txt" for number in range(9))
    assert build(db, corpus=corpus).without_facts == report.without_facts  # it is told again, and nothing is written
    with closing(KnowledgeBase.open(db)) as kb:
        assert len(kb.state("v6.8").documents) == 10
        assert kb.search("letter").total


def test_of_a_kernel_tree_only_what_was_expected_is_named(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking
) -> None:
    folder = tree(tmp_path / "v6.8", locking()) / "Documentation/filesystems"
    put(folder / "ext4/journal.rst", "Journal\n=======\n\nOf a barn.\n")
    put(folder / "iomap/porting.rst", "Porting\n=======\n\nOf a barn.\n")
    assert build(db, [str(tmp_path / "v6.8")], corpus=corpus).without_facts == ()
    put(folder / "vfs.rst", PROSE["vfs.rst"])
    put(folder / "porting.rst", "")
    factless = build(db, [str(tmp_path / "v6.8")], corpus=corpus).without_facts
    assert [Path(file).name for file in factless] == ["porting.rst", "vfs.rst"]


def test_notes_beside_a_letter_without_version_are_read(
    db: Path, corpus: Path, tmp_path: Path, put: Put, paper_note: str, labels: Labels
) -> None:
    put(tmp_path / "notes/paper.txt", paper_note)
    put(tmp_path / "notes/README", PROSE["README"])
    report = build(db, [str(tmp_path / "notes")], corpus=corpus)
    assert report.without_facts == (f"{tmp_path}/notes/README",)
    with closing(KnowledgeBase.open(db)) as kb:
        assert [document.path for document in kb.loose.documents if not document.bundled] == ["paper.txt"]
    assert not build(db, [str(tmp_path / "notes")], corpus=corpus).changed


def test_a_tree_without_facts_among_others_is_left_out(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking, labels: Labels, cell: Cell
) -> None:
    tree(tmp_path / "trees/v6.8", locking())
    for label in ("v6.4", "v6.9"):
        tree(tmp_path / "trees" / label, PROSE["locking.rst"])
    report = build(db, [str(tmp_path / "trees")], corpus=corpus)
    assert (labels(db), cell(db, "v6.4")) == (("v6.4", "v6.8"), "bundled")
    assert (report.versions, len(report.without_facts)) == (2, 2)
    tree(tmp_path / "trees/v6.9", locking())
    assert build(db, corpus=corpus).added == ("v6.9",)


def test_a_version_that_was_there_is_not_lost(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking, labels: Labels, cell: Cell
) -> None:
    single = put(tmp_path / "locking.rst", locking("shared"))
    for label in ("v6.8", "v6.9"):
        tree(tmp_path / "trees" / label, locking())
    build(db, [f"v6.7={single}", str(tmp_path / "trees")], corpus=corpus)
    tree(tmp_path / "trees/v6.9", PROSE["locking.rst"])
    with pytest.raises(SourceError, match=r"v6\.9 would be lost; nothing was changed; .*kbase remove v6\.9"):
        build(db, corpus=corpus)
    assert labels(db) == ("v6.4", "v6.7", "v6.8", "v6.9")
    remove(db, "v6.9", corpus=corpus)
    assert build(db, corpus=corpus).without_facts
    single.write_text("")
    for sources in ([], [f"v6.7={single}"]):
        with pytest.raises(SourceError, match="no fact was read from it"):
            build(db, sources, corpus=corpus)
    assert cell(db, "v6.7") == "shared"
    assert remove(db, f"v6.7={single}", corpus=corpus).removed == ("v6.7",)
    assert labels(db) == ("v6.4", "v6.8")


def test_the_command_line_names_the_file_and_what_to_do(
    db: Path, bundled: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--db", str(db)])
        return ended.value.code, *capsys.readouterr()

    letter = put(tmp_path / "v9.9/letter", PROSE["letter.txt"])
    status, _, err = run("build", f"v9.9={letter}", "--jobs", 1)
    assert (status, err.splitlines()[-1][: len(str(letter)) + 7]) == (2, f"kbase: {letter}")
    put(tmp_path / "v9.9/locking.rst", locking())
    status, out, _ = run("build", tmp_path / "v9.9", "--jobs", 1)
    assert (status, f"no fact was read from: {letter}" in out) == (0, True)
    status, out, _ = run("build", tmp_path / "v9.9", "--jobs", 1, "--json")
    assert json.loads(out)["without_facts"] == [str(letter)]
    status, out, _ = run("remove", "9.9", "--json")
    assert (status, json.loads(out)["removed"]) == (0, ["v9.9"])
