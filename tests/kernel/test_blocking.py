"""May an op block: the nearest word decides."""

import pytest

from kbase.kernel.blocking import blocking
from kbase.model.records import Format, Held
from kbase.model.states import Cited, DocumentRef
from kbase.model.witnesses import DocumentKind
from kbase.parsers import parse
from kbase.store.assembly import assemble
from kbase.text.lines import split_lines

DOCUMENT = """\
--- widget_operations ---
prototypes:
	int (*turn)(struct widget *);
	int (*stop)(struct widget *);
	int (*paint)(struct widget *);
	int (*halt)(struct widget *);

locking rules:
	All except stop may block
		w_lock
turn:		yes
stop:		yes
paint:		no (may not block if called in a hurry)
halt:		no	(must not sleep)

--- gadget_operations ---
prototypes:
	int (*poke)(struct gadget *);
	int (*prod)(struct gadget *);

locking rules:
	All may block [mostly]
		may block	g_lock
poke:		no		yes
prod:				no
"""


@pytest.fixture(scope="module")
def ops():
    ref = DocumentRef(
        version="v9.1", path="Locking", blob="b", kind=DocumentKind.LOCKING, format=Format.TEXT, title="", source="s"
    )
    records = [Cited(record=r, document=ref) for r in parse("Locking", split_lines(DOCUMENT), "b").records]
    return assemble("v9.1", "given", [ref], records).ops


@pytest.mark.parametrize(
    ("op", "held", "text", "inherited"),
    [
        ("widget_operations.turn", Held.YES, "All except stop may block", True),
        ("widget_operations.stop", Held.NO, "All except stop may block", True),
        ("widget_operations.paint", Held.MAYBE, "no (may not block if called in a hurry)", False),
        ("widget_operations.halt", Held.NO, "(must not sleep)", False),
        ("gadget_operations.poke", Held.NO, "no", False),
        ("gadget_operations.prod", Held.UNKNOWN, "All may block [mostly]", True),
    ],
)
def test_the_nearest_word_decides(ops, op, held, text, inherited):
    answer = blocking(ops[op])
    assert answer is not None
    assert (answer.held, answer.text, answer.inherited) == (held, text, inherited)


def test_nothing_said_is_no_answer():
    ref = DocumentRef(
        version="v9.1", path="Locking", blob="b", kind=DocumentKind.LOCKING, format=Format.TEXT, title="", source="s"
    )
    text = "--- w_operations ---\nprototypes:\n\tint (*turn)(int);\n\nlocking rules:\n\t\tw_lock\nturn:\t\tno\n"
    records = [Cited(record=r, document=ref) for r in parse("Locking", split_lines(text), "b").records]
    assert blocking(assemble("v9.1", "given", [ref], records).ops["w_operations.turn"]) is None
