"""Seeded random draws of every input, and what is drawn once for several.

An input with a range is drawn from a log-normal distribution in two halves: its value is the
median, and the range holds the central share ``range_covers`` (90 %). Where the range is open on
one side only, half of the draws keep the value. Ratings stay between base and boost clock, and
utilization at or below 1. A published value is taken to be right within ``published_factor``, one
from before 2012 within ``published_factor_before_2012``.

What is correlated
------------------
- Of one system every factor is drawn once by its name, so a guess that stands in several phases,
  or in both bases, errs the same way everywhere.
- A chip's rating is drawn once for every system that used the chip.
- The error of the utilization, and of a published value, is one for all systems, each system's
  own, or half of either, as ``errors_drawn`` says.
- All else is drawn independently.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from aicompute.assumptions import Assumptions
from aicompute.methods.calculations import Calculation, Factor
from aicompute.units import pfs_days_from_flop

Array = NDArray[np.float64]

#: Share of the variance of the utilization's error that all systems have in common.
COMMON_SHARE = {"shared": 1.0, "each": 0.0, "both": 0.5}


@dataclass(frozen=True)
class Interval:
    """A number with the interval that random draws give it."""

    value: float
    low: float
    high: float


class Draws:
    """Random draws of every input under given assumptions, each named quantity drawn once.

    Every quantity has a generator of its own, seeded with the seed and its name: adding a row, or
    asking in another order, leaves all other draws as they were.
    """

    def __init__(self, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self._normal: dict[tuple[str, ...], Array] = {}

    def with_errors(self, errors_drawn: str) -> Draws:
        """The same draws with errors that systems have in common otherwise."""
        if errors_drawn == self.assumptions.errors_drawn:
            return self
        other = Draws(self.assumptions.model_copy(update={"errors_drawn": errors_drawn}))
        other._normal = self._normal
        return other

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
        return (
            math.sqrt(common) * self.normal("error common to all systems")
            + math.sqrt(1 - common) * self.normal(system_id, quantity)
        )

    def factor(self, system_id: str, factor: Factor) -> Array | float:
        """Draws of one factor; the bare value where it has no range."""
        low, high = factor_range(factor, self.assumptions)
        if low == high:
            return factor.value
        if factor.assumption.endswith("_utilization"):
            error = self.error(system_id, factor.assumption)
            return np.minimum(self._spread(factor.value, low, high, error), 1.0)
        if factor.assumption == "chip_rating":
            drawn = self._spread(factor.value, low, high, self.normal("rating", factor.text))
            return np.clip(drawn, low, high)
        return self._spread(factor.value, low, high, self.normal(system_id, factor.name))

    def calculation(self, calculation: Calculation) -> Array:
        """Draws of one calculation, pfs-days."""
        flop = np.zeros(self.assumptions.samples)
        for phase in calculation.phases:
            drawn = {f.name: self.factor(calculation.system_id, f) for f in phase.factors}
            flop = flop + phase.flop(**drawn)  # type: ignore[type-var]
        return pfs_days_from_flop(flop)

    def published(self, system_id: str, pfs_days: float, *, before_2012: bool = False) -> Array:
        """Draws around a published value, pfs-days."""
        assumed = self.assumptions
        factor = assumed.published_factor_before_2012 if before_2012 else assumed.published_factor
        error = self.error(system_id, "published")
        return self._spread(pfs_days, pfs_days / factor, pfs_days * factor, error)

    def _spread(self, value: float, low: float, high: float, normal: Array) -> Array:
        """Log-normal in two halves: median ``value``, central share ``range_covers`` the range."""
        ends = float(stats.norm.ppf(0.5 + self.assumptions.range_covers / 2))
        down, up = math.log(value / low) / ends, math.log(high / value) / ends
        return value * np.exp(np.where(normal < 0, normal * down, normal * up))


def factor_range(factor: Factor, assumptions: Assumptions) -> tuple[float, float]:
    """Low and high end of one factor, widened to hold the value.

    A row's own range stands as it is; the utilization has the range of the assumptions, in
    proportion to its value.
    """
    if not factor.assumption.endswith("_utilization"):
        return min(factor.low, factor.value), max(factor.high, factor.value)
    down = min(assumptions.gpu_utilization_low / assumptions.gpu_utilization, 1.0)
    up = max(assumptions.gpu_utilization_high / assumptions.gpu_utilization, 1.0)
    return factor.value * down, min(factor.value * up, 1.0)


def ends(calculation: Calculation, assumptions: Assumptions) -> Interval:
    """A calculation with every input, the utilization too, at its low and at its high end."""
    low, high = (
        pfs_days_from_flop(float(sum(
            phase.flop(**{f.name: factor_range(f, assumptions)[end] for f in phase.factors})
            for phase in calculation.phases
        )))
        for end in (0, 1)
    )
    return Interval(calculation.pfs_days, low, high)
