"""What rating a dollar buys over the years, what a run costs, and when a sum is reached.

price of the chips = compute / (days x utilization) / rating a dollar buys on that day

Every chip is bought. Written off over some years of use, a run bears only its own days of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from aicompute.assumptions import Assumptions
from aicompute.methods import chip_ratings
from aicompute.tables import table
from aicompute.trend import Interval, Trend
from aicompute.units import DAYS_PER_YEAR, PETA, TERA

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
    slope
        Doublings a day, with the interval of Student's t; without one where it is assumed.
    level
        log2(FLOP/s per dollar) at ``origin`` in the chosen market.
    variance
        Covariance of ``level`` and ``slope``, 2 x 2.
    """

    slope: Interval
    level: float
    origin: pd.Timestamp
    variance: Array
    degrees: int
    points: int
    confidence: float

    def log2_at(self, days: Array) -> Array:
        """log2(FLOP/s per dollar), ``days`` after the origin."""
        return self.level + self.slope.value * days

    def error_at(self, days: Array) -> Array:
        """Standard error of the line there, in doublings."""
        (level, both), (_, slope) = self.variance
        return np.asarray(np.sqrt(level + 2 * both * days + slope * days**2))

    def days(self, date: pd.Timestamp) -> float:
        """Days from the origin to a date."""
        return float((date - self.origin).total_seconds() / 86_400)

    def at(self, date: pd.Timestamp) -> Interval:
        """FLOP/s per dollar on a date: the line, and the ends of its interval."""
        days = np.array([self.days(date)])
        half = stats.t.ppf(0.5 + self.confidence / 2, self.degrees) * self.error_at(days)
        middle = self.log2_at(days)
        # An end may lie beyond any number; numpy's own floats then divide to 0 and to infinity.
        with np.errstate(over="ignore"):
            return Interval(*np.exp2([middle, middle - half, middle + half])[:, 0])


def priced_cards(assumptions: Assumptions) -> pd.DataFrame:
    """The graphics cards with a known price and what a dollar of each buys.

    A card listed at two number formats counts once, at the rating the assumption names; guessed
    prices are left out.

    Returns
    -------
    DataFrame
        ``chip_id``, ``name``, ``date``, ``price_usd``, ``flop_per_second``, ``per_dollar``,
        ``market`` (data_centre or consumer), ``source_key``; by date.
    """
    chips = table("chips").merge(chip_ratings(assumptions)[["chip_id", "assumed"]], on="chip_id")
    guessed = chips["guessed"].fillna("").str.contains("launch_price_usd")
    chips = chips[(chips["kind"] == "gpu") & chips["launch_price_usd"].notna() & ~guessed]
    if assumptions.price_chips == "fp32":
        chips = chips[chips["number_format"] == "fp32"]
    rate = chips["assumed"] * TERA
    cards = pd.DataFrame({
        "chip_id": chips["chip_id"], "name": chips["name"], "date": chips["released"],
        "price_usd": chips["launch_price_usd"], "flop_per_second": rate,
        "per_dollar": rate / chips["launch_price_usd"],
        "market": np.where(chips["name"].str.startswith(CONSUMER_LINES), "consumer", "data_centre"),
        "source_key": chips["source_key"],
    })
    # One card at two number formats has one day of release and one price.
    cards = cards.sort_values(["date", "flop_per_second"], kind="stable")
    return cards.drop_duplicates(["date", "price_usd"], keep="last").reset_index(drop=True)


def price_trend(cards: pd.DataFrame, assumptions: Assumptions) -> PriceTrend | None:
    """Fit the rating of a dollar against the date of release; None with too few cards.

    Where the assumptions state the pace, only the level is fitted, and the pace has no interval.
    """
    if len(cards) < SMALLEST_SAMPLE or cards["date"].nunique() < 2:
        return None
    origin = cards["date"].min()
    days = (cards["date"] - origin).dt.days.to_numpy(dtype=np.float64)
    per_dollar = np.log2(cards["per_dollar"].to_numpy(dtype=np.float64))
    years = assumptions.price_doubling_years
    stated = 1 / (years * DAYS_PER_YEAR) if years > 0 else 0.0
    columns = [np.ones_like(days)] + [days] * (not stated)
    other = (cards["market"] != assumptions.price_market).to_numpy(dtype=np.float64)
    columns += [other] * bool(0 < other.sum() < len(other))
    design = np.column_stack(columns)
    wanted = per_dollar - stated * days
    found = np.linalg.lstsq(design, wanted, rcond=None)[0]
    degrees = len(days) - design.shape[1]
    left = float(((wanted - design @ found) ** 2).sum()) / degrees
    covariance = left * np.linalg.inv(design.T @ design)
    variance = np.zeros((2, 2))
    size = 1 if stated else 2
    variance[:size, :size] = covariance[:size, :size]
    half = stats.t.ppf(0.5 + assumptions.confidence / 2, degrees) * np.sqrt(variance[1, 1])
    slope = stated or float(found[1])
    return PriceTrend(Interval(slope, slope - half, slope + half), float(found[0]), origin,
                      variance, degrees, len(cards), assumptions.confidence)


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
    return pfs_days * PETA / days / utilization


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
) -> Interval:
    """Price of the chips a run of that size would need on that day, USD, with its interval."""
    needed = peak_needed(
        pfs_days, days=assumptions.run_days, utilization=assumptions.gpu_utilization
    )
    value, low, high = prices.at(date)
    return Interval(needed / value, needed / high, needed / low)


def cost_line(
    dates: pd.Series, fit: Trend, prices: PriceTrend, assumptions: Assumptions
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
    # Of a fit to three points, an end may lie beyond any number: infinite.
    with np.errstate(over="ignore"):
        return pd.DataFrame({
            "date": dates, "usd": np.exp2(middle), "low": np.exp2(middle - t * error),
            "high": np.exp2(middle + t * error),
        })


def date_of_cost(
    usd: float, fit: Trend, prices: PriceTrend, assumptions: Assumptions
) -> tuple[pd.Timestamp | None, pd.Timestamp | None, pd.Timestamp | None]:
    """When the chips of a run on the trend would cost a given sum, with the interval of that date.

    None where that lies beyond two centuries; the interval holds every date on which the sum lies
    inside the cost line's own interval.
    """
    def above(side: float) -> Callable[[Array], Array]:
        def distance(days: Array) -> Array:
            middle, error, t = _log2_cost(days, fit, prices, assumptions)
            return middle + side * t * error - float(np.log2(usd))

        return distance

    return _crossing(fit, above(0)), _crossing(fit, above(1)), _crossing(fit, above(-1))


def _crossing(fit: Trend, above: Callable[[Array], Array]) -> pd.Timestamp | None:
    """The first date on which a curve comes to stand above nought; None within the horizon."""
    grid = np.linspace(-20.0, HORIZON_YEARS, 2000) * DAYS_PER_YEAR
    # Infinity less infinity is on neither side, and so no crossing.
    with np.errstate(invalid="ignore"):
        signs = np.sign(above(grid))
    rising = np.flatnonzero((signs[:-1] < 0) & (signs[1:] >= 0))
    if len(rising) == 0:
        return None
    first = rising[0]
    days = optimize.brentq(
        lambda day: float(above(np.array([day]))[0]), grid[first], grid[first + 1]
    )
    return fit.origin + pd.Timedelta(days=float(days))


def _log2_cost(
    after_fit: Array, fit: Trend, prices: PriceTrend, assumptions: Assumptions
) -> tuple[Array, Array, float]:
    """The line in doublings, its standard error, and t; by days after the fit's origin."""
    after_price = after_fit + prices.days(fit.origin)
    one = peak_needed(1.0, days=assumptions.run_days, utilization=assumptions.gpu_utilization)
    middle = fit.level + fit.slope.value * after_fit + np.log2(one) - prices.log2_at(after_price)
    of_fit = fit.residual * np.sqrt(1 / fit.points + (after_fit / fit.spread_days) ** 2)
    error = np.sqrt(of_fit**2 + prices.error_at(after_price) ** 2)
    t = stats.t.ppf(0.5 + assumptions.confidence / 2, min(fit.points - 2, prices.degrees))
    return middle, error, float(t)
