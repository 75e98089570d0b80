"""The same documents as other sites show them say the same: source views, rendered pages, text copied from these."""

import html
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from docutils.core import publish_parts
from playwright.sync_api import sync_playwright

from kbase.model.records import BlanketRule, Diagnostic, LockRule, Member, OpRow, Prototype, Record, Section
from kbase.parsers import parse
from kbase.text.lines import decode
from kbase.text.saved_pages import unwrap

Shown = Callable[[list[str]], str]
DOCUMENTS = (("v2.6.12", "Locking"), ("v2.6.12", "vfs.txt"), ("v6.8.1", "locking.rst"), ("v6.8.1", "porting.rst"))
PAGE = "<!DOCTYPE html>\n<html lang='en'><head><title>x</title></head><body>{}</body></html>"
TABLES = (Prototype, Member, OpRow, LockRule, BlanketRule)  # what no rendering may change; sentences may lose a mark


def escaped(lines: list[str]) -> list[str]:
    return [html.escape(line, quote=False) for line in lines]


def numbered(lines: list[str], row: str) -> str:
    return "".join(row.format(n=n, line=line) for n, line in enumerate(escaped(lines), 1))


def cgit(lines: list[str]) -> str:
    numbers = "".join(f"<a id='n{n}' href='#n{n}'>{n}</a>\n" for n, _ in enumerate(lines, 1))
    text = "\n".join(escaped(lines))
    return (
        "<div class='path'>path: <a>root</a></div><table class='blob'><tr><td class='linenumbers'><pre>"
        f"{numbers}</pre></td><td class='lines'><pre><code>{text}\n</code></pre></td></tr></table>"
    )


def gitweb(lines: list[str]) -> str:
    shown = [line.expandtabs(8).replace(" ", "\u00a0") for line in lines]
    row = '<div class="pre"><a id="l{n}" href="#l{n}" class="linenr">{n:4d}</a> {line}</div>\n'
    body = numbered(shown, row).replace("\u00a0", "&nbsp;")
    return f'<div class="page_nav"><a>summary</a></div><div class="page_body">\n{body}</div>'


def github(lines: list[str]) -> str:
    row = '<div class="react-code-text"><div><div id="LC{n}" data-line-number="{n}">{line}</div></div></div>'
    numbers = '<div data-line-number="{n}" class="react-line-number">{n}</div>'
    return f"<div>{numbered(lines, numbers)}</div><div>{numbered(lines, row)}</div><footer>Terms</footer>"


def github_typed(lines: list[str]) -> str:
    text = "\n".join(escaped(lines))
    return f"<textarea readonly>{text}\n</textarea>{github(lines)}"


def lxr(lines: list[str]) -> str:
    return f'<pre class="filecontent">{numbered(lines, "<a name=L{n}>{n:4d}</a> {line}" + chr(10))}</pre>'


def table_rows(lines: list[str]) -> str:
    row = '<tr><td data-line-number="{n}"></td><td class="lines-code"><code>{line}\n</code></td></tr>'
    return f"<table><tbody>{numbered(lines, row)}</tbody></table>"


def lore(lines: list[str]) -> str:
    head = "From: A &lt;a@example.org&gt;\nSubject: <a>Re: docs</a>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"
    quoted = "\n".join(f"&gt; {line}" for line in escaped(lines))
    return f"<form><pre>help / color</pre></form><pre id=b>{head}\nJohn wrote:\n{quoted}\nFine.\n\n-- \nA</pre><hr>"


def lwn(lines: list[str]) -> str:
    text = "\n".join(escaped(lines))
    return f'<h1>Locking</h1><div class="ArticleText"><p>From: A</p><pre>\n{text}\n</pre></div><p>Log in</p>'


VIEWS: dict[str, Shown] = {
    each.__name__: each for each in (cgit, gitweb, github, github_typed, lxr, table_rows, lore, lwn)
}


def facts(name: str, data: bytes) -> list[Record]:
    records = parse(name, unwrap(name, data), "blob").records
    return [record for record in records if not isinstance(record, Section | Diagnostic)]


def text_of(folder: Path, version: str, name: str) -> str:
    return decode((folder / "corpus/linux" / version / "Documentation/filesystems" / name).read_bytes())


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_the_source_says_what_the_source_says(shared: Path, view: str) -> None:
    for version, name in DOCUMENTS:
        content = text_of(shared, version, name)
        plain = "\n".join(line.expandtabs(8) for line in content.split("\n")) if view == "gitweb" else content
        page = PAGE.format(VIEWS[view](content.rstrip("\n").split("\n")))
        assert facts(name, page.encode()) == facts(name, plain.encode()), (version, name)


@pytest.fixture(scope="module")
def rendered(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages that Sphinx makes of the documents of 6.8.1, paths being links as on docs.kernel.org."""
    folder = tmp_path_factory.mktemp("rendered")
    source, out = folder / "source", folder / "out"
    source.mkdir()
    for name in ("locking", "vfs", "porting", "directory-locking"):
        (source / f"{name}.rst").write_text(text_of(shared, "v6.8.1", f"{name}.rst"))
    names = "\n".join(f"   {file.stem}" for file in source.iterdir())
    (source / "index.rst").write_text(f"x\n=\n\n.. toctree::\n\n{names}\n")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-C", "-D", "highlight_language=none"]
    subprocess.run([*command, str(source), str(out)], check=True, capture_output=True)
    link = r'<a class="reference internal" href="\1.html"><span class="doc">The Title of \1</span></a>'
    for page in out.glob("*.html"):
        page.write_text(re.sub(r"Documentation/filesystems/([\w-]+)\.rst", link, page.read_text()))
    return out


def older(page: str) -> str:
    """The page as older versions of Sphinx mark it up."""
    page = re.sub(r'<section id="([^"]*)">', r'<div class="section" id="\1">', page).replace("</section>", "</div>")
    return page.replace('<table class="docutils align-default">', '<table border="1" class="docutils">')


def with_numbers(page: str) -> str:
    """The page with the lines of its code numbered."""

    def table(match: re.Match[str]) -> str:
        numbers = "\n".join(map(str, range(1, match[0].count("\n"))))
        return f'<table class="highlighttable"><tr><td><pre>{numbers}</pre></td><td>{match[0]}</td></tr></table>'

    return re.sub(r'<div class="highlight"><pre>.*?</pre></div>', table, page, flags=re.DOTALL)


def under_a_theme(page: str) -> str:
    """The page's body in the frame of another theme, with a choice of languages."""
    body = page.partition('role="main">')[2].partition('<div class="sphinxsidebar"')[0]
    nav = '<nav class="wy-nav-side"><ul><li class="toctree-l1"><a>Development process</a></li></ul></nav>'
    language = '<div class="language-selection">English<ul><li><a>Chinese (Simplified)</a></li></ul></div>'
    return PAGE.format(
        f'<div>{nav}<section><div role="main" itemprop="articleBody">{language}{body}</div></section></div>'
    )


RENDERINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "older": older,
    "with numbers": with_numbers,
    "another theme": under_a_theme,
}


@pytest.mark.parametrize("rendering", RENDERINGS)
@pytest.mark.parametrize("name", ["locking", "vfs", "porting", "directory-locking"])
def test_a_page_made_by_sphinx(shared: Path, rendered: Path, name: str, rendering: str) -> None:
    page = RENDERINGS[rendering]((rendered / f"{name}.html").read_text())
    before, after = facts(f"{name}.rst", text_of(shared, "v6.8.1", f"{name}.rst").encode()), facts("x", page.encode())
    assert {r for r in before if type(r) in TABLES} == {r for r in after if type(r) in TABLES}
    words = [[wording(record) for record in records] for records in (before, after)]
    assert len(set(words[0]) - set(words[1])) <= 1  # a footnote that is a comment by mistake is on no page


def wording(record: Record) -> str:
    """The record's text without mark-up, bullets and typographic dashes."""
    text = str(getattr(record, "text", getattr(record, "steps", "")))
    return " ".join(re.sub(r"[`*\\]|-+(?=\s)|(?<!\S)-+", "", text.replace("::", ":")).split())


@pytest.mark.parametrize("writer", ["html4", "html5"])
def test_a_page_made_by_docutils(shared: Path, writer: str) -> None:
    for name in ("locking.rst", "vfs.rst"):
        content = text_of(shared, "v6.8.1", name)
        settings = {"report_level": 5, "halt_level": 6, "syntax_highlight": "none"}
        parts = publish_parts(content, writer=writer, settings_overrides=settings)
        before = {record for record in facts(name, content.encode()) if type(record) in TABLES}
        article = f'<main><p>630 lines</p><article class="markdown-body">{parts["html_body"]}</article></main>'
        for page in (str(parts["whole"]), PAGE.format(article)):
            assert {r for r in facts("page.html", page.encode()) if type(r) in TABLES} == before


def test_text_copied_in_a_browser(shared: Path, rendered: Path, chromium: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto((rendered / "locking.html").as_uri())
        all_of_it = page.evaluate("document.body.innerText")
        selected = page.evaluate("getSelection().selectAllChildren(document.body); getSelection().toString()")
        browser.close()
    content = text_of(shared, "v6.8.1", "locking.rst")
    before = rules("locking.rst", content)
    assert len(rules("locking.rst", all_of_it)) >= len(before) - 1  # a lone dash is an empty list on the page
    for copied in (all_of_it, selected):
        after = rules("locking.rst", copied)
        assert {key: cell for key, cell in after.items() if before.get(key) != cell} == {}
        assert len(after) >= 0.9 * len(before)


def rules(name: str, content: str) -> dict[tuple[str, str, str], str]:
    """Cell by ops table, op and header; those of no certain header and blank ones are left out."""
    found = (record for record in facts(name, content.encode()) if type(record) is LockRule)
    return {(rule.struct, rule.op, rule.lock): rule.cell for rule in found if rule.cell and not rule.candidates}


def test_lines_of_a_view_are_counted_from_one() -> None:
    lines = [f"line {number}" for number in range(1, 20)]
    for view, shown in VIEWS.items():
        if view != "lore":
            text = unwrap("x", PAGE.format(shown(lines)).encode())
            assert [line.raw for line in text.lines] == lines, view
            assert all(after.number == before.number + 1 for before, after in pairwise(text.lines))
