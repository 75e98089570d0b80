"""The generated reference: records -> reStructuredText -> Sphinx.

`write` is the only entry: it renders the pages of `templates/reference` and runs Sphinx on them.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from kbase.errors import UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.reference import sphinx_process
from kbase.reference.docset import write_docset
from kbase.reference.epub import repack
from kbase.reference.history_pictures import pictures
from kbase.reference.output import check_folder, copy_static, publish, remove_others, working, write_if_changed
from kbase.reference.ownership import check_owned, make_folder, private
from kbase.reference.pages import Page, pages
from kbase.reference.site import OpPage, Site, default_versions, open_site
from kbase.reference.sphinx_process import Progress
from kbase.sphinx.render import render
from kbase.sphinx.rst import plain

__all__ = ["BUILDERS", "default_versions", "manual_pages", "write", "write_sources"]

LISTED = 8  # versions that a message names
BUILDERS = ("html", "dirhtml", "epub", "man", "text", "docset")


def write(
    kb: KnowledgeBase,
    out: Path,
    *,
    versions: Sequence[str] | None = None,
    builder: str = "html",
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Writes the reference of some versions below `out` and returns the folder it can be read in.

    Without `versions` those are `default_versions`.

    The sources are in `out/source`; a file whose text is the same stays untouched, so that Sphinx reads only what
    changed. `progress` gets lines about the progress; `jobs` is the number of processes, by default one for each core.
    Earlier output is replaced only when the new build is complete.

    Raises:
        UsageError: no such builder; `out` is a file or a folder with other files, or somebody else may write there.
        UnknownName: no such version.
        ProgramError: Sphinx failed, or warned.
    """
    if builder not in BUILDERS:
        raise UsageError(f"no builder {builder!r}", "kbase reference", f"take one of {', '.join(BUILDERS)}")
    check_folder(out)
    report = progress or (lambda _line: None)
    if not versions:
        versions = default_versions(kb)
        report(_chosen(versions, len(kb.versions)))
    report("gathering facts")
    site = open_site(kb, versions)
    make_folder(out)
    check_owned(out)
    with private():
        finished = _build(site, out, builder, jobs, report)
    changed = publish(finished, out / builder)
    report(f"{changed} files changed in {out / builder}")
    return out / builder


def _chosen(versions: Sequence[str], available: int) -> str:
    """Which versions, oldest first, are taken where none is named."""
    newest, more = ", ".join(versions[: -LISTED - 1 : -1]), len(versions) - LISTED
    listed = f"{newest} and {more} more" if more > 0 else newest
    hint = "; --all-versions takes all, --version V others" if len(versions) < available else ""
    return f"{len(versions)} of {available} versions: {listed}{hint}"


def _build(site: Site, out: Path, builder: str, jobs: int | None, progress: Progress) -> Path:
    """Writes the sources and builds them below `out`: the folder that is ready to be published."""
    sources = out / "source"
    written = write_sources(site, sources)
    names = sorted(path.relative_to(sources).as_posix() for path in sources.rglob("*.*"))
    progress(f"{len(names)} source files, {written} changed")
    built = "html" if builder == "docset" else builder
    with working(out, built, names) as work:
        sphinx_process.build(sources.resolve(), work.resolve(), built, jobs, progress)
        return _finished(work, builder)


def _finished(work: Path, builder: str) -> Path:
    """What Sphinx built in `work`, made ready to be published: the folder."""
    for book in sorted(work.glob("*.epub")):
        repack(book)
    return write_docset(work, work.with_name(builder)).parent if builder == "docset" else work


def write_sources(site: Site, folder: Path) -> int:
    """Write the sources of the reference, remove obsolete ones, and return the number of changed files."""
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


def manual_pages(site: Site) -> list[tuple[str, str]]:
    """A manual page of section 9 for each ops table and each op: its source file, and what whatis(1) shall print."""
    return [
        page
        for struct, ops in site.ops.items()
        for page in [(site.docnames[struct], "VFS ops table"), *((op.docname, _about(op)) for op in ops)]
    ]


def _about(op: OpPage) -> str:
    """The first clause of our summary, with a small initial unless it begins with an acronym."""
    summary = op.newest.summary or f"VFS operation of struct {op.struct}"
    beginning = re.split(r"[.;:](?:\s|$)", plain(summary), maxsplit=1)[0]
    return beginning if beginning[1:2].isupper() else beginning[:1].lower() + beginning[1:]
