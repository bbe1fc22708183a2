"""Breaks: planted ones are found, straight trends stay straight, too little is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from aicompute.analysis import change_points
from aicompute.study import Study
from aicompute.trend import FitError

DAYS_PER_YEAR = 365.25


def dated(years: np.ndarray) -> pd.Series:
    return pd.Series(pd.Timestamp("1990-01-01") + pd.to_timedelta(years * DAYS_PER_YEAR, unit="D"))


def bent(noise: float = 0.0, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    """Half a doubling a year up to year 12, three a year from then on."""
    random = np.random.default_rng(seed)
    years = np.sort(random.uniform(0, 20, 40))
    logs = 0.5 * years + 2.5 * np.maximum(0, years - 12) + random.normal(0, noise, 40)
    return dated(years), pd.Series(logs)


def test_a_planted_bend_is_found_at_its_date() -> None:
    found = change_points.two_slopes(*bent(), samples=100)
    assert found.break_date.year == 2002  # 1990 and 12 years
    assert abs(found.break_date - pd.Timestamp("2002-01-01")) < pd.Timedelta(days=60)


def test_the_slopes_on_both_sides_of_a_planted_bend_are_found() -> None:
    found = change_points.two_slopes(*bent(noise=0.2), samples=100)
    slopes = np.array([found.slope_before, found.slope_after]) * DAYS_PER_YEAR
    assert slopes == pytest.approx([0.5, 3.0], rel=0.06)


def test_the_interval_of_a_bend_holds_the_planted_date_on_noise() -> None:
    found = change_points.two_slopes(*bent(noise=1.0))
    assert found.low < pd.Timestamp("2002-01-01") < found.high


def test_the_bend_agrees_with_a_general_optimiser() -> None:
    dates, logs = bent(noise=0.5)
    x = ((dates - dates.min()).dt.days / DAYS_PER_YEAR).to_numpy()

    def distance(bend: float) -> float:
        design = np.column_stack([np.ones_like(x), x, np.maximum(0, x - bend)])
        return float(np.linalg.lstsq(design, logs.to_numpy(), rcond=None)[1][0])

    best = optimize.minimize_scalar(distance, bounds=(6, 18), method="bounded")
    # Dates are tried in steps of a fifth between points, so the distance is a touch larger.
    assert change_points.two_slopes(dates, logs, samples=100).sse == pytest.approx(
        best.fun, rel=0.01)


def test_a_straight_trend_has_no_better_bend_than_chance_gives() -> None:
    random = np.random.default_rng(5)
    years = np.sort(random.uniform(0, 20, 40))
    logs = pd.Series(0.5 * years + random.normal(0, 1, 40))
    assert change_points.two_slopes(dated(years), logs, samples=500).p_value > 0.05


@pytest.mark.slow
def test_the_test_of_a_bend_rejects_straight_trends_as_seldom_as_it_says() -> None:
    # A plain F test takes the date as given and rejects three to four times too often.
    random = np.random.default_rng(11)
    years = np.sort(random.uniform(0, 6, 15))
    values = [
        change_points.two_slopes(dated(years), pd.Series(random.normal(size=15)),
                                 samples=200, seed=k).p_value
        for k in range(200)
    ]
    assert np.mean(np.array(values) < 0.1) == pytest.approx(0.1, abs=0.065)


def test_planted_steps_are_found_where_they_are() -> None:
    years = np.arange(24) / 2
    logs = pd.Series(np.where(years < 4, 0.0, np.where(years < 8, 5.0, 9.0)))
    found = change_points.best_pieces(dated(years), logs, 2, "levels")
    assert [date.year for date in found.breaks] == [1993, 1997]
    assert found.sse == pytest.approx(0.0, abs=1e-9)


def test_the_ends_of_the_pieces_lie_on_the_fit() -> None:
    years = np.arange(24) / 2
    logs = pd.Series(np.where(years < 4, 0.0, np.where(years < 8, 5.0, 9.0)))
    found = change_points.best_pieces(dated(years), logs, 2, "levels")
    assert np.array(found.ends) == pytest.approx(np.array([[0, 0], [5, 5], [9, 9]]), abs=1e-9)


def test_noise_free_straight_points_need_one_line() -> None:
    years = np.linspace(0, 10, 30)
    best = change_points.compare_models(dated(years), pd.Series(years)).iloc[0]
    assert (best["shape"], best["pieces"]) == ("lines", 1)


@pytest.mark.slow
def test_how_often_chance_fools_the_criterion_agrees_with_trying_it() -> None:
    dates = dated(np.sort(np.random.default_rng(4).uniform(0, 6, 15)))
    random = np.random.default_rng(8)
    line = 3.5 * (dates - dates.min()).dt.days / DAYS_PER_YEAR
    tried = []
    for _ in range(100):
        found = change_points.compare_models(dates, line + random.normal(0, 3, 15)).iloc[0]
        tried.append((found["shape"], found["pieces"]) != ("lines", 1))
    noise = pd.Series(random.normal(0, 3, 15))
    expected = (change_points.line_behind_by_chance(dates, line + noise) > 0).mean()
    # Two shares, of 100 and of 1,000 trials: three standard errors of their difference.
    assert np.mean(tried) == pytest.approx(expected, abs=0.16)


def test_a_bend_is_preferred_where_there_is_one() -> None:
    best = change_points.compare_models(*bent(noise=0.3)).iloc[0]
    assert (best["shape"], best["pieces"]) == ("slopes", 2)


def test_resamples_with_too_few_dates_for_the_pieces_are_left_out() -> None:
    # Of nine points drawn with replacement three pieces of three often have one date only.
    years = np.arange(9) * 1.0
    found = change_points.break_intervals(dated(years), pd.Series(years % 3), 2, "lines")
    assert (found["low"] <= found["high"]).all()


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second = (change_points.two_slopes(*bent(noise=1.0), samples=200) for _ in range(2))
    assert first == second


def test_the_order_of_the_points_leaves_the_bend() -> None:
    dates, logs = bent(noise=0.5)
    order = np.random.default_rng(3).permutation(len(dates))
    shuffled = change_points.best_pieces(
        dates.iloc[order].reset_index(drop=True), logs.iloc[order].reset_index(drop=True), 1)
    assert shuffled.breaks == change_points.best_pieces(dates, logs, 1).breaks


@pytest.mark.parametrize("years", [[0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]])
def test_too_few_points_or_dates_for_two_slopes_are_refused(years: list[float]) -> None:
    with pytest.raises(FitError):
        change_points.two_slopes(dated(np.array(years)), pd.Series(np.arange(len(years)) * 1.0))


def test_a_value_that_is_not_finite_is_refused() -> None:
    dates, logs = bent()
    with pytest.raises(FitError, match="finite"):
        change_points.two_slopes(dates, logs.replace(logs.iloc[0], -np.inf))


def test_three_steps_on_the_chart_break_in_the_years_that_eras_share(study: Study) -> None:
    logs = np.log2(study.fitted["pfs_days"])
    found = change_points.best_pieces(study.fitted["date"], logs, 2, "levels")
    assert [date.year for date in found.breaks] == [2014, 2016]
