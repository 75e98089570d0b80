"""The error for a name that does not exist."""

from collections.abc import Iterable

from kbase.errors import UnknownName


def missing(what: str, version: str, names: Iterable[str]) -> UnknownName:
    """The error for a name that is not there, with near names in its advice."""
    suggestions = ", ".join(names)
    advice = f"did you mean {suggestions}?" if suggestions else ""
    return UnknownName(f"no {what}" + (f" in {version}" if version else ""), advice=advice)
