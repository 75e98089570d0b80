"""A page as a table, for CSV and for pages without a layout of their own on the terminal.

`Page.TABLE` describes the table. Its first word is the path of fields to the rows: `groups.uses` is a row for each use
of each group. The words after it are the columns: the name of a field of a dataclass on the path, the outermost that
has it, or `heading=field`; `_` in a heading means a space. Without columns, all fields of the innermost are.
Without a TABLE, the first field of the page that is a tuple of dataclasses, other than links, has the rows; an empty
one says that the page has no table.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

Row = tuple[object, ...]
PLACE = ("version", "path", "line")  # the columns of a field `citation`
NAVIGATION = ("Link", "FacetValue", "Facet", "Stop")  # dataclasses that are no data


def table_of(page: type) -> list[str]:
    """The path to the rows and the columns; empty where the page has no table."""
    given: str | None = page.TABLE  # type: ignore[attr-defined]  # of `Page`
    path, *columns = (next(_candidates(page), "") if given is None else given).split() or [""]
    if not path:
        return []
    kind: Any = page
    for name in path.split("."):
        kind = _item(get_type_hints(kind)[name])
    hints = get_type_hints(kind)
    shown = (name for name in hints if name != "href" and _is_text(_item(hints[name])))
    return [path, *(columns or shown)]


def _candidates(page: type) -> Iterator[str]:
    items = {name: _item(hint) for name, hint in get_type_hints(page).items()}
    return (
        name for name, item in items.items() if is_dataclass(item) and getattr(item, "__name__", "") not in NAVIGATION
    )


def _item(hint: Any) -> Any:
    """The type of the items of a tuple of any length; None for other types."""
    arguments = get_args(hint)
    return arguments[0] if arguments[1:] == (...,) else None


def _is_text(item: Any) -> bool:
    """Whether a value, or an item of a tuple, can be shown in a cell."""
    return not is_dataclass(item) or item.__str__ is not object.__str__


def rows_of(page: Any) -> Iterator[Row]:
    """The table of a page: the headings, then the rows; None is an empty cell."""
    described = table_of(type(page))
    if not described:
        return
    path, *columns = described
    named = [
        (heading.replace("_", " "), name or heading) for heading, _, name in (each.partition("=") for each in columns)
    ]
    yield tuple(part for heading, _ in named for part in (PLACE if heading == "citation" else (heading,)))
    for levels in _walk(page, path.split(".")):
        yield tuple(cell for _, name in named for cell in _cells(levels, name))


def _walk(value: Any, path: list[str]) -> Iterator[tuple[Any, ...]]:
    """The dataclasses on the path from a page to each row, the row last."""
    for each in getattr(value, path[0]):
        if path[1:]:
            yield from ((each, *inner) for inner in _walk(each, path[1:]))
        else:
            yield (each,)


def _cells(levels: tuple[Any, ...], name: str) -> tuple[object, ...]:
    first, *others = name.split(".")
    value = next(getattr(level, first) for level in levels if first in level.__dataclass_fields__)
    for other in others:
        value = getattr(value, other)
    if name == "citation":
        return place(value)
    return (texts(value) if isinstance(value, tuple) else "" if value is None else value,)


def place(citation: Any) -> Row:
    """The cells of a citation: version, path, line."""
    return tuple(getattr(citation, name) for name in PLACE) if citation else ("", "", "")


def texts(values: Iterable[Any]) -> str:
    """Several values in one cell."""
    return "; ".join(" ".join(map(str, value)) if isinstance(value, tuple) else str(value) for value in values)


FORMULA = re.compile(r"[=@\t\r]|[+-](?!>).*[(|!]", re.DOTALL)  # and not `-`, `->open()` or `-EINVAL`


def as_csv(table: Iterable[Row]) -> str:
    """A table as CSV; a cell that a spreadsheet would compute is prefixed with the apostrophe that makes it text."""
    sheet = io.StringIO()
    rows = ([f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in row] for row in table)
    csv.writer(sheet, lineterminator="\r\n").writerows(rows)  # RFC 4180
    return sheet.getvalue()
