"""The Sphinx extension of the book: formulas as MathML, terms of the glossary, what a page needs.

Nothing here asks another host for anything, so that the book reads the same offline.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pybtex.plugin
from docutils import nodes
from latex2mathml.converter import convert
from pybtex.backends.plaintext import Backend as PlainText
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

from aicompute.book.drawing import CARD, VEGA
from aicompute.book.staging import FIGURE_CLASS

LIVE = "what_if.js"
GLOSSARY = "glossary"
#: Words of everyday language: a link at each would only disturb.
EVERYDAY = {"basis", "chip", "interval", "published, replicated, recounted", "range", "rating",
            "system"}
#: Longest description of a page for search engines and shared links, characters.
_DESCRIPTION = 200
_ANCHOR = re.compile(r"<(/?)a\b")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what the book adds to Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.add_search_language(_English)
    # Unless it is told, it searches all that is installed for every single citation.
    pybtex.plugin.register_plugin("pybtex.backends", "plaintext", PlainText, force=True)
    app.add_css_file("book.css", priority=900)
    app.add_js_file("book.js", priority=400)
    app.connect("config-inited", _load_by_need)
    app.connect("doctree-read", _name_sections)
    app.connect("doctree-resolved", _link_terms)
    app.connect("html-page-context", _page, priority=900)
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


def _name_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Give every section the anchor that MyST knows it by, which links from numbers lead to."""
    del app
    for section in doctree.findall(nodes.section):
        slug = section.get("slug")
        if slug and slug not in section["ids"]:
            section["ids"].append(slug)


def _page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give a page the scripts it needs, its notebook, and its description from its own words."""
    del templatename
    # Sphinx calls the bibliography a list, but its entries are no items of one.
    body = context.get("body", "").replace('<div role="list" class="citation-list">',
                                           '<div class="citation-list">')
    if "pagetitle" in context:  # the theme puts its bare text over a printed page
        context["pagetitle"] = html.escape(context["pagetitle"])
    if not body or doctree is None:
        return
    context["body"] = body
    # Sphinx escapes the titles of pages in the search index and forgets those of sections.
    titles = app.builder.indexer._all_titles.get(pagename, [])  # type: ignore[attr-defined]
    titles[:] = [(html.escape(title), anchor) for title, anchor in titles]
    if FIGURE_CLASS in body:
        app.add_js_file(VEGA, loading_method="defer", priority=600)
    if 'id="live-data"' in body:
        app.add_js_file(LIVE, loading_method="defer", priority=700)
    context["header_buttons"].insert(0, {
        "type": "link", "url": context["pathto"](f"_downloads/notebooks/{pagename}.ipynb", 1),
        "text": "Notebook", "tooltip": "Download this page as a notebook", "icon": "",
        "label": "notebook-button",
    })
    context["metatags"] = context.get("metatags", "") + "\n" + _tags(app, context, doctree)


def _tags(app: Sphinx, context: dict[str, Any], doctree: nodes.document) -> str:
    """The description of a page and its card."""
    base = str(app.config.html_baseurl or "")
    card = f"_downloads/{CARD}"
    properties = {
        "og:title": _without_tags(html.unescape(str(context.get("title", "")))),
        "og:type": "article", "og:site_name": app.config.html_title,
        "og:description": _first_words(doctree) or app.config.html_title,
        "og:image": f"{base.rstrip('/')}/{card}" if base else context["pathto"](card, 1),
        "og:image:alt": "Training compute over time, with the fitted line",
    }
    described = html.escape(properties["og:description"])
    tags = [f'<meta name="description" content="{described}" />',
            '<meta name="twitter:card" content="summary_large_image" />']
    return "\n".join(tags + [f'<meta property="{name}" content="{html.escape(value)}" />'
                             for name, value in properties.items()])


def _first_words(doctree: nodes.document) -> str:
    """The first paragraph of the text, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            # A number is raw HTML: its text stands between the tags.
            text = _without_tags("".join(p.astext() for p in paragraph.findall(nodes.Text)))
            cut = text[:_DESCRIPTION].rsplit(" ", 1)[0]
            return text if len(text) <= _DESCRIPTION else f"{cut}…"
    return ""


def _without_tags(text: str) -> str:
    return " ".join(re.sub(r"<[^<>]*>", " ", text).split())


def _link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the first use of each term of the glossary in the running text of a page."""
    if GLOSSARY not in app.env.all_docs or docname == GLOSSARY:
        return
    known = getattr(app, "aicompute_terms", None)
    if known is None:
        known = read_terms(app.env.get_doctree(GLOSSARY))
        app.aicompute_terms = known  # type: ignore[attr-defined]
    address = app.builder.get_relative_uri(docname, GLOSSARY)
    left = dict(known)
    for text in list(_running_text(doctree)):
        uses = sorted((found.start(), found, name) for name, (pattern, _) in left.items()
                      if (found := pattern.search(text)))
        parts: list[nodes.Node] = []
        done = 0
        for start, found, name in uses:
            if start < done:
                continue  # inside a longer term; a later use will do
            link = nodes.reference("", found[0], refuri=f"{address}#{name}", internal=True,
                                   reftitle=left.pop(name)[1], classes=["term"])
            parts += [nodes.Text(text[done:start]), link]
            done = found.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[done:])])


def read_terms(glossary: nodes.document) -> dict[str, tuple[re.Pattern[str], str]]:
    """Anchor of every term to what finds it in a text, and to its meaning as plain text."""
    found = {}
    for item in glossary.findall(nodes.definition_list_item):
        if not isinstance(item.parent.parent, addnodes.glossary):
            continue
        meaning = " ".join(_without_tags(item.next_node(nodes.definition).astext()).split())
        for term in item.findall(nodes.term):
            if term.astext() not in EVERYDAY:
                found[term["ids"][0]] = _pattern(term.astext()), meaning
    return found


def _pattern(term: str) -> re.Pattern[str]:
    """The term as a whole word, at the start of a sentence too, one of it or several."""
    first, rest = re.escape(term[0]), re.escape(term[1:])
    either = f"[{term[0].upper()}{term[0].lower()}]" if term[1:2].islower() else first
    # Before another capital it is part of a name.
    return re.compile(rf"(?<![\w/-]){either}{rest}s?(?![\w/-])(?!\s[A-Z])")


def _running_text(doctree: nodes.document) -> Iterator[nodes.Text]:
    """Text of paragraphs outside tables, and of those outside links, code and emphasis."""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section | nodes.list_item):
            continue
        inside = 0
        for part in paragraph.children:
            if isinstance(part, nodes.raw):
                inside += sum(-1 if tag[1] else 1 for tag in _ANCHOR.finditer(part.astext()))
            elif isinstance(part, nodes.Text) and not inside:
                yield part
