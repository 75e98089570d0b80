"""The sources of the reference: the facts they state, their pages, which of them are written, mistakes in the call."""

import shutil
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from kbase.build.pipeline import build
from kbase.cli.commands.reference import command
from kbase.errors import UnknownName, UsageError
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.releases import series_of
from kbase.reference import default_versions, write, write_sources
from kbase.reference.history_pictures import pictures
from kbase.reference.pages import pages
from kbase.reference.site import Site, compared, open_site
from kbase.reference.sphinx_process import ProgramError, run
from kbase.sphinx.facts import merged, op_facts
from kbase.sphinx.render import render


def test_equal_versions_are_told_once(kb: KnowledgeBase) -> None:
    facts = [op_facts(kb.op(label, "inode_operations", "lookup"), kb.state(label)) for label in ("v6.7", "v6.8")]
    (told,) = merged(facts)
    assert (told.labels, told.span) == (("v6.7", "v6.8"), "v6.7..v6.8")
    facts = [op_facts(kb.op(label, "inode_operations", "rename"), kb.state(label)) for label in ("v6.7", "v6.8")]
    assert [told.span for told in merged(facts)] == ["v6.8", "v6.7"]


def test_each_prototype_has_a_namespace_of_its_own(kb: KnowledgeBase) -> None:
    facts = op_facts(kb.op("v6.8", "inode_operations", "rename"), kb.state("v6.8"))
    scopes = {prototype.scope for prototype in facts.prototypes}
    assert len(facts.prototypes) == len(scopes) == 2
    assert "v6_8.inode_operations" in scopes


def test_a_repaired_prototype_is_declared_and_says_so(kb: KnowledgeBase) -> None:
    (prototype,) = op_facts(kb.op("v6.8", "inode_operations", "lookup"), kb.state("v6.8")).prototypes
    assert prototype.scope == "v6_8.inode_operations"
    assert prototype.repair


def test_a_prototype_that_c_cannot_read_is_a_literal_block(kb: KnowledgeBase) -> None:
    op = kb.op("v6.8", "inode_operations", "rename")
    broken = replace(op.prototypes[0].record, text="int (*rename)(((", raw="int (*rename)(((\n`*|")
    facts = op_facts(replace(op, prototypes=(replace(op.prototypes[0], record=broken),)), kb.state("v6.8"))
    assert facts.prototypes[0].scope is None
    source = render("prototypes.rst", {"facts": facts, "declare": True})
    assert ".. code-block:: c\n   :force:\n\n   int (*rename)(((\n   `*|\n" in source
    assert "c:member" not in source


def test_every_thing_has_its_page(kb: KnowledgeBase) -> None:
    site = open_site(kb, None)
    found = {page.docname for page in pages(site)}
    assert {"inode_operations", "inode_operations.rename", "inode_operations.gone", "locks/i_rwsem"} <= found
    assert {"versions/v6.8", "changes/v6.7..v6.8", "porting", "notes", "index"} <= found
    assert {f"{struct}.{op}" for struct, op in site.facts} <= found
    assert len(found) == len([page.docname for page in pages(site)])


def test_only_what_changed_is_written(kb: KnowledgeBase, tmp_path: Path) -> None:
    site = open_site(kb, None)
    assert write_sources(site, tmp_path) > 10
    (tmp_path / "inode_operations.old.rst").write_text("gone", encoding="utf-8")
    assert write_sources(open_site(kb, None), tmp_path) == 0
    assert not (tmp_path / "inode_operations.old.rst").exists()
    (tmp_path / "inode_operations.rename.rst").write_text("another", encoding="utf-8")
    assert write_sources(site, tmp_path) == 1


def test_the_op_page_says_what_changed_exactly(out: Path) -> None:
    source = (out / "source/inode_operations.gone.rst").read_text("utf-8")
    assert ".. versionadded:: 6.8" in source
    source = (out / "source/inode_operations.rename.rst").read_text("utf-8")
    assert ".. versionchanged:: 6.8" in source
    assert "exclusive (both) (see below)" in source


def test_the_newest_description_is_shown_with_its_version(few: Path, vfs_document: str, tmp_path: Path) -> None:
    """The bundled documents have no prose: where they are the newest, an older document of the user's describes."""
    tree = tmp_path / "v6.5/Documentation/filesystems"
    tree.mkdir(parents=True)
    (tree / "vfs.rst").write_text(vfs_document, encoding="utf-8")
    shutil.copytree(few, tmp_path / "db")
    build(tmp_path / "db", [str(tmp_path / "v6.5")])
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        site = open_site(kb, ["v6.5", "v6.8.1"])
        (page,) = (page for page in pages(site) if page.docname == "inode_operations.rename")
    source = render(page.template, page.content)
    assert "As the documents of :vfs:version:`v6.5 <v6.5>` describe it:\n\nmoves \\*something" in source


def test_a_choice_of_versions(kb: KnowledgeBase, tmp_path: Path) -> None:
    write_sources(open_site(kb, ["6.7"]), tmp_path)
    assert not (tmp_path / "inode_operations.gone.rst").exists()
    assert "v6.8" not in (tmp_path / "versions.rst").read_text("utf-8")


def test_the_default_is_the_newest_of_each_of_the_last_series(bundled: Path) -> None:
    with closing(KnowledgeBase.open(bundled)) as kb:
        versions = default_versions(kb)
        assert [series_of(label) for label in versions] == ["4.x", "5.x", "6.x", "7.x"]
        for label in versions:
            assert label == [each for each in kb.labels() if series_of(each) == series_of(label)][-1]


def test_versions_of_the_users_own_are_never_left_out(few: Path, vfs_document: str, tmp_path: Path) -> None:
    """Nor is a bundled version with a document of the user's own; a series that only the user has counts as one."""
    for name in ("v6.3", "v6.4.6", "aufs5.4", "v7.0"):
        document = tmp_path / name / "Documentation/filesystems/vfs.rst"
        document.parent.mkdir(parents=True)
        document.write_text(vfs_document, encoding="utf-8")
    shutil.copytree(few, tmp_path / "db")
    build(tmp_path / "db", [str(tmp_path / name) for name in ("v6.3", "v6.4.6", "aufs5.4", "v7.0")])
    with closing(KnowledgeBase.open(tmp_path / "db")) as kb:
        assert default_versions(kb) == ("v4.19.304", "v5.15.55", "v6.3", "v6.4.6", "v6.12.117", "v7.0", "aufs5.4")
        assert {*open_site(kb, None).labels} == {*default_versions(kb)}


def test_the_command_says_which_versions_it_takes(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = list[tuple[str, ...]]()

    def build_nothing(site: Site, *_: object) -> Path:
        built.append(site.labels)
        return tmp_path / "nothing"

    monkeypatch.setattr("kbase.reference._build", build_nothing)
    place = [str(tmp_path / "out"), "--db", str(few)]
    said = [
        CliRunner().invoke(command, [*place, *options]).stderr.splitlines()[0]
        for options in ([], ["--version", "6.8"], ["--all-versions"])
    ]
    taken = "4 of 11 versions: v6.12.117, v5.15.55, v4.19.304, v3.10.64"
    assert said[0] == f"{taken}; --all-versions takes all, --version V others"
    assert said[2] == "gathering facts"
    with closing(KnowledgeBase.open(few)) as kb:
        assert built == [default_versions(kb), ("v6.8.1",), kb.labels()]


def test_many_versions_are_not_all_compared_with_the_newest(bundled: Path, few: Path) -> None:
    """Neighbours are; of few versions each is compared with the newest, of many the newest of each series."""
    with closing(KnowledgeBase.open(few)) as kb:
        labels = kb.labels()
    assert {*compared(labels)} == {*pairwise(labels), *((label, labels[-1]) for label in labels[:-1])}
    with closing(KnowledgeBase.open(bundled)) as kb:
        labels = kb.labels()
    last_of_series = ("v2.4.0", "v2.6.39", "v3.19.8", "v4.20", "v5.19", "v6.19")
    assert {*compared(labels)} == {*pairwise(labels), *((label, labels[-1]) for label in last_of_series)}


def test_mistakes(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no builder 'pdf'"):
        write(kb, tmp_path, builder="pdf")
    with pytest.raises(UnknownName):
        write(kb, tmp_path, versions=["v9.9"])
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="not a folder"):
        write(kb, tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="exit status 3\nbroken"):
        run(["sh", "-c", "echo broken >&2; exit 3"], tmp_path, print)
    with pytest.raises(ProgramError, match="is it installed"):
        run([str(tmp_path / "nothing")], tmp_path, print)
    lines: list[str] = []
    run(["echo", "one"], tmp_path, lines.append)
    assert lines == ["one"]


def test_a_single_version_has_no_life_to_be_drawn(kb: KnowledgeBase) -> None:
    both, single = open_site(kb, None), open_site(kb, ("v6.8",))
    assert len(list(pictures(both))) == len(both.tables) + len(both.locks)
    assert not list(pictures(single))
    drawings = [page.content.get("drawing") for page in pages(single) if "drawing" in page.content]
    assert set(drawings) == {None}
    assert not any(
        ".. image::" in render(page.template, page.content) for page in pages(single) if "drawing" in page.content
    )
