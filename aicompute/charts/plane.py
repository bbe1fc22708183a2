"""Systems on two axes, with lines, bands and boxes; their labels keep clear of all of these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from aicompute.charts import labels, palette
from aicompute.charts.look import (
    COMPUTE,
    Chart,
    Size,
    date_axis,
    domain_colour,
    leaves,
    log_axis,
    named,
)

#: What a reader sees who points at a system: those of these columns that the rows have.
TOOLTIP = {
    "name": "System", "published_on": "Published", "shown": "Training compute", "method": "Value",
    "source": "Source",
}
#: Room about the outermost rows, as a share of the axis.
_ROOM = 0.06
#: Length of a piece of a line that labels keep clear of, pixels.
_PIECE = 10
_COLOURS = {"trend": palette.TREND, "moore": palette.MOORE, "warn": palette.WARN,
            "ink": palette.INK, "muted": palette.MUTED, "band": palette.BAND}


@dataclass(frozen=True)
class Layer:
    """Charts laid on each other, the room they take, and points whose labels are yet to place."""

    charts: tuple[alt.Chart, ...] = ()
    taken: tuple[labels.Box, ...] = ()
    labelled: pd.DataFrame | None = None


@dataclass(frozen=True)
class Plane:
    """Two axes, and where a row lies on them in pixels.

    Attributes
    ----------
    left, right
        Ends of the horizontal axis: dates, or numbers on a log axis.
    low, high
        Ends of the vertical axis.
    x, y
        The columns of the rows that lie on the axes.
    """

    size: Size
    height: int
    left: Any
    right: Any
    low: float
    high: float
    x: str = "date"
    y: str = "pfs_days"
    x_title: str | None = None
    y_title: str = COMPUTE
    log: bool = True

    @classmethod
    def around(
        cls, points: pd.DataFrame, size: Size, *, height: tuple[int, int] = (430, 440),
        lines: pd.DataFrame | Sequence[pd.DataFrame] = (), x: str = "date", y: str = "pfs_days",
        log: bool = True, start: Any = None, end: Any = None, low: float | None = None,
        high: float | None = None, x_title: str | None = None, y_title: str = COMPUTE,
    ) -> Plane:
        """The plane with room for these rows; ``start``, ``end``, ``low``, ``high`` override.

        Parameters
        ----------
        points, lines
            Rows with the columns ``x`` and ``y``, and ``low`` and ``high`` of points.
        height
            In pixels, wide and on a phone.
        log
            Whether the vertical axis is a log axis.
        """
        more = [lines] if isinstance(lines, pd.DataFrame) else list(lines)
        across = pd.concat([rows[x] for rows in (points, *more)])
        up = pd.concat([rows[c] for rows in (points, *more) for c in (y, "low", "high")
                        if c in rows and (rows is points or c == y)])
        up = up[(up > 0) & (up < math.inf)] if log else up
        ends = _widened(across.min(), across.max(), log=not _dated(across.min()))
        bounds = _widened(float(up.min()), float(up.max()), log=log)
        bottom = (bounds[0] if log else 0.0) if low is None else low
        left, right = (pd.Timestamp(given) if isinstance(given, str) else
                       end if given is None else given
                       for given, end in zip((start, end), ends, strict=True))
        return cls(size, size.height(*height), left, right, bottom,
                   bounds[1] if high is None else high, x, y, x_title, y_title, log)

    def chart(self, *layers: Layer) -> Chart:
        """Layers drawn one on another; the labels of points last, clear of all of them."""
        taken = [box for layer in layers for box in layer.taken]
        charts: list[alt.Chart] = []
        for layer in layers:
            charts += layer.charts
            if layer.labelled is not None:
                charts.append(self._labels(layer.labelled, taken))
        return alt.layer(*charts, width=self.size.width, height=self.height)

    def line(
        self, rows: pd.DataFrame, column: str = "", *, colour: str = "trend", dash: bool = False,
        text: str = "", name: str = "",
    ) -> Layer:
        """A line through rows, with words at its end if any; ``name`` as for points."""
        column, shade = column or self.y, _COLOURS.get(colour, colour)
        clip = leaves(rows, [column], self.low, self.high)
        chart = alt.Chart(named(rows, name)).mark_line(
            color=shade, strokeWidth=2, clip=clip, **({"strokeDash": [5, 4]} if dash else {}),
        ).encode(x=self._across(), y=self._up(column))
        boxes = tuple(self._pieces(rows, column))
        if not text:
            return Layer((chart,), boxes)
        end = rows[rows[column].between(self.low, self.high)].tail(1)
        words = end.assign(text=text, colour=shade, align="right", dx=-4, dy=-10)
        words = words.assign(**{self.y: end[column]})
        noted = self.notes(words)
        return Layer((chart, *noted.charts), (*boxes, *noted.taken))

    def band(self, rows: pd.DataFrame, low: str, high: str, *, colour: str = "band") -> Layer:
        """An area between two columns of rows."""
        clip = leaves(rows, [low, high], self.low, self.high)
        chart = alt.Chart(rows).mark_area(
            color=_COLOURS.get(colour, colour), fillOpacity=0.45, clip=clip
        ).encode(x=self._across(), y=self._up(low), y2=alt.Y2(f"{high}:Q"))
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
        ).encode(x=alt.X("start:T"), x2=alt.X2("end:T"), y=self._up(low), y2=alt.Y2(f"{high}:Q"))
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
        ).encode(x=self._across(), y=self._up(self.y), text=alt.Text("text:N"),
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
            The columns of both axes, ``label``; ``low`` and ``high``, ``domain``, ``href`` and the
            columns of the tooltip where there are any.
        colour
            By domain unless told otherwise.
        name
            Of the rows, for a script of the page that replaces them.
        """
        if colour is None:
            present = set(rows["domain"]) if "domain" in rows else set()
            colour = (domain_colour(present, 3 if self.size.narrow else 5) if present
                      else alt.value(palette.INK))
        base = alt.Chart(rows).encode(x=self._across(), y=self._up(self.y))
        charts, taken = [], []
        if {"low", "high"} <= set(rows):
            clip = leaves(rows, ["low", "high"], self.low, self.high)
            charts.append(base.mark_rule(
                strokeWidth=1.5, strokeOpacity=0.7, clip=clip
            ).encode(y=self._up("low"), y2=alt.Y2("high:Q"), color=colour))
            for row in rows[rows["high"] > rows["low"]].to_dict("records"):
                x, top = self.at(row[self.x], row["high"])
                taken.append(labels.Box(x - 2, top, x + 2, self.at(row[self.x], row["low"])[1]))
        tips = [alt.Tooltip(f"{name}:N", title=title) for name, title in TOOLTIP.items()
                if name in rows]
        marks = base.mark_point(
            filled=True, size=80, opacity=1, stroke=palette.PAPER, strokeWidth=1
        ).encode(color=colour, tooltip=tips)
        if "href" in rows:
            marks = marks.encode(href=alt.Href("href:N"))
        if {"name", "shown"} <= set(rows):
            said = rows["name"] + ": " + rows["shown"]
            marks = marks.encode(description=alt.Description("said:N"))
            marks.data = named(rows.assign(said=said), name)
        return Layer((*charts, marks), tuple(taken), rows)

    def at(self, x: Any, y: float) -> tuple[float, float]:
        """Pixels from the left and from the upper edge."""
        return (
            _share(x, self.left, self.right, not _dated(self.left)) * self.size.width,
            (1 - _share(y, self.low, self.high, self.log)) * self.height,
        )

    def _across(self) -> alt.X:
        if not _dated(self.left):
            most = 4 if self.size.narrow else 7
            return alt.X(f"{self.x}:Q", **log_axis(self.x_title or "", self.left, self.right, most))
        ends = [f"{end:%Y-%m-%d}" for end in (self.left, self.right)]
        return alt.X(f"{self.x}:T", scale=alt.Scale(domain=ends), axis=date_axis(self.size))

    def _up(self, column: str) -> alt.Y:
        if self.log:
            return alt.Y(f"{column}:Q", **log_axis(self.y_title, self.low, self.high, 12))
        axis = alt.Axis(title=self.y_title, format=",~f", tickCount=5)
        return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[self.low, self.high]), axis=axis)

    def _pieces(self, rows: pd.DataFrame, column: str) -> list[labels.Box]:
        """A line in short pieces, for labels to keep clear of."""
        pieces = []
        places = [self.at(x, y) for x, y in zip(rows[self.x], rows[column], strict=True)
                  if y > 0 or not self.log]
        for (x0, y0), (x1, y1) in pairwise(places):
            steps = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / _PIECE))
            for step in range(steps):
                part = (step + 0.5) / steps
                x, y = x0 + (x1 - x0) * part, y0 + (y1 - y0) * part
                pieces.append(labels.Box(x - 4, y - 3, x + 4, y + 3))
        return pieces

    def _labels(self, rows: pd.DataFrame, taken: Sequence[labels.Box]) -> alt.Chart:
        places = [(*self.at(row[self.x], row[self.y]), str(row["label"]))
                  for row in rows.to_dict("records")]
        placed = labels.place(places, width=self.size.width, height=self.height,
                              font_size=self.size.font, others=taken)
        rows = rows.assign(align=[p.align for p in placed], dx=[p.dx for p in placed],
                           dy=[p.dy for p in placed])
        return alt.Chart(rows).mark_text(
            baseline="middle", fontSize=self.size.font, color=palette.INK,
            align={"expr": "datum.align"}, dx={"expr": "datum.dx"}, dy={"expr": "datum.dy"},
        ).encode(x=self._across(), y=self._up(self.y), text=alt.Text("label:N"))


def _dated(end: Any) -> bool:
    return isinstance(end, pd.Timestamp)


def _widened(low: Any, high: Any, *, log: bool) -> tuple[Any, Any]:
    """Two ends with room beside them."""
    if log:
        room = max(high / low, 2.0) ** _ROOM
        return low / room, high * room
    room = (high - low) * _ROOM
    return low - room, high + room


def _share(value: Any, low: Any, high: Any, log: bool) -> float:
    """How far a value lies along an axis, 0 to 1."""
    if log:
        return math.log(value / low) / math.log(high / low)
    return float((value - low) / (high - low))
