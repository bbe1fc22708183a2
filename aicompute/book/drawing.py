"""Draws the figures at build time: SVG for the page, and the files a reader can take away."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vl_convert

from aicompute import palette
from aicompute.errors import PageError

ROOMS = ("wide", "narrow")
#: Vega's own names for clip paths and gradients; made unique on the page.
_IDS = re.compile(r'(id="|url\(#|href="#)((?:clip|gradient)[\w-]*)')
PNG_SCALE = 2


class Drawings:
    """Draws every figure of a book once, keeping drawings from one build to the next.

    Parameters
    ----------
    directory
        Where drawings are kept, by the checksum of their specification.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.figures: dict[str, dict[str, Any]] = {}

    def html(self, figure: dict[str, Any], label: str) -> str:
        """The part of a page that shows a figure.

        Raises
        ------
        PageError
            If two figures that differ have one name: their files would overwrite each other.
        """
        name = figure["name"]
        if self.figures.setdefault(name, figure)["csv"] != figure["csv"]:
            raise PageError(f"figure {name}: two figures of this name hold different rows")
        return figure_html(figure, {room: self._svg(figure[room]) for room in ROOMS}, label)

    def export(self, directory: Path) -> None:
        """Write the files of every figure drawn so far: .svg .png .vl.json .csv."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, figure in sorted(self.figures.items()):
            drawn = self._svg(figure["wide"])
            (directory / f"{name}.csv").write_text(figure["csv"], encoding="utf-8")
            (directory / f"{name}.svg").write_text(drawn, encoding="utf-8")
            (directory / f"{name}.png").write_bytes(self._png(drawn))
            spec = json.dumps(figure["wide"], indent=1, sort_keys=True, ensure_ascii=False)
            (directory / f"{name}.vl.json").write_text(spec + "\n", encoding="utf-8")

    def _svg(self, spec: dict[str, Any]) -> str:
        text = json.dumps(spec, sort_keys=True)
        return self._kept(text, "svg", lambda: svg(spec).encode()).decode()

    def _png(self, drawn: str) -> bytes:
        return self._kept(drawn, "png", lambda: png(drawn))

    def _kept(self, made_from: str, suffix: str, make: Callable[[], bytes]) -> bytes:
        version = vl_convert.__version__
        digest = hashlib.sha256(f"{version}\0{made_from}".encode()).hexdigest()
        path = self.directory / f"{digest}.{suffix}"
        try:
            return path.read_bytes()
        except OSError:
            content = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
        return content


def svg(spec: dict[str, Any]) -> str:
    """Draw a Vega-Lite specification as SVG in the light colours."""
    return str(vl_convert.vegalite_to_svg(json.dumps(spec)))


def png(svg_text: str) -> bytes:
    """Turn a drawing into a PNG at twice its size."""
    return bytes(vl_convert.svg_to_png(svg_text, scale=PNG_SCALE))


def page_svg(svg_text: str, name: str) -> str:
    """A drawing as a part of a page: CSS variables for colours, ids of its own, no role of its own.

    Parameters
    ----------
    svg_text
        The drawing in the light colours.
    name
        A name unique on the page; put before every id in the drawing.
    """
    body = _IDS.sub(rf"\g<1>{name}-\g<2>", svg_text)
    body = re.sub(r"^<svg ", '<svg role="presentation" focusable="false" ', body)
    body = re.sub(r' aria-[\w-]+="[^"]*"| role="graphics-[\w-]+"', "", body)
    return palette.with_variables(body)


def figure_html(figure: dict[str, Any], drawings: dict[str, str], label: str) -> str:
    """The part of a page that shows a figure: drawings, files, rows, and the live chart's data."""
    name, alt = figure["name"], html.escape(figure["alt"])
    charts = "".join(
        f'<div class="chart-{room}">{page_svg(drawings[room], f"{label}-{room}")}</div>'
        for room in ("wide", "narrow")
    )
    specs = {room: json.loads(palette.with_variables(json.dumps(figure[room], sort_keys=True)))
             for room in ("wide", "narrow")}
    files = " · ".join(
        f'<a href="page:_downloads/figures/{name}.{suffix}" download>{shown}</a>'
        for suffix, shown in (("csv", "CSV"), ("svg", "SVG"), ("png", "PNG"),
                              ("vl.json", "Vega-Lite"))
    )
    return (
        f'<div class="chart" id="{label}" data-chart="{html.escape(name)}">'
        f'<div class="chart-drawing" role="img" aria-label="{alt}">{charts}</div>'
        f'<div class="chart-live" hidden></div>'
        f'<script type="application/json" class="chart-spec">{script_json(specs)}</script></div>'
        f'<details class="chart-data"><summary>Data and files</summary>'
        f"<p>Download: {files}</p>{_rows_html(figure['csv'])}</details>"
    )


def script_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it can end the element."""
    return (
        json.dumps(value, sort_keys=True, ensure_ascii=False)
        .replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    )


def _rows_html(csv_text: str) -> str:
    head, *rows = csv.reader(io.StringIO(csv_text))
    heads = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f'<div class="table-scroll" tabindex="0"><table class="data-table"><thead><tr>{heads}'
        f"</tr></thead><tbody>{body}</tbody></table></div>"
    )
