"""One function a chart: a tidy table in, an Altair chart out. No number is born inside a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from aicompute import palette

Chart = alt.LayerChart | alt.Chart | alt.VConcatChart

COMPUTE = "Training compute (pfs-days, log scale)"
_FONT = "Inter, system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif"


@dataclass(frozen=True)
class Size:
    """The room a chart has: its width in pixels, and whether it is a phone's."""

    width: int
    narrow: bool

    def height(self, wide: int, narrow: int) -> int:
        """The height for this room."""
        return narrow if self.narrow else wide


WIDE = Size(width=640, narrow=False)
NARROW = Size(width=270, narrow=True)


def theme() -> dict[str, Any]:
    """The look of every chart."""
    axis = {
        "labelColor": palette.MUTED, "titleColor": palette.INK, "gridColor": palette.GRID,
        "domainColor": palette.MUTED, "tickColor": palette.MUTED, "titleFontWeight": 500,
        "labelFontSize": 12, "titleFontSize": 12, "labelFont": _FONT, "titleFont": _FONT,
    }
    legend = {
        "labelColor": palette.INK, "titleColor": palette.INK, "orient": "top", "titleFont": _FONT,
        "labelFont": _FONT, "labelFontSize": 12, "title": None, "symbolStrokeWidth": 2,
    }
    return {
        "background": None, "font": _FONT, "axis": axis, "legend": legend,
        "view": {"stroke": None}, "text": {"color": palette.INK, "font": _FONT, "fontSize": 12},
        "point": {"size": 70, "filled": True}, "rule": {"color": palette.MUTED},
        "header": {"labelColor": palette.INK, "titleColor": palette.INK},
    }


def specification(chart: Chart, description: str) -> dict[str, Any]:
    """The Vega-Lite specification of a chart in the book's look.

    Validation against the schema is left to the tests: it takes longer than all the rest.
    """
    spec: dict[str, Any] = chart.to_dict(validate=False)
    spec["config"] = theme()
    spec["description"] = description
    spec.pop("$schema", None)
    return {"$schema": alt.SCHEMA_URL, **spec}


def domain_colour(legend: bool = True) -> alt.Color:
    """Colour by domain, the same in the whole book."""
    scale = alt.Scale(domain=list(palette.DOMAINS), range=list(palette.DOMAINS.values()))
    shown: Any = alt.Legend() if legend else None
    return alt.Color("domain:N", scale=scale, legend=shown)


def compute_axis(field: str, *, domain: tuple[float, float], title: str = COMPUTE) -> alt.Y:
    """A log axis of training compute with powers of ten."""
    return alt.Y(
        f"{field}:Q",
        scale=alt.Scale(type="log", domain=list(domain), nice=False),
        axis=alt.Axis(title=title, format=".0e", tickCount=8, labelExpr=_POWER_LABEL),
    )


def date_axis(field: str = "date", *, size: Size = WIDE, domain: list[str] | None = None) -> alt.X:
    """A time axis in years."""
    scale = alt.Scale(domain=domain) if domain else alt.Undefined
    ticks = 5 if size.narrow else 8
    axis = alt.Axis(title=None, format="%Y", tickCount=ticks, grid=False)
    return alt.X(f"{field}:T", scale=scale, axis=axis)


#: 1e-3 as "0.001", 1e4 as "10,000"; the far ends as 1e-5.
_POWER_LABEL = (
    "datum.value < 1e-3 ? format(datum.value, '.0e') : "
    "datum.value < 1 ? format(datum.value, '~f') : format(datum.value, ',~f')"
)

_SYSTEM_TOOLTIP = [
    alt.Tooltip("name:N", title="System"),
    alt.Tooltip("date:T", title="Published", format="%d %B %Y"),
    alt.Tooltip("shown:N", title="Training compute"),
    alt.Tooltip("calculation:N", title="Calculation"),
    alt.Tooltip("source:N", title="Source"),
]


def systems_over_time(
    points: pd.DataFrame, lines: pd.DataFrame, *, size: Size, domain: tuple[float, float]
) -> Chart:
    """Systems on a log scale with the fitted line, its band, and Moore's law beside it.

    Parameters
    ----------
    points
        ``date``, ``pfs_days``, ``low``, ``high``, ``name``, ``domain``, ``shown``,
        ``calculation``, ``source``, ``href``, ``align``, ``dx``, ``dy``.
    lines
        ``date``, ``pfs_days``, ``point_low``, ``point_high``, ``moore``.
    """
    y = compute_axis("pfs_days", domain=domain)
    x = date_axis(size=size)
    band = alt.Chart(lines).mark_area(color=palette.BAND, opacity=0.35, clip=True).encode(
        x=x, y=alt.Y("point_low:Q", scale=y.scale), y2="point_high:Q"
    )
    trend = alt.Chart(lines).mark_line(color=palette.TREND, strokeWidth=2, clip=True).encode(x=x, y=y)
    moore = alt.Chart(lines).mark_line(
        color=palette.MOORE, strokeWidth=2, strokeDash=[5, 4], clip=True
    ).encode(x=x, y=alt.Y("moore:Q", scale=y.scale))
    return alt.layer(band, trend, moore, *_points(points, x, y, size)).properties(
        width=size.width, height=size.height(430, 380)
    )


def _points(points: pd.DataFrame, x: alt.X, y: alt.Y, size: Size) -> list[alt.Chart]:
    base = alt.Chart(points).encode(x=x, y=y)
    ranges = base.mark_rule(strokeWidth=1.5, opacity=0.7).encode(
        y=alt.Y("low:Q", scale=y.scale), y2="high:Q", color=domain_colour(legend=False)
    )
    marks = base.mark_point(filled=True, size=80, opacity=1).encode(
        color=domain_colour(), tooltip=_SYSTEM_TOOLTIP, href="href:N"
    )
    labels = [
        base.transform_filter(alt.datum.align == align).mark_text(
            align=align, baseline="middle", fontSize=10 if size.narrow else 11,
            dx={"left": 8, "right": -8, "center": 0}[align],
            dy=-12 if align == "center" else 0, color=palette.INK,
        ).encode(text="label:N")
        for align in sorted(set(points["align"]))
    ]
    return [ranges, marks, *labels]


def systems_linear(points: pd.DataFrame, *, size: Size) -> Chart:
    """The same systems on a linear scale: all but the last few lie on the floor."""
    x = date_axis(size=size)
    y = alt.Y("pfs_days:Q", axis=alt.Axis(title="Training compute (pfs-days)", format=",~f"))
    return alt.layer(*_points(points.assign(low=points["pfs_days"], high=points["pfs_days"]),
                              x, y, size)).properties(
        width=size.width, height=size.height(340, 320)
    )


def eras(
    points: pd.DataFrame, boxes: pd.DataFrame, *, size: Size, domain: tuple[float, float]
) -> Chart:
    """The systems against each era's range of compute.

    Parameters
    ----------
    boxes
        ``start``, ``end``, ``pfs_days_low``, ``pfs_days_high``, ``name``.
    """
    y = compute_axis("pfs_days", domain=domain)
    x = date_axis(size=size)
    shades = alt.Chart(boxes).mark_rect(
        color=palette.BAND, opacity=0.45, stroke=palette.TREND, strokeWidth=1
    ).encode(x=alt.X("start:T"), x2="end:T",
             y=alt.Y("pfs_days_low:Q", scale=y.scale), y2="pfs_days_high:Q")
    return alt.layer(shades, *_points(points, x, y, size)).properties(
        width=size.width, height=size.height(420, 380)
    )


def ranges(rows: pd.DataFrame, *, size: Size, title: str = COMPUTE) -> Chart:
    """Values with their ranges, one a line, on a log axis.

    Parameters
    ----------
    rows
        ``label``, ``pfs_days``, ``low``, ``high``, ``kind`` (published, method 1, method 2),
        ``shown``; drawn in the order of the rows.
    """
    x = alt.X("pfs_days:Q", scale=alt.Scale(type="log", nice=False, padding=24),
              axis=alt.Axis(title=title, tickCount=4, labelExpr=_POWER_LABEL))
    y = alt.Y("label:N", sort=None, axis=alt.Axis(
        title=None, labelLimit=110 if size.narrow else 240, domain=False, ticks=False, grid=True))
    colour = alt.Color("kind:N", scale=alt.Scale(domain=list(KINDS), range=list(KINDS.values())))
    base = alt.Chart(rows).encode(y=y, color=colour)
    rules = base.mark_rule(strokeWidth=3, opacity=0.45, strokeCap="round").encode(
        x=alt.X("low:Q", scale=x.scale, title=title), x2="high:Q"
    )
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=x, tooltip=[alt.Tooltip("label:N", title="Value"), alt.Tooltip("shown:N", title="Compute")]
    )
    return alt.layer(rules, marks).properties(
        width=size.width - (0 if size.narrow else 60), height=alt.Step(30)
    )


#: What a value is, to its colour.
KINDS = {
    "published": palette.INK,
    "method 1": palette.COLOURS["chart-vision"],
    "method 2": palette.COLOURS["chart-language"],
}
