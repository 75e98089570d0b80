"""The generated reference beside plain Sphinx projects of the same pages, in the same run; and that of all versions.

    python tests/bench/bench_reference.py [ROUNDS]

Ours is all of `kbase reference`, for the versions that it covers by default: opening the database, writing the sources,
Sphinx with `-j 1`. The plain projects (see `plain_pages`) have as many pages of the same size and are built by Sphinx
with the same theme and options, and with the reference's sidebar; `typed` has furo's own, which makes a build of this
many pages several times as long, and is built once. Processor time of all processes; the projects take turns, and of
each the quickest build counts.

All versions of the bundled corpus are built once by each builder, from scratch. A warning of Sphinx ends the benchmark,
as it fails `kbase reference`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from clock import spent
from plain_pages import write_projects
from ratios import Ratio, record

from kbase import places
from kbase.reference import BUILDERS
from kbase.reference.sphinx_process import EPOCH

LIMIT = 1.3
PERMITTED = 300  # seconds that a builder may take for all versions
BESIDE = {
    "light": "the same pages typed by hand, the same sidebar",
    "prose": "the same text as nothing but paragraphs, the same sidebar",
    "typed": "the same pages typed by hand, furo's own sidebar",
}
KERNEL = "v7.1.5/Documentation/filesystems/locking.rst"
CELL = ("lookup:\t\tshared", "lookup:\t\texclusive")


def cost(*arguments: str) -> float:
    """Processor seconds of a Python module and all that it starts."""
    command = [sys.executable, "-m", *arguments]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    return spent(lambda: subprocess.run(command, check=True, capture_output=True, env=environment))


def reference(db: Path, out: Path) -> float:
    return cost("kbase", "reference", str(out), "--db", str(db), "--jobs", "1")


def plain(project: Path) -> float:
    shutil.rmtree(project / "html", ignore_errors=True)
    return cost("sphinx", "-q", "-n", "-j", "1", "-b", "html", str(project / "source"), str(project / "html"))


def size(source: Path) -> str:
    pages = [path.stat().st_size for path in source.rglob("*.rst")]
    return f"{len(pages)} pages, {sum(pages) / 1e6:.2f} MB of source"


def rebuilds(db: Path, trees: Path, out: Path, first: float) -> list[Ratio]:
    """A build after nothing changed, and one after one cell of one kernel's document did."""
    beside = "the first build"
    rows = [Ratio("kbase reference, nothing changed", reference(db, out), first, unit="s", beside=beside)]
    document = trees / KERNEL
    text = document.read_text("utf-8")
    assert CELL[0] in text, KERNEL
    document.write_text(text.replace(*CELL), "utf-8")
    cost("kbase", "build", "--db", str(db))
    name = "kbase reference, one cell of one kernel changed"
    return [*rows, Ratio(name, reference(db, out), first, unit="s", beside=beside)]


def all_versions(db: Path, folder: Path) -> Iterator[Ratio]:
    """The seconds of each builder for all versions."""
    for builder in BUILDERS:
        out = folder / builder
        seconds = cost("kbase", "reference", str(out), "--db", str(db), "--all-versions", "--builder", builder)
        print(f"{builder} of all versions: {size(out / 'source')}", flush=True)
        shutil.rmtree(out)
        name = f"kbase reference --all-versions, {builder}"
        yield Ratio(name, seconds, PERMITTED, unit="s", beside="what is permitted", limit=1)


def main(folder: Path, rounds: int) -> None:
    trees, db, out = folder / "trees", folder / "db", folder / "reference"
    (trees / KERNEL).parent.mkdir(parents=True)
    shutil.copyfile(places.corpus() / "linux" / KERNEL, trees / KERNEL)
    cost("kbase", "build", "--db", str(db), str(trees))
    times: dict[str, list[float]] = {}
    projects: dict[str, Path] = {}
    for number in range(rounds):
        shutil.rmtree(out, ignore_errors=True)
        times.setdefault("ours", []).append(reference(db, out))
        projects = projects or write_projects(out, folder / "plain")
        for name, project in projects.items():
            if name != "typed" or not number:
                times.setdefault(name, []).append(plain(project))
    print(f"reference: {size(out / 'source')}")
    print(*(f"{name}: {size(project / 'source')}" for name, project in projects.items()), sep="\n")
    best = {name: min(each) for name, each in times.items()}
    rows = [
        Ratio("kbase reference", best["ours"], best[name], "s", beside, None if name == "prose" else LIMIT)
        for name, beside in BESIDE.items()
    ]
    rows += all_versions(db, folder / "all")
    record(__file__, rows + rebuilds(db, trees, out, best["ours"]))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary), int(sys.argv[1]) if sys.argv[1:] else 3)
