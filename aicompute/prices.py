"""Dollars: what they buy over the years, and when the chips of a run on the trend cost a sum.

price of a run's chips = compute / days / utilization / rating that a dollar buys on that day
"""

import math

import numpy as np
import pandas as pd

from aicompute.assumptions import Assumptions
from aicompute.methods import chip_ratings
from aicompute.recording import Interval
from aicompute.tables import table
from aicompute.trend import UNKNOWN, Line, Trend, by_date, doubling_times, reach
from aicompute.units import DAYS_PER_YEAR, PETA, TERA

#: First words of the names of cards sold for games; the others are sold for data centres.
CONSUMER_LINES = ("GeForce", "Titan")


class PriceTrend(Line):
    """log2 of the FLOP/s that a dollar buys, in the chosen market: the line's level is its own."""

    @property
    def doubling_time_years(self) -> Interval:
        """Years in which a dollar comes to buy twice the rating."""
        return doubling_times(self.slope, DAYS_PER_YEAR) if self.known else UNKNOWN

    def at(self, dates: pd.Series) -> pd.DataFrame:
        """FLOP/s per dollar on some dates: ``date``, ``per_dollar``, ``low``, ``high``."""
        middle, error = self.log2_at(dates)
        half = reach(self.confidence, self.degrees) * error
        return by_date(dates, per_dollar=middle, low=middle - half, high=middle + half)


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
    With too few cards, or all of one day, the result is unknown.
    """
    years = assumptions.price_doubling_years
    return PriceTrend.through(
        cards["date"], np.log2(cards["per_dollar"].to_numpy(dtype=np.float64)),
        assumptions.confidence, mine=cards["market"] == assumptions.price_market,
        slope=1 / (years * DAYS_PER_YEAR) if years > 0 else None)


def cost_line(
    dates: pd.Series, trend: Trend, prices: PriceTrend, assumptions: Assumptions
) -> pd.DataFrame:
    """Price of the chips of a run on the trend of compute: ``date``, ``usd``, ``low``, ``high``.

    Of the assumptions it takes ``run_days``, ``gpu_utilization`` and ``confidence``. The errors of
    the two lines are independent and add in squares; t takes the degrees of freedom of the shorter
    series, which errs on the wide side.
    """
    (compute, error), (per_dollar, price_error) = trend.log2_at(dates), prices.log2_at(dates)
    needed = math.log2(PETA / assumptions.run_days / assumptions.gpu_utilization)
    middle = compute + needed - per_dollar
    half = reach(assumptions.confidence, min(trend.degrees, prices.degrees)) * np.hypot(
        error, price_error)
    return by_date(dates, usd=middle, low=middle - half, high=middle + half)
