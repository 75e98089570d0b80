"""The folder of a reference: whether it is one, and how new output replaces the old.

Sphinx builds in `WORK`; only what it built without a warning replaces what readers have, and of that only the files
that differ. A list of the sources lies beside the output: if one of them is removed, the output is built from scratch,
as Sphinx does not remove the pages of removed sources.

Sphinx executes `source/conf.py` and unpickles files in `WORK`, so nobody else may have put a file there:
everything in the folder is checked (`kbase.reference.ownership`) before anything of it is read.
"""

import shutil
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path

from kbase import places
from kbase.errors import UsageError
from kbase.reference.ownership import make_folder, write_file
from kbase.sources.document_paths import file_to_write

WORK = ".build"
OURS = "# The configuration of the generated reference;"  # how `templates/reference/conf.py.jinja` begins
UNPUBLISHED = (".buildinfo", ".buildinfo.bak")


def check_folder(out: Path) -> None:
    """Refuses a folder that has anything but a reference, as files in it are replaced and removed.

    Raises:
        UsageError: it is a file, or has other files.
    """
    if out.exists() and not out.is_dir():
        raise UsageError("not a folder", str(out), "give a folder that the reference may be written to")
    if out.is_dir() and any(out.iterdir()) and not _is_reference(out):
        raise UsageError("the folder has other files", str(out), "give an empty folder, or one with a reference")


def _is_reference(out: Path) -> bool:
    conf = out / "source/conf.py"
    return conf.is_file() and conf.read_text("utf-8", "replace").startswith(OURS)


@contextmanager
def working(out: Path, builder: str, sources: Iterable[str]) -> Iterator[Path]:
    """The folder that Sphinx shall build in; its state is removed if the build fails or is interrupted.

    After a failure Sphinx would not warn again about the files that it has read.
    """
    work, known, unfinished = out / WORK / builder, out / WORK / f"{builder}.sources", out / WORK / "unfinished"
    present = "".join(f"{name}\n" for name in sorted(sources))
    if unfinished.exists():  # it was killed
        shutil.rmtree(out / WORK)
    make_folder(out / WORK)
    unfinished.touch()
    if not known.is_file() or {*known.read_text("utf-8").splitlines()} - {*present.splitlines()}:
        shutil.rmtree(work, ignore_errors=True)
    try:
        yield work
    except BaseException:
        shutil.rmtree(out / WORK, ignore_errors=True)
        raise
    write_file(known, present.encode())
    unfinished.unlink()


def publish(work: Path, target: Path) -> int:
    """Makes `target` contain the files of `work` and no others; how many files changed."""
    found = {path.relative_to(work): path for path in sorted(work.rglob("*")) if path.is_file()}
    wanted = {relative: path for relative, path in found.items() if path.name not in UNPUBLISHED}
    changed = [_replace(path, target / relative) for relative, path in wanted.items()]
    gone = [path for path in target.rglob("*") if path.is_file() and path.relative_to(target) not in wanted]
    for path in gone:
        path.unlink()
    for folder in sorted((path for path in target.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return sum(changed) + len(gone)


def _replace(source: Path, target: Path) -> bool:
    data = source.read_bytes()
    if target.is_file() and target.read_bytes() == data:
        return False
    write_file(target, data)
    return True


def write_if_changed(folder: Path, name: str, text: str) -> bool:
    """Writes the text unless the file has it already, so that its time stamp shows changes; whether it did.

    Raises:
        UsageError: the file would not lie in the folder.
    """
    path, data = file_to_write(folder, name), text.encode()
    if path.is_file() and path.read_bytes() == data:
        return False
    write_file(path, data)
    return True


def copy_static(folder: Path) -> list[bool]:
    """Writes the style sheets and the script; for each whether it changed."""
    found = sorted((places.templates("reference") / "static").iterdir())
    return [write_if_changed(folder, file.name, file.read_text(encoding="utf-8")) for file in found]


def remove_others(folder: Path, names: AbstractSet[str]) -> None:
    """Removes the pages and pictures of an earlier run that no longer exist."""
    for path in (*folder.rglob("*.rst"), *folder.rglob("*.svg")):
        if path.relative_to(folder).as_posix() not in names:
            path.unlink()
