"""Headers beside documents: they decide which ops there are and what a change means; documents follow."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kbase.diff.changes import Change, Severity
from kbase.diff.comparability import describe_gaps
from kbase.diff.compare import diff
from kbase.diff.release_line import Witness
from kbase.model.states import VersionState
from tests.conftest import ReadVersion, WriteDocument
from tests.diff.compared import gaps
from tests.diff.histories import history

OPEN, SOW = "int (*open)(struct inode *);", "int (*sow)(struct inode *, int);"
SOW_NOW = "int (*sow)(struct inode *, long);"
Version = Callable[..., VersionState]


@pytest.fixture
def version(read_version: ReadVersion, write_document: WriteDocument) -> Version:
    """A version whose header and vfs document list these ops; None: it has none."""

    def make(label: str, header: list[str] | None, vfs: list[str] | None) -> VersionState:
        files = write_document("vfs", *vfs) if vfs else {}
        if header is not None:
            members = "".join(f"\t{member}\n" for member in header)
            files |= {"include/linux/fs.h": f"struct inode_operations {{\n{members}}};\n"}
        return read_version(label, files)

    return make


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str, str]]:
    return [(change.kind, change.severity, change.op or "", change.reason) for change in changes if change.op]


def test_a_header_that_changes_is_breaking(version: Version) -> None:
    old, new = version("v1.0", [OPEN, SOW], [OPEN, SOW]), version("v1.1", [OPEN, SOW_NOW], [OPEN, SOW])
    assert told(diff(old, new)) == [
        ("parameter-retyped", "breaking", "sow", "parameter 2; vfs.rst still has the old one")
    ]


def test_a_document_that_said_it_before_makes_it_no_less_breaking(version: Version) -> None:
    old, new = version("v1.0", [SOW], [SOW_NOW]), version("v1.1", [SOW_NOW], [SOW_NOW])
    assert told(diff(old, new)) == [("parameter-retyped", "breaking", "sow", "parameter 2")]


def test_a_document_that_follows_is_documentation(version: Version) -> None:
    old, new = version("v1.0", [SOW_NOW], [SOW]), version("v1.1", [SOW_NOW], [SOW_NOW])
    [(kind, severity, _, reason)] = told(diff(old, new))
    assert (kind, severity) == ("parameter-retyped", "documentation")
    assert reason.endswith("the document follows the kernel")


def test_a_document_that_says_something_else_is_documentation(version: Version) -> None:
    old, new = version("v1.0", [SOW], [SOW]), version("v1.1", [SOW], [SOW_NOW])
    [(_, severity, _, reason)] = told(diff(old, new))
    assert severity == "documentation"
    assert reason.endswith("the header is the same in both versions")


def test_an_op_that_only_the_header_loses_is_removed(version: Version) -> None:
    old, new = version("v1.0", [OPEN, SOW], [OPEN, SOW]), version("v1.1", [OPEN], [OPEN, SOW])
    assert told(diff(old, new)) == [("op-removed", "breaking", "sow", "vfs.rst still states it")]
    assert told(diff(new, old)) == [("op-added", "documentation", "sow", "vfs.rst stated it before")]


def test_an_op_that_the_kernel_had_lost_is_dropped_without_harm(version: Version) -> None:
    old, new = version("v1.1", [OPEN], [OPEN, SOW]), version("v1.2", [OPEN], [OPEN])
    [(kind, severity, _, reason)] = told(diff(old, new))
    assert (kind, severity) == ("op-removed", "documentation")
    assert reason.endswith("no header of either version has it")


def test_an_op_that_only_headers_have_is_an_op(version: Version) -> None:
    old, new = version("v1.0", [OPEN], [OPEN]), version("v1.1", [OPEN, SOW], [OPEN])
    assert told(diff(old, new)) == [("op-added", "documentation", "sow", "stated by fs.h")]
    assert told(diff(new, old)) == [("op-removed", "breaking", "sow", "stated by fs.h")]


def test_a_renamed_op_is_found_though_a_document_still_has_the_old_name(version: Version) -> None:
    page, folio = "int (*readpage)(struct file *, struct page *);", "int (*read_folio)(struct file *, struct folio *);"
    old, new = version("v1.0", [OPEN, page], [OPEN, page]), version("v1.1", [OPEN, folio], [OPEN, page])
    kinds = {(kind, severity, op) for kind, severity, op, _ in told(diff(old, new))}
    assert ("op-renamed", "breaking", "read_folio") in kinds
    assert ("op-added", "documentation", "readpage") in kinds


def test_without_headers_of_both_the_documents_are_compared(version: Version) -> None:
    old, new = version("v1.0", None, [OPEN, SOW]), version("v1.1", [OPEN], [OPEN])
    assert [(kind, severity) for kind, severity, *_ in told(diff(old, new))] == [("op-removed", "breaking")]
    assert "v1.0: header, locking" in describe_gaps(gaps(old, new))[0]


def test_a_loose_header_says_nothing_of_other_ops(read_version: ReadVersion, version: Version) -> None:
    whole = version("v1.0", [OPEN, SOW], None)
    part = read_version("v1.1", {"fs.h": f"struct inode_operations {{ {SOW_NOW} }};\n"})
    assert [(change.kind, change.op) for change in diff(whole, part)] == [("parameter-retyped", "sow")]


def test_the_header_dates_an_op_that_documents_learn_of_late(version: Version) -> None:
    states = [
        version("v1.0", [OPEN], [OPEN]),
        version("v1.1", [OPEN, SOW], [OPEN]),
        version("v1.2", [OPEN, SOW], [OPEN, SOW]),
        version("v1.3", [OPEN], [OPEN, SOW]),
        version("v1.4", [OPEN], [OPEN]),
    ]
    found = history(states, "inode_operations", "sow")
    [span] = found.spans
    assert (span.since.after, span.since.by, span.since.witness) == ("v1.0", "v1.1", Witness.HEADER)
    assert span.removed is not None
    assert (span.removed.by, span.removed.witness) == ("v1.3", Witness.HEADER)
    assert (span.added, span.removal) == ("added after v1.0, by v1.1", "removed after v1.2, by v1.3")
    breaking = [(e.range.by, c.kind) for e in found.events for c in e.changes if c.severity is Severity.BREAKING]
    assert breaking == [("v1.3", "op-removed")]


def test_documents_date_what_they_say_where_a_version_has_no_headers(version: Version) -> None:
    states = [version("v1.0", None, [OPEN]), version("v1.1", None, [OPEN, SOW]), version("v1.2", [OPEN], [OPEN, SOW])]
    [span] = history(states, "inode_operations", "sow").spans
    assert span.added == "documented after v1.0, by v1.1"
    assert span.removal == "removed from the documents after v1.1, by v1.2"


def test_the_lines_of_the_header_prove_its_changes(version: Version) -> None:
    old, new = version("v1.0", [OPEN, SOW], [OPEN, SOW]), version("v1.1", [OPEN, SOW_NOW], [OPEN, SOW])
    [change] = diff(old, new)
    assert {(Path(place.path).name, place.line) for place in change.evidence} == {("fs.h", 3)}


PARTIAL = "/* not searched: inode_operations sysfs_ops */\nstruct seq_operations {\n\tint (*show)(void);\n};\n"
WHOLE = PARTIAL.partition("\n")[2] + "struct inode_operations {\n\tint (*sow)(struct inode *, int);\n};\n"
EARLY = PARTIAL.partition("\n")[2]


def headers(read_version: ReadVersion, label: str, text: str) -> VersionState:
    return read_version(label, {"include/linux/fs.h": text})


def test_a_table_that_was_not_searched_for_is_not_removed(read_version: ReadVersion) -> None:
    old, part = headers(read_version, "v1.0", WHOLE), headers(read_version, "v1.1", PARTIAL)
    assert diff(old, part) == ()
    assert diff(part, old) == ()
    assert "nothing is known of inode_operations" in str([str(gap) for gap in gaps(old, part)])
    assert "table-removed" in {change.kind for change in diff(old, headers(read_version, "v1.2", EARLY))}


def test_a_version_that_was_not_searched_dates_nothing(read_version: ReadVersion) -> None:
    texts = {"v1.0": EARLY, "v1.1": PARTIAL, "v1.2": WHOLE, "v1.3": PARTIAL, "v1.4": WHOLE}
    states = [headers(read_version, label, text) for label, text in texts.items()]
    [span] = history(states, "inode_operations", "sow").spans
    assert (span.since.after, span.since.by, span.removed) == ("v1.0", "v1.2", None)


def test_leases_have_a_table_of_their_own_since_v6_9(read_version: ReadVersion) -> None:
    notify, lock, lease = (
        "void (*lm_notify)(struct file_lock *);",
        "bool (*lm_break)(struct file_lock *);",
        "bool (*lm_break)(struct file_lease *);",
    )
    old = headers(read_version, "v6.8", f"struct lock_manager_operations {{ {notify} {lock} }};\n")
    new = f"struct lock_manager_operations {{ {notify} }};\nstruct lease_manager_operations {{ {lease} }};\n"
    changes = told(diff(old, headers(read_version, "v6.9", new)))
    assert ("op-moved", "breaking", "lm_break") in {change[:3] for change in changes}
