"""Breaks: planted ones are found, straight trends stay straight, too little is unknown."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from aicompute import breaks
from aicompute.assumptions import Assumptions
from aicompute.breaks import TwoSlopes, best_pieces, lowest_bics, two_eras
from aicompute.cells import run_cells
from aicompute.methods import estimates
from aicompute.trend import fitted_systems

DAYS_PER_YEAR = 365.25
BEND = pd.Timestamp("2002-01-01")
Points = tuple[pd.Series, pd.Series]


def dated(years: Any) -> pd.Series:
    return pd.Series(pd.Timestamp("1990-01-01") + pd.to_timedelta(
        np.asarray(years) * DAYS_PER_YEAR, unit="D"))


def bent(noise: float = 0.0, seed: int = 1) -> Points:
    """Half a doubling a year up to year 12, three a year from then on."""
    random = np.random.default_rng(seed)
    years = np.sort(random.uniform(0, 20, 40))
    logs = 0.5 * years + 2.5 * np.maximum(0, years - 12) + random.normal(0, noise, 40)
    return dated(years), pd.Series(logs)


def straight(seed: int, points: int = 15, noise: float = 1.0) -> Points:
    random = np.random.default_rng(seed)
    years = np.sort(random.uniform(0, 6, points))
    return dated(years), pd.Series(0.5 * years + random.normal(0, noise, points))


def two_slopes(
    dates: pd.Series, logs: pd.Series, samples: int = 100, seed: int = 2018
) -> TwoSlopes:
    """The bend in these points, from a hundred resamples."""
    systems = pd.DataFrame({"date": dates, "pfs_days": np.exp2(logs)})
    return breaks.bend(systems, Assumptions(samples=samples, seed=seed))


def test_a_planted_bend_is_found_with_the_doubling_times_on_both_sides() -> None:
    assert abs(two_slopes(*bent()).break_date - BEND) < pd.Timedelta(days=60)
    # Half a doubling a year is 24 months, three a year are 4.
    found = two_slopes(*bent(noise=0.2))
    times = [found.doubling_before.value, found.doubling_after.value]
    assert times == pytest.approx([24.0, 4.0], rel=0.06)


def test_the_bend_agrees_with_a_general_optimiser() -> None:
    dates, logs = bent(noise=0.5)
    x = ((dates - dates.min()).dt.days / DAYS_PER_YEAR).to_numpy()

    def distance(bend: float) -> float:
        design = np.column_stack([np.ones_like(x), x, np.maximum(0, x - bend)])
        return float(np.linalg.lstsq(design, logs.to_numpy(), rcond=None)[1][0])

    best = optimize.minimize_scalar(distance, bounds=(6, 18), method="bounded")
    # Schwarz: n log(distance / n) + (level, two slopes, date and spread) log n. Dates are tried in
    # steps of a fifth between points, so the distance is up to a hundredth larger.
    found = lowest_bics(dates, [logs])["slopes", 2][0]
    assert 0 <= found - 40 * np.log(best.fun / 40) - 5 * np.log(40) < 40 * np.log(1.01)


def test_one_resample_of_a_bend_agrees_with_fitting_it_alone() -> None:
    dates, logs = bent(noise=1.0)
    years, values = breaks.arrays(dates, logs)
    tried = breaks.break_sets(years, 1, "slopes")[:, 0]
    drawn = np.random.default_rng(6).integers(0, 40, 40)
    fast = breaks._bends(tried, years, values, np.bincount(drawn, minlength=40)[None] * 1.0)[0]
    fits = []
    for bend in tried:
        design = np.column_stack([np.ones(40), years, np.maximum(0, years - bend)])[drawn]
        best, left, *_ = np.linalg.lstsq(design, values[drawn], rcond=None)
        fits.append((float(left[0]), bend, best[1], best[1] + best[2]))
    _, bend, before, after = min(fits)
    assert fast == pytest.approx([bend, before / DAYS_PER_YEAR, after / DAYS_PER_YEAR])


@pytest.mark.slow
def test_the_interval_of_a_bend_covers_the_planted_date_about_as_often_as_it_says() -> None:
    found = [two_slopes(*bent(noise=1.0, seed=k), samples=200) for k in range(100)]
    share = np.mean([bend.low <= BEND <= bend.high for bend in found])
    # Percentiles of a bootstrap are a little narrow or wide on forty points; 0.95 of 100 is +-0.07.
    assert share == pytest.approx(0.95, abs=0.07)


@pytest.mark.slow
def test_the_test_of_a_bend_rejects_straight_trends_as_seldom_as_it_says() -> None:
    # A plain F test takes the date as given and rejects three to four times too often.
    found = [two_slopes(*straight(k), 200, seed=k).p_value for k in range(200)]
    assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=0.065)


def test_planted_steps_are_found_where_they_are() -> None:
    years = np.arange(24) / 2
    levels = pd.Series(np.where(years < 4, 0.0, np.where(years < 8, 5.0, 9.0)))
    found = best_pieces(dated(years), levels, 2, "levels")
    assert [date.year for date in found.breaks] == [1993, 1997]
    assert np.log2(found.corners["pfs_days"].to_numpy()) == pytest.approx(
        [0, 0, 5, 5, 9, 9], abs=1e-9)
    assert found.corners["piece"].tolist() == [0, 0, 1, 1, 2, 2]


def test_a_bent_line_meets_itself_at_its_bend() -> None:
    corners = best_pieces(*bent(noise=0.5), 1).corners
    assert corners["pfs_days"][1] == pytest.approx(corners["pfs_days"][2])
    apart = best_pieces(*bent(noise=0.5), 1, "lines").corners
    assert apart["pfs_days"][1] != pytest.approx(apart["pfs_days"][2], rel=1e-3)


@pytest.mark.parametrize(("points", "shape", "pieces"), [
    ((dated(np.linspace(0, 10, 30)), pd.Series(np.linspace(0, 10, 30))), "lines", 1),
    (bent(noise=0.3), "slopes", 2),
])
def test_the_shape_that_was_planted_is_preferred(points: Points, shape: str, pieces: int) -> None:
    dates, logs = points
    assert lowest_bics(dates, [logs]).iloc[0].idxmin() == (shape, pieces)


def test_models_that_the_points_are_too_few_for_are_left_out() -> None:
    dates, logs = straight(1, points=5)
    assert set(lowest_bics(dates, [logs]).columns.get_level_values("pieces")) == {1}
    assert lowest_bics(dates[:2], [logs[:2]]).empty


def test_the_criterion_of_many_sets_is_that_of_each_one_fitted_alone() -> None:
    dates, logs = bent(noise=1.0)
    alone, among = lowest_bics(dates, [logs]), lowest_bics(dates, [logs[::-1], logs])
    assert among.iloc[1].to_numpy() == pytest.approx(alone.iloc[0].to_numpy())


def test_equally_good_bends_are_chosen_by_rule_and_not_by_rounding() -> None:
    # Equal values: every bend is as good, and rounding would pick one of them anywhere. Chosen by
    # rounding, ends of intervals differed between processors by as much as half.
    dates = dated(np.arange(12) * 0.37)
    flat = pd.Series(np.full(12, 0.1))
    earliest = breaks.break_sets(breaks.arrays(dates, flat)[0], 1, "slopes")[0, 0]
    assert best_pieces(dates, flat, 1).breaks[0] == breaks._date(dates, earliest)
    gains = np.array([[1.0, 3.0, 3.0 + 1e-13, 2.0], [5.0, 1.0, 1.0, 5.0]])
    assert breaks.first_best(gains, np.array([3.0, 5.0])).tolist() == [1, 0]


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second, other = (two_slopes(*bent(noise=1.0), seed=k) for k in (1, 1, 2))
    assert first == second != other


def test_neither_the_unit_of_compute_nor_the_order_of_the_points_moves_the_bend() -> None:
    dates, logs = bent(noise=1.0)
    order = np.random.default_rng(3).permutation(len(dates))
    mixed = best_pieces(dates.iloc[order].reset_index(drop=True),
                        logs.iloc[order].reset_index(drop=True) + 66.2, 1)
    assert mixed.breaks == best_pieces(dates, logs, 1).breaks


@pytest.mark.parametrize("years", [
    pytest.param([], id="none"), pytest.param([0.0, 1.0, 2.0, 3.0, 4.0], id="five"),
    pytest.param([0.0, 0.0, 0.0, 1.0, 1.0, 1.0], id="two dates"),
    pytest.param([1.0] * 8, id="one date"),
])
def test_too_few_points_or_dates_have_no_bend(years: list[float]) -> None:
    found = two_slopes(dated(years), pd.Series(np.arange(len(years)) * 1.0))
    assert pd.isna(found.break_date)
    assert np.isnan([*found.doubling_before, found.p_value]).all()


def test_resamples_of_few_dates_are_left_out() -> None:
    # Of six points drawn with replacement hardly half leave two dates on either side of a bend.
    found = two_slopes(dated([0, 1, 2, 3, 4, 5]), pd.Series([0.0, 1, 0, 4, 7, 12]), samples=200)
    assert found.low <= found.break_date <= found.high


def test_a_value_that_is_not_finite_is_refused() -> None:
    dates, logs = bent()
    with pytest.raises(ValueError, match="finite"):
        best_pieces(dates, logs.replace(logs.iloc[0], -np.inf), 1)


def test_two_eras_agree_with_an_f_test_worked_by_matrices() -> None:
    dates, logs = bent(noise=0.5)
    x = (dates - BEND).dt.total_seconds() / 86_400 / DAYS_PER_YEAR
    late = (x >= 0) * 1.0
    ones = np.ones_like(x)
    left = [np.linalg.lstsq(np.column_stack(columns), logs, rcond=None)[1][0]
            for columns in ([ones, x], [ones, x, late, late * x])]
    found = two_eras(dates, logs, BEND)
    assert found.f_statistic == pytest.approx((left[0] - left[1]) / 2 / (left[1] / 36))
    assert found.bic_gain == pytest.approx(40 * np.log(left[0] / left[1]) - 2 * np.log(40))


def test_an_era_without_three_systems_is_compared_with_nothing() -> None:
    dates, logs = bent()
    assert np.isnan(two_eras(dates, logs, dates.iloc[-2])).all()


def test_three_steps_on_the_chart_break_in_the_years_that_eras_share() -> None:
    systems = fitted_systems(estimates(Assumptions()), Assumptions())
    found = best_pieces(systems["date"], np.log2(systems["pfs_days"]), 2, "levels")
    assert [date.year for date in found.breaks] == [2014, 2016]


def test_five_digitised_points_double_every_23_and_a_half_months_and_nine_every_22() -> None:
    found = run_cells("before_2012", {})
    times = [found[f"before_2012.{name}.doubling_time_months"].value
             for name in ("digitised", "all", "perceptron_1959")]
    assert times == pytest.approx([23.5, 22.3, 21.6], abs=0.05)
    digitised = run_cells("before_2012", {"before_2012_points": "digitised"})
    assert digitised["before_2012.chosen.points"].value == 5


def test_shared_years_go_to_either_era_or_to_one() -> None:
    # DQN alone is outside whichever era the shared years go to.
    found = run_cells("eras", {})
    outside = [found[f"eras.outside.{reading}"].value for reading in ("either", "earlier", "later")]
    assert outside[0] == 1
    assert min(outside[1:]) > 1
