"""The straight line: what a build holds afterwards, of which sources, and how it is done."""

import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase import parsers, places
from kbase.build import pipeline as builder
from kbase.build.pipeline import BuildReport, build, remove
from kbase.build.workers import DOCUMENTS_EACH
from kbase.errors import SourceError, StoreError, UnknownName, UsageError
from kbase.knowledge.check import check
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.records import Parsed
from kbase.sources.trees import DOCUMENTS
from kbase.store import generations
from kbase.text.lines import Text

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
Labels = Callable[[Path], tuple[str, ...]]
Cell = Callable[[Path, str], str]


def test_a_build_reads_the_bundled_corpus_and_the_sources(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, labels: Labels
) -> None:
    report = build(db, [str(tree(tmp_path / "v6.8", locking()))], corpus=corpus)
    assert report == BuildReport(versions=2, documents=3, parsed=3, carried=0, changed=True)
    assert labels(db) == ("v6.4", "v6.8")


def test_a_blob_is_parsed_once_however_many_versions_carry_it(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking
) -> None:
    sources = [str(tree(tmp_path / f"v5.{minor}", locking())) for minor in range(5)]
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
    assert (report.added, report.removed) == (("v5.5",), ())
    report = remove(db, "v5.3", corpus=corpus)
    assert (report.added, report.removed) == ((), ("v5.3",))


def test_the_users_version_stands_and_the_bundled_one_steps_aside(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking, cell: Cell
) -> None:
    build(db, corpus=corpus)
    assert cell(db, "v6.4") == "bundled"
    report = build(db, [str(tree(tmp_path / "v6.4", locking()))], corpus=corpus)
    assert (cell(db, "v6.4"), report.documents) == ("exclusive", 2)
    with closing(KnowledgeBase.open(db)) as kb:
        assert [document.bundled for document in kb.state("v6.4").documents] == [False]
        summary = kb.op("v6.4", "inode_operations", "create").summary
        assert summary is not None
        assert summary.record.text == "Makes a file."
    remove(db, str(tmp_path / "v6.4"), corpus=corpus)
    assert cell(db, "v6.4") == "bundled"


ENTRY = "Changes since 2.5.0:\n\n---\n\n**mandatory**\n\n->sift() is gone.\n"


def test_only_the_same_document_of_the_bundled_ones_steps_aside_and_is_told(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking, cell: Cell
) -> None:
    folder = "linux/v6.4/Documentation/filesystems"
    put(corpus / folder / "vfs.rst", "VFS\n===\n\nstruct file_operations\n----------------------\n\nwords\n")
    put(corpus / folder / "other.rst", "Other\n=====\n\nwords\n")
    build(db, corpus=corpus)
    documents = {
        f"v6.4={put(tmp_path / 'Locking-mine.txt', locking())}": [
            "Locking-mine.txt",
            f"{DOCUMENTS}/other.rst",
            f"{DOCUMENTS}/vfs.rst",
        ],
        f"v6.4={put(tmp_path / 'porting.rst', ENTRY)}": [
            "Locking-mine.txt",
            f"{DOCUMENTS}/other.rst",
            f"{DOCUMENTS}/vfs.rst",
            "porting.rst",
        ],
    }
    for source, expected in documents.items():
        report = build(db, [source], corpus=corpus)
        with closing(KnowledgeBase.open(db)) as kb:
            assert sorted(document.path for document in kb.state("v6.4").documents) == sorted(expected)
        assert report.warnings == ("your documents replace bundled ones: v6.4 locking.rst",)
        assert (cell(db, "v6.4"), report.documents) == ("exclusive", len(expected) + 1)
    again = build(db, corpus=corpus)
    assert (again.changed, again.warnings, again.documents) == (False, report.warnings, report.documents)


def test_a_later_source_stands_for_an_earlier_one_and_is_told(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, cell: Cell
) -> None:
    one, two = tree(tmp_path / "a/v5.4", locking()), tree(tmp_path / "b/v5.4", locking("shared"))
    report = build(db, [str(one), str(two)], corpus=corpus)
    assert cell(db, "v5.4") == "shared"
    path = "v5.4 Documentation/filesystems/locking.rst"
    assert report.warnings == (f"{path}: {one} and {two} differ; {two} is used",)
    remove(db, str(two), corpus=corpus)
    assert cell(db, "v5.4") == "exclusive"


def test_documents_that_need_a_version_and_have_none_are_refused(
    db: Path, corpus: Path, tmp_path: Path, put: Put, locking: Locking
) -> None:
    file = put(tmp_path / "locking.rst", locking())
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


@pytest.mark.parametrize(
    ("modules", "covered"),
    [
        ("kbase.parsers, kbase.text.saved_pages", builder.PARSED_BY),
        ("kbase.parsers, kbase.text.saved_pages, kbase.search", builder.PARSED_BY + builder.INDEXED_BY),
    ],
)
def test_every_module_that_decides_what_is_stored_is_in_the_stamp(modules: str, covered: tuple[str, ...]) -> None:
    code = f"import sys, {modules}; print(*(name for name in sys.modules if name.startswith('kbase.')))"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    parts = {name.split(".")[1] for name in imported}
    assert parts - {Path(name).stem for name in covered} == set()
    assert all((places.PACKAGE / name).exists() for name in covered)


def test_a_version_or_a_source_is_removed(
    db: Path, corpus: Path, tmp_path: Path, put: Put, tree: Put, locking: Locking, labels: Labels
) -> None:
    for label in ("v5.4", "v5.15"):
        tree(tmp_path / "trees" / label, locking())
    single = f"v4.19={put(tmp_path / 'locking.rst', locking())}"
    build(db, [str(tmp_path / "trees"), single], corpus=corpus)
    assert remove(db, "5.4", corpus=corpus).parsed == 0
    assert labels(db) == ("v4.19", "v5.15", "v6.4")
    remove(db, single, corpus=corpus)
    assert labels(db) == ("v5.15", "v6.4")
    remove(db, str(tmp_path / "trees"), corpus=corpus)
    with closing(KnowledgeBase.open(db)) as kb:
        assert [source.argument for source in kb.sources] == ["bundled"]


def test_what_is_not_held_or_comes_with_kbase_is_not_removed(db: Path, corpus: Path, labels: Labels) -> None:
    with pytest.raises(StoreError, match="no kbase database"):
        remove(db, "v5.4", corpus=corpus)
    build(db, corpus=corpus)
    with pytest.raises(UnknownName, match="no such source or version"):
        remove(db, "v5.4", corpus=corpus)
    for bundled in ("v6.4", "bundled"):
        with pytest.raises(UsageError, match="comes with kbase"):
            remove(db, bundled, corpus=corpus)
    assert labels(db) == ("v6.4",)


def test_a_release_is_removed_where_only_one_version_of_it_can_be_meant(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking, labels: Labels
) -> None:
    for label in ("v5.4.1", "v6.8.3", "v6.8.9"):
        tree(tmp_path / "trees" / label, locking())
    build(db, [str(tmp_path / "trees")], corpus=corpus)
    report = remove(db, "5.4", corpus=corpus)
    assert report.removed == ("v5.4.1",)
    assert report.warnings == ("5.4 is read as v5.4.1, the only version of that release that you gave",)
    for what, message in {
        "6.8": r"several versions of that release; name one of v6\.8\.3, v6\.8\.9",
        "latest": "changes with every build; name the version",
        "6.4": "comes with kbase",
        "6.8.4": r"no such source or version; the nearest versions are v6\.4 and v6\.8\.3; sources: ",
    }.items():
        with pytest.raises((UsageError, UnknownName), match=message):
            remove(db, what, corpus=corpus)
    assert labels(db) == ("v6.4", "v6.8.3", "v6.8.9")
    assert remove(db, "6.8.9", corpus=corpus).removed == ("v6.8.9",)


def test_several_processes_give_the_same_database(corpus: Path, tmp_path: Path, tree: Put, locking: Locking) -> None:
    for minor in range(3 * DOCUMENTS_EACH):
        tree(tmp_path / f"trees/v5.{minor}", locking(f"cell {minor}"))
    contents = []
    for jobs in (1, 3):
        build(tmp_path / f"db{jobs}", [str(tmp_path / "trees")], corpus=corpus, jobs=jobs)
        with closing(sqlite3.connect(generations.current(tmp_path / f"db{jobs}") / generations.FILE)) as connection:
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
    corpus: Path, tmp_path: Path, put: Put, tree: Put, paper_note: str, locking: Locking
) -> None:
    folder = tree(tmp_path / "src", locking())
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


def test_progress_tells_stages_with_counts(db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking) -> None:
    told: list[tuple[str, int, int, str]] = []
    build(db, [str(tree(tmp_path / "v5.4", locking()))], corpus=corpus, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, *_ in told)) == ["read", "parse", "assemble", "compare", "index", "swap"]
    assert [(done, total) for stage, done, total, _ in told if stage == "parse"] == [(1, 3), (2, 3), (3, 3)]


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
