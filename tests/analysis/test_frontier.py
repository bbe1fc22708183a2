"""Before and after the article: fits, distances from the line, and planted bends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from aicompute import trend
from aicompute.analysis import frontier
from aicompute.study import Study


@pytest.fixture(scope="module")
def below(study: Study) -> pd.Series:
    """Factor by which each later system lies below the article's line."""
    later = frontier.systems(study, "later")
    return frontier.below_line(study.fit, later).set_index("system_id")["below"]


# Trend over value, worked out beforehand from the fifteen plotted points: 56,750 / 3,640 for
# GPT-3, 3,725 / 770 for OpenAI Five at its match of April 2019.
@pytest.mark.parametrize(("system_id", "factor"), [
    ("gpt_3", 15.6), ("openai_five", 4.8), ("palm", 171), ("llama_3_1_405b", 3000),
    ("gemini_1_ultra", 496),
])
def test_a_later_system_lies_below_the_line_by_the_known_factor(
    below: pd.Series, system_id: str, factor: float
) -> None:
    # Half a unit in the last digit of the known factor.
    assert below[system_id] == pytest.approx(factor, rel=0.011)


def test_gpt_4_lies_203_times_below_the_line_a_day_after_its_date(study: Study) -> None:
    # The known factor is for 15 March 2023 and 2.1e25 FLOP; systems.csv has 14 March.
    line = study.fit.at(pd.Timestamp("2023-03-15"))
    assert line / (2.1e25 / 8.64e19) == pytest.approx(203, abs=0.6)


def test_no_later_system_reaches_the_line(below: pd.Series) -> None:
    assert below.min() > 1


def test_five_digitised_points_double_every_23_and_a_half_months(study: Study) -> None:
    fit = trend.fit_table(frontier.early_systems(study, "digitised"), study.assumptions)
    assert (fit.points, fit.doubling_time_months) == (5, pytest.approx(23.5, abs=0.05))


def test_with_four_counts_of_epoch_they_double_every_22_months(study: Study) -> None:
    fit = trend.fit_table(frontier.early_systems(study, "all"), study.assumptions)
    assert (fit.points, fit.doubling_time_months) == (9, pytest.approx(22.3, abs=0.05))


def test_the_perceptron_at_1959_makes_it_21_point_6(study: Study) -> None:
    moved = frontier.with_addendum_date(frontier.early_systems(study, "all"))
    fit = trend.fit_table(moved, study.assumptions)
    assert fit.doubling_time_months == pytest.approx(21.6, abs=0.05)


def test_the_assumption_leaves_out_what_was_not_read_off_the_chart(study: Study) -> None:
    table = frontier.early_systems(study.under(before_2012_points="digitised"))
    assert set(table["kind"]) == {"digitised"}


def test_records_since_the_article_begin_with_the_record_that_stood(study: Study) -> None:
    table = frontier.systems(study, "chart", "later")
    records = frontier.records_since(table, frontier.ARTICLE)
    assert list(records["system_id"][:2]) == ["alphago_zero", "gpt_3"]


def test_records_only_rise(study: Study) -> None:
    table = frontier.systems(study, "chart", "later")
    records = frontier.records_since(table, frontier.ARTICLE)
    assert (records["pfs_days"].diff().dropna() > 0).all()


def _two_slopes(before_months: float, after_months: float) -> pd.DataFrame:
    """Noise-free systems whose doubling time changes on 1 January 2012."""
    dates = pd.Series(pd.date_range("2002-01-01", "2022-01-01", periods=21).normalize())
    days = (dates - frontier.SECOND_ERA).dt.days
    months = np.where(days < 0, before_months, after_months)
    return pd.DataFrame({"date": dates, "pfs_days": np.exp2(days / (30.4375 * months))})


def test_two_eras_give_back_two_planted_doubling_times(study: Study) -> None:
    eras = frontier.two_eras(_two_slopes(24.0, 4.0), study)
    found = (eras.before.doubling_time_months, eras.after.doubling_time_months)
    assert found == pytest.approx((24.0, 4.0))


def test_a_second_line_earns_nothing_on_a_straight_trend_with_noise(study: Study) -> None:
    table = _two_slopes(12.0, 12.0)
    noise = np.exp2(np.random.default_rng(1).normal(size=len(table)))
    eras = frontier.two_eras(table.assign(pfs_days=table["pfs_days"] * noise), study)
    assert eras.p_value > 0.05


def test_a_planted_bend_is_found_within_its_interval(study: Study) -> None:
    table = _two_slopes(24.0, 4.0)
    noise = np.exp2(np.random.default_rng(2).normal(scale=0.3, size=len(table)))
    found = frontier.bend(table.assign(pfs_days=table["pfs_days"] * noise), study)
    assert found.low <= frontier.SECOND_ERA <= found.high


def test_the_bent_line_passes_through_a_bend_without_noise(study: Study) -> None:
    table = _two_slopes(24.0, 4.0)
    corners = frontier.bent_line(frontier.bend(table, study), table)
    # First and last points of the noise-free systems, a factor of 2 for the grid of bend dates.
    ends = np.log2(corners["pfs_days"].iloc[[0, 2]].to_numpy())
    assert ends == pytest.approx(np.log2(table["pfs_days"].iloc[[0, 20]].to_numpy()), abs=1.0)
