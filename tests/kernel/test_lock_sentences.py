"""Which sentences state a lock rule of an op, and which do not without doubt."""

import pytest

from kbase.kernel.lock_sentences import read_sentences

YES = [
    ("Called with the big kernel lock held.", "BKL yes"),
    ("This is called with sb->s_umount held exclusively.", "s_umount yes exclusive"),
    ("called by the VFS with i_rwsem held for reading", "i_rwsem yes shared"),
    ("called when the widget turns, with the widget->w_lock spinlock held.", "w_lock yes"),
    ("->turn() is called with w_rwsem exclusive.", "w_rwsem yes exclusive"),
    ("->turn() has i_mutex on inode.", "i_rwsem yes"),
    ("Callers hold w_rwsem exclusive. They do not mind.", "w_rwsem yes exclusive"),
    ("The folio will be locked when turn is called, and should be unlocked at the end.", "folio_lock yes"),
    ("The w_lock is not held when ->turn() is called.", "w_lock no"),
    ("Called without w_lock protection.", "w_lock no"),
    ("It is called with no locks held.", "None no"),
    ("It is called without any locks being held, so take yours.", "None no"),
    ("->turn has the w_lock held and must not sleep.", "w_lock yes; may block no"),
    ("This method must not block or sleep.", "may block no"),
    ("May sleep.", "may block yes"),
    ("With rcu set it must not sleep and may return -ECHILD.", "may block no in rcu"),
    ("turn() may be called in RCU-walk mode (flags & LOOKUP_RCU).", "may block no in rcu"),
    ("If in rcu-walk mode, the filesystem must turn it without blocking or storing.", "may block no in rcu"),
]
NO = [
    "Called with w_lock held if the widget is new.",
    "Sometimes called with w_lock held.",
    "It is not called with w_lock held.",
    "->turn() is called with w_rwsem at least shared.",
    "->turn() is called with w_lock.",
    "Called with the w_lock of the parent held.",
    "->turn() has ->i_rwsem exclusive on victim.",
    "->turn() takes the w_lock.",
    "->stop() is called with w_lock held.",
    "The w_lock may not be held when the op is called.",
    "Called with the superblock lock held.",  # which lock that is depends on the version
    "It has the lock held.",
    "It has block_size held.",
    "It must not sleep if the flag is set.",
    "It must not sleep on old hardware.",
    "It should not block.",
    "The VFS must not sleep.",
    "Only called after leaving rcu-walk mode.",
    "It may block further requests.",
    "The widget is locked.",
]


def readings(text: str, *, about: bool) -> str:
    return "; ".join(
        " ".join([str(each.subject), each.held, *each.modes, *["in rcu"] * each.in_rcu])
        for each in read_sentences(text, "turn", about=about)
    )


@pytest.mark.parametrize(("text", "expected"), YES)
def test_a_plain_sentence_is_read(text: str, expected: str) -> None:
    assert readings(text, about=True) == expected
    assert readings(f"Turns a widget. {text}", about=True) == expected


@pytest.mark.parametrize("text", NO)
def test_a_sentence_with_a_condition_or_about_something_else_is_not_read(text: str) -> None:
    assert readings(text, about=True) == ""


def test_a_text_about_several_ops_must_name_the_op() -> None:
    assert readings("It must not sleep. Called with w_lock held.", about=False) == ""
    assert readings("->stop() and ->turn() have the w_lock held. ->stop() must not sleep.", about=False) == "w_lock yes"


def test_sentences_that_differ_in_the_lock_have_one_form() -> None:
    texts = "->turn has the w_lock held and must not sleep", "turn has the v_lock held and must not sleep"
    forms = [reading.form for text in texts for reading in read_sentences(text, "turn", about=True) if reading.form]
    assert len(forms) == 2
    assert len(set(forms)) == 1
