"""Callers: the scanner finds the calls of ops in C code, and the document that it writes is read back."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbase.build.callers import callers_document
from kbase.model.call_sites import LockCall, Via
from kbase.model.records import Caller, Diagnostic
from kbase.model.witnesses import DocumentKind
from kbase.parsers import parse
from kbase.parsers.callers.document import CallingFunction, CallSite, without_source, write
from kbase.parsers.callers.scanner import scan
from kbase.sources.code import is_code
from kbase.sources.trees import makefile_version
from kbase.text.lines import split_lines

OPS = {
    "barn_operations": {"open", "close", "find_cow", "done"},
    "cow_operations": {"milk", "done", "open"},
    "farm_type": {"mount"},
}
HEADER = """
struct cow;
struct barn;
struct cow_operations {
	int (*milk)(struct cow *);
	void (*done)(struct cow *);
};
struct barn_operations {
	int (*open)(struct barn *, int);
	struct cow *(*find_cow)(struct barn *);
};
struct cow {
	const struct cow_operations *c_op;
	struct barn *c_barn;
	int (*open)(struct cow *);
};
typedef struct barn {
	const struct barn_operations *b_op;
	union {
		struct cow *b_cow;
		struct {
			struct cow *last;
		} b_cows;
	};
	struct cow_operations *ops[4];
	int (*b_open)(struct barn *, int);
} barn_t;
typedef barn_t stable_t;
struct farm_type {
	int (*mount)(struct farm_type *);
};
struct other_ops {
	void (*done)(int);
};
struct other {
	struct other_ops *ops;
};
extern struct cow_operations *cow_table(struct cow *cow);
static inline struct barn *barn_of(struct cow *cow)
{
	return cow->c_barn;
}
"""
Found = tuple[str, str, int, str]  # function, op with its table, line, via


def functions_of(code: str, path: str = "fs/barn.c") -> list[CallingFunction]:
    return scan({"include/linux/barn.h": HEADER.encode(), path: code.encode()}, OPS)


def found(code: str) -> list[Found]:
    """The calls in a file: in which function, of which op, in which line, reached how."""
    lines = ((function.name, line) for function in functions_of(code) for line in function.lines)
    sites = ((name, line) for name, line in lines if isinstance(line, CallSite))
    return [(name, f"{site.struct}.{site.op}", site.line, site.via.value) for name, site in sites]


def body(code: str, parameters: str = "struct barn *barn") -> list[Found]:
    """The calls in the body of a function whose first line is line 3."""
    return found(f"int f({parameters})\n{{\n{code}\n}}\n")


@pytest.mark.parametrize(
    ("code", "op", "via"),
    [
        ("return barn->b_op->open(barn, 1);", "barn_operations.open", "member"),
        ("return (*barn->b_op->open)(barn, 1);", "barn_operations.open", "member"),
        ("return ((barn)->b_op)->open(barn, 1);", "barn_operations.open", "member"),
        ("return barn -> b_op -> open (barn, 1);", "barn_operations.open", "member"),
        ("return barn->b_cow->c_op->milk(barn->b_cow);", "cow_operations.milk", "member"),
        ("return barn->b_cows.last->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return barn->b_cow[2].c_barn->b_op->open(barn, 1);", "barn_operations.open", "member"),
        ("return barn->b_op->find_cow(barn)->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return barn_of(x)->b_op->open(barn, 1);", "barn_operations.open", "member"),
        ("return cow_table(barn->b_cow)->milk(0);", "cow_operations.milk", "other"),
        ("return barn->ops[2]->milk(0);", "cow_operations.milk", "other"),
        ("return READ_ONCE(barn->b_cow)->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return rcu_dereference(barn->b_cow->c_op)->milk(0);", "cow_operations.milk", "other"),
        ("return rcu_dereference_protected(barn->b_cow, 1)->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return container_of(x, struct cow, list)->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return list_first_entry(&x->y, struct cow, list)->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return ((struct cow *)barn)->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return (x ? barn->b_cow : y)->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return unknown(x)->c_op->milk(0);", "cow_operations.milk", "member"),
        ("return WARN_ON(!barn->b_op->open(barn, 1));", "barn_operations.open", "member"),
        ("if (likely(barn->b_op->open) && barn->b_op->open(barn, 1)) return 1;", "barn_operations.open", "member"),
        ("for_each_cow(cow, barn) { barn->b_op->open(barn, 1); }", "barn_operations.open", "member"),
        ("wait_event(queue, ({ int e = barn->b_op->open(barn, 1); e; }));", "barn_operations.open", "member"),
        ("struct cow *cow = x; return cow->c_op->milk(cow);", "cow_operations.milk", "member"),
        ("const struct cow_operations *ops = x; return ops->milk(0);", "cow_operations.milk", "local"),
        ("struct cow_operations ops; return ops.milk(0);", "cow_operations.milk", "local"),
        ("stable_t *stable = x; return stable->b_op->open(stable, 1);", "barn_operations.open", "member"),
        ("__auto_type cow = barn->b_cow; return cow->c_op->milk(cow);", "cow_operations.milk", "member"),
        ("for (struct cow *cow = x; cow; cow++) cow->c_op->milk(cow);", "cow_operations.milk", "member"),
    ],
)  # fmt: skip
def test_a_call_belongs_to_an_op_by_the_type_of_what_it_is_called_through(code: str, op: str, via: str) -> None:
    assert body(code)[-1] == ("f", op, 3, via)


def test_a_parameter_and_a_global_variable() -> None:
    assert body("return ops->milk(0);", "struct cow_operations *ops") == [("f", "cow_operations.milk", 3, "parameter")]
    code = "static struct farm_type *farms;\nint f(void)\n{\n\treturn farms->mount(farms);\n}\n"
    assert found(code) == [("f", "farm_type.mount", 4, "other")]


@pytest.mark.parametrize(
    "code",
    [
        "barn->b_cow->open(barn->b_cow);",  # a member of that name that is no op of the struct
        "struct other *o = x; o->ops->done(1);",  # another struct's op of the same name
        "struct other_ops *ops = x; ops->done(1);",
        "if (barn->b_op->open) return 1;",
        "printk(barn->b_op->open);",
        "x->y = barn->b_op->open; x->y(1);",  # a member of another struct, not a variable
        "int (*open)(struct barn *, int) = barn->b_op->open; return !open;",
        "return barn->b_op->open == x(1);",
        "/* barn->b_op->open(barn, 1) */ return 1;",
        'print("barn->b_op->open(barn, 1)");',
        "#if 0\nbarn->b_op->open(barn, 1);\n#endif",
        "ops->milk(0);",  # a name that is not declared
        "{ struct cow_operations *ops; } ops->milk(0);",  # out of its block
    ],
)
def test_what_is_no_call_of_an_op(code: str) -> None:
    assert body(code) == []


def test_the_innermost_declaration_decides() -> None:
    code = "struct other_ops *ops;\n{\nstruct cow_operations *ops;\nops->done(0);\n}\nops->done(1);"
    assert body(code) == [("f", "cow_operations.done", 6, "local")]


def test_a_copy_to_a_variable_is_listed_with_each_call_through_it() -> None:
    code = "int (*open)(struct barn *, int);\nopen = barn->b_op->open;\nif (open)\n\topen(barn, 1);\n(*open)(barn, 2);"
    assert body(code) == [("f", "barn_operations.open", line, "copy") for line in (4, 6, 7)]
    initialised = "int (*open)(struct barn *, int) = barn->b_op->open;\nreturn open(barn, 1);"
    assert body(initialised) == [("f", "barn_operations.open", line, "copy") for line in (3, 4)]


def test_both_branches_of_a_conditional_expression() -> None:
    code = "return (x ? barn->b_op->open : barn->b_cow->c_op->milk)(barn);"
    assert [op for _, op, _, _ in body(code)] == ["barn_operations.open", "cow_operations.milk"]
    copied = "fn = x ? barn->b_op->open\n: barn->b_cow->c_op->milk;\nfn(barn);"
    assert [(op, line) for _, op, line, _ in body(copied)] == [
        ("barn_operations.open", 3),
        ("cow_operations.milk", 4),
        ("barn_operations.open", 5),
        ("cow_operations.milk", 5),
    ]


def test_a_pointer_that_is_passed_to_a_function_of_the_file_is_called_there() -> None:
    code = """
static int call(struct barn *barn, int (*fn)(struct barn *, int))
{
	return fn(barn, 1);
}
int f(struct barn *barn)
{
	int (*open)(struct barn *, int) = barn->b_op->open;

	elsewhere(barn, barn->b_op->open);
	return call(barn, open);
}
int g(struct barn *barn)
{
	return call(barn, barn->b_op->open);
}
"""
    assert found(code) == [
        ("call", "barn_operations.open", 4, "copy"),
        ("f", "barn_operations.open", 8, "copy"),
        ("g", "barn_operations.open", 15, "copy"),
    ]


def test_system_calls_have_the_name_that_the_compiler_sees() -> None:
    call = "{\n\tstruct barn *barn;\n\tbarn->b_op->open(barn, 1);\n}\n"
    code = f"SYSCALL_DEFINE2(open, int, fd, const char __user *, name)\n{call}SYSCALL_DEFINE0(sync)\n{call}"
    code += f"COMPAT_SYSCALL_DEFINE1(ioctl, int, fd)\n{call}"
    assert [name for name, *_ in found(code)] == ["__do_sys_open", "__do_sys_sync", "__do_compat_sys_ioctl"]


def test_parameters_declared_below_the_name_of_the_function() -> None:
    code = "int f(barn, n)\n\tstruct barn *barn;\n\tint n;\n{\n\treturn barn->b_op->open(barn, n);\n}\n"
    assert found(code) == [("f", "barn_operations.open", 5, "member")]


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        (
            "#ifdef A\n\tif (x) {\n#else\n\tif (y) {\n#endif\n\t\tbarn->b_op->open(barn, 1);\n\t}",
            [("barn_operations.open", 8)],
        ),
        (
            "if (x)\n\ty();\n#ifdef A\nelse if (barn->b_op->open(x))\nz();\n#else\nelse\n#endif\nbarn->b_op->open(y);",
            [("barn_operations.open", 6), ("barn_operations.open", 11)],
        ),
        (
            "#if A\n\tbarn->b_op->open(barn, 1);\n#elif B\n\tbarn->b_cow->c_op->milk(0);\n#else\n\treturn 1;\n#endif",
            [("barn_operations.open", 4), ("cow_operations.milk", 6)],
        ),
    ],
)
def test_conditional_compilation_in_a_function(code: str, calls: list[tuple[str, int]]) -> None:
    after = "int g(struct barn *barn)\n{\n\treturn barn->b_op->open(barn, 1);\n}\n"
    first, *rest = found(f"int f(struct barn *barn)\n{{\n{code}\n}}\n{after}")[::-1]
    assert first[:2] == ("g", "barn_operations.open")
    assert [(name, op, line) for name, op, line, _ in rest[::-1]] == [("f", op, line) for op, line in calls]


def test_wrappers_in_headers_are_callers() -> None:
    wrapper = "static inline int call_open(struct barn *barn)\n{\n\treturn barn->b_op->open(barn, 1);\n}\n"
    (function,) = functions_of(wrapper, "include/linux/wrapper.h")
    assert (function.path, function.name) == ("include/linux/wrapper.h", "call_open")
    assert functions_of(wrapper, "fs/internal.h") == []  # read for what it declares


def test_a_struct_of_the_file_goes_before_one_of_the_same_name_in_a_header() -> None:
    own = "struct other {\n\tstruct cow_operations *ops;\n};\nvoid f(struct other *o)\n{\n\to->ops->done(0);\n}\n"
    assert found(own) == [("f", "cow_operations.done", 6, "member")]


def test_the_locks_of_a_call_are_those_before_it_in_its_function() -> None:
    code = """
void f(struct barn *barn)
{
	inode_lock_nested(&barn->inode, I_MUTEX_PARENT);
	/* mutex_lock(&not_this) */
	barn->b_op->open(barn, 1);
	guard(mutex)(&barn->lock);
	if (down_write_killable(&barn->sem) || posix_lock_file(x))
		return;
	barn->b_cow->c_op->milk(0);
	inode_unlock(&barn->inode);
}
"""
    (function,) = functions_of(code)
    locks = [line for line in function.lines if isinstance(line, LockCall)]
    assert [(lock.line, lock.name, lock.argument) for lock in locks] == [
        (4, "inode_lock_nested", "&barn->inode, I_MUTEX_PARENT"),
        (7, "guard(mutex)", "&barn->lock"),
        (8, "down_write_killable", "&barn->sem"),
    ]
    assert locks[0].text == "inode_lock_nested(&barn->inode, I_MUTEX_PARENT);"
    first, second = callers(write([function]))
    assert (first.locks, second.locks) == (tuple(locks[:1]), tuple(locks))


def callers(document: str) -> list[Caller]:
    parsed = parse("callers.tsv", split_lines(document), "blob")
    assert parsed.kind is DocumentKind.CALLERS
    return [record for record in parsed.records if isinstance(record, Caller)]


def test_the_document_is_code_as_it_was_written() -> None:
    site = CallSite(7, "cow_operations", "milk", Via.LOCAL, "ops->milk(0);")
    lock = LockCall(line=5, name="spin_lock", argument="&cow->lock", text="spin_lock(&cow->lock);")
    functions = [CallingFunction("fs/cow.c", "f", (lock, site)), CallingFunction("fs/cow.c", "g", (site,))]
    first, second = callers(write(functions))
    assert (first.struct, first.op, first.function, first.path) == ("cow_operations", "milk", "f", "fs/cow.c")
    assert (first.line, first.via, first.text, first.locks) == (7, Via.LOCAL, "ops->milk(0);", (lock,))
    assert (first.evidence.first, second.evidence.first, second.locks) == (4, 6, ())


def test_the_document_without_source_has_facts_only() -> None:
    functions = functions_of("int f(struct barn *barn)\n{\n\tspin_lock(&x);\n\treturn barn->b_op->open(barn, 1);\n}\n")
    facts = without_source(split_lines(write(functions)))
    (caller,) = callers(facts)
    assert (caller.text, caller.locks) == ("", (LockCall(line=3, name="spin_lock", argument="&x"),))
    assert "return" not in facts
    assert without_source(split_lines(facts)) == facts


@pytest.mark.parametrize(
    "line",
    ["call\t1\ta\tb\tmember\t", "lock\t1\ta\tb\t", "function\ta", "function\tfs/a.c\tf\ncall\tx\ta\tb\tmember\t",
     "function\tfs/a.c\tf\ncall\t1\ta\tb\tmagic\t", "function\tfs/a.c\tf\ncall\t²\ta\tb\tmember\t", "prose"],
)  # fmt: skip
def test_a_malformed_line_is_reported(line: str) -> None:
    parsed = parse("callers.tsv", split_lines(f"callers of ops\n{line}\n\n"), "blob")
    (record,) = parsed.records
    assert isinstance(record, Diagnostic)
    assert record.code == "bad-caller"
    assert record.evidence.first == 1 + len(line.splitlines())


@pytest.mark.parametrize(
    ("path", "read"),
    [("fs/namei.c", True), ("fs/notify/fanotify/fanotify.c", True), ("fs/iomap/iter.c", True), ("mm/internal.h", True),
     ("include/linux/fs.h", True), ("include/linux/sched/mm.h", True), ("fs/ext4/inode.c", False),
     ("kernel/bpf/core.c", False), ("include/net/sock.h", False), ("fs/Makefile", False), ("x/fs/namei.c", False)],
)  # fmt: skip
def test_which_files_are_read(path: str, *, read: bool) -> None:
    assert is_code(path) is read


HOSTILE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from kbase.parsers.callers.document import write
from kbase.parsers.callers.scanner import scan
header = b"struct t_ops { int (*op)(int); }; struct s { struct t_ops *ops; struct s *next; };"
call = b"p->ops->op(1);"
function = b"int f(struct s *p)\\n{\\n"
size = 60_000
hostile = {
    "brackets": function + b"(" * size + call,
    "braces": function + b"{" * size + call,
    "ifs": function + b"if (x) " * size + call + b"}",
    "calls": function + b"p->ops->op(" * size + b")" * size + b"; }",
    "chain": function + b"p" + b"->next" * size + b"->ops->op(1); }",
    "sums": function + b"".join(b"struct s *v%d = v%d + v%d;" % (n + 1, n, n) for n in range(2000)) + call + b"}",
    "conditions": function + b"x ? " * size + call,
    "many": function + call * size + b"}",
    "copies": function + b"fn = p->ops->op; fn(1);" * size + b"}",
    "locks": function + (b"spin_lock(&p);" + call) * size + b"}",
    "declarations": function + b"struct t_ops *ops; ops->op(1);" * size + b"}",
    "functions": (function + call + b"}\\n") * (size // 4),
    "branches": function + b"#if A\\n" * size + call + b"\\n#endif\\n" * size + b"}",
    "open branches": function + b"#if A\\n {" * size + call,
    "macro": b"#define M " + (call + b"\\\\\\n") * size,
    "structs": b"struct a { " * size + function + b"struct a *a; a->ops->op(1); }",
    "typedefs": b"typedef struct { " * size + function + call + b"}",
    "no end": function + call + b"/* " + b"*" * size,
    "quote": function + call + b'"' + b"\\\\" * size,
    "names": b"struct " + b"a" * size + b" *" + b"b" * size + b"(void)\\n{\\n struct s *p; " + call + b"}",
    "binary": bytes(range(256)) * 400 + function + call + b"}",
    "spaces": function + b"p-> " + b" " * size + b"ops" + b" " * size + b"->op (1); }",
}
for name in sys.argv[1:]:
    files = {"include/linux/a.h": header, "fs/a.c": hostile[name], "include/linux/b.h": hostile[name]}
    found = scan(files, {"t_ops": {"op"}})
    assert len(write(found)) < 10_000_000, name
"""
NAMES = [line.split('"')[1] for line in HOSTILE.splitlines() if line.startswith('    "')]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_hostile_code_is_scanned_without_an_error_and_in_bounded_time(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", HOSTILE, name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


PACKAGE = Path("/usr/src/linux-source-6.12.tar.xz")


def unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a kernel's archive that the scanner needs."""
    with tarfile.open(archive) as members:
        for member in members:
            path = member.name.partition("/")[2]
            if member.isreg() and (is_code(path) or path == "Makefile"):
                stream = members.extractfile(member)
                assert stream
                yield path, stream.read()


@pytest.mark.slow
def test_the_callers_of_two_tables_in_a_real_kernel(shared: Path) -> None:
    """All of them, and none that is not there: see ../shared/callers."""
    if not PACKAGE.is_file():
        pytest.skip(f"{PACKAGE} is not there: apt-get install linux-source-6.12")
    files = dict(unpacked(PACKAGE))
    exact = makefile_version(files.pop("Makefile").decode()) == "v6.12.117"  # else calls have moved to other lines
    document = callers_document(files).decode()
    truth = json.loads((shared / "callers/v6.12.117.json").read_text("utf-8"))
    fields = ("struct", "op", "function", "path", "via", *(["line"] if exact else []))
    tables = {caller["struct"] for caller in truth}
    listed = [tuple(getattr(caller, field) for field in fields) for caller in callers(document)]
    assert sorted(each for each in listed if each[0] in tables) == sorted(
        tuple(caller[field] for field in fields) for caller in truth
    )
    assert len(listed) > 430
