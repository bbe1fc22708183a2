"""The Sphinx extension of the book: formulas as MathML, and Vega only where a chart stands.

Nothing here asks another host for anything, so that the book reads the same offline.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pybtex.plugin
from docutils import nodes
from latex2mathml.converter import convert
from pybtex.backends.plaintext import Backend as PlainText
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

from aicompute.book import (
    cited_number,
    guard,
    navigation,
    reference_style,
    table_caption,
    takeaway,
    terms,
    unbroken,
)
from aicompute.book.card import FILE as CARD

#: Vega, Vega-Lite and the embedding code in one file, which the build puts there.
VEGA = "vega.js"
LIVE = "what_if.js"
#: Longest description of a page for search engines and shared links, characters.
_DESCRIPTION = 200
_ANSWER = re.compile(r'<p class="answer">(.*?)</p>', re.DOTALL)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what the book adds to Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("config-inited", _load_by_need)
    guard.connect(app)
    navigation.connect(app)
    terms.connect(app)
    table_caption.connect(app)
    cited_number.connect(app)
    reference_style.register()
    app.add_search_language(_English)
    # Unless it is told, it searches all that is installed for every single citation.
    pybtex.plugin.register_plugin("pybtex.backends", "plaintext", PlainText, force=True)
    app.add_css_file("book.css", priority=900)
    app.add_js_file("book.js", priority=400)
    app.connect("html-page-context", _charts_only_where_needed)
    app.connect("html-page-context", _describe)
    unbroken.connect(app)
    app.connect("build-finished", _make_portable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


class _English(SearchEnglish):
    """The search index's English, which finds the stem of a word once in the whole book."""

    def init(self, options: dict[str, str]) -> None:
        """Set up the stemmer."""
        super().init(options)
        self.stem = lru_cache(maxsize=None)(super().stem)  # type: ignore[method-assign]


def _load_by_need(app: Sphinx, config: Any) -> None:
    """Take back the style sheets and scripts that jupyter-book puts on every page."""
    del app
    own = {"book.css", "book.js", LIVE}
    for name in ("html_css_files", "html_js_files"):
        setattr(config, name, [file for file in getattr(config, name) if file not in own])


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
    # Sphinx calls the bibliography a list, but its entries are no items of one.
    body = context.get("body", "").replace('<div role="list" class="citation-list">',
                                           '<div class="citation-list">')
    if body:
        context["body"] = body
    if 'class="chart-spec"' in body:
        app.add_js_file(VEGA, loading_method="defer", priority=600)
    if 'id="live-data"' in body:
        app.add_js_file(LIVE, loading_method="defer", priority=700)


def _describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give a page its description and its card, from its own first paragraph."""
    del templatename
    if doctree is None:
        return
    title = html.unescape(nodes.Text(context.get("title", "")).astext())
    properties = {
        "og:title": _plain_title(title), "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:description": _answer(context) or _first_words(doctree) or app.config.html_title,
        "og:image": _address(app, context, f"_downloads/{CARD}"),
        "og:image:alt": "Training compute over time, with the fitted line",
    }
    if app.config.html_baseurl:
        properties["og:url"] = _address(app, context, f"{pagename}.html")
    described = html.escape(properties["og:description"])
    tags = [f'<meta name="description" content="{described}" />',
            '<meta name="twitter:card" content="summary_large_image" />']
    tags += [f'<meta property="{name}" content="{html.escape(value)}" />'
             for name, value in properties.items()]
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(tags)


def _address(app: Sphinx, context: dict[str, Any], path: str) -> str:
    """An address others can open where the book's own is known, else a path from the page."""
    base = str(app.config.html_baseurl or "")
    return f"{base.rstrip('/')}/{path}" if base else str(context["pathto"](path, 1))


def _plain_title(title: str) -> str:
    return " ".join(part.partition(">")[2] if ">" in part else part for part in title.split("<"))


def _answer(context: dict[str, Any]) -> str:
    """The sentence with which a page of a system answers its question."""
    found = _ANSWER.search(context.get("body", ""))
    return _cut(html.unescape(_plain_title(found[1]))) if found else ""


def _first_words(doctree: nodes.document) -> str:
    """The first paragraph of the text, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            # A number is raw HTML: its text stands between the tags.
            return _cut(" ".join(_plain_title(_text(paragraph)).split()))
    return ""


def _cut(text: str) -> str:
    if len(text) <= _DESCRIPTION:
        return text
    return text[:_DESCRIPTION].rsplit(" ", 1)[0] + "…"


def _text(node: nodes.Node) -> str:
    return "".join(part.astext() for part in node.findall(nodes.Text))


def _make_portable(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        takeaway.write_portable(Path(app.outdir))
