"""Drift on the terminal: the choice of versions and of a name, one line for each disagreement, and its JSON."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kbase.diff.drift import LISTING, not_compared
from kbase.errors import UnknownName
from kbase.kernel.exact_names import ItemKind
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.drift import Drift
from kbase.model.witnesses import KERNEL
from kbase.pages.parts import plural
from kbase.terminal.lookup import chosen_item, unknown, versions_meant
from kbase.terminal.printer import Printer, bold

ADVICE = "give the kernel tree: kbase build {}=TREE"
FINDINGS, NOT_COMPARED = 1, 2  # exit statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDrift:
    """The drift of one version, of all tables or of one table or op, and what could not be compared."""

    version: str
    found: tuple[Drift, ...]
    tables: tuple[str, ...]  # that were compared
    gaps: tuple[str, ...]

    def exit_status(self, *, findings: bool) -> int:
        """2 where nothing could be compared; 1 for a disagreement, if `findings` are to be reported so; else 0."""
        return 0 if self.tables and not (findings and self.found) else FINDINGS if self.tables else NOT_COMPARED


def find_drift(kb: KnowledgeBase, name: str | None, versions: Sequence[str]) -> tuple[VersionDrift, ...]:
    """The drift of the versions, or else of the newest that can be compared; of one table or op where one is named.

    Raises:
        UnknownName: a version or the name is not available, or no version can be compared.
        AmbiguousName: several ops have the name.
    """
    labels, _ = versions_meant(kb, versions)
    struct, _, op = (_named(kb, name) if name else "").partition(".")
    return tuple(_of_version(kb, label, struct, op) for label in labels or [_newest(kb)])


def _newest(kb: KnowledgeBase) -> str:
    documented = frozenset(kb.having(*LISTING))
    newest = next((label for label in kb.having(KERNEL) if label in documented), None)
    if newest is None:
        raise UnknownName("no version has both headers and documents", advice="give a kernel tree: kbase build TREE")
    return newest


def _named(kb: KnowledgeBase, name: str) -> str:
    """The full name of the table or op that is meant."""
    items = [item for item in kb.find(name) if item.kind in (ItemKind.OP, ItemKind.STRUCT)]
    if not items:
        raise unknown(kb, name, "no op or ops table")
    return chosen_item(kb, name, items).name


def _of_version(kb: KnowledgeBase, label: str, struct: str, op: str) -> VersionDrift:
    tables, gaps = kb.drift.compared(label), not_compared(kb.state(label))
    if not tables:
        gaps = (f"{', '.join(gaps) or 'no ops table in a document and a header'}; {ADVICE.format(label)}",)
    elif struct and struct not in tables:
        gaps = (*gaps, f"not compared: {struct} is not in both a header and a document's list of ops")
    chosen = tuple(table for table in tables if struct in ("", table))
    return VersionDrift(version=label, found=kb.drift.of_version(label, struct, op), tables=chosen, gaps=gaps)


def drift_json(found: Iterable[Drift]) -> list[dict[str, Any]]:
    """What `kbase drift --json` prints: these keys, and no others."""
    return [_item(each) for each in found]


def _item(found: Drift) -> dict[str, Any]:
    return {
        "version": found.version,
        "struct": found.struct,
        "op": found.op,
        "document": found.document,
        "kind": found.kind,
        "documented": found.documented,
        "header": found.header,
        "now_in": list(found.now_in) or None,
        "path": found.path,
        "line": None if found.documented is None else found.line,
        "header_path": None if found.header is None else found.header_path,
        "header_line": None if found.header is None else found.header_line,
        "since": found.since,
        "or_earlier": found.or_earlier,
        "releases": found.releases,
    }


def show_drift(found: Sequence[VersionDrift], out: Printer) -> None:
    """A line for each disagreement, version by version: both lines, what is wrong, and for how long."""
    for version in found:
        for each in version.found:
            out.line(
                f"{each.path}:{each.line}: ",
                bold(each.dotted),
                f" {each.statement} ({each.header_path}:{each.header_line}); {each.duration}",
            )
        if version.tables:
            out.heading(version.version, _counted(version))


def _counted(version: VersionDrift) -> str:
    kinds = Counter(str(each.kind) for each in version.found)
    compared = f"in {plural(len(version.tables), 'ops table')} compared"
    counted = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    return f"{plural(len(version.found), 'disagreement')} {compared}{f': {counted}' if counted else ''}"


def complain_of_gaps(found: Iterable[VersionDrift]) -> None:
    """Say on standard error what could not be compared, and what to do about it."""
    for each in found:
        for gap in each.gaps:
            Printer(sys.stderr).line(f"{'' if each.tables else 'kbase: '}{each.version}: {gap}")
