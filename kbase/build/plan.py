"""The plan of a build: which sources it reads, and which documents it takes from the database that it replaces.

Pure, except that it checks whether a source still exists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kbase.errors import SourceError, UnknownName, UsageError, unreadable
from kbase.model.available_versions import LATEST, Available
from kbase.model.releases import release_of
from kbase.model.versions import is_version, parse_version, version_key
from kbase.sources.source import BUNDLED, Source, StoredDocument
from kbase.store.database import Store


@dataclass(kw_only=True)
class Plan:
    """The sources of the new generation, and their properties by position."""

    sources: list[Source]
    stored: dict[int, list[StoredDocument]] = field(default_factory=dict)  # documents in the previous generation
    revisions: dict[int, dict[str, str]] = field(default_factory=dict)  # the commits at which those were read
    unread: set[int] = field(default_factory=set)  # sources that are not read: their stored documents are used
    cut: set[int] = field(default_factory=set)  # unread sources from which a version is removed
    warnings: list[str] = field(default_factory=list)


def plan_build(
    previous: Store | None, named: list[Source], corpus: Path, known: Sequence[Source], bundled: bool | None = None
) -> Plan:
    """The bundled corpus first, then the known sources in their order, then the new ones.

    `named` are the sources to read, all if there are none; `known` are those of a database that must be rebuilt.
    `bundled` is whether to include the bundled corpus; None: as before.

    Raises:
        SourceError: a source of such a database does not exist any more.
        UsageError: there is no source at all.
    """
    before = previous.sources() if previous else known
    if bundled is None:
        bundled = not before or any(source.bundled for source in before)
    old = [source for source in before if not source.bundled]
    given = {source.key: source for source in named}
    order = {source.key: given.get(source.key, source) for source in [*old, *named]}
    plan = Plan(sources=[*([Source(argument=BUNDLED, location=corpus)] if bundled else []), *order.values()])
    if not plan.sources:
        raise UsageError("nothing to build without the bundled corpus", advice="name a source, such as a kernel tree")
    if previous is None:
        _require_all(order.values())
        return plan
    stored, revisions = _by_source(previous), _revisions(previous)
    for position, source in enumerate(plan.sources):
        wanted = source.bundled or source.key in given or not (named or source.url)  # a URL is fetched when named
        if source.key in stored:
            plan.stored[position] = stored[source.key]
            plan.revisions[position] = revisions[source.key]
            if not wanted or _is_gone(source, plan):
                plan.unread.add(position)
    return plan


def _require_all(sources: Iterable[Source]) -> None:
    for source in sources:
        if not source.url and not _exists(source):
            what = "the source is missing, and needed: the database is of another version of kbase, or damaged"
            raise SourceError(what, str(source.location), "put it back, or delete the database and build a new one")


def _is_gone(source: Source, plan: Plan) -> bool:
    """Whether a source to refresh does not exist any more: its stored documents are used."""
    gone = not source.bundled and not source.url and not _exists(source)
    if gone:
        plan.warnings.append(f"{source.location}: the source is missing; its stored documents are used")
    return gone


def _exists(source: Source) -> bool:
    try:
        return source.location.exists()
    except OSError as error:
        raise unreadable(source.location, error) from error


def _by_source(store: Store) -> dict[tuple[str, ...], list[StoredDocument]]:
    stored: dict[tuple[str, ...], list[StoredDocument]] = {source.key: [] for source in store.sources()}
    keys = list(stored)
    for document in store.all_documents():
        stored[keys[document.source]].append(document)
    return stored


def _revisions(store: Store) -> dict[tuple[str, ...], dict[str, str]]:
    found = store.revisions()
    return {source.key: found.get(position, {}) for position, source in enumerate(store.sources())}


def plan_removal(previous: Store, what: str, corpus: Path) -> Plan:
    """The plan of a build of everything except one source or version.

    Raises:
        UnknownName: there is no such source or version.
        UsageError: it belongs to the bundled corpus, is not one version, or nothing else is there.
    """
    label = _own_version(previous, what)
    plan = plan_build(previous, [], corpus, ())
    left, found = Plan(sources=[source for source in plan.sources if source.bundled]), False
    if label and label != parse_version(what).label:
        left.warnings.append(f"{what} is read as {label}, the only version of that release that you gave")
    for place, source in ((place, source) for place, source in enumerate(plan.sources) if not source.bundled):
        documents = plan.stored.get(place, [])
        remaining = [] if _names(source, what) else [d for d in documents if d.version != label]
        found |= len(remaining) < len(documents) or _names(source, what)
        if remaining:
            position = len(left.sources)
            left.sources.append(source)
            left.stored[position] = remaining
            left.revisions[position] = plan.revisions[place]
            left.unread.add(position)
            left.cut |= {position} if len(remaining) < len(documents) else set()
    if not found:
        _refuse_removal(previous, what, label)
    if not left.sources:
        raise UsageError("nothing else is in the database", what, "delete its folder")
    return left


def _names(source: Source, what: str) -> bool:
    return what in (source.argument, source.url) or str(Path(what).expanduser().absolute()) == str(source.location)


def _own_version(previous: Store, what: str) -> str | None:
    """The user's version that a label means: itself, or the only one of a release.

    Raises:
        UsageError: it is `latest`, or there are several of the release.
    """
    if what.strip().lower() == LATEST:
        raise UsageError("the latest version changes with every build", what, "name the version to remove")
    if not is_version(what):
        return None
    label = parse_version(what).label
    own = {document.version for document in previous.all_documents() if document.version and not document.bundled}
    ours = sorted((each for each in own if release_of(each) == label), key=version_key)
    if label in own or not ours:
        return label
    if len(ours) > 1:
        raise UsageError("there are several versions of that release", what, f"name one of {', '.join(ours)}")
    return ours[0]


def _refuse_removal(previous: Store, what: str, label: str | None) -> None:
    kinds = previous.kinds()
    available = Available(kinds, kinds)
    if what == BUNDLED or (label and (label in kinds or label in available.representatives)):
        own = "only your own sources can; `kbase build --without-bundled` leaves out all that comes with kbase"
        raise UsageError("comes with kbase and cannot be removed", what, own)
    sources = ", ".join(source.argument for source in previous.sources() if not source.bundled)
    near = " and ".join(available.nearest(what)) if label else ""
    nearest = [f"the nearest versions are {near}"] if near else []
    given = f"sources: {sources}" if sources else "no source was added"
    raise UnknownName("no such source or version", what, "; ".join([*nearest, given]))
