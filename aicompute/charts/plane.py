"""Systems on two axes, with lines, bands and boxes; their labels keep clear of all of these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from aicompute.charts import labels, palette
from aicompute.charts.frame import Frame
from aicompute.charts.look import Chart, colours, leaves, named

#: What a reader sees who points at a system: those of these columns that the rows have.
TOOLTIP = {
    "name": "System", "published_on": "Published", "shown": "Training compute", "method": "Value",
    "source": "Source",
}
#: Two dots closer than this, pixels, are drawn as a dot within a ring: neither hides the other.
SAME_DOT = 5.0
DOT: dict[str, Any] = {"size": 80, "opacity": 1, "stroke": palette.PAPER, "strokeWidth": 1}
RING: dict[str, Any] = {"size": 200, "opacity": 1, "fill": "transparent", "strokeWidth": 2}
_COLOURS = {"trend": palette.TREND, "moore": palette.MOORE, "warn": palette.WARN,
            "ink": palette.INK, "muted": palette.MUTED, "band": palette.BAND}


@dataclass(frozen=True)
class Layer:
    """Charts laid on each other, the room they take, and points whose labels are yet to place."""

    charts: tuple[alt.Chart, ...] = ()
    taken: tuple[labels.Box, ...] = ()
    labelled: pd.DataFrame | None = None
    #: Words along a line, and their colour; the line is what the layer takes.
    words: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Plane(Frame):
    """A frame with what is drawn in it, layer by layer."""

    def chart(self, *layers: Layer) -> Chart:
        """Layers drawn one on another; the labels of points last, clear of all of them."""
        taken = [box for layer in layers for box in layer.taken]
        dotted = [layer.labelled for layer in layers if layer.labelled is not None]
        dots = [labels.mark(*self.at(row[self.x], row[self.y]))
                for rows in dotted for row in rows.to_dict("records")]
        charts = [chart for layer in layers for chart in layer.charts]
        for layer in layers:
            if layer.words[0] and layer.taken:
                chart, box = self._said(layer, [*taken, *dots])
                charts.append(chart)
                taken.append(box)
        charts += [self._labels(rows, taken) for rows in dotted]
        return alt.layer(*charts, width=self.size.width, height=self.height)

    def line(
        self, rows: pd.DataFrame, column: str = "", *, colour: str = "trend", dash: bool = False,
        text: str = "", name: str = "", over: tuple[Any, Any] | None = None,
    ) -> Layer:
        """A line through rows, with words beside it if any; ``name`` as for points.

        Parameters
        ----------
        over
            The span of the points that a line is fitted to: beyond, it is dashed.
        """
        column, shade = column or self.y, _COLOURS.get(colour, colour)
        parts = [(rows, dash)]
        if over is not None:
            before, after = rows[self.x] <= over[0], rows[self.x] >= over[1]
            inside = rows[self.x].between(*over)
            parts = [(rows[before], True), (rows[inside], False), (rows[after], True)]
            parts = [(part, dashed) for part, dashed in parts if len(part) > 1]
        charts = tuple(alt.Chart(named(part, name)).mark_line(
            color=shade, strokeWidth=2, clip=leaves(part, [column], self.low, self.high),
            **({"strokeDash": [5, 4]} if dashed else {}),
        ).encode(x=self.across(), y=self.up(column)) for part, dashed in parts)
        return Layer(charts, tuple(self.pieces(rows, column)), words=(text, shade))

    def _said(self, layer: Layer, taken: Sequence[labels.Box]) -> tuple[alt.Chart, labels.Box]:
        """The words of a line, and their room."""
        text, shade = layer.words
        size = self.size.font
        line = [box for box in layer.taken if box.top >= 0 and box.bottom <= self.height]
        x, y, align = labels.along(line or layer.taken, text, width=self.size.width,
                                   height=self.height, font_size=1.1 * size, others=taken)
        chart = alt.Chart(pd.DataFrame({"text": [text]})).mark_text(
            align=align, baseline="middle", fontSize=size, fontWeight="bold", color=shade,
        ).encode(x=alt.value(x), y=alt.value(y), text="text:N")
        return chart, labels.text_box(x, y, text, align, 1.1 * size)

    def band(self, rows: pd.DataFrame, low: str, high: str, *, colour: str = "band") -> Layer:
        """An area between two columns of rows."""
        clip = leaves(rows, [low, high], self.low, self.high)
        chart = alt.Chart(rows).mark_area(
            color=_COLOURS.get(colour, colour), fillOpacity=0.45, clip=clip
        ).encode(x=self.across(), y=self.up(low), y2=alt.Y2(f"{high}:Q"))
        return Layer((chart,))

    def boxes(self, rows: pd.DataFrame) -> Layer:
        """Rectangles: ``start``, ``end``, the column of y with ``_low`` and ``_high``, ``text``."""
        low, high = f"{self.y}_low", f"{self.y}_high"
        rows = rows.assign(
            start=rows["start"].fillna(self.left).clip(lower=self.left),
            end=rows["end"].clip(upper=self.right),
            **{low: rows[low].fillna(self.low).clip(lower=self.low),
               high: rows[high].fillna(self.high).clip(upper=self.high)},
        )
        chart = alt.Chart(rows).mark_rect(
            color=palette.BAND, opacity=0.45, stroke=palette.TREND, strokeWidth=1
        ).encode(x=alt.X("start:T"), x2=alt.X2("end:T"), y=self.up(low), y2=alt.Y2(f"{high}:Q"))
        edges = []
        for row in rows.to_dict("records"):
            left, bottom = self.at(row["start"], row[low])
            right, top = self.at(row["end"], row[high])
            edges += [labels.Box(left, at - 2, right, at + 2) for at in (top, bottom)]
            edges += [labels.Box(at - 2, top, at + 2, bottom) for at in (left, right)]
        words = rows.assign(align="left", dx=5, dy=12, colour=palette.TREND,
                            **{self.x: rows["start"], self.y: rows[high]})
        noted = self.notes(words) if "text" in rows else Layer()
        return Layer((chart, *noted.charts), (*edges, *noted.taken))

    def notes(self, rows: pd.DataFrame, weight: str = "bold") -> Layer:
        """Words in the chart.

        Parameters
        ----------
        rows
            The columns of both axes, ``text``, ``align``, ``dx``, ``dy`` and ``colour``.
        """
        rows = rows.assign(colour=[_COLOURS.get(c, c) for c in rows["colour"]])
        chart = alt.Chart(rows).mark_text(
            fontSize=self.size.font, baseline="middle", fontWeight=weight, lineBreak="\n",
            align={"expr": "datum.align"}, dx={"expr": "datum.dx"}, dy={"expr": "datum.dy"},
        ).encode(x=self.across(), y=self.up(self.y), text=alt.Text("text:N"),
                 color=alt.Color("colour:N", scale=None))
        taken = []
        for row in rows.to_dict("records"):
            x, y = self.at(row[self.x], row[self.y])
            taken.append(labels.text_box(x + row["dx"], y + row["dy"], row["text"], row["align"],
                                         self.size.font * 1.1))
        return Layer((chart,), tuple(taken))

    def points(
        self, rows: pd.DataFrame, *, colour: alt.Color | None = None, name: str = "",
    ) -> Layer:
        """Ranges, dots with tooltips and links, and labels.

        Parameters
        ----------
        rows
            The columns of both axes, ``label``; where there are any ``low`` and ``high``,
            ``x_low`` and ``x_high``, ``area`` of the dot, ``domain``, ``href``, the tooltip's.
        colour
            By domain unless told otherwise.
        name
            Of the rows, for a script of the page that replaces them.
        """
        if colour is None:
            present = set(rows["domain"]) if "domain" in rows else set()
            here = {name: shade for name, shade in palette.DOMAINS.items() if name in present}
            colour = (colours(here, columns=3 if self.size.narrow else 5) if here
                      else alt.value(palette.INK))
        base = alt.Chart(rows).encode(x=self.across(), y=self.up(self.y))
        charts, taken = [], []
        if {"low", "high"} <= set(rows):
            clip = leaves(rows, ["low", "high"], self.low, self.high)
            charts.append(base.mark_rule(strokeWidth=1.5, strokeOpacity=0.7, clip=clip).encode(
                y=self.up("low"), y2=alt.Y2("high:Q"), color=colour))
        if {"x_low", "x_high"} <= set(rows):
            charts.append(base.mark_rule(strokeWidth=1.5, strokeOpacity=0.7).encode(
                x=alt.X("x_low:Q"), x2=alt.X2("x_high:Q"), color=colour))
        for row in rows.to_dict("records"):
            x, y = row[self.x], row[self.y]
            left, top = self.at(row.get("x_low", x), row.get("high", y))
            right, bottom = self.at(row.get("x_high", x), row.get("low", y))
            if (left, top) != (right, bottom):
                taken.append(labels.Box(left - 2, top - 2, right + 2, bottom + 2))
        tips = [alt.Tooltip(f"{name}:N", title=title) for name, title in TOOLTIP.items()
                if name in rows]
        marks = base.encode(color=colour, tooltip=tips)
        if "href" in rows:
            marks = marks.encode(href=alt.Href("href:N"))
        if {"name", "shown"} <= set(rows):
            said = rows["name"] + ": " + rows["shown"]
            marks = marks.encode(description=alt.Description("said:N"))
            rows = rows.assign(said=said)
        rows = rows.assign(under=self._hidden(rows))
        if "area" in rows:
            marks = marks.encode(size=alt.Size("area:Q", scale=None))
        marks.data = named(rows, name)
        if rows["under"].any():
            charts.append(marks.transform_filter("datum.under").mark_point(filled=False, **RING))
        charts.append(marks.transform_filter("!datum.under").mark_point(filled=True, **DOT))
        return Layer(tuple(charts), tuple(taken), rows)

    def _hidden(self, rows: pd.DataFrame) -> list[bool]:
        """Whether a later dot would hide that of a row."""
        dots = [self.at(row[self.x], row[self.y]) for row in rows.to_dict("records")]
        return [any(math.dist(dot, later) < SAME_DOT for later in dots[number:])
                for number, dot in enumerate(dots, 1)]

    def _labels(self, rows: pd.DataFrame, taken: Sequence[labels.Box]) -> alt.Chart:
        places = [(*self.at(row[self.x], row[self.y]), str(row["label"]))
                  for row in rows.to_dict("records")]
        placed = labels.place(places, width=self.size.width, height=self.height,
                              font_size=self.size.font, others=taken)
        rows = rows.assign(align=[p.align for p in placed], dx=[p.dx for p in placed],
                           dy=[p.dy for p in placed], label=[p.text for p in placed])
        rows = rows[rows["label"] != ""]
        return alt.Chart(rows).mark_text(
            baseline="middle", fontSize=self.size.font, color=palette.INK,
            align={"expr": "datum.align"}, dx={"expr": "datum.dx"}, dy={"expr": "datum.dy"},
        ).encode(x=self.across(), y=self.up(self.y), text=alt.Text("label:N"))
