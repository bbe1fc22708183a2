"""What a sweep shows: the spread of the doubling time, and which assumptions drive it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aicompute import words
from aicompute.assumptions import Assumptions
from aicompute.commands.terminal import columns, wrapped
from aicompute.sweeps.axes import Array, Axis
from aicompute.sweeps.evaluate import RESULTS
from aicompute.sweeps.plan import Plan

TARGET = "doubling_time_months"
QUANTILES = (0.05, 0.5, 0.95)
#: How strongly an assumption drives the doubling time. Names have no order, so they have a measure
#: of their own.
MEASURES = {
    "spearman": "rank correlation with the doubling time, -1 to 1; without effect it stays within "
                "about one over the root of the number of settings",
    "rank share": "root of the share of the ranks' variance that lies between the values, 0 to 1",
}
SOBOL = {
    "Sobol first": "share of the variance of the doubling time that it makes alone",
    "Sobol total": "share that it makes alone and together with the others",
}


def summarize(plan: Plan, results: Array) -> dict[str, Any]:
    """A finished sweep, settings x RESULTS, in a few numbers, as its JSON holds them."""
    target = results[:, RESULTS.index(TARGET)]
    varied = plan.columns(0, plan.size)
    known = np.isfinite(target)
    ranks = pd.Series(target[known]).rank()
    sobol = _sobol(plan, target) if plan.design == "saltelli" and known.all() else {}
    drivers = [{**_driver(axis, varied[axis.name][known], ranks),
                **sobol.get(axis.name, {"sobol_first": None, "sobol_total": None})}
               for axis in plan.axes]
    return {
        "title": plan.title, "settings": plan.size, "without_fit": int((~known).sum()),
        TARGET: {f"{q:g}": float(np.quantile(target[known], q)) if known.any() else None
                 for q in QUANTILES},
        "drivers": sorted(drivers, key=lambda driver: -abs(driver["strength"] or 0.0)),
    }


def summary_text(summary: dict[str, Any]) -> str:
    """The summary for a person."""
    low, middle, high = summary[TARGET].values()
    lines = [f"{summary['title']}: " * bool(summary["title"]) + f"{summary['settings']:,} settings"]
    if summary["without_fit"]:
        lines.append(f"{summary['without_fit']:,} of them leave too few systems for a fit")
    if middle is not None:
        lines.append(f"doubling time: median {words.quantity(middle, 'months')}, nine in ten "
                     f"{words.interval(low, high)}")
    drivers = summary["drivers"]
    shares = SOBOL if any(d["sobol_total"] is not None for d in drivers) else {}
    numbers = ["strength", *(["sobol_first", "sobol_total"] if shares else [])]
    rows = [["driven by", "strength", *shares, "measure"],
            *([d["assumption"], *(_two(d[name]) for name in numbers), d["measure"]]
              for d in drivers)]
    used = {d["measure"] for d in drivers}
    legend = {name: text for name, text in MEASURES.items() if name in used} | shares
    return "\n".join([
        *lines, "", *columns(rows, right=range(1, len(rows[0]) - 1)), "",
        *(line for name, text in legend.items() for line in wrapped(f"{name}: {text}"))])


def _driver(axis: Axis, places: NDArray[Any], ranks: pd.Series) -> dict[str, Any]:
    """How strongly one axis drives a target of given ranks; None where nothing moves."""
    column, strength = pd.Series(places), None
    ordered = axis.numeric or Assumptions.model_fields[axis.name].annotation is bool
    if column.nunique() > 1 and ranks.nunique() > 1:
        if ordered:
            numbers = column if axis.numeric else column.map(dict(enumerate(axis.given)))
            strength = float(numbers.rank().corr(ranks))
        else:
            between = ranks.groupby(column).transform("mean")
            strength = float(between.std() / ranks.std())
    measure = "spearman" if ordered else "rank share"
    return {"assumption": axis.name, "measure": measure, "strength": strength}


def _sobol(plan: Plan, target: Array) -> dict[str, dict[str, float]]:
    """First and total Sobol indices, by the estimators of Saltelli 2010 in scipy."""
    from scipy import stats  # half a second

    if np.ptp(target) == 0:
        return {}
    blocks = target.reshape(-1, plan.samples)
    found = {"f_A": blocks[None, 0], "f_B": blocks[None, 1], "f_AB": blocks[2:, None, :]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        indices = stats.sobol_indices(func=found, n=plan.samples)
    return {axis.name: {"sobol_first": float(first), "sobol_total": float(total)}
            for axis, first, total in zip(plan.drawn, indices.first_order.flat,
                                          indices.total_order.flat, strict=True)}


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-0.00", "0.00")
