"""Tables and figures that a chapter's cells show, last thing in the cell.

In a notebook a table is a DataFrame's, and a chart is drawn by Altair's ordinary display; in the
book both are numbered, with their captions.
"""

from __future__ import annotations

import html
import json
import os
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aicompute import words
from aicompute.errors import CallError
from aicompute.recording import filled
from aicompute.references import sources

#: A table, a figure: what the build takes from a cell's outputs to show it in the book.
TABLE_MIME = "application/vnd.aicompute.table+json"
FIGURE_MIME = "application/vnd.aicompute.figure+json"
#: Set by the build, which draws figures and tables itself.
BUILD_VARIABLE = "AICOMPUTE_BUILD"


@dataclass(frozen=True, order=True)
class Link:
    """A text in a table that leads to a page of the book, such as ``systems/alexnet#method-2``."""

    text: str
    target: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, order=True)
class Cite:
    """A source in a table, by its key in references.bib; shown as authors and year."""

    key: str

    def __str__(self) -> str:
        known = sources()
        return known[self.key].label if self.key in known else self.key


@dataclass(frozen=True)
class Table:
    """A table with its caption: a DataFrame in a notebook, a numbered table in the book."""

    frame: pd.DataFrame
    caption: str
    name: str
    formats: Mapping[str, Callable[[Any], str]]
    sortable: bool
    facets: Sequence[str]
    numbers: Sequence[str]

    def document(self) -> dict[str, Any]:
        """What the build makes a table of: head, and rows of cells with text, target or source."""
        rows = [[self._cell(str(name), value) for name, value in row.items()]
                for row in self.frame.to_dict("records")]
        return {"name": self.name, "caption": self.caption, "head": list(map(str, self.frame)),
                "rows": rows, "sortable": self.sortable, "facets": list(self.facets)}

    def _cell(self, column: str, value: Any) -> dict[str, Any]:
        cell: dict[str, Any] = {"text": self.formats.get(column, cell_text)(value)}
        if column in self.numbers:
            cell["numbers"] = True
        if isinstance(value, Link):
            cell["target"] = value.target
        elif isinstance(value, Cite):
            cell["source"] = value.key
        elif isinstance(value, int | float) and not isinstance(value, bool):
            cell["sort"] = None if pd.isna(value) else float(value)
        return cell

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if BUILD_VARIABLE in os.environ:
            return {TABLE_MIME: self.document(), "text/plain": self.caption}
        written = self.frame.apply(lambda cells: cells.map(self.formats.get(cells.name, cell_text)))
        shown = written.assign(**{name: written[name].map(filled) for name in self.numbers})
        caption = filled(self.caption)
        return {"text/html": f"<p><em>{html.escape(caption)}</em></p>{shown.to_html(index=False)}",
                "text/plain": f"{caption}\n{shown.to_string(index=False)}"}


@dataclass(frozen=True)
class Figure:
    """A chart with its caption: Altair's own display in a notebook, a numbered figure in the book.

    ``draw`` and ``views`` go from the room there is to a chart; the rest is as for :func:`figure`.
    """

    draw: Callable[..., Any]
    caption: str
    name: str
    alt: str
    rows: pd.DataFrame
    views: Mapping[str, Callable[..., Any]]

    def document(self) -> dict[str, Any]:
        """What the build draws: the specification at two widths, caption, alt text, rows."""
        from aicompute.charts.look import NARROW, WIDE, specification

        drawn = {"": self.draw} | {f"{n}_": draw for n, draw in enumerate(self.views.values())}
        specs = {f"{prefix}{room}": specification(draw(size), self.alt)
                 for prefix, draw in drawn.items()
                 for room, size in (("wide", WIDE), ("narrow", NARROW))}
        return {
            "name": self.name, "caption": self.caption, "alt": self.alt,
            "csv": self.rows.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n"),
            "views": list(self.views), **json.loads(json.dumps(specs, default=str)),
        }

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        from altair.utils.schemapi import debug_mode

        if BUILD_VARIABLE in os.environ:
            with debug_mode(False):  # the tests hold every chart to Vega-Lite's schema
                return {FIGURE_MIME: self.document(), "text/plain": self.alt}
        return {"text/html": self._with_picture(), "text/plain": filled(self.alt)}

    def _with_picture(self) -> str:
        """Altair's own display, with a picture in its place until its scripts are there, or always.

        Altair's template loads Vega from the network; without, the div would stay empty.
        """
        import altair as alt
        import vl_convert
        from altair.utils.html import spec_to_html

        from aicompute.charts.look import WIDE, specification

        place = f"altair-viz-{uuid.uuid4().hex}"
        spec = json.dumps(specification(self.draw(WIDE), filled(self.alt)), default=str)
        spec = re.sub(r'"page:([^"#]+)([^"]*)"', r'"\1.ipynb\2"', spec)
        page = spec_to_html(
            json.loads(spec), mode="vega-lite", vega_version=alt.VEGA_VERSION,
            vegalite_version=alt.VEGALITE_VERSION, vegaembed_version=alt.VEGAEMBED_VERSION,
            template="universal", output_div=place,
        )
        picture = vl_convert.vegalite_to_svg(spec)
        drawn = page.replace(f'<div id="{place}"></div>', f'<div id="{place}">{picture}</div>')
        # Altair's script puts its complaint about a missing network over what it finds.
        fails = "function showError(err) {"
        drawn = drawn.replace(fails, f"{fails} if (outputDiv.querySelector('svg')) throw err;")
        return f"{drawn}<p><em>{html.escape(filled(self.caption))}</em></p>"


def show(
    frame: pd.DataFrame, caption: str, name: str, *,
    formats: Mapping[str, Callable[[Any], str]] | None = None, sortable: bool = False,
    facets: Sequence[str] = (), numbers: Sequence[str] = (),
) -> Table:
    """Show a table; the last thing in a cell.

    Parameters
    ----------
    frame
        What to show, its columns named as readers see them. A cell may be a :class:`Link` or a
        :class:`Cite`; a number is written with three significant digits.
    caption, name
        As of a :func:`figure`; the text refers to it as ``{numref}`tab-name` ``.
    formats
        How the cells of a column are written, where not as usual.
    sortable, facets
        Whether readers can sort it, and the columns they can filter it by.
    numbers
        The columns whose cells name numbers as the caption does; all others stand as written.
    """
    _refuse_name("table", name)
    return Table(frame, caption, name, formats or {}, sortable, facets, numbers)


def figure(
    chart: Any, caption: str, name: str, alt: str, rows: pd.DataFrame | None = None, *,
    views: Mapping[str, Callable[..., Any]] | None = None,
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
        Lower-case words joined by ``_``; the text refers to it as ``{numref}`fig-name` ``.
    alt
        The finding in one sentence, for who cannot see the chart.
    rows
        Exactly what is plotted, for readers to download; the chart's own data if not given.
    views
        Charts that readers may switch between on the page instead, each by a word; the first is
        shown first. A list of class ``steps`` above the figure has an item for each.
    """
    _refuse_name("figure", name)
    rows = chart.data if rows is None else rows
    if not isinstance(rows, pd.DataFrame):
        raise CallError(f"figure {name}: rows: got none; say which rows it plots")
    draw = chart if callable(chart) else lambda _: chart
    return Figure(draw, caption, name, alt, rows, views or {})


def cell_text(value: Any) -> str:
    """A cell of a table in words.

    >>> cell_text(0.0057875), cell_text(True), cell_text(None), cell_text(pd.Timestamp(2012, 6, 1))
    ('0.00579', 'yes', '–', '2012-06-01')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if not isinstance(value, str | Link | Cite) and pd.isna(value):
        return "–"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return words.number(float(value)) if isinstance(value, int | float) else str(value)


def _refuse_name(what: str, name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise CallError(f"{what} {name!r}: a name is lower-case words joined by _")
