"""What a chapter's cells hand over: numbers by name, tables, and figures.

A cell records a number where it calculates it. In a notebook the number is printed under the cell;
the build collects it from there into results.json, with the page and the section of the cell.
"""

from __future__ import annotations

import json
import math
import os
import re
import string
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from aicompute import words
from aicompute.errors import CallError
from aicompute.names import unknown
from aicompute.trend import Interval

#: Numbers a cell has recorded, a table, a figure: what the build takes from a cell's outputs.
NUMBERS_MIME = "application/vnd.aicompute.numbers+json"
TABLE_MIME = "application/vnd.aicompute.table+json"
FIGURE_MIME = "application/vnd.aicompute.figure+json"
#: Set by the build, which draws figures and tables itself.
BUILD_VARIABLE = "AICOMPUTE_BUILD"
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Number:
    """One number of the report.

    Attributes
    ----------
    value, low, high
        The number and its interval; None where it is unknown, has none, or an end is open.
    unit
        Its unit; empty for a count or a share, ``times`` for a factor.
    how
        One phrase: how it is obtained, and what the interval is.
    page, section
        Where it is calculated; empty until it is collected.
    """

    value: float | None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    how: str = ""
    page: str = ""
    section: str = ""

    def as_json(self) -> dict[str, Any]:
        """As results.json holds it."""
        return dict(vars(self))


#: All that this process has recorded, the latest value of each name.
recorded: dict[str, Number] = {}
#: The same in order, every time a name was recorded, since it was last taken.
_fresh: list[tuple[str, Number]] = []


def record(
    name: str, value: float | Interval, unit: str = "", low: float | None = None,
    high: float | None = None, how: str = "",
) -> float:
    """Record a number of the report under its permanent name, and give it back.

    Parameters
    ----------
    name
        Dotted lower-case words, such as ``trend.published.doubling_time_months``.
    value
        The number, or an :class:`Interval` that brings its ends along. NaN is unknown.
    unit
        ``pfs-days``, ``months``, ``times``, ...; empty for a count or a share.
    low, high
        Its interval, in the same unit; None where there is none, infinite where it is open.
    how
        One phrase: how it is obtained, and what the interval is.

    Raises
    ------
    CallError
        If the name is not of that form.

    Examples
    --------
    >>> record("example.doubled", 2 * 21, "days")
    42.0
    """
    if not _NAME.fullmatch(name):
        raise CallError(f"number {name!r}: a name is dotted lower-case words, such as trend.points")
    if isinstance(value, Interval):
        value, low, high = value
    number = Number(_finite(value), unit, _finite(low), _finite(high), how)
    recorded[name] = number
    _fresh.append((name, number))
    return float(value)


def record_rows(
    rows: pd.DataFrame, name: str, value: str, unit: str = "", *, low: str = "", high: str = "",
    how: str = "",
) -> None:
    """Record a number a row; rows whose number is missing are passed over.

    Parameters
    ----------
    rows
        A table.
    name, how
        With columns in braces: ``systems.{system_id}.published_pfs_days``.
    value, low, high
        The columns of the number and of the ends of its interval.
    unit
        As for :func:`record`.
    """
    needed = {part for _, part, _, _ in string.Formatter().parse(name + how) if part}
    for row in rows[list({*needed, value, low, high} - {""})].to_dict("records"):
        if not pd.isna(row[value]):
            record(name.format(**row), float(row[value]), unit, row.get(low), row.get(high),
                   how.format(**row))


def take_recorded() -> list[tuple[str, Number]]:
    """What was recorded since this was last asked, in order; a name may stand in it twice."""
    taken = list(_fresh)
    _fresh.clear()
    return taken


def say(name: str, form: str = "") -> str:
    """A number that this notebook has recorded, in words.

    Parameters
    ----------
    form
        One of ``words.FORMS``; the number with its unit if empty.

    Examples
    --------
    >>> _ = record("example.time", 3.437, "months", 2.59, 5.09)
    >>> say("example.time"), say("example.time", "range")
    ('3.4 months', '3.4 months (2.6 to 5.1)')
    """
    if name not in recorded:
        raise CallError(unknown("number", name, list(recorded)))
    return words.in_form(recorded[name], form)


class Link(str):
    """A text in a table that leads to a page of the book."""

    target: str

    def __new__(cls, text: str, target: str) -> Link:
        """Text, and the page (``systems/alexnet#method-2``)."""
        link = super().__new__(cls, text)
        link.target = target
        return link


class Cite(str):
    """The key of a source in a table, shown as authors and year."""


@dataclass(frozen=True)
class Table:
    """A table with its caption: a DataFrame in a notebook, a numbered table in the book."""

    frame: pd.DataFrame
    caption: str
    name: str
    formats: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    sortable: bool = False
    facets: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """What the build makes a table of: head, and rows of cells with text, target or source."""
        rows = [[self._cell(str(name), value) for name, value in row.items()]
                for row in self.frame.to_dict("records")]
        return {"name": self.name, "caption": self.caption, "head": list(map(str, self.frame)),
                "rows": rows, "sortable": self.sortable, "facets": list(self.facets)}

    def _cell(self, column: str, value: Any) -> dict[str, Any]:
        cell: dict[str, Any] = {"text": self.formats.get(column, cell_text)(value)}
        if isinstance(value, Link):
            cell["target"] = value.target
        if isinstance(value, Cite):
            cell["source"] = str(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            cell["sort"] = None if pd.isna(value) else float(value)
        return cell

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if BUILD_VARIABLE in os.environ:
            return {TABLE_MIME: self.document(), "text/plain": self.caption}
        shown = self.frame.copy().astype("object")
        for column in shown:
            shown[column] = shown[column].map(self.formats.get(str(column), cell_text))
        caption = filled(self.caption)
        return {"text/html": f"<p><em>{words.escaped(caption)}</em></p>{shown.to_html(index=False)}",
                "text/plain": f"{caption}\n{shown.to_string(index=False)}"}


def show(
    frame: pd.DataFrame, caption: str, name: str, *,
    formats: Mapping[str, Callable[[Any], str]] | None = None, sortable: bool = False,
    facets: Sequence[str] = (),
) -> Table:
    """Show a table; the last thing in a cell.

    Parameters
    ----------
    frame
        What to show, its columns named as readers see them. A cell may be a :class:`Link` or a
        :class:`Cite`; a number is written with three significant digits.
    caption
        What the table says, first; ``{name}`` or ``{name:form}`` stands for a recorded number.
    name
        The text refers to it as ``{numref}`tab-name` ``; lower-case words joined by ``_``.
    formats
        How the cells of a column are written, where not as usual.
    sortable, facets
        Whether readers can sort it, and the columns they can filter it by.
    """
    _refuse_name("table", name)
    return Table(frame, caption, name, formats or {}, sortable, tuple(facets))


def cell_text(value: Any) -> str:
    """A cell of a table in words.

    Examples
    --------
    >>> cell_text(0.0057875), cell_text(True), cell_text(None), cell_text(pd.Timestamp(2012, 6, 1))
    ('0.00579', 'yes', '–', '2012-06-01')
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if pd.isna(value):
        return "–"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return words.number(float(value)) if isinstance(value, int | float) else str(value)


@dataclass(frozen=True)
class Figure:
    """A chart with its caption: Altair's own display in a notebook, a numbered figure in the book.

    Attributes
    ----------
    draw
        Room (:class:`aicompute.charts.Size`) to chart.
    rows
        Exactly what is plotted: readers can download it.
    linear
        Room to the same chart on a linear scale, where the page offers to switch.
    """

    draw: Callable[..., Any]
    caption: str
    name: str
    alt: str
    rows: pd.DataFrame
    linear: Callable[..., Any] | None = None

    def document(self) -> dict[str, Any]:
        """What the build draws: the specification at two widths, caption, alt text, rows."""
        from aicompute.charts import NARROW, WIDE, specification

        document: dict[str, Any] = {
            "name": self.name, "caption": self.caption, "alt": self.alt,
            "csv": self.rows.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n"),
        }
        drawn = {"": self.draw} | ({"linear_": self.linear} if self.linear else {})
        for prefix, draw in drawn.items():
            for room, size in (("wide", WIDE), ("narrow", NARROW)):
                spec = specification(draw(size), self.alt)
                document[f"{prefix}{room}"] = json.loads(json.dumps(spec, default=str))
        return document

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if BUILD_VARIABLE in os.environ:
            return {FIGURE_MIME: self.document(), "text/plain": self.alt}
        from aicompute.charts import WIDE, specification

        alt = filled(self.alt)
        spec = specification(self.draw(WIDE), alt)
        return {"text/html": _with_picture(spec, filled(self.caption)), "text/plain": alt}


def figure(
    chart: Any, caption: str, name: str, alt: str, rows: pd.DataFrame | None = None, *,
    linear: Callable[..., Any] | None = None,
) -> Figure:
    """Show a chart; the last thing in a cell.

    Parameters
    ----------
    chart
        An Altair chart that reads at any width, or a function from the room there is
        (:class:`aicompute.charts.Size`) to a chart.
    caption
        The finding, then what is shown, in one to three sentences; ``{name}`` or ``{name:form}``
        stands for a recorded number.
    name
        The text refers to it as ``{numref}`fig-name` ``; lower-case words joined by ``_``.
    alt
        The finding in one sentence, for who cannot see the chart.
    rows
        Exactly what is plotted; the chart's own data if not given.
    linear
        The same chart on a linear scale, where readers may switch.
    """
    _refuse_name("figure", name)
    draw = chart if callable(chart) else lambda _: chart
    if rows is None:
        rows = chart.data
    if not isinstance(rows, pd.DataFrame):
        raise CallError(f"figure {name}: rows: got none; say which rows it plots")
    return Figure(draw, caption, name, alt, rows, linear)


_NAMED = re.compile(r"\{([a-z][a-z0-9_]*\.[a-z0-9_.]+)(?::([a-z]+))?\}")


def filled(text: str, numbers: Mapping[str, Number] | None = None) -> str:
    """A caption with the numbers that it names in braces, as plain text.

    Parameters
    ----------
    numbers
        Those of the report; what this notebook has recorded if not given. A name that is not
        among them is left as it stands.
    """
    known = recorded if numbers is None else numbers
    return _NAMED.sub(
        lambda m: words.in_form(known[m[1]], m[2] or "") if m[1] in known else m[0], text)


def names_in(text: str) -> Iterable[str]:
    """The numbers that a caption, or a text of a table, names in braces."""
    return (match[1] for match in _NAMED.finditer(text))


def _with_picture(spec: dict[str, Any], caption: str) -> str:
    """Altair's own display, with a picture in its place until its scripts are there, or for ever.

    Altair's template loads Vega from the network; without, the div would stay empty.
    """
    import altair as alt
    import vl_convert
    from altair.utils.html import spec_to_html

    place = f"altair-viz-{uuid.uuid4().hex}"
    spec = json.loads(re.sub(r'"page:([^"#]+)([^"]*)"', r'"\1.ipynb\2"', json.dumps(spec)))
    page = spec_to_html(
        spec, mode="vega-lite", vega_version=alt.VEGA_VERSION,
        vegalite_version=alt.VEGALITE_VERSION, vegaembed_version=alt.VEGAEMBED_VERSION,
        template="universal", output_div=place,
    )
    picture = vl_convert.vegalite_to_svg(spec)
    drawn = page.replace(f'<div id="{place}"></div>', f'<div id="{place}">{picture}</div>')
    return f"{drawn}<p><em>{words.escaped(caption)}</em></p>"


def _refuse_name(what: str, name: str) -> None:
    if not _KEY.fullmatch(name):
        raise CallError(f"{what} {name!r}: a name is lower-case words joined by _")


def _finite(value: float | None) -> float | None:
    """A number that JSON can hold, to twelve digits, so that it is the same on any machine."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.12g}")


def _publish_recorded(*_: Any) -> None:
    """Print what a cell has recorded under it, for readers and for the build."""
    fresh = take_recorded()
    if not fresh:
        return
    from IPython.display import display

    lines = [f"{name} = {words.in_form(number, 'range')}" for name, number in fresh[:3]]
    more = [f"and {len(fresh) - 3} more"] if len(fresh) > 3 else []
    numbers = [{"name": name, **replace(number).as_json()} for name, number in fresh]
    display({NUMBERS_MIME: numbers, "text/plain": "recorded: " + "; ".join([*lines, *more])},
            raw=True)


def connect() -> None:
    """Have the notebook this runs in, if it is one, print what its cells record."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None or getattr(shell, "_aicompute_connected", False):
        return
    shell._aicompute_connected = True
    shell.display_formatter.formatters["text/plain"].float_precision = "%.6g"
    shell.events.register("post_run_cell", _publish_recorded)
