"""The figures of the article and of its method: the headline chart, the eras, both methods."""

from __future__ import annotations

import math
import textwrap
from functools import partial

import pandas as pd

from aicompute import palette, wording
from aicompute.charts import Chart, Size, over_time
from aicompute.charts.over_time import Frame
from aicompute.figures import (
    Figure,
    chart_points,
    era_fit,
    figure_maker,
    plotted,
    trend_lines,
)
from aicompute.results import Results
from aicompute.study import Study
from aicompute.trend import FitError

LINE_COLUMNS = ["date", "pfs_days", "low", "high", "point_low", "point_high", "moore"]
#: Below this share of the height, a point on a linear scale lies on the floor: no label.
_FLOOR = 0.02


@figure_maker("headline")
def headline(study: Study) -> Figure:
    """The article's chart with its fit, the band for one further system, and Moore's law."""
    points = within_the_articles_factor(study, chart_points(study))
    finding, compared = _headline_words(study, points)
    draw = partial(_over_time, study, points)
    factor = study.assumptions.published_factor
    bars = (f"bars: a factor of {factor:g} either way, as the article claims 2 to 3"
            if study.assumptions.values == "published" else "bars: every input at its ends")
    return Figure(
        name="headline",
        caption=(
            f"{finding}{compared[0]} {study.assumptions.values.capitalize()} values; solid line: "
            f"least squares; shaded: where one further system would fall; {bars}; dashed: "
            "Moore's law."
        ),
        alt=f"{finding}{compared[1]}",
        table=plotted(points),
        draw=draw,
        linear=partial(draw, log=False),
    )


def within_the_articles_factor(study: Study, points: pd.DataFrame) -> pd.DataFrame:
    """The points, those as published with the range that the article claims for its values.

    Parameters
    ----------
    points
        As :func:`aicompute.figures.chart_points` gives them: a published value has no range.
    """
    factor = study.assumptions.published_factor
    bare = (points["value_from"] == "published") & (points["low"] == points["high"])
    shown = points["shown"] + f" (within a factor of {factor:g})"
    return points.assign(
        low=points["low"].where(~bare, points["pfs_days"] / factor),
        high=points["high"].where(~bare, points["pfs_days"] * factor),
        shown=points["shown"].where(~bare, shown),
    )


def _headline_words(study: Study, points: pd.DataFrame) -> tuple[str, tuple[str, str]]:
    results, values = Results(study), study.assumptions.values
    try:
        fit = study.fit
    except FitError:
        return "Too few systems are left to fit a trend", (".", ".")
    factor, moore = results[f"growth.{values}.factor"], results["moore.factor"]
    finding = (
        f"Training compute of {len(points)} systems doubled every "
        f"{wording.quantity(fit.doubling_time_months, 'months')} "
        f"({wording.share(study.assumptions.confidence)} interval "
        f"{wording.interval(fit.doubling_time_low, fit.doubling_time_high)})"
    )
    times = wording.quantity(moore.value, "times")
    return finding, (
        f"; from {wording.number(points['pfs_days'].iloc[0])} pfs-days for "
        f"{points['name'].iloc[0]} it grew {wording.quantity(factor.value, 'times')}, where "
        f"Moore's law gives {times}.",
        f", against {times} by Moore's law.",
    )


@figure_maker("linear")
def linear(study: Study) -> Figure:
    """The same systems on a linear scale."""
    points = chart_points(study)
    largest = points.loc[points["pfs_days"].idxmax()]
    small = int((points["pfs_days"] < largest["pfs_days"] / 100).sum())
    finding = (
        f"On a linear scale {small} of {len(points)} systems lie within a hundredth of the height "
        f"of {largest['name']}"
    )
    return Figure(
        name="linear",
        caption=f"{finding}. Same values as on the log scale.",
        alt=f"{finding}: growth by a steady factor looks like a wall at the end.",
        table=plotted(points),
        draw=partial(_over_time, study, points, log=False),
    )


def _over_time(study: Study, points: pd.DataFrame, *, size: Size, log: bool = True) -> Chart:
    try:
        lines = trend_lines(study)
    except FitError:
        lines = pd.DataFrame(columns=LINE_COLUMNS)
    frame = frame_of(points, size, log=log)
    if not log:
        tall = points["pfs_days"] >= _FLOOR * frame.high
        points = points.assign(label=points["label"].where(tall, ""))
    words = _line_words(study, lines, frame)
    return over_time.systems_over_time(points, lines, words, _era_words(study, frame), frame=frame)


def frame_of(points: pd.DataFrame, size: Size, *, log: bool = True) -> Frame:
    """The ground of a chart of these points: whole years, whole powers of ten."""
    dates, values = points["date"], points["pfs_days"]
    return Frame(
        size=size, height=size.height(400, 440) if log else size.height(400, 380),
        start=pd.Timestamp(dates.min().year, 1, 1), end=pd.Timestamp(dates.max().year + 1, 1, 1),
        low=10.0 ** math.floor(math.log10(values.min()) - 0.2) if log else 0.0,
        high=(10.0 ** math.ceil(math.log10(values.max()) + 0.2) if log
              else max(values.max() * 1.12, points["high"].max() * 1.02)),
        log=log,
    )


def _line_words(study: Study, lines: pd.DataFrame, frame: Frame) -> pd.DataFrame:
    """The names of the two lines, beside them."""
    columns = ["date", "pfs_days", "text", "align", "dx", "dy", "colour"]
    if lines.empty:
        return pd.DataFrame(columns=columns)
    doubling = wording.quantity(study.fit.doubling_time_months, "months")
    moore = wording.quantity(study.assumptions.moore_doubling_months, "months")
    on_trend = lines.iloc[14 if frame.log else 12]
    on_moore = lines.iloc[-1 if frame.log else 4]
    narrow = frame.size.narrow
    trend_words = f"doubling in\n{doubling}" if narrow else f"doubling every {doubling}"
    moore_words = f"Moore's law:\n{moore}" if narrow else f"Moore's law: every {moore}"
    rows = [
        (on_trend["date"], on_trend["pfs_days"], trend_words,
         *(("right", -12) if frame.log else ("center", 0)), -26 if narrow else -14, palette.TREND),
        (on_moore["date"], on_moore["moore"], moore_words,
         *(("right", 0) if frame.log else ("center", 0)),
         24 if frame.log else -14 - (12 if narrow else 0), palette.MOORE),
    ]
    return pd.DataFrame(rows, columns=columns)


def _era_words(study: Study, frame: Frame) -> pd.DataFrame:
    """The eras behind the points, each up to the start of the next, with its name at the top."""
    table = study.dataset.frame("eras").dropna(subset=["start"]).sort_values("start")
    ends = [*table["start"].iloc[1:], frame.end]
    rows = []
    for number, (era, end) in enumerate(zip(table.to_dict("records"), ends, strict=True)):
        start, end = max(era["start"], frame.start), min(end, frame.end)
        if start >= end:
            continue
        room = frame.left(end) - frame.left(start)
        lines = textwrap.wrap(era_name(era["name"]), max(int(room / (0.6 * frame.size.font)), 8))
        rows.append({
            "start": start, "end": end, "date": start, "pfs_days": frame.high,
            "text": "\n".join(lines), "align": "left", "dx": 5, "dy": 10,
            "colour": palette.MUTED, "ground": palette.ERA if number % 2 == 0 else palette.PAPER,
        })
    columns = ["start", "end", "date", "pfs_days", "text", "align", "dx", "dy", "colour", "ground"]
    return pd.DataFrame(rows, columns=columns)


def era_name(name: str) -> str:
    """What an era is called, without its years."""
    return name.partition(": ")[2] or name


@figure_maker("eras")
def eras(study: Study) -> Figure:
    """The systems against each era's range of compute."""
    points = chart_points(study)
    boxes = study.dataset.frame("eras").dropna(subset=["pfs_days_low"])
    fits = era_fit(study)
    outside = list(dict.fromkeys(fits[~fits["fits_an_era"]]["name"]))
    finding = (
        f"{len(points) - len(outside)} of {len(points)} systems fit an era they are dated in"
    )
    listed = f"; outside: {wording.listed(outside)}" if outside else ""
    return Figure(
        name="eras",
        caption=f"{finding}{listed}. Boxes: the article's ranges of compute, where it gives one.",
        alt=f"{finding}{listed}.",
        table=plotted(points),
        draw=partial(_eras_chart, points, boxes),
    )


def _eras_chart(points: pd.DataFrame, boxes: pd.DataFrame, *, size: Size) -> Chart:
    frame = frame_of(points, size)
    width = 18 if size.narrow else 40
    words = [textwrap.fill(era_name(name), width) for name in boxes["name"]]
    named = boxes[["start", "end", "pfs_days_low", "pfs_days_high"]].assign(
        date=boxes["start"], pfs_days=boxes["pfs_days_high"], text=words, align="left", dx=4,
        dy=[-10 - 12 * text.count("\n") for text in words], colour=palette.TREND,
    )
    return over_time.systems_in_boxes(points, named, frame=frame)


