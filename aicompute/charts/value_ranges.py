"""Values with their ranges, one a line."""

import altair as alt
import numpy as np
import pandas as pd

from aicompute import words
from aicompute.charts import labels, palette
from aicompute.charts.look import COMPUTE, Size, colours, log_axis, widened

#: What a value is, to its colour; a kind that is not here gets one of the others.
_KINDS = {"published": palette.INK, "by counting": palette.DOMAINS["vision"],
          "by chip time": palette.DOMAINS["language"]}
_OTHERS = (palette.TREND, palette.DOMAINS["games"], palette.MOORE, palette.WARN,
           palette.DOMAINS["speech"], palette.GENERAL)
#: What a legend calls the methods that have a number.
_CALLED = {"method 1": "by counting", "method 2": "by chip time"}
#: The widest names beside a chart, pixels; on a phone they stand above their values.
_NAMES = 330
#: Height of a line of words above a value, and of a value, pixels.
_WORDS, _VALUE = 17, 12
#: Characters of a legend that stand in one line on a phone.
_LEGEND = 36


def ranges(
    rows: pd.DataFrame, size: Size, *, title: str = COMPUTE, value: str = "pfs_days",
    unit: str = "pfs-days", log: bool = True, reference: float | None = None,
) -> alt.LayerChart:
    """Values with their ranges, one a line, in the order of the rows.

    Rows have a ``label``, the column ``value`` in a ``unit`` of ``record``, ``low`` and ``high``
    (missing where there is none); ``kind``, if there are several, decides the colour; ``shown`` is
    what a reader sees who points at a value, in place of it and its range as the text writes them.
    The axis has a ``title`` with its unit and scale. The values are held against a ``reference``.
    """
    if "shown" not in rows:
        rows = rows.assign(shown=[words.ranged(*ends, unit) for ends in zip(
            rows[value], rows["low"], rows["high"], strict=True)])
    if "kind" in rows:
        rows = rows.assign(kind=rows["kind"].replace(_CALLED))
    rows = rows.assign(low=rows["low"].fillna(rows[value]), high=rows["high"].fillna(rows[value]))
    known = rows[["low", value, "high"]].to_numpy(dtype=float)
    known = known[np.isfinite(known)]
    low, high = float(known.min()), float(known.max())
    left, right = (widened(low, high, log=log, least=1.5) if low < high or log
                   else (low - 1, high + 1))
    rows["high"] = rows["high"].clip(upper=right)
    x = log_axis(title, left, right, 4 if size.narrow else 7) if log else {
        "scale": alt.Scale(domain=[left, right], nice=False),
        "axis": alt.Axis(title=title, tickCount=3 if size.narrow else 6)}
    kinds = list(dict.fromkeys(rows.get("kind", [""])))
    several = bool(rows["label"].duplicated().any())
    above = _WORDS if size.narrow else 7
    below = _VALUE * (len(kinds) if several else 1) + (1 if size.narrow else 8)
    names = 0 if size.narrow else min(_NAMES, 12 + round(max(
        labels.text_box(0, 0, text, "left").right for text in rows["label"])))
    beside = {"labelAlign": "left", "labelPadding": 0, "labelOffset": (_WORDS - below - above) / 2}
    y = alt.Y("label:N", sort=None, scale=alt.Scale(padding=0), axis=alt.Axis(
        title=None, labelLimit=names, domain=False, ticks=False, grid=not size.narrow,
        **beside if size.narrow else {}))
    one, middle = {"y": y, "color": alt.value(palette.TREND)}, {"yOffset": (above - 7) / 2}
    if "kind" in rows:
        spare = iter(_OTHERS)
        shades = {kind: _KINDS.get(kind) or next(spare, palette.INK) for kind in kinds}
        beneath = size.narrow and len("".join(kinds)) > _LEGEND
        one["color"] = colours(shades, "kind", 1 if beneath else len(kinds), offset=10,
                               symbolType="circle")
    if several:
        one["yOffset"], middle = alt.YOffset("kind:N", scale=alt.Scale(
            domain=kinds, range=[above, above + below - 8], padding=0)), {}
    base = alt.Chart(rows)
    layers = [
        base.mark_rule(strokeWidth=3, strokeOpacity=0.45, strokeCap="round", **middle).encode(
            x=alt.X("low:Q", **x), x2=alt.X2("high:Q"), **one),
        base.mark_point(filled=True, size=90, opacity=1, **middle).encode(
            x=alt.X(f"{value}:Q", **x), description=alt.Description("shown:N"), **one,
            tooltip=[alt.Tooltip("label:N", title="Which"),
                     alt.Tooltip("shown:N", title="Value")])]
    if reference is not None:
        every = pd.DataFrame({"label": rows["label"].unique(), "at": reference})
        layers.insert(0, alt.Chart(every).mark_tick(
            color=palette.MUTED, thickness=1.5, size=below - 2, yOffset=(above - 7) / 2
        ).encode(x=alt.X("at:Q", **x), y=y))
    return alt.layer(*layers, width=size.width + (24 if size.narrow else 40) - names,
                     height=alt.Step(above + below, **{"for": "position"}))
