"""Log-linear fits: compute that doubles every so many months, with the interval of that claim."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

from aicompute.assumptions import Assumptions
from aicompute.units import doubling_time_days, growth_over, growth_per_year

SMALLEST_SAMPLE = 3


class FitError(ValueError):
    """Too few points, equal dates or a value not positive: there is nothing to fit."""


@dataclass(frozen=True)
class Fit:
    """An ordinary least-squares line through log2(pfs-days) against the date.

    Attributes
    ----------
    slope, slope_low, slope_high
        Doublings a day, with the interval of Student's t at ``confidence``.
    origin, level
        The mean date of the points and the line's log2(pfs-days) there.
    residual_log2
        Standard deviation of the points about the line, in doublings.
    """

    slope: float
    slope_low: float
    slope_high: float
    origin: pd.Timestamp
    level: float
    residual_log2: float
    spread_days: float
    r_squared: float
    points: int
    first: pd.Timestamp
    last: pd.Timestamp
    confidence: float
    days_per_month: float

    @property
    def doubling_time_months(self) -> float:
        """Months in which compute doubles; infinite where it stands still."""
        return math.inf if self.slope == 0 else doubling_time_days(self.slope) / self.days_per_month

    @property
    def doubling_time_low(self) -> float:
        """Shortest doubling time the interval of the slope allows, months."""
        if self.slope_high == 0:
            return math.inf
        return doubling_time_days(self.slope_high) / self.days_per_month

    @property
    def doubling_time_high(self) -> float:
        """Longest doubling time the interval allows, months; infinite where it holds no growth."""
        if self.slope_low <= 0:
            return math.inf
        return doubling_time_days(self.slope_low) / self.days_per_month

    @property
    def growth_per_year(self) -> float:
        """Factor of growth in a year."""
        return growth_per_year(self.slope)

    @property
    def growth_per_year_low(self) -> float:
        """Least factor of growth in a year that the interval allows."""
        return growth_per_year(self.slope_low)

    @property
    def growth_per_year_high(self) -> float:
        """Greatest factor of growth in a year that the interval allows."""
        return growth_per_year(self.slope_high)

    @property
    def residual_decades(self) -> float:
        """Standard deviation of the points about the line, in powers of ten."""
        return self.residual_log2 * math.log10(2)

    def line(self, dates: pd.Series) -> pd.DataFrame:
        """The line and its bands at the given dates.

        Returns
        -------
        DataFrame
            ``date``, ``pfs_days``; ``low``, ``high``: the interval of the line itself;
            ``point_low``, ``point_high``: the interval for one further system.
        """
        days = (dates - self.origin).dt.total_seconds() / 86_400
        middle = self.level + self.slope * days
        leverage = 1 / self.points + (days / self.spread_days) ** 2
        t = scipy.stats.t.ppf(0.5 + self.confidence / 2, self.points - 2)
        line_half = t * self.residual_log2 * np.sqrt(leverage)
        point_half = t * self.residual_log2 * np.sqrt(1 + leverage)
        doublings = {
            "pfs_days": middle,
            "low": middle - line_half, "high": middle + line_half,
            "point_low": middle - point_half, "point_high": middle + point_half,
        }
        # Of three points, the end of a band may lie beyond any number: infinite.
        with np.errstate(over="ignore"):
            return pd.DataFrame({"date": dates, **{n: np.exp2(d) for n, d in doublings.items()}})

    def at(self, date: pd.Timestamp) -> float:
        """The line's pfs-days on one date."""
        return float(self.line(pd.Series([date]))["pfs_days"].iloc[0])


def fit(
    dates: pd.Series,
    pfs_days: pd.Series,
    *,
    confidence: float = 0.95,
    days_per_month: float = 30.4375,
) -> Fit:
    """Fit a line to log2(pfs-days) against the date.

    Parameters
    ----------
    dates
        Dates of the points.
    pfs_days
        Their compute, pfs-days, all positive.
    confidence
        Share of the probability the intervals cover, 0 to 1.
    days_per_month
        Length of the month doubling times are given in, days.

    Raises
    ------
    FitError
        As :func:`refuse_no_trend`.
    """
    refuse_no_trend(dates, pfs_days)
    days = np.asarray((dates - dates.min()).dt.total_seconds() / 86_400, dtype=np.float64)
    values = np.asarray(pfs_days, dtype=np.float64)
    found = scipy.stats.linregress(days, np.log2(values))
    degrees = len(values) - 2
    # The library has no standard error for equal values, which lie on their line.
    half = scipy.stats.t.ppf(0.5 + confidence / 2, degrees) * np.nan_to_num(found.stderr)
    residuals = np.log2(values) - found.intercept - found.slope * days
    return Fit(
        slope=float(found.slope),
        slope_low=float(found.slope - half),
        slope_high=float(found.slope + half),
        origin=dates.min() + pd.Timedelta(days=float(days.mean())),
        level=float(np.log2(values).mean()),
        residual_log2=float(np.sqrt((residuals**2).sum() / degrees)),
        spread_days=float(np.sqrt(((days - days.mean()) ** 2).sum())),
        r_squared=float(found.rvalue**2),
        points=len(values),
        first=dates.min(),
        last=dates.max(),
        confidence=confidence,
        days_per_month=days_per_month,
    )


def refuse_no_trend(dates: pd.Series, pfs_days: pd.Series) -> None:
    """Refuse points that no line with a doubling time goes through, before any is sought.

    Raises
    ------
    FitError
        With fewer than three points, all on one date, or a value that is not positive.
    """
    # As arrays: a fit is made hundreds of times, and pandas takes longer to ask than to fit.
    days, values = dates.to_numpy(), pfs_days.to_numpy()
    if len(values) < SMALLEST_SAMPLE:
        raise FitError(f"a fit needs at least {SMALLEST_SAMPLE} points, got {len(values)}")
    if not (values > 0).all():
        raise FitError("a fit needs positive values of compute")
    if (days == days[0]).all():
        raise FitError("a fit needs points on different dates")


def fit_table(table: pd.DataFrame, assumptions: Assumptions, column: str = "pfs_days") -> Fit:
    """Fit the systems of a table by one of its columns, as the assumptions say."""
    known = table[table[column].notna()]
    return fit(
        known["date"],
        known[column],
        confidence=assumptions.confidence,
        days_per_month=assumptions.days_per_month,
    )


def fitted_systems(
    estimates: pd.DataFrame, assumptions: Assumptions, column: str = "pfs_days"
) -> pd.DataFrame:
    """The systems that the fit takes in: the chart's, less what the assumptions leave out."""
    since, until = pd.Timestamp(assumptions.since), pd.Timestamp(assumptions.until)
    taken = (estimates["set"] == "chart") & estimates[column].notna()
    taken &= estimates["date"].between(since, until)
    taken &= ~estimates["system_id"].isin(assumptions.without)
    if assumptions.without_alphabet:
        taken &= ~estimates["is_alphabet"]
    table = estimates[taken]
    if assumptions.record_setters_only:
        table = record_setters(table, column)
    return table.reset_index(drop=True)


def record_setters(table: pd.DataFrame, column: str = "pfs_days") -> pd.DataFrame:
    """The systems that took more compute than every earlier one; the first sets a record."""
    ordered = table.sort_values("date", kind="stable")
    return ordered[ordered[column] > ordered[column].cummax().shift(fill_value=0.0)]


@dataclass(frozen=True)
class Growth:
    """Growth from the earliest system to the largest: by how much, and over how long."""

    first: str
    largest: str
    factor: float
    months: float

    def moore(self, doubling_months: float) -> float:
        """Factor of Moore's law over the same stretch."""
        return growth_over(self.months, doubling_months)


def growth(table: pd.DataFrame, days_per_month: float, column: str = "pfs_days") -> Growth:
    """Growth from the earliest system of a table to its largest.

    Raises
    ------
    FitError
        If the table is empty.
    """
    if table.empty:
        raise FitError("no system is left to compare")
    first = table.sort_values("date", kind="stable").iloc[0]
    largest = table.loc[table[column].idxmax()]
    return Growth(
        first=str(first["system_id"]),
        largest=str(largest["system_id"]),
        factor=float(largest[column] / first[column]),
        months=(largest["date"] - first["date"]).days / days_per_month,
    )
