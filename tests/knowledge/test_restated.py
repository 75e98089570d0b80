"""Our own words for the sentences of documents: on the lines of the originals, and read as the same facts."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kbase import parsers
from kbase.errors import SourceError
from kbase.knowledge.own_words import originals
from kbase.knowledge.printed_documents import print_document
from kbase.model.records import (
    BlanketRule,
    Flag,
    Function,
    LockOrder,
    Obligation,
    Parsed,
    PortingEntry,
    ProseRule,
    Record,
    Steps,
)
from kbase.sources.bundled import read_bundled
from kbase.sources.restated import FOLDER, Piece, fingerprint, in_own_words, read_restatements
from kbase.text.lines import Text, decode, split_lines
from tests.conftest import CORPUS

CHECKED = re.compile(r"Checked on \d{4}-\d\d-\d\d against the documents of 2\.4\.0 to 7\.1\.5\b")

LOCKING = """\
--------------------------- inode_operations --------------------------
prototypes:
\tint (*rename) (struct inode *);
\tint (*unlink) (struct inode *);
locking rules:
\t\ti_sem
rename:\t\tyes
unlink:\t\tyes

\tWhile a cat watches, ->rename() has
->s_lock on the dish. Moreover,
->unlink() has i_zombie on inode.
"""
PORTING = """\
Words before it.

---
[mandatory]

Cats no longer eat by themselves. Feed them, and then

brush them.

---
[informational]
\tDogs bark.
"""
STEPS = """\
Two kinds of locks.

1) feeding. Locking rules: caller locks the cat, finds the dish
and calls the method.

2) brushing. Some fun. Locking rules:
\t* lock the cat.
\t* find a brush, then
\t  calm down.
"""
VFS = """\
struct file_operations
----------------------

.. code-block:: c

\tstruct file_operations {
\t\tint (*flush) (struct file *);
\t};

``flush``
\tcalled at some time.  The file is
\tlocked.  This method must
\tcall iput() itself.

Cats can also use these:

``cat_feed``
\tfeeds a cat
"""


def read(name: str, document: str) -> tuple[Text, Parsed]:
    text = split_lines(document)
    return text, parsers.parse(f"Documentation/filesystems/{name}", text, "blob")


def printed(name: str, document: str, *words: tuple[Piece, ...]) -> dict[int, str]:
    """The lines of the print that have something; `words` are for the document's texts in their order."""
    text, parsed = read(name, document)
    ours = {each.fingerprint: pieces for each, pieces in zip(originals(parsed, text), words, strict=True)}
    lines = print_document(text, parsed, ours).split("\n")
    return {number: line.strip() for number, line in enumerate(lines, 1) if line.strip()}


def test_words_are_on_the_lines_of_the_sentences_that_they_restate() -> None:
    found = printed("Locking", LOCKING, (Piece("one two three four", 1, 1), Piece("five six", 2, 2)))
    assert {number: found[number] for number in (10, 11, 12)} == {10: "one two", 11: "three four five", 12: "six"}


def test_an_entry_of_the_porting_log_keeps_its_tag_and_its_lines() -> None:
    found = printed("porting", PORTING, (Piece("a b c d e f"),), (Piece("g h"),))
    assert found == {
        3: "---",
        4: "[mandatory]",
        6: "a b",
        7: "c d",
        8: "e f",
        10: "---",
        11: "[informational]",
        12: "g h",
    }
    _, again = read("porting", "\n".join(found.get(n, "") for n in range(1, 13)))
    assert [(e.tag, e.evidence.first, e.evidence.last) for e in again.records if isinstance(e, PortingEntry)] == [
        ("mandatory", 4, 8),
        ("informational", 11, 12),
    ]


def test_steps_keep_their_headings_and_bullets() -> None:
    first = tuple(
        Piece(text, n, n) for n, text in enumerate(("caller locks it,", "finds it", "and calls the method"), 1)
    )
    found = printed("directory-locking", STEPS, first, (Piece("lock it", 1, 1), Piece("take a deep breath", 2, 2)))
    assert found == {
        3: "1) feeding. Locking rules: caller locks it, finds it",
        4: "and calls the method",
        6: "2) brushing. Locking rules:",
        7: "* lock it",
        8: "* take a",
        9: "deep breath",
    }


def test_of_a_description_only_what_is_restated_is_printed() -> None:
    found = printed("vfs.rst", VFS, (Piece("Must call iput().", 3, 3),), (Piece("Gives food."),))
    assert {number: line for number, line in found.items() if number > 8} == {
        10: "``flush``",
        12: "Must",
        13: "call iput().",
        15: "Functions:",
        17: "``cat_feed``",
        18: "Gives food.",
    }


def test_a_text_is_recognized_whatever_its_line_breaks() -> None:
    ours = {fingerprint("Feed  the\n\tcat."): (Piece("Food"), Piece("first."))}
    assert in_own_words("Feed the cat.", ours) == "Food first."
    assert in_own_words("Feed the dog.", ours) == "Feed the dog."


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("v1 Locking:1-2  0123456789ab\n", "line 3: a place, fingerprints, and an indented text are expected"),
        ("v1 Locking:1-2  0123456789ab\nwords\n", "line 4: a place, fingerprints, and an indented text"),
        ("v1 a:1  0123456789ab\n    x\n\nv1 b:1  0123456789ab\n    y\n", "line 6: 0123456789ab is restated twice"),
    ],
)
def test_a_malformed_entry_is_refused(tmp_path: Path, entry: str, message: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "cats.rst").write_text(f"Cats\n====\n{entry}")
    with pytest.raises(SourceError, match=re.escape(message)):
        read_restatements(tmp_path)


def test_numbers_in_brackets_name_sentences(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "cats.rst").write_text(
        "v1 Locking:1-2  0123456789ab 0123456789ac\n    One,\n    two. [3] Three. [5-7] Five.\n"
    )
    pieces = (Piece("One, two.", 1, 1), Piece("Three.", 3, 3), Piece("Five.", 5, 7))
    assert read_restatements(tmp_path) == {"0123456789ab": pieces, "0123456789ac": pieces}


def test_a_second_reading_is_recorded() -> None:
    files = sorted((CORPUS / FOLDER).glob("*.rst"))
    assert files
    assert [file.name for file in files if not CHECKED.search(file.read_text())] == []


def real_documents(shared: Path) -> Iterator[tuple[str, str, bytes]]:
    """(version, path, content) of the documents of all kernels, each content once."""
    seen = set[bytes]()
    for kernel in sorted((shared / "kernels").glob("v*")):
        for file in sorted((kernel / "Documentation").rglob("*")):
            if file.is_file() and (data := file.read_bytes()) not in seen:
                seen.add(data)
                yield kernel.name, file.relative_to(kernel).as_posix(), data


def facts(parsed: Parsed) -> set[tuple[object, ...]]:
    """What the sentences of a document state, without their words, each with its lines."""
    return {(*_fact(r), r.evidence.first, r.evidence.last) for r in parsed.records if _fact(r)}


def _fact(record: Record) -> tuple[object, ...]:
    """What counts of a record; nothing of others."""
    match record:
        case ProseRule(struct=struct, op=op, lock=lock, readings=readings):
            plain = tuple(replace(reading, condition=reading.condition and "if") for reading in readings)
            return struct, op, lock.removeprefix("->"), plain
        case Obligation(struct=struct, op=op, action=action, force=force, what=what, condition=condition):
            return struct, op, action, force, what, record.subject, bool(condition)
        case LockOrder(first=first, second=second, among=among, operation=operation):
            return first, second, among, operation
        case BlanketRule(struct=struct, lock=lock, reading=reading):
            return struct, lock, reading, record.exceptions, record.unless_noted
        case Steps(subject=subject, steps=steps, remarks=remarks):
            return subject, len(steps), len(remarks)
        case PortingEntry(tag=name) | Function(name=name) | Flag(name=name):
            return (name,)
    return ()


@pytest.mark.slow
def test_every_sentence_of_every_kernel_is_restated_as_the_same_facts(shared: Path) -> None:
    restatements = read_restatements(CORPUS)
    bundled = {(raw.version, raw.path): raw.data for raw in read_bundled(CORPUS)}
    used = set[str]()
    for version, path, data in real_documents(shared):
        text = split_lines(decode(data))
        parsed = parsers.parse(path, text, "blob")
        wanted = {original.fingerprint for original in originals(parsed, text)}
        assert wanted <= restatements.keys(), (version, path)
        used |= wanted
        page = print_document(text, parsed, restatements)
        assert page.encode() == bundled[version, path], (version, path)
        again = parsers.parse(path, split_lines(page), "blob")
        assert facts(parsed) ^ facts(again) == set(), (version, path)
        names = [
            [(set(entry.ops), set(entry.locks)) for entry in each.records if isinstance(entry, PortingEntry)]
            for each in (parsed, again)
        ]
        assert names[0] == names[1], (version, path)
    assert used == restatements.keys()
