"""What moved from one result to another, in words: a terminal, a book and a pull request say this.

The text is a list of parts, each a title and its items in plain text; who shows it marks it up.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from typing import Any

from aicompute import words
from aicompute.compare import Comparison, Moved
from aicompute.methods import VALUES
from aicompute.names import shown

Parts = list[tuple[str, list[str]]]

NOTHING, ABSENT = "Nothing moved.", "absent"
HEADLINE = "The headline"
DIGITS = 4
#: What each of the three values rests on.
_RESTS_ON = {
    "published": "the points of the article's chart",
    "replicated": "the article's formulas with the article's own factors",
    "recounted": "our counts from the papers",
}
_LABELS = {"doubling_time_months": "Doubling time", "growth_per_year": "Growth",
           "factor": "From the first system to the largest", "months": "In a time of",
           "moore_factor": "Moore's law meanwhile", "first_pfs_days": "The first system",
           "alphago_zero_pfs_days": "AlphaGo Zero"}
_OF_SYSTEM = re.compile(rf"systems\.([a-z0-9_]+)\.({'|'.join(VALUES)})_pfs_days")
#: A passage begins with its conclusion.
_FIRST = re.compile(r"(?<=[.?!]) ")
#: Systems named that moved by one factor; in a whole book they would be forty.
_NAMED = 3


def what_moved(comparison: Comparison) -> Parts:
    """What moved and what did not, the most important first; the first part has no title."""
    parts = [
        ("", [in_short(comparison)]),
        (HEADLINE, _headline(comparison)),
        ("Systems that moved most", _systems(comparison)),
        ("Verdicts that changed", [
            f"{name}: {a or ABSENT} → {b or ABSENT}"
            for name, (a, b) in comparison.claims.items()]),
        ("Sentences that ceased to hold", [
            f"{_FIRST.split(s['text'])[0]} ({s['file']}:{s['line']}: {s['because']})"
            for s in comparison.fallen]),
        ("What did not move", _stayed(comparison)),
    ]
    return [(title, items) for title, items in parts if items]


def cut(parts: Parts, most: int) -> Parts:
    """The parts with so many items each at most; of those left out, how many they are.

    The headline stays whole.
    """
    return [(title, items if len(items) <= most or title == HEADLINE else
             [*items[:most], f"and {len(items) - most} more"]) for title, items in parts]


def in_short(comparison: Comparison) -> str:
    """One sentence: how much moved."""
    gone, new = (sum(getattr(m, side) is None for m in comparison.moved) for side in "ba")
    counted = [(len(comparison.moved) - gone - new, "number", "moved"),
               (new, "number", "came new"), (gone, "number", "went"),
               (len(comparison.claims), "verdict", "changed"),
               (len(comparison.fallen), "sentence", "ceased to hold")]
    said = [f"{count} {what}{'s' * (count != 1)} {did}" for count, what, did in counted if count]
    return f"{words.listed(said)}." if said else NOTHING


def _headline(comparison: Comparison) -> list[str]:
    """The headline's numbers that moved, or why none did; the same fit through all three values."""
    if not comparison.moved or not comparison.fits:
        return []
    moved = [m for m in comparison.moved if m.name.startswith("headline.")]
    lines = [f"{_label(m)}: {_change(m.a, m.b)}" for m in moved] or [_why_unmoved(comparison)]
    return lines + [f"The fit through {value} values: doubling every {_change(a, b)}"
                    for value, (a, b) in comparison.fits.items()]


def _why_unmoved(comparison: Comparison) -> str:
    values = comparison.values
    why = f"It did not move: it rests on {values} values, {_RESTS_ON[values]}"
    if comparison.assumptions:
        return f"{why}, untouched by {words.listed(list(comparison.assumptions))}."
    return f"{why}, and what changed is none of these."


def _systems(comparison: Comparison) -> list[str]:
    """The systems whose compute moved, the furthest first, those of one factor in one line."""
    found: dict[tuple[str, str], list[Moved]] = {}
    for moved in comparison.moved:
        match = _OF_SYSTEM.fullmatch(moved.name)
        if match and moved.difference and moved.ratio and moved.ratio > 0:  # not its range alone
            ratio = words.quantity(moved.ratio, "times")
            found.setdefault((match[2], ratio), []).append(moved)
    lines = []
    furthest = sorted(found.items(), key=lambda of: -abs(math.log(of[1][0].ratio or 1)))
    for (value, ratio), rows in furthest:
        named = [f"{_name(m, comparison)} {_change(m.a, m.b)}" for m in rows[:_NAMED]]
        named += [f"{len(rows) - _NAMED} more"] if len(rows) > _NAMED else []
        lines.append(f"{value} {ratio}: {words.listed(named)}")
    return lines


def _stayed(comparison: Comparison) -> list[str]:
    """What could have moved and did not."""
    if not comparison.moved:
        return []
    said = [f"{stayed} of {of} {what}"
            for what, (stayed, of) in comparison.stayed.items() if stayed]
    return [f"{words.listed(said)} stand as before."] if said else []


def _name(moved: Moved, comparison: Comparison) -> str:
    system_id = moved.name.split(".")[1]
    return shown(comparison.names.get(system_id, system_id))


def _label(moved: Moved) -> str:
    """What a number of the headline is of."""
    name = moved.name.rpartition(".")[2]
    return _LABELS.get(name, words.words(name))


def _change(a: dict[str, Any] | None, b: dict[str, Any] | None) -> str:
    """A number on both sides, with its unit."""
    unit = str((b or a or {}).get("unit", ""))
    before, after = (_number(side) for side in (a, b))
    if b is not None and b["value"] is not None:
        after = words.quantity(b["value"], unit, DIGITS)
    if a == b or (a and b and a["value"] == b["value"]):
        return f"{after}, as before"
    return f"{before} → {after}"


def _number(result: dict[str, Any] | None) -> str:
    if result is None:
        return ABSENT
    value = result["value"]
    return words.UNKNOWN if value is None else words.number(value, DIGITS)


def as_lists(parts: Parts, escaped: Any) -> list[str]:
    """The parts as Markdown: a title in bold, an item a line."""
    lines: list[str] = []
    for title, items in parts:
        lines += ([f"**{title}**", *(f"- {escaped(item)}" for item in items)] if title else
                  [*map(escaped, items)]) + [""]
    return lines


def as_html(parts: Parts) -> str:
    """The parts as HTML."""
    def listed(items: Sequence[str]) -> str:
        return "".join(f"<li>{html.escape(item)}</li>" for item in items)

    return "".join(f"<p><strong>{title}</strong></p><ul>{listed(items)}</ul>" if title else
                   f"<p>{html.escape(' '.join(items))}</p>" for title, items in parts)
