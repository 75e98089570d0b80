"""Coverage-guided fuzzing of the page readers, the parsers and the query language, with atheris.

    python tests/bench/fuzz.py [SECONDS] [FOLDER]

Begins with the short documents of `tests/cases`; inputs that raise, or take more than 25 seconds, are kept in FOLDER
(`build/fuzz` unless said otherwise) and end the run with status 1. The first byte of an input chooses the name that
the document gets.
"""

import contextlib
import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # of `make fuzz`

with atheris.instrument_imports(include=["kbase"]):
    from kbase.errors import QueryError
    from kbase.pages import unwrap
    from kbase.parsers import parse
    from kbase.search.syntax import parse as parse_query

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = (
    *("locking.rst", "Locking", "vfs.rst", "vfs.txt", "porting.rst", "porting", "directory-locking.rst"),
    *("notes/mmap.txt", "commits/a.txt", "summaries/inode_operations.rst", "other.rst", "page.html"),
)
SECONDS, LONGEST = 120, 8192


def one_input(data: bytes) -> None:
    """Read the bytes as a document, and the first of them as a query."""
    if not data:
        return
    name = NAMES[data[0] % len(NAMES)]
    text = unwrap(name, data[1:])
    parsed = parse(name, text, "0" * 64)
    numbers = {line.number for line in text.lines}
    for record in parsed.records:
        lines = record.evidence
        assert lines.first <= lines.last, f"{type(record).__name__} of {lines.first} to {lines.last}"
        assert lines.first in numbers or not text.lines, f"{type(record).__name__} of line {lines.first}"
    with contextlib.suppress(QueryError):
        parse_query(data[1:200].decode("utf-8", "replace"))


def main(seconds: int = SECONDS, folder: Path = ROOT / "build/fuzz") -> None:
    """Fuzz for so many seconds."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(sorted((ROOT / "tests/cases").rglob("*.txt"))):
        (corpus / f"case-{number}").write_bytes(bytes([number % len(NAMES)]) + case.read_bytes()[:LONGEST])
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=25", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/", str(corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*(kind(value) for kind, value in zip((int, Path), sys.argv[1:], strict=False)))
