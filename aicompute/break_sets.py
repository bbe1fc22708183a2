"""Sets of dates at which a trend may break, and what straight pieces between them leave."""

from __future__ import annotations

import itertools
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aicompute.units import DAYS_PER_YEAR

Shape = Literal["slopes", "lines", "levels"]
Array = NDArray[np.float64]

SMALLEST_PIECE = 3
#: Dates tried between two neighbouring points for one bend; with more bends, only the middle.
STEPS_BETWEEN = 4
#: Share of the squares that rounding takes: a distance below it is none.
_ROUNDING = 1e-12
#: Sets whose squares differ by less than this share are equally good, and the earliest is taken:
#: rounding, which differs between processors, must not choose a date.
_TIED = 1e-10


class TooFew(ValueError):  # noqa: N818 (the name says what is wrong)
    """Too few points for so many pieces."""


def break_sets(years: Array, breaks: int, shape: Shape) -> Array:
    """Every admissible set of break dates in years, one a row.

    Every piece keeps :data:`SMALLEST_PIECE` points, on two dates or more.
    """
    steps = STEPS_BETWEEN if shape == "slopes" and breaks == 1 else 1
    dates = np.unique(years)
    inner = np.arange(1, steps + 1) / (steps + 1)
    candidates = (dates[:-1, None] + inner * np.diff(dates)[:, None]).ravel()
    combinations = list(itertools.combinations(candidates, breaks))
    sets = np.array(combinations, dtype=np.float64).reshape(len(combinations), breaks)
    admissible = sets[enough(years, sets)]
    if len(admissible) == 0:
        raise TooFew(f"{len(years)} points are too few for {breaks + 1} pieces")
    return admissible


def enough(years: Array, sets: Array) -> NDArray[np.bool_]:
    """Whether every piece keeps enough points, and two dates to have a slope at all."""
    edge = np.full((len(sets), 1), np.inf)
    ends = np.hstack([-edge, sets, edge])
    points, dates = (np.diff(np.searchsorted(among, ends), axis=1)
                     for among in (np.sort(years), np.unique(years)))
    return np.all((points >= SMALLEST_PIECE) & (dates > 1), axis=1)


def designs(years: Array, sets: Array, shape: Shape) -> Array:
    """Design matrices, sets x points x coefficients; years count from the first point.

    ``slopes``: level at the first date, first slope, then each change of slope; ``lines``: level
    and slope of each piece; ``levels``: level of each piece.
    """
    x = np.broadcast_to(years, (len(sets), len(years)))[..., None]
    if shape == "slopes":
        return np.concatenate([np.ones_like(x), x, np.maximum(0.0, x - sets[:, None, :])], axis=2)
    piece = (x > sets[:, None, :]).sum(axis=2, keepdims=True)
    inside = (piece == np.arange(sets.shape[1] + 1)).astype(np.float64)
    return inside if shape == "levels" else np.concatenate([inside, inside * x], axis=2)


def losses(matrices: Array, values: Array) -> Array:
    """Squared distance that each design leaves, for one (points) or many (samples x points).

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


def first_best(gains: Array, squares: Any) -> NDArray[np.int_]:
    """The first of the sets that are as good as the best, but for rounding."""
    best = gains.max(axis=-1, keepdims=True)
    return np.asarray((gains >= best - _TIED * np.reshape(squares, best.shape)).argmax(axis=-1))


def shapes(max_breaks: int) -> list[tuple[Shape, int]]:
    """Every shape with every number of breaks; a line that bends nowhere is one line."""
    shapes: tuple[Shape, ...] = ("lines", "slopes", "levels")
    tried = itertools.product(shapes, range(max_breaks + 1))
    return [(shape, breaks) for shape, breaks in tried if (shape, breaks) != ("slopes", 0)]


def bic(left: Any, points: int, parameters: int) -> Any:
    """Schwarz's criterion for normal noise, whose spread is one more parameter."""
    # Points that are all equal would have no finite logarithm.
    deviance = points * np.log(np.maximum(left, 1e-24) / points)
    return deviance + (parameters + 1) * np.log(points)


def arrays(dates: pd.Series, log2_values: pd.Series) -> tuple[Array, Array]:
    """Years since the first date, and the values less their mean, as arrays."""
    values = np.asarray(log2_values, dtype=np.float64)
    if len(values) == 0:
        raise TooFew("no points")
    if not np.isfinite(values).all():
        raise ValueError("breaks need finite logarithms")
    days = (dates - dates.min()).dt.total_seconds() / 86_400
    return np.asarray(days / DAYS_PER_YEAR, np.float64), values - values.sum() / max(len(values), 1)
