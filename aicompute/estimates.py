"""The three values of a system, and the one that the assumptions choose."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pandas as pd

from aicompute.assumptions import Assumptions
from aicompute.calculations import BASES, METHODS, Calculation, Calculations, calculate
from aicompute.dataset import Dataset, load_rows

VALUES = ("published", "replicated", "recounted")
BASIS_OF = {"replicated": "article", "recounted": "recount"}


def estimates(
    dataset: Dataset, assumptions: Assumptions, calculations: Calculations | None = None
) -> pd.DataFrame:
    """One row a system: what it is, its three values, and the one the assumptions choose.

    Returns
    -------
    DataFrame
        The columns of systems.csv; ``published``, ``replicated``, ``recounted`` (pfs-days, missing
        where there is none); ``method_1_article`` and so on; ``pfs_days`` (the chosen value),
        ``value_from`` (which of the three it is), ``low``, ``high`` (range of the chosen value
        where we have one). Sorted by date, then by the order of systems.csv.
    """
    if calculations is None:
        calculations = calculate(dataset, assumptions)
    systems = dataset.rows("systems")
    ids = [str(row["system_id"]) for row in systems]
    published = published_values(dataset, assumptions)
    columns: dict[str, list[Any]] = {
        "published_pfs_days": [published.get(name, math.nan) for name in ids]
    }
    for method, basis in product(METHODS, BASES):
        found = [calculations.get((name, method, basis)) for name in ids]
        columns[f"method_{method}_{basis}_pfs_days"] = _column(found, "pfs_days")
    for values, basis in BASIS_OF.items():
        chosen = [chosen_calculation(row, basis, calculations, assumptions) for row in systems]
        for name in ("pfs_days", "low", "high"):
            columns[f"{values}_{name}"] = _column(chosen, name)
    # Filled as lists and joined once: column by column, pandas took most of every fit's time.
    values_of = pd.DataFrame({**columns, **_choice(columns, assumptions)})
    named = dataset.frame("systems").rename(columns={"published": "date"})
    joined = pd.concat([named, values_of], axis=1)
    return joined.sort_values("date", kind="stable", ignore_index=True)


def published_values(dataset: Dataset, assumptions: Assumptions) -> dict[str, float]:
    """The published value of every system that has one, pfs-days.

    For the chart's systems it is the plotted point (or the estimate that the assumption
    ``alphago_zero_estimate`` names); for the others the first value of published.csv.
    """
    values: dict[str, float] = {}
    for row in dataset.rows("published"):
        system_id, pfs_days = str(row["system_id"]), float(row["pfs_days"])  # type: ignore[arg-type]
        if row["kind"] == "plotted":
            values[system_id] = pfs_days
        elif row["method"] is None:
            values.setdefault(system_id, pfs_days)
    source = assumptions.alphago_zero_estimate
    for row in load_rows(dataset.rows("published"), source_key=source):
        if row["system_id"] in ("alphago_zero", "alphazero"):
            values[str(row["system_id"])] = float(row["pfs_days"])  # type: ignore[arg-type]
    return values


def chosen_calculation(
    system: Mapping[str, Any], basis: str, calculations: Calculations, assumptions: Assumptions
) -> Calculation | None:
    """The calculation a replicated or recounted value rests on; None where there is none."""
    own = system[f"{basis}_method"]
    preferred = None if own is None or pd.isna(own) else int(own)
    if preferred is None:
        return None
    wanted = {"method_1": 1, "method_2": 2}.get(assumptions.method, preferred)
    key = system["system_id"]
    return calculations.get((key, wanted, basis)) or calculations.get((key, preferred, basis))


def _choice(columns: dict[str, list[Any]], assumptions: Assumptions) -> dict[str, list[Any]]:
    """The columns of the chosen value, out of those of the three."""
    values = assumptions.values
    chosen = list(columns[f"{values}_pfs_days"])
    origin = ["" if math.isnan(value) else values for value in chosen]
    if values == "published":
        unknown = [math.nan] * len(chosen)
        return {"pfs_days": chosen, "value_from": origin, "low": unknown, "high": unknown}
    if assumptions.published_stands_in:
        for index, published in enumerate(columns["published_pfs_days"]):
            if math.isnan(chosen[index]) and not math.isnan(published):
                chosen[index], origin[index] = published, "published"
    return {"pfs_days": chosen, "value_from": origin,
            "low": columns[f"{values}_low"], "high": columns[f"{values}_high"]}


def _column(calculations: Sequence[Calculation | None], name: str) -> list[float]:
    return [math.nan if c is None else float(getattr(c, name)) for c in calculations]
