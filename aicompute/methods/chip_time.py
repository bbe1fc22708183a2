"""Method 2: how long the chips ran, times what they can do, times the share they sustain."""

from __future__ import annotations

from aicompute.units import SECONDS_PER_DAY, Number


def flop_from_chip_time(
    *, chips: Number, days: Number, flop_per_second: Number, utilization: Number, factor: Number
) -> Number:
    """Training compute implied by how long the chips ran.

    compute = chips x seconds x peak rate of one chip x share of the peak sustained x factor

    Parameters
    ----------
    chips
        Chips running at the same time (not chip-hours).
    days
        Wall-clock training time, days.
    flop_per_second
        Dense peak of ONE chip at the number format used, FLOP/s.
    utilization
        Share of that peak sustained over the run, 0 < utilization <= 1 (not percent).
    factor
        Whatever else the source multiplies by; 1 in every row but one.

    Returns
    -------
    float or array
        FLOP of the whole stretch.

    Notes
    -----
    Source: the article's appendix, method 2. What is uncertain is mostly the utilization.

    Examples
    --------
    Two chips of 1e15 FLOP/s for one day at 30 %:

    >>> flop_from_chip_time(chips=2.0, days=1.0, flop_per_second=1e15, utilization=0.3, factor=1.0)
    5.184e+19
    """
    return chips * (days * SECONDS_PER_DAY) * flop_per_second * utilization * factor
