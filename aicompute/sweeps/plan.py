"""A sweep file: which settings a sweep has, each found by its number without the others.

The settings are every combination of the listed and ranged values, and for each of them the same
random draws, so that any chunk of the settings can be made anywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aicompute.assumptions import Assumptions, parse_assumptions
from aicompute.errors import CallError, saying
from aicompute.names import unknown
from aicompute.sweeps.axes import Array, Axis, parse_axis, parse_value
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

    @property
    def listed(self) -> list[Axis]:
        """The axes whose values are combined with each other."""
        return [axis for axis in self.axes if not axis.drawn]

    @property
    def drawn(self) -> list[Axis]:
        """The axes whose values are drawn."""
        return [axis for axis in self.axes if axis.drawn]

    @property
    def shape(self) -> list[int]:
        """Values of each listed axis, and draws; a Saltelli design needs d + 2 for each sample."""
        blocks = len(self.drawn) + 2 if self.design == "saltelli" else 1
        return [*(axis.size for axis in self.listed), self.samples * blocks]

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
        numbers = np.arange(start, min(stop, self.size))
        *places, draw = np.unravel_index(numbers, self.shape)
        columns = {axis.name: axis.values()[place]
                   for axis, place in zip(self.listed, places, strict=True)}
        if self.drawn:
            uniform = _draws(self.design, self.samples, len(self.drawn), self.seed)[draw]
            columns |= {axis.name: axis.quantile(uniform[:, i])
                        for i, axis in enumerate(self.drawn)}
        return {axis.name: columns[axis.name] for axis in self.axes}


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
        axes = tuple(parse_axis(name, spec) for name, spec in content["vary"].items())
    plan = Plan(
        title, {name: parse_value(name, value) for name, value in fixed.items()}, axes,
        _whole(content, "samples", 1, MOST_SETTINGS), _whole(content, "seed", 0, 2**32 - 1),
        str(content.get("design", DESIGNS[0])))
    _check(plan, content)
    return plan


def _check(plan: Plan, content: dict[str, Any]) -> None:
    """Refuse what is allowed by itself, but not beside the rest; every value meets every other."""
    idle = next((key for key in ("samples", "seed", "design") if key in content), "")
    twice = next((axis.name for axis in plan.axes if axis.name in plan.fixed), "")
    saltelli = plan.design == "saltelli"
    refused = {
        "vary: nothing varies; name at least one assumption": not plan.axes,
        f"design: got {plan.design}; allowed: {', '.join(DESIGNS)}": plan.design not in DESIGNS,
        "samples and seed: needed where a distribution is drawn from":
            plan.drawn and not {"samples", "seed"} <= set(content),
        f"{idle}: given, but nothing is drawn; allowed: with distributions only":
            idle and not plan.drawn,
        "design: saltelli takes distributions only, not "
        + ", ".join(axis.name for axis in plan.listed): saltelli and plan.listed,
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
