"""The systems after the article against its line, their own pace, and what others found."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pandas as pd

from aicompute import figures, listings, palette, tables, trend, wording
from aicompute.analysis import frontier
from aicompute.analysis.break_models import TwoSlopes
from aicompute.charts import named_points
from aicompute.charts.named_points import Ground, Line
from aicompute.figures import Figure, figure_maker
from aicompute.listings import lists, number_cell
from aicompute.results import Named, Result, Results, family
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.topics.fit_results import bend_results, fit_or_none, fit_results
from aicompute.topics.point_figures import point_figure
from aicompute.trend import FitError

#: Last days of the re-analyses that ours are held beside.
SEVILLA, EPOCH = "2022-02-11", "2024-05-31"
#: Labelled in the chart; the others are too close to each other.
LABELLED = ("alexnet", "dqn", "alphago_zero", "gpt_1", "gpt_3", "palm", "gpt_4",
            "llama_3_1_405b", "grok_3", "deepseek_v3")
#: What a table of others' statements shows, by their kind.
FORECASTS = {
    "forecast": "What others expected, beside what comes out here",
    "reanalysis": "What others found in the same years, beside what comes out here",
}


@cache
def _bends(study: Study) -> dict[str, TwoSlopes | None]:
    table = frontier.systems(study, "chart", "later")
    found: dict[str, TwoSlopes | None] = {}
    for name, part in (("all", table), ("records", trend.record_setters(table))):
        try:
            found[name] = frontier.bend(part, study)
        except FitError:
            found[name] = None
    return found


@family("after_2018")
def after_results(study: Study) -> Named:
    """Each system below the line, the pace since, and joint fits."""
    yield from _below(study)
    yield from _paces(study)
    yield from _joint(study)


def _below(study: Study) -> Named:
    page = "after_2018#below-the-line"
    table = frontier.below_line(study.fit, frontier.systems(study, "later"))
    for row in table.to_dict("records"):
        yield f"after_2018.{row['system_id']}.below_line", Result(
            row["below"], "times", row["below_low"], row["below_high"], page,
            "the line drawn on to its date over its compute; interval: the ends of the band")
    by_id = table.set_index("system_id")
    yield "after_2018.gpt_3.line_pfs_days", Result(
        by_id["line"]["gpt_3"], "pfs-days", by_id["band_low"]["gpt_3"],
        by_id["band_high"]["gpt_3"], page, "the fitted line drawn on to its date, with its band")
    yield "after_2018.gpt_3.band_decades", Result(
        math.log10(by_id["band_high"]["gpt_3"] / by_id["band_low"]["gpt_3"]), "decades", page=page,
        how="powers of ten between the ends of the band on its date")
    yield "after_2018.systems", Result(float(len(table)), "systems", page=page, how="a count")
    yield "after_2018.reaching_line", Result(
        float((table["below"] <= 1).sum()), "systems", page=page, how="on or above the line")
    yield "after_2018.inside_band", Result(
        float(table["inside"].sum()), "systems", page=page,
        how="inside the band for one further system")
    nearest = table.loc[table["below"].idxmin()]
    yield "after_2018.nearest.below_line", Result(
        nearest["below"], "times", page=page, how=f"{nearest['name']}, the nearest to the line")
    first = study.estimates.set_index("system_id")["published_pfs_days"]
    yield "after_2018.gpt_3.over_alexnet", Result(
        first["gpt_3"] / first["alexnet"], "times", page=page, how="compute of GPT-3 over AlexNet")


def _paces(study: Study) -> Named:
    page = "after_2018#the-pace-since"
    both = frontier.systems(study, "chart", "later")
    records = frontier.records_since(both, frontier.ARTICLE)
    for name, table, what in (
        ("records", records, "record setters since AlphaGo Zero"),
        ("later", frontier.systems(study, "later"), "all of ours after the article"),
        ("until_2022", frontier.between(both, "2010-01-01", SEVILLA), "2012 to February 2022"),
        ("until_2024", frontier.between(both, "2010-01-01", EPOCH), "2012 to May 2024"),
        ("records_until_2022", frontier.between(
            trend.record_setters(both), "2015-09-01", SEVILLA), "record setters, 2015 to 2022"),
        ("one_line", both, "2012 to the latest, in one line"),
    ):
        yield from fit_results(f"after_2018.{name}", fit_or_none(table, study), page, what)
    if len(records) > 1:
        growth = trend.growth(records.head(2), study.assumptions.days_per_month)
        yield "after_2018.first_record.doubling_time_months", Result(
            growth.months / math.log2(growth.factor), "months", page=page,
            how=f"{growth.first} to {growth.largest}, the next to take more; two points alone")
        yield "after_2018.first_record.months", Result(
            growth.months, "months", page=page, how=f"from {growth.first} to {growth.largest}")


def _joint(study: Study) -> Named:
    page = "after_2018#one-line-or-two"
    both = frontier.systems(study, "chart", "later")
    try:
        eras = frontier.two_eras(both, study, frontier.ARTICLE)
    except FitError:
        eras = None
    if eras is not None:
        yield "after_2018.two_eras.p_value", Result(
            eras.p_value, "", page=page, how="F test of a second line from the article on")
        yield "after_2018.two_eras.bic_gain", Result(
            eras.bic_gain, "", page=page, how="BIC of one line less that of two")
    for name, bend in _bends(study).items():
        if bend is None:
            continue
        how = f"one bend at the best date, {name}; {bend.confidence:.0%} by resampling"
        yield from bend_results(f"after_2018.bend_{name}", bend, page, how)
        years = [(day - frontier.ARTICLE).days / 365.25
                 for day in (bend.break_date, bend.low, bend.high)]
        yield f"after_2018.bend_{name}.years_after_article", Result(
            years[0], "years", years[1], years[2], page, how)
        for end, value in (("years_before", -years[0]), ("earliest_years_before", -years[1]),
                           ("latest_years_after", years[2])):
            yield f"after_2018.bend_{name}.{end}", Result(value, "years", page=page, how=how)


@figure_maker("after_2018")
def after_figure(study: Study) -> Figure:
    """The article's line drawn on, its band, and what came."""
    both = frontier.systems(study, "chart", "later")
    points = pd.DataFrame({
        "x": both["date"], "y": both["pfs_days"], "low": both["pfs_days"],
        "high": both["pfs_days"], "name": both["name"],
        "label": [figures.short_name(r) if r["system_id"] in LABELLED else ""
                  for r in both.to_dict("records")],
        "shown": [wording.quantity(v, "pfs-days") for v in both["pfs_days"]],
        "colour": [palette.DOMAINS[d] for d in both["domain"]],
    })
    dates = pd.Series(pd.date_range(both["date"].min(), both["date"].max(), periods=60))
    line = study.fit.line(dates)
    lines = [Line(pd.DataFrame({
        "x": dates, "y": line["pfs_days"], "low": line["point_low"].clip(lower=1e-6),
        "high": line["point_high"].clip(upper=1e12)}), palette.TREND, "the article's line")]
    later = fit_or_none(frontier.systems(study, "later"), study)
    if later is not None:
        own = later.line(dates[dates >= frontier.ARTICLE].reset_index(drop=True))
        lines.append(Line(own[["date", "pfs_days"]].rename(
            columns={"date": "x", "pfs_days": "y"}), palette.WARN, "since 2018", (5, 4)))
    results = Results(study)
    count, reaching = results["after_2018.systems"], results["after_2018.reaching_line"]
    gpt_3 = results["after_2018.gpt_3.below_line"]
    reached = wording.number(reaching.value) if reaching.value else "None"
    finding = (f"{reached} of {wording.number(count.value)} later systems reaches the line of the "
               f"article drawn on; GPT-3 lies {wording.quantity(gpt_3.value, 'times')} below it")
    ground = Ground(pd.Timestamp("2012-01-01"), pd.Timestamp("2025-12-31"), 1e-6, 1e12,
                    narrow=560)  # lower, labels would cover dots
    legend = ("Solid: the line fitted to the chart's systems, shaded: its band for one further "
              "system; dashed: the line of the later systems alone; "
              f"{named_points.DOMAIN_WORDS}; log scale.")
    return point_figure("after_2018", finding, legend, points, lines, ground)


@lists("after_2018")
def after_table(study: Study) -> HtmlTable:
    """Every later system: compute, the line on its date, and how far below it lies."""
    table = frontier.below_line(study.fit, frontier.systems(study, "later"))
    found = {r["system_id"]: r for r in study.dataset.rows("published")}
    rows = []
    for row in table.to_dict("records"):
        source: Any = found[row["system_id"]]
        rows.append([
            tables.text(row["name"]), tables.text(f"{row['date']:%Y-%m-%d}"),
            tables.number(wording.number(row["pfs_days"]), row["pfs_days"]),
            tables.text(source["kind"]),
            tables.number(wording.number(row["line"]), row["line"]),
            tables.number(wording.quantity(row["below"], "times"), row["below"]),
            tables.text("yes" if row["inside"] else "no"),
            listings.source_cell(study, source["source_key"]),
        ])
    head = ["System", "Published", "pfs-days", "Value", "The line that day", "Below the line",
            "In the band", "Source"]
    return HtmlTable(head, rows, sortable=True,
                     caption="The later systems, and how far each lies below the article's line",
                     minor=("Published", "The line that day", "In the band", "Source"))


@lists("forecasts")
def forecast_table(study: Study, kind: str) -> HtmlTable:
    """What others found or expected beside what we get, and whether the ranges overlap."""
    results, rows = Results(study), []
    for row in study.dataset.rows("forecasts"):
        if row["kind"] != kind:
            continue
        ours = results[str(row["result"])]
        rows.append([
            tables.text(row["statement"]), number_cell(results, str(row["result"])),
            tables.text("–" if ours.low is None and ours.high is None
                        else wording.interval(ours.low, ours.high)),
            tables.text(verdict(row, ours)), listings.source_cell(study, str(row["source_key"])),
        ])
    return HtmlTable(["Stated", "Ours", "Interval", "Verdict", "Source"], rows,
                     caption=FORECASTS[kind])


def verdict(row: dict[str, Any], ours: Result) -> str:
    """Whether what is stated and what we get overlap, or how far apart they are.

    A bare value agrees where it lies in our interval, or within a tenth of our bare value.
    """
    if ours.value is None:
        return "cannot be held against ours"
    ends = [row["stated_low"], row["stated_high"]]
    if ends == [None, None]:
        ends = [row["stated"], row["stated"]]
    low = -float("inf") if ends[0] is None else float(ends[0])
    high = float("inf") if ends[1] is None else float(ends[1])
    bare = ours.low is None and ours.high is None
    least, most = (ours.value * 0.9, ours.value * 1.1) if bare else (
        -float("inf") if ours.low is None else ours.low,
        float("inf") if ours.high is None else ours.high)
    if least <= high and low <= most:
        return "agrees"
    return "ours is lower" if most < low else "ours is higher"
