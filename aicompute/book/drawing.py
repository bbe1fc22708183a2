"""Draws the figures at build time: SVG for the page, and the files a reader can take away."""

from __future__ import annotations

import csv
import hashlib
import html
import importlib.metadata
import io
import json
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import vl_convert

from aicompute import palette
from aicompute.book import card
from aicompute.errors import PageError
from aicompute.tables import script_json

ROOMS = ("wide", "narrow")
#: Vega's own names for clip paths and gradients; made unique on the page.
_IDS = re.compile(r'(id="|url\(#|href="#)((?:clip|gradient)[\w-]*)')
_SIZE = re.compile(r'^<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"')
PNG_SCALE = 2
_VERSION = importlib.metadata.version("vl-convert-python")
#: What of Vega's bundle the pages call.
_EXPORTED = "window.vegaEmbed = vegaEmbed;"
#: The figure on the social card.
CARD_FIGURE = "headline"


class Drawings:
    """Draws every figure of a book once, keeping drawings from one build to the next.

    Drawing goes on in a thread of its own: Vega needs no Python, and the build has other work.

    Parameters
    ----------
    directory
        Where drawings are kept, by the checksum of what they are made from.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.figures: dict[str, dict[str, Any]] = {}
        self._draughtsman = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._begun: dict[str, Future[bytes]] = {}

    def __enter__(self) -> Drawings:
        """Give the drawings; leaving ends what is not drawn yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what is not drawn yet."""
        self._draughtsman.shutdown(cancel_futures=True)

    def begin(self, figure: dict[str, Any]) -> None:
        """Begin to draw a figure that a page will show."""
        for room in ROOMS:
            self._drawing(figure[room])

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

    def begin_files(self) -> None:
        """Begin to draw, for every figure shown so far, the files a reader can take away."""
        for name, figure in sorted(self.figures.items()):
            self._picture(self._standalone(name, figure), PNG_SCALE)

    def bundle(self) -> str:
        """The script of Vega for the pages: a second's work, for each version of it once."""
        return self._kept("bundle", "js", lambda: javascript().encode()).result().decode()

    def begin_bundle(self) -> None:
        """Begin to make the script of Vega."""
        self._kept("bundle", "js", lambda: javascript().encode())

    def export(self, directory: Path) -> None:
        """Write the files of every figure shown so far, and the social card above them."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, figure in sorted(self.figures.items()):
            drawn = self._standalone(name, figure)
            (directory / f"{name}.csv").write_text(figure["csv"], encoding="utf-8")
            (directory / f"{name}.svg").write_text(drawn, encoding="utf-8")
            (directory / f"{name}.png").write_bytes(self._picture(drawn, PNG_SCALE).result())
            spec = without_links({**figure["wide"], "background": palette.PAPER})
            text = json.dumps(spec, indent=1, sort_keys=True, ensure_ascii=False)
            (directory / f"{name}.vl.json").write_text(text + "\n", encoding="utf-8")
        if CARD_FIGURE in self.figures:
            figure = self.figures[CARD_FIGURE]
            drawn = card.card_svg(self._svg(figure["wide"]), figure["alt"])
            (directory.parent / card.FILE).write_bytes(self._picture(drawn, 1).result())

    def prune(self) -> None:
        """Remove the drawings of earlier builds that this one had no use for."""
        for path in self.directory.glob("*.*"):
            if path.name not in self._begun:
                path.unlink()

    def _standalone(self, name: str, figure: dict[str, Any]) -> str:
        return standalone_svg(self._svg(figure["wide"]), name, figure["alt"])

    def _svg(self, spec: dict[str, Any]) -> str:
        return self._drawing(spec).result().decode()

    def _drawing(self, spec: dict[str, Any]) -> Future[bytes]:
        plain = without_links(spec)
        return self._kept(json.dumps(plain, sort_keys=True), "svg", lambda: svg(plain).encode())

    def _picture(self, drawn: str, scale: int) -> Future[bytes]:
        return self._kept(f"{scale}\0{drawn}", "png", lambda: png(drawn, scale))

    def _kept(self, made_from: str, suffix: str, make: Callable[[], bytes]) -> Future[bytes]:
        digest = hashlib.sha256(f"{_VERSION}\0{made_from}".encode()).hexdigest()
        path = self.directory / f"{digest}.{suffix}"
        if path.name not in self._begun:
            self._begun[path.name] = self._draughtsman.submit(_made_once, path, make)
        return self._begun[path.name]


def _made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What a file holds, made and written if it is not there."""
    try:
        return path.read_bytes()
    except OSError:
        content = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
    return content


def javascript() -> str:
    """Vega, Vega-Lite and what embeds them, as one script that keeps its names to itself."""
    return f"(() => {{\n{vl_convert.javascript_bundle(_EXPORTED)}\n}})();\n"


def svg(spec: dict[str, Any]) -> str:
    """Draw a Vega-Lite specification as SVG in the light colours.

    Vega numbers its clip paths on from one drawing to the next; here each begins at 0 again.
    """
    drawn = str(vl_convert.vegalite_to_svg(json.dumps(spec)))
    numbers: dict[str, str] = {}

    def renumber(found: re.Match[str]) -> str:
        kind = found.group(2).rstrip("0123456789")
        return found.group(1) + numbers.setdefault(found.group(2), f"{kind}{len(numbers)}")

    return _IDS.sub(renumber, drawn)


def png(svg_text: str, scale: int = PNG_SCALE) -> bytes:
    """Turn a drawing into a PNG, at twice its size unless told otherwise."""
    return bytes(vl_convert.svg_to_png(svg_text, scale=scale))


def without_links(part: Any) -> Any:
    """A specification that opens no page: links hold only where the page stands."""
    if isinstance(part, dict):
        return {name: without_links(value) for name, value in part.items() if name != "href"}
    return [without_links(item) for item in part] if isinstance(part, list) else part


def size_of(svg_text: str) -> tuple[float, float]:
    """Width and height of a drawing, pixels."""
    found = _SIZE.match(svg_text)
    if found is None:
        raise PageError("a drawing without a size")
    return float(found.group(1)), float(found.group(2))


def standalone_svg(svg_text: str, name: str, alt: str) -> str:
    """A drawing as a file of its own: with title, description and paper behind it."""
    head, _, body = svg_text.partition(">")
    return (
        f'{head} role="img" aria-labelledby="title desc">'
        f'<title id="title">{html.escape(name.replace("_", " "))}</title>'
        f'<desc id="desc">{html.escape(alt)}</desc>'
        f'<rect width="100%" height="100%" fill="{palette.PAPER}"/>{body}'
    )


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
