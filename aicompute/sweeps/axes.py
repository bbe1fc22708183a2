"""One assumption of a sweep: its listed values, its range, or its distribution."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from aicompute.assumptions import Assumptions, as_text, parse_assumptions
from aicompute.errors import CallError

Array = NDArray[np.float64]

#: What an axis may be, to what its numbers are.
LISTED = {
    "grid": "values", "linspace": "[from, to, number of values]",
    "logspace": "[from, to, number of values]",
}
DRAWN = {
    "uniform": "[low, high]", "loguniform": "[low, high]",
    "normal": "[mean, standard deviation] or [mean, standard deviation, low, high]",
    "choice": "values",
}
_SPACES: dict[str, Callable[..., Array]] = {"linspace": np.linspace, "logspace": np.geomspace}
#: Kinds that go by the logarithm.
_LOGARITHMIC = ("logspace", "loguniform")
#: What a day is held against as one end of the span, where the other end is not known yet.
_OTHER_END = {"since": {"until": date.max}, "until": {"since": date.min}}


@dataclass(frozen=True)
class Axis:
    """How one assumption varies.

    Attributes
    ----------
    kind
        A key of LISTED or DRAWN.
    values
        The values of a grid or a choice, as the model holds them.
    numbers
        The numbers a distribution or a range of values is given by.
    """

    name: str
    kind: str
    values: tuple[Any, ...] = ()
    numbers: tuple[float, ...] = ()

    @property
    def drawn(self) -> bool:
        """Whether its values are drawn."""
        return self.kind in DRAWN

    @property
    def numeric(self) -> bool:
        """Whether the assumption is a number that calculations take as an array."""
        return is_numeric(self.name)

    @property
    def size(self) -> int:
        """Number of its values, of which none need have been made."""
        return int(self.numbers[-1]) if self.kind in _SPACES else len(self.values)

    def at(self, index: NDArray[np.int64]) -> NDArray[Any]:
        """The numbers at these places, or the places themselves where the values are no numbers."""
        return self._array[index] if self.numeric else index

    @cached_property
    def _array(self) -> Array:
        if self.kind in _SPACES:
            return _SPACES[self.kind](*self.numbers[:2], self.size)
        return np.asarray(self.values, dtype=np.float64)

    def quantile(self, share: Array) -> NDArray[Any]:
        """The values below which these shares of the distribution lie."""
        if self.kind == "choice":
            return self.at((share * len(self.values)).astype(np.int64))
        return _QUANTILES[self.kind](share, *self.numbers)

    def texts(self, column: NDArray[Any]) -> NDArray[Any]:
        """A column as a table writes it: numbers, or the values as ``--set`` takes them."""
        if self.numeric:
            return column
        return np.asarray([as_text(value) for value in self.values], dtype=object)[column]


def is_numeric(name: str) -> bool:
    """Whether an assumption is a number that calculations take as an array."""
    return Assumptions.model_fields[name].annotation is float


def parse_value(name: str, value: Any) -> Any:
    """One assumption's value as the model holds it, whatever the other assumptions are.

    Raises
    ------
    CallError
        If the assumption is unknown or the value is not allowed.
    """
    return getattr(parse_assumptions({name: value, **_OTHER_END.get(name, {})}), name)


def parse_axis(name: str, spec: Any) -> Axis:
    """Make an axis of what a sweep file says of one assumption.

    Raises
    ------
    CallError
        If the assumption is unknown, or what is said of it is not allowed.
    """
    valid = {**LISTED, **DRAWN}
    parse_assumptions({name: _default(name)})
    if not isinstance(spec, dict) or len(spec) != 1 or next(iter(spec)) not in valid:
        raise CallError(f"{name}: got {spec!r}; allowed: one of {', '.join(valid)}")
    kind, given = next(iter(spec.items()))
    if not isinstance(given, list) or not given:
        raise CallError(f"{name}: {kind}: got {given!r}; allowed: {valid[kind]}")
    if kind in ("grid", "choice"):
        return _values(name, kind, given)
    if not is_numeric(name):
        raise CallError(f"{name}: {kind}: is for numbers; allowed here: grid, choice")
    numbers = _numbers(name, kind, given)
    return _spaced(name, kind, numbers) if kind in LISTED else _distribution(name, kind, numbers)


def _default(name: str) -> Any:
    field = Assumptions.model_fields.get(name)
    return None if field is None else field.default


def _values(name: str, kind: str, given: list[Any]) -> Axis:
    values = tuple(parse_value(name, value) for value in given)
    # In a choice, a value that stands twice is drawn twice as often.
    twice = [value for value, times in Counter(values).items() if times > 1]
    if kind == "grid" and twice:
        raise CallError(f"{name}: grid: got {as_text(twice[0])} twice; allowed: each value once")
    return Axis(name, kind, values=values)


def _numbers(name: str, kind: str, given: list[Any]) -> tuple[float, ...]:
    counts = {"normal": (2, 4), "uniform": (2,), "loguniform": (2,)}.get(kind, (3,))
    plain = all(isinstance(n, int | float) and not isinstance(n, bool) for n in given)
    if not plain or len(given) not in counts or not all(map(math.isfinite, given)):
        expected = {**LISTED, **DRAWN}[kind]
        raise CallError(f"{name}: {kind}: got {given!r}; allowed: {expected}, all finite numbers")
    return tuple(map(float, given))


def _spaced(name: str, kind: str, numbers: tuple[float, ...]) -> Axis:
    start, stop, count = numbers
    if not count.is_integer() or count < 2:
        raise CallError(f"{name}: {kind}: got {count:g} values; allowed: whole number from 2")
    if start == stop:
        raise CallError(f"{name}: {kind}: got {start:g} to {stop:g}; allowed: two ends that differ")
    _check_ends(name, kind, start, stop)
    return Axis(name, kind, numbers=numbers)


def _distribution(name: str, kind: str, numbers: tuple[float, ...]) -> Axis:
    shape, ends = (numbers[:2], numbers[2:]) if kind == "normal" else ((), numbers)
    _check_ends(name, kind, *ends)
    low, high = ends or _limits(name)
    if not low < high:
        raise CallError(f"{name}: {kind}: got {low:g} to {high:g}; allowed: low below high")
    numbers = (*shape, low, high)
    if kind == "normal":
        _check_normal(name, *numbers)
    return Axis(name, kind, numbers=numbers)


def _check_normal(name: str, mean: float, deviation: float, low: float, high: float) -> None:
    if deviation <= 0:
        raise CallError(f"{name}: normal: got standard deviation {deviation:g}; allowed: above 0")
    if not low <= mean <= high:
        # Cut off there, a distribution that lies beyond would have the nearer end alone.
        raise CallError(f"{name}: normal: got mean {mean:g}; allowed: from {low:g} to {high:g}")


def _check_ends(name: str, kind: str, *ends: float) -> None:
    for end in ends:
        parse_value(name, end)
        if kind in _LOGARITHMIC and end <= 0:
            raise CallError(f"{name}: {kind}: got {end:g}; allowed: ends above 0")


def _limits(name: str) -> tuple[float, float]:
    """The range the model allows, which cuts off a normal distribution."""
    metadata = Assumptions.model_fields[name].metadata
    low = [float(getattr(m, sign)) for m in metadata for sign in ("gt", "ge") if hasattr(m, sign)]
    high = [float(getattr(m, sign)) for m in metadata for sign in ("lt", "le") if hasattr(m, sign)]
    return (low or [-np.inf])[0], (high or [np.inf])[0]


def _uniform(share: Array, low: float, high: float) -> Array:
    return low + share * (high - low)


def _loguniform(share: Array, low: float, high: float) -> Array:
    return np.exp(_uniform(share, np.log(low), np.log(high)))


def _normal(share: Array, mean: float, deviation: float, low: float, high: float) -> Array:
    a, b = (low - mean) / deviation, (high - mean) / deviation
    return np.asarray(stats.truncnorm.ppf(share, a, b, loc=mean, scale=deviation))


_QUANTILES: dict[str, Callable[..., Array]] = {
    "uniform": _uniform, "loguniform": _loguniform, "normal": _normal,
}
