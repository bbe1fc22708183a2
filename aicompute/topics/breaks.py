"""The eras' boundaries against those that a search for breaks finds in the same systems."""

from __future__ import annotations

import contextlib
import itertools
import math
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from aicompute import tables, wording
from aicompute.analysis import change_points
from aicompute.analysis.break_models import Pieces
from aicompute.charts import intervals
from aicompute.figures import Figure, figure_maker
from aicompute.listings import lists
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable
from aicompute.trend import FitError

PAGE = "uncertainty#are-the-eras-in-the-data"
MOST_BREAKS = 2
#: The fits that the figure draws.
LINE, BEND, STEPS = "one line", "one bend", "three steps"
SHAPE_WORDS = {
    ("lines", 0): "one line",
    ("slopes", 1): "a line that bends once",
    ("slopes", 2): "a line that bends twice",
    ("lines", 1): "two separate lines",
    ("lines", 2): "three separate lines",
    ("levels", 0): "one level",
    ("levels", 1): "two levels",
    ("levels", 2): "three levels",
}


@lru_cache(maxsize=8)
def models(study: Study) -> pd.DataFrame:
    """Every number and shape of pieces for the fitted systems, the best by BIC first."""
    dates, logs = _points(study)
    return change_points.compare_models(dates, logs, max_breaks=MOST_BREAKS)


@family("eras_found")
def eras_found_results(study: Study) -> Named:
    """Whether the systems show breaks, and how much better than one line."""
    try:
        table = models(study)
        bend = change_points.two_slopes(*_points(study), samples=study.assumptions.samples,
                                        seed=study.assumptions.seed)
    except FitError:
        return
    yield "eras_found.p_value", Result(
        bend.p_value, "", page=PAGE,
        how="how often chance alone bends a straight trend at least as well",
    )
    line = table[(table["shape"] == "lines") & (table["pieces"] == 1)]["bic_behind"].iloc[0]
    behind = change_points.line_behind_by_chance(
        *_points(study), max_breaks=MOST_BREAKS, samples=study.assumptions.samples,
        seed=study.assumptions.seed)
    yield "eras_found.false_alarms", Result(
        float((behind > 0).mean()), "1", page=PAGE,
        how="share of straight trends with chance alone in which BIC prefers some break",
    )
    yield "eras_found.line_behind_by_chance", Result(
        float((behind >= line).mean()), "1", page=PAGE,
        how="share of straight trends with chance alone that trail by as much as the systems' line",
    )
    rows = {(row["shape"], row["pieces"] - 1): row for row in table.to_dict("records")}
    for (shape, breaks), words in SHAPE_WORDS.items():
        # A scenario may leave too few systems for so many pieces.
        row = rows.get((shape, breaks), {})
        name = f"eras_found.{shape}_{breaks + 1}"
        yield f"{name}.bic_behind", Result(
            row.get("bic_behind"), "", page=PAGE, how=f"BIC of {words} above the best of all")
        yield f"{name}.aic", Result(
            row.get("aic"), "", page=PAGE, how=f"AIC of {words}, corrected for few points")


@lists("era_breaks")
def era_breaks(study: Study) -> HtmlTable:
    """Every model of pieces: the breaks it finds with their intervals, and what it earns."""
    dates, logs = _points(study)
    assumed = study.assumptions
    rows = []
    for row in models(study).to_dict("records"):
        breaks = row["pieces"] - 1
        found = "none"
        if breaks:
            found = "; ".join(_break_words(b) for b in change_points.break_intervals(
                dates, logs, breaks, row["shape"], samples=assumed.samples, seed=assumed.seed,
                confidence=assumed.confidence,
            ).to_dict("records"))
        rows.append([
            tables.text(SHAPE_WORDS[row["shape"], breaks].capitalize()), tables.text(found),
            tables.number(str(row["parameters"]), row["parameters"]),
            _behind(row["bic_behind"]),
            _behind(row["aic"] - models(study)["aic"].min()),
        ])
    share = wording.share(assumed.confidence)
    return HtmlTable(
        ["Pieces", f"Breaks found ({share} interval)", "Parameters", "BIC behind", "AIC behind"],
        rows, caption="Lines and levels fitted to the logarithms of the compute; "
        "behind: how far above the best by that criterion")


def _behind(value: float) -> Cell:
    """How far a model is behind; of too few systems it may have no criterion."""
    return tables.number(f"{value:.1f}" if math.isfinite(value) else "–", value)


@figure_maker("era_breaks")
def era_breaks_figure(study: Study) -> Figure:
    """The systems with one line, the best bent line and the best three levels."""
    found = _tried(study)
    lines = pd.concat([_drawn(study, name, pieces) for name, pieces in found.items()],
                      ignore_index=True)
    points = study.fitted[["name", "date", "pfs_days"]].assign(
        shown=[wording.quantity(v, "pfs-days") for v in study.fitted["pfs_days"]])
    finding = f"{_steps_words(found.get(STEPS))}; {_bend_words(found.get(BEND))}"
    return Figure(
        name="era_breaks",
        caption=f"{finding}. {len(points)} systems; each fit by least squares on logarithms, its "
                "breaks where they fit best; shaded: years that two eras share.",
        alt=f"{finding}.",
        table=lines,
        draw=partial(intervals.breaks, points, lines, shared_years(study),
                     domain=_decades(points["pfs_days"])),
    )


def _tried(study: Study) -> dict[str, Pieces]:
    """The fits that the figure draws, without those that the systems are too few for."""
    dates, logs = _points(study)
    found = {LINE: change_points.best_pieces(dates, logs, 0, "lines")}
    with contextlib.suppress(FitError):
        found[BEND] = change_points.best_pieces(dates, logs, 1, "slopes")
    with contextlib.suppress(FitError):
        found[STEPS] = change_points.best_pieces(dates, logs, 2, "levels")
    return found


def _steps_words(steps: Pieces | None) -> str:
    if steps is None:
        return "The systems are too few for three steps"
    when = wording.listed([f"{date:%B %Y}" for date in steps.breaks])
    return (f"Whoever looks for three steps finds them at {when}, in the years that the article's "
            "eras share")


def _bend_words(bend: Pieces | None) -> str:
    if bend is None:
        return "they are too few for a bend as well"
    return f"the best single bend is at {bend.breaks[0]:%B %Y}"


def shared_years(study: Study) -> pd.DataFrame:
    """The years that two neighbouring eras share: ``start``, ``end``, ``text``."""
    eras = study.dataset.frame("eras").dropna(subset=["start"]).sort_values("start")
    shared = [
        {"start": after["start"], "end": before["end"], "text": "eras\nmeet"}
        for before, after in zip(eras.to_dict("records"), eras.to_dict("records")[1:], strict=False)
        if after["start"] < before["end"]
    ]
    return pd.DataFrame(shared, columns=["start", "end", "text"])


def _points(study: Study) -> tuple[pd.Series, pd.Series]:
    return study.fitted["date"], np.log2(study.fitted["pfs_days"])


def _drawn(study: Study, name: str, found: Pieces) -> pd.DataFrame:
    """The fit as line segments: both ends of every piece."""
    dates = study.fitted["date"]
    edges = itertools.pairwise([dates.min(), *found.breaks, dates.max()])
    return pd.DataFrame([
        {"fit": name, "piece": f"{name} {number}", "date": date, "pfs_days": 2.0**level}
        for number, (piece, levels) in enumerate(zip(edges, found.ends, strict=True))
        for date, level in zip(piece, levels, strict=True)
    ])


def _break_words(found: dict[str, pd.Timestamp]) -> str:
    return f"{found['date']:%b %Y} ({found['low']:%b %Y} to {found['high']:%b %Y})"


def _decades(values: pd.Series) -> tuple[float, float]:
    """Whole powers of ten around the values."""
    low, high = math.log10(values.min()), math.log10(values.max())
    return 10.0 ** math.floor(low - 0.2), 10.0 ** math.ceil(high + 0.2)
