"""A chapter as a notebook: its parameters, its numbers, and what is refused before it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from aicompute.assumptions import Assumptions
from aicompute.book.notebook import chapter_notebook, plain
from aicompute.book.pages import Page
from aicompute.errors import PageError

HEAD = "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n---\n\n"
PARAMETERS = "```{code-cell}\n:tags: [parameters]\ngpu_utilization = 0.33\n```\n"


def page(tmp_path: Path, text: str, **parameters: str) -> Page:
    """A page made from one chapter with the given text."""
    chapter = tmp_path / "chapter.md"
    chapter.write_text(HEAD + text, encoding="utf-8")
    return Page("chapter", chapter, parameters, {"system_name": "A*B <script>"})


def test_the_parameters_cell_gets_every_assumption(tmp_path: Path) -> None:
    notebook = chapter_notebook(page(tmp_path, PARAMETERS))
    namespace: dict[str, object] = {}
    exec(notebook.cells[0].source, namespace)
    assert set(Assumptions.model_fields) <= set(namespace)


def test_the_numbers_of_the_text_are_worked_out_in_the_last_cell(tmp_path: Path) -> None:
    text = PARAMETERS + "\nIt is {number}`moore.factor` and {number}`moore.factor:value`.\n"
    notebook = chapter_notebook(page(tmp_path, text))
    assert notebook.cells[-1].source == "report.numbers(['moore.factor', 'moore.factor:value'])"


def test_a_pages_own_words_stand_in_the_text_as_plain_text(tmp_path: Path) -> None:
    notebook = chapter_notebook(page(tmp_path, "# {system_name}\n\n" + PARAMETERS))
    assert notebook.cells[0].source == "# A&#42;B &#60;script&#62;"


def test_cell_names_depend_on_their_place_alone(tmp_path: Path) -> None:
    one, other = (chapter_notebook(page(tmp_path, PARAMETERS)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("gpu_utilisation = 0.33", "gpu_utilisation: unknown"),
        ("gpu_utilization = 0.5", "must stand at its default, 0.33"),
        ("gpu_utilization = '0.33'", "must stand at its default, 0.33"),
        ("gpu_utilization = 0.3 + 0.03", "only lines name = literal are allowed"),
        ("import os", "only lines name = literal are allowed"),
        ("gpu_utilization = ", "only lines name = literal are allowed"),
    ],
)
def test_a_wrong_parameters_cell_is_refused(tmp_path: Path, cell: str, message: str) -> None:
    text = f"```{{code-cell}}\n:tags: [parameters]\n{cell}\n```\n"
    with pytest.raises(PageError, match=f"chapters/chapter.md: parameters cell: .*{message}"):
        chapter_notebook(page(tmp_path, text))


def test_a_chapter_without_parameters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="first code cell must carry the tag parameters"):
        chapter_notebook(page(tmp_path, "```{code-cell}\n1\n```\n"))


def test_a_templates_parameter_must_stand_in_its_cell(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="parameters cell: system_id is missing"):
        chapter_notebook(page(tmp_path, PARAMETERS, system_id="alexnet"))


def test_a_chapter_whose_header_lacks_jupytext_is_refused(tmp_path: Path) -> None:
    # Jupyter Book would show such a chapter without running it, and only warn.
    chapter = tmp_path / "chapter.md"
    chapter.write_text("# Title\n\n" + PARAMETERS, encoding="utf-8")
    with pytest.raises(PageError, match="chapter.md:1: the header lacks jupytext"):
        chapter_notebook(Page("chapter", chapter))


def test_a_number_that_is_not_closed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="not closed"):
        chapter_notebook(page(tmp_path, PARAMETERS + "\n{number}`moore.factor\n"))


@pytest.mark.parametrize(
    "text", ["<b>", "`code`", "*x*", "[a](b)", "{role}`x`", "$x$", "a\\b", "|"]
)
def test_plain_text_holds_no_mark_of_markdown(text: str) -> None:
    assert not set("<>`*[]{}$\\|") & set(plain(text))
