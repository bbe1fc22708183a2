"""The log-linear fit: planted slopes, coverage, a second implementation, too little to fit."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aicompute.assumptions import Assumptions
from aicompute.cells import run_cells
from aicompute.methods import estimates
from aicompute.trend import Trend, fit_trend, fitted_systems, record_setters

MONTH = 30.4375
SEEDS = 400


def made(count: int = 15, months: float = 3.4, noise: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Systems that double every so many months, with normal noise in doublings."""
    random = np.random.default_rng(seed)
    days = np.sort(random.choice(2000, count, replace=False))
    doublings = days / (months * MONTH) + noise * random.normal(size=count)
    return pd.DataFrame({
        "date": pd.Timestamp("2012-06-01") + pd.to_timedelta(days, unit="D"),
        "pfs_days": 0.006 * np.exp2(doublings),
    })


def fitted(table: pd.DataFrame, **settings: float) -> Trend:
    return fit_trend(table["date"], table["pfs_days"], **settings)


# A doubling every 3 months is 4 doublings a year: 16 times.
@pytest.mark.parametrize(("months", "times_a_year"), [(3.0, 16.0), (12.0, 2.0), (-12.0, 0.5)])
def test_a_planted_doubling_time_is_found_exactly_without_noise(
    months: float, times_a_year: float
) -> None:
    found = fitted(made(months=months))
    shorter = fitted(made(months=months), days_per_month=30.0)
    assert shorter.doubling_time.value == pytest.approx(months * MONTH / 30)
    assert found.doubling_time.value == pytest.approx(months, rel=1e-9)
    assert found.growth_per_year.value == pytest.approx(times_a_year, rel=1e-9)
    assert found.r_squared == pytest.approx(1.0)


def test_three_points_by_hand() -> None:
    # 0, 1 and 5 doublings at 0, 100 and 200 days: slope (5 - 0) / 200, mean 2, so the points lie
    # 0.5 above, 1 below and 0.5 above the line: a variance of 1.5 for one degree of freedom.
    dates = pd.Series(pd.Timestamp("2012-01-01") + pd.to_timedelta([0, 100, 200], unit="D"))
    found = fit_trend(dates, pd.Series([1.0, 2.0, 32.0]))
    assert found.slope.value == pytest.approx(0.025)
    assert found.residual == pytest.approx(math.sqrt(1.5))
    reach = stats.t.ppf(0.975, 1) * math.sqrt(1.5) / math.sqrt(2 * 100**2)
    assert found.slope.high - found.slope.value == pytest.approx(reach)


# The logarithm of 0.5 is whole; the mean of the others' is rounded, which once left a slope.
@pytest.mark.parametrize("value", [0.5, 0.0057, 0.1, 3.3, 1862.0])
def test_equal_values_have_slope_zero_and_never_double(value: float) -> None:
    # With one utilization for all, the utilizations of the debate's page are such values.
    flat = fitted(made().assign(pfs_days=value))
    assert flat.slope == (0, 0, 0)
    assert flat.growth_per_year == (1, 1, 1)
    assert set(flat.doubling_time) == {math.inf}


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_interval_covers_a_planted_slope_as_often_as_it_says(confidence: float) -> None:
    planted = 1 / (3.4 * MONTH)
    slopes = [fitted(made(noise=3.5, seed=k), confidence=confidence).slope for k in range(SEEDS)]
    share = np.mean([slope.low <= planted <= slope.high for slope in slopes])
    error = np.sqrt(confidence * (1 - confidence) / SEEDS)
    assert share == pytest.approx(confidence, abs=3 * error)


def test_the_band_for_one_further_system_covers_it_as_often_as_it_says() -> None:
    held = []
    for seed in range(SEEDS):
        table = made(count=16, noise=3.5, seed=seed)
        band = fitted(table.iloc[:15]).line(table["date"].iloc[15:]).iloc[0]
        held.append(band["point_low"] <= table["pfs_days"].iloc[15] <= band["point_high"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.033)


def test_line_and_bands_agree_with_the_algebra_of_matrices() -> None:
    table = made(noise=3.5, seed=7)
    x = (table["date"] - table["date"].min()).dt.days.to_numpy(float)
    design, logs = np.column_stack([np.ones_like(x), x]), np.log2(table["pfs_days"].to_numpy())
    inverse = np.linalg.inv(design.T @ design)
    left = logs - design @ (inverse @ design.T @ logs)
    leverage = np.einsum("np,pq,nq->n", design, inverse, design)
    reach = stats.t.ppf(0.975, 13) * math.sqrt(left @ left / 13)
    line = fitted(table).line(table["date"]).drop(columns="date").apply(np.log2)
    assert line["pfs_days"].to_numpy() == pytest.approx(logs - left)
    above, below = line["high"] - line["pfs_days"], line["pfs_days"] - line["point_low"]
    assert above.to_numpy() == pytest.approx(reach * np.sqrt(leverage))
    assert below.to_numpy() == pytest.approx(reach * np.sqrt(1 + leverage))


def test_a_point_without_compute_is_left_out() -> None:
    table = made(noise=3.5)
    holed = table.assign(pfs_days=table["pfs_days"].where(table.index != 3))
    assert fitted(holed).points == 14
    assert fitted(holed).slope == fitted(table.drop(index=3)).slope


@pytest.mark.parametrize("table", [
    pytest.param(made().head(0), id="no point"),
    pytest.param(made().head(2), id="two points"),
    pytest.param(made().assign(date=pd.Timestamp("2012-06-01")), id="one date"),
])
def test_too_little_to_fit_is_a_trend_of_unknowns(table: pd.DataFrame) -> None:
    found = fitted(table)
    assert not found.known
    assert np.isnan([*found.doubling_time, *found.growth_per_year]).all()


def test_an_interval_that_holds_no_growth_has_an_open_end() -> None:
    # Noise alone: on values without a trend the slope's interval reaches below zero.
    flat = pd.DataFrame({"date": made()["date"], "pfs_days": [1.0, 4.0, 1.0] * 5})
    assert fitted(flat).doubling_time.high == math.inf


def test_record_setters_took_more_than_every_earlier_system() -> None:
    table = pd.DataFrame({
        "date": pd.to_datetime(["2014-01-01", "2013-01-01", "2012-01-01", "2015-01-01"]),
        "pfs_days": [3.0, 1.0, 2.0, 3.0],
    })
    assert record_setters(table)["pfs_days"].tolist() == [2.0, 3.0]


def chosen(**altered: object) -> list[str]:
    assumptions = Assumptions.model_validate(altered)
    return list(fitted_systems(estimates(assumptions), assumptions)["system_id"])


def test_assumptions_leave_systems_out() -> None:
    assert "dqn" not in chosen(without=("dqn",))
    assert "alphago_zero" not in chosen(without_alphabet=True)
    assert chosen(until="2012-12-31")[0] == "alexnet"
    # DQN took less than AlexNet had before it.
    assert "dqn" not in chosen(record_setters_only=True)


def test_the_page_gets_by_hand_what_the_article_prints() -> None:
    found = run_cells("trend", {}) | run_cells("sensitivity")
    # 1862 / 0.00578754 = 321,726 on the plotted values; 1,966 days are 64.59 months, 3.588
    # doublings of 18 months: 12.03.
    assert found["two_points.factor"].value == pytest.approx(321_726, rel=1e-5)
    assert found["moore.at_18_months.factor"].value == pytest.approx(12.03, abs=0.005)
    assert found["fit.in_months_of_30_5_days"].value == pytest.approx(3.43, abs=0.005)


def test_two_systems_leave_the_page_without_a_trend_and_without_a_traceback() -> None:
    found = run_cells("trend", {"until": "2012-12-31"})
    assert found["trend.published.doubling_time_months"].value is None
    assert found["two_points.factor"].value == pytest.approx(321_726, rel=1e-5)
