"""The ledger's own results: what only its claims are held against, or explained by."""

from __future__ import annotations

from typing import Any

from aicompute import claims
from aicompute.methods.calculations import Phase
from aicompute.results import Named, Result, Results, family
from aicompute.study import Study, has_page
from aicompute.topics.ledger_eras import PAGE, era_results
from aicompute.units import FLOP_PER_PFS_DAY, growth_over, pfs_days_from_flop

#: Operations of a pfs-day as the article rounds them, in the caption of its chart.
ROUNDED_PFS_DAY_FLOP = 1e20
#: The doubling time of Moore's law, months, in the later version of the article.
LATER_MOORE_MONTHS = 24.0
#: Utilization that "one third" stands for where the article writes 0.33.
ONE_THIRD = 1 / 3
#: Chips on the board (Tesla K80) that the chip time of the Dota player counts.
CHIPS_A_BOARD = 2


@family("ledger")
def ledger_results(study: Study) -> Named:
    """Numbers that a claim is held against, or explained by, and no other page calculates."""
    for part in (_accuracy, _formulas, era_results, _growth, _what_if):
        yield from part(study)


def _accuracy(study: Study) -> Named:
    """The plotted values against our own counts."""
    chart = study.estimates[study.estimates["set"] == "chart"].set_index("system_id")
    ratio = (chart["recounted_pfs_days"] / chart["published_pfs_days"]).dropna()
    for system_id, value in ratio.items():
        yield f"ledger.{system_id}.recount_over_published", Result(
            float(value), "times", page=_page(study, str(system_id)),
            how="our own count over the published value")
    apart = ratio.where(ratio >= 1, 1 / ratio)
    if len(apart):
        yield "ledger.largest_difference", Result(
            float(apart.max()), "times", page=PAGE,
            how="largest factor between a plotted value and our own count")
        yield "ledger.compared", Result(
            float(len(apart)), "systems", page=PAGE, how="plotted values with a count of our own")
        yield "ledger.within_three", Result(
            float((apart <= claims.WITHIN_FACTOR).sum()), "systems", page=PAGE,
            how=f"plotted values within a factor 3 of our own count, of {len(apart)}")


def _formulas(study: Study) -> Named:
    """Which formulas the article prints, and which of their results it plots."""
    yield "ledger.pfs_day_rounding", Result(
        ROUNDED_PFS_DAY_FLOP / FLOP_PER_PFS_DAY, "times", page="overview",
        how="the article's round number of operations in a pfs-day over the exact one")
    printed: dict[Any, dict[Any, float]] = {}
    plotted: dict[Any, float] = {}
    for row in study.dataset.rows("published"):
        value = float(str(row["pfs_days"]))
        if row["kind"] == "printed" and row["method"] is not None:
            printed.setdefault(row["system_id"], {})[row["method"]] = value
        elif row["kind"] == "plotted":
            plotted[row["system_id"]] = value
    if not printed:
        return
    counted = [system_id for system_id, results in printed.items() if 1 in results]
    yield "ledger.counted_share", Result(
        len(counted) / len(printed), "1", page=PAGE,
        how=f"systems with a printed count of operations, of {len(printed)} with a formula")
    yield "ledger.formulas", Result(
        float(len(printed)), "systems", page=PAGE, how="systems with a printed formula")
    yield "ledger.counted", Result(
        float(len(counted)), "systems", page=PAGE,
        how="systems with a printed count of operations")
    follow = [system_id for system_id in counted if system_id in plotted
              and _nearest(plotted[system_id], printed[system_id]) == 1]
    yield "ledger.plotted_by_count", Result(
        float(len(follow)), "systems", page=PAGE,
        how="plotted values to which the printed count of operations is nearer than any other")


def _nearest(value: float, candidates: dict[Any, float]) -> Any:
    """The name of the candidate that is off by the smallest factor."""
    return min(candidates, key=lambda name: max(value / candidates[name], candidates[name] / value))


def _growth(study: Study) -> Named:
    """The other end points that the growth could have had: in time, and in what it took."""
    fitted = study.fitted.sort_values("date", kind="stable")
    last = fitted[fitted["system_id"] == "alphazero"]
    if len(last):
        days = (last["date"].iloc[0] - fitted["date"].iloc[0]).days
        months = days / study.assumptions.days_per_month
        how = "from the first system of the chart to AlphaZero"
        yield "ledger.alphazero.months", Result(
            months, "months", page="trend#moores-law", how=how)
        yield "ledger.alphazero.moore_factor", Result(
            growth_over(months, LATER_MOORE_MONTHS), "times", page="trend#moores-law",
            how=f"doubling every {LATER_MOORE_MONTHS:g} months {how}")
    rows = [r for r in study.dataset.rows("published") if r["system_id"] == "alphago_zero"]
    plotted = [float(str(r["pfs_days"])) for r in rows if r["kind"] == "plotted"]
    others = [float(str(r["pfs_days"])) for r in rows if r["kind"] == "estimated"]
    if plotted and others:
        page = _page(study, "alphago_zero")
        yield "ledger.alphago_zero.times_lower", Result(
            plotted[0] / min(others), "times", page=page,
            how="AlphaGo Zero as plotted over the lowest of its other estimates")
        yield "ledger.alphago_zero.times_higher", Result(
            max(others) / plotted[0], "times", page=page,
            how="the highest of AlphaGo Zero's other estimates over its plotted value")


def _what_if(study: Study) -> Named:
    """Results with one input altered, to see which one explains a difference."""
    printed = Results(study).families(["printed"])
    for system_id, method, factor, unit in (
        ("vgg", 2, "days", "days"), ("seq2seq", 1, "epochs", "epochs"),
        ("seq2seq", 1, "passes", "passes"),
    ):
        calculation = study.calculations.get((system_id, method, "article"))
        ratio = printed.get(f"printed.{system_id}.method_{method}.ratio")
        if calculation is None or ratio is None or not ratio.value:
            continue
        yield f"ledger.{system_id}.{factor}_for_printed", Result(
            calculation.phases[0].factor(factor).value / ratio.value, unit,
            page=f"systems/{system_id}#method-{method}",
            how=f"the {factor} with which the article's formula gives the result it prints")
    gnmt = study.calculations.get(("gnmt", 2, "article"))
    if gnmt is not None:
        yield "ledger.gnmt.guessed_factor", Result(
            gnmt.phases[0].factor("factor").value, "times", page="systems/gnmt#method-2",
            how="what the article multiplies the chip time of one run by")
    boosted = study.under(chip_rating="boost")
    for under, system_id, name, how, product in (
        (study, "transformer", "at_one_third", "with a utilization of one third",
         lambda phase: phase.flop(utilization=ONE_THIRD)),
        (study, "dota_1v1", "single_chips", "with its chips halves of a board",
         lambda phase: phase.flop() / CHIPS_A_BOARD),
        (boosted, "align_translate", "at_boost", "with the card at its boost clock", Phase.flop),
    ):
        calculation = under.calculations.get((system_id, 2, "recount"))
        if calculation is not None:
            yield f"ledger.{system_id}.{name}_pfs_days", Result(
                pfs_days_from_flop(sum(product(phase) for phase in calculation.phases)),
                "pfs-days", page=f"systems/{system_id}#method-2", how=f"our own chip time {how}")


def _page(study: Study, system_id: str) -> str:
    return f"systems/{system_id}" if has_page(study, system_id) else "systems"
