"""A page about a commit says what git says of it: gitiles, gitweb, cgit and GitHub, copied as text and saved."""

import html
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.model.records import Commit, Person, Trailer
from kbase.model.witnesses import DocumentKind
from kbase.parsers import parse
from kbase.text.commit_pages import commit_rows
from kbase.text.saved_pages import unwrap

SHA, TREE, PARENT = "0123456789abcdef0123456789abcdef01234567", "b2" * 20, "c3" * 20
SUBJECT = "barn: keep the door shut while the cow is moved"
BODY = "It was let open by ->rename(),\nand the cow went."
MESSAGE = f"{SUBJECT}\n\n{BODY}\n\nSigned-off-by: Jane Doe <jane@example.org>"
DIFF = """\
diff --git a/fs/barn.c b/fs/barn.c
index 1e42000..9c57000 100644
--- a/fs/barn.c
+++ b/fs/barn.c
@@ -1,2 +1,2 @@
-open
+shut
 cow
"""
COMMIT = {
    "sha": SHA,
    "tree": TREE,
    "parents": (PARENT,),
    "author": Person(name="Jane Doe", email="jane@example.org", date="2022-09-16T16:13:31+10:00"),
    "committer": Person(name="John Roe", email="john@example.org", date="2022-09-19T10:00:00+02:00"),
    "subject": SUBJECT,
    "body": BODY,
    "trailers": (Trailer(key="Signed-off-by", value="Jane Doe <jane@example.org>"),),
    "paths": ("fs/barn.c",),
}
GITILES = f"""kernel / pub/scm / {SHA}
commit\t{SHA}\t[log] [tgz]
author\tJane Doe <jane@example.org>\tFri Sep 16 16:13:31 2022 +1000
committer\tJohn Roe <john@example.org>\tMon Sep 19 10:00:00 2022 +0200
tree\t{TREE}
parent\t{PARENT} [diff]
{MESSAGE}
 fs/barn.c[diff]
1 file changed
tree: {TREE}
{DIFF}"""
GITWEB = f"""barn.git / commit
summary | shortlog | log | commit | commitdiff | tree
(parent: c3c3c3c) | patch
{SUBJECT}
author\tJane Doe <jane@example.org>\t
\tFri, 16 Sep 2022 06:13:31 +0000 (16:13 +1000)
committer\tJohn Roe <john@example.org>\t
\tMon, 19 Sep 2022 08:00:00 +0000 (10:00 +0200)
commit\t{SHA}
tree\t{TREE}\ttree | snapshot
parent\t{PARENT}\tcommit | diff

{MESSAGE}

fs/barn.c\t\tdiff | blob | history
barn repository
RSS Atom
"""
COMMITDIFF = f"""{SUBJECT}
authorJane Doe <jane@example.org>
Fri, 16 Sep 2022 16:13:31 +1000 (16:13 +1000)
committerJohn Roe <john@example.org>
Mon, 19 Sep 2022 10:00:00 +0200 (10:00 +0200)
commit {SHA}
tree {TREE}\ttree
parent {PARENT}\tcommit | diff

{MESSAGE}

fs/barn.c\tpatch | blob | history
{DIFF}"""
CGIT = f"""aboutsummaryrefslogtreecommitdiff
author\tJane Doe <jane@example.org>\t2022-09-16 16:13:31 +1000
committer\tJohn Roe <john@example.org>\t2022-09-19 10:00:00 +0200
commit\t{SHA} (patch)
tree\t{TREE}
parent\t{PARENT} (diff)
download\tbarn-0123456.tar.gz
{MESSAGE}
Diffstat
-rw-r--r--\tfs/barn.c\t2\t
1 files changed, 1 insertions, 1 deletions
{DIFF}"""


def table(*rows: tuple[str, ...]) -> str:
    each = ("".join(f"<td>{cell}</td>" for cell in row[1:]) for row in rows)
    return (
        f"<table>{''.join(f'<tr><th>{row[0]}</th>{cells}</tr>' for row, cells in zip(rows, each, strict=True))}</table>"
    )


def page(body: str) -> str:
    return f"<!DOCTYPE html>\n<html><head><title>x</title></head><body>{body}</body></html>"


JANE, JOHN = html.escape("Jane Doe <jane@example.org>"), html.escape("John Roe <john@example.org>")
GITILES_HTML = page(
    '<header>barn</header><div class="u-monospace Metadata">'
    + table(
        ("commit", SHA, "<span>[<a>log</a>]</span> <span>[<a>tgz</a>]</span>"),
        ("author", JANE, "Fri Sep 16 16:13:31 2022 +1000"),
        ("committer", JOHN, "Mon Sep 19 10:00:00 2022 +0200"),
        ("tree", f"<a>{TREE}</a>"),
        ("parent", f"<a>{PARENT}</a> <span>[<a>diff</a>]</span>"),
    )
    + f'</div><pre class="u-pre MetadataMessage">{html.escape(MESSAGE)}\n</pre>'
    + '<ul class="DiffTree"><li><a>fs/barn.c</a><a class="DiffTree-action">[diff]</a></li></ul>'
    + f'<div class="DiffSummary">1 file changed</div><pre class="u-pre Diff">{html.escape(DIFF)}</pre>'
)
WHEN = '<tr><td></td><td> <span class="datetime">{}</span> (<span>{}</span> {})</td></tr>'
GITWEB_HTML = '<?xml version="1.0"?>\n' + page(
    f'<div class="page_header">barn / commit</div><div class="header"><a class="title">{SUBJECT}</a></div>'
    f'<div class="title_text"><table class="object_header">\n<tr><td>author</td><td><a>{JANE}</a></td></tr>\n'
    + WHEN.format("Fri, 16 Sep 2022 06:13:31 +0000", "16:13", "+1000")
    + f"\n<tr><td>committer</td><td><a>{JOHN}</a></td></tr>\n"
    + WHEN.format("Mon, 19 Sep 2022 08:00:00 +0000", "10:00", "+0200")
    + f'\n<tr><td>commit</td><td class="sha1">{SHA}</td></tr>\n'
    f'<tr><td>tree</td><td><a>{TREE}</a></td><td class="link"><a>tree</a> | <a>snapshot</a></td></tr>\n'
    f'<tr><td>parent</td><td><a>{PARENT}</a></td><td class="link"><a>commit</a> | <a>diff</a></td></tr>\n'
    "</table></div>\n"
    '<div class="page_body">\n'
    + "<br/>\n".join(html.escape(line).replace(" ", "&nbsp;") for line in MESSAGE.split("\n"))
    + '<br/>\n</div>\n<table class="diff_tree">\n<tr><td><a class="list">fs/barn.c</a></td><td></td>'
    '<td class="link"><a>diff</a> | <a>blob</a></td></tr>\n</table>'
)
CGIT_HTML = page(
    "<table class='commit-info'>"
    f"<tr><th>author</th><td>{JANE}</td><td class='right'>2022-09-16 16:13:31 +1000</td></tr>"
    f"<tr><th>committer</th><td>{JOHN}</td><td class='right'>2022-09-19 10:00:00 +0200</td></tr>"
    f"<tr><th>commit</th><td class='sha1'><a>{SHA}</a> (<a>patch</a>)</td></tr>"
    f"<tr><th>tree</th><td><a>{TREE}</a></td></tr>"
    f"<tr><th>parent</th><td><a>{PARENT}</a> (<a>diff</a>)</td></tr></table>"
    f"<div class='commit-subject'>{SUBJECT}</div>"
    f"<div class='commit-msg'>{html.escape(MESSAGE.split(chr(10), 2)[2])}</div>"
    "<div class='diffstat-header'>Diffstat</div><table class='diffstat'><tr><td class='mode'>-rw-r--r--</td>"
    "<td class='upd'><a>fs/barn.c</a></td><td class='right'>2</td></tr></table>"
    "<div class='diffstat-summary'>1 files changed, 1 insertions, 1 deletions</div>"
)
PAGES = {
    "gitiles": GITILES,
    "gitiles, cells on lines of their own": GITILES.replace("\t", "\n"),
    "gitiles, cells glued": GITILES.replace("\t", ""),
    "gitiles, saved": GITILES_HTML,
    "gitweb": GITWEB,
    "gitweb, with the diff": COMMITDIFF,
    "gitweb, saved": GITWEB_HTML,
    "cgit": CGIT,
    "cgit, saved": CGIT_HTML,
    "CRLF": GITWEB.replace("\n", "\r\n"),
}


def one(text: str) -> Commit:
    parsed = parse("page", unwrap("page", text.encode()), "blob")
    assert parsed.kind is DocumentKind.COMMIT
    (commit,) = (record for record in parsed.records if isinstance(record, Commit))
    return commit


@pytest.mark.parametrize("form", PAGES)
def test_a_page_about_a_commit(form: str) -> None:
    commit = one(PAGES[form])
    assert {name: getattr(commit, name) for name in COMMIT} == COMMIT


def test_two_parents() -> None:
    other = "d4" * 20
    merge = GITWEB.replace(f"parent\t{PARENT}", f"parent\t{other}\tcommit | diff\nparent\t{PARENT}")
    assert one(merge).parents == (other, PARENT)


# --- GitHub: no mail addresses, no tree, parents shortened ---

GITHUB = f"""Skip to content
Commit {SHA[:7]}
jane
jane
committed
on Sep 16, 2022
{MESSAGE}
1 parent {PARENT[:7]} commit {SHA}
Showing 1 changed file with 1 addition and 1 deletion.
  2 changes: 1 addition & 1 deletion2
fs/barn.c
@@ -1,2 +1,2 @@
1\t\t-open
"""
OLDER = f"""Skip to content
example / barn
Browse files
{MESSAGE}
 master
 v6.2 v6.1-rc1
@jane
jane committed on 16 Sep 2022
1 parent {PARENT[:7]} commit {SHA}
Showing with 1 addition and 1 deletion.
fs/barn.c
@@ -1,2 +1,2 @@
"""
GITHUB_HTML = page(
    f'<div class="commit"><a class="btn">Browse files</a><div class="commit-title">{SUBJECT}</div>'
    f'<div class="commit-desc"><pre>{html.escape(MESSAGE.split(chr(10), 2)[2])}</pre></div>'
    "<ul><li>master</li></ul><ul><li>v6.2</li><li>v6.1</li></ul>"
    '<div><a class="commit-author">jane</a>\n   committed\n   <relative-time datetime="2022-09-16T06:13:31Z">'
    f"Sep 16, 2022</relative-time></div><div><span>1 parent <a>{PARENT[:7]}</a></span> <span>commit {SHA}</span></div>"
    "</div><div><div><a>fs/barn.c</a></div><table><tr><td>@@ -1,2 +1,2 @@</td></tr></table></div>"
)
SHORTENED = GITHUB.replace(
    f"1 parent {PARENT[:7]} commit {SHA}",
    f"master\n\u00b7\nv6.12v6.2-rc1\n1 parent \n{PARENT[:7]}\n commit \n{SHA[:7]}\n1 file changed\n+1\n-1",
)
BY_TWO = OLDER.replace("jane committed", "jane authored and john committed")


@pytest.mark.parametrize(
    ("text", "sha", "date", "committer"),
    [
        (GITHUB, SHA, "2022-09-16", ""),
        (OLDER, SHA, "2022-09-16", ""),
        (GITHUB_HTML, SHA, "2022-09-16T06:13:31+00:00", ""),
        (SHORTENED, SHA[:7], "2022-09-16", ""),
        (BY_TWO, SHA, "2022-09-16", "john"),
        (GITHUB.replace("on Sep 16, 2022", "2 years ago"), SHA, "", ""),
    ],
)
def test_a_page_of_github(text: str, sha: str, date: str, committer: str) -> None:
    commit = one(text)
    expected = {
        **COMMIT,
        "sha": sha,
        "tree": "",
        "parents": (),
        "author": Person(name="jane", email="", date=date),
        "committer": Person(name=committer, email=""),
    }
    assert {name: getattr(replace(commit), name) for name in COMMIT} == expected


@pytest.mark.parametrize(
    "text",
    [
        f"The author says that the commit {SHA} is\nthe parent of another one.\n",
        f"author Jane Doe <jane@example.org>\ncommit {SHA}\n",
        f"1 parent {PARENT[:7]} commit {SHA}\n",
        "jane committed on Sep 16, 2022\nto a barn\n",
    ],
)
def test_what_only_speaks_of_commits_is_no_page(text: str) -> None:
    assert commit_rows(text.split("\n")) is None


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*PAGES.values(), GITHUB, OLDER, GITHUB_HTML]), st.data())
def test_no_damaged_page_raises(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    damaged = unwrap("page", (text[:start] + data.draw(st.text(max_size=20)) + text[stop:]).encode("utf-8", "replace"))
    assert parse("page", damaged, "blob").records is not None
