"""Breaks in a trend: where straight pieces fit best, how sure the break is, how many it needs.

Three shapes of pieces: ``slopes`` (a line that bends but does not jump), ``lines`` (a line of its
own in every piece) and ``levels`` (a constant in every piece). Every set of break dates is tried;
least squares picks one. A break is a chosen date, so it costs a parameter in AIC and BIC, and the
test against no break uses the distribution of the *best* break under pure chance.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from aicompute.assumptions import Assumptions
from aicompute.trend import UNKNOWN, Interval
from aicompute.units import DAYS_PER_YEAR, doubling_time

Shape = Literal["slopes", "lines", "levels"]
Array = NDArray[np.float64]

SMALLEST_PIECE = 3
#: Dates tried between two neighbouring points for one bend; with more bends, only the middle.
STEPS_BETWEEN = 4
#: Resamples that are worked on together, which bounds the memory.
TOGETHER = 10_000
#: Below this share of the squares of dates, what is left of them is rounding: no such slope.
_SINGULAR = 1e-10
#: Share of the squares that rounding takes: a distance below it is none.
_ROUNDING = 1e-12
#: Sets whose squares differ by less than this share are equally good, and the earliest is taken:
#: rounding, which differs between processors, must not choose a date.
_TIED = 1e-10


class TooFew(ValueError):  # noqa: N818 (the name says what is wrong)
    """Too few points for so many pieces."""


@dataclass(frozen=True)
class Pieces:
    """The best fit of a number of straight pieces.

    Attributes
    ----------
    breaks
        Dates between the pieces.
    corners
        ``date``, ``pfs_days`` and ``piece``: where each piece starts, and where it ends.
    sse
        Sum of squared distances, in squared doublings.
    bic
        Schwarz's criterion for normal noise; lower is better.
    """

    breaks: tuple[pd.Timestamp, ...]
    corners: pd.DataFrame
    sse: float
    bic: float


@dataclass(frozen=True)
class TwoSlopes:
    """One bend in a trend, with intervals by resampling; of unknowns where points are too few.

    Attributes
    ----------
    break_date, low, high
        The best date of the bend and its interval.
    doubling_before, doubling_after
        Doubling times on both sides, months; open above where there may be no growth.
    p_value
        How often a best bend at least as good appears in a straight trend with chance alone.
    """

    break_date: Any = pd.NaT
    low: Any = pd.NaT
    high: Any = pd.NaT
    doubling_before: Interval = UNKNOWN
    doubling_after: Interval = UNKNOWN
    p_value: float = math.nan


def best_pieces(
    dates: pd.Series, log2_values: pd.Series, breaks: int, shape: Shape = "slopes"
) -> Pieces:
    """Fit ``breaks`` + 1 pieces at the break dates that least squares likes best.

    Parameters
    ----------
    dates, log2_values
        The points; values as base-2 logarithms.
    breaks
        Number of breaks, 0 or more; every piece keeps at least three points.
    shape
        ``slopes``, ``lines`` or ``levels``.

    Raises
    ------
    TooFew
        If there are too few points for so many pieces.
    """
    years, values = _arrays(dates, log2_values)
    sets = break_sets(years, breaks, shape)
    matrices = designs(years, sets, shape)
    left = losses(matrices, values)
    best = int(_first_best(-left, (values**2).sum()))
    coefficients = np.linalg.lstsq(matrices[best], values, rcond=None)[0]
    edges = itertools.pairwise([0.0, *sets[best], years.max()])
    ends = np.array([end for a, b in edges for end in (np.nextafter(a, np.inf), b)])
    logs = designs(ends, sets[[best]], shape)[0] @ coefficients + log2_values.mean()
    corners = pd.DataFrame({"date": [_date(dates, year) for year in ends],
                            "pfs_days": np.exp2(logs), "piece": np.arange(len(ends)) // 2})
    bic = _bic(left[best], len(values), matrices.shape[2] + breaks)
    return Pieces(tuple(corners["date"][1:-1:2]), corners, float(left[best]), float(bic))


def compare_models(
    dates: pd.Series, log2_values: pd.Series, *, max_breaks: int = 2
) -> pd.DataFrame:
    """Every shape with 0 to ``max_breaks`` breaks, by how well it earns its parameters.

    Returns
    -------
    DataFrame
        ``shape``, ``pieces``, ``found`` (:class:`Pieces`), ``bic_behind`` (above the best), the
        best first. Combinations that the points are too few for are left out.
    """
    rows = []
    for shape, breaks in _shapes(max_breaks):
        with contextlib.suppress(TooFew):
            found = best_pieces(dates, log2_values, breaks, shape)
            rows.append([shape, breaks + 1, found, found.bic])
    models = pd.DataFrame(rows, columns=["shape", "pieces", "found", "bic_behind"])
    models["bic_behind"] -= models["bic_behind"].min()
    return models.sort_values("bic_behind", kind="stable", ignore_index=True)


def line_behind_by_chance(
    dates: pd.Series, log2_values: pd.Series, *, max_breaks: int = 2, samples: int = 1000,
    seed: int = 2018,
) -> Array:
    """How far one line trails the best model by BIC where the truth is one line and chance alone.

    The truth is taken to be the points' own least-squares line with normal noise of their spread.

    Returns
    -------
    array
        BIC of one line above the best of all models, one a sample; 0 where the line is best.

    Raises
    ------
    TooFew
        If there are too few points for a line.
    """
    years, values = _arrays(dates, log2_values)
    break_sets(years, 0, "lines")
    found = stats.linregress(years, values)
    spread = np.std(values - found.slope * years, ddof=2)
    random = np.random.default_rng(seed)
    noise = found.slope * (years - years.mean()) + random.normal(0, spread, (samples, len(years)))
    bic = {}
    for shape, breaks in _shapes(max_breaks):
        with contextlib.suppress(TooFew):
            matrices = designs(years, break_sets(years, breaks, shape), shape)
            left = losses(matrices, noise).min(axis=1)
            bic[shape, breaks] = _bic(left, len(years), matrices.shape[2] + breaks)
    return np.asarray(bic["lines", 0] - np.min(list(bic.values()), axis=0))


def two_slopes(
    dates: pd.Series, log2_values: pd.Series, *, samples: int = 1000, seed: int = 2018,
    confidence: float = 0.95, days_per_month: float = DAYS_PER_YEAR / 12,
) -> TwoSlopes:
    """Fit a line with one bend, and say how sure its date and slopes are.

    Parameters
    ----------
    samples, seed
        Resamples of the points, drawn with replacement, and the seed of the draws.

    Notes
    -----
    What is correlated: whole points (date and value together) are resampled, so a point's error
    goes with its date. Points of one laboratory are taken as independent, which they are not quite.
    """
    try:
        found = best_pieces(dates, log2_values, 1)
    except TooFew:
        return TwoSlopes()
    years, values = _arrays(dates, log2_values)
    sets = break_sets(years, 1, "slopes")
    matrices = designs(years, sets, "slopes")
    draw = np.random.default_rng(seed)
    shares = np.full(len(years), 1 / len(years))
    weights = draw.multinomial(len(years), shares, size=samples).astype(np.float64)
    parts = np.array_split(weights, math.ceil(samples / TOGETHER))
    drawn = np.concatenate([_bends(sets[:, 0], years, values, part) for part in parts])
    tail = 0.5 - confidence / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    own = _bends(sets[:, 0], years, values, np.ones((1, len(years))))[0]
    before, after = (
        Interval(doubling_time(own[k], days_per_month), *(
            doubling_time(end, days_per_month) if end > 0 else math.inf
            for end in (high[k], low[k])))
        for k in (1, 2))
    straight = float(losses(designs(years, np.empty((1, 0)), "lines"), values)[0])
    chance = _chance(years, matrices, straight / found.sse, samples, seed)
    return TwoSlopes(found.breaks[0], _date(dates, low[0]), _date(dates, high[0]), before, after,
                     chance)


def bend(systems: pd.DataFrame, assumptions: Assumptions) -> TwoSlopes:
    """One bend in the trend of systems (``date``, ``pfs_days``), as the assumptions say."""
    return two_slopes(
        systems["date"], np.log2(systems["pfs_days"]), samples=assumptions.samples,
        seed=assumptions.seed, confidence=assumptions.confidence,
        days_per_month=assumptions.days_per_month)


class TwoEras(NamedTuple):
    """The F test of a second line, and the BIC of one line less that of two."""

    f_statistic: float
    p_value: float
    bic_gain: float


def two_eras(dates: pd.Series, log2_values: pd.Series, at: pd.Timestamp) -> TwoEras:
    """Hold one line against two, the date between them given beforehand.

    Returns
    -------
    TwoEras
        Of unknowns with fewer than three points on either side.
    """
    years, values = _arrays(dates, log2_values)
    sets = np.array([[((at - dates.min()).days - 0.5) / DAYS_PER_YEAR]])
    if not _enough(years, sets)[0]:
        return TwoEras(*UNKNOWN)
    single = float(losses(designs(years, np.empty((1, 0)), "lines"), values)[0])
    double = float(losses(designs(years, sets, "lines"), values)[0])
    points = len(years)
    f_statistic = (single - double) / 2 / (double / (points - 4))
    return TwoEras(f_statistic, float(stats.f.sf(f_statistic, 2, points - 4)),
                   points * math.log(single / double) - 2 * math.log(points))


def _shapes(max_breaks: int) -> list[tuple[Shape, int]]:
    """Every shape with every number of breaks; a line that bends nowhere is one line."""
    shapes: tuple[Shape, ...] = ("lines", "slopes", "levels")
    tried = itertools.product(shapes, range(max_breaks + 1))
    return [(shape, breaks) for shape, breaks in tried if (shape, breaks) != ("slopes", 0)]


def _bic(left: Any, points: int, parameters: int) -> Any:
    """Schwarz's criterion for normal noise, whose spread is one more parameter."""
    # Points that are all equal would have no finite logarithm.
    deviance = points * np.log(np.maximum(left, 1e-24) / points)
    return deviance + (parameters + 1) * np.log(points)


def _arrays(dates: pd.Series, log2_values: pd.Series) -> tuple[Array, Array]:
    """Years since the first date, and the values less their mean, as arrays."""
    values = np.asarray(log2_values, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("breaks need finite logarithms")
    days = (dates - dates.min()).dt.total_seconds() / 86_400
    return np.asarray(days / DAYS_PER_YEAR, np.float64), values - values.mean()


def _date(dates: pd.Series, years: float) -> pd.Timestamp:
    return (dates.min() + pd.Timedelta(days=years * DAYS_PER_YEAR)).normalize()


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
    admissible = sets[_enough(years, sets)]
    if len(admissible) == 0:
        raise TooFew(f"{len(years)} points are too few for {breaks + 1} pieces")
    return admissible


def _enough(years: Array, sets: Array) -> NDArray[np.bool_]:
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


def _first_best(gains: Array, squares: Any) -> NDArray[np.int_]:
    """The first of the sets that are as good as the best, but for rounding."""
    best = gains.max(axis=-1, keepdims=True)
    return np.asarray((gains >= best - _TIED * np.reshape(squares, best.shape)).argmax(axis=-1))


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
    gains = np.where(solvable, change**2 * own, -np.inf)[solvable.any(axis=1)]
    best = _first_best(gains, (weights * y**2).sum(axis=1)[solvable.any(axis=1)])
    rows = np.flatnonzero(solvable.any(axis=1))
    before = slope[rows] - change[rows, best] * along[rows, best]
    after = before + change[rows, best]
    return np.column_stack([tried[best], before / DAYS_PER_YEAR, after / DAYS_PER_YEAR])


def _chance(years: Array, matrices: Array, ratio: float, samples: int, seed: int) -> float:
    """Share of straight trends with normal noise whose best bend gains at least as much.

    The gain does not depend on the trend or the size of the noise, so noise alone will do.
    """
    noise = np.random.default_rng(seed).standard_normal((samples, len(years)))
    straight = losses(designs(years, np.empty((1, 0)), "lines"), noise)[:, 0]
    reached = int((straight / losses(matrices, noise).min(axis=1) >= ratio).sum())
    # The data count as one of the trials, so that the share is never zero.
    return (reached + 1) / (samples + 1)
