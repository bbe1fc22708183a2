"""Charts of systems over time: named points, the fitted line, Moore's law beside it, the eras."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import altair as alt
import pandas as pd

from aicompute.charts import palette
from aicompute.charts import Chart, Size, compute_axis, date_axis, domain_colour, labels, leaves

COMPUTE_LINEAR = "Training compute (pfs-days)"
_PIECES = 4
#: What a reader sees who points at a system.
SYSTEM_TOOLTIP = [
    alt.Tooltip("name:N", title="System"),
    alt.Tooltip("published:N", title="Published"),
    alt.Tooltip("shown:N", title="Training compute"),
    alt.Tooltip("method:N", title="Value"),
    alt.Tooltip("calculation:N", title="Calculation"),
    alt.Tooltip("source:N", title="Source"),
]


def milliseconds(date: pd.Timestamp) -> int:
    """Milliseconds since 1970, as a scale takes a date in any time zone."""
    return round(date.timestamp() * 1000)


@dataclass(frozen=True)
class Frame:
    """The ground of a chart of systems over time: its axes, and where a value lies in pixels."""

    size: Size
    height: int
    start: pd.Timestamp
    end: pd.Timestamp
    low: float
    high: float
    log: bool = True

    @property
    def values(self) -> alt.Scale:
        """The scale of compute."""
        kind = "log" if self.log else "linear"
        return alt.Scale(type=kind, domain=[self.low, self.high], nice=False)

    @property
    def x(self) -> alt.X:
        """The time axis."""
        ends = [milliseconds(self.start), milliseconds(self.end)]
        return date_axis(size=self.size, domain=ends)

    @property
    def y(self) -> alt.Y:
        """The axis of compute."""
        if self.log:
            return compute_axis("pfs_days", domain=(self.low, self.high))
        return alt.Y("pfs_days:Q", scale=self.values,
                     axis=alt.Axis(title=COMPUTE_LINEAR, format=",~f", tickCount=5))

    def leaves(self, rows: pd.DataFrame, *columns: str) -> bool:
        """Whether a value of these columns lies above or below the chart."""
        return leaves(rows, columns, self.low, self.high)

    def left(self, date: pd.Timestamp) -> float:
        """Pixels from the left edge."""
        return float((date - self.start) / (self.end - self.start)) * self.size.width

    def top(self, value: float) -> float:
        """Pixels from the upper edge."""
        scaled = [math.log10(v) if self.log else v for v in (self.low, value, self.high)]
        return (scaled[2] - scaled[1]) / (scaled[2] - scaled[0]) * self.height


def with_labels(points: pd.DataFrame, frame: Frame, others: list[labels.Box]) -> pd.DataFrame:
    """The points with ``align``, ``dx`` and ``dy`` of their labels, free of each other."""
    rows = points.to_dict("records")
    positions = [(frame.left(p["date"]), frame.top(p["pfs_days"]), p["label"]) for p in rows]
    bars = [
        labels.Box(frame.left(p["date"]) - 2, frame.top(p["high"]),
                   frame.left(p["date"]) + 2, frame.top(p["low"]))
        for p in rows if p["high"] > p["low"] > 0
    ]
    placed = labels.place(positions, width=frame.size.width, height=frame.height,
                          font_size=frame.size.font, others=[*bars, *others])
    return points.assign(align=[p.align for p in placed], dx=[p.dx for p in placed],
                         dy=[p.dy for p in placed])


def line_boxes(lines: pd.DataFrame, columns: tuple[str, ...], frame: Frame) -> list[labels.Box]:
    """Lines in short pieces, for labels to keep clear of."""
    boxes = []
    for column in columns:
        at = [(frame.left(row["date"]), frame.top(row[column])) for row in lines.to_dict("records")]
        for (x0, y0), (x1, y1) in pairwise(at):
            for step in range(_PIECES):
                x, y = (a + (b - a) * (step + 0.5) / _PIECES for a, b in ((x0, x1), (y0, y1)))
                boxes.append(labels.Box(x - 4, y - 3, x + 4, y + 3))
    return boxes


def word_boxes(words: pd.DataFrame, frame: Frame) -> list[labels.Box]:
    """The room of the words in a chart, for labels to keep clear of."""
    return [
        labels.text_box(frame.left(w["date"]) + w["dx"], frame.top(w["pfs_days"]) + w["dy"],
                        w["text"], w["align"], frame.size.font * 1.1)
        for w in words.to_dict("records")
    ]


def point_marks(points: pd.DataFrame, frame: Frame) -> list[alt.Chart]:
    """Ranges, points and labels of systems; ``points`` as :func:`with_labels` gives them."""
    base = alt.Chart(points).encode(x=frame.x, y=frame.y)
    colour = domain_colour(columns=3 if frame.size.narrow else 5, present=set(points["domain"]))
    ranges = base.mark_rule(
        strokeWidth=1.5, strokeOpacity=0.7, clip=frame.leaves(points, "low", "high")
    ).encode(
        y=alt.Y("low:Q", scale=frame.values), y2=alt.Y2("high:Q"), color=colour
    )
    marks = base.mark_point(filled=True, size=80, opacity=1).encode(
        color=colour, tooltip=SYSTEM_TOOLTIP, href=alt.Href("href:N"),
        description=alt.Description("shown_in_full:N"),
    )
    text = base.mark_text(
        baseline="middle", fontSize=frame.size.font, color=palette.INK,
        align={"expr": "datum.align"}, dx={"expr": "datum.dx"}, dy={"expr": "datum.dy"},
    ).encode(text=alt.Text("label:N"))
    return [ranges, marks, text]


def notes(rows: pd.DataFrame, frame: Frame, field: str = "pfs_days") -> alt.Chart:
    """Words in the chart beside what they name.

    Parameters
    ----------
    rows
        ``date``, the ``field``, ``text``, ``align``, ``dx``, ``dy`` and ``colour``.
    """
    return alt.Chart(rows).mark_text(
        fontSize=frame.size.font, baseline="middle", fontWeight="bold", lineBreak="\n",
        align={"expr": "datum.align"}, dx={"expr": "datum.dx"}, dy={"expr": "datum.dy"},
    ).encode(x=frame.x, y=alt.Y(f"{field}:Q", scale=frame.values), text=alt.Text("text:N"),
             color=alt.Color("colour:N", scale=None))


def systems_over_time(
    points: pd.DataFrame, lines: pd.DataFrame, words: pd.DataFrame, eras: pd.DataFrame, *,
    frame: Frame,
) -> Chart:
    """Systems with the fitted line, its band, Moore's law beside it, and the eras behind.

    Parameters
    ----------
    points
        ``date``, ``pfs_days``, ``low``, ``high``, ``label``, ``domain``, ``href`` and the columns
        of the tooltip.
    lines
        ``date``, ``pfs_days``, ``point_low``, ``point_high``, ``moore``.
    words
        What is written in the chart: see :func:`notes`.
    eras
        ``start``, ``end``, ``ground`` (its colour), and ``text`` with its place.
    """
    others = [*line_boxes(lines, ("pfs_days", "moore"), frame), *word_boxes(words, frame),
              *word_boxes(eras, frame)]
    placed = with_labels(points, frame, others)
    base = alt.Chart(lines).encode(x=frame.x)
    return alt.layer(
        alt.Chart(eras).mark_rect(opacity=1).encode(
            x=alt.X("start:T"), x2=alt.X2("end:T"),
            color=alt.Color("ground:N", scale=None)),
        base.mark_area(
            color=palette.BAND, fillOpacity=0.45,
            clip=frame.leaves(lines, "point_low", "point_high"),
        ).encode(
            y=alt.Y("point_low:Q", scale=frame.values), y2=alt.Y2("point_high:Q")),
        base.mark_line(
            color=palette.TREND, strokeWidth=2, clip=frame.leaves(lines, "pfs_days")
        ).encode(y=frame.y),
        base.mark_line(
            color=palette.MOORE, strokeWidth=2, strokeDash=[5, 4],
            clip=frame.leaves(lines, "moore"),
        ).encode(
            y=alt.Y("moore:Q", scale=frame.values)),
        notes(eras, frame), notes(words, frame), *point_marks(placed, frame),
        width=frame.size.width, height=frame.height,
    )


def systems_in_boxes(points: pd.DataFrame, boxes: pd.DataFrame, *, frame: Frame) -> Chart:
    """Systems against each era's range of compute.

    Parameters
    ----------
    boxes
        ``start``, ``end``, ``pfs_days_low``, ``pfs_days_high``, and ``text`` with its place.
    """
    shades = alt.Chart(boxes).mark_rect(
        color=palette.BAND, opacity=0.45, stroke=palette.TREND, strokeWidth=1
    ).encode(x=alt.X("start:T"), x2=alt.X2("end:T"),
             y=alt.Y("pfs_days_low:Q", scale=frame.values), y2=alt.Y2("pfs_days_high:Q"))
    placed = with_labels(points, frame, [*word_boxes(boxes, frame), *_edges(boxes, frame)])
    return alt.layer(
        shades, notes(boxes, frame), *point_marks(placed, frame),
        width=frame.size.width, height=frame.height,
    )


def _edges(boxes: pd.DataFrame, frame: Frame) -> list[labels.Box]:
    """The outlines of boxes, for labels to keep clear of."""
    edges = []
    for box in boxes.to_dict("records"):
        left, right = frame.left(box["start"]), frame.left(box["end"])
        low, high = frame.top(box["pfs_days_low"]), frame.top(box["pfs_days_high"])
        edges += [labels.Box(left, y - 2, right, y + 2) for y in (low, high)]
        edges += [labels.Box(x - 2, high, x + 2, low) for x in (left, right)]
    return edges
