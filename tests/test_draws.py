"""Random draws of inputs and systems, and choices altered one at a time: planted truths first."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import numbers_under
from scipy import stats

from aicompute import Assumptions, estimates, fitted_systems
from aicompute.cells import run_cells
from aicompute.draws import Draws, doubling_time, resampling_weights, slopes
from aicompute.methods import chip_time

BASELINE = Assumptions()
#: A planted slope: a doubling every 3.4 months of 30.4375 days, doublings a day.
PLANTED = 1 / (3.4 * 30.4375)


def drawn(value: float, low: float, high: float, means: str = "", **altered: Any) -> np.ndarray:
    """Draws of one made-up input."""
    draws = Draws(Assumptions(**altered))
    return draws.spread(value, low, high, draws.normal("made up"), means)


def systems_of(values: str) -> pd.DataFrame:
    """The systems of the fit with one of their three values."""
    under = BASELINE.model_copy(update={"values": values})
    return fitted_systems(estimates(under), under)


@pytest.fixture(scope="module")
def draws() -> Draws:
    return Draws(BASELINE)


@pytest.mark.parametrize(("quantile", "expected"), [
    # Half of log(10 / 5) below, half of log(40 / 10) above, each end reached by 5 % of the draws.
    (0.05, 5.0), (0.5, 10.0), (0.95, 40.0),
    # A quarter of the draws lies 0.6745 standard deviations out; the ends lie 1.6449 out.
    (0.25, 10 * 0.5 ** (0.67449 / 1.64485)), (0.75, 10 * 4 ** (0.67449 / 1.64485)),
])
def test_quantiles_of_a_lopsided_range(quantile: float, expected: float) -> None:
    found = np.quantile(drawn(10, 5, 40, samples=100_000), quantile)
    assert found == pytest.approx(expected, rel=0.015)  # three standard errors of 100,000 draws


@pytest.mark.parametrize("covers", [0.5, 0.9, 0.99])
def test_a_range_holds_the_share_it_is_taken_to_cover(covers: float) -> None:
    found = drawn(5.5, 5, 6, range_covers=covers)
    # The share of 4,000 draws has a standard error of 0.008 at most.
    assert ((found >= 5) & (found <= 6)).mean() == pytest.approx(covers, abs=0.024)


def test_percentiles_are_those_a_row_gives_whatever_other_ranges_cover() -> None:
    found = drawn(5.5, 5, 6, "16_to_84", range_covers=0.99)
    assert np.quantile(found, [0.16, 0.84]) == pytest.approx([5, 6], rel=0.01)


def test_between_limits_draws_are_even_on_a_log_scale_and_none_lies_outside() -> None:
    found = drawn(10, 5, 40, "limits", samples=100_000)
    assert (found.min(), found.max()) == pytest.approx((5, 40), rel=1e-3)
    # Half of the way, in logarithms, from the value to each end: 10 / sqrt(2) and 10 x sqrt(4).
    assert np.quantile(found, [0.25, 0.5, 0.75]) == pytest.approx([7.071, 10, 20], rel=0.02)


def test_a_range_open_on_one_side_leaves_half_of_the_draws_at_the_value() -> None:
    found = drawn(60, 30, 60)
    assert (found == 60).mean() == pytest.approx(0.5, abs=0.024)
    assert found.max() == 60


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, second, other = (drawn(5.5, 5, 6, seed=seed) for seed in (7, 7, 8))
    assert first.tobytes() == second.tobytes()
    assert not np.isclose(first, other).any()


def test_draws_do_not_depend_on_what_was_asked_for_before() -> None:
    # A row added to a table would otherwise move every interval of the book.
    fresh, used = Draws(BASELINE), Draws(BASELINE)
    used.calculation("vgg", 2, "article")
    assert np.array_equal(*(d.calculation("alexnet", 2, "article") for d in (fresh, used)))


@pytest.mark.parametrize(("altered", "system_id", "basis", "expected"), [
    ({}, "vgg", "recount", (0.2, 0.33, 0.5)),
    # A TPU at 0.66 keeps the proportion, but for the peak.
    ({"tpu_utilization": 0.66}, "alphazero", "recount", (0.4, 0.66, 1.0)),
    # 0.2 stays the low end; 0.5, below the value, gives way to the value itself.
    ({"gpu_utilization": 0.6}, "vgg", "recount", (0.2, 0.6, 0.6)),
    # The article's own share stays its 0.33, whatever we assume; so do its ends.
    ({"gpu_utilization": 0.4}, "alexnet", "article", (0.2, 0.33, 0.5)),
])
def test_a_range_holds_the_utilization_wherever_one_is_assumed(
    altered: dict[str, float], system_id: str, basis: str, expected: tuple[float, ...]
) -> None:
    # AlphaZero stood at 348 to 350 pfs-days: its utilization was left out of its range.
    row = chip_time(BASELINE.model_copy(update=altered), system_id).set_index("basis").loc[[basis]]
    ends = [row[f"utilization{end}"].iloc[0] for end in ("_low", "", "_high")]
    assert ends == pytest.approx(expected)


def made(units: tuple[float, float], epochs: tuple[float, float]) -> Draws:
    """Draws with one made-up count: units x epochs, each about 1."""
    draws = Draws(Assumptions(samples=100_000))
    ends = {f"{name}_{end}": value for name, pair in (("units", units), ("epochs", epochs))
            for end, value in zip(("low", "high"), pair, strict=True)}
    row = {"errors_of": "made", "range_means": "", "units": 1.0, "epochs": 1.0, "pfs_days": 1.0,
           **ends}
    draws.phases["made", 1, "recount"] = [row]
    return draws


def test_the_product_of_two_log_normals_is_the_closed_form() -> None:
    # Variances of logarithms add up: a factor 2 and a factor 3, each the end of 90 %, make
    # exp(sqrt(log(2)^2 + log(3)^2)) = 3.666 for the ends of 90 % of the product, not 6.
    found = made((1 / 2, 2), (1 / 3, 3)).calculation("made", 1, "recount")
    low, middle, high = np.quantile(found, [0.05, 0.5, 0.95])
    assert high == pytest.approx(3.666, rel=0.02)
    assert low == pytest.approx(1 / 3.666, rel=0.02)
    assert middle == pytest.approx(1, rel=0.015)


def test_a_guess_that_stands_in_two_phases_errs_the_same_way() -> None:
    draws = made((1 / 2, 2), (1, 1))
    once = draws.calculation("made", 1, "recount")
    draws.phases["made", 1, "recount"] *= 2
    assert draws.calculation("made", 1, "recount") == pytest.approx(2 * once)


def test_every_calculation_without_its_errors_is_its_value(draws: Draws) -> None:
    # At the median of every input: no factor may be drawn about anything but its value.
    still = Draws(BASELINE.model_copy(update={"samples": 1}))
    still.normal = lambda *_: np.zeros(1)  # type: ignore[method-assign]
    for key, phases in draws.phases.items():
        value = sum(row["pfs_days"] for row in phases)
        assert still.calculation(*key)[0] == pytest.approx(value, rel=1e-12), key


@pytest.mark.parametrize(("altered", "low", "high"), [
    ({}, 1 / 2.5, 2.5), ({"set": "before_2012"}, 1 / 10, 10),
    # Its source's own range goes before; an open end is the value itself.
    ({"published_low": 0.5, "published_high": 3.0}, 0.5, 3.0), ({"published_low": 0.5}, 0.5, 1.1),
])
def test_a_published_value_spreads_over_its_range_or_the_factor_the_article_claims(
    draws: Draws, altered: dict[str, Any], low: float, high: float
) -> None:
    row = {"system_id": "made", "pfs_days": 1.0, "set": "chart", "published_low": np.nan,
           "published_high": np.nan, "published_means": ""}
    found = draws.published({**row, **altered})
    assert ((found > low) & (found < high)).mean() == pytest.approx(
        0.95 if high == 1.1 else 0.9, abs=0.02)


def test_systems_that_share_an_input_have_a_ratio_without_its_error() -> None:
    # openai_2018: ZFNet ran for 12 days, Dropout for 4, each on one GTX 580. Rating and share of
    # the peak are the same in both, whatever they are: 12 / 4 = 3.
    # Each with an error of its own, a standard deviation of 0.28 on the log scale, has it twice;
    # with half of the variance in common, half of that.
    for errors, variance in (("shared", 0), ("both", 0.28**2), ("each", 2 * 0.28**2)):
        draws = Draws(Assumptions(errors_drawn=errors))
        long, short = (draws.calculation(name, 2, "article") for name in ("zfnet", "dropout"))
        assert np.median(long / short) == pytest.approx(3, rel=0.03)
        assert np.log(long / short).var() == pytest.approx(variance, abs=0.015)


@pytest.mark.parametrize(("one", "other", "phase", "method"), [
    # The moves of a game of Go are one fact for both (huang_2018).
    ("alphago_zero", "alphazero", "go_self_play", 1),
    # R1 was trained from V3: what that took is the same, whatever it was.
    ("deepseek_v3", "deepseek_r1", "deepseek_v3_pre_training", 2),
])
def test_what_rests_on_one_fact_errs_once(
    draws: Draws, one: str, other: str, phase: str, method: int
) -> None:
    first = draws.phases[one, method, "recount"][0]
    (second,) = (row for row in draws.phases[other, method, "recount"] if row["phase"] == phase)
    here, there = draws._product(first), draws._product(second)
    assert np.std(here) > 0
    assert there / here == pytest.approx(second["pfs_days"] / first["pfs_days"])


def test_slopes_agree_with_scipy_on_every_resample() -> None:
    random = np.random.default_rng(1)
    x, y = np.sort(random.uniform(0, 2000, 15)), random.normal(size=15)
    weights = random.multinomial(15, np.full(15, 1 / 15), size=20).astype(float)
    expected = [
        stats.linregress(np.repeat(x, w.astype(int)), np.repeat(y, w.astype(int))).slope
        for w in weights
    ]
    assert slopes(x, y[None, :], weights) == pytest.approx(expected)


def test_a_resample_of_one_date_has_no_slope() -> None:
    weights = np.array([[3.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    found = slopes(np.array([0.0, 1.0, 2.0]), np.array([[0.0, 1.0, 2.0]]), weights)
    assert np.isnan(found).tolist() == [True, False]


def test_a_planted_slope_is_recovered_from_values_that_err_each_by_itself() -> None:
    x = np.linspace(0.0, 2000.0, 15)
    errors = np.random.default_rng(3).normal(0, 1.3, (20_000, 15))
    found = slopes(x, x * PLANTED + errors)
    # The textbook's spread of a least-squares slope: sigma over the root of the sum of squares.
    spread = 1.3 / np.sqrt(((x - x.mean()) ** 2).sum())
    assert found.mean() == pytest.approx(PLANTED, abs=4 * spread / np.sqrt(20_000))
    assert found.std() == pytest.approx(spread, rel=0.02)


@pytest.mark.parametrize("points", [15, 40])
def test_the_bootstrap_covers_a_planted_slope_nearly_as_often_as_it_says(points: int) -> None:
    # 400 made-up charts with the scatter of the article's. An interval by resampling is known to
    # be a little narrow on few points; 0.04 is that and three standard errors of the share (0.03).
    weights = resampling_weights(Draws(Assumptions(samples=1000)), points)
    held = []
    for seed in range(400):
        random = np.random.default_rng(seed)
        x = np.sort(random.choice(2000, points, replace=False)).astype(np.float64)
        logs = x * PLANTED + random.normal(0, 3.5, points)
        low, high = np.nanquantile(slopes(x, logs[None, :], weights), [0.025, 0.975])
        held.append(low <= PLANTED <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_the_bootstrap_interval_is_near_the_one_found_independently(draws: Draws) -> None:
    # 2.4 to 4.7 months by another program on the same fifteen points.
    found = doubling_time(systems_of("published"), draws, inputs=False)
    assert (found.low, found.high) == pytest.approx((2.4, 4.7), abs=0.1)


def test_one_error_for_all_published_values_leaves_the_doubling_time() -> None:
    shared = Draws(Assumptions(errors_drawn="shared"))
    found = doubling_time(systems_of("published"), shared, sampling=False)
    assert (found.low, found.high) == pytest.approx((found.value, found.value))


def test_inputs_and_systems_together_are_wider_than_either(draws: Draws) -> None:
    systems = systems_of("published")
    spans = [doubling_time(systems, draws, inputs=inputs, sampling=sampling)
             for inputs, sampling in ((True, False), (False, True), (True, True))]
    widths = [span.high - span.low for span in spans]
    assert widths == sorted(widths)


def test_the_doubling_time_of_too_few_systems_is_unknown(draws: Draws) -> None:
    found = doubling_time(systems_of("published").head(2), draws)
    assert np.isnan(found).all()


@pytest.mark.parametrize(("name", "months"), [
    # Refits of the same fifteen points by another program, to two decimals.
    ("without_dqn", 3.78), ("without_alphago_zero", 3.71), ("without_alphazero", 3.54),
    ("record_setters", 3.39), ("without_dqn_and_go", 4.46), ("alphago_zero_henderson_2020", 3.64),
    ("alphago_zero_epoch_2026", 4.52), ("alphago_zero_epoch_2025", 3.39), ("month_30_5", 3.43),
    # From 0.2 to 0.5 is log2(2.5) = 1.322 doublings over 2,013 days or 66.13 months, beside the
    # 66.13 / 3.437 = 19.24 of the line: 66.13 / (19.24 + 1.32) = 3.216.
    ("utilization_rising", 3.216),
])
def test_a_refit_gives_the_months_found_independently(name: str, months: float) -> None:
    found = numbers_under()[f"sensitivity.{name}.doubling_time_months"].value
    assert found == pytest.approx(months, abs=0.0055)


def test_every_fitted_system_is_left_out_once() -> None:
    for name in systems_of("published")["system_id"]:
        assert f"sensitivity.without_{name}.doubling_time_months" in numbers_under()


def test_where_nothing_can_be_fitted_no_choice_moves_anything() -> None:
    assert run_cells("sensitivity", {"until": "2012-07-31"})["sensitivity.cases"].value == 0
