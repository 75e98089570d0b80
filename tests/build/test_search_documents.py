"""Search documents: one for each distinct text of a thing, with every version that says so."""

from collections.abc import Callable

import pytest

from kbase.build.search_documents.dates import dates_of, lines_of
from kbase.build.search_documents.documents import search_documents
from kbase.model.states import VersionState
from kbase.model.witnesses import DocumentKind
from kbase.search.search_document import SearchDocument
from kbase.search.terms import rule_term, type_term

ReadVersion = Callable[..., VersionState]
WriteDocument = Callable[..., dict[str, str]]
CREATE = "int (*create)(struct inode *, struct dentry *);"
UNLINK = "int (*unlink)(struct inode *, struct dentry *);"


@pytest.fixture
def documents(read_version: ReadVersion, write_document: WriteDocument) -> dict[str, list[SearchDocument]]:
    """By thing, of three versions: `create` changes with the third, `unlink` goes away with it."""
    rows = [CREATE, UNLINK, "ops | i_mutex(inode) | may block", "create | yes | yes", "unlink | yes | no"]
    later = [CREATE, "ops | i_rwsem(inode) | may block", "create | exclusive | yes"]
    held = {"v4.0": rows, "v5.4": rows, "v6.4": later}
    states = [read_version(label, write_document("locking", *lines)) for label, lines in held.items()]
    found: dict[str, list[SearchDocument]] = {}
    for one in search_documents(reversed(states)):
        found.setdefault(one.entry, []).append(one)
    return found


def test_equal_texts_of_several_versions_are_one(documents: dict[str, list[SearchDocument]]) -> None:
    create = sorted(documents["op:inode_operations.create"], key=lambda d: d.version)
    assert [d.versions for d in create] == [("v4.0", "v5.4"), ("v6.4",)]
    assert [d.version for d in create] == ["v5.4", "v6.4"]
    assert [d.url for d in create] == [f"/v/{v}/inode_operations/create/" for v in ("v5.4", "v6.4")]
    assert len(documents["op:inode_operations.unlink"]) == 1


def test_what_an_op_document_says(documents: dict[str, list[SearchDocument]]) -> None:
    (unlink,) = documents["op:inode_operations.unlink"]
    assert unlink.prototype == "int (*unlink)(struct inode *, struct dentry *)"
    assert unlink.chips == ("i_mutex(inode): yes", "may block: no")
    assert unlink.locks == ("i_rwsem",)
    assert set(unlink.rules) == {"i_rwsem=yes", "*=yes"}
    assert unlink.blocks == ("no",)
    assert {"struct inode *", "dentry"} <= set(unlink.params)
    assert unlink.returns == ("int",)
    assert (unlink.since, unlink.removed) == (("v4.0",), ("v6.4",))
    assert {"inode_operations.unlink", "unlink"} <= set(unlink.keys)


def test_what_a_lock_document_says(documents: dict[str, list[SearchDocument]]) -> None:
    old, new = sorted(documents["lock:i_rwsem"], key=lambda d: d.version)
    assert old.versions == ("v4.0", "v5.4")
    assert "inode_operations.unlink, i_mutex(inode): yes" in old.text
    assert "inode_operations.create, i_rwsem(inode): exclusive" in new.text
    assert {"i_rwsem", "i_mutex", "i_sem", "i_mutex(inode)"} <= set(old.keys)
    assert set(old.old_keys) == {"i_mutex", "i_sem"}
    assert {"i_rwsem=exclusive+yes", "i_rwsem=exclusive", "i_rwsem=yes"} <= set(new.rules)


LOCKING, VFS = frozenset({DocumentKind.LOCKING}), frozenset({DocumentKind.VFS})


@pytest.mark.parametrize(
    ("seen", "sources", "since", "removed", "releases"),
    [
        ({"v1.0", "v2.0"}, LOCKING, ("v1.0",), ("v4.0",), ("1.0.0 to 2.0.0",)),  # v3.0 has no Locking document: unknown
        ({"v2.0", "v4.0"}, LOCKING, ("v2.0",), (), ("2.0.0 to 4.0",)),
        ({"v1.0"}, VFS, ("v1.0",), ("v3.0",), ("1.0.0",)),
        ({"v1.0", "aufs1"}, LOCKING, ("aufs1", "v1.0"), ("v2.0",), None),
        ({"v1.0"}, VFS | LOCKING, ("v1.0",), ("v3.0",), ("1.0.0",)),  # v2.0 cannot tell of the one document, v3.0 can
        (set(), LOCKING, (), (), ()),
    ],
)
def test_dates(
    seen: set[str],
    sources: frozenset[DocumentKind],
    since: tuple[str, ...],
    removed: tuple[str, ...],
    releases: tuple[str, ...] | None,
) -> None:
    coverage = [("aufs1", LOCKING), ("v1.0", LOCKING | VFS), ("v2.0", LOCKING), ("v3.0", VFS), ("v4.0", LOCKING)]
    found = dates_of([(tuple(seen), tuple(sources))], lines_of(coverage))
    assert (found.since, found.removed) == (since, removed)
    assert releases is None or found.releases == releases


def test_headers_decide_which_releases_have_an_op() -> None:
    """A document that lists an op which the header has dropped does not prolong its range."""
    both = VFS | {DocumentKind.HEADER}
    coverage = [(label, both) for label in ("v5.0", "v5.1", "v5.2")]
    stated = [(("v5.0",), tuple(both)), (("v5.1", "v5.2"), tuple(VFS))]
    found = dates_of(stated, lines_of(coverage), ("inode_operations",), of_op=True)
    assert (found.removed, found.releases) == (("v5.1",), ("5.0",))


def test_terms() -> None:
    assert rule_term("BKL", ["yes", "exclusive"]) == "bkl=exclusive+yes"
    assert type_term("struct  dentry*") == type_term("struct dentry *") == "struct dentry *"


def test_sections_of_one_title_are_one_thing_across_versions_and_formats(read_version: ReadVersion) -> None:
    def text(body: str) -> str:
        return f"Overlay\n=======\n\n{body}\n\nLimits\n------\n\nNone are known.\n"

    states = [
        read_version("v4.0", {"Documentation/filesystems/overlay.txt": text("An old remark.")}),
        read_version("v5.4", {"Documentation/filesystems/overlay.rst": text("A new remark.")}),
    ]
    found = [d for d in search_documents(states) if d.kind == "section"]
    by_thing = {d.entry for d in found}
    assert len(by_thing) == 2
    assert {d.versions for d in found if "remark" in d.text} == {("v4.0",), ("v5.4",)}
