"""A call of an op in the code of a kernel, how its ops table is reached, and the calls about locks before it."""

from dataclasses import dataclass
from enum import StrEnum


class Via(StrEnum):
    """How the code that calls an op reaches its ops table."""

    MEMBER = "member"  # of another struct: `inode->i_op->rename(...)`
    LOCAL = "local"  # a local variable
    PARAMETER = "parameter"
    OTHER = "other"  # an array, the result of a function, a global variable
    COPY = "copy"  # the pointer to the op is copied, and called through its copy


@dataclass(frozen=True, slots=True, kw_only=True)
class LockCall:
    """A call of a function that takes, asserts or releases a lock, as the code has it."""

    line: int  # of the file
    name: str
    argument: str
    text: str = ""  # the source line; empty where the source is not to be shown


@dataclass(frozen=True, slots=True, kw_only=True)
class OpCall:
    """A place in the code that calls an op, or copies the pointer to it to where it is called through."""

    struct: str
    op: str
    function: str  # that the place is in
    path: str
    line: int  # of the file
    via: Via
    text: str = ""  # the source line; empty where the source is not to be shown
    locks: tuple[LockCall, ...] = ()  # before it in the same function, in the order of the text
