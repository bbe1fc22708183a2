"""Constants and conversions, each with its exact definition.

A FLOP is one addition or one multiplication, so a multiply-add is two FLOP; ``flop`` names an
amount and ``flop_per_second`` a rate.
"""

from __future__ import annotations

import math
import sys

SECONDS_PER_DAY = 86_400
#: FLOP/s of one TFLOP/s and of one PFLOP/s.
TERA, PETA = 1e12, 1e15
#: FLOP of one pfs-day: 1e15 FLOP/s for 86,400 seconds.
PFS_DAY = PETA * SECONDS_PER_DAY
#: The mean Julian year, in which growth a year is given.
DAYS_PER_YEAR = 365.25


def doubling_time(doublings_per_day: float, days_per_month: float = DAYS_PER_YEAR / 12) -> float:
    """Months in which a quantity doubles, from the slope of its base-2 logarithm.

    A falling quantity has a negative time, in which it halves; one that stands still never doubles.

    >>> doubling_time(0.01, 30.0), doubling_time(0.0)
    (3.3333333333333335, inf)
    """
    return math.inf if doublings_per_day == 0 else 1 / doublings_per_day / days_per_month


def growth_a_year(doublings_per_day: float) -> float:
    """Factor by which a quantity grows in a year of 365.25 days; infinite beyond any number.

    >>> growth_a_year(1 / 365.25), growth_a_year(3.0)
    (2.0, inf)
    """
    doublings = doublings_per_day * DAYS_PER_YEAR
    return math.pow(2.0, doublings) if doublings < sys.float_info.max_exp else math.inf
