"""Coverage-guided fuzzing with atheris, a target at a time; `make fuzz` runs all of them.

    python tests/bench/fuzz.py TARGET [SECONDS] [FOLDER]

    parsers   the page readers, the parsers and the query language; the first byte of an input chooses the name that
              the document gets
    archives  tar archives in every packing; see `fuzz_sources`
    git       tree objects of git
    patterns  every regular expression of kbase: the first two bytes of an input choose one, the next two a piece
              of what it matches; the rest is searched, alone and behind the piece, up to 30,000 characters in all;
              more than 5 seconds are a hang

Begins with the target's seeds, such as the short documents of `tests/parsers/cases`. Inputs that raise, or take longer
than the target grants, are written to FOLDER (`build/fuzz/TARGET` unless said otherwise) and end the run with status 1.
A new target is a function of bytes, with seeds, in `TARGETS`, and its name in the Makefile.
"""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # of `make fuzz`

with atheris.instrument_imports(include=["kbase"]):
    import fuzz_sources

    from kbase.errors import QueryError
    from kbase.parsers import parse
    from kbase.search.syntax import parse as parse_query
    from kbase.text.saved_pages import unwrap

from hangs import runs
from patterns import patterns
from pumps import Pumps

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = (
    *("locking.rst", "Locking", "vfs.rst", "vfs.txt", "porting.rst", "porting", "directory-locking.rst"),
    *("notes/mmap.txt", "commits/a.txt", "summaries/inode_operations.rst", "other.rst", "page.html"),
)
SECONDS, LONGEST = 120, 8192
REPEATED = 30_000  # characters of a text for a pattern
USES = tuple(patterns())


@dataclass(frozen=True)
class Target:
    """What reads an input, the inputs to begin with, the seconds that one may take, and the MB of the process."""

    read: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    seconds: int = 25
    memory: int = 2048


def read_document(data: bytes) -> None:
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


def documents() -> Iterator[bytes]:
    """The short documents of the tests, each with a name."""
    for number, case in enumerate(sorted((ROOT / "tests/parsers/cases").rglob("*.txt"))):
        yield bytes([number % len(NAMES)]) + case.read_bytes()[:LONGEST]


@cache
def pieces(number: int) -> list[tuple[str, str, str]]:
    """What is repeated for a pattern, with what comes before and behind it."""
    return list(Pumps(USES[number].pattern).pieces())


def run_pattern(data: bytes) -> None:
    """Run one pattern on the text as it is, and on a piece of the pattern and the text, many times over."""
    number, chosen = int.from_bytes(data[:2]) % len(USES), int.from_bytes(data[2:4])
    text = data[4:].decode("utf-8", "replace")
    found = pieces(number)
    start, word, end = found[chosen % len(found)] if found else ("", "a", "")
    for _, run in runs(USES[number]):
        run(text)
        run(start + (word + text) * (REPEATED // len(word + text)) + end)


TARGETS = {
    "parsers": Target(read_document, documents),
    "archives": Target(fuzz_sources.read_packed, fuzz_sources.archives, memory=600),
    "git": Target(fuzz_sources.read_trees, fuzz_sources.trees),
    "patterns": Target(run_pattern, tuple, seconds=5),
}


def main(name: str, seconds: int = SECONDS, folder: Path | None = None) -> None:
    """Fuzz one target for so many seconds."""
    target, folder = TARGETS[name], folder or ROOT / "build/fuzz" / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}"]
    limits += [f"-timeout={target.seconds}", f"-rss_limit_mb={target.memory}"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/", str(corpus)], target.read)
    atheris.Fuzz()


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: fuzz.py TARGET [SECONDS] [FOLDER], TARGET being one of {', '.join(TARGETS)}")
    main(*(kind(value) for kind, value in zip((str, int, Path), sys.argv[1:], strict=False)))
