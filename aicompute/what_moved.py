"""What moved from one result to another, in words: a terminal, a book and a pull request say this.

The text is a list of parts, each a title and its items in plain text; each form marks them up.
"""

import html
import json
import math
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from aicompute import words
from aicompute.assumptions import as_text
from aicompute.commands.terminal import columns, wrapped
from aicompute.compare import Comparison, Moved
from aicompute.methods import VALUES
from aicompute.names import shown

Parts = list[tuple[str, list[str]]]

NOTHING, ABSENT = "Nothing moved.", "absent"
HEADLINE = "The headline"
DIGITS = 4
#: Things of a kind that stand open in a pull request; the rest is folded.
OPEN = 6
#: What each of the three values rests on.
_RESTS_ON = {
    "published": "the points of the article's chart",
    "replicated": "the article's formulas with the article's own factors",
    "recounted": "our counts from the papers",
}
_LABELS = {"doubling_time_months": "Doubling time", "growth_per_year": "Growth",
           "factor": "From the first system to the largest", "months": "In a time of",
           "two_points_months": "Doubling time between those two",
           "moore_factor": "Moore's law meanwhile", "first_pfs_days": "The first system",
           "alphago_zero_pfs_days": "AlphaGo Zero"}
_OF_SYSTEM = re.compile(rf"systems\.([a-z0-9_]+)\.({'|'.join(VALUES)})_pfs_days")
#: A passage begins with its conclusion.
_FIRST = re.compile(r"(?<=[.?!]) ")
#: Systems named that moved by one factor; in a whole book they would be forty.
_NAMED = 3
_HEAD = ["number", "A", "B", "B − A", "B / A", "unit"]
_SIGNS = re.compile(r"[\\`*\[\]<>|@#&]|(?<!\w)_|_(?!\w)")


def what_moved(comparison: Comparison) -> Parts:
    """What moved and what did not, the most important first; the first part has no title.

    A part may have no items: ``cut`` leaves it out.
    """
    stayed = [f"{stayed} of {of} {what}" for what, (stayed, of) in comparison.stayed.items()
              if stayed and comparison.moved]
    return [
        ("", [_in_short(comparison)]),
        (HEADLINE, _headline(comparison)),
        ("Systems that moved most", _systems(comparison)),
        ("Verdicts that changed", [
            f"{name}: {a or ABSENT} → {b or ABSENT}"
            for name, (a, b) in comparison.claims.items()]),
        ("Sentences that ceased to hold", [
            f"{_FIRST.split(s['text'])[0]} ({s['file']}:{s['line']}: {s['because']})"
            for s in comparison.fallen]),
        ("What did not move", [f"{words.listed(stayed)} stand as before."] if stayed else []),
    ]


def cut(parts: Parts, most: int) -> Parts:
    """The parts that have items, with so many each at most, and how many more there are.

    The headline stays whole.
    """
    return [(title, items if len(items) <= most or title == HEADLINE else
             [*items[:most], f"and {len(items) - most} more"]) for title, items in parts if items]


def _in_short(comparison: Comparison) -> str:
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
    lines = [f"{_LABELS.get(name, words.words(name))}: {_change(m.a, m.b)}"
             for m in comparison.moved for start, _, name in [m.name.rpartition(".")]
             if start == "headline"]
    if not lines:
        values, altered = comparison.values, words.listed(list(comparison.assumptions))
        lines = [f"It did not move: it rests on {values} values, {_RESTS_ON[values]}, " + (
            f"untouched by {altered}." if altered else "and what changed is none of these.")]
    return lines + [f"The fit through {value} values: doubling every {_change(a, b)}"
                    for value, (a, b) in comparison.fits.items()]


def _systems(comparison: Comparison) -> list[str]:
    """The systems whose compute moved, the furthest first, those of one factor in one line."""
    found: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for moved in comparison.moved:
        match = _OF_SYSTEM.fullmatch(moved.name)
        if match and moved.difference and moved.ratio and moved.ratio > 0:  # not its range alone
            found.setdefault((match[2], words.quantity(moved.ratio, "times")), []).append(
                (abs(math.log(moved.ratio)),
                 f"{_name(match[1], comparison)} {_change(moved.a, moved.b)}"))
    lines = []
    for (value, ratio), rows in sorted(found.items(), key=lambda of: -of[1][0][0]):
        more = [f"{len(rows) - _NAMED} more"] if len(rows) > _NAMED else []
        named = [said for _, said in rows[:_NAMED]]
        lines.append(f"{value} {ratio}: {words.listed(named + more)}")
    return lines


def _change(a: dict[str, Any] | None, b: dict[str, Any] | None) -> str:
    """A number on both sides, with its unit."""
    after = _number(b)
    if b is not None and b["value"] is not None:
        after = words.quantity(b["value"], str(b.get("unit", "")), DIGITS)
    same = a == b or (a and b and a["value"] == b["value"])
    return f"{after}, as before" if same else f"{_number(a)} → {after}"


def _number(result: dict[str, Any] | None) -> str:
    if result is None:
        return ABSENT
    value = result["value"]
    return words.UNKNOWN if value is None else words.number(value, DIGITS)


def as_html(parts: Parts) -> str:
    """The parts as HTML."""
    shown = [(title, [html.escape(item) for item in items]) for title, items in parts]
    return "".join(
        f"<p><strong>{title}</strong></p><ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
        if title else f"<p>{' '.join(items)}</p>" for title, items in shown)


def table(comparison: Comparison, limit: int) -> str:
    """The comparison for a terminal."""
    short, *parts = what_moved(comparison)
    told = [short, *_causes(comparison), *parts, *_asides(comparison)]
    lines = [f"A: {comparison.a}", f"B: {comparison.b}"]
    for title, items in cut(told, limit):
        lines += ["", *([title] if title else []),
                  *(line for item in items for line in wrapped(item, 2 * bool(title)))]
    if comparison.moved:
        rows = [_HEAD, *map(_cells, comparison.moved[:limit])]
        lines += ["", *columns(rows, right=range(1, len(_HEAD) - 1))]
    return "\n".join(lines + _left_out(comparison, limit))


def markdown(comparison: Comparison, limit: int) -> str:
    """The comparison for a pull request: what a reviewer has to know, the rest folded."""
    (_, short), *parts = what_moved(comparison)
    lines = [f"### What moved from {_code(comparison.a)} to {_code(comparison.b)}", "",
             *map(_escaped, short), ""]
    for title, items in cut([*_causes(comparison), *parts], OPEN):
        lines += [f"**{title}**", *(f"- {_escaped(item)}" for item in items), ""]
    folded = {title: [f"- {_escaped(item)}" for item in items]
              for title, items in cut(_asides(comparison), limit)}
    if comparison.moved:
        cells = map(_cells, comparison.moved[:limit])
        rows = [_HEAD, [":--", *["--:"] * 4, ":--"],
                *([_code(name), *map(_escaped, rest)] for name, *rest in cells)]
        folded = {"The numbers": [*(f"| {' | '.join(row)} |" for row in rows), "",
                                  *_left_out(comparison, limit)], **folded}
    for title, items in folded.items():
        lines += [f"<details><summary>{title}</summary>", "", *items, "", "</details>"]
    return "\n".join(lines).rstrip() + "\n"


def as_json(comparison: Comparison, _: int = 0) -> str:
    """The whole comparison as JSON, whatever the limit."""
    return json.dumps(asdict(comparison), indent=1, ensure_ascii=False)


FORMS: dict[str, Callable[[Comparison, int], str]] = {
    "table": table, "markdown": markdown, "json": as_json}


def _causes(comparison: Comparison) -> Parts:
    """What differs that numbers can depend on."""
    pages = {name: f"systems/{name}" for name in comparison.systems_added}
    return [
        ("Assumptions that differ", [f"{name}: {as_text(a) or 'none'} → {as_text(b) or 'none'}"
                                     for name, (a, b) in comparison.assumptions.items()]),
        ("Systems renamed", [f"{old} → {new}" for old, new in comparison.renamed.items()]),
        ("Systems added", [
            f"{name}: {_name(name, comparison)}"
            + f", on its page {page}.html" * (page in comparison.pages)
            for name, page in pages.items()]),
        ("Systems removed", comparison.systems_removed),
        ("Rows that changed", _rows(comparison, counting=True)),
    ]


def _name(system_id: str, comparison: Comparison) -> str:
    return shown(comparison.names.get(system_id, system_id))


def _asides(comparison: Comparison) -> Parts:
    """What differs besides: texts, and the files it all stands in."""
    data, told = comparison.data, {row.file for row in comparison.data.rows}
    return [
        ("Rows whose texts alone changed", _rows(comparison, counting=False)),
        ("Data files that differ", [f"{file} ({what})" for what, names in (
            ("changed", [file for file in data.changed if file not in told]),
            ("added", data.added), ("removed", data.removed),
        ) for file in names]),
    ]


def _rows(comparison: Comparison, counting: bool) -> list[str]:
    """The rows that changed in a cell on which numbers can depend, or in others alone."""
    found = []
    for row in (row for row in comparison.data.rows if row.counts is counting):
        cells = (f"{n} {a or 'empty'} → {b or 'empty'}" for n, (a, b) in row.cells.items())
        found.append(shown(f"{row.file}: {row.row}: {'; '.join(cells) or row.what}"))
    return found


def _cells(moved: Moved) -> list[str]:
    difference, ratio = moved.difference, moved.ratio
    if difference == 0 and moved.a and moved.b:
        ends = (words.interval(side.get("low"), side.get("high"), DIGITS)
                for side in (moved.a, moved.b))
        return [moved.name, *ends, "interval only", "", moved.unit]
    plus = "+" if difference and difference > 0 else ""
    return [moved.name, _number(moved.a), _number(moved.b),
            "" if difference is None else plus + words.number(difference, DIGITS),
            "" if ratio is None else words.number(ratio, DIGITS), moved.unit]


def _left_out(comparison: Comparison, limit: int) -> list[str]:
    more = len(comparison.moved) - limit
    return [f"and {more} more numbers that moved"] if more > 0 else []


def _code(text: str) -> str:
    return f"`{text.replace('`', '').replace('|', '')}`"


def _escaped(text: str) -> str:
    """Text that Markdown shows letter by letter: what stands in a table may come from anyone."""
    return _SIGNS.sub(lambda sign: f"&#{ord(sign.group())};", text).replace("\n", " ")
