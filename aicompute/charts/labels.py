"""Places the labels of a chart's points so that they cover neither each other nor the points.

Every label tries the same few places around its point; the cheapest by overlap wins, and a few
rounds let labels make room for each other. A label without room anywhere is left out: its point
still has its tooltip and its row. The same points always get the same places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

#: Mean width of a character of the charts' font, as a share of its size.
CHARACTER = 0.53
_ROUNDS = 6
_POINT_RADIUS = 7.0
#: What it costs a label to lie nearer to another point than to its own, and hardly nearer.
_NEARER, _AMBIGUOUS = 500.0, 1.5
#: Two points this close to each other, pixels, pass for one.
_SAME_PLACE = 5.0
#: Free on either side of a label where another one stands, pixels.
_SPACE = 1.0
#: What a label may cover, square pixels; one that would cover more is left out.
_TOLERATED = 4.0
#: Room to the right of a chart that a label may use, pixels.
_OVERHANG = 9.0
#: Where a label may stand: alignment, steps to the side and down in units of its size, and what
#: the place costs by itself: right of the point reads best.
PLACES = (
    ("left", 0.75, 0.0, 0.0), ("right", -0.75, 0.0, 1.0), ("center", 0.0, -1.15, 2.0),
    ("center", 0.0, 1.2, 2.0), ("left", 0.6, -0.8, 1.5), ("left", 0.6, 0.8, 1.5),
    ("right", -0.6, -0.8, 2.5), ("right", -0.6, 0.8, 2.5), ("center", 0.0, -2.1, 6.0),
    ("center", 0.0, 2.1, 6.0), ("left", 0.9, -1.6, 5.0), ("left", 0.9, 1.6, 5.0),
    ("right", -0.9, -1.6, 5.0), ("right", -0.9, 1.6, 5.0),
)


@dataclass(frozen=True)
class Box:
    """A rectangle of a chart, in pixels from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """The area both cover, square pixels."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)


@dataclass(frozen=True)
class Place:
    """Where a label stands beside its point, as a chart's text mark takes it."""

    align: str
    dx: float
    dy: float
    box: Box
    text: str


def place(
    points: Sequence[tuple[float, float, str]], *, width: float, height: float, font_size: float,
    others: Sequence[Box] = (),
) -> list[Place]:
    """Choose a place for the label of every point.

    Parameters
    ----------
    points
        Position in the chart, pixels, and the text; an empty text takes no room.
    width, height
        Size of the chart, pixels: no label leaves it by more than a little on the right.
    others
        What labels should not cover besides the points: bars, lines in pieces.

    Returns
    -------
    list
        One place a point, in their order; without a text where there is no room for it.
    """
    points, bounds = list(points), Box(0, 0, width + _OVERHANG, height)
    while True:
        choices = [[_at(x, y, text, candidate, font_size) for candidate in PLACES]
                   for x, y, text in points]
        boxes = _as_array([option.box for options in choices for option in options])
        chosen, costs = _settled(boxes, _costs_alone(boxes, points, bounds, others))
        if max(costs, default=0.0) <= _TOLERATED:
            return [options[c] for options, c in zip(choices, chosen, strict=True)]
        x, y, _ = points[worst := int(np.argmax(costs))]
        points[worst] = (x, y, "")


def along(
    line: Sequence[Box], text: str, *, width: float, height: float, font_size: float,
    others: Sequence[Box],
) -> tuple[float, float, str]:
    """Where words stand beside a line given in pieces, as near its end as there is room.

    Returns
    -------
    tuple
        The place in pixels, and the alignment of a text there.
    """
    places = [((piece.left + piece.right) / 2 + side * 0.6 * font_size,
               (piece.top + piece.bottom) / 2 + down * font_size, align)
              for piece in reversed(line) for align, side in (("right", -1), ("left", 1))
              for down in (-1, 1)]
    boxes = _as_array([text_box(x, y, text, align, font_size) for x, y, align in places])
    hidden = _overlaps(boxes, _as_array([*line, *others])).sum(axis=1)
    outside = -_overlaps(boxes, _as_array([Box(0, 0, width, height)]))[:, 0]
    return places[int(np.argmin(hidden + outside + 0.05 * np.arange(len(places))))]


def _settled(boxes: Array, alone: Array) -> tuple[list[int], list[float]]:
    """The place of every label, and what it costs beyond that place's own cost."""
    shape = alone.shape
    spaced = boxes + [-_SPACE, 0.0, _SPACE, 0.0]
    overlaps = _overlaps(spaced, spaced).reshape(*shape, *shape)
    chosen = [0] * len(alone)
    costs = [0.0] * len(alone)
    for _ in range(_ROUNDS):
        before = list(chosen)
        for index in range(len(alone)):
            labels = [overlaps[index, :, i, c] for i, c in enumerate(chosen) if i != index]
            total = alone[index] + sum(labels)
            chosen[index] = int(np.argmin(total))
            costs[index] = float(total[chosen[index]]) - PLACES[chosen[index]][3]
        if chosen == before:
            break
    return chosen, costs


def _costs_alone(
    boxes: Array, points: Sequence[tuple[float, float, str]], frame: Box, others: Sequence[Box]
) -> Array:
    """What every place of every label costs, whatever the other labels do; points x places."""
    shape = (len(points), len(PLACES))
    marks = _overlaps(boxes, _as_array([mark(x, y) for x, y, _ in points]))
    marks = marks.reshape(*shape, len(points))
    own = marks[np.arange(len(points)), :, np.arange(len(points))]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    outside = areas - _overlaps(boxes, _as_array([frame]))[:, 0]
    hidden = _overlaps(boxes, _as_array(others)).sum(axis=1)
    base = np.asarray([candidate[3] for candidate in PLACES])
    named = np.asarray([bool(text) for _, _, text in points])
    farther = _farther_than_another(boxes, points).reshape(shape)
    strange = (_NEARER * (farther > _SAME_PLACE) + _AMBIGUOUS * (farther > 0)) * named[:, None]
    return (3 * outside + hidden).reshape(shape) + marks.sum(axis=2) - own + base + strange


def _farther_than_another(boxes: Array, points: Sequence[tuple[float, float, str]]) -> Array:
    """How much farther off a label its own point is than the nearest, pixels; one a box."""
    places = np.asarray([point[:2] for point in points], dtype=np.float64)
    gap_x = np.maximum(boxes[:, None, 0] - places[:, 0], places[:, 0] - boxes[:, None, 2])
    gap_y = np.maximum(boxes[:, None, 1] - places[:, 1], places[:, 1] - boxes[:, None, 3])
    gaps = np.hypot(np.clip(gap_x, 0, None), np.clip(gap_y, 0, None))
    own = np.repeat(np.arange(len(points)), len(PLACES))
    return np.asarray(gaps[np.arange(len(boxes)), own] - gaps.min(axis=1))


def _as_array(boxes: Sequence[Box]) -> Array:
    """Boxes x (left, top, right, bottom)."""
    edges = [(box.left, box.top, box.right, box.bottom) for box in boxes]
    return np.asarray(edges, dtype=np.float64).reshape(-1, 4)


def _overlaps(boxes: Array, others: Array) -> Array:
    """The area every box shares with every other, square pixels; boxes x others."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0.0, None).prod(axis=2), dtype=np.float64)


def mark(x: float, y: float) -> Box:
    """The room of a dot."""
    return Box(x - _POINT_RADIUS, y - _POINT_RADIUS, x + _POINT_RADIUS, y + _POINT_RADIUS)


def _at(
    x: float, y: float, text: str, candidate: tuple[str, float, float, float], font_size: float
) -> Place:
    align, steps_x, steps_y, _ = candidate
    dx, dy = round(steps_x * font_size, 1), round(steps_y * font_size, 1)
    return Place(align, dx, dy, text_box(x + dx, y + dy, text, align, font_size), text)


def text_box(x: float, y: float, text: str, align: str, font_size: float) -> Box:
    """The room a text takes whose first line stands at a place; empty for an empty text."""
    lines = text.split("\n")
    length = CHARACTER * font_size * max(map(len, lines))
    left = x - {"left": 0.0, "right": length, "center": length / 2}[align]
    half = 0.6 * font_size if text else 0.0
    return Box(left, y - half, left + length, y + half + (len(lines) - 1) * 1.1 * font_size)
