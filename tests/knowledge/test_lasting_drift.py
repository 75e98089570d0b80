"""The bundled corpus says since which release a document has been wrong about an op."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.drift import DriftKind


@pytest.fixture(scope="module")
def kb(bundled: Path) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(bundled)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("struct", "op", "kind", "since"),
    [
        ("dentry_operations", "d_prune", DriftKind.MISSING, "3.2"),
        ("dentry_operations", "d_dname", DriftKind.MALFORMED, "2.6.22"),
        ("file_operations", "flush", DriftKind.DIFFERS, "2.6.18"),
        ("inode_operations", "truncate", DriftKind.GONE, "3.8"),
        ("vm_operations_struct", "set_policy", DriftKind.MISSING, "2.6.12 or earlier"),
    ],
)
def test_since_when_a_document_is_wrong(kb: KnowledgeBase, struct: str, op: str, kind: DriftKind, since: str) -> None:
    found = [each for each in kb.drift.of_version("v6.12", struct, op) if each.document == "locking"]
    assert [(each.kind, f"{each.since}{' or earlier' if each.or_earlier else ''}") for each in found] == [(kind, since)]


def test_the_number_of_releases_is_that_of_the_versions_that_have_it(kb: KnowledgeBase) -> None:
    """A stable version has what its release has, and is not counted."""
    line = kb.representatives()
    since = line.index(kb.resolve("2.6.18"))
    having = [label for label in line[since:] if kb.drift.of_version(label, "file_operations", "flush")]
    (flush,) = kb.drift.of_version("v6.12", "file_operations", "flush")
    (stable,) = kb.drift.of_version("v6.12.117", "file_operations", "flush")
    assert flush.releases == stable.releases == having.index("v6.12") + 1 == 96
