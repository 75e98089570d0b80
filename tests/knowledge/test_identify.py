"""Which version is this: likeness by facts, reasons, and labels that the content contradicts."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from kbase.errors import SourceError
from kbase.knowledge.identify import identify, identify_source
from kbase.model.records import Parsed
from kbase.model.states import VersionState
from kbase.model.versions import parse_version
from kbase.parsers import parse
from kbase.text.lines import split_lines
from kbase.text.saved_pages import unwrap

ReadVersion = Callable[..., VersionState]
WriteDocument = Callable[..., dict[str, str]]
PATH = "Documentation/filesystems/vfs.rst"
OPS = [f"int (*{name})(struct inode *, struct dentry *);" for name in ("create", "link", "unlink", "mkdir", "rmdir")]


@dataclass(frozen=True)
class Holder:
    """Versions held, as a knowledge base hands them out."""

    states: tuple[VersionState, ...]

    def labels(self, family: str = "linux", /) -> tuple[str, ...]:
        return tuple(state.label for state in self.states if parse_version(state.label).family == family)

    def state(self, label: str) -> VersionState:
        return next(state for state in self.states if state.label == label)


@pytest.fixture
def holder(read_version: ReadVersion, write_document: WriteDocument) -> Holder:
    """Five versions; each has one op more than the one before."""
    return Holder(tuple(read_version(f"v{n}.0", write_document("vfs", *OPS[:n])) for n in range(1, len(OPS) + 1)))


def parsed(text: str) -> Parsed:
    return parse("vfs.rst", split_lines(text), sha256(text.encode()).hexdigest())


def test_best_first_with_the_reason(holder: Holder, write_document: WriteDocument) -> None:
    text = write_document("vfs", *OPS[:3], "int (*tmpfile)(struct inode *);")[PATH]
    found = identify([parsed(text)], holder.states)
    assert [one.version for one in found] == ["v3.0", "v4.0", "v2.0", "v5.0", "v1.0"]
    best = found[0]
    assert (best.shared, best.only_here, best.only_there) == (7, 2, 0)
    assert best.score == pytest.approx(7 / 9)
    assert best.reason == "7 facts shared, 2 only here, 0 only in v3.0; only here: inode_operations.tmpfile"
    assert "only in v5.0: inode_operations.mkdir, inode_operations.rmdir" in found[3].reason


def test_the_same_file(holder: Holder, write_document: WriteDocument) -> None:
    best = identify([parsed(write_document("vfs", *OPS[:2])[PATH])], holder.states)[0]
    assert (best.version, best.score, best.same_files) == ("v2.0", 1.0, (PATH,))
    assert best.reason.startswith(f"the same file as {PATH}")


def test_a_document_is_wholly_like_a_version_that_has_it(read_version: ReadVersion) -> None:
    """Also where it describes ops of a table whose members it does not list."""
    text = "Handlers\n========\n\nstruct xattr_handler\n--------------------\n\n" + "".join(
        f"``{op}``\n\tHandles it.\n\n" for op in ("get", "set")
    )
    state = read_version("v3.0", {PATH: text})
    assert "xattr_handler.get" in state.ops
    (found,) = identify([parsed(text)], [state])
    assert (found.score, found.examples) == (1.0, ())


def test_prose_decides_between_equals(read_version: ReadVersion, write_document: WriteDocument) -> None:
    def described(text: str) -> dict[str, str]:
        return write_document("vfs", *OPS[:2], f"``create``\n\t{text}\n")

    states = [read_version("v1.0", described("makes a file")), read_version("v2.0", described("makes a new file"))]
    text = described("makes a file")[PATH] + "\nAnd more.\n"
    assert [one.version for one in identify([parsed(text)], states)] == ["v1.0", "v2.0"]


def test_nothing_in_common(holder: Holder) -> None:
    assert identify([parse("note.txt", split_lines("A shopping list\n"), "0")], holder.states) == ()
    assert identify([], holder.states) == ()


def test_only_documents_that_both_hold_are_compared(
    holder: Holder, read_version: ReadVersion, write_document: WriteDocument
) -> None:
    both = read_version("v9.0", write_document("vfs", *OPS[:2]) | write_document("locking", *OPS))
    best = identify([parsed(write_document("vfs", *OPS[:2])[PATH] + "\n")], [both])[0]
    assert (best.only_here, best.only_there) == (0, 0)


def test_sources(holder: Holder, write_document: WriteDocument, tmp_path: Path) -> None:
    tree = tmp_path / "some tree"
    file = tree / PATH
    file.parent.mkdir(parents=True)
    file.write_text(write_document("vfs", *OPS[:2])[PATH])
    (unlabelled,) = identify_source(holder, str(tree))
    assert (unlabelled.label, unlabelled.paths, unlabelled.warning) == (None, (PATH,), None)
    assert unlabelled.similar[0].version == "v2.0"
    (single,) = identify_source(holder, str(file))
    assert (single.label, single.paths, single.similar[0].version) == (None, ("vfs.rst",), "v2.0")
    (claimed,) = identify_source(holder, f"v5.0={tree}")
    assert claimed.label == "v5.0"
    assert str(claimed.warning).startswith("labelled v5.0, but reads like v2.0")
    with pytest.raises(SourceError):
        identify_source(holder, str(tmp_path / "missing"))


def test_a_vendors_tree_is_recognised_and_contradicts_no_release(
    holder: Holder, read_version: ReadVersion, write_document: WriteDocument, tmp_path: Path
) -> None:
    vendors = read_version("v3.0-250.el10", write_document("vfs", *OPS, "int (*paint)(struct inode *);"))
    file = tmp_path / "vfs.rst"
    file.write_text(write_document("vfs", *OPS, "int (*paint)(struct inode *);")[PATH])
    both = Holder((*holder.states, vendors))
    (release,) = identify_source(both, f"v5.0={file}")
    assert (release.similar[0].version, release.warning, release.vendor) == ("v3.0-250.el10", None, None)
    (tree,) = identify_source(holder, f"v3.0-250.el10={file}")
    assert tree.vendor == "its label ends in -250.el10"
    assert str(tree.warning).startswith("labelled v3.0-250.el10, but reads like v5.0: ")


def test_headers_are_compared_and_show_a_vendors_tree(read_version: ReadVersion, tmp_path: Path) -> None:
    """A tree with headers only among versions with documents, with headers, and with both."""

    def header(*ops: str) -> str:
        return "struct inode_operations {\n" + "".join(f"\t{op}\n" for op in ops) + "};\n"

    path = "include/linux/fs.h"
    states = [read_version(f"v{n}.0", {path: header(*OPS[:n])}) for n in range(1, len(OPS) + 1)]
    marked = read_version("v3.0.9", {path: header(*OPS, "RH_KABI_RESERVE(1);")})
    file = tmp_path / "linux-5.0" / path
    file.parent.mkdir(parents=True)
    file.write_text(header(*OPS, "RH_KABI_RESERVE(2);"))
    (tree,) = identify_source(Holder((*states, marked)), f"v5.0={tmp_path}/linux-5.0")
    assert [one.version for one in tree.similar[:2]] == ["v5.0", "v3.0.9"]
    assert (tree.vendor, tree.warning) == (f"{path} has macros of a vendor", None)
    (wrong,) = identify_source(Holder((*states, marked)), f"v2.0={tmp_path}/linux-5.0")
    assert str(wrong.warning).startswith("labelled v2.0, but reads like v5.0: ")


@pytest.mark.parametrize(
    ("seed", "versions"),
    [("003_3b784bfd2f7e8584.txt", ("v5.4", "v4.14.194")), ("004_ecb33cc7e07490e0.txt", ("v6.4.6",))],
)
def test_saved_pages(shared: Path, kernels: dict[str, VersionState], seed: str, versions: tuple[str, ...]) -> None:
    data = (shared / "corpus/seeds" / seed).read_bytes()
    page = parse(seed, unwrap(seed, data), sha256(data).hexdigest())
    found = identify([page], list(kernels.values()))
    assert tuple(one.version for one in found[: len(versions)]) == versions
    assert found[0].score > 0.9


PORTING = """\
=======
Porting
=======

---

**mandatory**

->sow() takes a spade now, whatever the soil is like in that corner of the barn.

---

**recommended**

Reap in autumn, when the straw is dry and the nights are long.

---

**mandatory**

The hay is kept in the upper half of the barn until somebody takes it away.
"""
STEPS = """\
=========
The barn
=========

1. looking.  Locking rules:

\t* lock the barn (shared)

2. felling.  Locking rules:

\t* lock the barn (exclusive)
\t* find the tree that is to be felled
\t* lock the tree

The rules above suffice.
"""
NOTE = "Layers of paper\n---------------\nIn paper_mmap(),\n- fold the upper sheet\n- hand it to the lower one\n"
TEXT = "Barns\n=====\n\nA barn has a door and a roof, and in a good year hay below the roof.\n"


@pytest.mark.parametrize(
    ("name", "text", "word", "another"),
    [
        ("porting.rst", PORTING, "corner", "half"),
        ("porting.rst", PORTING, "->sow()", "->mow()"),
        ("directory-locking.rst", STEPS, "felled", "cut"),
        ("design/paper.txt", NOTE, "upper", "outer"),
        ("barns.rst", TEXT, "good", "fine"),
    ],
)
def test_one_word_changed_in_a_document_of_any_kind(
    read_version: ReadVersion, name: str, text: str, word: str, another: str
) -> None:
    def state(label: str, content: str) -> VersionState:
        return read_version(label, {f"Documentation/filesystems/{name}": content})

    def document(content: str) -> Parsed:
        return parse(name, split_lines(content), sha256(content.encode()).hexdigest())

    other = "\n".join(f"{line} of old" if "the" in line else line for line in text.splitlines())
    states = [state("v1.0", text), state("v2.0", other), state("v3.0", "Empty.\n")]
    best, second = identify([document(text.replace(word, another))], states)[:2]
    assert best.version == "v1.0"
    assert (best.changed, best.only_here, best.only_there) == (1, 0, 0)
    assert 0.5 < second.score < best.score < 1
    assert "1 reworded, 0 only here, 0 only in v1.0" in best.reason
    assert another.strip("->()") in best.reason or "reworded: " in best.reason


def test_pieces_that_are_not_alike_are_not_taken_for_reworded_ones(read_version: ReadVersion) -> None:
    held = read_version("v1.0", {"Documentation/filesystems/porting.rst": PORTING})
    entries = PORTING.split("---\n")
    new = "---\n".join([*entries[:2], "\n**mandatory**\n\nNobody sows any more, since the barn was sold.\n"])
    (found,) = identify([parse("porting.rst", split_lines(new), "0")], [held])
    assert (found.shared, found.changed, found.only_here, found.only_there) == (1, 0, 1, 2)
    assert 'only here: "nobody sows any more since the ..."' in found.reason


def test_a_design_note_is_like_a_version_of_its_family(read_version: ReadVersion, tmp_path: Path) -> None:
    holder = Holder((read_version("aufs5.4", {"design/paper.txt": NOTE}), read_version("v5.4", {"design/x.txt": TEXT})))
    file = tmp_path / "design/paper.txt"
    file.parent.mkdir()
    file.write_text(NOTE.replace("upper", "outer"))
    (found,) = identify_source(holder, str(tmp_path / "design"), ("linux", "aufs"))
    assert found.similar[0].version == "aufs5.4"
