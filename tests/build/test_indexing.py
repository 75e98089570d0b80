"""A build processes only changed versions, and those affected by removed ones; the result is that of a full build."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase.build import indexing
from kbase.build.pipeline import build, remove
from kbase.errors import QueryError
from kbase.kernel import exact_names as symbols
from kbase.kernel.exact_names import Symbol
from kbase.knowledge.export import export_lines
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import VersionState
from kbase.store import generations
from kbase.store.database import Store

Put = Callable[[Path, str], Path]
Locking = Callable[..., str]
OPS = ("create", "rename", "whiteout", "lookup", "tmpfile", "getattr")
CELLS = ("exclusive", "shared", "no")
QUERIES = (
    *("rename", "exclusive", "kind:op", "version:v5.1 create", "since:v5.2", "removed:v5.2", "paper", "i_rwsem"),
    *("create rename", "lock:i_rwsem held:shared", "getattr OR tmpfile", "NOT shared", "whit*", "gleaned", "barn"),
    *(
        "what is held when create is called",
        "inode_operations.rename",
        "renam",
        "kind:section",
        "-",
        "document:locking",
    ),
)
TABLES = (
    "SELECT label, release, position FROM version",
    "SELECT older, newer FROM neighbours",
    "SELECT * FROM difference",
    "SELECT * FROM disagreement",
    "SELECT * FROM compared_block",
)
SUMMARY = """\
inode_operations
================

create (..v5.1)
    Makes a file.

create (v5.2..)
    Gives birth.
"""


def any_locking(choice: random.Random) -> str:
    """A Locking document with some of the ops, in any order, and a section that comes and goes."""
    ops = choice.sample(OPS, choice.randrange(1, len(OPS)))
    lines = ["=======", "Locking", "=======", "", "inode_operations", "================", "", "prototypes::", ""]
    lines += [f"\tint (*{op}) (struct inode *, int);" for op in ops]
    lines += ["", "locking rules:", "", "==============\t==================", "ops\t\ti_rwsem(inode)"]
    lines += ["==============\t==================", *(f"{op}:\t\t{choice.choice(CELLS)}" for op in ops)]
    lines += ["==============\t==================", ""]
    for title in choice.sample(("Barn", "Field", "Mill"), choice.randrange(3)):
        lines += ["", title, "=" * len(title), "", f"What is gleaned in the {title.lower()}: {choice.choice(OPS)}.", ""]
    return "\n".join(lines)


def any_header(choice: random.Random) -> str:
    """A header with some of the ops, some of which take something else than the documents say."""
    members = [f"\tint (*{op})({choice.choice(('struct inode *, int', 'long'))});\n" for op in choice.sample(OPS, 4)]
    return f"struct inode_operations {{\n{''.join(members)}}};\n"


def everything(db: Path) -> list[object]:
    """What two databases of the same versions have in common: exports, lists, names, answers."""
    with closing(KnowledgeBase.open(db)) as kb, closing(Store(generations.current(db))) as store:
        lists = [store.all_symbols(), sorted(store.versions()), store.warnings(), store.kinds(), store.fact_hashes()]
        answers = [answer(kb, query) for query in QUERIES]
        names = [kb.suggest(prefix) for prefix in ("c", "re", "inode")]
        exported = list(export_lines([kb.state(label) for label in kb.labels()]))
    with closing(sqlite3.connect(db / generations.LINK)) as tables:
        told = [tables.execute(query).fetchall() for query in TABLES]
    return [*exported, *lists, *answers, *names, *told]


def answer(kb: KnowledgeBase, query: str) -> object:
    """What a search finds, or why it finds nothing: a version that is not held."""
    try:
        return kb.search(query, limit=100)
    except QueryError as error:
        return str(error)


@pytest.fixture
def corpus(tmp_path: Path, put: Put) -> Path:
    """A bundled corpus of a summary, and of a version that says the same as v5.1."""
    put(tmp_path / "corpus/summaries/inode_operations.rst", SUMMARY)
    put(tmp_path / "corpus/linux/v6.4/Documentation/filesystems/locking.rst", any_locking(random.Random(1)))
    return tmp_path / "corpus"


@pytest.mark.parametrize(("seed", "texts"), [(0, 4), (1, 4), (101, 60), (124, 60)])
def test_whatever_comes_changes_and_goes_the_result_is_as_if_built_at_once(
    corpus: Path,
    tmp_path: Path,
    tree: Put,
    put: Put,
    paper_note: str,
    seed: int,
    texts: int,
) -> None:
    choice, db, held = random.Random(seed), tmp_path / "db", dict[str, Path]()

    def grow(label: str) -> Path:
        put(tmp_path / label / "include/linux/fs.h", any_header(random.Random(choice.randrange(texts))))
        return tree(tmp_path / label, any_locking(random.Random(choice.randrange(texts))))

    for label in (f"v5.{number}" for number in range(6)):
        held[label] = grow(label)
    held["aufs5.4"] = tmp_path / "aufs5.4"
    put(tmp_path / "aufs5.4/Documentation/filesystems/aufs/paper.txt", paper_note)
    build(db, [str(folder) for folder in held.values()], corpus=corpus)
    for step in range(5):
        label = choice.choice(sorted(held))
        if choice.random() < 0.4:
            remove(db, label, corpus=corpus)
            del held[label]
        else:
            label = choice.choice(("v5.1", "v5.3", "v5.7", "v6.4", label))
            held[label] = grow(label)
            build(db, [str(held[label])], corpus=corpus)
        whole = tmp_path / f"whole{step}"
        build(whole, [str(folder) for folder in held.values()], corpus=corpus)
        found, expected = everything(db), everything(whole)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert one == other
        shutil.rmtree(whole)


def test_versions_that_say_the_same_are_looked_at_once_and_all_found(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, locking: Locking
) -> None:
    sources = [str(tree(tmp_path / f"v5.{minor}", locking())) for minor in range(5)]
    sources.append(str(tree(tmp_path / "v5.5", locking().replace("rename", "whiteout"))))
    assembled: list[str] = []
    build(db, sources, corpus=corpus, progress=lambda stage, *_: assembled.append(stage))
    linux = ("v5.0", "v5.1", "v5.2", "v5.3", "v5.4")
    with closing(KnowledgeBase.open(db)) as kb:
        (rename,) = (thing for thing in kb.find("inode_operations.rename") if thing.kind == "op")
        assert set(linux) <= set(rename.versions)
        assert "v5.5" not in rename.versions
        hit = kb.search("inode_operations.rename").hits[0]
        assert hit.versions[0].startswith("5.0 to 5.4")
        assert kb.search("op:rename", version="v5.1").total
        assert not kb.search("op:rename", version="v5.5").total
        assert [kb.search("birth", version=label).total for label in ("v5.0", "v5.1", "v5.2", "v5.4")] == [0, 0, 1, 1]
        counts = {info.label: info.counts["ops"] for info in kb.versions}
        assert [counts[label] for label in (*linux, "v5.5")] == [2] * 6
    assert assembled.count("assemble") < 6


def test_versions_that_are_added_give_the_same_as_all_at_once(
    corpus: Path, tmp_path: Path, tree: Put, put: Put, paper_note: str, locking: Locking
) -> None:
    contents = {
        "v5.0": locking(),
        "v5.1": locking(),
        "v5.2": locking().replace("rename", "whiteout"),
        "v5.3": locking("shared"),
        "v5.15": locking(),
    }
    sources = [str(tree(tmp_path / label, content)) for label, content in contents.items()]
    for label in ("aufs5.4", "aufs5.15"):
        put(tmp_path / label / "Documentation/filesystems/aufs/paper.txt", paper_note)
        sources.append(str(tmp_path / label))
    build(tmp_path / "whole", sources, corpus=corpus)
    expected = everything(tmp_path / "whole")
    with closing(KnowledgeBase.open(tmp_path / "whole")) as kb:
        assert all(kb.search(query).total for query in QUERIES[:4])
    for number, order in enumerate((sources, sources[::-1], sources[::2] + sources[1::2])):
        for source in order:
            build(tmp_path / f"db{number}", [source], corpus=corpus)
        found = everything(tmp_path / f"db{number}")
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert one == other


def test_only_versions_that_are_new_or_heirs_of_others_are_looked_at(
    db: Path, corpus: Path, tmp_path: Path, tree: Put, monkeypatch: pytest.MonkeyPatch, locking: Locking
) -> None:
    looked: list[str] = []

    def symbols_of(state: VersionState) -> set[Symbol]:
        looked.append(state.label)
        return symbols.symbols_of(state)

    monkeypatch.setattr(indexing, "symbols_of", symbols_of)
    build(db, [str(tree(tmp_path / label, locking(label))) for label in ("v5.0", "v5.1")], corpus=corpus)
    assert looked == ["", "v5.0", "v5.1", "v6.4"]
    for label, content, expected in (
        ("v5.3", locking("v5.3"), ["v5.3"]),
        ("v5.4", locking("v5.3"), ["v5.4"]),
        ("v5.1", locking("other"), ["", "v5.1"]),
        ("v5.0", locking("other"), ["", "v5.1", "v5.4", "v6.4"]),
    ):
        looked.clear()
        build(db, [str(tree(tmp_path / label, content))], corpus=corpus)
        assert looked == expected
    looked.clear()
    remove(db, "v5.1", corpus=corpus)
    assert looked == ["", "v5.0"]
