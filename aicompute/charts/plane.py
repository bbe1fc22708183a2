"""Systems on two axes, with lines, bands and notes; their labels keep clear of all of these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Self

import altair as alt
import numpy as np
import pandas as pd

from aicompute.charts import labels, look, palette
from aicompute.charts.look import COMPUTE, FONT_SIZE, Chart, Size, date_axis, log_axis

#: What a reader sees who points at a system: those of these columns that the rows have.
_TOOLTIP = {
    "name": "System", "published_on": "Published", "shown": "Training compute", "method": "Value",
    "source": "Source",
}
#: Two dots closer than this, pixels, are drawn as a dot within a ring: neither hides the other.
SAME_DOT = 5.0
DOT: dict[str, Any] = {"filled": True, "size": 80, "opacity": 1, "stroke": palette.PAPER,
                       "strokeWidth": 1}
RING: dict[str, Any] = {"filled": False, "size": 200, "opacity": 1, "fill": "transparent",
                        "strokeWidth": 2}
#: A text mark that stands where its row says.
BESIDE: dict[str, Any] = {"baseline": "middle", "fontSize": FONT_SIZE, **{
    key: {"expr": f"datum.{key}"} for key in ("align", "dx", "dy")}}
#: Length of a piece of a line that labels keep clear of, pixels.
_PIECE = 10


class Layer(NamedTuple):
    """Charts laid on each other, the room they take, and points whose labels are yet to place."""

    charts: Sequence[alt.Chart] = ()
    taken: Sequence[labels.Box] = ()
    labelled: pd.DataFrame | None = None
    #: Words along a line, and their colour; the line is what the layer takes.
    words: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Plane:
    """Two axes, where a row lies on them in pixels, and what is drawn there, layer by layer.

    ``x`` and ``y`` are the columns of the rows that lie on the axes. The horizontal one goes from
    ``left`` to ``right``, dates, or numbers on a log axis; the vertical one from ``low`` to
    ``high``, on a log axis or not.
    """

    size: Size
    height: int
    left: Any
    right: Any
    low: float
    high: float
    x: str
    y: str
    x_title: str
    y_title: str
    log: bool

    @classmethod
    def around(
        cls, points: pd.DataFrame, size: Size, *, height: tuple[int, int] = (430, 440),
        lines: pd.DataFrame | None = None, x: str = "date", y: str = "pfs_days",
        log: bool = True, start: Any = None, end: Any = None, low: float | None = None,
        high: float | None = None, x_title: str = "", y_title: str = COMPUTE,
    ) -> Self:
        """The plane with room for these rows; ``start``, ``end``, ``low``, ``high`` override.

        Points and lines have the columns ``x`` and ``y``, points their ``low`` and ``high``. The
        height is in pixels, wide and on a phone; ``log`` is of the vertical axis.
        """
        rows = points if lines is None else pd.concat([points, lines[[x, y]]])
        across = pd.concat([rows[name] for name in (x, "x_low", "x_high") if name in rows])
        up = pd.concat([rows[name] for name in (y, "low", "high") if name in rows])
        up = up[(up > 0) & (up < math.inf)] if log else up
        left, right = look.widened(across.min(), across.max(), log=x != "date")
        bottom, top = look.widened(float(up.min()), float(up.max()), log=log)
        return cls(size, height[size.narrow], left if start is None else pd.Timestamp(start),
                   right if end is None else pd.Timestamp(end),
                   (bottom if log else 0.0) if low is None else low,
                   top if high is None else high, x, y, x_title, y_title, log)

    def at(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Pixels from the left and from the upper edge, of a place or of columns of them."""
        return (_share(x, self.left, self.right, self.x != "date") * self.size.width,
                (1 - _share(y, self.low, self.high, self.log)) * self.height)

    def across(self) -> alt.X:
        """The horizontal axis."""
        if self.x != "date":
            most = 4 if self.size.narrow else 7
            return alt.X(f"{self.x}:Q", **log_axis(self.x_title, self.left, self.right, most))
        ends = [f"{end:%Y-%m-%d}" for end in (self.left, self.right)]
        return alt.X("date:T", scale=alt.Scale(domain=ends), axis=date_axis(self.size))

    def up(self, column: str) -> alt.Y:
        """The vertical axis, for a column."""
        if self.log:
            return alt.Y(f"{column}:Q", **log_axis(self.y_title, self.low, self.high, 12))
        axis = alt.Axis(title=self.y_title, format=",~f", tickCount=5)
        return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[self.low, self.high]), axis=axis)

    def chart(self, *layers: Layer) -> Chart:
        """Layers drawn one on another; the labels of points last, clear of all of them."""
        taken = [box for layer in layers for box in layer.taken]
        dotted = [layer.labelled for layer in layers if layer.labelled is not None]
        dots = [labels.mark(*dot) for rows in dotted for dot in self._places(rows)]
        charts = [chart for layer in layers for chart in layer.charts]
        for layer in layers:
            if layer.words[0] and layer.taken:
                chart, box = self._said(layer, [*taken, *dots])
                charts.append(chart)
                taken.append(box)
        for rows in dotted:
            beside = self.labelled(rows, taken)
            text = alt.Chart(beside[beside["label"] != ""]).mark_text(color=palette.INK, **BESIDE)
            charts.append(text.encode(self.across(), self.up(self.y), alt.Text("label:N")))
        return alt.layer(*charts, width=self.size.width, height=self.height)

    def labelled(self, rows: pd.DataFrame, taken: Sequence[labels.Box]) -> pd.DataFrame:
        """Points with ``align``, ``dx`` and ``dy`` of their ``label``; empty if it has no room."""
        points = [(*place, str(label))
                  for place, label in zip(self._places(rows), rows["label"], strict=True)]
        placed = labels.place(points, width=self.size.width, height=self.height, others=taken)
        return rows.assign(**{key: [getattr(place, key) for place in placed]
                              for key in ("align", "dx", "dy", "label")})

    def line(
        self, rows: pd.DataFrame, column: str = "", *, colour: str = "trend", dash: bool = False,
        text: str = "", name: str = "", over: tuple[Any, Any] | None = None,
    ) -> Layer:
        """A line through rows, with words beside it if any; ``name`` as for points.

        Beyond the span of the points that it is fitted to, ``over``, it is dashed.
        """
        column, shade = column or self.y, palette.COLOURS.get(colour, colour)
        parts = [(rows, dash)]
        if over is not None:
            before, after = rows[self.x] <= over[0], rows[self.x] >= over[1]
            inside = rows[self.x].between(*over)
            parts = [(rows[before], True), (rows[inside], False), (rows[after], True)]
            parts = [(part, dashed) for part, dashed in parts if len(part) > 1]
        charts = [alt.Chart(look.named(part, name)).mark_line(
            color=shade, strokeWidth=2, clip=look.leaves(part, [column], self.low, self.high),
            **({"strokeDash": [5, 4]} if dashed else {}),
        ).encode(x=self.across(), y=self.up(column)) for part, dashed in parts]
        places = self._places(rows[rows[column] > 0] if self.log else rows, column)
        pieces = [piece for ends in pairwise(places) for piece in _pieces(*ends)]
        return Layer(charts, pieces, words=(text, shade))

    def band(self, rows: pd.DataFrame, low: str, high: str, *, colour: str = "band") -> Layer:
        """An area between two columns of rows."""
        chart = alt.Chart(rows).mark_area(
            color=palette.COLOURS[colour], fillOpacity=0.45,
            clip=look.leaves(rows, [low, high], self.low, self.high),
        ).encode(x=self.across(), y=self.up(low), y2=alt.Y2(f"{high}:Q"))
        return Layer([chart])

    def notes(self, rows: pd.DataFrame, weight: str = "bold") -> Layer:
        """Words in the chart, of rows with ``text``, ``align``, ``dx``, ``dy`` and ``colour``."""
        rows = rows.assign(colour=rows["colour"].map(palette.COLOURS))
        chart = alt.Chart(rows).mark_text(fontWeight=weight, lineBreak="\n", **BESIDE).encode(
            self.across(), self.up(self.y), alt.Text("text:N"), alt.Color("colour:N", scale=None))
        taken = [labels.text_box(x + row.dx, y + row.dy, row.text, row.align, labels.BOLD)
                 for row, (x, y) in zip(rows.itertuples(), self._places(rows), strict=True)]
        return Layer([chart], taken)

    def points(
        self, rows: pd.DataFrame, *, colour: alt.Color | None = None, name: str = "",
    ) -> Layer:
        """Ranges, dots with tooltips and links, and labels.

        Rows have the columns of both axes, ``label``, ``domain`` for their colour; where
        there are any ``low`` and ``high``, ``x_low`` and ``x_high``, ``area`` of the dot, ``href``,
        the tooltip's. A script of the page replaces them by their ``name``.
        """
        if colour is None:
            here = {domain: shade for domain, shade in palette.DOMAINS.items()
                    if domain in set(rows.get("domain", ()))}
            colour = (look.colours(here, columns=3 if self.size.narrow else 5) if here
                      else alt.value(palette.INK))
        places = self._places(rows)
        rows = rows.assign(under=[any(math.dist(place, later) < SAME_DOT for later in
                                      places[number:]) for number, place in enumerate(places, 1)])
        if {"name", "shown"} <= set(rows):
            rows = rows.assign(said=rows["name"] + ": " + rows["shown"])
        base, charts = alt.Chart(look.named(rows, name)), []
        if {"low", "high"} <= set(rows):
            clip = look.leaves(rows, ["low", "high"], self.low, self.high)
            charts.append(base.mark_rule(strokeWidth=1.5, strokeOpacity=0.7, clip=clip).encode(
                x=self.across(), y=self.up("low"), y2=alt.Y2("high:Q"), color=colour))
        if {"x_low", "x_high"} <= set(rows):
            charts.append(base.mark_rule(strokeWidth=1.5, strokeOpacity=0.7).encode(
                x=alt.X("x_low:Q"), x2=alt.X2("x_high:Q"), y=self.up(self.y), color=colour))
        more = {"href": alt.Href("href:N"), "said": alt.Description("said:N"),
                "area": alt.Size("area:Q", scale=None)}
        shown = [channel for column, channel in more.items() if column in rows]
        tips = [alt.Tooltip(f"{column}:N", title=title) for column, title in _TOOLTIP.items()
                if column in rows]
        dots = [base.transform_filter("!datum.under").mark_point(**DOT)]
        if rows["under"].any():
            dots.insert(0, base.transform_filter("datum.under").mark_point(**RING))
        charts += [dot.encode(self.across(), self.up(self.y), *shown, color=colour, tooltip=tips)
                   for dot in dots]
        x, y = rows[self.x], rows[self.y]
        edges = zip(*self.at(rows.get("x_low", x), rows.get("high", y)),
                    *self.at(rows.get("x_high", x), rows.get("low", y)), strict=True)
        bars = [labels.Box(left - 2, top - 2, right + 2, bottom + 2)
                for left, top, right, bottom in edges if (left, top) != (right, bottom)]
        return Layer(charts, bars, rows)

    def _places(self, rows: pd.DataFrame, column: str = "") -> list[tuple[float, float]]:
        """Where rows lie, pixels, by their ``y`` or by another column."""
        return list(zip(*self.at(rows[self.x], rows[column or self.y]), strict=True))

    def _said(self, layer: Layer, taken: Sequence[labels.Box]) -> tuple[alt.Chart, labels.Box]:
        """The words of a line, and their room."""
        text, shade = layer.words
        line = [box for box in layer.taken if box.top >= 0 and box.bottom <= self.height]
        x, y, align = labels.along(line or layer.taken, text, width=self.size.width,
                                   height=self.height, others=taken)
        chart = alt.Chart(pd.DataFrame({"text": [text]})).mark_text(
            align=align, baseline="middle", fontSize=FONT_SIZE, fontWeight="bold", color=shade,
        ).encode(x=alt.value(round(x, 1)), y=alt.value(round(y, 1)), text="text:N")
        return chart, labels.text_box(x, y, text, align, labels.BOLD)


def _pieces(start: tuple[float, float], end: tuple[float, float]) -> list[labels.Box]:
    """A straight line in short pieces, for labels to keep clear of."""
    steps = max(1, math.ceil(math.dist(start, end) / _PIECE))
    middles = np.linspace(start, end, 2 * steps + 1)[1::2]
    return [labels.Box(x - 4, y - 3, x + 4, y + 3) for x, y in middles]


def _share(value: Any, low: Any, high: Any, log: bool) -> Any:
    """How far values lie along an axis, 0 to 1."""
    return np.log(value / low) / np.log(high / low) if log else (value - low) / (high - low)
