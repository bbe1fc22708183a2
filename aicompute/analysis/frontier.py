"""Before and after the article: other systems against its line, and fits that join both.

A system lies ``below`` the line by the factor line / compute on its date; 1 is on the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aicompute import trend
from aicompute.analysis import change_points
from aicompute.analysis.break_models import TwoSlopes
from aicompute.study import Study
from aicompute.trend import Fit

#: The first day of the addendum's second era, which names the year and not the day.
SECOND_ERA = pd.Timestamp("2012-01-01")
#: The day the article appeared.
ARTICLE = pd.Timestamp("2018-05-16")
#: The addendum's text begins in 1959, where Epoch AI dates the Perceptron in 1957.
ADDENDUM_PERCEPTRON = pd.Timestamp("1959-01-01")


def systems(study: Study, *sets: str) -> pd.DataFrame:
    """The systems of some lists that have a published value, by date.

    Chart systems are those of the fit, at the values the assumptions choose; the others have only
    a published value.
    """
    table = study.estimates
    others = table[table["set"].isin(sets) & (table["set"] != "chart")]
    others = others[others["published_pfs_days"].notna()]
    others = others.assign(pfs_days=others["published_pfs_days"], value_from="published")
    parts = [others] if "chart" not in sets else [study.fitted, others]
    return pd.concat(parts, ignore_index=True).sort_values(
        "date", kind="stable", ignore_index=True
    )


def below_line(fit: Fit, table: pd.DataFrame) -> pd.DataFrame:
    """How far each system lies below a line drawn on beyond the systems it was fitted to.

    Returns
    -------
    DataFrame
        The columns of ``table``; ``line``, ``band_low``, ``band_high``: the line and its band for
        one further system; ``below`` with ``below_low``, ``below_high``: how many times below the
        line it lies, and below the ends of the band; ``inside``: whether it lies in the band.
    """
    line = fit.line(table["date"]).set_index(table.index)
    compute = table["pfs_days"]
    return table.assign(
        line=line["pfs_days"], band_low=line["point_low"], band_high=line["point_high"],
        below=line["pfs_days"] / compute, below_low=line["point_low"] / compute,
        below_high=line["point_high"] / compute,
        inside=compute.between(line["point_low"], line["point_high"]),
    )


def between(
    table: pd.DataFrame, first: str | pd.Timestamp, last: str | pd.Timestamp
) -> pd.DataFrame:
    """The systems published between two days, both included."""
    inside = table["date"].between(pd.Timestamp(first), pd.Timestamp(last))
    return table[inside].reset_index(drop=True)


def records_since(table: pd.DataFrame, first: pd.Timestamp) -> pd.DataFrame:
    """Record setters from a day on, with the record that stood on that day before them."""
    records = trend.record_setters(table)
    standing = records[records["date"] <= first].tail(1)
    return pd.concat([standing, records[records["date"] > first]], ignore_index=True)


def early_systems(study: Study, points: str = "") -> pd.DataFrame:
    """The systems before 2012: all with a value, or only those read off the addendum's chart."""
    table = systems(study, "before_2012")
    kinds = {row["system_id"]: row["kind"] for row in study.dataset.rows("published")}
    table = table.assign(
        kind=table["system_id"].map(kinds), source_key=table["system_id"].map({
            row["system_id"]: row["source_key"] for row in study.dataset.rows("published")
        }),
    )
    if (points or study.assumptions.before_2012_points) == "digitised":
        table = table[table["kind"] == "digitised"]
    return table.reset_index(drop=True)


def with_addendum_date(table: pd.DataFrame) -> pd.DataFrame:
    """The same systems with the Perceptron at the year of the addendum's text."""
    moved = table["date"].mask(table["system_id"] == "perceptron", ADDENDUM_PERCEPTRON)
    return table.assign(date=moved)


@dataclass(frozen=True)
class TwoEras:
    """One line through everything against a line of its own for each of two eras.

    Attributes
    ----------
    f_statistic, p_value
        The F test of the second line, its date being given beforehand.
    bic_gain
        BIC of one line less BIC of two: above nought, the second line earns its two parameters.
    """

    before: Fit
    after: Fit
    one_line: Fit
    f_statistic: float
    p_value: float
    bic_gain: float


def two_eras(table: pd.DataFrame, study: Study, at: pd.Timestamp = SECOND_ERA) -> TwoEras:
    """Fit both eras apart and together, the date between them given beforehand."""
    # Loading it takes a second, which a command that needs no fit of two eras should not wait for.
    from statsmodels.regression.linear_model import OLS

    years = (table["date"] - at).dt.days.to_numpy(dtype=np.float64) / 365.25
    late = (years >= 0).astype(np.float64)
    log2 = np.log2(table["pfs_days"].to_numpy())
    single = OLS(log2, np.column_stack([np.ones_like(years), years])).fit()
    double = OLS(log2, np.column_stack([np.ones_like(years), years, late, late * years])).fit()
    f_statistic, p_value, _ = double.compare_f_test(single)
    return TwoEras(
        before=trend.fit_table(table[late == 0], study.assumptions),
        after=trend.fit_table(table[late == 1], study.assumptions),
        one_line=trend.fit_table(table, study.assumptions),
        f_statistic=float(f_statistic), p_value=float(p_value),
        bic_gain=float(single.bic - double.bic),
    )


def bend(table: pd.DataFrame, study: Study) -> TwoSlopes:
    """One bend in the trend of these systems, its date found from the data."""
    return change_points.two_slopes(
        table["date"], np.log2(table["pfs_days"]), samples=study.assumptions.samples,
        seed=study.assumptions.seed, confidence=study.assumptions.confidence,
        days_per_month=study.assumptions.days_per_month,
    )


def bent_line(found: TwoSlopes, table: pd.DataFrame) -> pd.DataFrame:
    """The bent line through its three corners: first date, bend, last date."""
    dates = pd.Series([table["date"].min(), found.break_date, table["date"].max()])
    days = (dates - found.break_date).dt.total_seconds() / 86_400
    shape = np.where(days < 0, found.slope_before * days, found.slope_after * days)
    at = (table["date"] - found.break_date).dt.total_seconds() / 86_400
    own = np.where(at < 0, found.slope_before * at, found.slope_after * at)
    level = float((np.log2(table["pfs_days"]) - own).mean())
    return pd.DataFrame({"date": dates, "pfs_days": np.exp2(shape + level)})

