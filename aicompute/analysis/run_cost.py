"""What a run costs: the price of the chips it needs, and when the trend reaches a given sum.

price of the chips = compute / (days x utilization) / rating a dollar buys on that day

Every chip is bought. Written off over some years of use, a run bears only its own days of that.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from aicompute.analysis.price import PriceTrend
from aicompute.assumptions import Assumptions
from aicompute.trend import Fit
from aicompute.units import DAYS_PER_YEAR, FLOP_PER_SECOND_PER_PETAFLOP

#: How far ahead a date is looked for, years; beyond it the answer is: not in our time.
HORIZON_YEARS = 200.0

Array = NDArray[np.float64]


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
    # Of a fit to three points, an end may lie beyond any number: infinite.
    with np.errstate(over="ignore"):
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
    def above(side: float) -> Callable[[Array], Array]:
        def distance(days: Array) -> Array:
            middle, error, t = _log2_cost(days, fit, prices, assumptions)
            return middle + side * t * error - float(np.log2(usd))

        return distance

    return _crossing(fit, above(0)), _crossing(fit, above(1)), _crossing(fit, above(-1))


def _crossing(fit: Fit, above: Callable[[Array], Array]) -> pd.Timestamp | None:
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
    after_fit: Array, fit: Fit, prices: PriceTrend, assumptions: Assumptions
) -> tuple[Array, Array, float]:
    """The line in doublings, its standard error, and t; by days after the fit's origin."""
    after_price = after_fit + prices.days(fit.origin)
    one = peak_needed(1.0, days=assumptions.run_days, utilization=assumptions.gpu_utilization)
    middle = fit.level + fit.slope * after_fit + np.log2(one) - prices.log2_at(after_price)
    of_fit = fit.residual_log2 * np.sqrt(1 / fit.points + (after_fit / fit.spread_days) ** 2)
    error = np.sqrt(of_fit**2 + prices.error_at(after_price) ** 2)
    t = stats.t.ppf(0.5 + assumptions.confidence / 2, min(fit.points - 2, prices.degrees))
    return middle, error, float(t)
