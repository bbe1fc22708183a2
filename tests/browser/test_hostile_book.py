"""A book of tables whose every free text tries to be run: all of it shown, none of it run."""

from __future__ import annotations

import csv
import io
import json
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import page_checks
import pytest
from hostile import hostile_copy
from playwright.sync_api import Browser, BrowserContext, Page

from aicompute.assumptions import parse_assumptions

pytestmark = pytest.mark.slow

#: What a reader may do on a page, done on all of it: open, sort, filter, point, focus.
_HANDLE = """() => {
  for (const part of document.querySelectorAll('details')) part.open = true;
  for (const head of document.querySelectorAll('th button, .chart-switch button')) head.click();
  for (const field of document.querySelectorAll('input[type=search]')) {
    field.value = 'script'; field.dispatchEvent(new Event('input', {bubbles: true}));
    field.value = ''; field.dispatchEvent(new Event('input', {bubbles: true}));
  }
  for (const part of document.querySelectorAll('main *')) {
    for (const name of ['mouseover', 'mousemove', 'pointermove', 'focusin'])
      part.dispatchEvent(new MouseEvent(name, {bubbles: true, clientX: 9, clientY: 9}));
  }
}"""
_SCRIPTED = """() => [...document.querySelectorAll('*')].flatMap(part => [...part.attributes]
  .filter(a => a.name.startsWith('on') && a.value !== 'window.print()'
    || /^\\s*(javascript|vbscript|data:text)/i.test(a.value))
  .map(a => `${part.tagName} ${a.name}=${a.value}`.slice(0, 200)))"""
_RESULTS = "() => [...document.querySelectorAll('#search-results li a')].map(a => a.textContent)"
_FRAMES = "() => document.querySelectorAll('iframe, object, embed, base').length"


@dataclass
class Visit:
    """What happened on one page, and what it shows."""

    planted: object = None
    dialogs: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    scripted: list[str] = field(default_factory=list)
    frames: int = 0
    title: str = ""
    heading: str = ""
    banner: str = ""
    text: str = ""
    results: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Book:
    """The hostile book, and the name of every system in it."""

    site: Path
    names: dict[str, str]


@pytest.fixture(scope="module")
def book_of_hostile_data(tmp_path_factory: pytest.TempPathFactory) -> Book:
    from aicompute.book.build import build
    from aicompute.book.order import Order

    folder = tmp_path_factory.mktemp("hostile")
    names = hostile_copy(folder / "data")
    # Under another assumption, so that what every page says of that is read here too: a whole book
    # takes its time.
    altered = parse_assumptions({"gpu_utilization": "0.5"})
    build(Order(altered, data=folder / "data", output=folder / "_build"))
    return Book(folder / "_build" / "html", names)


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window that tells of every request; the network is cut for the browser as a whole."""
    window = browser.new_context(viewport={"width": 1200, "height": 900})
    window.set_default_timeout(60_000)  # a busy machine takes its time
    yield window
    window.close()


@pytest.fixture(scope="module")
def visits(book_of_hostile_data: Book, window: BrowserContext) -> dict[str, Visit]:
    """Every page opened and handled, those of the search included."""
    site = book_of_hostile_data.site
    pages = sorted(p.relative_to(site).as_posix() for p in site.rglob("*.html"))
    words = ("script planted", "img onerror", "iframe", "svg onload", "go javascript")
    addresses = [page for page in pages if page != "search.html"]
    addresses += [f"search.html?q={urllib.parse.quote(asked)}" for asked in words]
    visitor = Visitor(window, site)
    return {address: visitor.visit(address) for address in addresses}


class Visitor:
    """One tab that goes from page to page."""

    def __init__(self, window: BrowserContext, site: Path) -> None:
        self.home, self.tab, self.seen = site.as_uri() + "/", window.new_page(), Visit()
        self.tab.on("dialog", lambda d: (self.seen.dialogs.append(d.message), d.dismiss()))
        page_checks.watch(self.tab, self.home, lambda: self.seen)

    def visit(self, page: str) -> Visit:
        """Open a page, handle it, and see what it has done."""
        self.seen = seen = Visit()
        tab = self.tab
        tab.goto(self.home + page)
        settle(tab, page)
        tab.evaluate(_HANDLE)
        tab.wait_for_timeout(50)
        seen.planted = tab.evaluate("window.planted === undefined ? null : String(window.planted)")
        seen.scripted = tab.evaluate(_SCRIPTED)
        seen.frames = tab.evaluate(_FRAMES)
        seen.title = tab.title()
        seen.heading = tab.evaluate(
            "(document.querySelector('main h1') || document.body).innerText")
        seen.banner = tab.evaluate("document.querySelector('.scenario-banner')?.textContent || ''")
        seen.text = tab.evaluate("document.querySelector('main')?.textContent || ''")
        seen.results = tab.evaluate(_RESULTS)
        return seen


def settle(tab: Page, page: str) -> None:
    """Wait until charts live and the search has ended."""
    tab.wait_for_function(
        "[...document.querySelectorAll('.chart')].every(c => !c.clientWidth || c.dataset.live)"
    )
    if page.startswith("search.html"):
        tab.wait_for_function("document.querySelector('#search-results p.search-summary')"
                              "?.innerText.startsWith('Search finished')")


def test_nothing_planted_in_the_data_runs_on_any_page(visits: dict[str, Visit]) -> None:
    assert len(visits) > 50
    assert {page: seen.planted for page, seen in visits.items() if seen.planted is not None} == {}
    assert {page: seen.dialogs for page, seen in visits.items() if seen.dialogs} == {}


def test_every_page_of_an_altered_book_says_at_its_top_what_differs(
    visits: dict[str, Visit], book_of_hostile_data: Book
) -> None:
    made_by_sphinx = ("genindex.html", "search.html", "_static/")
    without = [page for page, seen in visits.items() if not page.startswith(made_by_sphinx)
               and "gpu_utilization = 0.5 (baseline 0.33)" not in seen.banner]
    assert without == []
    # AlexNet by method 2 at 0.5: 2 x 1.58e-3 x 5.5 x 0.5 = 0.00869
    assert "0.00869 pfs-days" in visits["systems/alexnet.html"].text
    results = json.loads((book_of_hostile_data.site / "results.json").read_text("utf-8"))
    assert results["assumptions"]["gpu_utilization"] == 0.5


def test_no_page_asks_another_host_for_what_the_data_name(visits: dict[str, Visit]) -> None:
    assert {page: seen.outside for page, seen in visits.items() if seen.outside} == {}


def test_no_element_of_a_page_carries_a_script_or_frame_of_the_data(
    visits: dict[str, Visit],
) -> None:
    assert {page: seen.scripted for page, seen in visits.items() if seen.scripted} == {}
    assert {page: seen.frames for page, seen in visits.items() if seen.frames} == {}


def test_no_script_of_a_page_stumbles_over_the_data(visits: dict[str, Visit]) -> None:
    assert {page: seen.errors for page, seen in visits.items() if seen.errors} == {}


def test_every_systems_name_is_shown_letter_by_letter(
    visits: dict[str, Visit], book_of_hostile_data: Book
) -> None:
    wrong = {}
    for system, name in book_of_hostile_data.names.items():
        seen = visits.get(f"systems/{system}.html")
        if seen and not (plain(seen.heading).startswith(plain(name)) and name in seen.text):
            wrong[system] = (name, seen.heading)
    assert wrong == {}


def test_the_search_shows_a_title_and_does_not_run_it(visits: dict[str, Visit]) -> None:
    # Sphinx puts the headings it finds into the page as HTML, and escapes only those of pages.
    found = visits["search.html?q=script%20planted"].results
    assert any("<script>planted=1</script>" in title for title in found)


def plain(text: str) -> str:
    """A text without what typography changes: the kind of quotes and dashes, and spaces."""
    for fancy, simple in {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "--", "—": "---",
                          "…": "..."}.items():
        text = text.replace(fancy, simple)
    return " ".join(text.split())


def test_no_file_of_the_machine_stands_in_the_site(book_of_hostile_data: Book) -> None:
    secret = Path("/etc/passwd").read_bytes().splitlines()[0]
    found = [path.name for path in book_of_hostile_data.site.rglob("*")
             if path.is_file() and secret in path.read_bytes()]
    assert found == []


def test_no_cell_of_an_exported_table_is_a_formula(book_of_hostile_data: Book) -> None:
    found = [
        f"{path.name}: {cell}"
        for path in (book_of_hostile_data.site / "_downloads").rglob("*.csv")
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        for cell in row
        if len(cell) > 1 and cell[0] in "=+-@" and not is_number(cell)
    ]
    assert found == []


def is_number(cell: str) -> bool:
    """Whether a cell is a number: a sign before one starts no formula."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
