"""A sweep file: which settings a sweep has, each found by its number without the others.

The settings are every combination of the listed and ranged values, and for each of them the same
random draws. The draws depend on the seed and their number alone, so that any chunk of the settings
can be made anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from aicompute.assumptions import Assumptions, parse_assumptions
from aicompute.errors import CallError
from aicompute.names import unknown
from aicompute.sweeps.axes import Axis, parse_axis, parse_value
from aicompute.yaml_file import load_yaml

Columns = dict[str, NDArray[Any]]

KEYS = ("title", "assumptions", "vary", "samples", "seed", "design")
DESIGNS = ("random", "saltelli")
MOST_SETTINGS = 10_000_000
#: Draws are made in blocks of this many, each from a generator of its own.
BLOCK = 4096
#: Keeps a uniform draw inside (0, 1), where every quantile is finite.
_EDGE = 2.0**-53


@dataclass(frozen=True)
class Plan:
    """The settings of a sweep.

    Attributes
    ----------
    fixed
        Assumptions that are the same in every setting, as the model holds them.
    axes
        What varies.
    samples
        Random draws a combination of the other axes; 1 where nothing is drawn.
    design
        ``random``, or ``saltelli`` for the draws that Sobol indices are worked out from.
    """

    title: str
    fixed: dict[str, Any]
    axes: tuple[Axis, ...]
    samples: int
    seed: int
    design: str

    @property
    def listed(self) -> list[Axis]:
        """The axes whose values are combined with each other."""
        return [axis for axis in self.axes if not axis.drawn]

    @property
    def drawn(self) -> list[Axis]:
        """The axes whose values are drawn."""
        return [axis for axis in self.axes if axis.drawn]

    @property
    def draws(self) -> int:
        """Draws a combination: a Saltelli design needs d + 2 for each sample."""
        return self.samples * (len(self.drawn) + 2 if self.design == "saltelli" else 1)

    @property
    def size(self) -> int:
        """Number of settings."""
        return math.prod(axis.size for axis in self.listed) * self.draws

    def values(self, name: str) -> tuple[Any, ...]:
        """Every value that an assumption which is no number takes in the sweep."""
        default = Assumptions.model_fields[name].default
        varied = {axis.name: axis.values for axis in self.axes}
        return varied.get(name, (self.fixed.get(name, default),))

    def columns(self, start: int, stop: int) -> Columns:
        """The settings from ``start`` up to ``stop``: numbers, or places among an axis's values."""
        place, draw = np.divmod(np.arange(start, min(stop, self.size)), self.draws)
        columns: Columns = {}
        for axis in reversed(self.listed):
            place, index = np.divmod(place, axis.size)
            columns[axis.name] = axis.at(index)
        if self.drawn:
            uniform = self._uniform(draw)
            for i, axis in enumerate(self.drawn):
                columns[axis.name] = axis.quantile(uniform[:, i])
        return {axis.name: columns[axis.name] for axis in self.axes}

    def _uniform(self, draw: NDArray[np.int64]) -> NDArray[np.float64]:
        if self.design == "saltelli":
            return np.asarray(self._saltelli[draw])
        found = np.empty((len(draw), len(self.drawn)))
        for block in np.unique(draw // BLOCK):
            generator = np.random.default_rng([self.seed, int(block)])
            values = generator.random((BLOCK, len(self.drawn)))
            here = draw // BLOCK == block
            found[here] = values[draw[here] % BLOCK]
        return np.clip(found, _EDGE, 1 - _EDGE)

    @cached_property
    def _saltelli(self) -> NDArray[np.float64]:
        """A, B, and for every axis A with that column from B, one below the other."""
        d = len(self.drawn)
        generator = np.random.default_rng(self.seed)
        points = qmc.Sobol(2 * d, rng=generator).random(self.samples)
        a, b = points[:, :d], points[:, d:]
        mixed = [np.where(np.arange(d) == i, b, a) for i in range(d)]
        return np.clip(np.vstack([a, b, *mixed]), _EDGE, 1 - _EDGE)


def load_plan(file: Path) -> Plan:
    """Read a sweep file.

    Raises
    ------
    CallError
        If it cannot be read, or anything in it is not allowed: what, got, allowed.
    """
    content = load_yaml(file, "sweep")
    with saying(f"sweep {file}"):
        return parse_plan(content)


@contextmanager
def saying(where: str) -> Iterator[None]:
    """Say of a call at fault where it is so."""
    try:
        yield
    except CallError as error:
        raise CallError(f"{where}: {error}") from None


def parse_plan(content: Any) -> Plan:
    """Make a plan of what a sweep file holds.

    Raises
    ------
    CallError
        If anything in it is not allowed.
    """
    if not isinstance(content, dict) or not isinstance(content.get("vary"), dict):
        raise CallError(f"expected a mapping with vary; keys: {', '.join(KEYS)}")
    for key in content:
        if key not in KEYS:
            raise CallError(unknown("key", key, KEYS))
    title = content.get("title", "")
    if not isinstance(title, str) or not title.isprintable():
        # A terminal would obey what is in it.
        raise CallError(f"title: got {title!r}; allowed: one line of text that can be printed")
    plan = Plan(
        title=title,
        fixed=_fixed(content),
        axes=_axes(content["vary"]),
        samples=_whole(content, "samples", 1, MOST_SETTINGS),
        seed=_whole(content, "seed", 0, 2**32 - 1),
        design=str(content.get("design", DESIGNS[0])),
    )
    _check(plan, content)
    _check_together(plan)
    return plan


def _fixed(content: dict[str, Any]) -> dict[str, Any]:
    fixed = content.get("assumptions")
    if fixed is None:
        return {}
    if not isinstance(fixed, dict):
        raise CallError(f"assumptions: got {fixed!r}; allowed: name: value lines")
    return {name: parse_value(name, value) for name, value in fixed.items()}


def _axes(vary: dict[str, Any]) -> tuple[Axis, ...]:
    if not vary:
        raise CallError("vary: nothing varies; name at least one assumption")
    with saying("vary"):
        return tuple(parse_axis(name, spec) for name, spec in vary.items())


def _check(plan: Plan, content: dict[str, Any]) -> None:
    if plan.design not in DESIGNS:
        raise CallError(f"design: got {plan.design}; allowed: {', '.join(DESIGNS)}")
    if plan.drawn and not {"samples", "seed"} <= set(content):
        raise CallError("samples and seed: needed where a distribution is drawn from")
    idle = [key for key in ("samples", "seed", "design") if key in content]
    if not plan.drawn and idle:
        raise CallError(f"{idle[0]}: given, but nothing is drawn; allowed: with distributions only")
    if plan.design == "saltelli":
        if plan.listed:
            names = ", ".join(axis.name for axis in plan.listed)
            raise CallError(f"design: saltelli takes distributions only, not {names}")
        if plan.samples & (plan.samples - 1):
            raise CallError(f"samples: got {plan.samples}; allowed for saltelli: a power of two")
    if plan.size > MOST_SETTINGS:
        raise CallError(f"vary: makes {plan.size:,} settings; allowed: up to {MOST_SETTINGS:,}")


def _check_together(plan: Plan) -> None:
    """Refuse what is allowed by itself, but not beside the rest; every value meets every other."""
    for axis in plan.axes:
        if axis.name in plan.fixed:
            raise CallError(
                f"vary: {axis.name}: stands among assumptions too; allowed: one of the two"
            )
    parse_assumptions({"since": max(plan.values("since")), "until": min(plan.values("until"))})


def _whole(content: dict[str, Any], key: str, least: int, most: int) -> int:
    value = content.get(key, least)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise CallError(f"{key}: got {value!r}; allowed: whole number from {least} to {most:,}")
    return value
