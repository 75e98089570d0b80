"""The changes that `kbase diff` shows: of one ops table or op, of a minimum severity, not accepted before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from kbase.diff.change_filter import ChangeFilter, changes_about
from kbase.diff.changes import Change, ChangeKind
from kbase.diff.comparability import Gap, describe_gaps
from kbase.diff.porting import EntryChange, entries_about, log_changes_about
from kbase.errors import AmbiguousName, SourceError, UnknownName
from kbase.kernel.exact_names import ItemKind, core_ops
from kbase.kernel.near_names import near_names
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.records import PortingEntry
from kbase.model.states import Cited
from kbase.pages.changes import lock_meant

LARGEST_ACCEPTED = 1 << 20  # characters; a change takes a line
FED = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/", "/dev/null")  # `--accepted <(grep ...)` names one of them
EXAMPLE = "write KIND PATH: op-removed file_operations.iterate"
FINDINGS, UNREADABLE = 1, 2  # exit statuses under --exit-code


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The selected changes between two versions, and what could not be compared."""

    old: str
    new: str
    notes: tuple[str, ...]  # where another version than was asked for is compared
    changes: tuple[Change, ...]
    gaps: tuple[Gap, ...]
    left_out: int  # changes and entries of the porting log that the choice of severity, lock or end left out
    accepted: int  # changes left out because they were accepted
    stale: tuple[str, ...]  # accepted changes that do not occur
    porting: tuple[Cited[PortingEntry], ...]  # entries of the porting log between the two, of the minimum severity
    log: tuple[EntryChange, ...]  # entries of it that were reworded or removed

    @property
    def unattached(self) -> tuple[Cited[PortingEntry], ...]:
        """The entries of the porting log that are attached to no change shown."""
        attached = {cited.record.slug for change in self.changes for cited in change.porting}
        return tuple(cited for cited in self.porting if cited.record.slug not in attached)

    @property
    def exit_status(self) -> int:
        """2 where a document could not be read, 1 where there is a change, else 0."""
        found = self.changes or self.unattached or self.log
        return UNREADABLE if any(gap.unreadable for gap in self.gaps) else FINDINGS if found else 0


def compare(
    kb: KnowledgeBase,
    old: str,
    new: str,
    name: str | None = None,
    severity: str | None = None,
    accepted: Path | None = None,
    lock: str | None = None,
    only: str | None = None,
) -> Comparison:
    """The changes from `old` to `new` about `name` (STRUCT, STRUCT.OP or OP), of at least this `severity`.

    With `lock` (any of its names) only changes of rules about it; with `only` only additions or removals.

    Raises:
        UnknownName: a version is not available, neither version has the name, or no rule is about the lock.
        AmbiguousName: several ops have it.
        SourceError: the file of accepted changes cannot be read.
    """
    meant = [kb.interpret(label) for label in (old, new)]
    old, new = (each.label for each in meant)
    known = read_accepted(accepted) if accepted else ()
    compared = kb.compare(old, new)
    changes, entries, log = compared.changes, compared.porting, compared.log
    keys = {key(change) for change in changes}
    if name:
        struct, _, op = _named(kb, old, new, name).partition(".")
        changes = changes_about(changes, struct, op or None)
        core = core_ops(kb.state(old)) | core_ops(kb.state(new))
        entries, log = entries_about(entries, changes, struct, op, core), log_changes_about(log, struct, op, core)
    lock = lock_meant(kb, lock, changes) if lock else None
    wanted = ChangeFilter.of({"severity": severity, "lock": lock, "only": only})
    chosen, porting, shown_log = wanted.changes(changes), wanted.entries(entries), wanted.log(log)
    remaining = tuple(change for change in chosen if key(change) not in known)
    return Comparison(
        old=old,
        new=new,
        notes=tuple(each.note for each in meant if each.note),
        changes=remaining,
        gaps=compared.gaps,
        left_out=len(changes) - len(chosen) + len(entries) - len(porting) + len(log) - len(shown_log),
        accepted=len(chosen) - len(remaining),
        stale=tuple(line for line in known if line not in keys),
        porting=porting,
        log=shown_log,
    )


def _named(kb: KnowledgeBase, old: str, new: str, name: str) -> str:
    """The ops table or op that is meant, as changes name it; an op's table may be left out where only one has it."""
    names = {known for label in (old, new) for known in (*kb.state(label).by_name, *kb.state(label).ops)}
    items = kb.find(name)
    found = [name] if name in names else [item.name for item in items if item.name in names]
    if len(found) > 1:
        raise AmbiguousName("the name is ambiguous", repr(name), "give one of these in full", candidates=tuple(found))
    if found:
        return found[0]
    if any(item.kind == ItemKind.LOCK for item in items):
        raise UnknownName("is a lock", repr(name), f"its changed rules are shown by --lock {name}")
    hint = ", ".join(near_names(name, names))
    raise UnknownName(f"neither {old} nor {new} has it", repr(name), f"did you mean {hint}?" if hint else "")


def key(change: Change) -> str:
    """The line that accepts a change: `parameter-added inode_operations.create`."""
    return f"{change.kind} {change.path}".rstrip()


def read_accepted(file: Path, kinds: Collection[str] = tuple(ChangeKind), example: str = EXAMPLE) -> tuple[str, ...]:
    """The accepted changes of a file: `KIND PATH` a line, as Markdown and text output name them; `#` begins a comment.

    Raises:
        SourceError: it cannot be read, or a line does not begin with one of the kinds.
    """
    if file.exists() and not file.is_file() and not str(file).startswith(FED):  # a FIFO might never end, or never begin
        raise SourceError("not a regular file", str(file), "give a text file")
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(LARGEST_ACCEPTED + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SourceError(f"cannot be read: {reason}", str(file), "give a text file") from error
    if len(text) > LARGEST_ACCEPTED:
        raise SourceError(f"longer than {LARGEST_ACCEPTED} characters", str(file), "give a list of changes")
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words and words[0] not in kinds:
            raise SourceError(
                f"no kind of change: {words[0][:40]}",
                f"{file}:{number}",
                example,
            )
        if words:
            found.append(" ".join(words))
    return tuple(found)


def remarks(found: Comparison) -> Sequence[str]:
    """Remarks about the comparison itself, for standard error."""
    lines = [*found.notes, *(f"not compared: {gap}" for gap in describe_gaps(found.gaps))]
    lines += [f"{found.accepted} accepted changes left out"] if found.accepted else []
    return [*lines, *(f"accepted, and does not occur: {line}" for line in found.stale)]
