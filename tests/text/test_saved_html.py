import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.model.records import Commit
from kbase.parsers.commits import document as commit
from kbase.text.html_tree import read_tree
from kbase.text.saved_pages import unwrap

GITILES = """<!DOCTYPE html>
<html><head><title>vfs.txt</title></head><body class="Site">
<div class="u-sha1 BlobSha1">blob: 1234 [<a href="x">file</a>]</div>
<div class="Blame">
<div class="Blame-region bg1"><div class="Blame-leftCol"><span class="Blame-author">Jane Doe</span> <a
class="Blame-sha1">1da177e</a> <span class="Blame-time">2005-04-16 15:20:36 -0700</span></div><div
class="u-pre Blame-rightCol"><a class="u-lineNum Blame-lineNum" href="#1" name="1">1</a><span class="">	An &lt;op&gt;
</span></div></div>
<div class="Blame-region"><div class="Blame-leftCol"></div><div class="u-pre"><a class="u-lineNum Blame-lineNum"
name="2">2</a></div></div>
<div class="Blame-region"><div class="Blame-leftCol"></div><div class="u-pre"><a class="u-lineNum Blame-lineNum"
name="3">3</a><span class="kwd">int</span><span class="pln"> (*create)  (int);</span></div></div>
</div></body></html>"""

GITILES_TABLE = """<html><body><table class="FileContents">
<tr class="Blame"><td>Jane</td><td class="Blame-lineNum"><a name="1">1</a></td><td>one</td></tr>
<tr><td></td><td class="u-lineNum" data-line-number="2"></td><td class="FileContents-lineContents">two  </td></tr>
<tr><td></td><td><a class="u-lineNum" name="3">3</a></td><td>three</td></tr></table></body></html>"""

CGIT = f"""<!DOCTYPE html><html lang='en'><head><title>x</title></head><body>
<div class='path'>path: <a>root</a>/<a>fs</a></div>
<table summary='commit info' class='commit-info'>
<tr><th>author</th><td>Jane Doe &lt;jane@example.org&gt;</td><td class='right'>2020-02-03 10:00:00 +0100</td></tr>
<tr><th>committer</th><td>John Roe &lt;john@example.org&gt;</td><td class='right'>2020-02-04 10:00:00 +0000</td></tr>
<tr><th>commit</th><td colspan='2' class='oid'><a>{"a1" * 20}</a> (<a>patch</a>)</td></tr>
<tr><th>tree</th><td colspan='2' class='oid'><a>{"b2" * 20}</a> /<a>fs</a></td></tr>
<tr><th>parent</th><td colspan='2' class='oid'><a>{"c3" * 20}</a> (<a>diff</a>)</td></tr>
<tr><th>parent</th><td colspan='2' class='oid'><a>{"d4" * 20}</a> (<a>diff</a>)</td></tr>
</table>
<div class='commit-subject'>vfs: merge two branches</div>
<div class='commit-msg'>First line of the body,
second line.

Signed-off-by: Jane Doe &lt;jane@example.org&gt;
</div>
<div class='diffstat-header'><a>Diffstat</a> (limited to 'fs')</div>
<table summary='diffstat' class='diffstat'>
<tr><td class='mode'>-rw-r--r--</td><td class='upd'><a>fs/namei.c</a></td><td class='right'>3</td><td></td></tr></table>
<div class='diffstat-summary'>1 files changed, 2 insertions, 1 deletions</div>
<table summary='diff' class='diff'><tr><td>
<div class='head'>diff --git a/fs/namei.c b/fs/namei.c<br/>index 1234567..89abcde 100644<br/>--- a/fs/namei.c</div>
<div class='hunk'>@@ -1,2 +1,2 @@</div><div class='del'>-old</div><div class='add'>+new</div>
</td></tr></table></body></html>"""

SPHINX = """<!DOCTYPE html>
<html><head><title>Locking</title><style>p { color: red }</style></head><body>
<div class="sphinxsidebar" role="navigation"><p>sidebar</p></div>
<div class="body" role="main"><section id="locking"><h1>Locking<a class="headerlink" href="#locking">#</a></h1>
<p>Two words in <em>emphasis</em>, one <code class="docutils literal"><span class="pre">nr</span></code>,
and <a class="reference internal" href="x"><code class="xref c c-func docutils literal"><span
class="pre">d_hash()</span></code></a>\u2026
don\u2019t ask \u2014 a <strong>mandatory</strong> rule.</p>
<section><h2>dentry_operations</h2>
<p>prototypes:</p>
<div class="highlight-default"><div class="highlight"><pre><span></span>int (*d_hash)(int);
  int (*d_init)(int);
</pre></div></div>
<dl class="simple"><dt>locking rules:</dt><dd><p>all may block</p></dd></dl>
<table class="docutils"><thead><tr><th><p>ops</p></th><th><p>may block</p></th><th><p>held</p></th></tr></thead>
<tbody><tr><td><p>d_hash:</p></td><td><p>no</p></td><td><ul><li></li></ul></td></tr>
<tr><td><p>d_init:</p></td><td></td><td><p>a_sem or b_sem<a class="footnote-reference">[1]</a></p></td></tr></tbody>
</table>
<ol class="arabic simple" start="4"><li><p>four</p><ul><li><p>below four</p></li></ul></li><li><p>five</p></li></ol>
<blockquote><div><p>indented</p></div></blockquote>
<aside class="footnote"><span class="label">[1]</span><p>a footnote</p></aside>
</section></section></div><footer>made by Sphinx</footer></body></html>"""

RST = """Locking
=======

Two words in *emphasis*, one ``nr``,
and d_hash()...
don't ask --- a **mandatory** rule.

dentry_operations
-----------------

prototypes::

    int (*d_hash)(int);
      int (*d_init)(int);

locking rules:
    all may block

======= ========= ==================
ops     may block held
======= ========= ==================
d_hash: no        -
d_init:           a_sem or b_sem[1]_
======= ========= ==================

4. four

   - below four

5. five

    indented

.. [1]
   a footnote
"""


SOURCE = ["<b> & co", "=======", "", "prototypes::", "", "\tint (*turn)(int);", "", "======  ====", "ops     a", "12"]
ESCAPED = [line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in SOURCE]
VIEWS = {
    "browser": "<html><head></head><body><pre style='white-space: pre-wrap;'>{text}</pre></body></html>",
    "cgit": """<!DOCTYPE html><html lang='en'><head><title>vfs.rst</title><style>{style}</style></head><body>
<div class='path'>path: <a>root</a>/<a>vfs.rst</a></div>
<table summary='blob content' class='blob'><tr><td class='linenumbers'><pre>{numbers}</pre></td>
<td class='lines'><pre><code>{text}</code></pre></td></tr></table></body></html>""",
    "elixir": """<!DOCTYPE html><html><body><div class="lxrcode"><table class="highlighttable"><tr>
<td class="linenos"><div><pre><span></span>{numbers}</pre></div></td>
<td class="code"><pre><span></span>{text}</pre></td></tr></table></div></body></html>""",
    "rows": "<html><body><table class='highlight'>{rows}</table></body></html>",
}


def lines(html: str) -> list[str]:
    return [line.raw for line in unwrap("page.html", html.encode()).lines]


def test_gitiles_lines_keep_their_white_space_and_numbers() -> None:
    text = unwrap("x", GITILES.encode())
    assert text.page_of == "gitiles blame"
    assert [(line.number, line.raw) for line in text.lines] == [
        (1, "\tAn <op>"),
        (2, ""),
        (3, "int (*create)  (int);"),
    ]
    assert not text.flattened


def test_numbers_may_stand_in_cells() -> None:
    assert lines(GITILES_TABLE) == ["one", "two  ", "three"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_a_source_file_gives_its_lines(view: str) -> None:
    html = VIEWS[view].format(
        style="p { color: red } " * 50,
        text="\n".join(ESCAPED) + "\n",
        numbers="".join(f"<a id='n{n}'>{n}</a>\n" for n, _ in enumerate(SOURCE, 1)),
        rows="".join(
            f'<tr><td class="js-line-number" data-line-number="{n}"></td><td class="js-file-line">{line}</td></tr>'
            for n, line in enumerate(ESCAPED, 1)
        ),
    )
    text = unwrap("page", html.encode())
    assert [(line.number, line.raw) for line in text.lines] == list(enumerate(SOURCE, 1))


def test_a_page_with_some_code_is_no_view_of_a_source_file() -> None:
    code = "int x;\n" * 20
    assert (
        unwrap("page", f"<html><h1>Title</h1><p>{'Words. ' * 40}</p><pre>{code}</pre>".encode()).page_of == "web page"
    )


def test_a_commit_page_gives_the_lines_of_its_text_form() -> None:
    text = unwrap("x", CGIT.encode())
    assert text.page_of == "cgit commit"
    raw = [line.raw for line in text.lines]
    assert raw[0] == "path: root/fs"
    assert raw[1] == "authorJane Doe <jane@example.org>2020-02-03 10:00:00 +0100"
    assert raw[-1] == "+new"


def test_a_commit_page_is_read_like_its_text_form() -> None:
    record = commit.parse("x", unwrap("x", CGIT.encode()), "b").records[0]
    assert isinstance(record, Commit)
    assert record.parents == ("c3" * 20, "d4" * 20)
    assert record.subject == "vfs: merge two branches"
    assert record.body == "First line of the body,\nsecond line."
    assert record.paths == ("fs", "fs/namei.c")
    assert record.diffstat.splitlines()[-1] == "1 files changed, 2 insertions, 1 deletions"


def test_a_parent_shown_by_its_subject_is_in_its_link() -> None:
    shown = f"<a href='/commit/?h=main&amp;id={'c3' * 20}'>An older one</a> (<a href='/diff/?id={'a1' * 20}'>diff</a>)"
    page = CGIT.replace(f"<a>{'c3' * 20}</a> (<a>diff</a>)", shown)
    assert f"parent{'c3' * 20} An older one (diff)" in lines(page)
    assert commit.parse("x", unwrap("x", page.encode()), "b") == commit.parse("x", unwrap("x", CGIT.encode()), "b")


def test_a_page_made_by_sphinx_becomes_restructured_text() -> None:
    assert unwrap("x", SPHINX.encode()).page_of == "web page"
    assert lines(SPHINX) == RST.splitlines()


@pytest.mark.parametrize(
    "html",
    [
        "<html>" + "<div>" * 5000 + "deep",
        "<html><table>" + "<tr><td>" * 3000,
        "<html><![if IE]>x<![endif]><!DOCTYPE><?php <p",
        "<html><ol start='99999999999999'><li>a",
        "<html><table><tr><td>" + "x</td><td>" * 500,
    ],
)
def test_odd_html_is_read_all_the_same(html: str) -> None:
    assert unwrap("x", html.encode()).page_of


def test_elements_nest_no_deeper_than_recursion_may() -> None:
    limit = sys.getrecursionlimit()
    assert "end" in read_tree("<b>" * limit * 2 + "end").text()


MARKUP = (
    "<html> <p> </p> <table> <tr> <td> </td> </table> <ul> <li> </ul> <pre> </pre> <dl> <dt> <dd> </dl> <h1> </h1> <br>"
    " <div> </div> <em> </em> text <!-- <![x[ &amp; &#0; <a&class=lineNum>1</a> <div&class=diff> <aside&class=footnote>"
)
TAGS = st.sampled_from([tag.replace("&class", " class") for tag in MARKUP.split()])


@settings(max_examples=100, deadline=None)
@given(st.lists(TAGS, max_size=40))
def test_no_html_raises(tags: list[str]) -> None:
    numbers = [line.number for line in unwrap("x", ("<html>" + "".join(tags)).encode()).lines]
    assert numbers == sorted(numbers)
