"""The report against its sources: expected values from the article and from hand work."""

from __future__ import annotations

import datetime

import pytest

from aicompute.dataset import load_rows
from aicompute.dataset.csv_table import Row
from aicompute.results import Results
from aicompute.study import Study

# The article's printed formulas, multiplied out by hand to at least three digits.
# One pfs-day is 8.64e19 FLOP; method 2 gives pfs-days as chips x PFLOP/s x days x utilization.
FORMULAS = [
    ("alexnet", 2, 0.00574),  # 2 x 1.58e-3 x 5.5 x 0.33 = 0.0057354
    ("alexnet", 1, 0.005625),  # 1.2e6 x 90 x 0.75e9 x 6 = 4.86e17; / 8.64e19
    ("dropout", 2, 0.00203),  # 1 x 1.54e-3 x 4 x 0.33 = 0.0020328
    ("zfnet", 2, 0.0061),  # 1 x 1.54e-3 x 12 x 0.33 = 0.0060984
    ("dqn", 1, 2.78e-5),  # 2.5e6 x 5e6 x 32 x 6 = 2.4e15; / 8.64e19
    ("seq2seq", 1, 0.129),  # 652e6 x 0.38e9 x 6 x 7.5 = 1.1149e19
    ("seq2seq", 2, 0.0924),  # 8 x 3.5e-3 x 10 x 0.33
    ("vgg", 1, 0.0987),  # 1.2e6 x 74 x 16e9 x 6 = 8.5248e18
    ("vgg", 2, 0.101),  # 4 x 5.1e-3 x 15 x 0.33 = 0.10098
    ("deepspeech2", 1, 0.294),  # 20 x 12,000 x 3,600 x 50 x 98e6 x 6 = 2.54e19
    ("deepspeech2", 2, 0.240),  # 16 x 6e-3 x 5 x 0.50
    ("resnet", 1, 0.1216),  # 11.4e9 x 6 x 1.2e6 x 128 = 1.0506e19
    ("xception", 2, 5.05),  # 60 x 8.5e-3 x 30 x 0.33 = 5.049
    ("nas", 1, 22.2),  # 50 x 50,000 x 10e9 x 12,800 x 6 = 1.92e21
    ("nas", 2, 31.05),  # 800 x 4.2e-3 x 28 x 0.33 = 31.0464
    ("gnmt", 2, 76.6),  # 96 x 8.5e-3 x 9 x 0.33 x sqrt(1000) = 76.638
]

# The chart's points: skaltman/ai-progress at commit a5ae293, data-raw/compute.csv, columns
# publication_date and overall_peta_flop_days (skaltman_2020).
POINTS = [
    ("alexnet", "2012-06-01", 0.00578754),
    ("dropout", "2012-07-03", 0.0021312),
    ("zfnet", "2013-11-12", 0.00615384),
    ("dqn", "2013-12-19", 2.7e-5),
    ("vgg", "2014-09-04", 0.098),
    ("seq2seq", "2014-09-10", 0.09324),
    ("googlenet", "2014-09-17", 0.018),
    ("deepspeech2", "2015-12-08", 0.24),
    ("resnet", "2015-12-10", 0.12053333333333335),
    ("gnmt", "2016-09-25", 79.42774259317446),
    ("xception", "2016-10-07", 5.21478),
    ("nas", "2016-11-05", 31.999968),
    ("dota_1v1", "2017-08-11", 6.974926),
    ("alphago_zero", "2017-10-19", 1862),
    ("alphazero", "2017-12-05", 420),
]

# The results that the article prints, pfs-days: openai_2018, appendix; None: without a formula.
PRINTED = [
    ("alexnet", 2, "=", 0.0058), ("alexnet", 1, "=", 0.0054), ("dropout", 2, "=", 0.0021),
    ("zfnet", 2, "=", 0.0062), ("dqn", 1, "=", 2.7e-5), ("seq2seq", 1, "=", 0.085),
    ("seq2seq", 2, "=", 0.093), ("vgg", 1, "=", 0.098), ("vgg", 2, "=", 0.12),
    ("deepspeech2", 1, "=", 0.30), ("deepspeech2", 2, "=", 0.25), ("resnet", 1, "=", 0.117),
    ("xception", 2, "=", 5.0), ("nas", 1, "=", 22), ("nas", 2, "=", 31), ("gnmt", 2, "=", 79),
    ("transformer", None, "=", 0.089), ("adam", None, "<", 0.0007),
    ("align_translate", None, "=", 0.018), ("gan", None, "<", 0.006),
    ("word2vec", None, "<", 0.00045), ("vae", None, "<", 0.0000055),
]

# TFLOP/s of one chip in the article's formulas: openai_2018, appendix. The GTX 580 is rated 1.54
# for Dropout and the ConvNets of Zeiler and Fergus, and 1.58 for AlexNet.
RATINGS = {"gtx_580": 1.54, "k20": 3.5, "k40": 4.2, "titan_black": 5.1, "k80": 8.5, "titan_x": 6}

# Chips, TFLOP/s each and pfs-days of the eras that are given ranges: openai_2018, Eras.
ERAS = [
    ("before_2012", None, None, None),
    ("gpus_2012", (1, 8), (1, 2), (0.001, 0.1)),
    ("data_parallel_2014", (10, 100), (5, 10), (0.1, 10)),
    ("beyond_2016", None, None, None),
]

#: Half a unit in the last of three digits.
THREE_DIGITS = 0.005


def rows(study: Study, table: str, **wanted: object) -> list[Row]:
    """The rows of a table with these cells."""
    return load_rows(study.dataset.rows(table), **wanted)


@pytest.mark.parametrize(("system_id", "date", "pfs_days"), POINTS)
def test_a_point_of_the_chart_is_the_sources(
    study: Study, system_id: str, date: str, pfs_days: float
) -> None:
    (system,) = rows(study, "systems", system_id=system_id)
    (plotted,) = rows(study, "published", system_id=system_id, kind="plotted")
    assert system["published"] == datetime.date.fromisoformat(date)
    assert plotted["pfs_days"] == pytest.approx(pfs_days, rel=1e-12)


def test_no_other_point_is_plotted(study: Study) -> None:
    plotted = [row["system_id"] for row in rows(study, "published", kind="plotted")]
    assert sorted(map(str, plotted)) == sorted(system_id for system_id, _, _ in POINTS)


@pytest.mark.parametrize(("system_id", "method", "bound", "pfs_days"), PRINTED)
def test_a_printed_result_is_the_articles(
    study: Study, system_id: str, method: int | None, bound: str, pfs_days: float
) -> None:
    (row,) = rows(study, "published", system_id=system_id, kind="printed", method=method)
    assert (row["bound"], row["pfs_days"]) == (bound, pfs_days)


def test_nothing_else_counts_as_printed(study: Study) -> None:
    assert len(rows(study, "published", kind="printed")) == len(PRINTED)


def test_the_articles_ratings_are_the_six_of_its_formulas(study: Study) -> None:
    rated = {row["chip_id"]: row["article_tflop_per_second"] for row in rows(study, "chips")
             if row["article_tflop_per_second"] is not None}
    assert rated == RATINGS
    (alexnet,) = rows(study, "chip_time", system_id="alexnet", basis="article")
    assert alexnet["printed_tflop_per_second"] == 1.58


@pytest.mark.parametrize(("era_id", "chips", "tflop_per_second", "pfs_days"), ERAS)
def test_the_range_of_an_era_is_the_articles(
    study: Study, era_id: str, chips: object, tflop_per_second: object, pfs_days: object
) -> None:
    (era,) = rows(study, "eras", era_id=era_id)
    for stem, stated in (("chips", chips), ("tflop_per_second", tflop_per_second),
                         ("pfs_days", pfs_days)):
        assert (era[f"{stem}_low"], era[f"{stem}_high"]) == (stated or (None, None)), stem


def value(study: Study, name: str) -> float:
    """A result that must be there."""
    found = Results(study)[name].value
    assert found is not None
    return found


def test_published_points_double_in_3_43_to_3_45_months(study: Study) -> None:
    assert 3.43 <= value(study, "trend.published.doubling_time_months") <= 3.45


def test_published_points_grow_11_2_to_11_3_times_a_year(study: Study) -> None:
    assert 11.2 <= value(study, "trend.published.growth_per_year") <= 11.3


def test_alphago_zero_took_321_726_times_the_compute_of_alexnet(study: Study) -> None:
    # 1862 / 0.00578754
    assert round(value(study, "growth.published.factor")) == 321_726


def test_growth_took_64_6_months(study: Study) -> None:
    # 1 June 2012 to 19 October 2017 are 1966 days; / 30.4375
    assert (datetime.date(2017, 10, 19) - datetime.date(2012, 6, 1)).days == 1966
    assert value(study, "growth.published.months") == pytest.approx(1966 / 30.4375)


@pytest.mark.parametrize(("months", "factor"), [(18, 12.03), (24, 6.46)])
def test_moores_law_over_the_same_stretch(study: Study, months: int, factor: float) -> None:
    found = value(study, f"moore.at_{months}_months.factor")
    assert found == pytest.approx(factor, abs=0.005)


@pytest.mark.parametrize(("system_id", "method", "pfs_days"), FORMULAS)
def test_the_articles_formula_multiplies_out(
    study: Study, system_id: str, method: int, pfs_days: float
) -> None:
    found = value(study, f"systems.{system_id}.method_{method}.article_pfs_days")
    assert found == pytest.approx(pfs_days, rel=THREE_DIGITS)


def test_seq2seq_by_method_1_is_half_as_much_again_as_printed(study: Study) -> None:
    # 0.129 over the printed 0.085
    assert value(study, "printed.seq2seq.method_1.ratio") == pytest.approx(1.52, abs=0.005)


def test_vgg_by_method_2_is_a_sixth_less_than_printed(study: Study) -> None:
    # 0.101 over the printed 0.12
    assert value(study, "printed.vgg.method_2.ratio") == pytest.approx(1 - 1 / 6, abs=0.01)


def test_the_chart_has_fifteen_systems_and_six_took_little(study: Study) -> None:
    assert (value(study, "count.chart"), value(study, "count.modest")) == (15, 6)


def test_the_interval_of_the_doubling_time_is_2_6_to_5_1_months(study: Study) -> None:
    # Student's t on 13 degrees of freedom, as worked out apart from this package.
    result = Results(study)["trend.published.doubling_time_months"]
    assert result.low == pytest.approx(2.6, abs=0.05)
    assert result.high == pytest.approx(5.1, abs=0.05)
