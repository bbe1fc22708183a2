"""Both methods on the report's own tables: products worked by hand, in the row or its comment."""

from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from aicompute import Assumptions, calculations, chip_ratings, chip_time, counted, estimates, table

BASELINE = Assumptions()


def worked(system_id: str, method: int, basis: str, phase: str = "", **altered: object) -> float:
    """A system's compute by one method, pfs-days, the phases that end so added up."""
    run = {1: counted, 2: chip_time}[method]
    rows = run(Assumptions(**altered), system_id)  # type: ignore[arg-type]
    rows = rows[(rows["basis"] == basis) & rows["phase"].str.endswith(phase)]
    assert len(rows), f"{system_id} has no such row"
    return float(rows["pfs_days"].sum())


# openai_2018, appendix: each product as it is printed there.
ARTICLE = [
    ("alexnet", 1, 0.75e9 * 1.2e6 * 90 * 6),
    ("dqn", 1, 2.5e6 * 5e6 * 32 * 6),
    ("seq2seq", 1, 0.380e9 * 652e6 * 7.5 * 6),
    ("vgg", 1, 16e9 * 1.2e6 * 74 * 6),
    ("deepspeech2", 1, 98e6 * 12_000 * 3600 * 50 * 20 * 6),
    ("resnet", 1, 11.4e9 * 1.2e6 * 128 * 6),
    ("nas", 1, 10.0e9 * 50_000 * 12_800 * 50 * 6),
    ("alexnet", 2, 2 * 1.58e12 * 5.5 * 86_400 * 0.33),
    ("dropout", 2, 4 * 1.54e12 * 86_400 * 0.33),
    ("zfnet", 2, 12 * 1.54e12 * 86_400 * 0.33),
    ("seq2seq", 2, 10 * 8 * 3.5e12 * 86_400 * 0.33),
    ("vgg", 2, 4 * 15 * 5.1e12 * 86_400 * 0.33),
    ("deepspeech2", 2, 16 * 5 * 6e12 * 86_400 * 0.50),
    ("xception", 2, 60 * 30 * 8.5e12 * 86_400 * 0.33),
    ("nas", 2, 800 * 28 * 4.2e12 * 86_400 * 0.33),
    ("gnmt", 2, 96 * 9 * 8.5e12 * 86_400 * 0.33 * (10 * 100) ** 0.5),
]


@pytest.mark.parametrize(("system_id", "method", "flop"), ARTICLE)
def test_the_articles_own_inputs_multiply_out_exactly(
    system_id: str, method: int, flop: float
) -> None:
    found = worked(system_id, method, "article", gpu_utilization=0.5, cpu_utilization=0.5)
    assert found == pytest.approx(flop / 8.64e19, rel=1e-12)


def test_every_formula_of_the_article_is_among_them() -> None:
    rows = calculations(BASELINE)
    article = rows[rows["basis"] == "article"]
    assert set(zip(article["system_id"], article["method"], strict=True)) == {
        row[:2] for row in ARTICLE}


@pytest.mark.parametrize(
    ("system_id", "method", "phase", "expected", "working"),
    [
        ("alexnet", 1, "", 0.00543, "0.7244e9 x 1.2e6 x 90 x 6"),
        ("zfnet", 1, "", 0.00738, "1.168e9 x 1.3e6 x 70 x 6"),
        ("dqn", 1, "", 3.30e-5, "2.970e6 x 5e6 x 32 x 6"),
        ("seq2seq", 1, "", 0.02537, "(32e6 x 304e6 + 112e6 x 348e6) x 7.5 x 6"),
        ("vgg", 1, "", 0.1018, "15.470e9 x 370e3 x 256 x 6"),
        ("googlenet", 1, "", 0.01856, "(1.5827e9 + 8.37e6) x 1.2e6 x 140 x 6"),
        ("deepspeech2", 1, "", 0.2985, "100e6 x 11,940 x 3600 x 50 x 20 x 6"),
        ("resnet", 1, "", 0.1203, "11.282e9 x 600e3 x 256 x 6"),
        ("gnmt", 1, "", 0.1598, "213.1e6 x 36e6 x 30 x 10 x 6"),
        ("xception", 1, "", 0.559, "8.390e9 x 30e6 x 32 x 6"),
        ("nas", 1, "", 20.0, "10e9 x 45e3 x 12,800 x 50 x 6"),
        ("alphago_zero", 1, "self_play", 3767, "16.623e9 x 29e6 x 211 x 1600 x 2"),
        ("alphago_zero", 1, "training", 7.33, "16.623e9 x 3.1e6 x 2048 x 6"),
        ("alphazero", 1, "chess_self_play", 110.0, "1.5005e9 x 44e6 x 90 x 800 x 2"),
        ("alphazero", 1, "shogi_self_play", 100.0, "1.9568e9 x 24e6 x 115 x 800 x 2"),
        ("alphazero", 1, "go_self_play", 665.0, "8.106e9 x 21e6 x 211 x 800 x 2"),
        ("alphazero", 1, "_training", 2.303, "(1.5005 + 1.9568 + 8.106)e9 x 700e3 x 4096 x 6"),
        ("transformer", 1, "", 0.1115, "(75.50e6 + 138.55e6) x 25e3 x 300e3 x 6"),
        ("adam", 1, "", 7.234e-6, "46.295e6 x 50e3 x 45 x 6"),
        ("align_translate", 1, "", 0.00493, "(11.72e6 x 304e6 + 30.555e6 x 348e6) x 5 x 6"),
        ("gan", 1, "", 0.004145, "(65.4e6 + 2 x 79.757e6) x 128 x 6 x ln(4000) / ln(1.000004)"),
        ("word2vec", 1, "", 4.675e-4, "204,000 x 33e9 x 6"),
        ("vae", 1, "", 5.476e-6, "788,500 x 1e8 x 6"),
        ("alexnet", 2, "", 0.00559, "2 x 1.54e12 x 5.5 x 86,400 x 0.33"),
        ("vgg", 2, "", 0.1178, "4 x 5.1e12 x 17.5 x 86,400 x 0.33"),
        ("gnmt", 2, "", 1.6157, "96 x 8.5e12 x 6 x 86,400 x 0.33"),
        ("transformer", 2, "", 0.0878, "8 x 9.5e12 x 3.5 x 86,400 x 0.33"),
        ("align_translate", 2, "", 0.01591, "4.591e12 x 252 h x 3600 x 0.33"),
        ("alphazero", 2, "go_self_play", 215.05, "5000 x 92e12 x 34 h x 3600 x 0.33"),
        ("alphago_zero", 2, "", 2436.8, "(2000 x 92e12 + 64 x 9.519e12) x 40 x 86,400 x 0.33"),
        ("gpt_3", 1, "", 3637.5, "6 x 174.6e9 x 300e9; its paper prints 3,640"),
        ("deepseek_v3", 1, "", 38_028, "6 x 37e9 active x 14.8e12"),
        ("deepseek_v3", 2, "", 37_914, "2.788e6 h x 3600 x 989e12 x 0.33"),
        ("llama_3_1_405b", 2, "", 513_611, "30.84e6 h x 3600 x 989.4e12 x 0.404"),
        ("palm", 2, "", 44_489, "(6144 x 1200 h + 3072 x 336 h) x 3600 x 275e12 x 0.462"),
        # Reinforcement learning alone, and with the base that it builds on.
        ("deepseek_r1", 2, "r1_zero", 1378.6, "512 x 198 h x 3600 x 989e12 x 0.33"),
        ("deepseek_r1", 2, "", 39_917, "(2.788e6 + 512 x 278 + 5000) h x 3600 x 989e12 x 0.33"),
    ],
)
def test_our_recount_multiplies_out_to_the_product_of_its_sources(
    system_id: str, method: int, phase: str, expected: float, working: str
) -> None:
    found = worked(system_id, method, "recount", phase)
    assert found == pytest.approx(expected, rel=0.005), working


@pytest.mark.parametrize("end", ["low", "high"])
def test_a_range_has_every_input_at_its_end(end: str) -> None:
    # GTX 580: 1.54 TFLOP/s by the article, 1.581 at its clock; 5 to 6 days; 20 to 50 % sustained.
    days, rating, share = {"low": (5, 1.54e12, 0.2), "high": (6, 1.581e12, 0.5)}[end]
    rows = chip_time(BASELINE, "alexnet").set_index("basis")
    assert rows.loc["recount", end] == pytest.approx(2 * rating * days * 86_400 * share / 8.64e19)


def test_the_unnamed_card_of_seq2seq_may_have_been_a_k40() -> None:
    # 8 x 10.5 x 0.5 x 4.29 TFLOP/s of a K40; the K20 at 3.52 times 1.21875 is the same.
    rows = chip_time(BASELINE, "seq2seq").set_index("basis")
    assert rows.loc["recount", "high"] == pytest.approx(0.18018, rel=1e-4)


@pytest.mark.parametrize(("method", "name", "value", "factor"), [
    (1, "operations_per_multiply_add", 1.0, 1 / 2),
    (1, "passes_per_example", 4.0, 4 / 3),
    (2, "gpu_utilization", 0.5, 0.5 / 0.33),
    (2, "chip_rating", "boost", 5.645 / 5.1),  # Titan Black
    (2, "chip_rating", "base", 5.121 / 5.1),
])
def test_an_assumption_moves_vgg_by_its_share(
    method: int, name: str, value: object, factor: float
) -> None:
    altered = worked("vgg", method, "recount", **{name: value})
    assert altered / worked("vgg", method, "recount") == pytest.approx(factor)


def test_a_value_that_its_source_has_replaced_is_kept_and_is_nobodys_value() -> None:
    # Epoch AI: 4.64e26 FLOP in 2025, 3.5e26 in 2026.
    rows = table("published", "grok_3").set_index("source_key")["pfs_days"] * 8.64e19
    assert rows["epoch_2025"] == pytest.approx(4.64e26)
    grok_3 = estimates(BASELINE, "grok_3").iloc[0]
    assert grok_3["published_pfs_days"] * 8.64e19 == pytest.approx(3.5e26)


def test_an_assumption_leaves_what_a_row_states() -> None:
    # Self-play is one forward pass a position; DeepSpeech2 is said to reach half the peak.
    assert worked("deepspeech2", 2, "recount", gpu_utilization=0.9) == worked(
        "deepspeech2", 2, "recount")
    assert worked("alphago_zero", 1, "recount", "self_play", passes_per_example=4.0) == worked(
        "alphago_zero", 1, "recount", "self_play")


def test_a_chip_without_the_rating_that_is_asked_for_has_another() -> None:
    # The GTX 580 has one clock; the P100 no rating by the article.
    for rating in ("article", "base", "boost"):
        known = chip_ratings(Assumptions(chip_rating=rating)).set_index("chip_id")
        assert known["assumed"].notna().all()
    assert known.loc["gtx_580", "assumed"] == 1.581
    assert chip_ratings(BASELINE).set_index("chip_id").loc["p100", "assumed"] == 9.519


def test_a_system_alone_is_calculated_as_among_the_others() -> None:
    every = estimates(BASELINE).set_index("system_id")
    for system_id in ("alexnet", "alphazero", "gpt_3", "deepseek_r1"):
        alone = estimates(BASELINE, system_id).set_index("system_id")
        pd.testing.assert_frame_equal(alone, every.loc[[system_id]], check_dtype=False)


def test_a_value_rests_on_the_method_that_is_asked_for_where_it_can_be_had() -> None:
    by_time = estimates(Assumptions(method="method_2")).set_index("system_id")
    assert by_time.loc["vgg", "recounted_pfs_days"] == pytest.approx(0.1178, rel=0.001)
    assert by_time.loc["dqn", "recounted_pfs_days"] == pytest.approx(3.30e-5, rel=0.001)


def test_another_estimate_of_self_play_takes_the_place_of_the_plotted_one() -> None:
    # Epoch AI: 3.41e23 and 6.494e20 FLOP.
    for estimate, flop in (("epoch_2025", 3.41e23), ("epoch_2026", 6.494e20)):
        rows = estimates(Assumptions(alphago_zero_estimate=estimate)).set_index("system_id")
        assert rows.loc["alphago_zero", "pfs_days"] == pytest.approx(flop / 8.64e19, rel=0.001)


def test_a_published_value_fills_a_gap_only_where_that_is_allowed() -> None:
    filled = estimates(Assumptions(values="replicated")).set_index("system_id")
    strict = estimates(
        Assumptions(values="replicated", published_stands_in=False)).set_index("system_id")
    assert filled.loc["alphago_zero", "value_from"] == "published"
    assert pd.isna(strict.loc["alphago_zero", "pfs_days"])


def test_a_new_system_needs_rows_alone(data: Path) -> None:
    # A card for a day at a third of the peak: 1 x 9.519e12 x 86,400 x 0.33 = 0.00314127 pfs-days.
    for name, like, change in (("systems", "dropout", {}), ("chip_time", "dropout", {
            "chip_id": "p100", "days": 1, "days_low": None, "days_high": None})):
        rows = pd.read_csv(data / f"{name}.csv", dtype=str)
        new = rows[rows["system_id"] == like].tail(1).assign(system_id="mine", **change)
        pd.concat([rows, new]).to_csv(data / f"{name}.csv", index=False)
    found = estimates(BASELINE).set_index("system_id").loc["mine"]
    assert found["method_2_recount_pfs_days"] == pytest.approx(0.00314127, rel=1e-6)


@pytest.mark.parametrize("choice", [0, -1])
def test_what_is_worked_out_once_heeds_every_assumption(choice: int) -> None:
    # Done once, it takes the assumptions it names alone; one that was not named would do nothing.
    altered = {}
    for name, default in BASELINE:
        if isinstance(default, str):
            kinds = get_args(Assumptions.model_fields[name].annotation)
            altered[name] = [kind for kind in kinds if kind != default][choice]
        elif isinstance(default, float | bool):
            altered[name] = not default if isinstance(default, bool) else default * 0.9
    assumptions = BASELINE.model_copy(update=altered)
    for run in (counted, chip_time, estimates):
        pd.testing.assert_frame_equal(run(assumptions), run.__wrapped__(assumptions))
