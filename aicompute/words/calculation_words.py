"""How a calculation reads in one line: which method, and the product with its numbers."""

from __future__ import annotations

from aicompute import wording
from aicompute.methods.calculations import Calculation, Factor
from aicompute.units import FLOP_PER_SECOND_PER_TERAFLOP

_METHOD_WORDS = {1: "counting operations", 2: "chip time"}


def method_words(value_from: str, calculation: Calculation | None) -> str:
    """Whose value it is, and by which method it can be had."""
    if calculation is None:
        return f"{value_from}, no formula given"
    method = f"method {calculation.method}, {_METHOD_WORDS[calculation.method]}"
    if value_from == "published":
        return f"as plotted; the article's formula is {method}"
    return f"{value_from} by {method}"


def formula_words(calculation: Calculation) -> str:
    """A calculation as a product with its numbers, its phases added up.

    A factor of one is left out.
    """
    return " + ".join(
        " × ".join(
            _factor_words(f) for f in phase.factors if f.value != 1 or f.name == "chips"
        )
        for phase in calculation.phases
    )


def _factor_words(factor: Factor) -> str:
    if factor.name == "utilization":
        return f"{wording.share(factor.value)} utilization"
    if factor.name == "flop_per_second":
        return f"{wording.stated(factor.value / FLOP_PER_SECOND_PER_TERAFLOP)} TFLOP/s"
    if factor.name == "operations_per_multiply_add":
        return f"{wording.stated(factor.value)} FLOP each"
    return wording.stated_quantity(factor.value, factor.unit)
