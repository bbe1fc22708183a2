"""What the commands print for a person at a terminal: aligned, with units and sources."""

from __future__ import annotations

import math
import shutil
import textwrap
from collections.abc import Sequence

import pandas as pd

from aicompute import wording
from aicompute.calculations import Calculation, Factor, Phase
from aicompute.listings import FORMULA_WORDS
from aicompute.results import Results
from aicompute.study import Study

#: Columns of text where no terminal says how wide it is, and the fewest that are used.
PIPED_WIDTH, LEAST_WIDTH = 100, 40
_GAP = 2
_SHORTEST_BAR = 8
#: Ranges of a chip's rating differ in the fourth digit.
_RANGE_DIGITS = 4
_WHOSE = {"article": "the article's inputs", "recount": "recounted"}
_NAMED = {1: "operations counted", 2: "chips and time"}


def width() -> int:
    """Columns to write in: the terminal's, or a page's where the output goes elsewhere."""
    return max(shutil.get_terminal_size((PIPED_WIDTH, 24)).columns, LEAST_WIDTH)


def estimate_text(study: Study, system_id: str) -> str:
    """Both methods for one system: factor by factor, then the formula with its numbers."""
    row = study.system(system_id)
    published = float(str(row["published_pfs_days"]))
    lines = _wrapped(f"{row['name']}, {row['organization']}, {wording.date(row['date'])}")
    if not math.isnan(published):
        lines.append(f"published: {wording.quantity(published, 'pfs-days')}")
    calculations = study.calculations_of(system_id)
    for calculation in calculations:
        lines += ["", *_calculation_lines(study, calculation)]
    if not calculations:
        lines += ["", *_wrapped("The tables hold no calculation for this system.")]
    return "\n".join(lines)


def trend_text(study: Study) -> str:
    """The fit in words and numbers, with a plain chart of the systems.

    Raises
    ------
    FitError
        If the assumptions leave too few systems.
    """
    results = Results(study)
    values, fit = study.assumptions.values, study.fit
    named = {
        "doubling time": f"trend.{values}.doubling_time_months",
        "growth a year": f"trend.{values}.growth_per_year",
        "first to largest": f"growth.{values}.factor",
        "over": f"growth.{values}.months",
        "Moore's law meanwhile": "moore.factor",
    }
    rows = []
    for label, name in named.items():
        result = results[name]
        between = f"({wording.interval(result.low, result.high)})" if result.low else ""
        rows.append([label, wording.quantity(result.value, result.unit), between])
    confidence = f"{fit.confidence * 100:g} %"
    lines = _wrapped(
        f"Least squares through the logarithms of {fit.points} systems, {values} values; "
        f"{confidence} intervals of the fit."
    )
    return "\n".join([*lines, "", *columns(rows), "", *bars(study.fitted)])


def columns(rows: Sequence[Sequence[str]], indent: int = 0) -> list[str]:
    """Align rows of text; columns that do not fit beside the others stand below them."""
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    beside = len(widths)
    while beside > 1 and indent + sum(widths[:beside]) + _GAP * (beside - 1) > width():
        beside -= 1
    lines = []
    for row in rows:
        aligned = [text.ljust(room + _GAP) for text, room in zip(row, widths, strict=True)]
        lines.append((" " * indent + "".join(aligned[:beside])).rstrip())
        lines += [line for text in row[beside:] for line in _wrapped(text, indent + 2 * _GAP)]
    return lines


def bars(table: pd.DataFrame) -> list[str]:
    """One bar a system, its length the logarithm of its compute."""
    logs = table["pfs_days"].map(math.log10)
    span = float(logs.max() - logs.min()) or 1.0
    names = max(len(name) for name in table["name"])
    values = [wording.number(value) for value in table["pfs_days"]]
    taken = len("2012-01") + names + max(map(len, values)) + 3 * _GAP
    room = max(width() - taken, _SHORTEST_BAR)
    lines = ["pfs-days, logarithmic"]
    for row, log, value in zip(table.to_dict("records"), logs, values, strict=True):
        bar = "█" * max(round((log - logs.min()) / span * room), 1)
        lines.append(f"{row['date']:%Y-%m}  {row['name']:<{names}}  {bar} {value}")
    return lines


def _calculation_lines(study: Study, calculation: Calculation) -> list[str]:
    method = calculation.method
    lines = _wrapped(
        f"Method {method}, {_NAMED[method]}, {_WHOSE[calculation.basis]}: "
        f"{wording.quantity(calculation.pfs_days, 'pfs-days')}"
        + _between(calculation.low, calculation.high)
    )
    for phase in calculation.phases:
        lines += _phase_lines(study, phase)
    return lines


def _phase_lines(study: Study, phase: Phase) -> list[str]:
    rows = [_factor_row(factor) for factor in phase.factors]
    # A bare 1 multiplies nothing a reader would look for.
    shown = [f for f in phase.factors if f.unit or f.value != 1]
    formula = " × ".join(_quantity(factor) for factor in shown)
    product = wording.quantity(float(phase.flop()), "FLOP")
    source = study.dataset.sources.get(phase.source_key)
    origin = f"source: {source.label if source else phase.source_key}, {phase.source_place}"
    return [
        f"  {wording.words(phase.name)}", *columns(rows, indent=4),
        *_wrapped(f"{formula} = {product}", 4), *_wrapped(origin, 4),
    ]


def _factor_row(factor: Factor) -> list[str]:
    """Name, value, and where it comes from, after its range where it has one."""
    if factor.assumption:
        origin = f"assumption {factor.assumption}"
    else:
        origin = "a guess" if factor.guessed else "the source's"
    value = _quantity(factor)
    if factor.name == "multiply_adds":
        value = ", ".join(part for part in (wording.number(factor.value), factor.text) if part)
    if factor.low != factor.high:
        origin = f"{wording.interval(factor.low, factor.high, _RANGE_DIGITS)}, {origin}"
    return [FORMULA_WORDS.get(factor.name, factor.name), value, origin]


def _quantity(factor: Factor) -> str:
    return wording.quantity(factor.value, wording.words(factor.unit))


def _between(low: float, high: float) -> str:
    return f" ({wording.interval(low, high)})" if low != high else ""


def _wrapped(text: str, indent: int = 0) -> list[str]:
    return textwrap.wrap(
        text, width(), initial_indent=" " * indent, subsequent_indent=" " * (indent + _GAP)
    )
