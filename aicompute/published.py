"""What others say that a system's training took."""

import pandas as pd

from aicompute.assumptions import Assumptions
from aicompute.ranges import fill_within
from aicompute.tables import table


def published_values(assumptions: Assumptions) -> pd.DataFrame:
    """The published value of every system that has one: its row of published.csv.

    By ``system_id``. For the chart's systems it is the plotted point (or the estimate that the
    assumption ``alphago_zero_estimate`` names); for the others the first value that no other source
    has replaced.
    """
    rows = published_rows().query("superseded_by.isna()")
    plotted = rows["kind"] == "plotted"
    other = (rows["source_key"] == assumptions.alphago_zero_estimate) & rows["system_id"].isin(
        ["alphago_zero", "alphazero"])
    first = rows["method"].isna() & ~plotted
    chosen = pd.concat([rows[other], rows[plotted], rows[first]])
    return chosen.drop_duplicates("system_id").set_index("system_id")


def published_rows(system_id: str = "") -> pd.DataFrame:
    """The rows of published.csv; a value known within a factor has the ends that it leaves."""
    return fill_within(table("published", system_id), "pfs_days")
