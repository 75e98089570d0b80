"""The history of an op, of a lock, or of all ops of a table: found by its name, as text and as JSON."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from kbase.diff.history import Link, OpHistory, Span
from kbase.diff.release_line import Event, Range, Witness, witness_of
from kbase.kernel.exact_names import ItemKind
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.versions import main_family
from kbase.model.witnesses import LOCK_TABLES
from kbase.terminal.change_lines import by_name, show_change
from kbase.terminal.json_output import Json, change_json, commit_json
from kbase.terminal.lookup import chosen_item, report_others, unknown
from kbase.terminal.printer import Piece, Printer, bold, dim

if TYPE_CHECKING:  # it brings what compares rules, which the history of an op need not wait for
    from kbase.diff.lock_history import LockHistory

KINDS = (ItemKind.OP, ItemKind.LOCK, ItemKind.STRUCT)
History: TypeAlias = "OpHistory | LockHistory | tuple[OpHistory, ...]"  # the last: of all ops of a table


def find_history(kb: KnowledgeBase, name: str) -> History:
    """The history of the op, lock or ops table of that name over the versions of linux, or else of another family.

    Raises:
        UnknownName: nothing of that kind has that name.
        AmbiguousName: several ops have it.
    """
    found = [item for item in kb.find(name) if item.kind in KINDS]
    if not found:
        raise unknown(kb, name, "no op, lock or ops table")
    item = chosen_item(kb, name, found)
    report_others(found, item)
    if item.kind == ItemKind.LOCK:
        return kb.lock_history(item.name)
    if item.kind == ItemKind.STRUCT:
        return kb.histories(item.name)
    struct, _, op = item.name.partition(".")
    return kb.history(struct, op)


def show_history(kb: KnowledgeBase, found: History, out: Printer) -> None:
    """When it was added, every change, when it was removed; each date as a range of versions."""
    match found:
        case OpHistory():
            _show_op(kb, found, out)
            _show_events(found.events, f"{found.struct}.{found.op}", out)
            _show_branches(found.branches, f"{found.struct}.{found.op}", out)
        case tuple():
            family = main_family(label for each in found for label in each.versions)
            _show_table(found, kb.labels(family), out)
        case _:
            out.title(found.subject)
            for name, versions in found.names:
                out.line(f"written {name}", dim(f"  {', '.join(kb.ranges(versions, LOCK_TABLES))}"), indent=2)
            out.line(dim("{} of {} dates are exact to one release".format(*found.exact)), indent=2)
            _show_events(found.events, "", out)
            _show_branches(found.branches, "", out)


def _versions(found: OpHistory) -> str:
    """The versions that state the op; one without such documents ends no range."""
    also = f", also {', '.join(found.beside)}" if found.beside else ""
    return ", ".join(found.releases) + also


def _show_op(kb: KnowledgeBase, found: OpHistory, out: Printer) -> None:
    out.title(f"{found.struct}.{found.op}", _versions(found))
    for span in found.spans:
        out.line("; ".join(filter(None, (span.added, span.removal))), indent=2)
    if found.documented:
        out.line(f"documented in {', '.join(found.documented)}; no header of these releases has it", indent=2)
    _links("was", found.renamed_from, out)
    _links("became", found.renamed_to, out)
    out.line(dim("{} of {} dates are exact to one release".format(*found.exact)), indent=2)
    without: dict[str, list[str]] = {}
    for missing in found.missing:
        without.setdefault(missing.document, []).append(missing.version)
    for document, versions in without.items():
        out.line(dim(f"no {document} available: {', '.join(kb.ranges(versions))}"), indent=2)


def _show_events(events: Iterable[Event], own: str, out: Printer) -> None:
    """The changes, event by event; those that are not of `own` below the name of what changed."""
    for event in events:
        out.line()
        out.line(bold(str(event.range)))
        _show_event(event, own, out)


def _show_event(event: Event, own: str, out: Printer) -> None:
    for name, group in by_name(event.changes):
        if name != own:
            out.line(name, indent=2)
        for change in group:
            show_change(change, out)


def _show_branches(branches: Iterable[Event], own: str, out: Printer) -> None:
    """What stable versions changed and no later available release has."""
    for event in branches:
        out.line()
        out.line(bold(f"in {event.range.by} only, not in {event.range.after} or a later available release"))
        _show_event(event, own, out)


def _show_table(histories: tuple[OpHistory, ...], labels: tuple[str, ...], out: Printer) -> None:
    """A line an op: the versions that have it, by which ones it changed, and whether it was removed or renamed."""
    out.title(histories[0].struct, f"{len(histories)} ops over {len(labels)} versions")
    out.columns((bold(found.op), _versions(found), _summary(found)) for found in histories)


def _summary(found: OpHistory) -> Piece:
    changed = [event.range.by for event in found.events if event.range not in (found.since, found.removed)]
    ends = [found.spans[-1].removal] if found.removed else []
    ends += [f"{'likely ' if link.likely else ''}became {_name(link, found.struct)}" for link in found.renamed_to]
    changes = f"changed by {', '.join(dict.fromkeys(changed))}" if changed else ""
    return dim("; ".join(filter(None, [changes, *ends])))


def _name(link: Link, struct: str) -> str:
    return link.op if link.struct == struct else f"{link.struct}.{link.op}"


def _links(word: str, links: Iterable[Link], out: Printer) -> None:
    for link in links:
        likely = "likely: " if link.likely and not link.reason.startswith("likely") else ""  # most reasons say so
        out.line(f"{word} {link.struct}.{link.op} {link.range}: {likely}{link.reason}", indent=2)


def history_json(found: History) -> Json:
    """What `kbase history --json` prints; changes have the keys of `kbase diff --json`, and some more."""
    if isinstance(found, tuple):
        return {"struct": found[0].struct, "ops": [history_json(each) for each in found]}
    events, branches = ([_event(event) for event in each] for each in (found.events, found.branches))
    if isinstance(found, OpHistory):
        return {
            "struct": found.struct,
            "op": found.op,
            "versions": list(found.versions),
            "also_in": list(found.beside),
            "spans": list(map(_span, found.spans)),
            "events": events,
            "branches": branches,
            "dates": {"exact": found.exact[0], "of": found.exact[1]},
            "not_held": [{"version": gap.version, "document": gap.document} for gap in found.missing],
            "renamed_from": [_link(link) for link in found.renamed_from],
            "renamed_to": [_link(link) for link in found.renamed_to],
        }
    names = {name: list(versions) for name, versions in found.names}
    return {"lock": found.subject, "names": names, "ops": [".".join(op) for op in found.ops], "events": events} | {
        "branches": branches,
        "dates": {"exact": found.exact[0], "of": found.exact[1]},
    }


def _span(span: Span) -> Json:
    return {"since": _range(span.since), "removed": _range(span.removed), "late": span.late}


def _event(event: Event) -> Json:
    changes = [
        change_json(change)
        | {"commits": [commit_json(commit) for commit in change.commits]}
        | {"also_in": list(change.also), "date": _date(event.range, witness_of(change))}
        for change in event.changes
    ]
    return {**_range(event.range), "changes": changes}


def _date(when: Range, witness: Witness) -> Json:
    return {"release": when.release, "after": when.after, "by": when.by, "witness": witness}


def _range(when: Range | None) -> Any:
    return when and {"after": when.after, "by": when.by, "exact": when.exact, "date": _date(when, when.witness)}


def _link(link: Link) -> Json:
    named = {"struct": link.struct, "op": link.op, "reason": link.reason, "likely": link.likely}
    return {**named, **_range(link.range)}
