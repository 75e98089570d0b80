"""The build, from sources to an active database, in one straight line.

sources -> bytes -> text -> parse -> records -> store -> states -> search index -> swap

A build adds sources to the database, or refreshes them; without sources it refreshes all. The bundled corpus is
included unless it is declined. Documents that were parsed before are carried over; the new generation becomes active
when it is complete.
"""

import json
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from kbase import parsers, places
from kbase.build.collect import Collected, collect
from kbase.build.indexing import Progress, index_versions
from kbase.build.plan import Plan, plan_build, plan_removal
from kbase.build.porting_addresses import slugs
from kbase.build.previous import Previous, find_previous
from kbase.build.selection import Selection, require_versions, select
from kbase.build.workers import Parse, read_documents
from kbase.errors import StoreError, UsageError
from kbase.model.versions import version_key
from kbase.sources.readers import Fetch, fetch
from kbase.sources.restated import read_restatements
from kbase.sources.source import ReadingKey, Source, parse_source
from kbase.store import generations
from kbase.store.database import SCHEMA, SOURCE_FIELDS, Store
from kbase.store.fingerprint import fingerprint
from kbase.store.writer import Reading, Writer

# The parts of the package on which the result of reading, parsing and indexing depends.
READ_BY = ("errors.py", "model", "kernel", "text", "sources", "parsers", "build")
PARSED_BY = ("errors.py", "model", "kernel", "text", "parsers", "store", "build")
INDEXED_BY = ("sources", "diff", "search")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """The result of a build; `changed` is false if nothing changed and nothing was written."""

    versions: int
    documents: int
    parsed: int  # documents that had to be parsed
    carried: int  # documents that an earlier build had parsed
    changed: bool
    added: tuple[str, ...] = ()  # versions that the previous build did not have, oldest first; empty for a first build
    removed: tuple[str, ...] = ()  # versions that only the previous build had
    without_facts: tuple[str, ...] = ()  # files in which facts were expected
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Options:
    """How a build works: its processes, and the functions that report, parse and fetch."""

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
    bundled: bool | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    corpus: Path | None = None,
    parse: Parse = parsers.parse,
    fetch: Fetch = fetch,
) -> BuildReport:
    """Add sources (`[VERSION=]PATH` or URL) to the database folder, or refresh them; without any, refresh all.

    An error leaves the database as it was. `progress` is called with stage, done, total (0: not known yet) and the
    current item; `bundled` is whether to include the bundled corpus (None: as before, and at first yes), `corpus`
    replaces it, `fetch` the function that downloads files.

    Raises:
        UsageError: `tags` or `refs` are given without a repository that they could be of, or both are given, or there
            is nothing to build.
        SourceError: a source cannot be read, states nothing, or has no version and needs one.
        StoreError: the folder is no database, cannot be written, or another build is running.
    """
    _check_patterns({"--tags": tags, "--refs": refs}, sources)
    named = [parse_source(argument, tags, refs) for argument in sources]
    with _database(db) as previous:
        plan = plan_build(previous.store, named, corpus or places.corpus(), previous.known, bundled)
        options = _Options(jobs=jobs, progress=progress or _silent, parse=parse, fetch=fetch)
        return _rebuild(db, previous, plan, options)


def _check_patterns(patterns: Mapping[str, str | None], sources: Sequence[str]) -> None:
    """One option at most, with a pattern, and with a source that it applies to."""
    given = {option: pattern for option, pattern in patterns.items() if pattern is not None}
    for option, pattern in given.items():
        if not pattern:
            raise UsageError(f"{option} without a pattern", advice=f"write {option} 'v6.*'")
        if not sources:
            raise UsageError(f"{option} without a source", pattern, "name the git repository")
    if len(given) > 1:
        raise UsageError("--tags and --refs do not go together", advice="--refs matches tags and branches")


def remove(
    db: Path, what: str, *, progress: Progress | None = None, corpus: Path | None = None, parse: Parse = parsers.parse
) -> BuildReport:
    """Remove a source (as it was given, or its path) or a version, with its documents.

    Raises:
        UnknownName: there is no such source or version.
        UsageError: it belongs to the bundled corpus.
        StoreError: see `build`.
    """
    with _database(db) as previous:
        if previous.store is None:
            generations.current(db)
            raise previous.refusal or StoreError("no kbase database", str(db), generations.REBUILD)
        plan = plan_removal(previous.store, what, corpus or places.corpus())
        return _rebuild(db, previous, plan, _Options(jobs=1, progress=progress or _silent, parse=parse))


@contextmanager
def _database(db: Path) -> Iterator[Previous]:
    """Lock the database folder, and open the previous generation."""
    with ExitStack() as stack:
        stack.enter_context(generations.locked(db))
        previous = find_previous(db)
        if previous.store:
            stack.enter_context(closing(previous.store))
        try:
            yield previous
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot be written: {error}", str(db), "nothing was changed") from error


def _rebuild(db: Path, previous: Previous, plan: Plan, options: _Options) -> BuildReport:
    """Write the planned generation and make it active; write nothing if it would equal an undamaged previous one."""
    before = previous.store
    plan.warnings += previous.damage
    with generations.aside(db) as folder, closing(Writer(folder, before.folder if before else None)) as writer:
        collected = _collect(plan, before, writer, options)
        documents = collected.documents
        stamp = _stamp(plan.sources, collected)
        keys = {document.key for document in documents}
        if before and not previous.damage and stamp.items() <= before.stamp.items():
            selection = select(documents, plan, before.reading_kinds())
            return _report(selection, plan, before, carried=len(keys))
        missing = _carry(keys, before, writer, stamp)
        with closing(_parse(missing, writer, options)) as readings:
            for reading in readings:
                writer.add_reading(reading)
        selection = select(documents, plan, writer.reading_kinds())
        report = _report(selection, plan, before, carried=len(keys) - len(missing))
        require_versions(report.removed, selection.left_out, plan)
        _write(writer, plan, collected, selection, stamp)
        same_code = before if before and before.stamp["code"] == stamp["code"] else None
        doubts = index_versions(folder, writer, same_code, options.progress)
        writer.finish()
        options.progress("swap", 0, 1, str(db))
        generations.swap(db, folder, [_listed(source) for source in plan.sources])
        options.progress("swap", 1, 1, str(db))
        return replace(report, parsed=len(missing), changed=True, warnings=(*report.warnings, *doubts))


def _collect(plan: Plan, before: Store | None, writer: Writer, options: _Options) -> Collected:
    same_readers = before is not None and before.stamp["readers"] == _code(READ_BY)
    return collect(
        plan,
        before if same_readers else None,
        writer,
        options.fetch,
        lambda count, what: options.progress("read", count, 0, what),
    )


def _carry(keys: set[ReadingKey], before: Store | None, writer: Writer, stamp: Mapping[str, str]) -> list[ReadingKey]:
    """Carry over what the same parsers read before; returns what is left to parse."""
    writer.carry_blobs({blob for blob, _ in keys})
    same_parsers = before is not None and before.stamp["parsers"] == stamp["parsers"]
    return sorted(keys - (writer.carry(keys) if same_parsers else set()))


def _parse(keys: Sequence[ReadingKey], writer: Writer, options: _Options) -> Generator[Reading]:
    """Parse these blobs under these names; with several jobs in processes of their own."""
    works = ((name, blob, writer.data(blob)) for blob, name in keys)
    with closing(read_documents(options.parse, works, len(keys), options.jobs)) as readings:
        for done, reading in enumerate(readings, 1):
            options.progress("parse", done, len(keys), reading.name)
            yield reading


def _write(writer: Writer, plan: Plan, collected: Collected, selection: Selection, stamp: Mapping[str, str]) -> None:
    """Write everything except the readings, and what is computed from the states of the versions."""
    writer.add_sources(plan.sources, collected.fingerprints)
    writer.add_git_blobs(collected.git_blobs)
    writer.add_revisions(collected.revisions)
    writer.add_documents(selection.documents)
    writer.name_porting_entries(partial(slugs, restatements=read_restatements(places.corpus())))
    writer.stamp(**stamp)
    writer.commit()


def _report(selection: Selection, plan: Plan, before: Store | None, *, carried: int) -> BuildReport:
    """The report of a build that has parsed and changed nothing yet."""
    active = [document for document, is_active in selection.documents if is_active]
    now = {document.version for document in active if document.version}
    old = {label for label, *_ in before.versions()} if before else now
    return BuildReport(
        versions=len(now),
        documents=len(active),
        parsed=0,
        carried=carried,
        changed=False,
        added=tuple(sorted(now - old, key=version_key)),
        removed=tuple(sorted(old - now, key=version_key)),
        without_facts=selection.without_facts,
        warnings=tuple(plan.warnings),
    )


def _listed(source: Source) -> dict[str, str | None]:
    """A source in the list of sources next to the database."""
    values = (source.argument, str(source.location), source.version, source.tags, source.refs)
    return dict(zip(SOURCE_FIELDS, values, strict=True))


def _stamp(sources: Iterable[Source], collected: Collected) -> dict[str, str]:
    """The content of a generation and the code that made it: equal stamps, equal generations."""
    documents, revisions = collected.documents, sorted(collected.revisions.items())
    listed = sorted((d.version, d.path, d.blob, d.label_origin, d.source, d.bundled, d.origin or "") for d in documents)
    given = [(s.argument, str(s.location), s.version, s.tags, s.refs) for s in sources]
    return {
        "schema": str(SCHEMA),
        "readers": _code(READ_BY),
        "parsers": _code(PARSED_BY),
        "code": _code(PARSED_BY + INDEXED_BY),
        "content": sha256(json.dumps([given, listed, revisions]).encode()).hexdigest(),
    }


def _code(names: tuple[str, ...]) -> str:
    """A hash of these parts of kbase and of the libraries that it uses; a change of it means a rebuild."""
    return fingerprint(places.PACKAGE / name for name in names)


def _silent(stage: str, done: int, total: int, what: str) -> None:
    """Report no progress."""
