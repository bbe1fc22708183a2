"""What the reactions to the article can be held against: parts of the growth, error and compute."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from aicompute.methods.calculations import Calculation, Phase
from aicompute.study import Study
from aicompute.trend import FitError, fit_table

#: Systems that search architectures or learn games by playing them.
SEARCH_AND_GAMES = ("nas", "dqn", "dota_1v1", "alphago_zero", "alphazero")
#: Most chips that one machine of the time holds.
CHIPS_IN_A_MACHINE = 8
PARTS = ("chips", "rating", "days", "utilization", "further")


def main_phase(calculation: Calculation) -> Phase:
    """The part of a training that takes the most compute."""
    return max(calculation.phases, key=lambda phase: float(phase.flop()))


def chip_run(study: Study, system_id: str) -> Calculation | None:
    """A system's calculation from chip time: the article's own where there is one."""
    for basis in ("article", "recount"):
        found = study.calculations.get((system_id, 2, basis))
        if found is not None:
            return found
    return None


def chip_runs(study: Study, *sets: str) -> pd.DataFrame:
    """The parts of every run that is known by its chips and its time; they multiply to its compute.

    Returns
    -------
    DataFrame
        The system; ``chips``, ``rating`` (FLOP/s), ``days``, ``utilization`` of its main part;
        ``further``: the compute of the whole over that of the main part, and the row's own factor;
        ``pfs_days``; ``chips_low``, ``chips_high``; ``guessed``: whether chips or kind are.
    """
    rows = []
    for system in study.estimates.to_dict("records"):
        calculation = chip_run(study, system["system_id"])
        if calculation is None or system["set"] not in sets:
            continue
        values = {f.name: f for f in main_phase(calculation).factors}
        product = math.prod(
            values[n].value for n in ("chips", "flop_per_second", "days", "utilization")
        )
        rows.append({
            **{name: system[name] for name in ("system_id", "name", "date", "domain", "set")},
            "chips": values["chips"].value, "rating": values["flop_per_second"].value,
            "days": values["days"].value, "utilization": values["utilization"].value,
            "further": calculation.pfs_days / (product / 1e15), "pfs_days": calculation.pfs_days,
            "chips_low": values["chips"].low, "chips_high": values["chips"].high,
            "chip": values["chips"].unit, "guessed": values["chips"].guessed,
            "basis": calculation.basis,
        })
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Part:
    """One factor of a growth: how many times it grew, and its share of the growth in logarithms."""

    name: str
    before: float
    after: float
    factor: float
    share: float


def decompose(before: dict[str, float], after: dict[str, float]) -> list[Part]:
    """Split the growth between two runs into the growth of their factors.

    Parameters
    ----------
    before, after
        The factors of each run by name, in the same units; their products are the two values.

    Examples
    --------
    Ten times the chips for a tenth longer make eleven times the compute:

    >>> parts = decompose({"chips": 2.0, "days": 10.0}, {"chips": 20.0, "days": 11.0})
    >>> [(p.name, p.factor, round(p.share, 2)) for p in parts]
    [('chips', 10.0, 0.96), ('days', 1.1, 0.04)]
    """
    total = sum(math.log(after[name] / before[name]) for name in before)
    return [
        Part(name, before[name], after[name], after[name] / before[name],
             math.log(after[name] / before[name]) / total if total else math.nan)
        for name in before
    ]


def growth_parts(study: Study, first: str = "alexnet", last: str = "alphago_zero",
                 chips: float | None = None) -> list[Part]:
    """Split the growth from one system to another, as plotted or chosen, into what ran it.

    Chips, rating and days are the run's; the utilization is whatever remains between their product
    and the system's value, so that the factors multiply to the growth the headline states.

    Parameters
    ----------
    chips
        Chips of the later run in place of the row's.
    """
    runs = chip_runs(study, "chart").set_index("system_id")
    values = study.estimates.set_index("system_id")["pfs_days"]
    ends = []
    for system_id, altered in ((first, None), (last, chips)):
        run = runs.loc[system_id]
        parts = {"chips": float(altered or run["chips"]), "rating": float(run["rating"]),
                 "days": float(run["days"])}
        left = float(values[system_id]) * 1e15 / math.prod(parts.values())
        ends.append({**parts, "utilization": left})
    return decompose(*ends)


def slope_parts(runs: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Split the slope of a trend into the slopes of the runs' factors, which add up to it.

    Returns
    -------
    DataFrame
        ``part``; ``slope``, ``slope_low``, ``slope_high`` (doublings a day); ``share`` of the
        slope of the compute, whose own row is last.
    """
    rows = []
    for part in (*PARTS, "pfs_days"):
        fit = fit_table(runs, study.assumptions, part)
        rows.append({"part": part, "slope": fit.slope, "slope_low": fit.slope_low,
                     "slope_high": fit.slope_high})
    table = pd.DataFrame(rows)
    return table.assign(share=table["slope"] / table["slope"].iloc[-1])


def slopes_differ(table: pd.DataFrame, group: pd.Series) -> float:
    """Probability of so large a difference between two groups' slopes if they had one.

    Raises
    ------
    FitError
        If a group has fewer than three systems.
    """
    # Loading it takes a second, which a command that needs no such test should not wait for.
    from statsmodels.regression.linear_model import OLS

    inside = group.to_numpy(dtype=np.float64)
    if min(inside.sum(), len(inside) - inside.sum()) < 3:
        raise FitError("a comparison of slopes needs three systems in either group")
    years = (table["date"] - table["date"].mean()).dt.days.to_numpy(dtype=np.float64) / 365.25
    design = np.column_stack([np.ones_like(years), years, inside, inside * years])
    fit = OLS(np.log2(table["pfs_days"].to_numpy()), design).fit()
    return float(fit.pvalues[3])


def accuracy(study: Study, task: str, measure: str, setting: str) -> pd.DataFrame:
    """The published figures of one test beside each system's compute by every value there is.

    Returns
    -------
    DataFrame
        The columns of accuracy.csv; of our systems ``date``, ``domain``, ``pfs_days`` (recounted,
        or else published), ``published_pfs_days``, ``low``, ``high``.
    """
    table = study.dataset.frame("accuracy")
    table = table[(table["task"] == task) & (table["measure"] == measure)
                  & (table["setting"] == setting)]
    systems = study.estimates_by("recounted")[[
        "system_id", "date", "domain", "published_pfs_days", "recounted_pfs_days",
        "recounted_low", "recounted_high",
    ]]
    joined = table.merge(systems, on="system_id", how="left")
    counted = joined["recounted_pfs_days"]
    return joined.assign(
        pfs_days=counted.fillna(joined["published_pfs_days"]),
        low=joined["recounted_low"], high=joined["recounted_high"],
    ).reset_index(drop=True)


@dataclass(frozen=True)
class PowerLaw:
    """How an error falls with compute: error = constant x compute^exponent."""

    exponent: float
    low: float
    high: float
    constant: float
    r_squared: float
    points: int

    def at(self, pfs_days: pd.Series) -> pd.Series:
        """The error at a compute."""
        return self.constant * pfs_days**self.exponent


def error_law(pfs_days: pd.Series, error: pd.Series, confidence: float) -> PowerLaw:
    """Fit a power law to errors and compute by least squares on logarithms.

    Raises
    ------
    FitError
        With fewer than three points.
    """
    if len(pfs_days) < 3:
        raise FitError("a power law needs at least three points")
    found = stats.linregress(np.log(pfs_days), np.log(error))
    half = stats.t.ppf(0.5 + confidence / 2, len(pfs_days) - 2) * found.stderr
    return PowerLaw(
        exponent=float(found.slope), low=float(found.slope - half), high=float(found.slope + half),
        constant=float(np.exp(found.intercept)), r_squared=float(found.rvalue**2),
        points=len(pfs_days),
    )


def gaps(study: Study) -> pd.DataFrame:
    """Each result that needed little against the largest run published by that day.

    Returns
    -------
    DataFrame
        ``system_id``, ``name``, ``date``, ``pfs_days``, ``largest``, ``times`` (missing where
        nothing came before).
    """
    modest = study.estimates[study.estimates["set"] == "modest"]
    chart = study.fitted
    rows = []
    for row in modest.to_dict("records"):
        earlier = chart[chart["date"] <= row["date"]]
        by_day = earlier.sort_values("pfs_days").tail(1).to_dict("records")
        rows.append({
            "system_id": row["system_id"], "name": row["name"], "date": row["date"],
            "pfs_days": row["published_pfs_days"],
            "largest": by_day[0]["name"] if by_day else "none",
            "times": by_day[0]["pfs_days"] / row["published_pfs_days"] if by_day else math.nan,
        })
    return pd.DataFrame(rows)
