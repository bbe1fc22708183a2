"""What the trend costs: the price of a run's chips, and when it reaches a given sum."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from aicompute.analysis import frontier, price, run_cost
from aicompute.analysis.price import PriceTrend
from aicompute.assumptions import Assumptions
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.topics.fit_results import fit_or_none
from aicompute.trend import FitError
from aicompute.units import DAYS_PER_YEAR

#: Sums whose date is asked for, USD, by the name of their results.
SUMS = {
    "ten_million": 1e7, "hundred_million": 1e8, "billion": 1e9, "ten_billion": 1e10,
    "hundred_billion": 1e11, "trillion": 1e12,
}
PRICED = ("alphago_zero", "gpt_3", "gpt_4", "grok_3")
#: The day and the pace of the forecast that Besiroglu and others made after Carey's.
SIX_MONTHS_FROM = pd.Timestamp("2022-03-07")
SIX_MONTHS = 6.0
MILLION, BILLION = 1e6, 1e9


def prices(study: Study) -> PriceTrend | None:
    """The trend of the rating a dollar buys; None where too few cards have a price."""
    return _prices(study)


@cache
def _prices(study: Study) -> PriceTrend | None:
    try:
        chips = price.priced_chips(study.dataset, study.assumptions)
        return price.price_trend(chips, study.assumptions)
    except FitError:
        return None


@family("ahead")
def ahead_results(study: Study) -> Named:
    """Prices, costs and dates."""
    yield from _worked(study)
    found = prices(study)
    if found is None:
        return
    yield from _price_results(study, found)
    yield from _alternatives(study)
    yield from _cost_results(study, found)
    yield from _dates(study, found)
    yield from _six_months(study, found)


def _worked(study: Study) -> Named:
    page = "ahead#two-cards-of-2012"
    chip = study.dataset.frame("chips").set_index("chip_id").loc["gtx_580"]
    run = study.calculations["alexnet", 2, "article"].phases[0]
    each, chips = float(chip["launch_price_usd"]), run.factor("chips").value
    yield "ahead.alexnet.card_usd", Result(each, "dollars", page=page, how="a GTX 580 in 2010")
    yield "ahead.alexnet.purchase_usd", Result(
        chips * each, "dollars", page=page, how=f"{chips:g} cards at their price at launch")
    days = run.factor("days")
    use = study.assumptions.chip_years_of_use
    value, low, high = (
        run_cost.written_off(chips * each, days=d, years_of_use=use)
        for d in (days.value, days.low, days.high)
    )
    yield "ahead.alexnet.written_off_usd", Result(
        value, "dollars", low, high, page, f"its days of {use:g} years of use")
    yield "ahead.alexnet.days", Result(
        days.value, "days", days.low, days.high, page, "as the paper states it")


def _price_results(study: Study, found: PriceTrend) -> Named:
    page = "ahead#what-a-dollar-buys"
    how = (f"least squares on {found.points} cards, one slope for both markets; "
           f"{found.confidence:.0%} interval")
    if study.assumptions.price_doubling_years > 0:
        how = f"stated by an assumption; {found.points} cards set its level"
    slow = 1 / found.slope_low / DAYS_PER_YEAR if found.slope_low > 0 else None
    fast = 1 / found.slope_high / DAYS_PER_YEAR
    yield "ahead.price.doubling_time_years", Result(
        found.doubling_time_years, "years", fast, slow, page, how)
    least, most = (float(np.exp2(s * DAYS_PER_YEAR)) for s in (found.slope_low, found.slope_high))
    yield "ahead.price.growth_per_year", Result(
        found.growth_per_year, "times a year", least, most, page, how)
    yield "ahead.price.cards", Result(float(found.points), "cards", page=page, how="a count")
    low, high = study.fit.slope_low / found.slope_high, study.fit.slope_high / found.slope_low
    yield "ahead.price.times_slower", Result(
        study.fit.slope / found.slope, "times", min(low, high), max(low, high), page,
        "doublings a year of compute over those of the rating a dollar buys; both at their ends")
    value, least, most = found.at(frontier.ARTICLE)
    yield "ahead.price.usd_per_tflop_per_second", Result(
        1e12 / value, "dollars", 1e12 / most, 1e12 / least, page,
        "price of one TFLOP/s of rating in May 2018, on the line")


def _alternatives(study: Study) -> Named:
    page = "ahead#what-a-dollar-buys"
    for name, altered in (("fp32", {"price_chips": "fp32"}),
                          ("consumer", {"price_market": "consumer"})):
        other = study.under(**altered)
        found = prices(other)
        if found is None:
            continue
        how = ", ".join(f"{key} = {value}" for key, value in altered.items())
        yield f"ahead.price.{name}.doubling_time_years", Result(
            found.doubling_time_years, "years", page=page, how=how)
        days = run_cost.date_of_cost(
            study.assumptions.run_cost_usd, other.fit, found, other.assumptions)
        yield f"ahead.run_cost.{name}.years_after", Result(
            _years_after(days[0]), "years", page="ahead#when-the-money-ends", how=how)


def _cost_results(study: Study, found: PriceTrend) -> Named:
    page, settings = "ahead#the-price-of-a-run", study.assumptions
    table = study.estimates.set_index("system_id")
    how = (f"its compute in {settings.run_days:g} days at {settings.gpu_utilization:.0%} of the "
           "peak, at the fitted price of that day")
    for system_id in PRICED:
        row = table.loc[system_id]
        cost = run_cost.purchase(float(row["published_pfs_days"]), row["date"], found, settings)
        yield from _millions(f"ahead.{system_id}", cost, how, settings)
    line = run_cost.cost_line(pd.Series([frontier.ARTICLE]), study.fit, found, settings).iloc[0]
    how = "a run on the fitted line in May 2018, in the same way; interval of both lines"
    yield from _millions(
        "ahead.at_article", (line["usd"], line["low"], line["high"]), how, settings)
    yield "ahead.written_off_share", Result(
        _written_off(1.0, settings), "1", page=page,
        how=f"{settings.run_days:g} days of {settings.chip_years_of_use:g} years of use")
    yield "ahead.cost.growth_per_year", Result(
        float(np.exp2((study.fit.slope - found.slope) * DAYS_PER_YEAR)), "times a year",
        page=page, how="growth of compute over growth of the rating a dollar buys")
    records = frontier.records_since(frontier.systems(study, "chart", "later"), frontier.ARTICLE)
    fit = fit_or_none(records, study)
    if fit is not None:
        value, low, high = (float(np.exp2((s - found.slope) * DAYS_PER_YEAR))
                            for s in (fit.slope, fit.slope_low, fit.slope_high))
        yield "ahead.cost.since_2018.growth_per_year", Result(
            value, "times a year", low, high, page,
            f"the same for the {fit.points} record setters since AlphaGo Zero")


def _millions(
    name: str, cost: tuple[float, float, float], how: str, assumptions: Assumptions
) -> Named:
    page = "ahead#the-price-of-a-run"
    value, low, high = (usd / MILLION for usd in cost)
    yield f"{name}.purchase_million_usd", Result(
        value, "million dollars", low, high, page, how)
    value, low, high = (_written_off(usd, assumptions) / MILLION for usd in cost)
    yield f"{name}.written_off_million_usd", Result(
        value, "million dollars", low, high, page, f"{how}; its days of the years of use")


def _dates(study: Study, found: PriceTrend) -> Named:
    page = "ahead#when-the-money-ends"
    wanted = {**SUMS, "run_cost": study.assumptions.run_cost_usd}
    for name, usd in wanted.items():
        days = run_cost.date_of_cost(usd, study.fit, found, study.assumptions)
        value, low, high = (_years_after(day) for day in days)
        yield f"ahead.{name}.years_after", Result(
            value, "years", low, high, page,
            f"after the article, until the chips of a run on the line cost {usd:,.0f} dollars")
    written = study.assumptions.run_cost_usd / _written_off(1.0, study.assumptions)
    days = run_cost.date_of_cost(written, study.fit, found, study.assumptions)
    value, low, high = (_years_after(day) for day in days)
    yield "ahead.run_cost.written_off_years_after", Result(
        value, "years", low, high, page,
        "after the article, until what a run bears of its chips' price reaches that sum")
    yield "ahead.run_cost.billion_usd", Result(
        study.assumptions.run_cost_usd / BILLION, "billion dollars", page=page,
        how="an assumption")


def _six_months(study: Study, found: PriceTrend) -> Named:
    table = frontier.systems(study, "chart", "later")
    before = table[table["date"] <= SIX_MONTHS_FROM]
    largest = before.loc[before["pfs_days"].idxmax()]
    now = run_cost.purchase(
        float(largest["pfs_days"]), SIX_MONTHS_FROM, found, study.assumptions)[0]
    pace = DAYS_PER_YEAR / (SIX_MONTHS * study.assumptions.days_per_month)
    rate = [pace - s * DAYS_PER_YEAR for s in (found.slope, found.slope_low, found.slope_high)]
    doublings = float(np.log2(study.assumptions.run_cost_usd / now))
    years = [doublings / r for r in rate]
    yield "ahead.six_months.years_after", Result(
        years[0], "years", min(years), max(years), "ahead#what-others-expected",
        f"after March 2022, from {largest['name']} at a doubling every six months, until the chips "
        "of a run cost the same sum; interval of the price alone")


def _years_after(day: pd.Timestamp | None) -> float | None:
    return None if day is None else (day - frontier.ARTICLE).days / DAYS_PER_YEAR


def _written_off(usd: float, assumptions: Assumptions) -> float:
    return run_cost.written_off(
        usd, days=assumptions.run_days, years_of_use=assumptions.chip_years_of_use)
