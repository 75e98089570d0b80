"""Any text as reStructuredText that reads as exactly that text.

Everything that comes from a document passes through here. `Rst` marks what is markup already: the templates'
environment escapes every other value, so a template cannot forget it.
"""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b
from urllib.parse import quote

from kbase.text.lines import visible

SPECIAL = re.compile(r"[\\*`|_:<>\[\]@^~]")  # begins or ends inline markup, a role, a reference, an address
PLAIN_LABEL = re.compile(r"[a-z]+\d+(\.\d+)*(-rc\d+)?")
ENUMERATOR = re.compile(r"(\(?)(\w+|#)([.)])(?=\s|$)")  # `1.`, `(a)`, `#)` at the start make a list


class Rst(str):
    """Text that is reStructuredText already."""

    __slots__ = ()


def plain(text: str) -> str:
    """The text in one line, white space collapsed, control characters left out; see `kbase.text.lines.visible`."""
    line = " ".join(text.split())
    return line if line.isascii() and line.isprintable() else " ".join(printable(" ".join(text.split())).split())


def escape(text: object) -> Rst:
    """One line of reStructuredText that reads as the text, also at the start of a block."""
    line = plain(str(text))
    if not line:
        return Rst(line)
    escaped = SPECIAL.sub(r"\\\g<0>", line)
    if line[0] == "\\":
        return Rst("\\ " + escaped)  # nothing but backslashes would be a transition
    if not (escaped[0].isalnum() or escaped[0] == "\\"):
        return Rst("\\" + escaped)
    match = ENUMERATOR.match(escaped)
    return Rst(escaped[: match.start(3)] + "\\" + escaped[match.start(3) :] if match else escaped)


def literal(text: object) -> Rst:
    """The text as an inline literal; escaped text where a literal cannot hold it."""
    line = plain(str(text))
    if not line or "`" in line or "\\" in line:
        return escape(line)
    return Rst(f"``{line}``")


def paragraphs(text: str) -> tuple[Rst, ...]:
    """The paragraphs of a text, separated in it by blank lines."""
    return tuple(escape(block) for block in re.split(r"\n\s*\n", text) if block.strip())


def heading(text: object, underline: str) -> Rst:
    """A title; its line is long enough for wide characters too."""
    title = escape(text)
    return Rst(f"{title}\n{underline * max(4, 2 * len(title) if not title.isascii() else len(title))}")


def role(name: str, target: str, title: str | None = None) -> Rst:
    """`:name:` with an explicit title, so that no character of either is taken for a modifier."""
    shown = escape(title if title is not None else target)
    return Rst(f":{name}:`{shown} <{_target(target)}>`")


def link(title: str, address: str | None) -> Rst:
    """A link with an anonymous target; the escaped title where there is no address."""
    if address is None:
        return escape(title)
    return Rst(f"`{escape(title)} <{quote(address, safe=':/?#=&.,~%+-')}>`__")


def joined(parts: Iterable[str], separator: str = ", ") -> Rst:
    """Pieces of markup in one line."""
    return Rst(separator.join(parts))


def code_block(text: str, indent: str = "   ") -> Rst:
    """A literal C block with the text's own lines."""
    lines = [line.expandtabs(8).rstrip() for line in text.splitlines()] or [""]
    body = "\n".join(f"{indent}{printable(line)}" if line else "" for line in lines)
    return Rst(f".. code-block:: c\n{indent}:force:\n\n{body}\n")


def namespace(label: str, *inner: str) -> str:
    """The C namespace of a version, another for each: `v6_8_1.inode_operations`."""
    version = re.sub(r"\W", "_", label, flags=re.ASCII)
    if not PLAIN_LABEL.fullmatch(label):  # `v6.8.rc1` is not `v6.8-rc1`; nothing that is plain has an `x` there
        version = f"{version}_x{digest(label)}"
    return ".".join((version, *(re.sub(r"\W", "_", part, flags=re.ASCII) for part in inner)))


def digest(name: str) -> str:
    """A short hash of a name."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def printable(line: str) -> str:
    """The line without characters that XML forbids, or no font has; see `kbase.text.lines.visible`."""
    return visible("".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs", "Cn")))


def _target(text: str) -> str:
    return re.sub(r"[\\`<>]", r"\\\g<0>", plain(text))
