"""Seeded random draws of every input, carried to every system and to the trend.

An input with a range is drawn in two halves, below its value and above it, so that the value is the
median. The draws are log-normal, and the range holds the share that its row says it does, or else
``range_covers`` (90 %); between limits they are spread evenly on a log scale. Where the range is
open on one side only, half of the draws keep the value. Ratings stay between base and boost clock,
and utilization at or below 1. A published value whose source gives no range is taken to be right
within ``published_factor``, one from before 2012 within ``published_factor_before_2012``.

What is correlated
------------------
- Of one system every factor is drawn once by its name, so a guess that stands in several phases,
  or in both bases, errs the same way everywhere. So it does in a system that builds on another,
  and in rows of two systems that rest on one fact, as ``errors_of`` says.
- A chip's rating is drawn once for every system that used the chip.
- The error of the utilization, and of a published value, is one for all systems, each system's
  own, or half of either, as ``errors_drawn`` says.
- All else is drawn independently, and so are the systems in a resample.
"""

import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from aicompute.assumptions import Assumptions
from aicompute.methods import KEY, chip_time, counted, value_keys
from aicompute.ranges import PERCENTILES, meaning
from aicompute.recording import Interval
from aicompute.trend import Array, days_after, doubling_times, fit

#: Share of the variance of the utilization's error that all systems have in common.
COMMON_SHARE = {"shared": 1.0, "each": 0.0, "both": 0.5}


class Draws:
    """Random draws of every input under given assumptions, each named quantity drawn once.

    Every quantity has a generator of its own, seeded with the seed and its name: adding a row, or
    asking in another order, leaves all other draws as they were.

    >>> draws = Draws(Assumptions())
    >>> drawn = draws.spread(10, 5, 40, draws.normal("example"))
    >>> round(float(np.mean((drawn > 5) & (drawn < 40))), 1)
    0.9
    """

    def __init__(self, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self._normal: dict[tuple[str, ...], Array] = {}
        #: The phases of every calculation, by system, method and basis.
        self.phases: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
        for rows in (counted(assumptions), chip_time(assumptions)):
            for row in rows.to_dict("records"):
                self.phases.setdefault(tuple(row[name] for name in KEY), []).append(row)

    def generator(self, *name: str) -> np.random.Generator:
        """The generator of one named quantity."""
        return np.random.default_rng([self.assumptions.seed, zlib.crc32("/".join(name).encode())])

    def normal(self, *name: str) -> Array:
        """Standard normal draws of one named quantity, the same whenever asked for."""
        if name not in self._normal:
            self._normal[name] = self.generator(*name).standard_normal(self.assumptions.samples)
        return self._normal[name]

    def error(self, system_id: str, quantity: str) -> Array:
        """Standard normal error of a system: in part its own, in part common to all systems."""
        common = COMMON_SHARE[self.assumptions.errors_drawn]
        return (math.sqrt(common) * self.normal("error common to all systems")
                + math.sqrt(1 - common) * self.normal(system_id, quantity))

    def spread(
        self, value: float, low: float, high: float, normal: Array, means: str = ""
    ) -> Array:
        """Draws in two halves about the median ``value``, as what the range ``means`` asks.

        Where in the range each lies, the standard ``normal`` draws decide.
        """
        covers = PERCENTILES.get(means, self.assumptions.range_covers)
        steps = (2 * stats.norm.cdf(normal) - 1 if means == "limits"
                 else normal / stats.norm.ppf(0.5 + covers / 2))
        down, up = math.log(value / low), math.log(high / value)
        return np.asarray(value * np.exp(np.where(normal < 0, down, up) * steps))

    def calculation(self, system_id: str, method: int, basis: str) -> Array:
        """Draws of one calculation, its phases added up, pfs-days."""
        drawn = np.zeros(self.assumptions.samples)
        for row in self.phases[system_id, method, basis]:
            drawn = drawn + self._product(row)
        return drawn

    def published(self, row: Mapping[str, Any]) -> Array:
        """Draws around a system's published value, pfs-days: a row of the estimates."""
        early, value = row["set"] == "before_2012", row["pfs_days"]
        factor = getattr(self.assumptions, "published_factor" + "_before_2012" * early)
        low, high = row["published_low"], row["published_high"]
        if math.isnan(low) and math.isnan(high):
            low, high = value / factor, value * factor
        low, high = (value if math.isnan(end) else end for end in (low, high))
        return self.spread(value, low, high, self.error(row["system_id"], "published"),
                           meaning(row["published_means"], "pfs_days"))

    def systems(self, systems: pd.DataFrame) -> Array:
        """Draws of the chosen value of every row of the estimates, samples x systems, pfs-days."""
        keys = value_keys(systems, self.assumptions)
        return np.column_stack([
            self.calculation(*key) if key in self.phases else self.published(row)
            for key, row in zip(keys, systems.to_dict("records"), strict=True)])

    def _product(self, row: dict[str, Any]) -> Array | float:
        """Draws of one row, pfs-days: its value, as far off as each factor is drawn."""
        drawn: Array | float = row["pfs_days"]
        for name in (column.removesuffix("_low") for column in row if column.endswith("_low")):
            value, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
            if low == high or math.isnan(value):
                continue
            least, most = min(low, value), max(high, value)
            factor = self.spread(value, least, most, *self._normal_and_meaning(row, name))
            if name == "tflop_per_second":
                factor = np.clip(factor, least, most)
            elif name == "utilization":
                factor = np.minimum(factor, 1.0)
            drawn = drawn * (factor / value)
        return drawn

    def _normal_and_meaning(self, row: dict[str, Any], name: str) -> tuple[Array, str]:
        """The draws behind a factor, and what its range means."""
        if name == "tflop_per_second":
            return self.normal("rating", row["chip"]), ""
        if name == "utilization" and row["utilization_assumed"]:
            return self.error(row["errors_of"], f"{row['kind']}_utilization"), ""
        return self.normal(row["errors_of"], name), meaning(row["range_means"], name)


def central(value: float, drawn: Array, assumptions: Assumptions) -> Interval:
    """A number with the central interval of its draws."""
    tail = 0.5 - assumptions.confidence / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Interval(value, float(low), float(high))


def resampling_weights(draws: Draws, points: int) -> Array:
    """How often each of the points is drawn in each resample, samples x points."""
    random, shares = draws.generator("systems, with replacement"), np.full(points, 1 / points)
    return random.multinomial(points, shares, size=draws.assumptions.samples).astype(np.float64)


def slopes(days: Array, log2_values: Array, weights: Array | None = None) -> Array:
    """Least-squares slope of every sample, doublings a day; NaN where a resample has one date.

    ``log2_values`` (samples x points, or 1 x points where they stay as they are) on the ``days``;
    ``weights`` (samples x points) say how often each point counts, once each unless given.
    """
    x = days - days.mean()
    w = np.ones((1, len(x))) if weights is None else weights
    total = w.sum(axis=1)
    mean = (w @ x) / total
    spread = w @ x**2 - total * mean**2
    moment = (w * log2_values) @ x - mean * (w * log2_values).sum(axis=1)
    one_date = spread <= 1e-9 * float(x @ x)
    return np.where(one_date, np.nan, moment / np.where(one_date, 1.0, spread))


def doubling_time(
    systems: pd.DataFrame, draws: Draws, *, inputs: bool = True, sampling: bool = True
) -> Interval:
    """The doubling time of the systems of a fit, months, and what its interval is made of.

    With ``inputs`` each draw fits values that err. With ``sampling``, as other systems might have
    been published, it fits systems drawn with replacement (the pairs bootstrap), so an error goes
    with its date. Unknown where there is nothing to fit.
    """
    found = fit(systems, draws.assumptions)
    if not found.known:
        return found.doubling_time
    days = days_after(systems["date"].min(), systems["date"])
    drawn = draws.systems(systems) if inputs else systems[["pfs_days"]].to_numpy().T
    weights = resampling_weights(draws, len(systems)) if sampling else None
    per_day = slopes(days, np.log2(drawn), weights)
    slope = central(found.slope.value, per_day, draws.assumptions)
    return doubling_times(slope, draws.assumptions.days_per_month)
