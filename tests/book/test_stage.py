"""Staging: numbers, links, figures and the banner in the sources of the site."""

from __future__ import annotations

import json
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from aicompute.book.figure_html import page_svg, script_json
from aicompute.book.notebook import NUMBERS_TAG
from aicompute.book.stage import contents, stage
from aicompute.errors import PageError
from aicompute.mime import FIGURE_MIME, NUMBERS_MIME

PAGES = {"index", "trend", "systems/alexnet"}


def executed(*cells: Any, texts: dict[str, str] | None = None) -> Any:
    """A notebook as papermill leaves it, with the cell of numbers at its end."""
    output = new_output(
        "execute_result", data={NUMBERS_MIME: {"texts": texts or {}, "files_read": []}}
    )
    numbers = new_code_cell("report.numbers([])", outputs=[output])
    numbers.metadata["tags"] = [NUMBERS_TAG]
    return new_notebook(cells=[*cells, numbers])


def staged(page: str, notebook: Any, banner: str = "") -> Any:
    """The staged notebook, with figures drawn as their name alone."""
    return stage(page, notebook, pages=PAGES, banner=banner,
                 draw=lambda figure, label: f"<i>{figure['name']} {label}</i>")


def html_cell(html: str) -> Any:
    """A code cell whose output is the given HTML."""
    return new_code_cell("x", outputs=[new_output("execute_result", data={"text/html": html})])


def printing(characters: int) -> Any:
    """A notebook with a cell that printed a line so long, between two short ones."""
    printed = new_output("stream", text="short\n" + "x" * characters + "\nshort\n")
    return executed(new_code_cell("print()", outputs=[printed]))


def test_the_longest_printed_line_allowed_is_staged() -> None:
    assert staged("trend", printing(20_000)).cells[0].outputs


def test_a_printed_line_too_long_for_the_site_is_refused() -> None:
    # Once a line of a million characters kept Sphinx busy without end, and no page was named.
    with pytest.raises(PageError, match=r"^page trend: a cell printed a line of 20,001 characters; "
                                        r"allowed: 20,000$"):
        staged("trend", printing(20_001))


def test_a_number_of_the_text_becomes_its_link() -> None:
    cell = new_markdown_cell("It is {number}`moore.factor`.")
    notebook = executed(cell, texts={"moore.factor": '<a href="page:trend#moores-law">12</a>'})
    assert staged("index", notebook).cells[0].source == (
        'It is <a href="trend.html#moores-law">12</a>.'
    )


@pytest.mark.parametrize(
    ("page", "href"), [("index", "trend.html"), ("systems/alexnet", "../trend.html")]
)
def test_a_link_fits_the_page_it_stands_on(page: str, href: str) -> None:
    cell = staged(page, executed(html_cell('<a href="page:trend">x</a>'))).cells[0]
    assert cell.outputs[0]["data"]["text/html"] == f'<a href="{href}">x</a>'


def test_a_link_to_no_page_is_refused() -> None:
    with pytest.raises(PageError, match="page index: links to nowhere, which is no page"):
        staged("index", executed(html_cell('<a href="page:nowhere">x</a>')))


def test_a_figure_becomes_a_numbered_figure_with_its_caption() -> None:
    figure = {"name": "head_line", "caption": "A *finding*", "alt": "alt", "wide": {}, "narrow": {}}
    cell = new_code_cell("x", outputs=[new_output("execute_result", data={FIGURE_MIME: figure})])
    found = staged("index", executed(cell)).cells[0]
    assert found.metadata["mystnb"]["figure"]["name"] == "fig-head-line"
    assert "*" not in found.metadata["mystnb"]["figure"]["caption"]
    assert found.outputs[0]["data"]["text/html"] == "<i>head_line fig-head-line</i>"


def test_the_banner_stands_right_under_the_title() -> None:
    notebook = executed(new_markdown_cell("# Title\n\nFirst words."))
    sources = [cell.source for cell in staged("index", notebook, "<div>b</div>").cells]
    assert sources[0] == "# Title"
    assert sources[1].startswith("<div>b</div>\n\nFirst words.")


def test_timings_and_random_names_do_not_reach_the_site() -> None:
    cell = new_code_cell("x", id="1f2e3d", metadata={"papermill": {"duration": 0.1}})
    notebook = executed(cell)
    notebook.metadata["papermill"] = {"start_time": "now"}
    text = contents(staged("index", notebook))
    assert "papermill" not in text
    assert "1f2e3d" not in text


def test_a_page_that_opened_no_report_is_refused() -> None:
    with pytest.raises(PageError, match="page index: did not open a report"):
        staged("index", new_notebook(cells=[new_markdown_cell("# T")]))


def test_json_in_a_script_element_cannot_end_it() -> None:
    text = script_json({"name": "</script><script>alert(1)</script>&"})
    assert "<" not in text
    assert json.loads(text)["name"].startswith("</script>")


def test_two_drawings_on_a_page_share_no_id() -> None:
    drawing = '<svg class="x"><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>'
    one, other = page_svg(drawing, "one"), page_svg(drawing, "other")
    assert 'id="one-clip0"' in one
    assert "url(#one-clip0)" in one
    assert "one-clip0" not in other
