"""What must change in a user's own C code from one kernel version to another: the report of `kbase port`."""

from dataclasses import dataclass

from kbase.model.records import PortingEntry
from kbase.model.source_code import Unread
from kbase.model.states import Cited
from kbase.model.words import Word


class Verdict(Word):
    """What becomes of the function in a slot."""

    OK = "ok"
    PROTOTYPE_CHANGED = "prototype-changed"
    OP_RENAMED = "op-renamed"  # or replaced by another op of the table
    OP_MOVED = "op-moved"  # to another ops table
    OP_REMOVED = "op-removed"
    HELPER_REMOVED = "helper-removed"  # the function is the kernel's, and the new kernel does not declare it
    ALREADY_PORTED = "already-ported"  # it has the new prototype, or is compiled for older kernels only
    UNKNOWN_OP = "unknown-op"  # neither kernel's table has such a member
    CONTRACT_CHANGED = "contract-changed"  # the same prototype, another lock rule
    UNREAD = "unread"  # it could not be compared: nothing is known of the function


class HelperVerdict(Word):
    """What became of a function of the kernel that the source calls."""

    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpChange:
    """A change of an op between the two versions, as `kbase diff` reports it."""

    kind: str
    severity: str
    before: str | None
    after: str | None
    reason: str
    path: str = ""  # of the newest evidence
    line: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSlot:
    """A slot of an ops table in the source, and what must be done about it."""

    struct: str
    op: str
    table: str
    function: str
    path: str
    line: int
    verdict: Verdict
    must: bool
    reason: str
    function_path: str | None = None
    function_line: int | None = None
    old: str | None = None  # the prototype of the op in the old kernel
    new: str | None = None  # in the new one; of its successor where it has one
    now: str | None = None  # the function's, in the source
    changes: tuple[OpChange, ...] = ()
    rules: tuple[OpChange, ...] = ()
    porting: tuple[Cited[PortingEntry], ...] = ()
    successor: str | None = None  # with its table
    since: str | None = None  # the release of the change

    @property
    def dotted(self) -> str:
        """`inode_operations.rename`."""
        return f"{self.struct}.{self.op}"

    @property
    def matters(self) -> bool:
        """Whether it must change, or is called under other rules."""
        return self.must or self.verdict is Verdict.CONTRACT_CHANGED

    @property
    def wanted(self) -> str | None:
        """The prototype that the function must have: that of the op, with the function's name."""
        op = self.successor.rpartition(".")[2] if self.successor else self.op
        return self.new.replace(f"(*{op})", self.function, 1) if self.new and self.function.isidentifier() else self.new

    @property
    def key(self) -> str:
        """The line that accepts it: `prototype-changed inode_operations.create ext2_create`."""
        return f"{self.verdict} {self.dotted} {self.function}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortHelper:
    """A call of a function that the new kernel declares otherwise, or no longer."""

    function: str
    path: str
    line: int
    verdict: HelperVerdict
    old: str | None
    new: str | None
    porting: tuple[Cited[PortingEntry], ...] = ()

    @property
    def key(self) -> str:
        """The line that accepts it: `helper-gone d_make_root`."""
        return f"helper-{self.verdict} {self.function}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortReport:
    """All of it, sorted by path and line."""

    old: str  # the versions, by their labels
    new: str
    source: str
    slots: tuple[PortSlot, ...]
    helpers: tuple[PortHelper, ...]
    unread: tuple[Unread, ...]
    notes: tuple[str, ...] = ()  # where another version than was asked for is compared
    with_trees: bool = False  # whether the headers of both kernels were read for the kernel's functions
    accepted: int = 0  # findings that were left out because they were accepted
    stale: tuple[str, ...] = ()  # accepted findings that do not occur

    @property
    def musts(self) -> tuple[PortSlot, ...]:
        """The slots that must change."""
        return tuple(slot for slot in self.slots if slot.must)

    @property
    def exit_status(self) -> int:
        """2 where the source has no ops table; 1 where a slot must change or a function changed; else 0."""
        return 2 if not self.slots and not self.accepted else 1 if self.musts or self.helpers else 0
