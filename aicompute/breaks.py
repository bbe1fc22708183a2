"""Breaks in a trend: where straight pieces fit best, how sure the break is, how many it needs.

Three shapes of pieces: ``slopes`` (a line that bends but does not jump), ``lines`` (a line of its
own in every piece) and ``levels`` (a constant in every piece). Every set of break dates is tried;
least squares picks one. A break is a chosen date, so it costs a parameter in AIC and BIC, and the
test against no break uses the distribution of the *best* break under pure chance.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from aicompute.trend import Interval, doubling_times
from aicompute.units import DAYS_PER_YEAR, SECONDS_PER_DAY

Shape = Literal["slopes", "lines", "levels"]
Array = NDArray[np.float64]

SHAPES: tuple[Shape, ...] = ("lines", "slopes", "levels")
SMALLEST_PIECE = 3
#: Dates tried between two neighbouring points for one bend; with more bends, only the middle.
STEPS_BETWEEN = 4
#: Sets times resamples that are worked on together, which bounds the memory.
BLOCK = 100_000
#: Below this share of itself before elimination, a pivot is taken as zero: no such slope.
_SINGULAR = 1e-10
#: Sets whose squares differ by a smaller share fit equally well, on any processor.
_EQUAL = 1e-9
#: Share of the squares that rounding takes: a distance below it is none.
_ROUNDING = 1e-12
_SECONDS_PER_YEAR = DAYS_PER_YEAR * SECONDS_PER_DAY


class TooFew(ValueError):  # noqa: N818 (the name says what is wrong)
    """Too few points for so many pieces."""


@dataclass(frozen=True)
class Pieces:
    """The best fit of a number of straight pieces.

    Attributes
    ----------
    breaks
        Dates between the pieces.
    slopes
        Doublings a day in each piece; zero for levels.
    ends
        Base-2 logarithm of the fit where each piece starts and where it ends.
    sse
        Sum of squared distances, in squared doublings.
    parameters
        Coefficients and break dates, without the spread of the noise.
    """

    shape: Shape
    breaks: tuple[pd.Timestamp, ...]
    slopes: tuple[float, ...]
    ends: tuple[tuple[float, float], ...]
    sse: float
    parameters: int
    points: int

    @property
    def aic(self) -> float:
        """Akaike's criterion for normal noise, corrected for few points; lower is better."""
        count = self.parameters + 1
        room = self.points - count - 1
        if room <= 0:
            return float("inf")
        return self._deviance() + 2 * count + 2 * count * (count + 1) / room

    @property
    def bic(self) -> float:
        """Schwarz's criterion for normal noise; lower is better."""
        return self._deviance() + (self.parameters + 1) * float(np.log(self.points))

    def _deviance(self) -> float:
        # Points that are all equal would have no finite logarithm.
        return self.points * float(np.log(max(self.sse, 1e-24) / self.points))


@dataclass(frozen=True)
class TwoSlopes:
    """One bend in a trend, with the interval of its date and of both slopes by resampling.

    Attributes
    ----------
    break_date, low, high
        The best date of the bend and its interval.
    slope_before, slope_after
        Doublings a day.
    sse, sse_line
        Sum of squared distances with the bend, and of one straight line.
    p_value
        How often a best bend at least as good appears in a straight trend with chance alone.
    """

    break_date: pd.Timestamp
    low: pd.Timestamp
    high: pd.Timestamp
    slope_before: Interval
    slope_after: Interval
    sse: float
    sse_line: float
    p_value: float
    points_before: int
    points_after: int
    days_per_month: float

    @property
    def doubling_before(self) -> Interval:
        """Doubling time before the bend, months."""
        return doubling_times(self.slope_before, self.days_per_month)

    @property
    def doubling_after(self) -> Interval:
        """Doubling time after the bend, months."""
        return doubling_times(self.slope_after, self.days_per_month)


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
    best = _first_least(left)
    coefficients = np.linalg.lstsq(matrices[best], values, rcond=None)[0]
    return Pieces(
        shape=shape,
        breaks=tuple(_date(dates, float(year)) for year in sets[best]),
        slopes=_slopes_per_day(coefficients, shape, breaks),
        ends=_piece_ends(coefficients, shape, [0.0, *sets[best], years.max()], log2_values.mean()),
        sse=float(left[best]),
        parameters=matrices.shape[2] + breaks,
        points=len(values),
    )


def compare_models(
    dates: pd.Series, log2_values: pd.Series, *, max_breaks: int = 2
) -> pd.DataFrame:
    """Every shape with 0 to ``max_breaks`` breaks, by how well it earns its parameters.

    Returns
    -------
    DataFrame
        ``shape``, ``pieces``, ``breaks`` (dates), ``slopes``, ``parameters``, ``sse``, ``aic``,
        ``bic``, ``bic_behind`` (BIC above the best). A fit without a break appears once as
        ``lines``. Sorted by BIC. Combinations that the points are too few for are left out.
    """
    rows = []
    for shape, breaks in itertools.product(SHAPES, range(max_breaks + 1)):
        if shape == "slopes" and breaks == 0:
            continue
        try:
            found = best_pieces(dates, log2_values, breaks, shape)
        except TooFew:
            continue
        rows.append({
            "shape": shape, "pieces": breaks + 1, "breaks": found.breaks, "slopes": found.slopes,
            "parameters": found.parameters, "sse": found.sse, "aic": found.aic, "bic": found.bic,
        })
    if not rows:
        raise TooFew(f"change points need at least {SMALLEST_PIECE} points")
    table = pd.DataFrame(rows).sort_values("bic", kind="stable", ignore_index=True)
    return table.assign(bic_behind=table["bic"] - table["bic"].min())


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
    """
    years, values = _arrays(dates, log2_values)
    found = stats.linregress(years, values)
    spread = np.std(values - found.slope * years, ddof=2)
    random = np.random.default_rng(seed)
    noise = found.slope * (years - years.mean()) + random.normal(0, spread, (samples, len(years)))
    line, best = np.full(samples, np.inf), np.full(samples, np.inf)
    for shape, breaks in itertools.product(SHAPES, range(max_breaks + 1)):
        try:
            matrices = designs(years, break_sets(years, breaks, shape), shape)
        except TooFew:
            continue
        left = losses(matrices, noise).min(axis=1)
        count = matrices.shape[2] + breaks + 1
        bic = len(years) * np.log(left / len(years)) + count * np.log(len(years))
        best = np.minimum(best, bic)
        line = bic if (shape, breaks) == ("lines", 0) else line
    return line - best


def two_slopes(
    dates: pd.Series,
    log2_values: pd.Series,
    *,
    samples: int = 1000,
    seed: int = 2018,
    confidence: float = 0.95,
    days_per_month: float = 30.4375,
) -> TwoSlopes:
    """Fit a line with one bend, and say how sure its date and slopes are.

    Parameters
    ----------
    samples, seed
        Resamples of the points, drawn with replacement, and the seed of the draws.

    Raises
    ------
    TooFew
        With fewer than six points, or without three on distinct dates on either side.

    Notes
    -----
    What is correlated: whole points (date and value together) are resampled, so a point's error
    goes with its date. Points of one laboratory are taken as independent, which they are not quite.
    """
    years, values = _arrays(dates, log2_values)
    sets = break_sets(years, 1, "slopes")
    matrices = designs(years, sets, "slopes")
    left = losses(matrices, values)
    best = _first_least(left)
    coefficients = np.linalg.lstsq(matrices[best], values, rcond=None)[0]
    slopes = _slopes_per_day(coefficients, "slopes", 1)
    drawn = _resampled(years, values, sets, matrices, samples, np.random.default_rng(seed))
    ends = np.nanquantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    line = float(losses(designs(years, np.empty((1, 0)), "lines"), values)[0])
    before = int((years <= sets[best, 0]).sum())
    return TwoSlopes(
        break_date=_date(dates, float(sets[best, 0])),
        low=_date(dates, float(ends[0, 0])), high=_date(dates, float(ends[1, 0])),
        slope_before=Interval(slopes[0], *map(float, ends[:, 1])),
        slope_after=Interval(slopes[1], *map(float, ends[:, 2])),
        sse=float(left[best]), sse_line=line,
        p_value=_chance(years, matrices, line / float(left[best]), samples, seed),
        points_before=before, points_after=len(values) - before, days_per_month=days_per_month,
    )


def _piece_ends(
    coefficients: Array, shape: Shape, edges: list[float], mean: float
) -> tuple[tuple[float, float], ...]:
    """The fit at both edges of every piece."""
    if shape == "slopes":
        bends = np.maximum(0.0, np.subtract.outer(edges, edges[1:-1]))
        at = mean + coefficients[0] + coefficients[1] * np.array(edges) + bends @ coefficients[2:]
        return tuple((float(a), float(b)) for a, b in itertools.pairwise(at))
    width = 1 if shape == "levels" else 2
    own = [(*c, 0.0)[:2] for c in coefficients.reshape(-1, width)]
    return tuple(
        (float(mean + level + slope * start), float(mean + level + slope * end))
        for (level, slope), (start, end) in zip(own, itertools.pairwise(edges), strict=True)
    )


def _weights(points: int, samples: int, random: np.random.Generator) -> Array:
    """How often each point is drawn in each resample."""
    shares = np.full(points, 1 / points)
    return random.multinomial(points, shares, size=samples).astype(np.float64)


def _resampled(
    years: Array, values: Array, sets: Array, matrices: Array, samples: int,
    random: np.random.Generator,
) -> Array:
    """Break (years) and both slopes of each resample of the points, a row a resample."""
    weights = _weights(len(years), samples, random)
    best, coefficients = _weighted_best(matrices, values, weights)
    per_day = coefficients[:, 1:] / DAYS_PER_YEAR
    return np.column_stack([sets[best, 0], per_day[:, 0], per_day.sum(axis=1)])


def _arrays(dates: pd.Series, log2_values: pd.Series) -> tuple[Array, Array]:
    """Years since the first date, and the values less their mean, as arrays."""
    values = np.asarray(log2_values, dtype=np.float64)
    if not np.isfinite(values).all():
        raise TooFew("change points need finite logarithms")
    years = np.asarray((dates - dates.min()).dt.total_seconds() / _SECONDS_PER_YEAR, np.float64)
    return years, values - values.mean()


def _date(dates: pd.Series, years: float) -> pd.Timestamp:
    return (dates.min() + pd.Timedelta(days=years * DAYS_PER_YEAR)).normalize()


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
    TooFew
        If no set leaves every piece enough points.
    """
    steps = STEPS_BETWEEN if shape == "slopes" and breaks == 1 else 1
    dates = np.unique(years)
    inner = np.arange(1, steps + 1) / (steps + 1)
    candidates = (dates[:-1, None] + inner * np.diff(dates)[:, None]).ravel()
    combinations = list(itertools.combinations(candidates, breaks))
    sets = np.array(combinations, dtype=np.float64).reshape(len(combinations), breaks)
    if len(years) < SMALLEST_PIECE or len(dates) == 1:
        raise TooFew(f"pieces need at least {SMALLEST_PIECE} points on different dates")
    admissible = sets[_enough(years, dates, sets)]
    if len(admissible) == 0:
        raise TooFew(f"{len(years)} points are too few for {breaks + 1} pieces")
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


def _weighted_best(
    matrices: Array, values: Array, weights: Array
) -> tuple[NDArray[np.int_], Array]:
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
    best = np.concatenate([_first_most(gain) for gain in gains])[usable]
    roots = np.sqrt(weights[usable])
    chosen = matrices[best] * roots[:, :, None]
    right = np.einsum("bnp,bn->bp", chosen, roots * values)
    left = np.einsum("bnp,bnq->bpq", chosen, chosen, optimize=True)
    return best, np.linalg.solve(left, right[..., None])[..., 0]


def _chance(years: Array, matrices: Array, ratio: float, samples: int, seed: int) -> float:
    """Share of straight trends with normal noise whose best bend gains at least as much.

    The gain does not depend on the trend or the size of the noise, so noise alone will do.
    """
    noise = np.random.default_rng(seed).standard_normal((samples, len(years)))
    straight = losses(designs(years, np.empty((1, 0)), "lines"), noise)[:, 0]
    bent = losses(matrices, noise).min(axis=1)
    reached = int(((straight / bent) >= ratio).sum())
    # The data count as one of the trials, so that the share is never zero.
    return (reached + 1) / (samples + 1)


def _slopes_per_day(coefficients: Array, shape: Shape, breaks: int) -> tuple[float, ...]:
    """Doublings a day of each piece, from coefficients by the year."""
    if shape == "levels":
        return (0.0,) * (breaks + 1)
    yearly = np.cumsum(coefficients[1:]) if shape == "slopes" else coefficients[1::2]
    return tuple(float(slope) / DAYS_PER_YEAR for slope in yearly)


def _first_least(left: Array) -> int:
    """The first set of those that leave the least: rounding must not choose between equals."""
    return int(np.argmax(left <= left.min() * (1 + _EQUAL)))


def _first_most(gains: Array) -> NDArray[np.int_]:
    """The same for what sets gain, samples x sets: the first of the best of each sample."""
    most = gains.max(axis=1, keepdims=True)
    return np.argmax(gains >= most - _EQUAL * np.abs(most), axis=1)


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


@dataclass(frozen=True)
class TwoEras:
    """One line through everything against a line of its own for each of two eras.

    Attributes
    ----------
    f_statistic, p_value
        The F test of the second line, its date being given beforehand.
    bic_gain
        BIC of one line less BIC of two: above nought, the second line earns its two parameters.
    """

    f_statistic: float
    p_value: float
    bic_gain: float


def two_eras(dates: pd.Series, log2_values: pd.Series, at: pd.Timestamp) -> TwoEras:
    """Hold one line against two, the date between them given beforehand.

    Raises
    ------
    TooFew
        With fewer than three points on either side.
    """
    years = (dates - at).dt.days.to_numpy(dtype=np.float64) / DAYS_PER_YEAR
    late = (years >= 0).astype(np.float64)
    if min(late.sum(), len(late) - late.sum()) < SMALLEST_PIECE:
        raise TooFew(f"two eras need at least {SMALLEST_PIECE} points each")
    ones, points = np.ones_like(years), len(years)
    single = _squares(np.column_stack([ones, years]), log2_values)
    double = _squares(np.column_stack([ones, years, late, late * years]), log2_values)
    f_statistic = (single - double) / 2 / (double / (points - 4))
    return TwoEras(
        f_statistic=f_statistic, p_value=float(stats.f.sf(f_statistic, 2, points - 4)),
        bic_gain=float(points * np.log(single / double) - 2 * np.log(points)),
    )


def _squares(design: Array, values: pd.Series) -> float:
    """Squared distance that a design leaves."""
    return float(losses(design[None], np.asarray(values, dtype=np.float64))[0])
