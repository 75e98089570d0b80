"""The views of the database say what `kbase export` and `kbase diff` say; docs/datasette.rst documents them."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kbase.build.pipeline import build
from kbase.knowledge.export import export_lines
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.store.generations import LINK
from kbase.terminal.change_selection import compare, key
from kbase.terminal.json_output import change_json

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).resolve().parents[2] / "docs/datasette.rst").read_text("utf-8")
VIEWS = ("op", "prototype", "lock_rule", "lock_order", "member", "porting", "change", "drift")
SECTIONS = {
    name: section.partition("\nQueries\n---")[0]
    for name, section in re.findall(r"^(\w+)\n~+\n(.*?)(?=^\w+\n~+\n|\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
QUERIES = re.findall(r"^\.\. code-block:: sql\n\n((?:   .*\n)+)", PAGE, re.MULTILINE)
READING = ("subject", "held", "modes", "effect", "scope", "condition", "context")
VFS = """\
=============
The barn's VFS
=============

struct file_operations
----------------------

.. code-block:: c

	struct file_operations {
		struct module *owner;
		int (*open) (struct inode *, struct file *);
	};

``open``
	opens the door

``owner``
	who has the key

``hinge``
	what the door hangs on

struct xattr_handler
--------------------

``list``
	lists the labels

``prefix``
	what labels begin with
"""
LOCKING = """\
=======
Locking
=======

inode_operations
================

prototypes::

	int (*create) (struct inode *, struct dentry *, umode_t, bool);
	void (*truncate) (void);
	int (*rename) (struct inode *, struct dentry *, struct inode *, struct dentry *);

locking rules:
	all except truncate may block, none have BKL

==============	==========================	=============
ops		i_rwsem(inode)			rename_lock
==============	==========================	=============
create:		exclusive (parent)		yes
rename:		shared (exclusive if moved)	no
unlink:		who knows?			maybe
truncate:
==============	==========================	=============

dquot_operations
================

prototypes::

	int (*write_dquot) (struct dquot *);

locking rules:

==============	=============	============================
ops		FS recursion	Held locks when called
==============	=============	============================
write_dquot:	Yes		dqonoff_sem or dqptr_sem
==============	=============	============================
"""
Row = tuple[Any, ...]
Exported = list[dict[str, Any]]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ops and members that are only described, a rule with an exception, cells of several locks or of doubt."""
    folder = tmp_path_factory.mktemp("odd")
    documents = folder / "v6.9/Documentation/filesystems"
    documents.mkdir(parents=True)
    (documents / "vfs.rst").write_text(VFS)
    (documents / "locking.rst").write_text(LOCKING)
    build(folder / "db", [str(folder / "v6.9")], corpus=folder / "none")
    return folder / "db"


@pytest.fixture(params=["bundled", "ported", "odd", "real"])
def held(request: pytest.FixtureRequest) -> Path:
    """A database: of the bundled corpus, of porting logs, of what is odd, of real documents."""
    db: Path = request.getfixturevalue(request.param)
    return db


def rows(db: Path, query: str) -> list[Row]:
    """What a program that knows nothing of kbase reads."""
    with closing(sqlite3.connect(f"file:{db / LINK}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


@cache
def exported(db: Path, kind: str) -> Exported:
    """The exported objects of a kind that have a version."""
    with closing(KnowledgeBase.open(db)) as kb:
        objects = map(json.loads, export_lines(map(kb.state, kb.newest_first), [kind]))
        return [each for each in objects if each["version"]]


def joined(words: Iterable[str]) -> str | None:
    return ", ".join(words) or None


def fields(value: Mapping[str, Any], *names: str) -> Row:
    """These fields as columns have them."""
    return tuple(joined(value[name]) if isinstance(value[name], list) else value[name] for name in names)


def test_ops(held: Path) -> None:
    found = rows(held, "SELECT version, struct, op, prototype, path, line FROM op")
    ops = exported(held, "op")
    assert {row[:3] for row in found} == {fields(op, "version", "struct", "name") for op in ops}
    assert len(found) == len(ops) > 0
    declared = {row[:3]: row[3:] for row in found if row[3]}
    firsts = {fields(op, "version", "struct", "name"): op["prototypes"][0] for op in ops if op["prototypes"]}
    assert declared == {name: fields(first, "text", "path", "line") for name, first in firsts.items()}


def test_prototypes(held: Path) -> None:
    query = (
        "SELECT version, struct, op, prototype, returns, types, parameters, condition, repair, malformed, path, line"
        " FROM prototype"
    )
    expected = Counter(
        (*fields(op, "version", "struct", "name"), *_declaration(one))
        for op in exported(held, "op")
        for one in op["prototypes"]
    )
    assert Counter(rows(held, query)) == expected


def _declaration(one: dict[str, Any]) -> Row:
    types = [parameter["type"] for parameter in one["parameters"]]
    said = (
        one["text"],
        one["returns"],
        joined(types),
        len(types),
        " && ".join(one["conditions"]) or None,
        one.get("repair"),
    )
    return *said, one["malformed"], one["path"], one["line"]


def test_lock_rules(held: Path) -> None:
    query = (
        "SELECT version, struct, op, lock, cell, subject, held, modes, effect, scope, condition, context, candidates,"
        " source, path, line FROM lock_rule"
    )
    ops = exported(held, "op")
    expected = Counter(row for op in ops for row in _rules(op))
    found = Counter(rows(held, query))
    noted = found - expected  # rules over a table that hold unless something else is noted, and something is
    assert expected - found == Counter()
    assert {(row[3], row[13]) for row in noted} <= {("any lock", "table"), ("process context", "table")}


def _rules(op: dict[str, Any]) -> Iterator[Row]:
    name = fields(op, "version", "struct", "name")
    for rule in op["locks"]:
        over = "exception" if rule.get("excepted") else "table"
        source = {"table": "cell", "prose": "prose", "blanket": over}[rule["source"]]
        for reading in rule.get("readings", [rule]):
            said = joined(rule.get("candidates", [])), source, rule["path"], rule["line"]
            yield *name, rule["lock"], rule["cell"], *fields(reading, *READING), *said


def test_lock_orders(held: Path) -> None:
    query = (
        "SELECT version, first, first_object, first_mode, second, second_object, second_mode, among, operation,"
        " condition, text, path, line FROM lock_order"
    )
    expected = Counter(
        (
            order["version"],
            *(order[end][field] for end in ("first", "second") for field in ("subject", "scope", "mode")),
            *fields(order, "among", "operation", "condition", "text", "path", "line"),
        )
        for order in exported(held, "lock-order")
    )
    assert Counter(rows(held, query)) == expected


def test_members(held: Path) -> None:
    query = "SELECT version, struct, name, declaration, condition, path, line FROM member"
    names = ("version", "struct", "name", "text", "condition", "path", "line")
    members = [each | {"condition": " && ".join(each["conditions"]) or None} for each in exported(held, "member")]
    assert Counter(rows(held, query)) == Counter(fields(member, *names) for member in members)


def test_porting_entries(held: Path) -> None:
    query = "SELECT version, tag, slug, text, ops, functions, path, line FROM porting"
    names = ("version", "tag", "slug", "text", "ops", "functions", "path", "line")
    assert Counter(rows(held, query)) == Counter(fields(entry, *names) for entry in exported(held, "porting"))


def test_what_only_these_documents_have(odd: Path, ported: Path) -> None:
    """The comparisons above compare something: what is only described, doubtful, excepted, logged."""
    assert rows(odd, "SELECT op, prototype FROM op WHERE struct = 'xattr_handler'") == [("list", None)]
    members = rows(odd, "SELECT name, declaration FROM member ORDER BY name")
    assert members == [("hinge", None), ("owner", "struct module *owner"), ("prefix", None)]
    assert rows(odd, "SELECT held FROM lock_rule WHERE op = 'truncate' AND source = 'exception'") == [("no",)]
    assert rows(odd, "SELECT held FROM lock_rule WHERE op = 'unlink' AND lock = 'i_rwsem(inode)'") == [("unknown",)]
    twice = rows(odd, "SELECT subject FROM lock_rule WHERE op = 'write_dquot' AND context = 0 ORDER BY 1")
    assert twice == [("dqonoff_sem",), ("dqptr_sem",)]
    assert rows(ported, "SELECT DISTINCT tag FROM porting ORDER BY 1") == [("mandatory",), ("recommended",)]


def test_changes(held: Path) -> None:
    """Those of every two neighbours, in the order of the diff."""
    expected = list[Row]()
    with closing(KnowledgeBase.open(held)) as kb:
        pairs = [pair for family in kb.families for pair in pairwise(kb.representatives(family))]
        for old, new in pairs:
            for change in compare(kb, old, new).changes:
                told = change_json(change)
                said = fields(told, "struct", "op", "before", "after", "reason")
                proof = [*_proof(told["evidence"], old), *_proof(told["evidence"], new)]
                expected.append((old, new, key(change), told["severity"], *said, change.likely, *proof))
    query = (
        'SELECT from_version, to_version, kind || \' \' || subject, severity, struct, op, "before", "after", reason,'
        " likely, from_path, from_line, to_path, to_line FROM change WHERE from_version = ? AND to_version = ?"
    )
    assert sorted(rows(held, "SELECT older, newer FROM neighbours WHERE step")) == sorted(pairs)
    with closing(sqlite3.connect(f"file:{held / LINK}?mode=ro", uri=True)) as connection:
        found = [row for pair in pairs for row in connection.execute(query, pair)]
    assert found == expected
    assert len(rows(held, "SELECT 1 FROM change")) == len(expected)


def test_drift(bundled: Path) -> None:
    query = "SELECT version, struct, op, document, kind, statement, since, or_earlier, releases, path, line FROM drift"
    found = rows(bundled, f"{query} WHERE release = 'v6.12'")
    with closing(KnowledgeBase.open(bundled)) as kb:
        drift = [each for label in ("v6.12", "v6.12.117") for each in kb.drift.of_version(label)]
    assert found == [
        (
            *(each.version, each.struct, each.op, each.document, each.kind, each.statement),
            *(each.since, each.or_earlier, each.releases, each.path, each.line),
        )
        for each in drift
    ]
    assert found


def _proof(evidence: list[dict[str, Any]], label: str) -> Row:
    return next(((one["path"], one["line"]) for one in evidence if one["version"] == label), (None, None))


def test_versions_are_numbered_oldest_first_and_know_their_releases(held: Path) -> None:
    found = rows(held, "SELECT label, release FROM version ORDER BY position")
    with closing(KnowledgeBase.open(held)) as kb:
        by_family = [[label for label, _ in found if label in kb.labels(family)] for family in kb.families]
        assert by_family == [[*kb.labels(family)] for family in kb.families]
        standing = {info.label: info.stands_for for info in kb.versions if info.stands_for}
    assert {label: release for label, release in found if label in standing} == standing


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_of_the_page_runs(query: str, bundled: Path) -> None:
    assert rows(bundled, query) or "porting" in query  # of which the bundled corpus has none


def test_the_query_of_the_porting_log_finds_what_came(ported: Path) -> None:
    [query] = [query for query in QUERIES if "porting" in query]
    told = query.replace("v5.15", "v6.1").replace("mandatory", "recommended")
    assert [row[0] for row in rows(ported, told)] == ["v6.2"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_is_documented_and_no_other(view: str, bundled: Path) -> None:
    listed = [
        name for names in re.findall(r"^   (``.*?``) \|", SECTIONS[view], re.MULTILINE) for name in names.split(", ")
    ]
    held = [f"``{name}``" for _, name, *_ in rows(bundled, f"PRAGMA table_info({view})")]
    assert sorted(listed) == sorted(held)


def test_every_view_of_the_page_is_there() -> None:
    assert tuple(SECTIONS) == VIEWS
