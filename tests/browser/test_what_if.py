"""The live page: its numbers, with the controls moved, are the report's own."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from aicompute.assumptions import parse_assumptions, parse_setting
from aicompute.study import Study
from aicompute.trend import FitError

NEAR = 1e-3
SETTINGS: list[dict[str, Any]] = [
    {},
    {"values": "replicated"},
    {"values": "recounted"},
    {"values": "recounted", "gpu_utilization": 0.5},
    {"values": "recounted", "gpu_utilization": 0.2, "cpu_utilization": 0.3},
    {"values": "recounted", "tpu_utilization": 0.6},
    {"values": "replicated", "gpu_utilization": 0.25},
    {"values": "recounted", "operations_per_multiply_add": 1.0},
    {"values": "replicated", "operations_per_multiply_add": 1.5, "passes_per_example": 2.5},
    {"values": "recounted", "passes_per_example": 4.0},
    {"values": "replicated", "chip_rating": "base"},
    {"values": "recounted", "chip_rating": "boost"},
    {"values": "recounted", "chip_rating": "base", "gpu_utilization": 0.4},
    {"values": "recounted", "method": "method_1"},
    {"values": "recounted", "method": "method_2"},
    {"values": "replicated", "method": "method_1", "operations_per_multiply_add": 1.0},
    {"values": "replicated", "published_stands_in": False},
    {"without_alphabet": True},
    {"values": "recounted", "without_alphabet": True},
    {"record_setters_only": True},
    {"values": "recounted", "record_setters_only": True},
    {"since": "2013-01-01"},
    {"until": "2016-12-31"},
    {"since": "2014-01-01", "until": "2016-12-31", "values": "recounted"},
    {"alphago_zero_estimate": "henderson_2020"},
    {"alphago_zero_estimate": "epoch_2025"},
    {"alphago_zero_estimate": "epoch_2026"},
    {"without": ["dqn"]},
    {"without": ["alphago_zero", "alphazero"], "values": "replicated"},
    {"moore_doubling_months": 24.0},
]


#: Where the chart's points and names stand; it is drawn a moment after the numbers have changed.
MARKS = """[...document.querySelectorAll('[data-chart=what_if] .chart-live :is(path, text)')]
  .map(mark => mark.getAttribute('transform')).sort().join()"""


@pytest.fixture(scope="module")
def live(context: BrowserContext, site: Path) -> Iterator[Page]:
    """The live page, its chart alive."""
    tab = context.new_page()
    tab.goto((site / "what_if.html").as_uri())
    tab.wait_for_selector("[data-chart=what_if][data-live]")
    tab.evaluate(f"window.asBuilt = {MARKS}")
    yield tab
    tab.close()


@pytest.fixture
def page(live: Page) -> Page:
    """The live page as the report set it."""
    live.get_by_role("button", name="Back to this report").click()
    live.wait_for_function(f"{MARKS} === window.asBuilt")
    return live


def move(page: Page, settings: dict[str, Any]) -> None:
    """Move the controls of the page as a reader would."""
    for name, value in settings.items():
        control = page.locator(f"#live-form [name={name}]")
        if name == "without":
            for system_id in value:
                page.locator(f"#live-form [name=system][value={system_id}]").uncheck()
        elif isinstance(value, bool):
            control.set_checked(value)
        elif isinstance(value, float) or name in ("since", "until"):
            control.fill(f"{value:g}" if isinstance(value, float) else value)
        else:
            control.select_option(value)


def numbers(page: Page) -> dict[str, float]:
    """The numbers the page shows, with the ends of their intervals."""
    shown: dict[str, float] = page.evaluate("""Object.fromEntries(
      [...document.querySelectorAll('[data-result]')].flatMap(output => [
        [output.dataset.result, output.value],
        [output.dataset.result + '_low', output.dataset.low || ''],
        [output.dataset.result + '_high', output.dataset.high || '']])
      .filter(([, value]) => value !== '').map(([name, value]) => [name, Number(value)]))""")
    return shown


def expected(study: Study, settings: dict[str, Any]) -> dict[str, float]:
    """The same numbers by the report."""
    under = study.under(**parse_assumptions(settings).changed())
    values = under.assumptions.values
    growth = under.growth_by(values)
    found = {
        "points": float(len(under.fitted)), "factor": growth.factor,
        "moore": growth.moore(under.assumptions.moore_doubling_months),
    }
    try:
        fit = under.fit
    except FitError:
        return found
    for name in ("doubling_time_months", "growth_per_year"):
        stem = name.removesuffix("_months")
        found |= {name: getattr(fit, name), f"{name}_low": getattr(fit, f"{stem}_low"),
                  f"{name}_high": getattr(fit, f"{stem}_high")}
    return found


def said(settings: dict[str, Any]) -> str:
    return ",".join(f"{name}={value}" for name, value in settings.items()) or "as the report is"


@pytest.mark.parametrize("settings", SETTINGS, ids=said)
def test_the_pages_numbers_are_the_reports(
    page: Page, study: Study, settings: dict[str, Any]
) -> None:
    move(page, settings)
    shown, wanted = numbers(page), expected(study, settings)
    assert set(shown) == set(wanted)
    off = {name: (shown[name], value) for name, value in wanted.items()
           if not math.isclose(shown[name], value, rel_tol=NEAR) and shown[name] != value}
    assert off == {}


def test_with_two_systems_there_is_no_fit(page: Page) -> None:
    move(page, {"since": "2017-09-01"})
    assert "doubling_time_months" not in numbers(page)
    assert page.get_by_text("too few systems").count() == 2


def test_the_address_carries_the_setting_to_another_reader(
    page: Page, context: BrowserContext
) -> None:
    move(page, {"values": "recounted", "gpu_utilization": 0.5, "without": ["dqn", "gnmt"]})
    other = context.new_page()
    other.goto(page.url)
    other.wait_for_selector("[data-chart=what_if][data-live]")
    assert numbers(other) == numbers(page)
    other.close()


def test_the_command_builds_the_report_under_the_setting(page: Page) -> None:
    settings = {"values": "recounted", "gpu_utilization": 0.5, "without_alphabet": True,
                "since": "2013-01-01", "without": ["dqn", "resnet"]}
    move(page, settings)
    program, verb, *options = shlex.split(page.locator("#live-command").inner_text())
    given = dict(parse_setting(option) for option in options if option != "--set")
    assert (program, verb) == ("aicompute", "build")
    assert parse_assumptions(given) == parse_assumptions(settings)


def test_the_baseline_stays_in_the_chart(page: Page) -> None:
    symbols = page.locator("[data-chart=what_if] .chart-live .mark-symbol.role-mark path")
    move(page, {"values": "recounted", "without": ["dqn", "vgg", "resnet"]})
    page.wait_for_function(
        "document.querySelectorAll('[data-chart=what_if] .chart-live "
        ".mark-symbol.role-mark path').length === 27")
    assert symbols.count() == 15 + 12  # every system of the report, and those still in the fit


def test_going_back_restores_the_report(page: Page, study: Study) -> None:
    move(page, {"values": "recounted", "gpu_utilization": 0.9})
    page.get_by_role("button", name="Back to this report").click()
    assert numbers(page)["doubling_time_months"] == pytest.approx(study.fit.doubling_time_months)
    assert "#" not in page.url


def test_the_controls_are_reached_and_moved_by_keyboard_alone(page: Page) -> None:
    move(page, {"values": "recounted"})
    before = numbers(page)["doubling_time_months"]
    page.locator("#live-values").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "gpu_utilization":
            break
    page.keyboard.press("ArrowRight")
    assert page.locator("[name=gpu_utilization]").input_value() == "0.34"
    assert numbers(page)["doubling_time_months"] != before


def test_every_system_has_its_name_in_the_chart_and_takes_it_along(page: Page) -> None:
    named = page.locator("[data-chart=what_if] .chart-live .mark-text.role-mark text")
    place = ("[...document.querySelectorAll('[data-chart=what_if] .chart-live text')]"
             ".find(t => t.textContent === 'GNMT')?.getAttribute('transform')")
    before = page.evaluate(place)
    assert named.count() == 15
    move(page, {"values": "recounted"})
    page.wait_for_function(f"{place} !== {before!r}")
    assert named.count() == 15


@pytest.mark.parametrize("settings", [
    {"values": "recounted"}, {"values": "replicated", "method": "method_2"},
    {"values": "recounted", "gpu_utilization": 0.9, "chip_rating": "boost"},
    {"alphago_zero_estimate": "epoch_2026"},
], ids=said)
def test_the_names_of_points_that_move_do_not_cover_each_other(
    page: Page, settings: dict[str, Any]
) -> None:
    move(page, settings)
    page.wait_for_function(f"{MARKS} !== window.asBuilt")
    covered = page.evaluate("""(() => {
      const names = [...document.querySelectorAll(
        '[data-chart=what_if] .chart-live .mark-text.role-mark text')]
        .map(name => [name.textContent, name.getBoundingClientRect()]);
      return names.flatMap(([one, a], i) => names.slice(i + 1).filter(([, b]) =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
      ).map(([other]) => `${one} and ${other}`));
    })()""")
    assert covered == []


def test_on_a_laptop_the_numbers_and_the_chart_stay_in_sight_of_the_last_control(
    page: Page
) -> None:
    page.locator("#live-command").scroll_into_view_if_needed()
    top = page.locator(".live-results").bounding_box()
    chart = page.locator("[data-chart=what_if] .chart-live").bounding_box()
    assert top is not None
    assert chart is not None
    assert 0 <= top["y"] < chart["y"] < 900 - 0.5 * chart["height"]
    page.evaluate("scrollTo(0, 0)")
