"""Every number of the report as JSON, from the chapters' own cells, without building the book."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from aicompute.assumptions import Assumptions
from aicompute.book.results import document
from aicompute.cells import CHAPTERS, all_numbers
from aicompute.claims import judged, verdicts
from aicompute.prose import Filling, Sentence
from aicompute.recording import Number
from aicompute.tables import table


def results_document(assumptions: Assumptions, data: Path) -> dict[str, Any]:
    """The content of results.json under given assumptions.

    Raises
    ------
    PageError
        If a chapter fails, or two record one name with different values.
    """
    numbers, baseline = _numbers(assumptions, data), _numbers(Assumptions(), data)
    return document(assumptions, data, numbers, conditional_sentences(numbers, baseline),
                    table("systems")["system_id"], verdicts(judged(numbers)))


@lru_cache(maxsize=4)
def _numbers(assumptions: Assumptions, data: Path) -> dict[str, Number]:
    """The numbers under given assumptions, once each: comparing asks for the baseline's again."""
    del data  # the tables in use
    return all_numbers(assumptions)


def conditional_sentences(
    numbers: Mapping[str, Number], baseline: Mapping[str, Number], chapters: Path = CHAPTERS
) -> list[Sentence]:
    """Every sentence of the chapters that stands under a condition, and whether it holds."""
    filling = Filling(numbers, baseline)
    for path in sorted(chapters.glob("*.md")):
        filling.conditions(path.read_text(encoding="utf-8"), f"chapters/{path.name}")
    return filling.sentences
