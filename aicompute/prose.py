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
from aicompute.errors import Gathered, PageError
from aicompute.names import unknown
from aicompute.recording import Number

NUMBER = re.compile(r"\{number\}`([^`:\n]+)(?::([a-z]+))?`")
_ROLE = re.compile(
    r"\{(?P<role>number|drag|follows)\}`(?P<name>[^`:|\s]+)(?::(?P<form>[a-z]+))?(?P<rest>[^`]*)`")
_BLOCK = re.compile(r"^:::\{holds\}[ \t]*(?P<condition>[^\n]+)\n(?P<text>.*?)^:::[ \t]*$",
                    re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"\{holds\}`(?P<condition>[^`|\n]+)\|(?P<text>(?:[^`]|(?<=\})`[^`\n]+`)*)`")
#: Ends the names of pages in Chinese.
CHINESE = "_zh"
#: What a sentence that fails is told with, in English and in Chinese.
_FRAMES = (("in the baseline:", "here it does not hold", (" (", ").", "; ")),
           ("基准情形下：", "在这里不成立", ("（", "）。", "；")))
#: A formula holds where it gives its number within this share.
_SAME = 1e-9
#: The formula that follows the fit of the chart; the page's script has that.
FIT = "fit"


@dataclass(frozen=True)
class Sentence:
    """A conditional sentence: where it stands, and whether it holds.

    Attributes
    ----------
    file, line
        Of the chapter.
    condition, text
        As written.
    holds
        Whether it does under these numbers.
    because
        The comparison with its numbers: ``0.02 < 0``.
    """

    file: str
    line: int
    condition: str
    text: str
    holds: bool
    because: str


def _in_words(_: str, number: Number, form: str, __: Mapping[str, str]) -> str:
    return words.in_form(number, form)


@dataclass
class Filling:
    """What texts are filled with, and the conditional sentences met on the way.

    Attributes
    ----------
    numbers
        Those of the report as it is built.
    baseline
        Those of the baseline, which a sentence that fails is told with; the same in the baseline.
    write
        Name, number, form, and what the page's script has to know of a number that moves, to the
        text that stands for it; words alone unless told otherwise.
    """

    numbers: Numbers
    baseline: Numbers
    write: Callable[[str, Number, str, Mapping[str, str]], str] = _in_words
    sentences: list[Sentence] = field(default_factory=list)

    def fill(self, text: str, file: str = "", line: int = 1) -> str:
        """Fill a text of a chapter.

        Parameters
        ----------
        file, line
            The chapter, and the line of it on which the text begins.

        Raises
        ------
        PageError
            If it names a number that there is not, or a condition cannot be read.
        """

        def conditional(found: re.Match[str], block: bool) -> str:
            at = line + text.count("\n", 0, found.start())
            condition, sentence = found["condition"].strip(), found["text"].strip()
            return self._sentence(condition, sentence, file, at, block)

        made = _BLOCK.sub(lambda m: conditional(m, True), text)
        made = _INLINE.sub(lambda m: conditional(m, False), made)
        return self._numbers(made, self.numbers, file, line)

    def conditions(self, text: str, file: str) -> None:
        """Meet the conditional sentences of a text, and the numbers it names, without filling it.

        Raises
        ------
        PageError
            If conditions cannot be read, or names are of no number: every one of them.
        """
        wrong, failing = Gathered(), list[range]()
        for found in (*_BLOCK.finditer(text), *_INLINE.finditer(text), *_ROLE.finditer(text)):
            line = 1 + text.count("\n", 0, found.start())
            with wrong.part():
                if found.re is not _ROLE:
                    condition, sentence = found["condition"].strip(), found["text"].strip()
                    if not self._judge(condition, sentence, file, line)[0]:
                        failing.append(range(*found.span()))
                elif "{" not in found["name"]:  # the template's are those of each system
                    fails = any(found.start() in span for span in failing)
                    self._numbers(found[0], self.baseline if fails else self.numbers, file, line)
        wrong.tell()

    def _numbers(self, text: str, numbers: Numbers, file: str, line: int) -> str:
        def written(found: re.Match[str]) -> str:
            name, form = found["name"], found["form"] or ""
            if name not in numbers and name in self.baseline:
                return words.UNKNOWN  # these assumptions leave nothing to calculate it from
            try:
                if name not in numbers:
                    raise ConditionError(unknown("number", name, numbers))
                if numbers is not self.numbers:  # what the baseline says does not move here
                    return self.write(name, numbers[name], form, {})
                return self._written(found, numbers[name], form)
            except ConditionError as error:
                at = line + text.count("\n", 0, found.start())
                raise PageError(f"{file}:{at}: {error}") from None

        return _ROLE.sub(written, text)

    def _written(self, found: re.Match[str], number: Number, form: str) -> str:
        """A number, a control, or what follows one, with what the page's script has to know."""
        role, name, rest = found["role"], found["name"], found["rest"].strip()
        if number.value is None or (role == "number" and not rest):
            return self.write(name, number, form, {})
        if role == "drag":
            limits, _, label = rest.partition("|")
            low, high, step = _limits(name, limits, number.value)
            told = {"drag": name, "min": low, "max": high, "step": step,
                    "label": label.strip() or number.how}
            return self.write(name, number, form or "stated", told)
        formula = rest.removeprefix("|").strip()
        if role == "number" or not rest.startswith("|"):
            raise ConditionError(f"{role}: {name} {rest}: cannot be read")
        if formula != FIT:
            value, formula = worked_out(formula, self.numbers, self.baseline)
            if value is None:
                return self.write(name, number, form, {})
            if not math.isclose(value, number.value, rel_tol=_SAME):
                raise ConditionError(f"follows: {found['rest'].strip(' |')} is {value:.12g}; "
                                     f"allowed: {name}, {number.value:.12g}")
        return self.write(name, number, form, {"follows": name, "formula": formula})

    def _judge(self, condition: str, text: str, file: str, line: int) -> tuple[bool, str]:
        try:
            holds, because = evaluate(condition, self.numbers, self.baseline)
        except ConditionError as error:
            raise PageError(f"{file}:{line}: holds: {error}") from None
        self.sentences.append(Sentence(file, line, condition, text, holds, because))
        return holds, because

    def _sentence(self, condition: str, text: str, file: str, line: int, block: bool) -> str:
        holds, because = self._judge(condition, text, file, line)
        if holds:
            return text
        then = self._numbers(text, self.baseline, file, line)
        before, here, ends = _FRAMES[file.endswith(CHINESE + ".md")]
        if block:  # right under the options of another one, its colons would be taken for one
            return (f"\n:::{{div}} fails\n*{before[0].upper()}{before[1:]}* {then}\n\n"
                    f"*{here[0].upper()}{here[1:]}*{ends[0]}{because}{ends[1]}\n:::")
        then = then.rstrip(".。")
        return f"[{before} {then}{ends[2]}{here}{ends[0]}{because}{ends[1][:1]}]"


def _limits(name: str, text: str, value: float) -> tuple[str, str, str]:
    """The ends of a control, widened to the number it starts from, and its step."""
    try:
        low, high, step = text.split()
        ends = float(low), float(high)
        sound = ends[0] < ends[1] and (ends[0] > 0 if step == "log" else float(step) > 0)
    except ValueError:
        sound = False
    if not sound:
        raise ConditionError(f"drag: {name} {text}: must be a name, two ends and a step or log")
    return f"{min(ends[0], value):.12g}", f"{max(ends[1], value):.12g}", step
