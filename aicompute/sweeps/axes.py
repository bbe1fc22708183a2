"""One assumption of a sweep: its listed values, its range, or its distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from aicompute.assumptions import Assumptions, as_text, parse_assumptions, refuse_unknown, rule
from aicompute.errors import CallError

Array = NDArray[np.float64]

#: What an axis may be, to what it is given by: listed values, and distributions drawn from.
_SPACE = "[from, to, number of values]"
LISTED = {"grid": "values", "linspace": _SPACE, "logspace": _SPACE}
DRAWN = {
    "uniform": "[low, high]", "loguniform": "[low, high]",
    "normal": "[mean, standard deviation] or [mean, standard deviation, low, high]",
    "choice": "values",
}
KINDS = {**LISTED, **DRAWN}
#: What a day is held against as one end of the span, where the other end is not known yet.
_OTHER_END = {"since": {"until": date.max}, "until": {"since": date.min}}


@dataclass(frozen=True)
class Axis:
    """How one assumption varies: a key of KINDS, and the values or numbers it is of."""

    name: str
    kind: str
    given: tuple[Any, ...]

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
        return int(self.given[-1]) if KINDS[self.kind] == _SPACE else len(self.given)

    def values(self) -> NDArray[Any]:
        """The numbers that are listed, or the places of values that are no numbers."""
        if KINDS[self.kind] == _SPACE:
            low, high, _ = self.given
            space = np.linspace if self.kind == "linspace" else np.geomspace
            return np.asarray(space(low, high, self.size))
        return np.asarray(self.given, dtype=np.float64) if self.numeric else np.arange(self.size)

    def quantile(self, share: Array) -> NDArray[Any]:
        """The values below which these shares of the distribution lie, above 0 and below 1."""
        if self.kind == "choice":
            return self.values()[(share * self.size).astype(np.int64)]
        *shape, low, high = self.given
        if self.kind == "uniform":
            return low + share * (high - low)
        if self.kind == "loguniform":
            return np.exp(np.log(low) + share * np.log(high / low))
        mean, deviation = shape
        below, upto = ndtr((low - mean) / deviation), ndtr((high - mean) / deviation)
        # A share that is rounded to 1 has no finite quantile.
        return np.clip(mean + deviation * ndtri(below + share * (upto - below)), low, high)

    def texts(self, column: NDArray[Any]) -> NDArray[Any]:
        """A column as a table writes it: numbers, or the values as ``--set`` takes them."""
        if self.numeric:
            return column
        return np.asarray([as_text(value) for value in self.given], dtype=object)[column]


def is_numeric(name: str) -> bool:
    """Whether an assumption is a number that calculations take as an array."""
    return Assumptions.model_fields[name].annotation is float


def parse_value(name: str, value: Any) -> Any:
    """One assumption's value as the model holds it, whatever the other assumptions are.

    A CallError says that the assumption is unknown or the value not allowed.
    """
    return getattr(parse_assumptions({name: value, **_OTHER_END.get(name, {})}), name)


def parse_axis(name: str, spec: Any) -> Axis:
    """Make an axis of what a sweep file says of one assumption; a CallError says what is wrong."""
    refuse_unknown(name)
    if not isinstance(spec, dict) or len(spec) != 1 or next(iter(spec)) not in KINDS:
        raise CallError(f"{name}: got {spec!r}; allowed: one of {', '.join(KINDS)}")
    kind, given = next(iter(spec.items()))
    if not isinstance(given, list) or not given:
        raise CallError(f"{name}: {kind}: got {given!r}; allowed: {KINDS[kind]}")
    if KINDS[kind] != "values":
        return Axis(name, kind, _numbers(name, kind, given))
    values = tuple(parse_value(name, value) for value in given)
    # In a choice, a value that stands twice is drawn twice as often.
    if kind == "grid" and len(set(values)) < len(values):
        raise CallError(f"{name}: grid: got {given!r}; allowed: each value once")
    return Axis(name, kind, values)


def _numbers(name: str, kind: str, given: list[Any]) -> tuple[float, ...]:
    """The numbers of a range or a distribution; of a normal one, with the ends that cut it off."""
    if not is_numeric(name):
        raise CallError(f"{name}: {kind}: is for numbers; allowed here: grid, choice")
    plain = all(type(n) in (int, float) and math.isfinite(n) for n in given)
    if not plain or len(given) not in {part.count(",") + 1 for part in KINDS[kind].split(" or ")}:
        raise CallError(f"{name}: {kind}: got {given!r}; allowed: {KINDS[kind]}, "
                        "all finite numbers")
    numbers = tuple(map(float, given))
    if kind == "normal" and len(numbers) == 2:
        numbers += (float(rule(name)["minimum"]), float(rule(name)["maximum"]))
    spaced, normal = kind in LISTED, kind == "normal"
    low, high = numbers[2:] if normal else numbers[:2]
    for end in (low, high):
        parse_value(name, end)
    kept = {
        "a whole number of values, from 2": not spaced or (
            numbers[2] >= 2 and numbers[2].is_integer()),
        "two ends that differ": low != high,
        "low below high": spaced or low < high,
        "ends above 0": not kind.startswith("log") or min(low, high) > 0,
        "a standard deviation above 0": not normal or numbers[1] > 0,
        # Cut off there, a distribution that lies beyond would have the nearer end alone.
        f"a mean from {low:g} to {high:g}": not normal or low <= numbers[0] <= high,
    }
    for allowed, holds in kept.items():
        if not holds:
            raise CallError(f"{name}: {kind}: got {given!r}; allowed: {allowed}")
    return numbers
