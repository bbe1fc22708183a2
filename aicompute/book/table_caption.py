"""Numbers the tables of the book as Sphinx numbers its figures, and lets the text cite them.

A table of the package is HTML, in which Sphinx sees no table. Its caption is taken out of the HTML
and put back as a node of its own, which Sphinx then numbers, links and finds by name like the
caption of a table in the text: ``{numref}`tab-eras```.

Every table of a page has a number and a caption, the list of the systems and the columns of the
data too, for a reader may want to speak of any of them. The rows folded under a chart have none:
they are the figure's, and it has a number.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from aicompute.tables import CITED

#: As `tables.HtmlTable` writes it.
_CAPTION = re.compile(rf'<caption id="({CITED}[\w-]+)">(.*?)</caption>', re.DOTALL)


class TableCaption(nodes.Part, nodes.TextElement):  # type: ignore[misc]
    """The caption of a table that is HTML before it and after it."""


class _FindCaptions(SphinxTransform):
    """Cut a page's HTML at the captions of its tables, before Sphinx collects what has a name."""

    default_priority = 840  # its domains collect at 850

    def apply(self, **kwargs: Any) -> None:
        """Replace every piece of HTML that holds such captions."""
        del kwargs
        for raw in list(self.document.findall(nodes.raw)):
            if _CAPTION.search(raw.astext()):
                raw.parent.replace(raw, list(self._cut(raw)))

    def _cut(self, raw: nodes.raw) -> Iterator[nodes.Node]:
        # Each piece of HTML with classes would be given a box of its own, and cut the table.
        box = f'<div class="{" ".join(raw["classes"])}">', "</div>\n"
        text, end = raw.astext(), 0
        yield _html(box[0])
        for found in _CAPTION.finditer(text):
            yield _html(text[end:found.start()])
            yield self._caption(found[1], html.unescape(found[2]))
            end = found.end()
        yield _html(text[end:] + box[1])

    def _caption(self, name: str, words: str) -> TableCaption:
        caption = TableCaption(words, words, ids=[name], names=[name])
        self.document.note_explicit_target(caption)
        return caption


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def connect(app: Sphinx) -> None:
    """Have the captions found, numbered and shown."""
    app.add_enumerable_node(TableCaption, "table", _words, html=(_open, _close))
    app.add_transform(_FindCaptions)


def _words(node: nodes.Node) -> str:
    return node.astext()


def _open(translator: Any, node: TableCaption) -> None:
    translator.body.append(translator.starttag(node, "caption", ""))
    translator.add_fignumber(node)
    translator.body.append('<span class="caption-text">')


def _close(translator: Any, node: TableCaption) -> None:
    translator.body.append("</span>")
    translator.add_permalink_ref(node, "Link to this table")
    translator.body.append("</caption>\n")
