"""The statements of a version about every kind of item that the search finds."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from kbase.build.search_documents.ops import table_statements
from kbase.build.search_documents.sections import section_statements
from kbase.build.search_documents.statement import Statement
from kbase.kernel.exact_names import ItemKind, commit_names, note_names, ops_meant, porting_names
from kbase.model import addresses
from kbase.model.records import Commit, DesignNote, Flag, Function, PortingEntry, Steps
from kbase.model.states import Cited, VersionState
from kbase.model.versions import parse_version
from kbase.search.search_document import SearchDocument
from kbase.search.terms import squeeze

TITLE = 90  # characters of an entry of the porting log that are its title


def statements(state: VersionState) -> Iterator[Statement]:
    """Every statement of a version."""
    label = state.label
    yield from table_statements(state)
    for function in state.functions:
        name = function.record.name
        yield _statement(ItemKind.FUNCTION, name, function, addresses.function_address(label, name), _function)
    for flag in state.flags:
        name = flag.record.name
        yield _statement(ItemKind.FLAG, name, flag, addresses.flag_address(label, name), _flag)
    for entry in state.porting:
        slug = entry.record.slug
        yield _statement(ItemKind.PORTING, slug, entry, addresses.porting_address(slug), _porting)
    for steps in state.steps:
        key = f"steps of {steps.record.subject}"
        yield _statement(ItemKind.SECTION, key, steps, addresses.steps_address(label, steps.evidence.last), _steps)
    for note in state.notes:
        slug, family = note.record.slug, parse_version(label).family if label else ""
        yield _statement(ItemKind.NOTE, slug, note, addresses.note_address(slug), partial(_note, family=family))
    for commit in state.commits:
        key = commit.record.key
        yield _statement(ItemKind.COMMIT, key, commit, addresses.commit_address(key), _commit)
    yield from section_statements(state)


def _statement(
    kind: ItemKind, key: str, cited: Cited[Any], url: str, write: Callable[[Any, str], SearchDocument]
) -> Statement:
    """The statement of one record; `write` takes the record and its document's path."""
    return Statement(kind=kind, key=key, cited=(cited,), url=url, write=partial(write, cited.record, cited.path))


def _function(record: Function, path: str) -> SearchDocument:
    return SearchDocument(
        kind=ItemKind.FUNCTION,
        name=record.name,
        title=f"{record.name}()",
        text=f"{record.text}\n{record.group}",
        keys=(record.name,),
        names=record.name,
        documents=(path,),
    )


def _flag(record: Flag, path: str) -> SearchDocument:
    owner = ".".join(filter(None, (record.struct, record.op)))
    return SearchDocument(
        kind=ItemKind.FLAG,
        name=record.name,
        title=f"{record.name} ({owner})" if owner else record.name,
        text=f"{record.text}\n{owner}",
        struct=record.struct,
        op=record.op,
        keys=(record.name,),
        names=record.name,
        structs=(record.struct,) if record.struct else (),
        ops=(record.op,) if record.op else (),
        documents=(path,),
    )


def _porting(record: PortingEntry, path: str) -> SearchDocument:
    first = squeeze(record.text)
    return SearchDocument(
        kind=ItemKind.PORTING,
        name=record.slug,
        title=first if len(first) <= TITLE else first[: TITLE - 1].rsplit(" ", 1)[0] + " …",
        text=record.text,
        chips=(record.tag,) if record.tag else (),
        keys=tuple(name for name in porting_names(record) if name not in record.locks),  # a lock is an item itself
        names=" ".join((*ops_meant(record), *porting_names(record)[1:], ItemKind.PORTING)),
        ops=ops_meant(record),
        documents=(path,),
    )


def _steps(record: Steps, path: str) -> SearchDocument:
    return SearchDocument(
        kind=ItemKind.SECTION,
        name=f"{path}: {record.subject}",
        title=record.subject,
        text="\n".join((*(f"{number}. {step}" for number, step in enumerate(record.steps, 1)), *record.remarks)),
        names=record.subject,
        documents=(path,),
    )


def _note(record: DesignNote, path: str, family: str) -> SearchDocument:
    places = f"{path} {family}".replace("/", " ").replace(".", " ")
    return SearchDocument(
        kind=ItemKind.NOTE,
        name=record.title,
        title=record.title,
        text="\n".join((record.text, *(f"{steps.subject}: {' '.join(steps.steps)}" for steps in record.steps))),
        keys=note_names(record),
        names=f"{record.title} {places} {' '.join(record.functions)}",
        ops=record.ops,
        documents=(path,),
    )


def _commit(record: Commit, path: str) -> SearchDocument:
    trailers = (f"{trailer.key}: {trailer.value}" for trailer in record.trailers)
    people = dict.fromkeys((record.author.name, record.committer.name))
    return SearchDocument(
        kind=ItemKind.COMMIT,
        name=record.sha[:12] or record.key,
        title=record.subject,
        text="\n".join((record.body, *trailers, *people, *record.paths, record.key)),
        chips=(record.author.name,),
        keys=commit_names(record),
        names=f"{record.subject} {ItemKind.COMMIT}",
        documents=(path,),
    )
