"""Lives of ops and locks: ranges between the versions held, never a release that the data does not give."""

import itertools
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbase.diff.change_filter import ChangeFilter, Only
from kbase.diff.changes import ChangeKind
from kbase.diff.compare import diff
from kbase.diff.history import OpHistory
from kbase.diff.release_line import Range
from kbase.model.records import Evidence, Format, Parameter, Prototype
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.store.assembly import assemble
from tests.diff.histories import histories, history, lock_history

ReadVersion = Callable[..., VersionState]
WriteDocument = Callable[..., dict[str, str]]
CREATE = "int (*create)(struct inode *, struct dentry *);"
UNLINK = "int (*unlink)(struct inode *, struct dentry *);"


@pytest.fixture
def versions(read_version: ReadVersion, write_document: WriteDocument) -> Callable[..., list[VersionState]]:
    """Versions from `label=(lines of vfs, lines of locking)`; None: that document is not held."""

    def read(**held: tuple[list[str] | None, list[str] | None]) -> list[VersionState]:
        states = []
        for label, (vfs, locking) in held.items():
            documents = dict[str, str]()
            documents |= write_document("vfs", *vfs) if vfs is not None else {}
            documents |= write_document("locking", *locking) if locking is not None else {}
            states.append(read_version(label.replace("_", "."), documents))
        return states

    return read


Versions = Callable[..., list[VersionState]]


def ends(life: OpHistory) -> list[tuple[str, str | None]]:
    return [(str(span.since), str(span.removed) if span.removed else None) for span in life.spans]


def test_since_changed_removed(versions: Versions) -> None:
    more = UNLINK.replace("struct inode *", "struct mnt_idmap *, struct inode *")
    states = versions(
        v5_4=([CREATE], None), v5_15=([CREATE, UNLINK], None), v6_1=([CREATE, UNLINK], None),
        v6_4=([CREATE, more], None), v6_8=([CREATE], None),
    )  # fmt: skip
    life = history(states, "inode_operations", "unlink")
    assert ends(life) == [("after v5.4, by v5.15", "after v6.4, by v6.8")]
    assert [(str(event.range), [c.kind.value for c in event.changes]) for event in life.events] == [
        ("after v5.4, by v5.15", ["op-added"]),
        ("after v6.1, by v6.4", ["parameter-added"]),
        ("after v6.4, by v6.8", ["op-removed"]),
    ]
    assert life.versions == ("v5.15", "v6.1", "v6.4")
    assert life.exact == (0, 3)
    assert history(states, "inode_operations", "create").since == Range(None, "v5.4")
    assert history(states, "inode_operations", "create").events == ()


def test_an_op_that_comes_back(versions: Versions) -> None:
    states = versions(v1_0=([CREATE], None), v2_0=([CREATE, UNLINK], None), v3_0=([CREATE], None),
                      v4_0=([CREATE, UNLINK], None))  # fmt: skip
    life = history(states, "inode_operations", "unlink")
    assert ends(life) == [("after v1.0, by v2.0", "after v2.0, by v3.0"), ("after v3.0, by v4.0", None)]
    assert life.removed is None


def test_not_held_is_not_removed(versions: Versions) -> None:
    rows = [CREATE, UNLINK, "ops | i_rwsem(inode)", "create | yes"]
    states = versions(
        v4_14=([CREATE], [*rows, "unlink | yes"]), v4_19=([CREATE], None), v5_4=([CREATE], [*rows, "unlink | shared"])
    )
    life = history(states, "inode_operations", "unlink")
    assert ends(life) == [("by v4.14", None)]
    assert [(n.version, n.document) for n in life.missing] == [("v4.19", DocumentKind.LOCKING)]
    assert [str(event.range) for event in life.events] == ["after v4.14, by v5.4"]


def test_it_is_gone_once_no_document_is_left_that_stated_it(versions: Versions) -> None:
    """A version that lacks one of the documents tells nothing of what that one stated."""
    states = versions(v4_14=([CREATE, UNLINK], [CREATE, UNLINK]), v4_19=([CREATE], None), v5_4=([CREATE], [CREATE]))
    assert ends(history(states, "inode_operations", "unlink")) == [("by v4.14", "after v4.14, by v5.4")]
    states = versions(v4_14=([CREATE, UNLINK], [CREATE]), v4_19=([CREATE], None), v5_4=([CREATE], [CREATE]))
    assert ends(history(states, "inode_operations", "unlink")) == [("by v4.14", "after v4.14, by v4.19")]
    states = versions(v4_14=([CREATE, UNLINK], [UNLINK]), v4_19=([CREATE], None), v5_4=([CREATE], [CREATE, UNLINK]))
    assert ends(history(states, "inode_operations", "unlink")) == [("by v4.14", None)]


def test_each_document_is_compared_with_the_last_of_its_kind(versions: Versions) -> None:
    changed = CREATE.replace("int", "void")
    states = versions(v4_14=([CREATE], [CREATE]), v4_19=([CREATE], None), v5_4=([changed], [changed]))
    life = history(states, "inode_operations", "create")
    assert [(str(e.range), [c.kind.value for c in e.changes]) for e in life.events] == [
        ("after v4.19, by v5.4", ["return-type-changed"])
    ]


def test_a_change_that_a_document_tells_later_is_told_once(versions: Versions) -> None:
    """A version that holds one of the documents narrows the range; the other one has nothing to add then."""
    more = CREATE.replace("struct inode *", "struct mnt_idmap *, struct inode *")
    states = versions(v6_1=([CREATE], [CREATE]), v6_4=(None, [more]), v6_8=([more], [more]))
    life = history(states, "inode_operations", "create")
    assert [(str(e.range), [c.kind.value for c in e.changes]) for e in life.events] == [
        ("after v6.1, by v6.4", ["parameter-added"])
    ]
    states = versions(v6_1=([CREATE], [CREATE]), v6_4=(None, [more]), v6_6=([CREATE], None), v6_8=([more], [more]))
    again = history(states, "inode_operations", "create")
    assert [str(e.range) for e in again.events] == ["after v6.1, by v6.4", "after v6.6, by v6.8"]


def test_renames_link_two_lives(versions: Versions) -> None:
    page, folio = "int (*launder_page)(struct page *);", "int (*launder_folio)(struct folio *);"
    states = versions(v5_15=([CREATE, page], None), v6_4=([CREATE, folio], None))
    before, after = (history(states, "inode_operations", op) for op in ("launder_page", "launder_folio"))
    (became,), (was,) = before.renamed_to, after.renamed_from
    assert (became.op, was.op, was.likely) == ("launder_folio", "launder_page", True)
    assert str(was.range) == "after v5.15, by v6.4"
    assert before.removed == after.since == Range("v5.15", "v6.4")
    assert before.renamed_from == after.renamed_to == ()


def test_histories_agree_with_one_at_a_time(versions: Versions) -> None:
    states = versions(
        v5_4=([CREATE], [CREATE]), v5_15=([CREATE, UNLINK], None), v6_4=([UNLINK], [CREATE, UNLINK])
    )  # fmt: skip
    lives = histories(states)
    assert set(lives) == {("inode_operations", "create"), ("inode_operations", "unlink")}
    for name, life in lives.items():
        assert life.spans == history(states, *name).spans
        assert [e.range for e in life.events] == [e.range for e in history(states, *name).events]


def test_a_lock_under_its_names(versions: Versions) -> None:
    def rows(column: str, cell: str) -> list[str]:
        return [CREATE, UNLINK, f"ops | {column}", f"create | {cell}", "unlink | no"]

    states = versions(
        v4_4=(None, rows("i_mutex(inode)", "yes")),
        v4_14=([CREATE], None),
        v5_4=(None, rows("i_rwsem(inode)", "shared")),
    )
    life = lock_history(states, "i_rwsem")
    assert life.names == (("i_mutex(inode)", ("v4.4",)), ("i_rwsem(inode)", ("v5.4",)))
    assert life.ops == (("inode_operations", "create"), ("inode_operations", "unlink"))
    assert [(str(e.range), [(c.op, c.kind) for c in e.changes]) for e in life.events] == [
        ("after v4.4, by v5.4", [("create", ChangeKind.LOCK_REFINED)])
    ]
    assert lock_history(states, "s_umount").events == ()


def test_a_footnote_mark_in_another_spelling_changes_nothing(versions: Versions) -> None:
    note = ".. [1] ->create comes with it only where nobody looks."
    cells = ("maybe[1]", "maybe[1]_", "maybe [1]_", "maybe")
    rows = [[CREATE, "ops | i_rwsem", f"create | {cell}", note] for cell in cells]
    states = versions(v1_0=(None, rows[0]), v2_0=(None, rows[1]), v3_0=(None, rows[2]), v4_0=(None, rows[3]))
    assert history(states, "inode_operations", "create").events == ()
    assert lock_history(states, "i_rwsem").events == ()
    other = versions(v1_0=(None, rows[0]), v2_0=(None, [CREATE, "ops | i_rwsem", "create | yes[1]_", note]))
    assert [c.kind for c in diff(*other)] == [ChangeKind.LOCK_STRENGTHENED]


def test_what_is_new_and_what_is_gone(versions: Versions) -> None:
    old, new = versions(v1_0=([CREATE, "int fs_flags;"], None), v2_0=([UNLINK], None))
    come, gone = (ChangeFilter(only=only).changes(diff(old, new)) for only in (Only.NEW, Only.GONE))
    assert [c.path for c in come] == ["inode_operations.unlink"]
    assert [c.path for c in gone] == ["inode_operations:fs_flags", "inode_operations.create"]


# A drawn version holds one document, both or none; each that is held states the op, or does not.
HELD = st.tuples(st.sampled_from([None, False, True]), st.sampled_from([None, False, True]))


def state(number: int, held: tuple[bool | None, bool | None]) -> VersionState:
    label = f"v{number}.0"
    refs, cited = list[DocumentRef](), list[Cited[Prototype]]()
    for kind, stated in zip((DocumentKind.VFS, DocumentKind.LOCKING), held, strict=True):
        if stated is None:
            continue
        ref = DocumentRef(
            version=label, path=kind.value, blob=kind.value, kind=kind, format=Format.RST, title="", source="t"
        )
        refs.append(ref)
        for op in ["other", *(["op"] if stated else [])]:
            here = Evidence(blob=ref.blob, first=1, last=1)
            prototype = Prototype(
                struct="s", op=op, text="", raw="", returns="int", parameters=(Parameter(type="long"),), evidence=here
            )
            cited.append(Cited(record=prototype, document=ref))
    return assemble(label, "given", refs, cited)


def bounds(life: OpHistory, labels: Sequence[str]) -> tuple[int, int] | None:
    """The range of `since` as positions among all labels; -1 where nothing older is held."""
    if life.since is None:
        return None
    return labels.index(life.since.after) if life.since.after else -1, labels.index(life.since.by)


@given(st.lists(HELD, min_size=3, max_size=8), st.data())
def test_a_version_in_between_only_narrows(held: list[tuple[bool | None, bool | None]], data: st.DataObject) -> None:
    states = [state(number, one) for number, one in enumerate(held)]
    labels = [one.label for one in states]
    between = data.draw(st.integers(0, len(states) - 1))
    before = bounds(history([s for i, s in enumerate(states) if i != between], "s", "op"), labels)
    after = bounds(history(states, "s", "op"), labels)
    if before is not None and before[0] < between < before[1]:
        assert after is not None
        assert before[0] <= after[0] <= after[1] <= before[1]


@given(st.lists(HELD, min_size=1, max_size=7))
def test_a_life_is_made_of_spans_in_order(held: list[tuple[bool | None, bool | None]]) -> None:
    states = [state(number, one) for number, one in enumerate(held)]
    life = history(states, "s", "op")
    order = {one.label: number for number, one in enumerate(states)}
    places = [order[end] for span in life.spans for r in (span.since, span.removed) if r for end in (r.by,)]
    assert places == sorted(set(places))
    assert all(span.removed for span in life.spans[:-1])
    assert set(life.versions) == {s.label for s in states if "s.op" in s.ops}
    assert bool(life.versions) == bool(life.spans)


# Real documents


def test_real_lives(kernels: dict[str, VersionState]) -> None:
    states = list(kernels.values())
    link = history(states, "inode_operations", "get_link")
    assert ends(link) == [("after v3.10.64, by v4.14.194", None)]
    assert [(one.op, one.likely) for one in link.renamed_from] == [("follow_link", False)]
    acl = history(states, "inode_operations", "get_acl")
    assert [one.op for one in acl.renamed_to] == ["get_inode_acl"]
    assert acl.removed is None
    pages = history(states, "address_space_operations", "readpages")
    assert ends(pages) == [("by v2.6.12", "after v5.15.55, by v6.4.6")]
    rename = history(states, "inode_operations", "rename")
    kinds = {str(event.range): [c.kind.value for c in event.changes] for event in rename.events}
    assert "parameter-added" in kinds["after v3.10.64, by v4.14.194"]
    assert "lock-refined" in kinds["after v4.14.194, by v5.4"]
    assert "lock-scope-changed" in kinds["after v6.4.6, by v6.8.1"]


def test_the_real_life_of_a_lock(kernels: dict[str, VersionState]) -> None:
    life = lock_history(list(kernels.values()), "i_rwsem")
    assert {name.split("(")[0] for name, _ in life.names} == {"i_sem", "i_mutex", "i_rwsem"}
    assert ("inode_operations", "rename") in life.ops
    assert len(life.events) == len(kernels) - 1


def test_leaving_out_a_real_version_only_widens(kernels: dict[str, VersionState]) -> None:
    labels = list(kernels)
    every = histories(list(kernels.values()))
    for left_out in ("v4.14.194", "v6.4.6"):
        fewer = histories([s for s in kernels.values() if s.label != left_out])
        for name, life in fewer.items():
            wide, narrow = bounds(life, labels), bounds(every[name], labels)
            assert wide is not None
            assert narrow is not None
            assert wide[0] <= narrow[0] <= narrow[1] <= wide[1], name


def test_real_ranges_join_neighbours(kernels: dict[str, VersionState]) -> None:
    neighbours = set(itertools.pairwise(kernels))
    for life in histories(list(kernels.values())).values():
        for event in life.events:
            assert (event.range.after, event.range.by) in neighbours
