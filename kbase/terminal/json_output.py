"""The JSON of changes that other programs rely on: these keys, and no others."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from kbase.diff import Change, Gap, entry_severity
from kbase.model.records import PortingEntry
from kbase.model.states import Cited

Json = dict[str, Any]


def with_notes(found: Json, notes: Sequence[str]) -> Json:
    """An answer with the notes about it: that it is about another version than was asked for."""
    return found | {"version_notes": list(notes)} if notes else found


def diff(
    old: str,
    new: str,
    changes: Iterable[Change],
    porting: Iterable[Cited[PortingEntry]] = (),
    gaps: Iterable[Gap] = (),
    left_out: int = 0,
) -> Json:
    """What `kbase diff --json` prints.

    `porting` are the entries of the porting log between the two versions, `gaps` what could not be compared,
    `left_out` how many changes and entries were not chosen.
    """
    return {
        "from": old,
        "to": new,
        "changes": [change_json(change) for change in changes],
        "porting": [_porting(cited, old, new) for cited in porting],
        "not_compared": [asdict(gap) for gap in gaps],
        "left_out": left_out,
    }


def _porting(cited: Cited[PortingEntry], old: str, new: str) -> Json:
    entry, place = cited.record, {"version": cited.document.version, "path": cited.path, "line": cited.line}
    when = {"after": old, "by": new}
    return {
        "slug": entry.slug,
        "tag": entry.tag,
        "severity": entry_severity(entry),
        "text": entry.text,
        **when,
        "ops": list(entry.ops),
        "evidence": [place],
    }


def change_json(change: Change) -> Json:
    """One change."""
    return {
        "kind": change.kind,
        "severity": change.severity,
        "struct": change.struct,
        "op": change.op,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
        "evidence": [{"version": place.version, "path": place.path, "line": place.line} for place in change.evidence],
        "porting": [cited.record.slug for cited in change.porting],
    }
