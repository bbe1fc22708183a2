"""The notebook a page offers: its figures are drawings that need neither style sheet nor script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aicompute import figures, palette
from aicompute.book import drawing, figure_html, takeaway
from aicompute.study import Study


def notebook(study: Study) -> dict[str, Any]:
    """A staged notebook with one figure, one table and one text."""
    figure = figures.figure(study, "linear").document()
    drawn = {room: drawing.svg(drawing.without_links(figure[room])) for room in figure_html.ROOMS}
    html = figure_html.figure_html(figure, drawn, "fig-linear")
    return {"cells": [
        {"cell_type": "markdown", "source": "Text."},
        {"cell_type": "code", "source": "report.figure('linear')", "outputs": [
            {"data": {"text/html": html, "text/plain": figure["alt"]}}]},
        {"cell_type": "code", "source": "report.table('fits')", "outputs": [
            {"data": {"text/html": "<table></table>", "text/plain": "a table"}}]},
    ]}


def test_a_figure_becomes_one_drawing_in_colours(study: Study) -> None:
    data = takeaway.portable(notebook(study))["cells"][1]["outputs"][0]["data"]
    assert set(data) == {"image/svg+xml", "text/plain"}
    assert data["image/svg+xml"].startswith("<svg ")
    assert "var(--" not in data["image/svg+xml"]
    assert palette.TREND in data["image/svg+xml"]


def test_everything_else_stays(study: Study) -> None:
    before = notebook(study)
    after = takeaway.portable(before)
    assert after["cells"][0] == before["cells"][0]
    assert after["cells"][2] == before["cells"][2]


def test_the_notebooks_of_a_site_are_rewritten_in_place(study: Study, tmp_path: Path) -> None:
    path = tmp_path / takeaway.SOURCES / "systems" / "x.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook(study)), encoding="utf-8")
    takeaway.write_portable(tmp_path)
    assert "chart-spec" not in path.read_text(encoding="utf-8")
