"""The kernel first: where both versions have headers, they decide which ops there are and what their prototypes are.

What only documents change is documentation: they follow the kernel late, or say something else than it does. Ops that
a document states long after the kernel removed them are thus no breaking change when the document drops them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kbase.diff.changes import Change, ChangeKind, Severity
from kbase.diff.comparable import ComparableVersion, VersionFacts
from kbase.diff.fact import OpName
from kbase.diff.facts import SignatureFact, files_of
from kbase.diff.prototypes import SEVERITIES
from kbase.diff.renames import Rename
from kbase.diff.truncated_documents import Truncation
from kbase.kernel.tables import HEADER_TABLES
from kbase.model.witnesses import KERNEL

OF_PROTOTYPE = ("parameter-", "return-type-", "qualifier-", "attribute-", "condition-")
WHOLE = {
    ChangeKind.STATEMENT_ADDED: (ChangeKind.OP_ADDED, ChangeKind.TABLE_ADDED),
    ChangeKind.STATEMENT_REMOVED: (ChangeKind.OP_REMOVED, ChangeKind.TABLE_REMOVED),
}
OF_WHOLE = frozenset(kind for pair in WHOLE.values() for kind in pair) | {ChangeKind.TABLE_RENAMED}


def decided_tables(old: ComparableVersion, new: ComparableVersion, truncated: Iterable[Truncation]) -> frozenset[str]:
    """The ops tables that the headers of both versions decide about; none where one has no headers."""
    both = all(KERNEL in each.speaking - each.state.excerpts for each in (old, new))
    unknown = {struct for each in truncated if each.document is KERNEL for struct in each.incomplete}
    return HEADER_TABLES - unknown if both else frozenset()


def interface(facts: VersionFacts, decided: frozenset[str]) -> VersionFacts:
    """The facts without the ops of decided tables that no header has."""
    ops = {name: of for name, of in facts.ops.items() if name[0] not in decided or KERNEL in of.stated}
    return VersionFacts(ops, facts.others) if decided else facts


def kernel_first(
    changes: Iterable[Change],
    old: VersionFacts,
    new: VersionFacts,
    renames: Sequence[Rename],
    decided: frozenset[str],
) -> Iterator[Change]:
    """The changes as the kernel sees them: what its headers change is as severe as its kind, the rest documentation."""
    former = {rename.new: rename.old for rename in renames}
    for change in changes:
        if change.struct not in decided:
            yield change
            continue
        name = change.struct, change.op or ""
        sides = (old, former.get(name, name)), (new, name)
        if change.renamed:  # found among what headers have
            yield replace(change, documents=(KERNEL,))
        elif KERNEL in change.documents:
            yield _of_kernel(change, sides)
        elif change.kind in OF_WHOLE or change.kind.startswith(OF_PROTOTYPE):
            why = _why(change, sides)
            severity = max(change.severity, Severity.DOCUMENTATION, key=SEVERITIES.index)
            yield replace(change, severity=severity, reason="; ".join(filter(None, (change.reason, why))))
        else:
            yield change


Sides = tuple[tuple[VersionFacts, OpName], tuple[VersionFacts, OpName]]


def _of_kernel(change: Change, sides: Sides) -> Change:
    """The change of a header: that the kernel has the op or table now, or has it no more, whatever documents state."""
    adds = change.kind is ChangeKind.STATEMENT_ADDED
    if change.kind not in WHOLE or _has(*sides[0 if adds else 1]):
        return change
    facts, name = sides[1] if not adds else sides[0]
    stating = facts.ops[name].evident if change.op and name in facts.ops else ()
    kind = WHOLE[change.kind][0 if change.op else 1]
    several = len({fact.file for fact in stating}) > 1
    verb = "stated it before" if adds else "still state it" if several else "still states it"
    reason = f"{files_of(stating)} {verb}" if stating else change.reason
    return replace(change, kind=kind, severity=kind.severity, reason=reason)


def _has(facts: VersionFacts, name: OpName) -> bool:
    """Whether the headers of a version have the op, or the table where no op is named."""
    if not name[1]:
        return KERNEL in facts.tables.get(name[0], ())
    return name in facts.ops and KERNEL in facts.ops[name].stated


def _why(change: Change, sides: Sides) -> str:
    """Why a change of documents is none of the kernel."""
    before, after = (_has(*side) for side in sides)
    if not (before and after):
        return "no header of either version has it" if not (before or after) else ""
    if not change.op:
        return ""
    facts, name = sides[1]
    headers = facts.ops[name].signatures.get(KERNEL, ())
    follows = any(_is_same(fact, header) for fact in change.added for header in headers)
    return "the document follows the kernel" if follows else "the header is the same in both versions"


def _is_same(fact: object, header: SignatureFact) -> bool:
    return isinstance(fact, SignatureFact) and (fact.returns, fact.types) == (header.returns, header.types)
