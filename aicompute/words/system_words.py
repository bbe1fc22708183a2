"""Sentences about one system, made from its rows: what a system's page says in words.

The page is one template for all systems, so every sentence that differs from system to system is
made here, as plain text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aicompute import wording
from aicompute.dataset import load_rows
from aicompute.dataset.csv_table import Row
from aicompute.methods.calculations import Calculation
from aicompute.methods.estimates import chosen_calculation
from aicompute.study import Study

METHOD_NAMES = {1: "counting operations (method 1)", 2: "chip time (method 2)"}
NEEDS = {
    1: "the multiply-adds of a forward pass and how many examples training went through",
    2: "which chips ran, how many of them, and for how long",
}
LISTS = {
    "chart": "on the article's chart",
    "modest": "among the article's results with modest compute",
    "before_2012": "among the addendum's systems before 2012",
    "later": "after the article, so not on its chart",
}
#: A printed result this close to its own formula is taken as rounded.
ROUNDING = 0.05
_FRACTIONS = {
    1 / 10: "a tenth", 1 / 8: "an eighth", 1 / 6: "a sixth", 1 / 5: "a fifth", 1 / 4: "a quarter",
    1 / 3: "a third", 1 / 2: "half", 2 / 3: "two thirds", 3 / 4: "three quarters",
}


def answer(study: Study, system_id: str) -> str:
    """What training took, by which method, with its range, and what others say it took."""
    row = study.system(system_id)
    count = recount(study, system_id)
    published = _published(study, row)
    said = _said(study, published) if published else ""
    if count is None:
        return f"{row['name']}: {said or 'no value is known'}; we have recounted nothing."
    ours = (
        f"{row['name']} took about {wording.quantity(count.pfs_days, 'pfs-days')} by our recount, "
        f"{_range(count)}, from {METHOD_NAMES[count.method]}"
    )
    if published is None:
        return f"{ours}; we know of no published value."
    stands = bounded if published["bound"] == "<" else compared
    return f"{ours}; {said}, {stands(float(str(published['pfs_days'])), count)}."


def recount(study: Study, system_id: str) -> Calculation | None:
    """The calculation a system's recounted value rests on."""
    return chosen_calculation(
        study.system(system_id), "recount", study.calculations, study.assumptions
    )


def compared(value: float, count: Calculation) -> str:
    """How a published value stands to our recount, as a clause that follows the value."""
    ratio = value / count.pfs_days
    if abs(ratio - 1) <= ROUNDING:
        return f"the same within {wording.share(ROUNDING)}"
    inside = "within" if count.low <= value <= count.high else "outside"
    where = f", {inside} our range" if count.low < count.high else ""
    factor = wording.number(max(ratio, 1 / ratio), 2)
    return f"a factor of {factor} {'above' if ratio > 1 else 'below'} ours{where}"


def bounded(bound: float, count: Calculation) -> str:
    """How a published upper bound stands to our recount, as a clause that follows the bound."""
    if count.low < bound < count.high:
        return "a bound that lies inside our range"
    ours = "our whole range" if count.low < count.high else "our recount"
    verb = "keeps" if bound >= count.high else "breaks"
    return f"a bound that {ours} {verb}, {wording.number(bound / count.pfs_days, 2)} times ours"


def said_values(study: Study, row: Mapping[str, Any]) -> list[tuple[str, float]]:
    """What others say of a system: its published value, then the estimates of others, named."""
    published = float(row["published_pfs_days"])
    values = [] if math.isnan(published) else [("published", published)]
    for other in load_rows(study.dataset.rows("published"), system_id=row["system_id"],
                           kind="estimated"):
        value = float(str(other["pfs_days"]))
        source = study.dataset.sources.get(str(other["source_key"]))
        if value != published:
            values.append((source.label if source else str(other["source_key"]), value))
    return values


def within(factor: float) -> str:
    """How far several values lie apart, the largest over the smallest, as a predicate.

    Examples
    --------
    >>> within(1.02), within(3.68)
    ('agree within 5 %', 'lie within a factor of 3.7')
    """
    if factor <= 1 + ROUNDING:
        return f"agree within {wording.share(ROUNDING)}"
    return f"lie within a factor of {wording.number(factor, 2)}"


def missing(study: Study, system_id: str, method: int) -> str:
    """Why a method cannot be run for a system; empty where it can."""
    if any(c.method == method for c in study.calculations_of(system_id)):
        return ""
    row = study.system(system_id)
    start = f"This method needs {NEEDS[method]}."
    if row["set"] == "later":
        return f"{start} For systems after the article we count chip time only."
    return f"{start} We found no source that states all of that, so it is not run."


def printed(study: Study, system_id: str, method: int) -> str:
    """How the result the article prints stands to its own formula; empty where it prints none."""
    rows = load_rows(study.dataset.rows("published"), system_id=system_id, kind="printed",
                     method=method)
    formula = study.calculations.get((system_id, method, "article"))
    if not rows or formula is None:
        return ""
    value = float(rows[0]["pfs_days"])  # type: ignore[arg-type]
    ours = wording.quantity(formula.pfs_days, "pfs-days")
    return (f"The article prints {wording.stated(value)} pfs-days for its formula; multiplied out, "
            f"its own factors give {ours}, {difference(formula.pfs_days / value)}.")


def difference(ratio: float) -> str:
    """What is calculated over what is printed, in words.

    Examples
    --------
    >>> difference(1.518), difference(0.8415), difference(1.04), difference(1.0)
    ('half as much again', 'a sixth less', '4 % more, close enough to be rounding', 'the same')
    """
    off = abs(ratio - 1)
    if off < 5e-3:
        return "the same"
    more = ratio > 1
    if off <= ROUNDING:
        share = f"{wording.share(round(off, 2))} {'more' if more else 'less'}"
        return f"{share}, close enough to be rounding"
    if off > max(_FRACTIONS) * 1.2:
        return f"{wording.number(ratio, 2)} times as much"
    part = _FRACTIONS[min(_FRACTIONS, key=lambda fraction: abs(fraction - off))]
    return f"{part} as much again" if more else f"{part} less"


def _published(study: Study, row: Mapping[str, Any]) -> Row | None:
    """The row of a system's published value; None where there is none."""
    value = row["published_pfs_days"]
    if is_missing(value):
        return None
    return load_rows(
        study.dataset.rows("published"), system_id=row["system_id"], pfs_days=value)[0]


def _said(study: Study, row: Row) -> str:
    """Who published which value, as a clause."""
    kind, shown = str(row["kind"]), f"{wording.stated(float(str(row['pfs_days'])))} pfs-days"
    if kind == "plotted":
        return f"the article plots {shown}"
    if kind == "printed":
        less = "less than " if row["bound"] == "<" else ""
        return f"the article prints {less}{shown}"
    if kind == "stated":
        return f"its builders state {shown}"
    source = study.dataset.sources.get(str(row["source_key"]))
    verb = "read off the chart" if kind == "digitised" else "estimated by"
    return f"{shown}, {verb} {source.label if source else row['source_key']}"


def _range(count: Calculation) -> str:
    if count.low == count.high:
        return "with no range for any input"
    between = f"between {wording.number(count.low)} and {wording.number(count.high)}"
    return f"{between}{_at_utilization(count)}"


def _at_utilization(count: Calculation) -> str:
    """The assumed shares of the peak, which the range leaves as they are, as a clause."""
    assumed = dict.fromkeys(
        wording.share(factor.value) for phase in count.phases for factor in phase.factors
        if factor.name == "utilization" and factor.assumption
    )
    return f" at an assumed utilization of {wording.listed(list(assumed))}" if assumed else ""


def is_missing(value: Any) -> bool:
    """Whether a cell is empty, as a row or as a data frame has it."""
    return value is None or (isinstance(value, float) and math.isnan(value))
