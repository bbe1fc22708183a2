"""The page that calculates in the browser: what stays in sight, what is offered, what is said."""

from typing import Any

import pytest
from playwright.sync_api import Page

from aicompute.assumptions import Assumptions, parse_assumptions
from aicompute.live import CONTROLS
from aicompute.methods import estimates
from aicompute.trend import fitted_systems

VALUES = ("published", "replicated", "recounted")
#: Parts that lie in sight below the bar at the top of the page.
IN_SIGHT = """parts => parts.map(
    part => [part, document.querySelector(part).getBoundingClientRect()])
  .filter(([, box]) => box.top < 40 || box.bottom > innerHeight + 1 || !box.height)
  .map(([part, box]) => `${part}: ${box.top} to ${box.bottom} of ${innerHeight}`)"""
#: The names of the controls that are there to be used.
SHOWN = """[...document.querySelectorAll('#live-form [name]')].filter(control =>
  control.getClientRects().length && control.name !== 'system').map(control => control.name)"""


@pytest.fixture
def tab(live: Page) -> Page:
    """The live page of a laptop, its controls where the report has them."""
    live.set_viewport_size({"width": 1400, "height": 900})
    live.get_by_role("button", name="Back to this report").click()
    return live


@pytest.mark.parametrize("window", [(1400, 900), (390, 844)], ids=["laptop", "phone"])
@pytest.mark.parametrize("name", ["values", "passes_per_example", "moore_doubling_months"])
def test_chart_and_numbers_stay_in_sight_while_a_control_moves(
    tab: Page, window: tuple[int, int], name: str
) -> None:
    tab.set_viewport_size({"width": window[0], "height": window[1]})
    tab.get_by_role("button", name="Use the recounted values").click()
    tab.locator(f"#live-{name}").evaluate(
        "control => { control.scrollIntoView({block: 'nearest'}); control.focus(); }")
    tab.keyboard.press("ArrowUp")
    parts = [".live-results", "#live-sentence", ".live-stage .chart-box"]
    assert tab.evaluate(IN_SIGHT, [*parts, f"#live-{name}"]) == []


def moves_something(name: str, values: str) -> bool:
    """Whether an assumption at the ends of its range moves a system of the fit, or Moore's law."""
    rule: dict[str, Any] = Assumptions.model_json_schema()["properties"][name]
    tried = rule.get("enum") or [rule.get("minimum", True), rule.get("maximum", False)]
    if rule.get("format") == "date":
        return True

    def fitted(**more: Any) -> tuple[dict[str, float], float]:
        under = parse_assumptions({"values": values, **more})
        systems = fitted_systems(estimates(under), under)
        pfs_days = dict(zip(systems["system_id"], systems["pfs_days"], strict=True))
        return pfs_days, under.moore_doubling_months

    return any(fitted(**{name: value}) != fitted() for value in tried)


@pytest.mark.parametrize("values", VALUES)
def test_no_control_is_offered_that_does_nothing(tab: Page, values: str) -> None:
    # Five sliders once did nothing until other values were chosen.
    tab.locator("#live-values").select_option(values)
    acting = [name for name in CONTROLS[:-1] if moves_something(name, values)]
    assert tab.evaluate(SHOWN) == acting


def test_one_sentence_says_what_a_setting_does_to_the_headline(tab: Page) -> None:
    said = tab.locator("#live-sentence")
    assert said.text_content() == ("Compute doubles every 3.4 months, as in this report "
                                   "(2.6 to 5.1).")
    tab.get_by_label("Without Alphabet").check()
    assert said.text_content() == ("Compute doubles every 5.3 months instead of 3.4: slower, "
                                   "outside this report's range of 2.6 to 5.1.")
    tab.locator("[name=until]").fill("2012-12-31")
    assert said.text_content() == "Too few systems are left to draw a line through."
