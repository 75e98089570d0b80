"""What people do, in a real Chromium: search, follow the evidence, compare, choose a theme; with and without script."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect, sync_playwright

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
    page.get_by_label("from").fill("v5.15.55")
    page.get_by_label("to", exact=True).fill("v6.8.1")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_title("Changes from v5.15.55 to v6.8.1 · kbase")
    page.get_by_role("navigation", name="By ops table").get_by_role("link", name="inode_operations").click()
    page.get_by_role("navigation", name="Minimum severity").get_by_role("link", name="breaking").click()
    group = page.locator(".group", has=page.get_by_role("heading", name="rename"))
    expect(group.locator(".before").first).to_contain_text("user_namespace")
    expect(group.locator(".after").first).to_contain_text("mnt_idmap")


def test_another_version_keeps_the_place(page: Page) -> None:
    page.goto("/v/v6.8.1/inode_operations/rename/")
    strip = page.get_by_role("navigation", name="inode_operations.rename in other versions")
    strip.locator("summary", has_text="5.x").click()
    strip.get_by_role("link", name="v5.4", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("inode_operations.rename v5.4")


A4 = 718  # pixels between the margins of the paper
WHITE = 3 * 255


def background(page: Page) -> int:
    """How light the page is."""
    return lightness(page.locator("html"))


def lightness(element: Locator) -> int:
    """The sum of the three colours behind an element; what has none is as light as the paper."""
    colour = element.evaluate("element => getComputedStyle(element).backgroundColor")
    found = re.findall(r"[\d.]+", colour)
    return sum(map(int, found)) if len(found) == 3 else WHITE


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
def test_nothing_sticks_out_and_nobody_else_is_asked(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 900})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
    assert len(asked) > len(PAGES)
    assert [url for url in asked if not url.startswith(f"{address}/")] == []


def test_the_keyboard_alone(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/locks/")
    page.keyboard.press("/")
    page.keyboard.type("which lock is held when rename is called")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    for key in "jjk":
        page.keyboard.press(key)
    first = page.locator(".hit a").first
    expect(first).to_be_focused()
    assert first.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("inode_operations.rename")
    page.close()


def test_searches_are_remembered_in_the_browser_only(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    for path in ("/search?q=may+d_revalidate+block", "/search?q=nosuchfield:x", "/search?q=swap+activate", "/search"):
        page.goto(path)
    before = page.locator("[data-recent] a")
    expect(before).to_have_text(["swap activate", "may d_revalidate block"])
    assert context.cookies() == []
    before.last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("may d_revalidate block")
    context.close()


def test_a_search_is_narrowed_and_widened_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/search?q=rename+i_rwsem")
    every = page.get_by_role("heading", level=1).inner_text()
    narrow = page.get_by_role("complementary", name="Narrow the search")
    narrow.get_by_role("link", name="op", exact=True).click()
    assert set(page.locator(".hit .kind").all_inner_texts()) == {"op"}
    chosen = narrow.locator("[aria-current=true]")
    expect(chosen).to_have_text("op")
    chosen.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(every)
    context.close()


def test_the_skip_link_leads_past_what_is_on_every_page(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/locks/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    page.close()


@pytest.fixture
def copying(browser: Browser, address: str) -> Iterator[Page]:
    """A page that may use the clipboard."""
    context = browser.new_context(base_url=address, permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_prototype_and_a_citation_can_be_copied(copying: Page) -> None:
    copying.goto("/v/v6.8.1/inode_operations/rename/")
    copying.locator(".proto .copy").click()
    expect(copying.locator(".proto .copy")).to_have_text("copied")
    assert re.fullmatch(r"int \(\*rename\)\(struct mnt_idmap \*, .*\);", copied(copying))
    row = copying.locator(".evidence tr", has_text="i_rwsem(inode): exclusive")
    row.get_by_role("button", name="copy citation").click()
    assert copied(copying) == "v6.8.1 Documentation/filesystems/locking.rst:104"


def test_the_line_at_hand_can_be_cited_and_found_elsewhere(copying: Page) -> None:
    copying.goto("/doc/v6.8.1/Documentation/filesystems/locking.rst#L104")
    copying.locator(".ln:target").get_by_role("button", name="copy citation").click()
    assert copied(copying) == "v6.8.1 Documentation/filesystems/locking.rst:104"
    copying.locator("#L97 .no").click()
    copying.locator(".ln:target").get_by_role("button", name="copy citation").click()
    assert copied(copying) == "v6.8.1 Documentation/filesystems/locking.rst:97"
    for name, anchor in (("Elixir", "#L97"), ("git.kernel.org", "#n97")):
        link = copying.locator(".head").get_by_role("link", name=name)
        assert str(link.get_attribute("href")).endswith(f"Documentation/filesystems/locking.rst{QUERY[name]}{anchor}")


QUERY = {"Elixir": "", "git.kernel.org": "?h=v6.8.1"}


def test_other_sites_may_read_nothing(browser: Browser, address: str) -> None:
    page = browser.new_page()
    read = "async url => { const answer = await fetch(url); return (await answer.text()).length; }"
    for path in ("/api/v1/locks/", "/locks/"):
        with pytest.raises(Error, match="Failed to fetch"):
            page.evaluate(read, f"{address}{path}")
        page.goto(address)
        assert page.evaluate(read, f"{address}{path}") > 1000
        page.goto("about:blank")
    page.close()


def test_another_version_keeps_the_section(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/v/v6.8.1/inode_operations/rename/#evidence")
    page.get_by_role("navigation", name="other versions").get_by_role("link", name="v6.4.6").click()
    page.wait_for_url("**/v/v6.4.6/inode_operations/rename/#evidence")
    page.close()


def test_the_names_stay_where_a_long_life_is_scrolled(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto("/history/inode_operations/")
    page.get_by_role("region", name="Picture of the history").evaluate("box => { box.scrollLeft = 400; }")
    expect(page.locator(".names text").first).to_be_in_viewport()
    context.close()


def test_what_is_printed_is_the_page_without_what_is_pressed(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address, color_scheme="dark", viewport={"width": A4, "height": 1000})
    page.goto("/theme?to=dark&back=/")
    page.emulate_media(media="print")
    for path in (*PAGES, "/v/v6.8.1/address_space_operations/", "/history/address_space_operations/"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for pressed in (".top", ".foot", ".strip", ".copy", "nav.side"):
            assert page.locator(f"{pressed}:visible").count() == 0, f"{path}: {pressed}"
        assert background(page) == WHITE, "paper is white, whatever the theme"
        for block in page.locator(".prototypes .proto, .before, .after, thead th.context").all()[:20]:
            assert lightness(block) > 600, path
        for side in page.locator("code.side").all()[:5]:
            expect(side).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= A4, path
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()


def test_names_are_suggested_while_typing(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address)
    page.goto("/")
    page.get_by_label("Search ops").press_sequentially("d_reval")
    expect(page.locator("#suggestions option").first).to_have_attribute("value", "dentry_operations.d_revalidate")
    page.close()


def test_a_fact_can_be_reported_as_wrong_with_source_and_reading(copying: Page) -> None:
    copying.goto("/v/v6.8.1/inode_operations/rename/")
    copying.locator(".answer.held").get_by_role("button", name="report a wrong fact").first.click()
    expect(copying.locator(".answer.held .report").first).to_have_text("copied")
    lines = copied(copying).splitlines()
    assert lines[1] == "source: v6.8.1 Documentation/filesystems/locking.rst:104"
    assert lines[2].startswith("fact: inode_operations.rename v6.8.1: i_rwsem(inode) exclusive (both parents")
    assert lines[3] == "page: /v/v6.8.1/inode_operations/rename/"


@pytest.mark.parametrize(
    "path",
    [
        "/v/v6.8.1/",
        "/v/v6.8.1/inode_operations/",
        "/locks/i_rwsem/",
        "/history/inode_operations.rename/",
        "/diff/v6.4.6..v6.8.1/",
    ],
)
def test_every_citation_of_a_page_has_its_report_button(copying: Page, path: str) -> None:
    copying.goto(path)
    cited = copying.locator("main .cite").count()
    assert copying.locator("main .cite + .report").count() == cited
    assert cited or path == "/v/v6.8.1/"


def test_on_a_phone_every_column_of_a_matrix_is_in_view(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto("/v/v6.8.1/address_space_operations/")
    cells = page.locator(".matrix tbody tr").first.locator("td[data-column]")
    assert cells.count() == 5  # with that of sentences
    for cell in cells.all():
        box = cell.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    context.close()


def test_on_a_phone_a_history_starts_at_its_left(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    for path in ("/history/inode_operations.rename/", "/history/inode_operations/"):
        page.goto(path)
        assert page.locator(".history .scroll").evaluate("box => box.scrollLeft") == 0
    context.close()
