"""One table of what everything costs beside something known: rows from every benchmark, gathered and printed here.

    python tests/bench/ratios.py           # the table of the last measurements, as reStructuredText
    python tests/bench/ratios.py --docs    # the same, written into docs/limits.rst

A benchmark measures both sides in one run, ends with `record(__file__, rows)`, and so has its rows in the table:

    from ratios import Ratio, record
    record(__file__, [Ratio("op page, uncached", ours, bare, unit="ms", beside="a bare Flask page", limit=6)])

`record` prints the rows and keeps them in `build/ratios/<name of the benchmark>.json`, where those of its last run are
replaced. A ratio is ours divided by what it stands beside: less is better, and `limit` is the most that was promised.
"""

import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER, PAGE = ROOT / "build/ratios", ROOT / "docs/limits.rst"
START, END = ".. figures\n", ".. end of figures\n"
HEAD = ("measured", "ours", "beside", "ratio", "limit", "met", "by")
PACKAGES = ("flask", "waitress", "whoosh3", "sphinx", "docutils")


@dataclass(frozen=True, slots=True)
class Ratio:
    """What something costs, beside what something else costs in the same run, both in the same unit.

    `beside` says in words what the other thing is; `limit` is the largest ratio promised, None where none is.
    """

    name: str
    ours: float
    against: float
    unit: str = "ms"
    beside: str = ""
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """Ours divided by what it stands beside; infinite where that is nothing."""
        return self.ours / self.against if self.against else float("inf")

    @property
    def met(self) -> str:
        """Whether the limit is kept; empty where there is none."""
        return "" if self.limit is None else "yes" if self.ratio <= self.limit else "no"

    def cells(self, by: str) -> tuple[str, ...]:
        """The row as printed; `by` is the benchmark that measured it."""
        limit = "" if self.limit is None else f"{self.limit:g}"
        ours, against = (f"{number(value)} {self.unit}" for value in (self.ours, self.against))
        return self.name, ours, f"{self.beside}: {against}", f"{self.ratio:.2f}", limit, self.met, by


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:.{digits}f}"


def record(benchmark: str, rows: Iterable[Ratio]) -> None:
    """Print the rows of a benchmark, given by its file name, and keep them for the one table."""
    kept, name = list(rows), Path(benchmark).stem.removeprefix("bench_")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps([asdict(row) for row in kept], indent=1), "utf-8")
    print(*lines([row.cells(name) for row in kept]), sep="\n", flush=True)


def recorded() -> Iterator[tuple[str, Ratio]]:
    """The rows of all benchmarks that were run, each with the name of its benchmark."""
    for path in sorted(FOLDER.glob("*.json")):
        for row in json.loads(path.read_text("utf-8")):
            yield path.stem, Ratio(**row)


def lines(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """A simple table of reStructuredText."""
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    ruler = "  ".join("=" * width for width in widths)
    head, *body = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in (HEAD, *rows))
    yield from (ruler, head, ruler, *body, ruler)


def machine() -> str:
    """What it was measured on: processor, cores, Python, the packages that count, the day of the oldest figure."""
    cpu = [line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    days = [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in FOLDER.glob("*.json")]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    processor = f"{cpu[0] if cpu else platform.machine()}, {len(os.sched_getaffinity(0))} cores"
    day = f"{min(days):%Y-%m-%d}" if days else ""
    return f"{processor}; Python {platform.python_version()}, {packages}; {day}"


def main() -> int:
    """Print or write the table; the status is 0 whatever it says, as figures are no verdict."""
    rows = [row.cells(name) for name, row in recorded()]
    if not rows:
        print("nothing was measured yet: `make bench`", file=sys.stderr)
        return 2
    table = "\n".join((*lines(rows), "", f"Measured on {machine()}.", ""))
    if "--docs" in sys.argv:
        before, start, rest = PAGE.read_text("utf-8").partition(START)
        PAGE.write_text(f"{before}{start}\n{table}\n{END}{rest.partition(END)[2]}", "utf-8")
    else:
        print(table, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
