"""May an op block? One answer for all front ends, from the documents of a version.

The statement nearest to the op decides: its own `may block` cell, then a remark in its row ("(must not sleep)", "may
not block if called in rcu-walk mode"), then the rule over its table with its exceptions.
"""

import re
from dataclasses import dataclass
from typing import Any

from kbase.model.records import Held, LockRule
from kbase.model.states import Cited, OpState

COLUMN = re.compile(r"\b(?:may\s+)?(?:blocks?|sleeps?)\b", re.IGNORECASE)
MUST_NOT = re.compile(
    r"\b(?:must|may|can|should)\s*not\s+(?:block|sleep)\b(?P<when>\s+(?:if|when|unless|in)\b)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """The answer: `held` is yes, no, maybe or unknown; `text` is the statement, cited in `source`."""

    held: Held
    text: str
    source: Cited[Any]
    inherited: bool = False  # a rule over the whole table


def blocking(op: OpState) -> Blocking | None:
    """Whether the op may block; None where nothing is stated."""
    return _own_cell(op) or _own_remark(op) or _table_rule(op)


def _own_cell(op: OpState) -> Blocking | None:
    for cited in op.context:
        rule = cited.record
        if rule.cell and COLUMN.search(rule.lock):
            held = next((reading.held for reading in rule.readings), Held.UNKNOWN)
            return Blocking(held=held, text=rule.cell, source=cited)
    return None


def _own_remark(op: OpState) -> Blocking | None:
    for cited in op.rules:
        rule: LockRule = cited.record
        found = MUST_NOT.search(rule.cell)
        if found:
            return Blocking(held=Held.MAYBE if found["when"] else Held.NO, text=rule.cell, source=cited)
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
