"""What a search for breaks finds: the pieces of a fit, and a trend with one bend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aicompute.analysis.pieces import Shape
from aicompute.units import doubling_time_days


@dataclass(frozen=True)
class Pieces:
    """The best fit of a number of straight pieces.

    Attributes
    ----------
    breaks
        Dates between the pieces.
    slopes
        Doublings a day in each piece; zero for levels.
    ends
        Base-2 logarithm of the fit where each piece starts and where it ends.
    sse
        Sum of squared distances, in squared doublings.
    parameters
        Coefficients and break dates, without the spread of the noise.
    """

    shape: Shape
    breaks: tuple[pd.Timestamp, ...]
    slopes: tuple[float, ...]
    ends: tuple[tuple[float, float], ...]
    sse: float
    parameters: int
    points: int

    @property
    def aic(self) -> float:
        """Akaike's criterion for normal noise, corrected for few points; lower is better."""
        count = self.parameters + 1
        room = self.points - count - 1
        if room <= 0:
            return float("inf")
        return self._deviance() + 2 * count + 2 * count * (count + 1) / room

    @property
    def bic(self) -> float:
        """Schwarz's criterion for normal noise; lower is better."""
        return self._deviance() + (self.parameters + 1) * float(np.log(self.points))

    def _deviance(self) -> float:
        # Points that are all equal would have no finite logarithm.
        return self.points * float(np.log(max(self.sse, 1e-24) / self.points))


@dataclass(frozen=True)
class TwoSlopes:
    """One bend in a trend, with the interval of its date and of both slopes.

    Attributes
    ----------
    break_date, low, high
        The best date of the bend and its interval by resampling.
    slope_before, slope_after
        Doublings a day; each with ``_low`` and ``_high`` by the same resampling.
    sse, sse_line
        Sum of squared distances with the bend, and of one straight line.
    p_value
        How often a best bend at least as good appears in a straight trend with chance alone.
    """

    break_date: pd.Timestamp
    low: pd.Timestamp
    high: pd.Timestamp
    slope_before: float
    slope_before_low: float
    slope_before_high: float
    slope_after: float
    slope_after_low: float
    slope_after_high: float
    sse: float
    sse_line: float
    p_value: float
    points_before: int
    points_after: int
    confidence: float
    days_per_month: float

    @property
    def doubling_before_months(self) -> float:
        """Doubling time before the bend, months."""
        return doubling_time_days(self.slope_before) / self.days_per_month

    @property
    def doubling_after_months(self) -> float:
        """Doubling time after the bend, months."""
        return doubling_time_days(self.slope_after) / self.days_per_month
