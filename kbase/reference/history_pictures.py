"""The pictures of the reference: the history of each ops table, and of each lock."""

from collections.abc import Iterator
from dataclasses import dataclass

from kbase.diff.history import OpHistory
from kbase.model.records import Held
from kbase.model.versions import parse_version, version_key
from kbase.model.witnesses import LOCK_TABLES
from kbase.pages.history_picture import SILENT, STATED, Lane, State, blocks_of
from kbase.reference.locks import LockPage
from kbase.reference.site import OpPage, Site
from kbase.reference.svg import picture
from kbase.sphinx.facts import RuleFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file of the sources: its name below them, and its text."""

    name: str
    text: str


def table_picture_name(site: Site, struct: str) -> str | None:
    """The file of an ops table's picture; None where there is none."""
    return f"pictures/life-{site.docnames[struct]}.svg" if _is_drawn(site) else None


def lock_picture_name(site: Site, lock: LockPage) -> str | None:
    """The file of a lock's picture; None where there is none."""
    return f"pictures/{lock.docname.replace('/', '-')}.svg" if _is_drawn(site) else None


def pictures(site: Site) -> Iterator[Picture]:
    """The pictures of all ops tables and locks."""
    versions = columns(site)
    for struct, ops in site.ops.items():
        if name := table_picture_name(site, struct):
            states = {op.op: _stated(op, site.histories.get((struct, op.op)), versions) for op in ops}
            yield _picture(name, f"The ops of {struct} in the available versions", versions, states)
    for lock in site.locks:
        if name := lock_picture_name(site, lock):
            states = {op: _called(site, lock, op, versions) for op in lock.ops}
            yield _picture(name, f"How ops are called with {lock.subject} in the available versions", versions, states)


def _picture(name: str, title: str, versions: tuple[str, ...], states: dict[str, dict[str, State]]) -> Picture:
    lanes = [Lane(name=lane, href=None, blocks=blocks_of(versions, by_version)) for lane, by_version in states.items()]
    return Picture(name=name, text=picture(title, versions, lanes))


def _is_drawn(site: Site) -> bool:
    """Whether there is a history to be drawn: a single version has none."""
    return len(columns(site)) > 1


def columns(site: Site) -> tuple[str, ...]:
    """The versions that have ops tables, newest first: those of Linux, if there are any."""
    labels = tuple(state.label for state in reversed(site.states) if state.tables)
    return tuple(label for label in labels if parse_version(label).family == "linux") or labels


def _stated(op: OpPage, history: OpHistory | None, versions: tuple[str, ...]) -> dict[str, State]:
    """A block for each run of versions without a change; hatched where the op may be, and no document states it."""
    changed = [version_key(line.by) for line in op.history if line.changes]
    states = {label: SILENT for label in versions if history and _within(history, label)}
    for label in op.labels:
        states[label] = STATED._replace(key=sum(key <= version_key(label) for key in changed))
    return states


def _within(history: OpHistory, label: str) -> bool:
    key = version_key(label)
    return any(
        (span.since.after is None or version_key(span.since.after) < key)
        and (span.removed is None or key < version_key(span.removed.by))
        for span in history.spans
    )


def _called(site: Site, lock: LockPage, op: str, versions: tuple[str, ...]) -> dict[str, State]:
    """What the cells of an op say about the lock; between them, hatched where no Locking document is available."""
    found: dict[str, list[RuleFact]] = {}
    for use in lock.uses:
        if use.dotted == op:
            for label in use.labels:
                found.setdefault(label, []).append(use.rule)
    places = [number for number, label in enumerate(versions) if label in found]
    between = versions[places[0] : places[-1]] if places else ()
    holding = {state.label for state in site.states if state.has(LOCK_TABLES)}
    silent = {label: SILENT for label in between if label not in holding}
    return silent | {label: _state(rules, lock.subject) for label, rules in found.items()}


def _state(rules: list[RuleFact], subject: str) -> State:
    text = "; ".join(dict.fromkeys(rule.cell for rule in rules))
    reading = next(reading for reading in rules[0].readings if reading.subject == subject)
    if reading.held is Held.YES and len(reading.modes) == 1:
        return State(text, text, reading.modes[0])
    return State(text, text, SILENT.kind if reading.held is Held.UNKNOWN else reading.held)
