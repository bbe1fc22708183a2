"""The fit: a straight line through base-2 logarithms against the date, with its interval.

Where there is nothing to fit, the result is a line of unknowns, so that a page whose assumptions
leave too few systems can say so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from aicompute.assumptions import Assumptions
from aicompute.recording import Interval
from aicompute.units import DAYS_PER_YEAR, SECONDS_PER_DAY

Array = NDArray[np.float64]

#: With fewer points a line has no interval.
FEWEST = 3
UNKNOWN = Interval(math.nan, math.nan, math.nan)


def doubling_times(slope: Interval, days_per_month: float) -> Interval:
    """Months in which a quantity doubles, from its doublings a day.

    Open above where the slope's interval holds zero; negative, the time in which it halves, where
    it falls for sure.

    >>> doubling_times(Interval(0.5, 0.25, 1.0), 1.0), doubling_times(Interval(0.5, -1, 1), 1.0)
    (Interval(value=2.0, low=1.0, high=4.0), Interval(value=2.0, low=1.0, high=inf))
    """
    value, low, high = (math.inf if end == 0 else 1 / end / days_per_month for end in slope)
    if slope.low > 0 or slope.high <= 0:
        return Interval(value, high, low)
    return Interval(value if slope.value > 0 else math.inf, high, math.inf)


def days_after(origin: pd.Timestamp, dates: pd.Series) -> Array:
    """Days from a date to others."""
    return np.asarray((dates - origin).dt.total_seconds() / SECONDS_PER_DAY, dtype=np.float64)


def reach(confidence: float, degrees: int) -> float:
    """Standard errors from the middle of an interval of Student's t to its end."""
    return float(stdtrit(degrees, 0.5 + confidence / 2))


def by_date(dates: pd.Series, **log2: Array) -> pd.DataFrame:
    """Dates beside the values of some base-2 logarithms; one beyond any number is infinite."""
    with np.errstate(over="ignore"):
        return pd.DataFrame({"date": dates, **{name: np.exp2(of) for name, of in log2.items()}})


@dataclass(frozen=True)
class Line:
    """A least-squares line through base-2 logarithms against the date; see :class:`Trend`."""

    points: int
    degrees: int
    first: pd.Timestamp
    last: pd.Timestamp
    confidence: float
    slope: Interval = UNKNOWN
    origin: pd.Timestamp = pd.NaT
    level: float = math.nan
    residual: float = math.nan
    spread_days: float = math.nan
    r_squared: float = math.nan

    @classmethod
    def through(
        cls, dates: pd.Series, log2: Array, confidence: float, mine: Any = True,
        slope: float | None = None, **more: Any,
    ) -> Self:
        """The line through some points, or one of unknowns where they are too few.

        ``mine`` says which points the level is of; the others have a level of their own and share
        the slope. A ``slope`` that is stated, in doublings a day, has no interval.
        """
        first, last = dates.min(), dates.max()
        days = days_after(first, dates)
        mine = np.broadcast_to(mine, len(days))
        mine = mine if mine.any() else ~mine
        # From the first on, so that equal values are zeros, whose mean is not rounded.
        x, y = days.copy(), log2 - (log2[0] if len(log2) else 0.0)
        groups = [group for group in (mine, ~mine) if group.any()]
        for group in groups:
            x[group] -= x[group].mean()
            y[group] -= y[group].mean()
        degrees, spread = len(days) - len(groups) - (slope is None), math.sqrt(x @ x)
        line = cls(int(mine.sum()), degrees, first, last, confidence, **more)
        if degrees < 1 or spread == 0:
            return line
        if slope is None:
            slope = float(x @ y) / spread**2
        else:
            spread = math.inf
        left = y - slope * x
        residual = math.sqrt(left @ left / degrees)
        half = reach(confidence, degrees) * residual / spread
        return replace(
            line, slope=Interval(slope, slope - half, slope + half),
            origin=first + pd.Timedelta(days=days[mine].mean()), level=float(log2[mine].mean()),
            residual=residual, spread_days=spread,
            r_squared=1 - left @ left / (y @ y) if y.any() else 0.0)

    @property
    def known(self) -> bool:
        """Whether there was something to fit."""
        return not math.isnan(self.slope.value)

    def log2_at(self, dates: pd.Series) -> tuple[Array, Array]:
        """The line's base-2 logarithms on some dates, and their standard errors."""
        days = days_after(self.origin, dates)
        leverage = 1 / max(self.points, 1) + (days / self.spread_days) ** 2
        return self.level + self.slope.value * days, self.residual * np.sqrt(leverage)


@dataclass(frozen=True)
class Trend(Line):
    """An ordinary least-squares line through log2(pfs-days) against the date.

    Attributes
    ----------
    slope
        Doublings a day, with the interval of Student's t at ``confidence``; NaN where unknown.
    origin, level
        The mean date of the points and the line's log2(pfs-days) there.
    residual
        Standard deviation of the points about the line, in doublings.
    spread_days
        Square root of the summed squared distances of the dates from their mean, days.
    r_squared
        Share of the variance of the logarithms that the date explains.
    points, degrees, first, last
        How many points, the degrees of freedom they leave, and their first and last date.
    """

    days_per_month: float = DAYS_PER_YEAR / 12

    @property
    def doubling_time(self) -> Interval:
        """Months in which compute doubles; open above where the interval holds no growth."""
        return doubling_times(self.slope, self.days_per_month) if self.known else UNKNOWN

    @property
    def growth_per_year(self) -> Interval:
        """Factor of growth in a year of 365.25 days."""
        with np.errstate(over="ignore"):
            return Interval(*np.exp2(np.multiply(self.slope, DAYS_PER_YEAR)).tolist())

    def line(self, dates: pd.Series) -> pd.DataFrame:
        """The line and its bands at given dates, in pfs-days.

        Columns ``date``, ``pfs_days``; ``low``, ``high``: the interval of the line itself;
        ``point_low``, ``point_high``: the interval for one further system.
        """
        middle, error = self.log2_at(dates)
        t = reach(self.confidence, self.degrees)
        line, point = t * error, t * np.hypot(error, self.residual)
        return by_date(dates, pfs_days=middle, low=middle - line, high=middle + line,
                       point_low=middle - point, point_high=middle + point)


def fit_trend(
    dates: pd.Series, pfs_days: pd.Series, confidence: float = 0.95,
    days_per_month: float = DAYS_PER_YEAR / 12,
) -> Trend:
    """Fit a line to log2(pfs-days) against the date.

    Parameters
    ----------
    dates, pfs_days
        The points; one whose compute is missing is left out.
    confidence
        Share of the probability that the intervals cover, 0 to 1.
    days_per_month
        Length of the month in which doubling times are given, days.

    Returns
    -------
    Trend
        Of unknowns with fewer than three points, or all on one date.

    Examples
    --------
    Compute that doubles every year:

    >>> dates = pd.Series(pd.to_datetime(["2012-01-01", "2013-01-01", "2014-01-01"]))
    >>> round(fit_trend(dates, pd.Series([1.0, 2.0, 4.0])).doubling_time.value, 1)
    12.0
    """
    has = pfs_days.notna().to_numpy()
    log2 = np.log2(pfs_days[has].to_numpy(dtype=np.float64))
    return Trend.through(dates[has], log2, confidence, days_per_month=days_per_month)


def fit(systems: pd.DataFrame, assumptions: Assumptions, column: str = "pfs_days") -> Trend:
    """Fit one column of a table of systems against ``date``, as the assumptions say."""
    return fit_trend(systems["date"], systems[column], assumptions.confidence,
                     assumptions.days_per_month)


def fitted_systems(
    estimates: pd.DataFrame, assumptions: Assumptions, column: str = "pfs_days"
) -> pd.DataFrame:
    """The systems that the headline fit takes in: the chart's, less what is left out.

    They are rows of :func:`aicompute.estimates` that have a value in ``column``.
    """
    since, until = pd.Timestamp(assumptions.since), pd.Timestamp(assumptions.until)
    taken = (estimates["set"] == "chart") & estimates[column].notna()
    taken &= estimates["date"].between(since, until)
    taken &= ~estimates["system_id"].isin(assumptions.without)
    taken &= ~(estimates["is_alphabet"] & assumptions.without_alphabet)
    systems = estimates[taken]
    if assumptions.record_setters_only:
        systems = record_setters(systems, column)
    return systems.reset_index(drop=True)


def record_setters(systems: pd.DataFrame, column: str = "pfs_days") -> pd.DataFrame:
    """The systems that took more compute than every earlier one; the first sets a record."""
    ordered = systems.sort_values("date", kind="stable")
    return ordered[ordered[column] > ordered[column].cummax().shift(fill_value=0.0)]
