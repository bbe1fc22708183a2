"""Draws the figures at build time: SVG for the page, and the files a reader can take away."""

from __future__ import annotations

import hashlib
import html
import importlib.metadata
import json
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import vl_convert

from aicompute import palette
from aicompute.book import card, kept
from aicompute.book.figure_html import IDS, ROOMS, figure_html
from aicompute.book.vega import VegaProcess
from aicompute.errors import PageError

#: A picture has twice the size of its drawing, for fine screens.
PNG_SCALE = 2
_VERSION = importlib.metadata.version("vl-convert-python")
#: The code that makes of a chart what is kept: another one may make something else of it.
_CODE = "".join(
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("drawing.py", "figure_html.py", "vega_server.py")
)
#: What of Vega's script the pages call.
_EXPORTED = "window.vegaEmbed = vegaEmbed;"
#: The figure on the social card.
CARD_FIGURE = "headline"


class Drawings:
    """Draws every figure of a book once, keeping drawings from one build to the next.

    Drawing goes on in a thread of its own: Vega needs no Python, and the build has other work.
    Pictures and the script of Vega are made in a process of its own, which another thread asks.

    Parameters
    ----------
    directory
        Where drawings are kept, by the checksum of what they are made from.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.figures: dict[str, dict[str, Any]] = {}
        self._draughtsman = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._vega = VegaProcess()
        self._waiting = ThreadPoolExecutor(1, thread_name_prefix="vega")
        self._begun: dict[str, Future[bytes]] = {}

    def __enter__(self) -> Drawings:
        """Give the drawings; leaving ends what is not drawn yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what is not drawn yet."""
        self._draughtsman.shutdown(cancel_futures=True)
        self._waiting.shutdown(cancel_futures=True)
        self._vega.stop()

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

    def script(self) -> Future[bytes]:
        """The script of Vega for the pages, begun with the first call: two seconds' work."""

        def make() -> bytes:
            # A function around it keeps its names to itself.
            return b"(() => {\n" + self._vega.script(_EXPORTED) + b"\n})();\n"

        return self._kept("script", "js", make, self._waiting)

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
        return self._kept(f"{scale}\0{drawn}", "png", lambda: self._vega.png(drawn, scale),
                          self._waiting)

    def _kept(
        self, made_from: str, suffix: str, make: Callable[[], bytes],
        maker: ThreadPoolExecutor | None = None,
    ) -> Future[bytes]:
        digest = hashlib.sha256(f"{_VERSION}\0{_CODE}\0{made_from}".encode()).hexdigest()
        path = self.directory / f"{digest}.{suffix}"
        if path.name not in self._begun:
            self._begun[path.name] = (maker or self._draughtsman).submit(_made_once, path, make)
        return self._begun[path.name]


def _made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What a file holds, made and written if it is not there."""
    content = kept.read(path)
    if content is None:
        content = make()
        kept.write(path, content)
    return content


def svg(spec: dict[str, Any]) -> str:
    """Draw a Vega-Lite specification as SVG in the light colours.

    Vega numbers its clip paths on from one drawing to the next; here each begins at 0 again.
    """
    drawn = str(vl_convert.vegalite_to_svg(json.dumps(spec)))
    numbers: dict[str, str] = {}

    def renumber(found: re.Match[str]) -> str:
        kind = found.group(2).rstrip("0123456789")
        return found.group(1) + numbers.setdefault(found.group(2), f"{kind}{len(numbers)}")

    return IDS.sub(renumber, drawn)


def without_links(part: Any) -> Any:
    """A specification that opens no page: links hold only where the page stands."""
    if isinstance(part, dict):
        return {name: without_links(value) for name, value in part.items() if name != "href"}
    return [without_links(item) for item in part] if isinstance(part, list) else part


def standalone_svg(svg_text: str, name: str, alt: str) -> str:
    """A drawing as a file of its own: with title, description and paper behind it."""
    head, _, body = svg_text.partition(">")
    return (
        f'{head} role="img" aria-labelledby="title desc">'
        f'<title id="title">{html.escape(name.replace("_", " "))}</title>'
        f'<desc id="desc">{html.escape(alt)}</desc>'
        f'<rect width="100%" height="100%" fill="{palette.PAPER}"/>{body}'
    )
