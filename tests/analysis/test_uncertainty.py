"""Random draws of inputs and systems: planted truths, correlation, reproducibility."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from aicompute.analysis import uncertainty
from aicompute.analysis.draws import Draws, ends, factor_range
from aicompute.assumptions import Assumptions
from aicompute.dataset import DATA
from aicompute.methods.calculations import Factor
from aicompute.study import Study, open_study
from aicompute.topics.uncertainty import doubling_intervals
from aicompute.trend import FitError

#: A planted slope: a doubling every 3.4 months of 30.4375 days, doublings a day.
PLANTED = 1 / (3.4 * 30.4375)


def assumed(**altered: object) -> Assumptions:
    return Assumptions.model_validate(altered)


def days(value: float = 5.5, low: float = 5.0, high: float = 6.0) -> Factor:
    return Factor("days", value, "days", low, high)


def utilization() -> Factor:
    return Factor("utilization", 0.33, "", 0.33, 0.33, assumption="gpu_utilization")


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (Draws(assumed()).factor("alexnet", days()) for _ in range(2))
    assert np.asarray(first).tobytes() == np.asarray(second).tobytes()


def test_another_seed_gives_other_draws() -> None:
    first, second = (Draws(assumed(seed=seed)).factor("alexnet", days()) for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_draws_do_not_depend_on_what_was_asked_for_before() -> None:
    fresh, used = Draws(assumed()), Draws(assumed())
    used.factor("vgg", days())
    used.factor("alexnet", utilization())
    assert np.array_equal(fresh.factor("alexnet", days()), used.factor("alexnet", days()))


def test_the_range_of_an_input_holds_the_share_it_is_taken_to_cover() -> None:
    # 4,000 draws: the share has a standard error of half a percent.
    drawn = np.asarray(Draws(assumed(range_covers=0.9)).factor("alexnet", days()))
    assert ((drawn >= 5) & (drawn <= 6)).mean() == pytest.approx(0.9, abs=0.02)


def test_the_value_is_the_median_also_of_a_lopsided_range() -> None:
    drawn = Draws(assumed()).factor("dqn", days(2.0, 1.9, 20.0))
    assert np.median(drawn) == pytest.approx(2.0, rel=0.01)


def test_a_range_open_on_one_side_leaves_half_of_the_draws_at_the_value() -> None:
    drawn = np.asarray(Draws(assumed()).factor("xception", days(60.0, 30.0, 60.0)))
    assert (drawn == 60.0).mean() == pytest.approx(0.5, abs=0.03)


def test_an_input_without_a_range_stays_what_it_is() -> None:
    assert Draws(assumed()).factor("alexnet", days(4.0, 4.0, 4.0)) == 4.0


def test_a_rating_stays_between_base_and_boost_clock() -> None:
    rating = Factor("flop_per_second", 8.5e12, "FLOP/s", 5.6e12, 8.7e12,
                    assumption="chip_rating", text="K80")
    drawn = np.asarray(Draws(assumed()).factor("gnmt", rating))
    assert 5.6e12 <= drawn.min() <= drawn.max() <= 8.7e12


def test_utilization_never_passes_the_peak() -> None:
    drawn = Draws(assumed(gpu_utilization_high=1.0)).factor("alexnet", utilization())
    assert np.max(drawn) == 1.0


def test_the_range_of_utilization_is_widened_to_hold_an_altered_value() -> None:
    altered = assumed(gpu_utilization=0.6)
    factor = Factor("utilization", 0.6, "", 0.6, 0.6, assumption="gpu_utilization")
    # 0.2 stays the low end; 0.5, below the value, gives way to the value itself.
    assert factor_range(factor, altered) == pytest.approx((0.2, 0.6))


def test_a_guess_that_stands_in_two_phases_is_drawn_once() -> None:
    drawn = Draws(assumed())
    epochs = [Factor("epochs", 140.0, "epochs", 30.0, 250.0, guessed=True) for _ in range(2)]
    assert np.array_equal(*(drawn.factor("googlenet", factor) for factor in epochs))


@pytest.mark.parametrize(("errors", "expected"), [("shared", 1.0), ("each", 0.0), ("both", 0.5)])
def test_two_systems_share_as_much_of_the_utilizations_error_as_is_assumed(
    errors: str, expected: float
) -> None:
    drawn = Draws(assumed(errors_drawn=errors))
    logs = [np.log(drawn.factor(system, utilization())) for system in ("alexnet", "vgg")]
    # Half of the variance in common is a correlation of one half; standard error 0.016.
    assert np.corrcoef(logs)[0, 1] == pytest.approx(expected, abs=0.05)


def test_the_spread_of_utilization_does_not_depend_on_what_is_shared() -> None:
    spreads = [
        np.std(np.log(Draws(assumed(errors_drawn=errors)).factor("alexnet", utilization())))
        for errors in ("shared", "each", "both")
    ]
    assert max(spreads) / min(spreads) == pytest.approx(1.0, abs=0.05)


def test_alexnet_by_hand_at_both_ends_of_its_inputs(study: Study) -> None:
    # 2 cards x 5 days x 1.58e12 FLOP/s x 0.2 x 86,400 s / 8.64e19 = 0.00316 pfs-days;
    # 2 x 6 x 1.581e12 (the base clock's rating) x 0.5 x 86,400 / 8.64e19 = 0.009486.
    found = ends(study.calculations["alexnet", 2, "article"], study.assumptions)
    assert (found.low, found.high) == pytest.approx((0.00316, 0.009486))


def test_the_interval_of_a_product_lies_inside_its_extremes_less_the_tails(study: Study) -> None:
    calculation = study.calculations["alexnet", 2, "article"]
    drawn = uncertainty.calculation_interval(study, calculation)
    # A product of two independent ranges: the central 90 % is narrower than both ends at once.
    narrower = uncertainty.calculation_interval(study.under(confidence=0.9), calculation)
    found = ends(calculation, study.assumptions)
    assert found.low < narrower.low < narrower.high < found.high
    assert drawn.low < narrower.low


def test_a_published_value_spreads_by_the_factor_the_article_claims(study: Study) -> None:
    drawn = Draws(assumed(errors_drawn="each")).published("alexnet", 1.0)
    assert ((drawn > 1 / 2.5) & (drawn < 2.5)).mean() == pytest.approx(0.9, abs=0.02)


def test_slopes_agree_with_scipy_on_every_resample() -> None:
    random = np.random.default_rng(1)
    x, y = np.sort(random.uniform(0, 2000, 15)), random.normal(size=15)
    weights = random.multinomial(15, np.full(15, 1 / 15), size=20).astype(float)
    expected = [
        stats.linregress(np.repeat(x, w.astype(int)), np.repeat(y, w.astype(int))).slope
        for w in weights
    ]
    assert uncertainty.slopes(x, y[None, :], weights) == pytest.approx(expected)


def test_a_resample_of_one_date_has_no_slope() -> None:
    weights = np.array([[3.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    found = uncertainty.slopes(np.array([0.0, 1.0, 2.0]), np.array([[0.0, 1.0, 2.0]]), weights)
    assert np.isnan(found).tolist() == [True, False]


def test_a_planted_slope_is_recovered_from_values_that_err_each_by_itself() -> None:
    x = np.linspace(0.0, 2000.0, 15)
    errors = np.random.default_rng(3).normal(0, 1.3, (20_000, 15))
    found = uncertainty.slopes(x, x * PLANTED + errors)
    # The textbook's spread of a least-squares slope: sigma over the root of the sum of squares.
    spread = 1.3 / np.sqrt(((x - x.mean()) ** 2).sum())
    assert found.mean() == pytest.approx(PLANTED, abs=4 * spread / np.sqrt(20_000))
    assert found.std() == pytest.approx(spread, rel=0.02)


def test_an_error_that_all_values_share_leaves_a_planted_slope_alone() -> None:
    x = np.linspace(0.0, 2000.0, 15)
    shared = np.random.default_rng(3).normal(0, 1.3, (100, 1))
    assert uncertainty.slopes(x, x * PLANTED + shared) == pytest.approx(PLANTED)


@pytest.mark.parametrize("points", [15, 40])
def test_drawing_the_systems_anew_covers_a_planted_slope_nearly_as_often_as_it_says(
    points: int,
) -> None:
    # 400 made-up charts with the scatter of the article's. An interval by resampling is known to
    # be a little narrow on few points; 0.04 is that and three standard errors of the share (0.03).
    weights = uncertainty.resampling_weights(Draws(assumed(samples=1000)), points)
    held = []
    for seed in range(400):
        random = np.random.default_rng(seed)
        x = np.sort(random.choice(2000, points, replace=False)).astype(np.float64)
        logs = x * PLANTED + random.normal(0, 3.5, points)
        drawn = uncertainty.slopes(x, logs[None, :], weights)
        low, high = np.nanquantile(drawn, [0.025, 0.975])
        held.append(low <= PLANTED <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_the_interval_of_a_value_covers_the_truth_as_often_as_it_says() -> None:
    # The truth is 1; what is published errs by a factor 2.5 in one case of ten, as is assumed.
    held = []
    for seed in range(400):
        error = np.random.default_rng(seed).normal() * np.log(2.5) / stats.norm.ppf(0.95)
        drawn = Draws(assumed(seed=seed, samples=1000, errors_drawn="each")).published(
            "made up", float(np.exp(error)))
        low, high = np.quantile(drawn, [0.025, 0.975])
        held.append(low <= 1 <= high)
    # Three standard errors of a share of 400.
    assert np.mean(held) == pytest.approx(0.95, abs=0.033)


def test_the_same_seed_gives_the_same_bytes_of_every_interval() -> None:
    found = []
    for _ in range(2):
        fresh = open_study(DATA, Assumptions(samples=500))
        doubling = uncertainty.doubling_time(fresh, "recounted")
        table = uncertainty.system_intervals(fresh, "recounted")
        found.append((table.to_csv().encode(), doubling.low.hex(), doubling.high.hex()))
    assert found[0] == found[1]


@pytest.mark.parametrize(("x", "y"), [
    pytest.param([0.0, 1.0], [0.0, 1.0], id="two points"),
    pytest.param([0.0, 1.0, 2.0], [0.0, -np.inf, 1.0], id="a value of zero"),
])
def test_slopes_refuse_what_has_none(x: list[float], y: list[float]) -> None:
    with pytest.raises(FitError):
        uncertainty.slopes(np.array(x), np.array([y]))


def test_the_bootstrap_interval_is_near_the_one_found_independently(study: Study) -> None:
    # 2.4 to 4.7 months by another program on the same fifteen points.
    found = uncertainty.doubling_time(study, "published", inputs=False)
    assert (found.low, found.high) == pytest.approx((2.4, 4.7), abs=0.1)


def test_one_error_for_all_published_values_leaves_the_doubling_time(study: Study) -> None:
    found = uncertainty.doubling_time(
        study, "published", sampling=False, errors_drawn="shared")
    assert (found.low, found.high) == pytest.approx((found.value, found.value))


def test_inputs_and_systems_together_are_wider_than_either(study: Study) -> None:
    inputs, systems, both = (
        uncertainty.doubling_time(study, "published", **settings)
        for settings in ({"sampling": False}, {"inputs": False}, {})
    )
    widths = [i.high - i.low for i in (inputs, systems, both)]
    assert widths[0] < widths[1] < widths[2]


def test_every_system_with_a_value_has_an_interval_around_it(study: Study) -> None:
    found = uncertainty.system_intervals(study, "recounted")
    assert ((found["low"] <= found["pfs_days"]) & (found["pfs_days"] <= found["high"])).all()


def test_leaving_a_system_out_leaves_the_others_intervals(study: Study) -> None:
    keep = ["system_id", "low", "high"]
    whole = uncertainty.system_intervals(study)[keep].set_index("system_id")
    less = study.under(without=("dqn",))
    rest = uncertainty.system_intervals(less)[keep].set_index("system_id")
    pd.testing.assert_frame_equal(whole.loc[rest.index], rest)


def test_an_interval_without_end_is_not_compared_in_width(study: Study) -> None:
    # Chips that may sustain all or a thousandth of their peak: of some draws nothing grows.
    wide = study.under(values="recounted", gpu_utilization=1.0, gpu_utilization_low=0.001,
                       cpu_utilization=1.0, tpu_utilization=0.001, published_factor=10.0,
                       range_covers=0.5, confidence=0.999, samples=100)
    compared = "the former interval is"
    assert compared not in doubling_intervals(wide).caption
    assert compared in doubling_intervals(study).caption
