"""The systems against the article's eras: their compute, their chips and ratings."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aicompute import figures, tables, wording
from aicompute.errors import CallError
from aicompute.listings import lists
from aicompute.methods.calculations import Calculation
from aicompute.results import Named, Result, family
from aicompute.study import Study
from aicompute.tables import Cell, HtmlBlock, HtmlTable, paragraph
from aicompute.units import FLOP_PER_SECOND_PER_TERAFLOP

#: What a year that two eras share may mean.
READINGS = {
    "either": "to both: the system may fit either",
    "earlier": "to the earlier era",
    "later": "to the later era",
}


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
    charted = study.estimates[study.estimates["set"] == "chart"]
    for fit in rated(study, charted):
        yield f"eras.rating.{fit.system_id}", Result(
            fit.rating, "TFLOP/s", page="eras#chips-and-ratings", how=f"one {fit.chip}, as counted"
        )
        yield f"eras.chips.{fit.system_id}", Result(
            fit.chips, "chips", page="eras#chips-and-ratings", how=f"{fit.chip}, as counted"
        )
    misfits = [fit for fit in rated(study, study.fitted) if not fit.fits]
    yield "eras.outside_chips", Result(
        float(len(misfits)), "systems", page="eras#chips-and-ratings",
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


@lists("eras")
def eras(study: Study) -> HtmlTable:
    """The article's eras with their ranges."""
    rows = [
        [tables.text(row["name"]), tables.text(row["what"]),
         _span(row, "chips"), _span(row, "tflop_per_second"), _span(row, "pfs_days")]
        for row in study.dataset.rows("eras")
    ]
    return HtmlTable(["Era", "What made it", "Chips", "TFLOP/s each", "pfs-days"], rows,
                     caption="The eras of the article, and the ranges that it gives them")


@lists("era_fit")
def era_fit(study: Study) -> HtmlTable:
    """Every chart system against the range of its era."""
    rows = []
    for row in figures.era_fit(study).to_dict("records"):
        given = _stated_range(row["era_low"], row["era_high"])
        rows.append([
            tables.link(row["name"], f"page:systems/{row['system_id']}"),
            tables.text(f"{row['date']:%Y-%m-%d}"), tables.text(row["era"]),
            tables.number(wording.number(row["pfs_days"]), row["pfs_days"]),
            tables.text(given), tables.text(row["inside"]),
        ])
    return HtmlTable(["System", "Published", "Era", "pfs-days", "Range", "Inside"], rows,
                     caption="The compute of every system against the eras it is dated in")


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
    return HtmlTable(["A shared year belongs", "Outside", "Which"], rows,
                     caption="Systems outside their era, by which era has a shared year")


@lists("era_outside")
def era_outside(study: Study) -> HtmlBlock:
    """In words, the systems clear of every era they are dated in, and by how much."""
    fits = figures.era_fit(study)
    groups = fits[~fits["fits_an_era"]].groupby("system_id", sort=False)
    clear = [_distance(rows) for _, rows in groups]
    if not clear:
        return paragraph("No system is clear of the boxes of its eras.")
    return paragraph(html.escape(f"Clear of every box it may belong to: {wording.listed(clear)}."))


@lists("era_always_outside")
def era_always_outside(study: Study) -> HtmlBlock:
    """In words, who is outside under every reading of a shared year, and who under one alone."""
    fits = figures.era_fit(study)
    always = outside(fits, "either")
    parts = [f"Outside under every reading: {wording.listed(always) or 'none'}"]
    for reading in ("earlier", "later"):
        others = [name for name in outside(fits, reading) if name not in always]
        if others:
            given = f"only if a shared year goes {READINGS[reading]}"
            parts.append(f"{given}: {wording.listed(others)}")
    return paragraph(html.escape(f"{'; '.join(parts)}."))


def _distance(rows: pd.DataFrame) -> str:
    """A system outside all its eras, and how far it is from the nearest end of their ranges."""
    name, value = rows["name"].iloc[0], float(rows["pfs_days"].iloc[0])
    ratios = rows[["era_low", "era_high"]].to_numpy(dtype=float).ravel() / value
    ratio = min(ratios, key=lambda ratio: max(ratio, 1 / ratio))
    factor = wording.number(max(ratio, 1 / ratio), 2)
    side = "below the least" if ratio > 1 else "above the most"
    return f"{name}, at {wording.quantity(value, 'pfs-days')} a factor of {factor} {side}"


@lists("era_chips")
def era_chips(study: Study) -> HtmlTable:
    """Chips and rating of every system with chip time, against its eras' ranges."""
    rows = []
    for fit in rated(study, study.fitted):
        rows.append([
            tables.link(fit.name, f"page:systems/{fit.system_id}"), tables.text(fit.chip),
            tables.number(wording.number(fit.chips), fit.chips),
            tables.number(wording.number(fit.rating), fit.rating),
            tables.text("; ".join(fit.eras)),
        ])
    head = ["System", "Chip", "Chips", "TFLOP/s each", "Against its eras"]
    return HtmlTable(head, rows,
                     caption="Chips, and the rating of one, against the eras a system is dated in")


@dataclass(frozen=True)
class Rated:
    """A system's chips and their rating, and how they stand to each era it is dated in."""

    system_id: str
    name: str
    chip: str
    chips: float
    rating: float
    eras: tuple[str, ...]
    fits: bool


def rated(study: Study, systems: pd.DataFrame) -> list[Rated]:
    """Those of the systems with chip time, against their eras' chips and ratings (TFLOP/s)."""
    eras = study.dataset.frame("eras").to_dict("records")
    found = []
    for system in systems.to_dict("records"):
        calculation = _chip_time(study, system["system_id"])
        if calculation is None:
            continue
        largest = max(calculation.phases, key=lambda phase: float(phase.flop()))
        rating = largest.factor("flop_per_second")
        chips, each = largest.factor("chips").value, rating.value / FLOP_PER_SECOND_PER_TERAFLOP
        judged = [_against(era, chips, each) for era in eras if _dated_in(system, era)]
        found.append(Rated(
            system["system_id"], system["name"], rating.text, chips, each,
            tuple(words for words, _ in judged), any(fits for _, fits in judged),
        ))
    return found


def _chip_time(study: Study, system_id: str) -> Calculation | None:
    found = [c for c in study.calculations_of(system_id) if c.method == 2]
    return found[0] if found else None


def _dated_in(system: dict[Any, Any], era: dict[Any, Any]) -> bool:
    begun = pd.isna(era["start"]) or system["date"] >= era["start"]
    return bool(begun and system["date"] <= era["end"])


def _against(era: dict[Any, Any], chips: float, rating: float) -> tuple[str, bool]:
    """One era's verdict in words, and whether the system fits it."""
    name = str(era["name"]).partition(":")[0]
    if pd.isna(era["chips_low"]):
        return f"{name}: no range given", True
    checks = {"chips": chips, "tflop_per_second": rating}
    misses = []
    for stem, value in checks.items():
        low, high = float(era[f"{stem}_low"]), float(era[f"{stem}_high"])
        what = "chips" if stem == "chips" else "rating"
        if not low <= value <= high:
            side = "below" if value < low else "above"
            misses.append(f"{what} {side} the range ({wording.interval(low, high)})")
    return f"{name}: {wording.listed(misses) if misses else 'fits'}", not misses


def _span(row: dict[str, Any], stem: str) -> Cell:
    low, high = row[f"{stem}_low"], row[f"{stem}_high"]
    return tables.text(_stated_range(low, high))


def _stated_range(low: float | None, high: float | None) -> str:
    if low is None or high is None or pd.isna(low):
        return "none given"
    return f"{wording.stated(low)} to {wording.stated(high)}"
