"""Every assumption at either end of what is allowed: each page can be made, and says a number."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from aicompute.assumption_model import LEAST_DOUBLING_YEARS, LEAST_UTILIZATION
from aicompute.assumptions import Assumptions, parse_assumptions
from aicompute.book.notebook import chapter_notebook
from aicompute.book.pages import read_contents
from aicompute.dataset import DATA
from aicompute.report import Report
from aicompute.results import results_document
from aicompute.study import fitting_study

ROOT = Path(__file__).resolve().parent.parent
#: The most draws there can be take minutes; they are neither small nor large for any formula.
FEW_DRAWS = {"samples": 100}


def at_end(end: str) -> dict[str, Any]:
    """Every numeric assumption at its least or its largest value."""
    limits = Assumptions.model_json_schema()["properties"]
    ends = {name: limits[name][end] for name in limits if end in limits[name]}
    assert {"gpu_utilization", "run_days", "confidence", "samples"} <= set(ends)
    return {**ends, **FEW_DRAWS}


EXTREMES = {
    "least": {**at_end("minimum"), "values": "recounted"},
    "most": {**at_end("maximum"), "values": "published"},
    "slow chips, the most else": {
        **at_end("maximum"), "values": "recounted", "gpu_utilization": LEAST_UTILIZATION,
        "gpu_utilization_low": LEAST_UTILIZATION, "price_doubling_years": LEAST_DOUBLING_YEARS},
}


@pytest.mark.slow
@pytest.mark.parametrize("extreme", EXTREMES)
def test_every_page_can_be_made_where_assumptions_are_at_their_ends(extreme: str) -> None:
    study = fitting_study(DATA, parse_assumptions(EXTREMES[extreme]))
    json.dumps(results_document(study), allow_nan=False)
    report = Report(study)
    for page in read_contents(ROOT, study).pages:
        names = {"open_report": lambda _, report=report: report, **page.parameters}
        for cell in chapter_notebook(page).cells:
            if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
                show(cell.source, names)


def show(source: str, names: dict[str, Any]) -> None:
    """Run a cell, and show its last line as a notebook does."""
    *lines, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([*lines, last], []), "cell", "exec"), names)
        return
    exec(compile(ast.Module(lines, []), "cell", "exec"), names)
    shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    text = shown._repr_html_() if hasattr(shown, "_repr_html_") else json.dumps(
        shown._repr_mimebundle_())
    assert not re.search(r"\b(nan|inf) ", text)
