"""The ledger: what the article and its critics state, what we get, and the verdict.

A verdict is one of four. ``reproduced``: the result is the stated value within 5 percent, or keeps
the stated bound or range within 5 percent; rounding to the two digits that are printed moves a
number by that much at most. ``within_factor``: it misses that, but stays within a factor 3, the
wide end of the "factor 2-3" that the article claims for itself. ``not_reproduced``: by more.
``cannot_be_checked``: there is nothing to calculate it from; the row says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aicompute.errors import CallError
from aicompute.results import DOCUMENT_PARTS, Result, Results
from aicompute.study import Study

#: Within this share of what is stated a result counts as reproduced; within this factor, as near.
REPRODUCED, WITHIN_FACTOR = 0.05, 3.0
VERDICTS = {
    "reproduced": "reproduced",
    "within_factor": "within the article's factor 2 to 3",
    "not_reproduced": "not reproduced",
    "cannot_be_checked": "cannot be checked",
}
PARTS = {
    "headline": "The headline",
    "overview": "Overview",
    "eras": "Eras",
    "ahead": "Looking ahead",
    "method": "Method",
    "systems": "Systems",
    "modest": "Modest compute",
    "addendum": "Addendum of 2019",
    "debate": "The debate",
    "later_analyses": "Later analyses",
}
#: Parts that hold what others state; the rest are the article's own statements.
OF_OTHERS = ("debate", "later_analyses")


@dataclass(frozen=True)
class Judged:
    """One claim held against its result.

    Attributes
    ----------
    claim
        The row of claims.csv.
    result
        What we get; None where there is nothing to hold the claim against.
    verdict
        A name of :data:`VERDICTS`.
    """

    claim: Mapping[str, Any]
    result: Result | None
    verdict: str

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the row expects of the baseline."""
        return bool(self.verdict == self.claim["expected"])


def verdict(claim: Mapping[str, Any], value: float | None) -> str:
    """Hold a result against what is stated.

    Parameters
    ----------
    claim
        A row of claims.csv: ``check`` and the stated values.
    value
        The result; None where it cannot be had.

    Examples
    --------
    >>> verdict({"check": "equal", "stated": 10.0}, 11.25)
    'within_factor'
    >>> verdict({"check": "more", "stated": 300_000.0}, 321_726.0)
    'reproduced'
    >>> verdict({"check": "range", "stated_low": 1.0, "stated_high": 10.0}, 31.0)
    'not_reproduced'
    """
    if value is None or claim["check"] == "none":
        return "cannot_be_checked"
    low, high = _bounds(claim)
    if _inside(value, low, high, 1 + REPRODUCED):
        return "reproduced"
    return "within_factor" if _inside(value, low, high, WITHIN_FACTOR) else "not_reproduced"


@lru_cache(maxsize=8)
def judge(study: Study) -> tuple[Judged, ...]:
    """Hold every claim against its result, in the order of claims.csv; once a study."""
    known = Results(study)
    judged = []
    for claim in study.dataset.rows("claims"):
        result = _result(known, str(claim["result"] or ""))
        judged.append(Judged(claim, result, verdict(claim, result.value if result else None)))
    return tuple(judged)


def unexpected_verdicts(study: Study) -> list[str]:
    """One line for every claim whose verdict is not the expected one; empty where all are.

    Meant for the baseline: under other assumptions a claim may well fall.
    """
    return [
        f"claims.csv: {j.claim['claim_id']}: expected {j.claim['expected']}, got {j.verdict} "
        f"({j.claim['result']} = {j.result.value if j.result else 'no such result'})"
        for j in judge(study)
        if not j.as_expected
    ]


def tally(judged: Iterable[Judged]) -> dict[str, int]:
    """How many claims have each verdict, in the order of :data:`VERDICTS`."""
    return {name: sum(j.verdict == name for j in judged) for name in VERDICTS}


def _bounds(claim: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Lowest and highest value that fulfils the claim; None where it is open."""
    return {
        "equal": (claim.get("stated"), claim.get("stated")),
        "less": (None, claim.get("stated")),
        "more": (claim.get("stated"), None),
        "range": (claim.get("stated_low"), claim.get("stated_high")),
    }[claim["check"]]


def _inside(value: float, low: float | None, high: float | None, factor: float) -> bool:
    """Whether a value keeps the bounds, each widened by a factor."""
    keeps_low = low is None or (value >= low / factor and value > 0)
    return keeps_low and (high is None or value <= high * factor)


def _result(results: Results, name: str) -> Result | None:
    if not name:
        return None
    try:
        return results[name]
    except CallError:
        return None


DOCUMENT_PARTS["claims"] = lambda study: {
    str(j.claim["claim_id"]): j.verdict for j in judge(study)
}
