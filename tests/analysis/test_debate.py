"""The debate: factors that multiply, slopes that add, and figures from the papers."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from aicompute.analysis import debate
from aicompute.assumptions import Assumptions
from aicompute.dataset import Dataset
from aicompute.errors import DataError
from aicompute.results import Results, document
from aicompute.study import Study
from aicompute.trend import FitError
from aicompute.words.number_text import number_text


@pytest.fixture(scope="module")
def results(study: Study) -> Results:
    """The results of the baseline."""
    return Results(study)


def test_the_factors_multiply_to_the_growth_of_the_headline(study: Study) -> None:
    # AlphaGo Zero over AlexNet as plotted: 1862 / 0.00578754.
    product = math.prod(part.factor for part in debate.growth_parts(study))
    assert product == pytest.approx(1862 / 0.00578754)


def test_the_shares_of_the_factors_add_up_to_one(study: Study) -> None:
    assert sum(part.share for part in debate.growth_parts(study)) == pytest.approx(1)


def test_the_chips_of_alphago_zero_are_a_thousand_times_those_of_alexnet(study: Study) -> None:
    # 2,000 TPUs (guessed) over 2 cards.
    assert debate.growth_parts(study)[0].factor == 1000


def test_more_chips_leave_less_utilization(study: Study) -> None:
    left = [debate.growth_parts(study, chips=chips)[-1].after for chips in (1596.0, 6384.0)]
    assert left[1] == pytest.approx(left[0] / 4)


def test_the_parts_of_every_run_multiply_to_its_compute(study: Study) -> None:
    runs = debate.chip_runs(study, "chart")
    product = runs[list(debate.PARTS)].prod(axis=1) / 1e15
    assert product.to_numpy() == pytest.approx(runs["pfs_days"].to_numpy())


def test_the_slopes_of_the_factors_add_up_to_the_slope_of_the_compute(study: Study) -> None:
    parts = debate.slope_parts(debate.chip_runs(study, "chart"), study).set_index("part")["slope"]
    assert parts[list(debate.PARTS)].sum() == pytest.approx(parts["pfs_days"])


def test_eight_systems_remain_without_alphabet(results: Results) -> None:
    # AlexNet, Dropout, ZFNet, DQN (before Google bought its maker), VGG, DeepSpeech2, ResNet, Dota.
    assert results["debate.without_alphabet.points"].value == 8


def test_leaving_out_alphabet_is_the_same_fit_as_the_assumption(
    study: Study, results: Results
) -> None:
    fit = study.under(without_alphabet=True).fit
    found = results["debate.without_alphabet.doubling_time_months"]
    assert found.value == pytest.approx(fit.doubling_time_months)


def test_five_systems_search_or_play(results: Results) -> None:
    assert results["debate.without_search_and_games.points"].value == 15 - 5


def test_from_vgg_to_resnet_the_top_five_error_falls_by_39_percent(results: Results) -> None:
    # Ten crops: 9.33 to 5.71 percent, 1 - 5.71 / 9.33 = 0.388.
    assert results["debate.vgg_to_resnet.top_5_fall"].value == pytest.approx(0.388, abs=5e-4)


def test_one_image_costs_resnet_less_than_vgg(results: Results) -> None:
    # 11.3e9 over 15.47e9 multiply-adds.
    ratio = results["debate.vgg_to_resnet.forward_ratio_16"].value
    assert ratio == pytest.approx(11.3 / 15.47, rel=0.003)


def test_the_transformer_took_six_times_less_than_the_recurrent_translator(
    results: Results,
) -> None:
    # 1.4e20 over 2.3e19, as the paper prints them.
    assert results["debate.translation.en_fr.compute_ratio"].value == pytest.approx(1.4e20 / 2.3e19)


def test_the_transformer_scored_two_points_more(results: Results) -> None:
    # 41.8 less 39.92
    assert results["debate.translation.en_fr.bleu_gain"].value == pytest.approx(1.88)


def test_a_planted_power_law_is_recovered() -> None:
    compute = pd.Series([1.0, 10.0, 100.0])
    law = debate.error_law(compute, 20 * compute**-0.25, 0.95)
    assert (law.exponent, law.constant) == pytest.approx((-0.25, 20))


def test_two_networks_make_no_power_law() -> None:
    with pytest.raises(FitError, match="three"):
        debate.error_law(pd.Series([1.0, 2.0]), pd.Series([2.0, 1.0]), 0.95)


def test_the_fitted_line_of_errors_uses_one_way_of_testing(study: Study) -> None:
    table = debate.accuracy(study, "imagenet_2012", "top_5_error", "ten_crops")
    assert list(table["system_id"]) == ["alexnet", "zfnet", "vgg", "googlenet", "resnet"]


def test_the_largest_run_before_the_transformer_took_nearly_nine_hundred_times_as_much(
    results: Results,
) -> None:
    # GNMT as plotted over the article's 0.089: 79.4277 / 0.089 = 892.4.
    assert results["debate.gap.transformer"].value == pytest.approx(892.4, abs=0.1)


def test_slopes_of_two_systems_are_not_compared(study: Study) -> None:
    table = study.fitted
    with pytest.raises(FitError, match="three"):
        debate.slopes_differ(table, table["system_id"].isin(["alexnet", "vgg"]))


def test_a_scenario_that_leaves_almost_nothing_still_gives_results(study: Study) -> None:
    few = Results(study.under(without=("alexnet", "dropout", "zfnet", "dqn", "vgg", "deepspeech2")))
    assert few["debate.without_alphabet.doubling_time_months"].value is None


def test_two_networks_with_one_error_have_a_rank_correlation(data: Path) -> None:
    # A tie has no exact table of chances, and ended every command in a traceback.
    path = data / "accuracy.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count("ten_crops,9.15,") == 1
    path.write_text(text.replace("ten_crops,9.15,", "ten_crops,9.33,"), encoding="utf-8")
    found = Results(Study(Dataset(data), Assumptions()))["debate.error.rank_correlation"]
    assert found.value is not None
    assert 0 < found.value < 1


def test_a_table_without_what_the_argument_rests_on_is_named_in_one_line(data: Path) -> None:
    path = data / "accuracy.csv"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(row for row in rows if ",vgg," not in row), encoding="utf-8")
    with pytest.raises(DataError, match=r"^results debate: cannot be calculated .*: .*vgg.*$"):
        Results(Study(Dataset(data), Assumptions())).families(["debate"])


def test_a_negative_number_has_a_true_minus_in_words_and_a_hyphen_in_data(results: Results) -> None:
    # Tables of differences had the one, all other texts the other.
    exponent = results["debate.error.exponent"]
    assert exponent.value is not None
    assert exponent.value < 0
    words = number_text(exponent, "range")
    assert words.count("−") == 3
    assert "-" not in words
    assert "−" not in json.dumps(document(results.study, {"exponent": exponent}))
