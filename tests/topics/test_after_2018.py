"""What others found beside what we get."""

from __future__ import annotations

from typing import Any

import pytest

from aicompute import report
from aicompute.figures import figure
from aicompute.results import Result, Results
from aicompute.study import Study
from aicompute.topics.after_2018 import verdict

FIGURES = ("debate_alphabet", "debate_parts", "debate_chips", "debate_errors", "ahead_price",
           "ahead_cost", "before_2012", "after_2018")


def _stated(low: float | None, value: float | None, high: float | None) -> dict[str, Any]:
    return {"stated_low": low, "stated": value, "stated_high": high}


@pytest.mark.parametrize(("stated", "ours", "expected"), [
    (_stated(4.3, 5.7, 9.0), Result(4.9, "months", 4.1, 6.0), "agrees"),
    (_stated(3.5, None, 10), Result(5.6, "years", 3.3, 10.7), "agrees"),
    (_stated(None, 2.5, None), Result(5.6, "years", 3.3, 10.7), "ours is higher"),
    (_stated(24, None, None), Result(32.3, "months"), "agrees"),
    (_stated(24, None, None), Result(12.0, "months"), "ours is lower"),
    (_stated(None, 600_000, None), Result(628_937, "times"), "agrees"),
    (_stated(None, 4, None), Result(3.0, "times a year", 1.9, None), "agrees"),
    (_stated(None, 4, None), Result(None, "months"), "cannot be held against ours"),
])
def test_a_statement_agrees_where_its_range_overlaps_ours(
    stated: dict[str, Any], ours: Result, expected: str
) -> None:
    assert verdict(stated, ours) == expected


def test_every_forecast_names_a_result_in_its_own_unit(study: Study) -> None:
    results = Results(study)
    for row in study.dataset.rows("forecasts"):
        assert results[str(row["result"])].unit == row["unit"], row["forecast_id"]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_plots_its_rows_and_says_its_scale(study: Study, name: str) -> None:
    assert report.TOPICS
    made = figure(study, name)
    assert len(made.table) > 0
    assert "log scale" in made.caption


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_draws_at_both_widths(study: Study, name: str) -> None:
    document = figure(study, name).document()
    assert document["wide"]["description"] == document["narrow"]["description"]
