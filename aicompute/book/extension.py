"""The Sphinx extension of the book: formulas as MathML, terms of the glossary, what a page needs.

Nothing here asks another host for anything, so that the book reads the same offline.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pybtex.plugin
import sphinx.search
from docutils import nodes
from latex2mathml.converter import convert
from pybtex.backends.plaintext import Backend as PlainText
from sphinx.application import Sphinx
from sphinx.search import IndexBuilder
from sphinx.search.en import SearchEnglish

from aicompute.book.site import CARD, FIGURE_CLASS, VEGA, VERSION
from aicompute.places import CHINESE, FOLDER, TEMPLATE

GLOSSARY = "glossary"
#: Words of everyday language: a link at each would only disturb.
EVERYDAY = {"basis", "chip", "interval", "published, replicated, recounted", "range", "rating",
            "system"}
#: What nobody reads word by word, and how many words are read in a minute.
_ASIDE = re.compile(r"<(script|table|pre|details|math)\b.*?</\1>", re.DOTALL)
PACE = 230
#: Longest description of a page for search engines and shared links, characters.
_DESCRIPTION = 200


class _Index(IndexBuilder):
    """Sphinx's search index, with titles that a page can show and without words that are gone."""

    def feed(self, docname: str, filename: str, title: str, doctree: nodes.document) -> None:
        """Take in a page; Sphinx leaves markup in the titles of sections and tables."""
        super().feed(docname, filename, title, doctree)
        self._all_titles[docname] = [
            (html.escape(_plain_text(title)), (title.parent["ids"] or [None])[0])
            for title in doctree.findall(nodes.title)]

    def prune(self, docnames: Iterable[str]) -> None:
        """Forget all pages but these; Sphinx keeps the words that they alone had."""
        super().prune(docnames)
        for pages_of in (self._mapping, self._title_mapping):
            for word in [word for word, pages in pages_of.items() if not pages]:
                del pages_of[word]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what the book adds to Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    # Unless it is told, it searches all that is installed for every single citation.
    pybtex.plugin.register_plugin("pybtex.backends", "plaintext", PlainText, force=True)
    # A word's stem is found once in the whole book, not once a use.
    SearchEnglish.stem = cache(SearchEnglish.stem)  # type: ignore[method-assign]
    sphinx.search.IndexBuilder = _Index  # type: ignore[misc]
    app.connect("builder-inited", _allow_two_at_once)
    app.connect("doctree-read", _name_sections)
    app.connect("env-get-updated", _pages_to_write, priority=900)
    app.connect("doctree-resolved", _link_terms)
    app.connect("html-page-context", _page, priority=900)
    app.connect("build-finished", _write_sitemap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _allow_two_at_once(app: Sphinx) -> None:
    """Vouch for the extensions of jupyter-book that do not say whether pages may be read apart."""
    for extension in app.extensions.values():
        extension.parallel_read_safe = extension.parallel_write_safe = True


def _pages_to_write(app: Sphinx, env: Any) -> list[str]:
    """All pages where what they show of each other has changed: titles, anchors, terms."""
    shared = [
        *((name, toc.pformat()) for name, toc in sorted(env.tocs.items())),
        sorted(env.toc_fignumbers.items()),
        *(sorted(env.domaindata["std"][part].items()) for part in ("anonlabels", "labels")),
        [cited.key for cited in env.domaindata["cite"]["citations"]],
        GLOSSARY in env.all_docs and list(read_terms(env.get_doctree(GLOSSARY)).items()),
    ]
    before, env.aicompute_shared = getattr(env, "aicompute_shared", None), repr(shared)
    # Sphinx forgets the index entries of a page that it does not write.
    indexed = [name for name, own in env.domaindata["index"]["entries"].items() if own]
    return sorted(env.found_docs) if env.aicompute_shared != before else indexed


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
        if section.get("slug", "") not in ["", *section["ids"]]:
            section["ids"].append(section["slug"])


def _page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give a page Vega where a chart stands, its notebook, and its description."""
    del templatename
    context["theme_extra_footer"] = f"Version: {VERSION}."
    if "pagetitle" in context:  # the theme puts its bare text over a printed page
        context["pagetitle"] = html.escape(context["pagetitle"])
    if doctree is None:
        return
    # Sphinx calls the bibliography a list, but its entries are no items of one.
    context["body"] = context["body"].replace('<div role="list" class="citation-list">',
                                              '<div class="citation-list">')
    if FIGURE_CLASS in context["body"]:
        app.add_js_file(VEGA, loading_method="defer", priority=600)
    context["body"] = _with_files(context["body"], pagename, context["pathto"])
    facts = {"description": _first_words(doctree), "og:type": "article",
             "og:title": _without_tags(html.unescape(context["title"])),
             "og:description": _first_words(doctree), "twitter:card": "summary_large_image",
             "og:image": context["pathto"](f"_downloads/{CARD}", 1)}
    context["metatags"] = context.get("metatags", "") + "".join(
        f'\n<meta {"property" if name.startswith("og:") else "name"}="{name}" '
        f'content="{html.escape(value)}" />' for name, value in facts.items())


def _with_files(body: str, pagename: str, path: Callable[[str, int], str]) -> str:
    """A page's body with its source and its notebook to take away beside the title."""
    chapter = TEMPLATE if pagename.startswith(f"{FOLDER}/") else pagename
    files = {"Source": f"source/{chapter}.md", "Notebook": f"notebooks/{pagename}.ipynb"}
    links = "".join(f'<a href="{path(f"_downloads/{file}", 1)}" download>{name}</a>'
                    for name, file in files.items())
    if not pagename.endswith(CHINESE):
        read = len(_without_tags(_ASIDE.sub(" ", body)).split())
        links = f'<span data-words="{read}">{max(1, round(read / PACE))} min read</span>{links}'
    body = re.sub("<h1>.*?</h1>", rf'<div class="title-row">\g<0><p>{links}</p></div>', body,
                  count=1, flags=re.DOTALL)
    return f'<div lang="zh-Hans">{body}</div>' if pagename.endswith(CHINESE) else body


def _write_sitemap(app: Sphinx, exception: Exception | None) -> None:
    """List every page for search engines, where it is known what address the book has."""
    base = app.config.html_baseurl
    if base and exception is None:
        pages = "".join(f"<url><loc>{html.escape(base.rstrip('/'))}/{name}.html</loc></url>\n"
                        for name in sorted(app.env.found_docs))
        (Path(app.outdir) / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/'
            f'schemas/sitemap/0.9">\n{pages}</urlset>\n', encoding="utf-8")


def _first_words(doctree: nodes.document) -> str:
    """The first paragraph of the text, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section | nodes.admonition):
            text = _plain_text(paragraph)
            return text if len(text) < _DESCRIPTION else text[:_DESCRIPTION].rsplit(" ", 1)[0] + "…"
    return ""


def _plain_text(node: nodes.Element) -> str:
    """What a reader sees of it; of a number, which is raw HTML, the text between its tags."""
    texts = (part for part in node.findall(nodes.Text) if not isinstance(part.parent, nodes.raw))
    return " ".join("".join(texts).split())


def _without_tags(text: str) -> str:
    return " ".join(re.sub(r"<[^<>]*>", " ", text).split())


def _link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the first use of each term of the glossary in the running text of a page."""
    if GLOSSARY not in app.env.all_docs or docname == GLOSSARY:
        return
    if not hasattr(app, "aicompute_terms"):
        glossary = app.env.get_doctree(GLOSSARY)
        app.aicompute_terms = read_terms(glossary)  # type: ignore[attr-defined]
    address = app.builder.get_relative_uri(docname, GLOSSARY)
    texts = list(_running_text(doctree))
    for anchor, (pattern, meaning) in app.aicompute_terms.items():  # type: ignore[attr-defined]
        for place, text in enumerate(texts):
            if use := pattern.search(text):
                link = nodes.reference("", use[0], refuri=f"{address}#{anchor}", internal=True,
                                       reftitle=meaning, classes=["term"])
                around = nodes.Text(text[:use.start()]), nodes.Text(text[use.end():])
                text.parent.replace(text, [around[0], link, around[1]])
                texts[place:place + 1] = around
                break


def read_terms(glossary: nodes.document) -> dict[str, tuple[re.Pattern[str], str]]:
    """Anchor of every term to what finds it in a text and its meaning; the longest terms first."""
    terms = [term for term in glossary.findall(nodes.term) if term.astext() not in EVERYDAY]
    return {term["ids"][0]: (_pattern(term.astext()), _meaning(term))
            for term in sorted(terms, key=lambda term: -len(term.astext()))}


def _meaning(term: nodes.term) -> str:
    return _without_tags(term.parent.next_node(nodes.definition).astext())


def _pattern(term: str) -> re.Pattern[str]:
    """The term as a whole word, at the start of a sentence too, one of it or several."""
    first = f"[{term[0].upper()}{term[0].lower()}]" if term[1:2].islower() else re.escape(term[0])
    # Before another capital it is part of a name.
    return re.compile(rf"(?<![\w/-]){first}{re.escape(term[1:])}s?(?![\w/-])(?!\s[A-Z])")


def _running_text(doctree: nodes.document) -> Iterator[nodes.Text]:
    """Text of paragraphs outside tables, and of those outside links, code and emphasis."""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent,
                          nodes.section | nodes.list_item | nodes.admonition):
            continue
        inside = 0
        for part in paragraph.children:
            if isinstance(part, nodes.raw):
                inside += part.astext().startswith("<a ") - part.astext().startswith("</a")
            elif isinstance(part, nodes.Text) and not inside:
                yield part
