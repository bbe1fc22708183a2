"""The log-linear fit: planted slopes, coverage, a second implementation, refusals."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from aicompute import trend
from aicompute.study import Study
from aicompute.trend import FitError

MONTH = 30.4375
SEEDS = 400


def made(count: int = 15, months: float = 3.4, noise: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Systems that double every so many months, with normal noise in doublings."""
    random = np.random.default_rng(seed)
    days = np.sort(random.choice(2000, count, replace=False))
    doublings = days / (months * MONTH) + random.normal(0, noise, count) if noise else (
        days / (months * MONTH))
    return pd.DataFrame({
        "date": pd.Timestamp("2012-06-01") + pd.to_timedelta(days, unit="D"),
        "pfs_days": 0.006 * np.exp2(doublings),
    })


def fit(table: pd.DataFrame, **settings: float) -> trend.Fit:
    return trend.fit(table["date"], table["pfs_days"], **settings)


def test_a_planted_doubling_time_is_found_exactly_without_noise() -> None:
    assert fit(made(months=3.4)).doubling_time_months == pytest.approx(3.4, rel=1e-9)


def test_growth_a_year_is_twelve_months_of_doublings() -> None:
    # A doubling every 3 months is 4 doublings a year of twelve mean months: 16 times.
    assert fit(made(months=3.0)).growth_per_year == pytest.approx(16.0)


def test_equal_values_have_slope_zero_and_never_double() -> None:
    # With one utilization for all, the utilizations of the debate's page are such values.
    flat = fit(made().assign(pfs_days=0.5))
    assert (flat.slope, flat.slope_low, flat.slope_high) == (0, 0, 0)
    assert flat.growth_per_year == 1
    times = (flat.doubling_time_months, flat.doubling_time_low, flat.doubling_time_high)
    assert set(times) == {math.inf}


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_interval_covers_a_planted_slope_as_often_as_it_says(confidence: float) -> None:
    planted = 1 / (3.4 * MONTH)
    fits = [fit(made(noise=3.5, seed=seed), confidence=confidence) for seed in range(SEEDS)]
    share = np.mean([f.slope_low <= planted <= f.slope_high for f in fits])
    error = np.sqrt(confidence * (1 - confidence) / SEEDS)
    assert share == pytest.approx(confidence, abs=3 * error)


def test_the_band_for_one_further_system_covers_it_as_often_as_it_says() -> None:
    held = []
    for seed in range(SEEDS):
        table = made(count=16, noise=3.5, seed=seed)
        band = fit(table.iloc[:15]).line(table["date"].iloc[15:]).iloc[0]
        held.append(band["point_low"] <= table["pfs_days"].iloc[15] <= band["point_high"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.033)


def test_line_and_bands_agree_with_statsmodels() -> None:
    sm = pytest.importorskip("statsmodels.api")
    table = made(noise=3.5, seed=7)
    x = (table["date"] - table["date"].min()).dt.days.to_numpy(float)
    model = sm.OLS(np.log2(table["pfs_days"].to_numpy()), sm.add_constant(x)).fit()
    frame = model.get_prediction(sm.add_constant(x)).summary_frame(alpha=0.05)
    ours = fit(table).line(table["date"])[["pfs_days", "low", "high", "point_low", "point_high"]]
    theirs = frame[["mean", "mean_ci_lower", "mean_ci_upper", "obs_ci_lower", "obs_ci_upper"]]
    assert np.log2(ours.to_numpy()) == pytest.approx(theirs.to_numpy())


def test_another_unit_of_compute_leaves_the_doubling_time() -> None:
    table = made(noise=3.5)
    flop = table.assign(pfs_days=table["pfs_days"] * 8.64e19)
    assert fit(flop).doubling_time_months == pytest.approx(fit(table).doubling_time_months)


def test_the_order_of_the_rows_leaves_the_fit() -> None:
    table = made(noise=3.5)
    shuffled = table.sample(frac=1, random_state=1)
    assert fit(shuffled).slope_low == pytest.approx(fit(table).slope_low)


def test_a_shorter_month_makes_more_months() -> None:
    table = made()
    assert fit(table, days_per_month=30.0).doubling_time_months == pytest.approx(
        3.4 * MONTH / 30.0)


@pytest.mark.parametrize(("table", "reason"), [
    pytest.param(made().head(2), "three|3 points", id="two points"),
    pytest.param(made().assign(date=pd.Timestamp("2012-06-01")), "different dates", id="one date"),
    pytest.param(made().assign(pfs_days=0.0), "positive", id="no compute"),
    pytest.param(made().assign(pfs_days=-1.0), "positive", id="negative compute"),
])
def test_a_fit_refuses_what_has_no_trend(table: pd.DataFrame, reason: str) -> None:
    with pytest.raises(FitError, match=reason):
        fit(table)


def test_an_interval_that_holds_no_growth_has_an_open_end() -> None:
    # Noise alone: on values without a trend the slope's interval reaches below zero.
    dates = made()["date"]
    flat = pd.DataFrame({"date": dates, "pfs_days": [1.0, 4.0, 1.0] * 5})
    assert fit(flat).doubling_time_high == np.inf


def test_record_setters_took_more_than_every_earlier_system() -> None:
    table = pd.DataFrame({
        "date": pd.to_datetime(["2012-01-01", "2013-01-01", "2014-01-01", "2015-01-01"]),
        "pfs_days": [2.0, 1.0, 3.0, 3.0],
    })
    assert trend.record_setters(table)["pfs_days"].tolist() == [2.0, 3.0]


def test_the_fifteen_plotted_points_give_the_articles_doubling_time(study: Study) -> None:
    # The article prints 3.43; months of 30.4375 days make it 3.437.
    assert study.fit.doubling_time_months == pytest.approx(3.437, abs=5e-4)


def test_the_growth_from_alexnet_to_alphago_zero_is_more_than_300_000_times(study: Study) -> None:
    # 1862 / 0.00578754 = 321,726 on the plotted values.
    assert study.growth_by("published").factor == pytest.approx(321_726, rel=1e-5)


def test_moores_law_over_the_same_months_gives_twelve_times(study: Study) -> None:
    # 1,966 days are 64.59 months, 3.588 doublings of 18 months: 12.03.
    assert study.growth_by("published").moore(18) == pytest.approx(12.03, abs=0.005)
