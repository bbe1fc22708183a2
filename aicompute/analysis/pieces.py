"""Least squares on straight pieces, for every admissible set of breaks at once.

The arithmetic under :mod:`aicompute.analysis.change_points`: which breaks may be tried, the design
matrix of each, and the squared distance each leaves, also for many resamples together.
"""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aicompute.trend import FitError
from aicompute.units import DAYS_PER_YEAR

Shape = Literal["slopes", "lines", "levels"]
Array = NDArray[np.float64]

SMALLEST_PIECE = 3
#: Dates tried between two neighbouring points for one bend; with more bends, only the middle.
STEPS_BETWEEN = 4
#: Sets times resamples that are worked on together, which bounds the memory.
BLOCK = 100_000
#: Below this share of itself before elimination, a pivot is taken as zero: no such slope.
_SINGULAR = 1e-10
#: Share of the squares that rounding takes: a distance below it is none.
_ROUNDING = 1e-12


def break_sets(years: Array, breaks: int, shape: Shape) -> Array:
    """Every admissible set of break dates, one a row.

    Parameters
    ----------
    years
        Dates of the points, years.
    breaks
        Breaks in a set; every piece keeps :data:`SMALLEST_PIECE` points, on two dates or more.

    Raises
    ------
    FitError
        If no set leaves every piece enough points.
    """
    steps = STEPS_BETWEEN if shape == "slopes" and breaks == 1 else 1
    dates = np.unique(years)
    inner = np.arange(1, steps + 1) / (steps + 1)
    candidates = (dates[:-1, None] + inner * np.diff(dates)[:, None]).ravel()
    combinations = list(itertools.combinations(candidates, breaks))
    sets = np.array(combinations, dtype=np.float64).reshape(len(combinations), breaks)
    if len(years) < SMALLEST_PIECE or len(dates) == 1:
        raise FitError(f"pieces need at least {SMALLEST_PIECE} points on different dates")
    admissible = sets[_enough(years, dates, sets)]
    if len(admissible) == 0:
        raise FitError(f"{len(years)} points are too few for {breaks + 1} pieces")
    return admissible


def designs(years: Array, sets: Array, shape: Shape) -> Array:
    """Design matrices, sets x points x coefficients.

    ``slopes``: level at the first date, first slope, then each change of slope; ``lines``: level
    and slope of each piece; ``levels``: level of each piece.
    """
    x = years - years.min()
    ones = np.ones((len(sets), len(x)))
    if shape == "slopes":
        bends = np.maximum(0.0, years[None, :, None] - sets[:, None, :])
        return np.concatenate([ones[..., None], (ones * x)[..., None], bends], axis=2)
    piece = (years[None, :, None] > sets[:, None, :]).sum(axis=2)
    inside = (piece[..., None] == np.arange(sets.shape[1] + 1)).astype(np.float64)
    if shape == "levels":
        return inside
    sloped = np.stack([inside, inside * x[None, :, None]], axis=3)
    return sloped.reshape(len(sets), len(x), -1)


def losses(matrices: Array, values: Array) -> Array:
    """Squared distance that each design leaves, for one or for many vectors of values.

    Parameters
    ----------
    matrices
        Sets x points x coefficients.
    values
        Points, or samples x points.

    Returns
    -------
    array
        One a set, or samples x sets.
    """
    bases = np.linalg.qr(matrices).Q
    many = np.atleast_2d(values)
    explained = np.einsum("cnp,bn->bcp", bases, many, optimize=True)
    squares = (many**2).sum(axis=1)[:, None]
    left = np.maximum(squares - (explained**2).sum(axis=2), _ROUNDING * squares)
    return left if values.ndim > 1 else left[0]


def weighted_best(matrices: Array, values: Array, weights: Array) -> tuple[NDArray[np.int_], Array]:
    """The best set and its coefficients under each row of weights.

    Parameters
    ----------
    weights
        Samples x points: how often each point was drawn.

    Returns
    -------
    tuple
        Index of the best set and its coefficients, a row a sample; samples that leave too few
        dates for any set are left out.
    """
    products, block = _products(matrices, values), max(1, BLOCK // len(matrices))
    gains = [
        _gains(products, weights[start:start + block], matrices.shape[2])
        for start in range(0, len(weights), block)
    ]
    usable = np.concatenate([np.isfinite(gain).any(axis=1) for gain in gains])
    best = np.concatenate([gain.argmax(axis=1) for gain in gains])[usable]
    roots = np.sqrt(weights[usable])
    chosen = matrices[best] * roots[:, :, None]
    right = np.einsum("bnp,bn->bp", chosen, roots * values)
    left = np.einsum("bnp,bnq->bpq", chosen, chosen, optimize=True)
    return best, np.linalg.solve(left, right[..., None])[..., 0]


def chance(years: Array, matrices: Array, ratio: float, samples: int, seed: int) -> float:
    """Share of straight trends with normal noise whose best bend gains at least as much.

    The gain does not depend on the trend or the size of the noise, so noise alone will do.
    """
    noise = np.random.default_rng(seed).standard_normal((samples, len(years)))
    straight = losses(designs(years, np.empty((1, 0)), "lines"), noise)[:, 0]
    bent = losses(matrices, noise).min(axis=1)
    reached = int(((straight / bent) >= ratio).sum())
    # The data count as one of the trials, so that the share is never zero.
    return (reached + 1) / (samples + 1)


def slopes_per_day(coefficients: Array, shape: Shape, breaks: int) -> tuple[float, ...]:
    """Doublings a day of each piece, from coefficients by the year."""
    if shape == "levels":
        return (0.0,) * (breaks + 1)
    yearly = np.cumsum(coefficients[1:]) if shape == "slopes" else coefficients[1::2]
    return tuple(float(slope) / DAYS_PER_YEAR for slope in yearly)


def _products(matrices: Array, values: Array) -> Array:
    """Products of every two columns, then of each with the values; points x these x sets."""
    columns = np.moveaxis(matrices, 2, 0)
    pairs = itertools.combinations_with_replacement(columns, 2)
    made = [*(first * second for first, second in pairs), *(column * values for column in columns)]
    return np.ascontiguousarray(np.moveaxis(np.stack(made), 2, 0))


def _gains(products: Array, weights: Array, size: int) -> Array:
    """Squares that each set explains under each row of weights; minus infinity where none can.

    Normal equations by elimination, one coefficient at a time for all sets and samples together:
    millions of systems of three equations take a library that solves them singly a hundred times
    as long. They are positive definite, so no exchange of rows is needed.
    """
    sums = np.tensordot(weights, products, axes=1)
    pairs = itertools.combinations_with_replacement(range(size), 2)
    left = {pair: sums[:, k] for k, pair in enumerate(pairs)}
    right = [sums[:, k] for k in range(len(left), len(left) + size)]
    scale = [left[i, i] for i in range(size)]
    gained, solvable = np.zeros_like(right[0]), np.ones(right[0].shape, dtype=np.bool_)
    for i in range(size):
        solvable &= left[i, i] > _SINGULAR * scale[i]
        pivot = np.where(solvable, left[i, i], 1.0)
        gained += right[i] ** 2 / pivot
        for j in range(i + 1, size):
            share = left[i, j] / pivot
            right[j] = right[j] - share * right[i]
            for k in range(j, size):
                left[j, k] = left[j, k] - share * left[i, k]
    return np.where(solvable, gained, -np.inf)


def _enough(years: Array, dates: Array, sets: Array) -> NDArray[np.bool_]:
    """Whether every piece keeps enough points, and two dates to have a slope at all."""
    ends = np.column_stack([
        np.full(len(sets), -np.inf), sets, np.full(len(sets), np.inf)
    ])
    ordered = np.sort(years)
    points = np.diff(np.searchsorted(ordered, ends), axis=1)
    different = np.diff(np.searchsorted(dates, ends), axis=1)
    return np.all((points >= SMALLEST_PIECE) & (different > 1), axis=1)
