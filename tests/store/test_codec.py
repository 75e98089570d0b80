"""Records survive the way to JSON and back."""

import dataclasses
import json
import types
import typing
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.model.records import Evidence, Held, LockRule, Note, NoteKind, Parameter, Prototype, Reading
from kbase.model.words import Mode
from kbase.store import codec

EVIDENCE = Evidence(blob="b" * 64, first=3, last=4)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that a record's field can have."""
    if isinstance(hint, types.UnionType):
        return st.one_of(st.none(), *(values(option) for option in typing.get_args(hint) if option is not type(None)))
    if typing.get_origin(hint) is tuple:
        return st.lists(values(typing.get_args(hint)[0]), max_size=3).map(tuple)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{name: values(each) for name, each in hints.items()})  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return {str: st.text(max_size=20), bool: st.booleans(), int: st.integers(0, 10**6)}[hint]


@pytest.mark.parametrize("kind", list(codec.KINDS.values()), ids=list(codec.KINDS))
def test_every_kind_of_record_comes_back_as_it_was(kind: type) -> None:
    @settings(max_examples=30, deadline=None)
    @given(values(kind))
    def round_trip(record: Any) -> None:
        again = codec.decode(kind.__name__, codec.encode(record), record.evidence)
        assert again == record
        assert type(again) is kind
        assert again.evidence == record.evidence

    round_trip()


def test_only_what_differs_from_the_defaults_is_written() -> None:
    note = Note(struct="inode_operations", ops=("rename",), kind=NoteKind.REMARK, text="see below", evidence=EVIDENCE)
    assert json.loads(codec.encode(note)) == {
        "struct": "inode_operations",
        "ops": ["rename"],
        "kind": "remark",
        "text": "see below",
    }


def test_nested_records_keep_their_types() -> None:
    rule = LockRule(
        struct="inode_operations",
        op="rename",
        lock="i_rwsem(inode)",
        cell="exclusive (both)",
        readings=(Reading(subject="i_rwsem", held=Held.YES, modes=(Mode.EXCLUSIVE,), scope="both"),),
        evidence=EVIDENCE,
    )
    again = codec.decode("LockRule", codec.encode(rule), EVIDENCE)
    assert isinstance(again, LockRule)
    assert again.readings[0].held is Held.YES
    assert again.readings[0].modes == (Mode.EXCLUSIVE,)


def test_a_parameter_without_a_name_stays_without() -> None:
    prototype = Prototype(
        struct="inode_operations",
        op="get_link",
        text="int (*f)(int)",
        raw="int (*f)(int);",
        returns="int",
        parameters=(Parameter(type="int"),),
        evidence=EVIDENCE,
    )
    again = codec.decode("Prototype", codec.encode(prototype), EVIDENCE)
    assert isinstance(again, Prototype)
    assert again.parameters == (Parameter(type="int", name=None),)
