"""Terms of the glossary: where a page first uses one, it leads there and tells its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

GLOSSARY = "glossary"
#: Words of everyday language: a link at each would only disturb.
EVERYDAY = {"basis", "chip", "interval", "published, replicated, recounted", "range", "rating",
            "system"}
#: The list of the first screen, whose links are its numbers.
_KEY_NUMBERS = "key-numbers"
_ANCHOR = re.compile(r"<(/?)a\b")


def connect(app: Sphinx) -> None:
    """Link terms when the pages are resolved."""
    app.connect("doctree-resolved", _link_terms)


def _link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if GLOSSARY not in app.env.all_docs:
        return
    known = _terms(app)
    for link in doctree.findall(nodes.reference):
        _, found, identifier = link.get("refuri", "").partition(f"{GLOSSARY}.html#")
        if found and identifier in known:
            link["reftitle"] = known[identifier][1]
    if docname != GLOSSARY:
        address = app.builder.get_relative_uri(docname, GLOSSARY)
        first_uses(doctree, known, address)


def _terms(app: Sphinx) -> dict[str, tuple[str, str]]:
    """Anchor to term and meaning; read once, for all pages."""
    known: dict[str, tuple[str, str]] | None = getattr(app, "aicompute_terms", None)
    if known is None:
        known = read_terms(app.env.get_doctree(GLOSSARY))
        app.aicompute_terms = known  # type: ignore[attr-defined]
    return known


def read_terms(glossary: nodes.document) -> dict[str, tuple[str, str]]:
    """Anchor of every term to the term and its meaning, as plain text."""
    return {
        identifier: (term.astext(), _plain(item.next_node(nodes.definition)))
        for listed in glossary.findall(addnodes.glossary)
        for item in listed.findall(nodes.definition_list_item)
        for term in item.findall(nodes.term)
        for identifier in term["ids"]
    }


def first_uses(
    doctree: nodes.document, known: dict[str, tuple[str, str]], address: str
) -> None:
    """Link the first use of each term in the running text of a page.

    Parameters
    ----------
    doctree
        The page; changed in place.
    known
        Anchor to term and meaning.
    address
        Of the glossary, from the page.
    """
    wanted = {anchor: (_pattern(term), meaning) for anchor, (term, meaning) in known.items()
              if term not in EVERYDAY}
    for text in list(_running_text(doctree)):
        found = [(match, anchor, meaning) for anchor, (pattern, meaning) in wanted.items()
                 if (match := pattern.search(text))]
        parts: list[nodes.Node] = []
        done = 0
        for match, anchor, meaning in sorted(found, key=lambda use: use[0].start()):
            if match.start() < done:
                continue  # inside a longer term; a later use will do
            parts.append(nodes.Text(text[done:match.start()]))
            parts.append(_link(match[0], f"{address}#{anchor}", meaning))
            done = match.end()
            del wanted[anchor]
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[done:])])


def _pattern(term: str) -> re.Pattern[str]:
    """The term as a whole word, at the start of a sentence too, one of it or several."""
    first, rest = re.escape(term[0]), re.escape(term[1:])
    either = f"[{term[0].upper()}{term[0].lower()}]" if term[1:2].islower() else first
    # Before another capital it is part of a name.
    return re.compile(rf"(?<![\w/-]){either}{rest}s?(?![\w/-])(?!\s[A-Z])")


def _link(words: str, address: str, meaning: str) -> nodes.reference:
    return nodes.reference("", words, refuri=address, reftitle=meaning, internal=True,
                           classes=["term"])


def _running_text(doctree: nodes.document) -> Iterator[nodes.Text]:
    """Text of paragraphs outside tables, and of those outside links, code and emphasis."""
    for paragraph in doctree.findall(nodes.paragraph):
        around = paragraph.parent
        if not isinstance(around, nodes.section | nodes.list_item):
            continue
        if _KEY_NUMBERS in around.get("classes", []) + around.parent.get("classes", []):
            continue
        inside = 0
        for part in paragraph.children:
            if isinstance(part, nodes.raw):
                for tag in _ANCHOR.finditer(part.astext()):
                    inside += -1 if tag[1] else 1
            elif isinstance(part, nodes.Text) and not inside:
                yield part


def _plain(node: nodes.Node) -> str:
    """What is read there: the text of numbers, too, without their tags."""
    words = [part.astext() for part in node.findall(nodes.Text)
             if not isinstance(part.parent, nodes.raw)]
    return " ".join("".join(words).split())
