"""What moves the doubling time: its results, the chart that ranks the choices, and the table."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pandas as pd

from aicompute import tables, wording
from aicompute.analysis import sensitivity
from aicompute.charts import intervals
from aicompute.figures import Figure, figure_maker
from aicompute.listings import lists
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.trend import FitError

PAGE = "uncertainty#what-moves-it-most"


@family("sensitivity")
def sensitivity_results(study: Study) -> Named:
    """The doubling time under every altered choice, and the furthest that choices move it."""
    try:
        table = sensitivity.cases(study)
    except FitError:
        return
    for row in table.to_dict("records"):
        yield f"sensitivity.{row['name']}.doubling_time_months", Result(
            row["doubling_time"], "months", row["low"], row["high"], PAGE,
            f"{row['group']}: {row['label']}; compared with "
            f"{wording.quantity(row['compared_with'], 'months')}",
        )
    yield "sensitivity.cases", Result(float(len(table)), "fits", page=PAGE, how="a count")
    others = table[(table["group"] != sensitivity.CHANCE) & (table["doubling_time"] > 0)]
    for name, end in (("shortest", "idxmin"), ("longest", "idxmax")):
        row = others.loc[others["doubling_time"].agg(end)]
        yield f"sensitivity.{name}_doubling_time_months", Result(
            row["doubling_time"], "months", row["low"], row["high"], PAGE,
            f"{row['group']}: {row['label']}",
        )


@figure_maker("sensitivity")
def tornado(study: Study) -> Figure:
    """Every choice by how far it moves the doubling time."""
    rows = pd.DataFrame([_ends(row) for row in sensitivity.choices(study).to_dict("records")])
    headline = study.fit.doubling_time_months
    choices = rows[rows["group"] != sensitivity.CHANCE].reset_index(drop=True)
    first, last = choices.iloc[0], choices.iloc[-1]
    finding = (
        f"The choice that moves the doubling time of {wording.quantity(headline, 'months')} most: "
        f"{_lower(first['group'])} ({first['shown']}); least: {_lower(last['group'])} "
        f"({last['shown']})"
    )
    return Figure(
        name="sensitivity",
        caption=f"{finding}. Each bar: one choice altered, all else left as it is; months. Where a "
                "choice acts on other values than those of the fit, the bar shows the change that "
                "it makes there, added to the doubling time of the fit.",
        alt=f"{finding}.",
        table=rows,
        draw=partial(intervals.tornado, rows, headline),
    )


@lists("sensitivity")
def table(study: Study) -> HtmlTable:
    """Every altered choice with its doubling time, interval and change."""
    rows = []
    for row in sensitivity.cases(study).to_dict("records"):
        between = wording.interval(row["low"], row["high"])
        rows.append([
            tables.text(row["group"]), tables.text(row["label"]),
            tables.number(wording.number(row["doubling_time"]), row["doubling_time"]),
            tables.text("–" if row["group"] == sensitivity.CHANCE else between),
            tables.number(_signed(row["change"]), row["change"]),
        ])
    return HtmlTable(
        ["Choice", "Altered", "Months", "Interval", "Change"], rows,
        caption="The doubling time, months, with one choice altered at a time; change: from the "
                "same values without it", sortable=True,
        minor=["Change"])


def _ends(row: dict[str, Any]) -> dict[str, Any]:
    words = {
        f"{end}_{kind}": text
        for end in ("shortest", "longest")
        for kind, text in _end_words(row[end], row[f"{end}_label"]).items()
    }
    shown = f"{wording.number(row['shortest'], 2)} to {wording.number(row['longest'], 2)}"
    longest = wording.finite(row["longest"])
    return {**row, "longest": longest, **words, "shown": shown}


def _end_words(months: float, label: str) -> dict[str, str]:
    if not label:
        return {"words": "", "number": ""}
    number = wording.number(months, 2)
    return {"words": f"{label}: {number}", "number": number}


def _lower(group: str) -> str:
    return group if group.startswith(("AlphaGo", "FLOP")) else group[0].lower() + group[1:]


def _signed(change: float) -> str:
    if not math.isfinite(change):
        return "–"
    shown = wording.change(change, 2)
    return shown[1:] if shown[1:] == "0.00" else shown
