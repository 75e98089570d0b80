"""The places in the code that call an op, as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from kbase.model.call_sites import OpCall, Via
from kbase.pages.parts import external

WORDS = {
    Via.MEMBER: "",
    Via.LOCAL: "through a local variable",
    Via.PARAMETER: "through a parameter",
    Via.OTHER: "through an array, a function or a global variable",
    Via.COPY: "through a copy of the pointer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LockLine:
    """A line about a lock before a call, in the same function."""

    line: int
    text: str  # of the source, or the name and argument of the call where the source is not bundled
    elixir: str | None
    kernel: str | None

    def __str__(self) -> str:
        return f"{self.line} {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerView:
    """A place in the code that calls the op, with its line elsewhere, and the lines about locks before it."""

    function: str
    path: str
    line: int
    via: Via
    how: str  # `via` in words; empty for the usual way
    text: str  # of the source; empty where it is not bundled
    elixir: str | None
    kernel: str | None
    locks: tuple[LockLine, ...]

    def __str__(self) -> str:
        return f"{self.function} {self.path}:{self.line}"


def caller_views(version: str, callers: Iterable[OpCall]) -> tuple[CallerView, ...]:
    """The views of callers, in their order."""
    return tuple(_view(version, caller) for caller in callers)


def _view(version: str, caller: OpCall) -> CallerView:
    elixir, kernel = external(version, caller.path, caller.line)
    locks = [(external(version, caller.path, lock.line), lock) for lock in caller.locks]
    return CallerView(
        function=caller.function,
        path=caller.path,
        line=caller.line,
        via=caller.via,
        how=WORDS[caller.via],
        text=caller.text,
        elixir=elixir,
        kernel=kernel,
        locks=tuple(
            LockLine(line=lock.line, text=lock.text or f"{lock.name}({lock.argument})", elixir=at[0], kernel=at[1])
            for at, lock in locks
        ),
    )
