"""The trend under many settings at once: arrays where the report has one number.

Settings that differ in numbers alone share a group: the systems of its fit, and the rows that their
values come from. A value is a sum of products, so another utilization, or another number of passes,
scales the rows that it enters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from aicompute.assumptions import Assumptions, parse_assumptions
from aicompute.methods import (
    BASIS,
    KEY,
    chip_time,
    chosen_methods,
    counted,
    estimates,
)
from aicompute.sweeps.axes import is_numeric
from aicompute.sweeps.plan import Plan
from aicompute.trend import FEWEST, fitted_systems
from aicompute.units import DAYS_PER_YEAR

Array = NDArray[np.float64]

#: What is calculated for every setting, in the order of the columns.
RESULTS = (
    "doubling_time_months", "doubling_time_low", "doubling_time_high", "growth_per_year",
    "growth_per_year_low", "growth_per_year_high", "points", "growth_factor", "growth_months",
    "moore_factor",
)
#: What a row says of its product.
_NEEDED = ["pfs_days", "passes_assumed", "utilization_assumed", "kind"]


@dataclass(frozen=True)
class Group:
    """What settings that differ in numbers alone have in common.

    Attributes
    ----------
    days
        Date of every system the fit may take in, in days, ascending.
    constants
        The value of each, pfs-days; 0 where it comes from rows.
    rows
        Of each row: the place of its system, its pfs-days, and the assumptions it is proportional
        to, with the number that each has here.
    """

    assumptions: Assumptions
    days: Array
    constants: Array
    rows: tuple[tuple[int, float, dict[str, float]], ...]

    @classmethod
    def of(cls, assumptions: Assumptions) -> Group:
        """The systems that a fit may take in under given assumptions, with their rows."""
        # Which of them set a record depends on the numbers, so it is left open here.
        every = assumptions.model_copy(update={"record_setters_only": False})
        systems = fitted_systems(estimates(every), every)
        own = [BASIS.get(name) for name in systems["value_from"]]
        both = pd.concat([counted(every), chip_time(every)])[[*KEY, *_NEEDED]]
        found = both.groupby(KEY, sort=False)[["pfs_days"]].sum()
        records = both.to_dict("records")
        methods = {basis: chosen_methods(systems, basis, found, every) for basis in BASIS.values()}
        rows = []
        for place, (system_id, basis) in enumerate(zip(systems["system_id"], own, strict=True)):
            if basis is not None:
                key = (system_id, methods[basis][place], basis)
                rows += [(place, float(row["pfs_days"]), _scales(row, every))
                         for row in records if tuple(row[name] for name in KEY) == key]
        plotted = [basis is None for basis in own]
        return cls(
            assumptions, (systems["date"] - pd.Timestamp(0)).dt.days.to_numpy(dtype=np.float64),
            np.where(plotted, systems["pfs_days"], 0.0).astype(np.float64), tuple(rows),
        )

    def values(self, numbers: dict[str, Any], count: int) -> Array:
        """Every system's value under every setting, settings x systems, pfs-days."""
        values = np.tile(self.constants, (count, 1))
        for place, pfs_days, scales in self.rows:
            scaled = np.full(count, pfs_days)
            for name, here in scales.items():
                scaled = scaled * (numbers[name] / here)
            values[:, place] += scaled
        return values


def _scales(row: dict[str, Any], assumptions: Assumptions) -> dict[str, float]:
    """The assumptions that a row's product is proportional to."""
    names = []
    if row["method"] == 1:
        names = ["operations_per_multiply_add"] + ["passes_per_example"] * row["passes_assumed"]
    elif row["utilization_assumed"] and row["basis"] != "article":  # that has its own
        names = [f"{row['kind']}_utilization"]
    return {name: getattr(assumptions, name) for name in names}


def groups(plan: Plan) -> dict[tuple[int, ...], Group]:
    """Every group of a plan, by the places of its values that are no numbers."""
    others = [axis for axis in plan.axes if not axis.numeric]
    found = {}
    for key in np.ndindex(*(len(axis.values) for axis in others)):
        chosen = {a.name: a.values[place] for a, place in zip(others, key, strict=True)}
        found[key] = Group.of(parse_assumptions({**plan.fixed, **chosen}))
    return found


def evaluate(
    plan: Plan, known: Mapping[tuple[int, ...], Group], start: int, stop: int
) -> Array:
    """The results of the settings from ``start`` up to ``stop``, one row a setting."""
    columns = plan.columns(start, stop)
    count = min(stop, plan.size) - start
    others = [axis.name for axis in plan.axes if not axis.numeric]
    keys = np.column_stack([np.zeros(count, dtype=np.int64), *(columns[n] for n in others)])
    distinct, of = np.unique(keys, axis=0, return_inverse=True)
    found = np.full((count, len(RESULTS)), np.nan)
    for number, key in enumerate(distinct):
        here = of.reshape(-1) == number
        group = known[tuple(int(place) for place in key[1:])]
        numbers = {
            name: columns[name][here] if name in columns else getattr(group.assumptions, name)
            for name in Assumptions.model_fields if is_numeric(name)
        }
        found[here] = _results(group, numbers, int(here.sum()))
    return found


def _results(group: Group, numbers: dict[str, Any], count: int) -> Array:
    values = group.values(numbers, count)
    taken = np.ones(values.shape, dtype=bool)
    if group.assumptions.record_setters_only and values.shape[1]:
        highest = np.maximum.accumulate(values, axis=1)
        taken = values > np.column_stack([np.zeros(count), highest[:, :-1]])
    month = np.broadcast_to(numbers["days_per_month"], count)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope, half = _slopes(group.days, values, taken, numbers["confidence"])
        low, high = slope - half, slope + half
        fits = np.column_stack([
            1 / slope / month, 1 / high / month, np.where(low <= 0, np.inf, 1 / low) / month,
            *(np.exp2(s * DAYS_PER_YEAR) for s in (slope, low, high)),
        ])
        factor, months = _growth(group.days, values, taken, month)
        moore = np.exp2(months / numbers["moore_doubling_months"])
    return np.column_stack([fits, taken.sum(axis=1), factor, months, moore])


def _slopes(
    days: Array, values: Array, taken: NDArray[np.bool_], confidence: Array | float
) -> tuple[Array, Array]:
    """Least squares through log2(values) in every row: slope a day and half its interval."""
    count = taken.sum(axis=1)
    x = _centred(np.broadcast_to(days, values.shape), taken, count)
    # From the first on, so that equal values are zeros, whose mean is not rounded.
    y = _centred(np.log2(values / values[:, :1]), taken, count)
    xx, yy, xy = ((a * b).sum(axis=1) for a, b in ((x, x), (y, y), (x, y)))
    slope = xy / xx
    unexplained = np.clip(1 - xy**2 / (xx * yy), 0, 1)
    error = np.sqrt(np.where(yy > 0, unexplained, 0) * yy / xx / (count - 2))
    t = stats.t.ppf(0.5 + np.asarray(confidence) / 2, np.maximum(count - 2, 1))
    return np.where((count >= FEWEST) & (xx > 0), slope, np.nan), t * error


def _centred(of: Array, taken: NDArray[np.bool_], count: NDArray[np.int64]) -> Array:
    mean = np.where(taken, of, 0).sum(axis=1) / count
    return np.where(taken, of - mean[:, None], 0.0)


def _growth(
    days: Array, values: Array, taken: NDArray[np.bool_], month: Array
) -> tuple[Array, Array]:
    """Factor and months from the earliest system to the largest."""
    count = len(values)
    if values.shape[1] == 0:
        return np.full(count, np.nan), np.full(count, np.nan)
    first = taken.argmax(axis=1)
    largest = np.where(taken, values, -np.inf).argmax(axis=1)
    rows = np.arange(count)
    return values[rows, largest] / values[rows, first], (days[largest] - days[first]) / month
