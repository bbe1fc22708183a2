"""One assumption of a sweep: its listed values, its range, or its distribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Axis:
    """How one assumption varies.

    Attributes
    ----------
    kind
        A key of LISTED or DRAWN.
    values
        The values of a listed axis or a choice, as the model holds them.
    numbers
        The numbers a distribution is given by.
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

    def at(self, index: NDArray[np.int64]) -> NDArray[Any]:
        """The numbers at these places, or the places themselves where the values are no numbers."""
        if not self.numeric:
            return index
        return np.asarray(self.values, dtype=np.float64)[index]

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


def parse_axis(name: str, spec: Any, fixed: dict[str, Any]) -> Axis:
    """Make an axis of what a sweep file says of one assumption.

    Raises
    ------
    CallError
        If the assumption is unknown or fixed, or what is said of it is not allowed.
    """
    valid = {**LISTED, **DRAWN}
    if name in fixed:
        raise CallError(f"vary: {name}: stands among assumptions too; allowed: one of the two")
    if not isinstance(spec, dict) or len(spec) != 1 or next(iter(spec)) not in valid:
        parse_assumptions({name: _default(name)})
        raise CallError(f"vary: {name}: got {spec!r}; allowed: one of {', '.join(valid)}")
    kind, given = next(iter(spec.items()))
    if not isinstance(given, list) or not given:
        raise CallError(f"vary: {name}: {kind}: got {given!r}; allowed: {valid[kind]}")
    if kind in ("grid", "choice"):
        values = tuple(_allowed(name, value) for value in given)
        return Axis(name, kind, values=values)
    parse_assumptions({name: _default(name)})
    if not is_numeric(name):
        raise CallError(f"vary: {name}: {kind}: is for numbers; allowed here: grid, choice")
    numbers = _numbers(name, kind, given)
    if kind in LISTED:
        return Axis(name, kind, values=_spaced(name, kind, numbers))
    return _distribution(name, kind, numbers)


def _default(name: str) -> Any:
    field = Assumptions.model_fields.get(name)
    return None if field is None else field.default


def _allowed(name: str, value: Any) -> Any:
    try:
        return getattr(parse_assumptions({name: value}), name)
    except CallError as error:
        raise CallError(f"vary: {error}") from None


def _numbers(name: str, kind: str, given: list[Any]) -> tuple[float, ...]:
    expected = {**LISTED, **DRAWN}[kind]
    counts = {"normal": (2, 4), "uniform": (2,), "loguniform": (2,)}.get(kind, (3,))
    plain = all(isinstance(n, int | float) and not isinstance(n, bool) for n in given)
    if not plain or len(given) not in counts:
        raise CallError(f"vary: {name}: {kind}: got {given!r}; allowed: {expected}")
    return tuple(float(number) for number in given)


def _spaced(name: str, kind: str, numbers: tuple[float, ...]) -> tuple[float, ...]:
    start, stop, count = numbers
    if count != int(count) or count < 2:
        raise CallError(f"vary: {name}: {kind}: got {count:g} values; allowed: 2 or more")
    for end in (start, stop):
        _allowed(name, end)
    space = np.geomspace if kind == "logspace" else np.linspace
    return tuple(float(value) for value in space(start, stop, int(count)))


def _distribution(name: str, kind: str, numbers: tuple[float, ...]) -> Axis:
    if kind == "normal":
        mean, deviation, *ends = numbers
        if deviation <= 0:
            raise CallError(
                f"vary: {name}: normal: got standard deviation {deviation:g}; allowed: above 0"
            )
        low, high = ends or _limits(name)
        numbers = (mean, deviation, low, high)
    else:
        low, high = numbers
        ends = [low, high]
    if not low < high:
        raise CallError(f"vary: {name}: {kind}: got {low:g} to {high:g}; allowed: low below high")
    for end in ends:
        _allowed(name, end)
    return Axis(name, kind, numbers=numbers)


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
