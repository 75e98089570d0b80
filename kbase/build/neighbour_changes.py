"""The changes between neighbours, computed once by a build; histories and the SQL view `change` read them.

Neighbours are versions that represent their releases, each with the next one of its family, and the other pairs of
`kbase.diff.release_line.compared_pairs`. The stored changes of two unchanged versions are
reused.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from itertools import groupby

from kbase.build.change_commits import ChangeCommits
from kbase.diff.comparable import ComparableVersion
from kbase.diff.compare import compare
from kbase.diff.release_line import compared_pairs, version_documents
from kbase.diff.rows import change_row
from kbase.diff.truncated_documents import incomplete_tables
from kbase.model.versions import parse_version
from kbase.store.state_loader import StateLoader
from kbase.store.writer import Writer


def write_changes(
    loader: StateLoader, writer: Writer, progress: Callable[[int, int, str], None], *, carry: bool
) -> None:
    """Write the changes between all neighbours; with `carry` those of the previous database that still hold."""
    store, versions = loader.store, dict[str, ComparableVersion]()
    documents = version_documents(loader.label_origins, store.kinds(), store.changes.documents())
    families = groupby(documents, key=lambda each: parse_version(each.label).family)
    steps = {pair: step for _, family in families for pair, step in compared_pairs(list(family)).items()}
    contents, commits = store.contents(), ChangeCommits(store, writer)
    hash_of = _content_of(loader, commits.revisions)
    pairs = [(old, new, hash_of(old, new), step) for (old, new), step in steps.items()]
    carried = writer.carry_changes(pairs) if carry else set()
    with commits:
        for done, pair in enumerate(pairs, 1):
            old, new, content, _ = pair
            if (old, new) in carried:
                pass
            elif contents.get(old) == contents.get(new):
                writer.add_changes((*pair, "[]"), ())
            else:
                states = (loader.state(label) for label in (old, new))
                versions = {s.label: versions.get(s.label) or ComparableVersion.of(s) for s in states}
                incomplete = list(incomplete_tables(versions[old].state, versions[new].state))
                changes = compare(versions[old], versions[new]).changes
                rows = ((change_row(change, old, new), set(change.touched)) for change in changes)
                writer.add_changes((*pair, json.dumps(incomplete)), rows)
                commits.write(old, new, content, changes)
            progress(done, len(pairs), new)


def _content_of(loader: StateLoader, revisions: Callable[[str], list[str]]) -> Callable[[str, str], str]:
    """A hash of what the diff of two versions depends on; also which documents came from which source or commit."""
    contents = loader.store.contents()
    shares = {label: list(documents.items()) for label, _, documents, _ in loader.store.versions()}

    def content(*labels: str) -> str:
        every = [[contents.get(label, ()), shares.get(label, ()), revisions(label)] for label in labels]
        return sha256(json.dumps(every).encode()).hexdigest()

    return content
