"""What is looked at on an open page: barriers that axe finds, and what no reader should meet."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from label_checks import FAULTS
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}

#: The look of a text: its colour, whether it is large, and all that colours what is behind it.
LOOK = """(() => {
  const behind = new Map();
  const colours = part => {
    if (part && !behind.has(part)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(part);
      const own = [backgroundColor, backgroundImage, opacity];
      behind.set(part, [colours(part.parentElement), ...own].join());
    }
    return part ? behind.get(part) : '';
  };
  return part => {
    if (![...part.childNodes].some(n => n.nodeType === 3 && n.data.trim())) return 'silent';
    const { color, fill, fontSize, fontWeight } = getComputedStyle(part);
    // Of large letters less contrast is asked.
    const large = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);
    return [color, fill, large, colours(part)].join();
  };
})()"""
#: What rules about parts go by: names of the part, of its attributes and of what stands around it,
#: of what is in a list or a table, and whether it says anything.
KIND = """part => part.matches('math *, svg :not([tabindex])') ? 'drawn' : [
  part.parentElement?.localName, part.localName, part.getAttribute('class'),
  part.getAttribute('role'), ...part.getAttributeNames().sort(), !part.textContent.trim(),
  ...part.matches('ul, ol, dl, table, thead, tbody, tr, select')
    ? [...new Set([...part.children].map(child => child.localName))].sort() : []].join()"""
#: Marks the first part that is of a kind or has a look not among those seen, and gives the new.
MARK = """seen => {
  const said = new Set(seen), ways = [WAYS];
  for (const part of document.querySelectorAll('html, body *')) {
    part.removeAttribute('data-new');
    if (!part.getClientRects().length) continue;
    const is = ways.map(way => way(part)), before = said.size;
    is.forEach(each => said.add(each));
    if (said.size > before) part.setAttribute('data-new', '');
  }
  return [...said].slice(seen.length);
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
WIDER = """document.documentElement.scrollWidth > innerWidth
  ? [`${document.documentElement.scrollWidth} pixels`] : []"""
#: What is asked of a page on a laptop; words and axes also on a phone.
CHECKS = {"dead_charts": DEAD, "crowded_axes": CROWDED, "hidden_words": FAULTS,
          "without_alternative": WITHOUT_ALTERNATIVE}


def barriers(tab: Page, seen: list[str]) -> list[str]:
    """What axe finds in parts of kinds and looks not yet seen; adds them to those seen.

    To look at all parts of all pages took axe four fifths of all visits: most are of a few kinds.
    """
    return _axe(tab, f"{KIND}, {LOOK}", seen)


def pale_texts(tab: Page, seen: list[str]) -> list[str]:
    """Texts of looks not yet seen that axe finds too pale; adds the looks."""
    return _axe(tab, LOOK, seen, runOnly={"type": "rule", "values": ["color-contrast"]})


def _axe(tab: Page, ways: str, seen: list[str], **options: Any) -> list[str]:
    new = tab.evaluate(MARK.replace("WAYS", ways), seen)
    seen += new
    if not new:
        return []
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE_SCRIPT)
    wanted = {"resultTypes": ["violations"], "preload": False, **options}
    run = "wanted => axe.run({include: [['[data-new]']]}, wanted)"
    return [
        f"{finding['id']} ({finding['impact']}): {node['html'][:160]} {node['failureSummary']}"
        for finding in tab.evaluate(run, wanted)["violations"] if finding["impact"] in GRAVE
        for node in finding["nodes"][:3]
    ]
