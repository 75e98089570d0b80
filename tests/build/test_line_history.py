"""Lines followed through the commits of a file: as `git log -L` does, and where it would name too many."""

import random
from pathlib import Path

import pytest

from kbase.build.line_history import Lines, TextFile, parts_of_newer, parts_of_older, touching
from kbase.sources.git_history import FileHistory, GitHistory
from tests.git_repository import FS_H, LOCKING, Repository, small_kernel

TXT = "Documentation/filesystems/locking.txt"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return small_kernel(tmp_path / "linux")


def history_of(repository: Repository, *paths: str, old: str = "v5.0", new: str = "HEAD") -> FileHistory | None:
    with GitHistory(repository.folder) as history:
        return history.between(repository.name(old), repository.name(new), paths or (FS_H, LOCKING, TXT))


def lines_of(repository: Repository, ref: str, path: str, text: str, length: int, *names: str) -> Lines:
    file = repository.git("show", f"{ref}:{path}").split("\n")
    (first,) = (place for place, line in enumerate(file) if line.startswith(text))
    return TextFile(path, file).cited(first, first + length, names)


def newer(repository: Repository, text: str, length: int = 1, *names: str, path: str = FS_H) -> tuple[str, ...]:
    """The commits that touched lines that the newer version has."""
    history = history_of(repository)
    if history is None:
        return ()
    return _named(
        repository, history, parts_of_newer(history.whole, lines_of(repository, "HEAD", path, text, length, *names))
    )


def older(repository: Repository, text: str, length: int = 1, *names: str, path: str = FS_H) -> tuple[str, ...]:
    """The commits that touched lines that only the older version has."""
    history = history_of(repository)
    assert history
    return _named(
        repository, history, parts_of_older(history.whole, lines_of(repository, "v5.0", path, text, length, *names))
    )


def _named(repository: Repository, history: FileHistory, parts: tuple[object, ...]) -> tuple[str, ...]:
    with GitHistory(repository.folder) as git:
        return tuple(git.commits(touching(history, parts)))  # type: ignore[arg-type]


def test_every_commit_that_changed_a_declaration_is_found(repository: Repository) -> None:
    one = repository.change(
        "one",
        FS_H,
        "\tint (*mkdir) (struct inode *, struct dentry *, int);",
        "\tint (*mkdir) (struct inode *,\n\t\t\tstruct dentry *, int);",
    )
    repository.change(
        "another", FS_H, "struct inode_operations {\n", "struct inode_operations {\n\tint (*create) (struct inode *);\n"
    )
    two = repository.change("two", FS_H, "\t\t\tstruct dentry *, int);", "\t\t\tstruct dentry *, umode_t);")
    three = repository.change(
        "three",
        FS_H,
        "\tint (*mkdir) (struct inode *,\n\t\t\tstruct dentry *, umode_t);",
        "\tint (*mkdir) (struct idmap *, struct dentry *, umode_t);",
    )
    assert newer(repository, "\tint (*mkdir)", 1, "mkdir") == (three, two, one)
    assert older(repository, "\tint (*mkdir)", 1, "mkdir") == (three, two, one)


def test_lines_that_are_the_same_in_both_versions_have_no_commits(repository: Repository) -> None:
    repository.change("one", FS_H, "(*follow_link) (struct dentry *", "(*follow_link) (struct path *")
    repository.change("back", FS_H, "(*follow_link) (struct path *", "(*follow_link) (struct dentry *")
    repository.change("another", FS_H, "/* files */\n", "")
    assert newer(repository, "\tint (*follow_link)", 1, "follow_link") == ()
    assert newer(repository, "\tint (*readlink)", 1, "readlink") == ()


def test_a_commit_that_rewrites_a_whole_table_is_followed_through_line_by_line(repository: Repository) -> None:
    """`git log -L` would follow all lines of the table from there on."""
    one = repository.change(
        "one",
        FS_H,
        "\tint (*mkdir) (struct inode *, struct dentry *, int);",
        "\tint (*mkdir) (struct inode *, struct dentry *, umode_t);",
    )
    repository.change(
        "not this op",
        FS_H,
        "(*readlink) (struct dentry *, char *, int)",
        "(*readlink) (struct dentry *, char __user *, int)",
    )
    text = (repository.folder / FS_H).read_text("utf-8")
    table, rest = text.split("};", 1)
    style = repository.commit("style", {FS_H: f"{table.replace(') (', ')(')}}};{rest}"})
    assert newer(repository, "\tint (*mkdir)", 1, "mkdir") == (style, one)


def test_an_added_op_is_not_followed_into_what_it_replaced(repository: Repository) -> None:
    repository.change(
        "another op", FS_H, "(*follow_link) (struct dentry *, void *)", "(*follow_link) (struct dentry *, int)"
    )
    added = repository.change(
        "replace", FS_H, "\tint (*follow_link) (struct dentry *, int);", "\tint (*get_link) (struct dentry *, int);"
    )
    assert newer(repository, "\tint (*get_link)", 1, "get_link") == (added,)
    assert (
        len(newer(repository, "\tint (*get_link)", 1, "get_link", "follow_link")) == 2
    )  # the same op under both names


def test_a_removed_op_is_found_where_it_was_removed(repository: Repository) -> None:
    one = repository.change(
        "one", FS_H, "(*readdir) (struct file *, void *)", "(*readdir) (struct file *, void *, int)"
    )
    repository.change("another", FS_H, "\tint (*follow_link) (struct dentry *, void *);\n", "")
    two = repository.change("two", FS_H, "\tint (*readdir) (struct file *, void *, int);\n", "")
    repository.change("later", FS_H, "(*open) (struct inode *", "(*open) (const struct inode *")
    assert older(repository, "\tint (*readdir)", 1, "readdir") == (two, one)


def test_a_removal_is_found_on_a_branch_that_is_older_than_the_version(repository: Repository) -> None:
    """As in most kernels: what is merged for a release was written before the last one."""
    repository.git("checkout", "-q", "-b", "topic")
    gone = repository.change("gone", FS_H, "\tint (*readdir) (struct file *, void *);\n", "")
    taken = repository.change(
        "taken", FS_H, "(*mkdir) (struct inode *, struct dentry *, int)", "(*mkdir) (struct inode *, struct dentry *)"
    )
    repository.git("checkout", "-q", "main")
    repository.change("before", FS_H, "/* inodes */", "/* inode */")
    repository.git("tag", "-f", "v5.0")
    repository.change("after", FS_H, "/* files */", "/* file */")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert older(repository, "\tint (*readdir)", 1, "readdir") == (gone,)
    assert newer(repository, "\tint (*mkdir)", 1, "mkdir") == (taken,)
    assert newer(repository, "/* inode */") == ()


def test_a_change_that_only_a_merge_made_names_nothing(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "topic")
    repository.change("topic", FS_H, "/* inodes */", "/* inode */")
    repository.git("checkout", "-q", "main")
    repository.change("main", FS_H, "/* files */", "/* file */")
    repository.git("merge", "-q", "--no-ff", "--no-commit", "topic")
    text = (repository.folder / FS_H).read_text("utf-8")
    repository.write(
        {FS_H: text.replace("\tint (*readdir) (struct file *, void *);\n", "").replace("void *);", "int);")}
    )
    repository.git("commit", "-q", "-a", "-m", "evil")
    assert older(repository, "\tint (*readdir)", 1, "readdir") == ()
    assert newer(repository, "\tint (*follow_link)", 1, "follow_link") == ()


def test_of_several_lines_that_could_be_meant_none_is_taken(repository: Repository) -> None:
    """Both rows have one name and are removed at once; the op of one table is not taken for that of the other."""
    text = (repository.folder / LOCKING).read_text("utf-8")
    rows = "============\n\nopen:\tyes\nread:\tno\nopen:\tno\n"
    repository.git("tag", "-f", "v5.0", repository.commit("rows", {LOCKING: text + rows}))
    repository.commit("gone", {LOCKING: text})
    history = history_of(repository)
    assert history
    file = (text + rows).split("\n")
    at = file.index("open:\tyes")
    assert parts_of_older(history.whole, TextFile(LOCKING, file).cited(at, at + 1, ["open"])) == ()


def test_prose_has_the_last_commit_of_each_line(repository: Repository) -> None:
    repository.change("overwritten", LOCKING, "of the directory held", "of a directory held")
    one = repository.change("one", LOCKING, "of a directory held", "of its directory held")
    two = repository.change("two", LOCKING, "until it returns", "until it has returned")
    assert set(newer(repository, "->readdir() is", 2, "readdir", path=LOCKING)) == {one, two}
    assert older(repository, "->readdir() is", 2, "readdir", path=LOCKING) == (two,)


def test_a_renamed_document_is_followed(repository: Repository) -> None:
    one = repository.change("one", LOCKING, "mkdir:\t\tyes", "mkdir:\t\tno")
    text = (repository.folder / LOCKING).read_text("utf-8")
    repository.commit("move", {LOCKING: None, TXT: text.replace("=======\nLocking", "Locking")})
    two = repository.change("two", TXT, "rename:\t\tyes", "rename:\t\tno")
    assert newer(repository, "rename:", 1, "rename", path=TXT) == (two,)
    assert older(repository, "rename:", 1, "rename", path=LOCKING) == (two,)
    assert newer(repository, "mkdir:", 1, "mkdir", path=TXT) == (one,)


def test_a_document_that_was_written_anew_says_nothing(repository: Repository) -> None:
    repository.change("one", LOCKING, "mkdir:\t\tyes", "mkdir:\t\tno")
    repository.commit("anew", {LOCKING: None, TXT: "mkdir: no\n" + "other\n" * 100})
    two = repository.change("two", TXT, "mkdir: no", "mkdir: maybe")
    assert newer(repository, "mkdir:", 1, "mkdir", path=TXT) == (two,)
    assert older(repository, "mkdir:", 1, "mkdir", path=LOCKING) == ()


def test_new_headers_and_removed_ones_are_named(repository: Repository) -> None:
    gone = repository.commit("gone", {FS_H: None})
    assert older(repository, "\tint (*mkdir)", 1, "mkdir") == (gone,)
    text = "struct xattr_handler {\n\tint (*get) (int);\n};\n"
    added = repository.commit("added", {FS_H: text})
    assert newer(repository, "\tint (*get)", 1, "get")[:1] == (added,)


def write(repository: Repository, ops: list[tuple[str, str]]) -> None:
    repository.write({FS_H: "".join(f"\tint (*{op})({parameter});\n/* {op} */\n" for op, parameter in ops)})


def read(repository: Repository) -> list[tuple[str, str]]:
    lines = (repository.folder / FS_H).read_text("utf-8").splitlines()[::2]
    return [(line[7:].partition(")")[0], line.partition(")(")[2][:-2]) for line in lines]


def random_history(repository: Repository, chance: random.Random) -> None:
    """Commits that change, add or remove one op each, on branches from anywhere, merged."""
    write(repository, [(f"op{number}", f"int {number}") for number in range(8)])
    repository.commit("base", tag="v5.0")
    for number in range(14):
        branch = chance.random() < 0.3
        if branch:
            start = chance.choice(repository.git("rev-list", "main", "--max-count=4").split())
            repository.git("checkout", "-q", "-b", f"b{number}", start)
        ops = read(repository)
        place, action = chance.randrange(len(ops)), chance.random()
        if branch or action < 0.6:
            ops[place] = ops[place][0], f"char {number}"
        elif action < 0.8:
            ops.insert(place, (f"new{number}", "void"))
        else:
            del ops[place]
        write(repository, ops)
        repository.commit(f"c{number}")
        if branch:
            repository.git("checkout", "-q", "main")
            repository.git("merge", "-q", "--no-ff", "-X", "theirs", "-m", "merge", f"b{number}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_lines_are_followed_as_git_does(tmp_path: Path, seed: int) -> None:
    repository = Repository(tmp_path / "random")
    random_history(repository, random.Random(seed))
    history = history_of(repository)
    assert history
    file = TextFile(FS_H, repository.git("show", f"HEAD:{FS_H}").split("\n"))
    compared = 0
    for place, line in enumerate(file.lines):
        if not line.startswith("\t"):
            continue
        parts = parts_of_newer(history.whole, file.cited(place, place + 1, [line[7:].partition(")")[0]]))
        span = f"{place + 1},{place + 1}:{FS_H}"
        expected = repository.git("log", "-s", "--no-merges", "--format=%H", f"-L{span}", "v5.0..HEAD").split()
        if parts:
            assert set(_named(repository, history, parts)) == set(expected), line
            compared += 1
    assert compared > 2
