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
import textwrap
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import vl_convert

from aicompute.charts import palette
from aicompute.errors import PageError

ROOMS = ("wide", "narrow")
#: The script of the pages with charts.
VEGA = "vega.js"
#: The social card, and the figure on it.
CARD, CARD_FIGURE = "social_card.png", "headline"
CARD_SIZE = 1200, 630
_VERSION = importlib.metadata.version("vl-convert-python")
#: Vega's own names for clip paths and gradients; made unique on the page.
_IDS = re.compile(r'(id="|url\(#|href="#)((?:clip|gradient)[\w-]*)')
_SIZE = re.compile(r'^<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"')
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
#: Shown by the script that can obey it; its room is kept without.
_SWITCH = (
    '<div class="chart-switch" role="group" aria-label="Scale of the chart">'
    '<button type="button" data-scale="log" aria-pressed="true">Log scale</button>'
    '<button type="button" data-scale="linear" aria-pressed="false">Linear scale</button></div>'
)


class Drawings:
    """Draws every figure of a book once.

    Parameters
    ----------
    folder
        Where drawings are kept, by the checksum of what they are made from.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._draughtsman = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._begun: dict[str, Future[str]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """End what is not drawn yet."""
        self._draughtsman.shutdown(cancel_futures=True)

    def begin(self, figure: dict[str, Any]) -> None:
        """Begin to draw a figure that a page will show."""
        for room in ROOMS:
            self._drawing(figure[room])

    def prune(self) -> None:
        """Remove the drawings of earlier builds that this one had no use for."""
        for path in self.folder.glob("*.svg"):
            if path.name not in self._begun:
                path.unlink()

    def page_html(self, figure: dict[str, Any], label: str, files: str) -> str:
        """The part of a page that shows a figure: drawings, live chart's data, files and rows.

        Parameters
        ----------
        files
            The path from the page to the folder of figures.
        """
        drawings = {room: self._drawing(figure[room]).result() for room in ROOMS}
        specs = {room: {**spec, "description": figure["alt"]}
                 for room, spec in figure.items() if isinstance(spec, dict)}
        # The box has the proportions of the drawing: a live chart takes its place in the same room.
        sizes = {room: _size(drawn) for room, drawn in drawings.items()}
        box = "".join(f"--{room}-width:{width:g};--{room}-height:{height:g};"
                      for room, (width, height) in sizes.items())
        charts = "".join(f'<div class="chart-{room}">{page_svg(drawn, f"{label}-{room}")}</div>'
                         for room, drawn in drawings.items())
        name, alt = html.escape(figure["name"]), html.escape(figure["alt"])
        return (
            f'<div class="chart" id="{label}-chart" data-chart="{name}" style="{box}">'
            f"{_SWITCH if 'linear_wide' in specs else ''}"
            f'<div class="chart-box"><div class="chart-drawing" role="img" aria-label="{alt}">'
            f'{charts}</div><div class="chart-live" hidden></div></div>'
            f'<script type="application/json" class="chart-spec">{script_json(specs)}</script>'
            f'</div><details class="chart-data"><summary>Data and files</summary>'
            f"<p>Download {_links(files, name)}</p>{_rows_html(figure['csv'])}</details>"
        )

    def export(self, figures: list[dict[str, Any]], folder: Path) -> None:
        """Write the files of every figure, and the social card above them.

        Raises
        ------
        PageError
            If two figures that differ have one name: their files would overwrite each other.
        """
        folder.mkdir(parents=True, exist_ok=True)
        rows: dict[str, str] = {}
        for figure in figures:
            name = figure["name"]
            if rows.setdefault(name, figure["csv"]) != figure["csv"]:
                raise PageError(f"figure {name}: two figures of this name hold different rows")
            drawn = self._drawing(figure["wide"]).result()
            spec = without_links({**figure["wide"], "background": palette.PAPER,
                                  "description": figure["alt"]})
            (folder / f"{name}.csv").write_text(figure["csv"], encoding="utf-8")
            (folder / f"{name}.svg").write_text(standalone_svg(drawn, name, figure["alt"]), "utf-8")
            (folder / f"{name}.vl.json").write_text(
                json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
            if name == CARD_FIGURE:
                card = card_svg(drawn, figure["alt"])
                (folder.parent / CARD).write_bytes(vl_convert.svg_to_png(card, scale=1))

    def _drawing(self, spec: dict[str, Any]) -> Future[str]:
        text = json.dumps(without_links(spec), sort_keys=True)
        name = hashlib.sha256(f"{_VERSION}\0{text}".encode()).hexdigest() + ".svg"
        if name not in self._begun:
            self._begun[name] = self._draughtsman.submit(_drawn, self.folder / name, text)
        return self._begun[name]


def _drawn(path: Path, spec: str) -> str:
    """A drawing in the light colours, kept in a file."""
    if path.is_file():
        kept = path.read_text(encoding="utf-8")
        if kept.endswith("</svg>\n"):
            return kept
    # Vega numbers its clip paths on from one drawing to the next; here each begins at 0 again.
    numbers: dict[str, str] = {}

    def renumber(found: re.Match[str]) -> str:
        kind = found[2].rstrip("0123456789")
        return found[1] + numbers.setdefault(found[2], f"{kind}{len(numbers)}")

    drawn = _IDS.sub(renumber, str(vl_convert.vegalite_to_svg(spec))).strip() + "\n"
    part = path.with_suffix(".part")
    part.write_text(drawn, encoding="utf-8")
    part.replace(path)
    return drawn


def vega_script() -> str:
    """Vega, Vega-Lite and what embeds them, with what the pages may call of them."""
    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return f"(() => {{\n{script}\n}})();\n"  # a function around it keeps its names to itself


def kept_script(folder: Path) -> Path:
    """Where the script of this version is kept between builds."""
    return folder / f"vega-{_VERSION}.js"


def without_links(part: Any) -> Any:
    """A specification that opens no page: links hold only where the page stands."""
    if isinstance(part, dict):
        return {name: without_links(value) for name, value in part.items() if name != "href"}
    return [without_links(item) for item in part] if isinstance(part, list) else part


def script_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it can end the element."""
    text = palette.with_variables(json.dumps(value, sort_keys=True, ensure_ascii=False,
                                             separators=(",", ":")))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page_svg(drawn: str, name: str) -> str:
    """A drawing as a part of a page: CSS variables for colours, ids of its own, no role of its own.

    Parameters
    ----------
    name
        A name unique on the page; put before every id in the drawing.
    """
    body = _IDS.sub(rf"\g<1>{name}-\g<2>", drawn)
    body = re.sub(r"^<svg ", '<svg aria-hidden="true" focusable="false" ', body)
    body = re.sub(r' aria-(?!hidden)[\w-]+="[^"]*"| role="graphics-[\w-]+"', "", body)
    return palette.with_variables(body)


def standalone_svg(drawn: str, name: str, alt: str) -> str:
    """A drawing as a file of its own: with title, description and paper behind it."""
    head, _, body = drawn.partition(">")
    return (
        f'{head} role="img" aria-labelledby="title desc">'
        f'<title id="title">{html.escape(name.replace("_", " "))}</title>'
        f'<desc id="desc">{html.escape(alt)}</desc>'
        f'<rect width="100%" height="100%" fill="{palette.PAPER}"/>{body}'
    )


def card_svg(drawn: str, finding: str) -> str:
    """The social card: the headline chart and its finding."""
    width, height = CARD_SIZE
    lines = "".join(
        f'<text x="56" y="{230 + 36 * number}" font-size="26" fill="{palette.INK}">'
        f"{html.escape(line)}</text>" for number, line in enumerate(textwrap.wrap(finding, 26))
    )
    chart = re.sub(r'^<svg ([^>]*?)width="[\d.]+" height="[\d.]+"',
                   r'<svg \1x="440" y="60" width="720" height="510"', drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="{_FONT}">'
        f'<rect width="100%" height="100%" fill="{palette.PAPER}"/>'
        f'<rect width="12" height="100%" fill="{palette.TREND}"/>'
        f'<text x="56" y="110" font-size="44" font-weight="bold" fill="{palette.TREND}">'
        f"AI and Compute</text>"
        f'<text x="56" y="150" font-size="26" fill="{palette.MUTED}">the executable edition</text>'
        f"{lines}{chart}</svg>"
    )


def _size(drawn: str) -> tuple[float, float]:
    """Width and height of a drawing, pixels."""
    found = _SIZE.match(drawn)
    if found is None:
        raise PageError("a drawing without a size")
    return float(found[1]), float(found[2])


def _links(files: str, name: str) -> str:
    kinds = (("csv", "CSV"), ("svg", "SVG"), ("vl.json", "Vega-Lite JSON"))
    links = [f'<a href="{files}/{name}.{suffix}" download>{shown}</a>' for suffix, shown in kinds]
    links.insert(2, f'<a href="{files}/{name}.svg" download="{name}.png" class="as-png">PNG</a>')
    return " · ".join(links)


def _rows_html(csv_text: str) -> str:
    head, *rows = csv.reader(io.StringIO(csv_text))
    heads = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
                   for row in rows)
    return (
        f'<div class="table-scroll" tabindex="0" role="group" aria-label="The plotted rows">'
        f'<table class="data-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )
