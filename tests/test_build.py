"""The straight line: what a build holds afterwards, what it does not do again, and what it leaves alone."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase import build as builder
from kbase import generations, parsers, places, symbols
from kbase import survey as surveyor
from kbase.build import BuildReport, build, remove
from kbase.check import check
from kbase.errors import SourceError, StoreError, UnknownName, UsageError
from kbase.export import export_lines
from kbase.kb import KnowledgeBase
from kbase.records import Parsed
from kbase.state import VersionState
from kbase.store import FILE, Store
from kbase.symbols import Symbol
from kbase.text import Text

LOCKING = """\
=======
Locking
=======

inode_operations
================

prototypes::

	int (*create) (struct inode *, struct dentry *, umode_t, bool);
	int (*rename) (struct inode *, struct dentry *, struct inode *, struct dentry *);

locking rules:
	all may block

==============	==================
ops		i_rwsem(inode)
==============	==================
create:		exclusive
rename:		exclusive
==============	==================
"""
Put = Callable[[Path, str], Path]
SUMMARY = "inode_operations\n================\n\ncreate\n    Makes a file.\n"


def locking(cell: str = "exclusive") -> str:
    return LOCKING.replace("create:		exclusive", f"create:		{cell}")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "db"


@pytest.fixture
def corpus(tmp_path: Path, put: Put, tree: Put) -> Path:
    """A bundled corpus of one version, with a summary."""
    folder = tmp_path / "corpus"
    tree(folder / "linux/v6.4", locking("bundled"))
    put(folder / "summaries/inode_operations.rst", SUMMARY)
    return folder


def cell(db: Path, label: str) -> str:
    """What the rule about `create` says at a version."""
    with closing(KnowledgeBase.open(db)) as kb:
        return kb.op(label, "inode_operations", "create").locks[0].record.cell


def labels(db: Path) -> tuple[str, ...]:
    with closing(KnowledgeBase.open(db)) as kb:
        return kb.labels()


def test_a_build_reads_the_bundled_corpus_and_the_sources(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    report = build(db, [str(tree(tmp_path / "v6.8", LOCKING))], corpus=corpus)
    assert report == BuildReport(versions=2, documents=3, parsed=3, carried=0, changed=True)
    assert labels(db) == ("v6.4", "v6.8")


def test_unchanged_input_is_neither_parsed_nor_written_again(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    source = str(tree(tmp_path / "v6.8", LOCKING))
    build(db, [source], corpus=corpus)
    for sources in ([source], []):
        report = build(db, sources, corpus=corpus)
        assert report == BuildReport(versions=2, documents=3, parsed=0, carried=3, changed=False)
    assert generations.current(db).name == "1"


def test_a_blob_is_parsed_once_however_many_versions_carry_it(
    db: Path, corpus: Path, tmp_path: Path, tree: Put
) -> None:
    sources = [str(tree(tmp_path / f"v5.{minor}", LOCKING)) for minor in range(5)]
    seen: list[str] = []

    def parse(name: str, text: Text, blob: str) -> Parsed:
        seen.append(blob)
        return parsers.parse(name, text, blob)

    report = build(db, sources, corpus=corpus, parse=parse)
    assert report.documents == 7
    assert Counter(seen).most_common(1)[0][1] == 1
    assert report.parsed == len(seen) == 3
    tree(tmp_path / "v5.5", locking("shared"))
    report = build(db, [str(tmp_path / "v5.5")], corpus=corpus, parse=parse)
    assert (report.parsed, report.carried) == (1, 3)


def test_versions_that_say_the_same_are_looked_at_once_and_all_found(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put
) -> None:
    summary = SUMMARY.replace("create\n", "create (..v5.1)\n") + "\ncreate (v5.2..)\n    Gives birth.\n"
    put(corpus / "summaries/inode_operations.rst", summary)
    sources = [str(tree(tmp_path / f"v5.{minor}", LOCKING)) for minor in range(5)]
    sources.append(str(tree(tmp_path / "v5.5", LOCKING.replace("rename", "whiteout"))))
    assembled: list[str] = []
    build(db, sources, corpus=corpus, progress=lambda stage, *_: assembled.append(stage))
    linux = ("v5.0", "v5.1", "v5.2", "v5.3", "v5.4")
    with closing(KnowledgeBase.open(db)) as kb:
        (rename,) = (thing for thing in kb.find("inode_operations.rename") if thing.kind == "op")
        assert set(linux) <= set(rename.versions)
        assert "v5.5" not in rename.versions
        hit = kb.search("inode_operations.rename").hits[0]
        assert hit.versions[0].startswith("v5.0..v5.4")
        assert kb.search("op:rename", version="v5.1").total
        assert not kb.search("op:rename", version="v5.5").total
        assert [kb.search("birth", version=label).total for label in ("v5.0", "v5.1", "v5.2", "v5.4")] == [0, 0, 1, 1]
        counts = {info.label: info.counts["ops"] for info in kb.versions}
        assert [counts[label] for label in (*linux, "v5.5")] == [2] * 6
    assert assembled.count("assemble") < 6


def everything(db: Path) -> list[object]:
    """What two databases of the same versions have to have in common: exports, lists, names, answers."""
    queries = (
        "rename",
        "exclusive",
        "kind:op",
        "version:v5.1 create",
        "since:v5.2",
        "removed:v5.2",
        "paper",
        "i_rwsem",
    )
    with closing(KnowledgeBase.open(db)) as kb, closing(Store(generations.current(db))) as store:
        found = [kb.search(query) for query in queries]
        assert all(results.total for results in found[:4])
        lists = [store.all_symbols(), sorted(store.versions()), store.warnings(), store.kinds(), store.claims()]
        return [*export_lines([kb.state(label) for label in kb.labels()]), *lists, *found]


def test_versions_that_are_added_give_the_same_as_all_at_once(
    corpus: Path, tmp_path: Path, tree: Put, put: Put, paper_note: str
) -> None:
    summary = SUMMARY.replace("create\n", "create (..v5.1)\n") + "\ncreate (v5.2..)\n    Gives birth.\n"
    put(corpus / "summaries/inode_operations.rst", summary)
    contents = {
        "v5.0": LOCKING,
        "v5.1": LOCKING,
        "v5.2": LOCKING.replace("rename", "whiteout"),
        "v5.3": locking("shared"),
        "v5.15": LOCKING,
    }
    sources = [str(tree(tmp_path / label, content)) for label, content in contents.items()]
    for label in ("aufs5.4", "aufs5.15"):
        put(tmp_path / label / "Documentation/filesystems/aufs/paper.txt", paper_note)
        sources.append(str(tmp_path / label))
    build(tmp_path / "whole", sources, corpus=corpus)
    expected = everything(tmp_path / "whole")
    for number, order in enumerate((sources, sources[::-1], sources[::2] + sources[1::2])):
        for source in order:
            build(tmp_path / f"db{number}", [source], corpus=corpus)
        found = everything(tmp_path / f"db{number}")
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert one == other


def test_only_versions_that_are_new_are_looked_at(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def symbols_of(state: VersionState) -> set[Symbol]:
        looked.append(state.label)
        return symbols.symbols_of(state)

    monkeypatch.setattr(surveyor, "symbols_of", symbols_of)
    build(db, [str(tree(tmp_path / label, locking(label))) for label in ("v5.0", "v5.1")], corpus=corpus)
    assert looked == ["", "v5.0", "v5.1", "v6.4"]
    for label, content, expected in (
        ("v5.3", locking("v5.3"), ["v5.3"]),
        ("v5.4", locking("v5.3"), ["v5.4"]),
        ("v5.0", locking("other"), ["", "v5.0", "v5.1", "v5.4", "v6.4"]),
    ):
        looked.clear()
        build(db, [str(tree(tmp_path / label, content))], corpus=corpus)
        assert looked == expected
    looked.clear()
    remove(db, "v5.1", corpus=corpus)
    assert looked == ["", "v5.0", "v5.4", "v6.4"]


def test_only_the_named_sources_are_read_again(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    one, two = tree(tmp_path / "v5.4", LOCKING), tree(tmp_path / "v5.15", LOCKING)
    build(db, [str(one), str(two)], corpus=corpus)
    tree(one, locking("shared"))
    tree(two, locking("none"))
    build(db, [str(one)], corpus=corpus)
    assert (cell(db, "v5.4"), cell(db, "v5.15")) == ("shared", "exclusive")
    build(db, corpus=corpus)
    assert cell(db, "v5.15") == "none"


def test_a_document_that_is_gone_from_its_source_is_gone(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put
) -> None:
    source = tree(tmp_path / "v5.4", LOCKING)
    put(source / "Documentation/filesystems/other.txt", "Other\n=====\n\nwords\n")
    assert build(db, [str(source)], corpus=corpus).documents == 4
    (source / "Documentation/filesystems/other.txt").unlink()
    assert build(db, corpus=corpus).documents == 3


def test_a_source_that_is_gone_keeps_its_documents_and_is_told(
    db: Path, corpus: Path, tmp_path: Path, tree: Put
) -> None:
    source = tree(tmp_path / "v5.4", LOCKING)
    build(db, [str(source)], corpus=corpus)
    source.rename(tmp_path / "elsewhere")
    report = build(db, corpus=corpus)
    assert "no longer there" in report.warnings[0]
    assert labels(db) == ("v5.4", "v6.4")


def test_the_users_version_stands_and_the_bundled_one_steps_aside(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put
) -> None:
    put(corpus / "linux/v6.4/Documentation/filesystems/vfs.rst", "VFS\n===\n\nwords\n")
    build(db, corpus=corpus)
    assert cell(db, "v6.4") == "bundled"
    report = build(db, [str(tree(tmp_path / "v6.4", LOCKING))], corpus=corpus)
    assert (cell(db, "v6.4"), report.documents) == ("exclusive", 2)
    with closing(KnowledgeBase.open(db)) as kb:
        assert [document.bundled for document in kb.state("v6.4").documents] == [False]
        summary = kb.op("v6.4", "inode_operations", "create").summary
        assert summary is not None
        assert summary.record.text == "Makes a file."
    remove(db, str(tmp_path / "v6.4"), corpus=corpus)
    assert cell(db, "v6.4") == "bundled"


def test_a_later_source_stands_for_an_earlier_one_and_is_told(
    db: Path, corpus: Path, tmp_path: Path, tree: Put
) -> None:
    one, two = tree(tmp_path / "a/v5.4", LOCKING), tree(tmp_path / "b/v5.4", locking("shared"))
    report = build(db, [str(one), str(two)], corpus=corpus)
    assert cell(db, "v5.4") == "shared"
    assert report.warnings == (f"v5.4 Documentation/filesystems/locking.rst: {two} stands for {one}",)
    remove(db, str(two), corpus=corpus)
    assert cell(db, "v5.4") == "exclusive"


def test_documents_that_need_a_version_and_have_none_are_refused(
    db: Path, corpus: Path, tmp_path: Path, put: Put
) -> None:
    file = put(tmp_path / "locking.rst", LOCKING)
    with pytest.raises(SourceError) as error:
        build(db, [str(file)], corpus=corpus)
    assert str(error.value) == f"{file}: no version, and this document needs one; give one: v6.4.6={file}"
    assert not generations.is_database(db)
    assert build(db, [f"v6.8={file}"], corpus=corpus).versions == 2


def test_notes_need_no_version(db: Path, corpus: Path, tmp_path: Path, put: Put, paper_note: str) -> None:
    build(db, [str(put(tmp_path / "paper.txt", paper_note))], corpus=corpus)
    with closing(KnowledgeBase.open(db)) as kb:
        [note] = kb.loose.notes
        assert (note.document.version, note.path) == ("", "paper.txt")
        assert kb.labels() == ("v6.4",)


def test_nothing_is_lost_when_a_source_is_mistaken(db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put) -> None:
    build(db, [str(tree(tmp_path / "v5.4", LOCKING))], corpus=corpus)
    binary = tmp_path / "binary"
    binary.write_bytes(b"\0\1")
    for mistaken in (str(tmp_path / "nothing"), f"v6.4={binary}", str(put(tmp_path / "x.rst", LOCKING))):
        with pytest.raises(SourceError):
            build(db, [str(tree(tmp_path / "v5.15", LOCKING)), mistaken], corpus=corpus)
    assert labels(db) == ("v5.4", "v6.4")
    assert [path.name for path in (db / "generations").iterdir()] == ["1"]


def test_a_parser_that_fails_costs_nothing(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    build(db, corpus=corpus)

    def fail(name: str, text: Text, blob: str) -> Parsed:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        build(db, [str(tree(tmp_path / "v5.4", LOCKING))], corpus=corpus, parse=fail)
    assert labels(db) == ("v6.4",)


def test_a_changed_parser_reads_everything_again_also_what_is_no_longer_there(
    db: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tree: Put
) -> None:
    source = tree(tmp_path / "v5.4", LOCKING)
    build(db, [str(source)], corpus=corpus)
    source.rename(tmp_path / "elsewhere")
    monkeypatch.setattr(builder, "_code", lambda names: "another")
    report = build(db, corpus=corpus)
    assert (report.parsed, report.carried, report.changed) == (3, 0, True)
    assert cell(db, "v5.4") == "exclusive"


def test_a_database_of_another_schema_is_built_again_from_its_sources(
    db: Path, corpus: Path, tmp_path: Path, tree: Put
) -> None:
    build(db, [str(tree(tmp_path / "v5.4", LOCKING))], corpus=corpus)
    with closing(sqlite3.connect(generations.current(db) / FILE)) as connection:
        connection.execute("UPDATE stamp SET value = '0' WHERE key = 'schema'")
        connection.commit()
    with pytest.raises(StoreError, match="another version of kbase"):
        KnowledgeBase.open(db)
    with pytest.raises(StoreError, match="another version of kbase"):
        remove(db, "v5.4", corpus=corpus)
    assert build(db, corpus=corpus).parsed == 3
    assert labels(db) == ("v5.4", "v6.4")


def test_an_old_schema_whose_source_is_gone_is_left_alone(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    build(db, [str(tree(tmp_path / "v5.4", LOCKING))], corpus=corpus)
    with closing(sqlite3.connect(generations.current(db) / FILE)) as connection:
        connection.execute("UPDATE stamp SET value = '0' WHERE key = 'schema'")
        connection.commit()
    (tmp_path / "v5.4").rename(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match="put it back"):
        build(db, corpus=corpus)
    assert generations.current(db).name == "1"


@pytest.mark.parametrize(
    ("modules", "covered"),
    [
        ("kbase.parsers, kbase.pages", builder.PARSED_BY),
        ("kbase.parsers, kbase.pages, kbase.search", builder.PARSED_BY + builder.INDEXED_BY),
    ],
)
def test_every_module_that_decides_what_is_stored_is_in_the_stamp(modules: str, covered: tuple[str, ...]) -> None:
    code = f"import sys, {modules}; print(*(name for name in sys.modules if name.startswith('kbase.')))"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    parts = {name.split(".")[1] for name in imported}
    assert parts - {Path(name).stem for name in covered} == set()
    assert all((places.PACKAGE / name).exists() for name in covered)


def test_a_damaged_database_is_not_replaced_unasked(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    build(db, [str(tree(tmp_path / "v5.4", LOCKING))], corpus=corpus)
    (generations.current(db) / FILE).write_bytes(b"not a database any more")
    with pytest.raises(StoreError, match="damaged, or not a kbase database"):
        build(db, corpus=corpus)
    assert (generations.current(db) / FILE).is_file()


def test_a_version_or_a_source_is_removed(db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put) -> None:
    for label in ("v5.4", "v5.15"):
        tree(tmp_path / "trees" / label, LOCKING)
    single = f"v4.19={put(tmp_path / 'locking.rst', LOCKING)}"
    build(db, [str(tmp_path / "trees"), single], corpus=corpus)
    assert remove(db, "5.4", corpus=corpus).parsed == 0
    assert labels(db) == ("v4.19", "v5.15", "v6.4")
    remove(db, single, corpus=corpus)
    assert labels(db) == ("v5.15", "v6.4")
    remove(db, str(tmp_path / "trees"), corpus=corpus)
    with closing(KnowledgeBase.open(db)) as kb:
        assert [source.argument for source in kb.sources] == ["bundled"]


def test_what_is_not_held_or_comes_with_kbase_is_not_removed(db: Path, corpus: Path) -> None:
    with pytest.raises(StoreError, match="no kbase database"):
        remove(db, "v5.4", corpus=corpus)
    build(db, corpus=corpus)
    with pytest.raises(UnknownName, match="no such source or version"):
        remove(db, "v5.4", corpus=corpus)
    for bundled in ("v6.4", "bundled"):
        with pytest.raises(UsageError, match="comes with kbase"):
            remove(db, bundled, corpus=corpus)
    assert labels(db) == ("v6.4",)


def test_several_processes_give_the_same_database(corpus: Path, tmp_path: Path, tree: Put) -> None:
    for minor in range(8):
        tree(tmp_path / f"trees/v5.{minor}", locking(f"cell {minor}"))
    contents = []
    for jobs in (1, 3):
        build(tmp_path / f"db{jobs}", [str(tmp_path / "trees")], corpus=corpus, jobs=jobs)
        with closing(sqlite3.connect(generations.current(tmp_path / f"db{jobs}") / FILE)) as connection:
            contents.append([line for line in connection.iterdump() if "VALUES('index'" not in line])
    assert contents[0] == contents[1]


def facts(db: Path) -> list[object]:
    """Everything that v6.8 says, with the lines that prove it."""
    with closing(KnowledgeBase.open(db)) as kb:
        state = kb.state("v6.8")
        return [
            (cited.record, cited.evidence, cited.path)
            for document in state.documents
            for cited in (*kb.facts_of("v6.8", document.path), *state.sections)
        ]


def test_all_kinds_of_sources_give_the_same_facts(
    corpus: Path, tmp_path: Path, put: Put, tree: Put, paper_note: str
) -> None:
    folder = tree(tmp_path / "src", LOCKING)
    put(folder / "Documentation/filesystems/paper.txt", paper_note)
    with tarfile.open(tmp_path / "src.tar.xz", "w:xz") as archive:
        archive.add(folder, "linux-6.8")
    sources: dict[str, str | None] = {f"v6.8={folder}": None, f"{tmp_path}/src.tar.xz": None}
    if shutil.which("git"):
        for words in ("init", "add .", "-c user.name=A -c user.email=a@example.org commit -m x", "tag v6.8"):
            subprocess.run(["git", "-C", str(folder), *words.split()], check=True, capture_output=True)
        sources[str(folder)] = "v6.*"
    held = []
    for number, (source, tags) in enumerate(sources.items()):
        build(tmp_path / f"db{number}", [source], tags=tags, corpus=corpus)
        held.append(facts(tmp_path / f"db{number}"))
    assert len(held[0]) > 5
    assert all(each == held[0] for each in held)


def test_a_tag_that_moved_or_vanished_is_noticed(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tree(tmp_path / "src", LOCKING)

    def git(*words: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, "-C", str(folder), *words], check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "one")
    git("tag", "v5.4")
    git("tag", "v5.15")
    build(db, [str(folder)], tags="v5.*", corpus=corpus)
    assert labels(db) == ("v5.4", "v5.15", "v6.4")
    tree(folder, locking("shared"))
    git("commit", "-a", "-m", "two")
    git("tag", "-f", "v5.15")
    git("tag", "-d", "v5.4")
    assert build(db, corpus=corpus).parsed == 1
    assert (labels(db), cell(db, "v5.15")) == (("v5.15", "v6.4"), "shared")


def test_progress_tells_stages_with_counts(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    told: list[tuple[str, int, int, str]] = []
    build(db, [str(tree(tmp_path / "v5.4", LOCKING))], corpus=corpus, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, *_ in told)) == ["read", "parse", "assemble", "index", "swap"]
    assert [(done, total) for stage, done, total, _ in told if stage == "parse"] == [(1, 3), (2, 3), (3, 3)]


def test_a_build_is_readable_while_the_next_one_swaps_in(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    build(db, corpus=corpus)
    with closing(KnowledgeBase.open(db)) as old:
        build(db, [str(tree(tmp_path / "v5.4", LOCKING))], corpus=corpus)
        assert not old.is_current(db)
        assert old.labels() == ("v6.4",)
        assert old.op("v6.4", "inode_operations", "create").locks
        assert old.search("create").total
    with closing(KnowledgeBase.open(db)) as new:
        assert new.is_current(db)
        assert new.labels() == ("v5.4", "v6.4")


def test_a_build_killed_while_it_parses_leaves_the_old_one(db: Path, corpus: Path, tmp_path: Path, tree: Put) -> None:
    build(db, corpus=corpus)
    code = (
        "import os, signal, sys; from pathlib import Path; from kbase.build import build\n"
        "def die(stage, done, total, what):\n"
        "    if stage == sys.argv[4]: os.kill(os.getpid(), signal.SIGKILL)\n"
        "build(Path(sys.argv[1]), [sys.argv[2]], corpus=Path(sys.argv[3]), progress=die)"
    )
    source = str(tree(tmp_path / "v5.4", LOCKING))
    for stage in ("read", "parse", "assemble", "index", "swap"):
        command = [sys.executable, "-c", code, str(db), source, str(corpus), stage]
        killed = subprocess.run(command, env=os.environ, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert labels(db) == ("v6.4",)
    build(db, [source], corpus=corpus)
    assert labels(db) == ("v5.4", "v6.4")
    assert len(list((db / "generations").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_told(corpus: Path, tmp_path: Path, put: Put) -> None:
    put(tmp_path / "file", "x")
    with pytest.raises(StoreError, match="cannot be written"):
        build(tmp_path / "file/db", corpus=corpus)


def test_a_full_disk_is_told_and_costs_nothing(
    db: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tree: Put
) -> None:
    build(db, corpus=corpus)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(surveyor, "write_index", full)
    with pytest.raises(StoreError, match="No space left on device"):
        build(db, [str(tree(tmp_path / "v5.4", LOCKING))], corpus=corpus)
    assert labels(db) == ("v6.4",)


def test_the_real_folders_and_the_seeds(db: Path, shared: Path, tmp_path: Path) -> None:
    seeds = sorted((shared / "corpus/seeds").iterdir())
    given = [f"v4.19={seeds[2]}", f"v6.4={seeds[3]}", str(seeds[0]), str(seeds[1])]
    sources = [str(shared / "corpus/linux/v6.4.6"), str(shared / "corpus/aufs/aufs5.4"), *given]
    first = build(db, sources, corpus=tmp_path)
    assert first.changed
    second = build(db, sources, corpus=tmp_path)
    assert (second.parsed, second.carried, second.changed) == (0, first.parsed, False)
    with closing(KnowledgeBase.open(db)) as kb:
        assert kb.labels() == ("v4.19", "v6.4", "v6.4.6")
        assert len(kb.loose.commits) == 1
        assert kb.loose.notes


def test_a_label_that_the_content_contradicts(tmp_path: Path) -> None:
    document = places.corpus() / "linux/v5.4/Documentation/filesystems/locking.rst"
    report = build(tmp_path / "db", [f"v2.6.30={document}"])
    (warning,) = report.warnings
    assert warning.startswith("labelled v2.6.30, but reads like v5.4: ")
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        assert kb.state("v2.6.30").warnings == (warning,)
        assert {info.label for info in kb.versions if info.warnings} == {"v2.6.30"}
        codes = [finding.code for finding in check([kb.state("v2.6.30")])]
        assert "doubtful-label" in codes
