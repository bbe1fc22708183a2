"""The charts of all scenarios: the fitted lines, and the doubling times with their intervals."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from aicompute.charts import palette
from aicompute.charts import Chart, Size, compute_axis, date_axis

BASELINE = "the baseline"
SHORTEST = "shortest doubling time"
LONGEST = "longest doubling time"
OTHER = "the other scenarios"
#: The other lines are the ground of the three that are named.
_GROUND = 0.6
#: What a line is to its colour, width and dash.
LINES = {
    BASELINE: (palette.TREND, 3.5, [1, 0]),
    SHORTEST: (palette.COLOURS["chart-language"], 2.2, [7, 3]),
    LONGEST: (palette.COLOURS["chart-games"], 2.2, [2, 3]),
    OTHER: (palette.MUTED, 1.3, [1, 0]),
}


def trends(lines: pd.DataFrame, *, size: Size) -> Chart:
    """Fitted lines of training compute, one a scenario.

    Parameters
    ----------
    lines
        ``scenario``, ``date``, ``pfs_days`` (both ends of the line), ``kind`` (a name of
        :data:`LINES`), ``shown``.
    """
    ends = lines["pfs_days"].map(math.log10)
    domain = (10.0 ** math.floor(ends.min()), 10.0 ** math.ceil(ends.max()))
    y = compute_axis("pfs_days", domain=domain)
    decades = range(math.floor(ends.min()), math.ceil(ends.max()) + 1)
    y["axis"]["values"] = [10.0**decade for decade in decades]
    kinds = [kind for kind in LINES if kind in set(lines["kind"])]
    looks = list(zip(*(LINES[kind] for kind in kinds), strict=True))
    legend = alt.Legend(columns=1 if size.narrow else len(kinds), symbolType="stroke",
                        symbolSize=300)
    colour = alt.Color("kind:N", legend=legend,
                       scale=alt.Scale(domain=kinds, range=list(looks[0])))
    # By itself, as a scale of widths Vega-Lite would take the first two for its ends.
    width = alt.StrokeWidth("width:Q", legend=None, scale=None)
    dash = alt.StrokeDash("kind:N", legend=legend,
                          scale=alt.Scale(domain=kinds, range=list(looks[2])))
    opacity = alt.StrokeOpacity("opacity:Q", legend=None, scale=None)
    # Drawn last, the baseline lies on top of the others.
    ordered = lines.sort_values("kind", key=lambda kind: -kind.map(list(LINES).index),
                                kind="stable")
    ordered["width"] = ordered["kind"].map({kind: LINES[kind][1] for kind in kinds})
    ordered["opacity"] = ordered["kind"].map({kind: _GROUND if kind == OTHER else 1.0
                                              for kind in kinds})
    return alt.Chart(ordered).mark_line().encode(
        x=date_axis(size=size), y=y, color=colour,
        strokeWidth=width, strokeDash=dash, strokeOpacity=opacity, detail=alt.Detail("scenario:N"),
        tooltip=[alt.Tooltip("scenario:N", title="Scenario"),
                 alt.Tooltip("shown:N", title="Doubling time")],
    ).properties(width=size.width, height=size.height(400, 340))


def intervals(rows: pd.DataFrame, *, size: Size) -> Chart:
    """Doubling times with their intervals, one scenario a row, the baseline's interval shaded.

    Parameters
    ----------
    rows
        ``scenario`` and ``name`` (what stands beside it on a wide and on a narrow page),
        ``months``, ``low``, ``high``, ``shown``, ``kind`` (a name of :data:`LINES`).
    """
    scale = alt.Scale(type="log", nice=False,
                      domain=[float(rows["low"].min()) / 1.2, float(rows["high"].max()) * 1.2])
    axis = alt.Axis(title="Doubling time (months, log scale)", values=[2, 3, 5, 10, 20, 40, 80])
    x = alt.X("months:Q", scale=scale, axis=axis)
    names = alt.Y("name:N" if size.narrow else "scenario:N", sort=None, axis=alt.Axis(
        title=None, labelLimit=150 if size.narrow else 250, domain=False, ticks=False, grid=False))
    kinds = [kind for kind in LINES if kind in set(rows["kind"])]
    colour = alt.Color("kind:N", legend=None, scale=alt.Scale(
        domain=kinds, range=[LINES[kind][0] for kind in kinds]))
    shade = alt.Chart(rows[rows["kind"] == BASELINE]).mark_rect(
        color=palette.BAND, fillOpacity=0.45
    ).encode(x=alt.X("low:Q", scale=scale, axis=axis), x2=alt.X2("high:Q"))
    base = alt.Chart(rows).encode(y=names, color=colour)
    bars = base.mark_rule(strokeWidth=4, strokeOpacity=0.55, strokeCap="round").encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2=alt.X2("high:Q"))
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=x, description=alt.Description("shown:N"),
        tooltip=[alt.Tooltip("scenario:N", title="Scenario"),
                 alt.Tooltip("shown:N", title="Doubling time")])
    width = size.width - (120 if size.narrow else 210)
    return alt.layer(shade, bars, points, width=width, height=alt.Step(28))
