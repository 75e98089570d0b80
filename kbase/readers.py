"""Readers: a source -> its raw documents, each with the version it is claimed to be of.

The version of a tree is the one before `=`, else its Makefile's, else its folder's name. Of a tree only
`Documentation/filesystems` is read. Nothing here parses a document.

What was read once need not be read again to know that it is the same: the names that git gives to blobs tell their
bytes, and an archive or a repository's tags have a seal (`seal_of`).
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from kbase.archives import is_archive, not_a_document, read_archive, unpacked_mails
from kbase.errors import SourceError
from kbase.repositories import files_at, read_blobs, tags_of, trees_at
from kbase.sources import BUNDLED, Source, SourceKind, parse_source, source_kind
from kbase.text import is_binary
from kbase.trees import (
    DOCUMENTS,
    MAX_BYTES,
    Label,
    LabelOrigin,
    documents_below,
    file_hash,
    files_below,
    folder_version,
    read_file,
    told_version,
    tree_version,
    trees_below,
)

LOOSE_FOLDERS = ("notes", "commits", "summaries")  # of the bundled corpus: documents without a version
MAX_FILES = 20_000  # in one folder of loose documents; a whole home folder is a mistake

Fetch = Callable[[str, Path], None]
Told = Callable[[str], None]
GitBlobs = dict[str, str | None]  # git's name of a blob -> SHA-256 of its bytes, hex; None of what is no text


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDocument:
    """One file as a source gives it.

    `version` is a canonical label, or None where the source does not tell one. `path` is relative to the tree's
    root, or a loose document's path below its folder. `source` is the source as the user wrote it. Of a file that is
    `too_large` there are no bytes, nor of a git blob that was known before: `blob` is the SHA-256 of what it holds.
    """

    version: str | None
    label_origin: str
    path: str
    data: bytes
    source: str
    bundled: bool = False
    origin: str | None = None
    blob: str | None = None
    too_large: bool = False


def read_source(argument: str, tags: str | None = None) -> Iterator[RawDocument]:
    """The documents of `[VERSION=]PATH` or of `[VERSION=]URL`, tree by tree, in the order of their paths.

    Raises:
        SourceError: the path is missing, unreadable, no text, has no documents, or a tree has no version.
    """
    yield from read(parse_source(argument, tags))


def fetch(url: str, file: Path) -> None:
    """Write what stands at an address of the net into a file; see `kbase.net.fetch`."""
    from kbase import net  # TLS takes its time to import

    net.fetch(url, file)


def _silent(where: str) -> None:
    """Nobody wants to know."""


def seal_of(source: Source) -> str | None:
    """What tells that a source holds what it held, for less than reading it: hex; None where nothing does.

    Of an archive it is the SHA-256 of its file, of a repository that of its tags and the trees of documents there.

    Raises:
        SourceError: the source is gone, or cannot be read.
    """
    match source_kind(source):
        case SourceKind.ARCHIVE:
            return file_hash(source.location)
        case SourceKind.TAGS:
            tags = _tags(source)
            trees = trees_at(source.location, tags.values(), DOCUMENTS)
            listed = [(tag, trees.get(name)) for tag, name in sorted(tags.items())]
            return sha256(json.dumps(listed).encode()).hexdigest()
        case _:
            return None


def read(
    source: Source, fetch: Fetch = fetch, too_large: Told = _silent, blobs: GitBlobs | None = None
) -> Iterator[RawDocument]:
    """The documents of a source; see `read_source`. `fetch` gets what lies on the net.

    `too_large` is told where a file stands that is passed over, as it is larger than `MAX_BYTES`. `blobs` are those of
    git that are known and not read again; those that are read are added.
    """
    for document in _read(source, fetch, {} if blobs is None else blobs):
        if document.too_large:
            too_large(f"{source.where}: {document.path}")
        else:
            yield document


def _read(source: Source, fetch: Fetch, blobs: GitBlobs) -> Iterator[RawDocument]:
    match source_kind(source):
        case SourceKind.NET:
            yield from _read_url(source, fetch)
        case SourceKind.BUNDLED:
            yield from _read_bundled(source.location)
        case SourceKind.FILE:
            yield _read_single(source)
        case SourceKind.LOOSE:
            yield from _read_loose(source)
        case SourceKind.ARCHIVE:
            yield from _read_archive(source)
        case SourceKind.TAGS:
            yield from _read_tags(source, blobs)
        case _:
            yield from _read_trees(source)


def _require(label: Label | None, what: str, source: Source) -> Label:
    """The version that was given, else the one that was found."""
    if source.version:
        return source.version, LabelOrigin.GIVEN
    if label is None:
        advice = f"give one before the path, as in v6.4.6={source.where}"
        raise SourceError("no version: neither a Makefile nor the folder's name tells it", what, advice)
    return label


def _require_one(source: Source, count: int, what: str) -> None:
    """A version that is given is that of one tree."""
    if source.version and count > 1:
        advice = "give each with its own version"
        raise SourceError(f"one version cannot stand for {count} {what}", source.argument, advice)


def _raw(version: str | None, label_origin: str, path: str, data: bytes | None, source: str) -> RawDocument:
    return RawDocument(
        version=version,
        label_origin=label_origin,
        path=path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),  # a name is any bytes
        data=data or b"",
        source=source,
        too_large=data is None,
    )


def _read_trees(source: Source) -> Iterator[RawDocument]:
    trees = trees_below(source.location)
    _require_one(source, len(trees), "kernel trees")
    for tree in trees:
        label = _require(tree_version(tree), str(tree), replace(source, location=tree))
        yield from _read_tree(tree, source.argument, label)


def _read_tree(tree: Path, argument: str, label: Label) -> Iterator[RawDocument]:
    found = False
    for path, data in documents_below(tree / DOCUMENTS, tree):
        found = True
        yield _raw(*label, path, data, argument)
    if not found:
        raise SourceError(f"no text file below {DOCUMENTS}", str(tree), "check that the tree is complete")


def _read_loose(source: Source) -> Iterator[RawDocument]:
    """The documents of a folder that is no tree; its name may be their version."""
    folder, found = source.location, False
    origin = LabelOrigin.GIVEN if source.version else LabelOrigin.FOLDER
    version = source.version or folder_version(folder.name)
    if next(islice(files_below(folder, folder), MAX_FILES, None), None):
        raise SourceError(f"more than {MAX_FILES} files", str(folder), "give a kernel tree or a folder of documents")
    for path, data in documents_below(folder, folder):
        found = True
        yield _raw(version, origin, path, data, source.argument)
    if not found:
        raise SourceError("no documents in it", str(folder), f"give a kernel tree (it has {DOCUMENTS}) or documents")


def _read_url(source: Source, fetch: Fetch) -> Iterator[RawDocument]:
    """What stands at an address, by way of a file that is gone afterwards."""
    assert source.url
    name = PurePosixPath(unquote(urlsplit(source.url).path) or "/").as_posix().replace("\0", "")
    with tempfile.TemporaryDirectory(prefix="kbase-") as folder:
        file = Path(folder, name.rpartition("/")[2][-100:].lstrip(".") or "page")
        fetch(source.url, file)
        try:
            if is_archive(file):
                yield from _read_archive(replace(source, location=file))
            else:
                _, inside, rest = name.partition(f"/{DOCUMENTS}/")
                document = _read_single(replace(source, location=file))
                yield replace(document, path=f"{DOCUMENTS}/{rest}") if inside and rest else document
        except SourceError as error:
            raise SourceError(error.what, source.url, error.advice) from error


def _read_single(source: Source) -> RawDocument:
    file = source.location
    if file.stat().st_size > MAX_BYTES:
        raise SourceError(f"larger than {MAX_BYTES >> 20} MiB", str(file), "give a document")
    packed = read_file(file)
    data = unpacked_mails(packed, MAX_BYTES)
    if data is None:
        raise SourceError(f"unpacks to more than {MAX_BYTES >> 20} MiB", str(file), "give a document")
    if is_binary(data):
        raise not_a_document(file, packed)
    origin = LabelOrigin.GIVEN
    return RawDocument(version=source.version, label_origin=origin, path=file.name, data=data, source=source.argument)


def _read_archive(source: Source) -> Iterator[RawDocument]:
    """The documents of the trees in a tar archive, where a tree's Makefile comes after its documents."""
    trees: dict[PurePosixPath, dict[str, bytes | None]] = {}
    makefiles: dict[PurePosixPath, str] = {}
    for name, data in read_archive(source.location, _is_wanted, MAX_BYTES):
        if name.name == "Makefile" and len(name.parts) <= 2:
            makefiles[name.parent] = (data or b"").decode("utf-8", "replace")
        elif f"/{DOCUMENTS}/" in f"/{name}" and not is_binary(data or b""):
            prefix, _, rest = name.as_posix().partition(f"{DOCUMENTS}/")
            trees.setdefault(PurePosixPath(prefix), {})[f"{DOCUMENTS}/{rest}"] = data
    if not trees:
        raise SourceError(f"no {DOCUMENTS} in it", str(source.location), "give the archive of a kernel tree")
    _require_one(source, len(trees), "kernel trees")
    for root, documents in sorted(trees.items()):
        told = told_version(makefiles.get(root, ""), root.name or _stem(source.location))
        version, origin = _require(told, f"{source.location}:{root}", source)
        for path, data in sorted(documents.items()):
            yield _raw(version, origin, path, data, source.argument)


def _is_wanted(name: str) -> bool:
    """Whether a member may be a document or a tree's Makefile; asked of every file of a kernel."""
    return f"{DOCUMENTS}/" in name or (name.endswith("Makefile") and name.count("/") <= 2)


def _stem(archive: Path) -> str:
    """`linux-6.4.6` of `linux-6.4.6.tar.xz`."""
    return archive.name.partition(".t")[0]


def _tags(source: Source) -> dict[str, str]:
    """The tags of a source that name a version, or stand for the given one; each with the hash of its object."""
    repository, pattern = source.location, source.tags or ""
    found = tags_of(repository, pattern)
    tags = {tag: name for tag, name in found.items() if source.version or folder_version(tag)}
    if not tags:
        which = "names a version" if found else "is there"
        raise SourceError(f"no tag {pattern} {which}", str(repository), "look at `git tag --list`")
    _require_one(source, len(tags), "tags")
    return tags


def _read_tags(source: Source, blobs: GitBlobs) -> Iterator[RawDocument]:
    """The documents of a git repository at each tag that names a version."""
    tags, empty = _tags(source), True
    files = files_at(source.location, tags.values(), DOCUMENTS)
    names = dict.fromkeys(name for each in tags.values() for name in files[each].values())
    data: dict[str, bytes | None] = {name: b"" for name in names if name in blobs}
    unread = _new_blobs(source.location, [name for name in names if name not in data], blobs)
    origin = LabelOrigin.GIVEN if source.version else LabelOrigin.TAG
    for tag, each in tags.items():
        label = source.version or folder_version(tag)
        for path, name in files[each].items():
            while name not in data:
                data.update([next(unread)])
            if data[name] is None or blobs[name]:
                empty = False
                yield replace(_raw(label, origin, path, data[name], source.argument), blob=blobs.get(name))
    if empty:
        what = f"no {DOCUMENTS} at the tags {source.tags}"
        raise SourceError(what, str(source.location), "give a kernel's repository")


def _new_blobs(repository: Path, names: Sequence[str], blobs: GitBlobs) -> Iterator[tuple[str, bytes | None]]:
    """Name and bytes of each of these blobs, in their order, which are known from then on; None of one too large."""
    for name, data in read_blobs(repository, names, MAX_BYTES):
        if data is not None:
            blobs[name] = None if is_binary(data) else sha256(data).hexdigest()
        yield name, data


def _read_bundled(corpus: Path) -> Iterator[RawDocument]:
    """The bundled corpus: trees below `linux` and `aufs`, and the folders of documents without a version."""
    origins = _origins(corpus)
    folders = [corpus / name for name in ("linux", "aufs")]
    for tree in (tree for folder in folders if folder.is_dir() for tree in trees_below(folder)):
        label = tree_version(tree)
        if label is None:
            raise SourceError("no version: its folder's name is none", str(tree), "reinstall kbase")
        prefix = tree.relative_to(corpus).as_posix()
        for document in _read_tree(tree, BUNDLED, label):
            yield replace(document, bundled=True, origin=origins.get(f"{prefix}/{document.path}"))
    for folder in (corpus / name for name in LOOSE_FOLDERS):
        for path, data in documents_below(folder, corpus) if folder.is_dir() else ():
            document = _raw(None, LabelOrigin.FOLDER, path, data, BUNDLED)
            yield replace(document, bundled=True, origin=origins.get(path))


def _origins(corpus: Path) -> dict[str, str]:
    """Where the original of each bundled file lies, from the manifest: {"files": {path: {"origin": ...}}}."""
    manifest = corpus / "manifest.json"
    if not manifest.is_file():
        return {}
    files = json.loads(read_file(manifest)).get("files", {})
    return {path: str(entry["origin"]) for path, entry in files.items() if "origin" in entry}
