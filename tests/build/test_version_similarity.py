"""Labels that the content contradicts."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from kbase.build.version_similarity import COMPARED_ALL, Labels
from kbase.model.states import VersionState

ReadVersion = Callable[..., VersionState]
WriteDocument = Callable[..., dict[str, str]]
NAMES = ("create", "link", "unlink", "mkdir", "rmdir", "mknod", "rename")
OPS = [f"int (*{name})(struct inode *, struct dentry *);" for name in NAMES]


def warnings(states: Iterable[VersionState]) -> dict[str, str]:
    labels = Labels()
    for state in states:
        labels.add(state, [state.label])
    return labels.warnings()


def growing(read_version: ReadVersion, write_document: WriteDocument, **options: bool) -> list[VersionState]:
    """Five versions, each with one op more than the one before."""
    return [
        read_version(f"v{number}.0", write_document("vfs", *OPS[: number + 1]), **options) for number in range(1, 6)
    ]


def test_labels_that_fit(read_version: ReadVersion, write_document: WriteDocument) -> None:
    assert warnings(growing(read_version, write_document)) == {}


def test_the_label_that_fits_worst_is_the_wrong_one(read_version: ReadVersion, write_document: WriteDocument) -> None:
    states = growing(read_version, write_document)
    wrong = replace(states[0], label="v4.5")
    assert warnings([*states, wrong]) == {
        "v4.5": "labelled v4.5, but reads like v1.0: 5 facts shared, 0 only here, 0 only in v1.0"
    }


def test_a_neighbour_with_the_same_documents_vouches(read_version: ReadVersion, write_document: WriteDocument) -> None:
    states = growing(read_version, write_document)
    labels = Labels()
    for state in states:
        labels.add(state, [state.label, f"{state.label}.1"])
    labels.add(states[0], ["v0.5"])
    assert labels.warnings() == {}


def test_other_families_and_the_bundled_corpus_are_not_doubted(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    states = growing(read_version, write_document)
    assert warnings([*states, replace(states[0], label="aufs5.4")]) == {}
    bundled = [replace(s, documents=tuple(replace(d, bundled=True) for d in s.documents)) for s in states]
    assert warnings([*bundled, replace(bundled[0], label="v4.5")]) == {}
    assert set(warnings([*bundled, replace(states[0], label="v4.5")])) == {"v4.5"}


def test_a_vendors_tree_does_not_make_a_release_doubtful(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    states = growing(read_version, write_document)
    vendors = replace(states[4], label="v3.0-250.el10")  # with the documents of v5.0
    older, newer = (replace(states[4], label=f"v2.0-{build}.el10") for build in (1, 2))
    assert set(warnings([*states, vendors])) == {"v3.0-250.el10"}
    assert set(warnings([*states, older, newer])) == {"v2.0-1.el10", "v2.0-2.el10"}
    assert warnings([*states[:2], states[4], newer]) == {}  # v5.0 has the same documents and is the next release


def test_the_warning_about_a_vendors_tree_says_that_it_is_one(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    states = growing(read_version, write_document)
    (warning,) = warnings([*states, replace(states[4], label="v3.0-250.el10")]).values()
    assert warning.startswith("labelled v3.0-250.el10, but reads like v5.0: ")
    assert warning.endswith("a vendor's tree (its label ends in -250.el10) has parts of later releases")


def header(*ops: str, macro: str = "") -> dict[str, str]:
    members = "".join(f"\t{op}\n" for op in (*ops, macro))
    return {"include/linux/fs.h": f"struct inode_operations {{\n{members}}};\n"}


def test_a_vendors_tree_without_a_suffix_is_known_by_its_headers(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    states = [
        read_version(f"v{n}.0", write_document("vfs", *OPS[: n + 1]) | header(*OPS[: n + 1])) for n in range(1, 6)
    ]
    marked = read_version(
        "v3.0.1", write_document("vfs", *OPS[:6]) | header(*OPS[:6], macro="RH_KABI_RESERVE(1)")
    )  # what v5.0 has
    (label, warning), *others = warnings([*states, marked]).items()
    assert (label, others) == ("v3.0.1", [])
    assert warning.startswith("labelled v3.0.1, but reads like v5.0: ")
    assert warning.endswith("a vendor's tree (include/linux/fs.h has macros of a vendor) has parts of later releases")
    near = read_version("v3.0.1", header(*OPS[:4], macro="ANDROID_KABI_RESERVE(1);"))
    assert warnings([*states, near]) == {
        "v3.0.1": "labelled v3.0.1, but is a vendor's tree: include/linux/fs.h has macros of a vendor"
    }
    known = Labels()
    for state in [*states, near]:
        known.add(state, [state.label])
    again = Labels(known.facts)  # of a build that parses nothing
    for state in [*states, near]:
        again.note(state.documents, [state.label], {document.kind for document in state.documents})
    assert again.warnings() == known.warnings()


def test_ops_that_no_release_has_are_a_vendors(read_version: ReadVersion, write_document: WriteDocument) -> None:
    strange = "int (*paint)(struct inode *);"
    states = [read_version(f"v{n}.0", header(*OPS[: n + 1])) for n in range(1, 6)]
    own = read_version("v3.0.1", header(*OPS[:4], strange))
    ops = {
        f"inode_operations.{name}": [s.label for s in [*states, own] if name in s.by_name["inode_operations"].by_name]
        for name in (*NAMES, "paint")
    }
    labels = Labels()
    for state in [*states, own]:
        labels.add(state, [state.label])
    assert labels.warnings(ops) == {
        "v3.0.1": "labelled v3.0.1, but is a vendor's tree: no release has inode_operations.paint"
    }
    # In the newest release its ops may be new, as in a release of which no other version has headers.
    newest = Labels()
    for state in [*states[:3], own]:
        newest.add(state, [state.label])
    assert newest.warnings({op: [one for one in having if one < "v4"] for op, having in ops.items()}) == {}
    alone = Labels()
    for state in [*states[:2], *states[3:], own]:
        alone.add(state, [state.label])
    assert alone.warnings({op: [one for one in having if one != "v3.0"] for op, having in ops.items()}) == {}


def test_a_version_without_a_document_says_nothing_of_it(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    states = growing(read_version, write_document)
    alone = read_version("v4.5", write_document("locking", *OPS[:1]))
    assert warnings([*states, alone]) == {}
    assert warnings([read_version("v1.0", {"notes.txt": "Nothing of the kind.\n"})]) == {}


def test_versions_are_compared_by_the_kinds_that_most_of_them_have(
    read_version: ReadVersion, write_document: WriteDocument
) -> None:
    states = growing(read_version, write_document)
    both = [
        read_version(label, write_document("vfs", *OPS[:2]) | write_document("locking", *OPS[:2]))
        for label in ("v1.1", "v4.5")
    ]
    assert set(warnings([*states, both[1]])) == {"v4.5"}  # no other version has a Locking document
    assert set(warnings([*states, *both])) == {"v4.5"}  # one other has, on one side
    assert warnings([*states, both[0]]) == {}


def test_among_many_versions_the_likest_is_found(read_version: ReadVersion, write_document: WriteDocument) -> None:
    """Not all are compared with all: a version is found by way of those that are like it."""
    ops = [f"int (*op{number})(struct inode *);" for number in range(2 * COMPARED_ALL)]
    states = [
        read_version(f"v1.{number}", write_document("vfs", *ops[number : number + 20]))
        for number in range(2 * COMPARED_ALL - 20)
    ]
    for number in (3, 50, 77, 90):
        wrong = replace(states[number], label="v1.20.1")
        assert set(warnings([*states, wrong])) == {"v1.20.1"}
        assert f"reads like v1.{number}: " in warnings([*states, wrong])["v1.20.1"]


def test_real_labels(kernels: dict[str, VersionState]) -> None:
    states = list(kernels.values())
    assert warnings(states) == {}
    found = warnings([*states, replace(kernels["v5.4"], label="v6.9")])
    assert set(found) == {"v6.9"}
    assert "reads like v5.4" in found["v6.9"]
