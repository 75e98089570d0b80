"""Takes the screenshot of the README: `python docs/screenshot.py` writes docs/screenshot.png.

Needs the tools of the tests (Playwright, Chromium) and a knowledge base: that of `KBASE_DB`, or the user's own.
"""

import os
import shutil
from pathlib import Path
from threading import Thread

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from kbase.places import default_database
from kbase.web.application import create_app

PICTURE = Path(__file__).resolve().parent / "screenshot.png"
PAGE = "/v/v6.8.1/inode_operations/rename/"


def main() -> None:
    """Serve the pages at a free port, and take a picture of one of them."""
    server = make_server("127.0.0.1", 0, create_app(Path(os.environ.get("KBASE_DB") or default_database())))
    Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1200, "height": 860})
        page.goto(f"http://127.0.0.1:{server.port}{PAGE}")
        page.screenshot(path=PICTURE)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
