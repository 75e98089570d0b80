"""Readers: a source -> its raw documents, each with its version.

The version of a tree is the one before `=`, else its Makefile's, else its folder's name. Of a tree only
`Documentation/filesystems` is read, and the headers below `include/linux` that define ops tables. Nothing here parses a
document. The code of a tree (`kbase.sources.code`) is read for one document of its callers, which a function that is
given makes of it.

Unchanged content is not read again: git's names of blobs identify their bytes, and an archive or the tags of a
repository have a fingerprint (`fingerprint_of`).
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kbase.errors import SourceError, unreadable
from kbase.sources.archives import check_size, is_archive, not_a_document, unpacked_mails
from kbase.sources.bundled import read_bundled
from kbase.sources.caller_documents import CallerDocuments, Scan
from kbase.sources.document_paths import MAX_NAME, Warn, leads_out, path_fault
from kbase.sources.git import Objects, commits_of, kinds_of, refs_of, require_tree, tags_of, trees_at
from kbase.sources.kinds import SourceKind, refs_advice, source_kind
from kbase.sources.raw_documents import (
    MAX_SOURCE,
    RawDocument,
    Report,
    SourceWarnings,
    raw_document,
    require_one_tree,
    require_version,
    too_much,
)
from kbase.sources.source import GitBlobs, Source
from kbase.sources.tree_archives import read_tree_archive
from kbase.sources.trees import (
    DOCUMENTS,
    FOLDERS,
    HEADERS,
    LINK_OUT,
    MAX_BYTES,
    TOO_LARGE,
    Label,
    LabelOrigin,
    code_below,
    documents_below,
    file_hash,
    folder_version,
    is_document,
    is_read,
    read_file,
    tree_version,
    trees_below,
)
from kbase.text.lines import is_binary

MAX_DOCUMENTS = 1_000_000  # of one source; 170 at each of 2,800 releases of the kernel are 480,000

Fetch = Callable[[str, Path], None]


def fetch(url: str, file: Path) -> None:
    """Download a URL into a file; see `kbase.sources.http.fetch`."""
    from kbase.sources import http  # ssl is needed for URLs only

    http.fetch(url, file)


def fingerprint_of(source: Source) -> str | None:
    """A hash of a source's content, hex, where one is cheaper than reading it; else None.

    Of an archive it is the SHA-256 of its file, of a repository that of its tags and the trees of documents there.

    Raises:
        SourceError: the source is missing, or cannot be read.
    """
    match source_kind(source):
        case SourceKind.ARCHIVE:
            check_size(source.location)
            return file_hash(source.location)
        case SourceKind.TAGS:
            tags = _tags(source)
            trees = [trees_at(source.location, tags.values(), folder) for folder in FOLDERS]
            listed = [(tag, *(each.get(name) for each in trees)) for tag, name in sorted(tags.items())]
            return sha256(json.dumps(listed).encode()).hexdigest()
        case _:
            return None


def revisions_of(source: Source) -> dict[str, str]:
    """The commits of a repository at which its versions are read, by version; none of other kinds of sources.

    A version that several tags or refs name at different commits is left out.

    Raises:
        SourceError: the source is missing, or cannot be read.
    """
    if source_kind(source) is not SourceKind.TAGS:
        return {}
    tags = _tags(source)
    commits = commits_of(source.location, tags.values())
    found: dict[str, set[str]] = {}
    for tag, name in tags.items():
        label, _ = require_version(_label(tag), tag, source)
        found.setdefault(label, set()).add(commits.get(name, ""))
    return {label: names.pop() for label, names in found.items() if len(names) == 1 and "" not in names}


def read(
    source: Source,
    fetch: Fetch = fetch,
    warn: Report = lambda _: None,
    blobs: GitBlobs | None = None,
    scan: Scan | None = None,
) -> Iterator[RawDocument]:
    """The documents of a source, tree by tree, in the order of their paths. `fetch` downloads a URL.

    `scan` makes the document of callers of the code of a tree or an archive; it is called for code that is not known
    from `blobs`.

    `warn` is called for what is skipped: files larger than `MAX_BYTES`, names that are not legal document paths, links
    that lead out, tags of files. The git blobs in `blobs` are not read; those that are read are added.

    Raises:
        SourceError: the source is missing, unreadable, no text, has no documents, or a tree has no version.
    """
    warnings, count, size = SourceWarnings(source.where, warn), 0, 0
    try:
        callers = CallerDocuments(scan, {} if blobs is None else blobs)
        for document in _read(source, fetch, warnings, blobs, callers):
            count, size = count + 1, size + len(document.data)
            if count > MAX_DOCUMENTS or size > MAX_SOURCE:
                raise too_much(source.where, MAX_DOCUMENTS)
            yield document
    except OSError as error:
        raise unreadable(source.location, error) from error
    warnings.finish()


def _read(
    source: Source, fetch: Fetch, warn: SourceWarnings, blobs: GitBlobs | None, callers: CallerDocuments
) -> Iterator[RawDocument]:
    match source_kind(source):
        case SourceKind.NET:
            yield from _read_url(source, fetch, warn, callers)
        case SourceKind.BUNDLED:
            yield from read_bundled(source.location)
        case SourceKind.FILE:
            yield _read_single(source)
        case SourceKind.LOOSE:
            yield from _read_loose(source, warn)
        case SourceKind.ARCHIVE:
            yield from read_tree_archive(source, warn, callers)
        case SourceKind.TAGS:
            yield from _read_tags(source, warn, blobs)
        case _:
            yield from _read_trees(source, warn, callers)


def _read_trees(source: Source, warn: SourceWarnings, callers: CallerDocuments) -> Iterator[RawDocument]:
    trees = trees_below(source.location, warn)
    require_one_tree(source, len(trees), "kernel trees")
    for tree in trees:
        outside = [folder for folder in FOLDERS if leads_out(tree / folder, tree)]
        if len(trees) > 1 and outside:
            warn(f"{tree.relative_to(source.location).as_posix()}/{outside[0]}", f"{LINK_OUT}, skipped")
            continue
        label = require_version(tree_version(tree), str(tree), replace(source, location=tree))
        yield from _read_tree(tree, label, warn)
        yield from callers.of(label, code_below(tree, warn) if callers.scan else {})


def _read_tree(tree: Path, label: Label, warn: Warn) -> Iterator[RawDocument]:
    found = False
    for folder in FOLDERS:
        for path, data in documents_below(tree / folder, tree, warn) if (tree / folder).is_dir() else ():
            found = True
            yield raw_document(*label, path, data)
    if not found:
        what = f"no text file below {DOCUMENTS} and no ops tables in {HEADERS}"
        raise SourceError(what, str(tree), "check that the tree is complete")


def _read_loose(source: Source, warn: SourceWarnings) -> Iterator[RawDocument]:
    """The documents of a folder that is no tree; its name may be their version."""
    folder, found = source.location, False
    origin = LabelOrigin.GIVEN if source.version else LabelOrigin.FOLDER
    version = source.version or folder_version(folder.name)
    for path, data in documents_below(folder, folder, warn):
        found = True
        yield raw_document(version, origin, path, data)
    if not found:
        advice = f"give a kernel tree (it has {DOCUMENTS}) or documents{refs_advice(source)}"
        raise SourceError(f"no documents in it{warn.first}", str(folder), advice)


def _read_url(source: Source, fetch: Fetch, warn: SourceWarnings, callers: CallerDocuments) -> Iterator[RawDocument]:
    """The documents at a URL, which is downloaded into a temporary file."""
    assert source.url
    name = unquote(urlsplit(source.url).path).strip("/")
    last = name.rpartition("/")[2].encode()[-MAX_NAME:].decode("utf-8", "ignore") or "page"
    _, inside, rest = f"/{name}".partition(f"/{DOCUMENTS}/")
    path = f"{DOCUMENTS}/{rest}" if inside and rest else last
    if fault := path_fault(last) or path_fault(path):
        raise SourceError(f"not the address of a document: {fault}", source.url, "save it and give the file")
    with tempfile.TemporaryDirectory(prefix="kbase-") as folder:
        file = Path(folder, last)
        fetch(source.url, file)
        try:
            if is_archive(file):
                yield from read_tree_archive(replace(source, location=file), warn, callers)
            else:
                yield replace(_read_single(replace(source, location=file)), path=path)
        except SourceError as error:
            raise SourceError(error.what, source.url, error.advice) from error


def _read_single(source: Source) -> RawDocument:
    file = source.location
    if fault := path_fault(file.name):
        raise SourceError(f"not a document: {fault}", str(file), "rename it")
    packed = read_file(file, MAX_BYTES + 1)
    data = unpacked_mails(packed, MAX_BYTES)
    if data is None or len(data) > MAX_BYTES:
        raise SourceError(f"larger than {MAX_BYTES >> 20} MiB", str(file), "give a document")
    if is_binary(data):
        raise not_a_document(file, packed)
    return raw_document(source.version, LabelOrigin.GIVEN, file.name, data)


def _tags(source: Source) -> dict[str, str]:
    """The tags or refs of a source that name a version, or have the given one; each with its object's hash."""
    repository, pattern = source.location, source.refs or source.tags or ""
    found = refs_of(repository, pattern) if source.refs else tags_of(repository, pattern)
    tags = {tag: name for tag, name in found.items() if source.version or _label(tag)}
    if not tags:
        what = f"no {'branch or tag' if source.refs else 'tag'} {pattern} {'names a version' if found else 'is there'}"
        advice = f"look at `git {'for-each-ref' if source.refs else 'tag --list'}`"
        raise SourceError(what, str(repository), advice)
    require_one_tree(source, len(tags), "branches and tags" if source.refs else "tags")
    return tags


def _label(ref: str) -> Label | None:
    """The version in a tag's name, or in the last part of a ref's full name; and where it comes from."""
    name = ref.rpartition("/")[2] if ref.startswith("refs/") else ref
    branch = ref.startswith(("refs/heads/", "refs/remotes/"))
    label = folder_version(name)
    return (label, LabelOrigin.BRANCH if branch else LabelOrigin.TAG) if label else None


def _read_tags(source: Source, warn: SourceWarnings, blobs: GitBlobs | None) -> Iterator[RawDocument]:
    """The documents of a git repository at each tag or ref that names a version."""
    tags, empty = _tags(source), True
    trees = _trees_of(source, tags, warn)
    known: GitBlobs = {} if blobs is None else blobs
    with Objects(source.location) as objects:
        # Neighbouring tags often have the same tree.
        listing = lru_cache(len(FOLDERS))(partial(objects.files, warn=warn))
        for tag, folders in trees.items():
            label = require_version(_label(tag), tag, source)
            for path, name in ((p, n) for folder, tree in folders.items() for p, n in listing(tree, folder).items()):
                if not is_read(path):
                    continue
                read_before = blobs is not None and name in known
                data = b"" if read_before else objects.read(name, MAX_BYTES)
                if data is None:
                    warn(f"{tag}:{path}", TOO_LARGE)
                    continue
                if name not in known:
                    known[name] = sha256(data).hexdigest() if is_document(path, data) else None
                if known[name]:
                    empty = False
                    document = raw_document(*label, path, data)
                    yield replace(document, blob=known[name]) if read_before else document
    if empty:
        which = f"branches and tags {source.refs}" if source.refs else f"tags {source.tags}"
        what = f"no {DOCUMENTS} and no ops tables in {HEADERS} at the {which}{warn.first}"
        raise SourceError(what, str(source.location), "give a kernel's repository")


def _trees_of(source: Source, tags: Mapping[str, str], warn: Warn) -> dict[str, dict[str, str]]:
    """The trees of documents and of headers at each tag that has one, by tag and folder."""
    trees = {folder: trees_at(source.location, tags.values(), folder) for folder in FOLDERS}
    found = {tag: {folder: at[name] for folder, at in trees.items() if name in at} for tag, name in tags.items()}
    without = {tag: tags[tag] for tag, folders in found.items() if not folders}
    kinds = kinds_of(source.location, without.values())
    for tag, name in without.items():
        if kinds[name] == "blob":
            warn(tag if tag.startswith("refs/") else f"refs/tags/{tag}", "a tag of a file, not of a commit, skipped")
        else:
            require_tree(source.location, name, DOCUMENTS)
    return {tag: folders for tag, folders in found.items() if folders}
