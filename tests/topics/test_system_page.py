"""A system's page: what its tables show of an input, and what they say where there is none."""

from __future__ import annotations

import re

import pytest

from aicompute.listings import note_html
from aicompute.report import Report
from aicompute.study import Study


def text(study: Study, name: str, **arguments: object) -> str:
    """A table of the book without its markup."""
    shown = Report(study).table(name, **arguments)._repr_html_()
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))
    return re.sub(r" ([,;])", r"\1", words)


def test_an_input_has_the_digits_its_source_gives(study: Study) -> None:
    # krizhevsky_2012 and openai_2018: 2 cards, five to six days, 1.54 TFLOP/s.
    shown = text(study, "method", system_id="alexnet", number=2)
    assert "5.5 days × 1.54×10¹² FLOP/s × 0.33 of the peak = " in shown
    assert "5.50" not in shown


def test_a_factor_of_one_that_no_source_states_is_left_out(study: Study) -> None:
    # ResNet's steps are all its examples: there are no epochs to multiply by.
    shown = text(study, "method", system_id="resnet", number=1).partition("Recounted")[2]
    assert "epoch" not in shown
    assert "1 pass " in text(study, "method", system_id="alphago_zero", number=1)


def test_the_articles_extra_factor_for_the_translator_is_shown(study: Study) -> None:
    # openai_2018: sqrt(10 x 100) = 31.6, bracketed by its two ends.
    shown = text(study, "method", system_id="gnmt", number=2)
    assert "× 31.6 = " in shown
    assert "10 to 100" in shown


def test_a_guessed_range_is_not_passed_off_as_the_sources(study: Study) -> None:
    # "Roughly 90 cycles": 85 and 95 are ours.
    shown = text(study, "method", system_id="alexnet", number=1)
    assert "85 to 95 Krizhevsky et al. 2012; the range is a guess" in shown


def test_a_kind_of_chip_that_is_a_guess_says_so(study: Study) -> None:
    shown = text(study, "method", system_id="seq2seq", number=2)
    assert "assumption chip_rating, for a kind of chip that is a guess" in shown


@pytest.mark.parametrize("system_id", ["dropout", "dota_1v1"])
def test_a_system_with_chip_time_alone_says_so(study: Study, system_id: str) -> None:
    assert "Only chip time can be had for this system" in text(
        study, "system_layers", system_id=system_id)


def test_a_later_system_is_not_said_to_have_no_shapes_in_print(study: Study) -> None:
    # The papers on GPT-1 and BERT print all their layers; we count chip time alone.
    shown = text(study, "system_layers", system_id="bert_large")
    assert "Only chip time is worked out for systems after the article" in shown


def test_a_paper_of_google_before_alphabet_is_not_said_to_be_alphabets(study: Study) -> None:
    # Alphabet was founded in October 2015.
    shown = text(study, "system_answer", system_id="seq2seq")
    assert "Google or its parent Alphabet took part" in shown
    assert "Google or its parent Alphabet took no part" in text(
        study, "system_answer", system_id="dqn")


def test_a_count_without_shapes_says_so(study: Study) -> None:
    assert "taken as one figure" in text(study, "system_layers", system_id="nas")
    assert "for checks alone" in text(study, "system_layers", system_id="deepspeech2")


def test_a_source_named_in_a_note_is_a_link(study: Study) -> None:
    shown = note_html(study, "the same fleet (silver_2017_zero) <b>, not sqrt_1000")
    assert 'href="page:bibliography#silver-2017-zero"' in shown
    assert "&lt;b&gt;, not sqrt_1000" in shown


def test_a_printed_bound_is_marked_in_the_list_of_systems(study: Study) -> None:
    # openai_2018 prints word2vec as less than 0.00045.
    assert "< 4.5×10⁻⁴" in text(study, "systems").replace("&lt;", "<")


def test_the_figure_of_a_disputed_system_holds_the_estimates_of_others(study: Study) -> None:
    # 3.41e23 and 6.494e20 FLOP by Epoch AI, 118.27 pfs-days by Henderson et al.
    figure = Report(study).figure("system", system_id="alphago_zero")
    values = figure.table.set_index("label")["pfs_days"]
    assert values["Epoch AI 2025"] == pytest.approx(3.41e23 / 8.64e19)
    assert values["Epoch AI 2026"] == pytest.approx(6.494e20 / 8.64e19)
    assert values["Henderson et al. 2020"] == pytest.approx(118.27)


def test_a_dense_layer_shows_no_kernel(study: Study) -> None:
    shown = Report(study).table("layers", architecture="alexnet")._repr_html_()
    assert ">1×1<" not in shown
