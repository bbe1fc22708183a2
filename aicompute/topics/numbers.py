"""The numbers every page draws on: trend, growth, Moore's law, systems, what was printed."""

from __future__ import annotations

import math

import pandas as pd

from aicompute.methods.calculations import BASES
from aicompute.methods.estimates import VALUES
from aicompute.results import Named, Result, family
from aicompute.study import Study, has_page
from aicompute.trend import FitError
from aicompute.units import DAYS_PER_YEAR

MOORE_MONTHS = (18, 24)


@family("trend")
def trend_results(study: Study) -> Named:
    """Fit, doubling time and growth per year on each of the three values."""
    for values in VALUES:
        try:
            fit = study.fit_by(values)
        except FitError:
            continue
        prefix, page = f"trend.{values}", "trend#the-fit"
        share = f"{study.assumptions.confidence:.0%}"
        how = f"least squares on {fit.points} {values} points; {share} interval of the fit"
        yield f"{prefix}.doubling_time_months", Result(
            fit.doubling_time_months, "months",
            fit.doubling_time_low, fit.doubling_time_high, page, how,
        )
        yield f"{prefix}.growth_per_year", Result(
            fit.growth_per_year, "times a year",
            fit.growth_per_year_low, fit.growth_per_year_high, page, how,
        )
        yield f"{prefix}.points", Result(float(fit.points), "systems", page=page, how="a count")
        yield f"{prefix}.r_squared", Result(fit.r_squared, "", page=page, how=how)
        yield f"{prefix}.residual_decades", Result(
            fit.residual_decades, "decades", page=page,
            how="standard deviation of the points about the line, in powers of ten",
        )
        stand_ins = int((study.fitted_by(values)["value_from"] != values).sum())
        yield f"{prefix}.stand_ins", Result(
            float(stand_ins), "systems", page=page,
            how=f"systems without a {values} value, for which the published one stands in",
        )


@family("growth")
def growth_results(study: Study) -> Named:
    """Growth from the earliest system to the largest, on each of the three values."""
    for values in VALUES:
        try:
            growth = study.growth_by(values)
        except FitError:
            continue
        how = f"{growth.largest} over {growth.first}, {values} values"
        yield f"growth.{values}.factor", Result(
            growth.factor, "times", page="trend#first-to-largest", how=how
        )
        yield f"growth.{values}.months", Result(
            growth.months, "months", page="trend#first-to-largest", how=how
        )
        endpoint = growth.months / math.log2(growth.factor) if growth.factor > 1 else None
        yield f"growth.{values}.doubling_time_months", Result(
            endpoint, "months", page="trend#first-to-largest",
            how=f"doubling time from two points alone: {how}",
        )


@family("moore")
def moore_results(study: Study) -> Named:
    """Moore's law over the stretch of the growth."""
    try:
        growth = study.growth_by(study.assumptions.values)
    except FitError:
        return
    page = "trend#moores-law"
    chosen = study.assumptions.moore_doubling_months
    yield "moore.factor", Result(
        growth.moore(chosen), "times", page=page,
        how=f"doubling every {chosen:g} months over {growth.months:.1f} months",
    )
    yield "moore.doubling_time_months", Result(chosen, "months", page=page, how="an assumption")
    yield "moore.growth_per_year", Result(
        2 ** (DAYS_PER_YEAR / study.assumptions.days_per_month / chosen), "times a year",
        page=page, how=f"doubling every {chosen:g} months",
    )
    for months in MOORE_MONTHS:
        yield f"moore.at_{months}_months.factor", Result(
            growth.moore(months), "times", page=page,
            how=f"doubling every {months} months over {growth.months:.1f} months",
        )


@family("systems")
def system_results(study: Study) -> Named:
    """Every value of every system."""
    for row in study.estimates.to_dict("records"):
        system_id = row["system_id"]
        prefix = f"systems.{system_id}"
        page = f"systems/{system_id}" if has_page(study, system_id) else "systems"
        if not pd.isna(row["published_pfs_days"]):
            yield f"{prefix}.published_pfs_days", Result(
                row["published_pfs_days"], "pfs-days", page=page, how="as published",
            )
        for calculation in study.calculations_of(system_id):
            method, basis = calculation.method, calculation.basis
            yield f"{prefix}.method_{method}.{basis}_pfs_days", Result(
                calculation.pfs_days, "pfs-days", calculation.low, calculation.high,
                f"{page}#method-{method}",
                f"method {method} on the {basis}'s inputs; the range has every input at its end",
            )
        for values in ("replicated", "recounted"):
            if not pd.isna(row[f"{values}_pfs_days"]):
                yield f"{prefix}.{values}_pfs_days", Result(
                    row[f"{values}_pfs_days"], "pfs-days",
                    row[f"{values}_low"], row[f"{values}_high"], page,
                    f"{values} value; the range has every input at its end",
                )


@family("printed")
def printed_results(study: Study) -> Named:
    """What the article printed for its formulas, and how far its own formula is from it."""
    printed = study.dataset.rows("published")
    for row in printed:
        if row["kind"] != "printed" or row["method"] is None:
            continue
        system_id, method = row["system_id"], row["method"]
        name = f"printed.{system_id}.method_{method}"
        page = f"systems/{system_id}#method-{method}"
        value = float(row["pfs_days"])  # type: ignore[arg-type]
        yield f"{name}.pfs_days", Result(value, "pfs-days", page=page, how="as printed")
        calculation = study.calculations.get((str(system_id), int(method), BASES[0]))  # type: ignore[arg-type]
        if calculation is not None:
            yield f"{name}.ratio", Result(
                calculation.pfs_days / value, "times", page=page,
                how="the article's formula, run here, over the result it prints",
            )


@family("count")
def count_results(study: Study) -> Named:
    """How many of what there is."""
    table = study.estimates
    page = "data#tables"
    for name in ("chart", "modest", "before_2012", "later"):
        yield f"count.{name}", Result(
            float((table["set"] == name).sum()), "systems", page=page, how="rows of systems.csv"
        )
    chart = table[table["set"] == "chart"]
    for values in VALUES:
        yield f"count.chart_{values}", Result(
            float(chart[f"{values}_pfs_days"].notna().sum()), "systems", page=page,
            how=f"chart systems with a {values} value",
        )
    yield "count.sources", Result(
        float(len(study.dataset.sources)), "sources", page="bibliography", how="a count"
    )
