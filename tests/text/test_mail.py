"""A patch in a mail, however it was sent, is the commit that `git format-patch` wrote."""

import base64
import gzip
import resource
import subprocess
import sys
from dataclasses import replace
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.records import Commit, OpsTable, Person, Section, Trailer
from kbase.model.witnesses import DocumentKind
from kbase.parsers import parse
from kbase.text.saved_pages import unwrap

pytestmark = pytest.mark.slow

SHA = "0123456789abcdef0123456789abcdef01234567"
HEADERS = {
    "From": "Jané Doe <jane@example.org>",
    "Date": "Fri, 16 Sep 2022 16:13:31 +1000",
    "Subject": "[PATCH 1/2] barn: keep the door shut while the cow is moved",
}
MESSAGE = """\
->rename() of a barn left its door open = for a while, and the cow went.

Fixes: 0123456789ab ("barn: a door")
Signed-off-by: Jané Doe <jane@example.org>
"""
DIFF = """\
diff --git a/fs/barn.c b/fs/barn.c
index 1e42000..9c57000 100644
--- a/fs/barn.c
+++ b/fs/barn.c
@@ -1,3 +1,3 @@
 door
-open
+shut, and a line that is longer than the seventy-six characters of quoted-printable, by far
 cow
"""
BODY = f"{MESSAGE}---\n fs/barn.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n{DIFF}-- \n2.40.1\n"
RAW = "".join(f"{name}: {value}\n" for name, value in HEADERS.items()) + f"\n{BODY}"
FORMATTED = f"From {SHA} Mon Sep 17 00:00:00 2001\n{RAW}"
JANE = Person(name="Jané Doe", email="jane@example.org", date="2022-09-16T16:13:31+10:00")


def read(mail: str | bytes) -> list[Commit]:
    data = mail.encode() if isinstance(mail, str) else mail
    parsed = parse("x", unwrap("x", data), "blob")
    assert parsed.kind is DocumentKind.COMMIT
    return [record for record in parsed.records if isinstance(record, Commit)]


(CONTROL,) = read(FORMATTED)


def one(mail: str | bytes) -> Commit:
    (commit,) = read(mail)
    return replace(commit, sha=SHA, message_id="") if not commit.sha else commit


def encoded(encoding: str) -> bytes:
    mail = EmailMessage()
    for name, value in HEADERS.items():
        mail[name] = value
    mail.set_content(BODY, cte=encoding)
    return mail.as_bytes()


def in_parts(kind: str, *parts: MIMEBase) -> bytes:
    mail = MIMEMultipart(kind)
    for name, value in HEADERS.items():
        mail[name] = value
    for part in parts:
        mail.attach(part)
    return mail.as_bytes()


def nested() -> MIMEMultipart:
    inner = MIMEMultipart("mixed")
    inner.attach(MIMEText(BODY, "plain", "utf-8"))
    return inner


MAILS: dict[str, str | bytes] = {
    "as it is": RAW,
    "8bit": encoded("8bit"),
    "quoted-printable": encoded("quoted-printable"),
    "base64": encoded("base64"),
    "in parts": in_parts("mixed", MIMEText(MESSAGE, "plain", "utf-8"), MIMEText(f"---\n{BODY.partition('---')[2]}")),
    "attached": in_parts(
        "mixed", MIMEText(f"{MESSAGE}---\n", "plain", "utf-8"), MIMEText(BODY.partition("---\n")[2], "x-patch", "utf-8")
    ),
    "and as HTML": in_parts("alternative", MIMEText(BODY, "plain", "utf-8"), MIMEText("<p>x</p>", "html", "utf-8")),
    "signed": in_parts("signed", nested(), MIMEApplication(b"\0\1", "pgp-signature")),
    "CRLF": RAW.replace("\n", "\r\n"),
    "from a mailbox": f"From mboxrd@z Thu Jan  1 00:00:00 1970\nReceived: from x\n\tby y; Fri\n{RAW}",
    "other headers": "Return-Path: <x@y>\nX-Original-To: z\n"
    + RAW.replace("From:", "FROM:   ").replace("Date:", "date:"),
    "encoded words": RAW.replace("From: Jané Doe", "From: =?utf-8?q?Jan=C3=A9?= Doe", 1),
    "latin-1": in_parts("mixed", MIMEText(BODY, "plain", "iso-8859-1")),
}


@pytest.mark.parametrize("form", MAILS)
def test_a_mail_is_the_commit_that_was_sent(form: str) -> None:
    assert one(MAILS[form]) == CONTROL
    assert CONTROL.author == JANE
    assert CONTROL.subject == "barn: keep the door shut while the cow is moved"
    assert CONTROL.trailers[1] == Trailer(key="Signed-off-by", value="Jané Doe <jane@example.org>")
    assert CONTROL.paths == ("fs/barn.c",)


@pytest.mark.parametrize("form", ["as it is", "quoted-printable", "other headers"])
def test_lines_keep_their_numbers(form: str) -> None:
    mail = MAILS[form]
    text = mail if isinstance(mail, str) else mail.decode()
    numbers = {line.raw: line.number for line in unwrap("x", text.encode()).lines}
    assert text.splitlines()[numbers["+++ b/fs/barn.c"] - 1] == "+++ b/fs/barn.c"
    assert text.splitlines()[numbers[" cow"] - 1] == " cow"


# --- replies ---

QUOTED = "".join(f"> {line}\n" if line else ">\n" for line in BODY.splitlines())


def reply(attribution: str, quoted: str = QUOTED) -> str:
    headers = "From: Rev Iewer <rev@example.org>\nDate: Sat, 17 Sep 2022 10:00:00 +0000\n"
    subject = f"Re: {HEADERS['Subject']}"
    return (
        f"{headers}Subject: {subject}\n\n{attribution}\n{quoted}\nFine.\n\nReviewed-by: Rev Iewer <rev@example.org>\n"
    )


@pytest.mark.parametrize(
    ("attribution", "email"),
    [
        ("On Fri, Sep 16, 2022 at 4:13 PM Jané Doe <jane@example.org> wrote:", "jane@example.org"),
        ("On Fri, 16 Sep 2022 16:13:31 +1000\nJané Doe <jane@example.org> wrote:", "jane@example.org"),
        ("On Fri, Sep 16, 2022 at 04:13:31PM +1000, Jané Doe wrote:", ""),
        ("On Fri 16-09-22 16:13:31, Jané Doe wrote:", ""),
        ("Jané Doe <jane@example.org> writes:", "jane@example.org"),
    ],
)
def test_a_reply_tells_whose_patch_it_quotes(attribution: str, email: str) -> None:
    expected = replace(CONTROL, sha="", author=Person(name="Jané Doe", email=email))
    assert read(reply(attribution)) == [expected]
    above = "\n".join(f"> {line}" for line in attribution.splitlines())
    again = "".join(f"> {line}\n" for line in QUOTED.splitlines())
    assert read(reply(f"On Sunday, John Roe wrote:\n{above}", again)) == [expected]


def test_a_reply_that_does_not_tell_is_no_commit_of_its_sender() -> None:
    parsed = parse("x", unwrap("x", reply("Hello,").encode()), "blob")
    assert parsed.kind is DocumentKind.COMMIT
    assert all(isinstance(record, Section) for record in parsed.records)


def test_a_mailbox_has_each_patch_once() -> None:
    separator = "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
    second = RAW.replace("1/2] barn", "2/2] field").replace("Jané", "John")
    answer = reply("On Fri, Sep 16, 2022 at 04:13:31PM +1000, Jané Doe wrote:")
    box = "\n".join(separator + mail for mail in (RAW, answer, second, RAW.replace("1/2", "0/2").replace(DIFF, "")))
    commits = read(box)
    assert [commit.subject for commit in commits] == [CONTROL.subject, CONTROL.subject.replace("barn", "field")]
    assert [box.splitlines()[commit.evidence.first - 1] for commit in commits] == [separator.strip()] * 2
    words = "".join(r.text for r in parse("x", unwrap("x", box.encode()), "b").records if isinstance(r, Section))
    assert "Fine." in words  # what is no commit stays findable


def test_patches_without_a_hash_are_told_apart() -> None:
    ids = [one(f"Message-ID: <{number}@x>\n{RAW}") for number in (1, 2)]
    assert ids[0] == ids[1]
    first, second = (read(f"Message-ID: <{number}@x>\n{RAW}")[0] for number in (1, 2))
    assert (first.message_id, first.sha) == ("1@x", "")
    assert first.key != second.key
    assert first.key.startswith("patch-")
    assert CONTROL.key == SHA


# --- other patches ---

OLD = """\
diff -urN linux-2.6.12/fs/barn.c linux-2.6.12-cow/fs/barn.c
--- linux-2.6.12/fs/barn.c\t2005-06-17 21:48:29.000000000 +0200
+++ linux-2.6.12-cow/fs/barn.c\t2005-06-18 21:48:29.000000000 +0200
@@ -1,2 +1,2 @@
-open
+shut
 cow
"""


@pytest.mark.parametrize(
    ("diff", "paths"),
    [
        (OLD, ("fs/barn.c",)),
        (OLD.replace("+++ linux-2.6.12-cow/fs/barn.c", "+++ /dev/null"), ("fs/barn.c",)),
        ("Index: fs/barn.c\n===\n--- fs/barn.c.orig\n+++ fs/barn.c\n@@ -1 +1 @@\n-a\n+b\n", ("fs/barn.c",)),
    ],
)
def test_a_patch_that_git_did_not_make(diff: str, paths: tuple[str, ...]) -> None:
    commit = one(RAW.partition("---\n")[0] + diff)
    assert (commit.paths, commit.body, commit.subject) == (paths, CONTROL.body, CONTROL.subject)


def test_what_the_body_tells_of_the_author_counts() -> None:
    quoted = "From: Al <al@example.org>\nSubject: a field\nDate: Fri, 9 Sep 2022 16:13:31 +1000\n\n"
    commit = one(RAW.replace("\n\n", f"\n\n{quoted}", 1))
    assert commit.author == Person(name="Al", email="al@example.org", date="2022-09-09T16:13:31+10:00")
    assert (commit.subject, commit.body) == ("a field", CONTROL.body)
    below_scissors = one(RAW.replace("\n\n", "\n\nHello Al,\n\n-- >8 --\nSubject: a field\n\n", 1))
    assert (below_scissors.subject, below_scissors.body) == ("a field", CONTROL.body)


@pytest.mark.parametrize("text", [OLD, DIFF, f"# A remark\n\n{DIFF}", RAW.replace("1/2", "0/2").replace(DIFF, "")])
def test_a_patch_needs_no_version(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x.diff"
    file.write_text(text)
    assert build(tmp_path / "db", [str(file)]).documents


def test_a_document_in_a_mail_is_no_patch(shared: Path) -> None:
    document = (shared / "cases/control-locking.rst").read_text()
    mail = EmailMessage()
    mail["From"], mail["Date"], mail["Subject"] = "a@b.c", HEADERS["Date"], "the rules"
    mail.set_content(document, cte="base64")
    parsed = parse("x", unwrap("x", mail.as_bytes()), "blob")
    assert parsed.kind is DocumentKind.LOCKING
    assert len([record for record in parsed.records if isinstance(record, OpsTable)]) == 3


# --- a knowledge base ---


def test_a_packed_mailbox_is_read_and_shown(tmp_path: Path) -> None:
    box = tmp_path / "thread.mbox.gz"
    box.write_bytes(gzip.compress(f"From a@b Fri Sep 16 16:13:31 2022\nMessage-ID: <1@x>\n{RAW}".encode()))
    build(tmp_path / "db", [str(box)])
    shown = subprocess.run(
        [sys.executable, "-m", "kbase", "show", "--db", str(tmp_path / "db"), read(f"Message-ID: <1@x>\n{RAW}")[0].key],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "keep the door shut" in shown
    assert "jane@example.org" in shown
    kb = KnowledgeBase.open(tmp_path / "db")
    try:
        assert [hit.title for hit in kb.search("door cow").hits if hit.kind == "commit"] == [CONTROL.subject]
    finally:
        kb.close()


# --- hostile mails ---

HEAD = "From: a <a@b.c>\nDate: Fri, 16 Sep 2005 16:13:31 +1000\nSubject: [PATCH] x\n"
PART = '--b\nContent-Type: multipart/mixed; boundary="b"\n\n'
BOMBS = {
    "nested": HEAD
    + 'Content-Type: multipart/mixed; boundary="b0"\n\n'
    + "".join(f'--b{n}\nContent-Type: multipart/mixed; boundary="b{n + 1}"\n\n' for n in range(50_000))
    + DIFF,
    "nested in itself": HEAD + PART.partition("\n")[2] + PART * 50_000 + DIFF,
    "parts": HEAD + PART.partition("\n")[2] + f"--b\nContent-Type: text/plain\n\n{DIFF}" * 100_000,
    "a long header": HEAD + "To: " + "a@b.c,\n " * 500_000 + "\n\n" + DIFF,
    "a header of quotes": HEAD + 'Content-Type: multipart/mixed; boundary="' * 100_000 + "\n\n" + DIFF,
    "many headers": HEAD + "X-Y: z\n" * 500_000 + "\n" + DIFF,
    "encoded words": HEAD.replace("x\n", "=?utf-8?q?=" * 50_000 + "\n") + "\n" + DIFF,
    "separators": HEAD + "\n" + "From a@b Fri Sep 16 16:13:31 2005\n\n" * 100_000 + DIFF,
    "soft ends": HEAD + "Content-Transfer-Encoding: quoted-printable\n\n" + "abc=\n" * 500_000 + DIFF,
    "base64": HEAD + "Content-Transfer-Encoding: base64\n\n" + "QUJD\n" * 500_000,
    "marks": HEAD + "\n" + ">" * 1_000_000 + "\n" + DIFF,
    "boundaries": HEAD
    + f'Content-Type: multipart/mixed; boundary="{"b" * 900}"\n\n'
    + ("--" + "b" * 900 + "\n") * 3000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_mail_bomb_neither_hangs_nor_raises(bomb: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb.eml"
    file.write_text(BOMBS[bomb])
    program = (
        "import sys; from kbase.text.saved_pages import unwrap; from kbase.parsers import parse\n"
        "data = open(sys.argv[1], 'rb').read(); print(len(parse('x', unwrap('x', data), 'b').records))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 60)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-300:]
    assert int(done.stdout) > 0


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([m if isinstance(m, str) else m.decode() for m in MAILS.values()]), st.data())
def test_no_cut_mail_raises(mail: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(mail)))
    stop = data.draw(st.integers(start, len(mail)))
    text = unwrap("x", (mail[:start] + data.draw(st.text(max_size=20)) + mail[stop:]).encode("utf-8", "replace"))
    assert parse("x", text, "blob").records is not None


def test_broken_encodings_are_read_as_far_as_they_go() -> None:
    header = (
        RAW.partition("\n\n")[0] + "\nContent-Transfer-Encoding: base64\nContent-Type: text/plain; charset=klingon\n\n"
    )
    whole = base64.encodebytes(BODY.encode()).decode()
    assert one(header + whole) == CONTROL
    assert read(header + "%%%\n") == []
