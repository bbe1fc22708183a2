"""Every page, opened from disk with the network cut."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import page_checks
import pytest
from playwright.sync_api import BrowserContext

LARGEST_PAGE_WITHOUT_A_CHART = 150_000
SMALLEST_TEXT_OF_A_CHART = 9.5


def seen(visits: dict[str, Any], what: str) -> dict[str, Any]:
    """What is wrong, by page."""
    return {page: getattr(visit, what) for page, visit in visits.items() if getattr(visit, what)}


def test_no_page_asks_another_host_for_anything(visits: dict[str, Any]) -> None:
    assert seen(visits, "outside") == {}


def test_no_page_reports_an_error(visits: dict[str, Any]) -> None:
    assert seen(visits, "errors") == {}


def test_every_chart_comes_alive(visits: dict[str, Any]) -> None:
    assert seen(visits, "dead_charts") == {}


def test_there_are_charts_to_come_alive(visits: dict[str, Any]) -> None:
    assert visits["index"].charts >= 1


def test_a_chart_comes_alive_without_moving_the_page(visits: dict[str, Any]) -> None:
    assert seen(visits, "moved") == {}


def test_no_page_scrolls_sideways_on_a_phone(visits: dict[str, Any]) -> None:
    assert {page: v.wider_than_phone for page, v in visits.items() if v.wider_than_phone > 0} == {}


def test_a_table_of_sentences_is_not_cut_on_a_phone(visits: dict[str, Any]) -> None:
    assert seen(visits, "cut_cards") == {}


def test_no_table_of_the_argument_scrolls_sideways_on_a_phone(visits: dict[str, Any]) -> None:
    # The ledger's tally once had four heads that do not break, of which two were cut off.
    argument = ("index", "eras", "uncertainty", "ahead", "debate", "before_2012", "after_2018",
                "claims")
    assert {page: visits[page].cut_tables for page in argument if visits[page].cut_tables} == {}


def test_a_table_scrolls_sideways_only_on_a_phone_and_if_it_can_be_sorted(
    visits: dict[str, Any]
) -> None:
    assert seen(visits, "wide_tables") == {}


def test_a_pfs_day_is_never_broken_at_the_end_of_a_line(visits: dict[str, Any]) -> None:
    assert seen(visits, "broken_units") == {}


def test_the_ticks_of_an_axis_do_not_run_into_each_other(visits: dict[str, Any]) -> None:
    assert seen(visits, "crowded_axes") == {}


def test_the_text_of_a_chart_can_be_read_on_a_phone(visits: dict[str, Any]) -> None:
    small = {page: visit.smallest_text for page, visit in visits.items()
             if visit.smallest_text < SMALLEST_TEXT_OF_A_CHART}
    assert small == {}


def test_every_image_and_chart_says_in_words_what_it_shows(visits: dict[str, Any]) -> None:
    assert seen(visits, "without_alternative") == {}


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_serious(visits: dict[str, Any], colours: str) -> None:
    found = {page: visit.findings[colours] for page, visit in visits.items()
             if visit.findings[colours]}
    assert found == {}


def test_a_pale_text_in_the_last_cell_of_a_page_is_found(
    context: BrowserContext, site: Path
) -> None:
    # Of texts of one look one is measured: this one has a look of its own.
    tab = context.new_page()
    tab.goto((site / "claims.html").as_uri())
    tab.evaluate("[...document.querySelectorAll('main td')].filter(cell => "
                 "cell.getClientRects().length).at(-1).style.color = '#bbbbbb'")
    found = page_checks.pale_texts(tab)
    tab.close()
    assert len(found) == 1
    assert "color-contrast" in found[0]


def test_a_page_without_a_chart_is_light(site: Path, pages: list[str]) -> None:
    sizes = {}
    for name in pages:
        page = (site / f"{name}.html").read_bytes()
        if b'class="chart-spec"' not in page:
            sizes[name] = len(gzip.compress(page))
    assert {name: size for name, size in sizes.items()
            if size > LARGEST_PAGE_WITHOUT_A_CHART} == {}


def test_vega_is_loaded_only_where_a_chart_stands(site: Path, pages: list[str]) -> None:
    for name in pages:
        page = (site / f"{name}.html").read_text(encoding="utf-8")
        assert ("_static/vega.js" in page) == ('class="chart-spec"' in page), name


def test_a_line_of_text_has_a_length_that_is_easy_to_read(
    context: BrowserContext, site: Path
) -> None:
    # Bringhurst, The Elements of Typographic Style, 2.1.2: 45 to 75 characters a line.
    tab = context.new_page()
    tab.goto((site / "overview.html").as_uri())
    tab.evaluate("document.fonts.ready")
    characters = tab.evaluate(_CHARACTERS_A_LINE)
    tab.close()
    assert 60 <= characters <= 75


#: Characters of a long paragraph for each of its lines; the last, not full, counts as half a line.
_CHARACTERS_A_LINE = """(() => {
  const text = [...document.querySelectorAll('.bd-article p')]
    .sort((a, b) => b.textContent.length - a.textContent.length)[0];
  const lines = text.getBoundingClientRect().height / parseFloat(getComputedStyle(text).lineHeight);
  return text.textContent.length / (Math.round(lines) - 0.5);
})()"""
