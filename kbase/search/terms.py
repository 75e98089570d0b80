"""The terms of rules, contexts and C types in the index.

A rule's terms let `lock:` and `held:` apply to one rule: for every reading, the subject (or `*`) joined with each
selection of what is true of it: `i_rwsem=yes`, `i_rwsem=exclusive`, `i_rwsem=exclusive+yes`, `folio_lock=unlocks`, ...
"""

from collections.abc import Iterable

from kbase.model.records import Held

ANY_LOCK = "*"
SHOWN = "\f"  # the last one in an op's text separates its prose from what a hit shows beside its snippet


def squeeze(text: str) -> str:
    """The text on one line, its white space collapsed."""
    return " ".join(text.split())


def rule_term(subject: str, what: Iterable[str]) -> str:
    """The term of a rule about `subject` for which everything in `what` is true."""
    return f"{subject.lower()}={'+'.join(sorted(what))}"


def context_term(header: str, held: Held) -> str:
    """The term of a context column, such as rcu-walk, with this value."""
    return f"{squeeze(header).lower()}={held.value}"


def type_term(text: str) -> str:
    """A C type as one term: `struct dentry *` and `struct dentry*` are the same."""
    return squeeze(text.replace("*", " * ")).lower()
