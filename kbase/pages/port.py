"""The report of `kbase port` in numbers, for the terminal and its formats."""

from collections import Counter

from kbase.model.port import HelperVerdict, PortReport, Verdict
from kbase.pages.parts import plural


def counts(found: PortReport) -> dict[str, int]:
    """How many slots have each verdict, and how many must change; the calls of functions that changed; the rest."""
    verdicts = Counter(slot.verdict for slot in found.slots)
    helpers = Counter(helper.verdict for helper in found.helpers)
    return {
        **{verdict.value: verdicts[verdict] for verdict in Verdict},
        "must": len(found.musts),
        **{f"helper-{verdict}": helpers[verdict] for verdict in HelperVerdict},
        "not-read": len(found.unread),
        "accepted": found.accepted,
    }


def summary(found: PortReport) -> str:
    """`14 of 53 slots must change: 13 prototype-changed, 1 op-renamed`."""
    verdicts = Counter(slot.verdict for slot in found.musts)
    counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict])
    musts = f"{len(found.musts)} of {plural(len(found.slots), 'slot')} must change"
    return f"{musts}: {counted}" if counted else musts
