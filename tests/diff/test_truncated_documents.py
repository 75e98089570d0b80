"""Documents that end too early never read as removals."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kbase.diff.compare import diff
from kbase.diff.release_line import Range
from kbase.diff.truncated_documents import truncations
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.states import VersionState
from kbase.text.lines import decode
from tests.diff.compared import gaps
from tests.diff.histories import history

ReadVersion = Callable[..., VersionState]
WriteDocument = Callable[..., dict[str, str]]
TABLES = ("dentry_operations", "inode_operations", "super_operations", "file_operations", "vm_operations_struct")
OPS = ["int (*first)(struct inode *);", "int (*second)(struct inode *);", "int (*third)(struct inode *);"]
PATH = "Documentation/filesystems/vfs.rst"


def versions(read_version: ReadVersion, write_document: WriteDocument) -> tuple[VersionState, VersionState]:
    """A whole version, and a next one whose document is cut in half."""
    whole = write_document("vfs", **dict.fromkeys(TABLES, OPS))
    half = {PATH: whole[PATH][: len(whole[PATH]) // 2]}
    return read_version("v1.0", whole), read_version("v2.0", half)


def test_a_document_cut_in_half(read_version: ReadVersion, write_document: WriteDocument) -> None:
    whole, half = versions(read_version, write_document)
    assert diff(whole, half) == diff(half, whole) == ()
    (gap,) = [gap for gap in gaps(whole, half) if gap.unreadable]
    assert str(gap) == (
        "v2.0: Documentation/filesystems/vfs.rst: it ends in inode_operations, where v1.0 continues with "
        "super_operations, file_operations, vm_operations_struct; truncated?"
    )


def test_what_stands_before_the_cut_is_compared(read_version: ReadVersion, write_document: WriteDocument) -> None:
    whole, _ = versions(read_version, write_document)
    tables = dict.fromkeys(TABLES[:3], OPS) | {"dentry_operations": OPS[:2]}
    half = read_version("v2.0", write_document("vfs", **tables))
    assert [(c.kind, c.path) for c in diff(whole, half)] == [("op-removed", "dentry_operations.third")]


def test_tables_that_go_from_the_middle_are_gone(read_version: ReadVersion, write_document: WriteDocument) -> None:
    whole, _ = versions(read_version, write_document)
    less = read_version("v2.0", write_document("vfs", **dict.fromkeys(TABLES[::4], OPS)))
    assert truncations(whole, less) == ()
    assert [c.path for c in diff(whole, less) if c.kind == "table-removed"] == sorted(TABLES[1:4])


def test_one_table_at_the_end_may_go(read_version: ReadVersion, write_document: WriteDocument) -> None:
    whole, _ = versions(read_version, write_document)
    less = read_version("v2.0", write_document("vfs", **dict.fromkeys(TABLES[:4], OPS)))
    assert "table-removed" in [c.kind for c in diff(whole, less)]
    torn = read_version("v2.0", write_document("vfs", **dict.fromkeys(TABLES[:3], OPS), file_operations=OPS[:1]))
    assert diff(whole, torn) == ()


def test_the_life_of_an_op_spans_the_cut(read_version: ReadVersion, write_document: WriteDocument) -> None:
    whole, half = versions(read_version, write_document)
    after = read_version("v3.0", write_document("vfs", **dict.fromkeys(TABLES, OPS)))
    for states, since in (((whole, half, after), "v1.0"), ((half, after), "v3.0")):
        life = history(states, "vm_operations_struct", "first")
        assert (life.since, life.removed, life.events) == (Range(None, since), None, ())


ROWS = ["ops | i_rwsem", "first | yes", "second | yes", "third | yes"]
DOES = {"first": "this and that", "second": "that", "third": "nothing at all"}
SAID = "\n\n".join(f"``{op}``\n\tdoes {what}." for op, what in DOES.items())


@pytest.mark.parametrize(
    ("kind", "lines", "end", "lost"),
    [
        ("locking", [*OPS, *ROWS], "first   yes", "second, third"),  # two rows are lost
        ("locking", [*OPS, *ROWS], "*third)(struct inode *);", "first, second, third"),  # all rows
        ("locking", [*OPS, *ROWS], "*first)(struct inode *);", "second, third, first"),  # two prototypes, too
        ("vfs", [*OPS, SAID], "*first)(struct inode *);", "second, third, first"),  # within the struct
        ("vfs", [*OPS, SAID], "does this", "second, third"),  # within a sentence
        ("vfs", [*OPS, SAID], "does nothing", "third"),
    ],
)
def test_a_cut_inside_the_last_table(
    read_version: ReadVersion, write_document: WriteDocument, kind: str, lines: list[str], end: str, lost: str
) -> None:
    ((path, text),) = write_document(kind, file_operations=OPS, inode_operations=lines).items()
    whole, torn = read_version("v1.0", {path: text}), read_version("v2.0", {path: text[: text.rindex(end) + len(end)]})
    assert diff(whole, torn) == diff(torn, whole) == ()
    (gap,) = [gap for gap in gaps(whole, torn) if gap.unreadable]
    assert gap.reason == f"it ends in inode_operations, where v1.0 continues with {lost}; truncated?"


def test_the_last_op_of_the_last_table_may_lose_its_row(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    old, new = (read_version(v, write_document("locking", *OPS, *r)) for v, r in (("v1.0", ROWS), ("v2.0", ROWS[:-1])))
    assert [(c.kind, c.op) for c in diff(old, new)] == [("lock-removed", "third")]


@pytest.mark.parametrize("name", ["locking.rst", "vfs.rst"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_real_documents(shared: Path, read_version: ReadVersion, name: str, share: float) -> None:
    folder = shared / "corpus/linux/v6.8.1/Documentation/filesystems"
    texts = {each: decode((folder / each).read_bytes()) for each in ("locking.rst", "vfs.rst")}
    whole = read_version("v6.8.1", texts)
    half = read_version("v6.9", texts | {name: texts[name][: int(len(texts[name]) * share)]})
    found = [gap for gap in gaps(whole, half) if gap.unreadable]
    assert found
    assert not [c for c in diff(whole, half) if c.kind in ("op-removed", "table-removed", "lock-removed")]


def test_real_kernels_are_whole(kernels: dict[str, VersionState]) -> None:
    states = list(kernels.values())
    assert [truncations(old, new) for old in states for new in states if truncations(old, new)] == []


def test_the_bundled_corpus_lacks_prose_and_not_the_end(
    bundled: Path, kernels: dict[str, VersionState], read_version: ReadVersion, write_document: WriteDocument
) -> None:
    ((path, text),) = write_document("vfs", file_operations=OPS, inode_operations=[*OPS, SAID]).items()
    ((_, listed),) = write_document("vfs", file_operations=OPS, inode_operations=OPS).items()
    whole, facts = read_version("v1.0", {path: text}), read_version("v2.0", {path: listed}, bundled=True)
    assert truncations(whole, facts) == truncations(facts, whole) == ()
    assert truncations(whole, read_version("v2.0", {path: listed})) != ()
    with closing(KnowledgeBase.open(bundled)) as kb:
        for label in ("v6.1.192", "v6.12.117"):
            assert [gap for each in kernels.values() for gap in gaps(each, kb.state(label)) if gap.unreadable] == []
