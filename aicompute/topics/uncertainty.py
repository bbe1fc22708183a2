"""How sure the numbers are: intervals of every system and of the doubling time, by random draws."""

from __future__ import annotations

import math
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from aicompute import tables, wording
from aicompute.analysis import uncertainty
from aicompute.analysis.draws import Interval, ends, factor_range
from aicompute.charts import intervals
from aicompute.figures import Figure, figure_maker
from aicompute.listings import FORMULA_WORDS, lists
from aicompute.methods.calculations import Calculation
from aicompute.methods.estimates import VALUES
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable
from aicompute.trend import FitError

#: What errs, to the settings of :func:`uncertainty.doubling_time` and to words.
CAUSES: dict[str, tuple[dict[str, Any], str]] = {
    "inputs_shared": ({"sampling": False, "errors_drawn": "shared"},
                      "inputs, one error for all"),
    "inputs_each": ({"sampling": False, "errors_drawn": "each"},
                    "inputs, each its own error"),
    "inputs": ({"sampling": False}, "inputs, as assumed"),
    "sampling": ({"inputs": False}, "choice of systems"),
    "together": ({}, "both together"),
}
#: Bars of the histogram.
BARS = 40
#: The calculation that is worked by hand: the article's own example.
EXAMPLE = ("alexnet", 2, "article")


@family("uncertainty")
def uncertainty_results(study: Study) -> Named:
    """The doubling time by what errs, and every system and calculation with its interval."""
    for values in VALUES:
        try:
            yield from _doubling_results(study, values, f"uncertainty.{values}")
        except FitError:
            continue
    with suppress(FitError):
        yield from _doubling_results(study, study.assumptions.values, "uncertainty")
    how = _how(study)
    for row in uncertainty.system_intervals(study).to_dict("records"):
        yield f"uncertainty.systems.{row['system_id']}.pfs_days", Result(
            row["pfs_days"], "pfs-days", row["low"], row["high"],
            "uncertainty#every-system", f"{row['value_from']} value; {how}",
        )
    for calculation in study.calculations.values():
        name = _calculation_name(calculation)
        yield f"{name}_pfs_days", _result(
            uncertainty.calculation_interval(study, calculation), "pfs-days", "every-system", how)
    example = study.calculations.get(EXAMPLE)
    if example is not None:
        yield f"{_calculation_name(example)}_ends", _result(
            ends(example, study.assumptions), "pfs-days", "one-system-by-hand",
            "every input at its low and at its high end",
        )


def _doubling_results(study: Study, values: str, prefix: str) -> Named:
    for cause, (settings, words) in CAUSES.items():
        found = uncertainty.doubling_time(study, values, **settings)
        yield f"{prefix}.doubling_time_months.{cause}", _result(
            found, "months", "the-doubling-time", f"{values} values, from {words}; {_how(study)}")


def _calculation_name(calculation: Calculation) -> str:
    system, method = calculation.system_id, calculation.method
    return f"uncertainty.systems.{system}.method_{method}.{calculation.basis}"


def _result(found: Interval, unit: str, section: str, how: str) -> Result:
    return Result(
        found.value, unit, found.low, found.high, f"uncertainty#{section}", how)


def _how(study: Study) -> str:
    share = wording.share(study.assumptions.confidence)
    return f"central {share} of {study.assumptions.samples:,} draws"


@lists("by_hand")
def by_hand(study: Study) -> HtmlTable:
    """The example's inputs at their low end, as they are and at their high end; the product."""
    calculation = study.calculations[EXAMPLE]
    rows = []
    for factor in calculation.phases[0].factors:
        low, high = factor_range(factor, study.assumptions)
        if factor.name == "factor" and low == high == 1:
            continue
        rows.append(_three(FORMULA_WORDS[factor.name], factor.unit, low, factor.value, high))
    product = ends(calculation, study.assumptions)
    drawn = uncertainty.calculation_interval(study, calculation)
    for label, found in (("every input at its end", product), (_how(study), drawn)):
        rows.append(_three(label, "pfs-days", found.low, found.value, found.high))
    name = study.system(EXAMPLE[0])["name"]
    return HtmlTable(
        ["Input", "Low", "Value", "High"], rows,
        caption=f"{name} by chip time: every input at its ends, and what they multiply to")


def _three(label: str, unit: str, *values: float | None) -> list[Cell]:
    """A row of three numbers; their unit, where the label is another word, stands beside it."""
    named = label if unit in ("", label) else f"{label} ({unit})"
    return [tables.text(named), *[tables.number(wording.number(v), v) for v in values]]


@figure_maker("alexnet_draws")
def alexnet_draws(study: Study) -> Figure:
    """The draws of the example, how often they fall where."""
    calculation = study.calculations[EXAMPLE]
    drawn = uncertainty.draws(study).calculation(calculation)
    found = uncertainty.calculation_interval(study, calculation)
    counts, edges = np.histogram(drawn, bins=BARS, range=tuple(np.quantile(drawn, [0.001, 0.999])))
    bins = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "share": counts / len(drawn)})
    marks = pd.DataFrame([
        {"pfs_days": value, "text": wording.number(value), "dash": dash}
        for value, dash in ((found.low, [4, 3]), (found.value, [1, 0]), (found.high, [4, 3]))
    ])
    finding = (
        f"{wording.share(study.assumptions.confidence)} of the draws of AlexNet's chip time lie "
        f"between {wording.interval(found.low, found.high).replace(' to ', ' and ')} pfs-days, a "
        f"factor of {wording.number(found.high / found.low, 2)} apart"
    )
    return Figure(
        name="alexnet_draws",
        caption=f"{finding}. {study.assumptions.samples:,} draws of days and utilization; solid "
                "line: the value; dashed: the ends of the interval.",
        alt=f"{finding}.",
        table=bins,
        draw=partial(intervals.draws, bins, marks, title="Training compute (pfs-days)"),
    )


@figure_maker("doubling_intervals")
def doubling_intervals(study: Study) -> Figure:
    """The doubling time with the interval that each source of error gives it."""
    rows = pd.DataFrame([*_interval_rows(study)])
    wide, narrow = (rows[rows["cause"] == cause].iloc[0] for cause in ("sampling", "inputs"))
    widths = [row["high"] - row["low"] for row in (narrow, wide)]
    # An end that is open has no width.
    compared = (f": the former interval is {wording.share(round(widths[0] / widths[1], 2))} as wide"
                if all(map(math.isfinite, widths)) else "")
    finding = (
        f"Errors of the inputs leave the doubling time between {_between(narrow)} months; which "
        f"systems happen to be on the chart, between {_between(wide)}"
    )
    return Figure(
        name="doubling_intervals",
        caption=f"{finding}{compared}. {study.assumptions.values.capitalize()} values; "
                f"bars: {_how(study)}; the last: Student's t on the scatter about the line.",
        alt=f"{finding}.",
        table=rows,
        draw=partial(intervals.intervals, rows),
    )


def _interval_rows(study: Study) -> list[dict[str, Any]]:
    values, fit = study.assumptions.values, study.fit
    found = {
        (cause, words): uncertainty.doubling_time(study, values, **settings)
        for cause, (settings, words) in CAUSES.items()
    }
    found["fit", "the fit's own interval"] = Interval(
        fit.doubling_time_months, fit.doubling_time_low, fit.doubling_time_high)
    return [
        {"cause": cause, "label": words, "value": i.value, "low": i.low, "high": i.high,
         "shown": f"{wording.number(i.value)} ({wording.interval(i.low, i.high)})"}
        for (cause, words), i in found.items()
    ]


def _between(row: Any) -> str:
    return wording.interval(row["low"], row["high"]).replace(" to ", " and ")


@lists("system_intervals")
def system_intervals(study: Study, values: str = "") -> HtmlTable:
    """Every fitted system: its value, its interval, and how far apart the ends are."""
    chosen = values or study.assumptions.values
    head = ["System", "pfs-days", "Low to high", "High over low"]
    found = uncertainty.system_intervals(study, chosen).set_index("system_id")
    rows = []
    for system in study.fitted_by(chosen).to_dict("records"):
        row = found.loc[system["system_id"]]
        spread = row["high"] / row["low"]
        rows.append([
            Cell(tables.anchor(system["name"], f"page:systems/{system['system_id']}")
                 + ("" if row["value_from"] == chosen else " (published)")),
            tables.number(wording.number(row["pfs_days"]), row["pfs_days"]),
            tables.text(wording.interval(row["low"], row["high"])),
            tables.number(wording.number(spread, 2), spread),
        ])
    return HtmlTable(
        head, rows,
        caption=f"The {chosen} value of every system of the fit, pfs-days; low and high: "
        f"{_how(study)}")
