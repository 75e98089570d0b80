"""Near names, for what is not there."""

from collections.abc import Iterable
from difflib import get_close_matches

from kbase.errors import UnknownName


def near(name: str, names: Iterable[str], count: int = 5) -> tuple[str, ...]:
    """Up to `count` of the names that are like `name`, the most alike first."""
    return tuple(get_close_matches(name[:80], list(dict.fromkeys(names)), count, 0.6))


def missing(what: str, version: str, names: Iterable[str]) -> UnknownName:
    """The error for a name that is not there, with near names in its advice."""
    suggestions = ", ".join(names)
    advice = f"did you mean {suggestions}?" if suggestions else ""
    return UnknownName(f"no {what}" + (f" in {version}" if version else ""), advice=advice)
