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
from aicompute.what_moved import DIGITS, as_lists, cut, what_moved

#: Rows of tables named one by one; a pull request that adds a table would drown the rest.
ROWS_SHOWN = 30
_SIGNS = re.compile(r"[\\`*_\[\]<>|@#&]")


def table(comparison: Comparison, limit: int) -> str:
    """The comparison for a terminal."""
    lines = [f"A: {comparison.a}", f"B: {comparison.b}"]
    for title, items in cut([*what_moved(comparison), *_differences(comparison)], limit):
        lines += ["", *([title] if title else []),
                  *(line for item in items for line in wrapped(item, 2 * bool(title)))]
    rows = [_cells(moved) for moved in comparison.moved[:limit]]
    head = ["moved", "A", "B", "B - A", "B / A", "unit"]
    numbers = range(1, len(head) - 1)
    lines += ["", *columns([head, *rows], right=numbers)] if rows else []
    return "\n".join(lines + _left_out(comparison, limit))


def markdown(comparison: Comparison, limit: int) -> str:
    """The comparison for a pull request: the numbers first, then what explains them."""
    lines = [f"### What moved from {_code(comparison.a)} to {_code(comparison.b)}", "",
             *as_lists(cut(what_moved(comparison), limit), _escaped)]
    if comparison.moved:
        lines += ["| number | A | B | B − A | B / A | unit |"]
        lines += ["| :-- | --: | --: | --: | --: | :-- |"]
        lines += [_markdown_row(moved) for moved in comparison.moved[:limit]]
    lines += ["", *_left_out(comparison, limit), "",
              *as_lists(_differences(comparison), _escaped)]
    return "\n".join(lines).rstrip() + "\n"


def as_json(comparison: Comparison, limit: int = 0) -> str:
    """The whole comparison as JSON, whatever the limit."""
    del limit
    document = asdict(comparison)
    document["moved"] = [
        {"name": m.name, "unit": m.unit, "a": m.a, "b": m.b,
         "difference": m.difference, "ratio": m.ratio}
        for m in comparison.moved
    ]
    return json.dumps(document, indent=1, ensure_ascii=False)


FORMS: dict[str, Callable[[Comparison, int], str]] = {
    "table": table, "markdown": markdown, "json": as_json,
}


def _differences(comparison: Comparison) -> list[tuple[str, list[str]]]:
    """What differs besides the numbers: title and items, empty ones left out."""
    data = comparison.data
    files = [f"{file} ({what})" for what, names in (
        ("changed", data.changed), ("added", data.added), ("removed", data.removed),
    ) for file in names]
    rows = [_row_change(change) for change in data.rows[:ROWS_SHOWN]]
    if len(data.rows) > ROWS_SHOWN:
        rows.append(f"and {len(data.rows) - ROWS_SHOWN} more rows")
    found = [
        ("Assumptions that differ", [
            f"{name}: {_shown(a)} → {_shown(b)}" for name, (a, b) in comparison.assumptions.items()
        ]),
        ("Data files that differ", files),
        ("Rows that differ", rows),
        ("Systems added", comparison.systems_added),
        ("Systems removed", comparison.systems_removed),
    ]
    return [(title, items) for title, items in found if items]


def _row_change(change: RowChange) -> str:
    cells = "; ".join(
        f"{name} {a or 'empty'} → {b or 'empty'}" for name, (a, b) in change.cells.items()
    )
    return shown(f"{change.file}: {change.row}: {cells or change.what}")


def _cells(moved: Moved) -> list[str]:
    difference, ratio = moved.difference, moved.ratio
    if difference == 0 and moved.a and moved.b:
        return [moved.name, _interval(moved.a), _interval(moved.b), "interval only", "", moved.unit]
    return [
        moved.name, _number(moved.a), _number(moved.b),
        "" if difference is None else f"{'+' if difference > 0 else ''}"
        f"{words.number(difference, DIGITS)}",
        "" if ratio is None else words.number(ratio, DIGITS), moved.unit,
    ]


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
    text = as_text(tuple(value) if isinstance(value, list) else value)
    return text or "none"


def _code(text: str) -> str:
    return f"`{text.replace('`', '').replace('|', '')}`"


def _escaped(text: str) -> str:
    """Text that Markdown shows letter by letter: what stands in a table may come from anyone."""
    return _SIGNS.sub(lambda sign: f"&#{ord(sign.group())};", text).replace("\n", " ")
