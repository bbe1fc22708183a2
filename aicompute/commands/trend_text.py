"""The trend at a terminal: its numbers with what each comes from, and a plain chart."""

from __future__ import annotations

import math
from functools import partial

import pandas as pd

from aicompute import words
from aicompute.assumptions import Assumptions
from aicompute.commands.terminal import GAP, altered_words, columns, width, wrapped
from aicompute.methods import KEY, chip_time, counted, estimates, value_keys
from aicompute.recording import Interval
from aicompute.references import sources
from aicompute.tables import table
from aicompute.trend import fit, fitted_systems

_SCALE = "logarithmic scale"
_SHORTEST_BAR = 4
_BORROWED = "*"
#: What a value of a system is calculated from, and a published one is not.
_INPUTS = {"gpu_utilization", "cpu_utilization", "tpu_utilization", "utilization_from",
           "chip_rating", "method", "passes_per_example", "operations_per_multiply_add"}
#: The last day on which the article's chart has a system.
_LAST = "2017-12-31"


def trend_text(assumptions: Assumptions) -> str:
    """The fit in words and numbers, with a plain chart of the systems.

    The assumptions have to leave enough systems for a fit.
    """
    here, there = _numbers(assumptions), _numbers(Assumptions())
    systems = fitted_systems(estimates(assumptions), assumptions)
    values = assumptions.values
    lines = wrapped(
        f"Least squares through the logarithms of {len(systems)} systems of the article's chart, "
        f"{values} values; {assumptions.confidence * 100:g} % intervals of the fit."
    )
    moved = {label for label in here if here[label] != there[label]}
    if said := altered_words(assumptions):
        effect = "" if moved else ", which moves none of these numbers"
        if effect and values == "published" and _INPUTS & assumptions.changed().keys():
            effect += ": the published values are the article's own; see --set values=recounted"
        lines += wrapped(f"Under {said}{effect}.")
    if f"{assumptions.until:%Y-%m-%d}" > _LAST:
        lines += wrapped("Later systems are no part of this fit: it takes those whose set is chart "
                         "in systems.csv; the page on the years after 2018 has the others.")
    rows = []
    for label, (number, unit, formula) in here.items():
        ends = words.interval(number.low, number.high)
        between = "" if math.isnan(number.low) else f"({ends})"
        was = words.quantity(there[label][0].value, there[label][1])
        rows.append([label, _said(number.value, unit), between, formula,
                     f"baseline {was}" if label in moved else ""])
    return "\n".join([*lines, "", *columns(rows), "", *bars(systems, values), "",
                      *_sources(systems, assumptions)])


def _sources(systems: pd.DataFrame, assumptions: Assumptions) -> list[str]:
    """Where the values come from."""
    rows = pd.concat([counted(assumptions), chip_time(assumptions)])
    ours = rows.groupby(KEY)["source_key"].agg(list)
    theirs = table("published").groupby(["system_id", "pfs_days"])["source_key"].agg(list)
    values = zip(systems["system_id"], systems["pfs_days"], strict=True)
    keys = [key for ours_of, value in zip(
        value_keys(systems, assumptions), values, strict=True)
        for key in ours.get(ours_of, theirs.get(value, []))]
    return wrapped(f"values from: {'; '.join(dict.fromkeys(sources()[k].label for k in keys))}")


def _said(value: float, unit: str) -> str:
    """A number with its unit; a negative doubling time is a halving."""
    if unit == "months" and math.isinf(value):
        return "does not double"
    if unit == "months" and value < 0:
        return f"halves in {words.quantity(-value, unit)}"
    return words.quantity(value, unit)


def _numbers(assumptions: Assumptions) -> dict[str, tuple[Interval, str, str]]:
    """Each number by its label: the number, its unit, and its formula."""
    systems = fitted_systems(estimates(assumptions), assumptions)
    trend, month = fit(systems, assumptions), assumptions.days_per_month
    first, largest = systems.iloc[0], systems.loc[systems["pfs_days"].idxmax()]
    months = (largest["date"] - first["date"]).days / month
    law, doubling = assumptions.moore_doubling_months, trend.doubling_time.value
    alone = partial(Interval, low=math.nan, high=math.nan)
    year = f"2^({words.number(365.25 / month)} / {words.number(doubling)})"
    return {
        "doubling time": (trend.doubling_time, "months",
                          f"months of {words.number(month, 6)} days"),
        "growth a year": (trend.growth_per_year, "times a year",
                          year * math.isfinite(doubling)),
        "first to largest": (alone(largest["pfs_days"] / first["pfs_days"]), "times",
                             f"{words.number(largest['pfs_days'])} / "
                             f"{words.number(first['pfs_days'])} pfs-days"),
        "over": (alone(months), "months", f"{first['name']} to {largest['name']}"),
        "Moore's law meanwhile": (alone(2 ** (months / law)), "times",
                                  f"2^({words.number(months)} / {words.number(law)})"),
    }


def bars(systems: pd.DataFrame, values: str) -> list[str]:
    """One bar a system, its length the logarithm of its compute.

    A value from elsewhere than the ``values`` that were asked for is marked.
    """
    logs = systems["pfs_days"].map(math.log10)
    span = float(logs.max() - logs.min()) or 1.0
    months = [f"{date:%Y-%m}" for date in systems["date"]]
    marks = [_BORROWED * (origin != values) for origin in systems["value_from"]]
    numbers = [words.number(v) + mark for v, mark in zip(systems["pfs_days"], marks, strict=True)]
    # Where a name leaves no room for a bar, the system's short one does.
    for names in (list(map(str, systems["name"])), list(map(str, systems["system_id"]))):
        taken = sum(max(map(len, [head, *cells])) + GAP for head, cells in (
            ("", months), ("", names), ("pfs-days", numbers)))
        if width() - taken >= len(_SCALE):
            break
    room = max(width() - taken, _SHORTEST_BAR)
    drawn = ["█" * max(round(share * room), 1) for share in (logs - logs.min()) / span]
    head = ["", "", "pfs-days", _SCALE if len(_SCALE) <= room else "log"]
    rows = [head, *zip(months, names, numbers, drawn, strict=True)]
    note = f"{_BORROWED} the published value, where there is no {values} one"
    return [*columns(rows, right=[2]), *(wrapped(note) if any(marks) else [])]
