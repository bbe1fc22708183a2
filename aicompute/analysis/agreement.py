"""Both methods of one system held against each other, and what a recount does to the fit.

The count says how many operations were needed, chip time how many the chips could have done. Their
quotient, with every assumption about utilization left out, is the utilization the two imply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from aicompute import trend
from aicompute.analysis.draws import Interval, ends
from aicompute.assumptions import Assumptions
from aicompute.methods.calculations import Calculation, Calculations, Factor, Phase
from aicompute.units import pfs_days_from_flop

#: The article's own tolerance: "correct within a factor 2-3".
LARGEST_FACTOR = 3.0

Verdict = Literal["agree", "open", "disagree"]
#: Columns of a table of fits with one system replaced.
REPLACED = ("system_id", "name", "before", "after", "factor", "months", "low", "high", "change")


@dataclass(frozen=True)
class Comparison:
    """One system on one basis: what was counted over what the chips' time gives.

    Attributes
    ----------
    ratio
        Method 1 over method 2; the range has every input of both at the end that takes the ratio
        furthest, the utilization anywhere in its plausible range.
    utilization
        Method 1 over the chips' time at their full peak: the share of the peak that the two methods
        imply together, whatever utilization is assumed.
    guessed
        The factors of either method whose value is in no source, in words.
    """

    system_id: str
    basis: str
    count: Calculation
    time: Calculation
    ratio: Interval
    utilization: Interval
    guessed: tuple[str, ...]

    @property
    def factor(self) -> float:
        """By how much the two differ, whichever is the larger: 1 or more."""
        return max(self.ratio.value, 1 / self.ratio.value)

    @property
    def furthest(self) -> float:
        """By how much they may differ within the combined range."""
        return max(self.ratio.high, 1 / self.ratio.low)

    @property
    def verdict(self) -> Verdict:
        """Whether the two agree within a factor of 3: surely, perhaps, or not."""
        if self.factor > LARGEST_FACTOR:
            return "disagree"
        return "agree" if self.furthest <= LARGEST_FACTOR else "open"

    @property
    def covers_one(self) -> bool:
        """Whether the combined range allows both methods to be right."""
        return self.ratio.low <= 1 <= self.ratio.high


def compare(calculations: Calculations, assumptions: Assumptions) -> list[Comparison]:
    """Hold both methods against each other wherever both can be had on the same inputs.

    Parameters
    ----------
    calculations
        Every calculation, by system, method and basis.
    assumptions
        Those the calculations were made under; they hold the range of the utilization.

    Returns
    -------
    list
        One comparison a system and basis, in the order of the counts. A chip time whose days are
        all guessed is left out: it was made to fit, and its agreement would mean nothing.
    """
    found = []
    for (system_id, method, basis), count in calculations.items():
        time = calculations.get((system_id, 2, basis))
        if method == 1 and time is not None and not is_hypothetical(time):
            found.append(_comparison(count, time, assumptions))
    return found


def is_hypothetical(time: Calculation) -> bool:
    """Whether no source gives the days of any phase of a chip time."""
    return all(phase.factor("days").guessed for phase in time.phases)


def at_full_peak(time: Calculation) -> Interval:
    """Chip time with the chips at their full rating, pfs-days."""
    return Interval(*(_total(time, end) for end in ("value", "low", "high")))


def phase_utilizations(comparison: Comparison) -> dict[str, float]:
    """The utilization implied by each phase that has the same name in both methods."""
    times = {phase.name: phase for phase in comparison.time.phases}
    return {
        phase.name: float(phase.flop()) / float(times[phase.name].flop(utilization=1.0))
        for phase in comparison.count.phases
        if phase.name in times
    }


def replaced_one_at_a_time(
    table: pd.DataFrame, assumptions: Assumptions, column: str = "recounted_pfs_days"
) -> pd.DataFrame:
    """Fit again and again, each time with one system at another of its values.

    Parameters
    ----------
    table
        The fitted systems, with ``pfs_days`` and the other value in ``column``.
    assumptions
        How to fit.

    Returns
    -------
    DataFrame
        ``system_id``, ``name``, ``before``, ``after`` (pfs-days), ``factor`` (after over before),
        ``months``, ``low``, ``high`` (the doubling time with the one system replaced) and
        ``change`` (months, against no system replaced), the largest change first.

    Raises
    ------
    FitError
        If there are too few systems to fit.
    """
    whole = trend.fit_table(table, assumptions).doubling_time_months
    rows = []
    for index, row in table[table[column].notna()].iterrows():
        one = table.copy()
        one.loc[index, "pfs_days"] = row[column]
        fit = trend.fit_table(one, assumptions)
        rows.append({
            "system_id": row["system_id"], "name": row["name"],
            "before": row["pfs_days"], "after": row[column],
            "factor": row[column] / row["pfs_days"], "months": fit.doubling_time_months,
            "low": fit.doubling_time_low, "high": fit.doubling_time_high,
            "change": fit.doubling_time_months - whole,
        })
    return pd.DataFrame(rows, columns=list(REPLACED)).sort_values(
        "change", key=lambda change: -change.abs(), kind="stable", ignore_index=True
    )


def _comparison(count: Calculation, time: Calculation, assumptions: Assumptions) -> Comparison:
    counted, timed = ends(count, assumptions), ends(time, assumptions)
    guessed = dict.fromkeys(
        factor.name for part in (count, time) for phase in part.phases for factor in phase.factors
        if factor.guessed
    )
    return Comparison(
        system_id=count.system_id, basis=count.basis, count=count, time=time,
        ratio=_over(counted, timed), utilization=_over(counted, at_full_peak(time)),
        guessed=tuple(guessed),
    )


def _over(one: Interval, other: Interval) -> Interval:
    """A quotient, each range at the end that takes it furthest."""
    return Interval(one.value / other.value, one.low / other.high, one.high / other.low)


def _total(calculation: Calculation, end: str) -> float:
    """Pfs-days with every factor at one end, but for the utilization, which is 1."""
    read: Callable[[Factor], float] = lambda factor: float(getattr(factor, end))  # noqa: E731
    return pfs_days_from_flop(sum(_flop(phase, read) for phase in calculation.phases))


def _flop(phase: Phase, read: Callable[[Factor], float]) -> float:
    values = {factor.name: read(factor) for factor in phase.factors}
    return float(phase.flop(**{**values, "utilization": 1.0}))
