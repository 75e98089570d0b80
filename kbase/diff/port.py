"""What becomes of the slots of a user's ops tables in another kernel: pure, from the source and two kernels' tables.

A slot must change where the new kernel does not compile it, or does not call it. What cannot be decided is never `ok`:
its verdict is `unread`, and the reason says why.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kbase.diff.port_types import Fit, Types
from kbase.kernel.successors import moved_to, successor
from kbase.model.port import PortSlot, Verdict
from kbase.model.records import Prototype
from kbase.model.source_code import FunctionHead, SourceSlot
from kbase.parsers.source.conditions import is_compiled
from kbase.parsers.source.kernel_headers import KernelHeaders, Ops
from kbase.parsers.source.reader import SourceCode

NULL = "NULL"
MOST_BESIDE = 1000  # slots within one condition
MOST_ALIASES = 5  # macros that name each other
Name = tuple[str, str]  # of an op: table, op
_ITERATE = ("file_operations", "iterate"), ("file_operations", "iterate_shared")
HINTS = {
    _ITERATE: "the inode's lock is held shared: where the function needs it exclusively, WRAP_DIR_ITER(function) of"
    " linux/fs.h makes shared_function for the slot",
}
Prototypes = tuple[Prototype, ...]


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """One of the two kernels: the prototypes of its ops tables, and its headers where a tree is given.

    Of the tables in `unknown` nothing is known, though the kernel may have them.
    """

    label: str
    version_code: int
    tables: Mapping[str, Ops]
    unknown: frozenset[str] = frozenset()
    headers: KernelHeaders | None = None
    complete: bool = True  # whether what the tables lack, the kernel lacks: documents alone leave out much

    def op(self, name: Name) -> Prototypes:
        """The prototypes of an op; none where its table lacks it."""
        return self.tables.get(name[0], {}).get(name[1], ())

    def declares(self, function: str) -> bool:
        """Whether its headers, if there are any, declare the function or define such a macro."""
        return self.headers is not None and (bool(self.headers.functions(function)) or function in self.headers.macros)


@dataclass(frozen=True, slots=True)
class _Found:
    """A verdict: whether the slot must change, why, the op that took over, the function that was compared."""

    verdict: Verdict
    must: bool
    reason: str
    successor: Name | None = None
    head: FunctionHead | None = None


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Judges slots of a source; `renames` are the ops that have another name or table in the new kernel."""

    source: SourceCode
    old: Kernel
    new: Kernel
    renames: Mapping[Name, Name] = field(default_factory=dict)
    types: Types = field(default_factory=lambda: Types({}))

    def slots(self, slots: Sequence[SourceSlot]) -> list[PortSlot]:
        """The slots that hold ops, judged, in their order.

        Where one branch of a condition holds what fits the new kernel, another branch of it need not change.
        """
        judged = [(slot, found) for slot in slots if (found := self._judged(slot)) is not None]
        fitting = defaultdict[int, list[SourceSlot]](list)  # by the conditions around them
        for slot, found in judged:
            if not found.must and found.verdict is not Verdict.UNREAD:
                for branch in slot.branches:
                    fitting[branch.start].append(slot)
        return [self._reported(slot, _beside(slot, found, fitting)) for slot, found in judged]

    def _reported(self, slot: SourceSlot, found: _Found) -> PortSlot:
        name, head = (slot.struct, slot.op), found.head
        return PortSlot(
            struct=slot.struct,
            op=slot.op,
            table=slot.table,
            function=slot.function or slot.value,
            path=slot.path,
            line=slot.line,
            verdict=found.verdict,
            must=found.must,
            reason=found.reason,
            function_path=head.path if head else None,
            function_line=head.line if head else None,
            old=_text(self.old.op(name)),
            new=_text(self.new.op(found.successor or name)),
            now=head.text if head else None,
            successor=".".join(found.successor) if found.successor else None,
        )

    def _judged(self, slot: SourceSlot) -> _Found | None:
        """The verdict; None for a data member, and for code that neither kernel compiles."""
        name = slot.struct, slot.op
        old, new = self.old.op(name), self.new.op(name)
        if not old and not new and not self._is_function(slot):
            return None
        if is_compiled(slot.branches, self.new.version_code) is False:
            if is_compiled(slot.branches, self.old.version_code) is False:
                return None
            condition = next(b.condition for b in slot.branches if is_compiled([b], self.new.version_code) is False)
            return _Found(Verdict.ALREADY_PORTED, False, f"not compiled for {self.new.label}: #if {condition}")
        if slot.struct in self.new.unknown:
            return _Found(Verdict.UNREAD, False, f"nothing is known of struct {slot.struct} in {self.new.label}")
        if not new and not self.new.complete:
            return _Found(Verdict.UNREAD, False, f"no header of {self.new.label} is known, and no document has the op")
        return self._existing(slot, old, new) if new else self._gone(slot, old)

    def _is_function(self, slot: SourceSlot) -> bool:
        return any(head.is_definition for head in self.source.functions(slot.function, slot.path))

    def _gone(self, slot: SourceSlot, old: Prototypes) -> _Found:
        """The verdict on an op that the new kernel's table lacks."""
        name, (head, *_) = (slot.struct, slot.op), (*self._heads(slot), None)
        where = f"struct {slot.struct} of {self.new.label}"
        if next_name := self.renames.get(name) or self._successor(name):
            verdict = Verdict.OP_RENAMED if next_name[0] == slot.struct else Verdict.OP_MOVED
            target = next_name[1] if verdict is Verdict.OP_RENAMED else ".".join(next_name)
            what = f"{target} replaced it" if next_name not in self.renames.values() else f"it is {target} now"
            reason = "; ".join(filter(None, (f"{where} has no {slot.op}", what, HINTS.get((name, next_name), ""))))
            return _Found(verdict, True, reason, next_name, head)
        if old or self.old.tables.get(slot.struct) is None:
            gone = f"{where} has no {slot.op}" if slot.struct in self.new.tables else f"{self.new.label} has no {where}"
            return _Found(Verdict.OP_REMOVED, True, gone.replace(f" of {self.new.label}", "", 1), None, head)
        return _Found(Verdict.UNKNOWN_OP, True, f"neither {self.old.label} nor {self.new.label} has it", None, head)

    def _successor(self, name: Name) -> Name | None:
        """The op that took over, by the kernel's history; else that of its name which another table has gained."""
        if took := successor(*name, self.new.tables.get(name[0], ())):
            return name[0], took.new
        if moved := moved_to(*name):
            struct, _, op = moved[0].partition(".")
            return (struct, op) if self.new.op((struct, op)) else None
        if not (old := self.old.op(name)):
            return None
        gained = [s for s, ops in self.new.tables.items() if name[1] in ops and not self.old.op((s, name[1]))]
        same = [s for s in gained if self.types.same(old, self.new.op((s, name[1])))]
        return (same[0], name[1]) if len(same) == 1 else None

    def _existing(self, slot: SourceSlot, old: Prototypes, new: Prototypes) -> _Found:
        """The verdict on an op that the new kernel's table has."""
        if slot.function == NULL:
            return _Found(Verdict.OK, False, "no function")
        if not slot.function:
            return _Found(Verdict.UNREAD, False, f"no function is named in {slot.value[:60]}")
        if not (heads := self._heads(slot)):
            return self._of_kernel(self._alias(slot.function), old, new)
        displaced = self.renames.get((slot.struct, slot.op))
        found = [self._compared(head, old, new, displaced) for head in heads]
        return min(found, key=lambda each: (each.must, each.verdict is Verdict.UNREAD))

    def _heads(self, slot: SourceSlot) -> tuple[FunctionHead, ...]:
        """The heads of its function; where there is one, a macro of that name is for another configuration."""
        functions = self.source.functions
        return functions(slot.function, slot.path) or functions(self._alias(slot.function), slot.path)

    def _alias(self, function: str) -> str:
        """The function that a macro of the source without parameters stands for, else the name itself."""
        for _ in range(MOST_ALIASES):
            macro = self.source.macros.get(function)
            if macro is None or macro.parameters is not None or not macro.text.isidentifier():
                break
            function = macro.text
        return function

    def _compared(self, head: FunctionHead, old: Prototypes, new: Prototypes, displaced: Name | None) -> _Found:
        """The verdict on a function of the source; `displaced` is the new name of an op whose name another one has."""
        found, was = self.types.fitting(head, new, old), bool(old) and self.types.same(old, new)
        if found.fit is Fit.YES:
            verdict = Verdict.OK if was or not old else Verdict.ALREADY_PORTED
            return _Found(verdict, False, "" if was else f"it has the prototype of {self.new.label}", None, head)
        if displaced and (reason := self._displaced(head, old, displaced)):
            return _Found(Verdict.OP_RENAMED, True, reason, displaced, head)
        if found.fit is Fit.NO:
            return _Found(Verdict.PROTOTYPE_CHANGED, True, found.reason, displaced, head)
        return _Found(Verdict.UNREAD, False, found.reason, None, head)

    def _displaced(self, head: FunctionHead, old: Prototypes, displaced: Name) -> str:
        """Why a function belongs to the op under its new name, as its prototype is the one of that op then or now."""
        now = self.types.fitting(head, self.new.op(displaced))
        if now.fit is not Fit.YES and self.types.fitting(head, old).fit is not Fit.YES:
            return ""
        return f"it is {displaced[1]} now, and another op has its name{'; ' if now.reason else ''}{now.reason}"

    def _of_kernel(self, function: str, old: Prototypes, new: Prototypes) -> _Found:
        """The verdict on a function that the source does not define: it may be the kernel's."""
        if self.new.headers is None:
            reason = f"{function} is not defined in the source: give the kernel trees to look it up in their headers"
            return _Found(Verdict.UNREAD, False, reason)
        if function == NULL or self.new.headers.macro(function) == NULL:
            return _Found(
                Verdict.OK, False, f"{function} is a macro for no function" if function != NULL else "no function"
            )
        if function in self.new.headers.macros and not self.new.headers.functions(function):
            return _Found(Verdict.OK, False, f"{function} is a macro of {self.new.label}")
        if declared := self.new.headers.functions(function):
            found = [self._compared(head, old, new, None) for head in declared]
            best = min(found, key=lambda each: (each.must, each.verdict is Verdict.UNREAD))
            reason = best.reason if best.must else f"{function} of {self.new.label}; {best.reason}".rstrip("; ")
            verdict = Verdict.OK if best.verdict is Verdict.ALREADY_PORTED else best.verdict
            return replace(best, verdict=verdict, reason=reason)
        if self.old.declares(function) and not self.new.headers.mentions(function):
            return _Found(Verdict.HELPER_REMOVED, True, f"{self.new.label} has no {function}")
        return _Found(
            Verdict.UNREAD, False, f"no declaration of {function} was found, neither in the source nor in the headers"
        )


def _text(prototypes: Iterable[Prototype]) -> str | None:
    return next((each.text for each in prototypes), None)


def _beside(slot: SourceSlot, found: _Found, fitting: Mapping[int, Sequence[SourceSlot]]) -> _Found:
    """The verdict, unless another branch of a condition around the slot fits the new kernel."""
    if not found.must:
        return found
    names = {slot.op, *(found.successor or ())[1:]}
    for other in (each for branch in slot.branches for each in fitting.get(branch.start, ())[:MOST_BESIDE]):
        same = (other.path, other.struct) == (slot.path, slot.struct) and other.op in names
        if same and (branch := next(_alternatives(slot, other), None)):
            reason = f"another branch of the #if has {other.function or other.value}, which fits: #if {branch}"
            return replace(found, verdict=Verdict.ALREADY_PORTED, must=False, reason=reason)
    return found


def _alternatives(one: SourceSlot, other: SourceSlot) -> Iterator[str]:
    """The conditions of branches of the other slot that exclude a branch of the first."""
    for a in one.branches:
        yield from (b.condition for b in other.branches if a.start == b.start and a.number != b.number)
