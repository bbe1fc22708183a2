"""A comparison as text for a terminal, as Markdown for a pull request, and as JSON for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from aicompute import words
from aicompute.assumptions import as_text
from aicompute.commands.terminal import columns, wrapped
from aicompute.compare import Comparison, Moved
from aicompute.data_changes import RowChange
from aicompute.names import shown
from aicompute.what_moved import DIGITS, Parts, as_lists, cut, what_moved

#: Things of a kind that stand open in a pull request; the rest is folded.
OPEN = 8
_HEAD = ["number", "A", "B", "B − A", "B / A", "unit"]
_SIGNS = re.compile(r"[\\`*\[\]<>|@#&]|(?<!\w)_|_(?!\w)")


def table(comparison: Comparison, limit: int) -> str:
    """The comparison for a terminal."""
    short, *parts = what_moved(comparison)
    told = [short, *_causes(comparison), *parts, *_asides(comparison)]
    lines = [f"A: {comparison.a}", f"B: {comparison.b}"]
    for title, items in cut(told, limit):
        lines += ["", *([title] if title else []),
                  *(line for item in items for line in wrapped(item, 2 * bool(title)))]
    rows = [_cells(moved) for moved in comparison.moved[:limit]]
    numbers = range(1, len(_HEAD) - 1)
    lines += ["", *columns([_HEAD, *rows], right=numbers)] if rows else []
    return "\n".join(lines + _left_out(comparison, limit))


def markdown(comparison: Comparison, limit: int) -> str:
    """The comparison for a pull request: what a reviewer has to know, the rest folded."""
    short, *parts = what_moved(comparison)
    told = [short, *_causes(comparison), *parts]
    lines = [f"### What moved from {_code(comparison.a)} to {_code(comparison.b)}", "",
             *as_lists(cut(told, OPEN), _escaped)]
    if comparison.moved:
        lines += _folded("The numbers", [
            f"| {' | '.join(_HEAD)} |", "| :-- | --: | --: | --: | --: | :-- |",
            *map(_markdown_row, comparison.moved[:limit]), "", *_left_out(comparison, limit)])
    for title, items in cut(_asides(comparison), limit):
        lines += _folded(title, [f"- {_escaped(item)}" for item in items])
    return "\n".join(lines).rstrip() + "\n"


def _folded(title: str, lines: list[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def as_json(comparison: Comparison, limit: int = 0) -> str:
    """The whole comparison as JSON, whatever the limit."""
    del limit
    return json.dumps(asdict(comparison), indent=1, ensure_ascii=False)


FORMS: dict[str, Callable[[Comparison, int], str]] = {
    "table": table, "markdown": markdown, "json": as_json}


def _causes(comparison: Comparison) -> Parts:
    """What differs that numbers can depend on."""
    found = [
        ("Assumptions that differ", [
            f"{n}: {_shown(a)} → {_shown(b)}" for n, (a, b) in comparison.assumptions.items()]),
        ("Systems renamed", [f"{old} → {new}" for old, new in comparison.renamed.items()]),
        ("Systems added", [_added(name, comparison) for name in comparison.systems_added]),
        ("Systems removed", comparison.systems_removed),
        ("Rows that changed", [_row_change(row) for row in comparison.data.rows if row.counts]),
    ]
    return [(title, items) for title, items in found if items]


def _added(system_id: str, comparison: Comparison) -> str:
    page = f"systems/{system_id}"
    own = f", on its page {page}.html" if page in comparison.pages else ""
    return f"{system_id}: {shown(comparison.names.get(system_id, system_id))}{own}"


def _asides(comparison: Comparison) -> Parts:
    """What differs besides: texts, and the files it all stands in."""
    data, told = comparison.data, {row.file for row in comparison.data.rows}
    found = [
        ("Rows whose texts alone changed", [
            _row_change(row) for row in data.rows if not row.counts]),
        ("Data files that differ", [f"{file} ({what})" for what, names in (
            ("changed", [file for file in data.changed if file not in told]),
            ("added", data.added), ("removed", data.removed),
        ) for file in names]),
    ]
    return [(title, items) for title, items in found if items]


def _row_change(change: RowChange) -> str:
    cells = "; ".join(f"{n} {a or 'empty'} → {b or 'empty'}" for n, (a, b) in change.cells.items())
    return shown(f"{change.file}: {change.row}: {cells or change.what}")


def _cells(moved: Moved) -> list[str]:
    difference, ratio = moved.difference, moved.ratio
    if difference == 0 and moved.a and moved.b:
        return [moved.name, _interval(moved.a), _interval(moved.b), "interval only", "", moved.unit]
    plus = "+" if difference and difference > 0 else ""
    return [moved.name, _number(moved.a), _number(moved.b),
            "" if difference is None else plus + words.number(difference, DIGITS),
            "" if ratio is None else words.number(ratio, DIGITS), moved.unit]


def _markdown_row(moved: Moved) -> str:
    name, *rest = _cells(moved)
    return f"| {_code(name)} | {' | '.join(_escaped(cell) for cell in rest)} |"


def _left_out(comparison: Comparison, limit: int) -> list[str]:
    more = len(comparison.moved) - limit
    return [f"and {more} more numbers that moved"] if more > 0 else []


def _number(result: dict[str, Any] | None) -> str:
    return "absent" if result is None else words.number(result["value"], DIGITS)


def _interval(result: dict[str, Any]) -> str:
    return words.interval(result.get("low"), result.get("high"), DIGITS)


def _shown(value: Any) -> str:
    return as_text(value) or "none"


def _code(text: str) -> str:
    return f"`{text.replace('`', '').replace('|', '')}`"


def _escaped(text: str) -> str:
    """Text that Markdown shows letter by letter: what stands in a table may come from anyone."""
    return _SIGNS.sub(lambda sign: f"&#{ord(sign.group())};", text).replace("\n", " ")
