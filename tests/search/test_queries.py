"""What queries find, in a small world of three versions written for it."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from kbase.build.search_documents.documents import search_documents
from kbase.errors import QueryError
from kbase.model.states import VersionState
from kbase.search.results import MARK_END, MARK_START, SearchResults
from kbase.search.searcher import Searcher
from kbase.search.writing import write_index

ReadVersion = Callable[..., VersionState]
WriteDocument = Callable[..., dict[str, str]]

CREATE = "int (*create)(struct inode *, struct dentry *, umode_t);"
RENAME = "int (*rename)(struct inode *, struct dentry *, struct inode *, struct dentry *);"
LINK = "int (*link)(struct dentry *, struct inode *, struct dentry *);"
GET_LINK = "const char *(*get_link)(struct dentry *, struct inode *);"
REVALIDATE = "int (*d_revalidate)(struct dentry *, unsigned int);"
HASH = "int (*d_hash)(const struct dentry *, struct qstr *);"
RELEASEPAGE = "int (*releasepage)(struct page *, int);"
RELEASE_FOLIO = "bool (*release_folio)(struct folio *, gfp_t);"
SWAP = "int (*swap_activate)(struct swap_info_struct *, struct file *);"

OLD = {
    "inode_operations": [
        CREATE,
        RENAME,
        LINK,
        "ops | i_mutex(inode)",
        "create | yes",
        "rename | yes (all)",
        "link | yes",
    ],
    "dentry_operations": [REVALIDATE, "ops | d_lock | may block", "d_revalidate | no | yes"],
    "address_space_operations": [RELEASEPAGE, "ops | PageLocked(page)", "releasepage | yes"],
}
MIDDLE = OLD | {
    "inode_operations": [CREATE, RENAME, LINK, GET_LINK, "ops | i_rwsem(inode)", "create | exclusive",
                         "rename | exclusive (both)", "link | exclusive", "get_link | no"],
}  # fmt: skip
NEW = MIDDLE | {
    "dentry_operations": [REVALIDATE, HASH, "ops | d_lock | may block", "d_revalidate | no | yes (ref-walk)",
                          "d_hash | no | no"],
    "address_space_operations": [RELEASE_FOLIO, SWAP, "ops | folio locked | i_rwsem", "release_folio | yes | ",
                                 "swap_activate | no | shared"],
}  # fmt: skip
PROSE = """Overlay
=======

An overlay joins two directory trees. A symlink in the upper tree hides its partner, and symlinks are copied up.

Limits
------

A file that is mapped may not block the copy; see map_files for who has it mapped.
"""


@pytest.fixture(scope="module")
def states(read_version: ReadVersion, write_document: WriteDocument) -> list[VersionState]:
    prose = {"Documentation/filesystems/overlay.rst": PROSE}
    held = {"v4.19": OLD, "v5.15.55": MIDDLE, "v6.4.6": NEW}
    return [read_version(label, write_document("locking", **tables) | prose) for label, tables in held.items()]


@pytest.fixture(scope="module")
def searcher(states: list[VersionState], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("search") / "index"
    write_index(folder, search_documents(states))
    searcher = Searcher(folder)
    yield searcher
    searcher.close()


def names(results: SearchResults) -> list[str]:
    return [hit.name for hit in results.hits]


def test_an_exact_name_is_the_first(searcher: Searcher) -> None:
    for query, expected in {
        "inode_operations.rename": "inode_operations.rename",
        "rename": "inode_operations.rename",
        "->rename()": "inode_operations.rename",
        "inode_operations->rename": "inode_operations.rename",
        "RENAME": "inode_operations.rename",
        "i_rwsem": "i_rwsem",
        "struct inode_operations": "inode_operations",
        "inode_operations": "inode_operations",
        "swap activate": "address_space_operations.swap_activate",
        "swap_activate": "address_space_operations.swap_activate",
        "which lock is held when rename is called?": "inode_operations.rename",
        "may d_revalidate block": "dentry_operations.d_revalidate",
        "who calls get_link": "inode_operations.get_link",
    }.items():
        assert names(searcher.search(query))[:1] == [expected], query


def test_one_hit_per_thing_with_the_newest_facts(searcher: Searcher) -> None:
    hit = searcher.search("rename").hits[0]
    assert (hit.kind, hit.struct, hit.op, hit.version) == ("op", "inode_operations", "rename", "v6.4.6")
    assert hit.versions == ("4.19 to 6.4",)
    assert hit.prototype == RENAME.rstrip(";")
    assert hit.chips == ("i_rwsem(inode): exclusive (both)",)
    assert hit.url == "/v/v6.4.6/inode_operations/rename/"
    assert len(set(names(searcher.search("rename")))) == len(names(searcher.search("rename")))


def test_a_chosen_version_gives_its_facts(searcher: Searcher) -> None:
    for results in (searcher.search("rename", version="v4.19"), searcher.search("rename version:v4.19")):
        hit = results.hits[0]
        assert (hit.version, hit.versions) == ("v4.19", ("4.19",))
        assert hit.chips == ("i_mutex(inode): yes (all)",)
        assert hit.url == "/v/v4.19/inode_operations/rename/"
    middle = searcher.search("d_revalidate", version="v5.15.55").hits[0]
    assert middle.url == "/v/v5.15.55/dentry_operations/d_revalidate/"
    assert middle.chips == ("d_lock: no", "may block: yes")


@pytest.mark.parametrize(
    ("query", "first", "note"),
    [
        ("i_mutex", "i_rwsem", "i_mutex is now i_rwsem"),
        ("i_sem", "i_rwsem", "i_sem is now i_rwsem"),
        ("PageLocked", "folio_lock", "PageLocked is now folio_lock"),
        ("releasepage", "address_space_operations.releasepage",
         "releasepage is now address_space_operations.release_folio"),
        ("follow_link", "inode_operations.get_link", "follow_link is now inode_operations.get_link"),
        ("lock:i_mutex", "inode_operations.create", "i_mutex is now i_rwsem"),
    ],
)  # fmt: skip
def test_old_names_find_new_ones_and_say_so(searcher: Searcher, query: str, first: str, note: str) -> None:
    results = searcher.search(query)
    assert results.hits[0].name == first
    assert results.note == note


def test_both_the_old_op_and_its_successor(searcher: Searcher) -> None:
    assert names(searcher.search("releasepage"))[:2] == [
        "address_space_operations.releasepage",
        "address_space_operations.release_folio",
    ]


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("d_revalidat", "dentry_operations.d_revalidate"),
        ("renmae", "inode_operations.rename"),
        ("inode_operations.renam", "inode_operations.rename"),
        ("inode_operation.rename", "inode_operations.rename"),
        ("swap_activte", "address_space_operations.swap_activate"),
        ("i_rwsen", "i_rwsem"),
    ],
)
def test_a_typo_is_corrected_and_said(searcher: Searcher, typo: str, meant: str) -> None:
    results = searcher.search(typo)
    assert results.hits[0].name == meant
    assert typo in str(results.note)


@pytest.mark.parametrize(
    ("query", "instead", "note"),
    [
        ("lock:i_rwsme", "lock:i_rwsem", "i_rwsme is not in these documents"),
        ("op:renmae kind:op", "op:rename kind:op", "renmae is not in these documents"),
        ("rwsem_of_inode_i", "i_rwsem", "rwsem_of_inode_i is not in these documents"),
        ("rename document:none.rst", "", "none.rst is not in these documents"),
    ],
)
def test_what_is_in_no_document_is_said(searcher: Searcher, query: str, instead: str, note: str) -> None:
    results = searcher.search(query)
    assert (results.note, next(iter(results.suggestions), "")) == (note, instead)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("i_op->rename", "inode_operations.rename"),
        ("inode->i_op->rename()", "inode_operations.rename"),
        ("dentry->d_op->d_hash", "dentry_operations.d_hash"),
        ("inode->i_rwsem", "i_rwsem"),
        ("a_ops", "address_space_operations"),
        ("inode ops", "inode_operations"),
        ("address space operations", "address_space_operations"),
        ("rename inode_operations", "inode_operations.rename"),
        ("struct:i_op op:rename", "inode_operations.rename"),
        ("op:i_op->rename", "inode_operations.rename"),
    ],
)
def test_ways_to_write_a_name(searcher: Searcher, query: str, first: str) -> None:
    assert names(searcher.search(query))[0] == first


def test_sections_of_one_title_are_one_thing(states: list[VersionState]) -> None:
    """A section is the same in every version, and its pieces are found as one."""
    entries = [document.entry for document in search_documents(states) if "overlay" in document.entry]
    assert sorted(set(entries)) == ["section:overlay: limits", "section:overlay: overlay"]


def test_a_wild_guess_is_only_suggested(searcher: Searcher) -> None:
    results = searcher.search("remane")
    assert results.total == 0
    assert "rename" in results.suggestions


def test_inflections_but_not_of_names(searcher: Searcher) -> None:
    assert any("Overlay" in name for name in names(searcher.search("joining directories")))
    snippet = searcher.search("symlinks hide").hits[0].snippet
    assert f"{MARK_START}symlink{MARK_END}" in snippet


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind:op lock:i_rwsem held:exclusive", {"create", "rename", "link"}),
        ("kind:op lock:i_rwsem held:shared", {"swap_activate"}),
        ("kind:op lock:i_rwsem held:write version:v4.19", set()),
        ("kind:op lock:i_rwsem held:yes version:v4.19", {"create", "rename", "link"}),
        ("kind:op lock:d_lock held:yes", set()),
        ("kind:op lock:d_lock held:no", {"d_revalidate", "d_hash"}),
        ("kind:op lock:i_rwsem NOT held:exclusive version:latest", {"get_link", "swap_activate"}),
        ("kind:op lock:i_rwsem version:latest struct:address_space_operations", {"swap_activate"}),  # not a blank cell
        ("kind:op lock:i_rwsem held:unknown", {"release_folio"}),
        ("kind:op lock:folio_lock held:shared", set()),  # swap_activate: that is i_rwsem
        ("kind:op lock:folio_lock (held:shared OR held:no)", {"swap_activate"}),
        ("kind:op (lock:folio_lock OR lock:d_lock) held:yes", {"releasepage", "release_folio"}),
        ("kind:op lock:i_rwsem (held:shared OR held:no)", {"get_link", "swap_activate"}),
        ("kind:op lock:d_* held:no", {"d_revalidate", "d_hash"}),
        ("blocks:no", {"d_hash"}),
        ("kind:op blocks:yes", {"d_revalidate"}),
        ("kind:op param:folio", {"release_folio"}),
        ('kind:op param:"struct folio *"', {"release_folio"}),
        ("kind:op returns:bool", {"release_folio"}),
        ('kind:op returns:"const char*"', {"get_link"}),
        ("kind:op since:v5.15", {"get_link"}),
        ("kind:op since:v5.0..", {"get_link", "d_hash", "release_folio", "swap_activate"}),
        ("kind:op removed:v6.4.6", {"releasepage"}),
        ("kind:op struct:dentry_operations", {"d_revalidate", "d_hash"}),
        ("kind:op op:rename OR op:inode_operations.link", {"rename", "link"}),
        ("kind:op version:..v5.0 struct:address_space_operations", {"releasepage"}),
        ("kind:op document:locking.rst get_link", {"get_link"}),
        ("kind:op dentry AND folio", set()),
        ("kind:op folio NOT swap_activate version:latest", {"release_folio"}),
    ],
)
def test_fields(searcher: Searcher, query: str, expected: set[str]) -> None:
    assert {hit.op for hit in searcher.search(query).hits} == expected


def test_phrases_and_prefixes(searcher: Searcher) -> None:
    assert [hit.title for hit in searcher.search('"may not block"').hits] == ["Overlay > Limits"]
    assert searcher.search('"block may"').total == 0
    assert searcher.search('"ay not block"').total == 0
    assert {h.op for h in searcher.search("kind:op swap_a*").hits} == {"swap_activate"}
    assert searcher.search("zzz*").total == 0


def test_not_alone_means_all_the_others(searcher: Searcher) -> None:
    everything = sum(count for _, count in searcher.search("NOT kind:section").facets["kind"])
    assert searcher.search("NOT kind:section").total == everything > 10
    assert searcher.search("NOT (NOT kind:op)").total == searcher.search("kind:op").total


@pytest.mark.parametrize(
    ("query", "shown", "said"),
    [
        ("kind:opp", "opp", "no value"),
        ("rename held:perhaps", "perhaps", "no value"),
        ("version:v9", "v9", "not available"),
        ("version:v5.16..v6.0", "v5.16..v6.0", "no version between them"),
        ("version:abc", "abc", "not a version label"),
        ("since:v7.0..", "v7.0..", "no version between"),
        ("version:v4.19-v6.4", "v4.19-v6.4", "not available"),
        ("rename lock: held:yes", "lock:", "has no value"),
    ],
)
def test_mistaken_values_are_shown(searcher: Searcher, query: str, shown: str, said: str) -> None:
    with pytest.raises(QueryError, match=said) as caught:
        searcher.search(query)
    error = caught.value
    assert query[error.position : error.position + error.length] == shown


def test_filters_are_checked_like_fields(searcher: Searcher) -> None:
    found = searcher.search("dentry", filters={"kind": "op", "lock": "i_mutex", "held": "shared"})
    assert found.total == 0
    assert searcher.search("", filters={"struct": "dentry_operations", "kind": "op"}).total == 2
    with pytest.raises(QueryError, match="no filter"):
        searcher.search("dentry", filters={"colour": "red"})
    with pytest.raises(QueryError, match="not available"):
        searcher.search("dentry", version="v9")


def test_facets_count_things(searcher: Searcher) -> None:
    results = searcher.search("kind:op", limit=100)
    facets = results.facets
    assert facets["kind"] == (("op", results.total),)
    by_struct = dict(facets["struct"])
    for struct in ("inode_operations", "dentry_operations"):
        assert by_struct[struct] == searcher.search(f"kind:op struct:{struct}").total
    for label, count in facets["version"]:
        assert count == searcher.search(f"kind:op version:{label}").total
    for lock, count in facets["lock"]:
        assert count == searcher.search("kind:op", filters={"lock": lock}).total
    for held, count in facets["held"]:
        assert count == searcher.search("kind:op", filters={"held": held}).total
    assert [label for label, _ in facets["version"]] == ["v6.4.6", "v5.15.55", "v4.19"]


def test_a_chosen_lock_and_a_chosen_held_meet_in_one_rule(searcher: Searcher) -> None:
    """Whether they stand in the query or are chosen beside it; so do the counts of what can be chosen."""
    for lock in ("i_rwsem", "folio_lock", "d_lock"):
        for held in ("yes", "no", "shared", "exclusive", "unknown"):
            expected = set(names(searcher.search(f"kind:op lock:{lock} held:{held}")))
            queries = {f"kind:op lock:{lock}": {"held": held}, f"kind:op held:{held}": {"lock": lock}}
            for query, filters in queries.items():
                assert set(names(searcher.search(query, filters=filters))) == expected
                facets = searcher.search(query).facets
                for name, value in filters.items():  # a blank cell is not among those of `lock:`
                    assert held == "unknown" or dict(facets[name]).get(value, 0) == len(expected)


ATOMS = (
    "kind:op",
    "kind:lock",
    "lock:i_rwsem",
    "struct:dentry_operations",
    "dentry",
    "inode AND qstr",
    "d_*",
    '"may not"',
)
TREES = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.tuples(st.sampled_from(("AND", "OR", "AND NOT")), inner, inner),
    max_leaves=5,
)
Tree = str | tuple[str, "Tree", "Tree"]


def written(tree: Tree) -> str:
    return f"({tree})" if isinstance(tree, str) else f"({written(tree[1])} {tree[0]} {written(tree[2])})"


@given(TREES)
@example(("AND", "kind:op", ("AND NOT", '"may not"', "kind:op")))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_operators_are_those_of_sets(searcher: Searcher, tree: Tree) -> None:
    def found(query: str) -> set[str]:
        """At one version every thing has one text, so that things behave as sets."""
        return set(names(searcher.search(query, version="v6.4.6", limit=200)))

    def combined(tree: Tree) -> set[str]:
        if isinstance(tree, str):
            return found(f"({tree})")
        operator, left, right = tree[0], combined(tree[1]), combined(tree[2])
        return left & right if operator == "AND" else left | right if operator == "OR" else left - right

    assume(written(tree).count("((((((") == 0)
    assert found(written(tree)) == combined(tree)


@given(
    st.lists(
        st.sampled_from([*ATOMS, "NOT", "OR", "(", ")", "ren*", "held:yes", "qqqq", "?", "op:x*", "a_b", "й", '"']),
        max_size=9,
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_query_is_answered_or_refused(searcher: Searcher, parts: list[str]) -> None:
    with contextlib.suppress(QueryError):
        results = searcher.search(" ".join(parts))
        assert results.total >= len(results.hits)


@pytest.mark.parametrize(
    ("cap", "query", "said"),
    [
        ("MAX_EXPANSION", "d_* OR i*n", "at the end of a word"),
        ("MAX_EXPANSION", "in* dentry", "the prefixes match more"),
        ("MAX_POSTINGS", '"struct dentry"', "too much of the index"),
        ("MAX_POSTINGS", "struct AND dentry", "too much of the index"),
    ],
)
def test_broad_queries_are_refused_with_a_reason(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch, cap: str, query: str, said: str
) -> None:
    monkeypatch.setattr(f"kbase.search.compiler.{cap}", 2)
    with pytest.raises(QueryError, match=said):
        searcher.search(query)


def test_pages_of_hits(searcher: Searcher) -> None:
    whole = names(searcher.search("kind:op", limit=100))
    assert names(searcher.search("kind:op", limit=3, offset=3)) == whole[3:6]
    assert searcher.search("kind:op", limit=3, offset=1000).hits == ()
    assert searcher.search("kind:op", limit=-1, offset=-5).hits == ()


def test_nothing_asked_nothing_found(searcher: Searcher) -> None:
    for query in ("", "  ", "???", "* -"):
        assert searcher.search(query).total == 0


def test_words_of_questions_are_words_when_alone(searcher: Searcher) -> None:
    assert searcher.search("who").total > 0
    assert searcher.search("an").total > 0


def test_unknown_words_find_nothing_even_beside_a_condition(searcher: Searcher) -> None:
    assert searcher.search("kind:op qqqwwweee").total == 0


def test_suggestions_while_typing(searcher: Searcher) -> None:
    assert [s.text for s in searcher.suggest("ren")] == ["inode_operations.rename"]
    assert [s.text for s in searcher.suggest("revalid")] == ["dentry_operations.d_revalidate"]
    assert searcher.suggest("inode_operations.r")[0].url == "/v/v6.4.6/inode_operations/rename/"
    former = searcher.suggest("i_mut")[0]
    assert (former.text, former.detail) == ("i_rwsem", "was i_mutex")
    other = searcher.suggest("inode_tryl")[0]
    assert (other.text, other.detail) == ("i_rwsem", "inode_trylock")  # a call, which it never was called
    assert searcher.suggest("") == searcher.suggest("zzzz") == ()
    assert len(searcher.suggest("d", limit=2)) == 2


def test_snippets_mark_what_matched(searcher: Searcher) -> None:
    snippet = searcher.search("map_files").hits[0].snippet
    assert f"{MARK_START}map_files{MARK_END}" in snippet
    assert "\n" not in snippet


def test_threads_share_a_searcher(searcher: Searcher) -> None:
    queries = [
        "rename",
        "kind:op dentry",
        '"may not block"',
        "swap activate",
        "ren* OR d_re*",
        "lock:i_rwsem held:yes",
    ] * 8
    expected = [searcher.search(query) for query in queries]
    start = threading.Barrier(8)

    def ask(part: int) -> list[SearchResults]:
        start.wait()
        return [searcher.search(query) for query in queries[part::8]]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert [answers[place % 8][place // 8] for place in range(len(queries))] == expected
