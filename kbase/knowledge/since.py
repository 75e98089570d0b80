"""Since when each op is there, what changed, and until when: compatibility data for other tools.

The form is that of MDN's browser-compat-data, with periods in place of support statements, and what headers say apart
from what documents say. `docs/since.rst` describes it, `docs/static/since.schema.json` is its schema.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import version as version_of
from typing import Any

from kbase.diff.history import Link, OpHistory, Span
from kbase.diff.release_line import Range, witness_of
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.releases import release_of
from kbase.model.versions import main_family
from kbase.model.witnesses import KERNEL, OP_WITNESSES

FORM = 1  # of the data; another number where a key changes its meaning
FAMILY = "linux"
Json = dict[str, Any]


def since_data(kb: KnowledgeBase) -> Json:
    """All ops of linux by ops table and name, and the versions that the dates are from, as plain values."""
    histories = {
        struct: [each for each in kb.histories(struct) if each.in_headers or each.in_documents]
        for struct, labels in sorted(kb.tables.items())
        if main_family(labels) == FAMILY
    }
    exact = [each.exact for found in histories.values() for each in found]
    return {
        "form": FORM,
        "kbase": version_of("kbase"),
        "versions": {label: _version(kb, label) for label in kb.labels(FAMILY)},
        "dates": {"exact": sum(one for one, _ in exact), "of": sum(of for _, of in exact)},
        "ops": {struct: {each.op: _op(each) for each in found} for struct, found in histories.items() if found},
    }


def _version(kb: KnowledgeBase, label: str) -> Json:
    kinds = kb.kinds(label)
    documents = [kind.value for kind in OP_WITNESSES if kind in kinds and kind is not KERNEL]
    return {"release": release_of(label).removeprefix("v"), "header": KERNEL in kinds, "documents": documents}


def _op(history: OpHistory) -> Json:
    return {
        "header": list(map(_period, history.in_headers)),
        "documented": list(map(_period, history.in_documents)),
        "changed": list(_changes(history)),
        "renamed_from": list(_names(history.renamed_from)),
        "renamed_to": list(_names(history.renamed_to)),
    }


def _period(span: Span) -> Json:
    return {"since": _date(span.since), "removed": span.removed and _date(span.removed)}


def _changes(history: OpHistory) -> Iterator[Json]:
    for event in history.events:
        for change in event.changes:
            yield {
                "date": _date(event.range),
                "witness": witness_of(change).value,
                "kind": change.kind.value,
                "severity": change.severity.value,
                "subject": change.subject,
                "before": change.before,
                "after": change.after,
            }


def _names(links: Iterable[Link]) -> Iterator[Json]:
    for link in links:
        yield {"op": f"{link.struct}.{link.op}", "date": _date(link.range), "likely": link.likely}


def _date(when: Range) -> Json:
    """A release, or null with the versions between which it was; `after` is null where no version is older."""
    return {"release": when.release, "after": when.after, "by": when.by}
