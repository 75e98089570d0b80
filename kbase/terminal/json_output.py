"""The JSON of changes that other programs rely on: these keys, and no others."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kbase.diff.changes import Change, Severity, entry_severity
from kbase.model.git_commits import ChangeCommit
from kbase.model.records import PortingEntry
from kbase.model.states import Cited
from kbase.pages.parts import commit_url

if TYPE_CHECKING:  # both bring what compares versions, which a history need not wait for
    from kbase.diff.porting import EntryChange
    from kbase.terminal.change_selection import Comparison

Json = dict[str, Any]


def comparison_json(found: "Comparison") -> Json:
    """What `kbase diff --json` prints."""
    return {
        "from": found.old,
        "to": found.new,
        "changes": [change_json(change) for change in found.changes],
        "porting": [_porting(cited, found) for cited in found.porting],
        "porting_changed": [_log_change(change) for change in found.log],
        "not_compared": [asdict(gap) for gap in found.gaps],
        "left_out": found.left_out,
    }


def _porting(cited: Cited[PortingEntry], found: "Comparison") -> Json:
    entry, line = cited.record, {"version": cited.document.version, "path": cited.path, "line": cited.line}
    return {
        "slug": entry.slug,
        "tag": entry.tag,
        "severity": entry_severity(entry),
        "text": entry.text,
        "after": found.old,
        "by": found.new,
        "ops": list(entry.ops),
        "evidence": [line],
    }


def _log_change(change: "EntryChange") -> Json:
    before, after = change.before.record, change.after.record if change.after else None
    stated = [cited for cited in (change.before, change.after) if cited is not None]
    return {
        "slug": change.shown.record.slug,
        "tag": change.shown.record.tag,
        "severity": Severity.DOCUMENTATION,
        "reason": change.reason,
        "before": before.text,
        "after": after.text if after else None,
        "ops": list(change.shown.record.ops),
        "evidence": [{"version": c.document.version, "path": c.path, "line": c.line} for c in stated],
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


def commit_json(commit: ChangeCommit) -> Json:
    """A commit that touched what proves a change."""
    url = commit_url(commit.hash, commit.version)
    return {"commit": commit.hash, "date": commit.date, "subject": commit.subject, "url": url}
