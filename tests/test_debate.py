"""The debate and the years after 2018: figures from the papers, factors that multiply."""

import math
from pathlib import Path

import pytest
from conftest import numbers_under, value

from aicompute import Assumptions, chip_time
from aicompute.cells import run_cells
from aicompute.errors import CallError, PageError
from aicompute.tables import table

PARTS = ("chips", "rating", "days", "utilization")


@pytest.mark.parametrize(("name", "worked", "within"), [
    # AlexNet, Dropout, ZFNet, DQN (before Google bought its maker), VGG, DeepSpeech2, ResNet, Dota
    ("without_alphabet.points", 8, 0),
    ("without_search_and_games.points", 15 - 5, 0),
    # Dota as plotted over AlexNet as plotted: 6.975 / 0.00578754
    ("without_alphabet.factor", 1205, 0.5),
    # top-5 errors of ten crops, 9.33 to 5.71 and 18.2 to 9.33 percent
    ("vgg_to_resnet.top_5_fall", 1 - 5.71 / 9.33, 1e-9),
    ("alexnet_to_vgg.top_5_fall", 1 - 9.33 / 18.2, 1e-9),
    # multiply-adds of one image, 11.3e9 over 15.47e9
    ("vgg_to_resnet.forward_ratio_16", 11.3 / 15.47, 0.003),
    # FLOP as the Transformer's paper prints them; the mixture of experts is recurrent and later
    ("translation.en_fr.compute_ratio", 1.4e20 / 2.3e19, 1e-9),
    ("translation.moe_en_fr.compute_ratio", 1.2e20 / 2.3e19, 1e-9),
    ("translation.en_fr.bleu_gain", 41.8 - 39.92, 1e-9),
    # GNMT as plotted over the article's value: 79.4277 / 0.089
    ("gap.transformer", 892.4, 0.1),
    # architecture search ran 800 cards for 28 days, AlexNet 2 for 5.5
    ("parts.nas.chips.factor", 400, 0),
    ("parts.nas.days.factor", 28 / 5.5, 1e-9),
    # 2,000 TPUs, guessed, over 2 cards; 1,862 over 0.00578754 pfs-days
    ("parts.alphago_zero.chips.factor", 1000, 0),
    ("parts.alphago_zero.product", 1862 / 0.00578754, 1),
    ("largest.search_and_games", 3, 0),
    # since 2015: DeepSpeech2 16, GNMT 96, Xception 60, NAS 800, Dota 256, AlphaGo Zero 2,000,
    # AlphaZero 5,000 chips; ResNet's are not in print
    ("machines.since_2015", 7, 0),
    ("machines.since_2015_of", 8, 0),
    # AlexNet 2, Dropout 1, ZFNet 1, VGG 4, Seq2Seq 8; DQN's are not in print, GoogLeNet's never ran
    ("machines.before_2015_known", 5, 0),
    ("slopes.runs", 5 + 7, 0),
    # 3,640 pfs-days as GPT-3's paper prints them, over 0.00578754
    ("after_2018.gpt_3.over_alexnet", 3640 / 0.00578754, 1e-6),
    # From 2017-10-19 to 2020-05-28 are 952 days, of 365.25 / 12 = 30.4375 a month; compute grew
    # from 1,862 to 3,640 pfs-days
    ("after_2018.first_record.months", 952 / 30.4375, 1e-9),
    ("after_2018.first_record.doubling_time_months", 31.278 / math.log2(3640 / 1862), 1e-3),
])
def test_a_point_of_the_debate_is_what_it_is_worked_out_to_by_hand(
    name: str, worked: float, within: float
) -> None:
    whole = name if name.startswith("after_2018.") else f"debate.{name}"
    assert value(whole) == pytest.approx(worked, abs=within or 1e-12)


def test_vgg_over_googlenet_is_as_open_as_the_epochs_nobody_published() -> None:
    # 30 to 250 epochs are guessed, 140 taken: the ratio of 5.5 may be a ratio of 2.9 or of 26.
    found = numbers_under()["debate.vgg_over_googlenet.compute_ratio"]
    assert (found.low, found.high) == (pytest.approx(2.88, abs=0.01), pytest.approx(26, abs=0.1))


def test_a_machine_that_never_ran_counts_nowhere_as_used() -> None:
    # GoogLeNet was trained on processors; its four cards stood among the runs on one machine.
    rows = chip_time(Assumptions())
    ran = rows[~rows["hypothetical"]]
    assert set(rows["system_id"]) - set(ran["system_id"]) == {"googlenet", "gan", "adam"}


@pytest.mark.parametrize("last", ["nas", "alphago_zero"])
def test_the_factors_multiply_to_the_growth_and_their_shares_add_up(last: str) -> None:
    product = math.prod(value(f"debate.parts.{last}.{part}.factor") for part in PARTS)
    assert product == pytest.approx(value(f"debate.parts.{last}.product"))
    assert sum(value(f"debate.parts.{last}.{part}.share") for part in PARTS) == pytest.approx(1)


def test_the_slopes_of_the_factors_add_up_to_that_of_the_compute() -> None:
    shares = [value(f"debate.slopes.{part}.share") for part in (*PARTS, "further")]
    assert sum(shares) == pytest.approx(1)


def test_equal_utilizations_have_no_share_in_the_trend() -> None:
    # The shipped scenario of half utilization ended in "a fit needs values that differ".
    half = run_cells("growth_parts", dict.fromkeys(
        ("gpu_utilization", "cpu_utilization", "tpu_utilization"), 0.5))
    assert half["debate.slopes.utilization.share"].value is not None


def test_a_page_that_misses_a_system_says_where(data: Path) -> None:
    rows = (data / "accuracy.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(row for row in rows if ",vgg," not in row)
    (data / "accuracy.csv").write_text(kept, encoding="utf-8")
    with pytest.raises(PageError, match=r"chapters/progress\.md:\d+: KeyError: .*vgg.*put it back"):
        run_cells("progress")
    with pytest.raises(CallError, match=r"system vggg: in no row of systems\.csv"):
        table("published", "vggg")
