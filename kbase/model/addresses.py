"""The permanent addresses of versions, ops and documents: pure functions, used by web, search and reference."""

import re
from urllib.parse import quote, urlencode

PLAIN = re.compile(r"[\w.-]*", re.ASCII)  # most names: `quote` takes ten times as long, and a page has a hundred


def _part(text: str) -> str:
    return text if PLAIN.fullmatch(text) else quote(text, safe="~:@!$,=+.-_")


def quoted_path(text: str) -> str:
    """A path as a part of an address, whatever characters it has."""
    return quote(text, safe="/~:@!$,=+.-_")


def version_address(version: str) -> str:
    """`/v/v6.4.6/`."""
    return f"/v/{_part(version)}/"


def table_address(version: str, struct: str) -> str:
    """`/v/v6.4.6/inode_operations/`."""
    return f"/v/{_part(version)}/{_part(struct)}/"


def member_address(version: str, struct: str, member: str) -> str:
    """A data member is shown on its table's page."""
    return f"{table_address(version, struct)}#{_part(member)}"


def op_address(version: str, struct: str, op: str) -> str:
    """`/v/v6.4.6/inode_operations/rename/`."""
    return f"/v/{_part(version)}/{_part(struct)}/{_part(op)}/"


def lock_address(subject: str) -> str:
    """`/locks/i_rwsem/`."""
    return f"/locks/{_part(subject)}/"


def history_address(struct: str, op: str) -> str:
    """`/history/inode_operations.rename/`."""
    return f"/history/{_part(struct)}.{_part(op)}/"


def lock_history_address(subject: str) -> str:
    """`/history/lock/i_rwsem/`."""
    return f"/history/lock/{_part(subject)}/"


def table_history_address(struct: str) -> str:
    """`/history/inode_operations/`."""
    return f"/history/{_part(struct)}/"


def diff_address(old: str, new: str, struct: str | None = None) -> str:
    """`/diff/v5.4..v6.4.6/`, or one ops table of it."""
    tail = f"{_part(struct)}/" if struct else ""
    return f"/diff/{_part(old)}..{_part(new)}/{tail}"


def function_address(version: str, name: str) -> str:
    return f"/v/{_part(version)}/functions/{_part(name)}/"


def flag_address(version: str, name: str) -> str:
    return f"/v/{_part(version)}/flags/{_part(name)}/"


def steps_address(version: str, line: int | None = None) -> str:
    """`/v/v6.4.6/directory-locking/`, or the class of operation that ends at a line."""
    return f"/v/{_part(version)}/directory-locking/" + (f"#{steps_anchor(line)}" if line else "")


def steps_anchor(line: int) -> str:
    """The anchor of a class of operation on the page of directory-locking."""
    return f"from-{line}"


def lock_order_address(version: str) -> str:
    """`/v/v6.12/lock-order/`."""
    return f"/v/{_part(version)}/lock-order/"


def drift_address(version: str) -> str:
    """`/v/v6.12/drift/`."""
    return f"/v/{_part(version)}/drift/"


def drift_index_address() -> str:
    return "/drift/"


def table_drift_address(struct: str) -> str:
    """`/drift/inode_operations/`: in all versions."""
    return f"/drift/{_part(struct)}/"


def porting_address(slug: str) -> str:
    return f"/porting/{_part(slug)}/"


def porting_log_address(name: str) -> str:
    """`/porting/?name=setattr_prepare`: the entries that name it."""
    return f"/porting/?{urlencode({'name': name})}"


def note_address(slug: str) -> str:
    return f"/notes/{_part(slug)}/"


def commit_address(sha: str) -> str:
    return f"/commits/{_part(sha)}/"


def document_address(version: str, path: str, line: int | None = None) -> str:
    """`/doc/v6.4.6/Documentation/filesystems/locking.rst#L96`; `-` if it has no version."""
    anchor = f"#L{line}" if line else ""
    return f"/doc/{_part(version) or '-'}/{quoted_path(path)}{anchor}"
