"""Commands that compare versions, and versions as they are named in a call."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, data, one_line


def test_diff_json_has_the_keys_of_the_design(run: Run, own: Path) -> None:
    told = data(run("diff", "v9.1", "v9.2", "--json"))
    assert list(told) == ["from", "to", "changes", "porting", "porting_changed", "not_compared", "left_out"]
    assert (told["from"], told["to"]) == ("v9.1", "v9.2")
    assert {"parameter-removed"} == {change["kind"] for change in told["changes"]}
    change = told["changes"][0]
    assert list(change) == ["kind", "severity", "struct", "op", "before", "after", "reason", "evidence", "porting"]
    assert (change["struct"], change["op"], change["severity"]) == ("inode_operations", "create", "breaking")
    assert list(change["evidence"][0]) == ["version", "path", "line"]
    assert told == data(run("diff", "v9.1", "v9.2", "inode_operations.create", "--format", "json"))


def test_diff_statuses_and_what_is_left_out(run: Run, own: Path, tmp_path: Path) -> None:
    assert run("diff", "v9.1", "v9.2")[0] == 0
    assert run("diff", "v9.1", "v9.2", "--exit-code")[0] == 1
    assert run("diff", "v9.1", "v9.1", "--exit-code")[0] == 0
    assert run("diff", "v9.1", "v9.2", "inode_operations.rename", "--exit-code")[0] == 0
    assert run("diff", "v9.1", "v9.2", "--severity", "breaking", "--exit-code")[0] == 1
    keys = [f"{c['kind']} inode_operations.create" for c in data(run("diff", "v9.1", "v9.2", "--json"))["changes"]]
    accepted = tmp_path / "accepted"
    accepted.write_text("# known\n" + "\n".join(keys) + "\nop-removed inode_operations.gone  # stale\n")
    status, out, err = run("diff", "v9.1", "v9.2", "--accepted", accepted, "--exit-code")
    assert status == 0
    assert "0 changes" in out
    assert "accepted changes left out" in err
    assert "does not occur: op-removed inode_operations.gone" in err
    accepted.write_text("everything\n")
    assert f"{accepted}:1" in one_line(run("diff", "v9.1", "v9.2", "--accepted", accepted))


def test_diff_markdown(run: Run, own: Path) -> None:
    out = run("diff", "v9.1", "v9.2", "--format", "markdown")[1]
    assert "## `inode_operations.create`" in out
    assert "**parameter-removed**" in out


def test_diff_of_what_cannot_be_read(run: Run, copy: Path, tmp_path: Path) -> None:
    (tmp_path / "locking.rst").write_text("=======\nLocking\n=======\n\nNothing that a machine could read.\n")
    (tmp_path / "porting.rst").write_text("Porting\n=======\n\n---\n\n**mandatory**\n\n->sow() takes a spade.\n")
    assert run("build", f"v9.3={tmp_path}")[0] == 0
    status, _, err = run("diff", "v9.2", "v9.3", "--exit-code")
    assert status == 2
    assert "not compared: v9.3" in err


def test_history(run: Run, own: Path) -> None:
    life = data(run("history", "inode_operations.create", "--json"))
    assert life["events"][-1]["after"] == "v9.1"
    assert life["events"][-1]["by"] == "v9.2"
    assert "in 9.2 (v9.1..v9.2)" in run("history", "inode_operations.create")[1]
    assert "i_rwsem" in run("history", "i_mutex")[1]


def test_history_of_a_table(run: Run, own: Path) -> None:
    status, out, _ = run("history", "address_space_operations")
    assert status == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert "6.1 to 6.12" in lines["read_folio"]
    assert "removed from the documents after v5.15.55, by v6.1.192; became read_folio" in lines["readpage"]
    life = data(run("history", "address_space_operations", "--json"))
    assert [op["op"] for op in life["ops"]] == [line.split()[0] for line in out.splitlines()[1:]]
    assert life["ops"][0] == data(run("history", f"address_space_operations.{life['ops'][0]['op']}", "--json"))


def test_diff_by_lock_and_by_end(run: Run, own: Path) -> None:
    everything = data(run("diff", "v5.15.55", "v6.12.117", "--json"))["changes"]
    old_name, new_name = (
        data(run("diff", "v5.15.55", "v6.12.117", "--lock", lock, "--json"))["changes"]
        for lock in ("mmap_sem", "mmap_lock")
    )
    assert old_name == new_name
    assert {"vm_operations_struct"} == {change["struct"] for change in new_name}
    assert all(change["kind"].startswith("lock-") for change in new_name)
    new, gone = (
        data(run("diff", "v5.15.55", "v6.12.117", "--only", end, "--json"))["changes"] for end in ("new", "gone")
    )
    assert {change["kind"] for change in new} >= {"op-added", "member-added"}
    assert {change["kind"] for change in gone} >= {"op-removed"}
    assert [change for change in everything if change in new or change in gone] != everything
    status, _, err = run("diff", "v5.15.55", "v6.12.117", "--lock", "no_such_lock")
    assert status == 2
    assert "no_such_lock" in err


def test_diff_of_an_op_by_any_name_that_is_its_own(run: Run) -> None:
    whole = run("diff", "v6.4.6", "v6.8.1", "inode_operations.rename")
    assert run("diff", "v6.4.6", "v6.8.1", "rename") == run("diff", "v6.4.6", "v6.8.1", "->rename()") == whole
    assert "lock-scope-changed" in whole[1]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("open", "the name is ambiguous; give one of these in full\n  block_device_operations.open\n"),
        ("i_mutex", "its changed rules are shown by --lock i_mutex"),
        ("inode_operations.renam", "did you mean inode_operations.rename"),
    ],
)
def test_diff_of_a_name_that_is_no_op(run: Run, name: str, told: str) -> None:
    status, out, err = run("diff", "v6.4.6", "v6.8.1", name)
    assert (status, out) == (2, "")
    assert told in err


@pytest.mark.parametrize("asked", ["6.8", "v6.8", "V6.8", "linux-6.8", "6.8.7"])
def test_a_release_is_answered_by_the_version_that_stands_for_it(run: Run, asked: str) -> None:
    status, out, err = run("show", "rename", "--version", asked)
    assert (status, out) == run("show", "rename", "--version", "v6.8.1")[:2]
    assert err.startswith(f"{asked} is ")
    assert err.endswith("represents release v6.8\n")
    told = data(run("show", "inode_operations.rename", "--version", asked, "--json"))
    assert (told["version"], told["version_notes"]) == ("v6.8.1", [err.strip()])
    assert told["notes"] == data(run("show", "inode_operations.rename", "--version", "v6.8.1", "--json"))["notes"]


def test_every_command_that_takes_a_version_takes_a_release(run: Run, tmp_path: Path) -> None:
    status, out, err = run("diff", "4.14", "6.1", "inode_operations", "--json")
    told = json.loads(out)
    assert (status, told["from"], told["to"]) == (0, "v4.14.194", "v6.1.192")
    assert [line.split(" is ")[0] for line in told["version_notes"]] == ["4.14", "6.1"]
    assert all(note in err for note in told["version_notes"])
    exact = data(run("diff", "v4.14.194", "v6.1.192", "inode_operations", "--json"))
    assert exact == {key: value for key, value in told.items() if key != "version_notes"}
    for command in (("export", "--kind", "struct"), ("check",), ("check", "--json")):
        status, out, err = run(*command, "--version", "6.8")
        assert (status, "represents release v6.8" in err) == (0, True)
        assert "v6.8.1" in out
    assert run("export", tmp_path / "out", "--format", "documents", "--version", "6.8")[0] == 0
    assert (tmp_path / "out/linux/v6.8.1").is_dir()
    found = data(run("search", "rename", "--version", "6.8", "--json"))
    assert found["results"][0]["versions"] == ["6.8"]
    assert "v6.8.1" in found["note"]


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("5.10", "v5.4 and v5.15.55"),
        ("99.1", "v6.8.1 and v6.12.117"),
        ("2.4", "v2.6.12 and v2.6.27"),
        ("6.10", "v6.8.1 and v6.12.117"),
        ("6.8-rc1", "v6.4.6 and v6.8.1"),
        ("6.1.y", "v5.15.55 and v6.1.192"),
    ],
)
def test_a_release_that_is_not_available_names_the_two_nearest(run: Run, asked: str, nearest: str) -> None:
    for arguments in (("show", "rename", "--version", asked), ("diff", asked, "latest"), ("check", "--version", asked)):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert err.endswith(f"the nearest are {nearest}\n")
