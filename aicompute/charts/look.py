"""The look of every chart: its sizes, fonts, axes and colours, and its specification."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from aicompute.charts import palette
from aicompute.words import SUPERSCRIPT

COMPUTE = "Training compute (pfs-days, log scale)"
#: The first comes with the program that draws, so that every machine draws the same; the others
#: have the same widths.
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
#: Size of all words in a chart, pixels.
FONT_SIZE = 12
#: Room about the outermost values, as a share of the axis.
_ROOM = 0.06
#: A text with a limit is measured again and again, a fifth of the time of all drawings.
_UNLIMITED = {"labelLimit": 0, "titleLimit": 0}
_WORDS = {"labelFont": _FONT, "titleFont": _FONT, "labelFontSize": FONT_SIZE,
          "titleFontSize": FONT_SIZE, **_UNLIMITED}
#: The look of every chart, as Vega-Lite's configuration.
_THEME = {
    "background": "transparent", "font": _FONT, "view": {"stroke": None},
    "axis": {"labelColor": palette.MUTED, "titleColor": palette.INK, "gridColor": palette.GRID,
             "domainColor": palette.MUTED, "tickColor": palette.MUTED, "titleFontWeight": 500,
             **_WORDS},
    # Above the axis, where it is read without turning one's head and takes no width.
    "axisY": {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": 0,
              "titleY": -8},
    "legend": {"labelColor": palette.INK, "titleColor": palette.INK, "orient": "top",
               "title": None, "symbolStrokeWidth": 2, "offset": 26, **_WORDS},
    "text": {"color": palette.INK, "font": _FONT, "fontSize": FONT_SIZE},
    "point": {"size": 70, "filled": True}, "rule": {"color": palette.MUTED},
    "header": {"labelColor": palette.INK, "titleColor": palette.INK, **_UNLIMITED},
}
#: More decades than this, and a log axis has powers of ten alone.
_FEW_DECADES = 2.5
#: Less than this, and its ticks are an even step apart, as on a linear axis.
_EVEN_DECADES = 0.3
#: Between the two, the first digits of its ticks are one of these, the most that fit; the first
#: two only within a decade.
_FIRST_DIGITS = ((1, 2, 3, 5, 7), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,))
_ONE_DECADE = 0.9
#: Within these ends a tick is written in full.
_FULL = (9.9e-4, 9.99e6)


@dataclass(frozen=True)
class Size:
    """The room a chart has: its width in pixels, and whether it is a phone's."""

    width: int
    narrow: bool


WIDE = Size(width=640, narrow=False)
NARROW = Size(width=264, narrow=True)


def specification(chart: alt.TopLevelMixin, description: str) -> dict[str, Any]:
    """The Vega-Lite specification of a chart in the book's look.

    Validation against the schema is left to the tests: it takes longer than all the rest.
    """
    with alt.data_transformers.enable(_TRANSFORMER):
        spec: dict[str, Any] = chart.to_dict(validate=False)
    rows = {"datasets": spec.pop("datasets")} if "datasets" in spec else {}
    return {**_in_utc(spec), **rows, "$schema": alt.SCHEMA_URL, "config": _THEME,
            "description": description}


def named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of a chart that a script of the page finds by a name, if that is not empty."""
    table = table.copy(deep=False)
    table.attrs["name"] = name
    return table


def _rows_of(table: pd.DataFrame) -> dict[str, Any]:
    """The rows of a chart as Vega-Lite takes them: dates as ISO text, what is missing as null.

    Altair's own transformer copies and casts the whole table for every layer that draws it.
    """
    columns = {str(name): map(_json_cell, table[name].tolist()) for name in table}
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    name = table.attrs.get("name")
    return {"values": rows, **({"name": name} if name else {})}


def _json_cell(cell: Any) -> Any:
    if isinstance(cell, pd.Timestamp):
        # A browser takes a time without a zone for one of its own zone, but a bare day for UTC.
        return cell.isoformat().removesuffix("T00:00:00") + "Z" * (cell != cell.normalize())
    if isinstance(cell, str | list):
        return cell
    return None if pd.isna(cell) or cell in (math.inf, -math.inf) else cell


_TRANSFORMER = "aicompute"
alt.data_transformers.register(_TRANSFORMER, _rows_of)


def _in_utc(part: Any, channel: str = "") -> Any:
    """A specification whose dates do not depend on the time zone of who draws it."""
    if isinstance(part, list):
        return [_in_utc(item, channel) for item in part]
    if not isinstance(part, dict):
        return part
    made = {name: _in_utc(value, name) for name, value in part.items()}
    if made.get("type") == "temporal" and channel in ("x", "y"):
        made["scale"] = {**(made.get("scale") or {}), "type": "utc"}
    elif made.get("type") == "temporal" and channel == "tooltip":
        made.setdefault("timeUnit", "utcyearmonthdate")
    return made


def colours(
    shades: Mapping[str, str], column: str = "domain", columns: int = 5, **legend_is: Any
) -> alt.Color:
    """Colour by the words of a column, with a legend where there are several."""
    legend = alt.Legend(columns=columns, symbolSize=60, columnPadding=10, symbolOpacity=1,
                        **legend_is) if len(shades) > 1 else None
    scale = alt.Scale(domain=list(shades), range=list(shades.values()))
    return alt.Color(f"{column}:N", scale=scale, legend=legend)


def widened(low: Any, high: Any, *, log: bool, least: float = 2.0) -> tuple[Any, Any]:
    """Two ends with room beside them; on a log axis at least a factor of ``least`` apart."""
    if log:
        room = max(high / low, least) ** _ROOM
        return low / room, high * room
    room = (high - low) * _ROOM
    return low - room, high + room


def date_axis(size: Size) -> alt.Axis:
    """An axis of years."""
    return alt.Axis(title=None, format="%Y", tickCount=5 if size.narrow else 8, grid=False)


def log_axis(title: str, low: float, high: float, most: int = 9) -> dict[str, Any]:
    """Scale and axis of a log axis between two ends, with at most so many round ticks.

    >>> y = alt.Y("pfs_days:Q", **log_axis("Compute (pfs-days, log scale)", 0.01, 100))
    """
    ticks = log_ticks(low, high, most)
    # Vega counts ticks from 0 to 1; a single one is no number.
    labels = f"{_written(ticks, '%' in title)}[round(datum.index*{len(ticks) - 1}) || 0]"
    axis = alt.Axis(title=title, values=ticks, labelExpr=labels)
    return {"scale": alt.Scale(type="log", domain=[low, high], nice=False), "axis": axis}


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Round values between two ends of a log axis, at most so many, which is 4 or more.

    Powers of ten, every second or third where there are many; with other first digits where there
    are few; an even step apart where the ends are less than a factor of 2 from each other, or no
    two round values lie between them.

    >>> log_ticks(0.003, 0.3, 4), log_ticks(4.0, 60.0, 9), log_ticks(1e-6, 1e12, 9)[:3]
    ([0.01, 0.1], [5.0, 10.0, 20.0, 50.0], [1e-06, 0.001, 1.0])
    >>> log_ticks(0.0049, 0.0063, 4), log_ticks(0.0038, 0.019, 8)
    ([0.005, 0.0055, 0.006], [0.005, 0.007, 0.01])
    >>> log_ticks(0.25, 5.6, 5), log_ticks(0.083, 0.172, 5)
    ([0.5, 1.0, 2.0, 5.0], [0.1, 0.12, 0.14, 0.16])
    """
    decades = math.log10(high / low)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)

    def beginning(digits: tuple[int, ...], stride: int = 1) -> list[float]:
        """The values that begin with these digits, of every so many powers of ten."""
        values = [float(f"{d}e{power}") for power in powers if power % stride == 0 for d in digits]
        return [value for value in values if low <= value <= high]

    found: list[list[float]] = []
    if decades >= _FEW_DECADES:
        found = [beginning((1,), stride) for stride in range(1, len(powers))]
    elif decades >= _EVEN_DECADES:
        found = [beginning(digits) for digits in _FIRST_DIGITS[2 * (decades >= _ONE_DECADE):]]
    for ticks in found:
        if 1 < len(ticks) <= most:  # one alone is no scale to read
            return ticks
    smallest = math.floor(math.log10(high - low)) - 1
    steps = (float(f"{digit}e{smallest + more}") for more in range(4) for digit in (1, 2, 5))
    step = next(s for s in steps if math.floor(high / s) - math.ceil(low / s) < most)
    counts = range(math.ceil(low / step), math.floor(high / step) + 1)
    # Through text, so that 3 x 0.0005 is 0.0015 and not a neighbour of it.
    return [float(f"{count * step:.12g}") for count in counts]


def _written(ticks: list[float], in_full: bool) -> list[str]:
    """How the ticks of an axis are written, all in one way.

    Powers of ten as such, over three of them or more, unless ``in_full``; with fewer, and with
    other first digits, in full, or as multiples of powers where that would be long.

    >>> _written([0.01, 1.0, 100.0], False), _written([0.01, 1.0, 100.0], True)
    (['10⁻²', '10⁰', '10²'], ['0.01', '1', '100'])
    >>> _written([0.005, 0.0055], False), _written([2e-5, 5e-5], False)
    (['0.005', '0.0055'], ['2×10⁻⁵', '5×10⁻⁵'])
    """
    parts = [f"{tick:.6e}".split("e") for tick in ticks]
    powers = [f"10{str(int(power)).translate(SUPERSCRIPT)}" for _, power in parts]
    digits = [f"{float(first):.4g}" for first, _ in parts]
    if {*digits} == {"1"} and ticks[-1] / ticks[0] > 10**_FEW_DECADES / 4 and not in_full:
        return powers
    if all(_FULL[0] < tick < _FULL[1] for tick in ticks):
        return [f"{tick:,.10f}".rstrip("0").rstrip(".") for tick in ticks]
    return [f"{first}×{power}" for first, power in zip(digits, powers, strict=True)]
