"""Records as JSON and back, without loss.

A record's body is a JSON object of the fields that differ from their defaults, without `evidence`: its lines have
columns of their own, and its blob belongs to the document.
"""

import dataclasses
import json
import re
import typing
from collections.abc import Callable
from typing import Any

import msgspec

from kbase.model.records import Evidence, Record
from kbase.sources.document_paths import STEERING

STEERING_LETTER = re.compile(f"[{STEERING}]")
KINDS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(Record)}


def encode(record: Record) -> str:
    """The record's body as JSON."""
    fields = _plain(record)
    del fields["evidence"]
    return json.dumps(fields, separators=(",", ":"))


def decode(kind: str, body: str, evidence: Evidence) -> Record:
    """The record of the class named `kind` with the body that `encode` returned."""
    record: Record = msgspec.convert({**msgspec.json.decode(body), "evidence": evidence}, KINDS[kind])
    return record


def _plain(value: object) -> Any:
    """A value without the fields that have their default; msgspec leaves such fields out of its own classes only."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(item)
            for field in dataclasses.fields(value)
            if (item := getattr(value, field.name)) != field.default
        }
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def json_text(value: object, default: Callable[[Any], Any] | None = None, indent: int | None = None) -> str:
    """A value as JSON for people and programs: UTF-8, except characters that change how a terminal shows the rest."""
    text = json.dumps(value, default=default, ensure_ascii=False, indent=indent)
    return STEERING_LETTER.sub(lambda letter: f"\\u{ord(letter[0]):04x}", text)
