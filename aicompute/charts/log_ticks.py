"""Ticks of logarithmic axes: round values that do not crowd, and how they are written."""

from __future__ import annotations

import itertools
import math

from aicompute.words import SUPERSCRIPT

#: More decades than this, and an axis has powers of ten alone.
_FEW_DECADES = 2.5
#: Less than this, and its ticks are an even step apart, as on a linear axis.
_EVEN_DECADES = 0.3
#: Between the two, the first digits of its ticks are one of these, the most that fit; the first
#: two only within a decade.
_FIRST_DIGITS = ((1, 2, 3, 5, 7), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,))
_ONE_DECADE = 0.9
#: Within these ends a number is written in full.
_FULL = (9.9e-4, 9.99e6)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Round values between two ends of a log axis, at most so many.

    Powers of ten, every second or third where there are many; with other first digits where there
    are few; an even step apart where the ends are less than a factor of 2 from each other, or no
    two round values lie between them.

    >>> log_ticks(0.003, 0.3, 4), log_ticks(4.0, 60.0, 9), log_ticks(1e-6, 1e12, 9)[:3]
    ([0.01, 0.1], [5.0, 10.0, 20.0, 50.0], [1e-06, 0.001, 1.0])
    >>> log_ticks(0.0049, 0.0063, 4), log_ticks(0.0038, 0.019, 8)
    ([0.005, 0.0055, 0.006], [0.005, 0.007, 0.01])
    >>> log_ticks(0.25, 5.6, 5), log_ticks(0.083, 0.172, 5)
    ([0.5, 1.0, 2.0, 5.0], [0.1, 0.12, 0.14, 0.16])
    """
    decades = math.log10(high / low)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)

    def beginning(digits: tuple[int, ...], stride: int = 1) -> list[float]:
        """The values that begin with these digits, of every so many powers of ten."""
        values = [float(f"{d}e{power}") for power in powers if power % stride == 0 for d in digits]
        return [value for value in values if low <= value <= high]

    if decades >= _FEW_DECADES:
        strides = (beginning((1,), stride) for stride in itertools.count(1))
        return next(ticks for ticks in strides if len(ticks) <= most)
    if decades >= _EVEN_DECADES:
        found = [beginning(digits) for digits in _FIRST_DIGITS[2 * (decades >= _ONE_DECADE):]]
        ticks = next((ticks for ticks in found if len(ticks) <= most), found[-1])
        if len(ticks) > 1:  # with fewer an axis has no scale to read
            return ticks
    power = math.floor(math.log10(high - low)) - 1
    steps = (float(f"{digit}e{power + more}") for more in range(4) for digit in (1, 2, 5))
    step = next(s for s in steps if math.floor(high / s) - math.ceil(low / s) < most)
    # Through text, so that 3 x 0.0005 is 0.0015 and not a neighbour of it.
    counts = range(math.ceil(low / step), math.floor(high / step) + 1)
    return [float(f"{count * step:.12g}") for count in counts]


def written(ticks: list[float], *, in_full: bool = False) -> list[str]:
    """How the ticks of an axis are written, all in one way.

    Powers of ten as such, over three of them or more, unless ``in_full``; with fewer, and with
    other first digits, in full, or as multiples of powers where that would be long.

    >>> written([0.01, 1.0, 100.0]), written([0.01, 1.0, 100.0], in_full=True)
    (['10⁻²', '10⁰', '10²'], ['0.01', '1', '100'])
    >>> written([0.005, 0.0055]), written([2000.0, 5000.0]), written([2e-5, 5e-5])
    (['0.005', '0.0055'], ['2,000', '5,000'], ['2×10⁻⁵', '5×10⁻⁵'])
    """
    parts = [f"{tick:.6e}".split("e") for tick in ticks]
    powers = [f"10{str(int(power)).translate(SUPERSCRIPT)}" for _, power in parts]
    digits = [f"{float(first):.4g}" for first, _ in parts]
    if {*digits} == {"1"} and ticks[-1] / ticks[0] > 10**_FEW_DECADES / 4 and not in_full:
        return powers
    if all(_FULL[0] < tick < _FULL[1] for tick in ticks):
        return [f"{tick:,.10f}".rstrip("0").rstrip(".") for tick in ticks]
    return [f"{first}×{power}" for first, power in zip(digits, powers, strict=True)]
