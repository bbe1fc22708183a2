"""Writes every page as a notebook that runs outside the build: under papermill, or in Jupyter."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from aicompute.assumptions import Assumptions, as_json, describe
from aicompute.book.notebook import chapter_notebook
from aicompute.book.order import ROOT
from aicompute.book.pages import Page, read_contents
from aicompute.dataset import DATA, open_dataset
from aicompute.errors import PageError
from aicompute.files import write_text
from aicompute.study import Study


def export_notebooks(output: Path, data: Path = DATA, root: Path = ROOT) -> list[Path]:
    """Write the notebook of every page of the book.

    Parameters
    ----------
    output
        Folder to write to; a page ``systems/alexnet`` becomes ``systems/alexnet.ipynb`` in it.
    data
        Folder of tables, which decides which systems have a page.

    Returns
    -------
    list of Path
        The notebooks, in the book's order.

    Raises
    ------
    PageError
        If a chapter is no notebook or its parameters cell is wrong.
    """
    study = Study(open_dataset(data), Assumptions())
    paths = []
    for page in read_contents(root, study).pages:
        path = output / f"{page.name}.ipynb"
        write_text(path, nbformat.writes(exported_notebook(page)) + "\n")
        paths.append(path)
    return paths


def exported_notebook(page: Page) -> NotebookNode:
    """One page's notebook, its parameters cell with the page's own parameters, types and meanings.

    ``papermill --help-notebook`` reads the types and the meanings there.
    """
    notebook = chapter_notebook(page)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    for name, value in page.parameters.items():
        cell.source, count = _line_of(name).subn(f"{name}: str = {value!r}", cell.source, count=1)
        if count != 1:
            raise PageError(f"chapters/{page.chapter.name}: parameters cell: {name} is missing")
    for name in Assumptions.model_fields:
        cell.source = _line_of(name).sub(_typed, cell.source, count=1)
    return notebook


def parameter_line(name: str) -> str:
    """One assumption as a line of a parameters cell, at its default.

    Examples
    --------
    >>> parameter_line("days_per_month").split("  # ")[0]
    'days_per_month: float = 30.4375'
    """
    default, facts = as_json(Assumptions.model_fields[name].default), describe(name)
    allowed = " ".join(part for part in (facts["type"], facts["range"]) if part)
    if isinstance(default, list):
        # What papermill takes after -p is a text; in brackets it would be one name with brackets.
        allowed += f" (papermill -p {name} dqn,alexnet)"
    # Papermill cannot read a line with a second equals sign.
    meaning = f"{facts['meaning'].rstrip('.')}: {allowed}".replace("=", "is")
    return f"{name}: {type(default).__name__} = {default!r}  # {meaning}"


def _typed(line: re.Match[str]) -> str:
    return parameter_line(line[1])


def _line_of(name: str) -> re.Pattern[str]:
    """The line that sets a parameter."""
    return re.compile(rf"^({name})\b[^=\n]*=.*$", re.MULTILINE)
