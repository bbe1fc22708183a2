"""What moves the doubling time: one choice altered at a time, everything else left as it is."""

from typing import Any

import pandas as pd

from aicompute.assumption_model import LEAST_UTILIZATION
from aicompute.assumptions import Assumptions
from aicompute.methods import estimates
from aicompute.recording import Interval
from aicompute.trend import fit, fitted_systems

GO, YEARS, WHICH = "AlphaGo Zero", "Years taken in", "Which systems"
METHOD, CLOCK, MONTH = "Method preferred", "Rating of a chip", "Length of a month"
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
    """The doubling time with one choice altered at a time: CASES, and utilizations at their ends.

    Columns ``name``, ``group``, ``label``, ``months`` with ``low`` and ``high`` (the interval of
    its fit), ``beside``: the doubling time on the same values without the change. Missing where a
    choice leaves too few systems to fit.
    """
    def refit(changed: Assumptions) -> Interval:
        return fit(fitted_systems(estimates(changed), changed), changed).doubling_time

    altered_utilizations = []
    for end in ("low", "high"):
        share = getattr(assumptions, f"gpu_utilization_{end}")
        # Every kind of chip keeps its proportion to a GPU.
        scale = share / assumptions.gpu_utilization
        altered = {kind: min(max(getattr(assumptions, kind) * scale, LEAST_UTILIZATION), 1.0)
                   for kind in ("gpu_utilization", "cpu_utilization", "tpu_utilization")}
        altered_utilizations.append(
            (f"utilization_{end}", "Utilization", f"{share:g} everywhere", altered, OWN))
    rows = []
    for name, group, label, altered, beside in (*CASES, *altered_utilizations):
        under = assumptions.model_copy(update=beside)
        found = refit(under.model_copy(update=altered))
        rows.append([name, group, label, *found, refit(under).value])
    columns = ["name", "group", "label", "months", "low", "high", "beside"]
    return pd.DataFrame(rows, columns=columns)
