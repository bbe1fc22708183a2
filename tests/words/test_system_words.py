"""What a system's page says in words, held to what the article prints and the tables hold."""

from __future__ import annotations

import pytest

from aicompute.study import Study, systems_with_pages
from aicompute.words import doubts
from aicompute.words import system_words as words


def test_seq2seqs_printed_result_is_half_of_its_formula_again(study: Study) -> None:
    # 7,300 PF printed; (348 + 304) million words x 0.380 GFLOP x 2 x 3 x 7.5 = 11,149 PF: 1.52.
    sentence = words.printed(study, "seq2seq", 1)
    assert "prints 0.085 pfs-days" in sentence
    assert "give 0.129 pfs-days, half as much again." in sentence


def test_vggs_printed_result_is_a_sixth_above_its_formula(study: Study) -> None:
    # 10,000 PF printed as 0.12; 4 x 15 x 5.1 TFLOP/s x 0.33 = 0.101 pfs-days: 0.84.
    sentence = words.printed(study, "vgg", 2)
    assert "prints 0.12 pfs-days" in sentence
    assert "give 0.101 pfs-days, a sixth less." in sentence


def test_resnets_printed_result_is_within_rounding_of_its_formula(study: Study) -> None:
    # 10,000 PF printed; 11.4e9 x 2 x 3 x 1.2e6 x 128 = 10,506 PF: 4 percent more than 0.117.
    assert "4 % more, close enough to be rounding" in words.printed(study, "resnet", 1)


def test_a_system_without_a_printed_formula_has_no_such_sentence(study: Study) -> None:
    assert words.printed(study, "alphago_zero", 1) == ""


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1.0, "the same"),
        (0.97, "3 % less, close enough to be rounding"),
        (2 / 3, "a third less"),
        (1.25, "a quarter as much again"),
        (2.5, "2.5 times as much"),
    ],
)
def test_a_ratio_is_said_as_a_reader_would(ratio: float, said: str) -> None:
    assert words.difference(ratio) == said


def test_the_answer_names_the_value_its_range_its_method_and_the_plotted_point(
    study: Study,
) -> None:
    # 1.2e6 images x 90 (85 to 95) epochs through the layer table, against the plotted 0.00578754.
    sentence = words.answer(study, "alexnet")
    assert sentence.startswith("AlexNet took about 0.00543 pfs-days by our recount")
    assert "between 0.00513 and 0.00573" in sentence
    assert "counting operations (method 1)" in sentence
    assert "the article plots 0.00579 pfs-days" in sentence


def test_a_printed_bound_is_said_as_a_bound_and_held_against_the_range(study: Study) -> None:
    # It was called a value outside the range: 0.006 above a count of 1.56e-4 to 0.00415.
    assert ("the article prints less than 0.006 pfs-days, a bound that our whole range keeps, "
            "1.4 times ours.") in words.answer(study, "gan")
    # 0.00045 between 4.25e-4 and 4.67e-4.
    assert "a bound that lies inside our range." in words.answer(study, "word2vec")


def test_a_range_of_chip_time_names_the_utilization_that_it_leaves_alone(study: Study) -> None:
    # Between 348 and 350 read as if AlphaZero were known to the third digit.
    sentence = words.answer(study, "alphazero")
    assert "between 348 and 350 at an assumed utilization of 33 %, from chip time" in sentence
    assert "utilization" not in words.answer(study, "alexnet")


def test_a_value_from_elsewhere_names_who_gave_it(study: Study) -> None:
    assert "estimated by Brown et al. 2020" in words.answer(study, "bert_large")


def test_a_point_a_factor_of_two_off_is_called_outside_the_range(study: Study) -> None:
    # 1862 plotted, 3,775 counted with a range from 2,016.
    assert "a factor of 2 below ours, outside our range" in words.answer(study, "alphago_zero")


def test_a_method_without_inputs_says_what_it_would_need(study: Study) -> None:
    assert "which chips ran" in words.missing(study, "dqn", 2)
    assert words.missing(study, "dqn", 1) == ""


def test_guesses_are_named_in_words(study: Study) -> None:
    said = " ".join(doubts.uncertain(study, "alphago_zero"))
    assert "Method 1 has to guess the number of game positions: no source states it." in said
    assert "Method 2 has to guess the kind of chip and the number of chips: no source states them."\
        in said


def test_a_guessed_end_of_a_range_is_not_called_a_guessed_value(study: Study) -> None:
    # AlexNet's 90 epochs are stated, 85 and 95 are ours.
    said = " ".join(doubts.uncertain(study, "alexnet"))
    assert "takes the number of epochs from a source that gives no range" in said
    assert "has to guess" not in said


def test_the_widest_input_is_the_one_with_the_largest_ratio(study: Study) -> None:
    # DQN: 80 to 320 million samples, a factor of 4; nothing else has a range.
    assert "a factor of 4." in " ".join(doubts.uncertain(study, "dqn"))


def test_an_assumption_that_acts_on_a_part_alone_says_so(study: Study) -> None:
    # Self-play runs forward passes only; three passes an example hold for training alone.
    said = " ".join(doubts.uncertain(study, "alphago_zero"))
    assert "the value is proportional to it in training alone" in said


def test_every_page_gets_an_answer_of_one_sentence(study: Study) -> None:
    for system_id in systems_with_pages(study):
        sentence = words.answer(study, system_id)
        assert sentence.endswith(".")
        assert "nan" not in sentence.split()
        assert "–" not in sentence
