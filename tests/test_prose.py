"""Numbers and conditions in a text: what is filled in, what is refused, and what is marked."""

import math
import re
from collections.abc import Mapping

import pytest

from aicompute.errors import CallError, PageError
from aicompute.prose import Filling
from aicompute.recording import Number

NUMBERS = {
    "a.days": Number(40.0, "days", 30.0, 52.0),
    "a.share": Number(0.1, "", -0.05, 0.2),
    "a.open": Number(5.0, "months", 2.0, None),
    "a.exact": Number(321726.2, "times"),
    "a.year": Number(2010.0, "year"),
    "a.half": Number(20.0, "days"),
    "a.log": Number(math.log2(40) - 2),
}
SHORT = {**NUMBERS, "a.days": Number(7.0, "days")}
BLOCK = "Before.\n\n:::{holds} a.days > 35\nLong: {number}`a.days`.\n:::\n\nAfter."
HERE = Filling(NUMBERS, NUMBERS)


@pytest.mark.parametrize(("text", "expected"), [
    ("It took {number}`a.days:range`.", "It took 40 days (30 to 52)."),
    ("{number}`a.exact`, {number}`a.exact:exact`", "322,000×, 321,726.2"),
    ("{number}`a.open:interval`", "2 or more"),
    (BLOCK, "Before.\n\nLong: 40 days.\n\nAfter."),
    ("It {holds}`a.days > 35 | lasted {number}`a.days` or so`.", "It lasted 40 days or so."),
    # In an exported notebook nothing moves.
    ("{drag}`a.days 1 60 1 | days` makes {follows}`a.half | a.days / 2`.",
     "40 days makes 20 days."),
])
def test_numbers_and_sentences_that_hold_become_plain_text(text: str, expected: str) -> None:
    assert HERE.fill(text) == expected


def test_all_that_is_wrong_is_told_with_its_lines() -> None:
    # Behind a block the line was off by those of the block, and only the first fault was told.
    text = f"{BLOCK}\n\n{{number}}`a.dayz` {{number}}`a.days:x`\n:::{{holds}} a.b\n:::\n"
    with pytest.raises(PageError) as told:
        HERE.fill(text, "trend.md", 10)
    assert [line.partition("; ")[0] for line in str(told.value).splitlines()] == [
        "trend.md:18: number a.dayz: unknown", "trend.md:18: form x: unknown",
        "trend.md:19: holds: a.b: compares nothing"]


@pytest.mark.parametrize(("condition", "holds", "because"), [
    ("a.share.low < 0 < a.share.high", True, "−0.05 < 0 < 0.2"),
    ("a.days > 2 * 25", False, "40 > 50"),
    ("a.days - 10 == 30 and not a.days < 1", True, "30 = 30 and not 40 < 1"),
    ("a.days < 1 or a.days > 39", True, "40 < 1 or 40 > 39"),
    ("a.open.high > 1000000", True, "unbounded > 1,000,000"),
    ("a.exact / 1000 >= 321.7", True, "322 ≥ 322"),
    ("a.year == 2014", False, "2010 = 2014"),
    ("a.days / 0 > 1", False, "unknown > 1"),
])
def test_a_condition_is_calculated_and_told_with_its_numbers(
    condition: str, holds: bool, because: str
) -> None:
    assert HERE.truth(condition) == (holds, because)


@pytest.mark.parametrize("condition", [
    "a.days", "a.dayz > 1", "__import__('os') > 1", "a.days > open('x')", "a.days in a.share",
    "a.days >", "a.days > 'x'", "[1] > 0", "a.days.value > 1",
])
def test_anything_but_comparisons_of_numbers_is_no_condition(condition: str) -> None:
    # A condition is a text of a chapter: it must not run.
    with pytest.raises(CallError):
        HERE.truth(condition)


def test_an_unknown_number_fulfils_nothing() -> None:
    nothing = Filling({}, NUMBERS)
    assert nothing.fill("{number}`a.days`") == "unknown"
    assert nothing.truth("a.days < 1") == (False, "unknown < 1")
    assert nothing.truth("a.days != 1") == (False, "unknown ≠ 1")


def test_a_sentence_that_fails_is_told_with_the_baselines_number_and_why() -> None:
    filling = Filling(SHORT, NUMBERS)
    text = filling.fill(BLOCK, "debate.md", 5)
    assert "*In the baseline:* Long: 40 days." in text
    assert "7 > 35" in text
    assert [(s.file, s.line, s.holds) for s in filling.sentences] == [("debate.md", 7, False)]
    # Behind a directive's option a line of colons would be read as one more.
    assert "short\n\n:::{div} fails" in filling.fill(BLOCK.replace("Before.\n", ":class: short"))
    assert filling.fill("It {holds}`a.days > 35 | lasted {number}`a.days` or so`.") == (
        "It [in the baseline: lasted 40 days or so; here it does not hold (7 > 35)].")
    # A formula within is held to the baseline too.
    assert "20 days" in filling.fill(
        ":::{holds} a.days > 35\n{follows}`a.half | a.days / 2`\n:::\n")


def told(role: str) -> str:
    """A role as it is filled in, with what the page's script has to know."""
    def write(name: str, number: Number, form: str, moving: Mapping[str, str]) -> str:
        return " ".join([name, form, *moving.values()])

    return Filling(NUMBERS, NUMBERS, write).fill(role)


@pytest.mark.parametrize(("role", "expected"), [
    ("{drag}`a.days 1 60 0.5 | days of it`", "a.days stated a.days 1 60 0.5 days of it"),
    ("{drag}`a.days:value 50 60 log`", "a.days value a.days 40 60 log "),  # widened to where it is
    ("{follows}`a.half | a.days / 2`", "a.half  a.half a.days=40 2 /"),
    ("{follows}`a.half:value | -(0 - a.days) / 2`", "a.half value a.half 0 0 a.days=40 - - 2 /"),
    ("{follows}`a.log |\nlog2(a.days) - 2`", "a.log  a.log a.days=40 log2 2 -"),
    ("{follows}`a.half | fit`", "a.half  a.half fit"),
])
def test_what_moves_tells_the_page_how(role: str, expected: str) -> None:
    assert told(role) == expected


@pytest.mark.parametrize(("role", "message"), [
    ("{follows}`a.half | a.days / 3`", "follows: a.days / 3 is 13.3333333333; allowed: a.half, 20"),
    ("{follows}`a.half | a.dayz / 2`", "number a.dayz: unknown; did you mean a.days"),
    ("{follows}`a.half | open('x')`", "unknown"),
    ("{follows}`a.half`", "cannot be read"),
    ("{drag}`a.days 60 1 1`", "must be a name, two ends and a step or log"),
    ("{drag}`a.days 0 60 log`", "must be a name, two ends and a step or log"),
])
def test_a_formula_that_contradicts_its_cell_is_refused(role: str, message: str) -> None:
    # Else the page would show one number, and another as soon as somebody moves it.
    with pytest.raises(PageError, match=re.escape(message)):
        told(role)
