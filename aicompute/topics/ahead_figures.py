"""The figures and tables of what the trend costs."""

from __future__ import annotations

import pandas as pd

from aicompute import palette, tables, wording
from aicompute.analysis import frontier, price, run_cost
from aicompute.analysis.price import PriceTrend
from aicompute.charts.named_points import Ground, Line
from aicompute.errors import CallError
from aicompute.figures import Figure, figure_maker
from aicompute.listings import lists
from aicompute.results import Results
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.topics.ahead import PRICED, SUMS, prices
from aicompute.topics.point_figures import point_figure

GAMES, CENTRES = palette.DOMAINS["games"], palette.DOMAINS["vision"]
#: Cards named in the chart; the others stand too close.
NAMED = ("gtx_580", "k40", "k80", "p100", "v100_fp16", "a100_bf16", "h100_bf16", "gtx_1080_ti",
         "rtx_4090", "gtx_280", "titan_x", "rtx_3090")
SUM_WORDS = {
    "ten_million": "10 million", "hundred_million": "100 million", "billion": "1 billion",
    "ten_billion": "10 billion", "hundred_billion": "100 billion", "trillion": "1 trillion",
}


def _known(study: Study) -> PriceTrend:
    found = prices(study)
    if found is None:
        raise CallError("prices: too few cards of chips.csv have a price for a trend")
    return found


@figure_maker("ahead_price")
def price_figure(study: Study) -> Figure:
    """What a dollar buys: every card with a price, and the line of the market a run buys in."""
    cards, found = price.priced_chips(study.dataset, study.assumptions), _known(study)
    own = cards["market"] == study.assumptions.price_market
    points = pd.DataFrame({
        "x": cards["date"], "y": cards["per_dollar"] / 1e9, "low": cards["per_dollar"] / 1e9,
        "high": cards["per_dollar"] / 1e9, "name": cards["name"],
        "label": [str(r["name"]).partition(",")[0].partition(" (")[0] if r["chip_id"] in NAMED
                  else "" for r in cards.to_dict("records")],
        "shown": [f"{wording.number(v / 1e9)} GFLOP/s a dollar" for v in cards["per_dollar"]],
        "colour": [CENTRES if m == "data_centre" else GAMES for m in cards["market"]],
    })
    dates = pd.Series(pd.date_range("2008-01-01", "2023-10-01", periods=40))
    values = [[v / 1e9 for v in found.at(day)] for day in dates]
    band = pd.DataFrame(values, columns=["y", "low", "high"]).assign(x=dates)
    years = Results(study)["ahead.price.doubling_time_years"]
    finding = (f"The rating a dollar buys doubled every {wording.quantity(years.value, 'years')} "
               f"({wording.interval(years.low, years.high)}, {found.points} cards)")
    ground = Ground(dates[0], dates[39], 0.3, 100, wide=360, narrow=340,
                    y_title="GFLOP/s a dollar buys (log scale)")
    legend = ("Blue: cards for data centres; green: cards for games; each at its price at launch. "
              "Line: the market the assumption names, with its interval; log scale.")
    lines = [Line(band, palette.TREND)]
    return point_figure("ahead_price", finding, legend, points, lines, ground,
                        cards.assign(in_line=own))


@figure_maker("ahead_cost")
def cost_figure(study: Study) -> Figure:
    """The price of the chips of a run on the trend, drawn on to the sum that is asked for."""
    found, results = _known(study), Results(study)
    dates = pd.Series(pd.date_range("2012-06-01", "2028-06-01", periods=60))
    line = run_cost.cost_line(dates, study.fit, found, study.assumptions).rename(
        columns={"date": "x", "usd": "y"})
    line = line.assign(low=line["low"].clip(lower=1.0), high=line["high"].clip(upper=1e16))
    flat = [Line(pd.DataFrame({"x": dates, "y": usd}), palette.MOORE, words, (5, 4))
            for usd, words in ((1e7, "10 million dollars"), (1e12, "1 trillion dollars"))]
    systems = study.estimates[study.estimates["system_id"].isin(PRICED)]
    cost = [run_cost.purchase(float(row["published_pfs_days"]), row["date"], found,
                              study.assumptions) for row in systems.to_dict("records")]
    points = pd.DataFrame({
        "x": systems["date"].to_numpy(), "y": [c[0] for c in cost], "low": [c[1] for c in cost],
        "high": [c[2] for c in cost], "label": systems["name"].to_numpy(),
        "name": systems["name"].to_numpy(), "colour": palette.WARN,
        "shown": [f"{wording.number(c[0] / 1e6)} million dollars" for c in cost],
    })
    years = results["ahead.run_cost.years_after"]
    finding = (f"On the trend the chips of one run would cost "
               f"{wording.quantity(results['ahead.run_cost.billion_usd'].value, 'billion dollars')}"
               f" {wording.quantity(years.value, 'years')} after the article "
               f"({wording.interval(years.low, years.high)})")
    ground = Ground(dates[0], dates[59], 1e2, 1e16,
                    y_title="Price of a run's chips (dollars, log scale)")
    legend = ("Line: compute on the fitted line at the fitted price, shaded: the interval of both; "
              "red: what later runs took, at the same price line; log scale.")
    lines = [Line(line, palette.TREND), *flat]
    return point_figure("ahead_cost", finding, legend, points, lines, ground, line)


@lists("ahead_dates")
def dates_table(study: Study) -> HtmlTable:
    """When the chips of a run on the trend would cost each sum."""
    found, rows = _known(study), []
    wanted = [(f"{SUM_WORDS[name]} dollars", usd) for name, usd in SUMS.items()]
    if study.assumptions.run_cost_usd not in SUMS.values():
        wanted.append((f"{study.assumptions.run_cost_usd:,.0f} dollars",
                       study.assumptions.run_cost_usd))
    for words, usd in wanted:
        days = run_cost.date_of_cost(usd, study.fit, found, study.assumptions)
        rows.append([tables.text(words), *[_month(day) for day in days]])
    return HtmlTable(["Price of the chips", "Reached", "At the earliest", "At the latest"], rows,
                     caption="When the chips of a run on the trend would cost a sum")


def _month(day: pd.Timestamp | None) -> tables.Cell:
    if day is None:
        return tables.text("not within two centuries")
    return tables.Cell(f"{day:%B %Y}", sort=f"{day:%Y%m}")


@lists("ahead_runs")
def runs_table(study: Study) -> HtmlTable:
    """What the chips of some runs would cost, bought, and written off for the run."""
    results, rows = Results(study), []
    names = dict(zip(study.estimates["system_id"], study.estimates["name"], strict=True))
    for key, words in [("at_article", f"a run on the line, {frontier.ARTICLE:%B %Y}"),
                       *[(s, names[s]) for s in PRICED]]:
        cells = []
        for part in ("purchase", "written_off"):
            result = results[f"ahead.{key}.{part}_million_usd"]
            cells += [tables.number(wording.number(result.value), result.value),
                      tables.text(wording.interval(result.low, result.high))]
        rows.append([tables.text(words), *cells])
    return HtmlTable(["Run", "Bought (million dollars)", "Interval", "Written off", "Interval"],
                     rows,
                     caption="What the chips of a run would cost to buy, and the part that is "
                             "written off for the run")
