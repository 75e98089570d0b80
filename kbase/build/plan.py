"""What a build has to read, and what it takes over from the database it replaces.

Pure but for asking whether a source is still there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from kbase.errors import SourceError, UnknownName, UsageError, unreadable
from kbase.model.available_versions import LATEST, Available
from kbase.model.records import DocumentKind
from kbase.model.releases import release_of
from kbase.model.versions import is_version, parse_version, version_key
from kbase.sources.source import BUNDLED, Source
from kbase.store.database import HeldDocument, Store

ONE_A_VERSION = (DocumentKind.LOCKING, DocumentKind.VFS, DocumentKind.PORTING, DocumentKind.DIRECTORY_LOCKING)


@dataclass(kw_only=True)
class Plan:
    """The sources of the new generation, by their positions: what is held of each, and which are not read."""

    sources: list[Source]
    held: dict[int, list[HeldDocument]] = field(default_factory=dict)  # of those that were there before
    unread: set[int] = field(default_factory=set)  # whose documents are taken over as they are
    cut: set[int] = field(default_factory=set)  # of these, those that have just lost a version
    warnings: list[str] = field(default_factory=list)


def plan_build(previous: Store | None, named: list[Source], corpus: Path, known: Sequence[Source]) -> Plan:
    """The bundled corpus first, then what was known in its old order, then what is new.

    `named` are the sources to read, all if there are none; `known` are those of a database that cannot be taken over.

    Raises:
        SourceError: a source of such a database is no longer there.
    """
    bundled = Source(argument=BUNDLED, location=corpus)
    old = [source for source in (previous.sources() if previous else known) if not source.bundled]
    given = {source.key: source for source in named}
    order = {source.key: given.get(source.key, source) for source in [*old, *named]}
    plan = Plan(sources=[bundled, *order.values()])
    if previous is None:
        _require_all(plan.sources[1:])
        return plan
    held = _by_source(previous)
    for position, source in enumerate(plan.sources):
        wanted = source.bundled or source.key in given or not (named or source.url)  # the net is asked when named
        if source.key in held:
            plan.held[position] = held[source.key]
            if not wanted or _is_gone(source, plan):
                plan.unread.add(position)
    return plan


def _require_all(sources: Iterable[Source]) -> None:
    for source in sources:
        if not source.url and not _exists(source):
            what = "no longer there, and needed: the database is of another version of kbase, or damaged"
            raise SourceError(what, str(source.location), "put it back, or delete the database and build anew")


def _is_gone(source: Source, plan: Plan) -> bool:
    """Whether a source that is refreshed does not exist any more: its documents stay as they are."""
    gone = not source.bundled and not source.url and not _exists(source)
    if gone:
        plan.warnings.append(f"{source.location}: no longer there; its documents stay as they were")
    return gone


def _exists(source: Source) -> bool:
    try:
        return source.location.exists()
    except OSError as error:
        raise unreadable(source.location, error) from error


def _by_source(store: Store) -> dict[tuple[str, ...], list[HeldDocument]]:
    held: dict[tuple[str, ...], list[HeldDocument]] = {source.key: [] for source in store.sources()}
    keys = list(held)
    for document in store.held():
        held[keys[document.source]].append(document)
    return held


def plan_removal(previous: Store, what: str, corpus: Path) -> Plan:
    """The plan of everything held but one source or version.

    Raises:
        UnknownName: no such source or version is held.
        UsageError: it belongs to the bundled corpus, or is not one version.
    """
    label = _own_version(previous, what)
    plan = plan_build(previous, [], corpus, ())
    left, found = Plan(sources=plan.sources[:1]), False
    if label and label != parse_version(what).label:
        left.warnings.append(f"{what} is read as {label}, the only version of that release that you gave")
    for place, source in enumerate(plan.sources[1:], 1):
        documents = plan.held.get(place, [])
        remaining = [] if _names(source, what) else [d for d in documents if d.version != label]
        found |= len(remaining) < len(documents) or _names(source, what)
        if remaining:
            position = len(left.sources)
            left.sources.append(source)
            left.held[position] = remaining
            left.unread.add(position)
            left.cut |= {position} if len(remaining) < len(documents) else set()
    if not found:
        _refuse_removal(previous, what, label)
    return left


def _names(source: Source, what: str) -> bool:
    return what in (source.argument, source.url) or str(Path(what).expanduser().absolute()) == str(source.location)


def _own_version(previous: Store, what: str) -> str | None:
    """The version of the user's that a label means: itself, or the one that there is of a release.

    Raises:
        UsageError: it is `latest`, or there are several of the release.
    """
    if what.strip().lower() == LATEST:
        raise UsageError("what is the latest version changes with every build", what, "name the version to remove")
    if not is_version(what):
        return None
    label = parse_version(what).label
    own = {document.version for document in previous.held() if document.version and not document.bundled}
    ours = sorted((each for each in own if release_of(each) == label), key=version_key)
    if label in own or not ours:
        return label
    if len(ours) > 1:
        raise UsageError("there are several versions of that release", what, f"name one of {', '.join(ours)}")
    return ours[0]


def _refuse_removal(previous: Store, what: str, label: str | None) -> None:
    kinds = {label: kinds for label, kinds in previous.kinds().items() if label}
    available = Available(kinds, kinds)
    if what == BUNDLED or (label and (label in kinds or label in available.standing)):
        raise UsageError("comes with kbase and cannot be removed", what, "only your own sources can")
    held = ", ".join(source.argument for source in previous.sources() if not source.bundled)
    near = " and ".join(available.nearest(what)) if label else ""
    advice = (f"the nearest versions are {near}" if near else "", f"sources: {held}" if held else "no source was added")
    raise UnknownName("no such source or version is held", what, "; ".join(filter(None, advice)))


def standing(
    documents: Iterable[HeldDocument], plan: Plan, kinds: Mapping[tuple[str, str], DocumentKind]
) -> list[tuple[HeldDocument, bool]]:
    """Each document with whether it stands: the user's before the bundled ones, a later source's before an earlier.

    A bundled document steps aside for the same one of the user at that version: of its path, or of its kind where a
    version has one of a kind. `kinds` are those of the documents by their keys. What steps aside is told as a warning.
    """
    documents = list(documents)
    own = {same for each in documents if each.version and not each.bundled for same in _places(each, kinds)}
    last: dict[tuple[str, str], HeldDocument] = {}
    aside: dict[str, list[str]] = {}
    for document in documents:
        if document.bundled and not own.isdisjoint(_places(document, kinds)):
            aside.setdefault(document.version, []).append(PurePosixPath(document.path).name)
            continue
        earlier = last.get((document.version, document.path))
        if earlier and not earlier.bundled and earlier.blob != document.blob:
            names = [plan.sources[each.source].argument for each in (earlier, document)]
            where = f"{document.version} {document.path}".strip()
            plan.warnings.append(f"{where}: {names[0]} and {names[1]} have different ones; that of {names[1]} is taken")
        last[document.version, document.path] = document
    if aside:
        told = "; ".join(f"{version} {', '.join(names)}" for version, names in aside.items())
        plan.warnings.append(f"yours stand in place of bundled documents: {told}")
    return [(document, last.get((document.version, document.path)) is document) for document in documents]


def _places(document: HeldDocument, kinds: Mapping[tuple[str, str], DocumentKind]) -> Iterator[tuple[str, str]]:
    """What a document can be the same as another one by: version and path, version and kind."""
    yield document.version, document.path
    kind = kinds[document.key]
    if kind in ONE_A_VERSION:
        yield document.version, kind
