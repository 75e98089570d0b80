"""The text of a cgit commit page as a commit.

    page: root/net/tipc is its path; the header's words run together:

    authorJane Doe <jane@example.org>2012-01-10 15:11:23 -0800
    committerJohn Roe <john@example.org>2012-01-10 16:30:54 -0800
    commit640708a2cff7f81e246243b0073c66e6ece7e53e (patch)
    tree8cc00ae2b374bf6750ad9ca20da3566e28cfc9ff /net/tipc
    parent7773fbc54182a90cd248656619c7d33859e5f91d (diff)         one for each parent
    the subject
    the message, on one line or several, its trailers inside it
    Diffstat (limited to 'net/tipc')
    ...
    diff --git a/net/tipc/msg.c b/net/tipc/msg.cindex 1e42..9c57 100644

What git itself prints is read by `kbase.parsers.commits.git_text`, a mail with a patch by
`kbase.parsers.commits.patches`.
"""

import re
from collections.abc import Iterator, Sequence

from kbase.model.records import Commit, Format, Parsed, Section
from kbase.model.witnesses import DocumentKind
from kbase.parsers.commits.git_text import commits, is_git_text
from kbase.parsers.commits.parts import commit_of, person_of
from kbase.parsers.commits.patches import patches
from kbase.parsers.evidence import evidence_of
from kbase.parsers.sections import sections_of
from kbase.text.lines import Line, Text

PERSON = r"\s*+(?P<value>[^<>]{0,200}<[^<>]{0,200}>\s*+(?:\d{4}-.{0,80})?)"
HEADER = {
    "author": re.compile(rf"\s*author{PERSON}"),
    "committer": re.compile(rf"\s*committer{PERSON}"),
    "commit": re.compile(r"\s*commit\s*(?P<value>[0-9a-f]{7,64})\b.*"),
    "tree": re.compile(r"\s*tree\s*(?P<value>[0-9a-f]{40,64})\b(?:\s+/?(?P<path>\S+))?.*", re.DOTALL),
    "parent": re.compile(r"\s*parent\s*(?P<value>[0-9a-f]{40,64})\b.*"),
    "path": re.compile(r"\s*path:\s*root/?(?P<path>\S*)\s*"),
    "download": re.compile(r"\s*download\s*+\S+\.(?:tar\.\w+|zip)\b.*", re.DOTALL),
}
DIFFSTAT = re.compile(r"\s*Diffstat(?:\s*\(.*)?")
PAGES = ("cgit commit", "patch")
HEAD = 120  # lines that a header may take: a merge has a parent a line
LONGEST = 2000  # characters of a line of the header, of a remark, of a path
ONCE = ("author", "committer", "commit", "tree")


def matches(name: str, text: Text) -> bool:  # noqa: ARG001  # a saved page may have any name
    """Whether the text is that of a commit page, or what git prints of commits."""
    return text.page_of in PAGES or is_git_text(text.lines)


def parse(name: str, text: Text, blob: str) -> Parsed:  # noqa: ARG001  # a saved page may have any name
    """The commits; other text, such as a page without author, committer or hash, becomes sections."""
    found = tuple(_commits(text, blob))
    read = {number for commit in found for number in range(commit.evidence.first, commit.evidence.last + 1)}
    rest = [line for line in text.lines if line.number not in read]
    records: tuple[Commit | Section, ...] = (*found, *sections_of(rest, blob))
    title = found[0].subject if found else ""
    return Parsed(kind=DocumentKind.COMMIT, format=Format.TEXT, title=title, records=records)


def _commits(text: Text, blob: str) -> Iterator[Commit]:
    if is_git_text(text.lines):
        yield from commits(text.lines, blob)
    elif text.page_of == "patch":
        yield from patches(text.lines, blob)
    elif commit := _commit(text.lines, blob):
        yield commit


def _commit(lines: Sequence[Line], blob: str) -> Commit | None:
    header, at = _header(lines)
    if not header.keys() >= {"author", "committer", "commit"}:
        return None
    message = next((i for i in range(at, len(lines)) if not lines[i].blank), len(lines))
    stat = next((i for i in range(message + 1, len(lines)) if DIFFSTAT.fullmatch(lines[i].raw)), len(lines))
    return commit_of(
        sha=header["commit"][0]["value"],
        header={key: [match["value"] for match in header.get(key, ())] for key in ("tree", "parent")},
        author=person_of(header["author"][0]["value"]),
        committer=person_of(header["committer"][0]["value"]),
        message=[line.raw for line in lines[message:stat]],
        changed=[line.raw for line in lines[stat:]],
        evidence=evidence_of(lines, blob),
        limits=[match["path"] for key in ("path", "tree") for match in header.get(key, ()) if match["path"]],
    )


def _header(lines: Sequence[Line]) -> tuple[dict[str, list[re.Match[str]]], int]:
    """The header's lines by key, and the position behind the last of them."""
    header, end = dict[str, list[re.Match[str]]](), 0
    for at, line in enumerate(lines[: HEAD + 1]):
        for key, pattern in HEADER.items():
            match = pattern.fullmatch(line.raw) if len(line.raw) <= LONGEST else None
            if match and not (key in ONCE and key in header):
                header.setdefault(key, []).append(match)
                end = at + 1
                break
        else:
            if not line.blank and "commit" in header and "author" in header and at == end:
                break
    return header, end
