"""Pages as JSON values, and the JSON schema of their dataclasses: both by msgspec."""

from collections.abc import Sequence
from typing import Any

import msgspec

Json = dict[str, Any]


def to_json(value: Any) -> Any:
    """A page, or any part of one, as JSON values."""
    return msgspec.to_builtins(value)


def json_bytes(value: Any) -> bytes:
    """A page, or any part of one, as JSON."""
    return msgspec.json.encode(value)


def schemas(types: Sequence[Any]) -> tuple[list[Json], dict[str, Json]]:
    """The JSON schema of each type, and the schemas of the dataclasses and enumerations that they refer to.

    A page always has all of its fields, so that all are required, and no others.
    """
    found, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    for component in components.values():
        if "properties" in component:
            component |= {"required": list(component["properties"]), "additionalProperties": False}
    return list(found), components
