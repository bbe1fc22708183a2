"""Exported notebooks read and run by themselves: in a kernel of their own, without the build."""

import json
import re
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from conftest import ROOT, edit, numbers_under

from aicompute.book.contents import Page
from aicompute.errors import CallError
from aicompute.export import exported_notebook, heading
from aicompute.showing import FIGURE_MIME
from aicompute.tables import DATA

CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.md"))
WORDS = {"system_id": "googlenet", "system_name": "GoogLeNet", "system_label": "googlenet"}


def exported(name: str, data: Path = DATA) -> nbformat.NotebookNode:
    """A chapter's notebook, with the baseline's numbers."""
    chapter = ROOT / "chapters" / f"{name}.md"
    page = Page(name, chapter)
    if name == "system":
        page = Page("systems/googlenet", chapter, {"system_id": "googlenet"}, WORDS)
    return exported_notebook(page, numbers_under(), data)


def text(name: str) -> str:
    return "\n\n".join(c.source for c in exported(name).cells if c.cell_type == "markdown")


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_text_has_no_role_or_directive_that_a_notebook_shows_raw(name: str) -> None:
    prose = re.sub(r"(?s)```.*?```|``.*?``", "", text(name))
    raw = r"\{[a-z:]+\}`[^`]*`|^:::.*$|^\([\w-]+\)=|[(\"]page:"
    assert re.findall(raw, prose, flags=re.MULTILINE) == []


def test_the_text_has_its_numbers_citations_and_links() -> None:
    assert "3.4 months" in text("trend")
    assert re.search(r"\[Amodei and Hernandez 2018\]\(https?://", text("trend"))
    assert "](../counting.ipynb)" in text("system")


def test_papermill_reads_the_parameters_with_types_and_meanings(tmp_path: Path) -> None:
    nbformat.write(exported("trend"), tmp_path / "trend.ipynb")
    found = papermill.inspect_notebook(tmp_path / "trend.ipynb")
    assert found["confidence"]["inferred_type_name"] == "float"
    assert "0.5 to 0.999" in found["confidence"]["help"]


@pytest.mark.slow
def test_a_notebook_runs_under_an_altered_assumption_on_the_tables_it_was_exported_for(
    tmp_path: Path, data: Path
) -> None:
    edit(data / "systems.csv", "alexnet,AlexNet,", "alexnet,AlexNet of 2012,")
    path = tmp_path / "trend.ipynb"
    nbformat.write(exported("trend", data), path)
    done = papermill.execute_notebook(path, None, {"values": "recounted"}, progress_bar=False)
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    printed = json.dumps(outputs, ensure_ascii=False)
    assert "trend.published.doubling_time_months" in printed
    assert "AlexNet of 2012" in printed
    assert FIGURE_MIME not in printed
    # A chart is Altair's own display, with a picture in its place where nothing is loaded.
    shown = [output["data"].get("text/html", "") for output in outputs if "data" in output]
    charts = [chart for chart in shown if "vegaEmbed" in chart]
    assert charts
    assert all("<svg" in chart for chart in charts)
    places = re.findall(r'id="(altair-viz-\w+)"', "".join(charts))
    assert len(set(places)) == len(charts)  # two charts of one page, each in its place
    # A cell that failed would have ended the run; the fold says what was altered.
    assert 'values = "recounted"' in "\n".join(cell.source for cell in done.cells)


@pytest.mark.slow
def test_where_the_package_is_missing_the_first_cell_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    first = next(cell for cell in exported("trend").cells if cell.cell_type == "code")
    monkeypatch.setitem(sys.modules, "aicompute", None)
    with pytest.raises(SystemExit, match="pip install"):
        exec(first.source, {})


def test_the_heading_of_a_systems_notebook_follows_its_parameter() -> None:
    # The heading once said AlexNet above the numbers of VGG.
    assert "Markdown(heading(system_id, 'googlenet'))" in [
        cell.source.splitlines()[-1] for cell in exported("system").cells]
    assert heading("googlenet", "googlenet") == ""
    assert heading("vgg", "googlenet").startswith("# VGG\n")
    with pytest.raises(CallError, match=r"system gpt_33: unknown; did you mean"):
        heading("gpt_33", "googlenet")
