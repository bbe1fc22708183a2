"""Every scenario beside the baseline: the headline of each, as results, a table and two figures."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import pandas as pd

from aicompute import tables, wording
from aicompute.assumptions import BOOKS, as_text, load_scenario, parse_assumptions, scenario_names
from aicompute.charts import scenario_lines
from aicompute.dataset import Dataset
from aicompute.figures import Figure, figure_maker
from aicompute.listings import lists
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable
from aicompute.topics.fit_results import pace_results
from aicompute.trend import Fit, FitError, Growth

BASELINE = "baseline"
PAGE = "scenarios#every-scenario"


@dataclass(frozen=True)
class Outcome:
    """What comes out of one scenario; no fit where it leaves too few systems."""

    name: str
    title: str
    altered: str
    study: Study
    fit: Fit | None
    growth: Growth | None

    @property
    def months(self) -> float:
        """Doubling time; unbounded where there is no fit."""
        return self.fit.doubling_time_months if self.fit else math.inf

    @property
    def shown(self) -> str:
        """Doubling time with its interval, in words."""
        if self.fit is None:
            return "too few systems"
        between = wording.interval(self.fit.doubling_time_low, self.fit.doubling_time_high)
        return f"{wording.quantity(self.months, 'months')} ({between})"

    @property
    def moore(self) -> float | None:
        """Growth under Moore's law meanwhile."""
        months = self.study.assumptions.moore_doubling_months
        return self.growth.moore(months) if self.growth else None


@lru_cache(maxsize=4)
def outcomes(dataset: Dataset) -> tuple[Outcome, ...]:
    """The baseline, then every scenario from the shortest doubling time to the longest."""
    found = [_outcome(dataset, name) for name in scenario_names()]
    found.sort(key=lambda outcome: outcome.months)
    return (_outcome(dataset, BASELINE), *found)


@family("scenarios")
def scenario_results(study: Study) -> Named:
    """The headline of every scenario."""
    every = outcomes(study.dataset)
    fitted = [outcome for outcome in every if outcome.fit]
    yield "scenarios.count", Result(float(len(every) - 1), "scenarios", page=PAGE, how="a count")
    ends = {"shortest": min(fitted, key=_months), "longest": max(fitted, key=_months)}
    for end, outcome in ends.items():
        yield f"scenarios.{end}.doubling_time_months", Result(
            outcome.months, "months", page=PAGE, how=f"the {end} of all, of {outcome.title}"
        )
    for outcome in fitted:
        yield from _results(outcome)


def _results(outcome: Outcome) -> Named:
    fit, growth = outcome.fit, outcome.growth
    if fit is None or growth is None:
        return
    prefix, how = f"scenarios.{outcome.name}", f"least squares under {outcome.altered}"
    yield from pace_results(prefix, fit, PAGE, how)
    yield f"{prefix}.factor", Result(growth.factor, "times", page=PAGE, how=(
        f"{growth.largest} over {growth.first} under {outcome.altered}"
    ))
    yield f"{prefix}.points", Result(float(fit.points), "systems", page=PAGE, how="a count")
    yield f"{prefix}.moore_factor", Result(outcome.moore, "times", page=PAGE, how=(
        f"Moore's law over the same {growth.months:.1f} months"
    ))


@lists("scenario_comparison")
def scenario_comparison(study: Study, books: str = "") -> HtmlTable:
    """The headline of every scenario, one a row.

    Parameters
    ----------
    books
        Names of the scenarios whose own book lies in this site, separated by commas.
    """
    linked = set(books.split(","))
    rows = [_row(outcome, outcome.name in linked) for outcome in outcomes(study.dataset)]
    head = ["Scenario", "Doubling time (months)", "Growth a year", "First to largest",
            "Moore's law meanwhile", "Systems", "Alters"]
    return HtmlTable(head, rows, sortable=True, name="scenario-comparison",
                     minor=("Moore's law meanwhile", "Systems", "Alters"),
                     caption="The headline under every scenario")


def _row(outcome: Outcome, linked: bool) -> list[Cell]:
    target = f"page:{BOOKS}/{outcome.name}/index.html" if linked else ""
    fit, growth, moore = outcome.fit, outcome.growth, outcome.moore
    months, growth_a_year = "too few systems", "–"
    if fit is not None:
        between = wording.interval(fit.doubling_time_low, fit.doubling_time_high)
        months = f"{wording.number(outcome.months)} ({between})"
        between = wording.interval(fit.growth_per_year_low, fit.growth_per_year_high)
        growth_a_year = f"{wording.number(fit.growth_per_year)}× ({between})"
    # A long name and its value stand in two lines where there is no room for one.
    altered = f"<code>{html.escape(outcome.altered).replace('=', '=<wbr>')}</code>"
    return [
        Cell(tables.anchor(outcome.title, target)),
        tables.number(months, outcome.months),
        tables.number(growth_a_year, fit.growth_per_year if fit else None),
        tables.number(wording.quantity(growth.factor if growth else None, "times"),
                      growth.factor if growth else None),
        tables.number(wording.quantity(moore, "times"), moore),
        tables.number(str(fit.points) if fit else "–", fit.points if fit else None),
        Cell(altered if outcome.name != BASELINE else "–"),
    ]


@figure_maker("scenario_trends")
def scenario_trends(study: Study) -> Figure:
    """The fitted line of every scenario on one chart."""
    fitted = [outcome for outcome in outcomes(study.dataset) if outcome.fit]
    kinds = _kinds(fitted)
    table = pd.concat([_line(outcome, kinds[outcome.name]) for outcome in fitted],
                      ignore_index=True)
    shortest, longest = min(fitted, key=_months), max(fitted, key=_months)
    finding = (
        f"Across {len(fitted) - 1} scenarios the doubling time runs from "
        f"{wording.quantity(shortest.months, 'months')} ({shortest.title}) to "
        f"{wording.quantity(longest.months, 'months')} ({longest.title})"
    )
    return Figure(
        name="scenario_trends",
        caption=f"{finding}. Each line is the least-squares fit of one scenario, over the dates of "
        "the systems it takes in.",
        alt=f"{finding}: lines of fitted training compute against the date, the baseline bold.",
        table=table,
        draw=partial(scenario_lines.trends, table),
    )


@figure_maker("scenario_intervals")
def scenario_intervals(study: Study) -> Figure:
    """The doubling time of every scenario with its interval."""
    fitted = sorted((o for o in outcomes(study.dataset) if o.fit), key=_months)
    baseline = next(o for o in fitted if o.name == BASELINE)
    inside = [o for o in fitted if o.name != BASELINE and _within(o, baseline)]
    kinds = _kinds(fitted)
    # An interval without an upper end is drawn to the widest that has one.
    ends = [o.fit.doubling_time_high for o in fitted if o.fit]
    widest = max((end for end in ends if math.isfinite(end)), default=max(map(_months, fitted)))
    table = pd.DataFrame([
        {"scenario": o.title, "name": o.name, "months": o.months, "low": o.fit.doubling_time_low,
         "high": min(o.fit.doubling_time_high, widest), "shown": o.shown, "kind": kinds[o.name]}
        for o in fitted if o.fit
    ])
    finding = (
        f"In {len(inside)} of {len(fitted) - 1} scenarios the doubling time lies in the interval "
        "of the baseline"
    )
    return Figure(
        name="scenario_intervals",
        caption=f"{finding}, {baseline.shown}. Bars are the intervals of the "
        "fits; the shade is the baseline's.",
        alt=f"{finding}: doubling times with their intervals, one scenario a row.",
        table=table,
        draw=partial(scenario_lines.intervals, table),
    )


def _outcome(dataset: Dataset, name: str) -> Outcome:
    content: dict[str, Any] = {"title": "The baseline", "assumptions": {}}
    if name != BASELINE:
        content = load_scenario(name)
    assumptions = parse_assumptions(content["assumptions"])
    altered = ", ".join(f"{n}={as_text(v)}" for n, v in assumptions.changed().items())
    study = Study(dataset, assumptions)
    title, altered = str(content["title"]), altered or "the defaults"
    try:
        growth = study.growth_by(assumptions.values)
        return Outcome(name, title, altered, study, study.fit, growth)
    except FitError:
        return Outcome(name, title, altered, study, None, None)


def _months(outcome: Outcome) -> float:
    return outcome.months


def _within(outcome: Outcome, baseline: Outcome) -> bool:
    fit = baseline.fit
    return fit is not None and fit.doubling_time_low <= outcome.months <= fit.doubling_time_high


def _kinds(fitted: list[Outcome]) -> dict[str, str]:
    """What a line is: the baseline, one of the two extremes, or another scenario."""
    others = [o for o in fitted if o.name != BASELINE]
    kinds = {o.name: scenario_lines.OTHER for o in others}
    kinds[BASELINE] = scenario_lines.BASELINE
    if len(others) > 1:
        kinds[min(others, key=_months).name] = scenario_lines.SHORTEST
        kinds[max(others, key=_months).name] = scenario_lines.LONGEST
    return kinds


def _line(outcome: Outcome, kind: str) -> pd.DataFrame:
    fit = outcome.fit
    if fit is None:
        return pd.DataFrame()
    line = fit.line(pd.Series([fit.first, fit.last]))
    return pd.DataFrame({
        "scenario": outcome.title, "date": line["date"], "pfs_days": line["pfs_days"],
        "kind": kind, "shown": outcome.shown,
    })
