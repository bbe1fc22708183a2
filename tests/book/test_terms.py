"""Terms of the glossary: linked where a page first uses them, and nowhere else."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.utils import new_document

from aicompute.book import terms

KNOWN = {
    "term-chip-time": ("chip time", "Chips times time."),
    "term-epoch": ("epoch", "One pass over all examples."),
    "term-FLOP": ("FLOP", "One operation."),
    "term-range": ("range", "Low and high end."),
}


def linked(*children: nodes.Node) -> list[str]:
    """What is linked in a paragraph of a page, in its order."""
    page = new_document("page")
    section = nodes.section()
    paragraph = nodes.paragraph("", "", *children)
    section += paragraph
    page += section
    before = paragraph.astext()
    terms.first_uses(page, KNOWN, "../glossary.html")
    assert paragraph.astext() == before  # no word is lost or moved
    return [f"{link.astext()} -> {link['refuri']}" for link in page.findall(nodes.reference)]


def test_the_first_use_of_a_term_leads_to_the_glossary() -> None:
    assert linked(nodes.Text("An epoch, then another epoch; chip time last.")) == [
        "epoch -> ../glossary.html#term-epoch", "chip time -> ../glossary.html#term-chip-time"]


def test_a_term_is_known_in_the_plural_and_at_the_start_of_a_sentence() -> None:
    assert linked(nodes.Text("Epochs are many. Chip time is short.")) == [
        "Epochs -> ../glossary.html#term-epoch", "Chip time -> ../glossary.html#term-chip-time"]


@pytest.mark.parametrize("words", [
    "Epoch AI counts too.",  # a name
    "The epochal paper.",  # a longer word
    "A rate of 5 TFLOP/s.",  # a unit
    "The range is wide.",  # a word of every day
])
def test_what_only_looks_like_a_term_stays_plain(words: str) -> None:
    assert linked(nodes.Text(words)) == []


def test_a_link_within_a_link_is_never_made() -> None:
    # A number of the text is raw HTML about its words: <a ...>90 epochs</a>.
    number = [nodes.raw("", '<a class="number" href="x">', format="html"),
              nodes.Text("90 epochs"), nodes.raw("", "</a>", format="html")]
    assert linked(*number) == []
    assert linked(*number, nodes.Text(" make an epoch.")) == [
        "epoch -> ../glossary.html#term-epoch"]


def test_a_link_tells_the_meaning_to_who_points_at_it() -> None:
    page = new_document("page")
    section = nodes.section("", nodes.paragraph("", "", nodes.Text("One epoch.")))
    page += section
    terms.first_uses(page, KNOWN, "glossary.html")
    assert next(page.findall(nodes.reference))["reftitle"] == "One pass over all examples."
