import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.model.records import Commit, Evidence, Person, Section, Trailer
from kbase.model.witnesses import DocumentKind
from kbase.parsers.commits import document as commit
from kbase.parsers.commits.parts import iso_date, read_message, split_trailers
from kbase.text.saved_pages import unwrap

PAGE = f"""aboutsummaryrefslogtreecommitdiff
path: root/net/tipc
mode:
authorJane O'Doe <jane@example.org>2012-01-10 15:11:23 -0800
committerJohn Roe <john@example.org>2012-01-10 16:30:54 -0800
commit{"a1" * 20} (patch)
tree{"b2" * 20} /net/tipc
parent{"c3" * 20} (diff)
parent{"d4" * 20} (diff)
vfs: keep the parent locked
The parent was let go too early. [john@example.org: fixed a typo] Fixes: 0123456789ab ("vfs: let go") \
Signed-off-by: Jane O'Doe <jane@example.org> Reviewed-by: "J. R. Roe" <john@example.org> Cc: <stable@example.org> \
# 4.9+ Link: https://example.org/r/1 Signed-off-by: John Roe <john@example.org>
Diffstat (limited to 'net/tipc')
-rw-r--r--net/tipc/msg.c12
-rw-r--r--net/tipc/node.h3
2 files changed, 10 insertions, 5 deletions
diff --git a/net/tipc/msg.c b/net/tipc/msg.cindex 1e42..9c57 100644
--- a/net/tipc/msg.c
+++ b/net/tipc/msg.c
diff --git a/net/tipc/old.c b/net/tipc/new.csimilarity index 90%
"""


def read(page: str) -> Commit:
    parsed = commit.parse("x", unwrap("x", page.encode()), "blob")
    assert parsed.kind is DocumentKind.COMMIT
    record = parsed.records[0]
    assert isinstance(record, Commit)
    return record


def test_everything_on_a_commit_page() -> None:
    assert read(PAGE) == Commit(
        sha="a1" * 20,
        tree="b2" * 20,
        parents=("c3" * 20, "d4" * 20),
        author=Person(name="Jane O'Doe", email="jane@example.org", date="2012-01-10T15:11:23-08:00"),
        committer=Person(name="John Roe", email="john@example.org", date="2012-01-10T16:30:54-08:00"),
        subject="vfs: keep the parent locked",
        body="The parent was let go too early. [john@example.org: fixed a typo]",
        trailers=(
            Trailer(key="Fixes", value='0123456789ab ("vfs: let go")'),
            Trailer(key="Signed-off-by", value="Jane O'Doe <jane@example.org>"),
            Trailer(key="Reviewed-by", value='"J. R. Roe" <john@example.org>'),
            Trailer(key="Cc", value="<stable@example.org> # 4.9+"),
            Trailer(key="Link", value="https://example.org/r/1"),
            Trailer(key="Signed-off-by", value="John Roe <john@example.org>"),
        ),
        diffstat="-rw-r--r--net/tipc/msg.c12\n-rw-r--r--net/tipc/node.h3\n2 files changed, 10 insertions, 5 deletions",
        paths=("net/tipc", "net/tipc/msg.c", "net/tipc/node.h", "net/tipc/new.c"),
        evidence=Evidence(blob="other", first=0, last=0),
    )


def test_a_page_on_one_line_tells_all_but_where_the_subject_ends() -> None:
    whole, one = read(PAGE), read(" ".join(PAGE.splitlines()))
    assert one.body == f"{whole.subject} {whole.body}"
    assert one.subject == f"{one.body[: len(one.subject) - 4]} ..."
    assert replace(one, subject=whole.subject, body=whole.body, diffstat=whole.diffstat, paths=whole.paths) == whole
    assert "net/tipc/msg.c" in one.paths


def test_words_of_the_header_may_stand_on_lines_of_their_own() -> None:
    cells = re.sub(r"(?m)^(author|committer|commit|tree|parent)", r"\1\n", PAGE).replace(">2012", ">\n2012")
    assert read(cells) == read(PAGE)


def test_evidence_is_the_whole_page() -> None:
    assert read(PAGE).evidence == Evidence(blob="blob", first=1, last=19)


def test_a_page_without_diffstat_and_tree() -> None:
    lines = [line for line in PAGE.splitlines()[:11] if not line.startswith(("tree", "path"))]
    record = read("\n".join(lines))
    assert (record.tree, record.diffstat, record.paths) == ("", "", ())
    assert len(record.trailers) == 6


def test_a_page_without_author_is_sections() -> None:
    text = unwrap("x", PAGE.encode())
    others = [line for line in text.lines if not line.raw.startswith("committer")]
    records = commit.parse("x", type(text)(tuple(others), page_of="cgit commit"), "blob").records
    assert records
    assert all(isinstance(record, Section) for record in records)


def test_a_message_on_several_lines() -> None:
    body, trailers = read_message(
        [
            "First paragraph,",
            "on two lines. Note: no trailer.",
            "",
            "Link: https://example.org/1 and more words than a link would ever have, which is why it is prose",
            "",
            "[roe@example.org: shorter comment]",
            "Reported-and-tested-by: Jane <jane@example.org>",
            "",
            "Cc: Jane <jane@example.org>, John <john@example.org>",
            "Signed-off-by: John <john@example.org>",
        ]
    )
    assert body.splitlines()[-1] == "[roe@example.org: shorter comment]"
    assert "which is why" in body
    assert [trailer.key for trailer in trailers] == ["Reported-and-tested-by", "Cc", "Signed-off-by"]


@pytest.mark.parametrize(
    ("line", "prose", "keys"),
    [
        ("No trailer at all.", "No trailer at all.", []),
        ("Signed-off-by: A <a@b>", "", ["Signed-off-by"]),
        ("Seen. Cc: stable@example.org Acked-by: Ingo", "Seen.", ["Cc", "Acked-by"]),
        ("Signed-off-by: A <a@b> and then some prose follows here.", None, []),
        ("Reported-by: A <a@b> [v5.4] Change-Id: I0123", "", ["Reported-by", "Change-Id"]),
        ("Cc: A <a@b>, B <b@c> Signed-off-by: C <c@d>", "", ["Cc", "Signed-off-by"]),
        ("Fixes: 0123456 is not quoted and goes on for a long, long while, so it is prose Cc: A <a@b>", None, ["Cc"]),
    ],
)
def test_trailers_inside_a_line(line: str, prose: str | None, keys: list[str]) -> None:
    before, trailers = split_trailers(line)
    assert [trailer.key for trailer in trailers] == keys
    if prose is not None:
        assert before == prose


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2012-01-10 15:11:23 -0800", "2012-01-10T15:11:23-08:00"),
        ("2012-01-10 23:11:23 (GMT)", "2012-01-10T23:11:23+00:00"),
        ("2012-01-10 23:11", "2012-01-10T23:11+00:00"),
        ("yesterday", ""),
    ],
)
def test_dates_are_iso_dates_with_offset(written: str, iso: str) -> None:
    assert iso_date(written) == iso


def test_the_seed(shared: Path) -> None:
    path = next((shared / "corpus/seeds").glob("002*"))
    record = read(path.read_text())
    assert record.sha == "640708a2cff7f81e246243b0073c66e6ece7e53e"
    assert record.tree == "8cc00ae2b374bf6750ad9ca20da3566e28cfc9ff"
    assert record.parents == ("7773fbc54182a90cd248656619c7d33859e5f91d",)
    assert record.author.date == "2012-01-10T15:11:23-08:00"
    assert [trailer.key for trailer in record.trailers] == [
        *["Signed-off-by"] * 2,
        *["Reviewed-by"] * 2,
        *["Cc"] * 4,
        *["Signed-off-by"] * 2,
    ]
    assert record.trailers[3].value == '"Kirill A. Shutemov" <kirill@shutemov.name>'
    assert record.paths == ("net/tipc",)
    assert record.body.endswith("CHECKPOINT_RESTORE]")


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damage_never_raises(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(PAGE)))
    stop = data.draw(st.integers(start, len(PAGE)))
    page = PAGE[:start] + data.draw(st.text(max_size=20)) + PAGE[stop:]
    text = unwrap("x", page.encode())
    commit.parse("x", text, "blob")
    assert commit.matches("x", text) is (text.page_of == "cgit commit")
