"""What moves the doubling time: one choice altered at a time, everything else left as it is."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats

from aicompute import trend, uncertainty
from aicompute.study import Study
from aicompute.trend import Fit, FitError
from aicompute.units import DAYS_PER_YEAR, SECONDS_PER_DAY

CHANCE = "Chance: which systems were published"
LEFT_OUT = "One system left out"
ALPHAGO = "AlphaGo Zero's value"
YEARS = "Years taken in"
SELECTION = "Which systems count"
FITTING = "Way of fitting"
VALUES = "Whose values, which method"
UTILIZATION = "Utilization"
RATING = "Clock that rates a chip"
COUNTING = "FLOP in a multiply-add"
MONTH = "Length of a month"

#: A mean month and the month of thirty days and a half that gives the article's second decimal.
SHORTEST_MONTH, ARTICLE_MONTH = 30.4375, 30.5


@dataclass(frozen=True)
class Case:
    """One altered choice.

    Attributes
    ----------
    name
        Short permanent name, part of the result's name.
    group
        The choice it belongs to.
    label
        What is altered, in words.
    altered
        Assumptions that differ.
    beside
        Assumptions that both the case and what it is compared with have altered.
    """

    name: str
    group: str
    label: str
    altered: dict[str, object]
    beside: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Doubling:
    """A doubling time with its interval, months."""

    months: float
    low: float
    high: float


RECOUNTED: dict[str, object] = {"values": "recounted"}

CASES = (
    Case("alphago_zero_henderson_2020", ALPHAGO, "as Henderson and others counted it in 2020",
         {"alphago_zero_estimate": "henderson_2020"}),
    Case("alphago_zero_epoch_2025", ALPHAGO, "as Epoch AI counted it up to 2025",
         {"alphago_zero_estimate": "epoch_2025"}),
    Case("alphago_zero_epoch_2026", ALPHAGO, "as Epoch AI had it in 2026, AlphaZero too",
         {"alphago_zero_estimate": "epoch_2026"}),
    Case("since_2013", YEARS, "since 2013", {"since": datetime.date(2013, 1, 1)}),
    Case("since_2014", YEARS, "since 2014", {"since": datetime.date(2014, 1, 1)}),
    Case("until_2016", YEARS, "until 2016", {"until": datetime.date(2016, 12, 31)}),
    Case("until_2015", YEARS, "until 2015", {"until": datetime.date(2015, 12, 31)}),
    Case("record_setters", SELECTION, "record setters only", {"record_setters_only": True}),
    Case("without_alphabet", SELECTION, "without Alphabet", {"without_alphabet": True}),
    Case("without_dqn_and_go", SELECTION, "without DQN, AlphaGo Zero and AlphaZero",
         {"without": ("dqn", "alphago_zero", "alphazero")}),
    Case("replicated", VALUES, "the article's formulas, run here", {"values": "replicated"}),
    Case("recounted", VALUES, "our own count", {"values": "recounted"}),
    Case("replicated_method_1", VALUES, "the article's formulas, operations first",
         {"values": "replicated", "method": "method_1"}),
    Case("replicated_method_2", VALUES, "the article's formulas, chip time first",
         {"values": "replicated", "method": "method_2"}),
    Case("recounted_method_1", VALUES, "our own count, operations first",
         {"values": "recounted", "method": "method_1"}),
    Case("recounted_method_2", VALUES, "our own count, chip time first",
         {"values": "recounted", "method": "method_2"}),
    Case("base_clock", RATING, "base clock", {"chip_rating": "base"}, RECOUNTED),
    Case("boost_clock", RATING, "boost clock", {"chip_rating": "boost"}, RECOUNTED),
    Case("article_clock", RATING, "the article's", {"chip_rating": "article"}, RECOUNTED),
    Case("one_flop", COUNTING, "one instead of two",
         {"operations_per_multiply_add": 1.0}, RECOUNTED),
    Case("month_30_5", MONTH, "30.5 days", {"days_per_month": ARTICLE_MONTH}),
    Case("month_30", MONTH, "30 days", {"days_per_month": 30.0}),
)


@lru_cache(maxsize=8)
def cases(study: Study) -> pd.DataFrame:
    """Every altered choice with the doubling time it gives.

    Returns
    -------
    DataFrame
        ``name``, ``group``, ``label``, ``doubling_time``, ``low``, ``high`` (interval at the
        assumed confidence), ``compared_with`` and ``change`` (months against the same fit without
        the change). A choice that leaves too few systems to fit is left out.
    """
    return pd.DataFrame([
        {"name": case.name, "group": case.group, "label": case.label,
         "doubling_time": found.months, "low": found.low, "high": found.high,
         "compared_with": base, "change": found.months - base}
        for case, found, base in _found(study)
    ])


def choices(study: Study) -> pd.DataFrame:
    """Every choice by how far it moves the doubling time, the furthest first.

    Returns
    -------
    DataFrame
        ``group``, ``lowest``, ``lowest_label``, ``highest``, ``highest_label``, ``span``; the
        unaltered doubling time is one end where every case lies on one side of it. A doubling time
        that is negative (compute fell) or infinite ranks above every other.
    """
    table = cases(study)
    ranked = table.assign(rank=table["doubling_time"].where(table["doubling_time"] > 0, math.inf))
    headline = study.fit.doubling_time_months
    rows = []
    for group, members in ranked.groupby("group", sort=False):
        least, most = members.loc[members["rank"].idxmin()], members.loc[members["rank"].idxmax()]
        moved = members["change"].abs().max()
        rows.append({
            "group": group,
            "lowest": min(float(least["rank"]), headline),
            "lowest_label": str(least["label"]) if least["rank"] < headline else "",
            "highest": max(float(most["rank"]), headline),
            "highest_label": str(most["label"]) if most["rank"] > headline else "",
            "largest_change": float(moved),
        })
    found = pd.DataFrame(rows)
    span = found["highest"] - found["lowest"]
    return found.assign(span=span).sort_values("span", ascending=False, ignore_index=True,
                                               kind="stable")


def _found(study: Study) -> Iterator[tuple[Case, Doubling, float]]:
    """Every case with its doubling time and the one it is compared with."""
    headline = study.fit.doubling_time_months
    for case, found in _statistical(study):
        yield case, found, headline
    for case in (*CASES, *_utilization_cases(study)):
        beside = study.under(**case.beside) if case.beside else study
        try:
            found = _of(beside.under(**case.altered).fit)
            yield case, found, beside.fit.doubling_time_months
        except FitError:
            continue


def _statistical(study: Study) -> Iterator[tuple[Case, Doubling]]:
    """What needs no other assumptions: chance, one left out, other fits, drifting utilization."""
    table = study.fitted
    yield Case("chance", CHANCE, "95 % interval of the fit", {}), _chance(study)
    for system_id, name in zip(table["system_id"], table["name"], strict=True):
        rest = table[table["system_id"] != system_id]
        try:
            found = trend.fit_table(rest, study.assumptions)
        except FitError:
            continue
        yield Case(f"without_{system_id}", LEFT_OUT, f"without {name}", {}), _of(found)
    yield Case("theil_sen", FITTING, "median of all slopes (Theil-Sen)", {}), _theil_sen(study)
    yield Case("huber", FITTING, "far points count less (Huber)", {}), _huber(study)
    for name, first, last in (("rising", 0, 1), ("falling", 1, 0)):
        yield _drift(study, name, (first, last))
