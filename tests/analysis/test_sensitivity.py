"""What moves the doubling time: known refits, complete choices, the ranking."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from aicompute.analysis import sensitivity
from aicompute.analysis.robust import huber, theil_sen
from aicompute.study import Study


@pytest.fixture(scope="module")
def cases(study: Study) -> pd.Series:
    return sensitivity.cases(study).set_index("name")["doubling_time"]


@pytest.mark.parametrize(("name", "months"), [
    # Refits of the same fifteen points by another program, to two decimals.
    ("without_dqn", 3.78),
    ("without_alphago_zero", 3.71),
    ("without_alphazero", 3.54),
    ("record_setters", 3.39),
    ("without_dqn_and_go", 4.46),
    ("alphago_zero_henderson_2020", 3.64),
    ("alphago_zero_epoch_2026", 4.52),
    ("alphago_zero_epoch_2025", 3.39),
    ("month_30_5", 3.43),
])
def test_a_refit_gives_the_months_found_independently(
    cases: pd.Series, name: str, months: float
) -> None:
    assert cases[name] == pytest.approx(months, abs=0.0055)


def test_every_fitted_system_is_left_out_once(study: Study, cases: pd.Series) -> None:
    table = sensitivity.cases(study)
    left_out = set(table[table["group"] == sensitivity.LEFT_OUT]["name"])
    assert left_out == {f"without_{system_id}" for system_id in study.fitted["system_id"]}


def test_names_of_cases_are_unique(study: Study) -> None:
    assert sensitivity.cases(study)["name"].is_unique


def test_a_drifting_utilization_moves_the_slope_by_its_own_doublings(
    study: Study, cases: pd.Series
) -> None:
    # From 0.2 to 0.5 is log2(2.5) = 1.322 doublings over 2,013 days or 66.13 months, beside the
    # 66.13 / 3.437 = 19.24 of the line: 66.13 / (19.24 + 1.32) = 3.216.
    assert cases["utilization_rising"] == pytest.approx(3.216, abs=0.001)


def test_choices_are_ranked_by_how_far_they_reach(study: Study) -> None:
    assert sensitivity.choices(study)["span"].is_monotonic_decreasing


def test_every_choice_holds_the_unaltered_doubling_time(study: Study) -> None:
    table, headline = sensitivity.choices(study), study.fit.doubling_time_months
    assert ((table["shortest"] <= headline) & (headline <= table["longest"])).all()


def test_chance_moves_the_doubling_time_more_than_any_counting_convention(study: Study) -> None:
    span = sensitivity.choices(study).set_index("group")["span"]
    assert span[sensitivity.CHANCE] > 10 * span[sensitivity.COUNTING]


@pytest.mark.parametrize("robust", [theil_sen, huber])
def test_a_robust_line_finds_a_planted_slope_past_one_wild_point(
    study: Study, robust: object
) -> None:
    days = np.arange(15) * 140.0
    noise = np.random.default_rng(1).normal(0, 0.1, 15)
    table = pd.DataFrame({
        "date": pd.Timestamp("2012-06-01") + pd.to_timedelta(days, unit="D"),
        "pfs_days": np.exp2(days / (3.4 * 30.4375) + noise),
    })
    table.loc[0, "pfs_days"] *= 2**20  # pulls least squares past 4 months
    assert robust(table, study.assumptions).months == pytest.approx(3.4, rel=0.03)  # type: ignore[operator]
