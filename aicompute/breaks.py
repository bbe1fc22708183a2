"""Breaks in a trend: where straight pieces fit best, how sure the break is, how many it needs.

Three shapes of pieces: ``slopes`` (a line that bends but does not jump), ``lines`` (a line of its
own in every piece) and ``levels`` (a constant in every piece). Every set of break dates is tried;
least squares picks one. A break is a chosen date, so it costs a parameter in BIC, and the test
against no break uses the distribution of the *best* break under pure chance.
"""

import contextlib
import itertools
import math
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from aicompute.assumptions import Assumptions
from aicompute.draws import central
from aicompute.recording import Interval
from aicompute.trend import UNKNOWN, Array, days_after, doubling_times
from aicompute.units import DAYS_PER_YEAR

Shape = Literal["slopes", "lines", "levels"]

SMALLEST_PIECE = 3
#: The one set of no breaks.
_NOWHERE = np.empty((1, 0))
#: Dates tried between two neighbouring points for one bend; with more bends, only the middle.
STEPS_BETWEEN = 4
#: Share of the squares that rounding takes: a distance below it is none.
_ROUNDING = 1e-12
#: Sets whose squares differ by less than this share are equally good, and the earliest is taken:
#: rounding, which differs between processors, must not choose a date.
_TIED = 1e-10
#: Every shape with its numbers of breaks; a line that bends nowhere is one line.
SHAPES: list[tuple[Shape, int]] = [
    *(("lines", breaks) for breaks in (0, 1, 2)), *(("slopes", breaks) for breaks in (1, 2)),
    *(("levels", breaks) for breaks in (0, 1, 2))]
#: Resamples that are worked on together, which bounds the memory.
TOGETHER = 10_000
#: Below this share of the squares of dates, what is left of them is rounding: no such slope.
_SINGULAR = 1e-10


class TooFew(ValueError):  # noqa: N818 (the name says what is wrong)
    """Too few points for so many pieces."""


class Pieces(NamedTuple):
    """Straight pieces: the dates between them, and where each ``piece`` starts and ends.

    The ``corners`` have the columns ``date``, ``pfs_days`` and ``piece``.
    """

    breaks: tuple[pd.Timestamp, ...]
    corners: pd.DataFrame


class TwoSlopes(NamedTuple):
    """One bend in a trend, with intervals by resampling; of unknowns where points are too few.

    The best date of the bend with its interval, the doubling times on both sides (months), and how
    often a best bend at least as good appears in a straight trend with chance alone.
    """

    break_date: Any = pd.NaT
    low: Any = pd.NaT
    high: Any = pd.NaT
    doubling_before: Interval = UNKNOWN
    doubling_after: Interval = UNKNOWN
    p_value: float = math.nan


class TwoEras(NamedTuple):
    """The F test of a second line, and the BIC of one line less that of two."""

    f_statistic: float
    p_value: float
    bic_gain: float


def best_pieces(
    dates: pd.Series, log2_values: pd.Series, breaks: int, shape: Shape = "slopes"
) -> Pieces:
    """Fit ``breaks`` + 1 pieces at the break dates that least squares likes best.

    Every piece keeps at least three points; TooFew where there are too few for so many pieces.
    """
    years, values = arrays(dates, log2_values)
    sets = break_sets(years, breaks, shape)
    matrices = designs(years, sets, shape)
    best = int(first_best(-losses(matrices, values[None])[0], (values**2).sum()))
    coefficients = np.linalg.lstsq(matrices[best], values, rcond=None)[0]
    edges = itertools.pairwise([0.0, *sets[best], years.max()])
    ends = np.array([end for a, b in edges for end in (np.nextafter(a, np.inf), b)])
    logs = designs(ends, sets[[best]], shape)[0] @ coefficients + log2_values.mean()
    corners = pd.DataFrame({"date": [_date(dates, year) for year in ends],
                            "pfs_days": np.exp2(logs), "piece": np.arange(len(ends)) // 2})
    return Pieces(tuple(corners["date"][1:-1:2]), corners)


def lowest_bics(dates: pd.Series, log2_values: Any) -> pd.DataFrame:
    """BIC of the best fit of every shape with up to two breaks that the points are enough for.

    The base-2 logarithms are many sets of values on the same dates (sets x points); a row a set.
    Columns are ``shape`` and ``pieces``. Lower is better.
    """
    many = np.asarray(log2_values, np.float64)
    many = many - many.mean(axis=1, keepdims=True)
    years, found = days_after(dates.min(), dates) / DAYS_PER_YEAR, {}
    for shape, breaks in SHAPES:
        with contextlib.suppress(TooFew):
            matrices = designs(years, break_sets(years, breaks, shape), shape)
            left = losses(matrices, many).min(axis=1)
            found[shape, breaks + 1] = bic(left, len(years), matrices.shape[2] + breaks)
    columns = pd.MultiIndex.from_tuples(list(found), names=["shape", "pieces"])
    return pd.DataFrame(found, index=range(len(many)), columns=columns)


def bend(systems: pd.DataFrame, assumptions: Assumptions) -> TwoSlopes:
    """Fit a line with one bend to systems (``date``, ``pfs_days``), and say how sure it is.

    Whole points (date and value together) are resampled, so a point's error goes with its date.
    Points of one laboratory are taken as independent, which they are not quite.
    """
    dates, samples = systems["date"], assumptions.samples
    years, values = arrays(dates, np.log2(systems["pfs_days"]))
    try:
        sets = break_sets(years, 1, "slopes")
    except TooFew:
        return TwoSlopes()
    own = _bends(sets[:, 0], years, values, np.ones((1, len(years))))[0]
    draw = np.random.default_rng(assumptions.seed)
    weights = draw.multinomial(len(years), [1 / len(years)] * len(years), size=samples) * 1.0
    parts = np.array_split(weights, math.ceil(samples / TOGETHER))
    drawn = np.concatenate([_bends(sets[:, 0], years, values, part) for part in parts])
    when, *slopes = (central(*of, assumptions) for of in zip(own, drawn.T, strict=True))
    # The gain does not depend on the trend or the size of the noise, so noise alone will do. The
    # data count as one of the trials, so that the share is never zero.
    noise = np.random.default_rng(assumptions.seed).standard_normal((samples, len(years)))
    trials = np.vstack([values, noise])
    single = losses(designs(years, _NOWHERE, "lines"), trials)[:, 0]
    gains = single / losses(designs(years, sets, "slopes"), trials).min(axis=1)
    best, low, high = (_date(dates, year) for year in when)
    before, after = (doubling_times(slope, assumptions.days_per_month) for slope in slopes)
    return TwoSlopes(best, low, high, before, after, float((gains >= gains[0]).mean()))


def two_eras(dates: pd.Series, log2_values: pd.Series, at: pd.Timestamp) -> TwoEras:
    """Hold one line against two, the date between them given; NaN with too few points on a side."""
    years, values = arrays(dates, log2_values)
    year = days_after(dates.min(), pd.Series([at])) / DAYS_PER_YEAR
    sets = np.nextafter(year, -np.inf)[None]  # that day is the later era's
    if not enough(years, sets)[0]:
        return TwoEras(*UNKNOWN)
    single, double = (losses(designs(years, between, "lines"), values[None]).item()
                      for between in (_NOWHERE, sets))
    points = len(years)
    f_statistic = (single - double) / 2 / (double / (points - 4))
    return TwoEras(f_statistic, float(stats.f.sf(f_statistic, 2, points - 4)),
                   float(bic(single, points, 2) - bic(double, points, 4)))


def _date(dates: pd.Series, years: float) -> pd.Timestamp:
    return (dates.min() + pd.Timedelta(days=years * DAYS_PER_YEAR)).normalize()


def _bends(tried: Array, years: Array, values: Array, weights: Array) -> Array:
    """Year of the best bend, and both slopes in doublings a day, under each row of weights.

    A weight says how often a point was drawn. What a line leaves of the values is fitted by what a
    line leaves of ``max(0, year - bend)``, for all bends and rows of weights together. Rows with
    too few dates for any bend are left out.
    """
    hinges = np.maximum(0.0, years[:, None] - tried)
    total = weights.sum(axis=1)
    x = years - (weights @ years / total)[:, None]
    y = values - (weights @ values / total)[:, None]
    spread = (weights * x**2).sum(axis=1)
    usable = spread > _SINGULAR * (weights @ years**2)
    slope = (weights * x * y).sum(axis=1) / np.where(usable, spread, 1.0)
    left = weights * (y - slope[:, None] * x)
    along = (weights * x) @ hinges / np.where(usable, spread, 1.0)[:, None]
    squares = weights @ hinges**2
    own = squares - (weights @ hinges) ** 2 / total[:, None] - along**2 * spread[:, None]
    solvable = (own > _SINGULAR * squares) & usable[:, None]
    change = left @ hinges / np.where(solvable, own, 1.0)
    rows = np.flatnonzero(solvable.any(axis=1))
    gains = np.where(solvable, change**2 * own, -np.inf)[rows]
    best = first_best(gains, (weights * y**2).sum(axis=1)[rows])
    before = slope[rows] - change[rows, best] * along[rows, best]
    after = before + change[rows, best]
    return np.column_stack([tried[best], before / DAYS_PER_YEAR, after / DAYS_PER_YEAR])


def break_sets(years: Array, breaks: int, shape: Shape) -> Array:
    """Every set of break dates in years, one a row, that leaves each piece enough points."""
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
    """Squared distance that each design leaves of values (samples x points): samples x sets."""
    bases = np.linalg.qr(matrices).Q
    explained = np.einsum("cnp,bn->bcp", bases, values, optimize=True)
    squares = (values**2).sum(axis=1)[:, None]
    return np.maximum(squares - (explained**2).sum(axis=2), _ROUNDING * squares)


def first_best(gains: Array, squares: Any) -> NDArray[np.int_]:
    """The first of the sets that are as good as the best, but for rounding."""
    best = gains.max(axis=-1, keepdims=True)
    return np.asarray((gains >= best - _TIED * np.reshape(squares, best.shape)).argmax(axis=-1))


def bic(left: Any, points: int, parameters: int) -> Any:
    """Schwarz's criterion for normal noise, whose spread is one more parameter."""
    # Points that are all equal would have no finite logarithm.
    return points * np.log(np.maximum(left, 1e-24) / points) + (parameters + 1) * np.log(points)


def arrays(dates: pd.Series, log2_values: pd.Series) -> tuple[Array, Array]:
    """Years since the first date, and the values less their mean, as arrays."""
    values = np.asarray(log2_values, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("breaks need finite logarithms")
    years = days_after(dates.min(), dates) / DAYS_PER_YEAR
    return years, values - values.sum() / max(len(values), 1)
