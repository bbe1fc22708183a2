"""Systems on two axes, with lines, bands and notes; their labels keep clear of all of these."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from aicompute import words
from aicompute.charts import labels, look, palette
from aicompute.charts.look import COMPUTE, FONT_SIZE, Size, date_axis, log_axis
from aicompute.methods import has_page
from aicompute.references import sources

#: Names that are too long for a label in a chart, by system_id.
_SHORT = {
    "zfnet": "ZFNet", "resnet": "ResNet", "gnmt": "GNMT", "nas": "NAS", "dota_1v1": "Dota 1v1",
    "transformer": "Transformer", "vae": "VAE", "align_translate": "Align & Translate",
    "mlp_mnist": "MLP", "mcdnn_mnist": "MCDNN", "mt_nlg": "MT-NLG",
    "gemini_1_ultra": "Gemini Ultra", "llama_4_behemoth": "Llama 4 Behemoth",
}
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
_BAR: dict[str, Any] = {"strokeWidth": 1.5, "strokeOpacity": 0.7}
#: Length of a piece of a line that labels keep clear of, pixels.
_PIECE = 10


def short_name(system_id: str, name: str) -> str:
    """The name of a system as a label in a chart carries it."""
    return _SHORT.get(system_id, name)


def points(systems: pd.DataFrame) -> pd.DataFrame:
    """A row a system as a chart shows it, of rows of ``estimates`` that have ``pfs_days``.

    ``system_id``, ``name``, ``label``, ``date``, ``published_on``, ``domain``, ``pfs_days``,
    ``low``, ``high`` (the value itself where it has no range), ``shown`` (the value with its range
    in words), ``method`` (whose value it is), ``source``, ``href``.
    """
    known = systems[systems["pfs_days"].notna()].reset_index(drop=True)
    low, high = (known[end].fillna(known["pfs_days"]) for end in ("low", "high"))
    return known[["system_id", "name"]].assign(
        label=list(map(short_name, known["system_id"], known["name"])), date=known["date"],
        published_on=list(map(words.date, known["date"], known["published_known_to"])),
        domain=known["domain"], pfs_days=known["pfs_days"], low=low, high=high,
        shown=[words.ranged(*row, "pfs-days")
               for row in zip(known["pfs_days"], low, high, strict=True)],
        method=known["value_from"],
        source=known["source_key"].map({key: s.label for key, s in sources().items()}).fillna(""),
        href=[f"page:systems/{name}" if paged else "page:systems"
              for name, paged in zip(known["system_id"], has_page(known), strict=True)])


class Layer(NamedTuple):
    """Charts laid on each other, the room they take, and what has yet to find a place there.

    That are the labels of points, and words with their colour along the line that the layer is.
    """

    charts: Sequence[alt.Chart] = ()
    taken: Sequence[labels.Box] = ()
    labelled: pd.DataFrame | None = None
    words: tuple[str, str] = ("", "")


class Plane:
    """Two axes, where a row lies on them in pixels, and what is drawn there, layer by layer.

    There is room for all points and lines, unless ``start``, ``end``, ``low`` or ``high`` say
    otherwise. They have the columns ``x``, dates or numbers on a log axis, and ``y``, points the
    ends of their ranges too. The height is in pixels, wide and on a phone; ``log`` is of the
    vertical axis.
    """

    def __init__(
        self, points: pd.DataFrame, size: Size, *, height: tuple[int, int] = (430, 440),
        lines: pd.DataFrame | None = None, x: str = "date", y: str = "pfs_days",
        log: bool = True, start: Any = None, end: Any = None, low: float | None = None,
        high: float | None = None, x_title: str = "", y_title: str = COMPUTE,
    ) -> None:
        self.size, self.height, self.x, self.y, self.log = size, height[size.narrow], x, y, log
        self.x_title, self.y_title = x_title, y_title
        rows = points if lines is None else pd.concat([points, lines[[x, y]]])
        across = pd.concat([rows[name] for name in (x, "x_low", "x_high") if name in rows])
        up = pd.concat([rows[name] for name in (y, "low", "high") if name in rows])
        up = up[(up > 0) & (up < math.inf)] if log else up
        left, right = look.widened(across.min(), across.max(), log=x != "date")
        bottom, top = look.widened(float(up.min()), float(up.max()), log=log)
        self.left = left if start is None else pd.Timestamp(start)
        self.right = right if end is None else pd.Timestamp(end)
        self.low = low if low is not None else bottom if log else 0.0
        self.high = top if high is None else high

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

    def chart(self, *layers: Layer) -> alt.LayerChart:
        """Layers drawn one on another; words along lines and labels last, clear of all of them."""
        charts = [chart for layer in layers for chart in layer.charts]
        taken = [box for layer in layers for box in layer.taken]
        dotted = [layer.labelled for layer in layers if layer.labelled is not None]
        dots = [labels.mark(*dot) for rows in dotted for dot in self._places(rows, self.y)]
        for _, line, _, (text, shade) in layers:
            if text and line:
                x, y, align = labels.along(line, text, width=self.size.width, height=self.height,
                                           others=[*taken, *dots])
                taken.append(labels.text_box(x, y, text, align, labels.BOLD))
                charts.append(alt.Chart(pd.DataFrame({"text": [text]})).mark_text(
                    align=align, baseline="middle", fontSize=FONT_SIZE, fontWeight="bold",
                    color=shade,
                ).encode(x=alt.value(round(x, 1)), y=alt.value(round(y, 1)), text="text:N"))
        for rows in dotted:
            beside = self.labelled(rows, taken)
            text = alt.Chart(beside[beside["label"] != ""]).mark_text(color=palette.INK, **BESIDE)
            charts.append(text.encode(self.across(), self.up(self.y), alt.Text("label:N")))
        return alt.layer(*charts, width=self.size.width, height=self.height)

    def labelled(self, rows: pd.DataFrame, taken: Sequence[labels.Box]) -> pd.DataFrame:
        """Points with ``align``, ``dx`` and ``dy`` of their ``label``; empty if it has no room."""
        named = [(x, y, str(label)) for (x, y), label in zip(
            self._places(rows, self.y), rows["label"], strict=True)]
        placed = labels.place(named, width=self.size.width, height=self.height, others=taken)
        return rows.assign(**pd.DataFrame(placed, rows.index, ["align", "dx", "dy", "label"]))

    def line(
        self, rows: pd.DataFrame, column: str = "", *, colour: str = "trend", dash: bool = False,
        text: str = "", name: str = "", over: tuple[Any, Any] | None = None,
    ) -> Layer:
        """A line through rows, with words beside it if any; ``name`` as for points.

        Beyond the span of the points that it is fitted to, ``over``, it is dashed.
        """
        column, shade, at = column or self.y, palette.COLOURS.get(colour, colour), rows[self.x]
        parts = [(rows, dash)] if over is None else [
            (rows[at <= over[0]], True), (rows[at.between(*over)], False),
            (rows[at >= over[1]], True)]
        charts = [alt.Chart(look.named(part, name)).mark_line(
            color=shade, strokeWidth=2, clip=self._leaves(part, column),
            **({"strokeDash": [5, 4]} if dashed else {}),
        ).encode(x=self.across(), y=self.up(column)) for part, dashed in parts if len(part) > 1]
        places = self._places(rows[rows[column] > 0] if self.log else rows, column)
        pieces = [piece for ends in pairwise(places) for piece in _pieces(*ends)]
        return Layer(charts, pieces, words=(text, shade))

    def band(self, rows: pd.DataFrame, low: str, high: str, *, colour: str = "band") -> Layer:
        """An area between two columns of rows."""
        return Layer([alt.Chart(rows).mark_area(
            color=palette.COLOURS[colour], fillOpacity=0.45, clip=self._leaves(rows, low, high),
        ).encode(x=self.across(), y=self.up(low), y2=alt.Y2(f"{high}:Q"))])

    def notes(self, rows: pd.DataFrame, weight: str = "bold") -> Layer:
        """Words in the chart, of rows with ``text``, ``align``, ``dx``, ``dy`` and ``colour``."""
        rows = rows.assign(colour=rows["colour"].map(palette.COLOURS))
        chart = alt.Chart(rows).mark_text(fontWeight=weight, lineBreak="\n", **BESIDE).encode(
            self.across(), self.up(self.y), alt.Text("text:N"), alt.Color("colour:N", scale=None))
        taken = [labels.text_box(x + row.dx, y + row.dy, row.text, row.align, labels.BOLD)
                 for row, (x, y) in zip(rows.itertuples(), self._places(rows, self.y), strict=True)]
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
        places = self._places(rows, self.y)
        rows = rows.assign(under=[any(math.dist(place, later) < SAME_DOT for later in
                                      places[number:]) for number, place in enumerate(places, 1)])
        if {"name", "shown"} <= set(rows):
            rows = rows.assign(said=rows["name"] + ": " + rows["shown"])
        base, charts = alt.Chart(look.named(rows, name)), []
        if {"low", "high"} <= set(rows):
            charts.append(base.mark_rule(clip=self._leaves(rows, "low", "high"), **_BAR).encode(
                x=self.across(), y=self.up("low"), y2=alt.Y2("high:Q"), color=colour))
        if {"x_low", "x_high"} <= set(rows):
            charts.append(base.mark_rule(**_BAR).encode(
                x=alt.X("x_low:Q"), x2=alt.X2("x_high:Q"), y=self.up(self.y), color=colour))
        more = {"href": alt.Href("href:N"), "said": alt.Description("said:N"),
                "area": alt.Size("area:Q", scale=None)}
        shown = [more[column] for column in more if column in rows]
        tips = [alt.Tooltip(f"{column}:N", title=title)
                for column, title in _TOOLTIP.items() if column in rows]
        dots = [base.transform_filter("datum.under").mark_point(**RING)] * any(rows["under"])
        dots.append(base.transform_filter("!datum.under").mark_point(**DOT))
        charts += [dot.encode(self.across(), self.up(self.y), *shown, color=colour, tooltip=tips)
                   for dot in dots]
        x, y = rows[self.x], rows[self.y]
        edges = zip(*self.at(rows.get("x_low", x), rows.get("high", y)),
                    *self.at(rows.get("x_high", x), rows.get("low", y)), strict=True)
        bars = [labels.Box(left - 2, top - 2, right + 2, bottom + 2)
                for left, top, right, bottom in edges if (left, top) != (right, bottom)]
        return Layer(charts, bars, rows)

    def _places(self, rows: pd.DataFrame, column: str) -> list[tuple[float, float]]:
        """Where rows lie, pixels, by a column on the vertical axis."""
        return list(zip(*self.at(rows[self.x], rows[column]), strict=True))

    def _leaves(self, rows: pd.DataFrame, *columns: str) -> bool:
        """Whether a value lies beyond an end of the vertical axis.

        Only then is a mark clipped: each clipped mark costs the picture as much as all that is not.
        """
        return any(((rows[name] < self.low) | (rows[name] > self.high)).any() for name in columns)


def _pieces(start: tuple[float, float], end: tuple[float, float]) -> list[labels.Box]:
    """A straight line in short pieces, for labels to keep clear of."""
    steps = max(1, math.ceil(math.dist(start, end) / _PIECE))
    middles = np.linspace(start, end, 2 * steps + 1)[1::2]
    return [labels.Box(x - 4, y - 3, x + 4, y + 3) for x, y in middles]


def _share(value: Any, low: Any, high: Any, log: bool) -> Any:
    """How far values lie along an axis, 0 to 1."""
    return np.log(value / low) / np.log(high / low) if log else (value - low) / (high - low)
