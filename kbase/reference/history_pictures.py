"""The pictures of the reference: the history of each ops table, and of each lock, as SVG files.

The page with a picture states all of it in words. Newest versions are first. Colours are those of a light page; the
style sheet inverts them for a dark one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader

from kbase import places
from kbase.diff.history import OpHistory
from kbase.model.versions import parse_version, version_key
from kbase.model.witnesses import LOCK_TABLES
from kbase.pages.history_picture import SILENT, Lane, State, blocks_of, draw
from kbase.pages.lock_cells import reading_chips
from kbase.reference.locks import LockPage
from kbase.reference.site import OpPage, Site
from kbase.sphinx.facts import RuleFact
from kbase.sphinx.rst import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file of the sources: its name below them, and its text."""

    name: str
    text: str


def table_picture_name(site: Site, struct: str) -> str | None:
    """The file of an ops table's picture; None where there is none."""
    return f"pictures/history-{site.docnames[struct]}.svg" if _is_drawn(site) else None


def lock_picture_name(site: Site, lock: LockPage) -> str | None:
    """The file of a lock's picture; None where there is none."""
    return f"pictures/{lock.docname.replace('/', '-')}.svg" if _is_drawn(site) else None


def pictures(site: Site) -> Iterator[Picture]:
    """The pictures of all ops tables and locks."""
    versions = columns(site)
    for struct, ops in site.ops.items():
        if name := table_picture_name(site, struct):
            found = {op.op: _stated(op, site.histories.get((struct, op.op)), versions) for op in ops}
            yield Picture(name=name, text=_drawn(f"The ops of {struct} by version", versions, found))
    for lock in site.locks:
        if name := lock_picture_name(site, lock):
            found = {op: _called(site, lock, op, versions) for op in lock.ops}
            yield Picture(name=name, text=_drawn(f"How ops are called with {lock.subject} by version", versions, found))


def _drawn(title: str, versions: Sequence[str], states: dict[str, dict[str, State]]) -> str:
    """The file with a lane for each name, without characters that XML forbids."""
    lanes = [Lane(name=name, href=None, blocks=blocks_of(versions, found)) for name, found in states.items()]
    folders = [places.templates("reference"), places.templates("shared")]
    template = Environment(loader=FileSystemLoader(folders), autoescape=True, trim_blocks=True).get_template
    drawn = template("picture.svg").render(title=title, drawing=draw(versions, lanes))
    return "\n".join(map(printable, drawn.splitlines())) + "\n"


def _is_drawn(site: Site) -> bool:
    """Whether there is a history: a single version has none."""
    return len(columns(site)) > 1


def columns(site: Site) -> tuple[str, ...]:
    """The versions that have ops tables, newest first: those of Linux, if there are any."""
    labels = tuple(state.label for state in reversed(site.states) if state.tables)
    return tuple(label for label in labels if parse_version(label).family == "linux") or labels


def _stated(op: OpPage, history: OpHistory | None, versions: Sequence[str]) -> dict[str, State]:
    """A block for each run of versions without a change; silent where no available document could state the op."""
    changes = [version_key(line.by) for line in op.history if line.changes]
    found = {label: SILENT for label in versions if history and _within(history, label)}
    for label in op.labels:
        since = sum(change <= version_key(label) for change in changes)
        found[label] = State(since, "", "stated")
    return found


def _within(history: OpHistory, label: str) -> bool:
    key = version_key(label)
    return any(
        (span.since.after is None or version_key(span.since.after) < key)
        and (span.removed is None or key < version_key(span.removed.by))
        for span in history.spans
    )


def _called(site: Site, lock: LockPage, op: str, versions: Sequence[str]) -> dict[str, State]:
    """What the cells of an op say about the lock; silent between versions that say it and have no Locking document."""
    found: dict[str, list[RuleFact]] = {}
    for use in lock.uses:
        if use.dotted == op:
            for label in use.labels:
                found.setdefault(label, []).append(use.rule)
    named = [number for number, label in enumerate(versions) if label in found]
    between = versions[named[0] : named[-1]] if named else ()
    locking = {state.label for state in site.states if state.has(LOCK_TABLES)}
    silent = {label: SILENT for label in between if label not in locking}
    return silent | {label: _state(rules, lock.subject) for label, rules in found.items()}


def _state(rules: Sequence[RuleFact], subject: str) -> State:
    text = "; ".join(dict.fromkeys(rule.cell for rule in rules))
    reading = next(reading for reading in rules[0].readings if reading.subject == subject)
    return State(text, text, reading_chips(reading)[0].tone)
