"""The unit of compute, the fit worked by hand, and what moves the fit, as results."""

from __future__ import annotations

import math

import pandas as pd

from aicompute import tables, trend, wording
from aicompute.assumptions import Assumptions, describe
from aicompute.dataset import load_rows
from aicompute.listings import lists
from aicompute.results import Named, Result, family
from aicompute.study import Study, has_page
from aicompute.tables import HtmlTable
from aicompute.trend import FitError
from aicompute.units import (
    DAYS_PER_YEAR,
    FLOP_PER_PFS_DAY,
    FLOP_PER_SECOND_PER_PETAFLOP,
    FLOP_PER_SECOND_PER_TERAFLOP,
)

#: The two systems of the fit that is worked by hand, and the chip of the unit's example.
FIRST, LARGEST = "alexnet", "alphago_zero"
EXAMPLE_CHIP = "gtx_580"
#: The month in which the fit of the plotted points gives the article's two decimals.
MONTH_OF_THE_ARTICLE = 30.5


@family("pfs_day")
def pfs_day_results(study: Study) -> Named:
    """The unit, and how long one chip of 2012 needs for it."""
    page = "overview#the-pfs-day"
    yield "pfs_day.flop", Result(
        FLOP_PER_PFS_DAY, "FLOP", page=page, how="1e15 FLOP/s for 86,400 seconds, by definition"
    )
    rating = next(
        row["article_tflop_per_second"] for row in study.dataset.rows("chips")
        if row["chip_id"] == EXAMPLE_CHIP
    )
    sustained = float(rating or math.nan) * study.assumptions.gpu_utilization  # type: ignore[arg-type]
    petaflop = sustained * FLOP_PER_SECOND_PER_TERAFLOP / FLOP_PER_SECOND_PER_PETAFLOP
    yield "pfs_day.chip_rating", Result(
        float(rating or math.nan), "TFLOP/s", page=page,  # type: ignore[arg-type]
        how="the article's rating of one GTX 580",
    )
    yield "pfs_day.chip_days", Result(
        1 / petaflop, "days", page=page, how="1e15 FLOP/s over what one GTX 580 sustains"
    )
    yield "pfs_day.chip_years", Result(
        1 / petaflop / DAYS_PER_YEAR, "years", page=page, how="the same days over 365.25"
    )


@family("two_points")
def two_points_results(study: Study) -> Named:
    """The fit by hand: two plotted systems, whatever the assumptions leave out of the real one."""
    rows = study.estimates.set_index("system_id").loc[[FIRST, LARGEST]]
    small, large = rows["published_pfs_days"]
    days = float((rows["date"].iloc[1] - rows["date"].iloc[0]).days)
    months = days / study.assumptions.days_per_month
    doublings = math.log2(large / small)
    page = "trend#first-to-largest"
    how = "AlphaGo Zero and AlexNet, as plotted"
    yield "two_points.first_pfs_days", Result(small, "pfs-days", page=page, how="AlexNet, plotted")
    yield "two_points.largest_pfs_days", Result(
        large, "pfs-days", page=page, how="AlphaGo Zero, plotted"
    )
    yield "two_points.factor", Result(large / small, "times", page=page, how=how)
    yield "two_points.days", Result(days, "days", page=page, how=how)
    yield "two_points.months", Result(months, "months", page=page, how=how)
    yield "two_points.doublings", Result(doublings, "doublings", page=page, how=f"log2, {how}")
    yield "two_points.doubling_time_months", Result(
        months / doublings, "months", page=page, how=f"months over doublings: {how}"
    )


@family("fit")
def fit_results(study: Study) -> Named:
    """What moves the fit of the chosen values: the month, and any one system."""
    try:
        fit = study.fit
    except FitError:
        return
    page = "trend#what-would-change-it"
    scale = study.assumptions.days_per_month / MONTH_OF_THE_ARTICLE
    yield "fit.in_months_of_30_5_days", Result(
        fit.doubling_time_months * scale, "months", fit.doubling_time_low * scale,
        None if math.isinf(fit.doubling_time_high) else fit.doubling_time_high * scale,
        page, "the same fit in months of 30.5 days",
    )
    yield "fit.residual_factor", Result(
        10**fit.residual_decades, "times", page="trend#the-fit",
        how="one standard deviation of the points about the line, as a factor",
    )
    without = left_out(study)
    # Of three systems none can be left out.
    ends = {} if without.empty else {"shortest": without.iloc[0], "longest": without.iloc[-1]}
    for name, row in ends.items():
        yield f"fit.{name}_leaving_one_out", Result(
            row["months"], "months", page=page, how=f"without {row['name']}"
        )
    for row in without.to_dict("records"):
        yield f"fit.without.{row['system_id']}.doubling_time_months", Result(
            row["months"], "months", row["low"], row["high"], page, f"without {row['name']}"
        )


def left_out(study: Study) -> pd.DataFrame:
    """The fit with each system left out once.

    Returns
    -------
    DataFrame
        ``system_id``, ``name``, ``months``, ``low``, ``high`` (None where open), by ``months``.
    """
    table = study.fitted
    rows = []
    for system in table.to_dict("records"):
        rest = table[table["system_id"] != system["system_id"]]
        try:
            fit = trend.fit_table(rest, study.assumptions)
        except FitError:
            continue
        high = None if math.isinf(fit.doubling_time_high) else fit.doubling_time_high
        rows.append({
            "system_id": system["system_id"], "name": system["name"],
            "months": fit.doubling_time_months, "low": fit.doubling_time_low, "high": high,
        })
    columns = ["system_id", "name", "months", "low", "high"]
    return pd.DataFrame(rows, columns=columns).sort_values("months", ignore_index=True)


@lists("left_out")
def left_out_table(study: Study) -> HtmlTable:
    """The doubling time with each system left out once."""
    rows = [
        [tables.link(row["name"], f"page:systems/{row['system_id']}"),
         tables.number(wording.quantity(row["months"], "months"), row["months"]),
         tables.text(wording.interval(row["low"], row["high"]))]
        for row in left_out(study).to_dict("records")
    ]
    return HtmlTable(["Without", "Doubling time", "Interval"], rows,
                     caption="The doubling time with one system left out at a time")


@family("estimated")
def estimated_results(study: Study) -> Named:
    """What others estimated for a system, by source."""
    for row in load_rows(study.dataset.rows("published"), kind="estimated"):
        system_id, key = str(row["system_id"]), str(row["source_key"])
        page = f"systems/{system_id}#all-values" if has_page(study, system_id) else "systems"
        yield f"estimated.{system_id}.{key}", Result(
            float(row["pfs_days"]), "pfs-days",  # type: ignore[arg-type]
            page=page, how=f"as estimated in {key}",
        )


@family("assumptions")
def assumption_results(study: Study) -> Named:
    """The assumptions that are numbers, as they are set here."""
    for name in Assumptions.model_fields:
        value = getattr(study.assumptions, name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            unit = describe(name)["unit"]
            yield f"assumptions.{name}", Result(
                float(value), "" if unit == "1" else unit, page="assumptions#the-table",
                how="an assumption",
            )
