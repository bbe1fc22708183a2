"""The part of a page that shows a figure: drawings, files, rows, and the live chart's data."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any

from aicompute import palette
from aicompute.errors import PageError
from aicompute.tables import script_json

ROOMS = ("wide", "narrow")
#: Vega's own names for clip paths and gradients; made unique on the page.
IDS = re.compile(r'(id="|url\(#|href="#)((?:clip|gradient)[\w-]*)')
_SIZE = re.compile(r'^<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"')


def size_of(svg_text: str) -> tuple[float, float]:
    """Width and height of a drawing, pixels."""
    found = _SIZE.match(svg_text)
    if found is None:
        raise PageError("a drawing without a size")
    return float(found.group(1)), float(found.group(2))


def page_svg(svg_text: str, name: str) -> str:
    """A drawing as a part of a page: CSS variables for colours, ids of its own, no role of its own.

    Parameters
    ----------
    svg_text
        The drawing in the light colours.
    name
        A name unique on the page; put before every id in the drawing.
    """
    body = IDS.sub(rf"\g<1>{name}-\g<2>", svg_text)
    body = re.sub(r"^<svg ", '<svg aria-hidden="true" focusable="false" ', body)
    body = re.sub(r' aria-(?!hidden)[\w-]+="[^"]*"| role="graphics-[\w-]+"', "", body)
    # A drawing has no links: what looks like one is a text of the data.
    return palette.with_variables(body.replace('="page:', "=&quot;page:"))


def figure_html(figure: dict[str, Any], drawings: dict[str, str], label: str) -> str:
    """The part of a page that shows a figure: drawings, files, rows, and the live chart's data.

    The box of the chart has the proportions of its drawing, so that the live chart takes its
    place without moving the page.
    """
    name, alt = figure["name"], html.escape(figure["alt"])
    charts = "".join(
        f'<div class="chart-{room}">{page_svg(drawings[room], f"{label}-{room}")}</div>'
        for room in ROOMS
    )
    specs = {room: spec for room, spec in figure.items() if isinstance(spec, dict)}
    live = json.loads(palette.with_variables(json.dumps(specs, sort_keys=True)))
    box = "".join(
        f"--{room}-width:{width:g};--{room}-height:{height:g};"
        for room in ROOMS for width, height in [size_of(drawings[room])]
    )
    return (
        f'<div class="chart" id="{label}-chart" data-chart="{html.escape(name)}" style="{box}">'
        f"{_SWITCH if 'linear_wide' in specs else ''}"
        f'<div class="chart-box"><div class="chart-drawing" role="img" aria-label="{alt}">'
        f'{charts}</div><div class="chart-live" hidden></div></div>'
        f'<script type="application/json" class="chart-spec">{script_json(live)}</script></div>'
        f'<details class="chart-data"><summary>Data and files</summary>'
        f"<p>Download {_files(name)}</p>{_rows_html(figure['csv'])}</details>"
    )


#: Shown by the script that can obey it; its room is kept without.
_SWITCH = (
    '<div class="chart-switch" role="group" aria-label="Scale of the chart">'
    '<button type="button" data-scale="log" aria-pressed="true">Log scale</button>'
    '<button type="button" data-scale="linear" aria-pressed="false">Linear scale</button></div>'
)


def _files(name: str) -> str:
    kinds = (("csv", "CSV"), ("svg", "SVG"), ("png", "PNG"), ("vl.json", "Vega-Lite JSON"))
    return " · ".join(
        f'<a href="page:_downloads/figures/{name}.{suffix}" download>{shown}</a>'
        for suffix, shown in kinds
    )


def _rows_html(csv_text: str) -> str:
    head, *rows = csv.reader(io.StringIO(csv_text))
    heads = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f'<div class="table-scroll" tabindex="0" role="group" aria-label="The plotted rows">'
        f'<table class="data-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )
