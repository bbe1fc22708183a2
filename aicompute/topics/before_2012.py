"""The systems before 2012: their pace, one line or two eras, and where the trend bends."""

from __future__ import annotations

import html
import math
from functools import cache

import pandas as pd

from aicompute import listings, palette, tables, wording
from aicompute.analysis import frontier
from aicompute.analysis.break_models import TwoSlopes
from aicompute.charts.named_points import Ground, Line
from aicompute.figures import Figure, figure_maker, short_name
from aicompute.listings import lists
from aicompute.results import Named, Result, Results, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable
from aicompute.topics.fit_results import bend_results, fit_or_none, fit_results
from aicompute.topics.point_figures import point_figure
from aicompute.trend import FitError
from aicompute.units import DAYS_PER_YEAR

WHOSE = {
    "digitised": "the addendum's chart, read off by Epoch AI",
    "estimated": "a count by Epoch AI",
}


@cache
def _bend(study: Study) -> TwoSlopes | None:
    try:
        return frontier.bend(_joined(study), study)
    except FitError:
        return None


def _joined(study: Study) -> pd.DataFrame:
    early = frontier.early_systems(study)
    return pd.concat([early, study.fitted], ignore_index=True).sort_values(
        "date", kind="stable", ignore_index=True)


@family("before_2012")
def before_results(study: Study) -> Named:
    """Doubling times before 2012, one line against two, and the date of the bend."""
    page = "before_2012#the-pace-before-2012"
    early, all_nine = frontier.early_systems(study), frontier.early_systems(study, "all")
    digitised = frontier.early_systems(study, "digitised")
    for name, table, what in (
        ("chosen", early, "before 2012, as the assumptions choose"),
        ("all", all_nine, "before 2012, every value there is"),
        ("digitised", digitised, "before 2012, those read off the addendum's chart"),
        ("perceptron_1959", frontier.with_addendum_date(all_nine),
         "before 2012, the Perceptron at 1959"),
    ):
        fit = fit_or_none(table, study)
        yield from fit_results(f"before_2012.{name}", fit, page, what)
        if fit is not None:
            yield f"before_2012.{name}.r_squared", Result(
                fit.r_squared, "", page=page, how=f"{fit.points} systems")
    growth = (digitised["pfs_days"].iloc[-1] / digitised["pfs_days"].iloc[0],
              (digitised["date"].iloc[-1] - digitised["date"].iloc[0]).days)
    yield "before_2012.two_points.factor", Result(
        growth[0], "times", page="before_2012#two-points-by-hand",
        how=f"{digitised['name'].iloc[-1]} over {digitised['name'].iloc[0]}")
    yield "before_2012.two_points.years", Result(
        growth[1] / DAYS_PER_YEAR, "years", page="before_2012#two-points-by-hand",
        how="between the two")
    doublings = math.log2(growth[0])
    yield "before_2012.two_points.doubling_time_months", Result(
        growth[1] / study.assumptions.days_per_month / doublings, "months",
        page="before_2012#two-points-by-hand", how="the years over the doublings")
    yield from _eras(study)


def _eras(study: Study) -> Named:
    page = "before_2012#one-line-or-two-eras"
    try:
        eras = frontier.two_eras(_joined(study), study)
    except FitError:
        eras = None
    if eras is not None:
        yield from fit_results("before_2012.one_line", eras.one_line, page, "all, in one line")
        yield "before_2012.two_eras.f_statistic", Result(
            eras.f_statistic, "", page=page, how="F test of a second line from 2012 on")
        yield "before_2012.two_eras.p_value", Result(
            eras.p_value, "", page=page, how="the same test")
        yield "before_2012.two_eras.bic_gain", Result(
            eras.bic_gain, "", page=page, how="BIC of one line less that of two")
        yield "before_2012.two_eras.times_faster", Result(
            eras.after.slope / eras.before.slope, "times", page=page,
            how="slope from 2012 on over the slope before")
    bend = _bend(study)
    if bend is None:
        return
    page = "before_2012#where-the-trend-bends"
    how = f"one bend at the date least squares likes best; {bend.confidence:.0%} by resampling"
    yield "before_2012.bend.years_before_2012", Result(
        _years(bend.break_date), "years", _years(bend.high), _years(bend.low), page, how)
    yield "before_2012.bend.earliest_years_before_2012", Result(
        _years(bend.low), "years", page=page, how=f"early end of the interval of {how}")
    yield "before_2012.bend.latest_years_after_2012", Result(
        -_years(bend.high), "years", page=page, how=f"late end of the interval of {how}")
    yield from bend_results("before_2012.bend", bend, page, how)


def _years(date: pd.Timestamp) -> float:
    return float((frontier.SECOND_ERA - date).days / DAYS_PER_YEAR)


@figure_maker("before_2012")
def before_figure(study: Study) -> Figure:
    """The systems of both eras with one bent line and one straight line."""
    table = _joined(study)
    bend, results = _bend(study), Results(study)
    names = [short_name(row) if row["set"] == "before_2012" or row["system_id"] in
             ("alexnet", "alphago_zero", "dqn") else "" for row in table.to_dict("records")]
    points = pd.DataFrame({
        "x": table["date"], "y": table["pfs_days"], "low": table["pfs_days"],
        "high": table["pfs_days"], "label": names, "name": table["name"],
        "shown": [wording.quantity(v, "pfs-days") for v in table["pfs_days"]],
        "colour": [_colour(row) for row in table.to_dict("records")],
        "from": [WHOSE.get(str(row.get("kind")), "the article's chart")
                 for row in table.to_dict("records")],
    })
    dates = pd.Series(pd.date_range(table["date"].min(), table["date"].max(), periods=60))
    lines = []
    one = fit_or_none(table, study)
    if one is not None:
        straight = one.line(dates).rename(columns={"date": "x", "pfs_days": "y"})
        lines.append(Line(straight[["x", "y"]], palette.MOORE, "one line", (5, 4)))
    if bend is not None:
        corner = frontier.bent_line(bend, table)
        lines.append(Line(corner.rename(columns={"date": "x", "pfs_days": "y"}), palette.TREND))
    early = results["before_2012.chosen.doubling_time_months"]
    words = "no bend could be fitted"
    if bend is not None:
        words = (f"a bend fits best in {bend.break_date:%B %Y} ({bend.low:%Y} to {bend.high:%Y})")
    finding = (f"Before 2012 compute doubled every {wording.quantity(early.value, 'months')} "
               f"({wording.interval(early.low, early.high)}); {words}")
    ground = Ground(pd.Timestamp("1955-01-01"), pd.Timestamp("2023-01-01"), 1e-15, 1e5)
    legend = ("Grey: Epoch AI's own counts; brown: read off the addendum's chart; blue: the "
              "article's chart. Solid: one bent line; dashed: one straight line; log scale.")
    return point_figure("before_2012", finding, legend, points, lines, ground)


def _colour(row: dict[object, object]) -> str:
    if row["set"] == "chart":
        return palette.DOMAINS["vision"]
    return palette.MOORE if row.get("kind") == "digitised" else palette.DOMAINS["general"]


@lists("before_2012")
def before_table(study: Study) -> HtmlTable:
    """Every system before 2012, its value and whose it is."""
    rows = []
    notes = {r["system_id"]: r["note"] for r in study.dataset.rows("published")}
    for row in frontier.early_systems(study, "all").to_dict("records"):
        rows.append([
            tables.text(row["name"]), tables.text(f"{row['date']:%Y-%m}"),
            tables.text(row["organization"]),
            tables.number(wording.number(row["pfs_days"]), row["pfs_days"]),
            tables.text(WHOSE[row["kind"]]), listings.source_cell(study, row["source_key"]),
            Cell(html.escape(str(notes[row["system_id"]] or ""))),
        ])
    head = ["System", "Published", "Organization", "pfs-days", "Whose value", "Source", "Note"]
    return HtmlTable(head, rows, caption="The systems before 2012, and whose value each has")
