"""Dollars: what they buy over the years, and when the chips of a run on the trend cost a sum.

price of a run's chips = compute / days / utilization / rating that a dollar buys on that day
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from aicompute.assumptions import Assumptions
from aicompute.methods import chip_ratings
from aicompute.tables import table
from aicompute.trend import UNKNOWN, Interval, Trend, doubling_times
from aicompute.units import DAYS_PER_YEAR, PETA, SECONDS_PER_DAY, TERA

#: First words of the names of cards sold for games; the others are sold for data centres.
CONSUMER_LINES = ("GeForce", "Titan")
#: With fewer cards a line with two levels has no interval.
FEWEST_CARDS = 4
#: How far back and ahead of the trend's middle a date is looked for, years.
HORIZON_YEARS = (-20.0, 200.0)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PriceTrend:
    """log2 of the FLOP/s that a dollar buys: a level for each market and one slope for both.

    Attributes
    ----------
    slope
        Doublings a day, with the interval of Student's t; NaN where unknown.
    level, origin
        log2(FLOP/s per dollar) in the chosen market on the first date, and that date.
    covariance
        Of level and slope.
    degrees, points
        Degrees of freedom left, and how many cards.
    """

    slope: Interval
    level: float
    origin: pd.Timestamp
    covariance: Array
    degrees: int
    points: int
    confidence: float

    @property
    def doubling_time_years(self) -> Interval:
        """Years in which a dollar comes to buy twice the rating."""
        known = not math.isnan(self.slope.value)
        return doubling_times(self.slope, DAYS_PER_YEAR) if known else UNKNOWN

    def log2_at(self, dates: pd.Series) -> tuple[Array, Array]:
        """log2(FLOP/s per dollar) on some dates, and its standard error."""
        days = np.asarray((dates - self.origin).dt.total_seconds()) / SECONDS_PER_DAY
        (level, both), (_, slope) = self.covariance
        error = np.sqrt(level + 2 * both * days + slope * days**2)
        return self.level + self.slope.value * days, error

    def at(self, dates: pd.Series) -> pd.DataFrame:
        """FLOP/s per dollar on some dates: ``date``, ``per_dollar``, ``low``, ``high``."""
        middle, error = self.log2_at(dates)
        half = _reach(self.confidence, self.degrees) * error
        ends = {"per_dollar": middle, "low": middle - half, "high": middle + half}
        with np.errstate(over="ignore"):  # an end may lie beyond any number: infinite
            return pd.DataFrame({"date": dates, **{n: np.exp2(e) for n, e in ends.items()}})


def priced_cards(assumptions: Assumptions) -> pd.DataFrame:
    """The graphics cards with a known price, and what a dollar of each buys.

    A card listed at two number formats counts once, at its fastest (or at 32 bits, where
    ``price_chips`` says so); guessed prices are left out.

    Returns
    -------
    DataFrame
        The columns of chips.csv with ``date`` (of release), ``per_dollar`` (FLOP/s) and ``market``
        (data_centre or consumer). By date.
    """
    cards = table("chips").rename(columns={"released": "date"})
    cards["tflop_per_second"] = chip_ratings(assumptions)["assumed"]
    guessed = cards["guessed"].fillna("").str.contains("launch_price_usd")
    cards = cards[(cards["kind"] == "gpu") & cards["launch_price_usd"].notna() & ~guessed]
    if assumptions.price_chips == "fp32":
        cards = cards[cards["number_format"] == "fp32"]
    games = cards["name"].str.startswith(CONSUMER_LINES)
    cards = cards.assign(
        per_dollar=cards["tflop_per_second"] * TERA / cards["launch_price_usd"],
        market=np.where(games, "consumer", "data_centre"),
    ).sort_values(["date", "tflop_per_second"], kind="stable")
    # One card at two number formats has one day of release and one price.
    return cards.drop_duplicates(["date", "launch_price_usd"], keep="last", ignore_index=True)


def fit_prices(cards: pd.DataFrame, assumptions: Assumptions) -> PriceTrend:
    """Fit what a dollar buys against the date, one slope for both markets.

    Parameters
    ----------
    cards
        ``date``, ``per_dollar``, ``market``.
    assumptions
        Of these it takes ``price_market`` (whose level), ``price_doubling_years`` (a pace that is
        stated has no interval; the cards then set the level alone) and ``confidence``.

    Returns
    -------
    PriceTrend
        Of unknowns with fewer than four cards, or all of one day.
    """
    origin, nothing = cards["date"].min(), np.full((2, 2), math.nan)
    if len(cards) < FEWEST_CARDS or cards["date"].nunique() < 2:
        return PriceTrend(UNKNOWN, math.nan, origin, nothing, 0, len(cards), assumptions.confidence)
    days = (cards["date"] - origin).dt.days.to_numpy(dtype=np.float64)
    log2 = np.log2(cards["per_dollar"].to_numpy(dtype=np.float64))
    other = (cards["market"] != assumptions.price_market).to_numpy(dtype=np.float64)
    stated = assumptions.price_doubling_years
    pace = 1 / (stated * DAYS_PER_YEAR) if stated > 0 else 0.0
    columns = [np.ones_like(days)] + [days] * (stated <= 0) + [other] * bool(0 < other.mean() < 1)
    design = np.column_stack(columns)
    found = np.linalg.lstsq(design, log2 - pace * days, rcond=None)[0]
    degrees = len(log2) - len(columns)
    left = log2 - pace * days - design @ found
    covariance, free = np.zeros((2, 2)), 1 + (stated <= 0)
    of_all = (left**2).sum() / degrees * np.linalg.inv(design.T @ design)
    covariance[:free, :free] = of_all[:free, :free]
    slope = float(found[1]) if stated <= 0 else pace
    half = _reach(assumptions.confidence, degrees) * math.sqrt(covariance[1, 1])
    return PriceTrend(Interval(slope, slope - half, slope + half), float(found[0]), origin,
                      covariance, degrees, len(cards), assumptions.confidence)


def _reach(confidence: float, degrees: int) -> float:
    """Standard errors from the middle of an interval of Student's t to its end."""
    return float(stats.t.ppf(0.5 + confidence / 2, degrees))


def cost_line(
    dates: pd.Series, trend: Trend, prices: PriceTrend, assumptions: Assumptions
) -> pd.DataFrame:
    """Price of the chips of a run on the trend of compute: ``date``, ``usd``, ``low``, ``high``.

    Notes
    -----
    What is correlated: nothing; the errors of the two lines add in squares. t takes the degrees of
    freedom of the shorter series, which errs on the wide side.
    """
    ends = {name: _log2_cost(dates, trend, prices, assumptions, side)
            for name, side in (("usd", 0), ("low", -1), ("high", 1))}
    with np.errstate(over="ignore"):  # of a trend of three points, an end may be infinite
        return pd.DataFrame({"date": dates, **{n: np.exp2(e) for n, e in ends.items()}})


def _log2_cost(
    dates: pd.Series, trend: Trend, prices: PriceTrend, assumptions: Assumptions, side: int
) -> Array:
    """log2 of the dollars: the line (side 0), or an end of its interval (-1, 1)."""
    days = np.asarray((dates - trend.origin).dt.total_seconds()) / SECONDS_PER_DAY
    one = PETA / assumptions.run_days / assumptions.gpu_utilization
    per_dollar, price_error = prices.log2_at(dates)
    middle = trend.level + trend.slope.value * days + math.log2(one) - per_dollar
    line_error = trend.residual * np.sqrt(1 / trend.points + (days / trend.spread_days) ** 2)
    t = _reach(assumptions.confidence, min(trend.points - 2, prices.degrees))
    return np.asarray(middle + side * t * np.hypot(line_error, price_error))


def date_of_cost(
    usd: float, trend: Trend, prices: PriceTrend, assumptions: Assumptions
) -> tuple[pd.Timestamp, ...]:
    """When the chips of a run on the trend would cost a sum, and the interval of that date.

    Returns
    -------
    tuple
        The date, the earliest and the latest on which the sum lies inside the cost line's own
        interval; NaT where that is unknown or lies beyond two centuries.
    """
    known = trend.known and not math.isnan(prices.slope.value)
    return tuple(_crossing(usd, trend, prices, assumptions, side) if known else pd.NaT
                 for side in (0, 1, -1))


def _crossing(
    usd: float, trend: Trend, prices: PriceTrend, assumptions: Assumptions, side: int
) -> pd.Timestamp:
    """The first date on which a curve comes to stand above a sum; NaT within the horizon."""
    def above(days: Array) -> Array:
        dates = pd.Series(trend.origin + pd.to_timedelta(days, unit="D"))
        return _log2_cost(dates, trend, prices, assumptions, side) - math.log2(usd)

    grid = np.linspace(*HORIZON_YEARS, 2000) * DAYS_PER_YEAR
    with np.errstate(invalid="ignore"):  # infinity less infinity is on neither side
        signs = np.sign(above(grid))
    rising = np.flatnonzero((signs[:-1] < 0) & (signs[1:] >= 0))
    if len(rising) == 0:
        return pd.NaT
    days = optimize.brentq(lambda day: float(above(np.array([day]))[0]), *grid[rising[0]:][:2])
    return trend.origin + pd.Timedelta(days=float(days))
