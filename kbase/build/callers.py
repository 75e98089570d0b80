"""The document of callers of a kernel's code: the ops to look for are those of its headers."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from kbase.kernel.tables import has_tables
from kbase.model.records import Prototype
from kbase.parsers import headers
from kbase.parsers.callers.document import write
from kbase.parsers.callers.scanner import scan
from kbase.text.lines import decode, split_lines

Report = Callable[[int, str], None]


def callers_document(code: Mapping[str, bytes], report: Report = lambda *_: None) -> bytes:
    """The document for the files of one tree, by path; empty if no op is called there.

    `report` is called with the number of files that are done, and the path of the next one.
    """
    functions = scan(code, ops_of(code), report)
    return write(functions).encode() if functions else b""


def ops_of(code: Mapping[str, bytes]) -> dict[str, set[str]]:
    """The ops of each ops table that the headers among the files define."""
    found = defaultdict[str, set[str]](set)
    for path, data in code.items():
        if path.endswith(".h") and has_tables(data):
            for record in headers.parse(path, split_lines(decode(data)), "").records:
                if isinstance(record, Prototype):
                    found[record.struct].add(record.op)
    return found
