"""The straight line from sources to a knowledge base that serves, written once, top to bottom.

sources -> bytes -> text -> parse -> records -> store -> states -> search index -> swap

A build adds its sources to what is held, or refreshes them; without sources it refreshes all. The bundled corpus is
always part of the result. What was parsed before is carried over; nothing serves until everything is written.
"""

import json
import signal
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from kbase import generations, parsers, places
from kbase.errors import SourceError, StoreError, UsageError
from kbase.intake import Intake, take_in
from kbase.pages import unwrap
from kbase.plan import Plan, plan_build, plan_removal, standing
from kbase.readers import Fetch, fetch
from kbase.records import DocumentKind, Parsed
from kbase.sources import Source, parse_source
from kbase.store import SCHEMA, HeldDocument, Store, source_list
from kbase.survey import Progress, survey
from kbase.text import Text
from kbase.versions import version_key
from kbase.writer import Reading, Writer, encode_reading

NEED_NO_VERSION = frozenset((DocumentKind.DESIGN_NOTE, DocumentKind.COMMIT, DocumentKind.SUMMARY))
PARSED_BY = (
    *("cdecl.py", "codec.py", "errors.py", "html_to_rst.py", "html_tree.py", "locks.py", "pages.py", "parsers"),
    *("commit_pages.py", "mail.py", "margins.py", "numbered.py", "records.py", "saved_html.py", "text.py"),
    *("versions.py", "writer.py"),
)
READ_BY = ("archives.py", "intake.py", "mail.py", "readers.py", "repositories.py", "text.py", "trees.py", "versions.py")
INDEXED_BY = (
    *(
        "addresses.py",
        "assemble.py",
        "blocking.py",
        "build.py",
        "diff",
        "held.py",
        "kept.py",
        "labels.py",
        "quick.py",
        "schema.sql",
        "search",
        "state.py",
        "successors.py",
        "survey.py",
    ),
    "symbols.py",
)

Parse = Callable[[str, Text, str], Parsed]


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
        UsageError: `tags` are given without a repository that they could be of.
        SourceError: a source cannot be read, or has no version and needs one.
        StoreError: the folder is no database, cannot be written, or another build is running.
    """
    if tags == "":
        raise UsageError("--tags without a pattern", advice="write --tags 'v6.*'")
    if tags is not None and not sources:
        raise UsageError("--tags without a source", tags, "name the git repository that they are of")
    named = [parse_source(argument, tags) for argument in sources]
    with _database(db) as previous:
        known = source_list(generations.current(db)) if generations.is_database(db) else ()
        plan = plan_build(previous, named, corpus or places.corpus(), known)
        means = _Means(jobs=jobs, progress=progress or _silent, parse=parse, fetch=fetch)
        return _rebuild(db, previous, plan, means)


def remove(
    db: Path, what: str, *, progress: Progress | None = None, corpus: Path | None = None, parse: Parse = parsers.parse
) -> BuildReport:
    """Remove a source (as it was given, or its path) or a version, and what only it gave.

    Raises:
        UnknownName: no such source or version is held.
        UsageError: it belongs to the bundled corpus.
        StoreError: see `build`.
    """
    with _database(db) as previous:
        if previous is None:
            generations.current(db)
            raise StoreError("made by another version of kbase", str(db), "build it again with `kbase build`")
        plan = plan_removal(previous, what, corpus or places.corpus())
        return _rebuild(db, previous, plan, _Means(jobs=1, progress=progress or _silent, parse=parse))


@contextmanager
def _database(db: Path) -> Iterator[Store | None]:
    """The locked database folder, and its store if it has one of this schema."""
    with ExitStack() as stack:
        stack.enter_context(generations.locked(db))
        previous = None
        try:
            if generations.is_database(db):
                previous = stack.enter_context(closing(Store(generations.current(db))))  # no pin: it may be deleted
        except StoreError:
            if not source_list(generations.current(db)):  # damaged: what it was built from cannot be told
                raise
        try:
            yield previous
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot be written: {error}", str(db), "nothing was changed") from error


def _rebuild(db: Path, previous: Store | None, plan: Plan, means: _Means) -> BuildReport:
    """Write the planned generation and let it serve; nothing where it would be the same as the previous one."""
    with generations.aside(db) as folder, closing(Writer(folder, previous.folder if previous else None)) as writer:
        taken = _take_in(plan, previous, writer, means)
        documents = taken.documents
        held = standing(documents, plan)
        stamp = _stamp(plan.sources, held)
        keys = {document.key for document in documents}
        now = _versions(documents)
        before = _versions(previous.held()) if previous else now
        report = BuildReport(
            versions=len(now),
            documents=sum(stands for _, stands in held),
            parsed=0,
            carried=len(keys),
            changed=False,
            came=tuple(sorted(now - before, key=version_key)),
            gone=tuple(sorted(before - now, key=version_key)),
            warnings=tuple(plan.warnings),
        )
        if previous and stamp.items() <= previous.stamp.items():
            return report
        writer.carry_blobs({document.blob for document in documents})
        same_parsers = previous is not None and previous.stamp["parsers"] == stamp["parsers"]
        missing = sorted(keys - (writer.carry(keys) if same_parsers else set()))
        for reading in _parse(missing, writer, means):
            writer.add_reading(reading)
        _require_versions(documents, writer, plan)
        writer.add_sources(plan.sources, taken.seals)
        writer.add_git_blobs(taken.git_blobs)
        writer.add_documents(held)
        writer.stamp(**stamp)
        writer.commit()
        alike = previous if previous and previous.stamp["code"] == stamp["code"] else None
        doubts = survey(folder, writer, alike, means.progress)
        writer.finish()
        means.progress("swap", 0, 1, str(db))
        generations.swap(db, folder)
        means.progress("swap", 1, 1, str(db))
        warnings = (*report.warnings, *doubts)
        return replace(report, parsed=len(missing), carried=len(keys) - len(missing), changed=True, warnings=warnings)


def _versions(documents: Iterable[HeldDocument]) -> set[str]:
    return {document.version for document in documents if document.version}


def _take_in(plan: Plan, previous: Store | None, writer: Writer, means: _Means) -> Intake:
    same_readers = previous is not None and previous.stamp["readers"] == _code(READ_BY)
    return take_in(
        plan,
        previous if same_readers else None,
        writer,
        means.fetch,
        lambda count, what: means.progress("read", count, 0, what),
    )


def _parse(keys: Sequence[tuple[str, str]], writer: Writer, means: _Means) -> Iterator[Reading]:
    """The readings of these blobs under these names; with several jobs in as many processes."""
    work = ((name, blob, writer.data(blob)) for blob, name in keys)
    read_one = partial(read_document, means.parse)
    with ExitStack() as stack:
        if means.jobs > 1 and len(keys) > means.jobs:
            pool = stack.enter_context(ProcessPoolExecutor(means.jobs, initializer=_leave_interrupts))
            stack.callback(pool.shutdown, wait=True, cancel_futures=True)
            readings: Iterable[Reading] = pool.map(read_one, work, chunksize=4)
        else:
            readings = map(read_one, work)
        for done, reading in enumerate(readings, 1):
            means.progress("parse", done, len(keys), reading.name)
            yield reading


def _leave_interrupts() -> None:
    """Ctrl-C is the main process's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def read_document(parse: Parse, work: tuple[str, str, bytes]) -> Reading:
    """One document (name, hash, bytes) parsed, ready for the store."""
    name, blob, data = work
    text = unwrap(name, data)
    return encode_reading(name, blob, text, parse(name, text, blob))


def _require_versions(documents: Iterable[HeldDocument], writer: Writer, plan: Plan) -> None:
    kinds = writer.kinds()
    for document in documents:
        if not document.version and not document.bundled and kinds[document.key] not in NEED_NO_VERSION:
            source = plan.sources[document.source]
            single = source.url or source.location.name == document.path
            path = source.where if single else f"{source.where}/{document.path}"
            raise SourceError("no version, and this document needs one", path, f"give one: v6.4.6={source.where}")


def _stamp(sources: Iterable[Source], standing: Iterable[tuple[HeldDocument, bool]]) -> dict[str, str]:
    """What a generation is made of and by: equal stamps, equal generations."""
    held = sorted(
        (d.version, d.path, d.blob, d.label_origin, d.source, d.bundled, d.origin or "", stands)
        for d, stands in standing
    )
    given = [(s.argument, str(s.location), s.version, s.tags) for s in sources]
    return {
        "schema": str(SCHEMA),
        "readers": _code(READ_BY),
        "parsers": _code(PARSED_BY),
        "code": _code(PARSED_BY + INDEXED_BY),
        "content": sha256(json.dumps([given, held]).encode()).hexdigest(),
    }


@cache
def _code(names: tuple[str, ...]) -> str:
    """A hash of these parts of kbase itself: what another code made is made again."""
    digest = sha256()
    for part in (places.PACKAGE / name for name in names):
        for file in [part] if part.is_file() else sorted(part.rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _silent(stage: str, done: int, total: int, what: str) -> None:
    """No progress is wanted."""
