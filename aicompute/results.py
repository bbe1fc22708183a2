"""Every number of the report as JSON, from the chapters' own cells, without building the book."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from aicompute.assumptions import Assumptions
from aicompute.book.results import document
from aicompute.cells import CHAPTERS, all_numbers
from aicompute.claims import judged, verdicts
from aicompute.errors import Gathered, PageError
from aicompute.names import unknown
from aicompute.prose import Filling, Sentence
from aicompute.recording import Number
from aicompute.tables import table


def results_document(assumptions: Assumptions, data: Path) -> dict[str, Any]:
    """The content of results.json under given assumptions.

    A PageError says all that is wrong: chapters that fail, a name recorded with different values,
    and what texts and claims name that there is not.
    """
    numbers, baseline = _numbers(assumptions, data), _numbers(Assumptions(), data)
    wrong, claims = Gathered(), judged(numbers)
    for line, name in enumerate(claims["result"], start=2):
        with wrong.part():
            if isinstance(name, str) and name not in baseline:
                said = unknown("number", name, baseline)
                raise PageError(f"claims.csv:{line}: result: {said}")
    with wrong.part():
        sentences = conditional_sentences(numbers, baseline)
    wrong.tell()
    return document(assumptions, data, numbers, sentences, table("systems")["system_id"],
                    verdicts(claims))


@lru_cache(maxsize=4)
def _numbers(assumptions: Assumptions, _: Path) -> dict[str, Number]:
    """The numbers on the tables in use, once each: comparing asks for the baseline's again."""
    return all_numbers(assumptions)


def conditional_sentences(
    numbers: Mapping[str, Number], baseline: Mapping[str, Number], chapters: Path = CHAPTERS
) -> list[Sentence]:
    """Every sentence of the chapters that stands under a condition, and whether it holds.

    A PageError has every name of no number in the text, with chapter and line.
    """
    filling, wrong = Filling(numbers, baseline), Gathered()
    for path in sorted(chapters.glob("*.md")):
        with wrong.part():
            filling.fill(path.read_text(encoding="utf-8"), f"chapters/{path.name}")
    wrong.tell()
    return filling.sentences
