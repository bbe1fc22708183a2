"""Places the labels of a chart's points so that they cover neither each other nor the points.

Every label tries the same few places around its point; the cheapest by overlap wins, and a few
rounds let labels make room for each other. A label without room anywhere is left out: its point
still has its tooltip and its row. The same points always get the same places.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from aicompute.charts.look import FONT_SIZE

Array: TypeAlias = NDArray[np.float64]
#: A point in the chart, pixels, and the text beside it; an empty text takes no room.
Point: TypeAlias = tuple[float, float, str]

#: Mean width of a character of the charts' font, as a share of its size.
CHARACTER = 0.53
#: What bold words are as wide and as high as, pixels.
BOLD = 1.1 * FONT_SIZE
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
_COSTS = np.asarray([cost for *_, cost in PLACES])


class Box(NamedTuple):
    """A rectangle of a chart, in pixels from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


def place(
    points: Sequence[Point], *, width: float, height: float, others: Sequence[Box] = ()
) -> list[tuple[str, float, float, str]]:
    """Where the label of every point stands beside it: alignment, steps in pixels, and its text.

    The text is empty where there is no room. No label leaves the chart, whose size is in pixels, by
    more than a little on the right, or covers the points or the others: bars, lines in pieces.
    """
    steps = [(align, round(across * FONT_SIZE, 1), round(down * FONT_SIZE, 1))
             for align, across, down, _ in PLACES]
    placed = [("left", 0.0, 0.0, "")] * len(points)
    named = [index for index, (_, _, text) in enumerate(points) if text]
    if not named:
        return placed
    boxes = _array([text_box(x + dx, y + dy, text, align)
                    for x, y, text in points if text for align, dx, dy in steps])
    alone = _costs_alone(boxes, named, points, others, Box(0, 0, width + _OVERHANG, height))
    spaced = boxes + [-_SPACE, 0.0, _SPACE, 0.0]
    overlaps = _overlaps(spaced, spaced).reshape(*alone.shape, *alone.shape)
    kept = [*range(len(named))]
    while kept:
        chosen, costs = _settled(kept, alone, overlaps)
        if max(costs) <= _TOLERATED:
            for index, choice in chosen.items():
                placed[named[index]] = (*steps[choice], points[named[index]][2])
            break
        del kept[int(np.argmax(costs))]
    return placed


def along(
    line: Sequence[Box], text: str, *, width: float, height: float, others: Sequence[Box]
) -> tuple[float, float, str]:
    """Where bold words stand beside a line given in pieces, as near its end as there is room.

    Returns the place in pixels, and the alignment of a text there.
    """
    places = [((piece.left + piece.right) / 2 + side * 0.6 * BOLD,
               (piece.top + piece.bottom) / 2 + down * BOLD, align)
              for piece in reversed(line) for align, side in (("right", -1), ("left", 1))
              for down in (-1, 1)]
    boxes = _array([text_box(x, y, text, align, BOLD) for x, y, align in places])
    hidden = _overlaps(boxes, _array([*line, *others])).sum(axis=1)
    inside = _overlaps(boxes, _array([Box(0, 0, width, height)]))[:, 0]
    return places[int(np.argmin(hidden - inside + 0.05 * np.arange(len(places))))]


def mark(x: float, y: float) -> Box:
    """The room of a dot."""
    return Box(x - _POINT_RADIUS, y - _POINT_RADIUS, x + _POINT_RADIUS, y + _POINT_RADIUS)


def text_box(x: float, y: float, text: str, align: str, font_size: float = FONT_SIZE) -> Box:
    """The room a text takes whose first line stands at a place; empty for an empty text."""
    lines = text.split("\n")
    length = CHARACTER * font_size * max(map(len, lines))
    left = x - {"left": 0.0, "right": length, "center": length / 2}[align]
    half = 0.6 * font_size if text else 0.0
    return Box(left, y - half, left + length, y + half + (len(lines) - 1) * 1.1 * font_size)


def _settled(
    kept: Sequence[int], alone: Array, overlaps: Array
) -> tuple[dict[int, int], list[float]]:
    """The place of every label that is kept, and what it costs beyond that place's own cost."""
    chosen, costs = dict.fromkeys(kept, 0), dict.fromkeys(kept, 0.0)
    for _ in range(_ROUNDS):
        before = dict(chosen)
        for index in kept:
            total = alone[index] + sum(
                overlaps[index, :, other, its] for other, its in chosen.items() if other != index)
            chosen[index] = best = int(np.argmin(total))
            costs[index] = float(total[best] - _COSTS[best])
        if chosen == before:
            break
    return chosen, list(costs.values())


def _costs_alone(
    boxes: Array, named: list[int], points: Sequence[Point], others: Sequence[Box], frame: Box
) -> Array:
    """What every place of every label costs, whatever the other labels do; labels x places."""
    shape, every = (len(named), len(PLACES)), np.arange(len(named))
    marks = _overlaps(boxes, _array([mark(x, y) for x, y, _ in points])).reshape(*shape, -1)
    hidden = _overlaps(boxes, _array(others)).sum(axis=1)
    outside = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) - _overlaps(boxes, _array([frame]))[:, 0]
    # How much farther off a label its own point is than the nearest, pixels.
    places = np.asarray([point[:2] for point in points])
    beside = np.maximum(boxes[:, None, :2] - places, places - boxes[:, None, 2:]).clip(0)
    gaps = np.hypot(beside[..., 0], beside[..., 1]).reshape(*shape, -1)
    farther = gaps[every, :, named] - gaps.min(axis=2)
    strange = _NEARER * (farther > _SAME_PLACE) + _AMBIGUOUS * (farther > 0)
    return np.asarray((3 * outside + hidden).reshape(shape) + marks.sum(axis=2)
                      - marks[every, :, named] + _COSTS + strange)


def _array(boxes: Sequence[Box]) -> Array:
    """Boxes x (left, top, right, bottom)."""
    return np.asarray(boxes, dtype=np.float64).reshape(-1, 4)


def _overlaps(boxes: Array, others: Array) -> Array:
    """The area every box shares with every other, square pixels; boxes x others."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0.0, None).prod(axis=2), dtype=np.float64)
