"""The three values of a system, and the one that the assumptions choose."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from aicompute.assumptions import Assumptions
from aicompute.dataset import Dataset, load_rows
from aicompute.methods.calculations import BASES, METHODS, Calculation, Calculations, calculate

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
    systems, table = dataset.rows("systems"), dataset.frame("systems")
    published = published_values(dataset, assumptions)
    found = {"published_pfs_days": [published.get(str(row["system_id"])) for row in systems]}
    for method in METHODS:
        for basis in BASES:
            own = [calculations.get((str(row["system_id"]), method, basis)) for row in systems]
            found[f"method_{method}_{basis}_pfs_days"] = _column(own, "pfs_days")
    for values, basis in BASIS_OF.items():
        chosen = [chosen_calculation(row, basis, calculations, assumptions) for row in systems]
        found[f"{values}_pfs_days"] = _column(chosen, "pfs_days")
        found[f"{values}_low"] = _column(chosen, "low")
        found[f"{values}_high"] = _column(chosen, "high")
    table = table.rename(columns={"published": "date"})
    table = pd.concat([table, pd.DataFrame(found, dtype="float64")], axis="columns")
    _choose(table, assumptions)
    return table.sort_values("date", kind="stable", ignore_index=True)


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


def _choose(table: pd.DataFrame, assumptions: Assumptions) -> None:
    values = assumptions.values
    table["pfs_days"] = table[f"{values}_pfs_days"]
    table["value_from"] = np.where(table["pfs_days"].notna(), values, "")
    table["low"], table["high"] = math.nan, math.nan
    if values != "published":
        table["low"], table["high"] = table[f"{values}_low"], table[f"{values}_high"]
        if assumptions.published_stands_in:
            missing = table["pfs_days"].isna() & table["published_pfs_days"].notna()
            table.loc[missing, "pfs_days"] = table.loc[missing, "published_pfs_days"]
            table.loc[missing, "value_from"] = "published"


def _column(calculations: list[Calculation | None], name: str) -> list[float | None]:
    return [None if c is None else float(getattr(c, name)) for c in calculations]
