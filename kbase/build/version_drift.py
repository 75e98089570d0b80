"""The drift of all versions: where the documents and the headers of each disagree, and for how long they have."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import groupby

from kbase.diff.drift import compared_blocks, drift
from kbase.diff.drift_duration import dated
from kbase.model.drift import ComparedBlock, Drift
from kbase.model.releases import releases
from kbase.model.states import VersionState
from kbase.model.versions import parse_version, version_key
from kbase.model.witnesses import DocumentKind
from kbase.store.writer import Writer


class VersionDrift:
    """Gathers the drift of versions; the durations are known when all versions are."""

    def __init__(self, found: Iterable[Drift] = (), compared: Iterable[ComparedBlock] = ()) -> None:
        """What is known of some versions already, version by version."""
        self._found = {label: tuple(same) for label, same in groupby(found, key=lambda each: each.version)}
        self._compared = {label: tuple(same) for label, same in groupby(compared, key=lambda each: each.version)}

    def add(self, state: VersionState, labels: Iterable[str]) -> None:
        """Add a version, with all labels that have the same documents."""
        found, compared = drift(state), compared_blocks(state)
        for label in labels:
            self._found[label] = tuple(replace(each, version=label) for each in found)
            self._compared[label] = tuple(replace(each, version=label) for each in compared)

    def write(self, writer: Writer, kinds: Mapping[str, Collection[DocumentKind]]) -> None:
        """Write the drift of all versions; `kinds` are the kinds of documents that each has."""
        labels = sorted(kinds, key=version_key)
        line = frozenset(release.representative for release in releases(kinds))
        families = (list(family) for _, family in groupby(labels, key=lambda label: parse_version(label).family))
        found = (each for family in families for each in dated(family, line, self._found, self._compared))
        writer.add_drift(found, (block for label in labels for block in self._compared.get(label, ())))
