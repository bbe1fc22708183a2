"""The look of every chart: its sizes, fonts, axes and colours, and its specification."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import altair as alt
import pandas as pd

from aicompute.charts import palette
from aicompute.charts.log_ticks import log_ticks, written

Chart: TypeAlias = alt.LayerChart | alt.Chart | alt.VConcatChart

COMPUTE = "Training compute (pfs-days, log scale)"
#: The first comes with the program that draws, so that every machine draws the same; the others
#: have the same widths.
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
#: Size of all words in a chart, pixels.
FONT_SIZE = 12
#: Room about the outermost values, as a share of the axis.
_ROOM = 0.06
#: A text with a limit is measured again and again, a fifth of the time of all drawings.
_UNLIMITED = {"labelLimit": 0, "titleLimit": 0}
_WORDS = {"labelFont": _FONT, "titleFont": _FONT, "labelFontSize": FONT_SIZE,
          "titleFontSize": FONT_SIZE, **_UNLIMITED}
#: The look of every chart, as Vega-Lite's configuration.
_THEME = {
    "background": "transparent", "font": _FONT, "view": {"stroke": None},
    "axis": {"labelColor": palette.MUTED, "titleColor": palette.INK, "gridColor": palette.GRID,
             "domainColor": palette.MUTED, "tickColor": palette.MUTED, "titleFontWeight": 500,
             **_WORDS},
    # Above the axis, where it is read without turning one's head and takes no width.
    "axisY": {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": 0,
              "titleY": -8},
    "legend": {"labelColor": palette.INK, "titleColor": palette.INK, "orient": "top",
               "title": None, "symbolStrokeWidth": 2, "offset": 26, **_WORDS},
    "text": {"color": palette.INK, "font": _FONT, "fontSize": FONT_SIZE},
    "point": {"size": 70, "filled": True}, "rule": {"color": palette.MUTED},
    "header": {"labelColor": palette.INK, "titleColor": palette.INK, **_UNLIMITED},
}


@dataclass(frozen=True)
class Size:
    """The room a chart has: its width in pixels, and whether it is a phone's."""

    width: int
    narrow: bool


WIDE = Size(width=640, narrow=False)
NARROW = Size(width=264, narrow=True)


def specification(chart: Chart, description: str) -> dict[str, Any]:
    """The Vega-Lite specification of a chart in the book's look.

    Validation against the schema is left to the tests: it takes longer than all the rest.
    """
    with alt.data_transformers.enable(_TRANSFORMER):
        spec: dict[str, Any] = chart.to_dict(validate=False)
    rows = {"datasets": spec.pop("datasets")} if "datasets" in spec else {}
    return {**_in_utc(spec), **rows, "$schema": alt.SCHEMA_URL, "config": _THEME,
            "description": description}


def named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of a chart that a script of the page finds by a name, if that is not empty."""
    table = table.copy(deep=False)
    table.attrs["name"] = name
    return table


def _rows_of(table: pd.DataFrame) -> dict[str, Any]:
    """The rows of a chart as Vega-Lite takes them: dates as ISO text, what is missing as null.

    Altair's own transformer copies and casts the whole table for every layer that draws it.
    """
    columns = {str(name): [_json_cell(cell) for cell in table[name].tolist()] for name in table}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    name = table.attrs.get("name")
    return {"values": rows, **({"name": name} if name else {})}


def _json_cell(cell: Any) -> Any:
    if isinstance(cell, pd.Timestamp):
        # A browser takes a time without a zone for one of its own zone, but a bare day for UTC.
        return cell.isoformat().removesuffix("T00:00:00") + "Z" * (cell != cell.normalize())
    if isinstance(cell, str | list):
        return cell
    return None if pd.isna(cell) or cell in (math.inf, -math.inf) else cell


_TRANSFORMER = "aicompute"
alt.data_transformers.register(_TRANSFORMER, _rows_of)


def _in_utc(part: Any, channel: str = "") -> Any:
    """A specification whose dates do not depend on the time zone of who draws it."""
    if isinstance(part, list):
        return [_in_utc(item, channel) for item in part]
    if not isinstance(part, dict):
        return part
    made = {name: _in_utc(value, name) for name, value in part.items()}
    if made.get("type") == "temporal" and channel in ("x", "y"):
        made["scale"] = {**(made.get("scale") or {}), "type": "utc"}
    elif made.get("type") == "temporal" and channel == "tooltip":
        made.setdefault("timeUnit", "utcyearmonthdate")
    return made


def colours(
    named: Mapping[str, str], column: str = "domain", columns: int = 5, **legend_is: Any
) -> alt.Color:
    """Colour by the words of a column, with a legend where there are several."""
    legend = alt.Legend(columns=columns, symbolSize=60, columnPadding=10, symbolOpacity=1,
                        **legend_is) if len(named) > 1 else None
    scale = alt.Scale(domain=list(named), range=list(named.values()))
    return alt.Color(f"{column}:N", scale=scale, legend=legend)


def widened(low: Any, high: Any, *, log: bool, least: float = 2.0) -> tuple[Any, Any]:
    """Two ends with room beside them; on a log axis at least a factor of ``least`` apart."""
    if log:
        room = max(high / low, least) ** _ROOM
        return low / room, high * room
    room = (high - low) * _ROOM
    return low - room, high + room


def log_axis(title: str, low: float, high: float, most: int = 9) -> dict[str, Any]:
    """Scale and axis of a log axis between two ends, with at most so many round ticks.

    >>> y = alt.Y("pfs_days:Q", **log_axis("Compute (pfs-days, log scale)", 0.01, 100))
    """
    ticks = log_ticks(low, high, most)
    # Vega counts ticks from 0 to 1; a single one is no number.
    labels = f"{written(ticks, in_full='%' in title)}[round(datum.index*{len(ticks) - 1}) || 0]"
    axis = alt.Axis(title=title, values=ticks, labelExpr=labels)
    return {"scale": alt.Scale(type="log", domain=[low, high], nice=False), "axis": axis}


def date_axis(size: Size) -> alt.Axis:
    """An axis of years."""
    return alt.Axis(title=None, format="%Y", tickCount=5 if size.narrow else 8, grid=False)


def leaves(rows: pd.DataFrame, columns: Sequence[str], low: float, high: float) -> bool:
    """Whether a value lies beyond an end of the axis.

    Only then is a mark clipped: each clipped mark costs the picture as much as all that is not.
    """
    return any(((rows[name] < low) | (rows[name] > high)).any() for name in columns)
