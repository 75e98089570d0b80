"""Search results on a terminal."""

import io

from kbase.search.results import Hit, SearchResults
from kbase.terminal.printer import Printer
from kbase.terminal.search_results import show_results


def test_a_hit_without_a_snippet_has_no_empty_line() -> None:
    names = ("proc_ops.proc_ioctl", "proc_ops.proc_open")
    hits = tuple(
        Hit(kind="op", name=name, title=name, versions=("5.6 to 7.1",), prototype="int (*op)(void)", snippet="")
        for name in names
    )
    stream = io.StringIO()
    show_results(SearchResults(query="proc", total=2, hits=hits), Printer(stream))
    assert stream.getvalue() == "".join(f"{name}  op  5.6 to 7.1\n    int (*op)(void)\n" for name in names)
