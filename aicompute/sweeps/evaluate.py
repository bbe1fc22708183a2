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
from aicompute.methods import BASIS, KEY, chip_time, chosen_methods, counted, estimates
from aicompute.sweeps.axes import Array, is_numeric
from aicompute.sweeps.plan import Plan
from aicompute.trend import FEWEST, fitted_systems
from aicompute.units import DAYS_PER_YEAR

Places = tuple[int, ...]

#: What is calculated for every setting, in the order of the columns.
RESULTS = (
    "doubling_time_months", "doubling_time_low", "doubling_time_high", "growth_per_year",
    "growth_per_year_low", "growth_per_year_high", "points", "growth_factor", "growth_months",
    "moore_factor",
)


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
        own = systems["value_from"].map(BASIS)
        both = pd.concat([counted(every), chip_time(every)])
        found = both.groupby(KEY, sort=False)[["pfs_days"]].sum()
        methods = {basis: chosen_methods(systems, basis, found, every) for basis in BASIS.values()}
        places = {(system_id, methods[basis][place], basis): place for place, (system_id, basis)
                  in enumerate(zip(systems["system_id"], own, strict=True)) if basis in methods}
        rows = [(places[key], float(row["pfs_days"]), _scales(row, every))
                for row in both.to_dict("records")
                if (key := tuple(row[name] for name in KEY)) in places]
        return cls(
            assumptions, (systems["date"] - pd.Timestamp(0)).dt.days.to_numpy(dtype=np.float64),
            systems["pfs_days"].where(own.isna(), 0.0).to_numpy(dtype=np.float64), tuple(rows))

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


def groups(plan: Plan) -> dict[Places, Group]:
    """Every group of a plan, by the places of its values that are no numbers."""
    others = [axis for axis in plan.axes if not axis.numeric]
    return {places: Group.of(parse_assumptions({**plan.fixed, **{
        axis.name: axis.given[place] for axis, place in zip(others, places, strict=True)}}))
        for places in np.ndindex(*(axis.size for axis in others))}


def evaluate(plan: Plan, known: Mapping[Places, Group], start: int, stop: int) -> Array:
    """The results of the settings from ``start`` up to ``stop``, one row a setting."""
    columns = plan.columns(start, stop)
    others = [columns[axis.name] for axis in plan.axes if not axis.numeric]
    found = np.empty((min(stop, plan.size) - start, len(RESULTS)))
    for places, group in known.items():
        here = np.ones(len(found), dtype=bool)
        for column, place in zip(others, places, strict=True):
            here &= column == place
        numbers = {name: columns[name][here] if name in columns
                   else getattr(group.assumptions, name)
                   for name in Assumptions.model_fields if is_numeric(name)}
        found[here] = _results(group, numbers, int(here.sum()))
    return found


def _results(group: Group, numbers: dict[str, Any], count: int) -> Array:
    values, days = group.values(numbers, count), group.days
    if not values.size:
        return np.where(np.array(RESULTS) == "points", 0, np.full((count, 1), np.nan))
    taken = np.ones(values.shape, dtype=bool)
    if group.assumptions.record_setters_only:
        highest = np.maximum.accumulate(values, axis=1)
        taken[:, 1:] = values[:, 1:] > highest[:, :-1]
    rows, first = np.arange(count), taken.argmax(axis=1)
    largest = np.where(taken, values, -np.inf).argmax(axis=1)
    factor = values[rows, largest] / values[rows, first]
    months = (days[largest] - days[first]) / numbers["days_per_month"]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope, half = _slopes(days, values, taken, numbers["confidence"])
        low, high = slope - half, slope + half
        times = [1 / s / numbers["days_per_month"] for s in (slope, high, np.maximum(low, 0))]
        growths = [np.exp2(s * DAYS_PER_YEAR) for s in (slope, low, high)]
        moore = np.exp2(months / numbers["moore_doubling_months"])
    return np.column_stack([*times, *growths, taken.sum(axis=1), factor, months, moore])


def _slopes(
    days: Array, values: Array, taken: NDArray[np.bool_], confidence: Array | float
) -> tuple[Array, Array]:
    """Least squares through log2(values) in every row: slope a day and half its interval."""
    def centred(of: Array) -> Array:
        mean = np.where(taken, of, 0).sum(axis=1) / count
        return np.where(taken, of - mean[:, None], 0.0)

    count = taken.sum(axis=1)
    # From the first on, so that equal values are zeros, whose mean is not rounded.
    x, y = centred(days), centred(np.log2(values / values[:, :1]))
    xx, yy, xy = ((a * b).sum(axis=1) for a, b in ((x, x), (y, y), (x, y)))
    slope = xy / xx
    unexplained = np.clip(1 - xy**2 / (xx * yy), 0, 1)
    error = np.sqrt(np.where(yy > 0, unexplained, 0) * yy / xx / (count - 2))
    t = stats.t.ppf(0.5 + np.asarray(confidence) / 2, np.maximum(count - 2, 1))
    return np.where((count >= FEWEST) & (xx > 0), slope, np.nan), t * error
