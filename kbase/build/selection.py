"""Which documents of the sources are active: those that state something, the user's own before the bundled ones.

A version is what documents state of one. A source that gives a version only documents without facts gives no version,
and a document without facts and version is left out. Text next to documents with facts is searchable.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from kbase.build.plan import Plan
from kbase.errors import SourceError
from kbase.model.witnesses import EXPECTED, KERNEL, SINGLE, WITHOUT_VERSION, DocumentKind
from kbase.sources.kinds import refs_advice
from kbase.sources.source import ReadingKey, Source, StoredDocument
from kbase.sources.trees import DOCUMENTS

# The files of a tree that state facts.
STATING_FILES = frozenset(f"{DOCUMENTS}/{name}" for kind in SINGLE for name in kind.traits.files)
NAMED = 3  # files that an error names
GIVE = "give a kernel's locking.rst, vfs.rst, porting.rst, directory-locking.rst or fs.h, a design note or a commit"

Kinds = Mapping[ReadingKey, tuple[DocumentKind, bool]]  # the kind of a reading, and whether it states a fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All documents, each with whether it is active, those left out, and the files in which facts were expected."""

    documents: list[tuple[StoredDocument, bool]]
    left_out: frozenset[StoredDocument]
    without_facts: tuple[str, ...]  # "v6.8 notes/README", in order


def select(documents: Sequence[StoredDocument], plan: Plan, kinds: Kinds) -> Selection:
    """The active documents; replaced documents are added to the plan's warnings.

    Raises:
        SourceError: all documents of a source are left out, or one has no version and needs one.
    """
    own = [document for document in documents if not document.bundled]
    with_facts = {(document.source, document.version) for document in own if kinds[document.key][1]}
    silent = [document for document in own if not kinds[document.key][1]]
    left_out = frozenset(
        document
        for document in silent
        if (document.source, document.version) not in with_facts or _lacks_version(document, kinds)
    )
    read = [document for document in own if document.source not in plan.unread]
    for position in dict.fromkeys(document.source for document in read):
        _require_facts([document for document in read if document.source == position], left_out, plan)
    for document in own:
        if document not in left_out and _lacks_version(document, kinds):
            source = plan.sources[document.source]
            advice = f"give one: v6.4.6={source.where}"
            raise SourceError("no version, and this document needs one", _where(document, source), advice)
    reported = [document for document in silent if document in left_out or _is_expected(document)]
    return Selection(
        documents=_active((document for document in documents if document not in left_out), plan, kinds)
        + [(document, False) for document in documents if document in left_out],
        left_out=left_out,
        without_facts=tuple(_where(document, plan.sources[document.source]) for document in reported),
    )


def require_versions(removed: Iterable[str], left_out: Iterable[StoredDocument], plan: Plan) -> None:
    """Refuse to lose a version because its documents state nothing any more.

    Raises:
        SourceError: a source that was read still gives one of the removed versions.
    """
    removed = set(removed)
    for document in left_out:
        if document.version in removed and document.source not in plan.unread:
            raise SourceError(
                f"no fact is read from it any more, and {document.version} would be lost; nothing was changed",
                _where(document, plan.sources[document.source]),
                f"correct it, or remove the version first: kbase remove {document.version}",
            )


def _lacks_version(document: StoredDocument, kinds: Kinds) -> bool:
    return not document.version and kinds[document.key][0] not in WITHOUT_VERSION


def _require_facts(documents: Sequence[StoredDocument], left_out: frozenset[StoredDocument], plan: Plan) -> None:
    """Refuse a source if all of its documents are left out."""
    if not left_out.issuperset(documents):
        return
    source = plan.sources[documents[0].source]
    paths = list(dict.fromkeys(document.path for document in documents))
    advice = GIVE + refs_advice(source)
    if len(paths) == 1:
        raise SourceError("no fact was read from it", _where(documents[0], source), advice)
    what = f"no fact was read from any of its {len(paths)} files: {_some(paths)}"
    raise SourceError(what, source.where, advice)


def _some(names: Sequence[str]) -> str:
    return ", ".join([*names[:NAMED], *(["..."] if len(names) > NAMED else [])])


def _is_expected(document: StoredDocument) -> bool:
    """Whether its name promises facts; a kernel tree has a hundred other files."""
    return document.path in STATING_FILES or not document.path.startswith(f"{DOCUMENTS}/")


def _where(document: StoredDocument, source: Source) -> str:
    single = source.url or source.location.name == document.path
    return source.where if single else f"{source.where}/{document.path}"


def _active(documents: Iterable[StoredDocument], plan: Plan, kinds: Kinds) -> list[tuple[StoredDocument, bool]]:
    """Each document with whether it is active: if several have one version and path, only that of the last source is.

    A bundled document is replaced by the user's document of that version with the same path, or with the same kind: a
    tree's headers replace all headers, and a header outside of a tree the one of its name.
    """
    documents = list(documents)
    own = {same for each in documents if each.version and not each.bundled for same in _identities(each, kinds)}
    last: dict[tuple[str, str], StoredDocument] = {}
    replaced: dict[str, list[str]] = {}
    for document in documents:
        if document.bundled and not own.isdisjoint(_identities(document, kinds)):
            replaced.setdefault(document.version, []).append(PurePosixPath(document.path).name)
            continue
        earlier = last.get((document.version, document.path))
        if earlier and not earlier.bundled and earlier.blob != document.blob:
            names = [plan.sources[each.source].argument for each in (earlier, document)]
            where = f"{document.version} {document.path}".strip()
            plan.warnings.append(f"{where}: {names[0]} and {names[1]} differ; {names[1]} is used")
        last[document.version, document.path] = document
    if replaced:
        listed = "; ".join(f"{version} {_some(names)}" for version, names in replaced.items())
        plan.warnings.append(f"your documents replace bundled ones: {listed}")
    return [(document, last.get((document.version, document.path)) is document) for document in documents]


def _identities(document: StoredDocument, kinds: Kinds) -> Iterator[tuple[str, str]]:
    """What makes two documents the same one: version and path, or version and kind, or version and a header's name."""
    yield document.version, document.path
    kind, _ = kinds[document.key]
    if kind is KERNEL:
        yield document.version, PurePosixPath(document.path).name
    if kind in EXPECTED and not (kind is KERNEL and "/" not in document.path):
        yield document.version, kind
