"""What a dollar buys: the rating of graphics cards over their price at launch, and its growth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from aicompute.assumptions import Assumptions
from aicompute.dataset import Dataset
from aicompute.trend import FitError
from aicompute.units import DAYS_PER_YEAR, FLOP_PER_SECOND_PER_TERAFLOP

#: First words of the names of cards sold for games; the others are sold for data centres.
CONSUMER_LINES = ("GeForce", "Titan")
SMALLEST_SAMPLE = 4

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

    def log2_at(self, days: Array) -> Array:
        """log2(FLOP/s per dollar), ``days`` after the origin."""
        return self.level + self.slope * days

    def error_at(self, days: Array) -> Array:
        """Standard error of the line there, in doublings."""
        (level, both), (_, slope) = self.variance
        error: Array = np.sqrt(level + 2 * both * days + slope * days**2)
        return error

    def days(self, date: pd.Timestamp) -> float:
        """Days from the origin to a date."""
        return float((date - self.origin).total_seconds() / 86_400)

    def at(self, date: pd.Timestamp) -> tuple[float, float, float]:
        """FLOP/s per dollar on a date: the line, and the ends of its interval."""
        days = np.array([self.days(date)])
        half = stats.t.ppf(0.5 + self.confidence / 2, self.degrees) * self.error_at(days)
        middle = self.log2_at(days)
        # An end may lie beyond any number; numpy's own floats then divide to 0 and to infinity.
        with np.errstate(over="ignore"):
            value, low, high = np.exp2([middle, middle - half, middle + half])[:, 0]
        return value, low, high


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

    Where the assumptions state the pace, only the level is fitted, and the pace has no interval.

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
    per_dollar = np.log2(chips["per_dollar"].to_numpy(dtype=np.float64))
    columns = {"level": np.ones_like(days)}
    stated = _stated_slope(assumptions)
    if stated is None:
        columns["slope"] = days
    other = (chips["market"] != assumptions.price_market).to_numpy(dtype=np.float64)
    if 0 < other.sum() < len(other):
        columns["other_market"] = other
    fit = OLS(per_dollar - (stated or 0.0) * days, pd.DataFrame(columns)).fit()
    names = ["level", "slope"]
    covariance = fit.cov_params().reindex(index=names, columns=names, fill_value=0.0).to_numpy()
    if stated is None:
        slope = float(fit.params["slope"])
        low, high = fit.conf_int(alpha=1 - assumptions.confidence).loc["slope"]
    else:
        slope = low = high = stated
    spread = ((per_dollar - per_dollar.mean()) ** 2).sum()
    return PriceTrend(
        slope=slope, slope_low=float(low), slope_high=float(high),
        level=float(fit.params["level"]), origin=origin,
        variance=tuple(map(tuple, covariance.tolist())),  # type: ignore[arg-type]
        degrees=int(fit.df_resid), points=len(chips),
        r_squared=float(1 - (fit.resid**2).sum() / spread), confidence=assumptions.confidence,
    )


def _stated_slope(assumptions: Assumptions) -> float | None:
    """Doublings a day that the assumptions state; None where the cards are to tell."""
    years = assumptions.price_doubling_years
    return 1 / (years * DAYS_PER_YEAR) if years > 0 else None
