"""Every word of a chart can be read, and seems to belong to its own dot."""

from pathlib import Path

import label_checks
import page_checks
from playwright.sync_api import Page

#: Moves the label of one system to the dot or the name of another, to the line, or above the dot.
MOVED = """where => {
  const live = document.querySelector('.chart-live'), part = kind =>
    [...live.querySelectorAll(`.mark-${kind}.role-mark > *`)];
  const label = part('text')[0], other = part('text').at(-1), path = part('line')[0];
  const dot = part('symbol').find(({ __data__: d }) => d.x === other.__data__.x);
  const centre = shape => {
    const box = shape.getBoundingClientRect();
    return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  };
  const middle = path.getPointAtLength(path.getTotalLength() / 2)
    .matrixTransform(path.getScreenCTM());
  const above = { x: centre(dot).x, y: centre(dot).y - 16 };
  const to = { dot: centre(dot), name: centre(other), line: middle, above }[where];
  const [x, y] = label.getAttribute('transform').match(/[-.0-9]+/g).map(Number);
  const from = centre(label), scale = label.getScreenCTM().a;
  label.setAttribute('transform', `translate(${x + (to.x - from.x) / scale},${
    y + (to.y - from.y) / scale})`);
}"""


def test_a_label_out_of_place_or_too_small_is_found(tab: Page, site: Path) -> None:
    # Otherwise no page of the book would have faults, whatever its labels covered.
    tab.goto((site / "library.html").as_uri())
    tab.wait_for_function(page_checks.ALL_LIVE)
    assert tab.evaluate(label_checks.FAULTS) == []
    faults = {"dot": "on the dot", "name": 'on "', "line": "on a line", "above": "nearer to"}
    for where, fault in faults.items():
        tab.evaluate(MOVED, where)
        assert any(fault in text for text in tab.evaluate(label_checks.FAULTS)), where
    tab.evaluate("document.querySelector('.chart-box').style.width = '90%'")
    assert any(text.endswith("too small") for text in tab.evaluate(label_checks.FAULTS))


def test_every_view_of_the_steps_can_be_read(tab: Page, site: Path) -> None:
    tab.goto((site / "index.html").as_uri())
    found = []
    for width, room in ((1400, "wide"), (390, "narrow")):
        tab.set_viewport_size({"width": width, "height": 900})
        buttons = tab.locator("[data-chart=steps] .chart-switch button[aria-pressed]")
        for view in range(buttons.count()):
            buttons.nth(view).click()
            tab.wait_for_selector(f'[data-chart=steps][data-live="{view}_{room}"]')
            found += tab.evaluate(label_checks.FAULTS)
    assert found == []
