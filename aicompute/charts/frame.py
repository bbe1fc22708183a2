"""Two axes of a chart, and where a row lies on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import altair as alt
import pandas as pd

from aicompute.charts import labels
from aicompute.charts.look import COMPUTE, Size, date_axis, log_axis

#: Room about the outermost rows, as a share of the axis.
_ROOM = 0.06
#: Length of a piece of a line that labels keep clear of, pixels.
_PIECE = 10


@dataclass(frozen=True)
class Frame:
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
    ) -> Self:
        """The frame with room for these rows; ``start``, ``end``, ``low``, ``high`` override.

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
        across = pd.concat([rows[c] for rows in (points, *more) for c in (x, "x_low", "x_high")
                            if c in rows])
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

    def at(self, x: Any, y: float) -> tuple[float, float]:
        """Pixels from the left and from the upper edge."""
        return (
            _share(x, self.left, self.right, not _dated(self.left)) * self.size.width,
            (1 - _share(y, self.low, self.high, self.log)) * self.height,
        )

    def across(self) -> alt.X:
        """The horizontal axis."""
        if not _dated(self.left):
            most = 4 if self.size.narrow else 7
            return alt.X(f"{self.x}:Q", **log_axis(self.x_title or "", self.left, self.right, most))
        ends = [f"{end:%Y-%m-%d}" for end in (self.left, self.right)]
        return alt.X(f"{self.x}:T", scale=alt.Scale(domain=ends), axis=date_axis(self.size))

    def up(self, column: str) -> alt.Y:
        """The vertical axis, for a column."""
        if self.log:
            return alt.Y(f"{column}:Q", **log_axis(self.y_title, self.low, self.high, 12))
        axis = alt.Axis(title=self.y_title, format=",~f", tickCount=5)
        return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[self.low, self.high]), axis=axis)

    def pieces(self, rows: pd.DataFrame, column: str) -> list[labels.Box]:
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
