"""The fit: a straight line through log2(pfs-days) against the date, with its interval.

Where there is nothing to fit, the result is a trend of unknowns, so that a page whose assumptions
leave too few systems can say so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from aicompute.assumptions import Assumptions
from aicompute.recording import Interval
from aicompute.units import DAYS_PER_YEAR, doubling_time, growth_a_year

#: With fewer points a line has no interval.
FEWEST = 3
UNKNOWN = Interval(math.nan, math.nan, math.nan)


def doubling_times(slope: Interval, days_per_month: float) -> Interval:
    """Months in which a quantity doubles, from its doublings a day.

    Open above where the slope's interval holds zero; negative where it falls for sure.

    Examples
    --------
    >>> doubling_times(Interval(0.5, 0.25, 1.0), 1.0), doubling_times(Interval(0.5, -1, 1), 1.0)
    (Interval(value=2.0, low=1.0, high=4.0), Interval(value=2.0, low=1.0, high=inf))
    """
    value, low, high = (doubling_time(end, days_per_month) for end in slope)
    if slope.low > 0 or slope.high <= 0:
        return Interval(value, high, low)
    return Interval(value if slope.value > 0 else math.inf, high, math.inf)


@dataclass(frozen=True)
class Trend:
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
    points, first, last
        How many points, and their first and last date.
    """

    slope: Interval
    origin: pd.Timestamp
    level: float
    residual: float
    spread_days: float
    r_squared: float
    points: int
    first: pd.Timestamp
    last: pd.Timestamp
    confidence: float
    days_per_month: float

    @property
    def known(self) -> bool:
        """Whether there was something to fit."""
        return not math.isnan(self.slope.value)

    @property
    def doubling_time(self) -> Interval:
        """Months in which compute doubles; open above where the interval holds no growth."""
        return doubling_times(self.slope, self.days_per_month) if self.known else UNKNOWN

    @property
    def growth_per_year(self) -> Interval:
        """Factor of growth in a year of 365.25 days."""
        return Interval(*map(growth_a_year, self.slope)) if self.known else UNKNOWN

    def line(self, dates: pd.Series) -> pd.DataFrame:
        """The line and its bands at given dates, in pfs-days.

        Columns ``date``, ``pfs_days``; ``low``, ``high``: the interval of the line itself;
        ``point_low``, ``point_high``: the interval for one further system.
        """
        days = (dates - self.origin).dt.total_seconds() / 86_400
        middle = self.level + self.slope.value * days
        leverage = 1 / max(self.points, 1) + (days / self.spread_days) ** 2
        reach = stdtrit(self.points - 2, 0.5 + self.confidence / 2) * self.residual
        line, point = reach * np.sqrt(leverage), reach * np.sqrt(1 + leverage)
        doublings = {"pfs_days": middle, "low": middle - line, "high": middle + line,
                     "point_low": middle - point, "point_high": middle + point}
        # Of three points, the end of a band may lie beyond any number: infinite.
        with np.errstate(over="ignore"):
            return pd.DataFrame({"date": dates, **{n: np.exp2(d) for n, d in doublings.items()}})

    def at(self, date: pd.Timestamp) -> float:
        """The line's pfs-days on one date."""
        return float(self.line(pd.Series([date]))["pfs_days"].iloc[0])


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
    dates, pfs_days = dates[has], pfs_days[has]
    points = len(dates)
    start = dates.min()
    days = np.asarray((dates - start).dt.total_seconds() / 86_400, dtype=np.float64)
    log2 = np.log2(np.asarray(pfs_days, dtype=np.float64))
    if points < FEWEST or (days == days[0]).all():
        slope, r_squared, residual = UNKNOWN, math.nan, math.nan
        origin, level, spread = start, math.nan, math.nan
    else:
        # The mean of equal values is rounded, and would leave a slope; that of zeros is exact.
        base = log2[0] if (log2 == log2[0]).all() else 0.0
        log2 = log2 - base
        from scipy import stats  # half a second, which a sweep does without

        found = stats.linregress(days, log2)
        left = log2 - found.intercept - found.slope * days
        residual = float(np.sqrt((left**2).sum() / (points - 2)))
        spread = float(np.sqrt(((days - days.mean()) ** 2).sum()))
        # Not the library's standard error, which is none where all values are equal.
        half = stdtrit(points - 2, 0.5 + confidence / 2) * residual / spread
        slope = Interval(float(found.slope), float(found.slope - half), float(found.slope + half))
        r_squared = float(found.rvalue**2)
        origin, level = start + pd.Timedelta(days=float(days.mean())), float(base + log2.mean())
    return Trend(slope, origin, level, residual, spread, r_squared, points, start, dates.max(),
                 confidence, days_per_month)


def fit(systems: pd.DataFrame, assumptions: Assumptions, column: str = "pfs_days") -> Trend:
    """Fit one column of a table of systems against ``date``, as the assumptions say."""
    return fit_trend(systems["date"], systems[column], assumptions.confidence,
                     assumptions.days_per_month)


def fitted_systems(
    estimates: pd.DataFrame, assumptions: Assumptions, column: str = "pfs_days"
) -> pd.DataFrame:
    """The systems that the headline fit takes in: the chart's, less what is left out.

    Parameters
    ----------
    estimates, column
        As :func:`aicompute.estimates` gives them; the value that has to be there.
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
