"""The figure that holds the values of one system side by side."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pandas as pd

from aicompute import charts, wording
from aicompute.figures import Figure, figure_maker
from aicompute.study import Study


@figure_maker("system")
def system(study: Study, system_id: str) -> Figure:
    """Every value of one system on one axis."""
    row = study.system(system_id)
    rows = pd.DataFrame(_system_values(study, row))
    spread = rows["pfs_days"].max() / rows["pfs_days"].min()
    many = (
        f"The {len(rows)} values of {row['name']} differ by at most a factor "
        f"{wording.number(spread, 2)}"
        if len(rows) > 1
        else f"{row['name']} has one value, {rows['shown'].iloc[0]}"
    )
    return Figure(
        name=f"system_{system_id}",
        caption=f"{many}. Bars: every input at its low and at its high end.",
        alt=f"{many}.",
        table=rows,
        draw=partial(charts.ranges, rows),
    )


def _system_values(study: Study, row: dict[str, Any]) -> list[dict[str, Any]]:
    values = []
    if not math.isnan(row["published_pfs_days"]):
        value = row["published_pfs_days"]
        values.append({"label": "published", "pfs_days": value, "low": value, "high": value,
                       "kind": "published", "shown": wording.quantity(value, "pfs-days")})
    for c in study.calculations_of(row["system_id"]):
        whose = "the article's" if c.basis == "article" else "recounted"
        values.append({
            "label": f"method {c.method}, {whose}", "pfs_days": c.pfs_days, "low": c.low,
            "high": c.high, "kind": f"method {c.method}",
            "shown": f"{wording.quantity(c.pfs_days, 'pfs-days')}"
                     f" ({wording.interval(c.low, c.high)})",
        })
    return values
