"""Random corpora: no page, no JSON, no spreadsheet and no command fails, whatever was built and whatever is asked.

Six are tried; `KBASE_CORPORA=200` tries so many of them, `KBASE_FIRST_CORPUS=17` begins with that one; both are numbers
of seeds.
"""

import os
import re
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import cache, partial
from pathlib import Path
from random import Random
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from werkzeug.routing import Rule

from kbase.build.pipeline import build
from kbase.cli import main
from kbase.errors import SourceError
from kbase.kernel.exact_names import ItemKind
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.model.versions import parse_version
from kbase.search.index import open_index
from kbase.store.generations import INDEX, current
from kbase.web.application import create_app

ROOT = Path(__file__).resolve().parents[2]
CORPORA, FIRST = int(os.environ.get("KBASE_CORPORA", "6")), int(os.environ.get("KBASE_FIRST_CORPUS", "0"))
FOLDER = "Documentation/filesystems"
LABELS = (
    *("v2.6.12", "v3.10.64", "v4.19", "v5.4", "v5.4-rc3", "v5.15.55", "v6.1", "v6.4.6-13-amd64", "v6.8.1", "v6.12"),
    *("aufs5.4", "aufs5.14", "aufs6.1", "zfs-2.1", "v0", "barn3.0.0.0", "v99999.1"),
)
HOSTILE = (
    *("", " ", "-", "..", "../..", "latest", "aufs", "zfs", "linux", "v9", "v5", "1e9", "\0", "\x1b[2J", "é", "\udcff"),
    *("'", '"><script>', "%", "%%s", "{}", "a" * 300, "->", ".", "a.b.c", "rename", "inode_operations", "[", "((", "*"),
    *("v5.4..v6.1", "..", "v5.4..", "..aufs6.1", "aufs5.4..v6.1", "0", "-1", "functions", "flags", "lock:", "since:v9"),
)
PARTS = re.compile(r"<(?:\w+:)?(\w+)>")
QUERY = ("q", "version", "sort", "from", "to", "struct", "lock", "only", "severity", "kind", "offset", "back")


@cache
def documents() -> dict[str, tuple[str, ...]]:
    """Texts of documents, by the name that each kind of them has."""
    corpus, cases = ROOT / "corpus", ROOT / "tests/parsers/cases"
    texts = {
        "locking.rst": [*corpus.rglob("locking.rst"), *corpus.rglob("Locking"), *(cases / "locking").glob("*.txt")],
        "vfs.rst": [*corpus.rglob("vfs.rst"), *corpus.rglob("vfs.txt"), *(cases / "vfs").glob("*.txt")],
        "note.txt": [*(corpus / "notes").iterdir()],
        "commit.txt": [*(corpus / "commits").iterdir()],
    }
    porting = "---\n\n**mandatory**\n\n->rename() takes a spade now.\n\n---\n\n[recommended]\n\nReap ``i_rwsem``.\n"
    steps = "1. looking.  Locking rules:\n\n\t* lock the barn (shared)\n\n2. felling.  Locking rules:\n\n\t* find it\n"
    read = {name: tuple(path.read_text() for path in sorted(paths)) for name, paths in texts.items()}
    return read | {"porting.rst": (porting,), "directory-locking.rst": (steps,)}


def mutated(random: Random, text: str, other: str) -> str:
    """The text with lines left out, doubled or taken from another document, a table renamed, or its end cut off."""
    lines, others = text.splitlines(), other.splitlines() or [""]
    for _ in range(random.choice((0, 1, 3, 20))):
        at, size = random.randrange(len(lines) + 1), random.choice((1, 1, 4, 30))
        piece = lines[at : at + size]
        start = random.randrange(len(others))
        lines[at : at + size] = random.choice(([], piece * 2, others[start : start + size], piece[::-1]))
    text = "\n".join(lines) + "\n"
    for old, new in (("inode_operations", "barn_operations"), ("file_operations", "inode_operations")):
        text = text.replace(old, new) if random.random() < 0.15 else text
    return text[: random.randrange(len(text))] if random.random() < 0.4 else text


def grow(random: Random, folder: Path) -> list[str]:
    """A random corpus of some versions, of one family or several, below a folder; the sources to build from."""
    texts, sources = documents(), list[str]()
    folder.mkdir()
    for label in random.sample(LABELS, random.choice((0, 1, 2, 3, 5))):
        tree = folder / label / FOLDER
        tree.mkdir(parents=True)
        for name in texts:
            if random.random() < (0.7 if name in ("locking.rst", "vfs.rst") else 0.4):
                text = mutated(random, random.choice(texts[name]), random.choice(texts[random.choice([*texts])]))
                (tree / name).write_text(text)
        (tree / "index.rst").write_text("The barn\n========\n\nIt has a roof.\n")
        sources.append(f"{label}={folder / label}")
    for name in ("note.txt", "commit.txt"):
        if random.random() < 0.6 or not sources:
            (folder / name).write_text(texts[name][0])
            sources.append(str(folder / name))
    return sources


class Names:
    """What one may ask a knowledge base for: names that it has, those of other things, and hostile ones."""

    def __init__(self, kb: KnowledgeBase, random: Random) -> None:
        self.random, self.labels = random, [info.label for info in kb.versions]
        symbols = [(kind, name, versions) for (_, kind, name), versions in kb.symbols.items()]
        self.of = {kind: [(name, versions) for each, name, versions in symbols if each == kind] for kind in ItemKind}
        states = [*map(kb.state, self.labels), kb.loose]
        self.paths = [(each.version or "-", each.path) for state in states for each in state.documents]
        self.columns = sorted({column for state in states for table in state.tables for column in table.columns})
        self.all = sorted({name for _, name, _ in symbols} | set(kb.locks()))

    def one(self, names: list[str]) -> str:
        return self.random.choice(names or list(HOSTILE))

    def words(self, endpoint: str) -> dict[str, str]:
        """Words for an address; most of them fit together."""
        thing = self.random.choice([*self.of[ItemKind.OP], *self.of[ItemKind.STRUCT]] or [("a.b", ())])
        named = self.random.choice([*self.of[ItemKind.FUNCTION], *self.of[ItemKind.FLAG]] or [("a", ())])
        path = self.random.choice(self.paths)
        versions = named[1] if "name" in endpoint else thing[1]
        label = self.one(list(versions) or self.labels) if self.random.random() < 0.8 else self.one(self.labels)
        struct, _, op = thing[0].partition(".")
        words = {
            "version": path[0] if "document" in endpoint else label,
            "path": path[1],
            "struct": struct,
            "op": op or self.one([name.partition(".")[2] for name, _ in self.of[ItemKind.OP]]),
            "name": named[0],
            "subject": self.one([name for name, _ in self.of[ItemKind.LOCK]]),
            "range": f"{self.one(self.labels)}..{self.one(self.labels)}",
            "slug": self.one([name for kind in (ItemKind.PORTING, ItemKind.NOTE) for name, _ in self.of[kind]]),
            "sha": self.one([name for name, _ in self.of[ItemKind.COMMIT]]),
        }
        return {part: self.one([*HOSTILE]) if self.random.random() < 0.08 else word for part, word in words.items()}

    def query(self) -> dict[str, str]:
        chosen = self.random.sample(QUERY, self.random.choice((0, 0, 1, 2)))
        return {name: self.one([*HOSTILE, *self.labels, *self.columns, *self.all[:50]]) for name in chosen}

    def addresses(self, rule: Rule, count: int) -> Iterator[str]:
        for _ in range(count if rule.arguments else 4):
            words = self.words(rule.endpoint) | {"static": "site.css"}
            if "static" in rule.endpoint:
                words["name"] = self.one([*HOSTILE, "site.css"])
            path = {name: quote(word, errors="surrogateescape") for name, word in words.items()}
            query = urlencode(self.query(), errors="surrogateescape")
            yield PARTS.sub(r"{\1}", rule.rule).format(**path) + f"?{query}"

    def commands(self, count: int) -> Iterator[list[str]]:
        known, anything = partial(self.one, self.all), partial(self.one, [*self.all, *HOSTILE])
        version = partial(self.one, [*self.labels, *self.labels, *HOSTILE])
        for _ in range(count):
            yield ["show", known(), *self.random.choice(([], ["--json"], ["--version", version()]))]
            yield ["history", anything(), *self.random.choice(([], ["--json"]))]
            named = self.random.choice(([], ["--json"], ["--format", "markdown"], [anything()], ["--lock", anything()]))
            yield ["diff", version(), version(), *named]
            yield ["search", anything(), *self.random.choice(([], ["--json"], ["--version", version()]))]
        yield from (["check"], ["check", "--json"], ["export"], ["export", "--version", self.one(self.labels)])
        yield from (["versions"], ["show", "directory-locking"])


def failing_pages(
    app: Flask, names: Names, count: int, secret: bytes, caplog: pytest.LogCaptureFixture
) -> Iterator[str]:
    """Addresses that answer 500 or above, with what was logged of it, and those that tell the secret."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        for address in names.addresses(rule, count):
            caplog.clear()
            with client.get(address) as response:
                if response.status_code >= 500:
                    yield f"{address}\n{caplog.text[-1500:]}"
                if secret in response.get_data():
                    yield f"{address} tells where the sources lie"


def failing_commands(names: Names, db: Path, count: int, capfd: pytest.CaptureFixture[str]) -> Iterator[str]:
    """Commands that end in anything but an answer or an error of the caller's."""
    for command in names.commands(count):
        with pytest.raises(SystemExit):
            main([*command, "--db", str(db)])
        told = capfd.readouterr().err
        if "internal error" in told:
            yield f"{command} {told}"


def disagreements(kb: KnowledgeBase, db: Path) -> Iterator[str]:
    """Ops of which the search says that they came or went with another version than their histories say."""
    index = open_index(current(db) / INDEX)
    for entry, documents in enumerate(index.catalogue.entries):
        found = index.first(entry)
        if found.kind == ItemKind.OP:
            versions = (label for document in documents for label in index.catalogue.versions_of(document))
            families = sorted({parse_version(label).family for label in versions})
            lives = [kb.history(found.struct or "", found.op or "", family) for family in families]
            since = tuple(life.since.by for life in lives if life.since)
            removed = tuple(life.removed.by for life in lives if life.removed)
            if (since, removed) != (found.since, found.removed):
                yield f"{found.name}: search {found.since} {found.removed}, history {since} {removed}"


def built(db: Path, sources: list[str], corpus: Path) -> None:
    """Build the sources; where one of them is refused, as no fact is read from it, the others."""
    try:
        build(db, sources, corpus=corpus)
    except SourceError:
        build(db, corpus=corpus)
        for source in sources:
            with suppress(SourceError):
                build(db, [source], corpus=corpus)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + CORPORA))
def test_nothing_fails_over_any_corpus(
    seed: int, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    random, db = Random(seed), tmp_path / "db"
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    built(db, grow(random, tmp_path / "sources"), corpus)
    with closing(KnowledgeBase.open(db)) as kb:
        names = Names(kb, random)
        failures = [*disagreements(kb, db), *failing_pages(create_app(kb), names, 30, bytes(tmp_path), caplog)]
    failures += failing_commands(names, db, 15, capfd)
    assert not failures, f"{len(failures)}:\n" + "\n".join(failures[:5])
