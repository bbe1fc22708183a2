"""Both methods on every row there is, each calculation with its factors kept apart.

A factor is either a fact of a row, with its range and source, or an assumption, by name. Whatever
shows, varies or repeats a calculation (a page, a random draw, a sweep over settings, a live page)
works on the same factors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from aicompute import layers, wording
from aicompute.assumptions import Assumptions
from aicompute.dataset import Dataset
from aicompute.dataset.csv_table import Row
from aicompute.methods.chip_time import flop_from_chip_time
from aicompute.methods.operations import flop_from_operations
from aicompute.units import FLOP_PER_SECOND_PER_TERAFLOP, Number, pfs_days_from_flop

BASES = ("article", "recount")
METHODS = (1, 2)
TABLES = {1: "workloads", 2: "chip_time"}
#: Factors that most rows do not have.
_LEFT_OUT_AT_ONE = ("epochs", "factor")
FORMULAS: dict[int, Callable[..., Any]] = {1: flop_from_operations, 2: flop_from_chip_time}


@dataclass(frozen=True)
class Factor:
    """One factor of a calculation.

    Attributes
    ----------
    name
        Argument of the method's formula it stands for.
    value, low, high
        The value and its plausible range, in ``unit``; low = value = high where it is known.
    assumption
        Name of the assumption it comes from; empty where a row states it.
    guessed, range_guessed
        Whether the value, or an end of its range, is a guess that no source states.
    text
        What to show beside the number: the chip's name, the architecture.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    assumption: str = ""
    guessed: bool = False
    range_guessed: bool = False
    text: str = ""

    @property
    def is_plain_one(self) -> bool:
        """Whether it leaves the product as it is: a factor of one that nothing varies."""
        varies = self.assumption or self.low != self.high
        return self.name in _LEFT_OUT_AT_ONE and self.value == 1 and not varies


@dataclass(frozen=True)
class Phase:
    """A part of a training: the factors of one row, where they come from, and their product."""

    name: str
    method: int
    factors: tuple[Factor, ...]
    source_key: str
    source_place: str
    note: str

    def flop(self, **altered: Number) -> Number:
        """FLOP of the phase; a factor named in ``altered`` takes that number or array instead."""
        arguments: dict[str, Any] = {factor.name: factor.value for factor in self.factors}
        return FORMULAS[self.method](**{**arguments, **altered})

    def factor(self, name: str) -> Factor:
        """Return one factor by name."""
        return next(factor for factor in self.factors if factor.name == name)


@dataclass(frozen=True)
class Calculation:
    """One system's compute by one method on one basis: its phases add up."""

    system_id: str
    method: int
    basis: str
    phases: tuple[Phase, ...]

    @property
    def pfs_days(self) -> float:
        """The estimate, pfs-days."""
        return pfs_days_from_flop(sum(phase.flop() for phase in self.phases))

    @property
    def low(self) -> float:
        """Every factor at its low end, pfs-days."""
        return self._extreme("low")

    @property
    def high(self) -> float:
        """Every factor at its high end, pfs-days."""
        return self._extreme("high")

    def _extreme(self, end: str) -> float:
        flop = sum(
            phase.flop(**{factor.name: getattr(factor, end) for factor in phase.factors})
            for phase in self.phases
        )
        return pfs_days_from_flop(float(flop))


#: Multiply-adds by architecture, for the datasets in use: every altered assumption needs them.
_COUNTED: WeakKeyDictionary[Dataset, dict[str, int]] = WeakKeyDictionary()

Calculations = dict[tuple[str, int, str], Calculation]


def calculate(dataset: Dataset, assumptions: Assumptions) -> Calculations:
    """Run both methods on every row there is.

    Returns
    -------
    dict
        ``(system_id, method, basis)`` to its calculation, in the order of the tables.

    Raises
    ------
    DataError
        If a table it needs has problems.
    """
    chips = {str(row["chip_id"]): row for row in dataset.rows("chips")}
    phases: dict[tuple[str, int, str], list[Phase]] = {}
    for row in dataset.rows("workloads"):
        phases.setdefault(_key(row, 1), []).append(_workload_phase(row, dataset, assumptions))
    for row in dataset.rows("chip_time"):
        chip = chips[str(row["chip_id"])]
        phases.setdefault(_key(row, 2), []).append(_chip_time_phase(row, chip, assumptions))
    return {key: Calculation(*key, tuple(parts)) for key, parts in phases.items()}


def architecture_multiply_adds(dataset: Dataset, architecture: str) -> int:
    """Multiply-adds of one forward pass through a layer table; added up once a dataset."""
    counted = _COUNTED.setdefault(dataset, {})
    if architecture not in counted:
        counted[architecture] = sum(map(layers.multiply_adds, dataset.layers(architecture)))
    return counted[architecture]


def _key(row: Row, method: int) -> tuple[str, int, str]:
    return str(row["system_id"]), method, str(row["basis"])


def _workload_phase(row: Row, dataset: Dataset, assumptions: Assumptions) -> Phase:
    return _phase(
        row, 1, _multiply_adds(row, dataset),
        _assumed("operations_per_multiply_add", "FLOP", assumptions),
        _stated(row, "passes", "passes")
        or _assumed("passes_per_example", "passes", assumptions, "passes"),
        _stated(row, "units", f"{wording.words(str(row['unit']))}s"),
        _stated(row, "epochs", "epochs") or _known("epochs", 1.0, "epochs"),
    )


def _chip_time_phase(row: Row, chip: Row, assumptions: Assumptions) -> Phase:
    return _phase(
        row, 2, _stated(row, "chips", str(chip["name"])),
        _stated(row, "days", "days"),
        _rating(row, chip, assumptions),
        _stated(row, "utilization", "of the peak")
        or _assumed(f"{chip['kind']}_utilization", "of the peak", assumptions, "utilization"),
        _stated(row, "factor", "") or _known("factor", 1.0, ""),
    )


def _phase(row: Row, method: int, *factors: Factor | None) -> Phase:
    return Phase(
        name=str(row["phase"]),
        method=method,
        factors=tuple(factor for factor in factors if factor is not None),
        source_key=str(row["source_key"]),
        source_place=str(row["source_place"]),
        note=str(row["note"] or ""),
    )


def _multiply_adds(row: Row, dataset: Dataset) -> Factor | None:
    if row["architecture"] is None:
        return _stated(row, "multiply_adds", "multiply-adds")
    name = str(row["architecture"])
    count = float(architecture_multiply_adds(dataset, name))
    return _ranged(row, "multiply_adds", count, "multiply-adds", text=name)


def _stated(row: Row, name: str, unit: str) -> Factor | None:
    """A factor a row states, with its range; None where the cell is empty."""
    value = row[name]
    return None if value is None else _ranged(row, name, float(value), unit)  # type: ignore[arg-type]


def _ranged(row: Row, name: str, value: float, unit: str, text: str = "") -> Factor:
    """A factor with the range that its row gives it, and what of both is a guess."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    guesses = str(row["guessed"] or "").split()
    return Factor(
        name=name,
        value=value,
        unit=unit,
        low=float(value if low is None else low),  # type: ignore[arg-type]
        high=float(value if high is None else high),  # type: ignore[arg-type]
        guessed=name in guesses,
        range_guessed=f"{name}_low" in guesses or f"{name}_high" in guesses,
        text=text,
    )


def _assumed(
    assumption: str, unit: str, assumptions: Assumptions, name: str | None = None
) -> Factor:
    value = float(getattr(assumptions, assumption))
    return Factor(name or assumption, value, unit, value, value, assumption=assumption)


def _known(name: str, value: float, unit: str) -> Factor:
    return Factor(name, value, unit, value, value)


def _rating(row: Row, chip: Row, assumptions: Assumptions) -> Factor:
    """Peak of one chip: as printed in the row, else as the assumption says, else what there is."""
    base, boost = chip["base_tflop_per_second"], chip["boost_tflop_per_second"]
    printed = row["printed_tflop_per_second"] or chip["article_tflop_per_second"]
    order = {
        "article": (printed, base, boost),
        "base": (base, boost, printed),
        "boost": (boost, base, printed),
    }[assumptions.chip_rating]
    known = [float(v) * FLOP_PER_SECOND_PER_TERAFLOP for v in order if v is not None]  # type: ignore[arg-type]
    return Factor(
        "flop_per_second", known[0], "FLOP/s", min(known), max(known),
        assumption="chip_rating", text=str(chip["name"]),
        guessed="chip_id" in str(row["guessed"] or "").split(),
    )
