"""Commits as git prints them say what a commit page says."""

import re

import pytest

from kbase.model.records import Commit, Person, Trailer
from kbase.model.witnesses import DocumentKind
from kbase.parsers import parse
from kbase.text.saved_pages import unwrap

SHA, OTHER, TREE = "a1" * 20, "c3" * 20, "b2" * 20
JANE = Person(name="Jané Doe", email="jane@example.org", date="2012-01-10T15:11:23-08:00")
JOHN = Person(name="John Roe", email="john@example.org", date="2012-01-11T01:00:00+01:00")
NOBODY = Person(name="", email="")
SUBJECT = "vfs: keep the parent locked while the barn is moved to another field"
BODY = f"It was let go too early.\n\ncommit {OTHER} upstream."
TRAILERS = (
    Trailer(key="Fixes", value='0123456789ab ("vfs: let go")'),
    Trailer(key="Signed-off-by", value="Jané Doe <jane@example.org>"),
)
MESSAGE = "\n".join([SUBJECT, "", BODY, "", *(f"{trailer.key}: {trailer.value}" for trailer in TRAILERS)])
STAT = " fs/namei.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n"
DIFF = (
    "diff --git a/fs/namei.c b/fs/namei.c\nindex 1e42..9c57 100644\n--- a/fs/namei.c\n+++ b/fs/namei.c\n"
    "@@ -1 +1 @@\n-old\n+new\n"
)
INDENTED = re.sub(r"(?m)^(?=.)", "    ", MESSAGE)
SHOWN = f"""commit {SHA} (HEAD -> master, tag: v6.9)
Author: Jané Doe <jane@example.org>
Date:   Tue Jan 10 15:11:23 2012 -0800

{INDENTED}

{DIFF}"""
FULLER = f"""commit {SHA}
Merge: 0123456 789abcd
Author:     Jané Doe <jane@example.org>
AuthorDate: 2012-01-10 15:11:23 -0800
Commit:     John Roe <john@example.org>
CommitDate: Wed, 11 Jan 2012 01:00:00 +0100

{INDENTED}
---
{STAT}
{DIFF}"""
RAW = f"""commit {SHA}
tree {TREE}
parent {OTHER}
author Jané Doe <jane@example.org> 1326237083 -0800
committer John Roe <john@example.org> 1326240000 +0100

{INDENTED}

{STAT}"""
PATCH = f"""From {SHA} Mon Sep 17 00:00:00 2001
From: =?UTF-8?q?Jan=C3=A9=20Doe?= <jane@example.org>
Date: Tue, 10 Jan 2012 15:11:23 -0800
Subject: [PATCH 2/3] vfs: keep the parent locked while the barn is moved
 to another field

{MESSAGE.partition(chr(10) * 2)[2]}
---
{STAT}
{DIFF}--\x20
2.40.1
"""
FORMS = {
    "show": (SHOWN, NOBODY, "", (), ""),
    "fuller": (FULLER, JOHN, "", (), STAT),
    "raw": (RAW, JOHN, TREE, (OTHER,), STAT),
    "patch": (PATCH, NOBODY, "", (), STAT),
}


def commits(text: str) -> list[Commit]:
    parsed = parse("x.patch", unwrap("x.patch", text.encode()), "blob")
    assert parsed.kind is DocumentKind.COMMIT
    return [record for record in parsed.records if isinstance(record, Commit)]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_git(form: str) -> None:
    text, committer, tree, parents, stat = FORMS[form]
    (commit,) = commits(text)
    assert (commit.sha, commit.tree, commit.parents) == (SHA, tree, parents)
    assert (commit.author, commit.committer) == (JANE, committer)
    assert (commit.subject, commit.body, commit.trailers) == (SUBJECT, BODY, TRAILERS)
    assert (commit.diffstat, commit.paths) == (stat.rstrip("\n"), ("fs/namei.c",))


@pytest.mark.parametrize("form", FORMS)
def test_several_after_each_other_each_with_its_lines(form: str) -> None:
    text = FORMS[form][0]
    first, second = commits(text + "\n" + text.replace(SHA, OTHER))
    assert (first.sha, second.sha) == (SHA, OTHER)
    assert first.evidence.first == 1
    assert second.evidence.first == text.count("\n") + 2


@pytest.mark.parametrize("form", FORMS)
def test_quoted_in_a_mail(form: str) -> None:
    quoted = "Jane wrote:\n" + re.sub(r"(?m)^", "> ", FORMS[form][0])
    assert [commit.sha for commit in commits(quoted)] == [SHA]


@pytest.mark.parametrize("text", [f"commit {SHA}\n\nA word.\n", f"commit {SHA} upstream.\nAuthor: Jane\n", "From a\n"])
def test_what_only_begins_so_is_no_commit(text: str) -> None:
    assert parse("x", unwrap("x", text.encode()), "blob").kind is DocumentKind.OTHER


def test_who_wrote_it_stands_in_the_body_where_another_sends_it() -> None:
    sent = PATCH.replace("\n\n", "\n\nFrom: Jim Poe <jim@example.org>\n\n", 1)
    assert commits(sent)[0].author == Person(name="Jim Poe", email="jim@example.org", date=JANE.date)
