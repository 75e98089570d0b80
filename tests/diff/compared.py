"""What a comparison of two states gives beside its changes."""

from kbase.diff.comparability import Gap
from kbase.diff.comparable import ComparableVersion
from kbase.diff.compare import Comparison, compare
from kbase.model.records import PortingEntry
from kbase.model.states import Cited, VersionState


def compared(old: VersionState, new: VersionState) -> Comparison:
    """The comparison of two states."""
    return compare(ComparableVersion.of(old), ComparableVersion.of(new))


def gaps(old: VersionState, new: VersionState) -> tuple[Gap, ...]:
    """What the comparison says nothing about."""
    return compared(old, new).gaps


def porting_between(old: VersionState, new: VersionState) -> tuple[Cited[PortingEntry], ...]:
    """The entries of the porting log that came in between."""
    return compared(old, new).porting
