"""What a sweep shows: the spread of the doubling time, and which assumptions drive it."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from aicompute import words
from aicompute.assumptions import Assumptions
from aicompute.commands.terminal import columns, wrapped
from aicompute.files import write_text
from aicompute.sweeps.axes import Axis
from aicompute.sweeps.evaluate import RESULTS
from aicompute.sweeps.plan import Plan

Array = NDArray[np.float64]

TARGET = "doubling_time_months"
QUANTILES = (0.05, 0.5, 0.95)
MEASURES = {
    "spearman": "rank correlation with the doubling time, -1 to 1; without effect it stays within "
                "about one over the root of the number of settings",
    "rank share": "root of the share of the ranks' variance that lies between the values, 0 to 1",
}
SOBOL = {
    "Sobol first": "share of the variance of the doubling time that it makes alone",
    "Sobol total": "share that it makes alone and together with the others",
}


@dataclass(frozen=True)
class Driver:
    """How strongly one assumption drives the doubling time.

    Attributes
    ----------
    measure
        ``spearman``: rank correlation, -1 to 1, of numbers and of true or false; ``rank share``:
        the root of the share of the ranks' variance that lies between the values, 0 to 1, of
        names, which have no order.
    sobol_first, sobol_total
        Share of the variance it makes alone, and with all others; of a Saltelli design.
    """

    assumption: str
    measure: str
    strength: float | None
    sobol_first: float | None = None
    sobol_total: float | None = None


@dataclass(frozen=True)
class Summary:
    """A sweep in a few numbers."""

    title: str
    settings: int
    without_fit: int
    doubling_time_months: dict[str, float | None]
    drivers: list[Driver]

    def text(self) -> str:
        """The summary for a person."""
        spread = [self.doubling_time_months[f"{q:g}"] for q in QUANTILES]
        lines = [f"{self.settings:,} settings"]
        if self.title:
            lines[0] = f"{self.title}: {lines[0]}"
        if self.without_fit:
            lines.append(f"{self.without_fit:,} of them leave too few systems for a fit")
        if spread[1] is not None:
            lines.append(
                f"doubling time: median {words.quantity(spread[1], 'months')}, nine in ten "
                f"{words.interval(spread[0], spread[2])}"
            )
        head = ["driven by", "strength"]
        rows = [[d.assumption, _two(d.strength)] for d in self.drivers]
        if any(d.sobol_total is not None for d in self.drivers):
            head += list(SOBOL)
            rows = [[*row, _two(d.sobol_first), _two(d.sobol_total)]
                    for row, d in zip(rows, self.drivers, strict=True)]
        head.append("measure")
        rows = [[*row, d.measure] for row, d in zip(rows, self.drivers, strict=True)]
        numbers = range(1, len(head) - 1)
        return "\n".join([*lines, "", *columns([head, *rows], right=numbers), "", *self._legend()])

    def _legend(self) -> list[str]:
        """What the measures in use say."""
        used = {driver.measure for driver in self.drivers}
        meanings = {**MEASURES, **(SOBOL if self.drivers[0].sobol_total is not None else {})}
        return [
            line for name, meaning in meanings.items() if name in used or name in SOBOL
            for line in wrapped(f"{name}: {meaning}")
        ]

    def write(self, path: Path) -> None:
        """Write the summary as JSON."""
        write_text(path, json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")


def summarize(plan: Plan, results: Array) -> Summary:
    """Summarize a finished sweep, settings x RESULTS."""
    target = results[:, RESULTS.index(TARGET)]
    varied = plan.columns(0, plan.size)
    known = np.isfinite(target)
    sobol = _sobol(plan, target) if plan.design == "saltelli" and known.all() else {}
    drivers = [
        _driver(axis, varied[axis.name][known], target[known],
                sobol.get(axis.name, {}))
        for axis in plan.axes
    ]
    return Summary(
        title=plan.title,
        settings=plan.size,
        without_fit=int((~known).sum()),
        doubling_time_months={
            f"{q:g}": float(np.quantile(target[known], q)) if known.any() else None
            for q in QUANTILES
        },
        drivers=sorted(drivers, key=lambda d: -abs(d.strength or 0.0)),
    )


def _driver(axis: Axis, column: NDArray[Any], target: Array, sobol: dict[str, float]) -> Driver:
    ordered = axis.numeric or Assumptions.model_fields[axis.name].annotation is bool
    measure = "spearman" if ordered else "rank share"
    strength = None
    # Where nothing moves there is no correlation; scipy would warn of it.
    if len(target) > 1 and np.ptp(column) > 0 and np.ptp(target) > 0:
        if ordered:
            numbers = column if axis.numeric else np.asarray(axis.values, dtype=float)[column]
            strength = float(stats.spearmanr(numbers, target).statistic)
        else:
            parts = [target[column == place] for place in np.unique(column)]
            between = stats.kruskal(*parts).statistic / (len(target) - 1)
            strength = float(np.sqrt(between))
    return Driver(axis.name, measure, strength, **sobol)


def _sobol(plan: Plan, target: Array) -> dict[str, dict[str, float]]:
    """First and total Sobol indices, by the estimators of Saltelli 2010 in scipy."""
    n, d = plan.samples, len(plan.drawn)
    blocks = target.reshape(d + 2, n)
    found = {"f_A": blocks[None, 0], "f_B": blocks[None, 1], "f_AB": blocks[2:, None, :]}
    if np.ptp(target) == 0:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        indices = stats.sobol_indices(func=found, n=n)
    return {
        axis.name: {"sobol_first": float(indices.first_order.flat[i]),
                    "sobol_total": float(indices.total_order.flat[i])}
        for i, axis in enumerate(plan.drawn)
    }


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-0.00", "0.00")
