"""The trend under many settings at once: arrays where the report has one number.

Settings that differ in numbers alone share one study; their numbers go into its factors as arrays.
A test holds every result to that of the study of the one setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from aicompute.assumptions import parse_assumptions
from aicompute.dataset import Dataset
from aicompute.methods.calculations import Calculation
from aicompute.methods.estimates import BASIS_OF, chosen_calculation
from aicompute.study import Study
from aicompute.sweeps.axes import is_numeric
from aicompute.sweeps.plan import Columns, Plan
from aicompute.trend import SMALLEST_SAMPLE, fitted_systems
from aicompute.units import DAYS_PER_YEAR, pfs_days_from_flop

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

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
    constants, calculations
        The value of a system, or the calculation that its value comes from.
    """

    study: Study
    days: Array
    constants: Array
    calculations: tuple[Calculation | None, ...]

    def values(self, numbers: dict[str, Array], count: int) -> Array:
        """Every system's value under every setting, pfs-days."""
        values = np.broadcast_to(self.constants, (count, len(self.constants))).copy()
        for i, calculation in enumerate(self.calculations):
            if calculation is not None:
                values[:, i] = _pfs_days(calculation, numbers)
        return values


class Evaluator:
    """Calculates settings of a plan from a dataset; keeps what many settings share."""

    def __init__(self, plan: Plan, dataset: Dataset) -> None:
        self.plan = plan
        self.dataset = dataset
        self._groups: dict[tuple[int, ...], Group] = {}

    def results(self, start: int, stop: int) -> Array:
        """The results of the settings from ``start`` up to ``stop``, one row a setting."""
        columns = self.plan.columns(start, stop)
        count = min(stop, self.plan.size) - start
        others = [axis.name for axis in self.plan.axes if not axis.numeric]
        keys = np.column_stack([np.zeros(count, dtype=np.int64), *(columns[n] for n in others)])
        distinct, of = np.unique(keys, axis=0, return_inverse=True)
        found = np.full((count, len(RESULTS)), np.nan)
        for number, key in enumerate(distinct):
            here = of.reshape(-1) == number
            group = self._group(tuple(int(place) for place in key[1:]))
            numbers = _numbers(group.study, columns, here)
            found[here] = _evaluate(group, numbers, int(here.sum()))
        return found

    def _group(self, key: tuple[int, ...]) -> Group:
        if key not in self._groups:
            others = [axis for axis in self.plan.axes if not axis.numeric]
            chosen = {a.name: a.values[place] for a, place in zip(others, key, strict=True)}
            self._groups[key] = make_group(
                Study(self.dataset, parse_assumptions({**self.plan.fixed, **chosen}))
            )
        return self._groups[key]


def make_group(study: Study) -> Group:
    """The systems that a study's fit may take in, with where their values come from."""
    # Which of them set a record depends on the numbers, so it is left open here.
    every = study.assumptions.model_copy(update={"record_setters_only": False})
    table = fitted_systems(study.estimates, every)
    rows = table.to_dict("records")
    return Group(
        study=study,
        days=np.asarray((table["date"] - pd.Timestamp(0)).dt.days, dtype=np.float64),
        constants=np.asarray(table["pfs_days"], dtype=np.float64),
        calculations=tuple(_calculation(study, row) for row in rows),
    )


def _calculation(study: Study, row: dict[str, Any]) -> Calculation | None:
    basis = BASIS_OF.get(row["value_from"])
    if basis is None:
        return None
    return chosen_calculation(row, basis, study.calculations, study.assumptions)


def _numbers(study: Study, columns: Columns, here: Mask) -> dict[str, Array]:
    """Every number among the assumptions: an array where it varies, else what the study has."""
    return {
        name: columns[name][here] if name in columns else getattr(study.assumptions, name)
        for name in type(study.assumptions).model_fields if is_numeric(name)
    }


def _pfs_days(calculation: Calculation, numbers: dict[str, Array]) -> Array:
    phases = [
        phase.flop(**{f.name: numbers[f.assumption] for f in phase.factors
                      if f.assumption in numbers})
        for phase in calculation.phases
    ]
    return pfs_days_from_flop(np.asarray(sum(phases)))


def _evaluate(group: Group, numbers: dict[str, Array], count: int) -> Array:
    values = group.values(numbers, count)
    taken = np.ones(values.shape, dtype=bool)
    if group.study.assumptions.record_setters_only:
        taken = _records(values)
    month = np.broadcast_to(numbers["days_per_month"], count)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope, half = _slopes(group.days, values, taken, numbers["confidence"])
        fits = np.column_stack([
            1 / slope / month, 1 / (slope + half) / month, _unbounded(1 / (slope - half)) / month,
            *(np.exp2(s * DAYS_PER_YEAR) for s in (slope, slope - half, slope + half)),
        ])
        factor, months = _growth(group.days, values, taken, month)
        moore = np.exp2(months / numbers["moore_doubling_months"])
    points = taken.sum(axis=1)
    return np.column_stack([fits, points, factor, months, moore])


def _records(values: Array) -> Mask:
    """Which systems took more compute than every earlier one."""
    if values.shape[1] == 0:
        return np.ones(values.shape, dtype=bool)
    highest = np.maximum.accumulate(values, axis=1)
    before = np.column_stack([np.zeros(len(values)), highest[:, :-1]])
    return np.asarray(values > before)


def _slopes(
    days: Array, values: Array, taken: Mask, confidence: Array | float
) -> tuple[Array, Array]:
    """Least squares through log2(values) in every row: slope a day and half its interval."""
    logs = np.log2(values)
    count = taken.sum(axis=1)
    x = _centred(np.broadcast_to(days, values.shape), taken, count)
    y = _centred(logs, taken, count)
    xx, yy, xy = ((a * b).sum(axis=1) for a, b in ((x, x), (y, y), (x, y)))
    slope = xy / xx
    unexplained = np.clip(1 - xy**2 / (xx * yy), 0, 1)
    error = np.sqrt(np.where(yy > 0, unexplained, 0) * yy / xx / (count - 2))
    t = stats.t.ppf(0.5 + np.asarray(confidence) / 2, np.maximum(count - 2, 1))
    possible = (count >= SMALLEST_SAMPLE) & (xx > 0) & (slope != 0)
    positive = np.where(taken, values > 0, True).all(axis=1)
    slope = np.where(possible & positive, slope, np.nan)
    return slope, t * error


def _centred(of: Array, taken: Mask, count: NDArray[np.int64]) -> Array:
    mean = np.where(taken, of, 0).sum(axis=1) / count
    return np.where(taken, of - mean[:, None], 0.0)


def _unbounded(days: Array) -> Array:
    """A doubling time is unbounded where its interval holds no growth."""
    return np.where(days <= 0, np.inf, days)


def _growth(days: Array, values: Array, taken: Mask, month: Array) -> tuple[Array, Array]:
    """Factor and months from the earliest system to the largest."""
    count = len(values)
    if values.shape[1] == 0:
        return np.full(count, np.nan), np.full(count, np.nan)
    first = taken.argmax(axis=1)
    largest = np.where(taken, values, -np.inf).argmax(axis=1)
    rows = np.arange(count)
    return values[rows, largest] / values[rows, first], (days[largest] - days[first]) / month
