"""The locks that rules of any version are about, read with SQL."""

from kbase.kernel.locks import is_gone
from kbase.store.versioned_records import Rows

LOCK_OPS = """
    SELECT DISTINCT subject, struct, name FROM lock JOIN record USING (reading, seq)
    WHERE name IS NOT NULL AND reading IN (SELECT reading FROM document WHERE active)
"""
LOCK_VERSIONS = """
    SELECT DISTINCT subject, version FROM (SELECT DISTINCT subject, reading FROM lock) JOIN document USING (reading)
    WHERE active ORDER BY subject
"""
WRITTEN = """
    SELECT subject, version, written FROM (
        SELECT subject, reading, json_extract(body, '$.lock') AS written, min(seq) AS first
        FROM lock JOIN record USING (reading, seq) WHERE kind = 'LockRule' GROUP BY subject, reading, written
    ) JOIN document USING (reading) WHERE active ORDER BY path, first
"""


def locks(rows: Rows) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The dotted ops that have a rule about each lock, and the versions with such rules; `rows` runs a query."""
    ops, versions = dict[str, list[str]](), dict[str, list[str]]()
    for subject, struct, name in rows(LOCK_OPS, ()):
        ops.setdefault(subject, []).append(f"{struct}.{name}")
    for subject, version in rows(LOCK_VERSIONS, ()):
        if not is_gone(subject, version):
            versions.setdefault(subject, []).append(version)
    return {subject: (tuple(sorted(ops.get(subject, ()))), tuple(having)) for subject, having in versions.items()}


def written_locks(rows: Rows) -> dict[str, dict[str, list[str]]]:
    """The headers of the rules about each lock, by version."""
    found: dict[str, dict[str, list[str]]] = {}
    for subject, version, written in rows(WRITTEN, ()):
        found.setdefault(subject, {}).setdefault(version, []).append(written)
    return found
