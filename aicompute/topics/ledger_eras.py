"""The ledger's count of systems inside and outside the ranges that the article gives its eras."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from aicompute.results import Named, Result
from aicompute.study import Study
from aicompute.units import FLOP_PER_SECOND_PER_TERAFLOP

PAGE = "claims#how-claims-are-judged"
#: What an era has a range of.
MEASURES = ("pfs_days", "chips", "tflop_per_second")


def era_results(study: Study) -> Named:
    """How many systems keep the ranges of their eras, and how far DQN is from its era's."""
    for era_id, measure, inside, outside in _era_counts(study):
        prefix, judged = f"ledger.{era_id}.{measure}", inside + outside
        yield f"{prefix}_inside", Result(
            inside / judged, "1", page=PAGE,
            how=f"{inside} of {judged} systems; one that fits the neighbouring era does not count")
        yield f"{prefix}_fitting", Result(
            float(inside), "systems", page=PAGE, how="systems inside the range of the era")
        yield f"{prefix}_judged", Result(
            float(judged), "systems", page=PAGE,
            how="systems of the era's years with a value, but for those that fit another era")
    dqn = study.fitted[study.fitted["system_id"] == "dqn"]
    for date, value in zip(dqn["date"], dqn["pfs_days"], strict=True):
        for era in study.dataset.rows("eras"):
            if _dated(date, era) and era["pfs_days_low"] is not None:
                yield "ledger.dqn.below_era", Result(
                    float(str(era["pfs_days_low"])) / value, "times", page="eras",
                    how="the least compute that its era is said to take over DQN's")


def _era_counts(study: Study) -> Iterator[tuple[str, str, int, int]]:
    """Of every era's range: systems inside it, and systems that fit no era they are dated in."""
    eras = study.dataset.rows("eras")
    for measure in MEASURES:
        values = _measured(study, measure)
        for era in eras:
            if era[f"{measure}_low"] is None:
                continue
            dated = [v for v in values if _dated(v[0], era)]
            inside = [v for v in dated if _fits(v, era, measure)]
            outside = [v for v in dated if not any(
                _dated(v[0], other) and _fits(v, other, measure) for other in eras)]
            if inside or outside:
                yield str(era["era_id"]), measure, len(inside), len(outside)


def _measured(study: Study, measure: str) -> list[tuple[pd.Timestamp, float]]:
    table = study.fitted
    if measure == "pfs_days":
        return list(zip(table["date"], table["pfs_days"], strict=True))
    found = []
    for system_id, date in zip(table["system_id"], table["date"], strict=True):
        own = [c for c in study.calculations_of(system_id) if c.method == 2]
        if own:
            largest = max(own[0].phases, key=lambda phase: float(phase.flop()))
            chips = largest.factor("chips").value
            rating = largest.factor("flop_per_second").value / FLOP_PER_SECOND_PER_TERAFLOP
            found.append((date, chips if measure == "chips" else rating))
    return found


def _dated(date: pd.Timestamp, era: Any) -> bool:
    begun = era["start"] is None or date >= pd.Timestamp(era["start"])
    return bool(begun and date <= pd.Timestamp(era["end"]))


def _fits(value: tuple[pd.Timestamp, float], era: Any, measure: str) -> bool:
    low, high = era[f"{measure}_low"], era[f"{measure}_high"]
    return low is None or bool(low <= value[1] <= high)
