"""Every statement of the Chinese report has its place in the book: tests/coverage.csv.

Its lines are those of the text that the book began with, blank ones between; the text is not here.
"""

import csv
import re
from functools import cache

from conftest import ROOT

from aicompute.cells import CELL, HEADING, anchor
from aicompute.tables import table

LISTED = (ROOT / "tests" / "coverage.csv").read_text(encoding="utf-8")
STATEMENTS = list(csv.DictReader(LISTED.splitlines()))
#: The lines that carry text: every other one of 167.
WITH_TEXT = set(range(1, 168, 2))


@cache
def anchors(page: str) -> set[str]:
    """What a link to a page of the book can end in."""
    text = CELL.sub("", (ROOT / "chapters" / f"{page}.md").read_text(encoding="utf-8"))
    labels = re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)
    return {"", *labels, *(anchor(match["title"]) for match in HEADING.finditer(text))}


def has_place(target: str) -> bool:
    """Whether the book has this page, and the page this section."""
    page, _, section = target.partition("#")
    return (ROOT / "chapters" / f"{page}.md").is_file() and section in anchors(page)


def test_every_line_of_the_source_is_covered_by_a_statement() -> None:
    spans = [list(map(int, row["lines"].split("-"))) for row in STATEMENTS]
    covered = {line for span in spans for line in range(span[0], span[-1] + 1)}
    assert WITH_TEXT - covered == set()


def test_every_statement_of_the_source_has_its_place() -> None:
    claims = {"", *table("claims")["claim_id"]}
    assert [row["number"] for row in STATEMENTS if not (
        row["says"] and has_place(row["treated"]) and row["claim_id"] in claims)] == []


def test_every_voice_has_its_place() -> None:
    places = table("voices")["treated"].dropna()
    assert [place for place in places if not has_place(place)] == []


def test_a_place_that_is_none_is_found() -> None:
    assert not has_place("nowhere")
    assert not has_place("debate#nowhere")
