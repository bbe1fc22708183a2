"""The ledger: what the article and its readers state, what we get, and the verdict."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from aicompute.recording import Number
from aicompute.tables import table

#: By what share a result may miss what is stated: three printed digits, two of them, an end that is
#: rounded, "roughly" or "about"; a bound, a threshold and "most" are kept or not.
SLACK = {"exact": 0.005, "rounded": 0.05, "range": 0.05, "about": 0.25, "system": 0.05}
#: "factor 2-3" is what the article claims of its estimates, and of nothing else.
FACTOR = 3.0
#: What is listed without being held against a number.
LISTED = {"none": "cannot_be_checked", "question": "not_scored", "judgement": "not_scored"}
VERDICTS = {
    "reproduced": "✓ reproduced", "within_factor": "≈ within a factor of 3",
    "not_reproduced": "✗ not reproduced", "cannot_be_checked": "? cannot be checked",
    "not_scored": "– not scored",
}


def verdict(claim: Mapping[str, Any], value: float) -> str:
    """Hold a result, in the unit of the claim (NaN where it cannot be had), against what is stated.

    A claim is a row of claims.csv: ``check`` and the stated values.

    >>> verdict({"check": "about", "stated": 10.0}, 11.25)
    'reproduced'
    """
    check, stated = claim["check"], claim.get("stated", math.nan)
    if check in LISTED or math.isnan(value):
        return LISTED.get(check, "cannot_be_checked")
    low, high = {
        "less": (-math.inf, stated), "more": (stated, math.inf), "most": (0.5, math.inf),
        "range": (claim.get("stated_low"), claim.get("stated_high")),
    }.get(check, (stated, stated))
    slack = 1 + SLACK.get(check, 0.0)
    if low / slack < value < high * slack:
        return "reproduced"
    of_a_system = check == "system" and low / FACTOR < value < high * FACTOR
    return "within_factor" if of_a_system else "not_reproduced"


def judged(numbers: Mapping[str, Number]) -> pd.DataFrame:
    """Every claim held against its number, of those that :func:`aicompute.collected` gives.

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
