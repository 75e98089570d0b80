"""Late documents: ops that a document drops although the kernel had removed them before.

The old version's porting log or the kernel's history proves that. Implementations were ported when the kernel changed,
so a change that only updates the document breaks nothing.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from kbase.diff.changes import Change, ChangeKind, Severity
from kbase.diff.kernel_first import OF_PROTOTYPE
from kbase.kernel.exact_names import core_ops, is_called
from kbase.kernel.successors import renamed_since
from kbase.model.releases import release_of
from kbase.model.states import VersionState
from kbase.model.versions import is_version, parse_version, version_key

NAME = r"(?:(?:->|(?<![\w)])\.)[a-z_]\w*+(?:\(\))?|\b[a-z_]\w*+\(\))"
LIST = rf"{NAME}(?:(?:\s*[,/]\s*(?:and\s+)?|\s+(?:and|or)\s+){NAME}){{0,20}}+"  # no verb follows a part of a list
WHAT = r"(?:\s+(?:\w+[ _])?(?:methods?|callbacks?|operations?|ops?))?"
GONE = re.compile(
    rf"({LIST}){WHAT}(?:,\s+which)?\s+(?:(?:is|are|was|were|ha(?:s|ve|d)\s+been)\s+(?:now\s+|also\s+)?"
    r"(?:gone|removed|dropped|renamed)\b|no\s+longer\s+exists?\b)",
    re.IGNORECASE,
)
GONE_FUNCTION = re.compile(
    r"\b([a-z_]\w*+)(?:\(\))?\s+(?:no\s+longer\s+exists?|(?:is|was|has\s+been)\s+(?:now\s+)?(?:gone|removed))\b",
    re.IGNORECASE,
)
OP = re.compile(r"[a-z_]\w*", re.IGNORECASE)
LEAVES = (ChangeKind.OP_REMOVED, ChangeKind.OP_RENAMED, ChangeKind.OP_MOVED)


def gone_in(text: str) -> frozenset[str]:
    """The ops that a porting entry reports as removed: "read_inode" for "->read_inode() is gone"."""
    return frozenset(name for match in GONE.finditer(text) for name in OP.findall(match[1]) if name != "and")


def functions_gone_in(text: str) -> frozenset[str]:
    """The functions and ops that a porting entry reports as removed, also those without parentheses: "foo is gone"."""
    return gone_in(text) | frozenset(GONE_FUNCTION.findall(text))


def gone_already(state: VersionState, struct: str, op: str) -> str:
    """Where the version's porting log reports the op as removed, as a phrase; empty if it does not."""
    for cited in state.porting:
        if op in cited.record.text and op in gone_in(cited.record.text) and is_called(op, struct, op, core_ops(state)):
            where = f"{cited.path.rpartition('/')[2]}:{cited.line}"
            return f"removed from the kernel before, according to {state.label} {where}"
    return ""


def without_late(changes: Iterable[Change], old: VersionState, decided: Collection[str] = ()) -> Iterator[Change]:
    """The changes, with a lower severity for those that the kernel had made before the old version.

    Of the tables in `decided` headers have shown what the kernel had.
    """
    every = list(changes)
    late = {
        (change.struct, change.op): _why(change, old)
        for change in every
        if change.kind in LEAVES and change.struct not in decided
    }
    for change in every:
        why = late.get((change.struct, change.op), "")
        of_it = change.kind in LEAVES or change.kind.startswith(OF_PROTOTYPE)
        if why and of_it and change.severity is Severity.BREAKING:
            reason = f"{change.reason}; {why}" if change.reason else why
            yield replace(change, severity=Severity.DOCUMENTATION, reason=reason)
        else:
            yield change


def _why(change: Change, old: VersionState) -> str:
    """Why the op was not there any longer, though a document of the old version states it; empty where it was."""
    dotted = change.renamed[0] if change.renamed else f"{change.struct}.{change.op}"
    struct, _, op = dotted.partition(".")
    since = renamed_since(struct, op)
    if since and change.renamed and is_version(old.label):
        version = parse_version(old.label)
        renamed = version_key(release_of(old.label)) >= version_key(since)
        if version.family == "linux" and version.candidate is None and renamed:
            return f"renamed in the kernel already, in {since}"
    return gone_already(old, struct, op)
