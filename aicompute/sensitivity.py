"""What moves the doubling time: one choice altered at a time, everything else left as it is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from aicompute.assumption_model import LEAST_UTILIZATION
from aicompute.assumptions import Assumptions
from aicompute.methods import VALUES, estimates
from aicompute.recording import Interval
from aicompute.trend import doubling_times, fit, fitted_systems

CHANCE, LEFT_OUT = "Chance", "One system left out"
GO, YEARS, WHICH = "AlphaGo Zero", "Years taken in", "Which systems"
METHOD, CLOCK, SHARE = "Method preferred", "Rating of a chip", "Utilization"
FITTING, MONTH = "Way of fitting", "Length of a month"
RE, OWN = {"values": "replicated"}, {"values": "recounted"}
#: Name, group, what is altered in words, the altered assumptions, and whose values it acts on.
CASES: tuple[tuple[str, str, str, dict[str, Any], dict[str, str]], ...] = (
    ("alphago_zero_henderson_2020", GO, "Henderson and others, 2020",
     {"alphago_zero_estimate": "henderson_2020"}, {}),
    ("alphago_zero_epoch_2025", GO, "Epoch AI up to 2025",
     {"alphago_zero_estimate": "epoch_2025"}, {}),
    ("alphago_zero_epoch_2026", GO, "without self-play",
     {"alphago_zero_estimate": "epoch_2026"}, {}),
    ("since_2013", YEARS, "since 2013", {"since": "2013-01-01"}, {}),
    ("since_2014", YEARS, "since 2014", {"since": "2014-01-01"}, {}),
    ("until_2016", YEARS, "until 2016", {"until": "2016-12-31"}, {}),
    ("until_2015", YEARS, "until 2015", {"until": "2015-12-31"}, {}),
    ("record_setters", "Record setters only", "records", {"record_setters_only": True}, {}),
    ("without_alphabet", WHICH, "without Alphabet", {"without_alphabet": True}, {}),
    ("without_dqn_and_go", WHICH, "without DQN, AlphaGo Zero and AlphaZero",
     {"without": ("dqn", "alphago_zero", "alphazero")}, {}),
    ("replicated", "Whose values", "the article's formulas", RE, {}),
    ("recounted", "Whose values", "our own count", OWN, {}),
    ("replicated_method_1", METHOD, "operations, article", {"method": "method_1"}, RE),
    ("replicated_method_2", METHOD, "chip time, article", {"method": "method_2"}, RE),
    ("recounted_method_1", METHOD, "operations, our own", {"method": "method_1"}, OWN),
    ("recounted_method_2", METHOD, "chip time, our own", {"method": "method_2"}, OWN),
    ("base_clock", CLOCK, "base clock", {"chip_rating": "base"}, OWN),
    ("boost_clock", CLOCK, "boost clock", {"chip_rating": "boost"}, OWN),
    ("article_clock", CLOCK, "the article's", {"chip_rating": "article"}, OWN),
    ("one_flop", "FLOP a multiply-add", "one", {"operations_per_multiply_add": 1.0}, OWN),
    ("month_30_5", MONTH, "30.5 days", {"days_per_month": 30.5}, {}),
    ("month_30", MONTH, "30 days", {"days_per_month": 30.0}, {}),
)


def cases(assumptions: Assumptions) -> pd.DataFrame:
    """The doubling time with one choice altered at a time.

    Columns ``name``, ``group``, ``label``, ``months`` with ``low`` and ``high`` (the interval of
    its fit), ``beside``: the doubling time on the same values without the change. A choice that
    leaves too few systems to fit is left out.
    """
    def refit(changed: Assumptions) -> Interval:
        return fit(fitted_systems(estimates(changed), changed), changed).doubling_time

    under = {value: assumptions.model_copy(update={"values": value}) for value in VALUES}
    base = {value: refit(under[value]).value for value in VALUES}
    systems = fitted_systems(estimates(assumptions), assumptions)
    rows = [[*case, *found, base[assumptions.values]]
            for case, found in _refitted(systems, assumptions)]
    for name, group, label, altered, beside in (*CASES, *_utilizations(assumptions)):
        values = beside.get("values", assumptions.values)
        found = refit(under[values].model_copy(update=altered))
        rows.append([name, group, label, *found, base[values]])
    columns = ["name", "group", "label", "months", "low", "high", "beside"]
    known = pd.DataFrame(rows, columns=columns).dropna(subset=["months", "beside"])
    return known.reset_index(drop=True)


def _refitted(
    systems: pd.DataFrame, assumptions: Assumptions
) -> Iterator[tuple[tuple[str, str, str], Interval]]:
    """The systems as they are, or one fewer, or drifting, fitted as they are or otherwise."""
    trend = fit(systems, assumptions)
    if not trend.known:
        return
    chance = trend.doubling_time
    for end, months in (("low", chance.low), ("high", chance.high)):
        yield (f"chance_{end}", CHANCE, f"{end} end"), chance._replace(value=months)
    for row in systems[["system_id", "name"]].itertuples():
        rest = systems[systems["system_id"] != row.system_id]
        case = (f"without_{row.system_id}", LEFT_OUT, f"without {row.name}")
        yield case, fit(rest, assumptions).doubling_time
    days = np.asarray((systems["date"] - systems["date"].min()).dt.days, dtype=np.float64)
    logs, month = np.log2(systems["pfs_days"].to_numpy()), assumptions.days_per_month
    robust = stats.theilslopes(logs, days, alpha=assumptions.confidence)
    slope = Interval(robust.slope, robust.low_slope, robust.high_slope)
    yield ("theil_sen", FITTING, "median of all slopes"), doubling_times(slope, month)
    slope = huber(days, logs, assumptions.confidence)
    yield ("huber", FITTING, "far systems count less"), doubling_times(slope, month)
    low, high = assumptions.gpu_utilization_low, assumptions.gpu_utilization_high
    for name, first, last in (("rising", low, high), ("falling", high, low)):
        drift = first * (last / first) ** (days / days.max()) / assumptions.gpu_utilization
        drifted = systems.assign(pfs_days=systems["pfs_days"] * drift)
        case = (f"utilization_{name}", SHARE, f"{name}, {first:g} to {last:g}")
        yield case, fit(drifted, assumptions).doubling_time


def huber(days: np.ndarray, logs: np.ndarray, confidence: float) -> Interval:
    """Slope of a line for which a system counts less the further it lies from it (Huber)."""
    with warnings.catch_warnings():  # its import warns of other packages' deprecations
        warnings.simplefilter("ignore")
        from statsmodels.robust.norms import HuberT
        from statsmodels.robust.robust_linear_model import RLM
    unit = days.std()
    design = np.column_stack([np.ones_like(days), (days - days.mean()) / unit])
    found = RLM(logs, design, M=HuberT()).fit()
    low, high = found.conf_int(alpha=1 - confidence)[1]
    return Interval(*(float(end / unit) for end in (found.params[1], low, high)))


def _utilizations(
    assumptions: Assumptions
) -> Iterator[tuple[str, str, str, dict[str, Any], dict[str, str]]]:
    """The utilization of every kind of chip at its low and at its high end, in proportion."""
    for name in ("low", "high"):
        share = getattr(assumptions, f"gpu_utilization_{name}")
        scale = share / assumptions.gpu_utilization
        altered = {kind: min(max(getattr(assumptions, kind) * scale, LEAST_UTILIZATION), 1.0)
                   for kind in ("gpu_utilization", "cpu_utilization", "tpu_utilization")}
        yield f"utilization_{name}", SHARE, f"{share:g} everywhere", altered, OWN
