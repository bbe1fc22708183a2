"""The page on whether the two methods agree: ratios, implied utilization, and why they differ."""

from __future__ import annotations

import html
from functools import partial

import pandas as pd

from aicompute import tables, wording
from aicompute.analysis.agreement import Comparison, compare, phase_utilizations
from aicompute.charts import ranges, side_by_side
from aicompute.dataset import load_rows
from aicompute.dataset.csv_table import Row
from aicompute.figures import Figure, figure_maker, short_name
from aicompute.listings import lists, source_cell
from aicompute.results import Named, Result, Results, family
from aicompute.study import Study
from aicompute.tables import HtmlBlock, HtmlTable
from aicompute.topics.agreement_cases import case_results
from aicompute.words.number_text import fill

PAGE = "agreement#both-methods-side-by-side"
VERDICTS = dict(zip(
    ("agree", "open", "disagree"), side_by_side.VERDICT_COLOURS, strict=True
))
#: The same in a table's cell; the text beside the table says within what.
SHORT_VERDICTS = {"agree": "agree", "open": "may differ", "disagree": "differ"}
RECURRENT = {"rnn", "lstm", "gru"}
HOW = {
    "article": "on the article's inputs", "recount": "on what the primary sources say",
}


def comparisons(study: Study, basis: str) -> list[Comparison]:
    """Every system with both methods on one basis, by date."""
    order = list(study.estimates["system_id"])
    found = [c for c in compare(study.calculations, study.assumptions) if c.basis == basis]
    return sorted(found, key=lambda comparison: order.index(comparison.system_id))


def is_recurrent(study: Study, system_id: str) -> bool:
    """Whether a layer table of a system's count holds a recurrent layer."""
    rows = load_rows(study.dataset.rows("workloads"), system_id=system_id, basis="recount")
    names = {str(row["architecture"]) for row in rows if row["architecture"]}
    return any(layer.kind in RECURRENT for name in names for layer in study.dataset.layers(name))


@family("agreement")
def agreement_results(study: Study) -> Named:
    """Ratio and implied utilization of every system, and what they come to together."""
    for basis in ("article", "recount"):
        found = comparisons(study, basis)
        for comparison in found:
            yield from _one(comparison)
        yield from _together(basis, found)
    recounted = comparisons(study, "recount")
    recurrent = [c for c in recounted if is_recurrent(study, c.system_id)]
    documented = [c for c in recounted if not c.guessed and c not in recurrent]
    how = "lowest to highest, method 1 over the chips' time at full peak, "
    yield "agreement.recurrent.systems", _count(recurrent, "systems with a recurrent layer")
    yield "agreement.recurrent.implied_utilization", _among(recurrent, f"{how}recurrent networks")
    yield "agreement.documented.systems", _count(documented, "no input guessed, not recurrent")
    yield "agreement.documented.implied_utilization", _among(
        documented, f"{how}other networks without a guessed input"
    )
    yield from case_results(study)


def _one(comparison: Comparison) -> Named:
    prefix = f"agreement.{comparison.basis}.{comparison.system_id}"
    how = f"method 1 over method 2, {HOW[comparison.basis]}; the range has every input at its end"
    ratio, share = comparison.ratio, comparison.utilization
    yield f"{prefix}.ratio", Result(ratio.value, "", ratio.low, ratio.high, PAGE, how)
    yield f"{prefix}.factor", Result(
        comparison.factor, "times", page=PAGE, how="the larger of the two methods over the smaller"
    )
    yield f"{prefix}.implied_utilization", Result(
        100 * share.value, "%", 100 * share.low, 100 * share.high,
        "agreement#implied-utilization", "method 1 over the chips' time at their full peak",
    )
    yield f"{prefix}.furthest", Result(
        comparison.furthest, "times", page="agreement#why-they-differ",
        how="the larger over the smaller, every input of both at the end that takes them furthest",
    )
    for phase, value in phase_utilizations(comparison).items():
        yield f"{prefix}.{phase}.implied_utilization", Result(
            100 * value, "%", page="agreement#implied-utilization",
            how=f"the same, {wording.words(phase)} alone",
        )


def _together(basis: str, found: list[Comparison]) -> Named:
    yield f"agreement.{basis}.systems", _count(found, f"systems with both methods, {HOW[basis]}")
    for verdict, words in VERDICTS.items():
        yield f"agreement.{basis}.{verdict}", _count(
            [c for c in found if c.verdict == verdict], f"systems whose methods {words}"
        )
    if found:
        yield f"agreement.{basis}.worst_factor", Result(
            max(c.factor for c in found), "times", page=PAGE,
            how=f"largest factor between the two methods, {HOW[basis]}",
        )


def _count(found: list[Comparison], how: str) -> Result:
    return Result(float(len(found)), "systems", page=PAGE, how=how)


def _among(found: list[Comparison], how: str) -> Result:
    values = pd.Series([100 * c.utilization.value for c in found], dtype="float64")
    middle, low, high = values.median(), values.min(), values.max()
    empty = values.empty
    return Result(None if empty else middle, "%", None if empty else low, None if empty else high,
                  "agreement#implied-utilization", f"median; {how}")


@figure_maker("agreement")
def agreement(study: Study, basis: str = "article") -> Figure:
    """Both methods, system by system, on one basis."""
    found = comparisons(study, basis)
    rows = pd.DataFrame([
        {"label": short_name(study.system(c.system_id)), "pfs_days": calculation.pfs_days,
         "low": calculation.low, "high": calculation.high, "kind": f"method {calculation.method}",
         "shown": wording.quantity(calculation.pfs_days, "pfs-days")}
        for c in found for calculation in (c.count, c.time)
    ], columns=["label", "pfs_days", "low", "high", "kind", "shown"])
    finding = _finding(study, basis, found)
    return Figure(
        name="agreement" if basis == "article" else f"agreement_{basis}",
        caption=f"{finding}. Bars: every input but the utilization at its low and at its high end.",
        alt=f"{finding}.",
        table=rows,
        draw=partial(ranges, rows),
    )


def _finding(study: Study, basis: str, found: list[Comparison]) -> str:
    worst = max((c.factor for c in found), default=1.0)
    apart = [_name(study, c) for c in found if c.verdict == "disagree"]
    where = "the article prints" if basis == "article" else "the sources allow"
    where += " both methods"
    if not apart:
        return (f"Where {where} ({len(found)} systems) they agree within a factor of "
                f"{wording.number(worst, 2)}")
    return (f"Where {where} ({len(found)} systems), {len(apart)} differ by more than a "
            f"factor of 3: {wording.listed(apart)}")


def _name(study: Study, comparison: Comparison) -> str:
    return str(short_name(study.system(comparison.system_id)))


@figure_maker("implied_utilization")
def implied_utilization(study: Study) -> Figure:
    """The share of the peak that the two methods imply, every system of our recount."""
    found = sorted(comparisons(study, "recount"), key=lambda c: c.utilization.value)
    rows = pd.DataFrame([
        {"label": _name(study, c), "percent": 100 * c.utilization.value,
         "low": 100 * c.utilization.low, "high": 100 * c.utilization.high,
         "kind": VERDICTS[c.verdict],
         "shown": f"{wording.number(100 * c.utilization.value)} % of the peak"}
        for c in found
    ], columns=["label", "percent", "low", "high", "kind", "shown"])
    low, high = study.assumptions.gpu_utilization_low, study.assumptions.gpu_utilization_high
    band = pd.DataFrame([{"low": 100 * low, "percent": 100 * study.assumptions.gpu_utilization,
                          "high": 100 * high}])
    inside = sum(low <= c.utilization.value <= high for c in found)
    finding = (f"{inside} of {len(found)} systems imply a utilization between "
               f"{wording.share(low)} and {wording.share(high)}")
    above = [_name(study, c) for c in found if c.utilization.value > 1]
    beyond = f"; {wording.listed(above)} would need more than the peak" if above else ""
    return Figure(
        name="implied_utilization",
        caption=(f"{finding}{beyond}. Our count over the chips' time at full peak; bars: every "
                 "input at its end; shaded: the plausible range; dashed: the value assumed."),
        alt=f"{finding}{beyond}.",
        table=rows,
        draw=partial(side_by_side.shares, rows, band),
    )


@lists("agreement")
def agreement_table(study: Study, basis: str = "recount") -> HtmlTable:
    """Both methods on one basis: ratio with its combined range, and the utilization implied."""
    rows = []
    for c in comparisons(study, basis):
        rows.append([
            tables.link(_name(study, c), f"page:systems/{c.system_id}"),
            tables.number(wording.number(c.count.pfs_days), c.count.pfs_days),
            tables.number(wording.number(c.time.pfs_days), c.time.pfs_days),
            tables.number(wording.number(c.ratio.value), c.ratio.value),
            tables.text(wording.interval(c.ratio.low, c.ratio.high, 2)),
            tables.number(f"{wording.number(100 * c.utilization.value)} %", c.utilization.value),
            tables.text(SHORT_VERDICTS[c.verdict]),
        ])
    return HtmlTable(
        ["System", "Count", "Chip time", "Ratio", "Combined range", "Utilization", "The two"],
        rows, minor=("Count", "Chip time"),
        caption=f"Both methods {HOW[basis]}, pfs-days; ratio: count over chip time; utilization: "
        "what the two imply")


@lists("disagreements")
def disagreements(study: Study) -> HtmlBlock:
    """Every system whose methods differ, or may differ, by more than 3, with the reason."""
    reasons = {row["system_id"]: row for row in study.dataset.rows("disagreements")}
    parts = []
    for c in comparisons(study, "recount"):
        if c.verdict == "agree":
            continue
        name = tables.anchor(str(study.system(c.system_id)["name"]), f"page:systems/{c.system_id}")
        by = wording.quantity(c.factor, "times")
        most = wording.quantity(c.furthest, "times", 2)
        parts.append(f"<dt>{name}: {by}, at most {most}</dt>"
                     f"<dd>{_reason(study, reasons.get(c.system_id))}</dd>")
    return HtmlBlock(f'<dl class="reasons">{"".join(parts)}</dl>')


def _reason(study: Study, row: Row | None) -> str:
    if row is None:
        return "No explanation is recorded yet: disagreements.csv has no row for it."
    source = source_cell(study, str(row["source_key"])).html
    explanation = fill(Results(study), html.escape(str(row["explanation"])))
    return f"{explanation} ({source}, {html.escape(str(row['source_place']))}.)"
