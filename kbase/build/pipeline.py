"""The straight line from sources to a knowledge base that serves, written once, top to bottom.

sources -> bytes -> text -> parse -> records -> store -> states -> search index -> swap

A build adds its sources to what is held, or refreshes them; without sources it refreshes all. The bundled corpus is
always part of the result. What was parsed before is carried over; nothing serves until everything is written.
"""

import json
import sqlite3
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from kbase import parsers, places
from kbase.build.factless import Factless, factless, require_kept
from kbase.build.intake import Intake, take_in
from kbase.build.plan import Plan, plan_build, plan_removal, standing
from kbase.build.recovery import Base, find_base
from kbase.build.survey import Progress, survey
from kbase.build.workers import Parse, read_documents
from kbase.diff.porting_slugs import slugs
from kbase.errors import StoreError, UsageError
from kbase.model.records import DocumentKind
from kbase.model.versions import version_key
from kbase.sources.readers import Fetch, fetch
from kbase.sources.source import Source, parse_source
from kbase.store import generations
from kbase.store.database import SCHEMA, SOURCE_FIELDS, HeldDocument, Store
from kbase.store.fingerprint import fingerprint
from kbase.store.writer import Reading, Writer

# The parts of the package that decide what a build reads, what is parsed from it, and what is indexed.
READ_BY = ("errors.py", "model", "text", "sources")
PARSED_BY = ("errors.py", "model", "kernel", "text", "parsers", "store", "build")
INDEXED_BY = ("diff", "search")

Key = tuple[str, str]  # a reading: blob and name


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did; `changed` is false where everything was as before and nothing was written."""

    versions: int
    documents: int
    parsed: int  # documents that had to be parsed
    carried: int  # documents that an earlier build had parsed
    changed: bool
    came: tuple[str, ...] = ()  # versions that the build before did not hold, oldest first; of a first build none
    gone: tuple[str, ...] = ()  # and those that only it held
    factless: tuple[str, ...] = ()  # files from which no fact was read, where one was to be expected
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Means:
    """How the work is done: processes, who is told, who parses, who fetches."""

    jobs: int
    progress: Progress
    parse: Parse
    fetch: Fetch = fetch


def build(
    db: Path,
    sources: Sequence[str] = (),
    *,
    tags: str | None = None,
    refs: str | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    corpus: Path | None = None,
    parse: Parse = parsers.parse,
    fetch: Fetch = fetch,
) -> BuildReport:
    """Add sources (`[VERSION=]PATH` or URL) to the database folder, or refresh them; without any, refresh all.

    Nothing that was held is lost, whatever is raised. `progress` is called with stage, done, total (0: not known
    yet) and what is worked on; `corpus` replaces the bundled corpus, `fetch` what gets files from the net.

    Raises:
        UsageError: `tags` or `refs` are given without a repository that they could be of, or both are given.
        SourceError: a source cannot be read, states nothing, or has no version and needs one.
        StoreError: the folder is no database, cannot be written, or another build is running.
    """
    _check_patterns({"--tags": tags, "--refs": refs}, sources)
    named = [parse_source(argument, tags, refs) for argument in sources]
    with _database(db) as base:
        plan = plan_build(base.store, named, corpus or places.corpus(), base.known)
        means = _Means(jobs=jobs, progress=progress or _silent, parse=parse, fetch=fetch)
        return _rebuild(db, base, plan, means)


def _check_patterns(patterns: Mapping[str, str | None], sources: Sequence[str]) -> None:
    """Which options go together: one pattern of the git repositories that are named."""
    given = {option: pattern for option, pattern in patterns.items() if pattern is not None}
    for option, pattern in given.items():
        if not pattern:
            raise UsageError(f"{option} without a pattern", advice=f"write {option} 'v6.*'")
        if not sources:
            raise UsageError(f"{option} without a source", pattern, "name the git repository that they are of")
    if len(given) > 1:
        raise UsageError("--tags and --refs do not go together", advice="--refs matches tags and branches")


def remove(
    db: Path, what: str, *, progress: Progress | None = None, corpus: Path | None = None, parse: Parse = parsers.parse
) -> BuildReport:
    """Remove a source (as it was given, or its path) or a version, and what only it gave.

    Raises:
        UnknownName: no such source or version is held.
        UsageError: it belongs to the bundled corpus.
        StoreError: see `build`.
    """
    with _database(db) as base:
        if base.store is None:
            generations.current(db)
            raise base.refusal or StoreError("no kbase database", str(db), generations.REBUILD)
        plan = plan_removal(base.store, what, corpus or places.corpus())
        return _rebuild(db, base, plan, _Means(jobs=1, progress=progress or _silent, parse=parse))


@contextmanager
def _database(db: Path) -> Iterator[Base]:
    """The locked database folder, by what a build goes on from."""
    with ExitStack() as stack:
        stack.enter_context(generations.locked(db))
        base = find_base(db)
        if base.store:
            stack.enter_context(closing(base.store))
        try:
            yield base
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot be written: {error}", str(db), "nothing was changed") from error


def _rebuild(db: Path, base: Base, plan: Plan, means: _Means) -> BuildReport:
    """Write the planned generation and let it serve; nothing where it would be the same as an undamaged base."""
    previous = base.store
    plan.warnings += base.damage
    with generations.aside(db) as folder, closing(Writer(folder, previous.folder if previous else None)) as writer:
        taken = _take_in(plan, previous, writer, means)
        documents = taken.documents
        stamp = _stamp(plan.sources, documents)
        keys = {document.key for document in documents}
        if previous and not base.damage and stamp.items() <= previous.stamp.items():
            settled = _settle(documents, plan, previous.reading_kinds(), previous.stating())
            return _report(settled, plan, previous, carried=len(keys))
        writer.carry_blobs({document.blob for document in documents})
        same_parsers = previous is not None and previous.stamp["parsers"] == stamp["parsers"]
        missing = sorted(keys - (writer.carry(keys) if same_parsers else set()))
        with closing(_parse(missing, writer, means)) as readings:
            for reading in readings:
                writer.add_reading(reading)
        settled = _settle(documents, plan, writer.kinds(), writer.stating())
        report = _report(settled, plan, previous, carried=len(keys) - len(missing))
        require_kept(report.gone, settled.factless.left_out, plan)
        writer.add_sources(plan.sources, taken.seals)
        writer.add_git_blobs(taken.git_blobs)
        writer.add_documents(settled.documents)
        writer.name_porting_entries(slugs)
        writer.stamp(**stamp)
        writer.commit()
        alike = previous if previous and previous.stamp["code"] == stamp["code"] else None
        doubts = survey(folder, writer, alike, means.progress)
        writer.finish()
        means.progress("swap", 0, 1, str(db))
        generations.swap(db, folder, [_listed(source) for source in plan.sources])
        means.progress("swap", 1, 1, str(db))
        return replace(report, parsed=len(missing), changed=True, warnings=(*report.warnings, *doubts))


@dataclass(frozen=True, kw_only=True)
class _Settled:
    """Every document with whether it stands, and what states nothing."""

    documents: list[tuple[HeldDocument, bool]]
    factless: Factless


def _settle(
    documents: Sequence[HeldDocument], plan: Plan, kinds: Mapping[Key, DocumentKind], stating: Collection[Key]
) -> _Settled:
    found = factless(documents, plan, kinds, stating)
    held = standing((document for document in documents if document not in found.left_out), plan, kinds)
    held += [(document, False) for document in documents if document in found.left_out]
    return _Settled(documents=held, factless=found)


def _report(settled: _Settled, plan: Plan, previous: Store | None, *, carried: int) -> BuildReport:
    """The report of a build that has parsed nothing and changed nothing yet."""
    now = {document.version for document, stands in settled.documents if stands and document.version}
    before = set(previous.label_origins()) if previous else now
    return BuildReport(
        versions=len(now),
        documents=sum(stands for _, stands in settled.documents),
        parsed=0,
        carried=carried,
        changed=False,
        came=tuple(sorted(now - before, key=version_key)),
        gone=tuple(sorted(before - now, key=version_key)),
        factless=settled.factless.files,
        warnings=tuple(plan.warnings),
    )


def _take_in(plan: Plan, previous: Store | None, writer: Writer, means: _Means) -> Intake:
    same_readers = previous is not None and previous.stamp["readers"] == _code(READ_BY)
    return take_in(
        plan,
        previous if same_readers else None,
        writer,
        means.fetch,
        lambda count, what: means.progress("read", count, 0, what),
    )


def _parse(keys: Sequence[tuple[str, str]], writer: Writer, means: _Means) -> Generator[Reading]:
    """The readings of these blobs under these names; with several jobs in processes of their own."""
    works = ((name, blob, writer.data(blob)) for blob, name in keys)
    with closing(read_documents(means.parse, works, len(keys), means.jobs)) as readings:
        for done, reading in enumerate(readings, 1):
            means.progress("parse", done, len(keys), reading.name)
            yield reading


def _listed(source: Source) -> dict[str, str | None]:
    """A source as the list of sources beside the database has it."""
    values = (source.argument, str(source.location), source.version, source.tags, source.refs)
    return dict(zip(SOURCE_FIELDS, values, strict=True))


def _stamp(sources: Iterable[Source], documents: Iterable[HeldDocument]) -> dict[str, str]:
    """What a generation is made of and by: equal stamps, equal generations."""
    held = sorted((d.version, d.path, d.blob, d.label_origin, d.source, d.bundled, d.origin or "") for d in documents)
    given = [(s.argument, str(s.location), s.version, s.tags, s.refs) for s in sources]
    return {
        "schema": str(SCHEMA),
        "readers": _code(READ_BY),
        "parsers": _code(PARSED_BY),
        "code": _code(PARSED_BY + INDEXED_BY),
        "content": sha256(json.dumps([given, held]).encode()).hexdigest(),
    }


@cache
def _code(names: tuple[str, ...]) -> str:
    """A hash of these parts of kbase and of the libraries that it uses: what others made is made again."""
    return fingerprint(places.PACKAGE / name for name in names)


def _silent(stage: str, done: int, total: int, what: str) -> None:
    """No progress is wanted."""
