"""One function a chart: a tidy table in, an Altair chart out. No number is born inside a chart."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import altair as alt
import numpy as np
import pandas as pd

from aicompute.charts import palette
from aicompute.charts import labels
from aicompute.charts.log_axis import LABEL, log_ticks

Chart: TypeAlias = alt.LayerChart | alt.Chart | alt.VConcatChart

COMPUTE = "Training compute (pfs-days, log scale)"
#: Ticks of an axis of compute at most.
_MOST = 12
#: Room for a mark at either end of an axis, pixels.
_ROOM = 24
#: The first comes with the program that draws, so that every machine draws the same; the others
#: have the same widths.
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
#: Size of the labels of axes and legends, pixels.
_LABEL = 12
#: A text with a limit is measured again and again, a fifth of the time of all drawings; only those
#: that may be longer than their room get one.
_UNLIMITED = {"labelLimit": 0, "titleLimit": 0}
_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)T00:00:00(\.0+)?$")
#: A time of day without a zone; a browser takes it for one of its own zone, but a bare day for UTC.
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$")


@dataclass(frozen=True)
class Size:
    """The room a chart has: its width in pixels, and whether it is a phone's."""

    width: int
    narrow: bool

    def height(self, wide: int, narrow: int) -> int:
        """The height for this room."""
        return narrow if self.narrow else wide

    #: Size of the labels of points, pixels: read on a phone at nearly its full size.
    font = 11


WIDE = Size(width=640, narrow=False)
NARROW = Size(width=256, narrow=True)


def theme() -> dict[str, Any]:
    """The look of every chart."""
    axis = {
        "labelColor": palette.MUTED, "titleColor": palette.INK, "gridColor": palette.GRID,
        "domainColor": palette.MUTED, "tickColor": palette.MUTED, "titleFontWeight": 500,
        "labelFontSize": _LABEL, "titleFontSize": 12, "labelFont": _FONT, "titleFont": _FONT,
        **_UNLIMITED,
    }
    legend = {
        "labelColor": palette.INK, "titleColor": palette.INK, "orient": "top", "titleFont": _FONT,
        "labelFont": _FONT, "labelFontSize": _LABEL, "title": None, "symbolStrokeWidth": 2,
        **_UNLIMITED,
    }
    return {
        "background": "transparent", "font": _FONT, "axis": axis, "legend": legend,
        "view": {"stroke": None}, "text": {"color": palette.INK, "font": _FONT, "fontSize": 12},
        "point": {"size": 70, "filled": True}, "rule": {"color": palette.MUTED},
        "header": {"labelColor": palette.INK, "titleColor": palette.INK, **_UNLIMITED},
    }


def specification(chart: Chart, description: str) -> dict[str, Any]:
    """The Vega-Lite specification of a chart in the book's look.

    Validation against the schema is left to the tests: it takes longer than all the rest.
    """
    with alt.data_transformers.enable(_TRANSFORMER):
        spec: dict[str, Any] = in_utc(chart.to_dict(validate=False))
    spec["config"] = theme()
    spec["description"] = description
    spec.pop("$schema", None)
    return {"$schema": alt.SCHEMA_URL, **spec}


def rows_of(table: pd.DataFrame) -> dict[str, Any]:
    """The rows of a chart as Vega-Lite takes them: dates as ISO text, what is missing as null.

    Altair's own transformer does the same by way of copies and casts of the whole table, for
    every layer that draws it; on a chart of systems that took a third of all its time.
    """
    columns = {str(name): [_json_cell(cell) for cell in table[name].tolist()] for name in table}
    return {"values": [dict(zip(columns, row, strict=True))
                       for row in zip(*columns.values(), strict=True)]}


def _json_cell(cell: Any) -> Any:
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    if isinstance(cell, str | list):
        return cell
    return None if pd.isna(cell) or cell in (math.inf, -math.inf) else cell


_TRANSFORMER = "aicompute"
alt.data_transformers.register(_TRANSFORMER, rows_of)


def in_utc(part: Any, channel: str = "") -> Any:
    """A specification whose dates do not depend on the time zone of who draws it."""
    if isinstance(part, list):
        return [in_utc(item, channel) for item in part]
    if isinstance(part, str):
        return _TIME.sub(r"\g<0>Z", _DAY.sub(r"\1", part))
    if not isinstance(part, dict):
        return part
    made = {name: in_utc(value, name) for name, value in part.items()}
    if made.get("type") == "temporal":
        if channel in ("x", "y"):
            made["scale"] = {**(made.get("scale") or {}), "type": "utc"}
        elif channel == "tooltip":
            made.setdefault("timeUnit", "utcyearmonthdate")
    return made


def domain_colour(
    legend: bool = True, columns: int = 5, present: Collection[str] = tuple(palette.DOMAINS)
) -> alt.Color:
    """Colour by domain, the same in the whole book; the legend names those present."""
    shown_here = {name: colour for name, colour in palette.DOMAINS.items() if name in present}
    scale = alt.Scale(domain=list(shown_here), range=list(shown_here.values()))
    shown: Any = alt.Legend(
        columns=columns, symbolSize=60, columnPadding=10, symbolOpacity=1) if legend else None
    return alt.Color("domain:N", scale=scale, legend=shown)


def compute_axis(field: str, *, domain: tuple[float, float], title: str = COMPUTE) -> alt.Y:
    """A log axis of training compute with powers of ten."""
    return alt.Y(
        f"{field}:Q",
        scale=alt.Scale(type="log", domain=list(domain), nice=False),
        axis=alt.Axis(title=title, values=log_ticks(*domain, _MOST), labelExpr=LABEL),
    )


def date_axis(
    field: str = "date", *, size: Size = WIDE, domain: list[str] | list[int] | None = None
) -> alt.X:
    """A time axis in years."""
    scale = alt.Scale(domain=domain) if domain else alt.Undefined
    ticks = 5 if size.narrow else 8
    axis = alt.Axis(title=None, format="%Y", tickCount=ticks, grid=False)
    return alt.X(f"{field}:T", scale=scale, axis=axis)


def leaves(rows: pd.DataFrame, columns: Sequence[str], low: float, high: float) -> bool:
    """Whether a value lies beyond an end of the axis.

    Only then is a mark clipped: each clipped mark costs the picture as much as all that is not.

    Examples
    --------
    >>> table = pd.DataFrame({"low": [0.5, 2.0], "high": [3.0, 4.0]})
    >>> leaves(table, ["low", "high"], 1.0, 5.0), leaves(table, ["high"], 1.0, 5.0)
    (True, False)
    """
    values = rows[list(columns)]
    return bool(((values < low) | (values > high)).to_numpy().any())


def label_limit(texts: Iterable[str], pixels: int) -> int:
    """Vega's limit for the labels of an axis: 0, none, where all of them have room enough.

    Examples
    --------
    >>> label_limit(["short", "shorter"], 120), label_limit(["a name that is rather long"], 120)
    (0, 120)
    """
    longest = max((labels.text_box(0, 0, text, "left", _LABEL).right for text in texts), default=0)
    return pixels if longest > pixels else 0


def ranges(rows: pd.DataFrame, *, size: Size, title: str = COMPUTE) -> Chart:
    """Values with their ranges, one a line, on a log axis.

    Parameters
    ----------
    rows
        ``label``, ``pfs_days``, ``low``, ``high``, ``kind`` (published, method 1, method 2),
        ``shown``; drawn in the order of the rows.
    """
    width = size.width - (90 if size.narrow else 110)
    values = rows[["low", "pfs_days", "high"]].to_numpy(dtype=float)
    low, high = _with_room(float(np.nanmin(values)), float(np.nanmax(values)), width)
    scale = alt.Scale(type="log", nice=False, domain=[low, high])
    x = alt.X("pfs_days:Q", scale=scale, axis=alt.Axis(
        title=title, labelExpr=LABEL, values=log_ticks(low, high, 5 if size.narrow else 8)))
    y = alt.Y("label:N", sort=None, axis=alt.Axis(
        title=None, labelLimit=label_limit(rows["label"], 132 if size.narrow else 240),
        domain=False, ticks=False, grid=True))
    kinds = {kind: colour for kind, colour in KINDS.items() if kind in set(rows["kind"])}
    colour = alt.Color("kind:N", scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
                       legend=alt.Legend(symbolOpacity=1, symbolType="circle", symbolSize=60))
    base = alt.Chart().encode(y=y, color=colour)
    several = bool(rows["label"].duplicated().any())
    if several:
        base = base.encode(yOffset=alt.YOffset("kind:N", scale=alt.Scale(paddingOuter=0.4)))
    rules = base.mark_rule(strokeWidth=3, strokeOpacity=0.45, strokeCap="round").encode(
        x=alt.X("low:Q", scale=scale, title=title), x2=alt.X2("high:Q")
    )
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=x, description=alt.Description("shown:N"),
        tooltip=[alt.Tooltip("label:N", title="Value"), alt.Tooltip("shown:N", title="Compute")],
    )
    # Rows that the layers had, Altair would print in full to tell the layers apart.
    return alt.layer(
        rules, marks, data=rows,
        width=width,
        height=alt.Step(34 if several else 30, **{"for": "position"}),
    )


def _with_room(low: float, high: float, width: int) -> tuple[float, float]:
    """The ends of a log axis of so many pixels that leaves room for a mark beside its values."""
    if low == high:
        return low / 2, high * 2
    room = (high / low) ** (_ROOM / (width - 2 * _ROOM))
    return low / room, high * room


#: What a value is, to its colour.
KINDS = {
    "published": palette.INK,
    "method 1": palette.COLOURS["chart-vision"],
    "method 2": palette.COLOURS["chart-language"],
}
