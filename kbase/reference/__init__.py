"""The generated reference: records -> reStructuredText -> Sphinx.

`write` is the only door: it renders the pages of `templates/reference` and has Sphinx build them.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kbase.errors import UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference.docset import write_docset
from kbase.reference.epub import repack
from kbase.reference.external_programs import run
from kbase.reference.history_pictures import pictures
from kbase.reference.output import check_folder, publish, working
from kbase.reference.ownership import check_owned, make_folder, private
from kbase.reference.pages import Page, pages
from kbase.reference.render import copy_static, remove_others, render, write_if_changed
from kbase.reference.rst import plain
from kbase.reference.site import OpPage, Site, open_site
from kbase.sources.processes import python, python_path

BUILDERS = ("html", "dirhtml", "epub", "man", "text", "docset")
STEP = re.compile(r"(reading sources|writing output)\.\.\. +\[ *(\d+)%\]")  # how Sphinx's lines of progress begin
EPOCH = "315532800"  # 1980-01-01, the first day that a zip archive can hold
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualPage:
    """A page of section 9: the source file, the page's name, what stands after the dash."""

    docname: str
    name: str
    about: str


def write(
    kb: KnowledgeBase,
    out: Path,
    *,
    versions: Sequence[str] | None = None,
    builder: str = "html",
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Writes the reference of some versions (or all) below `out` and returns the folder it can be read in.

    The sources stand in `out/source`; a file whose text is the same stays untouched, so that Sphinx reads only
    what changed. `progress` is told a line at a time what is going on; `jobs` is the number of processes, by default
    one for each core. What was written before is replaced only when the new build is complete.

    Raises:
        UsageError: no such builder; `out` is a file or a folder with other files, or somebody else may write there.
        UnknownName: no such version.
        ProgramError: Sphinx failed, or warned.
    """
    if builder not in BUILDERS:
        raise UsageError(f"no builder {builder!r}", "kbase reference", f"take one of {', '.join(BUILDERS)}")
    check_folder(out)
    say = progress or _silently
    say("gathering facts")
    site = open_site(kb, versions)
    make_folder(out)
    check_owned(out)
    with private():
        finished = _build(site, out, builder, jobs, say)
    changed = publish(finished, out / builder)
    say(f"{changed} files changed in {out / builder}")
    return out / builder


def _build(site: Site, out: Path, builder: str, jobs: int | None, say: Progress) -> Path:
    """Writes the sources and builds them below `out`: the folder that is ready to be published."""
    sources = out / "source"
    written = write_sources(site, sources)
    names = sorted(path.relative_to(sources).as_posix() for path in sources.rglob("*.*"))
    say(f"{len(names)} source files, {written} changed")
    built = "html" if builder == "docset" else builder
    with working(out, built, names) as work:
        command = _sphinx(sources.resolve(), work.resolve(), built, jobs)
        run(command, folder=sources, environment=_environment(), progress=_tenths(say))
        return _finished(work, builder)


def _finished(work: Path, builder: str) -> Path:
    """What Sphinx built in `work`, made ready to be published: the folder."""
    for book in sorted(work.glob("*.epub")):
        repack(book)
    return write_docset(work, work.with_name(builder)).parent if builder == "docset" else work


def write_sources(site: Site, folder: Path) -> int:
    """Writes the sources of the reference, removes those of pages that are gone; how many files changed."""
    found: list[Page] = list(pages(site))
    undefined = f"(?!(?:{'|'.join(map(re.escape, site.tables))})$).*"
    conf = render("conf.py.jinja", {"newest": site.newest or "", "manual": manual_pages(site), "undefined": undefined})
    changed = [write_if_changed(folder, "conf.py", conf)]  # the first, as the folder is known by it
    changed += [write_if_changed(folder, f"{page.docname}.rst", render(page.template, page.content)) for page in found]
    drawn = tuple(pictures(site))
    changed += [write_if_changed(folder, drawing.name, drawing.text) for drawing in drawn]
    changed += copy_static(folder / "_static")
    remove_others(folder, {f"{page.docname}.rst" for page in found} | {drawing.name for drawing in drawn})
    return sum(changed)


def manual_pages(site: Site) -> tuple[ManualPage, ...]:
    """A manual page for each ops table and each op."""
    found = list[ManualPage]()
    for struct, ops in site.ops.items():
        found.append(_manual_page(site.docnames[struct], "VFS ops table"))
        found += [_manual_page(op.docname, _about(op)) for op in ops]
    return tuple(found)


def _manual_page(docname: str, about: str) -> ManualPage:
    return ManualPage(docname=docname, name=docname, about=about)


def _about(op: OpPage) -> str:
    """What whatis(1) shall print: the beginning of our summary, as far as it is a sentence."""
    summary = op.newest.summary or f"VFS operation of struct {op.struct}"
    beginning = re.split(r"[.;:](?:\s|$)", plain(summary), maxsplit=1)[0]
    return beginning if beginning[1:2].isupper() else beginning[:1].lower() + beginning[1:]


def _sphinx(sources: Path, work: Path, builder: str, jobs: int | None) -> tuple[str, ...]:
    """The command: warnings are errors, every reference must lead somewhere.

    Manual pages are read otherwise than the rest, so they have doctrees of their own.
    """
    doctrees = work.with_name("doctrees-man" if builder == "man" else "doctrees")
    options = ("-W", "-n", "--keep-going", "-j", str(jobs or "auto"), "-b", builder, "-d", str(doctrees))
    command = (*python("kbase.reference.sphinx_build"), str(os.getpid()), "--no-color")
    return (*command, *options, str(sources), str(work))


def _environment() -> dict[str, str]:
    """Nothing of the day or the machine goes into the output; progress comes in lines, whatever the terminal."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", EPOCH)
    fixed = {"SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    return fixed | python_path()


def _tenths(say: Progress) -> Progress:
    """Tells of Sphinx's lines how far it has come, a tenth at a time."""
    told = set[tuple[str, int]]()

    def tell(line: str) -> None:
        if (match := STEP.match(line)) and (step := (match[1], int(match[2]) // 10)) not in told:
            told.add(step)
            say(f"{match[1]}: {match[2]} %")

    return tell


def _silently(_line: str) -> None:
    """The progress that nobody wants to know of."""
