"""What is read of a user's own C code: the slots of its ops tables, its functions, and what could not be read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One branch of an `#if`: where the condition starts, which of its branches it is, when it is compiled."""

    start: int
    number: int
    condition: str  # as C: of `#else` the opposite of the one before
    before: tuple[str, ...] = ()  # the conditions of the branches before


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSlot:
    """What an initializer puts into one member of an ops table.

    `function` is the name without casts and wrappers, "NULL" for none; `value` is the whole expression.
    """

    struct: str
    op: str
    table: str  # the variable; empty for a compound literal
    function: str
    value: str
    path: str
    line: int
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionHead:
    """A function as it is defined or declared: what it returns and its parameters, as C text."""

    name: str
    returns: str
    parameters: str
    path: str
    line: int
    is_definition: bool = True
    branches: tuple[Branch, ...] = ()

    @property
    def text(self) -> str:
        """Its prototype in one line."""
        return " ".join(f"{self.returns} {self.name}({self.parameters})".replace("* ", "*").split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """A macro: the names of its parameters, None for one without, and its text."""

    name: str
    parameters: tuple[str, ...] | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What could not be read of the source, and why."""

    path: str
    line: int
    why: str
