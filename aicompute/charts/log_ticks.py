"""Ticks of logarithmic axes: round values that do not crowd, and how they are written."""

from __future__ import annotations

import itertools
import math

#: More decades than this, and an axis has powers of ten alone.
_FEW_DECADES = 2.5
#: Less than this, and its ticks are an even step apart, as on a linear axis.
_EVEN_DECADES = 0.3
#: Between the two, the first digits of its ticks are one of these, the most that fit; the first
#: two only within a decade.
_FIRST_DIGITS = ((1, 2, 3, 5, 7), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,))
_ONE_DECADE = 0.9
#: With fewer ticks an axis has no scale to read.
_FEWEST = 2
#: Within these ends a number is written in full.
_FULL = (9.9e-4, 9.99e6)
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Round values between two ends of a log axis, at most so many.

    Powers of ten, every second or third where there are many; with other first digits where there
    are few; an even step apart where the ends are less than a factor of 2 from each other, or no
    two round values lie between them.

    Examples
    --------
    >>> log_ticks(0.003, 0.3, 4), log_ticks(4.0, 60.0, 9), log_ticks(1e-6, 1e12, 9)[:3]
    ([0.01, 0.1], [5.0, 10.0, 20.0, 50.0], [1e-06, 0.001, 1.0])
    >>> log_ticks(0.0049, 0.0063, 4), log_ticks(0.0038, 0.019, 8)
    ([0.005, 0.0055, 0.006], [0.005, 0.007, 0.01])
    >>> log_ticks(0.25, 5.6, 5), log_ticks(0.083, 0.172, 5)
    ([0.5, 1.0, 2.0, 5.0], [0.1, 0.12, 0.14, 0.16])
    """
    decades = math.log10(high / low)
    if decades < _EVEN_DECADES:
        return _even_ticks(low, high, most)
    if decades < _FEW_DECADES:
        choices = _FIRST_DIGITS if decades < _ONE_DECADE else _FIRST_DIGITS[2:]
        found = [_with_digits(low, high, digits) for digits in choices]
        values = next((values for values in found if len(values) <= most), found[-1])
        return values if len(values) >= _FEWEST else _even_ticks(low, high, most)
    strides = (_powers(low, high, stride) for stride in itertools.count(1))
    return next(values for values in strides if len(values) <= most)


def written(ticks: list[float], *, in_full: bool = False) -> list[str]:
    """How the ticks of an axis are written, all in one way.

    Powers of ten as such, over three of them or more; with fewer, and with other first digits, in
    full, or as multiples of powers where that would be long.

    Parameters
    ----------
    in_full
        Whether powers of ten are written in full too, as those of percent are.

    Examples
    --------
    >>> written([0.01, 1.0, 100.0]), written([0.01, 1.0, 100.0], in_full=True)
    (['10⁻²', '10⁰', '10²'], ['0.01', '1', '100'])
    >>> written([0.005, 0.0055]), written([2000.0, 5000.0]), written([2e-5, 5e-5])
    (['0.005', '0.0055'], ['2,000', '5,000'], ['2×10⁻⁵', '5×10⁻⁵'])
    """
    parts = [f"{tick:.6e}".split("e") for tick in ticks]
    powers = [f"10{str(int(power)).translate(_RAISED)}" for _, power in parts]
    digits = [f"{float(first):.4g}" for first, _ in parts]
    if {*digits} == {"1"} and ticks[-1] / ticks[0] > 10**_FEW_DECADES / 4 and not in_full:
        return powers
    if all(_FULL[0] < tick < _FULL[1] for tick in ticks):
        return [f"{tick:,.10f}".rstrip("0").rstrip(".") for tick in ticks]
    return [f"{first}×{power}" for first, power in zip(digits, powers, strict=True)]


def _powers(low: float, high: float, stride: int) -> list[float]:
    """Every so many powers of ten between two ends, counted from 1."""
    first, last = math.floor(math.log10(low) / stride) * stride, math.ceil(math.log10(high))
    values = [float(f"1e{power}") for power in range(first, last + 1, stride)]
    return [value for value in values if low <= value <= high]


def _with_digits(low: float, high: float, digits: tuple[int, ...]) -> list[float]:
    """The values between two ends that begin with one of these digits and go on in zeros."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [float(f"{digit}e{power}") for power in powers for digit in digits]
    return [value for value in values if low <= value <= high]


def _even_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of the smallest of the steps 1, 2, 5, 10 ... of which there are few enough."""
    power = math.floor(math.log10(high - low)) - 1
    steps = (float(f"{digit}e{power + more}") for more in range(4) for digit in (1, 2, 5))
    for step in steps:
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < most:
            break
    # Through text, so that 3 x 0.0005 is 0.0015 and not a neighbour of it.
    return [float(f"{count * step:.12g}") for count in range(first, last + 1)]
