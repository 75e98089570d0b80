"""What people do, in a real Chromium: search, follow the evidence, compare, choose a theme; with and without script."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from kbase.web import create_app

Served = Callable[[Flask], AbstractContextManager[str]]

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGES = (
    "/",
    "/search?q=which+lock+is+held+when+rename+is+called",
    "/v/v6.8.1/",
    "/v/v6.8.1/inode_operations/",
    "/v/v6.8.1/inode_operations/rename/",
    "/locks/",
    "/locks/i_rwsem/",
    "/history/inode_operations.rename/",
    "/history/inode_operations/",
    "/diff/",
    "/diff/v5.15.55..v6.8.1/",
    "/commits/",
    "/commits/640708a2cff7/",
    "/v/v6.8.1/functions/d_instantiate/",
    "/v/v6.8.1/flags/RENAME_EXCHANGE/",
    "/porting/",
    "/api/",
    "/notes/",
    "/doc/v6.8.1/Documentation/filesystems/locking.rst",
    "/nothing/here",
)


@pytest.fixture(scope="module")
def address(bundled: Path, served: Served) -> Iterator[str]:
    """Where the site is served."""
    with served(create_app(bundled)) as address:
        yield address


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def context(request: pytest.FixtureRequest, browser: Browser, address: str, scheme: str) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=address, java_script_enabled=request.param, color_scheme="dark" if scheme == "dark" else "light"
    )
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page that must not complain, nor ask anybody else for anything."""
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(address) else complaints.append(request.url))
    yield page
    assert complaints == []


def test_from_a_question_to_the_line_that_answers_it(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search ops").fill("which lock is held when rename is called")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="inode_operations.rename").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("inode_operations.rename")
    expect(page.locator(".answer.held")).to_contain_text("exclusive")
    page.locator(".answer.held .cite").first.click()
    target = page.locator(".ln:target")
    expect(target).to_contain_text("rename")
    expect(target).to_contain_text("exclusive")
    expect(target).to_be_in_viewport()
    target.get_by_role("link", name="rename").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("inode_operations.rename")


def test_an_exact_name_goes_to_the_op(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Search ops").fill("inode_operations.create")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("inode_operations.create")


def test_two_versions_compared(page: Page) -> None:
    page.goto("/diff/")
    page.get_by_label("from").select_option("v5.15.55")
    page.get_by_label("to", exact=True).select_option("v6.8.1")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_title("v5.15.55 to v6.8.1: what changed · kbase")
    page.get_by_role("navigation", name="By ops table").get_by_role("link", name="inode_operations").click()
    page.get_by_role("navigation", name="By severity").get_by_role("link", name="breaking").click()
    group = page.locator(".group", has=page.get_by_role("heading", name="rename"))
    expect(group.locator(".before").first).to_contain_text("user_namespace")
    expect(group.locator(".after").first).to_contain_text("mnt_idmap")


def test_another_version_keeps_the_place(page: Page) -> None:
    page.goto("/v/v6.8.1/inode_operations/rename/")
    strip = page.get_by_role("navigation", name="inode_operations.rename in other versions")
    strip.get_by_role("link", name="v5.4", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("inode_operations.rename v5.4")


def background(page: Page) -> int:
    """How light the page is: the sum of the three colours."""
    colour = page.locator("html").evaluate("element => getComputedStyle(element).backgroundColor")
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3])


def test_the_theme_follows_the_system_or_the_choice(browser: Browser, address: str, scheme: str) -> None:
    for script in (True, False):
        context = browser.new_context(
            base_url=address, java_script_enabled=script, color_scheme="dark" if scheme == "dark" else "light"
        )
        page = context.new_page()
        page.goto("/v/v6.8.1/inode_operations/")
        for theme, dark in (("auto", scheme == "dark"), ("light", False), ("dark", True), ("auto", scheme == "dark")):
            page.get_by_role("button", name=theme).click()
            expect(page.get_by_role("button", name=theme)).to_have_attribute("aria-pressed", "true")
            page.reload()
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            if script:
                assert (background(page) < 200) == dark
        context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_sticks_out(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 900})
    page = context.new_page()
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


def test_the_keyboard_alone(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/search?q=which+lock+is+held+when+rename+is+called")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "q"
    page.goto("/")
    page.keyboard.press("Escape")
    page.goto("/locks/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.close()


def test_names_are_suggested_while_typing(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/")
    page.get_by_label("Search ops").press_sequentially("d_reval")
    expect(page.locator("#suggestions option").first).to_have_attribute("value", "dentry_operations.d_revalidate")
    page.close()
