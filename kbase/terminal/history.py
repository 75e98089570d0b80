"""The life of an op, of a lock, or of all ops of a table: found by its name, as text and as JSON."""

from collections.abc import Iterable
from typing import Any

from kbase.diff.history import Link, OpLife
from kbase.diff.lock_history import LockLife
from kbase.diff.release_line import Event, Range
from kbase.kernel.exact_names import ThingKind
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.versions import collapse, main_family
from kbase.terminal.changes import by_thing, show_change
from kbase.terminal.json_output import Json, change_json
from kbase.terminal.lookup import report_others, thing_meant, unknown
from kbase.terminal.printer import Piece, Printer, bold, dim

KINDS = (ThingKind.OP, ThingKind.LOCK, ThingKind.STRUCT)
Life = OpLife | LockLife | tuple[OpLife, ...]  # the last: of an ops table


def find_history(kb: KnowledgeBase, name: str) -> Life:
    """The life of the op, lock or ops table of that name over the versions held of linux, or else of another family.

    Raises:
        UnknownName: nothing of that kind has that name.
        AmbiguousName: several ops have it.
    """
    found = [thing for thing in kb.find(name) if thing.kind in KINDS]
    if not found:
        raise unknown(kb, name, "no op, lock or ops table")
    thing = thing_meant(kb, name, found)
    report_others(found, thing)
    if thing.kind == ThingKind.LOCK:
        return kb.lock_life(thing.name)
    if thing.kind == ThingKind.STRUCT:
        return kb.histories(thing.name)
    struct, _, op = thing.name.partition(".")
    return kb.history(struct, op)


def show_history(kb: KnowledgeBase, life: Life, out: Printer) -> None:
    """When it came, every change, when it went; each date as the range that the versions held leave."""
    labels = kb.labels(_family(life))
    match life:
        case OpLife():
            _show_op(life, out)
            _show_events(life.events, f"{life.struct}.{life.op}", out)
            _show_branches(life.branches, f"{life.struct}.{life.op}", out)
        case LockLife():
            out.title(life.subject)
            for name, versions in life.names:
                out.line(f"written {name}", dim(f"  {', '.join(collapse(versions, labels))}"), indent=2)
            out.line(dim("{} of {} dates leave a single release".format(*life.exact)), indent=2)
            _show_events(life.events, "", out)
            _show_branches(life.branches, "", out)
        case _:
            _show_table(life, labels, out)


def _family(life: Life) -> str:
    """The family of the versions that it is told over."""
    if isinstance(life, LockLife):
        return main_family(label for _, labels in life.names for label in labels)
    return main_family(label for each in (life if isinstance(life, tuple) else [life]) for label in each.versions)


def _versions(life: OpLife) -> str:
    """The versions that state the op; one that could not tell it ends no range."""
    also = f", also {', '.join(life.beside)}" if life.beside else ""
    return ", ".join(collapse(life.versions, life.telling)) + also


def _show_op(life: OpLife, out: Printer) -> None:
    out.title(f"{life.struct}.{life.op}", _versions(life))
    for span in life.spans:
        came = f"came {span.since}" if span.since.after else f"as old as {span.since.by}, the oldest version held"
        went = f"; went {span.removed}" if span.removed else ""
        out.line(came + went + (f" from the documents; {span.late}" if span.late else ""), indent=2)
    _links("was", life.renamed_from, out)
    _links("became", life.renamed_to, out)
    out.line(dim("{} of {} dates leave a single release".format(*life.exact)), indent=2)
    for missing in life.not_held:
        out.line(dim(f"not held: the {missing.document} document of {missing.version}"), indent=2)


def _show_events(events: Iterable[Event], own: str, out: Printer) -> None:
    """The changes, event by event; those of another thing than its `own` below that thing's name."""
    for event in events:
        out.line()
        out.line(bold(str(event.range)))
        _show_event(event, own, out)


def _show_event(event: Event, own: str, out: Printer) -> None:
    for name, group in by_thing(event.changes):
        if name != own:
            out.line(name, indent=2)
        for change in group:
            show_change(change, out)


def _show_branches(branches: Iterable[Event], own: str, out: Printer) -> None:
    """What stable versions changed and no later release held has."""
    for event in branches:
        out.line()
        out.line(bold(f"in {event.range.by} only, not in {event.range.after} or a later release held"))
        _show_event(event, own, out)


def _show_table(lives: tuple[OpLife, ...], labels: tuple[str, ...], out: Printer) -> None:
    """A line an op: the versions that have it, by which ones it changed, and what became of it."""
    out.title(lives[0].struct, f"{len(lives)} ops over {len(labels)} versions")
    out.columns((bold(life.op), _versions(life), _turns(life)) for life in lives)


def _turns(life: OpLife) -> Piece:
    changed = [event.range.by for event in life.events if event.range not in (life.since, life.removed)]
    late = f" from the documents; {life.spans[-1].late}" if life.spans and life.spans[-1].late else ""
    ends = [f"gone {life.removed}{late}"] if life.removed else []
    ends += [f"{'likely ' if link.likely else ''}became {_name(link, life.struct)}" for link in life.renamed_to]
    told = f"changed by {', '.join(dict.fromkeys(changed))}" if changed else ""
    return dim("; ".join(filter(None, [told, *ends])))


def _name(link: Link, struct: str) -> str:
    return link.op if link.struct == struct else f"{link.struct}.{link.op}"


def _links(word: str, links: Iterable[Link], out: Printer) -> None:
    for link in links:
        likely = "likely: " if link.likely and not link.reason.startswith("likely") else ""  # most reasons say so
        out.line(f"{word} {link.struct}.{link.op} {link.range}: {likely}{link.reason}", indent=2)


def history_json(life: Life) -> Json:
    """What `kbase history --json` prints; changes have the keys of `kbase diff --json`, and `also_in`."""
    if isinstance(life, tuple):
        return {"struct": life[0].struct, "ops": [history_json(each) for each in life]}
    events, branches = ([_event(event) for event in found] for found in (life.events, life.branches))
    if isinstance(life, LockLife):
        names = {name: list(versions) for name, versions in life.names}
        return {"lock": life.subject, "names": names, "ops": [".".join(op) for op in life.ops], "events": events} | {
            "branches": branches,
            "dates": {"exact": life.exact[0], "of": life.exact[1]},
        }
    return {
        "struct": life.struct,
        "op": life.op,
        "versions": list(life.versions),
        "also_in": list(life.beside),
        "spans": [
            {"since": _range(span.since), "removed": _range(span.removed), "late": span.late} for span in life.spans
        ],
        "events": events,
        "branches": branches,
        "dates": {"exact": life.exact[0], "of": life.exact[1]},
        "not_held": [{"version": gap.version, "document": gap.document} for gap in life.not_held],
        "renamed_from": [_link(link) for link in life.renamed_from],
        "renamed_to": [_link(link) for link in life.renamed_to],
    }


def _event(event: Event) -> Json:
    changes = [change_json(change) | {"also_in": list(change.also)} for change in event.changes]
    return {**_range(event.range), "changes": changes}


def _range(when: Range | None) -> Any:
    return when and {"after": when.after, "by": when.by, "exact": when.exact}


def _link(link: Link) -> Json:
    named = {"struct": link.struct, "op": link.op, "reason": link.reason, "likely": link.likely}
    return {**named, **_range(link.range)}
