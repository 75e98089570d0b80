"""The report of `kbase port`: a source, two versions, and their trees where they are given, put together."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from kbase.diff.changes import Change, ChangeKind, Severity
from kbase.diff.compare import Comparison
from kbase.diff.late_documents import functions_gone_in
from kbase.diff.port import Judge, Kernel, Name
from kbase.diff.port_helpers import helpers, named_helpers
from kbase.diff.port_types import Types
from kbase.diff.release_line import Range
from kbase.kernel.c_signatures import Signature, signature
from kbase.kernel.exact_names import core_ops, is_called, ops_meant
from kbase.kernel.tables import HEADER_TABLES, NOT_SEARCHED
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.port import OpChange, PortHelper, PortReport, PortSlot, Verdict
from kbase.model.records import PortingEntry, Prototype
from kbase.model.source_code import Unread
from kbase.model.states import Cited, OpState, VersionState
from kbase.model.versions import version_key
from kbase.model.witnesses import KERNEL
from kbase.parsers.source.conditions import version_code
from kbase.parsers.source.kernel_headers import KernelHeaders, Ops
from kbase.parsers.source.reader import SourceCode

OF_RULES = ("lock-", "blocking-", "context-", "blanket-")
OF_PROTOTYPES = ("op-", "return-type-", "parameter-", "qualifier-", "attribute-", "condition-", "table-")
COUNTING = (Severity.BREAKING, Severity.BEHAVIOUR)  # of rules that change a contract
CHANGED = (Verdict.PROTOTYPE_CHANGED, Verdict.OP_RENAMED, Verdict.OP_MOVED, Verdict.OP_REMOVED, Verdict.ALREADY_PORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortQuestion:
    """What is asked: the files of a source by path, two versions, the headers of their trees where they are given."""

    source: str  # as the user named it
    files: Mapping[str, bytes]
    old: str
    new: str
    old_headers: Mapping[str, bytes] | None = None
    new_headers: Mapping[str, bytes] | None = None
    skipped: tuple[tuple[str, str], ...] = ()  # files that were not read, and why


def port(kb: KnowledgeBase, asked: PortQuestion) -> PortReport:
    """What must change in the source from the old version to the new one.

    Raises:
        UnknownName: a version is not available.
    """
    return _Port(kb, asked).report()


@dataclass(frozen=True)
class _Port:
    kb: KnowledgeBase
    asked: PortQuestion

    def report(self) -> PortReport:
        """All of it."""
        structs = self._source.structs & (self._old.tables.keys() | self._new.tables.keys() | self._new.unknown)
        slots = self._source.slots(structs)
        names = {slot.function for slot in slots} | {macro.text for macro in self._source.macros.values()}
        self._source.read_functions(names)
        for kernel in (self._old, self._new):
            if kernel.headers is not None:
                kernel.headers.read_functions(names | self._source.called, names)
        judge = Judge(source=self._source, old=self._old, new=self._new, renames=self._renames, types=self._types)
        judged = [self._explained(slot) for slot in judge.slots(slots)]
        return PortReport(
            old=self._old.label,
            new=self._new.label,
            source=self.asked.source,
            slots=tuple(judged),
            helpers=tuple(self._helpers()),
            unread=tuple(sorted(self._unread(structs, judged), key=lambda each: (each.path, each.line))),
            with_trees=self._old.headers is not None and self._new.headers is not None,
            notes=tuple(note for each in (self.asked.old, self.asked.new) if (note := self.kb.interpret(each).note)),
        )

    @cached_property
    def _source(self) -> SourceCode:
        return SourceCode(self.asked.files, version_code(self.kb.resolve(self.asked.new)))

    @cached_property
    def _old(self) -> Kernel:
        return self._kernel(self.asked.old, self.asked.old_headers)

    @cached_property
    def _new(self) -> Kernel:
        return self._kernel(self.asked.new, self.asked.new_headers)

    def _kernel(self, label: str, files: Mapping[str, bytes] | None) -> Kernel:
        """A version: its own tables, of a tree those that the source initialises, too."""
        state = self.kb.state(label)
        tables, headers = _tables(state), None
        if files is not None:
            headers = KernelHeaders(files)
            tables = headers.tables(self._source.structs | tables.keys())
        return Kernel(
            label=state.label,
            version_code=version_code(state.label),
            tables=tables,
            unknown=frozenset() if files is not None else _unknown(state),
            headers=headers,
            complete=files is not None or KERNEL in state.readable,
        )

    @cached_property
    def _types(self) -> Types:
        headers = [kernel.headers.typedefs for kernel in (self._old, self._new) if kernel.headers is not None]
        found = dict[str, str]()
        for typedefs in (*headers, self._source.typedefs):
            found |= typedefs
        return Types(found)

    @cached_property
    def _comparison(self) -> Comparison:
        return self.kb.compare(self._old.label, self._new.label)

    @cached_property
    def _renames(self) -> dict[Name, Name]:
        """The ops that the comparison of the two versions shows under another name or in another table."""
        found = dict[Name, Name]()
        for change in self._comparison.changes:
            old, new = change.renamed or ("", "")
            if change.kind in (ChangeKind.OP_RENAMED, ChangeKind.OP_MOVED) and not change.likely:
                found[_name(old)] = _name(new)
            elif change.kind is ChangeKind.TABLE_RENAMED:
                found |= {(old, op): (new, op) for op in self._old.tables.get(old, {})}
        return {old: new for old, new in found.items() if self._new.op(new)}

    def _explained(self, slot: PortSlot) -> PortSlot:
        """The slot with the changes of its op, its rules, the porting entries and the release."""
        changes, rules = self._changes((slot.struct, slot.op))
        since = self._since((slot.struct, slot.op)) if slot.verdict in CHANGED else None
        found = replace(slot, changes=changes, rules=rules, porting=self._porting(slot), since=since)
        if rules and slot.verdict is Verdict.OK:
            reason = f"the same prototype; {len(rules)} rule{'s' if len(rules) > 1 else ''} about it changed"
            return replace(found, verdict=Verdict.CONTRACT_CHANGED, reason=reason)
        if slot.verdict is Verdict.UNREAD and slot.function_path is None:
            gone = [c for c in self._naming(slot.function) if slot.function in functions_gone_in(c.record.text)]
            if gone:  # what the headers of a tree would show, too
                reason = f"{slot.function} is gone, says the porting log of {self._new.label}"
                return replace(found, verdict=Verdict.HELPER_REMOVED, must=True, reason=reason)
        return found

    @cached_property
    def _changes(self) -> Callable[[Name], tuple[tuple[OpChange, ...], tuple[OpChange, ...]]]:
        return lru_cache(None)(self._changes_of)

    def _changes_of(self, name: Name) -> tuple[tuple[OpChange, ...], tuple[OpChange, ...]]:
        """The changes of an op's prototype and name between the two versions, and those of its rules."""
        about = [each for each in self._comparison.changes if each.touches(*name) or ".".join(name) in each.names]
        rules = [each for each in about if each.kind.startswith(OF_RULES) and each.severity in COUNTING]
        changes = [each for each in about if each.kind.startswith(OF_PROTOTYPES)]
        return tuple(map(_op_change, changes)), tuple(map(_op_change, rules))

    def _porting(self, slot: PortSlot) -> tuple[Cited[PortingEntry], ...]:
        """The entries between the two versions that name the op, or the kernel's function in the slot."""
        named = self._naming(slot.function) if slot.function_path is None else ()
        core = self._core
        return tuple(
            cited
            for cited in self._comparison.porting
            if cited in named or any(is_called(op, slot.struct, slot.op, core) for op in ops_meant(cited.record))
        )

    @cached_property
    def _core(self) -> frozenset[str]:
        return core_ops(self.kb.state(self._old.label)) | core_ops(self.kb.state(self._new.label))

    def _naming(self, function: str) -> tuple[Cited[PortingEntry], ...]:
        """The entries between the two versions that name a function or macro."""
        return tuple(c for c in self._comparison.porting if function in (*c.record.functions, *c.record.macros))

    @cached_property
    def _since(self) -> Callable[[Name], str | None]:
        return lru_cache(None)(self._first_release)

    def _first_release(self, name: Name) -> str | None:
        """The first release after the old version whose header has another prototype of an op, or none.

        None where it is not known, or several releases are possible.
        """
        old, new = version_key(self._old.label), version_key(self._new.label)
        line = [label for label in self.kb.labels() if old <= version_key(label) <= new]
        before, states = self._old.label, self.kb.op_states(*name)
        first = _signatures(states.get(before))
        for label in (each for each in line if each in self._with_headers):
            if _signatures(states.get(label)) != first:
                return Range(before, label).release
            before = label
        return None

    @cached_property
    def _with_headers(self) -> frozenset[str]:
        return frozenset(self.kb.having(KERNEL))

    def _helpers(self) -> Iterator[PortHelper]:
        """The calls of the kernel's functions that changed, by the trees; else those that the porting log names."""
        if self._old.headers is not None and self._new.headers is not None:
            found = helpers(self._source, self._old, self._new, self._types)
            yield from (replace(each, porting=self._naming(each.function)) for each in found)
        else:
            named = {name for cited in self._comparison.porting for name in cited.record.functions}
            yield from named_helpers(self._source, {name: self._naming(name) for name in named})

    def _unread(self, structs: Iterable[str], judged: Iterable[PortSlot]) -> Iterator[Unread]:
        """What could not be read of the source or decided."""
        ops = {struct: set(ops) for kernel in (self._old, self._new) for struct, ops in kernel.tables.items()}
        yield from (Unread(path=path, line=1, why=why) for path, why in self.asked.skipped)
        yield from self._source.binary
        yield from self._source.not_expanded
        yield from self._source.problems(frozenset(structs))
        yield from self._source.assigned(ops)
        for slot in judged:
            if slot.verdict is Verdict.UNREAD:
                yield Unread(path=slot.path, line=slot.line, why=f"{slot.dotted}: {slot.reason}")


def _tables(state: VersionState) -> dict[str, Ops]:
    """The ops tables of a version: those of its headers, or else those of its documents."""
    has_headers = KERNEL in state.readable
    found: dict[str, Ops] = {}
    for table in state.tables:
        ops = {op.name: _prototypes(op, headers=has_headers) for op in table.ops}
        if stated := {op: each for op, each in ops.items() if each}:
            found[table.name] = stated
    return found


def _prototypes(op: OpState, *, headers: bool) -> tuple[Prototype, ...]:
    return tuple(c.record for c in op.prototypes if not headers or c.document.kind is KERNEL)


def _unknown(state: VersionState) -> frozenset[str]:
    """The tables that the headers of the bundled corpus say nothing of."""
    found = (c.record.message for c in state.diagnostics if c.record.code == NOT_SEARCHED)
    return frozenset(word for message in found for word in message.split() if word in HEADER_TABLES)


def _signatures(op: OpState | None) -> frozenset[Signature]:
    """The signatures of an op in the headers of a version; none where it lacks the op."""
    return frozenset(signature(each) for each in _prototypes(op, headers=True)) if op else frozenset()


def _op_change(change: Change) -> OpChange:
    place = change.evidence[-1] if change.evidence else None
    return OpChange(
        kind=change.kind, severity=change.severity, before=change.before, after=change.after, reason=change.reason,
        path=place.path if place else "", line=place.line if place else 0, version=place.version if place else "",
    )  # fmt: skip


def _name(dotted: str) -> Name:
    struct, _, op = dotted.partition(".")
    return struct, op
