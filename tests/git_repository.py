"""Git repositories that tests make: a small kernel, committed step by step."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FS_H = "include/linux/fs.h"
LOCKING = "Documentation/filesystems/locking.rst"
DAY = 86_400


class Repository:
    """A repository with a worktree; each commit is a day after the one before it."""

    def __init__(self, folder: Path, *options: str) -> None:
        if shutil.which("git") is None:
            pytest.skip("git is not installed")
        self.folder, self.days = folder, 0
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str | bytes) -> str:
        """What git prints, without the newline at its end."""
        when = f"{1_600_000_000 + self.days * DAY} +0000"
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always")
        done = subprocess.run(
            ["git", *identity, "-C", str(self.folder), *arguments],
            check=True, capture_output=True, env={**os.environ, **dates},
        )  # fmt: skip
        return done.stdout.decode("utf-8", "replace").removesuffix("\n")

    def name(self, ref: str) -> str:
        """The hash of the commit that a ref leads to."""
        return self.git("rev-parse", f"{ref}^{{commit}}")

    def write(self, files: dict[str, str | None]) -> None:
        """Write files, or remove those without text."""
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                file.unlink()
            else:
                file.write_bytes(text.encode())

    def commit(self, subject: str | bytes, files: dict[str, str | None] | None = None, tag: str = "") -> str:
        """The hash of a new commit of these files."""
        self.days += 1
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        if tag:
            self.git("tag", tag)
        return self.name("HEAD")

    def change(self, subject: str, path: str, old: str, new: str, tag: str = "") -> str:
        """The hash of a new commit that replaces a text in a file."""
        text = (self.folder / path).read_text("utf-8")
        assert text.count(old) == 1, text
        return self.commit(subject, {path: text.replace(old, new)}, tag)


HEADER = """\
/* inodes */
struct inode_operations {
	int (*rename) (struct inode *, struct dentry *,
			struct inode *, struct dentry *);
	int (*mkdir) (struct inode *, struct dentry *, int);
	int (*follow_link) (struct dentry *, void *);
	int (*readlink) (struct dentry *, char *, int);
};

/* files */
struct file_operations {
	int (*open) (struct inode *, struct file *);
	int (*readdir) (struct file *, void *);
	int (*release) (struct inode *, struct file *);
};
"""
DOCUMENT = """\
=======
Locking
=======

inode_operations
================

prototypes::

	int (*rename) (struct inode *, struct dentry *,
			struct inode *, struct dentry *);
	int (*mkdir) (struct inode *, struct dentry *, int);
	int (*follow_link) (struct dentry *, void *);
	int (*readlink) (struct dentry *, char *, int);

locking rules:
	all may block

============	=============
ops		i_rwsem
============	=============
rename:		yes
mkdir:		yes
follow_link:	no
readlink:	no
============	=============

file_operations
===============

prototypes::

	int (*open) (struct inode *, struct file *);
	int (*readdir) (struct file *, void *);
	int (*release) (struct inode *, struct file *);

locking rules:
	All may block.

->readdir() is called with the lock of the directory held
until it returns.
"""


def small_kernel(folder: Path, *options: str) -> Repository:
    """A repository with a header and a document, at the tag v5.0; the options are those of `git init`."""
    repository = Repository(folder, *options)
    repository.commit("first", {FS_H: HEADER, LOCKING: DOCUMENT}, "v5.0")
    return repository
