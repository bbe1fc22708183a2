"""The ledger's pages: every claim with its verdict, the tally, and results that only it needs."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pandas as pd

from aicompute import claims, tables, wording
from aicompute.claims import VERDICTS, Judged, judge
from aicompute.listings import lists, source_cell
from aicompute.number_text import fill, number_link
from aicompute.results import Named, Result, Results, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable
from aicompute.units import FLOP_PER_SECOND_PER_TERAFLOP

#: A verdict's sign, so that it does not rest on colour alone.
SIGNS = {"reproduced": "✓", "within_factor": "≈", "not_reproduced": "✗", "cannot_be_checked": "?"}
MEASURES = {"pfs_days": "compute", "chips": "chips", "tflop_per_second": "rating"}


@family("claims")
def claim_results(study: Study) -> Named:
    """How many claims have each verdict."""
    page, judged = "claims#the-tally", judge(study)
    own = [j for j in judged if j.claim["part"] not in claims.OF_OTHERS]
    for prefix, part, whose in (("claims", judged, "rows of claims.csv"),
                                ("claims.article", own, "the article's own statements")):
        counts = claims.tally(part)
        for name, count in counts.items():
            yield f"{prefix}.{name}", Result(
                float(count), "claims", page=page, how=f"{whose}: {VERDICTS[name]}")
        yield f"{prefix}.total", Result(float(len(part)), "claims", page=page, how=whose)
        yield f"{prefix}.checked", Result(
            float(len(part) - counts["cannot_be_checked"]), "claims", page=page,
            how=f"{whose} that can be checked")


@family("ledger")
def ledger_results(study: Study) -> Named:
    """Numbers that a claim is held against and no other page calculates."""
    page = "claims#how-claims-are-judged"
    chart = study.estimates[study.estimates["set"] == "chart"]
    ratio = (chart["recounted_pfs_days"] / chart["published_pfs_days"]).dropna()
    apart = ratio.where(ratio >= 1, 1 / ratio)
    if len(apart):
        yield "ledger.largest_difference", Result(
            float(apart.max()), "times", page=page,
            how="largest factor between a plotted value and our own count")
        yield "ledger.within_three", Result(
            float((apart <= claims.WITHIN_FACTOR).sum()), "systems", page=page,
            how=f"plotted values within a factor 3 of our own count, of {len(apart)}")
    printed = [r for r in study.dataset.rows("published")
               if r["kind"] == "printed" and r["method"] is not None]
    systems = {r["system_id"] for r in printed}
    if systems:
        counted = {r["system_id"] for r in printed if r["method"] == 1}
        yield "ledger.counted_share", Result(
            len(counted) / len(systems), "1", page=page,
            how=f"systems with a printed count of operations, of {len(systems)} with a formula")
    for era_id, measure, inside, outside in _era_counts(study):
        yield f"ledger.{era_id}.{measure}_inside", Result(
            inside / (inside + outside), "1", page=page,
            how=f"{inside} of {inside + outside} systems; one that fits the neighbouring era does "
                "not count")


def _era_counts(study: Study) -> Iterator[tuple[str, str, int, int]]:
    """Of every era's range: systems inside it, and systems that fit no era they are dated in."""
    eras = study.dataset.rows("eras")
    for measure in MEASURES:
        values = _measured(study, measure)
        for era in eras:
            if era[f"{measure}_low"] is None:
                continue
            dated = [v for v in values if _dated(v[0], era)]
            inside = [v for v in dated if _fits(v, era, measure)]
            outside = [v for v in dated if not any(
                _dated(v[0], other) and _fits(v, other, measure) for other in eras)]
            if inside or outside:
                yield str(era["era_id"]), measure, len(inside), len(outside)


def _measured(study: Study, measure: str) -> list[tuple[pd.Timestamp, float]]:
    table = study.fitted
    if measure == "pfs_days":
        return list(zip(table["date"], table["pfs_days"], strict=True))
    found = []
    for system_id, date in zip(table["system_id"], table["date"], strict=True):
        own = [c for c in study.calculations_of(system_id) if c.method == 2]
        if own:
            largest = max(own[0].phases, key=lambda phase: float(phase.flop()))
            chips = largest.factor("chips").value
            rating = largest.factor("flop_per_second").value / FLOP_PER_SECOND_PER_TERAFLOP
            found.append((date, chips if measure == "chips" else rating))
    return found


def _dated(date: pd.Timestamp, era: Any) -> bool:
    begun = era["start"] is None or date >= pd.Timestamp(era["start"])
    return bool(begun and date <= pd.Timestamp(era["end"]))


def _fits(value: tuple[pd.Timestamp, float], era: Any, measure: str) -> bool:
    low, high = era[f"{measure}_low"], era[f"{measure}_high"]
    return low is None or bool(low <= value[1] <= high)


@lists("claims")
def claim_table(study: Study, part: str = "") -> HtmlTable:
    """The claims of one part, or all: stated, recomputed, verdict, and what explains it."""
    results = Results(study)
    rows = [_row(study, results, j) for j in judge(study) if part in ("", j.claim["part"])]
    title = claims.PARTS.get(part, "All")
    return HtmlTable(["Claim", "Stated; here, with its interval", "Verdict"], rows,
                     caption=f"{title}: what is stated, what comes out here, and the verdict")


@lists("claim_tally")
def claim_tally(study: Study) -> HtmlTable:
    """How many claims of each part have each verdict."""
    rows = []
    for part, title in claims.PARTS.items():
        own = [j for j in judge(study) if j.claim["part"] == part]
        if own:
            counts = claims.tally(own)
            rows.append([tables.link(title, f"page:claims#{_anchor(title)}"),
                         tables.number(str(len(own)), len(own)),
                         *[tables.number(str(n) if n else "–", n) for n in counts.values()]])
    counts = claims.tally(judge(study))
    rows.append([Cell("<strong>All</strong>"),
                 *[Cell(f"<strong>{n}</strong>", number=True, sort=str(n)) for n in
                   (sum(counts.values()), *counts.values())]])
    return HtmlTable(["Part", "All", *[f"{SIGNS[n]} {w}" for n, w in VERDICTS.items()]], rows,
                     caption="Claims and their verdicts, part by part")


def _row(study: Study, results: Results, j: Judged) -> list[Cell]:
    source = source_cell(study, str(j.claim["source_key"])).html
    place = html.escape(str(j.claim["source_place"]))
    statement = html.escape(j.claim["statement"])
    why = fill(results, html.escape(j.claim["why"]))
    claim = (
        f'<span id="claim-{html.escape(j.claim["claim_id"])}"><strong>{statement}</strong></span>'
        f'<br><span class="why">{why}</span><br><small class="source">{source}, {place}</small>'
    )
    return [Cell(claim), Cell(f"{html.escape(_stated(j))}{_here(j)}"), _verdict_cell(j)]


def _here(j: Judged) -> str:
    """The result as a link to where it is calculated, and its interval under it, HTML."""
    if j.result is None or j.result.value is None:
        return ""
    share = j.result.unit == "1"
    shown = number_link(str(j.claim["result"]), j.result, "share" if share else "quantity")
    if j.result.low is None and j.result.high is None:
        return f"<br>{shown}"
    low, high = ((end if end is None or not share else round(100 * end, 1))
                 for end in (j.result.low, j.result.high))
    between = wording.interval(low, high) + (" %" if share else "")
    return f"<br>{shown}<br><small>{html.escape(between)}</small>"


def _verdict_cell(j: Judged) -> Cell:
    sign = f'<span aria-hidden="true">{SIGNS[j.verdict]}</span>'
    words = html.escape(VERDICTS[j.verdict])
    if not j.as_expected:
        words += f" (baseline: {html.escape(VERDICTS[j.claim['expected']])})"
    return Cell(f'<span class="verdict verdict-{j.verdict}">{sign} {words}</span>', sort=j.verdict)


def _stated(j: Judged) -> str:
    claim, unit = j.claim, str(j.claim["unit"] or "")
    words = {"less": "less than ", "more": "more than "}.get(claim["check"], "")
    if unit == "1" and j.result is not None:
        if j.result.unit == "1":
            return f"{words}{wording.share(claim['stated'])}"
        unit = j.result.unit
    unit = {"times": "×", "times a year": "× a year", "1": "", "pfs-day": " pfs-days"}.get(
        unit, f" {unit}" if unit else "")
    if claim["check"] == "range":
        return f"{_digits(claim['stated_low'])} to {_digits(claim['stated_high'])}{unit}"
    if claim["stated"] is None:
        return "–"
    return f"{words}{_digits(claim['stated'])}{unit}"


def _digits(stated: float) -> str:
    """A stated number with the digits it is stated with, three at most."""
    if stated == int(stated) or abs(stated) < wording.SMALLEST_PLAIN:
        return wording.number(stated, 2)
    return f"{float(f'{stated:.3g}'):,g}"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
