"""Fixtures of several test modules: the real documents beside the checkout, and a browser."""

import os
import shutil
from pathlib import Path

import pytest

from kbase.build import build

ROOT = Path(__file__).resolve().parent.parent


def missing(what: str) -> None:
    """Skip the test for want of `what`; with CI=true, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI=true wants everything")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents and hand-checked readings beside the checkout."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not there")
    return folder


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the bundled corpus; tests only read it."""
    db = tmp_path_factory.mktemp("bundled") / "db"
    build(db)
    return db


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium for Playwright's `executable_path`."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        missing("Chromium")
    return str(found)
