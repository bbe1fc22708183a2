"""The figure that holds the values of one system side by side."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from aicompute import charts, wording
from aicompute.figures import Figure, figure_maker
from aicompute.study import Study
from aicompute.words import system_words


@figure_maker("system")
def system(study: Study, system_id: str) -> Figure:
    """Every value of one system on one axis."""
    row = study.system(system_id)
    rows = pd.DataFrame(_system_values(study, row))
    spread = rows["pfs_days"].max() / rows["pfs_days"].min()
    many = (
        f"The {len(rows)} values of {row['name']} {system_words.within(spread)}"
        if len(rows) > 1
        else f"{row['name']} has one value, {rows['shown'].iloc[0]}"
    )
    return Figure(
        name=f"system_{system_id}",
        caption=f"{many}. Bars: every input but the utilization at its low and at its high end.",
        alt=f"{many}.",
        table=rows,
        draw=partial(charts.ranges, rows),
    )


def _system_values(study: Study, row: dict[str, Any]) -> list[dict[str, Any]]:
    values = [
        {"label": label, "pfs_days": value, "low": value, "high": value, "kind": "published",
         "shown": wording.stated_quantity(value, "pfs-days")}
        for label, value in system_words.said_values(study, row)
    ]
    for c in study.calculations_of(row["system_id"]):
        whose = "the article's" if c.basis == "article" else "recounted"
        between = wording.range_words(c.low, c.high)
        values.append({
            "label": f"method {c.method}, {whose}", "pfs_days": c.pfs_days, "low": c.low,
            "high": c.high, "kind": f"method {c.method}",
            "shown": wording.quantity(c.pfs_days, "pfs-days") + f" ({between})" * bool(between),
        })
    return values
