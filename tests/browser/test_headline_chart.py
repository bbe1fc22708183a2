"""The headline chart: seen without JavaScript, and what it does with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

CHART = "[data-chart=headline]"


@pytest.fixture
def tab(context: BrowserContext, site: Path) -> Iterator[Page]:
    """The first page, its chart alive."""
    opened = context.new_page()
    opened.goto((site / "index.html").as_uri())
    opened.wait_for_selector(f"{CHART}[data-live]")
    yield opened
    opened.close()


@pytest.fixture
def plain(browser: Browser, site: Path) -> Iterator[Page]:
    """The first page without JavaScript."""
    window = browser.new_context(java_script_enabled=False, offline=True,
                                 viewport={"width": 1400, "height": 900})
    opened = window.new_page()
    opened.goto((site / "index.html").as_uri())
    yield opened
    window.close()


def test_the_chart_is_seen_without_javascript(plain: Page) -> None:
    drawing = plain.locator(f"{CHART} .chart-wide svg")
    box = drawing.bounding_box()
    assert box is not None
    assert box["width"] > 500
    assert drawing.get_by_text("AlphaGo Zero", exact=True).is_visible()


def test_without_javascript_its_lines_have_the_colours_of_the_book(plain: Page) -> None:
    # JavaScript of the page is off; this asks the browser. #2f4b7c is the colour of the trend.
    strokes = plain.locator(f"{CHART} .chart-wide svg path[stroke*=chart-trend]")
    assert strokes.first.evaluate("line => getComputedStyle(line).stroke") == "rgb(47, 75, 124)"


def test_on_paper_the_drawing_stands_in_for_the_live_chart(tab: Page) -> None:
    tab.emulate_media(media="print")
    assert tab.locator(f"{CHART} .chart-drawing").is_visible()
    assert not tab.locator(f"{CHART} .chart-live").is_visible()


def test_on_paper_the_page_is_light_whatever_the_screen_was(tab: Page) -> None:
    # Once a page printed from a dark screen had black heads on a black ground.
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    tab.emulate_media(media="print", color_scheme="dark")
    colours = tab.evaluate("""['.bd-article h2', '.bd-article p', 'body'].map(part =>
      getComputedStyle(document.querySelector(part)))
      .map((style, i) => i < 2 ? style.color : style.backgroundColor)""")
    assert colours == ["rgb(31, 36, 48)", "rgb(31, 36, 48)", "rgb(255, 255, 255)"]  # #1f2430


def test_the_first_screen_of_a_laptop_holds_the_finding_three_numbers_and_the_chart(
    tab: Page
) -> None:
    tab.set_viewport_size({"width": 1400, "height": 800})
    assert tab.locator(".key-numbers li").count() == 3
    for part in (".bd-article section > p", ".key-numbers", f"{CHART} .chart-live"):
        box = tab.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] > 0
        assert box["y"] + box["height"] <= 800


def test_the_scale_can_be_switched_to_linear_and_back(tab: Page) -> None:
    title = tab.locator(f"{CHART} .chart-live").get_by_text("Training compute (pfs-days)",
                                                            exact=True)
    assert title.count() == 0
    tab.get_by_role("button", name="Linear scale").click()
    tab.wait_for_selector(f"{CHART}[data-live=linear_wide]")
    assert title.count() == 1
    tab.get_by_role("button", name="Log scale").click()
    tab.wait_for_selector(f"{CHART}[data-live=wide]")


def test_pointing_at_a_system_tells_its_calculation_and_source(tab: Page) -> None:
    tab.locator(f"{CHART} .chart-live [aria-label^='AlexNet']").first.hover()
    tip = tab.locator(".chart-tip")
    assert "GeForce GTX 580" in tip.inner_text()
    assert "Krizhevsky" in tip.inner_text()


def test_a_system_can_be_reached_by_keyboard_and_opens_its_page(tab: Page) -> None:
    tab.locator(f"{CHART} .chart-live [aria-label^='AlexNet']").first.focus()
    assert tab.locator(".chart-tip").is_visible()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/systems/alexnet.html")


def test_a_click_on_a_system_opens_its_page(tab: Page) -> None:
    tab.locator(f"{CHART} .chart-live [aria-label^='DQN']").first.click()
    tab.wait_for_url("**/systems/dqn.html")


def test_the_chart_shows_eras_band_intervals_and_moores_law(plain: Page) -> None:
    drawing = plain.locator(f"{CHART} .chart-wide svg")
    words = " ".join(drawing.locator("text").all_text_contents())
    for named in ("a few graphics cards", "tens of graphics cards", "Moore's law", "doubling"):
        assert named in words
    # Three eras, one band, an interval for each of the fifteen systems.
    assert drawing.locator(".mark-rect.role-mark path").count() == 3
    assert drawing.locator(".mark-area.role-mark path").count() == 1
    assert drawing.locator(".mark-rule.role-mark line").count() == 15


def test_search_finds_a_page_from_disk(context: BrowserContext, site: Path) -> None:
    tab = context.new_page()
    errors: list[str] = []
    tab.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    tab.goto((site / "search.html").as_uri() + "?q=utilization")
    tab.wait_for_selector("#search-results li a")
    assert tab.locator("#search-results li a").count() >= 2
    assert errors == []
    tab.close()


def test_the_table_of_systems_sorts_and_filters(context: BrowserContext, site: Path) -> None:
    tab = context.new_page()
    tab.goto((site / "systems.html").as_uri())
    names = tab.locator("table:has(#tab-systems) tbody tr:visible td:first-child")
    tab.get_by_role("searchbox", name="Filter").fill("openai")
    assert {"Dota 1v1", "GPT-1"} <= set(names.all_inner_texts())
    assert "AlexNet" not in names.all_inner_texts()
    tab.get_by_label("Domain").select_option("games")
    assert names.all_inner_texts() == ["Dota 1v1"]
    tab.get_by_label("Domain").select_option("")
    # An organization that the cell only counts is found by its name all the same.
    tab.get_by_role("searchbox", name="Filter").fill("north carolina")
    assert names.all_inner_texts() == ["GoogLeNet"]
    tab.get_by_role("searchbox", name="Filter").fill("")
    tab.locator("table:has(#tab-systems) th button", has_text="Published").click()
    assert tab.locator("table:has(#tab-systems) th[aria-sort=ascending]").count() == 1
    tab.close()
