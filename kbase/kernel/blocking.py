"""May an op block? One answer for all front ends, from the documents of a version.

The statement nearest to the op decides: its own `may block` cell, then a remark in its row ("(must not sleep)", "may
not block if called in rcu-walk mode"), then a sentence about the op, then the rule over its table with its exceptions.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kbase.kernel.locks import MAY_BLOCK, OPPOSITE
from kbase.model.records import Held, LockRule
from kbase.model.states import Cited, OpState

COLUMN = re.compile(r"\b(?:may\s+)?(?:blocks?|sleeps?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """The answer: `held` is yes, no, maybe or unknown; `text` is the statement, cited in `source`."""

    held: Held
    text: str
    source: Cited[Any]
    inherited: bool = False  # a rule over the whole table


def blocking(op: OpState) -> Blocking | None:
    """Whether the op may block; None where nothing is stated."""
    return _own_cell(op) or _stated(op.rules) or _stated(op.prose) or _table_rule(op)


def _own_cell(op: OpState) -> Blocking | None:
    for cited in op.context:
        rule = cited.record
        if rule.cell and COLUMN.search(rule.lock):
            held = next((reading.held for reading in rule.readings), Held.UNKNOWN)
            return Blocking(held=held, text=rule.cell, source=cited)
    return None


def _stated(rules: Sequence[Cited[LockRule]]) -> Blocking | None:
    """What remarks or sentences say, one without a condition first; with one, it depends."""
    readings = ((reading, cited) for cited in rules for reading in cited.record.readings)
    said = [
        (reading, cited) for reading, cited in readings if reading.subject == MAY_BLOCK and reading.held in OPPOSITE
    ]
    for reading, cited in sorted(said, key=lambda each: each[0].condition is not None):
        held = Held.MAYBE if reading.condition else reading.held
        return Blocking(held=held, text=cited.record.cell, source=cited)
    return None


def _table_rule(op: OpState) -> Blocking | None:
    """The answer of the blanket rule that covers the op; a doubtful rule leaves it unknown."""
    for cited in op.inherited:
        rule = cited.record
        if not COLUMN.search(rule.lock or rule.text):
            continue
        held = rule.reading.held if rule.reading else Held.UNKNOWN
        if op.name in rule.exceptions:
            held = {Held.YES: Held.NO, Held.NO: Held.YES}.get(held, Held.UNKNOWN)
        return Blocking(held=held, text=rule.text, source=cited, inherited=True)
    return None
