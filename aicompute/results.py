"""Every number of the report by its dotted name, with unit, interval, page and how it is obtained.

Names are stable: people and tools read them from results.json. A family of names is calculated when
one of its names is asked for, so that a page depends only on the tables behind what it shows.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aicompute.assumptions import Assumptions, as_json
from aicompute.errors import CallError
from aicompute.estimates import BASES, VALUES
from aicompute.study import Study, has_page
from aicompute.trend import FitError
from aicompute.units import DAYS_PER_YEAR

MOORE_MONTHS = (18, 24)


@dataclass(frozen=True)
class Result:
    """One number of the report.

    Attributes
    ----------
    value, low, high
        The number and its interval; None where there is none (an open end, a bare fact).
    unit
        Its unit; empty for a factor or a count.
    page
        Page and section where it is calculated, ``page#section``.
    how
        One phrase: how it is obtained, and what the interval is.
    """

    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    page: str = ""
    how: str = ""


Named = Iterator[tuple[str, Result]]
Family = Callable[[Study], Named]

#: First part of a result's name to what calculates all results of that family.
FAMILIES: dict[str, Family] = {}


def family(name: str) -> Callable[[Family], Family]:
    """Register what calculates the results whose names begin with ``name``."""

    def register(function: Family) -> Family:
        FAMILIES[name] = function
        return function

    return register


def all_results(study: Study) -> dict[str, Result]:
    """Every result of a study, by name, in a stable order."""
    return {name: result for family in FAMILIES.values() for name, result in family(study)}


class Results:
    """The results of a study, each family calculated when first asked for."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._families: dict[str, dict[str, Result]] = {}

    def __getitem__(self, name: str) -> Result:
        """Return one result by its dotted name.

        Raises
        ------
        CallError
            If there is no such name; the nearest ones are suggested.
        """
        family = name.split(".", 1)[0]
        if family not in FAMILIES:
            raise CallError(f"result {name}: unknown; families: {', '.join(FAMILIES)}")
        found = self.families([family])
        if name not in found:
            near = ", ".join(difflib.get_close_matches(name, found, n=3))
            raise CallError(f"result {name}: unknown; nearest: {near or 'none'}")
        return found[name]

    def families(self, names: Iterable[str]) -> dict[str, Result]:
        """Every result of the given families, by name."""
        for name in names:
            if name not in self._families:
                self._families[name] = dict(FAMILIES[name](self.study))
        return {n: r for name in names for n, r in self._families[name].items()}


def results_document(study: Study) -> dict[str, Any]:
    """The content of results.json."""
    return document(study, all_results(study))


def document(study: Study, results: dict[str, Result]) -> dict[str, Any]:
    """Results in the shape every JSON output has."""
    assumptions = {
        name: as_json(getattr(study.assumptions, name)) for name in Assumptions.model_fields
    }
    return {
        "assumptions": assumptions,
        "data_sha256": study.dataset.sha256(),
        "results": {name: _as_json(result) for name, result in results.items()},
    }


def _as_json(result: Result) -> dict[str, Any]:
    return {"value": result.value, "unit": result.unit, "low": result.low, "high": result.high}


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
            finite(fit.doubling_time_low), finite(fit.doubling_time_high), page, how,
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


def finite(value: float) -> float | None:
    """A number, or None for an open end."""
    return value if math.isfinite(value) else None
