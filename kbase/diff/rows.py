"""Changes as rows of a database and back: the form in which a build stores them for histories."""

import json
from collections.abc import Mapping
from typing import Any

from kbase.diff.changes import CHANGE_KINDS, Change, Severity
from kbase.diff.fact import Place
from kbase.model.records import PortingEntry
from kbase.model.states import Cited
from kbase.model.witnesses import DocumentKind

Row = tuple[Any, ...]


def change_row(change: Change, old: str, new: str) -> Row:
    """A change between two versions in the columns of `difference`, from `kind` on."""
    more = {
        "subject": change.subject,
        "renamed": change.renamed,
        "documents": change.documents,
        "porting": [cited.record.slug for cited in change.porting],
        "evidence": [(place.version, place.path, place.line) for place in change.evidence],
    }
    first = {place.version: (place.path, place.line) for place in reversed(change.evidence)}
    first_columns = (change.kind.value, change.severity.value, change.struct, change.op, change.path)
    texts = (change.before, change.after, change.reason, change.likely)
    return *first_columns, *texts, *first.get(old, (None, None)), *first.get(new, (None, None)), json.dumps(more)


def slugs_of(row: Row) -> list[str]:
    """The addresses of the porting entries that the change of a row carries."""
    slugs: list[str] = json.loads(row[-1])["porting"]
    return slugs


def row_change(row: Row, porting: Mapping[str, Cited[PortingEntry]]) -> Change:
    """The change of a row, without its statements; `porting` has the entries that it carries by their addresses."""
    kind, severity, struct, op, before, after, reason, likely, text = row
    more = json.loads(text)
    return Change(
        kind=CHANGE_KINDS[kind],
        severity=Severity(severity),
        struct=struct,
        op=op,
        subject=more["subject"],
        before=before,
        after=after,
        reason=reason,
        likely=bool(likely),
        renamed=more["renamed"] and tuple(more["renamed"]),
        documents=tuple(map(DocumentKind, more["documents"])),
        evidence=tuple(Place(version=version, path=path, line=line) for version, path, line in more["evidence"]),
        porting=tuple(porting[slug] for slug in more["porting"] if slug in porting),
    )
