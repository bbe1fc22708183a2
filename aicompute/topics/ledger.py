"""The ledger's page: every claim with its verdict, and the tally."""

from __future__ import annotations

import html

from aicompute import claims, tables, wording
from aicompute.claims import VERDICTS, Judged, judge
from aicompute.listings import lists, source_cell
from aicompute.results import Named, Result, Results, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlTable
from aicompute.words.number_text import fill, number_link

#: A verdict as the head of a narrow column; the soft hyphens let a phone break the longest words.
TALLY_WORDS = {
    "reproduced": "repro\u00adduced",
    "within_factor": "within factor 2 to 3",
    "not_reproduced": "not repro\u00adduced",
    "cannot_be_checked": "cannot be checked",
}
#: A verdict's sign, so that it does not rest on colour alone.
SIGNS = {"reproduced": "✓", "within_factor": "≈", "not_reproduced": "✗", "cannot_be_checked": "?"}


@family("claims")
def claim_results(study: Study) -> Named:
    """How many claims have each verdict."""
    page, judged = "claims#the-tally", judge(study)
    own = [j for j in judged if j.claim["part"] not in claims.OF_OTHERS]
    reactions = [j for j in judged if j.claim["part"] == "debate"]
    for prefix, part, whose in (("claims", judged, "rows of claims.csv"),
                                ("claims.article", own, "the article's own statements"),
                                ("claims.debate", reactions, "statements of the debate")):
        counts = claims.tally(part)
        for name, count in counts.items():
            yield f"{prefix}.{name}", Result(
                float(count), "claims", page=page, how=f"{whose}: {VERDICTS[name]}")
        yield f"{prefix}.total", Result(float(len(part)), "claims", page=page, how=whose)
        yield f"{prefix}.checked", Result(
            float(len(part) - counts["cannot_be_checked"]), "claims", page=page,
            how=f"{whose} that can be checked")


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
    return HtmlTable(["Part", "All", *[f"{SIGNS[n]} {TALLY_WORDS[n]}" for n in VERDICTS]], rows,
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
