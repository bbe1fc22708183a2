"""What moves the doubling time: one choice altered at a time, everything else left as it is."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from aicompute import trend, wording
from aicompute.analysis import robust
from aicompute.analysis.robust import Doubling
from aicompute.assumption_model import LEAST_UTILIZATION
from aicompute.study import Study
from aicompute.trend import Fit, FitError

CHANCE = "Chance"
LEFT_OUT = "One system left out"
ALPHAGO = "AlphaGo Zero's value"
YEARS = "Years taken in"
RECORDS = "Record setters only"
SELECTION = "Which systems count"
FITTING = "Way of fitting"
VALUES = "Whose values"
METHOD = "Method that goes first"
UTILIZATION = "Utilization"
RATING = "Rating of a chip"
COUNTING = "FLOP in a multiply-add"
MONTH = "Length of a month"

#: The month that turns our slope into the article's 3.43.
ARTICLE_MONTH = 30.5


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


#: Assumptions that choose among the values of the systems and alter none.
CHOOSING = {
    "since", "until", "record_setters_only", "without_alphabet", "without", "days_per_month",
}
RECOUNTED: dict[str, object] = {"values": "recounted"}
REPLICATED: dict[str, object] = {"values": "replicated"}

CASES = (
    Case("alphago_zero_henderson_2020", ALPHAGO, "Henderson and others, 2020",
         {"alphago_zero_estimate": "henderson_2020"}),
    Case("alphago_zero_epoch_2025", ALPHAGO, "Epoch AI up to 2025",
         {"alphago_zero_estimate": "epoch_2025"}),
    Case("alphago_zero_epoch_2026", ALPHAGO, "Epoch AI in 2026",
         {"alphago_zero_estimate": "epoch_2026"}),
    Case("since_2013", YEARS, "since 2013", {"since": datetime.date(2013, 1, 1)}),
    Case("since_2014", YEARS, "since 2014", {"since": datetime.date(2014, 1, 1)}),
    Case("until_2016", YEARS, "until 2016", {"until": datetime.date(2016, 12, 31)}),
    Case("until_2015", YEARS, "until 2015", {"until": datetime.date(2015, 12, 31)}),
    Case("record_setters", RECORDS, "record setters", {"record_setters_only": True}),
    Case("without_alphabet", SELECTION, "without Alphabet", {"without_alphabet": True}),
    Case("without_dqn_and_go", SELECTION, "without DQN, AlphaGo Zero and AlphaZero",
         {"without": ("dqn", "alphago_zero", "alphazero")}),
    Case("replicated", VALUES, "the article's formulas, run here", REPLICATED),
    Case("recounted", VALUES, "our own count", RECOUNTED),
    Case("replicated_method_1", METHOD, "operations, in the article's formulas",
         {"method": "method_1"}, REPLICATED),
    Case("replicated_method_2", METHOD, "chip time, in the article's formulas",
         {"method": "method_2"}, REPLICATED),
    Case("recounted_method_1", METHOD, "operations, in our own count",
         {"method": "method_1"}, RECOUNTED),
    Case("recounted_method_2", METHOD, "chip time, in our own count",
         {"method": "method_2"}, RECOUNTED),
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
        ``group``, ``shortest``, ``shortest_label``, ``longest``, ``longest_label``, ``span``, all
        counted from the unaltered doubling time, which is one end where every case lies on one
        side of it. An infinite doubling time, or a halving, ranks above every other.
    """
    headline = study.fit.doubling_time_months
    table = cases(study)
    moved = headline + table["change"].where(table["doubling_time"] > 0, math.inf)
    rows = []
    for group, members in table.assign(moved=moved).groupby("group", sort=False):
        least, most = (members.loc[members["moved"].agg(end)] for end in ("idxmin", "idxmax"))
        shorter, longer = least["moved"] < headline, most["moved"] > headline
        rows.append({
            "group": group,
            "shortest": least["moved"] if shorter else headline,
            "shortest_label": least["label"] if shorter else "",
            "longest": most["moved"] if longer else headline,
            "longest_label": most["label"] if longer else "",
        })
    found = pd.DataFrame(rows)
    span = found["longest"] - found["shortest"]
    return found.assign(span=span).sort_values(
        "span", ascending=False, ignore_index=True, kind="stable"
    )


def _found(study: Study) -> Iterator[tuple[Case, Doubling, float]]:
    """Every case with its doubling time and the one it is compared with."""
    headline = study.fit.doubling_time_months
    for case, found in (*_chance(study), *_left_out(study), *_fitted_otherwise(study)):
        yield case, found, headline
    others = {str(study.assumptions.values): study}
    for case in (*CASES, *_utilization_cases(study)):
        beside = _beside(study, case, others)
        try:
            found = robust.of_fit(_fit_under(beside, case.altered))
            yield case, found, beside.fit.doubling_time_months
        except FitError:
            continue


def _beside(study: Study, case: Case, others: dict[str, Study]) -> Study:
    """The study that a case is compared with; made once for all cases on the same values."""
    values = str(case.beside.get("values", study.assumptions.values))
    if values not in others:
        others[values] = study.under(**case.beside)
    return others[values]


def _fit_under(study: Study, altered: dict[str, object]) -> Fit:
    if not set(altered) <= CHOOSING:
        return study.under(**altered).fit
    assumed = study.assumptions.model_copy(update=altered)
    return trend.fit_table(trend.fitted_systems(study.estimates, assumed), assumed)


def _chance(study: Study) -> Iterator[tuple[Case, Doubling]]:
    found = robust.of_fit(study.fit)
    share = wording.share(study.assumptions.confidence)
    for name, end, months in (("low", "short", found.low), ("high", "long", found.high)):
        label = f"{share}, {end} end"
        yield Case(f"chance_{name}", CHANCE, label, {}), Doubling(months, found.low, found.high)


def _left_out(study: Study) -> Iterator[tuple[Case, Doubling]]:
    table = study.fitted
    for system_id, name in zip(table["system_id"], table["name"], strict=True):
        rest = table[table["system_id"] != system_id]
        if len(rest) >= trend.SMALLEST_SAMPLE:
            found = robust.of_fit(trend.fit_table(rest, study.assumptions))
            yield Case(f"without_{system_id}", LEFT_OUT, f"without {name}", {}), found


def _fitted_otherwise(study: Study) -> Iterator[tuple[Case, Doubling]]:
    """Other ways to draw the line, and a utilization that drifts over the years."""
    table, assumed = study.fitted, study.assumptions
    yield Case("theil_sen", FITTING, "median of all slopes (Theil-Sen)", {}), robust.theil_sen(
        table, assumed)
    yield Case("huber", FITTING, "far systems count less (Huber)", {}), robust.huber(table, assumed)
    years = (table["date"] - table["date"].min()).dt.days
    passed = np.asarray(years / years.max(), dtype=np.float64)
    low, high = assumed.gpu_utilization_low, assumed.gpu_utilization_high
    for name, first, last in (("rising", low, high), ("falling", high, low)):
        drifted = first * (last / first) ** passed / assumed.gpu_utilization
        label = f"{name}, {first:g} to {last:g}"
        yield Case(f"utilization_{name}", UTILIZATION, label, {}), robust.of_fit(trend.fit_table(
            table.assign(pfs_days=table["pfs_days"] * drifted), assumed))


def _utilization_cases(study: Study) -> Iterator[Case]:
    """The utilization of every kind of chip at its low and at its high end, in proportion."""
    assumed = study.assumptions
    ends = {"low": assumed.gpu_utilization_low, "high": assumed.gpu_utilization_high}
    for name, share in ends.items():
        proportion = share / assumed.gpu_utilization
        altered: dict[str, object] = {
            kind: min(max(getattr(assumed, kind) * proportion, LEAST_UTILIZATION), 1.0)
            for kind in ("gpu_utilization", "cpu_utilization", "tpu_utilization")
        }
        yield Case(f"utilization_{name}", UTILIZATION, f"{share:g} everywhere", altered, RECOUNTED)
