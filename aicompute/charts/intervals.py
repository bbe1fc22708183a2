"""Charts of how sure a number is: draws, intervals side by side, what moves a number, breaks."""

from __future__ import annotations

import altair as alt
import pandas as pd

from aicompute.charts import palette
from aicompute.charts import Chart, Size, compute_axis, date_axis, leaves

MONTHS = "Doubling time (months)"
_LOWER, _UPPER = palette.COLOURS["chart-vision"], palette.COLOURS["chart-language"]
#: Ends of a bar of the tornado: column, colour, where the words stand.
_ENDS = (("shortest", _LOWER, "right", -5), ("longest", _UPPER, "left", 5))
#: Room beside the first and the last point.
_ASIDE = pd.Timedelta(days=45)
#: Lines of the chart of breaks: name to colour and dash.
LINES = {
    "one line": (palette.TREND, [1, 0]),
    "one bend": (_UPPER, [6, 3]),
    "three steps": (palette.COLOURS["chart-games"], [2, 3]),
}


def draws(bins: pd.DataFrame, marks: pd.DataFrame, *, size: Size, title: str) -> Chart:
    """How often the draws fall where, with the value and the ends of the interval.

    Parameters
    ----------
    bins
        ``from``, ``to`` (pfs-days), ``share`` of the draws.
    marks
        ``pfs_days``, ``text``, ``dash``: what to mark.
    """
    x = alt.X("from:Q", scale=alt.Scale(zero=False, nice=False),
              axis=alt.Axis(title=title, tickCount=4 if size.narrow else 8, grid=False))
    y = alt.Y("share:Q", scale=alt.Scale(zero=True),
              axis=alt.Axis(title="Share of the draws", format=".0%", tickCount=4))
    bars = alt.Chart(bins).mark_bar(
        color=palette.BAND, stroke=palette.TREND, strokeWidth=0.5
    ).encode(
        x=x, x2=alt.X2("to:Q"), y=y, y2=alt.Y2Datum(0))
    rules = alt.Chart(marks).mark_rule(strokeWidth=2, color=palette.INK).encode(
        x=alt.X("pfs_days:Q"), strokeDash=alt.StrokeDash("dash:N", scale=None, legend=None))
    words = alt.Chart(marks).mark_text(
        baseline="bottom", dy=-4, fontSize=size.font, color=palette.INK
    ).encode(x=alt.X("pfs_days:Q"), y=alt.YValue(0), text=alt.Text("text:N"))
    return alt.layer(
        bars, rules, words,
        width=size.width, height=size.height(240, 220),
    )


def intervals(rows: pd.DataFrame, *, size: Size, title: str = MONTHS) -> Chart:
    """Numbers with their intervals, one a line, in the order of the rows.

    Parameters
    ----------
    rows
        ``label``, ``value``, ``low``, ``high``, ``shown``.
    """
    x = alt.X("value:Q", scale=alt.Scale(zero=True, nice=True),
              axis=alt.Axis(title=title, tickCount=6))
    base = alt.Chart(rows).encode(y=_names("label", size))
    bars = base.mark_rule(
        strokeWidth=4, strokeOpacity=0.5, color=palette.TREND, strokeCap="round"
    ).encode(x=alt.X("low:Q", title=title), x2=alt.X2("high:Q"))
    points = base.mark_point(filled=True, size=80, opacity=1, color=palette.INK).encode(
        x=x, description=alt.Description("shown:N"),
        tooltip=[alt.Tooltip("label:N", title="From"), alt.Tooltip("shown:N", title=title)])
    return alt.layer(bars, points, width=_beside_names(size), height=alt.Step(34))


def tornado(rows: pd.DataFrame, headline: float, *, size: Size) -> Chart:
    """How far each choice moves a number: a bar to either side, the widest on top.

    Parameters
    ----------
    rows
        ``group``, ``shortest``, ``longest``, ``shortest_words``, ``longest_words``, ``shown``;
        ``shortest_number``, ``longest_number`` stand in for the words where there is no room.
    headline
        The unaltered number.
    """
    table = rows.assign(headline=headline)
    wide = 1.0 if size.narrow else 2.6
    domain = [max(0.0, float(rows["shortest"].min()) - wide), float(rows["longest"].max()) + wide]
    scale = alt.Scale(domain=domain, nice=False)
    axis = alt.Axis(title=MONTHS, tickCount=5, grid=True)
    base = alt.Chart(table).encode(y=_names("group", size), tooltip=[
        alt.Tooltip("group:N", title="Choice"), alt.Tooltip("shown:N", title="Doubling time")])
    layers = []
    for end, colour, align, dx in _ENDS:
        layers.append(base.mark_bar(color=colour, height=15).encode(
            x=alt.X(f"{end}:Q", scale=scale, axis=axis), x2=alt.X2("headline:Q"),
            description=alt.Description("shown:N")))
        words = f"{end}_{'number' if size.narrow else 'words'}:N"
        layers.append(base.mark_text(
            align=align, dx=dx, baseline="middle", fontSize=size.font, color=palette.INK,
        ).encode(x=alt.X(f"{end}:Q", scale=scale, axis=axis), text=words))
    middle = alt.Chart(pd.DataFrame({"headline": [headline]})).mark_rule(
        color=palette.INK, strokeWidth=1.5).encode(x=alt.X("headline:Q", scale=scale, axis=axis))
    return alt.layer(*layers, middle, width=_beside_names(size), height=alt.Step(30))


def breaks(
    points: pd.DataFrame, lines: pd.DataFrame, years: pd.DataFrame, *, size: Size,
    domain: tuple[float, float],
) -> Chart:
    """Systems with one line, a bent line and steps, and the years the article's eras share.

    Parameters
    ----------
    points
        ``date``, ``pfs_days``, ``name``.
    lines
        ``date``, ``pfs_days``, ``fit`` (a name of :data:`LINES`), ``piece``.
    years
        ``start``, ``end``, ``text``.
    """
    ends = [f"{day:%Y-%m-%d}" for day in (
        points["date"].min() - _ASIDE, points["date"].max() + _ASIDE)]
    x, y = date_axis(size=size, domain=ends), compute_axis("pfs_days", domain=domain)
    shades = alt.Chart(years).mark_rect(color=palette.BAND, fillOpacity=0.4).encode(
        x=alt.X("start:T"), x2=alt.X2("end:T"))
    words = alt.Chart(years).mark_text(
        align="left", baseline="top", dx=3, dy=3, fontSize=size.font, color=palette.MUTED,
        lineBreak="\n",
    ).encode(x=alt.X("start:T"), y=alt.YValue(0), text=alt.Text("text:N"))
    names = list(LINES)
    colour = alt.Color("fit:N", scale=alt.Scale(domain=names, range=[LINES[n][0] for n in names]))
    dashes = [LINES[name][1] for name in names]
    dash = alt.StrokeDash("fit:N", scale=alt.Scale(domain=names, range=dashes))
    fits = alt.Chart(lines).mark_line(
        strokeWidth=2.2, clip=leaves(lines, ["pfs_days"], *domain)
    ).encode(
        x=x, y=y, color=colour, strokeDash=dash, detail=alt.Detail("piece:N"))
    marks = alt.Chart(points).mark_point(
        filled=True, size=60, opacity=1, color=palette.INK
    ).encode(x=x, y=y, description=alt.Description("name:N"), tooltip=[
        alt.Tooltip("name:N", title="System"), alt.Tooltip("shown:N", title="Compute")])
    return alt.layer(
        shades, words, fits, marks,
        width=size.width, height=size.height(380, 340),
    )


def _names(field: str, size: Size) -> alt.Y:
    """Names beside the rows, wrapped by the limit of their room."""
    return alt.Y(f"{field}:N", sort=None, axis=alt.Axis(
        title=None, labelLimit=152 if size.narrow else 250, domain=False, ticks=False, grid=False))


def _beside_names(size: Size) -> int:
    return size.width - (110 if size.narrow else 200)
