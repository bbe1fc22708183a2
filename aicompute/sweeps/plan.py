"""A sweep file: which settings a sweep has, each found by its number without the others.

The settings are every combination of the listed and ranged values, and for each of them the same
random draws, so that any chunk of the settings can be made anywhere.
"""

import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from aicompute.assumptions import Assumptions, parse_assumptions, refuse_unknown, rule
from aicompute.errors import CallError, saying
from aicompute.names import unknown
from aicompute.yaml_file import load_yaml

Array = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]

KEYS = ("title", "assumptions", "vary", "samples", "seed", "design")
DESIGNS = ("random", "saltelli")
MOST_SETTINGS = 10_000_000
#: Draws are made in blocks of this many, each from a generator of its own.
BLOCK = 4096
#: Keeps a uniform draw inside (0, 1), where every quantile is finite.
_EDGE = 2.0**-53
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


class Axis(NamedTuple):
    """How one assumption varies: a key of KINDS, and the values or numbers it is of."""

    name: str
    kind: str
    given: tuple[Any, ...]

    @property
    def size(self) -> int:
        """Number of the values listed, of which none need have been made."""
        return int(self.given[-1]) if KINDS[self.kind] == _SPACE else len(self.given)

    def at(self, where: NDArray[Any]) -> NDArray[Any]:
        """The values at places of the list, or those that shares of the distribution lie below.

        A share is above 0 and below 1. Values that are no numbers are told by their places.
        """
        if KINDS[self.kind] == _SPACE:
            low, high, _ = self.given
            space = np.linspace if self.kind == "linspace" else np.geomspace
            return np.asarray(space(low, high, self.size))[where]
        if self.kind in ("grid", "choice"):
            places = where if self.kind == "grid" else (where * self.size).astype(np.int64)
            if is_numeric(self.name):
                return np.asarray(self.given, dtype=np.float64)[places]
            return places
        *shape, low, high = self.given
        if self.kind == "uniform":
            return low + where * (high - low)
        if self.kind == "loguniform":
            return np.exp(np.log(low) + where * np.log(high / low))
        mean, deviation = shape
        below, upto = ndtr((low - mean) / deviation), ndtr((high - mean) / deviation)
        # A share that is rounded to 1 has no finite quantile.
        return np.clip(mean + deviation * ndtri(below + where * (upto - below)), low, high)


@dataclass(frozen=True)
class Plan:
    """The settings of a sweep: assumptions that are the same in all of them, and what varies.

    ``samples`` is the number of draws for each combination of what is listed, 1 where nothing is
    drawn; the ``design`` is one of DESIGNS, ``saltelli`` for Sobol indices.
    """

    title: str
    fixed: dict[str, Any]
    axes: tuple[Axis, ...]
    samples: int
    seed: int
    design: str

    def of_kinds(self, kinds: dict[str, str]) -> list[Axis]:
        """The axes that are LISTED, which are combined with each other, or DRAWN."""
        return [axis for axis in self.axes if axis.kind in kinds]

    @property
    def shape(self) -> list[int]:
        """Values of each listed axis, and draws; a Saltelli design needs d + 2 for each sample."""
        blocks = len(self.of_kinds(DRAWN)) + 2 if self.design == "saltelli" else 1
        return [*(axis.size for axis in self.of_kinds(LISTED)), self.samples * blocks]

    @property
    def size(self) -> int:
        """Number of settings."""
        return math.prod(self.shape)

    def values(self, name: str) -> tuple[Any, ...]:
        """Every value that an assumption which is no number takes in the sweep."""
        default = Assumptions.model_fields[name].default
        varied = {axis.name: axis.given for axis in self.axes}
        return varied.get(name, (self.fixed.get(name, default),))

    def columns(self, start: int, stop: int) -> Columns:
        """The settings from ``start`` up to ``stop``: numbers, or places among an axis's values."""
        drawn = self.of_kinds(DRAWN)
        *where, draw = np.unravel_index(np.arange(start, min(stop, self.size)), self.shape)
        if drawn:
            where += [*_draws(self.design, self.samples, len(drawn), self.seed)[draw].T]
        found = {axis.name: axis.at(each)
                 for axis, each in zip(self.of_kinds(LISTED) + drawn, where, strict=True)}
        return {axis.name: found[axis.name] for axis in self.axes}


@cache
def _draws(design: str, samples: int, axes: int, seed: int) -> Array:
    """Evenly distributed draws, draws x axes, inside (0, 1).

    Of a Saltelli design A, B, and for every axis A with that column from B, one below the other.
    """
    if design == "saltelli":
        from scipy.stats import qmc  # half a second

        points = qmc.Sobol(2 * axes, rng=np.random.default_rng(seed)).random(samples)
        a, b = points[:, :axes], points[:, axes:]
        drawn = [a, b, *(np.where(np.arange(axes) == i, b, a) for i in range(axes))]
    else:
        drawn = [np.random.default_rng([seed, block]).random((BLOCK, axes))
                 for block in range(math.ceil(samples / BLOCK))]
    return np.clip(np.vstack(drawn), _EDGE, 1 - _EDGE)


def load_plan(file: Path) -> Plan:
    """Read a sweep file; a CallError says what in it is not allowed: what, got, allowed."""
    content = load_yaml(file, "sweep")
    with saying(f"sweep {file}"):
        return parse_plan(content)


def parse_plan(content: Any) -> Plan:
    """Make a plan of what a sweep file holds; a CallError says what is not allowed."""
    if not isinstance(content, dict) or not isinstance(content.get("vary"), dict):
        raise CallError(f"expected a mapping with vary; keys: {', '.join(KEYS)}")
    for key in content:
        if key not in KEYS:
            raise CallError(unknown("key", key, KEYS))
    title, fixed = content.get("title", ""), content.get("assumptions")
    fixed = {} if fixed is None else fixed
    if not isinstance(title, str) or not title.isprintable():
        # A terminal would obey what is in it.
        raise CallError(f"title: got {title!r}; allowed: one line of text that can be printed")
    if not isinstance(fixed, dict):
        raise CallError(f"assumptions: got {fixed!r}; allowed: name: value lines")
    with saying("vary"):
        axes = tuple(_axis(name, spec) for name, spec in content["vary"].items())
    plan = Plan(
        title, {name: _value(name, value) for name, value in fixed.items()}, axes,
        _whole(content, "samples", 1, MOST_SETTINGS), _whole(content, "seed", 0, 2**32 - 1),
        str(content.get("design", DESIGNS[0])))
    _refuse_together(plan, content)
    return plan


def _refuse_together(plan: Plan, content: dict[str, Any]) -> None:
    """Refuse what is allowed by itself, but not beside the rest; every value meets every other."""
    drawn, saltelli = plan.of_kinds(DRAWN), plan.design == "saltelli"
    listed = ", ".join(axis.name for axis in plan.of_kinds(LISTED))
    idle = next((key for key in ("samples", "seed", "design") if key in content), "")
    twice = next((axis.name for axis in plan.axes if axis.name in plan.fixed), "")
    refused = {
        "vary: nothing varies; name at least one assumption": not plan.axes,
        f"design: got {plan.design}; allowed: {', '.join(DESIGNS)}": plan.design not in DESIGNS,
        "samples and seed: needed where a distribution is drawn from":
            drawn and not {"samples", "seed"} <= set(content),
        f"{idle}: given, but nothing is drawn; allowed: with distributions only":
            idle and not drawn,
        f"design: saltelli takes distributions only, not {listed}": saltelli and listed,
        f"samples: got {plan.samples}; allowed for saltelli: a power of two":
            saltelli and plan.samples & (plan.samples - 1),
        f"vary: makes {plan.size:,} settings; allowed: up to {MOST_SETTINGS:,}":
            plan.size > MOST_SETTINGS,
        f"vary: {twice}: stands among assumptions too; allowed: one of the two": twice,
    }
    for reason, broken in refused.items():
        if broken:
            raise CallError(reason)
    parse_assumptions({"since": max(plan.values("since")), "until": min(plan.values("until"))})


def _whole(content: dict[str, Any], key: str, least: int, most: int) -> int:
    value = content.get(key, least)
    if type(value) is not int or not least <= value <= most:
        raise CallError(f"{key}: got {value!r}; allowed: whole number from {least} to {most:,}")
    return value


def is_numeric(name: str) -> bool:
    """Whether an assumption is a number that calculations take as an array."""
    return Assumptions.model_fields[name].annotation is float


def _value(name: str, value: Any) -> Any:
    """One assumption's value as the model holds it, whatever the other assumptions are."""
    return getattr(parse_assumptions({name: value, **_OTHER_END.get(name, {})}), name)


def _axis(name: str, spec: Any) -> Axis:
    """Make an axis of what a sweep file says of one assumption."""
    refuse_unknown(name)
    if not isinstance(spec, dict) or len(spec) != 1 or next(iter(spec)) not in KINDS:
        raise CallError(f"{name}: got {spec!r}; allowed: one of {', '.join(KINDS)}")
    ((kind, given),) = spec.items()
    if not isinstance(given, list) or not given:
        raise CallError(f"{name}: {kind}: got {given!r}; allowed: {KINDS[kind]}")
    if KINDS[kind] != "values":
        return Axis(name, kind, _numbers(name, kind, given))
    values = tuple(_value(name, value) for value in given)
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
    spaced, normal = kind in LISTED, kind == "normal"
    if normal and len(numbers) == 2:
        numbers += (float(rule(name)["minimum"]), float(rule(name)["maximum"]))
    low, high = numbers[2:] if normal else numbers[:2]
    for end in (low, high):
        _value(name, end)
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
