"""The trend under many settings at once: arrays where the report has one number.

Settings that differ in numbers alone share a group: the systems of its fit, and the rows that their
values come from. A value is a sum of products, so another utilization, or another number of passes,
scales the part of it that it enters.
"""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from aicompute.assumptions import Assumptions, parse_assumptions
from aicompute.methods import KEY, chip_time, counted, estimates, rating, value_keys
from aicompute.sweeps.plan import Array, Plan, is_numeric
from aicompute.trend import FEWEST, fitted_systems
from aicompute.units import DAYS_PER_YEAR

Places = tuple[int, ...]

#: Settings in one piece: the same wherever a sweep runs, so that its bits are the same too.
CHUNK = 8192
#: What is calculated for every setting, in the order of the columns.
RESULTS = (
    "doubling_time_months", "doubling_time_low", "doubling_time_high", "growth_per_year",
    "growth_per_year_low", "growth_per_year_high", "points", "growth_factor", "growth_months",
    "moore_factor",
)
#: Whatever these are, a fit may take in the same systems; which of them set a record depends on
#: numbers, and is left open until those are known.
_SAME_SYSTEMS = ("record_setters_only", "method", "chip_rating", "utilization_from")


class Group(NamedTuple):
    """What settings that differ in numbers alone have in common.

    ``days`` are the dates of the systems that the fit may take in, ascending; ``parts``, by the
    assumptions that a part of a value is proportional to, divided by spaces: that part of every
    system's value where each of these is 1, pfs-days.
    """

    assumptions: Assumptions
    days: Array
    parts: dict[str, Array]


def groups(plan: Plan) -> dict[Places, Group]:
    """Every group of a plan, by the places of its values that are no numbers."""
    others = [axis for axis in plan.axes if not is_numeric(axis.name)]
    default, found = Assumptions(), {}
    of_systems, of_rows = cache(_systems), cache(_rows)  # many groups have the same
    for places in np.ndindex(*(axis.size for axis in others)):
        varied = {axis.name: axis.given[place] for axis, place in zip(others, places, strict=True)}
        assumptions = parse_assumptions({**plan.fixed, **varied})
        systems = of_systems(assumptions.model_copy(update={
            name: getattr(default, name) for name in _SAME_SYSTEMS}))
        rows = of_rows(assumptions.utilization_from, assumptions.chip_rating)
        rows = rows.reindex(value_keys(systems, assumptions)).fillna(0.0)
        parts = {str(scale): part.to_numpy(dtype=np.float64) for scale, part in rows.items()}
        published = systems["pfs_days"].where(systems["value_from"] == "published", 0.0)
        parts[""] = parts.get("", 0.0) + published.to_numpy()
        days = (systems["date"] - pd.Timestamp(0)).dt.days
        found[places] = Group(assumptions, days.to_numpy(np.float64), parts)
    return found


def _systems(assumptions: Assumptions) -> pd.DataFrame:
    return fitted_systems(estimates(assumptions), assumptions)


def _rows(utilization_from: str, chip_rating: str) -> pd.DataFrame:
    """Both methods' sums by KEY, a column for each of ``Group.parts``."""
    default = Assumptions()
    one = counted(default)
    one["scale"] = np.where(one["passes_assumed"], "operations_per_multiply_add passes_per_example",
                            "operations_per_multiply_add")
    two = chip_time(default.model_copy(update={"utilization_from": utilization_from}))
    two["pfs_days"] *= rating(two, chip_rating) / two["tflop_per_second"]
    # The article's rows have a utilization of its own.
    assumed = two["utilization_assumed"] & (two["basis"] != "article")
    two["scale"] = np.where(assumed, two["kind"] + "_utilization", "")
    columns = [*KEY, "scale", "pfs_days"]
    sums = pd.concat([one[columns], two[columns]]).groupby([*KEY, "scale"])["pfs_days"].sum()
    parts = sums.unstack("scale", fill_value=0.0)
    return parts / [math.prod(getattr(default, name) for name in scale.split())
                    for scale in parts]


def evaluate(plan: Plan, known: Mapping[Places, Group], start: int) -> Array:
    """The results of the chunk of settings that begins at ``start``, settings x RESULTS."""
    columns = plan.columns(start, start + CHUNK)
    others = [columns[axis.name] for axis in plan.axes if not is_numeric(axis.name)]
    found = np.empty((min(CHUNK, plan.size - start), len(RESULTS)))
    for places, group in known.items():
        here = np.ones(len(found), dtype=bool)
        for column, place in zip(others, places, strict=True):
            here &= column == place
        if not here.any():
            continue
        numbers = {name: columns[name][here] if name in columns
                   else getattr(group.assumptions, name)
                   for name in Assumptions.model_fields if is_numeric(name)}
        found[here] = _results(group, numbers, int(here.sum()))
    return found


def _results(group: Group, numbers: dict[str, Any], count: int) -> Array:
    days, values = group.days, np.zeros((count, len(group.days)))
    for scale, part in group.parts.items():
        values += np.reshape(math.prod(numbers[n] for n in scale.split()), (-1, 1)) * part
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
    t = stdtrit(np.maximum(count - 2, 1), 0.5 + np.asarray(confidence) / 2)
    return np.where((count >= FEWEST) & (xx > 0), slope, np.nan), t * error
