"""Pages as JSON values, and the JSON schema of their dataclasses: both by msgspec."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec

Json = dict[str, Any]


def to_json(value: Any) -> Any:
    """A page, or any part of one, as JSON values."""
    return msgspec.to_builtins(value)


def json_text(value: Any) -> str:
    """A page, or any part of one, as JSON in ASCII: no character in it reorders the text around it."""
    return json.dumps(to_json(value), separators=(",", ":"))


def schemas(types: Sequence[Any]) -> tuple[list[Json], dict[str, Json]]:
    """The JSON schema of each type, and the schemas of the dataclasses and enumerations that they refer to.

    A page always has all of its fields, so that all are required, and no others.
    """
    found, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    for component in components.values():
        if "properties" in component:
            component |= {"required": list(component["properties"]), "additionalProperties": False}
    return list(found), components
