"""Numbers and conditional sentences in a chapter's text, filled in when it is shown.

A text names a number as ``{number}`name` `` or ``{number}`name:form` ``. A sentence that holds only
under a condition stands in a block, or within a line::

    :::{holds} debate.days.low < 0 < debate.days.high
    Longer runs add little.
    :::

    Longer runs {holds}`debate.days.high < 0.2 | add little`.

A condition compares and calculates with names of numbers (``name``, ``name.low``, ``name.high``),
joined by ``and``, ``or`` and ``not``; nothing else.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aicompute import words
from aicompute.errors import Gathered, PageError
from aicompute.names import unknown
from aicompute.recording import Number

Numbers = Mapping[str, Number]

NUMBER = re.compile(r"\{number\}`([^`:\n]+)(?::([a-z]+))?`")
_BLOCK = re.compile(r"^:::\{holds\}[ \t]*(?P<condition>[^\n]+)\n(?P<text>.*?)^:::[ \t]*$",
                    re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"\{holds\}`(?P<condition>[^`|\n]+)\|(?P<text>(?:[^`]|(?<=\})`[^`\n]+`)*)`")
_COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Lt: ("<", operator.lt), ast.LtE: ("≤", operator.le), ast.Gt: (">", operator.gt),
    ast.GtE: ("≥", operator.ge), ast.Eq: ("=", operator.eq), ast.NotEq: ("≠", operator.ne),
}
_CALCULATE: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}


class ConditionError(ValueError):
    """A condition that is none: not of the form, or naming a number that there is not."""


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


def _in_words(_: str, number: Number, form: str) -> str:
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
        Name, number and form to the text that stands for it; words alone unless told otherwise.
    """

    numbers: Numbers
    baseline: Numbers
    write: Callable[[str, Number, str], str] = _in_words
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
        wrong = Gathered()
        for found in (*_BLOCK.finditer(text), *_INLINE.finditer(text), *NUMBER.finditer(text)):
            line = 1 + text.count("\n", 0, found.start())
            with wrong.part():
                if found.re is not NUMBER:
                    self._judge(found["condition"].strip(), found["text"].strip(), file, line)
                elif "{" not in found[1]:  # the template's are those of each system
                    self._numbers(found[0], self.numbers, file, line)
        wrong.tell()

    def _numbers(self, text: str, numbers: Numbers, file: str, line: int) -> str:
        def written(found: re.Match[str]) -> str:
            name, form = found[1], found[2] or ""
            if name in numbers:
                return self.write(name, numbers[name], form)
            if name in self.baseline:
                return words.UNKNOWN  # these assumptions leave nothing to calculate it from
            at = line + text.count("\n", 0, found.start())
            raise PageError(f"{file}:{at}: {unknown('number', name, numbers)}")

        return NUMBER.sub(written, text)

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
        if block:
            return (f":::{{div}} fails\n*In the baseline:* {then}\n\n"
                    f"*Here it does not hold* ({because}).\n:::")
        return f"[in the baseline: {then}; here it does not hold ({because})]"


def evaluate(condition: str, numbers: Numbers, baseline: Numbers) -> tuple[bool, str]:
    """Whether a condition holds, and its comparisons with their numbers.

    Parameters
    ----------
    numbers, baseline
        A number that is unknown under these assumptions, but not in the baseline, fulfils nothing.

    Raises
    ------
    ConditionError
        If it is no such condition, or names a number that there is not.

    Examples
    --------
    >>> numbers = {"a.b": Number(2.0, low=1.0, high=3.0)}
    >>> evaluate("a.b.low < 1.5 < a.b.high", numbers, numbers)
    (True, '1 < 1.5 < 3')
    >>> evaluate("a.b > 2 * 2", numbers, numbers)
    (False, '2 > 4')
    """
    try:
        tree = ast.parse(condition, mode="eval").body
    except SyntaxError:
        raise ConditionError(f"{condition}: cannot be read") from None
    return _truth(tree, numbers, baseline)


def _truth(node: ast.expr, numbers: Numbers, baseline: Numbers) -> tuple[bool, str]:
    if isinstance(node, ast.BoolOp):
        parts = [_truth(part, numbers, baseline) for part in node.values]
        every = isinstance(node.op, ast.And)
        truth = all(t for t, _ in parts) if every else any(t for t, _ in parts)
        return truth, (" and " if every else " or ").join(said for _, said in parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        truth, said = _truth(node.operand, numbers, baseline)
        return not truth, f"not {said}"
    if not isinstance(node, ast.Compare):
        raise ConditionError(f"{ast.unparse(node)}: compares nothing")
    values = [_value(part, numbers, baseline) for part in (node.left, *node.comparators)]
    signs = [_COMPARE.get(type(sign)) for sign in node.ops]
    if None in signs:
        raise ConditionError(f"{ast.unparse(node)}: allowed: < <= > >= == !=")
    shown = [words.UNKNOWN if v is None else words.stated(v) for v in values]
    said, truth = shown[0], True
    for left, sign, right, text in zip(values, signs, values[1:], shown[1:], strict=False):
        assert sign is not None  # refused above
        said += f" {sign[0]} {text}"
        truth = truth and left is not None and right is not None and bool(sign[1](left, right))
    return truth, said


def _value(node: ast.expr, numbers: Numbers, baseline: Numbers) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _value(node.operand, numbers, baseline)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in _CALCULATE:
        left, right = (_value(n, numbers, baseline) for n in (node.left, node.right))
        if left is None or right is None:
            return None
        return float(_CALCULATE[type(node.op)](left, right))
    return _named(ast.unparse(node), numbers, baseline)


def _named(name: str, numbers: Numbers, baseline: Numbers) -> float | None:
    stem, _, end = name.rpartition(".")
    for known in (numbers, baseline):
        if name in known:
            return numbers[name].value if name in numbers else None
        if end in ("low", "high") and stem in known:
            return _end(numbers[stem], end) if stem in numbers else None
    raise ConditionError(unknown("number", name, numbers))


def _end(number: Number, end: str) -> float | None:
    """An end of an interval; infinite where the other end alone is known."""
    if number.low is None and number.high is None:
        return None
    given: float | None = getattr(number, end)
    return (-math.inf if end == "low" else math.inf) if given is None else given
