"""The chart of all scenarios: a fitted line each, the baseline bold, the extremes in colour."""

from __future__ import annotations

import altair as alt
import pandas as pd

from aicompute import palette
from aicompute.charts import Chart, Size, compute_axis, date_axis

BASELINE = "the baseline"
SHORTEST = "shortest doubling time"
LONGEST = "longest doubling time"
OTHER = "the other scenarios"
#: What a line is to its colour, width and dash.
LINES = {
    BASELINE: (palette.TREND, 3.5, [1, 0]),
    SHORTEST: (palette.COLOURS["chart-language"], 2.2, [7, 3]),
    LONGEST: (palette.COLOURS["chart-games"], 2.2, [2, 3]),
    OTHER: (palette.MUTED, 1.0, [1, 0]),
}


def trends(lines: pd.DataFrame, *, size: Size) -> Chart:
    """Fitted lines of training compute, one a scenario.

    Parameters
    ----------
    lines
        ``scenario``, ``date``, ``pfs_days`` (both ends of the line), ``kind`` (a name of
        :data:`LINES`), ``shown``.
    """
    domain = (float(lines["pfs_days"].min()) / 2, float(lines["pfs_days"].max()) * 2)
    kinds = [kind for kind in LINES if kind in set(lines["kind"])]
    looks = list(zip(*(LINES[kind] for kind in kinds), strict=True))
    legend = alt.Legend(columns=1 if size.narrow else len(kinds), symbolType="stroke",
                        symbolSize=300)
    colour = alt.Color("kind:N", legend=legend,
                       scale=alt.Scale(domain=kinds, range=list(looks[0])))
    width = alt.StrokeWidth("kind:N", legend=None,
                            scale=alt.Scale(domain=kinds, range=list(looks[1])))
    dash = alt.StrokeDash("kind:N", legend=legend,
                          scale=alt.Scale(domain=kinds, range=list(looks[2])))
    # Drawn last, the baseline lies on top of the others.
    ordered = lines.sort_values("kind", key=lambda kind: -kind.map(list(LINES).index),
                                kind="stable")
    return alt.Chart(ordered).mark_line(clip=True).encode(
        x=date_axis(size=size), y=compute_axis("pfs_days", domain=domain), color=colour,
        strokeWidth=width, strokeDash=dash, detail="scenario:N",
        tooltip=[alt.Tooltip("scenario:N", title="Scenario"),
                 alt.Tooltip("shown:N", title="Doubling time")],
    ).properties(width=size.width, height=size.height(400, 340))
