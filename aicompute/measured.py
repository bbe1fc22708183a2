"""Utilization: what was measured, and which rows take it."""

import pandas as pd

from aicompute.assumptions import Assumptions
from aicompute.tables import table
from aicompute.units import TERA

#: FLOP a multiply-add of a forward pass costs in a step: two, once forward and twice backward.
#: A chip's rating counts them so too, whatever is assumed of the counts.
FLOP_FOR_ONE = 6


def measured_shares() -> pd.DataFrame:
    """Every measured step of training, and the share of the chip's peak that it sustained.

    Beside the columns of measured_utilization.csv: ``chip``, ``number_format``, ``peak`` and
    ``tflop_per_second`` (TFLOP/s), and ``utilization`` (share of the peak) with its ends, from the
    slowest and the fastest group of steps.

    >>> measured_shares()["utilization"].iloc[0].round(3)  # AlexNet, 32-bit numbers, batch of 128
    np.float64(0.406)
    """
    chips = table("chips").set_index("chip_id")
    chips["peak"] = chips["boost_tflop_per_second"].fillna(chips["base_tflop_per_second"])
    known = chips[["name", "number_format", "peak"]].rename(columns={"name": "chip"})
    rows = table("measured_utilization").join(known, on="chip_id")
    tflop = FLOP_FOR_ONE * rows["multiply_adds"] * rows["examples"] / TERA
    rows["tflop_per_second"] = tflop / rows["seconds"]
    for end, seconds in (("_low", "seconds_high"), ("", "seconds"), ("_high", "seconds_low")):
        took = rows[seconds].fillna(rows["seconds"])
        rows[f"utilization{end}"] = tflop / took / rows["peak"]
    return rows


def with_measured(rows: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Rows of chip_time.csv with the measured utilization, where ``utilization_from`` asks for it.

    Those are our rows on graphics cards rated for 32-bit numbers that state no utilization. They
    take what their system's own network sustained in that arithmetic at its paper's batch, or the
    median of all networks that were measured so. The ends are the quartiles of those networks, in
    proportion to the value: another card is further off than a second run on the same.
    ``utilization_measured`` says of the rows returned whether they take it.
    """
    formats = table("chips").set_index("chip_id")["number_format"]
    takes = (rows["basis"].eq("recount") & rows["utilization"].isna() & rows["kind"].eq("gpu")
             & rows["chip_id"].map(formats).eq("fp32")
             & (assumptions.utilization_from == "measured"))
    rows = rows.assign(utilization_measured=takes)
    if not takes.any():
        return rows
    shares = measured_shares().query("number_format == 'fp32' and paper_batch")
    own = rows["system_id"].map(shares.groupby("system_id")["utilization"].median())
    low, middle, high = shares["utilization"].quantile([0.25, 0.5, 0.75])
    share = own.fillna(middle)
    for end, over in (("_low", low / middle), ("", 1.0), ("_high", high / middle)):
        rows.loc[takes, f"utilization{end}"] = (share * over).clip(upper=1.0)
    return rows
