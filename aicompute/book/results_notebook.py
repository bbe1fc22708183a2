"""results.json is made as every page is: by a notebook that runs in a kernel of its own.

So it is calculated while the pages are, and again only when what it is made from has changed.
"""

from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from aicompute.book.notebook import METADATA, PARAMETERS_TAG, numbers_cell
from aicompute.errors import BuildError
from aicompute.mime import RESULTS_MIME

#: Its name among the executed notebooks; no page can have it.
NAME = "results.json"


def results_notebook() -> NotebookNode:
    """The notebook, ready to run with the altered assumptions as its parameters."""
    cells = [
        new_code_cell("# Assumptions that differ from the baseline:", id="cell-0",
                      metadata={"tags": [PARAMETERS_TAG]}),
        new_code_cell("from aicompute.report import open_report\n"
                      "report = open_report(globals())\nreport.document()", id="cell-1"),
        numbers_cell([]),
    ]
    return new_notebook(cells=cells, metadata=METADATA)


def results_text(executed: NotebookNode) -> str:
    """The content of results.json.

    Raises
    ------
    BuildError
        If the notebook has none: it was altered since it ran.
    """
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if RESULTS_MIME in output.get("data", {}):
                return str(output["data"][RESULTS_MIME])
    raise BuildError(f"{NAME}: the executed notebook holds none; run again with --force")
