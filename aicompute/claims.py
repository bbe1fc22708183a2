"""The ledger: what the article and its readers state, what we get, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from aicompute.recording import Number
from aicompute.tables import table

#: A verdict, and the factor by which a result may miss what is stated. Rounding to the two digits
#: that are printed moves a number by five percent at most; "factor 2-3" is what the article claims.
FACTORS = {"reproduced": 1.05, "within_factor": 3.0}
VERDICTS = {
    "reproduced": "✓ reproduced", "within_factor": "≈ within a factor of 3",
    "not_reproduced": "✗ not reproduced", "cannot_be_checked": "? cannot be checked",
}
#: Parts that hold what others state; the rest are the article's own statements.
OF_OTHERS = ("debate", "later_analyses")


def verdict(claim: Mapping[str, Any], value: float) -> str:
    """Hold a result against what is stated.

    Parameters
    ----------
    claim
        A row of claims.csv: ``check`` and the stated values.
    value
        The result, in the unit of the claim; NaN where it cannot be had.

    Examples
    --------
    >>> verdict({"check": "equal", "stated": 10.0}, 11.25)
    'within_factor'
    >>> verdict({"check": "more", "stated": 300_000.0}, 321_726.0)
    'reproduced'
    >>> verdict({"check": "range", "stated_low": 1.0, "stated_high": 10.0}, 31.0)
    'not_reproduced'
    """
    if claim["check"] == "none" or math.isnan(value):
        return "cannot_be_checked"
    low, high = bounds(claim)
    for word, factor in FACTORS.items():
        if low / factor < value <= high * factor:
            return word
    return "not_reproduced"


def bounds(claim: Mapping[str, Any]) -> tuple[float, float]:
    """The ends between which a claim holds; infinite where it is open."""
    if claim["check"] == "range":
        return claim["stated_low"], claim["stated_high"]
    low = -math.inf if claim["check"] == "less" else claim["stated"]
    return low, math.inf if claim["check"] == "more" else claim["stated"]


def judged(numbers: Mapping[str, Number]) -> pd.DataFrame:
    """Every claim held against its number.

    Parameters
    ----------
    numbers
        Those of the report, by name, as :func:`aicompute.collected` gives them; the ledger's own
        among them.

    Returns
    -------
    DataFrame
        The columns of claims.csv, ``value`` (NaN where it cannot be had) and ``verdict``.
    """
    claims = table("claims")
    found = [numbers.get(name) for name in claims["result"]]
    claims["value"] = [math.nan if n is None or n.value is None else n.value for n in found]
    claims["verdict"] = [verdict(claim, claim["value"]) for claim in claims.to_dict("records")]
    return claims


def verdicts(claims: pd.DataFrame) -> dict[str, str]:
    """Claim to verdict."""
    return dict(zip(claims["claim_id"], claims["verdict"], strict=True))


def unexpected(claims: pd.DataFrame) -> list[str]:
    """One line for every claim whose verdict is not the expected one; none in the baseline."""
    rows = claims.assign(line=claims.index + 2).query("verdict != expected").to_dict("records")
    return [
        f"claims.csv:{row['line']}: expected: {row['claim_id']}: expected {row['expected']}, "
        f"got {row['verdict']} ({row['result']} = {row['value']:.6g})" for row in rows
    ]
