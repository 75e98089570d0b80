"""Records as JSON and back, without loss, whatever their fields are.

A record's body is a JSON object of the fields that differ from their defaults, without `evidence`: the store keeps
its lines in columns of their own and its blob with the document. Enums are their text, tuples are lists.
"""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any

from kbase.model.records import Evidence, Record
from kbase.sources.document_paths import STEERING

STEERING_LETTER = re.compile(f"[{STEERING}]")
KINDS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(Record)}


def encode(record: Record) -> str:
    """The record's body as JSON."""
    fields = _plain(record)
    del fields["evidence"]
    return json.dumps(fields, separators=(",", ":"))


def json_text(value: object, default: Callable[[Any], Any] | None = None, indent: int | None = None) -> str:
    """A value as JSON for people and programs: UTF-8, but what would change how a terminal shows it is escaped."""
    text = json.dumps(value, default=default, ensure_ascii=False, indent=indent)
    return STEERING_LETTER.sub(lambda letter: f"\\u{ord(letter[0]):04x}", text)


def decode(kind: str, body: str, evidence: Evidence) -> Record:
    """The record of the class named `kind` whose body `encode` gave."""
    record: Record = _reader(KINDS[kind])({**json.loads(body), "evidence": evidence})
    return record


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(item)
            for field in dataclasses.fields(value)
            if (item := getattr(value, field.name)) != field.default
        }
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """A function from parsed JSON to a value of the type `hint`."""
    if isinstance(hint, types.UnionType):  # X | None
        inner = _reader(next(option for option in typing.get_args(hint) if option is not type(None)))
        return lambda value: None if value is None else inner(value)
    if typing.get_origin(hint) is tuple:
        item = _reader(typing.get_args(hint)[0])
        return lambda value: tuple(map(item, value))
    if hint is Evidence:  # given as it is for a record, as an object for a record within one
        return lambda value: value if isinstance(value, Evidence) else Evidence(**value)
    if dataclasses.is_dataclass(hint):
        return _dataclass_reader(typing.cast(type, hint))
    return hint if isinstance(hint, type) and issubclass(hint, StrEnum) else _same


def _dataclass_reader(kind: type) -> Callable[[dict[str, Any]], Any]:
    hints = typing.get_type_hints(kind)
    readers = {name: reader for name, hint in hints.items() if (reader := _reader(hint)) is not _same}

    def read(fields: dict[str, Any]) -> Any:
        for name in fields.keys() & readers.keys():
            fields[name] = readers[name](fields[name])
        return kind(**fields)

    return read


def _same(value: Any) -> Any:
    return value
