"""What compute costs: the rating a dollar buys over time, and the price of a run's chips.

cost of the chips = compute / (days x utilization) / rating per dollar on that day

The price is the one of buying every chip. Written off over some years of use, a run bears only
its days of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from aicompute.assumptions import Assumptions
from aicompute.dataset import Dataset
from aicompute.trend import Fit, FitError
from aicompute.units import (
    DAYS_PER_YEAR,
    FLOP_PER_SECOND_PER_PETAFLOP,
    FLOP_PER_SECOND_PER_TERAFLOP,
)

#: First words of the names of cards sold for games; the others are sold for data centres.
CONSUMER_LINES = ("GeForce", "Titan")
SMALLEST_SAMPLE = 4
#: How far ahead a date is looked for, years; beyond it the answer is: not in our time.
HORIZON_YEARS = 200.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PriceTrend:
    """log2 of the FLOP/s a dollar buys: a level for each market and one slope for both.

    Attributes
    ----------
    slope, slope_low, slope_high
        Doublings a day, with the interval of Student's t.
    level
        log2(FLOP/s per dollar) at ``origin`` in the chosen market.
    variance
        Covariance of ``level`` and ``slope``.
    """

    slope: float
    slope_low: float
    slope_high: float
    level: float
    origin: pd.Timestamp
    variance: tuple[tuple[float, float], tuple[float, float]]
    degrees: int
    points: int
    r_squared: float
    confidence: float

    @property
    def doubling_time_years(self) -> float:
        """Years in which a dollar comes to buy twice the rating."""
        return 1 / self.slope / DAYS_PER_YEAR

    @property
    def growth_per_year(self) -> float:
        """Factor by which the rating of a dollar grows in a year."""
        return float(np.exp2(self.slope * DAYS_PER_YEAR))

    def log2_at(self, days: Array | float) -> Array | float:
        """log2(FLOP/s per dollar), ``days`` after the origin."""
        return self.level + self.slope * days

    def error_at(self, days: Array | float) -> Array | float:
        """Standard error of the line there, in doublings."""
        (level, both), (_, slope) = self.variance
        return np.sqrt(level + 2 * both * days + slope * days**2)

    def days(self, date: pd.Timestamp) -> float:
        """Days from the origin to a date."""
        return (date - self.origin).total_seconds() / 86_400

    def at(self, date: pd.Timestamp) -> tuple[float, float, float]:
        """FLOP/s per dollar on a date: the line, and the ends of its interval."""
        days = self.days(date)
        half = stats.t.ppf(0.5 + self.confidence / 2, self.degrees) * self.error_at(days)
        middle = self.log2_at(days)
        return float(2**middle), float(2 ** (middle - half)), float(2 ** (middle + half))


def priced_chips(dataset: Dataset, assumptions: Assumptions) -> pd.DataFrame:
    """The graphics cards with a known price and what a dollar of each buys.

    A card listed at two number formats counts once, at the rating the assumption names; guessed
    prices are left out.

    Returns
    -------
    DataFrame
        ``chip_id``, ``name``, ``date``, ``price_usd``, ``flop_per_second``, ``per_dollar``,
        ``market`` (data_centre or consumer), ``source_key``.
    """
    chips = dataset.frame("chips")
    guessed = chips["guessed"].fillna("").str.contains("launch_price_usd")
    chips = chips[(chips["kind"] == "gpu") & chips["launch_price_usd"].notna() & ~guessed]
    if assumptions.price_chips == "fp32":
        chips = chips[chips["number_format"] == "fp32"]
    order = {"article": ("article", "base", "boost"), "base": ("base", "boost", "article"),
             "boost": ("boost", "base", "article")}[assumptions.chip_rating]
    rating = chips[[f"{name}_tflop_per_second" for name in order]].bfill(axis=1).iloc[:, 0]
    rate = rating * FLOP_PER_SECOND_PER_TERAFLOP
    table = pd.DataFrame({
        "chip_id": chips["chip_id"], "name": chips["name"], "date": chips["released"],
        "price_usd": chips["launch_price_usd"], "flop_per_second": rate,
        "per_dollar": rate / chips["launch_price_usd"],
        "market": np.where(chips["name"].str.startswith(CONSUMER_LINES), "consumer", "data_centre"),
        "source_key": chips["source_key"],
    })
    # One card at two number formats has one day of release and one price.
    table = table.sort_values(["date", "flop_per_second"], kind="stable")
    return table.drop_duplicates(["date", "price_usd"], keep="last").reset_index(drop=True)


def price_trend(chips: pd.DataFrame, assumptions: Assumptions) -> PriceTrend:
    """Fit the rating of a dollar against the date of release.

    Raises
    ------
    FitError
        With fewer than four cards, or all of one day.
    """
    # Loading it takes a second, which a command that needs no price should not wait for.
    from statsmodels.regression.linear_model import OLS

    if len(chips) < SMALLEST_SAMPLE or chips["date"].nunique() < 2:
        raise FitError(f"a price trend needs at least {SMALLEST_SAMPLE} cards of different dates")
    origin = chips["date"].min()
    days = (chips["date"] - origin).dt.days.to_numpy(dtype=np.float64)
    columns = {"level": np.ones_like(days), "slope": days}
    other = (chips["market"] != assumptions.price_market).to_numpy(dtype=np.float64)
    if 0 < other.sum() < len(other):
        columns["other_market"] = other
    fit = OLS(np.log2(chips["per_dollar"].to_numpy()), pd.DataFrame(columns)).fit()
    low, high = fit.conf_int(alpha=1 - assumptions.confidence).loc["slope"]
    covariance = fit.cov_params().loc[["level", "slope"], ["level", "slope"]].to_numpy()
    return PriceTrend(
        slope=float(fit.params["slope"]), slope_low=float(low), slope_high=float(high),
        level=float(fit.params["level"]), origin=origin,
        variance=tuple(tuple(float(v) for v in row) for row in covariance),  # type: ignore[arg-type]
        degrees=int(fit.df_resid), points=len(chips), r_squared=float(fit.rsquared),
        confidence=assumptions.confidence,
    )


def peak_needed(pfs_days: float, *, days: float, utilization: float) -> float:
    """Rating that all chips of a run must have together, FLOP/s.

    Parameters
    ----------
    pfs_days
        Compute of the run, pfs-days.
    days
        How long it lasts, days.
    utilization
        Share of the rating that is sustained, 0 to 1.

    Examples
    --------
    One pfs-day in one day at a third of the peak:

    >>> f"{peak_needed(1.0, days=1.0, utilization=1/3):.3g}"
    '3e+15'
    """
    return pfs_days * FLOP_PER_SECOND_PER_PETAFLOP / days / utilization


def written_off(purchase_usd: float, *, days: float, years_of_use: float) -> float:
    """What a run of some days bears of its chips' price.

    Examples
    --------
    >>> written_off(998.0, days=5.5, years_of_use=3.0)
    5.009...
    """
    return purchase_usd * days / (years_of_use * DAYS_PER_YEAR)


def purchase(
    pfs_days: float, date: pd.Timestamp, prices: PriceTrend, assumptions: Assumptions
) -> tuple[float, float, float]:
    """Price of the chips a run of that size would need on that day, USD, with its interval."""
    needed = peak_needed(
        pfs_days, days=assumptions.run_days, utilization=assumptions.gpu_utilization
    )
    value, low, high = prices.at(date)
    return needed / value, needed / high, needed / low


def cost_line(
    dates: pd.Series, fit: Fit, prices: PriceTrend, assumptions: Assumptions
) -> pd.DataFrame:
    """Price of the chips of a run on the trend of compute, with its interval.

    Returns
    -------
    DataFrame
        ``date``, ``usd``, ``low``, ``high``.

    Notes
    -----
    The errors of the two lines are independent and add in squares; t takes the degrees of freedom
    of the shorter series, which errs on the wide side.
    """
    days = ((dates - fit.origin).dt.total_seconds() / 86_400).to_numpy(dtype=np.float64)
    middle, error, t = _log2_cost(days, fit, prices, assumptions)
    return pd.DataFrame({
        "date": dates, "usd": np.exp2(middle), "low": np.exp2(middle - t * error),
        "high": np.exp2(middle + t * error),
    })


def date_of_cost(
    usd: float, fit: Fit, prices: PriceTrend, assumptions: Assumptions
) -> tuple[pd.Timestamp | None, pd.Timestamp | None, pd.Timestamp | None]:
    """When the chips of a run on the trend would cost a given sum, with the interval of that date.

    None where that lies beyond two centuries; the interval holds every date on which the sum lies
    inside the cost line's own interval.
    """
    def above(days: Array | float, side: float) -> Array:
        middle, error, t = _log2_cost(np.atleast_1d(days), fit, prices, assumptions)
        return middle + side * t * error - np.log2(usd)

    on_line, low, high = (
        _crossing(fit, lambda days, side=side: above(days, side)) for side in (0, 1, -1)
    )
    return on_line, low, high


def _crossing(fit: Fit, above: Callable[[Array | float], Array]) -> pd.Timestamp | None:
    """The first date on which a curve comes to stand above nought; None within the horizon."""
    grid = np.linspace(-20.0, HORIZON_YEARS, 2000) * DAYS_PER_YEAR
    signs = np.sign(above(grid))
    rising = np.flatnonzero((signs[:-1] < 0) & (signs[1:] >= 0))
    if len(rising) == 0:
        return None
    first = rising[0]
    days = optimize.brentq(lambda day: float(above(day)[0]), grid[first], grid[first + 1])
    return fit.origin + pd.Timedelta(days=float(days))


def _log2_cost(
    after_fit: Array, fit: Fit, prices: PriceTrend, assumptions: Assumptions
) -> tuple[Array, Array, float]:
    """The line in doublings, its standard error, and t; by days after the fit's origin."""
    after_price = after_fit + prices.days(fit.origin)
    one = peak_needed(1.0, days=assumptions.run_days, utilization=assumptions.gpu_utilization)
    middle = fit.level + fit.slope * after_fit + np.log2(one) - prices.log2_at(after_price)
    of_fit = fit.residual_log2 * np.sqrt(1 / fit.points + (after_fit / fit.spread_days) ** 2)
    error = np.sqrt(of_fit**2 + np.asarray(prices.error_at(after_price)) ** 2)
    t = stats.t.ppf(0.5 + assumptions.confidence / 2, min(fit.points - 2, prices.degrees))
    return middle, error, float(t)
