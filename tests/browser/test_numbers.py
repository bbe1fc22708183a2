"""Numbers that readers move in the page: held to the cells, and to be used without a mouse."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from aicompute import words
from aicompute.assumptions import Assumptions
from aicompute.methods import estimates
from aicompute.recording import Interval, Number
from aicompute.trend import fit_trend, fitted_systems

#: Page, what its cell says and what it is changed to, the keys that move the number in the page,
#: the control's name, and a number that the cell records.
MOVES = [
    ("chip_time", "flop = cards * seconds", "flop = 3 * seconds", ["ArrowRight"],
     "cards", "systems.alexnet.method_2.article_pfs_days"),
    ("chip_time", "seconds = days * ", "seconds = 21.25 * ", ["2", "1", ".", "2", "5", "Enter"],
     "days of training", "chip_time.example.flop"),
    ("counting", "flop_per_image * images * epochs", "flop_per_image * images * 118",
     ["PageDown"], "epochs", "systems.resnet.method_1.article_pfs_days"),
    ("trend", "(months / moore_doubling_months)", "(months / 2 / moore_doubling_months)",
     ["3", "6", "Enter"], "months of a doubling by Moore's law", "two_points.moore_factor"),
]


def now(tab: Page, name: str) -> float:
    """What follows in the page."""
    return float(tab.evaluate(f"document.querySelector('[data-follows=\"{name}\"]').dataset.now"))


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move[0]}, {move[4]}")
def test_a_number_moved_in_the_page_does_what_it_does_in_the_cell(
    move: tuple[str, str, str, list[str], str, str], tab: Page, site: Path,
    changed: Callable[[str, str, str], dict[str, Number]],
) -> None:
    page, before, after, keys, label, name = move
    expected = changed(page, before, after)[name].value
    assert expected is not None
    tab.goto((site / f"{page}.html").as_uri())
    tab.get_by_role("slider", name=label, exact=True).focus()
    for key in keys:
        tab.keyboard.press(key)
    assert math.isclose(now(tab, name), expected, rel_tol=1e-9)


def test_a_number_is_heard_as_a_slider_and_every_way_leads_back(tab: Page, site: Path) -> None:
    tab.goto((site / "chip_time.html").as_uri())
    cards = tab.get_by_role("slider", name="cards")
    follows = tab.locator("[data-follows='systems.alexnet.method_2.article_pfs_days']")
    recorded = follows.text_content()

    def heard() -> list[str | None]:
        return [cards.get_attribute(f"aria-value{what}") for what in ("now", "text", "max")]

    assert heard() == ["2", "2 cards", "64"]
    cards.evaluate("control => control.scrollIntoView({block: 'center'})")
    box = cards.bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 5, box["y"] + 5)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 600, box["y"] + 5, steps=3)
    tab.mouse.up()
    assert heard() == ["64", "64 cards", "64"]  # dragged beyond its end
    for key in ("Home", "1000", "Escape", "ArrowLeft"):
        if key.isdigit():
            cards.click()
            tab.keyboard.type(key)
            tab.keyboard.press("Enter")
            assert heard()[0] == "64"  # typed beyond its end
        else:
            tab.keyboard.press(key)
    assert heard()[0] == "1"
    tab.get_by_role("button", name="Reset").click()
    assert heard() == ["2", "2 cards", "64"]
    assert follows.text_content() == recorded


def doubling_time_with(pfs_days: float) -> Interval:
    """That of the headline with another value of AlphaGo Zero, by the library."""
    systems = fitted_systems(estimates(Assumptions()), Assumptions())
    moved = systems["pfs_days"].mask(systems["system_id"] == "alphago_zero", pfs_days)
    return fit_trend(systems["date"], moved).doubling_time


def test_the_fit_follows_the_largest_dot(tab: Page, site: Path) -> None:
    # By its number, by keys on the dot, and by dragging the dot.
    tab.goto((site / "index.html").as_uri())
    dot = tab.locator("[data-chart=headline] path[role=slider]")
    dot.wait_for()
    number = tab.locator("[data-drag='headline.alphago_zero_pfs_days']")
    follows = tab.locator("[data-follows='headline.doubling_time_months']")
    recorded = follows.text_content()

    def held() -> float:
        pfs_days = float(number.get_attribute("data-now") or "")
        expected = doubling_time_with(pfs_days)
        assert now(tab, "headline.doubling_time_months") == pytest.approx(expected.value, rel=1e-9)
        number_ = Number(expected.value, "months", expected.low, expected.high)
        assert follows.text_content() == number_.said("range")
        return pfs_days

    number.focus()
    for key in ("7", ".", "3", "Enter"):
        tab.keyboard.press(key)
    assert held() == 7.3
    dot.focus()
    tab.keyboard.press("PageUp")
    assert held() == 19
    assert dot.get_attribute("aria-valuetext") == "19 pfs-days"
    box = dot.bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(box["x"], box["y"] - 60, steps=5)
    tab.mouse.up()
    assert held() > 100
    tab.keyboard.press("Escape")
    assert (held(), follows.text_content()) == (1862, recorded)


def test_the_steps_go_by_as_they_are_scrolled_or_clicked(tab: Page, site: Path) -> None:
    tab.goto((site / "index.html").as_uri())
    chart, said = tab.locator("[data-chart=steps][data-live]"), tab.locator("li[data-current]")
    for title in ("Two points.", "All of them", "How sure", "Moore.s law", "To the present"):
        expect(said).to_have_text(re.compile(f"^{title}"))
        chart.get_by_role("button", name="Next").click()
    tab.locator("ol.steps > li").nth(2).evaluate("step => step.scrollIntoView({block: 'end'})")
    expect(said).to_have_text(re.compile("^How sure"))
    assert 0 < chart.evaluate("part => part.getBoundingClientRect().top") < 100  # still in sight


def test_the_page_writes_a_number_as_the_book_does(tab: Page, site: Path) -> None:
    tab.goto((site / "chip_time.html").as_uri())
    values = [0.0, 15.0, 1862.0, 9.996, 3.4372, 321726.2, 0.0057875, 2.7e-5, 1.9e8, -0.296, 99.96]
    written = tab.evaluate(f"{json.dumps(values)}.map((value) => book.shown(value))")
    assert written == [words.number(value) for value in values]
