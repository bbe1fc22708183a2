"""The executed notebook of a page as a reader takes it away: to be opened anywhere.

A figure of a page is made of parts that only the page's style sheet and scripts can show. In the
notebook that the page offers it is one drawing, which every program for notebooks can.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from aicompute import palette

#: Where Sphinx puts the source of each page.
SOURCES = "_sources"
_DRAWING = re.compile(r'<div class="chart-wide">(<svg .*?</svg>)</div>', re.DOTALL)


def write_portable(site: Path) -> None:
    """Make the notebooks that the pages of a site offer portable, in place."""
    for path in sorted((site / SOURCES).rglob("*.ipynb")):
        notebook = portable(json.loads(path.read_text(encoding="utf-8")))
        text = json.dumps(notebook, ensure_ascii=False, sort_keys=True, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def portable(notebook: dict[str, Any]) -> dict[str, Any]:
    """A staged notebook with every figure as a drawing in the light colours."""
    cells = [{**cell, "outputs": [_portable(output) for output in cell["outputs"]]}
             if "outputs" in cell else cell for cell in notebook["cells"]]
    return {**notebook, "cells": cells}


def _portable(output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data", {})
    drawn = _DRAWING.search("".join(data.get("text/html", "")))
    if drawn is None:
        return output
    svg = palette.with_colours(drawn[1]).replace(' aria-hidden="true" focusable="false"', "", 1)
    return {**output, "data": {"image/svg+xml": svg, "text/plain": data["text/plain"]}}
