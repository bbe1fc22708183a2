"""Values with their ranges, one a line."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from aicompute import words
from aicompute.charts import labels, palette
from aicompute.charts.look import COMPUTE, FONT_SIZE, Chart, Size, colours, log_axis

#: What a value is, to its colour; a kind that is not here gets one of the palette's.
KINDS = {
    "published": palette.INK,
    "by counting": palette.COLOURS["chart-vision"],
    "by chip time": palette.COLOURS["chart-language"],
}
#: What a legend calls the methods that have a number.
_CALLED = {"method 1": "by counting", "method 2": "by chip time"}
_OTHERS = (palette.TREND, palette.COLOURS["chart-games"], palette.MOORE, palette.WARN,
           palette.COLOURS["chart-speech"], palette.GENERAL)
#: The widest names beside a chart, pixels; on a phone they stand above their values.
_NAMES = 330
#: Height of a line of words above a value, and of a value, pixels.
_WORDS, _VALUE = 17, 12
#: Characters of a legend that stand in one line on a phone.
_LEGEND = 36


def ranges(
    rows: pd.DataFrame, size: Size, *, title: str = COMPUTE, value: str = "pfs_days",
    unit: str = "pfs-days", log: bool = True, reference: float | None = None,
) -> Chart:
    """Values with their ranges, one a line, in the order of the rows.

    Parameters
    ----------
    rows
        ``label``, the column ``value``, ``low``, ``high`` (missing where there is none);
        ``kind``, if there are several, decides the colour; ``shown`` is what a reader sees who
        points at a value, in place of the value and its range as the text writes them.
    title
        Of the axis, with its unit and scale.
    unit
        Of the values, as ``record`` takes it.
    log
        Whether the axis is a log axis.
    reference
        A value to draw a line at, which the others are held against.
    """
    if "shown" not in rows:
        rows = rows.assign(shown=[words.ranged(*ends, unit) for ends in zip(
            rows[value], rows["low"], rows["high"], strict=True)])
    rows = rows.assign(low=rows["low"].fillna(rows[value]), high=rows["high"].fillna(rows[value]))
    numbers = rows[["low", value, "high"]].to_numpy(dtype=float)
    numbers = numbers[np.isfinite(numbers)]
    low, high = float(numbers.min()), float(numbers.max())
    names = 0 if size.narrow else min(_NAMES, 12 + round(max(
        labels.text_box(0, 0, text, "left", FONT_SIZE).right for text in rows["label"])))
    width = size.width + (24 if size.narrow else 40) - names
    if log:
        room = max(high / low, 1.5) ** 0.06
        across = log_axis(title, low / room, high * room, 4 if size.narrow else 7)
    else:
        room = (high - low) * 0.06 or 1.0
        across = {"scale": alt.Scale(domain=[low - room, high + room], nice=False),
                  "axis": alt.Axis(title=title, tickCount=3 if size.narrow else 6)}
    rows = rows.assign(high=rows["high"].clip(upper=across["scale"]["domain"][1]))
    if "kind" in rows:
        rows = rows.assign(kind=rows["kind"].replace(_CALLED))
    kinds = list(dict.fromkeys(rows["kind"])) if "kind" in rows else [""]
    several = bool(rows["label"].duplicated().any())
    above = _WORDS if size.narrow else 7
    below = _VALUE * (len(kinds) if several else 1) + (1 if size.narrow else 8)
    beside = {"labelAlign": "left", "labelPadding": 0, "labelOffset": (_WORDS - below - above) / 2}
    y = alt.Y("label:N", sort=None, scale=alt.Scale(padding=0), axis=alt.Axis(
        title=None, labelLimit=names, domain=False, ticks=False, grid=not size.narrow,
        **beside if size.narrow else {}))
    base = alt.Chart(rows).encode(y=y, color=alt.value(palette.TREND))
    middle = {} if several else {"yOffset": (above - 7) / 2}
    if several:
        base = base.encode(yOffset=alt.YOffset("kind:N", scale=alt.Scale(
            domain=kinds, range=[above, above + below - 8], padding=0)))
    if "kind" in rows:
        spare = iter(_OTHERS)
        shades = {kind: KINDS.get(kind) or next(spare, palette.INK) for kind in kinds}
        beneath = size.narrow and len("".join(kinds)) > _LEGEND
        base = base.encode(color=colours(shades, "kind", 1 if beneath else len(kinds), offset=10,
                                         symbolType="circle"))
    bars = base.mark_rule(strokeWidth=3, strokeOpacity=0.45, strokeCap="round", **middle).encode(
        x=alt.X("low:Q", **across), x2=alt.X2("high:Q"))
    tips = [alt.Tooltip("label:N", title="Which"), alt.Tooltip("shown:N", title="Value")]
    marks = base.mark_point(filled=True, size=90, opacity=1, **middle).encode(
        x=alt.X(f"{value}:Q", **across), description=alt.Description("shown:N"), tooltip=tips)
    layers = [bars, marks]
    if reference is not None:
        every = pd.DataFrame({"label": rows["label"].unique(), "at": reference})
        layers.insert(0, alt.Chart(every).mark_tick(
            color=palette.MUTED, thickness=1.5, size=below - 2, yOffset=(above - 7) / 2
        ).encode(x=alt.X("at:Q", **across), y=y))
    return alt.layer(*layers, width=width, height=alt.Step(above + below, **{"for": "position"}))
