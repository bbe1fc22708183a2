"""Slopes that a single far point cannot pull away: Theil-Sen and Huber, beside least squares."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from aicompute.analysis.draws import Array
from aicompute.assumptions import Assumptions
from aicompute.trend import Fit
from aicompute.units import SECONDS_PER_DAY, doubling_time_days


@dataclass(frozen=True)
class Doubling:
    """A doubling time with its interval, months; an open end is infinite."""

    months: float
    low: float
    high: float


def of_fit(fit: Fit) -> Doubling:
    """The doubling time of a least-squares fit."""
    return Doubling(fit.doubling_time_months, fit.doubling_time_low, fit.doubling_time_high)


def theil_sen(table: pd.DataFrame, assumptions: Assumptions) -> Doubling:
    """The doubling time of the median of the slopes between every two systems."""
    days, logs = _points(table)
    found = stats.theilslopes(logs, days, alpha=assumptions.confidence)
    return _doubling(found.slope, found.low_slope, found.high_slope, assumptions)


def huber(table: pd.DataFrame, assumptions: Assumptions) -> Doubling:
    """The doubling time where a system counts less the further it lies from the line (Huber)."""
    with warnings.catch_warnings():
        # Its import warns of other packages' deprecations. Only pages that need it load it, and of
        # the package only these two modules: all of it takes three times as long.
        warnings.simplefilter("ignore")
        from statsmodels.robust.norms import HuberT
        from statsmodels.robust.robust_linear_model import RLM
    days, logs = _points(table)
    scaled = (days - days.mean()) / days.std()
    design = np.column_stack([np.ones_like(scaled), scaled])
    found = RLM(logs, design, M=HuberT()).fit()
    low, high = found.conf_int(alpha=1 - assumptions.confidence)[1] / days.std()
    return _doubling(found.params[1] / days.std(), low, high, assumptions)


def _points(table: pd.DataFrame) -> tuple[Array, Array]:
    days = np.asarray((table["date"] - table["date"].min()).dt.total_seconds() / SECONDS_PER_DAY)
    return days, np.log2(np.asarray(table["pfs_days"], dtype=np.float64))


def _doubling(slope: float, low: float, high: float, assumptions: Assumptions) -> Doubling:
    month = assumptions.days_per_month
    return Doubling(
        doubling_time_days(float(slope)) / month,
        doubling_time_days(float(high)) / month if high > 0 else math.inf,
        doubling_time_days(float(low)) / month if low > 0 else math.inf,
    )
