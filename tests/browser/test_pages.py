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
    "without_alternative", "wider_than_phone",
])
def test_on_no_page_there_is_anything(visits: dict[str, Any], what: str) -> None:
    # Asked of another host; an error of a script; a chart that does not come alive, or moves the
    # page as it does; ticks that touch; words of a chart that
    # something hides, that seem another dot's, or below 12 pixels; a picture without words; what
    # scrolls sideways on a phone.
    assert visits["index"].charts  # there are some to come alive
    found = {page: getattr(visit, what) for page, visit in visits.items()}
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_serious(visits: dict[str, Any], colours: str) -> None:
    assert {page: visit.findings[colours] for page, visit in visits.items()
            if visit.findings[colours]} == {}


def test_a_pale_text_in_the_last_cell_of_a_page_is_found(tab: Page, site: Path) -> None:
    # Else nothing pale would be found on any page; of texts of one look one alone is measured.
    tab.goto((site / "eras.html").as_uri())
    tab.evaluate("[...document.querySelectorAll('main td')].filter(cell => "
                 "cell.getClientRects().length).at(-1).style.color = '#bbbbbb'")
    (found,) = page_checks.pale_texts(tab)
    assert "color-contrast" in found


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


class Links(HTMLParser):
    """The anchors of a page and the addresses its links lead to; scripts add none."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.address, self.anchors, self.addresses = page.as_uri(), {""}, set[str]()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.add(given.get("id") or "")
        if tag == "a" and (address := given.get("href")) is not None:
            self.addresses.add(urljoin(self.address, address))


def test_every_link_within_the_book_leads_somewhere(site: Path, pages: list[str]) -> None:
    read = {page.address: page for page in (Links(site / f"{name}.html") for name in pages)}
    dead = []
    for name, links in read.items():
        for address in links.addresses:
            page, _, anchor = address.partition("#")
            if page.startswith(site.as_uri()) and not (
                    anchor in read[page].anchors if page in read
                    else Path(page.removeprefix("file://")).exists()):
                dead.append(f"{name}: {address.removeprefix(site.as_uri())}")
    assert len(read) > 20
    assert dead == []


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
