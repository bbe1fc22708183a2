"""Figures of named points with lines among them: the finding first, in caption and alt text."""

from __future__ import annotations

from functools import partial

import pandas as pd

from aicompute.charts import named_points
from aicompute.charts.named_points import Ground, Line
from aicompute.figures import Figure


def point_figure(
    name: str, finding: str, legend: str, points: pd.DataFrame, lines: list[Line], ground: Ground,
    table: pd.DataFrame | None = None,
) -> Figure:
    """A figure of :func:`aicompute.charts.named_points.named_points`.

    Parameters
    ----------
    finding
        What the figure shows, a sentence without its full stop.
    legend
        What its marks are, whole sentences.
    points, lines, ground
        As ``named_points`` takes them.
    table
        The plotted rows for the reader; the points without what only places them unless given.
    """
    rows = points.drop(columns=["label", "colour"]) if table is None else table
    return Figure(
        name=name, caption=f"{finding}. {legend}", alt=f"{finding}.", table=rows,
        draw=partial(named_points.named_points, points, lines, ground=ground),
    )
