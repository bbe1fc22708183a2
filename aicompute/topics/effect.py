"""What the recounts do to the headline: the fit on each kind of value, and one system at a time."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import get_args

import pandas as pd

from aicompute import comparison_charts, tables, wording
from aicompute.agreement import replaced_one_at_a_time
from aicompute.assumptions import Assumptions
from aicompute.dataset import load_rows
from aicompute.estimates import VALUES
from aicompute.figures import Figure, figure_maker, short_name
from aicompute.listings import lists
from aicompute.results import Named, Result, family, finite
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.trend import Fit, FitError

PAGE = "agreement#the-effect-on-the-headline"
#: A recount this many times the published value, or this many times less, counts as moved.
MOVED = 2.0
#: Systems of which the figure shows the recount alone.
SHOWN = 6
ESTIMATES = get_args(Assumptions.model_fields["alphago_zero_estimate"].annotation)
KINDS = list(comparison_charts.FIT_COLOURS)


@lru_cache(maxsize=16)
def replaced(study: Study) -> pd.DataFrame:
    """The published fit with one system at a time at its recount, the largest change first."""
    return replaced_one_at_a_time(study.fitted_by("published"), study.assumptions)


@lru_cache(maxsize=64)
def fit_by_source(study: Study, source: str) -> Fit:
    """The published fit with AlphaGo Zero as one source estimates it."""
    return study.under(alphago_zero_estimate=source).fit_by("published")


@family("effect")
def effect_results(study: Study) -> Named:
    """How the doubling time moves: one system at a time, all together, and by the source taken."""
    try:
        table = replaced(study)
        fits = {source: fit_by_source(study, source) for source in ESTIMATES}
        change = (study.fit_by("recounted").doubling_time_months
                  - study.fit_by("published").doubling_time_months)
    except FitError:
        return
    how = "the published fit with this one system at its recount"
    for row in table.to_dict("records"):
        yield f"effect.{row['system_id']}.doubling_time_months", Result(
            row["months"], "months", finite(row["low"]), finite(row["high"]), PAGE, how)
        yield f"effect.{row['system_id']}.change_months", Result(
            row["change"], "months", page=PAGE, how=f"{how}, against none replaced")
        yield f"effect.{row['system_id']}.factor", Result(
            row["factor"], "times", page=PAGE, how="the recount over the published value")
    for source, fit in fits.items():
        yield f"effect.alphago_zero_by.{source}.doubling_time_months", Result(
            fit.doubling_time_months, "months", finite(fit.doubling_time_low),
            finite(fit.doubling_time_high), PAGE,
            f"the published fit with AlphaGo Zero (and AlphaZero, if given) by {source}")
    yield from _together(table, change)


def _together(table: pd.DataFrame, change: float) -> Named:
    moved = table[(table["factor"] > MOVED) | (table["factor"] < 1 / MOVED)]
    changes = table["change"]
    how = "sum of the changes, one system at a time"
    yield "effect.change_months", Result(
        change, "months", page=PAGE, how="doubling time on recounted less on published values")
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
    rows = pd.DataFrame([*_by_values(study), *_one_by_one(study), *_by_source(study)])
    published, recounted = (study.fit_by(v).doubling_time_months for v in VALUES[::2])
    first = replaced(study).iloc[0]
    finding = (
        f"The doubling time is {wording.quantity(published, 'months')} on published values and "
        f"{wording.quantity(recounted, 'months')} on recounted ones; the recount that moves it "
        f"most, {first['name']}, alone gives {wording.quantity(first['months'], 'months')}"
    )
    return Figure(
        name="headline_effect",
        caption=(f"{finding}. Bars: {wording.share(study.assumptions.confidence)} intervals of "
                 "the fits; dashed: published values."),
        alt=f"{finding}.",
        table=rows,
        draw=partial(comparison_charts.doubling_times, rows),
    )


def _row(label: str, kind: str, months: float, low: float, high: float) -> dict[str, object]:
    return {"label": label, "kind": kind, "months": months, "low": low, "high": high,
            "shown": f"{wording.quantity(months, 'months')} ({wording.interval(low, high)})"}


def _by_values(study: Study) -> list[dict[str, object]]:
    fits = {values: study.fit_by(values) for values in VALUES}
    return [_row(f"all {values}", KINDS[0], fit.doubling_time_months, fit.doubling_time_low,
                 fit.doubling_time_high) for values, fit in fits.items()]


def _one_by_one(study: Study) -> list[dict[str, object]]:
    shown = replaced(study).head(SHOWN).to_dict("records")
    return [_row(short_name(study.system(row["system_id"])), KINDS[1], row["months"], row["low"],
                 row["high"]) for row in shown]


def _by_source(study: Study) -> list[dict[str, object]]:
    rows = []
    for source in ESTIMATES[1:]:
        fit = fit_by_source(study, source)
        rows.append(_row(_source_words(study, source), KINDS[2], fit.doubling_time_months,
                         fit.doubling_time_low, fit.doubling_time_high))
    return rows


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
         tables.number(f"{row['change']:+.3f}".replace("-", "−"), row["change"])]
        for row in replaced(study).to_dict("records")
    ]
    return HtmlTable(
        ["System", "Published", "Recounted", "Factor", "Doubling time", "Change"], rows,
        caption="pfs-days, and months with this one system at its recount")


@lists("alphago_zero_estimates")
def alphago_zero_estimates(study: Study) -> HtmlTable:
    """What others put AlphaGo Zero at, and the doubling time each gives."""
    published = load_rows(study.dataset.rows("published"), system_id="alphago_zero")
    rows = []
    for source in ESTIMATES:
        wanted = {"kind": "plotted"} if source == "plotted" else {"source_key": source}
        for row in load_rows(published, **wanted):
            fit = fit_by_source(study, source)
            value = float(row["pfs_days"])  # type: ignore[arg-type]
            rows.append((value, [
                tables.text(_source_words(study, str(row["source_key"]))),
                tables.number(wording.number(value), value),
                tables.number(wording.number(fit.doubling_time_months), fit.doubling_time_months),
                tables.text(wording.interval(finite(fit.doubling_time_low),
                                             finite(fit.doubling_time_high))),
                tables.text(row["note"]),
            ]))
    return HtmlTable(
        ["Whose", "pfs-days", "Months", "Interval", "Note"],
        [cells for _, cells in sorted(rows, key=lambda pair: pair[0])])
