"""Draws the figures: SVG for the page at two widths, the live chart's data, files to take away.

Drawing goes on in a thread beside Sphinx: Vega needs no Python. What is drawn is kept from one
build to the next.
"""

from __future__ import annotations

import csv
import hashlib
import html
import importlib.metadata
import io
import json
import re
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import vl_convert

from aicompute.book.site import CARD
from aicompute.charts import palette
from aicompute.errors import PageError
from aicompute.files import write_text

ROOMS = ("wide", "narrow")
#: The figure on the picture that goes with a shared link.
CARD_FIGURE = "headline"
_VERSION = importlib.metadata.version("vl-convert-python")
#: Vega's own names for clip paths and gradients; made unique on the page.
_IDS = re.compile(r'(id="|url\(#|href="#)((?:clip|gradient)[\w-]*)')
_SIZE = re.compile(r'^<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"')


class Drawings:
    """Draws every figure of a book once; kept in a folder by the checksum of what it is made of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.draughtsman = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._begun: dict[Path, Future[str]] = {}

    def begin(self, figure: dict[str, Any]) -> None:
        """Begin to draw a figure for each room; ``drawn`` in it are the drawings to come."""
        figure["drawn"] = tuple(self._begin(figure[room]) for room in ROOMS)

    def _begin(self, spec: dict[str, Any]) -> Future[str]:
        text = json.dumps(without_links(spec), sort_keys=True)
        made_from = hashlib.sha256(f"{_VERSION}\0{text}".encode()).hexdigest()
        path = self.folder / f"{made_from}.svg"
        if path not in self._begun:
            self._begun[path] = self.draughtsman.submit(_drawn, path, text)
        return self._begun[path]

    def prune(self) -> None:
        """Remove the drawings of earlier builds that this one had no use for."""
        for path in {*self.folder.glob("*.svg")} - {*self._begun}:
            path.unlink()

    def page_html(self, figure: dict[str, Any], label: str, files: str) -> str:
        """The part of a page that shows a figure: drawings, live chart's data, files and rows.

        From the page to the folder of figures leads the path ``files``.
        """
        charts = box = ""
        for room, drawing in zip(ROOMS, figure["drawn"], strict=True):
            drawn = drawing.result()
            found = _SIZE.match(drawn)
            if found is None:
                raise PageError(f"figure {figure['name']}: a drawing without a size")
            # The box has the proportions of the drawing, and the live chart takes its place there.
            box += f"--{room}-width:{found[1]};--{room}-height:{found[2]};"
            charts += f'<div class="chart-{room}">{page_svg(drawn, f"{label}-{room}")}</div>'
        specs = {room: {**spec, "description": figure["alt"]}
                 for room, spec in figure.items()
                 if isinstance(spec, dict) and (room not in ROOMS or not figure["views"])}
        name, alt = html.escape(figure["name"]), html.escape(figure["alt"])
        return (
            f'<div class="chart" id="{label}-chart" data-chart="{name}" style="{box}">'
            f"{_switch(figure['views'])}"
            f'<div class="chart-box"><div class="chart-drawing" role="img" aria-label="{alt}">'
            f'{charts}</div><div class="chart-live" hidden></div></div>'
            f'<script type="application/json" class="chart-spec">{script_json(specs)}</script>'
            '</div><details class="chart-data"><summary>Data and files</summary><p>Download '
            f'<a href="{files}/{name}.csv" download>CSV</a> · '
            f'<a href="{files}/{name}.svg" download>SVG</a> · '
            f'<button type="button" class="as-png">PNG</button> · '
            f'<a href="{files}/{name}.vl.json" download>Vega-Lite JSON</a></p>'
            f"{_rows_html(figure['csv'])}</details>"
        )

    def export(self, figures: Iterable[dict[str, Any]], folder: Path) -> None:
        """Write the files of every figure, and the picture of shared links above them.

        Two figures that differ under one name would overwrite each other, and are a PageError.
        """
        rows: dict[str, str] = {}
        for figure in figures:
            name, alt = figure["name"], figure["alt"]
            if rows.setdefault(name, figure["csv"]) != figure["csv"]:
                raise PageError(f"figure {name}: two figures of this name hold different rows")
            drawn = standalone_svg(figure["drawn"][0].result(), alt)
            spec = without_links({**figure["wide"], "background": palette.PAPER,
                                  "description": alt})
            write_text(folder / f"{name}.csv", figure["csv"])
            write_text(folder / f"{name}.svg", drawn)
            write_text(folder / f"{name}.vl.json", json.dumps(spec, indent=1, sort_keys=True))
            if name == CARD_FIGURE:
                (folder.parent / CARD).write_bytes(vl_convert.svg_to_png(drawn, scale=2))


def _switch(views: list[str]) -> str:
    """The buttons between the views of a chart, for the script that can obey them."""
    buttons = (f'<button type="button" aria-pressed="{str(not number).lower()}">'
               f"{html.escape(view)}</button>" for number, view in enumerate(views))
    return ('<div class="chart-switch" role="group" aria-label="Views of the chart">'
            f"{''.join(buttons)}</div>" if views else "")


def _drawn(path: Path, spec: str) -> str:
    """A drawing in the light colours, kept in a file."""
    if path.is_file():
        return path.read_text(encoding="utf-8")
    # Vega numbers its clip paths on from one drawing to the next; here each begins at 0 again.
    numbers: dict[str, str] = {}

    def renumber(found: re.Match[str]) -> str:
        kind = found[2].rstrip("0123456789")
        return found[1] + numbers.setdefault(found[2], f"{kind}{len(numbers)}")

    drawn = _IDS.sub(renumber, str(vl_convert.vegalite_to_svg(spec)))
    write_text(path, drawn)
    return drawn


def kept_script(folder: Path) -> Path:
    """Where Vega, Vega-Lite and what embeds them are kept between builds, by version."""
    return folder / f"vega-{_VERSION}.js"


def make_script(path: Path) -> None:
    """Put the script of Vega in one file; a function around it keeps its names to itself."""
    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    write_text(path, f"(() => {{\n{script}\n}})();\n")


def without_links(part: Any) -> Any:
    """A specification that opens no page: links hold only where the page stands."""
    if isinstance(part, dict):
        return {name: without_links(value) for name, value in part.items() if name != "href"}
    return [without_links(item) for item in part] if isinstance(part, list) else part


def script_json(value: Any) -> str:
    """JSON in the page's colours that can stand in a script element: nothing in it can end that."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return palette.with_variables(text)


def page_svg(drawn: str, name: str) -> str:
    """A drawing as a part of a page: CSS variables for colours, no role of its own.

    Its ids begin with ``name``, which is unique on the page.
    """
    body = _IDS.sub(rf"\g<1>{name}-\g<2>", drawn)
    body = re.sub(r' aria-[\w-]+="[^"]*"| role="graphics-[\w-]+"', "", body)
    return palette.with_variables(body.replace("<svg ", '<svg aria-hidden="true" ', 1))


def standalone_svg(drawn: str, alt: str) -> str:
    """A drawing as a file of its own: with a description and paper behind it."""
    head, _, body = drawn.partition(">")
    return (f'{head} role="img"><title>{html.escape(alt)}</title>'
            f'<rect width="100%" height="100%" fill="{palette.PAPER}"/>{body}')


def _rows_html(csv_text: str) -> str:
    head, *rows = csv.reader(io.StringIO(csv_text))
    heads = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
                   for row in rows)
    return (
        '<div class="table-scroll" tabindex="0" role="group" aria-label="The plotted rows">'
        f'<table class="data-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )
