"""What sentences say about ops: a reviewed table that covers every pattern, in our own words."""

from pathlib import Path

import pytest

from kbase.kernel.lock_sentences import Clause, Duty, Sentence, normal, read_text
from kbase.kernel.sentence_patterns import PATTERNS

OPS = ("turn", "stop")
TABLE = (Path(__file__).with_name("lock_sentences.txt")).read_text("utf-8")
READ = [
    (text.replace("\\n", "\n"), "; ".join(map(str.strip, expected)))
    for text, *expected in (case.split("\n") for case in TABLE.strip().split("\n\n"))
    if expected and not text.startswith("#")
]
NOT_READ = [
    "Called with w_lock held if the widget is new.",
    "Sometimes called with w_lock held.",
    "->turn() is called with w_lock.",
    "Called with the w_lock of the parent held.",
    "->turn() takes the w_lock.",
    "->stop_all() is called with w_lock held.",
    "Called with the superblock lock held.",  # which lock that is depends on the version
    "It has the lock held.",
    "It has block_size held.",
    "It has the w_lock held and is fast while the widget turns and w_lock held.",
    "->turn() has w_lock on the widget if it is new, and otherwise only sometimes.",
    "As soon as that is done all instances of ->turn() will be called without the w_lock.",
    "It must not sleep if the flag is set.",
    "It must not sleep on old hardware.",
    "The VFS must not sleep.",
    "It may block further requests.",
    "The widget is locked.",
    "Sleeping is not permitted in this mode, and so on.",  # in which?
    "It may not be the w_lock of the same widget.",
    "Usually w_lock is good for that.",
    "->w_list must not be freed early.",
]
RACE = "if it so happens that the page may be truncated"


def told(said: Clause | Duty) -> str:
    """A clause or a duty in a few words."""
    if isinstance(said, Duty):
        words = [said.force, said.action, said.what, f"[{said.subject}]" if said.subject else ""]
        words += ["if", said.condition] if said.condition else []
    else:
        reading = said.reading
        words = [str(reading.subject), reading.held, *reading.modes, reading.effect or ""]
        words += ["on", reading.scope] if reading.scope else []
        words += ["if", reading.condition] if reading.condition else []
    return " ".join(filter(None, words))


def sentences(text: str, *about: str) -> list[Sentence]:
    return list(read_text(text, OPS, about))


def readings(text: str, *about: str, op: str = "turn") -> str:
    said: list[Clause | Duty] = []
    for sentence in sentences(text, *about):
        said += (*sentence.clauses, *sentence.duties)
    return "; ".join(told(each) for each in said if op in each.ops).replace(RACE, "RACE")


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_sentence_without_doubt_is_read(text: str, expected: str) -> None:
    assert readings(text, "turn") == expected
    assert readings(f"Turns a widget. {text}", "turn") == expected


def test_every_pattern_is_in_the_table() -> None:
    read = [normal(sentence.text) for text, _ in READ for sentence in sentences(text, "turn") if not sentence.unread]
    assert [pattern.name for pattern in PATTERNS if not any(map(pattern.form.fullmatch, read))] == []


@pytest.mark.parametrize("text", NOT_READ)
def test_a_sentence_with_doubt_is_not_read(text: str) -> None:
    assert readings(text, "turn") == ""
    assert readings(text, "turn", op="stop") == ""


def test_a_text_about_several_ops_must_name_the_op() -> None:
    assert readings("It must not sleep. Called with w_lock held.") == ""
    assert readings("->stop() and ->turn() have the w_lock held. ->stop() must not sleep.") == "w_lock yes"


def test_it_means_what_the_sentence_before_is_about() -> None:
    text = "->stop() is quick. It must not sleep. ->turn() is slow. The folio is locked. ->w_count is zero. May block."
    assert readings(text) == "folio_lock yes"
    assert readings(text, op="stop") == "may block no"


def test_a_sentence_about_a_lock_that_is_not_read_is_reported() -> None:
    texts = (
        "Usually w_lock is good for that. It is fine.",
        "This is called with the superblock lock held.",
        "unlock_widget() is called by file_lock users. The widget is locked.",
        "It must not sleep.",
    )
    unread = [[sentence.text for sentence in sentences(text, "turn") if sentence.unread] for text in texts]
    assert unread == [["Usually w_lock is good for that"], ["This is called with the superblock lock held"], [], []]
    assert not any(sentence.unread for sentence in sentences("Usually w_lock is good for that."))


def test_sentences_that_differ_in_the_lock_have_one_form() -> None:
    texts = "->turn has the w_lock held and must not sleep", "turn has the v_lock held and must not sleep"
    clauses = [clause for text in texts for sentence in sentences(text, "turn") for clause in sentence.clauses]
    forms = [clause.form for clause in clauses if clause.form and clause.reading.subject != "may block"]
    assert len(forms) == 2
    assert len(set(forms)) == 1


def test_a_sentence_is_quoted_as_it_is_written() -> None:
    text = "Now:\n* it's called with *the* w_lock\n  held, so wait."
    assert [each.text for each in sentences(text, "turn")] == ["it's called with *the* w_lock held, so wait"]


def test_the_words_of_a_sentence_are_known() -> None:
    text = "Turns a widget.\n\nIt is quick; it must\nnot sleep. May it be so."
    assert [(each.first, each.last) for each in sentences(text, "turn")] == [(6, 10)]
    assert text.split()[6:10] == ["it", "must", "not", "sleep."]
