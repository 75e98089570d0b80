"""What becomes of the slots of a user's ops tables: the hard cases, against made-up headers of two kernels."""

import pytest

from kbase.diff.port import Judge, Kernel
from kbase.diff.port_helpers import helpers
from kbase.diff.port_types import Types
from kbase.model.port import HelperVerdict, PortSlot, Verdict
from kbase.parsers.source.conditions import holds, version_code
from kbase.parsers.source.kernel_headers import KernelHeaders
from kbase.parsers.source.reader import SourceCode

OLD_H = """
struct user_namespace; struct inode; struct dentry; struct file; struct dir_context; struct file_lock;
struct inode_operations {
	int (*create)(struct user_namespace *, struct inode *, struct dentry *, umode_t, bool);
	struct posix_acl * (*get_acl)(struct inode *, int, bool);
	int (*unlink)(struct inode *, struct dentry *);
	ssize_t (*listxattr)(struct dentry *, char *, size_t);
};
struct file_operations {
	struct module *owner;
	int (*open)(struct inode *, struct file *);
	loff_t (*llseek)(struct file *, loff_t, int);
	int (*iterate)(struct file *, struct dir_context *);
	int (*iterate_shared)(struct file *, struct dir_context *);
	__poll_t (*poll)(struct file *, struct poll_table_struct *);
};
struct lock_manager_operations {
	bool (*lm_break)(struct file_lock *);
	int (*lm_grant)(struct file_lock *, int);
};
struct barn_ops { int (*sow)(int spade); };
loff_t no_llseek(struct file *file, loff_t offset, int whence);
loff_t default_llseek(struct file *file, loff_t offset, int whence);
int plough(struct inode *inode, int depth);
int reap(struct inode *inode);
"""
NEW_H = """
struct inode_operations {
	int (*create)(struct mnt_idmap *, struct inode *, struct dentry *, umode_t, bool);
	struct posix_acl * (*get_inode_acl)(struct inode *, int, bool);
	struct posix_acl * (*get_acl)(struct mnt_idmap *, struct dentry *, int);
	int (*unlink)(struct inode *, struct dentry *);
	ssize_t (*listxattr)(struct dentry *, char *, size_t);
};
struct file_operations {
	struct module *owner;
	int (*open)(struct inode *, struct file *);
	loff_t (*llseek)(struct file *, loff_t, int);
	int (*iterate_shared)(struct file *, struct dir_context *);
	__poll_t (*poll)(struct file *, struct poll_table_struct *);
};
struct lock_manager_operations { int (*lm_grant)(struct file_lock *, int); };
struct lease_manager_operations { bool (*lm_break)(struct file_lease *); };
struct barn_ops { int (*sow)(long spade); };
loff_t default_llseek(struct file *file, loff_t offset, int whence);
int plough(struct inode *inode, long depth);
#define WRAP_DIR_ITER(x) int shared_##x(struct file *file, struct dir_context *ctx)
"""
STRUCTS = {"inode_operations", "file_operations", "lock_manager_operations", "lease_manager_operations", "barn_ops"}
RENAMES = {("inode_operations", "get_acl"): ("inode_operations", "get_inode_acl")}
CREATE = (
    "static int f(struct {} *x, struct inode *dir,\n\tstruct dentry *d, umode_t mode, bool excl)\n{{\n\treturn 0;\n}}\n"
)
OPEN = "static int f(struct inode *i, struct file *file) { return 0; }\n"
ITERATE = "static int f(struct file *file, struct dir_context *ctx) { return 0; }\n"


def judged(code: str, *, trees: bool = True) -> list[PortSlot]:
    """The slots of a file, judged from 6.1 to 6.12."""
    kernels, source = [], SourceCode({"barn/a.c": code.encode()}, version_code("v6.12"))
    slots = source.slots(STRUCTS)
    names = {slot.function for slot in slots} | {macro.text for macro in source.macros.values()}
    source.read_functions(names)
    for label, text in (("v6.1", OLD_H), ("v6.12", NEW_H)):
        headers = KernelHeaders({"include/linux/fs.h": text.encode()})
        headers.read_functions(names)
        tables = headers.tables(STRUCTS)
        code_of = version_code(label)
        kernels.append(Kernel(label=label, version_code=code_of, tables=tables, headers=headers if trees else None))
    return Judge(source=source, old=kernels[0], new=kernels[1], renames=RENAMES, types=Types(source.typedefs)).slots(
        slots
    )


def one(code: str, *, trees: bool = True) -> PortSlot:
    (slot,) = judged(code, trees=trees)
    return slot


def table(members: str, struct: str = "inode_operations") -> str:
    return f"static const struct {struct} t = {{ {members} }};\n"


@pytest.mark.parametrize(
    ("code", "verdict", "successor"),
    [
        (CREATE.format("user_namespace") + table(".create = f"), Verdict.PROTOTYPE_CHANGED, None),
        (CREATE.format("mnt_idmap") + table(".create = f"), Verdict.ALREADY_PORTED, None),
        (
            "struct posix_acl *f(struct inode *i, int type, bool rcu) { return 0; }\n" + table(".get_acl = f"),
            Verdict.OP_RENAMED,
            "inode_operations.get_inode_acl",
        ),
        (
            "struct posix_acl *f(struct mnt_idmap *m, struct dentry *d, int type) { return 0; }\n"
            + table(".get_acl = f"),
            Verdict.ALREADY_PORTED,
            None,
        ),
        (ITERATE + table(".iterate = f", "file_operations"), Verdict.OP_RENAMED, "file_operations.iterate_shared"),
        (ITERATE + table(".iterate_shared = f", "file_operations"), Verdict.OK, None),
        (
            "WRAP_DIR_ITER(f)\n" + table(".iterate_shared = shared_f", "file_operations"),
            Verdict.OK,
            None,
        ),
        (
            "static bool f(struct file_lock *l) { return true; }\n" + table(".lm_break = f", "lock_manager_operations"),
            Verdict.OP_MOVED,
            "lease_manager_operations.lm_break",
        ),
        (table(".llseek = no_llseek", "file_operations"), Verdict.HELPER_REMOVED, None),
        (table(".llseek = default_llseek", "file_operations"), Verdict.OK, None),
        (table(".llseek = elsewhere", "file_operations"), Verdict.UNREAD, None),
        (table(".open = NULL", "file_operations"), Verdict.OK, None),
        (OPEN + table(".opne = f", "file_operations"), Verdict.UNKNOWN_OP, None),
        ("int f(int spade) { return 0; }\n" + table(".sow = f", "barn_ops"), Verdict.PROTOTYPE_CHANGED, None),
    ],
)
def test_the_verdict_on_a_slot(code: str, verdict: Verdict, successor: str | None) -> None:
    slot = one(code)
    assert (slot.verdict, slot.successor) == (verdict, successor), slot.reason
    quiet = (Verdict.OK, Verdict.ALREADY_PORTED, Verdict.UNREAD)
    assert slot.must is (verdict not in quiet)


@pytest.mark.parametrize(
    "code",
    [
        '#define STATIC static\nMODULE_LICENSE("GPL")\nSTATIC int f(struct inode *i, struct file *file) { }\n',
        "static int __maybe_unused\nf(struct inode *i, struct file *f __attribute__((unused)))\n\t__must_hold(x)\n{}",
        "typedef struct file barn_file;\nint f(struct inode *i, barn_file *file) { }\n",
        "int f(struct inode *i, struct file *file); /* f(int) { */\n",
        "extern int f(struct inode *, struct file *);\n",
    ],
)
def test_how_a_function_is_written_does_not_matter(code: str) -> None:
    assert one(code + table(".open = f", "file_operations")).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("static struct file_operations a = { .open = f }, b = { .open = f };", ["a.open", "b.open"]),
        ("struct file_operations t[2] = { [0] = { .open = f }, { .llseek = f } };", ["t.open", "t.llseek"]),
        (
            "struct barn { int x; struct file_operations fops; };\nstruct barn t = { .x = 1, .fops = { .open = f } };",
            ["t.open"],
        ),
        ("struct barn { struct file_operations fops; };\nstruct barn t = { .fops.open = f };", ["t.open"]),
        (
            "struct file_operations t __read_mostly = {\n#ifdef A\n.open = f,\n#else\n.llseek = f,\n#endif\n};",
            ["t.open", "t.llseek"],
        ),
        ("typedef struct file_operations fops_t;\nstatic fops_t t = { .open = f };", ["t.open"]),
        ("void x(void) { y = &(const struct file_operations){ .open = f }; }", [".open"]),
        ("#define OPS .open = f, .llseek = f\nstruct file_operations t = { OPS, };", ["t.open", "t.llseek"]),
        (
            (
                "#ifdef A\n#define OPS .open = f,\n#else\n#define OPS\n#endif\n"
                "struct file_operations t = {\n.poll = f,\nOPS\n.llseek = f };"
            ),
            ["t.poll", "t.open", "t.llseek"],
        ),
        ("#define T(n, g) static struct file_operations n = { .open = g##_open }\nT(t, f);", ["t.open"]),
        ("struct file_operations t = { open: f };", ["t.open"]),
        (
            "struct file_operations t = { .open = (void *)f, .llseek = WRAP(f), .poll = A ? f : NULL };",
            ["t.open", "t.llseek", "t.poll"],
        ),
        ("/* struct file_operations t = { .open = f }; */", []),
        ("struct file_operations *t = { 0 };", []),
    ],
)
def test_initializers_are_found(code: str, found: list[str]) -> None:
    slots = SourceCode({"a.c": code.encode()}, version_code("v6.12")).slots(STRUCTS)
    assert [f"{slot.table}.{slot.op}" for slot in slots] == found
    assert {slot.function for slot in slots} <= {"f", "f_open"}


def test_a_head_with_a_condition_inside_is_read_for_the_new_kernel() -> None:
    version = "LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)"
    head = "static int f(struct {} *x, struct inode *dir,\n"
    rest = "\tstruct dentry *d, umode_t mode, bool excl)\n{ return 0; }\n"
    for condition in (version, "defined(HAVE_IDMAP)"):
        both = f"#if {condition}\n{head.format('mnt_idmap')}#else\n{head.format('user_namespace')}#endif\n"
        slot = one(both + rest + table(".create = f"))
        assert (slot.verdict, slot.must) == (Verdict.ALREADY_PORTED, False), (condition, slot.reason)


def test_the_other_branch_of_a_condition_may_fit() -> None:
    version = "LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)"
    for condition, reason in ((version, "not compiled for v6.12"), ("!defined(HAVE_SHARED)", "another branch")):
        members = f"\n#if {condition}\n.iterate = f,\n#else\n.iterate_shared = f,\n#endif\n"
        old, new = judged(ITERATE + table(members, "file_operations"))
        assert (old.verdict, old.must, old.reason.startswith(reason)) == (Verdict.ALREADY_PORTED, False, True)
        assert new.verdict is Verdict.OK


def test_code_that_neither_kernel_compiles_is_no_slot() -> None:
    assert judged("#if 0\n" + table(".iterate = f", "file_operations") + "#endif\n") == []


@pytest.mark.parametrize("code", ["int f(barn_t x) { }\n", "int f(struct inode *i, barn_t x) { }\n", ""])
def test_what_cannot_be_decided_is_never_ok(code: str) -> None:
    slot = one(code + table(".open = f", "file_operations"), trees=False)
    assert slot.verdict is (Verdict.PROTOTYPE_CHANGED if "(barn_t" in code else Verdict.UNREAD)
    assert slot.reason


def test_a_kernel_without_headers_does_not_show_that_an_op_is_gone() -> None:
    source = SourceCode({"a.c": (ITERATE + table(".iterate = f", "file_operations")).encode()}, version_code("v6.12"))
    slots = source.slots(STRUCTS)
    source.read_functions({"f"})
    tables = [KernelHeaders({"include/linux/fs.h": text.encode()}).tables(STRUCTS) for text in (OLD_H, NEW_H)]
    old, new = (
        Kernel(label=label, version_code=version_code(label), tables=each, complete=label == "v6.1")
        for label, each in zip(("v6.1", "v6.12"), tables, strict=True)
    )
    (slot,) = Judge(source=source, old=old, new=new).slots(slots)
    assert (slot.verdict, slot.must) == (Verdict.UNREAD, False)


def test_an_aliased_function_is_the_one_that_it_stands_for() -> None:
    code = "#define g f\n#define h NULL\n" + OPEN + table(".open = g, .llseek = h", "file_operations")
    assert [(slot.function, slot.verdict) for slot in judged(code)] == [("g", Verdict.OK), ("h", Verdict.OK)]


def test_functions_of_the_kernel_that_changed() -> None:
    code = (
        b"int x(void) { plough(i, 1); reap(i); ops->reap(i); own(i); default_llseek(f, 0, 0); }\nint own(int a) { }\n"
    )
    source = SourceCode({"a.c": code}, version_code("v6.12"))
    headers = [KernelHeaders({"include/linux/fs.h": text.encode()}) for text in (OLD_H, NEW_H)]
    for each in headers:
        each.read_functions(source.called)
    kernels = [Kernel(label=v, version_code=0, tables={}, headers=h) for v, h in zip(("a", "b"), headers, strict=True)]
    found = list(helpers(source, kernels[0], kernels[1], Types({})))
    assert [(each.function, each.verdict, each.line) for each in found] == [
        ("plough", HelperVerdict.CHANGED, 1),
        ("reap", HelperVerdict.GONE, 1),
    ]
    assert (found[0].old, found[0].new) == (
        "int plough(struct inode *inode, int depth)",
        "int plough(struct inode *inode, long depth)",
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)", True),
        ("LINUX_VERSION_CODE < KERNEL_VERSION(6,3,0) || defined(X)", None),
        ("LINUX_VERSION_CODE < KERNEL_VERSION(6,3,0) && defined(X)", False),
        ("!(LINUX_VERSION_CODE < KERNEL_VERSION(6,3,0))", True),
        ("CONFIG_X", None),
        ("0", False),
        ("1 ==", None),
        ("(" * 500, None),
    ],
)
def test_conditions_about_the_version(condition: str, expected: bool | None) -> None:
    assert holds(condition, version_code("v6.12")) is expected


ODD = (
    b"",
    b"\0\1\2",
    bytes(range(1, 256)) * 40,
    b"struct file_operations t = { .open = { " * 3000,
    b"struct file_operations t = " + b"{" * 50_000,
    b"#if A\n" * 20_000 + b"struct file_operations t = { .open = f };",
    b"int f(" * 50_000,
    b'"' * 100_000,
    b"/*" * 100_000,
    b"typedef struct a {" * 20_000,
    b"struct a b " + b"__attribute__((x)) " * 20_000,
    b"x->open = " * 20_000,
    b"struct file_operations t = { .open = " + b"a ? b : " * 5_000 + b"c };",
)


@pytest.mark.parametrize("code", ODD, ids=range(len(ODD)))
def test_damaged_code_ends_in_a_message_at_worst(code: bytes) -> None:
    source = SourceCode({"a.c": code}, version_code("v6.12"))
    slots = source.slots(STRUCTS)
    source.read_functions({slot.function for slot in slots})
    messages = [*source.binary, *source.problems(STRUCTS), *source.assigned({"file_operations": ["open"]})]
    assert all(each.path == "a.c" and each.line > 0 and each.why for each in messages)
    if b"{ .open = { " in code or b"\0" in code:
        assert messages
