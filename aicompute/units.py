"""Constants and conversions, each with its exact definition.

A FLOP here is one addition or one multiplication, so one multiply-add is two FLOP; ``flop`` names
an amount and ``flop_per_second`` a rate. Months and years are made of days by a stated number, so
that a doubling time in months has one meaning in the whole report.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = TypeVar("Number", float, "NDArray[np.float64]")

SECONDS_PER_DAY = 86_400
FLOP_PER_SECOND_PER_PETAFLOP = 1e15
FLOP_PER_SECOND_PER_TERAFLOP = 1e12

#: One petaFLOP/s for one day: 10^15 FLOP/s x 86,400 s = 8.64e19 FLOP, exactly.
FLOP_PER_PFS_DAY = FLOP_PER_SECOND_PER_PETAFLOP * SECONDS_PER_DAY

#: Mean Julian year, 365.25 days: the year of the growth per year.
DAYS_PER_YEAR = 365.25

#: One multiplication and one addition.
FLOP_PER_MULTIPLY_ADD = 2


def pfs_days_from_flop(flop: Number) -> Number:
    """Turn FLOP into pfs-days.

    Parameters
    ----------
    flop
        An amount of arithmetic, FLOP; any sign.

    Returns
    -------
    float or array
        The same amount in pfs-days.

    Examples
    --------
    >>> pfs_days_from_flop(8.64e19)
    1.0
    """
    return flop / FLOP_PER_PFS_DAY


def flop_from_pfs_days(pfs_days: Number) -> Number:
    """Turn pfs-days into FLOP; the inverse of :func:`pfs_days_from_flop`.

    Examples
    --------
    >>> flop_from_pfs_days(1.0)
    8.64e+19
    """
    return pfs_days * FLOP_PER_PFS_DAY


def doubling_time_days(log2_per_day: float) -> float:
    """Days in which a quantity doubles, from the slope of its base-2 logarithm.

    Parameters
    ----------
    log2_per_day
        Doublings a day; not zero. A negative slope gives a negative time: a halving.

    Raises
    ------
    ValueError
        If the slope is zero: such a quantity never doubles.

    Examples
    --------
    >>> doubling_time_days(0.5)
    2.0
    """
    if log2_per_day == 0:
        raise ValueError("a slope of zero has no doubling time")
    return 1.0 / log2_per_day


def growth_per_year(log2_per_day: float) -> float:
    """Factor by which a quantity grows in a year of 365.25 days.

    Examples
    --------
    >>> growth_per_year(1 / 365.25)
    2.0

    An end of an interval of three points may be steeper than any number can say:

    >>> growth_per_year(3.0)
    inf
    """
    doublings = log2_per_day * DAYS_PER_YEAR
    return math.pow(2.0, doublings) if doublings < sys.float_info.max_exp else math.inf


def growth_over(days: float, doubling_days: float) -> float:
    """Factor of a steady doubling over a stretch of time.

    Parameters
    ----------
    days
        Length of the stretch, days.
    doubling_days
        Days in which the quantity doubles; positive.

    Examples
    --------
    Moore's law at 18 months over six doublings:

    >>> growth_over(6 * 547.5, 547.5)
    64.0
    """
    return math.pow(2.0, days / doubling_days)
