"""Measured utilization: one share by hand, the networks' counts, and what the assumption moves."""

import pytest

from aicompute import Assumptions, chip_time, counted_multiply_adds, table
from aicompute.measured import measured_shares

MEASURED = Assumptions(utilization_from="measured")
#: How much of another network was run than the layer table has, as the notes of the rows say.
RUN = {
    "alexnet": counted_multiply_adds("alexnet"), "dqn": counted_multiply_adds("dqn"),
    "vgg16": counted_multiply_adds("vgg16"),
    # torchvision's totals, as totals.csv has them.
    "googlenet": 1.498e9, "resnet152": 1.1514e10,
    # One residual block more: two convolutions of 256 channels to 256, 3 x 3, at 19 x 19.
    "alphago_zero_20": counted_multiply_adds("alphago_zero_20") + 2 * 256 * 256 * 9 * 19 * 19,
    "seq2seq": 32_000_000 + 112_000_000,
    # 64 tokens a side at a vocabulary of 32,000, and the attention: 18 x 2 x 1024 x 64 x 64.
    "transformer_big": 64 * (75_497_472 + 138_551_296 - 1024 * 5000) + 150_994_944,
    # Seven layers of 2 x 1280 x 1280 and one of 1280 x 1280.
    "deepspeech2_article": 15 * 1280**2,
    # 24 layers of 12 x 1600 x 1600, words, and the attention over 1,024 tokens.
    "gpt2_like_24x1600": 1024 * (24 * (12 * 1600**2 + 2 * 1600 * 1024) + 50_304 * 1600),
}


def test_alexnet_sustains_the_share_that_its_seconds_give() -> None:
    # 6 x 724,406,816 x 128 = 5.5634e11 FLOP in 0.020481 s is 27.164 TFLOP/s; of 66.91, 40.6 %.
    row = measured_shares().query("chip_id == 'h100' and network == 'alexnet' and batch == 128")
    assert row["tflop_per_second"].item() == pytest.approx(27.164, rel=1e-4)
    assert row["utilization"].item() == pytest.approx(0.406, rel=1e-3)


def test_what_was_run_is_the_layer_tables_network_or_as_far_from_it_as_is_said() -> None:
    rows = table("measured_utilization").query("source_key == 'measured_2026'")
    for network, own in rows.groupby("network"):
        assert own["multiply_adds"].unique() == pytest.approx([RUN[str(network)]], rel=1e-4)


def test_alexnets_chip_time_takes_its_own_measured_share() -> None:
    # 0.406 in place of 0.33. The article's row keeps its third.
    before, after = (chip_time(a, "alexnet").set_index("basis")["pfs_days"]
                     for a in (Assumptions(), MEASURED))
    assert after["recount"] / before["recount"] == pytest.approx(0.406 / 0.33, rel=1e-3)
    assert after["article"] == before["article"]


def test_only_our_rows_on_cards_of_32_bits_that_state_no_share_are_measured() -> None:
    rows = chip_time(MEASURED).merge(table("chips")[["chip_id", "number_format"]], on="chip_id")
    taken, left = rows[rows["utilization_measured"]], rows[~rows["utilization_measured"]]
    assert set(taken["basis"]) == {"recount"}
    assert set(taken["number_format"]) == {"fp32"}
    assert {"gnmt", "vgg"} <= set(taken["system_id"])
    same = chip_time(Assumptions()).loc[left.index, "pfs_days"]
    assert left["pfs_days"].tolist() == same.tolist()


def test_a_network_that_was_not_timed_takes_the_median_with_its_quartiles() -> None:
    # Eight networks at their papers' batches, 0.517 21.9 39.2 40.6 58.6 65.0 93.3 96.7 %: the
    # middle of 40.6 and 58.6; quartiles 21.9 + 0.75 x 17.3 and 65.0 + 0.25 x 28.3.
    gnmt = chip_time(MEASURED, "gnmt").set_index("basis").loc["recount"]
    ends = [gnmt[f"utilization{end}"] for end in ("_low", "", "_high")]
    assert ends == pytest.approx([0.349, 0.496, 0.721], rel=2e-3)
