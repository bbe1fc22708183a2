"""Dollars: what they buy over the years, and when the chips of a run on the trend cost a sum.

price of a run's chips = compute / days / utilization / rating that a dollar buys on that day
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from aicompute.assumptions import Assumptions
from aicompute.methods import chip_ratings
from aicompute.recording import Interval
from aicompute.tables import table
from aicompute.trend import UNKNOWN, Trend, doubling_times
from aicompute.units import DAYS_PER_YEAR, PETA, SECONDS_PER_DAY, TERA

#: First words of the names of cards sold for games; the others are sold for data centres.
CONSUMER_LINES = ("GeForce", "Titan")
#: With fewer cards a line with two levels has no interval.
FEWEST_CARDS = 4

Array = NDArray[np.float64]


class PriceTrend(NamedTuple):
    """log2 of the FLOP/s that a dollar buys: a level for each market and one slope for both.

    The slope is in doublings a day, with the interval of Student's t, NaN where unknown; the level
    log2(FLOP/s per dollar) in the chosen market on the first date, the origin. The covariance is of
    level and slope, with so many degrees of freedom; intervals cover the confidence.
    """

    slope: Interval
    level: float
    origin: pd.Timestamp
    covariance: Array
    degrees: int
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
        return _with_ends(dates, "per_dollar", middle, half)


def priced_cards(assumptions: Assumptions) -> pd.DataFrame:
    """The graphics cards with a known price, and what a dollar of each buys.

    A card listed at two number formats counts once, at its fastest (or at 32 bits, where
    ``price_chips`` says so); guessed prices are left out. By date, the columns of chips.csv with
    ``date`` (of release), ``per_dollar`` (FLOP/s) and ``market`` (data_centre or consumer).
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
    """Fit what a dollar buys (``per_dollar``) against the ``date``, one slope for both markets.

    Of the assumptions it takes ``price_market`` (whose level), ``confidence`` and
    ``price_doubling_years``: a pace that is stated has no interval, the cards then set the level.
    With fewer than four cards, or all of one day, the result is unknown.
    """
    origin, covariance = cards["date"].min(), np.zeros((2, 2))
    if len(cards) < FEWEST_CARDS or cards["date"].nunique() < 2:
        return PriceTrend(UNKNOWN, math.nan, origin, covariance, 0, assumptions.confidence)
    days = (cards["date"] - origin).dt.days.to_numpy(dtype=np.float64)
    other = (cards["market"] != assumptions.price_market).to_numpy(dtype=np.float64)
    stated = assumptions.price_doubling_years
    slope = 1 / (stated * DAYS_PER_YEAR) if stated > 0 else 0.0
    wanted = np.log2(cards["per_dollar"].to_numpy(dtype=np.float64)) - slope * days
    columns = [np.ones_like(days)] + [days] * (stated <= 0) + [other] * bool(0 < other.mean() < 1)
    design = np.column_stack(columns)
    found = np.linalg.lstsq(design, wanted, rcond=None)[0]
    degrees, free = len(wanted) - len(columns), 1 + (stated <= 0)
    variance = ((wanted - design @ found) ** 2).sum() / degrees
    covariance[:free, :free] = variance * np.linalg.inv(design.T @ design)[:free, :free]
    slope += float(found[1]) if stated <= 0 else 0.0
    half = _reach(assumptions.confidence, degrees) * math.sqrt(covariance[1, 1])
    return PriceTrend(Interval(slope, slope - half, slope + half), float(found[0]), origin,
                      covariance, degrees, assumptions.confidence)


def _reach(confidence: float, degrees: int) -> float:
    """Standard errors from the middle of an interval of Student's t to its end."""
    return float(stats.t.ppf(0.5 + confidence / 2, degrees))


def _with_ends(dates: pd.Series, name: str, middle: Array, half: Array) -> pd.DataFrame:
    """A value by the date, and both ends of its interval, from base-2 logarithms."""
    ends = {name: middle, "low": middle - half, "high": middle + half}
    with np.errstate(over="ignore"):  # of a trend of three points, an end may be infinite
        return pd.DataFrame({"date": dates, **{n: np.exp2(e) for n, e in ends.items()}})


def cost_line(
    dates: pd.Series, trend: Trend, prices: PriceTrend, assumptions: Assumptions
) -> pd.DataFrame:
    """Price of the chips of a run on the trend of compute: ``date``, ``usd``, ``low``, ``high``.

    Of the assumptions it takes ``run_days``, ``gpu_utilization`` and ``confidence``. The errors of
    the two lines are independent and add in squares; t takes the degrees of freedom of the shorter
    series, which errs on the wide side.
    """
    days = np.asarray((dates - trend.origin).dt.total_seconds()) / SECONDS_PER_DAY
    per_dollar, price_error = prices.log2_at(dates)
    needed = math.log2(PETA / assumptions.run_days / assumptions.gpu_utilization)
    middle = trend.level + trend.slope.value * days + needed - per_dollar
    error = trend.residual * np.sqrt(1 / max(trend.points, 1) + (days / trend.spread_days) ** 2)
    t = _reach(assumptions.confidence, min(trend.points - 2, prices.degrees))
    return _with_ends(dates, "usd", middle, t * np.hypot(error, price_error))
