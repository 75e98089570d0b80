"""Which ops, functions, macros, locks and data members an entry of the porting log names."""

import json
from pathlib import Path

import pytest

from kbase.kernel.op_names import OPS_OF
from kbase.model.records import PortingEntry
from kbase.parsers import porting
from kbase.parsers.porting_names import names_in
from kbase.text.lines import split_lines

GOLDEN = Path(__file__).with_name("porting_names.tsv")
NEWEST = "v7.1.5"
KINDS = ("ops", "functions", "macros", "locks", "members")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("->rename() and .d_delete() changed", ("rename", "d_delete")),
        (
            "set ->i_op->get_inode_acl and mapping->a_ops->bmap",
            ("inode_operations.get_inode_acl", "address_space_operations.bmap"),
        ),
        ("a new file_system_type method: kill_sb(superblock)", ("file_system_type.kill_sb",)),
        ("d_revalidate is a callback of the walk", ("d_revalidate",)),
        ("permission is an inode check that is called often", ("permission",)),
        ("give no permission is a callback", ()),
        ("export_operations ->encode_fh() has no default", ("export_operations.encode_fh",)),
        ("The ->setlease() file_operation is to be set", ("file_operations.setlease",)),
        (
            "The file operations mmap() callback goes, mmap_prepare() comes",
            ("file_operations.mmap", "file_operations.mmap_prepare"),
        ),
        ("xattr_handler.get() takes the inode", ("xattr_handler.get",)),
        ("done. -> iterate_shared() is as it was", ("iterate_shared",)),
        ("a_path -> iterate_path", ()),
        ("it lost the check_acl argument; rename(2) and unlink() fail", ()),
        ("->revlidate() and ->frobnicate() are no ops", ()),
        ("see fs/read_iter.c, ext2/readdir.rst", ()),
    ],
)
def test_ops(text: str, names: tuple[str, ...]) -> None:
    assert names_in(text).ops == names


@pytest.mark.parametrize(
    ("text", "kind", "names"),
    [
        ("->d_parent, inode->i_nlink and d_child are read", "members", ("d_parent", "i_nlink", "d_child")),
        ("i_bdev/i_cdev share storage; ->i_op->rename is no member", "members", ("i_bdev", "i_cdev")),
        ("use f_path.dentry, e.g. et.al here", "members", ("f_path",)),
        (
            "hold ->i_mutex, inode->i_lock, dcache_lock and s_umount",
            "locks",
            ("i_mutex", "i_lock", "dcache_lock", "s_umount"),
        ),
        ("without BKL; inode_lock() is a call", "locks", ("BKL",)),
        ("setattr_prepare (was inode_change_ok) checks", "functions", ("setattr_prepare", "inode_change_ok")),
        ("d_add(dentry, new_dentry) or d_splice_alias()", "functions", ("d_add", "d_splice_alias")),
        (
            "use new_sync_{read,write} or nd_[gs]et_link()",
            "functions",
            ("new_sync_read", "new_sync_write", "nd_get_link", "nd_set_link"),
        ),
        ("foo_alloc() of struct kill_me, a test() callback, umount(2)", "functions", ()),
        ("the request_mask and query_flags arguments, a vm_area_desc", "functions", ()),
        ("mmap_action_*() and blockdev_put_IO* are many", "functions", ()),
        ("\treturn d_make_it(inode);\n\td_add_it(inode);\nCall d_drop().", "functions", ("d_drop",)),
        (
            "FS_LITTER is gone, use IS_ERR() and FMODE_CAN_{READ,WRITE}",
            "macros",
            ("FS_LITTER", "IS_ERR", "FMODE_CAN_READ", "FMODE_CAN_WRITE"),
        ),
        ("-EINVAL for NULL; FOO_I(inode) is an example", "macros", ()),
    ],
)
def test_other_names(text: str, kind: str, names: tuple[str, ...]) -> None:
    assert getattr(names_in(text), kind) == names


def test_members_and_locks_are_no_ops() -> None:
    text = (
        "->d_lock of ->d_parent is taken; ->i_mutex, ->d_name and mapping->i_mmap_rwsem are not. ->d_hash() may sleep."
    )
    assert names_in(text).ops == ("d_hash",)


def test_every_op_of_the_headers_is_known(shared: Path) -> None:
    for file in (shared / "kernels").glob("*/headers.json"):
        for struct, table in json.loads(file.read_bytes()).items():
            assert OPS_OF[struct].issuperset(table["ops"]), f"{file.parent.name}: add them to kbase/kernel/op_names.py"


def test_names_of_the_newest_log(shared: Path) -> None:
    """The names in each entry, by its line; read over by hand."""
    text = (shared / "kernels" / NEWEST / "Documentation/filesystems/porting.rst").read_text("utf-8")
    parsed = porting.parse("porting.rst", split_lines(text), "b")
    entries = [record for record in parsed.records if isinstance(record, PortingEntry)]
    found = ["\t".join(["line", *KINDS])]
    for entry in entries:
        names = "\t".join(" ".join(getattr(entry, kind)) for kind in KINDS)
        found.append(f"{entry.evidence.first}\t{names}".rstrip())
    assert found == GOLDEN.read_text("utf-8").splitlines()
