"""Every kind of page, as the W3C's checker, axe and schemathesis see it: valid, accessible, as described."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright
from schemathesis.specs.openapi.definitions import OPENAPI_31

from kbase.pages.routes import ROUTES
from kbase.web import create_app

Served = Callable[[Flask], AbstractContextManager[str]]

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
CHECKER = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
GRAVE = ("serious", "critical")

PAGES = {
    "home": ("/",),
    "search": ("/search", "/search?q=which+lock+is+held+when+rename+is+called", "/search?q=nosuchfield:x"),
    "version": ("/v/v4.19/",),
    "table": ("/v/v6.8.1/address_space_operations/?sort=op",),
    "op": ("/v/v6.8.1/inode_operations/rename/",),
    "function": ("/v/v6.8.1/functions/d_instantiate/",),
    "flag": ("/v/v6.8.1/flags/RENAME_EXCHANGE/",),
    "steps": ("/v/v6.2/directory-locking/",),
    "lock_order": ("/v/v6.2/lock-order/", "/v/v6.8.1/lock-order/"),
    "drift": ("/v/v6.8.1/drift/", "/v/v6.4.6/drift/"),
    "drift_index": ("/drift/",),
    "table_drift": ("/drift/file_lock_operations/",),
    "locks": ("/locks/",),
    "lock": ("/locks/mmap_lock/",),
    "history": ("/history/inode_operations.rename/",),
    "lock_history": ("/history/lock/i_rwsem/",),
    "table_history": ("/history/address_space_operations/",),
    "compare": ("/diff/",),
    "diff": ("/diff/v6.4.6..v6.8.1/",),
    "diff_table": ("/diff/v5.15.55..v6.1.192/inode_operations/",),
    "porting": ("/porting/",),
    "porting_entry": (),
    "notes": ("/notes/",),
    "note": (),
    "commits": ("/commits/",),
    "commit": ("/commits/640708a2cff7/",),
    "document": ("/doc/v2.6.12/Documentation/filesystems/Locking",),
    "interface": ("/api/",),
    "problem": ("/v/v6.8.1/inode_operations/renam/",),
}


@pytest.fixture(scope="module")
def app(ported: Path) -> Flask:
    return create_app(ported)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def addresses(client: FlaskClient) -> list[str]:
    """One address or more of every kind of page."""
    assert set(PAGES) == {*(route.name for route in ROUTES), "problem"}
    note = client.get("/api/v1/notes/").get_json()["notes"][0]["href"]
    entry = client.get("/api/v1/porting/").get_json()["groups"][0]["entries"][0]["href"]
    return [*(address for kind in PAGES.values() for address in kind), note, entry]


@pytest.fixture(scope="module")
def site(app: Flask, served: Served) -> Iterator[str]:
    """Where the site is served."""
    with served(app) as address:
        yield address


def test_the_w3c_checker_finds_no_error(client: FlaskClient, addresses: list[str], tmp_path: Path) -> None:
    if not shutil.which("java") or not CHECKER.exists():
        pytest.skip("the W3C checker needs java, and npm for `make node_modules/installed`")
    for number, address in enumerate(addresses):
        body = client.get(address, follow_redirects=True).data
        (tmp_path / f"{number}.html").write_bytes(body)
    checker = ["java", "-Xss8m", "-jar", str(CHECKER), "--format", "json", "--stdout", "--skip-non-html", str(tmp_path)]
    done = subprocess.run(checker, capture_output=True, text=True, check=False)
    messages = json.loads(done.stdout)["messages"]
    wrong = [f"{addresses[int(Path(m['url']).stem)]}: {m['message']} {m.get('extract', '')}" for m in messages]
    assert wrong == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(
    chromium: str, site: str, addresses: list[str], scheme: Any, width: int
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is missing: `make node_modules/installed` needs npm")
    wrong = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=site, color_scheme=scheme, viewport={"width": width, "height": 900})
        context.add_init_script(path=AXE)
        page = context.new_page()
        for address in addresses:
            page.goto(address)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            wrong += [
                f"{address}: {each['id']}: {[node['target'] for node in each['nodes']]}"
                for each in found["violations"]
                if each["impact"] in GRAVE
            ]
        browser.close()
    assert wrong == []


def test_the_lock_file_names_no_address() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name for name in locked if name} == {"node_modules/axe-core", "node_modules/vnu-jar"}
    assert all("integrity" in each and "resolved" not in each for name, each in locked.items() if name)


def test_schemathesis_finds_no_failure(ported: Path, served: Served, tmp_path: Path) -> None:
    app, answered = create_app(ported), Counter[tuple[str | None, int]]()

    @app.after_request
    def count(response: Response) -> Response:
        answered[request.endpoint, response.status_code] += 1
        return response

    program = Path(sys.executable).parent / "schemathesis"
    options = ["--max-examples", "12", "--seed", "7", "--no-color", "--phases", "examples,coverage,fuzzing"]
    with served(app) as address:
        command = [str(program), "run", *options, f"{address}/api/v1/openapi.json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    unanswered = [route.name for route in ROUTES if not answered[f"api.{route.name}", 200]]
    assert unanswered == [], "the description has an example of each"


def test_the_description_is_openapi(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()
    jsonschema_rs.validator_for(OPENAPI_31).validate(described)
    for schema in described["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema)
