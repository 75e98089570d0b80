"""`SearchDocument`: what the search index has of one text."""

from hashlib import blake2b

from msgspec import Struct


class Shown(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a hit shows of an entry, in one version."""

    kind: str
    name: str  # `inode_operations.rename`, `i_rwsem`, a note's title, 12 digits of a commit
    title: str
    url: str = ""
    version: str = ""  # whose facts are shown; empty where the entry needs none
    struct: str | None = None
    op: str | None = None
    prototype: str | None = None
    chips: tuple[str, ...] = ()  # lock rules and context, as written: "i_rwsem(inode): exclusive"
    path: str = ""
    line: int = 0


class SearchDocument(Shown, frozen=True, kw_only=True):
    """One text of an entry: of an op, a lock, a note, ... Documents of one entry are found as one hit.

    `version` is the newest that has the text, and `url` leads there.
    """

    entry: str = ""  # "op:inode_operations.rename"
    text: str
    versions: tuple[str, ...] = ()  # every version that has the text, oldest first
    keys: tuple[str, ...] = ()  # the exact names that lead to the entry
    old_keys: tuple[str, ...] = ()  # those of them that are former names
    names: str = ""  # words of its name, which weigh twice as they are in its title too
    gist: str = ""  # the sentence that says what it is for, which weighs twice
    structs: tuple[str, ...] = ()
    ops: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()  # canonical subjects
    rules: tuple[str, ...] = ()  # "i_rwsem=exclusive+yes", see `kbase.search.facts`
    blocks: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # paths
    since: tuple[str, ...] = ()  # the first version available that has the entry, one a family
    removed: tuple[str, ...] = ()  # the first later one that could state it and does not
    releases: tuple[str, ...] = ()  # of an op or ops table: those that have it, as ranges; headers decide
    sources: tuple[str, ...] = ()  # the kinds of the documents that state it
    digest: str = ""  # see `digest_of`


OF_VERSIONS = frozenset(("url", "version", "versions", "path", "line", "since", "removed", "releases", "digest"))
CONTENT = tuple(each for each in SearchDocument.__struct_fields__ if each not in OF_VERSIONS)


def digest_of(document: SearchDocument) -> str:
    """A hash of the content of a document, without the versions that have it."""
    if document.digest:
        return document.digest
    content = repr([getattr(document, name) for name in CONTENT])
    return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
