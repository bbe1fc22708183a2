"""The built book in Chromium with the network cut: one browser, and one visit to every page."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import page_checks
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    TimeoutError,
    sync_playwright,
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
LAPTOP, PHONE = (1400, 900), (360, 740)
#: A chart has this long to come alive, milliseconds: far longer than it takes on a busy machine.
PATIENCE = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens the browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Path:
    """The built site: the folder AICOMPUTE_SITE names, else one built for these tests."""
    given = os.environ.get("AICOMPUTE_SITE")
    folder = Path(given).resolve() if given else request.getfixturevalue("book") / "html"
    assert (folder / "index.html").is_file(), f"{folder} holds no built book"
    return folder


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """Every page of the book, without those Sphinx adds for itself and the scenarios' books."""
    sources = site / "_sources"
    return sorted(p.relative_to(sources).with_suffix("").as_posix()
                  for p in sources.rglob("*.ipynb"))


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium of this machine; without one these tests fail."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail(f"no browser found: one of {', '.join(BROWSERS)} must be on the PATH")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


def laptop(chromium: Browser) -> BrowserContext:
    """A window of a laptop, offline."""
    width, height = LAPTOP
    window = chromium.new_context(viewport={"width": width, "height": height}, offline=True,
                                  color_scheme="light", reduced_motion="reduce",
                                  timezone_id="America/Los_Angeles")
    window.set_default_timeout(PATIENCE)
    return window


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests but the visits.

    It closes with the last test of this folder: what drives it keeps an event loop running in the
    thread of the tests, where no other could run meanwhile.
    """
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="package")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One window of a laptop, offline."""
    window = laptop(browser)
    yield window
    window.close()


@pytest.fixture
def tab(context: BrowserContext) -> Iterator[Page]:
    """A tab of its own, closed when the test ends."""
    page = context.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def live(context: BrowserContext, site: Path) -> Iterator[Page]:
    """The live page, its chart alive."""
    page = context.new_page()
    page.goto((site / "what_if.html").as_uri())
    page.wait_for_selector("[data-chart=what_if][data-live]")
    yield page
    page.close()


@pytest.fixture(scope="package")
def visits(site: Path, pages: list[str]) -> dict[str, dict[str, list[str]]]:
    """What was found on each page: opened once on a laptop in light and in dark, then on a phone.

    Of the systems' pages, which are of one template, it opens one in eight. One tab goes from page
    to page: a second browser would have axe look at every kind of part again.
    """
    systems = [page for page in pages if page.startswith("systems/")]
    opened = sorted({*pages} - {*systems} | {*systems[::8]})
    with ThreadPoolExecutor(1) as apart:  # one thread has one Playwright
        return apart.submit(_visit_all, site, opened).result()


def _visit_all(site: Path, names: list[str]) -> dict[str, dict[str, list[str]]]:
    with launched() as chromium:
        visitor = Visitor(laptop(chromium), site)
        return {name: visitor.visit(name) for name in names}


class Visitor:
    """One tab that goes from page to page; a new one for each would take a third longer."""

    def __init__(self, window: BrowserContext, site: Path) -> None:
        self.home, self.tab = site.as_uri() + "/", window.new_page()
        self.found: dict[str, list[str]] = {}
        self.seen: list[str] = []
        self.tab.on("request", lambda r: None if r.url.startswith((self.home, "data:", "blob:"))
                    else self.found["outside"].append(r.url))
        self.tab.on("pageerror", lambda error: self.found["errors"].append(str(error)))
        self.tab.on("console", lambda m: self.found["errors"].append(m.text) if m.type == "error"
                    else None)

    def visit(self, name: str) -> dict[str, list[str]]:
        """Open a page and look at it: on a laptop in light and in dark, then on a phone."""
        tab = self.tab
        self.found = found = dict[str, list[str]](outside=[], errors=[])
        tab.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
        tab.emulate_media(color_scheme="light")
        tab.goto(f"{self.home}{name}.html")
        before = tab.evaluate(page_checks.BOXES)
        _wait(tab)
        after = tab.evaluate(page_checks.BOXES)
        found["moved"] = [f"{a} became {b}" for a, b in zip(before, after, strict=True) if a != b]
        for what, check in page_checks.CHECKS.items():
            found[what] = tab.evaluate(check)
        found["barriers"] = page_checks.barriers(tab, self.seen)
        tab.emulate_media(color_scheme="dark")
        tab.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        # The page is the same: only its colours have changed.
        found["pale_in_the_dark"] = page_checks.pale_texts(tab, self.seen)
        tab.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        tab.wait_for_function(page_checks.NARROW, timeout=PATIENCE)
        for what in ("hidden_words", "crowded_axes"):
            found[what] += tab.evaluate(page_checks.CHECKS[what])
        found["wider_than_phone"] = tab.evaluate(page_checks.WIDER)
        return found


def _wait(tab: Page) -> None:
    # A chart that stays dead is reported by its own test.
    with suppress(TimeoutError):
        tab.wait_for_function(page_checks.ALL_LIVE, timeout=PATIENCE)
