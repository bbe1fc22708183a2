"""The introduction's numbers and table of claims, and the tables of the trend."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import pandas as pd

from aicompute import tables, wording
from aicompute.dataset import load_rows
from aicompute.estimates import VALUES
from aicompute.listings import lists, number_cell
from aicompute.results import Result, Results
from aicompute.study import Study
from aicompute.tables import HtmlBlock, HtmlTable
from aicompute.trend import FitError, fitted_systems

#: Within this share of a stated value a result counts as reproduced; within this factor, as near.
REPRODUCED, WITHIN_FACTOR = 0.05, 3.0
VERDICTS = {
    "reproduced": "reproduced",
    "within_factor": "within a factor of 3",
    "not_reproduced": "not reproduced",
    "cannot_be_checked": "cannot be checked",
}
#: Claims of the introduction, by claim_id, in the order they are shown.
SHOWN = ("doubling_best_fit", "doubling_body_text", "doubling_later_version", "tenfold_a_year",
         "growth_factor", "moore_factor")


def verdict(claim: Mapping[str, Any], value: float | None) -> str:
    """Hold a result against what is stated.

    Parameters
    ----------
    claim
        A row of claims.csv: ``check`` and the stated values.
    value
        The result; None where it cannot be had.

    Examples
    --------
    >>> verdict({"check": "equal", "stated": 10.0}, 11.25)
    'within_factor'
    >>> verdict({"check": "more", "stated": 300_000.0}, 321_726.0)
    'reproduced'
    """
    if value is None or claim["check"] == "none":
        return "cannot_be_checked"
    stated = claim["stated"]
    if claim["check"] == "range":
        return _held(claim["stated_low"] <= value <= claim["stated_high"])
    if claim["check"] in ("less", "more"):
        return _held(value < stated if claim["check"] == "less" else value > stated)
    if abs(value / stated - 1) <= REPRODUCED:
        return "reproduced"
    near = 1 / WITHIN_FACTOR <= value / stated <= WITHIN_FACTOR
    return "within_factor" if near else "not_reproduced"


def _held(holds: bool) -> str:
    return "reproduced" if holds else "not_reproduced"


@lists("key_numbers")
def key_numbers(study: Study) -> HtmlBlock:
    """Three numbers of the first screen, each a link to where it is calculated."""
    results, values = Results(study), study.assumptions.values
    first, largest = _ends(study)
    shown = [
        (results[f"trend.{values}.doubling_time_months"], "the time in which compute doubled"),
        (results[f"growth.{values}.factor"], f"from {first} to {largest}"),
        (results["moore.factor"], "Moore's law over the same months"),
    ]
    items = "".join(f"<li>{_key_number(result, words)}</li>" for result, words in shown)
    return HtmlBlock(f'<ul class="key-numbers">{items}</ul>')


def _key_number(result: Result, words: str) -> str:
    shown = tables.anchor(wording.quantity(result.value, result.unit), f"page:{result.page}",
                          title=result.how, css="number")
    between = f" ({wording.interval(result.low, result.high)})" if result.low is not None else ""
    return f"<strong>{shown}</strong>{html.escape(between)} <span>{html.escape(words)}</span>"


def _ends(study: Study) -> tuple[str, str]:
    growth = study.growth_by(study.assumptions.values)
    return str(study.system(growth.first)["name"]), str(study.system(growth.largest)["name"])


@lists("headline")
def headline(study: Study) -> HtmlTable:
    """What the article states of the trend, what comes out here, and the verdict."""
    results = Results(study)
    rows = []
    for claim_id in SHOWN:
        for claim in load_rows(study.dataset.rows("claims"), claim_id=claim_id):
            name = str(claim["result"])
            result = results[name]
            between = "–" if result.low is None else wording.interval(result.low, result.high)
            rows.append([
                tables.text(claim["statement"]), number_cell(results, name),
                tables.text(between), tables.text(VERDICTS[verdict(claim, result.value)]),
            ])
    return HtmlTable(["The article states", "Recomputed", "Interval", "Verdict"], rows)


@lists("fits")
def fits(study: Study) -> HtmlTable:
    """The fit on each of the three values, side by side."""
    results = Results(study)
    rows = []
    for values in VALUES:
        name = f"trend.{values}"
        try:
            study.fit_by(values)
        except FitError:
            continue
        rows.append([
            tables.text(values), number_cell(results, f"{name}.points"),
            number_cell(results, f"{name}.stand_ins"),
            *_with_interval(results, f"{name}.doubling_time_months"),
            *_with_interval(results, f"{name}.growth_per_year"),
            number_cell(results, f"{name}.r_squared"),
            number_cell(results, f"{name}.residual_decades"),
            number_cell(results, f"growth.{values}.factor"),
        ])
    head = ["Values", "Points", "of which plotted values stand in", "Doubling time", "Interval",
            "Growth", "Interval", "R²", "Scatter", "First to largest"]
    return HtmlTable(head, rows)


def _with_interval(results: Results, name: str) -> list[tables.Cell]:
    result = results[name]
    return [number_cell(results, name), tables.text(wording.interval(result.low, result.high))]


@lists("fit_points")
def fit_points(study: Study) -> HtmlTable:
    """Every point of the fit: its date, its value, the line there, and how far it lies from it."""
    rows = []
    for row in distances(study).to_dict("records"):
        rows.append([
            tables.link(row["name"], f"page:systems/{row['system_id']}"),
            tables.text(f"{row['date']:%Y-%m-%d}"),
            tables.number(wording.number(row["years"]), row["years"]),
            tables.number(wording.number(row["pfs_days"]), row["pfs_days"]),
            tables.number(wording.number(row["line"]), row["line"]),
            tables.number(_from_line(row["ratio"]), row["ratio"]),
        ])
    head = ["System", "Published", "Years since the first", "pfs-days", "The line", "Off the line"]
    return HtmlTable(head, rows, sortable=True, name="fit-points")


def distances(study: Study) -> pd.DataFrame:
    """The fitted systems with ``years`` since the first, the ``line`` and their ``ratio`` to it."""
    table = fitted_systems(study.estimates, study.assumptions)
    line = study.fit.line(table["date"])["pfs_days"].to_numpy()
    years = (table["date"] - table["date"].min()).dt.days / 365.25
    return table.assign(years=years, line=line, ratio=table["pfs_days"] / line)


def _from_line(ratio: float) -> str:
    """How far above or below the line a point lies.

    Examples
    --------
    >>> _from_line(2.5), _from_line(0.01)
    ('2.5× above', '100× below')
    """
    if ratio >= 1:
        return f"{wording.number(ratio, 2)}× above"
    return f"{wording.number(1 / ratio, 2)}× below"
