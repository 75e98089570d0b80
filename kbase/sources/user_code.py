"""A user's own C code: a file, the files below a folder, of an archive or of a git revision; headers of a kernel tree.

    SOURCE = file | folder | archive | [ repository "@" ] revision [ ":" path ]

A revision is looked for where there is no file or folder of that name; without a repository, in the one around the
current folder.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kbase.errors import SourceError
from kbase.sources.archives import is_archive, read_archive
from kbase.sources.document_paths import Warn
from kbase.sources.git import Objects, is_repository, object_at
from kbase.sources.trees import HEADERS, files_below, read_file

SUFFIXES = (".c", ".h")
MAX_FILE = 64 << 20  # bytes
MAX_CODE = 256 << 20  # bytes of all files; the file systems of a kernel have 40 MB
SMALLER = "give the folder of one file system"
REVISION = re.compile(r"(?:(?P<repository>[^:]+)@)?(?P<revision>[^:@\s]+)(?::(?P<path>.*))?")
NO_HEADERS = ("include/dt-bindings/",)  # names of numbers alone: an eighth of all headers


@dataclass(frozen=True, slots=True)
class UserCode:
    """The files by path, as the user would write it, and those that were skipped, with the reason."""

    files: dict[str, bytes]
    skipped: tuple[tuple[str, str], ...]


def read_code(argument: str) -> UserCode:
    """The C files of a source.

    Raises:
        SourceError: there is no such source, it has no C file or too much code, or it cannot be read.
    """
    skipped = list[tuple[str, str]]()
    found, size = dict[str, bytes](), 0
    for path, data in _files(argument, lambda path, why: skipped.append((path, why))):
        if len(data) > MAX_FILE:
            skipped.append((path, f"larger than {MAX_FILE >> 20} MiB, skipped"))
            continue
        found[path], size = data, size + len(data)
        if size > MAX_CODE:
            raise SourceError(f"more than {MAX_CODE >> 20} MiB of code", argument, SMALLER)
    if not found:
        first = "".join(f"; {path}: {why}" for path, why in skipped[:1])
        raise SourceError(f"no C file{first}", argument, f"give a file or folder with {' or '.join(SUFFIXES)} files")
    return UserCode(found, tuple(skipped))


def _files(argument: str, warn: Warn) -> Iterator[tuple[str, bytes]]:
    location = _existing(argument)
    if location is None:
        yield from _of_revision(argument, warn)
    elif location.is_dir():
        for path, file in files_below(location, location, warn, SMALLER):
            if path.endswith(SUFFIXES):
                yield (location / path).as_posix(), read_file(file, MAX_FILE + 1)
    elif is_archive(location):
        for name, data in read_archive(location, lambda name: name.endswith(SUFFIXES), MAX_FILE, warn):
            if data is None:
                warn(name.as_posix(), f"larger than {MAX_FILE >> 20} MiB, skipped")
            else:
                yield name.as_posix(), data
    else:
        yield location.as_posix(), read_file(location, MAX_FILE + 1)


def _existing(argument: str) -> Path | None:
    """The file or folder that is named."""
    location = Path(argument).expanduser()
    try:
        return location if argument and location.exists() else None
    except (OSError, ValueError):  # a name too long, a NUL in it
        return None


def _of_revision(argument: str, warn: Warn) -> Iterator[tuple[str, bytes]]:
    """The files of a git revision."""
    meant = REVISION.fullmatch(argument)
    repository = _repository(meant["repository"]) if meant else None
    if meant is None or repository is None:
        raise SourceError("no such file or folder, and no git revision", argument, "check the path")
    path = (meant["path"] or "").strip("/")
    name = f"{meant['revision']}:{path}" if path else f"{meant['revision']}^{{tree}}"
    found = object_at(repository, name)
    if found is None or found[1] not in ("tree", "blob"):
        raise SourceError(f"no file or folder, and {repository} has no such revision", argument, "check the name")
    with Objects(repository) as objects:
        blobs = {path: found[0]} if found[1] == "blob" else objects.files(found[0], path, warn)
        for place, blob in blobs.items():
            if place.endswith(SUFFIXES) or found[1] == "blob":
                data = objects.read(blob, MAX_FILE)
                if data is None:
                    warn(place, f"larger than {MAX_FILE >> 20} MiB, skipped")
                else:
                    yield place.lstrip("/"), data


def _repository(named: str | None) -> Path | None:
    """The repository in a folder; where none is named, the one around the current folder."""
    here = Path(named).expanduser() if named else Path.cwd()
    folders = [here] if named else [here, *here.parents]
    return next((folder for folder in folders if is_repository(folder)), None)


def read_headers(tree: Path) -> dict[str, bytes]:
    """The headers below `include/` of a kernel tree, by their paths in it.

    Raises:
        SourceError: it is no tree, or cannot be read.
    """
    if not (tree / HEADERS / "fs.h").is_file():
        raise SourceError(f"no kernel tree: it has no {HEADERS}/fs.h", str(tree), "give the folder that has include/")
    files = files_below(tree / "include", tree, lambda *_: None, "give a kernel tree")
    paths = ((path, file) for path, file in files if path.endswith(".h") and not path.startswith(NO_HEADERS))
    return {path: data for path, file in paths if len(data := read_file(file, MAX_FILE + 1)) <= MAX_FILE}
