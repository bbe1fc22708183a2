"""Sentences about one system, made from its rows: what a system's page says in words.

The page is one template for all systems, so every sentence that differs from system to system is
made here, as plain text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aicompute import wording
from aicompute.calculations import TABLES, Calculation, Factor, Phase
from aicompute.csv_table import Row
from aicompute.dataset import load_rows
from aicompute.estimates import chosen_calculation
from aicompute.study import Study

METHOD_NAMES = {1: "counting operations (method 1)", 2: "chip time (method 2)"}
NEEDS = {
    1: "the multiply-adds of a forward pass and how many examples training went through",
    2: "which chips ran, how many of them, and for how long",
}
LISTS = {
    "chart": "one of the article's chart",
    "modest": "one of the article's results with modest compute",
    "before_2012": "one of the addendum's systems before 2012",
    "later": "after the article; not part of its chart",
}
#: A printed result this close to its own formula is taken as rounded.
ROUNDING = 0.05
_FRACTIONS = {
    1 / 10: "a tenth", 1 / 8: "an eighth", 1 / 6: "a sixth", 1 / 5: "a fifth", 1 / 4: "a quarter",
    1 / 3: "a third", 1 / 2: "half", 2 / 3: "two thirds", 3 / 4: "three quarters",
}
_COLUMN_WORDS = {
    "chip_id": "which chip", "chips": "how many chips", "days": "how many days",
    "multiply_adds": "the size of the network", "epochs": "how many epochs",
    "utilization": "the utilization", "factor": "the extra factor",
}


def answer(study: Study, system_id: str) -> str:
    """What training took, by which method, with its range, and what others say it took."""
    row = study.system(system_id)
    count = recount(study, system_id)
    said = _said(study, row)
    if count is None:
        return f"{row['name']}: {said or 'no value is known'}; we have no count of our own."
    ours = (
        f"{row['name']} took about {wording.quantity(count.pfs_days, 'pfs-days')} by our count, "
        f"{_range(count)}, from {METHOD_NAMES[count.method]}"
    )
    others = f"{said}, {compared(float(str(row['published_pfs_days'])), count)}" if said else (
        "we know of no published value")
    return f"{ours}; {others}."


def recount(study: Study, system_id: str) -> Calculation | None:
    """The calculation a system's recounted value rests on."""
    return chosen_calculation(
        study.system(system_id), "recount", study.calculations, study.assumptions
    )


def compared(value: float, count: Calculation) -> str:
    """How a published value stands to our count, as a clause that follows the value."""
    ratio = value / count.pfs_days
    if abs(ratio - 1) <= ROUNDING:
        return f"the same within {wording.share(ROUNDING)}"
    inside = "within" if count.low <= value <= count.high else "outside"
    where = f", {inside} our range" if count.low < count.high else ""
    factor = wording.number(max(ratio, 1 / ratio), 2)
    return f"a factor of {factor} {'above' if ratio > 1 else 'below'} ours{where}"


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


def uncertain(study: Study, system_id: str) -> list[str]:
    """What is uncertain about a system, one sentence a point."""
    count = recount(study, system_id)
    points = [*_guesses(study, system_id), *_spread(study, system_id)]
    if count is not None:
        points += [*_widest(count), *_assumed(count)]
    note = study.system(system_id)["note"]
    if note and not _is_missing(note):
        points.append(str(note))
    return points


def _said(study: Study, row: Mapping[str, Any]) -> str:
    """Who published which value, as a clause."""
    value = row["published_pfs_days"]
    if _is_missing(value):
        return ""
    rows = load_rows(study.dataset.rows("published"), system_id=row["system_id"], pfs_days=value)
    kind, shown = str(rows[0]["kind"]), f"{wording.stated(float(value))} pfs-days"
    if kind == "plotted":
        return f"the article plots {shown}"
    if kind == "printed":
        less = "less than " if rows[0]["bound"] == "<" else ""
        return f"the article prints {less}{shown}"
    if kind == "stated":
        return f"its builders state {shown}"
    source = study.dataset.sources.get(str(rows[0]["source_key"]))
    verb = "read off the chart" if kind == "digitised" else "estimated by"
    return f"{shown}, {verb} {source.label if source else rows[0]['source_key']}"


def _range(count: Calculation) -> str:
    if count.low == count.high:
        return "with no range for any input"
    return f"between {wording.number(count.low)} and {wording.number(count.high)}"


def _guesses(study: Study, system_id: str) -> list[str]:
    points = []
    for method, table in TABLES.items():
        rows = load_rows(study.dataset.rows(table), system_id=system_id, basis="recount")
        words = list(dict.fromkeys(word for row in rows for word in _guessed_words(row)))
        if words:
            points.append(f"Method {method} rests on guesses that no source states: "
                          f"{wording.listed(words)}.")
    return points


def _guessed_words(row: Row) -> list[str]:
    """What a row guesses: the values, and the ends of ranges whose values are known."""
    columns = str(row["guessed"] or "").split()
    values = [c for c in columns if not c.endswith(("_low", "_high"))]
    ends = {c.rpartition("_")[0] for c in columns} - set(values) if columns else set()
    ends = {name for name in ends if f"{name}_low" in columns or f"{name}_high" in columns}
    words = [_column_words(name, row) for name in values]
    return words + [f"the range of {_column_words(name, row)}" for name in sorted(ends)]


def _column_words(name: str, row: Row) -> str:
    if name == "units":
        return f"how many {wording.words(str(row['unit']))}s"
    return _COLUMN_WORDS.get(name, wording.words(name))


def _spread(study: Study, system_id: str) -> list[str]:
    values = [c.pfs_days for c in study.calculations_of(system_id)]
    published = float(str(study.system(system_id)["published_pfs_days"]))
    values += [] if math.isnan(published) else [published]
    if len(values) < 2:
        return []
    factor = max(values) / min(values)
    if factor <= 1 + ROUNDING:
        return [f"The {len(values)} values of the figure agree within {wording.share(ROUNDING)}."]
    return [f"The {len(values)} values of the figure differ by up to a factor of "
            f"{wording.number(factor, 2)}."]


def _widest(count: Calculation) -> list[str]:
    ranged = [(f.high / f.low, phase, f) for phase in count.phases for f in phase.factors
              if f.high > f.low]
    if not ranged:
        return ["No input of our count has a range in print; the article's aim for such a value "
                "is a factor of 2 to 3."]
    factor, phase, widest = max(ranged, key=lambda item: item[0])
    return [f"The widest input of our count: {_factor_name(widest, phase, count)}, "
            f"{wording.interval(widest.low, widest.high)}, a factor of "
            f"{wording.number(factor, 2)}."]


def _factor_name(factor: Factor, phase: Phase, count: Calculation) -> str:
    name = {
        "flop_per_second": "the rating of one chip in FLOP/s",
        "units": f"the number of {factor.unit}",
        "multiply_adds": "the multiply-adds of a forward pass",
        "utilization": "the utilization",
        "factor": "the extra factor",
    }.get(factor.name, f"the number of {factor.name}")
    where = f" ({wording.words(phase.name)})" if len(count.phases) > 1 else ""
    return f"{wording.words(name)}{where}"


def _assumed(count: Calculation) -> list[str]:
    """The assumptions that the range of the count leaves where they are."""
    phases: dict[str, list[str]] = {}
    for phase in count.phases:
        for factor in phase.factors:
            if factor.name in ("utilization", "passes") and factor.assumption:
                phases.setdefault(factor.assumption, []).append(wording.words(phase.name))
    return [
        f"The range leaves the assumption {name} as it is; the value is proportional to it"
        + (f" in {wording.listed(found)} alone." if len(found) < len(count.phases) else ".")
        for name, found in phases.items()
    ]


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
