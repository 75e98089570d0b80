"""The error for a name that does not exist, with similar names."""

from collections.abc import Iterable

from kbase.errors import UnknownName
from kbase.kernel.near_names import near_names


def missing(what: str, version: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for `name` at a version (empty: at none); its advice has the known names that are similar."""
    names = ", ".join(near_names(name, known))
    advice = f"did you mean {names}?" if names else ""
    return UnknownName(f"no {what}" + (f" in {version}" if version else ""), advice=advice)
