"""Charts of the debate and of what lies before and after the article: named points and lines."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import altair as alt
import pandas as pd

from aicompute.charts import palette
from aicompute.charts import COMPUTE, Chart, Size, labels, leaves
from aicompute.charts.log_axis import LABEL, log_ticks

#: What the colours of the domains mean, for captions.
DOMAIN_WORDS = "blue: vision, orange: language, purple: speech, green: games, grey: general"
#: Ticks of an axis of dates, wide and narrow.
_YEARS = (8, 4)
#: Length of a piece of a line, pixels.
_PIECE = 8
#: A longer label goes on in a second line, characters.
_LONG_LABEL = 20
#: Places along a line where its words are tried, at least.
_ANCHORS = 12
#: Where a line's words may stand from a point of it: centred, or left or right of it, and how far
#: below, pixels.
_BESIDE = ((0, -14), (0, 16), (0, -24), (0, 26), (-1, -6), (1, 8))
#: Room between a line and words to its side, pixels.
_ASIDE = 8
#: Mean width of a bold character, as a share of the font's size.
_CHARACTER = 0.6


@dataclass(frozen=True)
class Ground:
    """The two axes of a chart, and where a point lies in pixels; y is always a log axis.

    Attributes
    ----------
    x_low, x_high
        Ends of the horizontal axis: dates, or numbers on a log axis.
    x_title
        Title of a log axis; empty for dates.
    """

    x_low: pd.Timestamp | float
    x_high: pd.Timestamp | float
    y_low: float
    y_high: float
    x_title: str = ""
    y_title: str = COMPUTE
    wide: int = 420
    narrow: int = 380

    @property
    def dated(self) -> bool:
        """Whether the horizontal axis is of dates."""
        return isinstance(self.x_low, pd.Timestamp)

    def x_scale(self) -> alt.Scale:
        """Scale of the horizontal axis."""
        if self.dated:
            return alt.Scale(domain=[f"{end:%Y-%m-%d}" for end in (self.x_low, self.x_high)])
        return alt.Scale(type="log", domain=[self.x_low, self.x_high], nice=False)

    def y_scale(self) -> alt.Scale:
        """Scale of the vertical axis."""
        return alt.Scale(type="log", domain=[self.y_low, self.y_high], nice=False)

    def x(self, size: Size) -> alt.X:
        """The horizontal axis."""
        if self.dated:
            axis = alt.Axis(title=None, format="%Y", tickCount=_YEARS[size.narrow], grid=False)
            return alt.X("x:T", scale=self.x_scale(), axis=axis)
        values = log_ticks(float(self.x_low), float(self.x_high), 4)
        axis = alt.Axis(title=self.x_title, values=values, grid=False, labelExpr=LABEL)
        return alt.X("x:Q", scale=self.x_scale(), axis=axis)

    def y(self) -> alt.Y:
        """The vertical axis."""
        values = log_ticks(self.y_low, self.y_high, 9)
        axis = alt.Axis(title=self.y_title, values=values, labelExpr=LABEL)
        return alt.Y("y:Q", scale=self.y_scale(), axis=axis)

    def leaves(self, rows: pd.DataFrame, *columns: str) -> bool:
        """Whether a row lies beside the chart, or a value of these columns above or below it."""
        beside = bool(((rows["x"] < self.x_low) | (rows["x"] > self.x_high)).any())
        return beside or leaves(rows, columns, self.y_low, self.y_high)

    def at(self, x: pd.Timestamp | float, y: float, size: Size) -> tuple[float, float]:
        """Pixels from the left and from the upper edge."""
        if self.dated:
            across = (x - self.x_low) / (self.x_high - self.x_low)
        else:
            across = math.log(x / self.x_low) / math.log(self.x_high / self.x_low)
        down = math.log(self.y_high / y) / math.log(self.y_high / self.y_low)
        return float(across) * size.width, down * size.height(self.wide, self.narrow)


@dataclass(frozen=True)
class Line:
    """A line of a chart with its colour, its dash and the words beside it.

    Attributes
    ----------
    rows
        ``x`` and ``y``; with ``low`` and ``high`` a band is drawn about it.
    """

    rows: pd.DataFrame
    colour: str
    text: str = ""
    dash: tuple[int, ...] = ()


def named_points(
    points: pd.DataFrame, lines: Sequence[Line], *, size: Size, ground: Ground
) -> Chart:
    """Points with their names, lines and bands on one ground.

    Parameters
    ----------
    points
        ``x``, ``y``, ``low``, ``high``, ``label``, ``colour``, ``name``, ``shown``.
    lines
        Drawn first; a band stands behind its line.
    """
    bands = [_band(line, ground, size) for line in lines if "low" in line.rows]
    strokes = [_stroke(line, ground, size) for line in lines]
    spots = [labels.Box(x - 6, y - 6, x + 6, y + 6) for x, y in (
        ground.at(p["x"], p["y"], size) for p in points.to_dict("records"))]
    strips = [box for line in lines for box in _boxes(line, ground, size)]
    words = [_words(line, ground, size, [*spots, *strips]) for line in lines if line.text]
    taken = [*(box for _, box in words), *strips]
    marks = _marks(points, taken, ground, size) if len(points) else []
    return alt.layer(
        *bands, *strokes, *(chart for chart, _ in words), *marks,
        width=size.width, height=size.height(ground.wide, ground.narrow),
    )


def _band(line: Line, ground: Ground, size: Size) -> alt.Chart:
    return alt.Chart(line.rows).mark_area(
        color=palette.BAND, fillOpacity=0.45, clip=ground.leaves(line.rows, "low", "high")
    ).encode(
        x=ground.x(size), y=alt.Y("low:Q", scale=ground.y_scale()), y2=alt.Y2("high:Q"))


def _stroke(line: Line, ground: Ground, size: Size) -> alt.Chart:
    return alt.Chart(line.rows).mark_line(
        color=line.colour, strokeWidth=2, strokeDash=list(line.dash) or [1, 0],
        clip=ground.leaves(line.rows, "y")
    ).encode(x=ground.x(size), y=ground.y())


def _boxes(line: Line, ground: Ground, size: Size) -> list[labels.Box]:
    """A line in short pieces without a gap, for what should not cover it."""
    places = [ground.at(x, y, size) for x, y in zip(line.rows["x"], line.rows["y"], strict=True)]
    boxes = []
    for (x0, y0), (x1, y1) in pairwise(places):
        steps = max(1, round(math.hypot(x1 - x0, y1 - y0) / _PIECE))
        for share in ((step + 0.5) / steps for step in range(steps)):
            x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            boxes.append(labels.Box(x - _PIECE / 2, y - 2, x + _PIECE / 2, y + 2))
    return boxes


def _words(
    line: Line, ground: Ground, size: Size, taken: Sequence[labels.Box]
) -> tuple[alt.Chart, labels.Box]:
    """A line's words beside it where they cover the least, and the room they take."""
    half = _CHARACTER * size.font * len(line.text) / 2
    whole = labels.Box(0, 0, size.width, size.height(ground.wide, ground.narrow))
    choices = [(x, y, side * (half + _ASIDE), down)
               for x, y in _along(line) for side, down in _BESIDE]
    boxes = []
    for x, y, aside, down in choices:
        left, top = ground.at(x, y, size)
        boxes.append(labels.Box(left + aside - half, top + down - 8,
                                left + aside + half, top + down + 8))
    costs = [3 * (box.area() - box.overlap(whole)) + covered + abs(down) - box.left / 50
             for box, covered, (_, _, _, down) in zip(
                 boxes, labels.covered(boxes, taken), choices, strict=True)]
    best = costs.index(min(costs))
    x, y, aside, down = choices[best]
    words = pd.DataFrame([{"x": x, "y": y, "text": line.text}])
    chart = alt.Chart(words).mark_text(
        align="center", baseline="middle", dx=aside, dy=down, fontSize=size.font, fontWeight="bold",
        color=line.colour,
    ).encode(x=ground.x(size), y=ground.y(), text=alt.Text("text:N"))
    return chart, boxes[best]


def _along(line: Line) -> list[tuple[pd.Timestamp | float, float]]:
    """Points along a line, its own and some between them: a straight one has but two of its own."""
    own = list(zip(line.rows["x"], line.rows["y"], strict=True))
    between = math.ceil(_ANCHORS / max(len(own) - 1, 1))
    shares = [step / between for step in range(1, between)]
    return own + [(x0 + share * (x1 - x0), y0 * (y1 / y0) ** share)
                  for (x0, y0), (x1, y1) in pairwise(own) for share in shares]


def _marks(
    points: pd.DataFrame, taken: Sequence[labels.Box], ground: Ground, size: Size
) -> list[alt.Chart]:
    wrapped = ["\n".join(textwrap.wrap(str(label), _LONG_LABEL)) for label in points["label"]]
    positions = [(*ground.at(p["x"], p["y"], size), label)
                 for p, label in zip(points.to_dict("records"), wrapped, strict=True)]
    height = size.height(ground.wide, ground.narrow)
    places = labels.place(positions, width=size.width, height=height, font_size=size.font,
                          others=taken)
    placed = points.assign(label=wrapped, align=[p.align for p in places],
                           dx=[p.dx for p in places], dy=[p.dy for p in places])
    base = alt.Chart(placed).encode(x=ground.x(size), y=ground.y())
    colour = alt.Color("colour:N", scale=None)
    spans = base.mark_rule(
        strokeWidth=1.5, strokeOpacity=0.7, clip=ground.leaves(points, "low", "high")
    ).encode(
        y=alt.Y("low:Q", scale=ground.y_scale()), y2=alt.Y2("high:Q"), color=colour)
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(
        color=colour, tooltip=[alt.Tooltip("name:N", title="What"),
                               alt.Tooltip("shown:N", title="Value")])
    text = base.mark_text(
        baseline="middle", fontSize=size.font, color=palette.INK, align={"expr": "datum.align"},
        dx={"expr": "datum.dx"}, dy={"expr": "datum.dy"}, lineBreak="\n",
    ).encode(text=alt.Text("label:N"))
    return [spans, dots, text]
