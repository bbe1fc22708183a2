"""What a fit or a bend gives, as results; where it cannot be made, results without a value."""

from __future__ import annotations

import pandas as pd

from aicompute.analysis.break_models import TwoSlopes
from aicompute.results import Named, Result
from aicompute.study import Study
from aicompute.trend import Fit, FitError, fit_table


def fit_or_none(table: pd.DataFrame, study: Study) -> Fit | None:
    """The fit of a table; None where there is too little to fit."""
    try:
        return fit_table(table, study.assumptions)
    except FitError:
        return None


def fit_results(name: str, fit: Fit | None, page: str, what: str) -> Named:
    """Doubling time, growth a year and number of systems of one fit.

    Parameters
    ----------
    name
        Beginning of the results' names.
    what
        Which systems, for the words beside the number.
    """
    if fit is None:
        for part, unit in (("doubling_time_months", "months"), ("growth_per_year", "times a year"),
                           ("points", "systems")):
            yield f"{name}.{part}", Result(None, unit, page=page, how="too few systems to fit")
        return
    how = f"least squares on {fit.points} systems: {what}; {fit.confidence:.0%} interval"
    yield from pace_results(name, fit, page, how)
    yield f"{name}.points", Result(float(fit.points), "systems", page=page, how="a count")


def pace_results(name: str, fit: Fit, page: str, how: str) -> Named:
    """Doubling time and growth a year of a fit, each with its interval."""
    yield f"{name}.doubling_time_months", Result(
        fit.doubling_time_months, "months", fit.doubling_time_low, fit.doubling_time_high,
        page, how,
    )
    yield f"{name}.growth_per_year", Result(
        fit.growth_per_year, "times a year", fit.growth_per_year_low, fit.growth_per_year_high,
        page, how,
    )


def bend_results(name: str, bend: TwoSlopes, page: str, how: str) -> Named:
    """Doubling time on either side of a bend, and how often chance alone bends as well."""
    for part in ("before", "after"):
        steep, flat = (getattr(bend, f"slope_{part}_{end}") for end in ("high", "low"))
        low, high = (1 / slope / bend.days_per_month if slope > 0 else None
                     for slope in (steep, flat))
        yield f"{name}.doubling_{part}_months", Result(
            getattr(bend, f"doubling_{part}_months"), "months", low, high, page, how)
    yield f"{name}.p_value", Result(
        bend.p_value, "", page=page,
        how="how often chance alone gives a straight trend so good a bend")
