"""Numbers and conditional sentences in a chapter's text, filled in when it is shown.

A text names a number as ``{number}`name` `` or ``{number}`name:form` ``. A sentence that holds only
under a condition stands in a block, or within a line::

    :::{holds} debate.days.low < 0 < debate.days.high
    Longer runs add little.
    :::

    Longer runs {holds}`debate.days.high < 0.2 | add little`.

A condition compares and calculates with names of numbers (``name``, ``name.low``, ``name.high``),
joined by ``and``, ``or`` and ``not``; nothing else.

In a worked example the page lets readers drag an input, and what follows from it moves along by a
formula in the same language, which may take a ``log2``. The build holds the formula to the number::

    {drag}`alexnet.cards 1 16 1` for {drag}`alexnet.days 1 30 0.5 | days of training` are
    {follows}`alexnet.card_days | alexnet.cards * alexnet.days`.

A control goes from its first number to its second in steps of the third, or evenly by factors where
that is ``log``; it is read aloud by the words behind the line, or by how its number was obtained.
``fit`` as a formula is the fit to the chart above the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aicompute import words
from aicompute.arithmetic import ConditionError, Numbers, evaluate, worked_out
from aicompute.errors import CallError, Gathered, PageError
from aicompute.names import unknown
from aicompute.places import CHINESE
from aicompute.recording import Number

NUMBER = re.compile(r"\{number\}`([^`:\n]+)(?::([a-z]+))?`")
#: What is filled in: a block under a condition, one within a line, and a number.
_PART = re.compile(
    r"^:::\{holds\}[ \t]*(?P<of_block>[^\n]+)\n(?P<block>.*?)^:::[ \t]*$"
    r"|\{holds\}`(?P<of_line>[^`|\n]+)\|(?P<within>(?:[^`]|(?<=\})`[^`\n]+`)*)`"
    r"|\{(?P<role>number|drag|follows)\}`(?P<name>[^`:|\s]+)(?::(?P<form>[a-z]+))?(?P<rest>[^`]*)`",
    re.MULTILINE | re.DOTALL)
#: What a sentence that fails is told with, in English and in Chinese.
_FRAMES = (("in the baseline:", "here it does not hold", (" (", ").", "; ")),
           ("基准情形下：", "在这里不成立", ("（", "）。", "；")))
#: A formula holds where it gives its number within this share.
_SAME = 1e-9
#: The formula that follows the fit of the chart; the page's script has that.
FIT = "fit"


@dataclass(frozen=True)
class Sentence:
    """A conditional sentence as written, whether it holds, and the comparison that says so."""

    file: str
    line: int
    condition: str
    text: str
    holds: bool
    because: str


@dataclass
class Filling:
    """What texts are filled with, and the conditional sentences met on the way.

    A sentence that fails under the ``numbers`` of the report is told with those of the
    ``baseline``. ``write`` makes a text of a name, its number, the form, and what the page's script
    has to know of a number that moves; of words alone unless told otherwise.
    """

    numbers: Numbers
    baseline: Numbers
    write: Callable[[str, Number, str, Mapping[str, str]], str] = (
        lambda _, number, form, __: words.in_form(number, form))
    sentences: list[Sentence] = field(default_factory=list)

    def fill(self, text: str, file: str = "", line: int = 1) -> str:
        """Fill a text that begins on a line of a chapter.

        A PageError lists every name of no number, and every condition that cannot be read.
        """
        wrong = Gathered()
        made = self._filled(text, file, line, self.numbers, wrong)
        wrong.tell()
        return made

    def _filled(self, text: str, file: str, line: int, numbers: Numbers, wrong: Gathered) -> str:
        def part(found: re.Match[str]) -> str:
            at = line + text.count("\n", 0, found.start())
            with wrong.part():
                try:
                    if found["role"]:
                        return self._number(found, numbers)
                    return self._sentence(found, file, at, wrong)
                except (ConditionError, CallError) as error:
                    raise PageError(f"{file}:{at}: {error}") from None
            return ""

        return _PART.sub(part, text)

    def _number(self, found: re.Match[str], numbers: Numbers) -> str:
        """A number, a control, or what follows one, with what the page's script has to know."""
        role, name, rest = found["role"], found["name"], found["rest"].strip()
        form, number = found["form"] or "", numbers.get(name)
        if "{" in name:  # the template's are those of each system
            return found[0]
        if number is None and name in self.baseline:
            return words.UNKNOWN  # these assumptions leave nothing to calculate it from
        if number is None:
            raise ConditionError(unknown("number", name, numbers))
        if role == "number" and rest:
            raise ConditionError(f"number: {name} {rest}: cannot be read")
        told: dict[str, str] = {}
        # What is unknown, or what the baseline says, does not move here.
        moves = number.value is not None and numbers is self.numbers
        if moves and role == "drag":
            form, told = form or "stated", _control(name, rest, number)
        elif moves and role == "follows":
            told = self._formula(name, rest, number)
        return self.write(name, number, form, told)

    def _formula(self, name: str, rest: str, number: Number) -> dict[str, str]:
        """How a number follows others, as the page's script reads it; nothing if one is unknown."""
        formula, value = rest.removeprefix("|").strip(), number.value or 0.0
        if not rest.startswith("|"):
            raise ConditionError(f"follows: {name} {rest}: cannot be read")
        if formula == FIT:
            return {"follows": name, "formula": FIT}
        given, steps = worked_out(formula, self.numbers, self.baseline)
        if given is not None and not math.isclose(given, value, rel_tol=_SAME):
            raise ConditionError(f"follows: {formula} is {given:.12g}; "
                                 f"allowed: {name}, {value:.12g}")
        return {} if given is None else {"follows": name, "formula": steps}

    def _sentence(self, found: re.Match[str], file: str, line: int, wrong: Gathered) -> str:
        block = found["of_line"] is None
        condition = (found["of_block"] if block else found["of_line"]).strip()
        text = found["block"] if block else found["within"]
        try:
            holds, because = evaluate(condition, self.numbers, self.baseline)
        except ConditionError as error:
            raise ConditionError(f"holds: {error}") from None
        self.sentences.append(Sentence(file, line, condition, text.strip(), holds, because))
        numbers = self.numbers if holds else self.baseline
        then = self._filled(text, file, line + block, numbers, wrong).strip()
        if holds:
            return then
        before, here, ends = _FRAMES[file.endswith(CHINESE + ".md")]
        if block:  # right under the options of another one, its colons would be taken for one
            return (f"\n:::{{div}} fails\n*{before[0].upper()}{before[1:]}* {then}\n\n"
                    f"*{here[0].upper()}{here[1:]}*{ends[0]}{because}{ends[1]}\n:::")
        then = then.rstrip(".。")
        return f"[{before} {then}{ends[2]}{here}{ends[0]}{because}{ends[1][:1]}]"


def _control(name: str, rest: str, number: Number) -> dict[str, str]:
    """A control as the page's script reads it, its ends widened to the number it starts from."""
    limits, _, label = rest.partition("|")
    value = number.value or 0.0
    try:
        low, high, step = limits.split()
        ends = float(low), float(high)
        sound = ends[0] < ends[1] and (ends[0] > 0 if step == "log" else float(step) > 0)
    except ValueError:
        sound = False
    if not sound:
        raise ConditionError(f"drag: {name} {limits}: must be a name, two ends and a step or log")
    low, high = f"{min(ends[0], value):.12g}", f"{max(ends[1], value):.12g}"
    return {"drag": name, "min": low, "max": high, "step": step,
            "label": label.strip() or number.how}
