"""What holds for every pair of versions: nothing is left out, nothing is told of equals, and a mirror agrees."""

import itertools
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbase.diff.changes import Change
from kbase.diff.compare import diff
from kbase.diff.facts import SignatureFact
from kbase.diff.prototypes import align, compare_signatures
from kbase.model.records import (
    Evidence,
    Format,
    Held,
    LockRule,
    Note,
    NoteKind,
    OpsTable,
    Parameter,
    Prototype,
    Reading,
    Record,
)
from kbase.model.states import Cited, DocumentRef, VersionState
from kbase.model.witnesses import DocumentKind
from kbase.model.words import Effect, Mode
from kbase.store.assembly import assemble
from tests.diff.applying import apply, comparable, edited

KERNELS = ("v2.6.12", "v2.6.27", "v3.10.64", "v4.14.194", "v5.4", "v5.15.55", "v6.4.6", "v6.8.1")


def assert_properties(old: VersionState, new: VersionState) -> None:
    assert diff(old, old) == ()
    before, after = comparable(old, new)
    there, back = diff(old, new), diff(new, old)
    assert apply(there, before) == after
    assert apply(back, after) == before
    assert Counter(essence(c) for c in there) == Counter(essence(c, mirrored=True) for c in back)
    for change in there:
        versions = {place.version for place in change.evidence}
        assert (change.before is None) <= (new.label in versions)
        assert (change.after is None) <= (old.label in versions)
        assert change.before is not None or change.after is not None


def essence(change: Change, *, mirrored: bool = False) -> tuple[object, ...]:
    """What a change says, turned round if `mirrored`; ops go by the names of the version one comes to."""
    if mirrored:
        return change.kind.mirrored, change.after, change.before, change.renamed and change.renamed[::-1]
    return change.kind, change.before, change.after, change.renamed


@pytest.mark.parametrize(("old", "new"), list(itertools.combinations(KERNELS, 2)))
def test_real_kernels(kernels: dict[str, VersionState], old: str, new: str) -> None:
    assert_properties(kernels[old], kernels[new])


@pytest.mark.parametrize(("old", "new"), list(itertools.combinations([k for k in KERNELS if k != "v4.14.194"], 2)))
def test_real_kernels_with_headers(kernels_with_headers: dict[str, VersionState], old: str, new: str) -> None:
    assert_properties(kernels_with_headers[old], kernels_with_headers[new])


@pytest.mark.parametrize(("old", "new"), list(itertools.combinations(KERNELS, 2)))
def test_real_kernels_one_with_headers(
    kernels: dict[str, VersionState], kernels_with_headers: dict[str, VersionState], old: str, new: str
) -> None:
    """Where only one version has headers, nothing of them is compared."""
    changes = diff(kernels[old], kernels[new])
    for first, second in ((kernels, kernels_with_headers), (kernels_with_headers, kernels)):
        if old in first and new in second:
            assert Counter(diff(first[old], second[new])) == Counter(changes)


TYPES = st.sampled_from(["int", "struct inode *", "struct dentry *", "const char *", "char __user *", "loff_t"])
PARAMETER = st.builds(Parameter, type=TYPES, name=st.sampled_from([None, "a", "b", "flags"]))
PARAMETERS = st.lists(PARAMETER, max_size=6).map(tuple)
Parameters = tuple[Parameter, ...]


def signature(parameters: Parameters, returns: str = "int", condition: str | None = None) -> SignatureFact:
    return SignatureFact(
        document=DocumentKind.VFS,
        struct="s",
        op="o",
        variant=0,
        returns=returns,
        parameters=parameters,
        condition=condition,
    )


@given(PARAMETERS, PARAMETERS, TYPES, TYPES, st.sampled_from([None, "CONFIG_MMU"]))
def test_edits_rebuild_any_prototype(
    old: Parameters, new: Parameters, before: str, after: str, condition: str | None
) -> None:
    first, second = signature(old, before), signature(new, after, condition)
    edits, back = list(compare_signatures(first, second)), compare_signatures(second, first)
    assert edited(first, edits) == (second.returns, second.condition, second.parameters)
    assert Counter((e.kind, *e.texts) for e in edits) == Counter((e.kind.mirrored, *e.texts[::-1]) for e in back)
    assert (not edits) == (first == second)


@given(PARAMETERS, PARAMETERS)
def test_an_alignment_has_every_parameter_once(old: Parameters, new: Parameters) -> None:
    pairs = align(old, new)
    assert [i for i, _ in pairs if i is not None] == list(range(len(old)))
    assert [j for _, j in pairs if j is not None] == list(range(len(new)))


NAMES = st.sampled_from(["create", "readpage", "read_folio", "get_acl", "get_inode_acl", "walk", "walk_shared"])
SIGNATURES = st.dictionaries(NAMES, st.tuples(st.sampled_from(["int", "void"]), PARAMETERS), max_size=5)
READINGS = st.builds(
    Reading,
    subject=st.just("i_rwsem"),
    held=st.sampled_from(Held),
    modes=st.lists(st.sampled_from(Mode), unique=True).map(tuple),
    effect=st.sampled_from([None, *Effect]),
    scope=st.sampled_from([None, "both", "all"]),
    condition=st.sampled_from([None, "if O_CREAT is set"]),
)


@dataclass(frozen=True)
class Drawn:
    """A drawn version: the prototypes of the two documents, the rows of a locking table, its column, a note."""

    vfs: dict[str, tuple[str, Parameters]]
    locking: dict[str, tuple[str, Parameters]]
    rows: dict[str, Reading]
    column: str
    note: str


VERSIONS = st.builds(
    Drawn,
    vfs=SIGNATURES,
    locking=SIGNATURES,
    rows=st.dictionaries(NAMES, READINGS, max_size=4),
    column=st.sampled_from(["i_mutex(inode)", "i_rwsem(inode)", "i_sem"]),
    note=st.sampled_from(["", "called with care", "called with great care and no lock", "never called"]),
)


def state(label: str, drawn: Drawn) -> VersionState:
    """The state of a drawn version."""
    refs = [
        DocumentRef(version=label, path=kind.value, blob=kind.value, kind=kind, format=Format.RST, title="", source="t")
        for kind in (DocumentKind.VFS, DocumentKind.LOCKING)
    ]
    cited = list[Cited[Record]]()
    for ref, stated in zip(refs, (drawn.vfs, drawn.locking), strict=True):
        here = Evidence(blob=ref.blob, first=1, last=1)
        records: list[Record] = [OpsTable(name="s", written="s", evidence=here)]
        for op, (returns, parameters) in stated.items():
            records.append(
                Prototype(struct="s", op=op, text="", raw="", returns=returns, parameters=parameters, evidence=here)
            )
        if ref.kind is DocumentKind.LOCKING:
            for op, reading in drawn.rows.items():
                cell = repr(reading)
                records.append(
                    LockRule(struct="s", op=op, lock=drawn.column, cell=cell, readings=(reading,), evidence=here)
                )
            if drawn.note:
                ops = tuple(drawn.rows)[:1]
                records.append(Note(struct="s", ops=ops, kind=NoteKind.PARAGRAPH, text=drawn.note, evidence=here))
        cited += [Cited(record=record, document=ref) for record in records]
    return assemble(label, "given", refs, cited)


@given(VERSIONS, VERSIONS)
@settings(deadline=None)  # no test depends on how quick the machine is
def test_any_pair(old: Drawn, new: Drawn) -> None:
    assert_properties(state("v1.0", old), state("v2.0", new))
