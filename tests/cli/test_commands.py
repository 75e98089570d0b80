"""The command line: data on standard output, the rest on standard error, exit statuses, wrong input of every kind."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from kbase.cli import COMMANDS
from tests.cli.conftest import LOCKING, Run, contents, data, one_line


def test_wrong_sources(run: Run, bundled: Path, tmp_path: Path) -> None:
    before = contents(bundled)
    binary = tmp_path / "vmlinux"
    binary.write_bytes(b"\x7fELF\0\0\0\0" * 100)
    unversioned = tmp_path / "locking.rst"
    unversioned.write_text(LOCKING)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no such file or folder" in one_line(run("build", tmp_path / "missing"))
    assert "binary" in one_line(run("build", f"v6.1={binary}"))
    assert "no version" in one_line(run("build", unversioned))
    assert "version" in one_line(run("build", f"newest={unversioned}"))
    assert str(empty) in one_line(run("build", empty))
    assert "no such file or folder" in one_line(run("identify", tmp_path / "missing"))
    assert contents(bundled) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "inode_operations.renam"), "inode_operations.rename"),
        (("show", "nothing_like_it_at_all"), "nothing has that name"),
        (("show", "rename", "--version", "v99.1"), "version v99.1 is not available"),
        (("show", "rename", "--version", "eleven"), "eleven"),
        (("history", "d_instantiate"), "no op, lock or ops table"),
        (("diff", "v99.1", "v6.8.1"), "version v99.1 is not available"),
        (("diff", "v6.4.6", "v6.8.1", "inode_operation"), "did you mean inode_operations"),
        (("diff", "v6.4.6", "v6.8.1", "--accepted", "no-such-file"), "no-such-file"),
        (("diff", "v6.4.6"), "Missing argument 'B'; see kbase diff --help"),
        (("search", "colour:red"), "colour"),
        (("search", "rename", "--limit", "201"), "1<=x<=200"),
        (("search", "rename", "--version", "v99.1"), "v99.1"),
        (("search", '"rename'), "without its partner"),
        (("export", "--version", "v99.1"), "v99.1"),
        (("export", "--kind", "opera"), "opera"),
        (("export", "--format", "documents"), "without a folder; name one"),
        (("export", "out.json"), "out.json: JSON goes to standard output, not to a folder; add --format documents"),
        (("export", "--format", "documents", "out", "--kind", "op"), "--kind is for JSON Lines"),
        (("export", "--format", "since", "--kind", "op"), "--kind is for JSON Lines, not for --format since"),
        (("export", "--format", "since", "--version", "6.12"), "--format since is about all versions"),
        (("export", "--origin", "x"), "--origin is for the manifest"),
        (("check", "--version", "v99.1"), "v99.1"),
        (("remove", "v99.1"), "no such source or version"),
        (("remove", "v6.8.1"), "comes with kbase"),
        (("reference", "out", "--builder", "cuneiform"), "cuneiform"),
        (("reference", "out", "--version", "6.8", "--all-versions"), "exclude each other; leave one of them out"),
        (("serve", "--port", "99999"), "99999"),
        (("frobnicate",), "No such command 'frobnicate'; see kbase --help"),
        (("versions", "--frobnicate"), "--frobnicate"),
    ],
)
def test_wrong_names(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert message in one_line(run(*arguments))


def test_what_is_no_database(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear database")
    for db in (folder, folder / "letter.txt"):
        for command in (("versions",), ("show", "rename"), ("build",), ("remove", "v6.1"), ("export",)):
            assert str(db) in one_line(run(*command, "--db", db))
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_damaged_database(run: Run, copy: Path) -> None:
    for file in copy.rglob("kbase.sqlite"):
        file.write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    assert str(copy) in one_line(run("versions"))


def test_an_ambiguous_name_lists_the_full_names(run: Run) -> None:
    status, out, err = run("show", "open")
    assert (status, out) == (2, "")
    head, *candidates = err.splitlines()
    assert "ambiguous" in head
    assert {"  file_operations.open  (op)", "  block_device_operations.open  (op)"} <= set(candidates)


def test_an_op_that_is_gone_is_the_one_that_lasted_longest_and_names_its_successor(run: Run) -> None:
    for command in ("show", "history"):
        status, out, err = run(command, "readpage")
        assert status == 0
        assert out.startswith("address_space_operations.readpage")
        assert err == "also: inode_operations.readpage  (op)\n"
    _, out, _ = run("show", "readpage")
    gone = "removed after v5.15.55, by v6.1.192: address_space_operations.read_folio is its name since 5.19"
    assert gone in [line.strip() for line in out.splitlines()]
    readahead = "address_space_operations.readahead replaces it since 5.8"
    assert readahead in run("show", "address_space_operations.readpages")[1]
    assert "removed" not in run("show", "rename")[1]
    assert "read_folio replaces it" in one_line(run("show", "readpage", "--version", "v6.8.1"))


def test_every_lock_that_the_search_lists_can_be_shown(run: Run) -> None:
    found = data(run("search", "kind:lock", "--limit", "200", "--json"))
    assert found["total"] == len(found["results"]) > 10
    for hit in found["results"]:
        assert data(run("show", hit["name"], "--json"))["subject"] == hit["name"]
        assert data(run("history", hit["name"], "--json"))["lock"] == hit["name"]


def test_since_and_removed_are_one_answer(run: Run) -> None:
    """v4.19.304 has the vfs document only, and that document alone stated mremap."""
    assert "removed from the documents after v4.14.194, by v4.19.304" in run("history", "file_operations.mremap")[1]
    names = [hit["name"] for hit in data(run("search", "mremap removed:v4.19", "--json"))["results"]]
    assert names == ["file_operations.mremap"]
    assert data(run("search", "mremap removed:v5.4", "--json"))["total"] == 0


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        *((name, 0) for name in ("inode_operations.rename", "rename", "inode_operations", "RENAME_EXCHANGE")),
        *(("i_mutex", 4), ("d_instantiate", 1)),
    ],
)
def test_show(run: Run, name: str, entries: int) -> None:
    status, out, err = run("show", name)
    named = f"named in the porting log: kbase show '/porting/?name={name}' ({entries})\n" if entries else ""
    assert (status, err) == (0, named)
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())
    assert data(run("show", name, "--json"))["title"]


def test_show_tells_what_is_held(run: Run) -> None:
    out = run("show", "inode_operations.rename", "--version", "6.8.1")[1]
    types = "struct mnt_idmap *, struct inode *, struct dentry *, struct inode *, struct dentry *, unsigned int"
    assert f"  int (*rename)({types});" in out.splitlines()
    row = next(line for line in out.splitlines() if "i_rwsem(inode)" in line)
    assert "exclusive" in row
    assert "locking.rst:" in row


def test_versions(run: Run) -> None:
    found = data(run("versions", "--json"))
    keys = {"label", "family", "label_origin", "sources", "documents", "counts", "stands_for", "warnings"}
    assert keys == set(found[0])
    assert {info["label"]: info["stands_for"] for info in found}["v6.8.1"] == "v6.8"
    out = run("versions")[1]
    assert all(info["label"] in out for info in found)


def test_show_of_a_table_keeps_conditions_and_scopes(run: Run) -> None:
    lines = run("show", "inode_operations", "--version", "v6.8.1")[1].splitlines()
    rows = [line for line in lines[: lines.index("in sentences")] if " locking.rst:" in line]
    cells = {line.split()[0]: " ".join(line.split()[1:-1]) for line in rows}
    assert cells["create"] == "exclusive"
    assert cells["rename"] == "exclusive (both parents, some children) (see below)"
    assert cells["atomic_open"] == "shared (exclusive if O_CREAT is set in open flags)"
    assert cells["fileattr_get"] == "maybe exclusive “no or exclusive”"


def test_show_of_a_flag_says_what_it_means_and_where_that_stands(run: Run) -> None:
    out = run("show", "RENAME_EXCHANGE", "--version", "v6.8.1")[1]
    assert "Source and target change places." in out
    assert "\n      vfs.rst:589\n" in out


def test_show_of_a_class_of_operation(run: Run, copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "v9.3" / "Documentation" / "filesystems" / "directory-locking.rst"
    file.parent.mkdir(parents=True)
    rules = "1. looking.  Locking rules:\n\n\t* lock the tree (shared)\n\n2. felling.  Locking rules:\n\n\t* fell it\n"
    file.write_text(f"Trees\n=====\n\n{rules}")
    assert run("build", tmp_path / "v9.3")[0] == 0
    status, out, _ = run("show", "looking")
    assert (status, "1. lock the tree (shared)" in out, "fell it" in out) == (0, True, False)
    whole = data(run("show", "directory-locking", "--json"))
    assert [operation["subject"] for operation in whole["operations"]] == ["looking", "felling"]
    one_line(run("show", "planting"))


def test_search_json_has_the_keys_of_the_design(run: Run) -> None:
    found = data(run("search", "which lock is held when rename is called", "--limit", "3", "--json"))
    assert list(found) == ["query", "total", "results", "suggestions", "note", "reading"]
    assert len(found["results"]) == 3
    assert list(found["results"][0]) == ["kind", "name", "versions", "title", "snippet", "url"]
    assert found["results"][0]["name"] == "inode_operations.rename"
    assert not {"\x02", "\x03"} & set(json.dumps(found, ensure_ascii=False))


@pytest.mark.parametrize("command", [("search", "->fault"), ("show", "->d_prune"), ("history", "->d_prune")])
def test_an_op_with_its_arrow_is_no_option(run: Run, command: tuple[str, ...]) -> None:
    status, out, err = run(*command)
    assert status == 0, err
    assert command[1].removeprefix("->") in out


def test_search_separates_hits_from_remarks(run: Run) -> None:
    status, out, err = run("search", "i_mutex", "--limit", "1")
    assert status == 0
    assert out.startswith("i_rwsem")
    assert "hit" in err


def test_export_is_sorted_and_repeatable(run: Run) -> None:
    out = run("export", "--version", "v6.8.1", "--kind", "op")[1]
    assert out == run("export", "--version", "v6.8.1", "--kind", "op")[1]
    ops = [json.loads(line) for line in out.splitlines()]
    assert ops == sorted(ops, key=lambda op: (op["struct"], op["name"]))
    assert {op["kind"] for op in ops} == {"op"}
    assert {op["version"] for op in ops} == {"v6.8.1"}


def test_export_has_every_kind_with_its_place(run: Run) -> None:
    found = [json.loads(line) for line in run("export")[1].splitlines()]
    assert {each["kind"] for each in found} >= {"op", "struct", "member", "note", "commit", "document"}
    for each in found:
        assert "version" in each
        assert each["kind"] == "op" or (each["path"] and each["line"] >= 1), each


def test_export_of_an_op(run: Run, own: Path) -> None:
    lines = run("export", "--version", "v9.1", "--kind", "op")[1].splitlines()
    op = next(op for op in map(json.loads, lines) if op["name"] == "rename")
    keys = [
        "kind",
        "version",
        "struct",
        "name",
        "prototypes",
        "locks",
        "obligations",
        "descriptions",
        "summary",
        "notes",
    ]
    assert list(op) == keys
    path = "Documentation/filesystems/locking.rst"
    assert [rule for rule in op["locks"] if rule["source"] == "table"] == [
        {
            "lock": "i_rwsem(inode)",
            "cell": "exclusive (both)",
            "subject": "i_rwsem",
            "held": "yes",
            "modes": ["exclusive"],
            "effect": None,
            "scope": "both",
            "condition": None,
            "context": False,
            "path": path,
            "line": LOCKING.splitlines().index("rename:         exclusive (both)") + 1,
            "source": "table",
        }
    ]
    assert op["notes"] == []
    (over,) = (rule for rule in op["locks"] if rule["source"] == "blanket")
    assert (over["lock"], over["cell"], over["held"], over["line"]) == ("may block", "all may block", "yes", 16)
    prototype = op["prototypes"][0]
    assert list(prototype) == ["text", "returns", "parameters", "malformed", "conditions", "document", "path", "line"]
    assert prototype["parameters"][4] == {"type": "unsigned int", "name": None}


def test_export_of_documents_reads_back(run: Run, own: Path, tmp_path: Path) -> None:
    assert run("export", "--format", "documents", tmp_path / "out", "--version", "v9.1")[0] == 0
    printed = tmp_path / "out" / "linux" / "v9.1"
    assert "What holds" not in (printed / "Documentation/filesystems/locking.rst").read_text()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    entry = manifest["files"]["linux/v9.1/Documentation/filesystems/locking.rst"]
    assert entry["sha256"] == sha256(LOCKING.encode()).hexdigest()
    wanted = run("export", "--version", "v9.1", "--kind", "op")[1]
    assert run("build", f"v9.1={printed}", "--db", tmp_path / "again")[0] == 0
    assert run("export", "--version", "v9.1", "--kind", "op", "--db", tmp_path / "again")[1] == wanted


def test_check(run: Run, own: Path) -> None:
    found = data(run("check", "--json"))
    assert set(found) == {"findings", "counts"}
    assert sum(found["counts"].values()) == len(found["findings"])
    assert run("check", "--version", "v9.1", "--exit-code")[0] == 0
    assert run("check", "--exit-code")[0] == 1


def test_identify(run: Run, own: Path) -> None:
    tree = own.parent / "trees" / "v9.2"
    assert "v9.2       100.00%  1 file the same" in run("identify", tree)[1]
    found = data(run("identify", tree, "--json"))
    assert list(found[0]) == ["label", "paths", "warning", "vendor", "versions"]
    assert found[0]["versions"][0]["version"] == "v9.2"


def test_remove(run: Run, copy: Path, built: Path) -> None:
    assert run("remove", "v9.2")[0] == 0
    assert "v9.2" not in run("versions")[1]
    assert run("remove", built / "trees")[0] == 0
    assert "v9.1" not in run("versions")[1]


def test_a_second_build_parses_nothing(run: Run, copy: Path, built: Path) -> None:
    report = data(run("build", built / "trees", "--json"))
    assert (report["parsed"], report["changed"]) == (0, False)


def test_without_a_database_the_bundled_one_is_built(run: Run, tmp_path: Path) -> None:
    status, out, err = run("versions", "--db", tmp_path / "new" / "kbase")
    assert status == 0
    assert "bundled" in out
    assert "parse: " in err


def test_help_of_every_command(run: Run) -> None:
    for name, summary in COMMANDS.items():
        status, out, _ = run(name, "--help")
        assert status == 0
        assert "--db" in out
        assert summary in " ".join(out.split())


@pytest.mark.parametrize("command", ["export", "show i_rwsem", "check", "diff v5.4 v6.8.1 --format markdown"])
def test_broken_pipe_is_silent(bundled: Path, command: str) -> None:
    script = f"{sys.executable} -m kbase {command} --db '{bundled}' | head -1"
    done = subprocess.run(
        ["bash", "-c", f"{script}; exit ${{PIPESTATUS[0]}}"], capture_output=True, text=True, check=False
    )
    notes = ("not compared: ", "named in the porting log: ")
    assert [line for line in done.stderr.splitlines() if not line.startswith(notes)] == []
    assert done.returncode in ((141,) if command == "export" else (0, 141))  # 0 where all was written before
    assert done.stdout.count("\n") == 1


def test_output_survives_a_narrow_encoding(bundled: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "kbase", "search", "rename", "--db", str(bundled)]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


def test_control_characters_of_a_document_do_not_reach_the_terminal(run: Run, copy: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("A note\n======\n\nIn odd_mmap(),\n- it calls \x1b[31m->fault()\x07 first\n")
    assert run("build", note)[0] == 0
    assert "\x1b" not in run("show", "odd_mmap")[1]


LIBRARIES = ("docutils", "sphinx", "flask", "whoosh", "rich", "kbase.parsers", "kbase.search")


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ("--help", set()),
        ("show rename --version v6.8.1", set()),
        ("show i_rwsem", set()),
        ("history inode_operations.rename", set()),
        ("diff v5.4 v6.8.1", set()),
        ("versions", set()),
        ("check --version v6.8.1", set()),
        ("search rename", {"whoosh", "kbase.search"}),
    ],
)
def test_a_command_imports_only_what_it_needs(bundled: Path, command: str, needed: set[str]) -> None:
    code = "import sys, atexit; from kbase.cli import main\n"
    code += f"atexit.register(lambda: print(*{{*{LIBRARIES}}} & {{*sys.modules}}, file=sys.stderr)); main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()],
        env=os.environ | {"KBASE_DB": str(bundled)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert set(done.stderr.splitlines()[-1].split()) == needed


def test_show_of_the_lock_order(run: Run, copy: Path, tmp_path: Path) -> None:
    out = run("show", "lock-order", "--version", "v6.8.1")[1]
    assert "s_vfs_rename_mutex (filesystem) before i_rwsem (parents)" in out
    assert "porting: no document is available" not in out
    file = tmp_path / "v9.3" / "Documentation" / "filesystems" / "directory-locking.rst"
    file.parent.mkdir(parents=True)
    kinds = "Two kinds of locks: per-inode (->i_rwsem) and per-filesystem (->f_mutex)."
    file.write_text(f"{kinds}\n\n1. felling.  Locking rules:\n\n\t* lock the parent\n\t* lock the source\n")
    assert run("build", tmp_path / "v9.3")[0] == 0
    out = run("show", "lock-order")[1]
    assert "Lock order in v9.3" in out
    assert "i_rwsem (parent) before i_rwsem (source)" in out
    assert "i_rwsem (parent) before i_rwsem (source)" in run("show", "i_rwsem")[1]
    assert [order["second"]["scope"] for order in data(run("show", "lock-order", "--json"))["orders"]] == ["source"]
