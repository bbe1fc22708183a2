"""The numbers and tables of the introduction, the overview, the trend and the eras."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from aicompute.assumptions import Assumptions, load_scenario
from aicompute.dataset import Dataset
from aicompute.results import Results
from aicompute.study import Study
from aicompute.topics import eras, introduction, overview


def test_one_card_of_2012_needs_five_years_for_a_pfs_day(study: Study) -> None:
    # 1e15 / (1.54e12 x 0.33) = 1,967.7 days; / 365.25 = 5.39 years.
    results = Results(study)
    assert results["pfs_day.chip_days"].value == pytest.approx(1967.7, abs=0.05)
    assert results["pfs_day.chip_years"].value == pytest.approx(5.39, abs=0.005)


def test_two_points_alone_double_in_the_months_of_the_articles_text(study: Study) -> None:
    # log2(1862 / 0.00578754) = 18.295 doublings in 1966 days / 30.4375 = 64.59 months: 3.53.
    results = Results(study)
    assert results["two_points.doublings"].value == pytest.approx(18.295, abs=5e-4)
    assert results["two_points.doubling_time_months"].value == pytest.approx(3.53, abs=0.005)


def test_the_hand_worked_fit_stays_when_its_systems_are_left_out(study: Study) -> None:
    without = Results(study.under(without=("alexnet",)))
    assert without["two_points.factor"].value == Results(study)["two_points.factor"].value


def test_months_of_thirty_and_a_half_days_give_the_articles_decimals(study: Study) -> None:
    value = Results(study)["fit.in_months_of_30_5_days"].value
    assert value is not None
    assert round(value, 2) == 3.43


def test_leaving_out_dqn_lengthens_the_doubling_time_most(study: Study) -> None:
    # Fitted independently on the other fourteen points: 3.78 months; without AlphaGo Zero 3.71.
    table = overview.left_out(study).set_index("system_id")["months"]
    assert table.idxmax() == "dqn"
    assert table["dqn"] == pytest.approx(3.78, abs=0.005)
    assert table["alphago_zero"] == pytest.approx(3.71, abs=0.005)


def test_the_first_page_stands_when_too_few_systems_are_left(study: Study) -> None:
    few = Results(study.under(since="2017-10-01", until="2017-11-01"))
    assert few["headline.doubling_time_months"].value is None


@pytest.mark.parametrize(
    ("reading", "names"),
    [
        # DQN took 2.7e-5 where its era's least is 0.001.
        ("either", ["DQN"]),
        # 79 and 32 of autumn 2016 are above the 10 of the era that ends with 2016.
        ("earlier", ["DQN", "Neural Machine Translation", "Neural Architecture Search"]),
        # 0.098, 0.093 and 0.018 of September 2014 are below the 0.1 of the era it begins.
        ("later", ["DQN", "VGG", "Seq2Seq", "GoogLeNet"]),
    ],
)
def test_what_falls_outside_depends_on_whose_a_shared_year_is(
    study: Study, reading: str, names: list[str]
) -> None:
    from aicompute.figures import era_fit

    assert eras.outside(era_fit(study), reading) == names


def test_the_page_on_eras_names_the_systems_that_are_outside(study: Study) -> None:
    # DQN's 2.7e-5 is 37 times below the 0.001 of its era.
    assert eras.era_outside(study).html == (
        "<p>Clear of every box it may belong to: DQN, at 2.70×10⁻⁵ pfs-days a factor of 37 below "
        "the least.</p>")
    assert eras.era_always_outside(study).html == (
        "<p>Outside under every reading: DQN; only if a shared year goes to the earlier era: "
        "Neural Machine Translation and Neural Architecture Search; only if a shared year goes "
        "to the later era: VGG, Seq2Seq and GoogLeNet.</p>")


def test_a_changed_value_changes_who_is_said_to_be_outside(
    data: Path, change: Callable[[str, str, str], None]
) -> None:
    # DQN at 0.0027 lies in the 0.001 to 0.1 of its era; Dropout at 1 is 10 times above its 0.1.
    change("published.csv", "dqn,plotted,,2.7e-5", "dqn,plotted,,0.0027")
    inside = Study(Dataset(data), Assumptions())
    assert eras.era_outside(inside).html == "<p>No system is clear of the boxes of its eras.</p>"
    assert "Outside under every reading: none;" in eras.era_always_outside(inside).html
    change("published.csv", "dropout,plotted,,0.0021312", "dropout,plotted,,1")
    above = Study(Dataset(data), Assumptions())
    assert "Dropout, at 1 pfs-day a factor of 10 above the most" in eras.era_outside(above).html


def test_the_page_on_eras_types_no_system_that_is_outside() -> None:
    page = (Path(__file__).parents[2] / "chapters" / "eras.md").read_text(encoding="utf-8")
    assert 'report.table("era_outside")' in page
    assert 'report.table("era_always_outside")' in page
    assert "DQN" not in page


def test_the_cards_of_vgg_fit_one_era_by_number_and_the_next_by_rating(study: Study) -> None:
    # Four cards of 5.1 TFLOP/s: 1 to 8 of 1 to 2, or 10 to 100 of 5 to 10.
    vgg = next(row for row in eras.rated(study, study.fitted) if row.system_id == "vgg")
    assert (vgg.chips, vgg.rating, vgg.fits) == (4, pytest.approx(5.1), False)
    assert "rating above the range (1 to 2)" in vgg.eras[0]
    assert "chips below the range (10 to 100)" in vgg.eras[1]


def test_the_points_of_the_fit_lie_on_both_sides_of_the_line(study: Study) -> None:
    ratios = introduction.distances(study)["ratio"]
    assert ratios.min() < 1 < ratios.max()


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        # 3.44 against 3.43, 3.5 and 3.4; 321,726 against 300,000; 12.03 against 12; 11 against 10.
        ({}, "Yes. Reproduced: the doubling time, the growth from first to largest and the "
             "comparison with Moore's law; within the article's factor 2 to 3: the growth a year."),
        # 5.27 months against 3.43; the largest left is the Dota player, 1,205 times AlexNet; over
        # 62.3 months Moore's law gives 2^(62.3/18) = 11.02 against 12, more than a twentieth off.
        (load_scenario("without-alphabet")["assumptions"],
         "Only in part. Within the article's factor 2 to 3: the doubling time, the growth a year "
         "and the comparison with Moore's law; not reproduced: the growth from first to largest."),
    ],
)
def test_the_first_page_says_what_survives_under_its_own_assumptions(
    study: Study, scenario: dict[str, object], said: str
) -> None:
    shown = introduction.headline_answer(study.under(**scenario))
    assert shown.html == f"<p>{said}</p>"


def test_the_first_page_types_no_verdict_itself() -> None:
    page = (Path(__file__).parents[2] / "chapters" / "index.md").read_text(encoding="utf-8")
    section = page.partition("## What holds, and what does not")[2].partition("\n## ")[0]
    asked = section.partition("calculated again?**")[2].lstrip()
    assert asked.startswith("```{code-cell}")
    assert 'report.table("headline_answer")' in section
    assert not re.search(r"\b(are|is) (all )?reproduced\b", section.partition("tab-headline")[0])
