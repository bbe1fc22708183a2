"""Numbers and conditional sentences in a chapter's text, filled in when it is shown.

A text names a number as ``{number}`name` `` or ``{number}`name:form` ``. A sentence that holds only
under a condition stands in a block, or within a line::

    :::{holds} debate.days.low < 0 < debate.days.high
    Longer runs add little.
    :::

    Longer runs {holds}`debate.days.high < 0.2 | add little`.

A condition compares and calculates with numbers and their names (``name``, ``name.low``,
``name.high``), by ``+ - * / **`` and ``log2``, joined by ``and``, ``or`` and ``not``; nothing else.

In a worked example the page lets readers drag an input, and what follows from it moves along by a
formula in the same language. The build holds the formula to the number::

    {drag}`alexnet.cards 1 16 1` for {drag}`alexnet.days 1 30 0.5 | days of training` are
    {follows}`alexnet.card_days | alexnet.cards * alexnet.days`.

A control goes from its first number to its second in steps of the third, or evenly by factors where
that is ``log``; it is read aloud by the words behind the line, or by how its number was obtained.
``fit`` as a formula is the fit to the chart above the text.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from aicompute import words
from aicompute.errors import CallError, Gathered, PageError, saying
from aicompute.names import unknown
from aicompute.places import CHINESE
from aicompute.recording import Number

Numbers: TypeAlias = Mapping[str, Number]
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
#: NaN, a number that is unknown, fulfils none of these.
_COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[float, float], bool]]] = {
    ast.Lt: ("<", operator.lt), ast.LtE: ("≤", operator.le), ast.Gt: (">", operator.gt),
    ast.GtE: ("≥", operator.ge), ast.Eq: ("=", operator.eq),
    ast.NotEq: ("≠", lambda one, other: one < other or one > other),
}
_CALCULATE: dict[type[ast.operator], tuple[str, Callable[..., float]]] = {
    ast.Add: ("+", operator.add), ast.Sub: ("-", operator.sub), ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv), ast.Pow: ("**", math.pow),
}


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
        lambda _, number, form, __: number.said(form))
    sentences: list[Sentence] = field(default_factory=list)

    def fill(
        self, text: str, file: str = "", line: int = 1, numbers: Numbers | None = None
    ) -> str:
        """Fill a text that begins on a line of a chapter, with the report's numbers or others.

        A PageError lists every name of no number, and every condition that cannot be read.
        """
        wrong = Gathered()

        def part(found: re.Match[str]) -> str:
            at = line + text.count("\n", 0, found.start())
            with wrong.part():
                try:
                    if found["role"]:
                        return self._number(found, self.numbers if numbers is None else numbers)
                    return self._sentence(found, file, at)
                except CallError as error:
                    raise PageError(f"{file}:{at}: {error}") from None
            return ""

        made = _PART.sub(part, text)
        wrong.tell()
        return made

    def _number(self, found: re.Match[str], numbers: Numbers) -> str:
        """A number, a control, or what follows one, with what the page's script has to know."""
        role, name, rest = found["role"], found["name"], found["rest"].strip()
        form, number = found["form"] or "", numbers.get(name)
        if "{" in name:  # the template's are those of each system
            return found[0]
        if number is None and name in self.baseline:
            return words.UNKNOWN  # these assumptions leave nothing to calculate it from
        if number is None:
            raise CallError(unknown("number", name, numbers))
        if role == "number" and rest:
            raise CallError(f"number: {name} {rest}: cannot be read")
        told: dict[str, str] = {}
        # What is unknown, or what the baseline says, does not move here.
        moves = number.value is not None and numbers is self.numbers
        if moves and role == "drag":
            form, told = form or "stated", _control(name, rest, number)
        elif moves and role == "follows":
            told = self._formula(name, rest, number.value or 0.0)
        return self.write(name, number, form, told)

    def _formula(self, name: str, rest: str, value: float) -> dict[str, str]:
        """How a number follows others, as the page's script reads it; nothing if one is unknown."""
        formula = rest.removeprefix("|").strip()
        if not rest.startswith("|"):
            raise CallError(f"follows: {name} {rest}: cannot be read")
        if formula == FIT:
            return {"follows": name, "formula": FIT}
        steps, given = self._calculated(_parsed(formula))
        if math.isnan(given):
            return {}
        if not math.isclose(given, value, rel_tol=_SAME):
            raise CallError(f"follows: {formula} is {given:.12g}; allowed: {name}, {value:.12g}")
        return {"follows": name, "formula": steps}

    def _sentence(self, found: re.Match[str], file: str, line: int) -> str:
        block = found["of_line"] is None
        condition = (found["of_block"] if block else found["of_line"]).strip()
        text = found["block"] if block else found["within"]
        with saying("holds"):
            holds, because = self.truth(condition)
        self.sentences.append(Sentence(file, line, condition, text.strip(), holds, because))
        then = self.fill(text, file, line + block, None if holds else self.baseline).strip()
        if holds:
            return then
        before, here, ends = _FRAMES[file.endswith(CHINESE + ".md")]
        if block:  # right under the options of another one, its colons would be taken for one
            return (f"\n:::{{div}} fails\n*{before[0].upper()}{before[1:]}* {then}\n\n"
                    f"*{here[0].upper()}{here[1:]}*{ends[0]}{because}{ends[1]}\n:::")
        then = then.rstrip(".。")
        return f"[{before} {then}{ends[2]}{here}{ends[0]}{because}{ends[1][:1]}]"

    def truth(self, condition: str) -> tuple[bool, str]:
        """Whether a condition holds, and its comparisons with their numbers.

        A number that is unknown under these assumptions, but not in the baseline, fulfils nothing;
        one that there is not is a CallError, as is what is no such condition.

        >>> numbers = {"a.b": Number(2.0, low=1.0, high=3.0)}
        >>> Filling(numbers, numbers).truth("a.b.low < 1.5 < a.b.high and not a.b > 2 * 2")
        (True, '1 < 1.5 < 3 and not 2 > 4')
        >>> Filling(numbers, numbers).truth("a.b / 3 == 0.667")
        (False, '0.66666667 = 0.667')
        """
        return self._truth(_parsed(condition))

    def _truth(self, node: ast.expr) -> tuple[bool, str]:
        if isinstance(node, ast.BoolOp):
            parts = [self._truth(part) for part in node.values]
            joined, word = (all, " and ") if isinstance(node.op, ast.And) else (any, " or ")
            return joined(holds for holds, _ in parts), word.join(said for _, said in parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            holds, said = self._truth(node.operand)
            return not holds, f"not {said}"
        if not isinstance(node, ast.Compare) or any(type(op) not in _COMPARE for op in node.ops):
            raise CallError(f"{ast.unparse(node)}: compares nothing; allowed: < <= > >= == !=")
        sides = [node.left, *node.comparators]
        values = [self._calculated(side)[1] for side in sides]
        signs, tests = zip(*(_COMPARE[type(op)] for op in node.ops), strict=True)
        holds = all(test(*two) for test, two in zip(tests, pairwise(values), strict=True))
        units = {known[name].unit for name in map(ast.unparse, sides)
                 for known in (self.numbers, self.baseline) if name in known}
        shown = [words.stated(value, "year" if "year" in units else "") for value in values]
        if not holds and len({*shown}) < len({*values}):  # two that differ would read the same
            shown = [f"{value:.8g}" for value in values]
        shown = [words.UNKNOWN if math.isnan(value) else text
                 for value, text in zip(values, shown, strict=True)]
        return holds, shown[0] + "".join(
            f" {sign} {text}" for sign, text in zip(signs, shown[1:], strict=True))

    def _calculated(self, node: ast.expr) -> tuple[str, float]:
        """A formula's steps in the order in which a stack works them off, and what it comes to.

        A name among the steps has its value beside it; the result is NaN where one is unknown, or
        nothing comes of it. What is no arithmetic is a CallError.
        """
        match node:
            case ast.Constant(value=int() | float() as given):
                return f"{given:.12g}", float(given)
            case ast.BinOp(left=left, right=right) if type(node.op) in _CALCULATE:
                (sign, operation), parts = _CALCULATE[type(node.op)], [left, right]
            case ast.UnaryOp(op=ast.USub(), operand=part):
                (sign, operation), parts = _CALCULATE[ast.Sub], [ast.Constant(0), part]
            case ast.Call(func=ast.Name(id="log2"), args=[part]):
                sign, operation, parts = "log2", math.log2, [part]
            case _:
                value = self._value(name := ast.unparse(node))
                return f"{name}={value:.12g}", value
        steps, values = zip(*map(self._calculated, parts), strict=True)
        try:
            value = operation(*values)
        except (ArithmeticError, ValueError):  # over 0, the logarithm of what has none
            value = math.nan
        return " ".join([*steps, sign]), value

    def _value(self, name: str) -> float:
        """What a name stands for; NaN where it is unknown, infinite an end that alone is open."""
        key, of = name, "value"
        if name not in self.numbers and name not in self.baseline:
            key, _, of = name.rpartition(".")
            if of not in ("low", "high") or (key not in self.numbers and key not in self.baseline):
                raise CallError(unknown("number", name, self.numbers))
        number = self.numbers.get(key, Number(None))
        value: float | None = getattr(number, of)
        if value is None and of != "value" and number.low is not number.high:
            return math.inf if of == "high" else -math.inf
        return math.nan if value is None else value


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(" ".join(text.split()), mode="eval").body
    except SyntaxError:
        raise CallError(f"{text}: cannot be read") from None


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
        raise CallError(f"drag: {name} {limits}: must be a name, two ends and a step or log")
    low, high = f"{min(ends[0], value):.12g}", f"{max(ends[1], value):.12g}"
    return {"drag": name, "min": low, "max": high, "step": step,
            "label": label.strip() or number.how}
