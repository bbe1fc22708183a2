"""Every page, opened from disk with the network cut."""

import gzip
import math
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import altair as alt
import page_checks
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, Route

from aicompute import figure
from aicompute.book.extension import PACE
from aicompute.cells import run_cells

LARGEST_PAGE_WITHOUT_A_CHART = 150_000


@pytest.mark.parametrize("what", [
    "outside", "errors", "dead_charts", "moved", "crowded_axes", "hidden_words",
    "without_alternative", "wider_than_phone", "barriers", "pale_in_the_dark",
])
def test_on_no_page_there_is_anything(visits: dict[str, dict[str, list[str]]], what: str) -> None:
    # Asked of another host; an error of a script; a chart that does not come alive, or moves the
    # page as it does; ticks that touch; words of a chart that something hides, that seem another
    # dot's, or below 12 pixels; a picture without words; what scrolls sideways on a phone; what axe
    # finds serious, pale texts among it; texts too pale in the dark.
    assert {page: found[what] for page, found in visits.items() if found[what]} == {}


def test_a_barrier_on_a_page_that_was_found_without_is_found(tab: Page, site: Path) -> None:
    # Else nothing would be found on any page: of parts of one kind axe is shown one alone.
    tab.goto((site / "eras.html").as_uri())
    seen: list[str] = []
    assert page_checks.barriers(tab, seen) == []
    tab.evaluate("""[...document.querySelectorAll('main td')].filter(
      cell => cell.getClientRects().length).at(-1).innerHTML =
        '<button></button><span style="color: #bbbbbb">pale</span>'""")
    found = page_checks.barriers(tab, seen)
    assert [text.split()[0] for text in found] == ["button-name", "color-contrast"]


def test_a_number_tells_its_digits_by_mouse_by_key_and_by_tap(browser: Browser, site: Path) -> None:
    tab = browser.new_context(has_touch=True, offline=True).new_page()
    tab.goto((site / "trend.html").as_uri())
    number, tip = tab.locator("main a.number").first, tab.locator("#chart-tip")
    for act in (number.hover, number.focus, number.tap):
        act()
        assert "doubling_time_months" in tip.inner_text()
        assert number.get_attribute("aria-describedby") == "chart-tip"
        tab.keyboard.press("Escape")
        assert tip.is_hidden()
        number.evaluate("part => part.blur()")
    assert tab.url.endswith("trend.html")  # a first tap tells, a second one follows the link
    tab.context.close()


def test_a_table_on_a_phone_is_short_and_holds_its_first_column(
    browser: Browser, site: Path
) -> None:
    # The ledger's were 20,000 pixels tall.
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    tab.goto((site / "claims.html").as_uri())
    assert tab.evaluate("Math.max(...[...document.querySelectorAll('table.table')]"
                        ".map(table => table.offsetHeight))") < 2500
    held = ("box => { const left = () => box.querySelector('td').getBoundingClientRect().left;"
            "const was = left(); box.scrollLeft = 150; return [box.scrollLeft, left() - was]; }")
    assert tab.locator(".pst-scrollable-table-container").nth(1).evaluate(held) == [150, 0]
    tab.close()


def test_a_page_that_is_dark_is_printed_light(tab: Page, site: Path) -> None:
    # Code and tables were printed in the pale letters of the dark mode, on white.
    tab.goto((site / "conventions.html").as_uri())
    tab.emulate_media(color_scheme="dark")
    mode = "document.documentElement.dataset.theme"
    tab.wait_for_function(f"{mode} === 'dark'")
    tab.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {mode}; }})")
    tab.pdf()
    assert tab.evaluate(f"[window.printed, {mode}]") == ["light", "dark"]


def test_the_report_is_read_in_half_an_hour(site: Path) -> None:
    pages = ("index", "overview", "trend", "eras", "after_2018", "debate", "ahead")
    texts = [(site / f"{page}.html").read_text(encoding="utf-8") for page in pages]
    assert sum(int(text.split('data-words="')[1].split('"')[0]) for text in texts) <= 30 * PACE


def test_a_page_without_a_chart_is_light(site: Path, pages: list[str]) -> None:
    sizes = {name: len(gzip.compress((site / f"{name}.html").read_bytes())) for name in pages
             if b'class="chart-spec"' not in (site / f"{name}.html").read_bytes()}
    assert {name: size for name, size in sizes.items()
            if size > LARGEST_PAGE_WITHOUT_A_CHART} == {}


@pytest.mark.parametrize("page", ["index", "systems/alexnet"])
def test_a_click_beside_the_title_downloads_source_and_notebook(
    tab: Page, site: Path, page: str
) -> None:
    # Some servers hand a notebook out as text, which then opened in the browser.
    home, names = "http://book.test/", []

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(home).partition("?")[0]
        kind = {} if name.endswith((".html", ".css", ".js")) else {"content_type": "text/plain"}
        route.fulfill(path=site / name, **kind)

    tab.route("**/*", serve)
    tab.goto(f"{home}{page}.html")
    for link in ("Source", "Notebook"):
        with tab.expect_download() as download:
            tab.locator(".title-row").get_by_role("link", name=link).click()
        names.append(download.value.suggested_filename)
    stem = page.rpartition("/")[2]
    assert names == ["system.md" if "/" in page else f"{stem}.md", f"{stem}.ipynb"]


class Parts(HTMLParser):
    """The names of a page's parts and the addresses its links lead to; scripts add none."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.address, self.addresses = page.as_uri(), set[str]()
        self.names, self.silent = [""], list[str]()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if name := given.get("id"):
            self.names.append(name)
        if tag == "a" and (address := given.get("href")) is not None:
            self.addresses.add(urljoin(self.address, address))
        if tag == "img" and "alt" not in given:
            self.silent.append(given.get("src") or "img")


@pytest.fixture(scope="module")
def parts(site: Path, pages: list[str]) -> dict[str, Parts]:
    """Every page of the book, the systems' too, by its name."""
    return {name: Parts(site / f"{name}.html") for name in pages}


def test_every_link_within_the_book_leads_somewhere(site: Path, parts: dict[str, Parts]) -> None:
    names = {page.address: {*page.names} for page in parts.values()}
    dead = []
    for name, page in parts.items():
        for address in page.addresses:
            other, _, anchor = address.partition("#")
            if other.startswith(site.as_uri()) and not (
                    anchor in names[other] if other in names
                    else Path(other.removeprefix("file://")).exists()):
                dead.append(f"{name}: {address.removeprefix(site.as_uri())}")
    assert len(parts) > 20
    assert dead == []


def test_no_two_parts_of_a_page_have_one_name_and_no_picture_is_silent(
    parts: dict[str, Parts]
) -> None:
    # The visits show axe one part of a kind, and one in eight of the systems' pages.
    wrong = {name: [*page.silent, *(n for n in {*page.names} if page.names.count(n) > 1)]
             for name, page in parts.items()}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_notebooks_chart_stays_a_picture_where_nothing_can_be_loaded(tab: Page) -> None:
    # JupyterLab without a network showed "Error loading script" in place of every chart.
    rows = pd.DataFrame({"x": [1], "y": [2]})
    chart = alt.Chart(rows).mark_point().encode(x="x:Q", y="y:Q")
    with tab.expect_event("pageerror"):  # the script gives up
        tab.set_content(figure(chart, "c", "test", "a")._repr_mimebundle_()["text/html"])
    assert tab.locator("svg").is_visible()
    assert "Error" not in tab.inner_text("body")


SETTINGS: list[dict[str, Any]] = [
    {}, {"without_alphabet": True}, {"until": "2016-12-31"},
    {"alphago_zero_estimate": "epoch_2026"},
    {"values": "replicated", "chip_rating": "base",
     "operations_per_multiply_add": 1.0},
    {"values": "recounted", "chip_rating": "boost", "tpu_utilization": 0.6},
    {"values": "recounted", "method": "method_1", "passes_per_example": 4.0},
    {"values": "recounted", "method": "method_2", "chip_rating": "base", "gpu_utilization": 0.5},
    {"values": "recounted", "method": "method_2", "utilization_from": "measured"},
]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: ",".join(map(str, s)) or "none")
def test_the_live_page_shows_the_reports_doubling_time(live: Page, setting: dict[str, Any]) -> None:
    # A row whose assumption the script is not given would stand still when its control is moved.
    live.get_by_role("button", name="Back to this report").click()
    for name, value in setting.items():
        control = live.locator(f"#live-form [name={name}]")
        if isinstance(value, bool):
            control.set_checked(value)
        elif isinstance(value, float) or name == "until":
            control.fill(str(value))
        else:
            control.select_option(value)
    shown = live.evaluate("Number(document.querySelector("
                          "'[data-result=doubling_time_months]').value)")
    values = setting.get("values", "published")
    number = run_cells("trend", setting)[f"trend.{values}.doubling_time_months"]
    assert number.value is not None
    assert math.isclose(shown, number.value, rel_tol=1e-9)
