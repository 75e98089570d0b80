"""Documents from which no fact was read: what is left out of a build for it, and what is told of it.

A version is what documents state of one. A source that gives a version only documents without a fact gives no version,
and a document without fact and version is left out. Text beside documents that state something can still be searched.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kbase.build.plan import Plan
from kbase.errors import SourceError
from kbase.model.records import DocumentKind
from kbase.sources.kinds import refs_advice
from kbase.sources.source import Source
from kbase.sources.trees import DOCUMENTS
from kbase.store.database import HeldDocument

NEED_NO_VERSION = frozenset((DocumentKind.DESIGN_NOTE, DocumentKind.COMMIT, DocumentKind.SUMMARY))
NAMES = (
    *("Locking", "locking.rst", "vfs.txt", "vfs.rst"),
    *("porting", "porting.rst", "directory-locking", "directory-locking.rst"),
)
EXPECTED = frozenset(f"{DOCUMENTS}/{name}" for name in NAMES)  # of the files of a tree, those that state something
NAMED = 3  # files or versions that an error names
GIVE = "give a kernel's locking.rst, vfs.rst, porting.rst or directory-locking.rst, a design note or a commit"

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Factless:
    """The documents that are left out, and where every file lies from which a fact was to be expected."""

    left_out: frozenset[HeldDocument] = frozenset()
    files: tuple[str, ...] = ()  # "v6.8 notes/README", in order


def factless(
    documents: Sequence[HeldDocument],
    plan: Plan,
    kinds: Mapping[Key, DocumentKind],
    stating: Collection[Key],
) -> Factless:
    """What states nothing; `kinds` and `stating` are what the readings are, and those with a fact.

    Raises:
        SourceError: all that a source has is left out, or a document has no version and needs one.
    """
    own = [document for document in documents if not document.bundled]
    spoken = {(document.source, document.version) for document in own if document.key in stating}
    silent = [document for document in own if document.key not in stating]
    left_out = frozenset(
        document
        for document in silent
        if (document.source, document.version) not in spoken
        or not (document.version or kinds[document.key] in NEED_NO_VERSION)
    )
    _require_facts(own, left_out, plan)
    for document in own:
        if not document.version and document not in left_out and kinds[document.key] not in NEED_NO_VERSION:
            source = plan.sources[document.source]
            raise SourceError(
                "no version, and this document needs one", _where(document, source), f"give one: v6.4.6={source.where}"
            )
    told = [document for document in silent if document in left_out or _is_expected(document)]
    return Factless(left_out=left_out, files=tuple(_where(each, plan.sources[each.source]) for each in told))


def require_kept(gone: Iterable[str], left_out: Iterable[HeldDocument], plan: Plan) -> None:
    """See to it that no version is lost since its documents state nothing any more.

    Raises:
        SourceError: one of the versions that are gone is still what a source that was read gives.
    """
    gone = set(gone)
    for document in left_out:
        if document.version in gone and document.source not in plan.unread:
            raise SourceError(
                f"no fact is read from it any more, and {document.version} would be lost; nothing was changed",
                _where(document, plan.sources[document.source]),
                f"put it right, or remove the version first: kbase remove {document.version}",
            )


def _require_facts(own: Sequence[HeldDocument], left_out: frozenset[HeldDocument], plan: Plan) -> None:
    """See to it that every source that was read gives something."""
    some = {document.source for document in own if document not in left_out}
    for document in own:
        if document.source in some or document.source in plan.unread:
            continue
        source = plan.sources[document.source]
        paths = list(dict.fromkeys(each.path for each in own if each.source == document.source))
        advice = GIVE + refs_advice(source)
        if len(paths) == 1:
            raise SourceError("no fact was read from it", _where(document, source), advice)
        more = ", ..." if len(paths) > NAMED else ""
        what = f"no fact was read from any of its {len(paths)} files: {', '.join(paths[:NAMED])}{more}"
        raise SourceError(what, source.where, advice)


def _is_expected(document: HeldDocument) -> bool:
    """Whether it should have stated something: in a kernel tree, which has a hundred others, by its name."""
    return document.path in EXPECTED or not document.path.startswith(f"{DOCUMENTS}/")


def _where(document: HeldDocument, source: Source) -> str:
    single = source.url or source.location.name == document.path
    return source.where if single else f"{source.where}/{document.path}"
