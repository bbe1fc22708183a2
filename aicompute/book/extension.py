"""The Sphinx extension of the book: formulas as MathML, and Vega only where a chart stands.

Nothing here asks another host for anything, so that the book reads the same offline.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vl_convert
from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

#: Vega, Vega-Lite and the embedding code in one file, out of vl-convert.
VEGA = "vega.js"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what the book adds to Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("html-page-context", _charts_only_where_needed)
    app.connect("build-finished", _write_vega)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _inline(translator: Any, node: nodes.Element) -> None:
    translator.body.append(convert(node.astext(), display="inline"))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.Element) -> None:
    formula = convert(node.astext(), display="block")
    translator.body.append(f'<div class="math-block" tabindex="0">{formula}</div>')
    raise nodes.SkipNode


def _charts_only_where_needed(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    del pagename, templatename, doctree
    if 'class="chart-spec"' in context.get("body", ""):
        app.add_js_file(VEGA, loading_method="defer", priority=600)


def _write_vega(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        bundle = vl_convert.javascript_bundle()
        (Path(app.outdir) / "_static" / VEGA).write_text(bundle, encoding="utf-8")
