"""Writes every page as a notebook that runs outside the build: under papermill, or in Jupyter."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from aicompute.assumptions import Assumptions
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
    """One page's notebook with the page's own parameters in its parameters cell."""
    notebook = chapter_notebook(page)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    for name, value in page.parameters.items():
        line = re.compile(rf"^{name}\b[^=\n]*=.*$", re.MULTILINE)
        cell.source, count = line.subn(f"{name} = {value!r}", cell.source, count=1)
        if count != 1:
            raise PageError(f"chapters/{page.chapter.name}: parameters cell: {name} is missing")
    return notebook
