"""What the recounts do to the headline: the fit on each kind of value, and one system at a time."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, get_args

import pandas as pd

from aicompute import tables, wording
from aicompute.analysis.agreement import REPLACED, replaced_one_at_a_time
from aicompute.assumptions import Assumptions
from aicompute.charts import side_by_side
from aicompute.dataset import load_rows
from aicompute.figures import Figure, figure_maker, short_name
from aicompute.listings import lists
from aicompute.methods.estimates import VALUES
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.trend import Fit, FitError

PAGE = "agreement#the-effect-on-the-headline"
#: A recount this many times the published value, or this many times less, counts as moved.
MOVED = 2.0
#: Systems of which the figure shows the recount alone.
SHOWN = 6
ESTIMATES = get_args(Assumptions.model_fields["alphago_zero_estimate"].annotation)
KINDS = list(side_by_side.FIT_COLOURS)


@lru_cache(maxsize=16)
def replaced(study: Study) -> pd.DataFrame:
    """The published fit with one system at a time at its recount; empty if there is no fit."""
    try:
        return replaced_one_at_a_time(study.fitted_by("published"), study.assumptions)
    except FitError:
        return pd.DataFrame(columns=list(REPLACED))


@lru_cache(maxsize=64)
def fit_by_source(study: Study, source: str) -> Fit | None:
    """The published fit with AlphaGo Zero as one source estimates it; None if there is none."""
    return fit_by(study.under(alphago_zero_estimate=source), "published")


def fit_by(study: Study, values: str) -> Fit | None:
    """The fit on one kind of value; None where the assumptions leave too few systems."""
    try:
        return study.fit_by(values)
    except FitError:
        return None


@family("effect")
def effect_results(study: Study) -> Named:
    """How the doubling time moves: one system at a time, all together, and by the source taken."""
    table = replaced(study)
    rows = {str(row["system_id"]): row for row in table.to_dict("records")}
    systems = study.estimates[study.estimates["recounted_pfs_days"].notna()]
    for system_id in systems[systems["set"] == "chart"]["system_id"]:
        yield from _one(str(system_id), rows.get(str(system_id)))
    for source in ESTIMATES:
        yield f"effect.alphago_zero_by.{source}.doubling_time_months", _doubling_time(
            fit_by_source(study, source),
            f"the published fit with AlphaGo Zero (and AlphaZero, if given) by {source}",
        )
    yield "effect.alphago_zero_by.spread", _spread(study)
    yield from _together(table)
    published, recounted = fit_by(study, "published"), fit_by(study, "recounted")
    change = None
    if published and recounted:
        change = recounted.doubling_time_months - published.doubling_time_months
    yield "effect.change_months", Result(
        change, "months", page=PAGE, how="doubling time on recounted less on published values")


def _one(system_id: str, row: dict[str, Any] | None) -> Named:
    """One system's effect; without numbers where the fit leaves it out."""
    how = "the published fit with this one system at its recount"
    if row is None:
        row, how = dict.fromkeys(REPLACED), "the fit leaves this system out"
    yield f"effect.{system_id}.doubling_time_months", Result(
        row["months"], "months", row["low"], row["high"], PAGE, how)
    yield f"effect.{system_id}.change_months", Result(
        row["change"], "months", page=PAGE, how=f"{how}, against none replaced")
    yield f"effect.{system_id}.factor", Result(
        row["factor"], "times", page=PAGE, how="the recount over the published value")


def _doubling_time(fit: Fit | None, how: str) -> Result:
    if fit is None:
        return Result(None, "months", page=PAGE, how="too few systems are left to fit")
    return Result(fit.doubling_time_months, "months", fit.doubling_time_low,
                  fit.doubling_time_high, PAGE, how)


def _spread(study: Study) -> Result:
    """How far what others put AlphaGo Zero at lies apart, the point of the chart among them."""
    values = [float(str(row["pfs_days"])) for row in study.dataset.rows("published")
              if row["system_id"] == "alphago_zero"]
    return Result(max(values) / min(values) if values else None, "times", page=PAGE,
                  how="the highest published value of AlphaGo Zero over the lowest")


def _together(table: pd.DataFrame) -> Named:
    moved = table[(table["factor"] > MOVED) | (table["factor"] < 1 / MOVED)]
    changes = table["change"]
    how = "sum of the changes, one system at a time"
    yield "effect.recounted", Result(
        float(len(table)), "systems", page=PAGE, how="fitted systems with a recount")
    yield "effect.moved", Result(
        float(len(moved)), "systems", page=PAGE,
        how=f"recounts more than {MOVED:g} times the published value, or less than half of it")
    yield "effect.lengthening_months", Result(
        float(changes[changes > 0].sum()), "months", page=PAGE, how=f"{how}, those above 0")
    yield "effect.shortening_months", Result(
        float(-changes[changes < 0].sum()), "months", page=PAGE,
        how=f"{how}, those below 0, without the sign")


@figure_maker("headline_effect")
def headline_effect(study: Study) -> Figure:
    """The doubling time on each kind of value, one recount at a time, and by source."""
    rows = pd.DataFrame(
        [*_by_values(study), *_one_by_one(study), *_by_source(study)],
        columns=["label", "kind", "months", "low", "high", "shown"],
    )
    finding = _finding(study)
    return Figure(
        name="headline_effect",
        caption=(f"{finding}. Bars: {wording.share(study.assumptions.confidence)} intervals of "
                 "the fits; dashed: published values."),
        alt=f"{finding}.",
        table=rows,
        draw=partial(side_by_side.doubling_times, rows),
    )


def _finding(study: Study) -> str:
    published, recounted = fit_by(study, "published"), fit_by(study, "recounted")
    if published is None or recounted is None:
        return "Too few systems are left to fit a trend"
    first = replaced(study).iloc[0]
    return (
        f"The doubling time is {wording.quantity(published.doubling_time_months, 'months')} on "
        f"published values and {wording.quantity(recounted.doubling_time_months, 'months')} on "
        f"recounted ones; the recount that moves it most, {first['name']}, alone gives "
        f"{wording.quantity(first['months'], 'months')}"
    )


def _row(label: str, kind: str, months: float, low: float, high: float) -> dict[str, object]:
    return {"label": label, "kind": kind, "months": months, "low": low, "high": high,
            "shown": f"{wording.quantity(months, 'months')} ({wording.interval(low, high)})"}


def _by_values(study: Study) -> list[dict[str, object]]:
    return [_fit_row(f"all {values}", KINDS[0], fit) for values in VALUES
            if (fit := fit_by(study, values))]


def _fit_row(label: str, kind: str, fit: Fit) -> dict[str, object]:
    return _row(label, kind, fit.doubling_time_months, fit.doubling_time_low,
                fit.doubling_time_high)


def _one_by_one(study: Study) -> list[dict[str, object]]:
    shown = replaced(study).head(SHOWN).to_dict("records")
    return [_row(short_name(study.system(row["system_id"])), KINDS[1], row["months"], row["low"],
                 row["high"]) for row in shown]


def _by_source(study: Study) -> list[dict[str, object]]:
    return [_fit_row(_source_words(study, source), KINDS[2], fit) for source in ESTIMATES[1:]
            if (fit := fit_by_source(study, source))]


def _source_words(study: Study, key: str) -> str:
    source = study.dataset.sources.get(key)
    return source.label if source else key


@lists("one_at_a_time")
def one_at_a_time(study: Study) -> HtmlTable:
    """Every recount alone, by how far it moves the published doubling time."""
    rows = [
        [tables.link(short_name(study.system(row["system_id"])),
                     f"page:systems/{row['system_id']}"),
         tables.number(wording.number(row["before"]), row["before"]),
         tables.number(wording.number(row["after"]), row["after"]),
         tables.number(wording.quantity(row["factor"], "times"), row["factor"]),
         tables.number(wording.number(row["months"]), row["months"]),
         tables.number(wording.change(row["change"], 3), row["change"])]
        for row in replaced(study).to_dict("records")
    ]
    return HtmlTable(
        ["System", "Published", "Recounted", "Factor", "Doubling time", "Change"], rows,
        caption="One recount at a time in the published fit: pfs-days, and the doubling time, "
        "months")


@lists("alphago_zero_estimates")
def alphago_zero_estimates(study: Study) -> HtmlTable:
    """What others put AlphaGo Zero at, and the doubling time each gives."""
    published = load_rows(study.dataset.rows("published"), system_id="alphago_zero")
    rows = []
    for source in ESTIMATES:
        wanted = {"kind": "plotted"} if source == "plotted" else {"source_key": source}
        for row in load_rows(published, **wanted):
            months = _doubling_time(fit_by_source(study, source), "")
            value = float(str(row["pfs_days"]))
            rows.append((value, [
                tables.text(_source_words(study, str(row["source_key"]))),
                tables.number(wording.number(value), value),
                tables.number(wording.number(months.value), months.value),
                tables.text(wording.interval(months.low, months.high)),
                tables.text(row["note"]),
            ]))
    return HtmlTable(
        ["Whose", "pfs-days", "Months", "Interval", "Note"],
        [cells for _, cells in sorted(rows, key=lambda pair: pair[0])],
        caption="What others put AlphaGo Zero at, and the doubling time with it")
