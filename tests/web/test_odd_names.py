"""Documents with odd names and texts on web pages: every link works, and nothing changes the order of what is shown."""

import re
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import html5lib
import pytest
from flask.testing import FlaskClient

from kbase.build.pipeline import build
from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.parts import external
from kbase.web import create_app
from tests.conftest import Put
from tests.reference.test_hostile_names import NOTE, NOTE_NAME, PORTING, document

REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NAMES = (NOTE_NAME, "50% of ..rst", "a;b=c&d+e@f:g!.rst", "\u05d0 1.rst", " lead and trail .rst", "~x{}[]|^`\\.rst")
FOLDER = "Documentation/filesystems"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, put: Put) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("odd")
    for number, label in enumerate(("v6.7", "v6.8")):
        tree = folder / label / FOLDER
        put(tree / "locking.rst", document(number))
        put(tree / "porting.rst", PORTING)
        for name in NAMES:
            put(tree / name.replace("\\", "-"), NOTE)
    build(folder / "db", [str(folder / "v6.7"), str(folder / "v6.8")], corpus=folder / "none")
    with closing(KnowledgeBase.open(folder / "db")) as kb:
        yield create_app(kb).test_client()


def links(address: str, body: str) -> Iterator[str]:
    """The addresses that a page links to."""
    tree = html5lib.parse(body, namespaceHTMLElements=False)
    for link in tree.iter("a"):
        yield urljoin(address, link.get("href", ""))


def test_every_link_works_and_nothing_is_reordered(client: FlaskClient) -> None:
    waiting, seen = ["http://localhost/", "http://localhost/notes/", "http://localhost/v/v6.8/"], set[str]()
    while waiting and len(seen) < 250:
        address = urldefrag(waiting.pop(0)).url
        if address in seen or urlsplit(address).hostname != "localhost":
            continue
        seen.add(address)
        answer = client.get(address.removeprefix("http://localhost"), follow_redirects=True)
        assert answer.status_code == 200, address
        assert not REORDERING.search(answer.text), address
        if answer.mimetype == "text/html":
            found = list(links(address, answer.text))
            waiting = [*(one for one in found if "/doc/" in one), *waiting, *found]
    documents = {unquote(urlsplit(address).path) for address in seen if "/doc/v6.8/" in address}
    assert {f"/doc/v6.8/{FOLDER}/{name}".replace("\\", "-") for name in NAMES} <= documents


@pytest.mark.parametrize("name", [*NAMES, "a\nb.rst", "a\tb\x7f.rst"])
def test_a_link_to_another_site_names_the_file(name: str) -> None:
    path = f"{FOLDER}/{name}"
    for address in external("v6.8", path, 7):
        assert address is not None
        assert address.isprintable()
        assert address.isascii()
        assert not set(' <>"`{}|\\^') & set(address)
        parts = urlsplit(address)
        assert unquote(parts.path).endswith(f"/{path}")
        assert parts.query in ("", "h=v6.8")
        assert parts.fragment in ("L7", "n7")


def test_the_json_interface_escapes_what_reorders(client: FlaskClient) -> None:
    answer = client.get("/api/v1/v/v6.8/t22_operations/")
    assert "\\u202e" in answer.text
    assert answer.text.isascii()
