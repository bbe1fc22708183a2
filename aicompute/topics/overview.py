"""The unit, the trend and the eras: results and tables of the introduction and the first pages."""

from __future__ import annotations

import math

import pandas as pd

from aicompute import figures, tables, trend, wording
from aicompute.calculations import Calculation
from aicompute.errors import CallError
from aicompute.listings import lists
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import HtmlTable
from aicompute.trend import FitError
from aicompute.units import (
    DAYS_PER_YEAR,
    FLOP_PER_PFS_DAY,
    FLOP_PER_SECOND_PER_PETAFLOP,
    FLOP_PER_SECOND_PER_TERAFLOP,
)

#: The two systems of the fit that is worked by hand, and the chip of the unit's example.
FIRST, LARGEST = "alexnet", "alphago_zero"
EXAMPLE_CHIP = "gtx_580"
#: The month in which the fit of the plotted points gives the article's two decimals.
MONTH_OF_THE_ARTICLE = 30.5
#: What a year that two eras share may mean.
READINGS = {
    "either": "to both: the system may fit either",
    "earlier": "to the earlier era",
    "later": "to the later era",
}


@family("pfs_day")
def pfs_day_results(study: Study) -> Named:
    """The unit, and how long one chip of 2012 needs for it."""
    page = "overview#the-pfs-day"
    yield "pfs_day.flop", Result(
        FLOP_PER_PFS_DAY, "FLOP", page=page, how="1e15 FLOP/s for 86,400 seconds, by definition"
    )
    rating = next(
        row["article_tflop_per_second"] for row in study.dataset.rows("chips")
        if row["chip_id"] == EXAMPLE_CHIP
    )
    sustained = float(rating or math.nan) * study.assumptions.gpu_utilization  # type: ignore[arg-type]
    petaflop = sustained * FLOP_PER_SECOND_PER_TERAFLOP / FLOP_PER_SECOND_PER_PETAFLOP
    yield "pfs_day.chip_rating", Result(
        float(rating or math.nan), "TFLOP/s", page=page,  # type: ignore[arg-type]
        how="the article's rating of one GTX 580",
    )
    yield "pfs_day.chip_days", Result(
        1 / petaflop, "days", page=page, how="1e15 FLOP/s over what one GTX 580 sustains"
    )
    yield "pfs_day.chip_years", Result(
        1 / petaflop / DAYS_PER_YEAR, "years", page=page, how="the same days over 365.25"
    )


@family("two_points")
def two_points_results(study: Study) -> Named:
    """The fit by hand: two plotted systems, whatever the assumptions leave out of the real one."""
    rows = study.estimates.set_index("system_id").loc[[FIRST, LARGEST]]
    small, large = rows["published_pfs_days"]
    days = float((rows["date"].iloc[1] - rows["date"].iloc[0]).days)
    months = days / study.assumptions.days_per_month
    doublings = math.log2(large / small)
    page = "trend#first-to-largest"
    how = "AlphaGo Zero and AlexNet, as plotted"
    yield "two_points.first_pfs_days", Result(small, "pfs-days", page=page, how="AlexNet, plotted")
    yield "two_points.largest_pfs_days", Result(
        large, "pfs-days", page=page, how="AlphaGo Zero, plotted"
    )
    yield "two_points.factor", Result(large / small, "times", page=page, how=how)
    yield "two_points.days", Result(days, "days", page=page, how=how)
    yield "two_points.months", Result(months, "months", page=page, how=how)
    yield "two_points.doublings", Result(doublings, "doublings", page=page, how=f"log2, {how}")
    yield "two_points.doubling_time_months", Result(
        months / doublings, "months", page=page, how=f"months over doublings: {how}"
    )


@family("fit")
def fit_results(study: Study) -> Named:
    """What moves the fit of the chosen values: the month, and any one system."""
    try:
        fit = study.fit
    except FitError:
        return
    page = "trend#what-would-change-it"
    scale = study.assumptions.days_per_month / MONTH_OF_THE_ARTICLE
    yield "fit.in_months_of_30_5_days", Result(
        fit.doubling_time_months * scale, "months", fit.doubling_time_low * scale,
        None if math.isinf(fit.doubling_time_high) else fit.doubling_time_high * scale,
        page, "the same fit in months of 30.5 days",
    )
    yield "fit.residual_factor", Result(
        10**fit.residual_decades, "times", page="trend#the-fit",
        how="one standard deviation of the points about the line, as a factor",
    )
    without = left_out(study)
    for name, row in {"shortest": without.iloc[0], "longest": without.iloc[-1]}.items():
        yield f"fit.{name}_leaving_one_out", Result(
            row["months"], "months", page=page, how=f"without {row['name']}"
        )
    for row in without.to_dict("records"):
        yield f"fit.without.{row['system_id']}.doubling_time_months", Result(
            row["months"], "months", row["low"], row["high"], page, f"without {row['name']}"
        )


def left_out(study: Study) -> pd.DataFrame:
    """The fit with each system left out once.

    Returns
    -------
    DataFrame
        ``system_id``, ``name``, ``months``, ``low``, ``high`` (None where open), by ``months``.
    """
    table = study.fitted
    rows = []
    for system in table.to_dict("records"):
        rest = table[table["system_id"] != system["system_id"]]
        try:
            fit = trend.fit_table(rest, study.assumptions)
        except FitError:
            continue
        high = None if math.isinf(fit.doubling_time_high) else fit.doubling_time_high
        rows.append({
            "system_id": system["system_id"], "name": system["name"],
            "months": fit.doubling_time_months, "low": fit.doubling_time_low, "high": high,
        })
    columns = ["system_id", "name", "months", "low", "high"]
    return pd.DataFrame(rows, columns=columns).sort_values("months", ignore_index=True)


@family("eras")
def era_results(study: Study) -> Named:
    """How many systems lie outside the ranges, under each reading of a shared year."""
    fits = figures.era_fit(study)
    for reading, meaning in READINGS.items():
        yield f"eras.outside.{reading}", Result(
            float(len(outside(fits, reading))), "systems", page="eras#shared-years",
            how=f"systems outside their era's range, a shared year going {meaning}",
        )
    yield "eras.systems", Result(
        float(fits["system_id"].nunique()), "systems", page="eras#shared-years", how="a count"
    )
    pairs = [fit for fit in _ratings(study).values() if not fit["fits"]]
    yield "eras.outside_chips", Result(
        float(len(pairs)), "systems", page="eras#chips-and-ratings",
        how="systems whose number of chips and rating fit no era they are dated in",
    )


def outside(fits: pd.DataFrame, reading: str) -> list[str]:
    """Names of the systems outside their era, a shared year read in one of three ways."""
    if reading not in READINGS:
        raise CallError(f"reading {reading}: unknown; valid: {', '.join(READINGS)}")
    if reading == "either":
        return list(dict.fromkeys(fits[~fits["fits_an_era"]]["name"]))
    keep = "first" if reading == "earlier" else "last"
    own = fits.drop_duplicates("system_id", keep=keep)  # eras stand in order of time
    return list(own[own["inside"] == "no"]["name"])


@lists("era_readings")
def era_readings(study: Study) -> HtmlTable:
    """Which systems fall outside under each reading of a shared year."""
    fits = figures.era_fit(study)
    rows = []
    for reading, meaning in READINGS.items():
        names = outside(fits, reading)
        rows.append([
            tables.text(meaning), tables.number(str(len(names)), len(names)),
            tables.text(wording.listed(names) or "none"),
        ])
    return HtmlTable(["A shared year belongs", "Outside", "Which"], rows)


@lists("era_chips")
def era_chips(study: Study) -> HtmlTable:
    """Chips and rating of every system with chip time, against its eras' ranges."""
    rows = []
    for system_id, fit in _ratings(study).items():
        rows.append([
            tables.link(fit["name"], f"page:systems/{system_id}"), tables.text(fit["chip"]),
            tables.number(wording.number(fit["chips"]), fit["chips"]),
            tables.number(wording.number(fit["rating"]), fit["rating"]),
            tables.text("; ".join(fit["eras"])),
        ])
    head = ["System", "Chip", "Chips", "TFLOP/s each", "Against its eras"]
    return HtmlTable(head, rows)


def _ratings(study: Study) -> dict[str, dict[str, object]]:
    eras = study.dataset.frame("eras").to_dict("records")
    found: dict[str, dict[str, object]] = {}
    for system in study.fitted.to_dict("records"):
        calculation = _chip_time(study, system["system_id"])
        if calculation is None:
            continue
        largest = max(calculation.phases, key=lambda phase: float(phase.flop()))
        chips = largest.factor("chips").value
        rating = largest.factor("flop_per_second").value / FLOP_PER_SECOND_PER_TERAFLOP
        judged = [_against(era, chips, rating) for era in eras if _dated_in(system, era)]
        found[system["system_id"]] = {
            "name": system["name"], "chip": largest.factor("flop_per_second").text,
            "chips": chips, "rating": rating, "eras": [words for words, _ in judged],
            "fits": any(fits for _, fits in judged),
        }
    return found


def _chip_time(study: Study, system_id: str) -> Calculation | None:
    found = [c for c in study.calculations_of(system_id) if c.method == 2]
    return found[0] if found else None


def _dated_in(system: dict[str, object], era: dict[str, object]) -> bool:
    begun = pd.isna(era["start"]) or system["date"] >= era["start"]  # type: ignore[operator]
    return bool(begun and system["date"] <= era["end"])  # type: ignore[operator]


def _against(era: dict[str, object], chips: float, rating: float) -> tuple[str, bool]:
    """One era's verdict in words, and whether the system fits it."""
    name = str(era["name"]).partition(":")[0]
    if pd.isna(era["chips_low"]):
        return f"{name}: no range given", True
    checks = {"chips": chips, "tflop_per_second": rating}
    misses = []
    for stem, value in checks.items():
        low, high = float(era[f"{stem}_low"]), float(era[f"{stem}_high"])  # type: ignore[arg-type]
        what = "chips" if stem == "chips" else "rating"
        if not low <= value <= high:
            misses.append(f"{what} {'below' if value < low else 'above'} "
                          f"{wording.interval(low, high)}")
    return f"{name}: {wording.listed(misses) if misses else 'fits'}", not misses
