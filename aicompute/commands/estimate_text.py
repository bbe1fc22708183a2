"""One system at a terminal: its values side by side, then every calculation factor by factor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from aicompute import words
from aicompute.assumptions import Assumptions
from aicompute.commands.terminal import altered_words, columns, wrapped
from aicompute.methods import KEY, calculations, chip_time, counted, estimates
from aicompute.references import sources
from aicompute.tables import table
from aicompute.units import PFS_DAY

_WHOSE = {"article": "the article's inputs", "recount": "recounted"}
_NAMED = {1: "operations counted", 2: "chips and time"}
#: Column, words, unit and the assumption a factor comes from where its row is empty; by method.
_FACTORS = {
    1: [("multiply_adds", "multiply-adds", "", ""),
        ("operations_per_multiply_add", "FLOP per multiply-add", "FLOP",
         "operations_per_multiply_add"),
        ("passes", "passes", "passes", "passes_per_example"),
        ("units", "units", "{unit}s", ""), ("epochs", "epochs", "epochs", "")],
    2: [("chips", "chips", "{chip}", ""), ("days", "days", "days", ""),
        ("chip_hours", "chip-hours", "hours of {chip}", ""),
        ("tflop_per_second", "rating of one chip", "TFLOP/s", "chip_rating"),
        ("utilization", "utilization", "of the peak", "{kind}_utilization"),
        ("factor", "factor", "", "")],
}
#: Ranges of a chip's rating differ in the fourth digit.
_RANGE_DIGITS = 3


def estimate_text(assumptions: Assumptions, system_id: str) -> str:
    """Both methods for one system: its values, then factor by factor with units and sources."""
    system = estimates(assumptions, system_id).iloc[0]
    rows = [*counted(assumptions, system_id).to_dict("records"),
            *chip_time(assumptions, system_id).to_dict("records")]
    published = words.date(system["date"], system["published_known_to"])
    lines = wrapped(f"{system['name']}, {system['organization']}, {published}")
    if said := altered_words(assumptions):
        lines += wrapped(f"under {said}")
    lines += ["", *_values(assumptions, system_id)]
    for key in dict.fromkeys((row["method"], row["basis"]) for row in rows):
        phases = [row for row in rows if (row["method"], row["basis"]) == key]
        lines += ["", *_calculation(phases, assumptions)]
    if not rows:
        lines += ["", *wrapped("The tables hold no calculation for this system.")]
    return "\n".join(lines)


def _values(assumptions: Assumptions, system_id: str) -> list[str]:
    """Every value of the system, its range, and how it stands to the published one."""
    here, there = _sums(assumptions, system_id), _sums(Assumptions(), system_id)
    published = here.get("published", (None,))[0]
    rows = [["value", "pfs-days", "range", "to published", "baseline"]]
    for label, (value, low, high) in here.items():
        ratio = f"{words.number(value / published)}×" if published and label != "published" else ""
        was = there.get(label, (value,))[0]
        rows.append([label, words.number(value), words.range_words(low, high), ratio,
                     "" if was == value else words.number(was)])
    lines = columns(rows, right=[1], head=1) if here else []
    if published is not None:
        told = table("published", system_id)
        row = told[told["pfs_days"] == published].iloc[0]
        lines += wrapped(f"source of the published value: {_source(row)}")
    return lines


def _sums(assumptions: Assumptions, system_id: str) -> dict[str, tuple[float, float, float]]:
    """Every value by what it is called, with its range."""
    found = {}
    published = estimates(assumptions, system_id).iloc[0]["published_pfs_days"]
    if not pd.isna(published):
        found["published"] = (published, published, published)
    for row in calculations(assumptions, system_id).sort_values(KEY).to_dict("records"):
        found[f"method {row['method']}, {_WHOSE[row['basis']]}"] = (
            row["pfs_days"], row["low"], row["high"])
    return found


def _calculation(phases: list[dict[str, Any]], assumptions: Assumptions) -> list[str]:
    method, basis = phases[0]["method"], phases[0]["basis"]
    value, low, high = (sum(row[name] for row in phases) for name in ("pfs_days", "low", "high"))
    between, total = words.range_words(low, high), words.quantity(value, "pfs-days")
    lines = wrapped(f"Method {method}, {_NAMED[method]}, {_WHOSE[basis]}: {total}"
                    + f" ({between})" * bool(between))
    amounts = [words.quantity(row["pfs_days"] * PFS_DAY, "FLOP") for row in phases]
    for row, flop in zip(phases, amounts, strict=True):
        cells = list(_factors(row, assumptions))
        product = " × ".join(shown for _, shown, _ in cells)
        lines += [f"  {words.words(row['phase'])}", *columns(cells, indent=4),
                  *wrapped(f"{product} = {flop}", 4), *wrapped(f"source: {_source(row)}", 4)]
    shown = f"({' + '.join(amounts)})" if len(phases) > 1 else amounts[0]
    return lines + wrapped(f"{shown} / {words.number(PFS_DAY)} FLOP per pfs-day = {total}", 2)


def _factors(row: dict[str, Any], assumptions: Assumptions) -> Iterator[list[str]]:
    """Every factor of a row: what it is, the number with its unit, and where that is from."""
    for name, label, unit, assumption in _FACTORS[row["method"]]:
        low, high = row.get(f"{name}_low", row[name]), row.get(f"{name}_high", row[name])
        # Chips and days, or chip-hours; a bare 1 multiplies nothing a reader would look for.
        if pd.isna(row[name]) or (name in ("epochs", "factor") and row[name] == low == high == 1):
            continue
        shown = words.quantity(row[name], words.words(unit.format(**row)))
        if name == "multiply_adds" and isinstance(row["architecture"], str):
            shown += f", {row['architecture']}"
        elif name == "multiply_adds" and not pd.isna(row["parameters"]):
            shown += ", one a parameter"
        origin = _origin(row, name, assumption.format(**row), assumptions)
        if low != high:
            origin = f"{words.interval(low, high, _RANGE_DIGITS)}, {origin}"
        yield [label, shown, origin]


def _origin(row: dict[str, Any], name: str, assumption: str, assumptions: Assumptions) -> str:
    """Whose an input is: an assumption's, a guess of ours, or the source's."""
    guesses = str(row["guessed"]).split()
    assumed = row.get(f"{name}_assumed", True) and assumption
    if assumed and name == "utilization" and row["basis"] == "article":
        return "the article's, for this kind of chip"
    if name == "utilization" and row["utilization_measured"]:
        return "altered assumption utilization_from"
    if assumed:
        altered = "altered " if assumption in assumptions.changed() else ""
        guess = ", for a kind of chip that is a guess" if "chip_id" in guesses else ""
        return f"{altered}assumption {assumption}{guess * (name == 'tflop_per_second')}"
    if name in guesses:
        return "a guess"
    counted_here = name == "multiply_adds" and isinstance(row["architecture"], str)
    return "our layer table" if counted_here else "the source's"


def _source(row: Any) -> str:
    source = sources().get(row["source_key"])
    return f"{source.label if source else row['source_key']}, {row['source_place']}"
