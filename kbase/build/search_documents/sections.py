"""The sections of documents: one entry for a section wherever its file moves and however it is cut."""

from collections.abc import Iterator

from kbase.build.search_documents.statement import Statement
from kbase.kernel.exact_names import ItemKind
from kbase.model import addresses
from kbase.model.records import Section
from kbase.model.states import Cited, VersionState
from kbase.search.search_document import SearchDocument
from kbase.search.words import words

EVERYWHERE = {"00-index", "authors", "changelog", "changes", "index", "readme", "todo"}  # files of many folders


def section_statements(state: VersionState) -> Iterator[Statement]:
    """The sections, identified by file and title, whatever the file's format and folder; pieces of one are one.

    The title above is part of it only where a file has two sections of one title: titles of whole documents change.
    """
    folders: dict[str, set[str]] = {}
    titles: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for cited in state.sections:
        folders.setdefault(_file(cited.path), set()).add(cited.path.rsplit(".", 1)[0])
        titles.setdefault((cited.path, _last(cited)), set()).add(cited.record.titles)
    for cited in state.sections:
        alone = len(titles[cited.path, _last(cited)]) == 1
        title = _last(cited) if alone else " > ".join(" ".join(words(each)) for each in cited.record.titles[-2:])
        file = _file(cited.path)
        moves = len(folders[file]) == 1 and file not in EVERYWHERE
        yield _section(state, cited, f"{file if moves else cited.path.rsplit('.', 1)[0]}: {title}")


def _file(path: str) -> str:
    """The name of a file, without folder, ending and case: files move and change their format."""
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()


def _last(cited: Cited[Section]) -> str:
    return " ".join(words(cited.record.titles[-1])) if cited.record.titles else ""


def _section(state: VersionState, cited: Cited[Section], key: str) -> Statement:
    record, file = cited.record, cited.path.rsplit("/", 1)[-1]
    title = " > ".join(record.titles) or file

    def write() -> SearchDocument:
        return SearchDocument(
            kind=ItemKind.SECTION,
            name=f"{cited.path}: {title}",
            title=title,
            text=record.text,
            keys=tuple(last for last in record.titles[-1:] if " " in last),
            names=" ".join((*record.titles[-1:], file.split(".")[0])),
            documents=(cited.path,),
        )

    url = addresses.document_address(state.label, cited.path, cited.line)
    return Statement(kind=ItemKind.SECTION, key=key, cited=(cited,), url=url, write=write)
