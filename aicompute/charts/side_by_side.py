"""The charts that hold methods and fits against each other: a tidy table in, a chart out."""

from __future__ import annotations

import altair as alt
import pandas as pd

from aicompute.charts import palette
from aicompute.charts import Chart, Size
from aicompute.charts.log_axis import LABEL, log_ticks

#: How well two methods agree, in words, to its colour.
VERDICT_COLOURS = {
    "agree within 3": palette.TREND,
    "may differ by more": palette.MOORE,
    "differ by more than 3": palette.WARN,
}
#: Room beside the longest interval, months.
_BESIDE = 0.3
#: What is recounted in a fit, to its colour.
FIT_COLOURS = {
    "every system": palette.INK,
    "one system recounted": palette.COLOURS["chart-vision"],
    "AlphaGo Zero by others": palette.COLOURS["chart-language"],
}


def _rows(*, size: Size) -> alt.Y:
    return alt.Y("label:N", sort=None, axis=alt.Axis(
        title=None, labelLimit=132 if size.narrow else 240, domain=False, ticks=False, grid=True))


def _ranges(
    rows: pd.DataFrame, title: str, x: alt.X, colours: dict[str, str], *, size: Size
) -> list[alt.Chart]:
    colour = alt.Color("kind:N", scale=alt.Scale(
        domain=list(colours), range=list(colours.values())
    ), legend=alt.Legend(
        columns=1 if size.narrow else len(colours), labelLimit=200, symbolOpacity=1))
    base = alt.Chart(rows).encode(y=_rows(size=size), color=colour)
    rules = base.mark_rule(strokeWidth=3, strokeOpacity=0.45, strokeCap="round").encode(
        x=alt.X("low:Q", scale=x["scale"], title=title), x2=alt.X2("high:Q")
    )
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(x=x, tooltip=[
        alt.Tooltip("label:N", title="Which"), alt.Tooltip("shown:N", title="Value")
    ])
    return [rules, marks]


def shares(rows: pd.DataFrame, band: pd.DataFrame, *, size: Size) -> Chart:
    """Shares of the peak with their ranges, one a line, on a log axis, over a plausible band.

    Parameters
    ----------
    rows
        ``label``, ``percent``, ``low``, ``high``, ``kind`` (of ``VERDICT_COLOURS``), ``shown``;
        drawn in the order of the rows.
    band
        One row: ``low``, ``percent``, ``high``, the plausible range and the assumed share.
    """
    title = "Implied utilization (% of the peak, log scale)"
    x = alt.X("percent:Q", title=title, scale=alt.Scale(type="log", nice=False, padding=14),
              axis=alt.Axis(title=title, values=[1, 3, 10, 33, 100, 300], format="~f"))
    shade = alt.Chart(band).mark_rect(color=palette.BAND, fillOpacity=0.45).encode(
        x=alt.X("low:Q", scale=x["scale"], title=title), x2=alt.X2("high:Q")
    )
    assumed = alt.Chart(band).mark_rule(
        color=palette.MUTED, strokeDash=[4, 4], strokeWidth=1.5
    ).encode(x=alt.X("percent:Q", scale=x["scale"], title=title))
    layers = _ranges(rows, title, x, VERDICT_COLOURS, size=size)
    return alt.layer(
        shade, assumed, *layers,
        width=size.width - (90 if size.narrow else 110), height=alt.Step(28),
    )


def doubling_times(rows: pd.DataFrame, *, size: Size) -> Chart:
    """Doubling times with their intervals, one fit a line.

    Parameters
    ----------
    rows
        ``label``, ``months``, ``low``, ``high``, ``kind`` (of ``FIT_COLOURS``), ``shown``; the
        first row is what the others are held against.
    """
    title = "Doubling time (months)"
    ends = [float(rows["low"].min()) - _BESIDE, float(rows["high"].max()) + _BESIDE]
    x = alt.X("months:Q", title=title, axis=alt.Axis(title=title, tickCount=6),
              scale=alt.Scale(domain=ends, nice=False))
    first = alt.Chart(rows.head(1)).mark_rule(
        color=palette.MUTED, strokeDash=[4, 4], strokeWidth=1.5
    ).encode(x=alt.X("months:Q", scale=x["scale"], title=title))
    layers = _ranges(rows, title, x, FIT_COLOURS, size=size)
    return alt.layer(
        first, *layers,
        width=size.width - (90 if size.narrow else 110), height=alt.Step(28),
    )


def factor_bars(rows: pd.DataFrame, *, size: Size, title: str) -> Chart:
    """How many times each part grew, as bars from 1 on a log axis with their ranges.

    Parameters
    ----------
    rows
        ``label``, ``start`` (1), ``factor``, ``low``, ``high``, ``shown``, ``colour``.
    """
    ends = [min(rows["low"].min(), 1.0) / 3, rows["high"].max() * (60 if size.narrow else 12)]
    scale = alt.Scale(type="log", domain=ends, nice=False)
    values = log_ticks(ends[0], ends[1], 4 if size.narrow else 7)
    axis = alt.Axis(title=title, values=values, labelExpr=LABEL)
    y = alt.Y("label:N", sort=None, axis=alt.Axis(title=None, domain=False, ticks=False,
                                                  labelLimit=100 if size.narrow else 220))
    base = alt.Chart(rows).encode(y=y)
    bars = base.mark_bar(height=16).encode(
        x=alt.X("start:Q", scale=scale, axis=axis), x2=alt.X2("factor:Q"),
        color=alt.Color("colour:N", scale=None),
        tooltip=[alt.Tooltip("label:N", title="Part"), alt.Tooltip("shown:N", title="Grew")],
    )
    spans = base.mark_rule(color=palette.INK, strokeWidth=1.5).encode(
        x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"))
    text = base.mark_text(align="left", dx=6, fontSize=size.font, color=palette.INK).encode(
        x=alt.X("high:Q", scale=scale), text=alt.Text("shown:N"))
    width = size.width - (30 if size.narrow else 60)
    return alt.layer(bars, spans, text, width=width, height=alt.Step(30))
