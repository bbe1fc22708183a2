"""Method 1: count the operations of one forward pass, then multiply by what training repeats."""

from __future__ import annotations

from aicompute.units import Number


def flop_from_operations(
    *,
    multiply_adds: Number,
    operations_per_multiply_add: Number,
    passes: Number,
    units: Number,
    epochs: Number,
) -> Number:
    """Training compute from the operations of one forward pass.

    compute = multiply-adds x operations per multiply-add x passes x units x epochs

    Parameters
    ----------
    multiply_adds
        Multiply-adds of one forward pass over one unit (an image, a token, a position).
    operations_per_multiply_add
        FLOP in one multiply-add, 2 in this report.
    passes
        Forward-pass equivalents that one unit costs: 3 in training (forward, and backward counted
        as two), 1 where only forward passes run.
    units
        Units in one epoch.
    epochs
        Times the units are gone through.

    Returns
    -------
    float or array
        FLOP.

    Notes
    -----
    Source: the article's appendix, method 1.

    Examples
    --------
    ResNet as the article prints it, 11.4e9 x 2 x 3 x 1.2e6 x 128, in units of 1e15 FLOP:

    >>> flop = flop_from_operations(multiply_adds=11.4e9, operations_per_multiply_add=2.0,
    ...                             passes=3.0, units=1.2e6, epochs=128.0)
    >>> round(flop / 1e15)
    10506
    """
    return multiply_adds * operations_per_multiply_add * passes * units * epochs
