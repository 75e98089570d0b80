"""What a version states about everything that can be found: its ops and locks, and what other documents are about."""

from collections.abc import Iterator

from kbase.kernel.exact_names import commit_names, note_names
from kbase.model import addresses
from kbase.model.records import Commit, DesignNote, Flag, Function, PortingEntry, Steps
from kbase.model.states import Cited, VersionState
from kbase.model.versions import parse_version
from kbase.search.ops import table_statements
from kbase.search.results import HitKind
from kbase.search.search_document import SearchDocument, Statement, statement
from kbase.search.sections import section_statements
from kbase.search.terms import squeeze

TITLE = 90  # characters of an entry of the porting log that stand for its title


def statements(state: VersionState) -> Iterator[Statement]:
    """Every statement of a version."""
    yield from table_statements(state)
    yield from (_function(state, cited) for cited in state.functions)
    yield from (_flag(state, cited) for cited in state.flags)
    yield from (_porting(cited) for cited in state.porting)
    yield from (_steps(state, cited) for cited in state.steps)
    yield from (_note(state, cited) for cited in state.notes)
    yield from (_commit(cited) for cited in state.commits)
    yield from section_statements(state)


def _function(state: VersionState, cited: Cited[Function]) -> Statement:
    record = cited.record

    def write() -> SearchDocument:
        return SearchDocument(
            kind=HitKind.FUNCTION,
            name=record.name,
            title=f"{record.name}()",
            text=f"{record.text}\n{record.group}",
            keys=(record.name,),
            names=record.name,
            documents=(cited.path,),
        )

    url = addresses.function_address(state.label, record.name)
    return statement(HitKind.FUNCTION, record.name, (cited,), url, write)


def _flag(state: VersionState, cited: Cited[Flag]) -> Statement:
    record = cited.record
    owner = ".".join(filter(None, (record.struct, record.op)))

    def write() -> SearchDocument:
        return SearchDocument(
            kind=HitKind.FLAG,
            name=record.name,
            title=f"{record.name} ({owner})" if owner else record.name,
            text=f"{record.text}\n{owner}",
            struct=record.struct,
            op=record.op,
            keys=(record.name,),
            names=record.name,
            structs=(record.struct,) if record.struct else (),
            ops=(record.op,) if record.op else (),
            documents=(cited.path,),
        )

    return statement(HitKind.FLAG, record.name, (cited,), addresses.flag_address(state.label, record.name), write)


def _porting(cited: Cited[PortingEntry]) -> Statement:
    record = cited.record

    def write() -> SearchDocument:
        first = squeeze(record.text)
        return SearchDocument(
            kind=HitKind.PORTING,
            name=record.slug,
            title=first if len(first) <= TITLE else first[: TITLE - 1].rsplit(" ", 1)[0] + " …",
            text=record.text,
            chips=(record.tag,) if record.tag else (),
            keys=(record.slug,),
            names=" ".join((*record.ops, *record.functions, HitKind.PORTING)),
            ops=record.ops,
            documents=(cited.path,),
        )

    return statement(HitKind.PORTING, record.slug, (cited,), addresses.porting_address(record.slug), write)


def _steps(state: VersionState, cited: Cited[Steps]) -> Statement:
    record = cited.record

    def write() -> SearchDocument:
        return SearchDocument(
            kind=HitKind.SECTION,
            name=f"{cited.path}: {record.subject}",
            title=record.subject,
            text="\n".join(f"{number}. {step}" for number, step in enumerate(record.steps, 1)),
            names=record.subject,
            documents=(cited.path,),
        )

    url = addresses.steps_address(state.label, cited.line)
    return statement(HitKind.SECTION, f"steps of {record.subject}", (cited,), url, write)


def _note(state: VersionState, cited: Cited[DesignNote]) -> Statement:
    record, family = cited.record, parse_version(state.label).family if state.label else ""

    def write() -> SearchDocument:
        places = f"{cited.path} {family}".replace("/", " ").replace(".", " ")
        return SearchDocument(
            kind=HitKind.NOTE,
            name=record.title,
            title=record.title,
            text="\n".join((record.text, *(f"{steps.subject}: {' '.join(steps.steps)}" for steps in record.steps))),
            keys=note_names(record),
            names=f"{record.title} {places} {' '.join(record.functions)}",
            ops=record.ops,
            documents=(cited.path,),
        )

    return statement(HitKind.NOTE, record.slug, (cited,), addresses.note_address(record.slug), write)


def _commit(cited: Cited[Commit]) -> Statement:
    record = cited.record

    def write() -> SearchDocument:
        trailers = (f"{trailer.key}: {trailer.value}" for trailer in record.trailers)
        people = dict.fromkeys((record.author.name, record.committer.name))
        return SearchDocument(
            kind=HitKind.COMMIT,
            name=record.sha[:12] or record.key,
            title=record.subject,
            text="\n".join((record.body, *trailers, *people, *record.paths, record.key)),
            chips=(record.author.name,),
            keys=commit_names(record),
            names=f"{record.subject} {HitKind.COMMIT}",
            documents=(cited.path,),
        )

    return statement(HitKind.COMMIT, record.key, (cited,), addresses.commit_address(record.key), write)
