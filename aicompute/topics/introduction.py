"""The introduction's numbers, verdict and claims; the tables and the log chart of the trend."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from aicompute import figures, tables, wording
from aicompute.claims import VERDICTS, verdict
from aicompute.dataset import load_rows
from aicompute.dataset.csv_table import Row
from aicompute.errors import CallError
from aicompute.figures import Figure, figure_maker
from aicompute.listings import lists, number_cell
from aicompute.methods.estimates import VALUES
from aicompute.results import Named, Result, Results, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlBlock, HtmlTable, paragraph
from aicompute.trend import FitError, fitted_systems

#: Claims of the introduction by what they are about, in the order they are shown.
TOPICS = {
    "the doubling time": ("doubling_best_fit", "doubling_body_text", "doubling_later_version"),
    "the growth a year": ("tenfold_a_year",),
    "the growth from first to largest": ("growth_factor",),
    "the comparison with Moore's law": ("moore_factor",),
}
FAILED = ("not_reproduced", "cannot_be_checked")


@family("headline")
def headline_results(study: Study) -> Named:
    """The numbers of the first screen, on the values the assumptions choose, as the chart is."""
    results, values = Results(study), study.assumptions.values
    names = {
        "headline.doubling_time_months": f"trend.{values}.doubling_time_months",
        "headline.growth_per_year": f"trend.{values}.growth_per_year",
        "headline.factor": f"growth.{values}.factor",
        "headline.months": f"growth.{values}.months",
        "headline.moore_factor": "moore.factor",
    }
    for name, other in names.items():
        try:
            yield name, results[other]
        except CallError:
            # Too few systems are left: the first page says so instead of failing.
            yield name, Result(None, "", page="trend#the-fit", how="too few systems to fit")


@lists("headline")
def headline(study: Study) -> HtmlTable:
    """What the article states of the trend, what comes out here, and the verdict."""
    results = Results(study)
    rows = []
    for claim in _claims(study, (name for claim_ids in TOPICS.values() for name in claim_ids)):
        name = str(claim["result"])
        result = results[name]
        between = "–" if result.low is None else wording.interval(result.low, result.high)
        rows.append([
            tables.text(claim["statement"]), number_cell(results, name),
            tables.text(between), tables.text(VERDICTS[verdict(claim, result.value)]),
        ])
    return HtmlTable(["The article states", "Recomputed", "Interval", "Verdict"], rows,
                     caption="What the article states of the trend, and what comes out here")


@lists("headline_answer")
def headline_answer(study: Study) -> HtmlBlock:
    """Whether the headline survives, in words made from the verdicts of its claims."""
    found = topic_verdicts(study)
    said = "; ".join(
        f"{VERDICTS[name]}: {wording.listed([t for t, v in found.items() if v == name])}"
        for name in VERDICTS if name in found.values()
    )
    answer = survival(list(found.values()))
    return paragraph(html.escape(f"{answer}. {said[0].upper()}{said[1:]}.", quote=False))


def topic_verdicts(study: Study) -> dict[str, str]:
    """The worst verdict of the claims about each topic of the headline."""
    results, order = Results(study), list(VERDICTS)
    return {
        topic: max((verdict(claim, results[str(claim["result"])].value)
                    for claim in _claims(study, claim_ids)),
                   key=order.index, default="cannot_be_checked")
        for topic, claim_ids in TOPICS.items()
    }


def _claims(study: Study, claim_ids: Iterable[str]) -> list[Row]:
    """The rows of these claims, in this order; one that the ledger lacks is left out."""
    rows = study.dataset.rows("claims")
    return [row for name in claim_ids for row in load_rows(rows, claim_id=name)]


def survival(verdicts: list[str]) -> str:
    """The answer in a word or two, from the verdicts of the topics, the doubling time's first.

    Examples
    --------
    >>> survival(["reproduced", "within_factor"]), survival(["within_factor", "reproduced"])
    ('Yes', 'Nearly')
    >>> survival(["reproduced", "not_reproduced"]), survival(["not_reproduced"])
    ('Only in part', 'No')
    """
    failed = [verdict in FAILED for verdict in verdicts]
    if any(failed):
        return "No" if all(failed) else "Only in part"
    return "Yes" if verdicts[0] == "reproduced" else "Nearly"


@lists("fits")
def fits(study: Study) -> HtmlTable:
    """The fit on each of the three values, side by side."""
    results = Results(study)
    rows = []
    for values in VALUES:
        name = f"trend.{values}"
        try:
            study.fit_by(values)
        except FitError:
            continue
        rows.append([
            tables.text(values), number_cell(results, f"{name}.stand_ins"),
            _with_interval(results, f"{name}.doubling_time_months"),
            _with_interval(results, f"{name}.growth_per_year"),
            number_cell(results, f"{name}.r_squared"),
            number_cell(results, f"{name}.residual_decades"),
            number_cell(results, f"growth.{values}.factor"),
        ])
    head = ["Values", "Plotted stand in", "Doubling time", "Growth", "R²", "Scatter",
            "First to largest"]
    return HtmlTable(head, rows, caption="The same fit on each of the three values, with intervals")


def _with_interval(results: Results, name: str) -> Cell:
    result = results[name]
    shown = f"{number_cell(results, name).html} ({wording.interval(result.low, result.high)})"
    return Cell(shown, sort="" if result.value is None else repr(result.value))


@lists("fit_points")
def fit_points(study: Study) -> HtmlTable:
    """Every point of the fit: its date, its value, the line there, and how far it lies from it."""
    rows = []
    for row in distances(study).to_dict("records"):
        rows.append([
            tables.link(row["name"], f"page:systems/{row['system_id']}"),
            tables.text(f"{row['date']:%Y-%m-%d}"),
            tables.number(wording.number(row["years"]), row["years"]),
            tables.number(wording.number(row["pfs_days"]), row["pfs_days"]),
            tables.number(wording.number(row["line"]), row["line"]),
            tables.number(_from_line(row["ratio"]), row["ratio"]),
        ])
    head = ["System", "Published", "Years since the first", "pfs-days", "The line", "Off the line"]
    return HtmlTable(head, rows, sortable=True,
                     caption="The systems of the fit by date, and how far each lies off the line",
                     minor=("Years since the first", "The line"))


def distances(study: Study) -> pd.DataFrame:
    """The fitted systems with ``years`` since the first, the ``line`` and their ``ratio`` to it."""
    table = fitted_systems(study.estimates, study.assumptions)
    line = study.fit.line(table["date"])["pfs_days"].to_numpy()
    years = (table["date"] - table["date"].min()).dt.days / 365.25
    return table.assign(years=years, line=line, ratio=table["pfs_days"] / line)


def _from_line(ratio: float) -> str:
    """How far above or below the line a point lies.

    Examples
    --------
    >>> _from_line(2.5), _from_line(0.01)
    ('2.5× above', '100× below')
    """
    if ratio >= 1:
        return f"{wording.number(ratio, 2)}× above"
    return f"{wording.number(1 / ratio, 2)}× below"


@figure_maker("log_scale")
def log_scale(study: Study) -> Figure:
    """The chart of the introduction again, for what a straight line on a log scale leaves over."""
    table = distances(study)
    farthest = table.loc[table["ratio"].map(lambda ratio: max(ratio, 1 / ratio)).idxmax()]
    scatter = wording.number(10**study.fit.residual_decades, 2)
    finding = (
        f"On a log scale the {len(table)} systems lie about a straight line, with a standard "
        f"deviation of a factor of {scatter}; the farthest, {farthest['name']}, is "
        f"{_from_line(farthest['ratio'])} it"
    )
    return replace(
        figures.figure(study, "headline"), name="log_scale", alt=f"{finding}.", linear=None,
        caption=f"{finding}. Solid: least squares; shaded: where one further system would fall, "
                "with the probability of the interval; bars as in the introduction; dashed: "
                "Moore's law.",
    )
