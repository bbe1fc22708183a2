"""Values with their ranges, one a line."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from aicompute.charts import labels, palette
from aicompute.charts.look import COMPUTE, FONT_SIZE, Chart, Size, log_axis

#: What a value is, to its colour; a kind that is not here gets one of the palette's.
KINDS = {
    "published": palette.INK,
    "method 1": palette.COLOURS["chart-vision"],
    "method 2": palette.COLOURS["chart-language"],
}
_OTHERS = (palette.TREND, palette.COLOURS["chart-games"], palette.MOORE, palette.WARN,
           palette.COLOURS["chart-speech"], palette.GENERAL)
#: Room for the names beside the chart, pixels: wide, and on a phone.
_NAMES = (220, 110)


def ranges(
    rows: pd.DataFrame, size: Size, *, title: str = COMPUTE, value: str = "pfs_days",
    log: bool = True, reference: float | None = None,
) -> Chart:
    """Values with their ranges, one a line, in the order of the rows.

    Parameters
    ----------
    rows
        ``label``, the column ``value``, ``low``, ``high`` (missing where there is none), ``shown``;
        ``kind``, if there are several, decides the colour.
    title
        Of the axis, with its unit and scale.
    log
        Whether the axis is a log axis.
    reference
        A value to draw a line at, which the others are held against.
    """
    rows = rows.assign(low=rows["low"].fillna(rows[value]), high=rows["high"].fillna(rows[value]))
    numbers = rows[["low", value, "high"]].to_numpy(dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    low, high = float(numbers.min()), float(numbers.max())
    names = min(_NAMES[size.narrow], round(max(
        labels.text_box(0, 0, text, "left", FONT_SIZE).right for text in rows["label"])) + 8)
    width = size.width - names + (0 if size.narrow else 40)
    if log:
        room = max(high / low, 1.5) ** 0.06
        across = log_axis(title, low / room, high * room, 4 if size.narrow else 7)
    else:
        room = (high - low) * 0.06 or 1.0
        across = {"scale": alt.Scale(domain=[low - room, high + room], nice=False),
                  "axis": alt.Axis(title=title, tickCount=3 if size.narrow else 6)}
    rows = rows.assign(high=rows["high"].clip(upper=across["scale"]["domain"][1]))
    y = alt.Y("label:N", sort=None, axis=alt.Axis(
        title=None, labelLimit=names, domain=False, ticks=False, grid=True))
    base = alt.Chart(rows).encode(y=y)
    several = bool(rows["label"].duplicated().any())
    if several:
        base = base.encode(yOffset=alt.YOffset("kind:N", scale=alt.Scale(paddingOuter=0.4)))
    if "kind" in rows:
        kinds = list(dict.fromkeys(rows["kind"]))
        spare = iter(_OTHERS)
        colours = [KINDS.get(kind) or next(spare, palette.INK) for kind in kinds]
        legend = alt.Legend(symbolOpacity=1, symbolType="circle", symbolSize=60,
                            columns=1 if size.narrow else len(kinds)) if len(kinds) > 1 else None
        base = base.encode(color=alt.Color(
            "kind:N", scale=alt.Scale(domain=kinds, range=colours), legend=legend))
    bars = base.mark_rule(strokeWidth=3, strokeOpacity=0.45, strokeCap="round").encode(
        x=alt.X("low:Q", **across), x2=alt.X2("high:Q"))
    tips = [alt.Tooltip("label:N", title="Which"), alt.Tooltip("shown:N", title="Value")]
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X(f"{value}:Q", **across), description=alt.Description("shown:N"), tooltip=tips)
    layers = [bars, marks]
    if reference is not None:
        at = alt.Chart(pd.DataFrame({"at": [reference]})).mark_rule(
            color=palette.MUTED, strokeDash=[4, 4], strokeWidth=1.5
        ).encode(x=alt.X("at:Q", **across))
        layers.insert(0, at)
    height = alt.Step(34 if several else 30, **{"for": "position"})
    return alt.layer(*layers, width=width, height=height)
