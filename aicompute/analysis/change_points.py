"""Breaks in a trend: where straight pieces fit best, how sure the break is, how many it needs.

Three shapes of pieces: ``slopes`` (a line that bends but does not jump), ``lines`` (a line of its
own in every piece) and ``levels`` (a constant in every piece). Every set of break dates is tried;
least squares picks one. A break is a chosen date, so it costs a parameter in AIC and BIC, and the
test against no break uses the distribution of the *best* break under pure chance.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from scipy import stats

from aicompute.analysis import pieces
from aicompute.analysis.break_models import Pieces, TwoSlopes
from aicompute.analysis.pieces import SMALLEST_PIECE, Array, Shape
from aicompute.trend import FitError
from aicompute.units import DAYS_PER_YEAR, SECONDS_PER_DAY

_SECONDS_PER_YEAR = DAYS_PER_YEAR * SECONDS_PER_DAY
SHAPES: tuple[Shape, ...] = ("lines", "slopes", "levels")


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
    FitError
        If there are too few points for so many pieces.
    """
    years, values = _arrays(dates, log2_values)
    sets = pieces.break_sets(years, breaks, shape)
    designs = pieces.designs(years, sets, shape)
    losses = pieces.losses(designs, values)
    best = int(np.argmin(losses))
    coefficients = np.linalg.lstsq(designs[best], values, rcond=None)[0]
    return Pieces(
        shape=shape,
        breaks=tuple(_date(dates, float(year)) for year in sets[best]),
        slopes=pieces.slopes_per_day(coefficients, shape, breaks),
        ends=_piece_ends(coefficients, shape, [0.0, *sets[best], years.max()], log2_values.mean()),
        sse=float(losses[best]),
        parameters=designs.shape[2] + breaks,
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
        except FitError:
            continue
        rows.append({
            "shape": shape, "pieces": breaks + 1, "breaks": found.breaks, "slopes": found.slopes,
            "parameters": found.parameters, "sse": found.sse, "aic": found.aic, "bic": found.bic,
        })
    if not rows:
        raise FitError(f"change points need at least {SMALLEST_PIECE} points")
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
            matrices = pieces.designs(years, pieces.break_sets(years, breaks, shape), shape)
        except FitError:
            continue
        left = pieces.losses(matrices, noise).min(axis=1)
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
    FitError
        With fewer than six points, or without three on distinct dates on either side.

    Notes
    -----
    What is correlated: whole points (date and value together) are resampled, so a point's error
    goes with its date. Points of one laboratory are taken as independent, which they are not quite.
    """
    years, values = _arrays(dates, log2_values)
    sets = pieces.break_sets(years, 1, "slopes")
    designs = pieces.designs(years, sets, "slopes")
    losses = pieces.losses(designs, values)
    best = int(np.argmin(losses))
    coefficients = np.linalg.lstsq(designs[best], values, rcond=None)[0]
    slopes = pieces.slopes_per_day(coefficients, "slopes", 1)
    drawn = _resampled(years, values, sets, designs, samples, np.random.default_rng(seed))
    ends = np.nanquantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    line = float(pieces.losses(pieces.designs(years, np.empty((1, 0)), "lines"), values)[0])
    before = int((years <= sets[best, 0]).sum())
    return TwoSlopes(
        break_date=_date(dates, float(sets[best, 0])),
        low=_date(dates, float(ends[0, 0])), high=_date(dates, float(ends[1, 0])),
        slope_before=slopes[0], slope_before_low=float(ends[0, 1]),
        slope_before_high=float(ends[1, 1]),
        slope_after=slopes[1], slope_after_low=float(ends[0, 2]),
        slope_after_high=float(ends[1, 2]),
        sse=float(losses[best]), sse_line=line,
        p_value=pieces.chance(years, designs, line / float(losses[best]), samples, seed),
        points_before=before, points_after=len(values) - before,
        confidence=confidence, days_per_month=days_per_month,
    )


def break_intervals(
    dates: pd.Series,
    log2_values: pd.Series,
    breaks: int,
    shape: Shape,
    *,
    samples: int = 1000,
    seed: int = 2018,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The best break dates with their intervals, by drawing the points with replacement.

    Returns
    -------
    DataFrame
        ``date``, ``low``, ``high``, a row a break in order of time.
    """
    years, values = _arrays(dates, log2_values)
    sets = pieces.break_sets(years, breaks, shape)
    weights = _weights(len(years), samples, np.random.default_rng(seed))
    best, _ = pieces.weighted_best(pieces.designs(years, sets, shape), values, weights)
    ends = np.quantile(sets[best], [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    found = best_pieces(dates, log2_values, breaks, shape).breaks
    return pd.DataFrame({
        "date": found,
        "low": [_date(dates, float(year)) for year in ends[0]],
        "high": [_date(dates, float(year)) for year in ends[1]],
    })


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
    best, coefficients = pieces.weighted_best(matrices, values, weights)
    per_day = coefficients[:, 1:] / DAYS_PER_YEAR
    return np.column_stack([sets[best, 0], per_day[:, 0], per_day.sum(axis=1)])


def _arrays(dates: pd.Series, log2_values: pd.Series) -> tuple[Array, Array]:
    """Years since the first date, and the values less their mean, as arrays."""
    values = np.asarray(log2_values, dtype=np.float64)
    if not np.isfinite(values).all():
        raise FitError("change points need finite logarithms")
    years = np.asarray((dates - dates.min()).dt.total_seconds() / _SECONDS_PER_YEAR, np.float64)
    return years, values - values.mean()


def _date(dates: pd.Series, years: float) -> pd.Timestamp:
    return (dates.min() + pd.Timedelta(days=years * DAYS_PER_YEAR)).normalize()
