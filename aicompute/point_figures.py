"""Figures of named points with lines among them: the finding first, in caption and alt text."""

from __future__ import annotations

from functools import partial

import pandas as pd

from aicompute import charts_beyond
from aicompute.charts_beyond import Ground, Line
from aicompute.figures import Figure


def point_figure(
    name: str, finding: str, legend: str, points: pd.DataFrame, lines: list[Line], ground: Ground,
    table: pd.DataFrame | None = None,
) -> Figure:
    """A figure of :func:`aicompute.charts_beyond.named_points`.

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
        draw=partial(charts_beyond.named_points, points, lines, ground=ground),
    )
