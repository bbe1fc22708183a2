"""The figures and tables of the debate."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from aicompute import figures, listings, palette, tables, wording
from aicompute.analysis import debate
from aicompute.charts import COMPUTE, side_by_side
from aicompute.charts.named_points import DOMAIN_WORDS, Ground, Line
from aicompute.figures import Figure, figure_maker
from aicompute.listings import lists
from aicompute.results import Results
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.topics.debate import LAST
from aicompute.topics.fit_results import fit_or_none
from aicompute.topics.point_figures import point_figure

PART_WORDS = {
    "chips": "chips at a time", "rating": "rating of a chip", "days": "days",
    "utilization": "utilization", "further": "further factors",
}
BLUE, ORANGE = palette.DOMAINS["vision"], palette.DOMAINS["language"]
TASKS = {"wmt_2014_en_fr": "English to French", "wmt_2014_en_de": "English to German"}


def _points(table: pd.DataFrame, colour: pd.Series | str, y: str = "pfs_days",
            unit: str = "pfs-days") -> pd.DataFrame:
    return pd.DataFrame({
        "x": table["date"], "y": table[y], "low": table[y], "high": table[y],
        "label": [figures.short_name(row) for row in table.to_dict("records")],
        "name": table["name"], "shown": [wording.quantity(v, unit) for v in table[y]],
        "colour": colour,
    }).reset_index(drop=True)


@figure_maker("debate_alphabet")
def alphabet(study: Study) -> Figure:
    """The chart's systems in two groups, each with its own line."""
    table, results = study.fitted, Results(study)
    own = table["is_alphabet"]
    points = _points(table, np.where(own, ORANGE, BLUE))
    dates = pd.Series(pd.date_range(table["date"].min(), table["date"].max(), periods=24))
    lines = []
    for group, colour, words in ((own, ORANGE, "Alphabet"),
                                 (~own, BLUE, "the rest")):
        fit = fit_or_none(table[group], study)
        if fit is not None:
            line = fit.line(dates)
            lines.append(Line(pd.DataFrame({"x": dates, "y": line["pfs_days"]}), colour, words))
    rest = results["debate.without_alphabet.doubling_time_months"]
    finding = (f"Without Alphabet's papers compute doubled every "
               f"{wording.quantity(rest.value, 'months')} "
               f"({wording.interval(rest.low, rest.high)})")
    ground = Ground(pd.Timestamp("2012-01-01"), pd.Timestamp("2018-09-01"), 1e-5, 1e4)
    legend = ("Orange: published by Alphabet; blue: the rest, each with its own least-squares "
              "line; log scale.")
    plotted = points.drop(columns=["label", "colour"]).assign(is_alphabet=own.to_numpy())
    return point_figure("debate_alphabet", finding, legend, points, lines, ground, plotted)


@figure_maker("debate_parts")
def parts(study: Study) -> Figure:
    """The growth from AlexNet to AlphaGo Zero as the product of four factors."""
    results, rows = Results(study), []
    for part in ("chips", "rating", "days", "utilization"):
        name = f"debate.parts.{LAST}.{part}"
        factor, share = results[f"{name}.factor"], results[f"{name}.share"]
        value = float(factor.value or 1.0)
        rows.append({
            "label": PART_WORDS[part], "start": 1.0, "factor": value,
            "low": factor.low, "high": max(float(factor.high or value), 1.0),
            "shown": f"{wording.quantity(value, 'times')} "
                     f"({wording.share(round(share.value or 0.0, 2))})",
            "share": share.value, "colour": BLUE if value >= 1 else palette.WARN,
        })
    table = pd.DataFrame(rows)
    largest = table.loc[table["share"].idxmax()]
    product = results[f"debate.parts.{LAST}.product"]
    finding = (f"Of the {wording.quantity(product.value, 'times')} from AlexNet to AlphaGo Zero, "
               f"{largest['label']} gave {wording.quantity(largest['factor'], 'times')}, "
               f"{wording.share(round(largest['share'], 2))} of the logarithm of the growth")
    return Figure(
        name="debate_parts",
        caption=f"{finding}. The four factors multiply to the growth; lines: the "
                "range of the number of chips, which is guessed; utilization: what is left; "
                "log scale.",
        alt=f"{finding}.",
        table=table.drop(columns=["start", "colour"]),
        draw=partial(side_by_side.factor_bars, table, title="Growth (times, log scale)"),
    )


@figure_maker("debate_chips")
def chips(study: Study) -> Figure:
    """Chips that ran at the same time, by date, against what one machine holds."""
    table, results = debate.chip_runs(study, "chart"), Results(study)
    points = _points(table, pd.Series([palette.DOMAINS[d] for d in table["domain"]]),
                     "chips", "chips").assign(low=table["chips_low"], high=table["chips_high"])
    dates = pd.Series(pd.date_range("2012-01-01", "2018-09-01", periods=24).normalize())
    machine = pd.DataFrame({"x": dates, "y": float(debate.CHIPS_IN_A_MACHINE)})
    lines = [Line(machine, palette.MOORE, f"one machine: {debate.CHIPS_IN_A_MACHINE} chips",
                  (5, 4))]
    before, since = (results[f"debate.machines.{n}"] for n in ("before_2015", "since_2015"))
    of_before, of_since = (results[f"debate.machines.{n}_of"]
                           for n in ("before_2015", "since_2015"))
    none = f"{before.value:.0f}" if before.value else "None"
    finding = (f"{none} of {of_before.value:.0f} runs before 2015 and "
               f"{since.value:.0f} of {of_since.value:.0f} since took more chips than one "
               "machine holds")
    ground = Ground(dates.iloc[0], dates.iloc[-1], 0.5, 1e4,
                    y_title="Chips at the same time (log scale)")
    legend = ("The chips of GoogLeNet and AlphaGo Zero are guessed; bars: their range; "
              f"{DOMAIN_WORDS}; log scale.")
    plotted = table[["system_id", "name", "date", "chips", "chips_low", "chips_high", "chip",
                     "rating", "days", "guessed", "basis"]]
    return point_figure("debate_chips", finding, legend, points, lines, ground, plotted)


@figure_maker("debate_errors")
def errors(study: Study) -> Figure:
    """Error on ImageNet against training compute."""
    table = debate.accuracy(study, "imagenet_2012", "top_5_error", "ten_crops")
    law = debate.error_law(table["pfs_days"], table["value"], study.assumptions.confidence)
    points = pd.DataFrame({
        "x": table["pfs_days"], "y": table["value"], "low": table["value"],
        "high": table["value"], "colour": BLUE, "name": table["name"],
        "label": [figures.short_name(row) for row in table.to_dict("records")],
        "shown": [f"{error:g} % at {wording.quantity(compute, 'pfs-days')}" for error, compute in
                  zip(table["value"], table["pfs_days"], strict=True)],
    })
    across = pd.Series(np.geomspace(0.003, 0.3, 12))
    lines = [Line(pd.DataFrame({"x": across, "y": law.at(across)}), palette.TREND)]
    fall = Results(study)["debate.error.fall_for_tenfold"]
    finding = (f"Ten times the compute went with {wording.share(round(fall.value or 0, 2))} less "
               f"error on ImageNet ({wording.share(round(fall.low or 0, 2))} to "
               f"{wording.share(round(fall.high or 0, 2))}, {law.points} networks)")
    ground = Ground(0.003, 0.3, 4.0, 25.0, x_title=COMPUTE,
                    y_title="Top-5 error (percent, log scale)", wide=360, narrow=320)
    legend = ("Recounted compute; errors as published, one network, ten crops; both axes on a log "
              "scale.")
    plotted = table[["system_id", "name", "date", "value", "setting", "pfs_days", "low", "high"]]
    return point_figure("debate_errors", finding, legend, points, lines, ground, plotted)


@lists("debate_networks")
def networks(study: Study) -> HtmlTable:
    """Error and compute of the ImageNet networks, tested in the same way."""
    rows = []
    for row in debate.accuracy(
            study, "imagenet_2012", "top_5_error", "ten_crops").to_dict("records"):
        rows.append([
            tables.link(row["name"], f"page:systems/{row['system_id']}"),
            tables.text(f"{row['date']:%Y-%m}"),
            tables.number(wording.number(row["pfs_days"]), row["pfs_days"]),
            tables.number(f"{row['value']:g}", row["value"]),
            listings.source_cell(study, row["source_key"], row["source_place"]),
        ])
    return HtmlTable(
        ["Network", "Published", "Recounted pfs-days", "Top-5 error (%)", "Source"], rows,
        caption="Networks tested alike: their errors, and the compute that they took")


@lists("debate_translation")
def translation(study: Study) -> HtmlTable:
    """Quality and stated compute of translators, one model each."""
    rows = []
    for row in study.dataset.rows("accuracy"):
        if row["measure"] == "bleu" and row["setting"] == "one_model":
            stated = row["stated_flop"]
            rows.append([
                tables.text(row["name"]), tables.text(TASKS[str(row["task"])]),
                tables.number(f"{row['value']:g}", float(str(row["value"]))),
                tables.number(wording.number(None if stated is None else float(str(stated)), 2)),
                listings.source_cell(study, str(row["source_key"]), str(row["source_place"])),
            ])
    return HtmlTable(
        ["Translator", "Test", "BLEU", "Stated FLOP", "Source"], rows,
        caption="Translators of one model each: their quality, and the compute stated")


@lists("debate_slopes")
def slopes(study: Study) -> HtmlTable:
    """The growth of each factor of a run, and its share of the growth of the compute."""
    results, rows = Results(study), []
    for part, words in PART_WORDS.items():
        share = results[f"debate.slopes.{part}.share"]
        ends = [round(v, 2) for v in (share.low or 0.0, share.high or 0.0)]
        rows.append([
            tables.text(words), tables.number(wording.share(round(share.value or 0.0, 2))),
            tables.text(f"{wording.share(ends[0])} to {wording.share(ends[1])}"),
        ])
    return HtmlTable(["Factor", "Share of the trend", "Interval"], rows,
                     caption="The share of the trend that each factor of a run has")
