"""What is looked at on an open page: barriers that axe finds, and what no reader should meet."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}

#: Marks the first text of every look: its colour and size, and all that colours what is behind it.
MARK_LOOKS = """() => {
  const looks = new Set(), behind = new Map();
  const colours = part => {
    if (!part) return '';
    if (!behind.has(part)) {
      const style = getComputedStyle(part);
      behind.set(part, [colours(part.parentElement), style.backgroundColor, style.backgroundImage,
        style.opacity].join());
    }
    return behind.get(part);
  };
  for (const part of document.body.querySelectorAll('*')) {
    part.removeAttribute('data-look');
    const text = [...part.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!text || !part.getClientRects().length) continue;
    const style = getComputedStyle(part);
    const look = [part.closest('.chart')?.dataset.chart, style.color, style.fill, style.fontSize,
      style.fontWeight, colours(part)].join();
    if (!looks.has(look)) part.setAttribute('data-look', looks.size);
    looks.add(look);
  }
}"""
BOXES = """[...document.querySelectorAll('.chart')].map(chart => {
  const box = chart.getBoundingClientRect();
  return [chart.dataset.chart, ...[box.left, box.top + scrollY, box.width, box.height]
    .map(Math.round)].join(' ');
})"""
#: Axes and legends alone are no drawn chart: marks of the data have to be there, with a size.
DEAD = """[...document.querySelectorAll('.chart')].filter(chart =>
  !(chart.dataset.live && [...chart.querySelectorAll('.chart-live svg .role-mark > *')]
    .some(mark => mark.getBoundingClientRect().width + mark.getBoundingClientRect().height > 0))
).map(chart => chart.dataset.chart)"""
ALL_LIVE = "[...document.querySelectorAll('.chart')].every(chart => chart.dataset.live)"
NARROW = """[...document.querySelectorAll('.chart')].every(chart =>
  !chart.clientWidth || (chart.dataset.live || '').endsWith('narrow'))"""
WITHOUT_ALTERNATIVE = """[
  ...[...document.querySelectorAll('main img')].filter(i => !i.alt || /[0-9a-f]{20}/.test(i.alt))
    .map(i => i.outerHTML.slice(0, 120)),
  ...[...document.querySelectorAll('.chart')].filter(chart => {
    const said = [...chart.querySelectorAll('.chart-drawing, .chart-live')]
      .map(part => part.getAttribute('aria-label') || '');
    return said.some(words => words.split(' ').length < 5);
  }).map(chart => chart.dataset.chart)]"""
#: Words of an axis that touch the next.
CROWDED = """[...document.querySelectorAll('.chart-live .role-axis-label')].flatMap(axis => {
  const boxes = [...axis.querySelectorAll('text')].filter(t => t.textContent
    && t.getAttribute('opacity') !== '0').map(t => [t.textContent, t.getBoundingClientRect()]);
  return boxes.flatMap(([words, a], i) => boxes.slice(i + 1).filter(([, b]) =>
    Math.min(a.right, b.right) > Math.max(a.left, b.left)
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
  ).map(([other]) => `${axis.closest('.chart').dataset.chart}: ${words} and ${other}`));
})"""


def barriers(tab: Page) -> list[str]:
    """What axe finds on the whole page, its contrast left out."""
    return _axe(tab, "html", rules={"color-contrast": {"enabled": False}})


def pale_texts(tab: Page) -> list[str]:
    """Texts that axe finds too pale; of texts of one look the first alone is measured.

    To measure every text took axe two thirds of all visits: it works out what lies under each.
    """
    tab.evaluate(MARK_LOOKS)
    return _axe(tab, "[data-look]", runOnly={"type": "rule", "values": ["color-contrast"]})


def _axe(tab: Page, part: str, **options: Any) -> list[str]:
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE_SCRIPT)
    wanted = {"resultTypes": ["violations"], "preload": False, **options}
    run = "([part, wanted]) => axe.run({include: [[part]]}, wanted)"
    found = tab.evaluate(run, [part, wanted])["violations"]
    return [
        f"{finding['id']} ({finding['impact']}): {node['html'][:160]} {node['failureSummary']}"
        for finding in found if finding["impact"] in GRAVE for node in finding["nodes"][:3]
    ]
