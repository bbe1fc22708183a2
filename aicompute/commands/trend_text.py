"""The trend at a terminal: its numbers with what each comes from, and a plain chart."""

from __future__ import annotations

import math

import pandas as pd

from aicompute import wording
from aicompute.commands.terminal import GAP, altered_words, columns, width, wrapped
from aicompute.methods.estimates import BASIS_OF, chosen_calculation
from aicompute.results import Result, Results
from aicompute.study import Study
from aicompute.units import DAYS_PER_YEAR

_UNIT, _SCALE = "pfs-days", "logarithmic scale"
_SHORTEST_BAR = 4
_STAND_IN = "*"


def trend_text(study: Study) -> str:
    """The fit in words and numbers, with a plain chart of the systems and their sources."""
    values, fit = study.assumptions.values, study.fit
    lines = wrapped(
        f"Least squares through the logarithms of {fit.points} systems, {values} values; "
        f"{fit.confidence * 100:g} % intervals of the fit."
    )
    here, there = _results(study), _results(study.baseline)
    moved = {label for label in here if _numbers(here[label]) != _numbers(there[label])}
    if altered := altered_words(study.assumptions):
        effect = "" if moved else ", which moves none of these numbers"
        lines += wrapped(f"Under {altered}{effect}.")
    formulas = _formulas(study)
    rows = []
    for label, result in here.items():
        between = f"({wording.interval(result.low, result.high)})" if result.low else ""
        before = wording.quantity(there[label].value, there[label].unit)
        rows.append([label, wording.quantity(result.value, result.unit), between, formulas[label],
                     f"baseline {before}" if label in moved else ""])
    used = [i for i in range(len(rows[0])) if any(row[i] for row in rows)]
    lines += ["", *columns([[row[i] for i in used] for row in rows]), ""]
    return "\n".join([*lines, *bars(study.fitted, values), *_sources(study)])


def _numbers(result: Result) -> tuple[float | None, ...]:
    return result.value, result.low, result.high


def bars(table: pd.DataFrame, values: str) -> list[str]:
    """One bar a system, its length the logarithm of its compute.

    Parameters
    ----------
    table
        ``date``, ``name``, ``system_id``, ``pfs_days``, ``value_from``.
    values
        Which values were asked for; what stands in for one is marked.
    """
    logs = table["pfs_days"].map(math.log10)
    span = float(logs.max() - logs.min()) or 1.0
    months = [f"{date:%Y-%m}" for date in table["date"]]
    marks = [_STAND_IN * (origin != values) for origin in table["value_from"]]
    numbers = [wording.number(v) + mark for v, mark in zip(table["pfs_days"], marks, strict=True)]
    # Where a name leaves no room for a bar, the system's short one does.
    for names in (list(map(str, table["name"])), list(map(str, table["system_id"]))):
        taken = sum(max(map(len, [head, *cells])) + GAP for head, cells in (
            ("", months), ("", names), (_UNIT, numbers)))
        if width() - taken >= len(_SCALE):
            break
    room = max(width() - taken, _SHORTEST_BAR)
    shares = (logs - logs.min()) / span
    drawn = ["█" * max(round(share * room), 1) for share in shares]
    head = ["", "", _UNIT, _SCALE if len(_SCALE) <= room else "log"]
    rows = [head, *zip(months, names, numbers, drawn, strict=True)]
    stands_in = f"{_STAND_IN} the published value, where there is no {values} one"
    return [*columns(rows, right=[2]), *(wrapped(stands_in) if any(marks) else [])]


def _results(study: Study) -> dict[str, Result]:
    results, values = Results(study), study.assumptions.values
    named = {
        "doubling time": f"trend.{values}.doubling_time_months",
        "growth a year": f"trend.{values}.growth_per_year",
        "first to largest": f"growth.{values}.factor",
        "over": f"growth.{values}.months",
        "Moore's law meanwhile": "moore.factor",
    }
    return {label: results[name] for label, name in named.items()}


def _formulas(study: Study) -> dict[str, str]:
    """Each number's formula, with the numbers in it."""
    table, assumptions = study.fitted, study.assumptions
    first, largest = table.iloc[0], table.loc[table["pfs_days"].idxmax()]
    year = wording.number(DAYS_PER_YEAR / assumptions.days_per_month)
    months = wording.number(study.fit.doubling_time_months)
    stretch = wording.number(study.growth_by(assumptions.values).months)
    moore = wording.number(assumptions.moore_doubling_months)
    return {
        "doubling time": f"months of {wording.number(assumptions.days_per_month, 6)} days",
        "growth a year": f"2^({year} / {months})",
        "first to largest": f"{wording.number(largest['pfs_days'])} / "
                            f"{wording.number(first['pfs_days'])} pfs-days",
        "over": f"{first['name']} to {largest['name']}",
        "Moore's law meanwhile": f"2^({stretch} / {moore})",
    }


def _sources(study: Study) -> list[str]:
    """Where the values come from."""
    keys: dict[str, None] = {}
    for row in study.fitted.to_dict("records"):
        basis = BASIS_OF.get(row["value_from"])
        found = basis and chosen_calculation(row, basis, study.calculations, study.assumptions)
        if found:
            keys |= dict.fromkeys(phase.source_key for phase in found.phases)
        else:
            keys |= dict.fromkeys(
                str(r["source_key"]) for r in study.dataset.rows("published")
                if r["system_id"] == row["system_id"] and r["pfs_days"] == row["pfs_days"]
            )
    sources = study.dataset.sources
    labels = (sources[key].label if key in sources else key for key in keys)
    return ["", *wrapped(f"values from: {'; '.join(dict.fromkeys(labels))}")]
