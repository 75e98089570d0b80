"""The pictures of the reference: the life of each ops table, and of each lock."""

from collections.abc import Iterator
from dataclasses import dataclass

from kbase.diff.history import OpLife
from kbase.model.records import DocumentKind, Held, Mode
from kbase.model.versions import parse_version, version_key
from kbase.reference.locks import LockPage
from kbase.reference.site import OpPage, Site
from kbase.reference.svg import Lane, Moment, Tone, picture
from kbase.sphinx.facts import RuleFact

TONES = {Held.YES: Tone.HELD, Held.NO: Tone.NO, Held.MAYBE: Tone.MAYBE, Held.UNKNOWN: Tone.SILENT}
SILENT = Moment(key=Tone.SILENT, text="", tone=Tone.SILENT)


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
            lanes = [Lane(name=op.op, told=_stated(op, site.histories.get((struct, op.op)), versions)) for op in ops]
            yield Picture(name=name, text=picture(f"The ops of {struct} over the versions held", versions, lanes))
    for lock in site.locks:
        if name := lock_picture_name(site, lock):
            lanes = [Lane(name=op, told=_called(site, lock, op, versions)) for op in lock.ops]
            text = picture(f"How ops are called with {lock.subject} over the versions held", versions, lanes)
            yield Picture(name=name, text=text)


def _is_drawn(site: Site) -> bool:
    """Whether there is a life to be drawn: a single version has none."""
    return len(columns(site)) > 1


def columns(site: Site) -> tuple[str, ...]:
    """The versions that have ops tables, newest first: those of Linux, if there are any."""
    labels = tuple(state.label for state in reversed(site.states) if state.tables)
    return tuple(label for label in labels if parse_version(label).family == "linux") or labels


def _stated(op: OpPage, life: OpLife | None, versions: tuple[str, ...]) -> dict[str, Moment]:
    """A block for each stretch without a change; hatched where the op may be, and no document held tells."""
    turns = [version_key(line.by) for line in op.history if line.changes]
    told = {label: SILENT for label in versions if life and _within(life, label)}
    for label in op.labels:
        since = sum(turn <= version_key(label) for turn in turns)
        told[label] = Moment(key=since, text="", tone=Tone.PLAIN)
    return told


def _within(life: OpLife, label: str) -> bool:
    key = version_key(label)
    return any(
        (span.since.after is None or version_key(span.since.after) < key)
        and (span.removed is None or key < version_key(span.removed.by))
        for span in life.spans
    )


def _called(site: Site, lock: LockPage, op: str, versions: tuple[str, ...]) -> dict[str, Moment]:
    """What the cells of an op say of the lock; hatched where no Locking document is held, between those that tell."""
    found: dict[str, list[RuleFact]] = {}
    for use in lock.uses:
        if use.dotted == op:
            for label in use.labels:
                found.setdefault(label, []).append(use.rule)
    places = [number for number, label in enumerate(versions) if label in found]
    between = versions[places[0] : places[-1]] if places else ()
    holding = {state.label for state in site.states if state.has(DocumentKind.LOCKING)}
    told = {label: SILENT for label in between if label not in holding}
    return told | {label: _moment(rules, lock.subject) for label, rules in found.items()}


def _moment(rules: list[RuleFact], subject: str) -> Moment:
    text = "; ".join(dict.fromkeys(rule.cell for rule in rules))
    return Moment(key=text, text=text, tone=_tone(rules[0], subject))


def _tone(rule: RuleFact, subject: str) -> Tone:
    reading = next(reading for reading in rule.readings if reading.subject == subject)
    if reading.held is Held.YES and len(reading.modes) == 1:
        return Tone.EXCLUSIVE if Mode.EXCLUSIVE in reading.modes else Tone.SHARED
    return TONES[reading.held]
