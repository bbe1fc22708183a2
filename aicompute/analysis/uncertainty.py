"""How sure a number is: random draws of the inputs carried to every system and to the trend.

What is correlated is said in :mod:`aicompute.analysis.draws`. The sampling of systems is
independent of the errors of their inputs.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pandas as pd

from aicompute import trend
from aicompute.analysis.draws import Array, Draws, Interval
from aicompute.methods.calculations import Calculation
from aicompute.methods.estimates import BASIS_OF, chosen_calculation
from aicompute.study import Study
from aicompute.trend import FitError
from aicompute.units import SECONDS_PER_DAY, doubling_time_days


@lru_cache(maxsize=16)
def draws(study: Study) -> Draws:
    """The draws of a study, made once."""
    return Draws(study.assumptions)


def calculation_interval(study: Study, calculation: Calculation) -> Interval:
    """A calculation with the central interval of its draws, pfs-days."""
    return _central(calculation.pfs_days, draws(study).calculation(calculation), study)


def system_draws(study: Study, table: pd.DataFrame, errors_drawn: str = "") -> Array:
    """Draws of the chosen value of every system of a table, samples x systems, pfs-days.

    Parameters
    ----------
    errors_drawn
        What the errors have in common; as the assumptions say unless given.
    """
    drawn = draws(study).with_errors(errors_drawn or study.assumptions.errors_drawn)
    columns = [_chosen_draws(study, drawn, {str(k): v for k, v in row.items()})
               for row in table.to_dict("records")]
    return np.column_stack(columns)


def system_intervals(study: Study, values: str | None = None) -> pd.DataFrame:
    """Every system that has a value, with the central interval of its draws.

    Parameters
    ----------
    values
        Which values; those of the assumptions unless given.

    Returns
    -------
    DataFrame
        ``system_id``, ``pfs_days``, ``low``, ``high``, ``value_from``.
    """
    table = study.estimates_by(values or study.assumptions.values)
    table = table[table["pfs_days"].notna()].reset_index(drop=True)
    found = [
        _central(value, drawn, study)
        for value, drawn in zip(table["pfs_days"], system_draws(study, table).T, strict=True)
    ]
    return table[["system_id", "pfs_days", "value_from"]].assign(
        low=[interval.low for interval in found], high=[interval.high for interval in found]
    )


def doubling_time(
    study: Study, values: str, *, inputs: bool = True, sampling: bool = True,
    errors_drawn: str = "",
) -> Interval:
    """The doubling time with its interval from erring inputs, from the sample, or from both.

    Parameters
    ----------
    values
        Which values of the systems are fitted.
    inputs
        Whether the inputs err: each draw fits drawn values.
    sampling
        Whether other systems might have been published: each draw fits the systems drawn with
        replacement (the pairs bootstrap), so an error goes with its date.
    errors_drawn
        What the errors have in common; as the assumptions say unless given.

    Returns
    -------
    Interval
        Months; the high end is infinite where the interval of the slope holds no growth.
    """
    table = study.fitted_by(values)
    found = study.fit_by(values)
    logs = np.log2(np.asarray(table["pfs_days"], dtype=np.float64))[None, :]
    if inputs:
        logs = _log2_draws(study, values, errors_drawn)
    weights = resampling_weights(draws(study), len(table)) if sampling else None
    days = np.asarray((table["date"] - table["date"].min()).dt.total_seconds() / SECONDS_PER_DAY)
    per_day = slopes(days, logs, weights)
    low, high = _ends(per_day, study.assumptions.confidence)
    month = study.assumptions.days_per_month
    return Interval(
        found.doubling_time_months,
        doubling_time_days(high) / month if high > 0 else math.inf,
        doubling_time_days(low) / month if low > 0 else math.inf,
    )


@lru_cache(maxsize=32)
def _log2_draws(study: Study, values: str, errors_drawn: str) -> Array:
    return np.log2(system_draws(study, study.fitted_by(values), errors_drawn))


def resampling_weights(drawn: Draws, points: int) -> Array:
    """How often each of the points is drawn in each resample, samples x points."""
    random = drawn.generator("systems, with replacement")
    shares = np.full(points, 1 / points)
    return random.multinomial(points, shares, size=drawn.assumptions.samples).astype(np.float64)


def slopes(days: Array, log2_values: Array, weights: Array | None = None) -> Array:
    """Least-squares slope of every sample: of drawn values, of drawn systems, or of both.

    Parameters
    ----------
    days
        Dates of the points, days.
    log2_values
        Samples x points, or 1 x points where the values stay as they are.
    weights
        How often each point counts, samples x points; once each unless given.

    Returns
    -------
    array
        Doublings a day, one a sample; not a number where a resample has one date only.

    Raises
    ------
    FitError
        With fewer than three points, or values that are not finite.
    """
    if len(days) < trend.SMALLEST_SAMPLE or not np.isfinite(log2_values).all():
        raise FitError(f"slopes need {trend.SMALLEST_SAMPLE} points and positive values")
    x = days - days.mean()
    w = np.ones((1, len(x))) if weights is None else weights
    total = w.sum(axis=1)
    mean = (w @ x) / total
    spread = w @ x**2 - total * mean**2
    moment = (w * log2_values) @ x - mean * (w * log2_values).sum(axis=1)
    one_date = spread <= 1e-9 * float(x @ x)
    return np.where(one_date, np.nan, moment / np.where(one_date, 1.0, spread))


def _chosen_draws(study: Study, drawn: Draws, row: dict[str, object]) -> Array:
    basis = BASIS_OF.get(str(row["value_from"]))
    chosen = None if basis is None else chosen_calculation(
        row, basis, study.calculations, study.assumptions
    )
    if chosen is None:
        value, early = float(row["pfs_days"]), row["set"] == "before_2012"  # type: ignore[arg-type]
        return drawn.published(str(row["system_id"]), value, before_2012=early)
    return drawn.calculation(chosen)


def _central(value: float, drawn: Array, study: Study) -> Interval:
    return Interval(value, *_ends(drawn, study.assumptions.confidence))


def _ends(drawn: Array, confidence: float) -> tuple[float, float]:
    low, high = np.nanquantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return float(low), float(high)
