"""Where documents and headers of the same version disagree: each kind of drift, and what is none."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kbase.diff.drift import compared_blocks, drift, not_compared
from kbase.model.drift import Drift, DriftKind
from kbase.model.states import VersionState
from kbase.terminal.drift import drift_json
from tests.header_files import header_facts, header_files

Read = Callable[..., VersionState]
VFS = "Documentation/filesystems/vfs.rst"
LOCKING = "Documentation/filesystems/locking.rst"
HEADER = "include/linux/fs.h"
EXCERPT = "Overview of the Linux Virtual File System"  # by its title
RULES = "\nlocking rules:\n\tall may block\n"


def vfs(*members: str, struct: str = "seq_operations") -> str:
    return f"Files\n=====\n\n.. code-block:: c\n\n\tstruct {struct} {{\n{_listed(members)}\t}};\n\nThey are called.\n"


def locking(*members: str, struct: str = "seq_operations", rules: str = RULES) -> str:
    return f"{struct}\n{'=' * len(struct)}\n\nprototypes::\n\n{_listed(members)}{rules}"


def header(*members: str, struct: str = "seq_operations") -> str:
    return f"struct {struct} {{\n{_listed(members)}}};\n"


def _listed(members: tuple[str, ...]) -> str:
    return "".join(f"\t{member}\n" for member in members)


@pytest.fixture
def found(read_version: Read) -> Callable[..., list[str]]:
    """The drift of a version of documents (path -> text) as `kind op`."""

    def of(documents: dict[str, str]) -> list[str]:
        return [f"{each.kind} {each.op}" for each in drift(read_version("v9.1", documents))]

    return of


Found = Callable[[dict[str, str]], list[str]]

SAME = [
    ("int (*show)(struct seq_file *);", "int (*show) (struct seq_file *m);"),  # names and spaces
    ("void (*stop)(unsigned, unsigned long);", "void (*stop)(unsigned int flags, long unsigned int);"),
    ("int (*id)(u8 id[16]);", "int (*id)(u8 *);"),
    ("int (*get)(struct page *pages[]);", "int (*get)(struct page **);"),
    ("char *(*name)(char const *);", "char *(*name)(const char *text);"),
    ("int (*size)();", "int (*size)(void);"),
    (
        "int (*walk)(int (*)(void *data, unsigned n), void *);",
        "int (*walk)(int (*each)(void *, unsigned int), void *);",
    ),
    ("int (*own)(const int, struct page *const);", "int (*own)(int, struct page *);"),
]
OTHER = [
    ("int (*show)(struct seq_file *);", "void (*show)(struct seq_file *);", "returns void, not int"),
    (
        "int (*set)(struct inode *, int);",
        "int (*set)(struct mnt_idmap *, struct inode *, int);",
        "has an undocumented parameter 1, struct mnt_idmap *",
    ),
    (
        "int (*set)(struct inode *, struct page *, int);",
        "int (*set)(struct inode *, int);",
        "lacks the documented parameter 2, struct page *",
    ),
    ("int (*del)(struct page *);", "int (*del)(const struct page *);", "takes const struct page * as parameter 1"),
    ("int (*go)(int (*)(int));", "int (*go)(int (*)(long));", "takes int (*)(long) as parameter 1, not int (*)(int)"),
    ("int (*go)(struct page **);", "int (*go)(struct page *);", "takes struct page * as parameter 1"),
    ("int (*go)(u8 (*)[4]);", "int (*go)(u8 **);", "takes u8 ** as parameter 1, not u8 (*)[4]"),
]


@pytest.mark.parametrize(("documented", "declared"), SAME)
def test_the_same_types_in_other_words_are_no_drift(found: Found, documented: str, declared: str) -> None:
    assert found({VFS: vfs(documented), LOCKING: locking(documented), HEADER: header(declared)}) == []


@pytest.mark.parametrize(("documented", "declared", "words"), OTHER)
def test_other_types(read_version: Read, documented: str, declared: str, words: str) -> None:
    state = read_version("v9.1", {LOCKING: locking(documented), HEADER: header("", declared)})
    (each,) = drift(state)
    assert each.kind is DriftKind.DIFFERS
    assert words in each.statement
    assert (each.path, each.line) == (LOCKING, 6)
    assert (each.header_path, each.header_line) == (HEADER, 3)


def test_only_annotations(read_version: Read) -> None:
    documented, declared = "int (*read)(char *, int);", "int (*read)(char __user *buffer, int);"
    (each,) = drift(read_version("v9.1", {VFS: vfs(documented), HEADER: header(declared)}))
    assert (each.kind, each.statement) == ("annotation", "takes char __user * as parameter 1, not char *")


def test_missing_and_gone(read_version: Read) -> None:
    kept, new, old = "int (*show)(void);", "void (*stop)(void);", "void (*halt)(int);"
    elsewhere = header("int (*halt)(long);", struct="sysfs_ops") + header("int (*halt)(void);", struct="proc_ops")
    state = read_version("v9.1", {VFS: vfs(kept, old), HEADER: header(kept, new) + elsewhere})
    missing, gone = sorted(drift(state), key=lambda each: each.kind, reverse=True)
    assert (missing.kind, missing.op, missing.statement) == (
        "missing",
        "stop",
        "is not listed; the header has void (*stop)(void)",
    )
    assert (missing.line, missing.header_line) == (6, 3)  # the block of the struct; the op in the header
    assert (gone.kind, gone.op, gone.now_in) == ("gone", "halt", ("proc_ops", "sysfs_ops"))
    assert (gone.line, gone.header_line) == (8, 1)  # the op in the document; the struct of the header


def test_malformed_in_the_document(read_version: Read) -> None:
    documents = {VFS: vfs("char *(*name)((struct dentry *, int);"), HEADER: header("char *(*name)(struct dentry *);")}
    (each,) = drift(read_version("v9.1", documents))
    assert (each.kind, each.documented) == ("malformed", "char *(*name)((struct dentry *, int);")
    assert each.header is not None


def test_one_of_several_variants_is_enough(found: Found) -> None:
    header_of = header("#ifdef CONFIG_A", "int (*a)(int);", "#else", "int (*a)(long);", "#endif")
    assert found({VFS: vfs("int (*a)(int);"), LOCKING: locking("int (*a)(long);"), HEADER: header_of}) == []
    assert found({VFS: vfs("int (*a)(char);"), HEADER: header_of}) == ["differs a"]


def test_a_table_without_a_block_is_not_compared(read_version: Read) -> None:
    """Rows, descriptions and a title alone list nothing."""
    rows = "\nlocking rules:\n\n======  =====\nops     lock\n======  =====\nshow:   yes\n======  =====\n"
    described = "Files\n=====\n\nstruct seq_operations\n---------------------\n\n``show``\n\tcalled to show\n"
    title = f"seq_operations\n==============\n{rows}"
    state = read_version("v9.1", {VFS: described, LOCKING: title, HEADER: header("int (*stop)(void);")})
    assert drift(state) == ()
    assert compared_blocks(state) == ()


def test_an_op_with_a_row_and_no_prototype_is_missing(found: Found) -> None:
    rows = "\nlocking rules:\n\n======  =====\nops     lock\n======  =====\nshow:   yes\nstop:   no\n======  =====\n"
    documents = {LOCKING: locking("int (*show)(void);", rules=rows)}
    assert found(documents | {HEADER: header("int (*show)(void);", "void (*stop)(void);")}) == ["missing stop"]


def test_what_is_listed_as_data_is_not_missing(found: Found) -> None:
    assert (
        found({VFS: vfs("show_fn show;", "int (*a)(void);"), HEADER: header("int (*show)(int);", "int (*a)(void);")})
        == []
    )


@pytest.mark.parametrize(
    "documents",
    [
        {"page.rst": f"{EXCERPT}\n\n{vfs('int (*a)(void);')}"},
        {VFS: vfs("int (*a)(void);").partition("\t}")[0]},  # no closing brace
        {LOCKING: locking("int (*a)(void);", rules="")},  # it ends in the prototypes
    ],
)
def test_what_a_part_of_a_document_leaves_out_is_not_missing(found: Found, documents: dict[str, str]) -> None:
    assert found(documents | {HEADER: header("int (*a)(void);", "int (*b)(void);")}) == []
    assert found(documents | {HEADER: header("int (*a)(int);", "int (*b)(void);")}) == ["differs a"]


def test_an_excerpt_beside_the_whole_document_lacks_nothing(read_version: Read) -> None:
    excerpt = f"{EXCERPT}\n\n{vfs('int (*a)(void);')}"
    documents = {"page.rst": excerpt, VFS: excerpt, HEADER: header("int (*a)(void);", "int (*b)(void);")}
    assert [each.path for each in drift(read_version("v9.1", documents))] == [VFS]


def test_nothing_is_gone_from_a_struct_that_could_not_be_read_whole(found: Found) -> None:
    documents = {VFS: vfs("int (*a)(void);", "int (*b)(void);")}
    assert found(documents | {HEADER: header("int (*a)(void);")}) == ["gone b"]
    assert found(documents | {HEADER: header("int (*a)(void);", "int (*c)(struct x *[;").removesuffix("};\n")}) == []


def test_what_cannot_be_compared_is_said(read_version: Read) -> None:
    both = {VFS: vfs("int (*a)(void);"), LOCKING: locking("int (*a)(void);")}
    of_header = {HEADER: header("int (*a)(void);")}
    assert not_compared(read_version("v9.1", both)) == ("no headers",)
    assert not_compared(read_version("v9.1", both | of_header)) == ()
    assert not_compared(read_version("v9.1", {VFS: both[VFS]} | of_header)) == ("no locking document",)
    assert not_compared(read_version("v9.1", of_header)) == ("no vfs document", "no locking document")


@pytest.mark.parametrize("version", ["v6.1.192", "v6.12.117"])
def test_two_whole_kernels(read_version: Read, shared: Path, tmp_path: Path, version: str) -> None:
    """All drift that a compiler and a careful reading found, and no more."""
    folder = shared / "kernels" / version
    documents = {path: (folder / path).read_text("utf-8") for path in (VFS, LOCKING)}
    items = drift(read_version(version, documents | header_files(header_facts(shared, version))))
    output = tmp_path / "out.json"
    output.write_text(json.dumps(drift_json(items)))
    command = [sys.executable, *map(str, (shared / "drift/score.py", output, shared / f"drift/{version}.json"))]
    scored = subprocess.run(command, capture_output=True, text=True, check=False)
    assert scored.returncode == 0, scored.stdout


def test_the_drift_of_every_era_is_on_lines_that_name_the_op(read_version: Read, shared: Path) -> None:
    for folder in sorted(shared.glob("kernels/v*"))[::8]:
        files = folder.glob("Documentation/filesystems/*")
        documents = {
            str(path.relative_to(folder)): path for path in files if path.stem in ("vfs", "Locking", "locking")
        }
        texts = {path: file.read_text("utf-8", "replace") for path, file in documents.items()}
        texts |= header_files(header_facts(shared, folder.name))
        state = read_version(folder.name, texts)
        for each in drift(state):
            _check(each, {cited.record.written for cited in state.by_name[each.struct].tables}, texts)


def _check(each: Drift, written: set[str], texts: dict[str, str]) -> None:
    line = texts[each.path].splitlines()[each.line - 1]
    header_line = texts[each.header_path].splitlines()[each.header_line - 1]
    assert each.statement, each
    assert each.op in line if each.documented else any(name in line for name in written), each
    assert (each.op if each.header else f"struct {each.struct}") in header_line, each
