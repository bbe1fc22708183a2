"""Figures drawn at build time: the part of the page, and the files to take away."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from aicompute import figures, palette, topics
from aicompute.book import card, drawing, figure_html
from aicompute.book.drawing import Drawings
from aicompute.errors import PageError
from aicompute.study import Study

REGISTERED = topics.__all__
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def figure(study: Study) -> dict[str, Any]:
    """The headline figure as a notebook holds it, its links resolved."""
    document = json.dumps(figures.figure(study, "headline").document())
    resolved: dict[str, Any] = json.loads(re.sub(r'"page:([\w/]+)"', r'"\1.html"', document))
    return resolved


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where drawings are kept."""
    return tmp_path_factory.mktemp("drawings")


@pytest.fixture(scope="module")
def exported(figure: dict[str, Any], kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the figure."""
    target = tmp_path_factory.mktemp("site") / "figures"
    with Drawings(kept) as draw:
        draw.html(figure, "fig-headline")
        draw.export(target)
    return target


def test_a_figure_has_four_files(exported: Path) -> None:
    assert {path.suffix for path in exported.iterdir()} == {".csv", ".svg", ".png", ".json"}


def test_a_drawing_is_the_same_twice(figure: dict[str, Any]) -> None:
    spec = drawing.without_links(figure["wide"])
    assert drawing.svg(spec) == drawing.svg(spec)


def test_the_font_of_a_drawing_is_the_one_that_comes_with_the_drawer(exported: Path) -> None:
    # Any other first font would make the drawing depend on the machine.
    drawn = (exported / "headline.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'font-family="([^",]+)', drawn)) == {"Liberation Sans"}


def test_a_drawing_as_a_file_has_a_title_and_a_description(
    exported: Path, figure: dict[str, Any]
) -> None:
    tree = ElementTree.parse(exported / "headline.svg").getroot()
    assert tree.find(f"{SVG}title") is not None
    description = tree.find(f"{SVG}desc")
    assert description is not None
    assert description.text == figure["alt"]


def test_a_file_opens_no_page_of_the_book(exported: Path) -> None:
    for suffix in ("svg", "vl.json"):
        assert "href" not in (exported / f"headline.{suffix}").read_text(encoding="utf-8")


def test_a_drawing_in_a_page_has_ids_of_its_own(figure: dict[str, Any], kept: Path) -> None:
    page = Drawings(kept).html(figure, "fig-headline")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_drawing_in_a_page_takes_its_colours_from_the_style_sheet(
    figure: dict[str, Any], kept: Path
) -> None:
    page = Drawings(kept).html(figure, "fig-headline")
    assert not [colour for colour in palette.COLOURS.values() if colour in page]


def test_every_colour_has_a_light_and_a_dark_value_in_the_style_sheet() -> None:
    css = (Path(drawing.__file__).parent / "static" / "book.css").read_text(encoding="utf-8")
    light, dark = css.split('html[data-theme="dark"] {', 1)
    for name, colour in palette.COLOURS.items():
        assert f"--{name}: {colour};" in light
        assert f"--{name}: #" in dark.split("}", 1)[0]


def test_the_box_of_a_chart_has_the_size_of_its_drawing(
    figure: dict[str, Any], kept: Path
) -> None:
    width, height = figure_html.size_of(drawing.svg(drawing.without_links(figure["wide"])))
    page = Drawings(kept).html(figure, "fig-headline")
    assert f"--wide-width:{width:g};--wide-height:{height:g};" in page


def test_the_alternative_text_cannot_end_its_attribute(figure: dict[str, Any], kept: Path) -> None:
    odd = {**figure, "alt": 'A "quoted" <b> & more.'}
    page = Drawings(kept).html(odd, "fig-headline")
    assert 'aria-label="A &quot;quoted&quot; &lt;b&gt; &amp; more."' in page


def test_what_a_chart_holds_cannot_end_its_script(figure: dict[str, Any], kept: Path) -> None:
    odd = {**figure, "wide": {**figure["wide"], "description": "</script><b>"}}
    assert "</script><b>" not in Drawings(kept).html(odd, "fig-headline")


def test_two_figures_of_one_name_that_differ_are_refused(
    figure: dict[str, Any], kept: Path
) -> None:
    draw = Drawings(kept)
    draw.html(figure, "fig-headline")
    with pytest.raises(PageError, match="headline"):
        draw.html({**figure, "csv": "other\n1\n"}, "fig-headline")


def test_the_social_card_has_the_size_that_networks_show(exported: Path) -> None:
    content = (exported.parent / card.FILE).read_bytes()
    # A PNG gives its width and height in bytes 16 to 24.
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (1200, 630)
