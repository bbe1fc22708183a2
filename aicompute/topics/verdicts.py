"""The verdict on every claim, as a part of results.json: what a comparison says has changed."""

from __future__ import annotations

from aicompute.errors import CallError
from aicompute.results import DOCUMENT_PARTS, Results
from aicompute.study import Study
from aicompute.topics.introduction import verdict


def verdicts(study: Study) -> dict[str, str]:
    """The verdict on every claim of claims.csv, by its name."""
    results = Results(study)
    return {
        str(claim["claim_id"]): verdict(claim, _value(results, claim["result"]))
        for claim in study.dataset.rows("claims")
    }


def _value(results: Results, name: object) -> float | None:
    try:
        return None if name is None else results[str(name)].value
    except CallError:
        return None


DOCUMENT_PARTS["claims"] = verdicts
