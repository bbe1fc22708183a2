"""Arithmetic over names of numbers, as the conditions and formulas of a text have it.

It knows ``name``, ``name.low``, ``name.high``, numbers, ``+ - * / **`` and ``log2``; a condition
compares, and joins by ``and``, ``or`` and ``not``.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aicompute import words
from aicompute.names import unknown
from aicompute.recording import Number

Numbers = Mapping[str, Number]

_COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Lt: ("<", operator.lt), ast.LtE: ("≤", operator.le), ast.Gt: (">", operator.gt),
    ast.GtE: ("≥", operator.ge), ast.Eq: ("=", operator.eq), ast.NotEq: ("≠", operator.ne),
}
_CALCULATE: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add), ast.Sub: ("-", operator.sub), ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv), ast.Pow: ("**", operator.pow),
}


class ConditionError(ValueError):
    """No condition or formula: not of the form, or naming a number that there is not."""


def evaluate(condition: str, numbers: Numbers, baseline: Numbers) -> tuple[bool, str]:
    """Whether a condition holds, and its comparisons with their numbers.

    A number that is unknown under these assumptions, but not in the baseline, fulfils nothing; one
    that there is not is a ConditionError, as is what is no such condition.

    >>> numbers = {"a.b": Number(2.0, low=1.0, high=3.0)}
    >>> evaluate("a.b.low < 1.5 < a.b.high", numbers, numbers)
    (True, '1 < 1.5 < 3')
    >>> evaluate("a.b > 2 * 2", numbers, numbers)
    (False, '2 > 4')
    >>> evaluate("a.b / 3 == 0.667", numbers, numbers)
    (False, '0.66666667 = 0.667')
    """
    return _truth(_parsed(condition), numbers, baseline)


def worked_out(
    formula: str, numbers: Numbers, baseline: Numbers
) -> tuple[float | None, str]:
    """The value of a formula, and its steps in the order in which a stack works them off.

    The value is None where one of its numbers is unknown; every name in the steps has its value
    beside it. What is no arithmetic, or names a number that there is not, is a ConditionError.

    >>> numbers = {"a.cards": Number(2.0), "a.days": Number(5.5)}
    >>> worked_out("a.cards * a.days / log2(8)", numbers, numbers)
    (3.6666666666666665, 'a.cards=2 a.days=5.5 * 8 log2 /')
    """
    tree = _parsed(formula)
    return _value(tree, numbers, baseline), " ".join(_steps(tree, numbers, baseline))


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(" ".join(text.split()), mode="eval").body
    except SyntaxError:
        raise ConditionError(f"{text}: cannot be read") from None


def _steps(node: ast.expr, numbers: Numbers, baseline: Numbers) -> Iterator[str]:
    """The steps of a formula that :func:`_value` has accepted."""
    if isinstance(node, ast.BinOp):
        for part in (node.left, node.right):
            yield from _steps(part, numbers, baseline)
        yield _CALCULATE[type(node.op)][0]
    elif isinstance(node, ast.Call):
        yield from _steps(node.args[0], numbers, baseline)
        yield "log2"
    elif isinstance(node, ast.UnaryOp):
        yield from ("0", *_steps(node.operand, numbers, baseline), "-")
    else:
        name = "" if isinstance(node, ast.Constant) else f"{ast.unparse(node)}="
        yield f"{name}{_value(node, numbers, baseline) or 0:.12g}"


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
    truth = True
    for left, sign, right in zip(values, signs, values[1:], strict=False):
        assert sign is not None  # refused above
        truth = truth and left is not None and right is not None and bool(sign[1](left, right))
    if not truth and len(set(shown)) < len(set(values)):  # two that differ would read the same
        shown = [words.UNKNOWN if v is None else f"{v:.8g}" for v in values]
    marks = [f" {sign[0]} {text}" for sign, text in zip(signs, shown[1:], strict=False) if sign]
    return truth, shown[0] + "".join(marks)


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
        return float(_CALCULATE[type(node.op)][1](left, right))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "log2" and len(node.args) == 1:
        value = _value(node.args[0], numbers, baseline)
        return math.log2(value) if value is not None and value > 0 else None
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
