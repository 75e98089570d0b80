"""Pages as JSON values, and as the JSON schema of their dataclasses."""

from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Json = dict[str, Any]
SIMPLE: dict[Any, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}


def to_json(value: Any) -> Any:
    """A page, or any part of one, as JSON values."""
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, str | int | None):
        return str(value) if isinstance(value, StrEnum) else value
    kind: Any = type(value)
    names = _names(kind)
    return value if names is None else {name: to_json(getattr(value, name)) for name in names}


@cache  # a page of two distant versions has thousands of values of a dozen types
def _names(kind: Any) -> tuple[str, ...] | None:
    """The names of a dataclass's fields; None for any other type."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


def schema(hint: Any, components: dict[str, Json]) -> Json:
    """The JSON schema of a type; dataclasses and enumerations are put into `components` and referred to."""
    if hint in SIMPLE:
        return SIMPLE[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        components.setdefault(hint.__name__, {"type": "string", "enum": [str(member) for member in hint]})
        return _reference(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        if hint.__name__ not in components:
            _component(hint, components)
        return _reference(hint)
    return _compound(hint, components)


def _compound(hint: Any, components: dict[str, Json]) -> Json:
    arguments = get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return {"anyOf": [schema(argument, components) for argument in arguments]}
    if get_origin(hint) is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": schema(arguments[0], components)}
    if get_origin(hint) is tuple:
        items = [schema(argument, components) for argument in arguments]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    raise TypeError(f"no JSON schema for {hint!r}")


def _reference(hint: Any) -> Json:
    return {"$ref": f"#/components/schemas/{hint.__name__}"}


def _component(hint: Any, components: dict[str, Json]) -> None:
    component: Json = {"type": "object", "additionalProperties": False}
    components[hint.__name__] = component
    hints = get_type_hints(hint)
    names = [field.name for field in fields(hint)]
    component["description"] = (hint.__doc__ or "").strip()
    component["properties"] = {name: schema(hints[name], components) for name in names}
    component["required"] = names
