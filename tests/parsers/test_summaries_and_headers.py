"""The summaries that we ship, compared with the headers of all bundled kernels.

Compared are the names of ops and tables. A sentence without a release is about each version that its summary claims;
one with a release, such as "Replaced by read_iter in 4.1.", is about that release and later ones.
"""

import re
from collections import defaultdict
from functools import cache

import pytest

from kbase.kernel.tables import is_documented
from kbase.model.records import Prototype, Summary
from kbase.model.states import Cited
from kbase.model.versions import parse_version
from kbase.parsers import parse
from kbase.sources.bundled import read_bundled
from kbase.store.assembly import by_op, fitting_summary
from kbase.text.lines import decode, split_lines
from tests.parsers.test_bundled_summaries import ANY, CORPUS, all_summaries

pytestmark = pytest.mark.slow

SENTENCE = re.compile(r"(?<=[.;:])\s+")
NAME = re.compile(r"\b(?:\w+_\w+|\w+pages?|\w+xattr|[gs]etattr|sendfile|iterate)\b(?!\()")  # no English word is one
RELEASE = re.compile(r"\b\d+(?:\.\d+)+\b")
GONE = re.compile(
    r"\b(?:gone (?:since|from)|(?:moved|merged|renamed|replaced) (?:\w+ )*in) (\d+(?:\.\d+)+)", re.IGNORECASE
)
Ops = set[tuple[str, str]]


@cache
def header_ops() -> dict[str, Ops]:
    """The ops tables' ops in the headers of each version, oldest version first."""
    ops_of = cache(lambda data: {(r.struct, r.op) for r in _records(data) if isinstance(r, Prototype)})
    found: dict[str, Ops] = defaultdict(set)
    for document in read_bundled(CORPUS):
        if document.version and document.path.endswith(".h"):
            found[document.version] |= ops_of(document.data)
    return dict(sorted(found.items(), key=lambda item: parse_version(item[0])))


def _records(data: bytes) -> tuple[object, ...]:
    return parse("include/linux/fs.h", split_lines(decode(data)), "").records


def names_in(version: str) -> set[str]:
    return {name for op in header_ops()[version] for name in op}


def claimed(summary: Summary) -> list[str]:
    """The versions with headers that the summary is shown for."""
    known = by_op([Cited(record=summary, document=ANY)])[summary.struct, summary.op]
    return [version for version in header_ops() if fitting_summary(version, known)]


def since(release: str) -> list[str]:
    return [version for version in header_ops() if parse_version(version).numbers >= parse_version(release).numbers]


def test_every_op_of_a_documented_table_has_one() -> None:
    known = by_op(Cited(record=summary, document=ANY) for summary in all_summaries())
    assert len(header_ops()) > 100
    for version, ops in header_ops().items():
        documented = [op for op in ops if is_documented(op[0])]
        assert not [op for op in documented if fitting_summary(version, known.get(op, ())) is None], version


def test_an_op_or_table_that_a_summary_names_exists() -> None:
    everything = {name for version in header_ops() for name in names_in(version)}
    for summary in all_summaries():
        shown = [version for version in claimed(summary) if (summary.struct, summary.op) in header_ops()[version]]
        for sentence in SENTENCE.split(summary.text):
            releases = RELEASE.findall(sentence)
            versions = since(releases[0])[:1] if releases else shown
            for name in everything & set(NAME.findall(sentence)) - {summary.op}:
                assert all(name in names_in(version) for version in versions), (summary.op, name, sentence)


def test_an_op_that_a_summary_calls_gone_is_gone_since_that_release() -> None:
    for summary in all_summaries():
        gone = GONE.search(summary.text)
        op = summary.struct, summary.op
        having = [version for version, ops in header_ops().items() if op in ops]
        if gone and having:
            left = since(gone[1])
            before = [version for version in header_ops() if version not in left]
            assert having[-1] == before[-1], (op, gone[0], having[-1])
